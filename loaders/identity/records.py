"""What goes in and what comes out."""

from graph.identity import AUTO, REVIEW, Link, Record

__all__ = ["AUTO", "REVIEW", "Link", "Record"]
