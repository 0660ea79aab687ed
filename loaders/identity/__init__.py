"""Who is the same: which records of companies and people name one thing, and why. Pure: no database, no files, no state between calls."""

from loaders.identity.keys import keys
from loaders.identity.matching import contradictory, links
from loaders.identity.records import AUTO, REVIEW, Link, Record

__all__ = ["AUTO", "REVIEW", "Link", "Record", "contradictory", "keys", "links"]
