"""One numbered write: what a load says goes into the journal, and facts and things become what all known loads say.

Readers see nothing of it until it is finished. One that broke off is taken back by the next. While the database writes two batches, the next is made
ready in a thread beside it.
"""

import asyncio
import contextlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, pairwise
from typing import Any, NamedTuple

import orjson

from graph import statements
from graph.aside import Ahead, one_by_one
from graph.conflicts import Contradictions, conflicts
from graph.entities import APART, GROUP, SAME, Employers, Plan, bring, employees, is_default, plan, records
from graph.erasure import complete
from graph.errors import DottedlineError, EndRefused, InvalidInput, NotFound, StoreUnavailable
from graph.identity import MERGING, Matching, Rule, Tie, said_of, tie
from graph.instants import OPEN_END, OPEN_START, now
from graph.journal import (
    BATCH,
    About,
    FactRow,
    Facts,
    Known,
    ThingRow,
    Things,
    Word,
    batches,
    digest,
    known_since,
    winners,
)
from graph.knows import Knows
from graph.lease import Lease, turn
from graph.lookup import WALK, Lookup
from graph.model import EDGE, NODE, Edge, Node, written_as
from graph.outbox import Outbox, Work, Writes
from graph.retention import Limit, let_go
from graph.said import facts_said, jobs_said, keys_said, known_loads, things_said
from graph.snapshot.files import forget
from graph.store import Store
from graph.timeline import Piece, Said, Statement, bounds, fold, paint

DEEP = 2
"""So many batches of a kind are read ahead: what stands of one is looked up while the next is taken from the spool."""
FORGOTTEN = 0
"""How the digest reads of a thing of which nobody speaks any more and on which facts once hung, until a load that speaks of it again has ended."""
SHARE_ENDED, FACTS_ENDED = 0.2, 20
"""A complete load may end this share or so many facts of a kind without being forced (contract section 1)."""
AFTER, LAST_KEY = " ", "~"
"""A key and this sorts before the next key; the last sorts after every key."""
KEY = 2 + statements.EACH_FACT.index("key")
"""Where the key stands in a row of ``create_facts``."""

Progress = Callable[[str, int, int], None]
Pieces = Mapping[str, Sequence[Piece]]
Stood = tuple[int, int, int, int]
"""A stretch that stands: start, end, digest, and when it was recorded."""


@dataclass(slots=True)
class Tally:
    """What became of nodes and facts."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    ended: int = 0

    def add(self, other: "Tally") -> None:
        """The other's counts too."""
        self.created += other.created
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.ended += other.ended


class Standing:
    """What one origin holds true now of some keys."""

    def __init__(
        self,
        keys: Sequence[str] = (),
        starts: Sequence[int] = (),
        ends: Sequence[int] = (),
        digests: Sequence[int] = (),
        recorded: Sequence[int] = (),
    ) -> None:
        stretches = list(zip(starts, ends, digests, recorded, strict=True))
        self.one: dict[str, Stood] = dict(zip(keys, stretches, strict=True))
        """Key -> a stretch of it that stands: the only one, unless the key is in ``several``."""
        self.several: dict[str, list[Stood]] = {}
        if len(self.one) < len(stretches):
            found = defaultdict(list)
            for key, stretch in zip(keys, stretches, strict=True):
                found[key].append(stretch)
            self.several = {key: each for key, each in found.items() if len(each) > 1}

    @classmethod
    def of(cls, stretches: Sequence[tuple[str, Stood]]) -> "Standing":
        """What stands, from keys and their stretches."""
        return cls(*zip(*((key, *stretch) for key, stretch in stretches), strict=True)) if stretches else cls()

    def stretches(self, keys: Collection[str] | None = None) -> list[tuple[str, Stood]]:
        """Keys and their stretches: all, or those of these keys."""
        wanted = self.one.keys() if keys is None else self.one.keys() & keys
        return [(key, stretch) for key in wanted for stretch in self.several.get(key, (self.one[key],))]

    def pieces(self, key: str) -> dict[Piece, int]:
        """The key's pieces, and when they were recorded; empty for a key that does not stand."""
        return {Piece(*stretch[:3]): stretch[3] for _, stretch in self.stretches({key})}

    def line(self, key: str) -> list[Piece]:
        """The key's pieces in order."""
        return sorted(self.pieces(key))

    def at(self, instant: int) -> int:
        """How many hold at an instant."""
        return sum(start <= instant < end for _, (start, end, *_) in self.stretches())


@dataclass(slots=True)
class Change:
    """What is to be written of some facts: the stretches that are retracted, and those that are new, as ``create_facts`` takes them."""

    gone: list[dict[str, Any]] = field(default_factory=list)
    made: list[list[Any]] = field(default_factory=list)

    def pieces(self) -> Iterator["Change"]:
        """The change in transactions, all of a key in one; in each the facts of one start lie together."""
        if len(self.gone) + len(self.made) <= 2 * BATCH:
            yield Change(self.gone, sorted(self.made, key=lambda row: row[0]))
            return
        gone, made = defaultdict(list), defaultdict(list)
        for place in self.gone:
            gone[place["key"]].append(place)
        for row in self.made:
            made[row[KEY]].append(row)
        for keys in batches(sorted(gone.keys() | made.keys(), key=lambda key: (made[key][0][0] if key in made else "", key)), BATCH):
            yield Change([place for key in keys for place in gone.get(key, ())], [row for key in keys for row in made.get(key, ())])


class Unsettled(NamedTuple):
    """What is to be written of things: those that are new, and what changes of those that stand, of which some had been forgotten.

    Attributes name others as rows do.
    """

    tally: Tally
    new: list[dict[str, Any]]
    changed: list[dict[str, Any]]
    forgotten: list[str]


class Reference:
    """What ids and aliases name in the graph, asked once each. ``several``: label -> the aliases of several things -> these."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lookup = Lookup(store)
        self._ids: dict[str, dict[str, str | None]] = defaultdict(dict)
        self.several: dict[str, dict[str, list[str]]] = defaultdict(dict)
        self._entities: dict[str, dict[str, str]] = defaultdict(dict)

    async def look_up(self, label: str, names: Sequence[str]) -> dict[str, list[str]]:
        """Name -> ids, of those of these sorted names that the graph knows: as an id, else as an alias of one thing or several. Nothing is kept."""
        node = NODE[label]
        known = (await self._lookup(statements.known_between(node), statements.known_of(node), names))[0]
        found = {name: [name] for name in set(known).intersection(names)}
        others = [name for name in names if name not in found]
        bearers: dict[str, set[str]] = defaultdict(set)
        if others:
            wanted = set(others)
            for alias, id_, of, _ in zip(*await self._lookup(statements.BEARERS_BETWEEN, statements.BEARERS_OF, others), strict=True):
                if of == label and alias in wanted:
                    bearers[alias].add(id_)
        return found | {name: sorted(ids) for name, ids in bearers.items()}

    async def groups_of(self, opportunities: Sequence[str]) -> list[tuple[str, str, str]]:
        """Of those of these opportunities that have a buying group beside their own: the opportunity, its group, and that as it was written."""
        return list(map(tuple, (await self._store.read("load", statements.GROUPS_OF_OPPORTUNITIES, {"names": list(opportunities)}))[0][0]))

    async def find(self, label: str, names: Iterable[str]) -> None:
        """Looks up what is not looked up yet, and keeps it."""
        ids = self._ids[label]
        new = sorted({name for name in names if name not in ids})
        for piece in batches(new):
            found = await self.look_up(label, piece)
            ids.update((name, found[name][0] if len(found.get(name, ())) == 1 else None) for name in piece)
            self.several[label].update((name, several) for name, several in found.items() if len(several) > 1)
        if label == GROUP and (lost := [name for name in new if ids[name] is None]):
            await self.find("Company", lost)
            ids.update((name, group) for name, group, _ in await self.groups_of(lost))

    def name(self, label: str, ids: Mapping[str, str]) -> None:
        """Names that stand for another id, as the graph or the files under way give them."""
        self._ids[label].update(ids)

    def learn(self, label: str, name: str, id_: str) -> None:
        """Another name of a thing."""
        self._ids[label][name] = self.id(label, id_)
        self.several[label].pop(name, None)

    def point(self, label: str, entities: Mapping[str, str]) -> None:
        """Names, and the entities that bear them from now on."""
        self._entities[label].update(entities)

    def id(self, label: str, name: str) -> str:
        """The id; the name itself where the graph does not know it yet. A default group bears the id of its company."""
        entities = self._entities[label]
        if name in entities:
            return entities[name]
        found = self._ids[label].get(name)
        if found is None and label == GROUP:
            return self.id("Company", name)
        return entities.get(found or name, found or name)

    def ids(self, label: str, names: Sequence[str]) -> Sequence[str]:
        """The ids of many names."""
        if any(self._ids[of] or self._entities[of] for of in ((label, "Company") if label == GROUP else (label,))):
            return [self.id(label, name) for name in names]
        return names


class Ledger:
    """One numbered write under way. ``dry`` counts and writes nothing."""

    def __init__(
        self,
        store: Store,
        lease: Lease,
        load: Known,
        known: list[Known],
        matching: Matching,
        *,
        dry: bool = False,
        progress: Progress = lambda *_: None,
    ) -> None:
        self.store, self.lease, self.load, self.known, self.matching = store, lease, load, known, matching
        self.number = load.number
        self.dry, self.progress = dry, progress
        self.references = Reference(store)
        self.knows = Knows(self)
        self.moved_up = 0
        self.contradictions = Contradictions()
        self.revived: dict[About, set[str]] = defaultdict(set)
        self._known_again: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._changed: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        self._forgotten: dict[str, set[str]] = defaultdict(set)
        self._lookup = Lookup(store)
        self._backdated: Work = []
        self._found_by: list[dict[str, Any]] = []
        self._outbox = Outbox(self._commit)
        self._expected: dict[About | str, Ahead[Any]] = {}
        self._labels: set[str] = set()
        self._plans: Mapping[str, Plan] = {}

    def spoke(self, about: About) -> list[Known]:
        """The loads before this one that spoke of these facts."""
        return [load for load in self.known if about in load.abouts]

    def may_stand(self, about: About) -> bool:
        """Whether anything may stand of these facts: somebody spoke of them, or this is dry, and a load that broke off may have."""
        return self.dry or bool(self.spoke(about))

    async def say_facts(
        self, about: About, rows: Sequence[FactRow], *, spared: Collection[str] = (), absent: Collection[str] = (), force: bool = False
    ) -> Tally:
        """One origin's word on its facts of one type, row by row; otherwise as ``tell_facts``."""
        await self._refer(EDGE[about.name], rows)
        said = [Facts.of(sorted(rows, key=lambda row: row.key))] if rows else []
        gone = list(batches(sorted(set(absent) - {row.key for row in rows})))
        return await self.tell_facts(about, said, len(rows), spared=set(spared), absent=gone, force=force)

    async def tell_facts(
        self,
        about: About,
        said: Iterable[Facts],
        of: int,
        *,
        spared: Set[str] = frozenset(),
        absent: Iterable[Sequence[str]] = (),
        force: bool = False,
    ) -> Tally:
        """One origin's word on its facts of one type, ``of`` rows of it; rows of one key do not overlap, and ``references`` know their ends.

        A complete load ends the keys that it does not name, but for the ``spared``: it says nothing of these. Any load ends the ``absent`` ones,
        which it does not name either. Keys that are ``revived`` come back uncounted.

        They come in the order of their keys, all rows of a key in one batch; any order will do where nothing ``may_stand``. Memory holds
        a few batches, unless a load that is known already was true at the same time or later, or keys are revived. ``moved_up`` counts the keys that
        changed, as their rows say, before something that was already recorded of them. Raises EndRefused before anything of it is written: then
        ``said`` is gone through twice.
        """
        await self._seen(self._labels)
        earlier, complete, edge, tally, done, last = self.spoke(about), about in self.load.complete, EDGE[about.name], Tally(), 0, ""
        if about in self.revived or self._late(about):
            rows = [batch.row(place) for batch in said for place in range(len(batch.keys))]
            return await self._tell_late(about, rows, earlier, spared, {key for keys in absent for key in keys}, force=force)
        if not force:
            await self._refuse_ending(about, said, spared, absent)
        silent = set(spared if complete else ())
        spoken = any(about in load.complete for load in earlier)
        emptied = [] if spoken else [load for load in earlier if about in load.emptied]
        before = await keys_said(self.store, about, emptied)
        async with self._expected.pop(about, None) or self._facts_ahead(about, said) as ahead:
            async for batch, packed, looked_up in ahead:
                self.progress(about.name, done, of)
                stands = looked_up
                if complete:
                    stands = await self._end_absent(about, last, batch.keys[-1], spared | set(batch.keys), set(batch.keys), tally)
                    last = batch.keys[-1] + AFTER
                    silent.difference_update(batch.keys)
                change, odd = await asyncio.to_thread(self._sift, edge, batch, stands, lambda key: spoken or key in before, tally)
                want = {
                    key: paint(stands.line(key), spoken or key in before or key in stands.one, self.load.as_of, [row.said for row in rows])
                    for key, rows in odd.items()
                }
                tally.add(_tally(stands, want, odd.keys()))
                await self._difference(edge, stands, want, odd, change)
                await self._journal(about, done, packed, len(batch.keys))
                await self._bring(about, change)
                await self._backdate(edge, odd, stands, want)
                done += len(batch.keys)
        if complete:
            await self._end_absent(about, last, LAST_KEY, spared, set(), tally)
            for quiet in batches(sorted(silent)):
                await self._journal(about, done, Facts.of([FactRow.silent(key) for key in quiet]).pack(), len(quiet))
                done += len(quiet)
        for keys in absent:
            left = spared & set(keys) if complete else keys  # all others of a complete load's have ended already
            stands = await self._of_keys(about, sorted(left))
            want = self._ending(stands, left)
            tally.ended += len(want)
            await self._journal(about, done, Facts.of([FactRow.absent(key, self.load.as_of) for key in keys]).pack(), len(keys))
            await self._bring(about, await self._difference(edge, stands, want, {}, Change()))
            done += len(keys)
        return tally

    def expect_facts(self, about: About, said: Iterable[Facts]) -> None:
        """Begins to read what ``tell_facts`` is to be told next, and what stands of it."""
        if not (about in self._expected or about in self.load.complete or about in self.revived or self._late(about)):
            self._expected[about] = self._facts_ahead(about, said)

    def _late(self, about: About) -> bool:
        """Whether others spoke already of this time or of a later one."""
        return any(load.as_of >= self.load.as_of for load in self.spoke(about))

    def _facts_ahead(self, about: About, said: Iterable[Facts]) -> Ahead[tuple[Facts, bytes, Standing]]:
        """What is said, batch by batch: also as the journal keeps it, and what stands of its keys, unless that is read otherwise."""
        following, looks = one_by_one(said), about not in self.load.complete and self.may_stand(about)

        async def read() -> tuple[Facts, bytes, Standing] | None:
            if not (batch := await following()):
                return None
            packed = asyncio.to_thread(batch.pack)
            if not looks:
                return batch, await packed, Standing()
            blob, stands = await asyncio.gather(packed, self._of_keys(about, list(dict.fromkeys(batch.keys))))
            return batch, blob, stands

        return Ahead(read, DEEP)

    async def _of_keys(self, about: About, keys: Sequence[str]) -> Standing:
        """What stands of sorted keys, and perhaps of some between them."""
        edge, given = EDGE[about.name], {"origin": about.origin, "open": OPEN_END}
        return Standing(*await self._lookup(statements.facts_between(edge), statements.facts_of_keys(edge), keys, **given))

    def _sift(
        self, edge: Edge, batch: Facts, stands: Standing, spoken: Callable[[str], bool], tally: Tally
    ) -> tuple[Change, dict[str, list[FactRow]]]:
        """Counts what stands already as it is said and makes what is new; the rest, by key, needs a closer look."""
        change, odd, as_of = Change(), defaultdict[str, list[FactRow]](list), self.load.as_of
        said, one, made = batch.keys, stands.one, list[int]()
        twice = {key for key, following in pairwise(said) if key == following}
        starts, ends = list[int](), list[int]()
        for place, (key, start, end, mark, known_from) in enumerate(zip(said, *batch[1:4], batch.known_from, strict=True)):
            stood = one.get(key)
            if known_from is not None or key in twice or key in stands.several:
                odd[key].append(batch.row(place))
            elif stood is None:
                piece = bounds(Said(start, end, mark), spoken(key), as_of)
                if piece.start < piece.end:
                    tally.created += 1
                    made.append(place)
                    starts.append(piece.start)
                    ends.append(piece.end)
                else:
                    tally.unchanged += 1
            elif (
                mark == stood[2]
                and (stood[0] <= as_of if start is None else start == stood[0])
                and (OPEN_END if end is None else end) == stood[1]
                and (start is not None or end is None)
            ):
                tally.unchanged += 1
            else:
                odd[key].append(batch.row(place))
        if made:
            new = batch.at(made)
            from_ids, to_ids = self.references.ids(edge.source, new.from_refs), self.references.ids(edge.target, new.to_refs)
            each = zip(from_ids, to_ids, new.keys, new.digests, starts, ends, new.confidences, new.from_refs, new.to_refs, strict=True)
            values, props = orjson.loads(b"[" + b",".join(new.values) + b"]"), [prop.name for prop in edge.props]
            change.made = [[*head, *map(given.get, props)] for head, given in zip(each, values, strict=True)]
        return change, odd

    async def _tell_late(
        self, about: About, rows: Sequence[FactRow], earlier: Sequence[Known], spared: Set[str], absent: Set[str], *, force: bool
    ) -> Tally:
        """Folds all that is known of the facts anew: others spoke already of this time or of a later one, or keys come back."""
        edge, complete, revived = EDGE[about.name], about in self.load.complete, self.revived.get(about, set())
        said: dict[str, list[FactRow]] = defaultdict(list)
        for row in rows:
            said[row.key].append(row)
        journal = await facts_said(self.store, about, earlier)
        silent = [FactRow.silent(key) for key in sorted(spared - said.keys())] if complete else []
        silent += [FactRow.absent(key, self.load.as_of) for key in sorted(absent)]
        journal[self.load] = {**said, **{row.key: [row] for row in silent}}
        keys = {key for told in journal.values() for key in told} if complete else {*said, *absent, *revived}
        want = {key: fold(_statements(key, about, journal)) for key in keys}
        stands = await self._standing(about)
        tally = _tally(stands, {key: pieces for key, pieces in want.items() if key in said or key not in revived}, said.keys())
        if not force:
            _refuse_ending(about, tally.ended, stands.at(self.load.as_of))
        for done, piece in enumerate(batches([*rows, *silent])):
            await self._journal(about, done, Facts.of(piece).pack(), len(piece))
        await self._bring(about, await self._difference(edge, stands, want, _by_key(journal), Change()))
        await self._backdate(edge, said, stands, want)
        return tally

    async def _refuse_ending(self, about: About, said: Iterable[Facts], spared: Set[str], absent: Iterable[Sequence[str]]) -> None:
        """Counts what the load would end. Raises EndRefused."""
        ended, standing, last, each = 0, 0, "", iter(said)
        complete = about in self.load.complete
        while complete:
            batch = await asyncio.to_thread(next, each, None)
            until, named = (batch.keys[-1], spared | set(batch.keys)) if batch else (LAST_KEY, spared)
            async for page in self._pages(about, last, until):
                ended += len(self._ending(page, page.one.keys() - named))
                standing += page.at(self.load.as_of)
            last = until + AFTER
            complete = batch is not None
        for keys in absent:
            left = spared & set(keys) if about in self.load.complete else keys
            ended += len(self._ending(await self._of_keys(about, sorted(left)), left))
        if ended > FACTS_ENDED and about not in self.load.complete:
            standing = (await self._standing(about)).at(self.load.as_of)
        _refuse_ending(about, ended, standing)

    async def _end_absent(self, about: About, first: str, last: str, spared: Set[str], named: Set[str], tally: Tally) -> Standing:
        """Ends what stands from one key to another and is not spared; returns what stands of the named ones."""
        found: list[tuple[str, Stood]] = []
        async for page in self._pages(about, first, last):
            want = self._ending(page, page.one.keys() - spared)
            tally.ended += len(want)
            await self._bring(about, await self._difference(EDGE[about.name], page, want, {}, Change()))
            found += page.stretches(named)
        return Standing.of(found)

    def _ending(self, stands: Standing, keys: Iterable[str]) -> dict[str, tuple[Piece, ...]]:
        """Of keys that do not hold from now on those that stand, with what is left of them."""
        lines = ((key, stands.line(key)) for key in keys if key in stands.one)
        left = ((key, line, paint(line, True, self.load.as_of, ())) for key, line in lines)
        return {key: pieces for key, line, pieces in left if list(pieces) != line}

    async def _pages(self, about: About, first: str, last: str) -> AsyncIterator[Standing]:
        """What stands from one key to another, in pages; all of a key is in one."""
        text, most = statements.facts_between(EDGE[about.name]), WALK * BATCH
        while True:
            given = {"origin": about.origin, "open": OPEN_END, "first": first, "last": last, "most": most}
            columns = (await self.store.read("load", text, given))[0]
            if len(columns[0]) < most:
                yield Standing(*columns)
                return
            first = columns[0][-1]
            whole = columns[0].index(first)
            yield Standing(*(column[:whole] for column in columns))

    async def _standing(self, about: About) -> Standing:
        """All that stands."""
        return Standing.of([pair async for page in self._pages(about, "", LAST_KEY) for pair in page.stretches()])

    async def say_things(self, label: str, said: Mapping[About, Sequence[ThingRow]], counted: Collection[str]) -> Tally:
        """The load's word on things of a label, row by row; otherwise as ``tell_things``. The tally is of what the ``counted`` ids name."""
        given = Things.of(said, NODE[label].defaults, partial(self.references.id, label))
        return await self._tell_things(label, [given] if given.ids else [], len(given.ids), lambda batch, place: batch.ids[place] in counted)

    async def tell_things(self, label: str, said: Iterable[Things], of: int, counted: Collection[About]) -> Tally:
        """The load's word on things of a label and their attributes, ``of`` rows of it, whoever says it; an attribute that no row gives stays.

        All rows of a thing come in one batch, so that the surest and latest of them wins, and things in order. Memory holds a few batches, unless
        somebody spoke of the same time or later, or a row is not sure: then the words of the others are read. The tally is of the things of which
        ``counted`` origins speak.
        """
        texts = set(map(str, counted))
        return await self._tell_things(label, said, of, lambda batch, place: batch.abouts[place] in texts)

    async def _tell_things(self, label: str, said: Iterable[Things], of: int, counts: Callable[[Things, int], bool]) -> Tally:
        await self._seen({label})
        node, tally, done, numbers = NODE[label], Tally(), 0, Counter[About]()
        earlier = [load for load in self.known if label in _labels(load)]
        late = any(load.as_of >= self.load.as_of for load in earlier)
        others: list[Word] | None = None
        thing_of = partial(self.references.id, label)
        async with self._expected.pop(label, None) or self._things_ahead(label, said) as ahead:
            async for batch, packed, stand in ahead:
                self.progress(label, done, of)
                for about, blob in packed:
                    await self._journal(about, numbers[about], blob, batch.abouts.count(str(about)))
                    numbers[about] += 1
                things = list(dict.fromkeys(batch.things))
                counted = {thing for place, thing in enumerate(batch.things) if counts(batch, place)}
                new, odd = await asyncio.to_thread(_sift, node, batch, stand, self.load.recorded_at)
                await self.create(label, new)
                words = [Word(self.load, About.read(batch.abouts[place]).origin, batch.row(place)) for place in odd]
                told = {place: thing_of(word.row.id) for place, word in enumerate(words)}
                known = {told[place] for place, word in enumerate(words) if not word.row.values.get("anonymous")}
                unsure = {told[place] for place, word in enumerate(words) if late or (word.row.confidence < 1 and told[place] in known)}
                if unsure:
                    others = await things_said(self.store, label, earlier) if others is None else others
                    words += await self._of(label, unsure, others)
                settled = set(told.values())
                if contested := settled & stand.keys() if self._others_told(label, earlier) else set():
                    others = await things_said(self.store, label, earlier) if others is None else others
                    besides = await self._of(label, contested - unsure, others)
                    both = [word for word in (*words, *besides) if thing_of(word.row.id) in contested]
                    self.contradictions.note(label, conflicts(both, thing_of), self.load)
                for whole in (True, False):
                    wanted = _wanted(label, [word for word in words if (thing_of(word.row.id) in unsure) == whole], thing_of)
                    bare = set[str]() if whole else wanted.keys() - known
                    changes = await self.unsettled(label, wanted, counted=counted & wanted.keys(), whole=whole, bare=bare)
                    await self._take(label, changes)
                    tally.add(changes.tally)
                fresh = {thing for thing in things if thing not in stand} - settled
                tally.created += len(counted & fresh)
                tally.unchanged += len(counted - fresh - settled)
                if label in MERGING and (bearing := self._said_anew(label, batch.ids)):
                    names = {(name, batch.ids[place]) for place in bearing for name in batch.names(place)}
                    await self._alias(label, names | {(batch.ids[place],) * 2 for place in bearing})
                self._backdate_things(node, batch)
                done += len(batch.ids)
        return tally

    def expect_things(self, label: str, said: Iterable[Things]) -> None:
        """Begins to read what ``tell_things`` is to be told next, and what stands of it."""
        if label not in self._expected:
            self._expected[label] = self._things_ahead(label, said)

    def _things_ahead(self, label: str, said: Iterable[Things]) -> Ahead[tuple[Things, list[tuple[About, bytes]], dict[str, int]]]:
        """What is said, batch by batch: also as the journal keeps it, and the digests of what stands."""
        node, following = NODE[label], one_by_one(said)

        async def read() -> tuple[Things, list[tuple[About, bytes]], dict[str, int]] | None:
            if not (batch := await following()):
                return None
            lookup = self._lookup(statements.digests_between(node), statements.digests_of(node), list(dict.fromkeys(batch.things)))
            packed, stand = await asyncio.gather(asyncio.to_thread(lambda: list(batch.pack())), lookup)
            return batch, packed, dict(zip(*stand, strict=True))

        return Ahead(read, DEEP)

    def _others_told(self, label: str, earlier: Sequence[Known]) -> bool:
        """Whether other sources than those of this load spoke of things of a label."""
        own = {about.source for about in self.load.abouts if about.name == label}
        return any(about.source not in own for load in earlier for about in load.abouts if about.name == label)

    async def create(self, label: str, rows: Iterable[dict[str, Any]]) -> None:
        """Writes nodes that are not there yet with all their properties; what they name by the ids that these have now."""
        node = NODE[label]
        names = [prop.name for prop in node.props]
        for piece in batches(rows):
            made = self.resolved(label, piece) if node.refers else piece
            self.knows.heed_nodes(label, made)
            self._labels.add(label)
            await self._queue([(statements.create_nodes(node), {"rows": [list(map(row.get, names)) for row in made]})], len(made), Writes.NODES)

    async def _take(self, label: str, changes: Unsettled) -> None:
        """New things are written now, what changes at the end of the load."""
        await self.upsert(label, self.resolved(label, changes.new))
        self.knows.heed_nodes(label, changes.changed)
        self._changed[label] |= {row["id"]: row for row in changes.changed}
        self._known_again[label] += [{"id": id_, "names": None} for id_ in changes.forgotten]
        if changes.forgotten:
            self._labels.add(label)
        for piece in batches(changes.forgotten):
            await self._queue([(statements.wake_nodes(NODE[label]), {"ids": piece})], len(piece))

    def _backdate_things(self, node: Node, batch: Things) -> None:
        """Notes since when things are known of which rows say that, for the end of the load."""
        spoken = {thing for thing, known_from in zip(batch.things, batch.known_from, strict=True) if known_from is not None}
        if spoken:
            of = dict(zip(batch.ids, batch.things, strict=True))
            words = (Word(self.load, "", batch.row(place)) for place, thing in enumerate(batch.things) if thing in spoken)
            rows = [{"id": id_, "known_from": at} for id_, at in known_since(words, of.__getitem__).items()]
            self._backdated.append((statements.backdate_nodes(node), {"rows": rows}))

    async def revive(self) -> None:
        """Once all things are told: finds what others say of those that had been forgotten, so that ``tell_facts`` brings it back, origin by origin.

        Where nothing had been forgotten, this costs nothing.
        """
        await self._seen(self._known_again.keys())
        for label, rows in self._known_again.items():
            for piece in batches(rows):
                for about, key in (await self.store.read("load", statements.once_hanging(NODE[label]), {"rows": piece}))[0][0]:
                    self.revived[About.read(about)].add(key)
        if not self.revived.keys() <= self.load.abouts:
            self.load = self.load._replace(abouts=self.load.abouts.union(self.revived))
            await self.write([(statements.MORE_ORIGINS, {"id": self.load.id, "origins": sorted(map(str, self.load.abouts))})])

    async def words(self, label: str, entities: Iterable[str], loads: Sequence[Known]) -> list[Word]:
        """What these loads say of these things; ``references`` know their ids afterwards."""
        return await self._of(label, set(entities), await things_said(self.store, label, loads))

    async def _of(self, label: str, entities: Collection[str], told: Sequence[Word]) -> list[Word]:
        """The words on these things; ``references`` know their ids afterwards."""
        if label in MERGING:
            for ids in batches(sorted(entities)):
                rows = await self.store.read("load", statements.RECORDS_OF_ENTITIES, {"ids": ids, "label": label})
                self.references.point(label, dict(rows[0][0]))
        elif label == GROUP:
            await self.references.find(label, {word.row.id for word in told})
        return [word for word in told if self.references.id(label, word.row.id) in entities]

    async def unsettled(
        self,
        label: str,
        wanted: Mapping[str, dict[str, Any]],
        *,
        whole: bool,
        counted: Collection[str] = (),
        bare: Collection[str] = (),
        since: Mapping[str, int] | None = None,
    ) -> Unsettled:
        """What is to be written so that things have the attributes wanted: all they have (``whole``), or beside what they have.

        Of those in ``bare`` nothing but their existence is said: one that stands stays as it is. The tally is of the ``counted`` things; those of
        ``since`` were known before. New ones are to be written at once, since facts are to hang on them, and nobody sees them before the load ends.
        """
        node, tally, before = NODE[label], Tally(), since or {}
        await self._find_named(node, wanted)
        stand: dict[str, int] = {}
        for ids in batches(wanted):
            rows = await self.store.read("load", statements.digests_of(node), {"names": ids})
            stand |= dict(zip(*rows[0], strict=True))
        props = {id_: {**node.defaults, **values} for id_, values in wanted.items()}
        marks = {id_: digest(values) for id_, values in props.items()}
        other = [id_ for id_, mark in marks.items() if stand.get(id_) != mark and not (id_ in bare and stand.get(id_))]
        have: dict[str, dict[str, Any]] = {}
        for ids in [] if whole else batches(id_ for id_ in other if stand.get(id_)):
            for found in (await self.store.read("load", statements.values_of(node), {"ids": ids}))[0][0]:
                have[found["id"]] = as_written(node, {name: value for name, value in found.items() if name not in ("id", "digest", "since")})
        new: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        for id_ in other:
            values = {**node.defaults, **have[id_], **wanted[id_]} if id_ in have else props[id_]
            mark = digest(values) if id_ in have else marks[id_]
            if stand.get(id_) == mark:
                continue
            tally.created += id_ in counted and not stand.get(id_)
            tally.changed += id_ in counted and bool(stand.get(id_))
            row = {"id": id_, **values, "digest": mark, "since": before.get(id_, self.load.recorded_at)}
            (changed if id_ in stand or id_ in before else new).append(row)
        tally.unchanged = len(counted) - tally.created - tally.changed
        return Unsettled(tally, new, changed, [row["id"] for row in changed if stand.get(row["id"]) == FORGOTTEN])

    async def _find_named(self, node: Node, wanted: Mapping[str, Mapping[str, Any]]) -> None:
        for name, of in node.refers.items():
            await self.references.find(of, chain.from_iterable(_named(values.get(name)) for values in wanted.values()))

    async def attributes(self, label: str, told: Sequence[Word], of: Callable[[str], str]) -> dict[str, dict[str, Any]]:
        """Thing -> all its properties, by these words. ``of`` says which thing an id names."""
        wanted, since, defaults = _wanted(label, told, of), known_since(told, of), NODE[label].defaults
        await self._find_named(NODE[label], wanted)
        props = {id_: {**defaults, **values} for id_, values in wanted.items()}
        rows = [{"id": id_, **values, "digest": digest(values), "since": since[id_]} for id_, values in props.items()]
        return {row["id"]: row for row in self.resolved(label, rows)}

    def resolved(self, label: str, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Rows of attributes with the ids that what they name has now, and with what was written where that differs; that alone makes the digest."""
        node, made = NODE[label], []
        for row in rows:
            made.append(dict(row))
            for name, of in node.refers.items():
                if written := row.get(name):
                    found = [self.references.id(of, ref) for ref in _named(written)]
                    if found != _named(written):
                        made[-1] |= {name: found if isinstance(written, list) else found[0], written_as(name): written}
        return made

    def settled(self, label: str, ids: Iterable[str]) -> None:
        """Of these things nothing is left to be written at the end."""
        for id_ in ids:
            self._changed[label].pop(id_, None)

    def _said_anew(self, label: str, ids: Sequence[str]) -> Sequence[int]:
        """Where records stand of which more is said than before, so that they may bear other names; the aliases of the others stand."""
        known = self._plans.get(label)
        if known is None:
            return range(len(ids))
        if known.idle:
            return ()
        stood, stand = known.stood, known.stand
        return [place for place, id_ in enumerate(ids) if id_ not in stood or stood[id_].says != stand[id_].says]

    async def _alias(self, label: str, aliases: set[tuple[str, str]]) -> None:
        """Names that records bring; a record's own id is one where it belongs to another entity."""
        of = {record: self.references.id(label, record) for _, record in aliases}
        wanted = sorted((name, record) for name, record in aliases if name != of[record])
        have: set[tuple[str, str]] = set()
        for names in batches(dict.fromkeys(name for name, _ in wanted)):
            found = zip(*await self._lookup(statements.BEARERS_BETWEEN, statements.BEARERS_OF, names), strict=True)
            have |= {(name, record) for name, _, of_label, record in found if of_label == label}
        new = [{"name": name, "record": record, "label": label, "entity_id": of[record]} for name, record in wanted if (name, record) not in have]
        await self.create("Alias", new)

    async def identify(
        self, things: Callable[[str], Iterable[ThingRow]], jobs: Iterable[FactRow], parted: Callable[[str], Sequence[tuple[str, str]]]
    ) -> dict[str, Plan]:
        """Decides, before anything is written, whom the records of a load are one with; ``references`` know it afterwards.

        ``things`` are the load's words on things of a label, ``jobs`` those on who works where, ``parted`` the pairs of a label that rows declare
        apart. Returns label -> plan, to be carried out by ``settle`` once the load's words are written.
        """
        plans: dict[str, Plan] = {}
        for label in MERGING:
            companies = plans.get("Company") if label == "Person" else None
            again = await employees(self.store, companies) if companies else set()
            own: set[str] = set()
            told = await asyncio.to_thread(said_of, label, _noting(own, things(label)), jobs if label == "Person" else ())
            if not told and not again:
                continue
            stood = await records(self.store, label, told, told)
            said = {id_: says.joined(stood[id_].says) if id_ in stood else says for id_, says in told.items() if id_ in stood or id_ in own}
            employers = Employers(self.store, companies)
            apart = await self._apart(label, parted(label), own)
            plans[label] = await plan(
                self.store, label, said, self.number, self.matching, again=again, employers=employers, decisions=apart, stood=stood
            )
            joins = plans[label].joins.items()  # most are of their own: nothing need be kept of these
            self.references.point(label, {id_: entity for id_, entity in joins if self.references.id(label, id_) != entity})
        await self._note_known_again(plans)
        self._plans = plans
        return plans

    async def _apart(self, label: str, pairs: Sequence[tuple[str, str]], own: Container[str]) -> list[Tie]:
        """Pairs that rows declare apart, as decisions on records: each load's own word, so that it stands whichever other load is taken back."""
        named = sorted({name for pair in pairs for name in pair})
        known = await records(self.store, label, named) if named else {}
        meant = {name: name if name in own or name in known else self.references.id(label, name) for name in named}
        told = {(min(pair), max(pair)) for one, other in pairs if len(pair := {meant[one], meant[other]}) == 2}
        return [tie(*pair, False, Rule.IN_FILE, 1.0, ["declared in a file"], self.load.source, self.number) for pair in sorted(told)]

    async def _note_known_again(self, plans: Mapping[str, Plan]) -> None:
        """Names that come to entities which stand already: if a load was ever taken back, others may have spoken of these before."""
        if any(made.named_anew for made in plans.values()) and (await self.store.read("load", statements.ANY_TAKEN_BACK, {}))[0][0]:
            for label, made in plans.items():
                self._known_again[label] += [{"id": id_, "names": sorted(names)} for id_, names in made.named_anew.items()]

    async def settle(self, plans: Mapping[str, Plan]) -> None:
        """Carries out what ``identify`` decided."""
        for made in plans.values():
            await bring(self, made, [*self.known, self.load])

    async def upsert(self, label: str, rows: list[dict[str, Any]]) -> None:
        """Writes nodes with all their properties."""
        if rows:
            self.knows.heed_nodes(label, rows)
            self._labels.add(label)
        for piece in batches(rows):
            await self._queue([(statements.upsert_nodes(NODE[label]), {"rows": piece})], len(piece))

    async def _journal(self, about: About, number: int, blob: bytes, rows: int) -> None:
        said = {"id": f"{self.load.id} {about} {number:06}", "load_id": self.load.id, "about": about.name, "origin": about.origin, "rows": blob}
        await self._queue([(statements.upsert_nodes(NODE["Said"]), {"rows": [said]})], rows, Writes.WORDS)

    async def write(self, work: Work) -> None:
        """One transaction, once all that is under way has landed, unless this is dry."""
        await self._outbox.landed()
        await self._commit(work)

    async def _commit(self, work: Work) -> None:
        if not self.dry:
            await self.lease.write("load", work)

    async def _queue(self, work: Work, rows: int, writes: Writes = Writes.OTHER) -> None:
        """Writes as soon as the order allows, with others in one transaction while they are few, and while the next is made ready."""
        await self._outbox.put(work, rows, writes, BATCH)

    async def flush(self) -> None:
        """All that was queued is written."""
        await self._outbox.flush()
        self._labels.clear()

    async def rest(self) -> None:
        """Nothing more is written; what is under way ends first, well or not."""
        for ahead in self._expected.values():
            await ahead.close()
        await self._outbox.rest()

    async def _seen(self, labels: Collection[str]) -> None:
        """What was written of these labels is seen by what is read from now on."""
        if not self._labels.isdisjoint(labels):
            await self.flush()

    async def _difference(self, edge: Edge, stands: Standing, want: Pieces, rows: Mapping[str, Sequence[FactRow]], change: Change) -> Change:
        """Adds to ``change`` what leads from what stands to what is wanted; ``rows`` are those that say so, by key."""
        new: list[tuple[str, Piece]] = []
        for key, pieces in want.items():
            have = stands.pieces(key)
            change.gone += [_place(key, piece, recorded) for piece, recorded in have.items() if piece not in pieces]
            new += [(key, piece) for piece in pieces if piece not in have]
        by_value = {(key, row.digest): row for key in {key for key, _ in new} for row in rows.get(key, ())}
        await self._refer(edge, [by_value[key, piece.value] for key, piece in new if (key, piece.value) in by_value])
        kept: list[tuple[str, Piece, Piece, int]] = []
        for key, piece in new:
            row = by_value.get((key, piece.value))
            if row:
                fact = {**row.values, **row._asdict(), "valid_from": piece.start, "valid_to": piece.end}
                ends = self.references.id(edge.source, row.from_ref), self.references.id(edge.target, row.to_ref)
                change.made.append(statements.fact_row(edge, *ends, fact))
            else:
                was, recorded = next((old, at) for old, at in stands.pieces(key).items() if old.value == piece.value)
                kept.append((key, piece, was, recorded))
        for some in batches(kept):
            becomes = {(key, recorded, was.start): piece for key, piece, was, recorded in some}
            places = [_place(key, was, recorded) for key, _, was, recorded in some]
            for from_id, to_id, values in (await self.store.read("load", statements.values_of_facts(edge), {"rows": places}))[0][0]:
                piece = becomes[values["key"], values["recorded_at"], values["valid_from"]]
                change.made.append(statements.fact_row(edge, from_id, to_id, {**values, "valid_from": piece.start, "valid_to": piece.end}))
        return change

    async def _bring(self, about: About, change: Change) -> None:
        """Retracts what no longer holds and writes what does."""
        edge, at = EDGE[about.name], self.load.recorded_at
        common = {"origin": about.origin, "recorded_at": at, "retracted_at": OPEN_END, "load_id": self.load.id}
        self.knows.heed_facts(edge.type, [(row[0], row[1]) for row in change.made])
        for piece in change.pieces():
            work: Work = []
            if piece.gone:
                work.append((statements.retract_facts(edge), {"rows": piece.gone, "at": at, "open": OPEN_END}))
            if piece.made:
                work.append((statements.create_facts(edge), {"rows": piece.made, **common}))
            await self._queue(work, len(piece.gone) + len(piece.made), Writes.OTHER if piece.gone else Writes.FACTS)

    async def _refer(self, edge: Edge, rows: Sequence[FactRow]) -> None:
        """Looks up the ends of facts. A name that has become one of several things since a load used it means what it meant then."""
        await self.references.find(edge.source, {row.from_ref for row in rows})
        await self.references.find(edge.target, {row.to_ref for row in rows})
        sources, targets = self.references.several[edge.source], self.references.several[edge.target]
        unsure = {row.key for row in rows if row.from_ref in sources or row.to_ref in targets} if sources or targets else ()
        for keys in batches(unsure):
            found = await self.store.read("load", statements.ends_of_keys(edge), {"keys": keys, "at": self.load.recorded_at, "open": OPEN_END})
            for from_ref, from_id, to_ref, to_id in found[0][0]:
                if from_ref in sources:
                    self.references.learn(edge.source, from_ref, from_id)
                if to_ref in targets:
                    self.references.learn(edge.target, to_ref, to_id)

    async def _backdate(self, edge: Edge, given: Mapping[str, Sequence[FactRow]], stands: Standing, want: Pieces) -> None:
        """Notes since when what was written became known, for the end of the load: until then nobody may see it.

        A key of which anything was recorded before has one instant for all its rows, and none earlier than what is recorded.
        """
        last: dict[str, int] = {}
        told = {key: rows for key, rows in given.items() if any(row.known_from is not None for row in rows)}
        given = {key: rows for key, rows in told.items() if stands.pieces(key).keys() != set(want[key])}
        for keys in batches(given):
            rows = await self.store.read("load", statements.last_known(edge), {"keys": keys, "at": self.load.recorded_at, "open": OPEN_END})
            last.update(rows[0][0])
        made, gone = [], []
        for key, rows_of_key in given.items():
            spoken = {row.digest: row.known_from for row in rows_of_key if row.known_from is not None}
            latest = max(spoken.values())
            have = stands.pieces(key)
            new, old = [piece for piece in want[key] if piece not in have], [piece for piece in have if piece not in want[key]]
            if (new or old) and key in last and latest <= last[key]:
                latest = last[key] + 1
                self.moved_up += 1
            for piece in new:
                known_from = latest if key in last else spoken.get(piece.value, self.load.recorded_at)
                made.append({"key": key, "valid_from": piece.start, "known_from": known_from})
            gone += [{**_place(key, piece, have[piece]), "known_from": latest} for piece in old]
        for text, rows_ in ((statements.backdate_retraction(edge), gone), (statements.backdate_creation(edge), made)):
            if rows_:
                self._backdated.append((text, {"rows": rows_, "at": self.load.recorded_at}))

    async def finish(self, undoes: Known | None = None) -> None:
        """Shows the load to readers, in one transaction with all that became known before it; ``undoes`` no longer counts."""
        await self.settle_events()
        work = [
            *await self.knows.keep_up(),
            *self._backdated,
            (statements.FINISH_LOAD, {"id": self.load.id, "at": max(now(), self.load.recorded_at)}),
        ]
        if undoes:
            work += [(statements.UNLOADED, {"id": undoes.id, "at": self.load.recorded_at}), (statements.FORGET_SAID, {"id": undoes.id})]
            work += self._undecided(undoes)
        await self.conclude(work)

    async def settle_events(self) -> None:
        """Writes what changes of interactions a little before the end, since who knows whom is summed from them as they stand."""
        await self.flush()
        for text, name, piece in self._pieces(["Interaction"]):
            await self.write([(text, {name: piece})])
        self._changed.pop("Interaction", None)
        self._forgotten.pop("Interaction", None)

    async def remember(self, rows: Sequence[dict[str, Any]]) -> None:
        """Writes of records what is given."""
        if rows:
            self._labels.add("Record")
        for piece in batches(rows):
            await self._queue([(statements.SET_RECORDS, {"rows": piece})], len(piece))

    def find_by(self, label: str, names: Mapping[str, Sequence[str] | None]) -> None:
        """Notes by which names records are found, for the end of the load: until then nobody is to find by them."""
        self._found_by += [{"id": id_, "label": label, "names": each} for id_, each in names.items()]

    def _pieces(self, labels: Iterable[str]) -> list[tuple[str, str, list[Any]]]:
        """What is left to be written of the things of these labels, and who is forgotten. What things name is what it is now."""
        changes: list[tuple[str, str, Sequence[Any]]] = []
        for label in labels:
            changes.append((statements.upsert_nodes(NODE[label]), "rows", self.resolved(label, self._changed[label].values())))
            changes.append((statements.forget_nodes(NODE[label]), "ids", sorted(self._forgotten[label])))
        return [(text, name, piece) for text, name, rows in changes for piece in batches(rows, BATCH)]

    async def conclude(self, work: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """The last of the write: what changes of things and ``work``, in one transaction of at most ``BATCH`` things. More go in others before it."""
        await self.flush()
        pieces = [(statements.FIND_RECORDS_BY, "rows", piece) for piece in batches(self._found_by)]
        pieces += self._pieces(list({**self._changed, **self._forgotten}))
        first, room = len(pieces), BATCH
        while first and len(pieces[first - 1][2]) <= room:
            first -= 1
            room -= len(pieces[first][2])
        for text, name, piece in pieces[:first]:
            await self.write([(text, {name: piece})])
        await self.write([*((text, {name: piece}) for text, name, piece in pieces[first:]), *work])

    async def forget(self) -> None:
        """Leaves nothing of a write that never finished but its number, which is spent."""
        given = {"id": self.load.id, "number": self.number}
        undone = [(text, given) for text in (statements.FORGET_SAID, statements.FORGET_LOAD, statements.SPEND_NUMBER)]
        await self.conclude([*self._undecided(self.load), *undone])

    def _undecided(self, target: Known) -> list[tuple[str, dict[str, Any]]]:
        return [(statements.forget_decisions(type_), {"revision": target.number}) for type_ in (SAME, APART)]

    async def unsay(self, target: Known, rest: list[Known], lonely: Mapping[str, Mapping[str, list[str] | None]]) -> None:
        """Brings facts, things and entities to what ``rest`` says of all that ``target`` spoke of.

        Facts of others end with the ``lonely`` names by which they name things: without ``target`` their rows would have named nothing.
        """
        for about in _facts_of(target):
            said = (await facts_said(self.store, about, [target]))[target]
            journal = await facts_said(self.store, about, [load for load in rest if about in load.abouts])
            keys = set(said) | ({key for told in journal.values() for key in told} if about in target.complete else set())
            want = {key: fold(_statements(key, about, journal)) for key in keys}
            await self._bring(about, await self._difference(EDGE[about.name], await self._standing(about), want, _by_key(journal), Change()))
        for label, ids in lonely.items():
            for piece in batches([{"id": id_, "names": names} for id_, names in ids.items()]):
                given = {"rows": piece, "at": self.load.recorded_at, "open": OPEN_END}
                await self._queue([(statements.retract_hanging(NODE[label]), given)], len(piece))
        await self.flush()
        await self.unsay_things(target, rest, undecided=True)

    async def unsay_things(self, target: Known, rest: list[Known], *, undecided: bool) -> None:
        """Brings entities, and all things of which ``target`` spoke, to what ``rest`` says of them; ``undecided``: what it decided does not count."""
        companies = None
        for label in MERGING:
            companies = await self._unsay_records(label, target, rest, companies, undecided)
        for label in (label for label in _labels(target) if label not in MERGING):
            await self._unsay(label, {word.row.id for word in await things_said(self.store, label, [target])}, rest)

    async def _unsay_records(self, label: str, target: Known, rest: list[Known], companies: Plan | None, undecided: bool) -> Plan:
        """Records say what is left, entities follow, and names that nobody gives any more go."""
        gone = [word.row for word in await things_said(self.store, label, [target])]
        jobs = await jobs_said(self.store, [target]) if label == "Person" else []
        ids = {row.id for row in gone} | {job.from_ref for job in jobs}
        before = await records(self.store, label, ids)
        others = [word.row for word in await things_said(self.store, label, rest) if word.row.id in ids] if ids else []
        left = [job for job in await jobs_said(self.store, rest) if job.from_ref in ids] if jobs or (gone and label == "Person") else []
        spoken = {row.id for row in others}
        told = said_of(label, others, left)
        will = {id_: told[id_] if id_ in spoken else None for id_ in ids}
        again = await employees(self.store, companies) if companies else set()
        made = await plan(
            self.store,
            label,
            will,
            target.number,
            self.matching,
            again=again,
            employers=Employers(self.store, companies),
            around=target.number,
            undecided=undecided,
        )
        await bring(self, made, rest)
        names = {(name, row.id) for row in others for name in (*row.aliases, row.id)}
        stale = {(name, row.id) for row in gone for name in (*row.aliases, row.id)} - names
        for piece in batches([{"name": name, "record": record, "label": label} for name, record in sorted(stale)]):
            await self.write([(statements.FORGET_ALIASES, {"rows": piece})])
        self.references.point(label, {id_: known.entity for id_, known in before.items() if id_ not in made.stand})
        await self._unsay(label, ids, rest)
        return made

    async def _unsay(self, label: str, ids: set[str], rest: list[Known]) -> None:
        """Things get the attributes that ``rest`` gives them; those of which it does not speak go."""
        if label == GROUP:
            await self.references.find(label, ids)
        entities = {self.references.id(label, id_) for id_ in ids}
        told = await self.words(label, entities, rest) if entities else []
        of = partial(self.references.id, label)
        wanted = _wanted(label, told, of)
        changes = await self.unsettled(label, wanted, whole=True, since=known_since(told, of))
        rows = [*changes.new, *changes.changed]
        self.knows.heed_nodes(label, rows)
        self._changed[label] |= {row["id"]: row for row in rows}
        self._forgotten[label] |= entities - wanted.keys()


def _wanted(label: str, told: Iterable[Word], of: Callable[[str], str]) -> dict[str, dict[str, Any]]:
    """Thing -> its attributes by these words; a default group is its company's, by whatever name a row calls that."""
    if label == GROUP:
        told = [
            word._replace(row=word.row._replace(values={**word.row.values, "company_id": of(word.row.id)})) if is_default(word.row) else word
            for word in told
        ]
    return winners(told, of)


def _named(value: Any) -> list[str]:
    """The references that an attribute holds: one, several or none."""
    return value if isinstance(value, list) else [value] if value else []


def as_written(node: Node, values: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes with what was written where they name other things."""
    written = {name: values[written_as(name)] for name in node.refers if values.get(written_as(name))}
    apart = {written_as(name) for name in node.refers}
    return {name: value for name, value in {**values, **written}.items() if name not in apart}


def _place(key: str, piece: Piece, recorded: int) -> dict[str, Any]:
    return {"key": key, "recorded_at": recorded, "valid_from": piece.start}


def _statements(key: str, about: About, journal: Mapping[Known, Mapping[str, Sequence[FactRow]]]) -> Iterator[Statement]:
    """Every known load's word on a key; a complete load that does not name it says that it is absent."""
    for load, told in journal.items():
        if key in told:
            yield Statement(load.as_of, load.recorded_at, tuple(row.said for row in told[key]))
        elif about in load.complete:
            yield Statement(load.as_of, load.recorded_at, ())


def _by_key(journal: Mapping[Known, Mapping[str, Sequence[FactRow]]]) -> dict[str, list[FactRow]]:
    rows: dict[str, list[FactRow]] = defaultdict(list)
    for told in journal.values():
        for key, given in told.items():
            rows[key] += given
    return rows


def _refuse_ending(about: About, ended: int, standing: int) -> None:
    if ended > max(FACTS_ENDED, SHARE_ENDED * standing):
        raise EndRefused(
            f"{about.origin}: {ended} of {standing} facts are not in these files and would end. If the files do hold all of them, add --force.",
            origin=about.origin,
        )


def _noting(own: set[str], things: Iterable[ThingRow]) -> Iterator[ThingRow]:
    """The rows, whose ids are noted."""
    for row in things:
        own.add(row.id)
        yield row


def _sift(node: Node, batch: Things, stand: Mapping[str, int], at: int) -> tuple[list[dict[str, Any]], list[int]]:
    """New things with all their properties, and where rows need a closer look; the others stand as they are said."""
    twice = {thing for thing, following in pairwise(batch.things) if thing == following}
    new, odd = list[int](), list[int]()
    for place, (thing, id_, mark) in enumerate(zip(batch.things, batch.ids, batch.digests, strict=True)):
        stood = stand.get(thing)
        if thing in twice or (node.label == GROUP and thing != id_) or (stood is not None and stood != mark):
            odd.append(place)
        elif stood is None:
            new.append(place)
    given, defaults = orjson.loads(b"[" + b",".join(batch.values[place] for place in new) + b"]"), node.defaults
    rows = [
        {**defaults, **values, "id": batch.things[place], "digest": batch.digests[place], "since": at}
        for place, values in zip(new, given, strict=True)
    ]
    return rows, odd


def _tally(stands: Standing, want: Pieces, said: Container[str]) -> Tally:
    tally = Tally()
    for key, pieces in want.items():
        have = stands.line(key)
        if list(pieces) == have:
            tally.unchanged += key in said
        elif key not in said:
            tally.ended += 1
        elif have:
            tally.changed += 1
        else:
            tally.created += 1
    return tally


@contextlib.asynccontextmanager
async def open_ledger(
    store: Store,
    lease: Lease,
    *,
    source: str,
    kinds: Sequence[str],
    as_of: int | None,
    abouts: Iterable[About],
    complete: Iterable[About] = (),
    emptied: Iterable[About] = (),
    matching: Matching,
    undoes: Known | None = None,
    dry: bool = False,
    by_hand: bool = False,
    progress: Progress = lambda *_: None,
) -> AsyncIterator[Ledger]:
    """A numbered write; finished, and so seen by readers, when the block ends well. Without ``as_of`` the files are of now.

    ``by_hand``: a person says it, in a mutation.
    """
    known = await known_loads(store)
    rows = await store.read("load", statements.LAST_LOAD, {"open": OPEN_START})
    number, at = rows[0][0] + 1, max(now(), rows[0][1] + 1)
    load = Known(f"L{number}", source, at if as_of is None else as_of, at, frozenset(abouts), frozenset(complete), frozenset(emptied))
    values = {
        "id": load.id,
        "revision": number,
        "source": source,
        "sources": sorted({about.source for about in load.abouts}),
        "kinds": list(kinds),
        "as_of": load.as_of,
        "recorded_at": at,
        "finished": False,
        "origins": sorted(map(str, load.abouts)),
        "complete": sorted(map(str, load.complete)),
        "emptied": sorted(map(str, load.emptied)),
        **({"undoes": undoes.id} if undoes else {}),
        **({"by_hand": True} if by_hand else {}),
    }
    ledger = Ledger(store, lease, load, known, matching, dry=dry, progress=progress)
    try:
        await ledger.upsert("Load", [values])
        await ledger.flush()
        yield ledger
        await ledger.flush()
    except StoreUnavailable:
        await ledger.rest()
        raise
    except Exception:
        await ledger.rest()
        with contextlib.suppress(DottedlineError):
            await take_back_broken(store, lease, matching)
        raise
    except BaseException:
        await ledger.rest()
        raise
    await ledger.finish(undoes)


async def take_back_broken(store: Store, lease: Lease, matching: Matching) -> list[str]:
    """Undoes what a load that never finished has written, as if it had not begun; what deletes is completed. Returns the ids of such loads."""
    rows = await store.read("load", statements.BROKEN_LOADS, {})
    for *fields, undoes, erasing, letting_go in rows:
        broken = Known.read(*fields)
        if erasing or letting_go:
            ledger = Ledger(store, lease, broken, await known_loads(store), matching)
            await (complete(ledger, erasing) if erasing else let_go(ledger, map(Limit.read, letting_go)))
            await ledger.finish()
            await asyncio.to_thread(forget, store.settings.home)
            continue
        for about in _facts_of(broken):
            given = {"origin": about.origin, "at": broken.recorded_at, "open": OPEN_END}
            edge = EDGE[about.name]
            await lease.write("load", [(statements.undo_creation(edge), given), (statements.undo_retraction(edge), given)])
        known = await known_loads(store)
        ledger = Ledger(store, lease, broken, known, matching)
        undone = next((load for load in known if load.id == undoes), None)
        await ledger.unsay_things(undone or broken, known, undecided=undone is None)
        await ledger.settle_events()
        await ledger.knows.restore()
        await ledger.forget()
    return [row[0] for row in rows]


async def unfinished_loads(store: Store) -> list[Known]:
    """The load that is under way, or broke off and was not taken back yet; readers see nothing of it."""
    return [Known.read(*fields) for *fields, _, _, _ in await store.read("loads", statements.BROKEN_LOADS, {})]


async def unload(
    store: Store, given: str, matching: Matching, progress: Progress = lambda *_: None, waiting: Callable[[str], None] = lambda holder: None
) -> list[Known]:
    """Takes back one load by its id or number, or all of a source. Returns what was taken back. Raises NotFound, InvalidInput.

    What took a load back is not taken back itself: the journal of the load that it undid is gone, so that nothing would come back.
    """
    async with turn(store, waiting) as lease:
        await take_back_broken(store, lease, matching)
        known = await known_loads(store)
        undone = dict(await store.read("load", statements.TAKE_BACKS, {}))
        named = [load for load in known if given in (load.id, load.id.removeprefix("L"))]
        if named and named[0].id in undone:
            gone = undone[named[0].id]
            raise InvalidInput(f"{named[0].id} took {gone} back, and {gone}'s rows are gone. Load its files again.", argument="load")
        targets = named or [load for load in known if load.source == given and load.id not in undone]
        if not targets:
            raise NotFound(f"No load or source {given!r} stands. `dottedline loads` lists them.", argument="load")
        for target in reversed(targets):
            rest = [load for load in await known_loads(store) if load.id != target.id]
            lonely = await _lonely(store, target, rest)
            hanging: set[About] = set()
            for label, ids in lonely.items():
                for piece in batches(ids):
                    rows = await store.read("unload", statements.hanging(NODE[label]), {"ids": piece, "open": OPEN_END})
                    hanging |= set(map(About.read, rows[0][0]))
            abouts = target.abouts | hanging
            opened = open_ledger(
                store, lease, source=target.source, kinds=[], as_of=None, abouts=abouts, matching=matching, undoes=target, progress=progress
            )
            async with opened as ledger:
                await ledger.unsay(target, rest, lonely)
        return targets


async def _lonely(store: Store, target: Known, rest: list[Known]) -> dict[str, dict[str, list[str] | None]]:
    """Label -> things that bear names which only ``target`` gives -> these names; None where nobody else speaks of the thing at all."""
    lonely: dict[str, dict[str, list[str] | None]] = {}
    for label in _labels(target):
        mine = [word.row for word in await things_said(store, label, [target])]
        others = [word.row for word in await things_said(store, label, rest)]
        references = Reference(store)
        if label in (*MERGING, GROUP):
            await references.find(label, {row.id for row in (*mine, *others)})
        spoken = {references.id(label, row.id) for row in others}
        names = _names(mine) - _names(others)
        found: dict[str, list[str] | None] = {}
        for row in mine:
            thing = references.id(label, row.id)
            if thing not in spoken:
                found[thing] = None
            elif label in MERGING and (lost := sorted(names & {row.id, *row.aliases})):
                found[thing] = sorted({*(found.get(thing) or ()), *lost})
        lonely[label] = found
    return lonely


def _names(rows: Iterable[ThingRow]) -> set[str]:
    return {name for row in rows for name in (row.id, *row.aliases)}


def _labels(load: Known) -> list[str]:
    return sorted({about.name for about in load.abouts} & set(NODE))


def _facts_of(load: Known) -> list[About]:
    return sorted(about for about in load.abouts if about.name in EDGE)
