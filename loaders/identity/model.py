"""How likely two records are one where nothing identifies them: Fellegi and Sunter's model, with weights that were counted once.

For each field, ``m`` is the share of pairs of one and the same that agree so far, ``u`` that of pairs of two different ones; ``m / u`` is how much
likelier what was seen is of one than of two. The product of these over the fields, times the odds before looking, gives the odds (Fellegi and Sunter,
A theory for record linkage, 1969). Where a value agrees that others bear too, ``u`` is the share of those who bear it (Winkler's adjustment for
frequency): 王伟 says less than Darcel Schlecht. A field that is not known says nothing.

The weights stand in ``weights.json``, written by ``python -m bench.identity.train``; a load never changes them.
"""

from collections.abc import Iterable, Set
from functools import cache
from importlib.resources import files
from math import prod
from typing import NamedTuple

import orjson

from loaders.identity import companies, people, titles
from loaders.identity.companies import CompanyMatch, CompanyName
from loaders.identity.people import NameMatch, PersonName
from loaders.identity.text import HAN
from loaders.identity.titles import TitleMatch

INITIAL_SHARE = 0.1
"""How many have a given name that begins with the letter they write: of 26, few are common."""
PLACES = ("same", "different")
SITES = ("same name", "different")


class Weights(NamedTuple):
    """Of one kind of thing: what ``weights.json`` says."""

    prior: float
    """Of pairs that share a key that brings near, how many are one before anything is looked at."""
    fields: dict[str, dict[str, tuple[float, float]]]
    """Field -> level -> ``m`` and ``u``."""
    shares: dict[str, dict[str, float]]
    """Field -> value -> how many bear it, of those that many bear."""
    rare: dict[str, float]
    """Field -> the share of a value that is not among them."""
    least: dict[str, float]
    """Field -> the least that ``u`` can be: not all namesakes come about by chance."""


TELLING = 10
"""Factor from which an agreement tells more than that two hold the same common post."""


class Evidence(NamedTuple):
    """What one field says."""

    field: str
    factor: float
    """How much likelier it is of one than of two."""
    said: str
    """What was compared, in words."""

    def why(self) -> str:
        """A sentence."""
        return f"{self.field}: {self.said} ({times(self.factor)})."


OTHER_PROFILE = Evidence("profile", 0.01, "each has another one on LinkedIn")
"""Nobody needs two; no data at hand say how many have them."""


def times(factor: float) -> str:
    """A factor in words."""
    if factor >= 1:
        return f"{factor:,.0f} times as likely of one" if factor >= 1.5 else "says little"
    return f"{1 / factor:,.0f} times as likely of two" if factor <= 1 / 1.5 else "says little"


@cache
def weights(label: str) -> Weights:
    """The weights of ``Company`` or ``Person``."""
    said = orjson.loads(files(__package__).joinpath("weights.json").read_bytes())[label]
    return Weights(**said)


def probability(label: str, evidence: Iterable[Evidence]) -> float:
    """How likely two are one, 0 to 1."""
    prior = weights(label).prior
    odds = prior / (1 - prior) * prod(one.factor for one in evidence)
    return odds / (1 + odds)


def _factor(label: str, field: str, level: str, borne_by: float | None = None) -> float:
    """``m / u`` of a level; ``borne_by``, where given, is ``u``."""
    own = weights(label)
    m, u = own.fields[field][level]
    return m / (u if borne_by is None else max(borne_by, own.least[field]))


def share(label: str, field: str, values: Iterable[str]) -> float:
    """How many bear all of these values, taken to be independent."""
    own = weights(label)
    return prod(own.shares[field].get(value, own.rare[field]) for value in values)


def borne(name: PersonName, *, as_written: bool) -> float:
    """The share of people who bear a name: of a Chinese one ``as_written`` by its characters, else by its pinyin."""
    parts = name.family_and_given if name.han and as_written else name.words
    return share("Person", "name", (part for part in parts if len(part) > 1 or HAN.match(part))) * INITIAL_SHARE ** len(name.initials)


def of_names(left: PersonName, right: PersonName, match: NameMatch) -> Evidence:
    """What two names of people say. The commoner of the two counts: that with fewer words, or in pinyin."""
    by_share = match >= NameMatch.COMPATIBLE
    both_han = bool(left.han and right.han)
    found = max(borne(left, as_written=both_han), borne(right, as_written=both_han)) if by_share else None
    return Evidence("name", _factor("Person", "name", match.name, found), people.SAYS[match])


def of_titles(left: Iterable[str], right: Iterable[str]) -> list[Evidence]:
    """What titles say: nothing where one is not known."""
    match, common = titles.best_title_match([*map(titles.title, left)], [*map(titles.title, right)])
    if match == TitleMatch.UNKNOWN:
        return []
    found = share("Person", "title", [common]) if match == TitleMatch.SAME else None
    return [Evidence("title", _factor("Person", "title", match.name, found), titles.SAYS[match])]


def of_mailboxes(domain: str) -> Evidence:
    """What it says that each of two people has another mailbox at a domain. One in common proves them one, or is shared and says nothing."""
    return Evidence("e-mail", _factor("Person", "mailbox", "different"), f"each has another mailbox at {domain}")


def of_company_names(left: CompanyName, right: CompanyName, match: CompanyMatch) -> Evidence:
    """What two names of companies say; the shorter one counts."""
    shorter = min(left, right, key=lambda name: (len(name.core), name.core))
    found = share("Company", "name", parts(shorter)) if match == CompanyMatch.SAME else None
    return Evidence("name", _factor("Company", "name", match.name, found), companies.SAYS[match])


def parts(name: CompanyName) -> list[str]:
    """Words; of Chinese, pairs of characters: what a firm does is written with two."""
    if HAN.search(name.core):
        return [name.core[at : at + 2] for at in range(0, len(name.core), 2)]
    return list(name.words)


def of_places(left: str | None, right: str | None) -> list[Evidence]:
    """What two countries, as codes, say."""
    if not (left and right):
        return []
    said = f"both are in {left}" if left == right else f"{left} and {right}"
    return [Evidence("country", _factor("Company", "country", PLACES[left != right]), said)]


def of_sites_level(left: Set[str], right: Set[str]) -> str | None:
    """How two companies' domains agree: ``acme.com`` and ``acme.cn`` have one name. One in common is no matter of likelihood: None."""
    if not (left and right) or left & right:
        return None
    names = [{domain.partition(".")[0] for domain in domains} for domains in (left, right)]
    return SITES[not names[0] & names[1]]


def of_sites(left: Set[str], right: Set[str]) -> list[Evidence]:
    """What two companies' domains say."""
    level = of_sites_level(left, right)
    said = f"{', '.join(sorted(left))} and {', '.join(sorted(right))}"
    return [Evidence("domain", _factor("Company", "domain", level), said)] if level else []
