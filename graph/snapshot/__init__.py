"""The snapshot: a whole market at one instant as arrays, for questions that look at all of it (docs/adr/0024)."""
