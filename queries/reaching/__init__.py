"""Who can reach whom: what the questions of paths, introductions and opinion leaders share."""
