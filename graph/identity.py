"""Who is one and the same: records, what ties them, what keeps them apart, and the entities that follow. Pure.

A *record* is what one id says, whichever sources say it; an *entity* is the records that are one company or one person and bears the id of the one
that became known first. Entities follow from records, ties and decisions alone, so that the order in which they came does not matter.
"""

import base64
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, Protocol

import orjson

from graph.journal import FactRow, ThingRow

MERGING = ("Company", "Person")
"""Labels of the things that may turn out to be one; companies first, since people are told apart by where they work."""
AUTO, DOUBTFUL, REVIEW = 0.99, 0.989, 0.90
"""A tie of at least ``AUTO`` joins by itself, unless something speaks against it, then it is ``DOUBTFUL``; from ``REVIEW`` on a person decides."""
MAIL, PHONE, URL = "mail:", "phone:", "url:"
"""How aliases begin that are addresses; others are names and ids."""
IDENTIFYING = (MAIL, PHONE, URL, "id:")
"""How match keys begin that tell who somebody is, and not only who may be near."""


class Rule(StrEnum):
    """Ties that no comparison finds."""

    ID = "id"
    BY_HAND = "by hand"
    IN_FILE = "in a file"


NOTHING: frozenset[str] = frozenset()


class Says(NamedTuple):
    """What all rows of one record say together, as far as it tells who it is; ``identified`` is false of a bare identifier that something named."""

    names: frozenset[str] = frozenset()
    aliases: frozenset[str] = frozenset()
    companies: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()
    registration_numbers: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    identified: bool = False

    def joined(self, other: "Says") -> "Says":
        """What both say."""
        if self is other:
            return self
        *mine, known = self
        *theirs, also = other
        return Says._make([*(some | more if some and more else some or more for some, more in zip(mine, theirs, strict=True)), known or also])

    def written(self) -> str:
        """As text, the same for the same."""
        *parts, known = self
        return orjson.dumps([*[sorted(part) if part else () for part in parts], known]).decode()

    @classmethod
    def read(cls, text: str) -> "Says":
        """From that text."""
        *parts, known = orjson.loads(text)
        return cls._make([*map(frozenset, parts), known])


class Record(NamedTuple):
    """One record as it is compared with others."""

    id: str
    label: str
    """``Company`` or ``Person``."""
    names: tuple[str, ...] = ()
    """Names, aliases that are names among them."""
    mails: tuple[str, ...] = ()
    """Lower case."""
    phones: tuple[str, ...] = ()
    """As written, or E.164."""
    urls: tuple[str, ...] = ()
    """Pages that are about this one alone: a LinkedIn profile, a Crunchbase page."""
    identifiers: tuple[str, ...] = ()
    """``scheme:value``."""
    companies: tuple[str, ...] = ()
    """Of a person: names of employers."""
    titles: tuple[str, ...] = ()
    registration_no: str | None = None
    domain: str | None = None
    country: str | None = None
    anonymous: bool = False
    """Nothing but an identifier that something named."""


class Link(NamedTuple):
    """Two records that are one, or may be."""

    left: str
    right: str
    """The two ids; ``left`` sorts before ``right``."""
    rule: str
    """What joined them, such as ``e-mail`` or ``model``."""
    score: float
    """How likely they are one, 0 to 1."""
    why: tuple[str, ...]
    """Field by field, a sentence each."""


class Matching(Protocol):
    """What finds links. All of it is pure and looks at nothing but the records given."""

    def keys(self, record: Record) -> list[str]:
        """What two records must share, one of them at least, to be compared at all."""
        ...

    def links(self, records: Sequence[Record], others: Sequence[Record] = (), keys: Mapping[str, list[str]] = ...) -> list[Link]:
        """The links among ``records``, and between them and ``others``, of at least ``REVIEW``.

        Whether a key tells who somebody is may depend on all who have it: ``others`` hold everyone who shares a key with one of ``records``.
        ``keys`` are what ``keys`` answered for some of them, by id.
        """
        ...

    def contradictory(self, records: Sequence[Record]) -> bool:
        """Whether records that a chain of links would join hold two that cannot be one."""
        ...


class Tie(NamedTuple):
    """What is said of two records, ``left`` before ``right``: found by matching (``revision`` 0), or decided in that write."""

    left: str
    right: str
    same: bool
    rule: str
    score: float
    why: tuple[str, ...]
    author: str | None = None
    revision: int = 0

    @property
    def pair(self) -> tuple[str, str]:
        """Its two records."""
        return self.left, self.right


class Known(NamedTuple):
    """A record as it stands in the graph: its entity, the write that first spoke of it, what it says."""

    entity: str
    since: int
    says: Says


def found_by(known: Mapping[str, Known]) -> dict[str, list[str] | None]:
    """Record -> its names where its entity may show another one: of those that bear several, or are not alone. ``known`` are whole entities."""
    members = Counter(each.entity for each in known.values())
    return {id_: sorted(each.says.names) if members[each.entity] > 1 or len(each.says.names) > 1 else None for id_, each in known.items()}


def tie(left: str, right: str, same: bool, rule: str, score: float, why: Iterable[str], author: str | None = None, revision: int = 0) -> Tie:
    """A tie with its records in order."""
    first, second = sorted((left, right))
    return Tie(first, second, same, rule, score, tuple(why), author, revision)


def said_of(label: str, things: Iterable[ThingRow], jobs: Iterable[FactRow] = ()) -> dict[str, Says]:
    """Record -> what these rows say of it; ``jobs`` are facts of people at companies."""
    found: dict[str, Says] = {}

    def says(id_: str, word: Says) -> None:
        found[id_] = found[id_].joined(word) if id_ in found else word

    for id_, _, values, aliases, _ in things:
        has = values.get
        identified = not has("anonymous")
        names = _some(has("name"), *(has("aliases") or ())) if label == "Company" or identified else NOTHING
        other = frozenset(aliases).difference((id_,)) if aliases else NOTHING
        numbers, domains, countries = map(_shared, (has("registration_no"), has("domain"), has("country")))
        says(id_, Says(names, other, NOTHING, NOTHING, numbers, domains, countries, identified))
    for job in jobs:
        says(job.from_ref, Says(companies=_shared(job.to_ref), titles=_shared(job.values.get("title"))))
    return found


def bare(name: str) -> str:
    """An address as people write it: an alias without its scheme."""
    return next((name.removeprefix(scheme) for scheme in (MAIL, PHONE, URL) if name.startswith(scheme)), name)


def _some(*values: str | None) -> frozenset[str]:
    return frozenset(filter(None, values))


@lru_cache(10_000)
def _shared(value: str | None) -> frozenset[str]:
    """The same set for all who have the same employer, the same title."""
    return _some(value)


def record(label: str, id_: str, says: Says, companies: Sequence[str] = ()) -> Record:
    """A record as matching wants it, with the names of the companies where a person works. Plain aliases are names, not ids."""

    def after(prefix: str) -> tuple[str, ...]:
        return tuple(sorted(name.removeprefix(prefix) for name in says.aliases if name.startswith(prefix)))

    others = sorted(name for name in says.aliases - says.names if not name.startswith((MAIL, PHONE, URL)))
    return Record(
        id_,
        label,
        tuple(sorted(says.names)),
        after(MAIL),
        after(PHONE),
        after(URL),
        tuple(others) if says.identified else (id_,),
        tuple(sorted(companies)),
        tuple(sorted(says.titles)),
        min(says.registration_numbers, default=None),
        min(says.domains, default=None),
        min(says.countries, default=None),
        not says.identified,
    )


def key_id(label: str, key: str) -> str:
    """A match key as the graph knows it: 12 bytes of a hash in base 64."""
    return base64.b64encode(hashlib.blake2b(f"{label}\x1f{key}".encode(), digest_size=12).digest()).decode()


def id_ties(claims: Mapping[str, Iterable[str]]) -> list[Tie]:
    """Ties of records whose id another one bears as an alias: record -> those that claim it. What several claim ties none of them."""
    made = []
    for id_, claiming in claims.items():
        if len(others := set(claiming) - {id_}) == 1:
            other = others.pop()
            made.append(tie(id_, other, True, Rule.ID, 1.0, [f"{other} names {id_} among its ids"]))
    return made


def decided(ties: Iterable[Tie]) -> dict[tuple[str, str], Tie]:
    """Pair -> the decision on it that counts: what a person said last, else what files say."""
    made = (each for each in ties if each.revision)
    return {each.pair: each for each in sorted(made, key=lambda each: (each.rule != Rule.IN_FILE, each.revision))}


def components(records: Mapping[str, Known], ties: Iterable[Tie]) -> dict[str, str]:
    """Record -> the record that stands for its entity.

    Ties join in the order of their strength: decisions before findings, the latest first, then by score, then by pair. One that would bring two
    records together that were declared apart is left out, so that a chain between such two breaks at its weakest tie. O(n log n) for n ties.
    """
    ties = list(ties)
    decisions = decided(ties)
    apart: dict[str, set[str]] = defaultdict(set)
    for (left, right), each in decisions.items():
        if not each.same:
            apart[left].add(right)
            apart[right].add(left)
    joining = [each for each in ties if each.same and each.score >= AUTO and decisions.get(each.pair, each).same and set(each.pair) <= records.keys()]
    members = {id_: {id_} for id_ in records}
    shunned = {id_: set(apart[id_]) for id_ in records if id_ in apart}
    of = {id_: id_ for id_ in records}
    for each in sorted(joining, key=lambda each: (-each.revision, -each.score, each.pair)):
        first, second = of[each.left], of[each.right]
        if first == second or members[first] & shunned.get(second, set()):
            continue
        if len(members[first]) < len(members[second]):
            first, second = second, first
        for id_ in members[second]:
            of[id_] = first
        members[first] |= members.pop(second)
        if second in shunned:
            shunned[first] = shunned.get(first, set()) | shunned.pop(second)
    made: dict[str, str] = {}
    for together in members.values():
        chosen = first_known({id_: records[id_] for id_ in together}) if len(together) > 1 else next(iter(together))
        made |= dict.fromkeys(together, chosen)
    return made


def entities(records: Mapping[str, Known], ties: Iterable[Tie], contradictory: Callable[[list[str]], bool]) -> tuple[dict[str, str], set[Tie]]:
    """Record -> the record that stands for its entity; and the findings that are doubtful.

    Where a chain of findings would join records that contradict each other, nobody knows which of them is wrong, and none joins by itself.
    """
    ties = list(ties)
    members: dict[str, list[str]] = defaultdict(list)
    of = components(records, ties)
    for id_, entity in of.items():
        members[entity].append(id_)
    torn = {entity for entity, ids in members.items() if len(ids) > 2 and contradictory(sorted(ids))}
    doubtful = {each for each in ties if not each.revision and of.get(each.left) in torn and of.get(each.left) == of.get(each.right)}
    return (components(records, (each for each in ties if each not in doubtful)) if doubtful else of), doubtful


def first_known(together: Mapping[str, Known]) -> str:
    """The record whose id the entity bears: the one known first.

    A bare identifier gives its id only to bare identifiers. Of several of one write the one that gave it before, else one that no other names as an
    alias, else the smaller id.
    """
    claimed = {name for id_, known in together.items() for name in known.says.aliases if name != id_}
    return min(together, key=lambda id_: (not together[id_].says.identified, together[id_].since, together[id_].entity != id_, id_ in claimed, id_))
