"""One numbered write: what a load says goes into the journal, and facts and things become what all known loads say.

Readers see nothing of it until it is finished. One that broke off is taken back by the next.
"""

import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from graph import statements
from graph.entities import APART, GROUP, SAME, Employers, Plan, bring, employees, is_default, plan, records
from graph.erasure import complete
from graph.errors import DottedlineError, EndRefused, NotFound, StoreUnavailable
from graph.identity import MERGING, Matching, said_of
from graph.instants import OPEN_END, OPEN_START, now
from graph.journal import BATCH, About, FactRow, Known, ThingRow, Word, batches, digest, known_since, pack, winners
from graph.knows import Knows
from graph.lease import Lease, turn
from graph.model import EDGE, NODE, Edge, Node, written_as
from graph.said import JOB, facts_said, jobs_said, known_loads, things_said
from graph.store import Store
from graph.timeline import Piece, Statement, fold, paint

FORGOTTEN = 0
"""How the digest reads of a thing of which nobody speaks any more and on which facts once hung, until a load that speaks of it again has ended."""
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
        self._ids: dict[str, dict[str, str | None]] = defaultdict(dict)
        self.several: dict[str, dict[str, list[str]]] = defaultdict(dict)
        self._entities: dict[str, dict[str, str]] = defaultdict(dict)
        self._groups: dict[str, str] = {}

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
            for name, group, written in (await self._store.read("load", statements.GROUPS_OF_OPPORTUNITIES, {"names": lost}))[0][0]:
                ids[name], self._groups[name] = group, written

    def learn(self, label: str, name: str, id_: str) -> None:
        """Another name of a thing, as the files under way give it."""
        self._ids[label][name] = self.id(label, id_)
        self.several[label].pop(name, None)

    def learn_group(self, opportunity: str, group: str) -> None:
        """The group that an opportunity has, as the files under way write it."""
        self.learn("BuyingGroup", opportunity, group)
        self._groups[opportunity] = group

    def point(self, label: str, entities: Mapping[str, str]) -> None:
        """Names, and the entities that bear them from now on."""
        self._entities[label].update(entities)

    def known(self, label: str, name: str) -> bool:
        """Whether the graph knows it, and as one thing."""
        return self._ids[label].get(name) is not None

    def candidates(self, label: str, name: str) -> list[str]:
        """What a name may mean in the graph: the thing whose id it is, else those whose alias it is."""
        found = self._ids[label].get(name)
        return [found] if found is not None else self.several[label].get(name, [])

    def owned(self, label: str, name: str) -> bool:
        """Whether something in the graph bears it as its own id, and not as an alias."""
        return self._ids[label].get(name) == name

    def id(self, label: str, name: str) -> str:
        """The id; the name itself where the graph does not know it yet. A default group bears the id of its company."""
        entities = self._entities[label]
        if name in entities:
            return entities[name]
        found = self._ids[label].get(name)
        if found is None and label == "BuyingGroup":
            return self.id("Company", name)
        return entities.get(found or name, found or name)

    def group(self, name: str) -> str:
        """The buying group that a reference means, as it was written: an opportunity's where it has one, so that both names tell the same fact."""
        return self._groups.get(name, name)


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
        self.revived: dict[About, set[str]] = defaultdict(set)
        self._known_again: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._backdated: list[tuple[str, dict[str, Any]]] = []
        self._changed: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        self._forgotten: dict[str, set[str]] = defaultdict(set)

    async def say_facts(
        self, about: About, rows: Sequence[FactRow], *, spared: Collection[str] = (), absent: Collection[str] = (), force: bool = False
    ) -> Tally:
        """One origin's word on its facts of one type; rows of one key do not overlap. Raises EndRefused before anything is written.

        A complete load ends the keys that it does not name, but for the ``spared``: it says nothing of these. Any load ends the ``absent`` ones
        that it does not name. Keys that are ``revived`` come back uncounted. ``moved_up`` counts the keys that changed, as their rows say, before
        something that was already recorded of them.
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
        revived = self.revived.get(about, set())
        if not revived and all(load.as_of < self.load.as_of for load in earlier):
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
            keys = {key for told in journal.values() for key in told} if complete else {*said, *absent, *revived}
            want = {key: fold(_statements(key, about, journal)) for key in keys}
            by_value |= {(row.key, row.digest): row for told in journal.values() for given in told.values() for row in given}
        tally = _tally(stands, {key: pieces for key, pieces in want.items() if key in said or key not in revived}, set(said))
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

    async def say_things(self, label: str, said: Mapping[About, Sequence[ThingRow]], counted: Collection[str]) -> Tally:
        """The load's word on things of a label and their attributes, whoever says it; an attribute that no row gives is left to the others.

        All of a load's words come at once, so that the surest and latest of them wins. The tally is of the things that the ``counted`` ids name.
        """
        of = partial(self.references.id, label)
        given = [Word(self.load, about.origin, row) for about, rows in said.items() for row in rows]
        for about, rows in said.items():
            await self._journal(about, rows)
        told = [word.row for word in given]
        known = [row for row in told if not row.values.get("anonymous")]
        bare = {of(row.id) for row in told if row.values.get("anonymous")} - {of(row.id) for row in known}
        here, earlier = len(given), [load for load in self.known if label in _labels(load)]
        if any(load.as_of >= self.load.as_of for load in earlier) or any(row.confidence < 1 for row in known):
            given += await self.words(label, {of(row.id) for row in told}, earlier)
        whole = len(given) > here
        wanted = {of(id_) for id_ in counted}
        changes = await self.unsettled(label, _wanted(label, given, of), counted=wanted, whole=whole, bare=set() if whole else bare)
        await self.upsert(label, self.resolved(label, changes.new))
        self.knows.heed_nodes(label, changes.changed)
        self._changed[label] |= {row["id"]: row for row in changes.changed}
        self._known_again[label] += [{"id": id_, "names": None} for id_ in changes.forgotten]
        for piece in batches(changes.forgotten):
            await self.write([(statements.wake_nodes(NODE[label]), {"ids": piece})])
        if label in MERGING:
            await self._alias(label, {(name, row.id) for row in told for name in row.aliases if name != row.id} | {(row.id, row.id) for row in told})
        spoken = {of(row.id) for row in told if row.known_from is not None}
        dated = known_since((word for word in given[:here] if of(word.row.id) in spoken), of)
        for known_from in batches([{"id": id_, "known_from": at} for id_, at in sorted(dated.items())]):
            self._backdated.append((statements.backdate_nodes(NODE[label]), {"rows": known_from}))
        return changes.tally

    async def revive(self) -> None:
        """Once all things are told: finds what others say of those that had been forgotten, so that ``say_facts`` brings it back, origin by origin.

        Where nothing had been forgotten, this costs nothing.
        """
        for label, rows in self._known_again.items():
            for piece in batches(rows):
                for about, key in (await self.store.read("load", statements.once_hanging(NODE[label]), {"rows": piece}))[0][0]:
                    self.revived[About.read(about)].add(key)
        if not self.revived.keys() <= self.load.abouts:
            self.load = self.load._replace(abouts=self.load.abouts.union(self.revived))
            await self.write([(statements.MORE_ORIGINS, {"id": self.load.id, "origins": sorted(map(str, self.load.abouts))})])

    async def words(self, label: str, entities: Iterable[str], loads: Sequence[Known]) -> list[Word]:
        """What these loads say of these things; ``references`` know their ids afterwards."""
        told = await things_said(self.store, label, loads)
        wanted = set(entities)
        if label in MERGING:
            for ids in batches(sorted(wanted)):
                rows = await self.store.read("load", statements.RECORDS_OF_ENTITIES, {"ids": ids, "label": label})
                self.references.point(label, dict(rows[0][0]))
        elif label == GROUP:
            await self.references.find(label, {word.row.id for word in told})
        return [word for word in told if self.references.id(label, word.row.id) in wanted]

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
            rows = await self.store.read("load", statements.digests_of(node), {"ids": ids})
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

    async def _alias(self, label: str, aliases: set[tuple[str, str]]) -> None:
        """Names that records bring; a record's own id is one where it belongs to another entity."""
        of = {record: self.references.id(label, record) for _, record in aliases}
        wanted = {(name, record) for name, record in aliases if name != of[record]}
        have: set[tuple[str, str]] = set()
        for names in batches(sorted({name for name, _ in wanted})):
            rows = await self.store.read("load", statements.NAMES_OF_ALIASES, {"names": names})
            have |= {(name, record) for name, record, of_label in rows[0][0] if of_label == label}
        await self.upsert(
            "Alias", [{"name": name, "record": record, "label": label, "entity_id": of[record]} for name, record in sorted(wanted - have)]
        )

    async def identify(self, things: Mapping[About, Sequence[ThingRow]], facts: Mapping[About, Sequence[FactRow]]) -> dict[str, Plan]:
        """Decides, before anything is written, whom the records of a load are one with; ``references`` know it afterwards.

        Returns label -> plan, to be carried out by ``settle`` once the load's words are written.
        """
        plans: dict[str, Plan] = {}
        for label in MERGING:
            rows = [row for about, given in things.items() if about.name == label for row in given]
            jobs = [row for about, given in facts.items() if (about.name, label) == (JOB, "Person") for row in given]
            companies = plans.get("Company") if label == "Person" else None
            again = await employees(self.store, companies) if companies else set()
            if not rows and not jobs and not again:
                continue
            told = said_of(label, rows, jobs)
            stood = await records(self.store, label, told)
            own = {row.id for row in rows}
            said = {id_: stood[id_].says.joined(says) if id_ in stood else says for id_, says in told.items() if id_ in stood or id_ in own}
            employers = Employers(self.store, companies)
            plans[label] = await plan(self.store, label, said, self.number, self.matching, again=again, employers=employers)
            self.references.point(label, plans[label].joins)
        await self._note_known_again(plans)
        return plans

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
        self.knows.heed_nodes(label, rows)
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
        self.knows.heed_facts(edge.type, made)
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
        for text, name, piece in self._pieces(["Interaction"]):
            await self.write([(text, {name: piece})])
        self._changed.pop("Interaction", None)
        self._forgotten.pop("Interaction", None)

    def _pieces(self, labels: Iterable[str]) -> list[tuple[str, str, list[Any]]]:
        """What is left to be written of the things of these labels, and who is forgotten. What things name is what it is now."""
        changes: list[tuple[str, str, Sequence[Any]]] = []
        for label in labels:
            changes.append((statements.upsert_nodes(NODE[label]), "rows", self.resolved(label, self._changed[label].values())))
            changes.append((statements.forget_nodes(NODE[label]), "ids", sorted(self._forgotten[label])))
        return [(text, name, piece) for text, name, rows in changes for piece in batches(rows)]

    async def conclude(self, work: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """The last of the write: what changes of things and ``work``, in one transaction of at most ``BATCH`` things. More go in others before it."""
        pieces = self._pieces(list({**self._changed, **self._forgotten}))
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

    async def unsay(self, target: Known, rest: list[Known], lonely: Mapping[str, Mapping[str, list[str] | None]]) -> None:
        """Brings facts, things and entities to what ``rest`` says of all that ``target`` spoke of.

        Facts of others end with the ``lonely`` names by which they name things: without ``target`` their rows would have named nothing.
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
            for piece in batches([{"id": id_, "names": names} for id_, names in ids.items()]):
                given = {"rows": piece, "at": self.load.recorded_at, "open": OPEN_END}
                await self.write([(statements.retract_hanging(NODE[label]), given)])
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
    matching: Matching,
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
    ledger = Ledger(store, lease, load, known, matching, dry=dry, progress=progress)
    await ledger.upsert("Load", [values])
    try:
        yield ledger
    except StoreUnavailable:
        raise
    except Exception:
        with contextlib.suppress(DottedlineError):
            await take_back_broken(store, lease, matching)
        raise
    await ledger.finish(undoes)


async def take_back_broken(store: Store, lease: Lease, matching: Matching) -> list[str]:
    """Undoes what a load that never finished has written, as if it had not begun; an erasure is completed. Returns the ids of such loads."""
    rows = await store.read("load", statements.BROKEN_LOADS, {})
    for *fields, undoes, erasing in rows:
        broken = Known.read(*fields)
        if erasing:
            ledger = Ledger(store, lease, broken, await known_loads(store), matching)
            await complete(ledger, erasing)
            await ledger.finish()
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
    return [Known.read(*fields) for *fields, _, _ in await store.read("loads", statements.BROKEN_LOADS, {})]


async def unload(
    store: Store, given: str, matching: Matching, progress: Progress = lambda *_: None, waiting: Callable[[str], None] = lambda holder: None
) -> list[Known]:
    """Takes back one load by its id or number, or all of a source. Returns what was taken back. Raises NotFound."""
    async with turn(store, waiting) as lease:
        await take_back_broken(store, lease, matching)
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
