"""Names of people, and how alike two of them are."""

import re
from collections.abc import Sequence
from enum import IntEnum
from functools import cache, lru_cache
from itertools import product
from typing import NamedTuple

from nicknames import NickNamer
from rapidfuzz.distance import OSA

from loaders.identity.text import HAN, REMEMBERED, ascii_of, folded, spellings, surname_spellings
from loaders.identity.words import longest_first, words

WORD = re.compile(r"[^\W\d_]+")
TYPO_FROM, TWO_TYPOS_FROM = 6, 12
"""Letters from which on one, or two, are taken for a slip."""


class NameMatch(IntEnum):
    """How alike two names of people are, the more the higher."""

    UNKNOWN = 0
    """One of them is no name."""
    DIFFERENT = 1
    PARTIAL = 2
    """One word in common: a family name, or a given one."""
    SIMILAR = 3
    """The same but for a slip of the keyboard, or other characters that sound alike."""
    INITIAL = 4
    """The same as far as it goes: a given name is but an initial in one."""
    COMPATIBLE = 5
    """A short form, a middle name more, pinyin for characters."""
    SAME = 6


SAYS = {
    NameMatch.UNKNOWN: "one of them is not known",
    NameMatch.DIFFERENT: "they differ",
    NameMatch.PARTIAL: "they share one word",
    NameMatch.SIMILAR: "they differ by a slip",
    NameMatch.INITIAL: "they agree as far as the initials go",
    NameMatch.COMPATIBLE: "they are forms of one name",
    NameMatch.SAME: "they are the same",
}


class PersonName(NamedTuple):
    """A name taken apart."""

    han: str
    """Simplified Chinese characters; empty for a name in other letters."""
    words: tuple[str, ...]
    """In ASCII, as written, family name first where a comma or Chinese says which it is; of Chinese, the usual pinyin of family and given name."""
    joined: frozenset[str]
    """Every way to write it as one word: either order, every reading."""
    long: frozenset[str]
    """The words that are more than an initial."""

    @property
    def known(self) -> bool:
        """Whether there is a name at all."""
        return bool(self.words)

    @property
    def initials(self) -> list[str]:
        """The words that are but a letter."""
        return sorted(word for word in self.words if len(word) == 1)

    @property
    def family_and_given(self) -> tuple[str, ...]:
        """A Chinese name in its two parts."""
        at = 2 if self.han[:2] in words("compound_surnames") and len(self.han) > 2 else 1
        return (self.han[:at], self.han[at:]) if len(self.han) > at else (self.han,)

    @property
    def whole(self) -> bool:
        """Whether it has both a family and a given name, the given one not only as an initial."""
        return len(self.words) > 1 and sum(len(word) > 1 for word in self.words) > 1


NOBODY = PersonName("", (), frozenset(), frozenset())


@cache
def _nicknames() -> NickNamer:
    return NickNamer()


@lru_cache(REMEMBERED)
def canonical(word: str) -> frozenset[str]:
    """What a short form of a given name may stand for: of ``bob``, ``robert``."""
    return frozenset(_nicknames().canonicals_of(word))


@lru_cache(REMEMBERED)
def _short_forms(word: str) -> frozenset[str]:
    return frozenset(_nicknames().nicknames_of(word) | _nicknames().canonicals_of(word))


@lru_cache(REMEMBERED)
def person_name(text: str) -> PersonName:
    """A name without honorifics, titles and letters after it. Something with digits or an ``@``, or that says that it is none, is no name."""
    plain = folded(text)
    if "@" in plain or any(sign.isdigit() for sign in plain):
        return NOBODY
    signs = "".join(HAN.findall(plain))
    if signs and len(signs) * 2 >= sum(sign.isalpha() for sign in plain):
        return _chinese(signs)
    family, _, given = ascii_of(plain.replace("'", "").replace("’", "")).partition(",")
    found = tuple(word for part in (family, given) for word in _bare(WORD.findall(part)))
    if max(map(len, found), default=0) < 2 or not words("nobody").isdisjoint(found):
        return NOBODY
    joined = frozenset("".join(found[turn:] + found[:turn]) for turn in {0, 1, len(found) - 1})
    return PersonName("", found, joined, frozenset(word for word in found if len(word) > 1))


def _bare(found: list[str]) -> list[str]:
    """Without what stands before and after a name. ``Ma`` is a family name before it is a degree; ``Major`` is a rank where a name follows."""
    while found and (found[0] in words("honorifics") or (len(found) > 1 and found[0] in words("ranks"))):
        found = found[1:]
    while found and found[-1] in words("letters_after"):
        found = found[:-1]
    return found


def _chinese(signs: str) -> PersonName:
    for honorific in longest_first("chinese_honorifics"):
        signs = signs.removesuffix(honorific)
    if signs in words("nobody") or not signs:
        return NOBODY
    own, *rest = NOBODY._replace(han=signs).family_and_given
    family, given = surname_spellings(own), spellings("".join(rest))
    joined = frozenset(name for one, other in product(family, given) for name in (one + other, other + one))
    spelled = (family[0], given[0]) if given[0] else (family[0],)
    return PersonName(signs, spelled, joined, frozenset(spelled))


def name_match(left: PersonName, right: PersonName) -> NameMatch:
    """How alike two names are. Symmetric."""
    if not (left.known and right.known):
        return NameMatch.UNKNOWN
    if left.han and right.han:
        return _chinese_match(left, right)
    if not left.joined.isdisjoint(right.joined):
        if not (left.whole or right.whole):
            return NameMatch.PARTIAL if 1 in (len(left.words), len(right.words)) else NameMatch.INITIAL
        same = sorted(left.words) == sorted(right.words) and not (left.han or right.han)
        return NameMatch.SAME if same else NameMatch.COMPATIBLE
    fewer, more = (left, right) if (len(left.words), left.words) <= (len(right.words), right.words) else (right, left)
    match = NameMatch.DIFFERENT if left.long.isdisjoint(right.long) else _words_match(fewer.words, more.words)
    if match >= NameMatch.SIMILAR:
        return match
    written, ways = (more, fewer) if fewer.han else (fewer, more)
    if not _slip("".join(written.words), ways.joined):
        return match
    other_initials = left.initials and right.initials and left.initials != right.initials
    return match if other_initials else NameMatch.SIMILAR


def _chinese_match(left: PersonName, right: PersonName) -> NameMatch:
    if left.han == right.han:
        return NameMatch.SAME if len(left.han) > 1 else NameMatch.PARTIAL
    if not left.joined.isdisjoint(right.joined):
        return NameMatch.SIMILAR
    return NameMatch.PARTIAL if left.words[0] == right.words[0] and left.han[0] == right.han[0] else NameMatch.DIFFERENT


def _words_match(fewer: tuple[str, ...], more: tuple[str, ...]) -> NameMatch:
    """Of names that share a word: each word of the shorter finds itself in the longer, or a short form, or what an initial stands for."""
    rest, left = list(more), []
    for word in fewer:
        if word in rest:
            rest.remove(word)
        else:
            left.append(word)
    if len(fewer) == 1:
        return NameMatch.PARTIAL
    level, full = NameMatch.COMPATIBLE, sum(len(word) > 1 for word in fewer) - sum(len(word) > 1 for word in left)
    for word in left:
        found = next((other for other in rest if other in _short_forms(word)), None)
        full += found is not None
        if found is None:
            found = next((other for other in rest if 1 in (len(word), len(other)) and word[0] == other[0]), None)
        if found is None:
            return NameMatch.PARTIAL
        rest.remove(found)
    return level if full > 1 else NameMatch.INITIAL


def _slip(one: str, others: frozenset[str]) -> bool:
    """Whether a name, as written, is some way of writing the other but for a slip."""
    for other in others:
        length = min(len(one), len(other))
        allowed = 2 if length >= TWO_TYPOS_FROM else 1 if length >= TYPO_FROM else 0
        if allowed >= abs(len(one) - len(other)) and allowed and OSA.distance(one, other, score_cutoff=allowed) <= allowed:
            return True
    return False


def best_match(left: Sequence[PersonName], right: Sequence[PersonName]) -> NameMatch:
    """The best that any name of one and any of the other come to."""
    if len(left) == len(right) == 1:
        return name_match(left[0], right[0])
    return max((name_match(one, other) for one in left for other in right), default=NameMatch.UNKNOWN)
