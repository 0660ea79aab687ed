"""From files to the graph."""
