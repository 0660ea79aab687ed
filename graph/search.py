"""What a person types: as names of things, and in a search box as a query of the full-text indexes. Pure.

The indexes' analyzer (``cjk``) cuts Chinese, Japanese and Korean into overlapping pairs of characters and everything else into lower-case words.
"""

import re
import unicodedata
from collections.abc import Iterator

from graph.errors import InvalidInput
from graph.identity import MAIL, PHONE, URL

LONGEST = 200
NOTHING = '""'
"""A query that finds nothing."""
CJK = "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
STOP_WORDS = (
    """a and are as at be but by for if in into is it no not of on or s such t that the their then there these they this to was will with www"""
)
STOP = frozenset(STOP_WORDS.split())
"""Words that the analyzer leaves out of the index."""


def names_of(given: str) -> list[str]:
    """The names under which what somebody typed may be known: an id, an e-mail address, a phone number, a URL."""
    return [given, f"{MAIL}{given.lower()}", f"{PHONE}{given}", f"{URL}{given.lower()}"]


def lucene(text: str) -> str:
    """The query that finds all of these words: Latin ones by prefix, CJK ones of two characters or more as they stand, a single one by prefix.

    Every character that is no letter and no digit is escaped, so that nothing typed is syntax. Raises InvalidInput for a text that is too long.
    """
    if len(text) > LONGEST:
        raise InvalidInput(f"search holds {len(text)} characters, at most {LONGEST} are used. Give fewer words.", argument="search")
    words = list(_words(unicodedata.normalize("NFKC", text).lower()))
    kept = [word for word in words if word not in STOP] or words
    return " AND ".join(_clause(word) for word in kept) or NOTHING


def _words(text: str) -> Iterator[str]:
    """Runs of CJK characters, and what stands between white space and them, where it holds a letter or digit."""
    for run in re.findall(rf"[{CJK}]+|[^\s{CJK}]+", text):
        if any(character.isalnum() for character in run):
            yield run


def _clause(word: str) -> str:
    if re.match(f"[{CJK}]", word):
        return f'"{word}"' if len(word) > 1 else f"{word}*"
    parts = re.findall(r"[^\W_]+", word)
    pieces = [part for part in parts if part not in STOP] or parts
    apart = " AND ".join(f"{part}*" for part in pieces)
    return apart if parts == [word] else f"({_escaped(word)}* OR ({apart}))"


def _escaped(word: str) -> str:
    return re.sub(r"([^\w]|_)", r"\\\1", word)
