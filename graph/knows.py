"""Who knows whom: ``KNOWS`` edges, kept up by each write for the pairs that it touches (method.md 5.1).

A pair on which new events only come on top is added to; every other touched pair is made anew from all its events. What is about to change is noted
in the journal first, so that a write that broke off is taken back.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4
from weakref import finalize

import numpy as np

from graph import statements
from graph.instants import OPEN_END, OPEN_START
from graph.journal import About, batches, pack, unpack
from graph.measures.strength import CHANNEL_OF, COUNTED, DEFAULTS, TAKING, Happened, Ints, Sums, Truths, added, exchanges, sums
from graph.model import NODE, Channel
from graph.touched import Marks

if TYPE_CHECKING:
    from graph.ledger import Ledger

Pair = tuple[str, str]
"""Two people, the smaller id first."""
AT_ONCE = 50_000
"""How many events are looked at at once: what bounds the memory."""
COUNTS = {"statuses": sorted(COUNTED), "types": sorted(CHANNEL_OF)}
EDGE, PART = "KNOWS", "TOOK_PART"


class Took(NamedTuple):
    """Who took part, as one row says, and between which instants that holds; ``before``: known before this write, ``known``: known now."""

    person: str
    part: str
    sure: float
    start: int
    end: int
    before: bool
    known: bool


class Event(NamedTuple):
    """An interaction; one of which nobody speaks any more has no type. ``broadcast``: marked as one by its parts."""

    id: str
    type: str | None
    at: int | None
    status: str | None
    noise: str | None
    broadcast: bool
    took: list[Took]

    @property
    def counts(self) -> bool:
        """Whether it may make a relationship."""
        return self.noise is None and self.status in COUNTED and self.type in CHANNEL_OF

    def happened(self, took: Iterable[Took]) -> Happened:
        """The event with these parts."""
        people, parts, sure, *_ = zip(*took, strict=True)
        return Happened(self.id, self.type or "", self.at or 0, self.status or "", self.noise, people, parts, sure)


@dataclass(frozen=True)
class Bonds:
    """What stands between people: the sums of each of ``pairs``, and until when they hold (the open end: until something new happens)."""

    pairs: list[Pair]
    sums: Sums
    next_at: Ints

    def where(self, rows: Iterable[int]) -> "Bonds":
        """Only these pairs."""
        some = np.fromiter(rows, np.int64)
        return Bonds([self.pairs[row] for row in some], self.sums.where(some), self.next_at[some])


def bonds(events: Iterable[Event], until: int) -> Bonds:
    """The bonds that these events make up to an instant, itself included, and all whose first event lies after it."""
    now: list[Happened] = []
    later: list[Happened] = []
    for event in events:
        if not event.counts:
            continue
        views = _views([row for row in event.took if row.known], max(until, event.at or until))
        now += [event.happened(view) for at, view in views if at == until]
        if changes := [at for at, _ in views if at > until]:
            later += _apart(event.happened(view)._replace(at=max(at, changes[0])) for at, view in views)
    found = exchanges(now)
    made = sums(found, until)
    pairs = [(found.people[one], found.people[other]) for one, other in zip(made.first, made.second, strict=True)]
    ahead: dict[Pair, int] = {}
    coming = exchanges(later)
    for one, other, at in zip(coming.first, coming.second, coming.at, strict=True):
        pair = coming.people[one], coming.people[other]
        ahead[pair] = min(ahead.get(pair, OPEN_END), int(at))
    only = sorted(ahead.keys() - set(pairs))
    pairs += only
    return Bonds(pairs, _joined(made, _none(len(only))), np.array([ahead.get(pair, OPEN_END) for pair in pairs], np.int64))


def _views(took: Sequence[Took], since: int) -> list[tuple[int, list[Took]]]:
    """Who takes part at an instant, and at each later one at which that changes; views of nobody are left out."""
    instants = {since, *(row.start for row in took), *(row.end for row in took)}
    views = ((at, [row for row in took if row.start <= at < row.end]) for at in sorted(instants) if since <= at < OPEN_END)
    return [(at, view) for at, view in views if view]


def _apart(happened: Iterable[Happened]) -> Iterator[Happened]:
    """Each an event of its own."""
    return (one._replace(id=f"{one.id} {number}") for number, one in enumerate(happened))


def possible(events: Iterable[Event], until: int) -> set[Pair]:
    """Every pair that these events make, may have made before this write, or will make, whatever they were."""
    types = [next(way.types[0] for way in DEFAULTS.ways if way.mutual is mutual) for mutual in (True, False)]
    found = exchanges(
        _apart(
            event.happened(view)._replace(noise=None, status=min(COUNTED), type=type_)
            for event in events
            for took in ([row for row in event.took if row.before], [row for row in event.took if row.known])
            for _, view in _views(took, until)
            for type_ in types
        )
    )
    return {(found.people[one], found.people[other]) for one, other in zip(found.first, found.second, strict=True)}


def on_top(before: Bonds, new: Bonds) -> tuple[Bonds, Truths]:
    """Bonds of the same pairs with new events on top, and for which pairs that is exact."""
    made, exact = added(before.sums, new.sums)
    for given, other in ((before, new), (new, before)):
        nothing = given.sums.count == 0
        made, exact = _either(nothing, other.sums, made), exact | nothing
    return Bonds(before.pairs, made, np.minimum(before.next_at, new.next_at)), exact


def is_broadcast(event: Event, until: int) -> bool:
    """Whether it went to so many that it is no word to any of them; what a source has marked, or what counts for nothing, needs no mark."""
    if not event.counts or len(event.took) <= DEFAULTS.largest:
        return False
    return len({row.person for row in event.took if row.known and row.start <= until and row.part in TAKING}) > DEFAULTS.largest


def _none(count: int) -> Sums:
    """Sums of so many pairs between whom nothing has happened."""
    shape, numbers = (count, 2, len(Channel)), np.zeros(count, np.int64)
    cells = np.zeros(shape, np.int64)
    return Sums(numbers, numbers, np.zeros(shape), numbers + OPEN_END, numbers + OPEN_START, numbers, cells, cells)


def _joined(one: Sums, other: Sums) -> Sums:
    return Sums(*(np.concatenate([getattr(one, field.name), getattr(other, field.name)]) for field in fields(Sums)))


def _either(which: Truths, one: Sums, other: Sums) -> Sums:
    """Of each pair the row of one or of the other."""
    made = []
    for field in fields(Sums):
        yes, no = getattr(one, field.name), getattr(other, field.name)
        made.append(np.where(which.reshape(-1, *[1] * (yes.ndim - 1)), yes, no))
    return Sums(*made)


def read(found: Sequence[tuple[str, str, Mapping[str, Any]]]) -> Bonds:
    """Bonds as edges have them: both ids and the properties of each."""
    shape = (len(found), 2, len(Channel))
    empty = _none(len(found))

    def numbers(name: str, absent: int) -> Ints:
        return np.array([edge.get(name, absent) for _, _, edge in found], np.int64)

    made = Sums(
        empty.first,
        empty.second,
        np.array([edge["sums"] for _, _, edge in found], np.float64).reshape(shape),
        numbers("first_at", OPEN_END),
        numbers("last_at", OPEN_START),
        numbers("count", 0),
        empty.opening,
        np.array([edge["closing"] for _, _, edge in found], np.int64).reshape(shape),
    )
    return Bonds([(one, other) for one, other, _ in found], made, numbers("next_at", OPEN_END))


def written(given: Bonds) -> list[tuple[str, str, dict[str, Any]]]:
    """Both ids of each pair and the properties of its edge."""
    count, size = len(given.pairs), 2 * len(Channel)
    columns = {
        "sums": given.sums.x.reshape(count, size),
        "closing": given.sums.closing.reshape(count, size),
        "count": given.sums.count,
        "first_at": given.sums.first_at,
        "last_at": given.sums.last_at,
        "next_at": given.next_at,
    }
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    edges = ({name: value for name, value in zip(columns, row, strict=True) if value not in (OPEN_START, OPEN_END)} for row in rows)
    return [(*pair, edge) for pair, edge in zip(given.pairs, edges, strict=True)]


class Touched:
    """Interactions with when they happened, in a private file of SQLite that goes with them: however many there are, memory holds few."""

    def __init__(self) -> None:
        self._rows: sqlite3.Connection | None = None

    def _open(self) -> sqlite3.Connection:
        if self._rows is None:
            # Whichever thread finds that nobody holds it any more closes it.
            self._rows = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            finalize(self, self._rows.close)
            self._rows.executescript("PRAGMA journal_mode = OFF; CREATE TABLE touched (id TEXT PRIMARY KEY, at INTEGER) WITHOUT ROWID")
        return self._rows

    def happened(self, rows: Iterable[tuple[str, int]]) -> None:
        """These happened then."""
        self._open().executemany("INSERT INTO touched VALUES (?, ?) ON CONFLICT DO UPDATE SET at = excluded.at", rows)

    def add(self, ids: Iterable[str]) -> None:
        """These too; when they happened need not be known."""
        self._open().executemany("INSERT INTO touched VALUES (?, ?) ON CONFLICT DO NOTHING", ((id_, OPEN_START) for id_ in ids))

    def __len__(self) -> int:
        return 0 if self._rows is None else int(self._rows.execute("SELECT count(*) FROM touched").fetchone()[0])

    def __iter__(self) -> Iterator[str]:
        """The earliest first."""
        return iter(()) if self._rows is None else (id_ for (id_,) in self._rows.execute("SELECT id FROM touched ORDER BY at, id"))


class Knows:
    """The ``KNOWS`` edges of one write: it heeds what the write touches and brings the edges up to it at the end.

    ``marks`` take note of all that the write touches.
    """

    def __init__(self, ledger: "Ledger") -> None:
        self._ledger, self._store = ledger, ledger.store
        self._until = ledger.load.recorded_at
        self.marks = Marks()
        self._touched = Touched()
        self._anew: set[str] = set()
        self._losing: set[Pair] = set()

    def heed_nodes(self, label: str, rows: Collection[Mapping[str, Any]]) -> None:
        """These nodes are written with all their properties."""
        self.marks.things(label, rows)
        if label == "Interaction" and not self._ledger.dry:
            self._touched.happened((row["id"], row["at"]) for row in rows)

    def heed_facts(self, type_: str, ends: Collection[tuple[str, str]]) -> None:
        """Facts from the one to the other are written; what is retracted needs no word, the graph tells it."""
        self.marks.facts(type_, ends)
        if type_ == PART and not self._ledger.dry:
            self._touched.add(event for _, event in ends)

    async def anew(self, people: Collection[str]) -> None:
        """All bonds of these people are made anew at the end of this write: to be called before they are merged, split, erased or moved.

        Until then they have none, so that nothing but facts hangs on them. So are those of who met them: of how many there were may change.
        """
        self.marks.moved(people)
        for ids in batches(sorted(set(people) - self._anew)):
            self._anew.update(ids)
            self._touched.add((await self._read(statements.PARTS_OF_PEOPLE, ids=ids, open=OPEN_END, **COUNTS))[0])
            await self._note([(id_,) for id_ in ids])
            await self._ledger.write([(statements.FORGET_KNOWS_OF, {"ids": ids})])

    async def lose(self, interactions: Iterable[str]) -> None:
        """Whom these brought together is made anew at the end of this write: to be called before they are deleted."""
        for ids in batches(interactions, AT_ONCE):
            pairs = possible((event for event in await self._events(ids) if event.counts), self._until) - self._losing
            self._losing |= pairs
            await self._note(sorted(pairs))

    async def recall(self) -> None:
        """What ``lose`` noted in a write that broke off and is now completed."""
        self._losing |= {(row[0], row[1]) for row in await self._noted() if len(row) == 2}

    async def keep_up(self) -> list[tuple[str, dict[str, Any]]]:
        """Brings the edges to what is known at the end of this write, before it is finished; returns what is to be written as it finishes.

        O(n log n) in the events that the write touches and in those of the pairs that must be made anew, whatever else the graph holds.
        """
        if self._ledger.dry:
            return []
        self._ledger.progress(EDGE, 0, len(self._touched))
        redo = set(map(tuple, (await self._read(statements.KNOWS_DUE, at=self._until))[0])) | await self._pairs_of(self._anew) | self._losing
        marked: list[str] = []
        unmarked: list[str] = []
        touched = await self._all_touched()
        many = len(touched)
        for number, ids in enumerate(batches(touched, AT_ONCE), 1):
            events = await self._events(ids)
            marks = [(event, is_broadcast(event, self._until)) for event in events]
            marked += [event.id for event, mark in marks if mark and not event.broadcast]
            unmarked += [event.id for event, mark in marks if event.broadcast and not mark]
            stood = [event for event in events if any(row.before for row in event.took)]
            redo |= possible(stood, self._until)
            old = {event.id for event in stood}
            redo |= await self._add(bonds((event for event in events if event.id not in old), self._until), redo)
            self._ledger.progress(EDGE, number * AT_ONCE, many)
        await self._note(sorted(redo))
        await self._renew(redo)
        marks_ = ((statements.SET_BROADCAST, marked), (statements.UNSET_BROADCAST, unmarked))
        return [
            *((text, {"ids": ids}) for text, ids in marks_ if ids),
            (statements.FORGET_SAID_OF, {"id": self._ledger.load.id, "about": EDGE}),
            *await self.marks.noted(self._ledger, touched),
        ]

    async def restore(self) -> None:
        """Takes back what a write that broke off has done; its facts are taken back already."""
        noted = await self._noted()
        people = [row[0] for row in noted if len(row) == 1]
        for ids in batches(people):
            await self._ledger.write([(statements.FORGET_KNOWS_OF, {"ids": ids})])
        await self._renew({(row[0], row[1]) for row in noted if len(row) == 2} | await self._pairs_of(people))

    async def _noted(self) -> list[list[Any]]:
        rows = await self._store.read("knows", statements.SAID, {"about": EDGE, "origin": None, "loads": [self._ledger.load.id]})
        return list(unpack(blob for *_, blob in rows))

    async def _all_touched(self) -> Touched:
        """The interactions that this write touched, the earliest first: so most of what comes later can be added."""
        for origin in sorted(about.origin for about in self._ledger.load.abouts if about.name == PART):
            self._touched.add((await self._read(statements.RETRACTED_PARTS, origin=origin, at=self._until))[0])
        return self._touched

    async def _add(self, new: Bonds, redo: set[Pair]) -> set[Pair]:
        """Adds new events to the pairs that are not made anew in any case. Returns those to which they cannot be added."""
        new = new.where(row for row, pair in enumerate(new.pairs) if pair not in redo)
        stood = read([tuple(row) for rows in batches(new.pairs) for row in (await self._read(statements.KNOWS, rows=rows))[0]])
        place = {pair: row for row, pair in enumerate(new.pairs)}
        rows = [place[pair] for pair in stood.pairs]
        made, exact = on_top(stood, new.where(rows))
        await self._bring(new.where(sorted(set(place.values()) - set(rows))), note=True)
        await self._bring(made.where(np.flatnonzero(exact)), note=True)
        return {stood.pairs[row] for row in np.flatnonzero(~exact)}

    async def _renew(self, pairs: set[Pair]) -> None:
        """Makes pairs anew from all their events; those of the one of the two who took part in less are looked through."""
        parts: dict[str, int] = {}
        for ids in batches(sorted({person for pair in pairs for person in pair})):
            parts.update((await self._read(statements.HOW_MANY_PARTS, ids=ids))[0])
        there = [pair if parts[pair[0]] <= parts[pair[1]] else pair[::-1] for pair in pairs if pair[0] in parts and pair[1] in parts]
        for some in _weighed(sorted(there), parts):
            ids = (await self._read(statements.SHARED, rows=some, open=OPEN_END, **COUNTS))[0]
            made = bonds(await self._events(ids), self._until)
            wanted = {(min(pair), max(pair)) for pair in some}
            made = made.where(row for row, pair in enumerate(made.pairs) if pair in wanted)
            for rows in batches(sorted(wanted.difference(made.pairs))):
                await self._ledger.write([(statements.FORGET_KNOWS, {"rows": rows})])
            await self._bring(made, note=False)

    async def _pairs_of(self, people: Iterable[str]) -> set[Pair]:
        """Every pair of these people of which something is known now."""
        found: set[Pair] = set()
        wanted = set(people)
        for ids in batches(sorted(wanted)):
            events = (await self._read(statements.PARTS_OF_PEOPLE, ids=ids, open=OPEN_END, **COUNTS))[0]
            for some in batches(events, AT_ONCE):
                found.update(pair for pair in bonds(await self._events(some), self._until).pairs if not wanted.isdisjoint(pair))
        return found

    async def _events(self, ids: Iterable[str]) -> list[Event]:
        """Interactions with all who take part; of those that count for nothing only what was known before."""
        made = []
        for some in batches(ids):
            took: dict[str, list[Took]] = defaultdict(list)
            found = (await self._read(statements.INTERACTIONS, ids=some))[0]
            rows = await self._read(statements.PARTS, ids=some, at=self._until, open=OPEN_END, **COUNTS)
            for id_, *row in zip(*rows, strict=True):
                took[id_].append(Took(*row))
            made += [Event._make([*row, took[row[0]]]) for row in found]
        return made

    async def _bring(self, given: Bonds, *, note: bool) -> None:
        if note:
            await self._note(given.pairs)
        for rows in batches(range(len(given.pairs))):
            await self._ledger.write([(statements.SET_KNOWS, {"rows": written(given.where(rows))})])

    async def _note(self, rows: Sequence[tuple[str, ...]]) -> None:
        """Pairs, and people with all their pairs, that are about to change. Whoever takes the write back notes more beside, under other ids."""
        for blob in pack(rows):
            about = About(EDGE, "")
            id_ = f"{self._ledger.load.id} {about}{uuid4().hex}"
            said = {"id": id_, "load_id": self._ledger.load.id, "about": about.name, "origin": about.origin, "rows": blob}
            await self._ledger.write([(statements.upsert_nodes(NODE["Said"]), {"rows": [said]})])

    async def _read(self, text: str, **parameters: Any) -> list[Any]:
        """The lists of the one row."""
        return (await self._store.read("knows", text, parameters))[0]


def _weighed(pairs: Sequence[Pair], parts: Mapping[str, int]) -> Iterator[list[Pair]]:
    """Pairs in pieces of which the first ones took part in about ``AT_ONCE`` events together."""
    some: list[Pair] = []
    weight = 0
    for pair in pairs:
        some.append(pair)
        weight += 1 + parts[pair[0]]
        if weight >= AT_ONCE:
            yield some
            some, weight = [], 0
    if some:
        yield some
