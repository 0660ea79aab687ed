"""Pure measures: no input, no output."""
