"""Text as XML may hold it. Pure."""

import re
from xml.sax import saxutils

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (section 2.2, Char) has no place for, however it is written."""


def legal(text: str) -> str:
    """The text without signs that no XML may hold."""
    return ILLEGAL.sub("", text)


def escape(text: str) -> str:
    """The text between two tags."""
    return saxutils.escape(legal(text))


def quoteattr(text: str) -> str:
    """The text as an attribute's value, in its quotes."""
    return saxutils.quoteattr(legal(text))
