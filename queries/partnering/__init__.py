"""Partners beside us, as the questions about them share it."""
