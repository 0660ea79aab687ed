"""What the graph is and how to speak to it."""
