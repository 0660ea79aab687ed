"""One numbered write: what a load says goes into the journal, and facts and things become what all known loads say.

Readers see nothing of it until it is finished. One that broke off is taken back by the next.
"""

import contextlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from graph import statements
from graph.errors import DottedlineError, EndRefused, NotFound, StoreUnavailable
from graph.instants import OPEN_END, OPEN_START, now
from graph.journal import About, FactRow, Known, ThingRow, Word, digest, known_since, pack, standing, unpack_facts, unpack_things, winners
from graph.lease import Lease, turn
from graph.model import EDGE, NODE, Edge
from graph.store import Store
from graph.timeline import Piece, Statement, fold, paint

T = TypeVar("T")
BATCH = 10_000
SHARE_ENDED, FACTS_ENDED = 0.2, 20
"""A complete load may end this share or so many facts of a kind without being forced (contract section 1)."""

Progress = Callable[[str, int, int], None]
Pieces = Mapping[str, Sequence[Piece]]


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


@dataclass(slots=True)
class Standing:
    """What one origin holds true now: key -> piece -> when it was recorded."""

    pieces: dict[str, dict[Piece, int]] = field(default_factory=lambda: defaultdict(dict))

    def line(self, key: str) -> list[Piece]:
        """The key's pieces in order; empty for a key that does not stand."""
        return sorted(self.pieces.get(key, {}))


def batches(rows: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """Rows in pieces of ``size``."""
    each = iter(rows)
    while piece := list(islice(each, size)):
        yield piece


async def known_loads(store: Store) -> list[Known]:
    """The loads that count, the oldest first."""
    return [Known.read(*row) for row in await store.read("load", statements.KNOWN_LOADS, {})]


async def _said(store: Store, name: str, origin: str | None, loads: Iterable[Known]) -> list[tuple[Known, str, bytes]]:
    by_id = {load.id: load for load in loads}
    rows = await store.read("load", statements.SAID, {"about": name, "origin": origin, "loads": list(by_id)})
    return [(by_id[id_], origin, blob) for id_, origin, blob in rows]


async def facts_said(store: Store, about: About, loads: Iterable[Known]) -> dict[Known, dict[str, list[FactRow]]]:
    """Load -> key -> its rows."""
    loads = list(loads)
    journal: dict[Known, dict[str, list[FactRow]]] = {load: defaultdict(list) for load in loads}
    for load, _, blob in await _said(store, *about, loads):
        for row in unpack_facts([blob]):
            journal[load][row.key].append(row)
    return journal


async def things_said(store: Store, label: str, loads: Iterable[Known]) -> list[Word]:
    """Every word of these loads on things of a label, whoever says it."""
    return [Word(load, origin, row) for load, origin, blob in await _said(store, label, None, loads) for row in unpack_things([blob])]


class Reference:
    """What ids and aliases name in the graph, asked once each. ``several``: label -> the aliases of several things -> these."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ids: dict[str, dict[str, str | None]] = defaultdict(dict)
        self.several: dict[str, dict[str, list[str]]] = defaultdict(dict)

    async def find(self, label: str, names: Iterable[str]) -> None:
        """Looks up what is not looked up yet."""
        ids = self._ids[label]
        new = sorted({name for name in names if name not in ids})
        for piece in batches(new):
            for name, found in (await self._store.read("load", statements.named(NODE[label]), {"names": piece}))[0][0]:
                ids[name] = found[0] if len(found) == 1 else None
                if len(found) > 1:
                    self.several[label][name] = sorted(found)
        if label == "BuyingGroup" and (lost := [name for name in new if ids[name] is None]):
            await self.find("Company", lost)
            ids.update((await self._store.read("load", statements.GROUPS_OF_OPPORTUNITIES, {"names": lost}))[0][0])

    def learn(self, label: str, name: str, id_: str) -> None:
        """Another name of a thing, as the files under way give it."""
        self._ids[label][name] = self.id(label, id_)
        self.several[label].pop(name, None)

    def known(self, label: str, name: str) -> bool:
        """Whether the graph knows it, and as one thing."""
        return self._ids[label].get(name) is not None

    def candidates(self, label: str, name: str) -> list[str]:
        """What a name may mean in the graph: the thing whose id it is, else those whose alias it is."""
        found = self._ids[label].get(name)
        return [found] if found is not None else self.several[label].get(name, [])

    def id(self, label: str, name: str) -> str:
        """The id; the name itself where the graph does not know it yet. A default group bears the id of its company."""
        found = self._ids[label].get(name)
        if found is None and label == "BuyingGroup":
            found = self._ids["Company"].get(name)
        return found or name

    def group(self, name: str) -> str:
        """The buying group that a reference means: an opportunity's where it has one, so that both names tell the same fact."""
        return self._ids["BuyingGroup"].get(name) or name


class Ledger:
    """One numbered write under way. ``dry`` counts and writes nothing."""

    def __init__(
        self, store: Store, lease: Lease, load: Known, number: int, known: list[Known], *, dry: bool = False, progress: Progress = lambda *_: None
    ) -> None:
        self.store, self.lease, self.load, self.number, self.known = store, lease, load, number, known
        self.dry, self.progress = dry, progress
        self.references = Reference(store)
        self.moved_up = 0
        self.held = Counter[str]()
        self._backdated: list[tuple[str, dict[str, Any]]] = []
        self._changes: list[tuple[str, str, list[Any]]] = []

    async def say_facts(
        self, about: About, rows: Sequence[FactRow], *, spared: Collection[str] = (), absent: Collection[str] = (), force: bool = False
    ) -> Tally:
        """One origin's word on its facts of one type; rows of one key do not overlap. Raises EndRefused before anything is written.

        A complete load ends the keys that it does not name, but for the ``spared``: it says nothing of these. Any load ends the ``absent`` ones
        that it does not name. ``moved_up`` counts the keys that changed, as their rows say, before something that was already recorded of them.
        """
        edge = EDGE[about.name]
        said: dict[str, list[FactRow]] = defaultdict(list)
        for row in rows:
            said[row.key].append(row)
        stands = await self._standing(edge, about.origin)
        complete = about in self.load.complete
        silent = [FactRow.silent(key) for key in sorted(spared) if key not in said] if complete else []
        silent += [FactRow.absent(key, self.load.as_of) for key in sorted(absent) if key not in said]
        earlier = [load for load in self.known if about in load.abouts]
        by_value = {(row.key, row.digest): row for row in rows}
        if all(load.as_of < self.load.as_of for load in earlier):
            spoken = any(about in load.complete for load in earlier)
            emptied = [] if spoken or said.keys() <= stands.pieces.keys() else [load for load in earlier if about in load.emptied]
            before = {*stands.pieces, *(key for told in (await facts_said(self.store, about, emptied)).values() for key in told)}
            want = {
                key: paint(stands.line(key), spoken or key in before, self.load.as_of, [row.said for row in given]) for key, given in said.items()
            }
            ending = [key for key in stands.pieces if key not in said and (key in absent or (complete and key not in spared))]
            want |= {key: paint(stands.line(key), True, self.load.as_of, ()) for key in ending}
        else:
            journal = await facts_said(self.store, about, earlier)
            journal[self.load] = {**said, **{row.key: [row] for row in silent}}
            keys = {key for told in journal.values() for key in told} if complete else {*said, *absent}
            want = {key: fold(_statements(key, about, journal)) for key in keys}
            by_value |= {(row.key, row.digest): row for told in journal.values() for given in told.values() for row in given}
        tally = _tally(stands, want, set(said))
        at = self.load.as_of
        standing = sum(any(piece.start <= at < piece.end for piece in pieces) for pieces in stands.pieces.values())
        if not force and tally.ended > max(FACTS_ENDED, SHARE_ENDED * standing):
            raise EndRefused(
                f"{about.origin}: {tally.ended} of {standing} facts are not in these files and would end. "
                "If the files do hold all of them, add --force.",
                origin=about.origin,
            )
        await self._journal(about, [*rows, *silent])
        await self._bring(edge, about.origin, stands, want, by_value)
        await self._backdate(edge, {key: given for key, given in said.items() if any(row.known_from is not None for row in given)}, stands, want)
        return tally

    async def say_things(
        self,
        label: str,
        said: Mapping[About, Sequence[ThingRow]],
        counted: Collection[str],
        *,
        spared: Mapping[About, Collection[str]] | None = None,
        force: bool = False,
    ) -> Tally:
        """The load's word on things of a label and their attributes, whoever says it; an attribute that no row gives is left to the others.

        All of a load's words come at once, so that the surest and latest of them wins. The tally is of the ``counted`` ids. What an origin said of
        things that a complete load of it does not name no longer counts, but for the ``spared`` and for those on which facts hang; ``held`` counts
        these a kind. Raises EndRefused before anything is written.
        """
        given = [Word(self.load, about.origin, row) for about, rows in said.items() for row in rows]
        earlier = [load for load in self.known if label in _labels(load)]
        complete = [about for about in said if about in self.load.complete]
        ended: set[str] = set()
        counting, slow = (
            given,
            bool(complete) or any(load.as_of >= self.load.as_of for load in earlier) or any(word.row.confidence < 1 for word in given),
        )
        if slow:
            told = await things_said(self.store, label, earlier)
            silent = await self._silent(label, told, said, complete, spared or {})
            said = {about: [*rows, *map(ThingRow.silent, sorted(silent.get(about, ())))] for about, rows in said.items()}
            words = [*told, *(Word(self.load, about.origin, row) for about, rows in said.items() for row in rows)]
            mine = {word.row.id for word in standing(told, earlier, label) if About(label, word.origin) in complete}
            touched = {word.row.id for word in given} | mine
            counting = [word for word in standing(words, [*earlier, self.load], label) if word.row.id in touched]
            ended = mine - {word.row.id for word in counting}
            if not force and len(ended) > max(FACTS_ENDED, SHARE_ENDED * len(mine)):
                origins = ", ".join(about.origin for about in complete)
                raise EndRefused(
                    f"{origins}: {len(ended)} of {len(mine)} are not in these files and would end. If the files do hold all of them, add --force.",
                    origin=origins,
                )
        for about, rows in said.items():
            await self._journal(about, rows)
        tally = await self._settle(label, winners(counting), counted, whole=slow)
        tally.ended = len(ended)
        self._changes.append((statements.forget_nodes(NODE[label]), "ids", sorted(ended)))
        await self._alias(label, {(name, row.id) for rows in said.values() for row in rows for name in row.aliases if name != row.id})
        spoken = {row.id for rows in said.values() for row in rows if row.known_from is not None}
        known = known_since(word for word in given if word.row.id in spoken)
        for ids in batches(sorted(spoken)):
            rows_ = [{"id": id_, "known_from": known[id_]} for id_ in ids]
            self._backdated.append((statements.backdate_nodes(NODE[label]), {"rows": rows_}))
        return tally

    async def _silent(
        self,
        label: str,
        told: Sequence[Word],
        said: Mapping[About, Sequence[ThingRow]],
        complete: Sequence[About],
        spared: Mapping[About, Collection[str]],
    ) -> dict[About, set[str]]:
        """Of which things each complete origin says nothing, instead of saying that they are no more."""
        found: dict[About, set[str]] = {}
        for about in complete:
            absent = {word.row.id for word in told if word.origin == about.origin} - {row.id for row in said[about]}
            found[about] = absent & set(spared.get(about, ()))
            held: set[str] = set()
            for ids in batches(sorted(absent - found[about])):
                held.update((await self.store.read("load", statements.held(NODE[label]), {"ids": ids, "open": OPEN_END}))[0][0])
            self.held[about.kind] += len(held)
            found[about] |= held
        return found

    async def _settle(
        self, label: str, wanted: Mapping[str, dict[str, Any]], counted: Collection[str] = (), *, whole: bool, since: Mapping[str, int] | None = None
    ) -> Tally:
        """Brings things to the attributes wanted: all they have (``whole``), or beside what they have. The tally is of the ``counted`` ids.

        New things are written now, since facts are to hang on them, and nobody sees them before the load ends; what changes is written at its end.
        Things of ``since`` were known before.
        """
        node, tally, before = NODE[label], Tally(), since or {}
        defaults = {prop.name: prop.default for prop in node.props if prop.default is not None}
        stand: dict[str, int] = {}
        for ids in batches(wanted):
            rows = await self.store.read("load", statements.digests_of(node), {"ids": ids})
            stand |= dict(zip(*rows[0], strict=True))
        props = {id_: {**defaults, **values} for id_, values in wanted.items()}
        marks = {id_: digest(values) for id_, values in props.items()}
        other = [id_ for id_, mark in marks.items() if stand.get(id_) != mark]
        have: dict[str, dict[str, Any]] = {}
        for ids in [] if whole else batches(id_ for id_ in other if stand.get(id_)):
            for found in (await self.store.read("load", statements.values_of(node), {"ids": ids}))[0][0]:
                have[found["id"]] = {name: value for name, value in found.items() if name not in ("id", "digest", "since")}
        new: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        for id_ in other:
            values = {**defaults, **have[id_], **wanted[id_]} if id_ in have else props[id_]
            mark = digest(values) if id_ in have else marks[id_]
            if stand.get(id_) == mark:
                continue
            tally.created += id_ in counted and not stand.get(id_)
            tally.changed += id_ in counted and bool(stand.get(id_))
            row = {"id": id_, **values, "digest": mark, "since": before.get(id_, self.load.recorded_at)}
            (changed if id_ in stand or id_ in before else new).append(row)
        tally.unchanged = len(counted) - tally.created - tally.changed
        await self.upsert(label, new)
        self._changes.append((statements.upsert_nodes(node), "rows", changed))
        return tally

    async def _alias(self, label: str, aliases: set[tuple[str, str]]) -> None:
        have: set[tuple[str, str]] = set()
        for names in batches(sorted({name for name, _ in aliases})):
            rows = await self.store.read("load", statements.NAMES_OF_ALIASES, {"names": names})
            have |= {(name, entity) for name, entity, of in rows[0][0] if of == label}
        await self.upsert("Alias", [{"name": name, "entity_id": entity, "label": label} for name, entity in sorted(aliases - have)])

    async def upsert(self, label: str, rows: list[dict[str, Any]]) -> None:
        """Writes nodes with all their properties."""
        for done, piece in enumerate(batches(rows)):
            self.progress(label, done * BATCH, len(rows))
            await self.write([(statements.upsert_nodes(NODE[label]), {"rows": piece})])

    async def write(self, work: list[tuple[str, dict[str, Any]]]) -> None:
        """One transaction, unless this is dry."""
        if not self.dry:
            await self.lease.write("load", work)

    async def _journal(self, about: About, rows: Sequence[FactRow] | Sequence[ThingRow]) -> None:
        for number, blob in enumerate(pack(rows)):
            said = {"id": f"{self.load.id} {about} {number:06}", "load_id": self.load.id, "about": about.name, "origin": about.origin, "rows": blob}
            await self.write([(statements.upsert_nodes(NODE["Said"]), {"rows": [said]})])

    async def _standing(self, edge: Edge, origin: str) -> Standing:
        rows = await self.store.read("load", statements.current_facts(edge), {"origin": origin, "open": OPEN_END})
        stands = Standing()
        for key, value, first, last, recorded in zip(*rows[0], strict=True):
            stands.pieces[key][Piece(first, last, value)] = recorded
        return stands

    async def _bring(self, edge: Edge, origin: str, stands: Standing, want: Pieces, by_value: Mapping[tuple[str, int], FactRow]) -> None:
        """Retracts what no longer holds and writes what does, a key's both in one transaction."""
        gone: dict[str, list[dict[str, Any]]] = {}
        new: list[tuple[str, Piece]] = []
        for key, pieces in want.items():
            have = stands.pieces.get(key, {})
            if ended := [_place(key, piece, have[piece]) for piece in have if piece not in pieces]:
                gone[key] = ended
            new += [(key, piece) for piece in pieces if piece not in have]
        await self._refer(edge, [by_value[key, piece.value] for key, piece in new if (key, piece.value) in by_value])
        made: dict[str, list[dict[str, Any]]] = defaultdict(list)
        kept: list[tuple[str, Piece, Piece, int]] = []
        for key, piece in new:
            row = by_value.get((key, piece.value))
            if row:
                made[key].append(self._fact(edge, origin, row, piece))
            else:
                was, recorded = next((old, at) for old, at in stands.pieces[key].items() if old.value == piece.value)
                kept.append((key, piece, was, recorded))
        for rows in batches(kept):
            bounds = {(key, recorded, was.start): piece for key, piece, was, recorded in rows}
            found = await self.store.read(
                "load", statements.values_of_facts(edge), {"rows": [_place(key, was, recorded) for key, _, was, recorded in rows]}
            )
            for from_id, to_id, values in found[0][0]:
                piece = bounds[values["key"], values["recorded_at"], values["valid_from"]]
                made[values["key"]].append({"from_id": from_id, "to_id": to_id, "fact": {**values, **self._clocks(piece)}})
        keys = sorted(gone.keys() | made.keys(), key=lambda key: (made[key][0]["from_id"] if key in made else "", key))
        for done, some in enumerate(batches(keys)):
            self.progress(edge.type, done * BATCH, len(keys))
            retracted = [row for key in some for row in gone.get(key, ())]
            written = [row for key in some for row in made.get(key, ())]
            work = [(statements.retract_facts(edge), {"rows": retracted, "at": self.load.recorded_at, "open": OPEN_END})] if retracted else []
            await self.write([*work, (statements.create_facts(edge), {"rows": written})])

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
        given = {key: rows for key, rows in given.items() if stands.pieces.get(key, {}).keys() != set(want[key])}
        for keys in batches(given):
            rows = await self.store.read("load", statements.last_known(edge), {"keys": keys, "at": self.load.recorded_at, "open": OPEN_END})
            last.update(rows[0][0])
        made, gone = [], []
        for key, rows_of_key in given.items():
            spoken = {row.digest: row.known_from for row in rows_of_key if row.known_from is not None}
            latest = max(spoken.values())
            have = stands.pieces.get(key, {})
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
        work = [*self._backdated, (statements.FINISH_LOAD, {"id": self.load.id})]
        if undoes:
            work += [(statements.UNLOADED, {"id": undoes.id, "at": self.load.recorded_at}), (statements.FORGET_SAID, {"id": undoes.id})]
        await self.conclude(work)

    async def conclude(self, work: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """The last of the write: what changes of things and ``work``, in one transaction of at most ``BATCH`` things. More go in others before it."""
        pieces = [(text, name, piece) for text, name, rows in self._changes for piece in batches(rows, BATCH)]
        first, room = len(pieces), BATCH
        while first and len(pieces[first - 1][2]) <= room:
            first -= 1
            room -= len(pieces[first][2])
        for text, name, piece in pieces[:first]:
            await self.write([(text, {name: piece})])
        await self.write([*((text, {name: piece}) for text, name, piece in pieces[first:]), *work])

    def _clocks(self, piece: Piece) -> dict[str, Any]:
        return {
            "valid_from": piece.start,
            "valid_to": piece.end,
            "recorded_at": self.load.recorded_at,
            "retracted_at": OPEN_END,
            "load_id": self.load.id,
        }

    def _fact(self, edge: Edge, origin: str, row: FactRow, piece: Piece) -> dict[str, Any]:
        head = {"key": row.key, "digest": row.digest, "origin": origin, "confidence": row.confidence, "from_ref": row.from_ref, "to_ref": row.to_ref}
        return {
            "from_id": self.references.id(edge.source, row.from_ref),
            "to_id": self.references.id(edge.target, row.to_ref),
            "fact": {**row.values, **head, **self._clocks(piece)},
        }

    async def unsay(self, target: Known, rest: list[Known], lonely: Mapping[str, list[str]]) -> None:
        """Brings facts and things to what ``rest`` says of all that ``target`` spoke of.

        Facts of others end with the ``lonely`` things on which they hang: without ``target`` their rows would have named nothing.
        """
        for about in _facts_of(target):
            said = (await facts_said(self.store, about, [target]))[target]
            journal = await facts_said(self.store, about, [load for load in rest if about in load.abouts])
            keys = set(said) | ({key for told in journal.values() for key in told} if about in target.complete else set())
            want = {key: fold(_statements(key, about, journal)) for key in keys}
            by_value = {(row.key, row.digest): row for told in journal.values() for given in told.values() for row in given}
            edge = EDGE[about.name]
            await self._bring(edge, about.origin, await self._standing(edge, about.origin), want, by_value)
        for label, ids in lonely.items():
            for piece in batches(ids):
                given = {"ids": piece, "at": self.load.recorded_at, "open": OPEN_END}
                await self.write([(statements.retract_hanging(NODE[label]), given)])
        for label in _labels(target):
            await self.unsay_things(label, target, rest)

    async def unsay_things(self, label: str, target: Known, rest: list[Known]) -> None:
        """Brings the things of which ``target`` spoke to what ``rest`` says of them."""
        gone = [word.row for word in await things_said(self.store, label, [target])]
        words = await things_said(self.store, label, rest)
        ended = {word.row.id for word in words if About(label, word.origin) in target.complete}
        touched = {row.id for row in gone} | ended
        others = [word for word in standing(words, rest, label) if word.row.id in touched]
        wanted = winners(others)
        await self._settle(label, wanted, whole=True, since=known_since(others))
        aliases = {(name, word.row.id) for word in others for name in word.row.aliases}
        stale = [
            {"name": name, "entity_id": entity, "label": label}
            for name, entity in sorted({(name, row.id) for row in gone for name in row.aliases} - aliases)
        ]
        for piece in batches(stale):
            await self.write([(statements.FORGET_ALIASES, {"rows": piece})])
        self._changes.append((statements.forget_nodes(NODE[label]), "ids", sorted(touched - wanted.keys())))


def _place(key: str, piece: Piece, recorded: int) -> dict[str, Any]:
    return {"key": key, "recorded_at": recorded, "valid_from": piece.start}


def _statements(key: str, about: About, journal: Mapping[Known, Mapping[str, Sequence[FactRow]]]) -> Iterator[Statement]:
    """Every known load's word on a key; a complete load that does not name it says that it is absent."""
    for load, told in journal.items():
        if key in told:
            yield Statement(load.as_of, load.recorded_at, tuple(row.said for row in told[key]))
        elif about in load.complete:
            yield Statement(load.as_of, load.recorded_at, ())


def _tally(stands: Standing, want: Pieces, said: set[str]) -> Tally:
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
    undoes: Known | None = None,
    dry: bool = False,
    progress: Progress = lambda *_: None,
) -> AsyncIterator[Ledger]:
    """A numbered write; finished, and so seen by readers, when the block ends well. Without ``as_of`` the files are of now."""
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
    }
    ledger = Ledger(store, lease, load, number, known, dry=dry, progress=progress)
    await ledger.upsert("Load", [values])
    try:
        yield ledger
    except StoreUnavailable:
        raise
    except Exception:
        with contextlib.suppress(DottedlineError):
            await take_back_broken(store, lease)
        raise
    await ledger.finish(undoes)


async def take_back_broken(store: Store, lease: Lease) -> list[str]:
    """Undoes what a load that never finished has written, as if it had not begun. Returns the ids of such loads."""
    rows = await store.read("load", statements.BROKEN_LOADS, {})
    for *fields, undoes, number in rows:
        broken = Known.read(*fields)
        for about in _facts_of(broken):
            given = {"origin": about.origin, "at": broken.recorded_at, "open": OPEN_END}
            edge = EDGE[about.name]
            await lease.write("load", [(statements.undo_creation(edge), given), (statements.undo_retraction(edge), given)])
        known = await known_loads(store)
        ledger = Ledger(store, lease, broken, number, known)
        spoke = next((load for load in known if load.id == undoes), broken)
        for label in _labels(broken):
            await ledger.unsay_things(label, spoke, known)
        given = {"id": broken.id, "number": number}
        await ledger.conclude([(text, given) for text in (statements.FORGET_SAID, statements.FORGET_LOAD, statements.SPEND_NUMBER)])
    return [row[0] for row in rows]


async def unfinished_loads(store: Store) -> list[Known]:
    """The load that is under way, or broke off and was not taken back yet; readers see nothing of it."""
    return [Known.read(*fields) for *fields, _, _ in await store.read("loads", statements.BROKEN_LOADS, {})]


async def unload(store: Store, given: str, progress: Progress = lambda *_: None, waiting: Callable[[str], None] = lambda holder: None) -> list[Known]:
    """Takes back one load by its id or number, or all of a source. Returns what was taken back. Raises NotFound."""
    async with turn(store, waiting) as lease:
        await take_back_broken(store, lease)
        known = await known_loads(store)
        targets = [load for load in known if given in (load.id, load.id.removeprefix("L"))] or [load for load in known if load.source == given]
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
            opened = open_ledger(store, lease, source=target.source, kinds=[], as_of=None, abouts=abouts, undoes=target, progress=progress)
            async with opened as ledger:
                await ledger.unsay(target, rest, lonely)
        return targets


async def _lonely(store: Store, target: Known, rest: list[Known]) -> dict[str, list[str]]:
    """Label -> the things of which only ``target`` speaks."""
    lonely: dict[str, list[str]] = {}
    for label in _labels(target):
        others = {word.row.id for word in standing(await things_said(store, label, rest), rest, label)}
        lonely[label] = sorted({word.row.id for word in await things_said(store, label, [target])} - others)
    return lonely


def _labels(load: Known) -> list[str]:
    return sorted({about.name for about in load.abouts} & set(NODE))


def _facts_of(load: Known) -> list[About]:
    return sorted(about for about in load.abouts if about.name in EDGE)
