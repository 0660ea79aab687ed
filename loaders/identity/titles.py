"""Titles of posts, and how alike two of them are."""

from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache

from rapidfuzz import fuzz

from graph.titles import short_forms
from loaders.identity.people import WORD
from loaders.identity.text import HAN, REMEMBERED, ascii_of, folded
from loaders.identity.words import words

ALIKE = 85
"""Of 100, from which shared words make two titles alike."""


class TitleMatch(IntEnum):
    """How alike two titles are, the more the higher."""

    UNKNOWN = 0
    """One of them is not known."""
    DIFFERENT = 1
    SIMILAR = 2
    """One is within the other, or they share most of their words."""
    SAME = 3


SAYS = {
    TitleMatch.UNKNOWN: "one of them is not known",
    TitleMatch.DIFFERENT: "they differ",
    TitleMatch.SIMILAR: "they are much alike",
    TitleMatch.SAME: "they are the same",
}


@lru_cache(REMEMBERED)
def title(text: str) -> str:
    """Its words in the order of the alphabet, with short forms written out: ``VP, Sales`` is ``president sales vice``."""
    plain = folded(text).strip()
    plain = short_forms().get(plain, plain)
    parts: list[str] = []
    for part in WORD.findall(ascii_of(plain)):
        parts += short_forms().get(part, part).split()
    return " ".join(sorted(part for part in parts if part not in words("small_words")))


def title_match(left: str, right: str) -> TitleMatch:
    """How alike two titles are, as ``title`` gives them. Symmetric."""
    if not (left and right):
        return TitleMatch.UNKNOWN
    if left == right:
        return TitleMatch.SAME
    both_chinese = HAN.search(left) and HAN.search(right)
    alike = (left in right or right in left) if both_chinese else fuzz.token_set_ratio(left, right) >= ALIKE
    return TitleMatch.SIMILAR if alike else TitleMatch.DIFFERENT


def best_title_match(left: Sequence[str], right: Sequence[str]) -> tuple[TitleMatch, str]:
    """The best that any title of one and any of the other come to; of equal ones the title that they have in common, the longest first."""
    return max(((title_match(one, other), min(one, other, key=lambda text: (len(text), text))) for one in left for other in right),
               key=lambda found: (found[0], len(found[1]), found[1]), default=(TitleMatch.UNKNOWN, ""))  # fmt: skip
