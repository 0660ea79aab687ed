"""Beside those that people would pick instead: the same chain from the same graph, asked under the same load."""
