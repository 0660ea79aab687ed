"""Which records are worth comparing, and what comparing them says.

Records that share no key are never compared. An identifying key (a mailbox, a number, a profile, a domain, an identifier) that records of different
names bear is shared, and identifies nobody: a switchboard, an assistant's mailbox, a domain of a house of many firms.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from loaders.identity import companies, people
from loaders.identity.companies import CompanyMatch, CompanyName, best_company_match, company_name, registration, sound
from loaders.identity.contacts import country_of, e164, is_role, mailbox, own_domain, page
from loaders.identity.people import NameMatch, PersonName, best_match, person_name
from loaders.identity.records import REVIEW, Link, Record

log = logging.getLogger(__name__)

BLOCK = 500
"""A key that more records share is not compared all with all: each with its WINDOW neighbours by name."""
WINDOW = 10
BEARERS = 12
"""A key borne by more differently written names than this is shared without a closer look."""
QUEUED = 0.989
"""The most that evidence may come to when something else speaks against it."""
RULES = {"mail": ("e-mail", 0.999), "phone": ("phone", 0.995), "url": ("profile", 0.9995), "id": ("identifier", 1.0)}
"""Identifying key of a person -> rule, and how sure it is when the names agree too."""


@dataclass(frozen=True, slots=False)
class _Known:
    """A record with its names taken apart, once, when first asked for."""

    record: Record

    @cached_property
    def keys(self) -> list[str]:
        return keys(self.record)

    @cached_property
    def person_names(self) -> list[PersonName]:
        """Names of a person; an anonymous one has none."""
        return [] if self.record.anonymous else [name for name in map(person_name, self.record.names) if name.known]

    @cached_property
    def company_names(self) -> list[CompanyName]:
        """Of a company its own, of a person the employers'."""
        texts = self.record.names if self.record.label == "Company" else self.record.companies
        return [name for name in map(company_name, texts) if name.known]

    @cached_property
    def registration(self) -> str:
        return registration(self.record.registration_no, self.record.country)

    @cached_property
    def country(self) -> str | None:
        return country_of(self.record.country)

    @cached_property
    def spelled(self) -> tuple[object, ...]:
        """Equal for records whose names are written alike."""
        return tuple(self.person_names) if self.record.label == "Person" else tuple(name.inline for name in self.company_names)


def keys(record: Record) -> list[str]:
    """Blocking keys: what two records must share to be compared at all, sorted.

    ``mail: phone: url: id: registration: domain:`` identify; ``name: sound: initials:`` only bring near. A person's name is a key together with an
    employer, never by itself, so that no key is shared by all the Wang Weis of a market.
    """
    made = {f"phone:{number}" for phone in record.phones if (number := e164(phone, record.country))}
    made |= {f"url:{address}" for url in record.urls if (address := page(url))}
    made |= {f"id:{identifier.strip()}" for identifier in record.identifiers if identifier.strip()}
    mails = [address for mail in record.mails if (address := mailbox(mail))]
    if record.label == "Company":
        made |= {f"registration:{number}" for number in [registration(record.registration_no, record.country)] if number}
        made |= {f"domain:{domain}" for text in (record.domain, *mails) if (domain := own_domain(text))}
        for firm in map(company_name, record.names):
            if firm.known:
                made |= {f"name:{firm.core}", f"sound:{sound(firm)}"}
        return sorted(made)
    made |= {f"mail:{address}" for address in mails if not is_role(address)}
    if record.anonymous:
        return sorted(made | {f"id:{record.id}"} | ({f"mail:{mailbox(record.id)}"} if mailbox(record.id) else set()))
    employers = {firm.core for firm in map(company_name, record.companies) if firm.known}
    employers |= {domain.partition(".")[0] for mail in mails if (domain := own_domain(mail))}
    for name in map(person_name, record.names):
        if name.whole:
            made |= {f"name:{letters}@{employer}" for letters in _letters(name) for employer in employers}
            made |= {f"initials:{''.join(sorted(_initials(name)))}@{employer}" for employer in employers}
    return sorted(made)


def _letters(name: PersonName) -> Iterator[str]:
    """The letters of a name in the order of the alphabet: the same for either order, for 王小明, Wang Xiao-Ming and Xiaoming Wang."""
    yield "".join(sorted("".join(name.words)))


def _initials(name: PersonName) -> str:
    return name.words[0][0] + name.words[-1][0]


def links(records: Sequence[Record], others: Sequence[Record] = ()) -> list[Link]:
    """Every pair within ``records``, and between these and ``others``, that shares a key and is at least REVIEW likely to be one; sorted.

    Symmetric and free of order: a pair's score does not depend on which comes first, nor on the order of the sequences. Costs in proportion to the
    records and to the pairs that share a key; a key that more than BLOCK records share is told in the log and compared within a window.
    """
    known = {record.id: _Known(record) for record in (*others, *records)}
    asked = {record.id for record in records}
    blocks: dict[tuple[str, str], list[_Known]] = defaultdict(list)
    for one in known.values():
        for key in one.keys:
            blocks[one.record.label, key].append(one)
    shared_keys: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (_, key), block in blocks.items():
        if len(block) > 1 and not asked.isdisjoint(one.record.id for one in block):
            for left, right in _pairs(key, block):
                if left.record.id in asked or right.record.id in asked:
                    shared_keys[left.record.id, right.record.id].add(key)
    firms_numbers = {key for label, key in blocks if label == "Company" and key.startswith("phone:")}
    ambiguous = _Ambiguous(blocks, firms_numbers)
    compare = {"Company": _companies, "Person": _people}
    found = [
        link
        for (left, right), shared in shared_keys.items()
        if (link := compare[known[left].record.label](known[left], known[right], sorted(shared), ambiguous)) and link.score >= REVIEW
    ]
    return sorted(found)


def _pairs(key: str, block: list[_Known]) -> Iterator[tuple[_Known, _Known]]:
    if len(block) <= BLOCK:
        for one, other in combinations(block, 2):
            yield (one, other) if one.record.id < other.record.id else (other, one)
        return
    log.warning("%s records share the key %s: each is compared with its %s neighbours by name only", len(block), key, WINDOW)
    ordered = sorted(block, key=lambda one: (one.record.names[:1], one.record.id))
    for place, one in enumerate(ordered):
        for other in ordered[place + 1 : place + 1 + WINDOW]:
            yield (one, other) if one.record.id < other.record.id else (other, one)


class _Ambiguous:
    """Which identifying keys are borne under different names."""

    def __init__(self, blocks: dict[tuple[str, str], list[_Known]], firms_numbers: set[str]) -> None:
        self._blocks = blocks
        self._firms_numbers = firms_numbers
        self._seen: dict[tuple[str, str], bool] = {}

    def __call__(self, label: str, key: str, differ: Callable[[_Known, _Known], bool]) -> bool:
        """Whether two bearers of ``key`` differ."""
        if label == "Person" and key in self._firms_numbers:
            return True
        if (label, key) not in self._seen:
            apart = list({one.spelled: one for one in self._blocks[label, key] if one.spelled}.values())
            self._seen[label, key] = len(apart) > BEARERS or any(differ(one, other) for one, other in combinations(apart, 2))
        return self._seen[label, key]


def _different_people(one: _Known, other: _Known) -> bool:
    return best_match(one.person_names, other.person_names) == NameMatch.DIFFERENT


def _unlike_people(one: _Known, other: _Known) -> bool:
    return NameMatch.UNKNOWN < best_match(one.person_names, other.person_names) <= NameMatch.PARTIAL


def _unlike_companies(one: _Known, other: _Known) -> bool:
    if one.registration and other.registration and one.registration != other.registration and _same_register(one, other):
        return True
    return best_company_match(one.company_names, other.company_names) == CompanyMatch.DIFFERENT


def _same_register(one: _Known, other: _Known) -> bool:
    return one.registration.partition(":")[0] == other.registration.partition(":")[0] != "?"


def _people(one: _Known, other: _Known, shared: list[str], ambiguous: _Ambiguous) -> Link | None:
    match = best_match(one.person_names, other.person_names)
    if match == NameMatch.DIFFERENT:
        return None
    proofs = [key for key in shared if key.partition(":")[0] in RULES and not ambiguous("Person", key, _different_people)]
    if not proofs:
        return None
    rule, score = max((RULES[key.partition(":")[0]] for key in proofs), key=lambda found: found[1])
    if match == NameMatch.UNKNOWN and any(_nameless_among_several(key, ambiguous) for key in proofs):
        score = min(score, REVIEW)
    if match == NameMatch.PARTIAL:
        score = min(score, 0.95)
    why = [_said_of(key) for key in proofs]
    why.append(_names_said(one, other, people.SAYS[match]))
    return Link(one.record.id, other.record.id, rule, score, tuple(why))


def _nameless_among_several(key: str, ambiguous: _Ambiguous) -> bool:
    return ambiguous("nameless", key, _unlike_people)


def _companies(one: _Known, other: _Known, shared: list[str], ambiguous: _Ambiguous) -> Link | None:
    match = best_company_match(one.company_names, other.company_names)
    if one.registration and other.registration and one.registration != other.registration and _same_register(one, other):
        return None
    said = _names_said(one, other, companies.SAYS[match])
    best: tuple[float, str] = (0.0, "")
    why = []
    for key in shared:
        scheme = key.partition(":")[0]
        if scheme == "registration":
            checked = key.partition(":")[2].startswith(("uscc:", "lei:"))
            best = max(best, (1.0 if checked or match >= CompanyMatch.PART else 0.95, "registration number"))
        elif scheme in ("id", "url") and not ambiguous("Company", key, _unlike_companies):
            best = max(best, (0.9995, "identifier" if scheme == "id" else "profile"))
        elif scheme == "domain" and not ambiguous("Company", key, _unlike_companies):
            level = {CompanyMatch.SAME: 0.995, CompanyMatch.SIMILAR: 0.993, CompanyMatch.CORE: 0.97, CompanyMatch.PART: 0.95}
            best = max(best, (level.get(match, 0.0), "domain"))
        else:
            continue
        why.append(_said_of(key))
    if not best[0]:
        if match != CompanyMatch.SAME or not one.country or one.country != other.country:
            return None
        best = (0.92, "model")
        why.append(f"country: both are in {one.country}.")
    return Link(one.record.id, other.record.id, best[1], best[0], (*why, said))


WORDS = {"mail": "e-mail", "phone": "phone", "url": "profile", "id": "identifier", "registration": "registration number", "domain": "domain"}


def _said_of(key: str) -> str:
    scheme, _, value = key.partition(":")
    return f"{WORDS[scheme]}: both have {value}."


def _names_said(one: _Known, other: _Known, verdict: str) -> str:
    named = [known.record.names[0] if known.record.names and not known.record.anonymous else "nobody named" for known in (one, other)]
    return f"name: {named[0]} and {named[1]}: {verdict}."


def contradictory(records: Sequence[Record]) -> bool:
    """Whether two of these, which links would join in a chain, have names or numbers that one company or person cannot have."""
    unlike = {"Company": _unlike_companies, "Person": _unlike_people}
    apart = list({one.spelled: one for one in map(_Known, records) if one.spelled}.values())
    return any(unlike[one.record.label](one, other) for one, other in combinations(apart, 2))
