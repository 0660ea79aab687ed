"""Names and numbers of companies, and how alike two names are."""

import re
from collections.abc import Sequence
from enum import IntEnum
from functools import cache, lru_cache
from typing import NamedTuple

from cleanco import termdata
from rapidfuzz.distance import OSA

from loaders.identity.contacts import country_of
from loaders.identity.text import HAN, REMEMBERED, ascii_of, folded, spellings
from loaders.identity.words import longest_first, meanings, words

BRACKETS = re.compile(r"[(\[{【〔]([^)\]}】〕]*)[)\]}】〕]")
WORD = re.compile(r"[^\W_]+")
DOTTED = re.compile(r"\b(?:\w\.){2,}|(?<=\w)\.(?=\w)")
AND = {"&": " and ", "+": " and "}
SHORTEST_PART = 4
"""Letters or characters from which on one name inside another says something."""
TYPO_FROM, TWO_TYPOS_FROM = 6, 12
USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The signs of a Chinese unified social credit code: no I, O, S, V, Z."""
LEI = re.compile(r"[0-9A-Z]{18}\d{2}")


class CompanyMatch(IntEnum):
    """How alike two names of companies are, the more the higher."""

    UNKNOWN = 0
    """One of them is no name."""
    DIFFERENT = 1
    PART = 2
    """One is within the other, or is its initials: a department, a subsidiary, a short form; or a slip and another place."""
    SIMILAR = 3
    """The same but for a slip of the keyboard, or other characters that sound alike."""
    CORE = 4
    """The same but for a place in brackets, the legal form, or "group": often another firm of the same house."""
    SAME = 5


SAYS = {
    CompanyMatch.UNKNOWN: "one of them is not known",
    CompanyMatch.DIFFERENT: "they differ",
    CompanyMatch.PART: "one is part of the other, or much like a part of it",
    CompanyMatch.SIMILAR: "they differ by a slip",
    CompanyMatch.CORE: "they are the same but for place, legal form or group",
    CompanyMatch.SAME: "they are the same",
}


class CompanyName(NamedTuple):
    """A name taken apart."""

    words: tuple[str, ...]
    """What is left without legal form and bracketed place, in simplified Chinese and ASCII."""
    form: str
    """The legal form as far as it tells firms apart; empty where none is written."""
    group: bool
    """Whether it calls itself a group or a holding."""
    places: frozenset[str]
    """What stands in brackets, in Latin letters."""
    inline: str
    """The words and the places as if there were no brackets, joined."""

    @property
    def core(self) -> str:
        """The words, joined."""
        return "".join(self.words)

    @property
    def known(self) -> bool:
        """Whether there is a name at all."""
        return bool(self.words)


def _term(text: str) -> tuple[str, ...]:
    return tuple(WORD.findall(ascii_of(folded(DOTTED.sub(lambda dotted: dotted[0].replace(".", ""), text.replace("/", ""))))))


@cache
def _forms() -> dict[tuple[str, ...], str]:
    """The words of a legal form -> its kind, by the library's table; forms that it knows only by country are their own kind."""
    made: dict[tuple[str, ...], str] = {}
    for terms in termdata.terms_by_country.values():
        made |= {_term(term): "".join(_term(term)) for term in terms}
    for kind, terms in termdata.terms_by_type.items():
        made |= {_term(term): kind for term in terms}
    limited = made[("ltd",)]
    made |= {
        ("co", "ltd"): limited,
        ("co", "limited"): limited,
        ("company", "limited"): limited,
        ("pte", "ltd"): limited,
        ("private", "limited"): limited,
    }
    return {term: kind for term, kind in made.items() if len("".join(term)) > 1 and words("no_forms").isdisjoint(term)}


@lru_cache(REMEMBERED)
def company_name(text: str) -> CompanyName:
    """A name without legal form, and without what stands in brackets; what is in brackets is kept apart as a place, a form as a form."""
    plain = folded(text)
    places: list[str] = []
    form, group = "", False

    def bracket(found: re.Match[str]) -> str:
        nonlocal form, group
        inner = found[1].strip()
        if inner in words("chinese_groups") or inner in words("groups"):
            group = True
        elif inner in words("chinese_forms"):
            form = inner
        elif inner:
            places.append(inner)
            return "\x00"
        return " "

    inline = BRACKETS.sub(bracket, plain)
    outside = inline.replace("\x00", " ")
    core, found, is_group = _stripped(outside)
    places_plain = frozenset(_place(place) for place in places)
    filled = inline
    for place in places:
        filled = filled.replace("\x00", f" {place} ", 1)
    whole, _, _ = _stripped(filled)
    return CompanyName(core or whole, form or found, group or is_group, places_plain if core else frozenset(), "".join(whole))


def _stripped(text: str) -> tuple[tuple[str, ...], str, bool]:
    """The words without legal form and group, the form, whether it is a group."""
    form, group = "", False
    text = text.strip()
    if HAN.search(text):
        for ending in longest_first("chinese_forms"):
            rest = text.removesuffix(ending) if text.endswith(ending) else text.removeprefix(ending)
            if rest != text and rest:
                text, form = rest.strip(), ending
                break
        for ending in longest_first("chinese_groups"):
            if text != ending and text.endswith(ending):
                text, group = text.removesuffix(ending).strip(), True
    for sign, word in AND.items():
        text = text.replace(sign, word)
    core = list(_term(text.replace("'", "").replace("’", "")))
    while len(core) > 1:
        size = next((size for size in (4, 3, 2, 1) if size < len(core) and tuple(core[-size:]) in _forms()), 0)
        if size:
            form = form or _forms()[tuple(core[-size:])]
            del core[-size:]
        elif core[-1] in words("groups"):
            core.pop()
            group = True
        elif core[-1] == "and":
            core.pop()
        elif core[0] in words("leading_forms"):
            core.pop(0)
        else:
            break
    return () if tuple(core) in _forms() else tuple(core), form, group


def _place(text: str) -> str:
    """A place in Latin letters: 上海 is ``shanghai``, 中国 is ``china``."""
    known = meanings("places").get(text)
    return known or "".join(WORD.findall(ascii_of("".join(spellings(sign)[0] if HAN.match(sign) else sign for sign in text))))


def company_match(left: CompanyName, right: CompanyName) -> CompanyMatch:
    """How alike two names are. Symmetric."""
    if not (left.known and right.known):
        return CompanyMatch.UNKNOWN
    one, other = left.core, right.core
    if left.inline == right.inline or one == other:
        if left.inline != right.inline and left.places != right.places:
            return CompanyMatch.CORE
        forms = left.form == right.form or not (left.form and right.form)
        return CompanyMatch.SAME if forms and left.group == right.group else CompanyMatch.CORE
    if left.places and right.places and left.places != right.places:
        return CompanyMatch.DIFFERENT
    length = min(len(one), len(other))
    allowed = 2 if length >= TWO_TYPOS_FROM else 1 if length >= TYPO_FROM else 0
    slip = allowed and OSA.distance(one, other, score_cutoff=allowed) <= allowed
    if slip or (HAN.search(one) and HAN.search(other) and len(one) == len(other) and sound(left) == sound(right)):
        return CompanyMatch.SIMILAR if left.places == right.places and left.group == right.group else CompanyMatch.PART
    return CompanyMatch.PART if _is_part(left, right) or _is_part(right, left) else CompanyMatch.DIFFERENT


def _is_part(short: CompanyName, long: CompanyName) -> bool:
    one, other = short.core, long.core
    if len(one) >= len(other):
        return False
    if HAN.search(one):
        return len(one) >= SHORTEST_PART and one in other
    if len(short.words) == 1 and len(one) > 2 and one == "".join(word[0] for word in long.words if word not in ("and", "of", "the", "for")):
        return True
    return len(one) >= SHORTEST_PART and any(long.words[at : at + len(short.words)] == short.words for at in range(len(long.words)))


def known_names(texts: Sequence[str]) -> list[CompanyName]:
    """Names taken apart, those that are names."""
    return [name for name in map(company_name, texts) if name.known]


def best_company_match(left: Sequence[CompanyName], right: Sequence[CompanyName]) -> CompanyMatch:
    """The best that any name of one and any of the other come to."""
    if len(left) == len(right) == 1:
        return company_match(left[0], right[0])
    return max((company_match(one, other) for one in left for other in right), default=CompanyMatch.UNKNOWN)


def sound(name: CompanyName) -> str:
    """What slips leave as it is: the usual pinyin of Chinese; of other words the consonants, doubled ones once."""
    core = name.core
    if HAN.search(core):
        return "".join(spellings(sign)[0] if HAN.match(sign) else sign for sign in core)
    plain = re.sub(r"(.)\1+", r"\1", core)
    return plain[0] + re.sub("[aeiouyhw]", "", plain[1:])


def uscc(text: str) -> str:
    """A Chinese unified social credit code whose check sign is right, else empty (GB 32100-2015: weights 3^i mod 31)."""
    code = folded(text).upper().replace(" ", "").replace("-", "")
    if len(code) != 18 or any(sign not in USCC for sign in code):
        return ""
    total = sum(USCC.index(sign) * pow(3, place, 31) for place, sign in enumerate(code[:17]))
    return code if USCC[-total % 31] == code[17] else ""


def lei(text: str) -> str:
    """A legal entity identifier whose check digits are right, else empty (ISO 17442: ISO 7064 mod 97-10)."""
    code = folded(text).upper().replace(" ", "").replace("-", "")
    return code if LEI.fullmatch(code) and int("".join(str(int(sign, 36)) for sign in code)) % 97 == 1 else ""


def registration(number: str | None, country: str | None) -> str:
    """A registration number after its register, ``uscc:``, ``lei:`` or the country's code; without signs and leading zeroes.

    Empty without a number. One of no known register begins with ``?``: it names a company only beside its name.
    """
    if not number or not number.strip():
        return ""
    for scheme, checked in (("uscc", uscc(number)), ("lei", lei(number))):
        if checked:
            return f"{scheme}:{checked.lower()}"
    plain = "".join(WORD.findall(folded(number))).lstrip("0")
    return f"{country_of(country) or '?'}:{plain}".lower() if len(plain) > 3 else ""
