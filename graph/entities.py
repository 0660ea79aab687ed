"""Brings entities to what records and decisions say: who joins whom, who is parted, and which facts move.

``plan`` reads and decides, ``bring`` writes. Entities that become one are one from a single transaction on, with their facts, names and attributes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from graph import statements
from graph.identity import (
    AUTO,
    DOUBTFUL,
    REVIEW,
    Known,
    Matching,
    Record,
    Rule,
    Says,
    Tie,
    decided,
    entities,
    first_known,
    found_by,
    id_ties,
    key_id,
    record,
    tie,
)
from graph.journal import Known as Load
from graph.journal import ThingRow, batches, by_weight
from graph.model import EDGES, NODE, NODES, TIES
from graph.outbox import Work
from graph.said import things_said
from graph.store import Store

if TYPE_CHECKING:
    from graph.ledger import Ledger

CLAUSES = 1_000
"""So many match keys go into one query: Lucene takes 1,024."""
FACTS = 10_000
"""About so many facts move in one transaction; those of one entity are never parted."""
SAME, APART = (each.type for each in TIES)
GROUP = "BuyingGroup"
"""A company's default group bears the company's id, and goes with it."""
INDEXED = tuple((node.label, name) for node in NODES for name, label in node.refers.items() if label == "Company" and name in node.indexed)
SCANNED = tuple((node.label, name) for node in NODES for name, label in node.refers.items() if (node.label, name) not in INDEXED)
"""Properties that name companies or their groups, and whether an index finds them."""


@dataclass(frozen=True, slots=True)
class Move:
    """Entities that exchange records: for each old id the new one of every reference that goes its own way, and the new one of the rest."""

    refs: Mapping[str, Mapping[str, str]]
    rest: Mapping[str, str]

    @property
    def new(self) -> set[str]:
        """Ids that an entity bears from now on."""
        return {id_ for old, rest in self.rest.items() for id_ in (rest, *self.refs[old].values())}

    @property
    def gone(self) -> set[str]:
        """Ids that no entity bears any more."""
        return self.rest.keys() - self.new

    def target(self, old: str, ref: str) -> str:
        """Where what names ``old`` by this reference belongs; anything else stays where it is."""
        return self.refs[old].get(ref, self.rest[old]) if old in self.rest else old

    def rows(self) -> list[dict[str, Any]]:
        """What the statements that move take: which references go where, and the rest but for these."""
        made: list[dict[str, Any]] = []
        for old, rest in self.rest.items():
            apart = sorted(ref for ref, to in self.refs[old].items() if to != rest)
            for new in sorted({self.refs[old][ref] for ref in apart} - {old}):
                made.append({"from_id": old, "to_id": new, "refs": [ref for ref in apart if self.refs[old][ref] == new], "but": []})
            if rest != old:
                made.append({"from_id": old, "to_id": rest, "refs": None, "but": apart})
        return made


@dataclass(frozen=True, slots=True)
class Plan:
    """What a write does to the entities of one label.

    ``stood`` are the records that it touches as they stand, ``stand`` the same afterwards; of one that is missing nobody speaks any more, and it is
    ``silent`` if a decision names it. Findings and what a person sees of them: ``found`` are new, ``lost`` no longer hold, ``changed`` are seen
    otherwise. ``keys`` are the match keys of the records that were compared anew. All is new of a ``fresh`` one.
    """

    label: str
    stood: Mapping[str, Known]
    stand: Mapping[str, Known]
    found: Sequence[tuple[Tie, float | None]] = ()
    lost: Sequence[Tie] = ()
    changed: Sequence[tuple[Tie, float | None]] = ()
    decisions: Sequence[Tie] = ()
    keys: Mapping[str, list[str]] = field(default_factory=dict)
    silent: frozenset[str] | set[str] = frozenset()
    fresh: bool = False

    @property
    def idle(self) -> bool:
        """Whether all stays as it is."""
        return self.stand is self.stood

    @property
    def joins(self) -> dict[str, str]:
        """Record -> the entity under which its facts are written while this write is under way: the old one where it stands already."""
        return {id_: self.stood[id_].entity if id_ in self.stood else known.entity for id_, known in self.stand.items()}

    @property
    def named_anew(self) -> dict[str, set[str]]:
        """Things that stand already, or may once have stood by themselves -> names that they get."""
        found: dict[str, set[str]] = defaultdict(set)
        if self.idle:
            return found
        standing = {was.entity for was in self.stood.values()}
        for id_, known in self.stand.items():
            new = {id_, *known.says.aliases}
            if id_ in self.stood:
                new -= {id_, *self.stood[id_].says.aliases}
            entity = self.stood[id_].entity if id_ in self.stood else known.entity
            if new and entity in standing:
                for place in {entity, id_}:
                    found[place] |= new
        return dict(found)

    @property
    def merged(self) -> int:
        """How many things that were, or would have been, of their own are one with another now."""
        if self.idle:
            return 0
        units: dict[str, set[str]] = defaultdict(set)
        for id_, known in self.stand.items():
            units[known.entity].add(self.stood[id_].entity if id_ in self.stood else id_)
        return sum(len(each) - 1 for each in units.values())

    def moved(self) -> list[str]:
        """Records that stood and belong to another entity now."""
        return [id_ for id_, was in self.stood.items() if id_ in self.stand and self.stand[id_].entity != was.entity]

    def names(self) -> dict[str, str]:
        """Ids and aliases of its records -> their entity; an alias of several is none."""
        found: dict[str, set[str]] = defaultdict(set)
        for known in self.stand.values():
            for name in known.says.aliases:
                found[name].add(known.entity)
        one = {name: min(entities) for name, entities in found.items() if len(entities) == 1}
        return one | {id_: known.entity for id_, known in self.stand.items()}

    def moves(self) -> list[Move]:
        """Which entities exchange records, each group of them for itself."""
        members: dict[str, list[str]] = defaultdict(list)
        for id_, was in self.stood.items():
            if id_ in self.stand:
                members[was.entity].append(id_)
        orphaned = {id_ for id_, was in self.stood.items() if id_ == was.entity and id_ not in self.stand}
        changing = {self.stood[id_].entity for id_ in self.moved()} | orphaned
        found = []
        for group in _groups([{old, *(self.stand[id_].entity for id_ in members[old])} for old in changing if members[old]]):
            olds = sorted(group & members.keys())
            refs: dict[str, dict[str, str]] = {}
            rest: dict[str, str] = {}
            for old in olds:
                named: dict[str, set[str]] = defaultdict(set)
                for id_ in members[old]:
                    for name in (id_, *self.stand[id_].says.aliases, *self.stood[id_].says.aliases):
                        named[name].add(self.stand[id_].entity)
                heir = old if old in self.stand else first_known({id_: self.stand[id_] for id_ in members[old]})
                rest[old] = self.stand[heir].entity
                refs[old] = {name: min(entities) for name, entities in named.items() if len(entities) == 1}
            found.append(Move(refs, rest))
        return found


def _groups(sets: Iterable[set[str]]) -> list[set[str]]:
    """Sets that share something, as one. The smaller one always joins the larger, so that n members move O(n log n) times."""
    of: dict[str, set[str]] = {}
    for each in sets:
        met = {id(other): other for one in each if (other := of.get(one)) is not None}
        largest = max(met.values(), key=len, default=set())
        for member in chain(each, *(other for other in met.values() if other is not largest)):
            largest.add(member)
            of[member] = largest
    return list({id(group): group for group in of.values()}.values())


async def records(store: Store, label: str, ids: Iterable[str], told: Mapping[str, Says] = MappingProxyType({})) -> dict[str, Known]:
    """Those of these records of which somebody speaks. Where one says what is ``told`` of it, it is not read anew."""
    rows = await _each(store, statements.RECORDS, sorted(set(ids)), label=label)
    return {id_: Known(entity, since, _read(says, told.get(id_))) for id_, entity, since, says in rows}


def _read(text: str, told: Says | None) -> Says:
    return told if told is not None and told.written() == text else Says.read(text)


async def _each(store: Store, text: str, ids: Sequence[str], **given: Any) -> list[list[Any]]:
    """The rows of a read that takes ids and answers one list."""
    found: list[list[Any]] = []
    for piece in batches(ids):
        found += (await store.read("identity", text, {"ids": piece, **given}))[0][0]
    return found


async def sharing(store: Store, keys: Iterable[str]) -> dict[str, set[str]]:
    """Match key -> the records that have it, of those that any has."""
    found: dict[str, set[str]] = {key: set() for key in keys}
    for piece in batches(sorted(found), CLAUSES):
        for id_, has in (await store.read("identity", statements.SHARING_KEYS, {"query": " ".join(f'"{key}"' for key in piece)}))[0][0]:
            for key in found.keys() & has:
                found[key].add(id_)
    return {key: ids for key, ids in found.items() if ids}


class Employers:
    """The names of companies as sources know them, by what rows call them: how people are told apart."""

    def __init__(self, store: Store, companies: Plan | None = None) -> None:
        self._store = store
        stand = companies.stand if companies else {}
        self._names: dict[str, frozenset[str]] = {}
        for _, known in sorted(stand.items(), reverse=True):
            self._names |= dict.fromkeys(known.says.aliases, known.says.names)
        self._names |= {id_: known.says.names for id_, known in stand.items()}

    async def find(self, refs: Iterable[str]) -> None:
        """Looks up what is not known yet."""
        new = set(refs) - self._names.keys()
        found = {id_: known.says.names for id_, known in (await records(self._store, "Company", new)).items()}
        bearing = await _each(self._store, statements.NAMED_RECORDS, sorted(new - found.keys()), label="Company")
        named = await records(self._store, "Company", {id_ for _, id_, _ in bearing})
        found |= {name: named[id_].says.names for name, id_, _ in sorted(bearing, reverse=True) if id_ in named}
        self._names |= {name: found.get(name, frozenset()) for name in new}

    def record(self, label: str, id_: str, says: Says) -> Record:
        """A record as matching wants it. Its companies must have been looked up."""
        return record(label, id_, says, sorted({name for ref in says.companies for name in self._names.get(ref, ())}))


async def employees(store: Store, companies: Plan) -> set[str]:
    """The records of people who work, or worked, at companies that bear other names from now on."""
    renamed = {
        id_: was.entity for id_, was in companies.stood.items() if id_ in companies.stand and companies.stand[id_].says.names != was.says.names
    }
    rows = [{"id": entity, "refs": [id_, *companies.stand[id_].says.aliases]} for id_, entity in sorted(renamed.items())]
    found: set[str] = set()
    for piece in batches(rows):
        found |= set((await store.read("identity", statements.EMPLOYED, {"rows": piece}))[0][0])
    return found


async def plan(
    store: Store,
    label: str,
    said: Mapping[str, Says | None],
    number: int,
    matching: Matching,
    *,
    again: Iterable[str] = (),
    employers: Employers | None = None,
    decisions: Sequence[Tie] = (),
    around: int | None = None,
    undecided: bool = False,
    stood: Mapping[str, Known] | None = None,
) -> Plan:
    """What entities become when these records say this from now on (None: nobody speaks of one), in the write of this number.

    Those of ``again`` are compared anew, though they say what they said. ``decisions`` are new ones. What those of the write ``around`` are about is
    looked at too; ``undecided``: they do not count any more. ``stood`` are the records of ``said`` as they stand, where that is known already.
    """
    fresh = not (await store.read("identity", statements.ANY_RECORD, {}))[0][0]
    named = {id_ for each in decisions for id_ in each.pair} | (set() if around is None else await _decided_in(store, label, around))
    asked = {*again, *named, *(said if stood is None else ())} - (stood or {}).keys()
    stood = {**(stood or {}), **({} if fresh else await records(store, label, asked))}
    changed = {id_: says for id_, says in said.items() if says is not None and (id_ not in stood or stood[id_].says != says)}
    changed |= {id_: stood[id_].says for id_ in again if id_ in stood and id_ not in said}
    silent = {id_ for id_, says in said.items() if says is None and id_ in stood}
    if not (changed or silent or named):
        return Plan(label, stood, stood)
    search = _Search(store, label, matching, employers or Employers(store), fresh, stood, changed, silent)
    found, keys = await search.findings()
    told = await search.closure(found, named)
    stood = search.stood
    before = {each: shown for each, shown in told.items() if not (undecided and each.revision == around)}
    stale = {each for each in before if not each.revision and search.is_anew(each)}
    new = [each for each in found if each not in stale]
    now = [*(each for each in before if each not in stale), *found, *decisions]
    will = {id_: Known("", number, says) for id_, says in changed.items() if id_ not in stood}
    will |= {id_: known._replace(says=changed.get(id_, known.says)) for id_, known in stood.items() if id_ not in silent}
    of, doubtful = entities(will, now, lambda ids: matching.contradictory([record(label, id_, will[id_].says) for id_ in ids]))
    stand = {id_: known._replace(entity=of[id_]) for id_, known in will.items()}
    shown = _shown(now, stand, search.elsewhere, doubtful)
    return Plan(
        label,
        stood,
        stand,
        found=[(each, shown[each]) for each in new],
        lost=sorted(stale - set(found)),
        changed=[(each, shown[each]) for each, was in before.items() if each in shown and each not in stale - set(found) and shown[each] != was],
        decisions=list(decisions),
        keys=keys,
        silent={id_ for id_ in silent if any(each.revision and id_ in each.pair for each in now)},
        fresh=fresh,
    )


async def _decided_in(store: Store, label: str, number: int) -> set[str]:
    """The records about which a write decided."""
    found: set[str] = set()
    for type_ in (SAME, APART):
        rows = (await store.read("identity", statements.decided_in(type_), {"revision": number}))[0][0]
        found |= {id_ for of, *pair in rows if of == label for id_ in pair}
    return found


def _shown(now: Sequence[Tie], stand: Mapping[str, Known], elsewhere: Mapping[str, str], doubtful: set[Tie]) -> dict[Tie, float | None]:
    """Finding -> its score where a person is to decide it: short of joining, and of two entities that nobody declared apart."""

    def entity(id_: str) -> str:
        return stand[id_].entity if id_ in stand else elsewhere.get(id_, "")

    decisions = decided(now)
    apart = {frozenset(map(entity, pair)) for pair, each in decisions.items() if not each.same}
    made: dict[Tie, float | None] = {}
    for each in now:
        if not each.revision:
            score = min(each.score, DOUBTFUL) if each in doubtful else each.score
            ends = frozenset(map(entity, each.pair))
            asked = REVIEW <= score < AUTO and len(ends) > 1 and "" not in ends
            made[each] = score if asked and ends not in apart and each.pair not in decisions else None
    return made


class _Search:
    """Reads what a plan needs to know: whom changed records may be one with, and whom that concerns."""

    def __init__(
        self,
        store: Store,
        label: str,
        matching: Matching,
        employers: Employers,
        fresh: bool,
        stood: dict[str, Known],
        changed: dict[str, Says],
        silent: set[str],
    ) -> None:
        self.store, self.label, self.matching, self.employers, self.fresh = store, label, matching, employers, fresh
        self.stood, self.changed, self.silent = stood, changed, silent
        self.near: dict[str, Known] = {}
        self.claimed: set[str] = set()
        self.elsewhere: dict[str, str] = {}

    def is_anew(self, each: Tie) -> bool:
        """Whether a finding that stands is looked for again: then it holds only if it is found."""
        if each.rule != Rule.ID:
            return not {*each.pair}.isdisjoint(self.changed.keys() | self.near.keys() | self.silent)
        ends = ((each.left, each.right), (each.right, each.left))
        return any(id_ in self.claimed and other in self.stood and id_ in self.stood[other].says.aliases for id_, other in ends)

    async def findings(self) -> tuple[list[Tie], dict[str, list[str]]]:
        """The ties of changed records; and these with the match keys that they have from now on.

        Whoever shares a key with a changed record is compared anew: how much a key tells depends on all who have it.
        """
        compared = await self._compared(self.changed)
        own = {id_: self.matching.keys(made) for id_, made in compared.items()}
        have = {id_: self._hashed(keys) for id_, keys in own.items()}
        before = await self._bearers(have)
        self.near = await self._others(before)
        self.stood |= self.near
        near = await self._compared({id_: known.says for id_, known in self.near.items()})
        around = await self._holding({key for made in near.values() for key in self._keys(made)} - before.keys())
        far = await self._compared({id_: known.says for id_, known in (await self._others(around)).items()})
        links = self.matching.links([*compared.values(), *near.values()], list(far.values()), own)
        found = [tie(each.left, each.right, True, each.rule, each.score, each.why) for each in links if each.score >= REVIEW]
        found += await self._by_id()
        return found, have

    async def _bearers(self, have: Mapping[str, list[str]]) -> dict[str, set[str]]:
        """The match keys that changed records have, or had, with their records before this write."""
        old = {id_: known.says for id_, known in self.stood.items() if id_ in self.changed or id_ in self.silent}
        had = {id_: self._keys(made) for id_, made in (await self._compared(old)).items()}
        return await self._holding(set(chain.from_iterable([*have.values(), *had.values()])))

    async def _by_id(self) -> list[Tie]:
        """Ties of records whose id another one bears as an alias; doubtful where the two contradict each other: a number may be anybody's."""
        found = id_ties(await self._claims())
        said = {id_: known.says for id_, known in (await self._records({id_ for each in found for id_ in each.pair} - self.changed.keys())).items()}
        said |= self.changed
        made = []
        for each in found:
            if self.matching.contradictory([record(self.label, id_, said[id_]) for id_ in each.pair]):
                made.append(each._replace(score=REVIEW, why=(*each.why, "their names or numbers differ")))
            else:
                made.append(each)
        return made

    async def _others(self, holding: Mapping[str, Iterable[str]]) -> dict[str, Known]:
        """Who has these keys, beside those that are looked at already."""
        return await self._records(set(chain.from_iterable(holding.values())) - self.changed.keys() - self.near.keys() - self.silent)

    async def _compared(self, said: Mapping[str, Says]) -> dict[str, Record]:
        if self.label == "Person":
            await self.employers.find(ref for says in said.values() for ref in says.companies)
        return {id_: self.employers.record(self.label, id_, says) for id_, says in said.items()}

    def _keys(self, made: Record) -> list[str]:
        return self._hashed(self.matching.keys(made))

    def _hashed(self, keys: Iterable[str]) -> list[str]:
        return [key_id(self.label, key) for key in keys]

    async def _holding(self, keys: set[str]) -> dict[str, set[str]]:
        return {} if self.fresh else await sharing(self.store, keys)

    async def _records(self, ids: Iterable[str]) -> dict[str, Known]:
        found = {} if self.fresh else await records(self.store, self.label, ids)
        self.elsewhere |= {id_: known.entity for id_, known in found.items()}
        return found

    async def _claims(self) -> dict[str, set[str]]:
        """Record -> the records that name its id among their aliases: of all whose claims may have changed."""
        told = [*self.changed.values(), *(self.stood[id_].says for id_ in self.changed.keys() | self.silent if id_ in self.stood)]
        named = await self._records({name for says in told for name in says.aliases} - self.changed.keys() - self.silent)
        self.stood |= named
        self.claimed = self.changed.keys() | named.keys()
        claims: dict[str, set[str]] = defaultdict(set)
        for id_, says in self.changed.items():
            for name in says.aliases & self.claimed:
                claims[name].add(id_)
        for id_, claiming in [] if self.fresh else await _each(self.store, statements.CLAIMED, sorted(self.claimed), label=self.label):
            if claiming not in self.changed and claiming not in self.silent:
                claims[id_].add(claiming)
        return claims

    async def closure(self, found: Iterable[Tie], named: set[str]) -> dict[Tie, float | None]:
        """Every tie of every record that may change its entity -> what a person sees of it; these records stand in ``stood`` afterwards."""
        told: dict[Tie, float | None] = {}
        frontier = {*self.changed, *self.near, *self.silent, *self.claimed, *named} | {
            id_ for each in found if each.score >= AUTO for id_ in each.pair
        }
        met: set[str] = set()
        while frontier and not self.fresh:
            self.stood |= await self._records(frontier - self.stood.keys() - self.changed.keys())
            met |= frontier
            reached: set[str] = set()
            rows = await _each(self.store, statements.TIES_OF_RECORDS, sorted(frontier), label=self.label)
            for id_, other, entity, same, rule, score, why, author, revision, shown in rows:
                told[tie(id_, other, same, rule, score or 0.0, why, author, revision)] = shown
                self.elsewhere[other] = entity
                if same and score >= AUTO:
                    reached.add(other)
            frontier = reached - met
        return told


async def bring(ledger: "Ledger", plan: Plan, loads: Sequence[Load]) -> None:
    """Writes what a plan decides. ``loads`` are those whose words make the attributes of entities that change: all that count after this write."""
    if plan.idle:
        return
    moves = plan.moves()
    if moves:
        await ledger.flush()
    node = NODE[plan.label]
    moved = sorted({id_ for move in moves for id_ in (*move.rest, *move.new)})
    ledger.references.point(plan.label, plan.names())
    wanted = {known.entity for known in plan.stand.values()} & {id_ for move in moves for id_ in move.new}
    attributes = await _attributes(ledger, plan, wanted, loads)
    groups = await _groups_of(ledger, plan, moves, wanted, loads)
    if plan.label == "Person":
        await ledger.knows.anew(moved)
    elif moved:
        ledger.knows.marks.everything()
    ledger.settled(plan.label, moved)
    if plan.label == "Company":
        ledger.settled(GROUP, moved)
    hanging = {id_: (number, set(types)) for id_, number, types in await _each(ledger.store, statements.hanging_on(node), moved)}
    size = {id_: number for id_, (number, _) in hanging.items()}
    for some in by_weight(moves, lambda move: 1 + sum(size.get(old, 0) for old in move.rest), FACTS):
        ids = {id_ for move in some for id_ in move.new}
        work: Work = [(statements.ensure_nodes(node), {"ids": sorted(ids)})]
        work += _moving(plan.label, some, set().union(*(hanging[old][1] for move in some for old in move.rest if old in hanging)))
        if plan.label == "Company":
            work += await _following(ledger, some, groups)
        work += _renaming(plan, some)
        work.append((statements.drop_nodes(node), {"ids": sorted({id_ for move in some for id_ in move.gone})}))
        work.append((statements.upsert_nodes(node), {"rows": [attributes[id_] for id_ in sorted(ids & attributes.keys())]}))
        await ledger.write(work)
    await _remember(ledger, plan)


async def _attributes(ledger: "Ledger", plan: Plan, wanted: set[str], loads: Sequence[Load]) -> dict[str, dict[str, Any]]:
    """Entity -> its properties, as its records have them together."""
    if not wanted:
        return {}
    of = {id_: known.entity for id_, known in plan.stand.items() if known.entity in wanted}
    told = [word for word in await things_said(ledger.store, plan.label, loads) if word.row.id in of]
    return await ledger.attributes(plan.label, told, of.__getitem__)


def _moving(label: str, moves: Sequence[Move], types: set[str]) -> Work:
    """Facts of these types go where they belong, first by their starts, then by their ends."""
    rows = [row for move in moves for row in move.rows()]
    edges = [edge for edge in EDGES if edge.type in types]
    work = [(statements.move_facts(edge, "source"), {"rows": rows}) for edge in edges if edge.source == label]
    return work + [(statements.move_facts(edge, "target"), {"rows": rows}) for edge in edges if edge.target == label]


def _renaming(plan: Plan, moves: Sequence[Move]) -> Work:
    """Records and aliases of what moved name their new entity; what became an entity of its own needs no alias, what no longer is one does."""
    olds = {old for move in moves for old in move.rest}
    ids = [id_ for id_ in plan.moved() if plan.stood[id_].entity in olds]
    known, searched = plan.stand, found_by(plan.stood)
    aliases = [
        {"name": name, "record": id_, "label": plan.label, "entity_id": known[id_].entity}
        for id_ in ids
        for name in sorted({*known[id_].says.aliases, *([] if known[id_].entity == id_ else [id_])})
    ]
    own = [{"name": id_, "record": id_, "label": plan.label} for id_ in ids if known[id_].entity == id_]
    return [
        (statements.FORGET_ALIASES, {"rows": own}),
        (statements.upsert_nodes(NODE["Alias"]), {"rows": aliases}),
        (statements.SET_RECORDS, {"rows": [_record(plan.label, id_, known[id_], searched[id_]) for id_ in ids]}),
    ]


def _record(label: str, id_: str, known: Known, names: list[str] | None) -> dict[str, Any]:
    return {"id": id_, "label": label, "entity_id": known.entity, "since": known.since, "says": known.says.written(), "names": names}


def _keyed(keys: list[str] | None) -> dict[str, Any]:
    """The match keys of a record, where they were made anew; the others stay."""
    return {} if keys is None else {"keys": keys or None}


async def _groups_of(ledger: "Ledger", plan: Plan, moves: Sequence[Move], wanted: set[str], loads: Sequence[Load]) -> Mapping[str, dict[str, Any]]:
    """Company -> the properties of its default group, where it has one."""
    if plan.label != "Company" or not moves:
        return {}
    named = {name: known.entity for id_, known in plan.stand.items() if known.entity in wanted for name in (id_, *known.says.aliases)}
    words = await things_said(ledger.store, GROUP, loads)
    told = [word for word in words if word.row.id in named and is_default(word.row)]
    return await ledger.attributes(GROUP, told, named.__getitem__)


def is_default(group: ThingRow) -> bool:
    """Whether a row tells of a company's default group: it bears the name that the row calls the company."""
    return bool(group.values.get("company_id") == group.id)


async def _following(ledger: "Ledger", moves: Sequence[Move], groups: Mapping[str, dict[str, Any]]) -> Work:
    """What goes with companies: their default groups with all facts, and everything that names them by a property."""
    node = NODE[GROUP]
    olds = {old: move for move in moves for old in move.rest}
    hanging = {id_: set(types) for id_, _, types in await _each(ledger.store, statements.hanging_on(node), sorted(olds))}
    new = {id_ for move in moves for id_ in move.new}
    kept = sorted(new & groups.keys())
    moving = [move for move in moves if not hanging.keys().isdisjoint(move.rest)]
    rows = [row for move in moves for row in move.rows()]
    work: Work = [(statements.ensure_nodes(node), {"ids": sorted({*kept, *(id_ for move in moving for id_ in move.new)})})]
    work += _moving(GROUP, moving, set().union(*hanging.values()))
    work += [(statements.point_anew(NODE[label], name), {"rows": rows}) for label, name in INDEXED]
    for label, name in SCANNED:
        found = (await ledger.store.read("identity", statements.naming(NODE[label], name), {"ids": sorted(olds)}))[0][0]
        changes = [{"id": id_, **_named_anew(olds, named, written)} for id_, named, written in found]
        work.append((statements.set_named(NODE[label], name), {"rows": changes}))
    bare = sorted((hanging.keys() | new) - groups.keys())
    return [*work, (statements.upsert_nodes(node), {"rows": [groups[id_] for id_ in kept]}), (statements.forget_nodes(node), {"ids": bare})]


def _named_anew(olds: Mapping[str, Move], named: Any, written: Any) -> dict[str, Any]:
    """A reference, or a list of them, by its new ids, and as it was written where that differs."""
    ids = named if isinstance(named, list) else [named]
    refs = ids if written is None else written if isinstance(written, list) else [written]
    made = [olds[id_].target(id_, ref) if id_ in olds else id_ for id_, ref in zip(ids, refs, strict=True)]
    said = None if made == refs else refs
    return {"named": made, "written": said} if isinstance(named, list) else {"named": made[0], "written": said and said[0]}


async def _remember(ledger: "Ledger", plan: Plan) -> None:
    """Records, keys and ties as the plan has them; what stands already stays as it is."""
    before, searched = found_by(plan.stood), found_by(plan.stand)
    changed = {id_: known for id_, known in plan.stand.items() if plan.stood.get(id_) != known or id_ in plan.keys}
    rows = [_record(plan.label, id_, known, before.get(id_)) | _keyed(plan.keys.get(id_)) for id_, known in changed.items()]
    rows += [_record(plan.label, id_, Known("", 0, Says()), None) | _keyed([]) for id_ in sorted(plan.silent)]
    ledger.find_by(plan.label, {id_: names for id_, names in searched.items() if before.get(id_) != names})
    await (ledger.create("Record", rows) if plan.fresh else ledger.remember(rows))
    if plan.fresh and not (plan.found or plan.decisions):
        return
    await ledger.flush()
    gone = sorted(plan.stood.keys() - plan.stand.keys() - plan.silent)
    label = {"label": plan.label}
    for piece in batches(gone):
        await ledger.write([(statements.FORGET_RECORDS, {"ids": piece, **label})])
    for lost in batches(plan.lost):
        await ledger.write(
            [(statements.FORGET_TIES, {"rows": [{"left": each.left, "right": each.right, "rule": each.rule} for each in lost], **label})]
        )
    for found in batches([*plan.found, *plan.changed]):
        await ledger.write([(statements.tie_records(SAME), {"rows": [_tie(each, shown) for each, shown in found], **label})])
    for same in (True, False):
        rows = [_tie(each, None) for each in plan.decisions if each.same is same]
        if rows:
            await ledger.write([(statements.tie_records(SAME if same else APART), {"rows": rows, **label})])


def _tie(each: Tie, shown: float | None) -> dict[str, Any]:
    held = {"score": each.score, "open": shown} if each.same else {}
    made = {"revision": each.revision, "rule": each.rule, "author": each.author, "why": list(each.why), **held}
    return {"left": each.left, "right": each.right, "tie": made}
