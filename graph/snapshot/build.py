"""How a snapshot is made: of the whole graph, or of an earlier one and of what was touched since. Both give the same columns."""

from asyncio import Semaphore, gather, to_thread
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Annotated, Any, NamedTuple

import numpy as np

from graph.answer import answer
from graph.instants import OPEN_START
from graph.read import read
from graph.snapshot.arrays import Places, Texts, Truths
from graph.snapshot.declare import Kind, Looking, Others, Part, Ref, Spans, Words
from graph.snapshot.parts import LISTS, PARTS, Companies, Jobs, Products
from graph.snapshot.snapshot import Snapshot, Stamp
from graph.snapshot.ties import carry_over

CHUNK = 20_000
"""So many things are read by one statement."""
AT_ONCE = 2
"""So many statements are under way: while the rows of one are taken apart, Neo4j works on the next."""
EVERYTHING: Spans = [("", "\U0010ffff")]
MOST = 1_000_000
Progress = Callable[[int, int], None]


class Touched(NamedTuple):
    """What writes changed: things by label; whose facts changed; interactions; who took part, or did; and whoever was merged, split or moved."""

    things: Mapping[str, set[str]]
    people: set[str]
    interactions: set[str]
    parts: set[str]
    moved: set[str]

    def __len__(self) -> int:
        return sum(map(len, (*self.things.values(), self.people, self.interactions)))


@answer
class Participants:
    """One row: who took part in interactions, and who met people there."""

    took_part: Annotated[list[str], "Whoever took part in these interactions."]
    met: Annotated[list[str], "Whoever took part in anything with these people."]


@read
async def event_participants(
    interactions: Sequence[str], campaigns: Sequence[str], people: Sequence[str], since: int, most: int
) -> list[Participants]:
    """Participants of interactions, of those of campaigns, and of those of people."""
    raise NotImplementedError


async def built(looking: Looking, stamp: Stamp, progress: Progress = lambda done, of: None) -> Snapshot:
    """The snapshot of the whole graph; a read a chunk and part. ``progress`` hears how many of how many reads are done."""
    tables: dict[type, Any] = {}
    places: dict[str, dict[str, int]] = {}
    for part, found in zip(LISTS.values(), await gather(*(_listed(looking, part) for part in LISTS.values())), strict=True):
        places[part.label] = {id_: place for place, id_ in enumerate(found[0])}
        tables[part.columns] = found[1]
    for part in LISTS.values():
        _point(part, tables[part.columns], places)
    ids = {label: list(known) for label, known in places.items()}
    chunks = {label: [(some[at], some[min(at + CHUNK, len(some)) - 1]) for at in range(0, len(some), CHUNK)] for label, some in ids.items()}
    rest = [part for part in PARTS if not part.lists]
    total, done = sum(len(chunks[part.label]) for part in rest), 0
    gate = Semaphore(AT_ONCE)

    async def one(part: Part, span: tuple[str, str]) -> list[Any]:
        nonlocal done
        async with gate:
            rows = await part.fetch(looking, [span])
            made = [await to_thread(column_arrays, part, row, places) for row in rows]
        done += 1
        progress(done, total)
        return made

    for of_events in (False, True):
        some = [part for part in rest if part.of_events is of_events]
        wanted = [(part, span) for part in some for span in chunks[part.label]]
        found = await gather(*(one(part, span) for part, span in wanted))
        for part in some:
            pieces = [piece for (of, _), made in zip(wanted, found, strict=True) if of is part for piece in made]
            tables[part.columns] = _sorted(part, _joined(part, pieces))
        if not of_events:
            looking = with_sides(looking, Snapshot(stamp, tables))
    return Snapshot(stamp, tables)


async def followed(looking: Looking, base: Snapshot, stamp: Stamp, touched: Touched) -> Snapshot | None:
    """An earlier snapshot of the same instants, brought up to what was touched since; None where that touches too much.

    O(touched) in reads, O(n) in copying.
    """
    tables: dict[type, Any] = {}
    places: dict[str, _Moved] = {}
    gone: set[str] = set()
    for part in LISTS.values():
        asked = touched.things.get(part.label, set()) | (touched.moved | touched.people if part.label == "Person" else set())
        row = (await part.fetch(looking, _single(asked)))[0] if asked else None
        tables[part.columns], places[part.label] = _listing(part, base[part.columns], asked, row)
        if part.label == "Person":
            gone = asked - set(row.id if row else ())
    for part in LISTS.values():
        _repoint(part, tables[part.columns], base, places)
    if _changed_sides(base, tables, places):
        return None
    facts = [part for part in PARTS if not part.lists and not part.of_events]
    anew = {label: set(touched.things.get(label, ())) for label in LISTS}
    anew["Person"] |= touched.people | touched.moved
    people = set(anew["Person"])
    for part in facts:
        of_part = anew[part.label] | _referring(base, part, touched.moved | gone)
        tables[part.columns] = await _renewed(looking, part, base, places, of_part)
        people |= of_part if part.label == "Person" else set()
    after = Snapshot(stamp, tables)
    turned, campaigns = _turned(base, after, touched.people | touched.moved), touched.things.get("Campaign", set())
    if turned or touched.interactions or campaigns:
        happened = sorted(touched.interactions), sorted(campaigns), sorted(turned)
        met = (await event_participants(looking.store, looking.view, *happened, OPEN_START, MOST))[0]
        with_events = {*met.took_part, *met.met, *touched.parts, *touched.moved, *turned}
    else:
        with_events = touched.parts | touched.moved
    looking = with_sides(looking, after)
    for part in (part for part in PARTS if part.of_events):
        of_part = with_events | _referring(base, part, touched.moved | gone)
        tables[part.columns] = await _renewed(looking, part, base, places, of_part)
        people |= of_part
    made = Snapshot(stamp, tables)
    await to_thread(carry_over, base, made, places["Person"].now[:-1], people)
    return made


def _single(ids: Iterable[str]) -> list[tuple[str, str]]:
    return [(id_, id_) for id_ in sorted(ids)]


def with_sides(looking: Looking, snapshot: Snapshot) -> Looking:
    """The same with who works for us, and for competitors and partners."""
    people, companies, products, jobs = snapshot.people, snapshot.companies, snapshot[Products], snapshot[Jobs]

    def names(ids: Texts, which: Places | Truths) -> frozenset[str]:
        return frozenset(ids.take(np.flatnonzero(which) if which.dtype == bool else np.unique(which)).list())

    sold = snapshot.others[products.maker] & (products.maker >= 0)
    others = Others(names(companies.id, snapshot.others), names(products.id, sold), names(people.id, jobs.person[snapshot.others[jobs.company]]))
    return replace(looking, ours=names(people.id, snapshot.ours), former=names(people.id, snapshot.former), others=others)


async def _listed(looking: Looking, part: Part) -> tuple[list[str], Any]:
    """The ids of a part that lists things, and its columns; what refers to others is not looked up yet."""
    row = (await part.fetch(looking, EVERYTHING))[0]
    return await to_thread(_in_order, part, row)


def _in_order(part: Part, row: Any) -> tuple[list[str], Any]:
    order = sorted(range(len(row.id)), key=row.id.__getitem__)
    made = {name: [values[at] for at in order] for name, values in _columns(row).items()}
    return made["id"], part.columns(**{name: _column(kind, made[name], None) for name, kind in part.kinds.items()})


def _columns(row: Any) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row)}


def _column(kind: Any, values: Any, places: Mapping[str, Mapping[str, int]] | None) -> Any:
    """A column from what a read gave; ids stay as they are without ``places``."""
    if kind is Texts:
        return Texts.of(values)
    if isinstance(kind, Words):
        of = {word: place for place, word in enumerate(kind.words)}
        return np.fromiter((of.get(value, -1) for value in values), np.int8, len(values))
    if isinstance(kind, Ref):
        return values if places is None else np.fromiter((places[kind.label].get(value, -1) for value in values), np.int32, len(values))
    return np.asarray(values, kind)


def _point(part: Part, table: Any, places: Mapping[str, Mapping[str, int]]) -> None:
    """The references of listed things become places, in the table itself: it is not handed out yet."""
    for name, kind in part.kinds.items():
        if isinstance(kind, Ref):
            setattr(table, name, _column(kind, getattr(table, name), places))


def column_arrays(part: Part, row: Any, places: Mapping[str, Mapping[str, int]]) -> Any:
    """The columns of one row that was read. What names somebody that is not listed is left out."""
    made = {name: _column(kind, getattr(row, name), places) for name, kind in part.kinds.items()}
    return _known(part, part.columns(**made))


def _needed(kind: Kind) -> bool:
    """Whether a row that says nothing here is none."""
    return isinstance(kind, Words) or (isinstance(kind, Ref) and not kind.may)


def _known(part: Part, table: Any) -> Any:
    known = np.logical_and.reduce([getattr(table, name) >= 0 for name, kind in part.kinds.items() if _needed(kind)])
    return table if known.all() else taken(part, table, np.flatnonzero(known))


def taken(part: Part, table: Any, rows: Any) -> Any:
    """These rows of a table, in this order."""
    return part.columns(**{name: column.take(rows) if isinstance(column, Texts) else column[rows] for name, column in _columns(table).items()})


def _joined(part: Part, tables: Sequence[Any]) -> Any:
    made = {}
    for name, kind in part.kinds.items():
        pieces = [getattr(table, name) for table in tables]
        made[name] = np.concatenate(pieces) if pieces else _column(kind, [], {})
    return part.columns(**made)


def arranged(part: Part, tables: Sequence[Any]) -> Any:
    """These tables of a part as one: what names nobody is left out, and the rest in the order of the columns."""
    return _sorted(part, _known(part, _joined(part, tables)))


def _sorted(part: Part, table: Any) -> Any:
    """In the order of the columns: the same rows always stand alike."""
    return taken(part, table, np.lexsort([getattr(table, name) for name in reversed(part.kinds)]))


class _Moved(NamedTuple):
    """Ids of a label and their places: where each earlier place is now (-1 for gone; the last stands for none), and where ids are."""

    now: Places
    ids: Texts
    same: bool

    def get(self, id_: str, default: int) -> int:
        """As of a mapping."""
        at = self.ids.find(id_)
        return default if at < 0 else at

    def moved(self, places: Places) -> Places:
        """Earlier places as they are now."""
        return places if self.same else self.now[places]


def _listing(part: Part, was: Any, asked: set[str], row: Any) -> tuple[Any, _Moved]:
    """Listed things with those of ``asked`` as they were read anew; references of these stay ids."""
    size = len(was.id)
    if row is None:
        return replace(was), _Moved(np.append(np.arange(size, dtype=np.int32), np.int32(-1)), was.id, True)
    ids, fresh = _in_order(part, row)
    old = np.array(sorted(at for id_ in asked if (at := was.id.find(id_)) >= 0), np.int64)
    kept = np.delete(np.arange(size), old)
    before = np.array([bisect_left(was.id, id_) for id_ in ids], np.int64)
    order = np.insert(kept, np.searchsorted(kept, before), size + np.arange(len(ids)))
    made = {}
    for name, kind in part.kinds.items():
        one, new = getattr(was, name), getattr(fresh, name)
        if kind is Texts:
            made[name] = one.and_then(new).take(order)
        elif isinstance(kind, Ref):
            made[name] = [new[at - size] if at >= size else at for at in order.tolist()]
        else:
            made[name] = np.concatenate([one, new])[order]
    now = np.full(size + 1, -1, np.int32)
    now[order[order < size]] = np.flatnonzero(order < size)
    for id_ in ids:
        if (at := was.id.find(id_)) >= 0:
            now[at] = made["id"].find(id_)
    same = len(made["id"]) == size and bool((now[:-1] >= 0).all())
    return part.columns(**made), _Moved(now, made["id"], same)


def _repoint(part: Part, table: Any, base: Snapshot, places: Mapping[str, _Moved]) -> None:
    """References of listed things become places as they are now: ids are looked up, rows of the base are moved."""
    for name, kind in part.kinds.items():
        if isinstance(kind, Ref):
            values, was, of = getattr(table, name), getattr(base[part.columns], name), places[kind.label]
            if isinstance(values, list):
                found = (of.get(value, -1) if isinstance(value, str) else of.now[was[value]] for value in values)
                setattr(table, name, np.fromiter(found, np.int32, len(values)))
            else:
                setattr(table, name, of.moved(values))


def _changed_sides(base: Snapshot, tables: Mapping[type, Any], places: Mapping[str, _Moved]) -> bool:
    """Whether a company that was known changed sides (one of ours, a competitor, a partner), or a product its maker: then everybody's dealings may
    be others.
    """
    companies, now = tables[Companies], places["Company"].now[:-1]
    for name in ("us", "competitor", "partner"):
        if (np.where(now >= 0, getattr(companies, name)[now], False) != getattr(base.companies, name)).any():
            return True
    was, product = places["Company"].moved(base[Products].maker), places["Product"].now[:-1]
    return bool((np.where(product >= 0, tables[Products].maker[product], was) != was).any())


def _referring(base: Snapshot, part: Part, people: Iterable[str]) -> set[str]:
    """Whose rows of a part name these people."""
    places = np.array(sorted(at for id_ in people if (at := base.people.id.find(id_)) >= 0), np.int32)
    found: set[str] = set()
    if len(places):
        table: Any = base[part.columns]
        ids = _ids(base, part.label)
        anchor, *others = part.kinds
        for name in (name for name in others if part.kinds[name] == Ref("Person")):
            found.update(ids[int(at)] for at in np.unique(getattr(table, anchor)[np.isin(getattr(table, name), places)]))
    return found


def _ids(snapshot: Snapshot, label: str) -> Texts:
    """The ids of a label's things."""
    ids: Texts = snapshot[LISTS[label].columns].id
    return ids


async def _renewed(looking: Looking, part: Part, base: Snapshot, places: Mapping[str, _Moved], asked: set[str]) -> Any:
    """A part with the rows of these ids as they are now."""
    was: Any = base[part.columns]
    anchor, ids = next(iter(part.kinds)), _ids(base, part.label)
    old = np.array([at for id_ in asked if (at := ids.find(id_)) >= 0], np.int32)
    mask = np.ones(len(ids), bool)
    mask[old] = False
    keep = mask[getattr(was, anchor)]
    table = was if keep.all() else taken(part, was, np.flatnonzero(keep))
    same = all(places[kind.label].same for kind in part.kinds.values() if isinstance(kind, Ref))
    if not same:
        moved = {name: places[kind.label].moved(getattr(table, name)) for name, kind in part.kinds.items() if isinstance(kind, Ref)}
        table = _known(part, part.columns(**{**_columns(table), **moved}))
    rows = await part.fetch(looking, _single(asked)) if asked else []
    fresh = _sorted(part, _joined(part, [column_arrays(part, row, places) for row in rows]))  # type: ignore[arg-type]
    if same and _alike(taken(part, was, np.flatnonzero(~keep)), fresh):
        return was
    return await to_thread(_with, part, table, fresh)


def _alike(one: Any, other: Any) -> bool:
    """Whether two parts have the same rows in the same order."""
    pairs = ((mine, getattr(other, name)) for name, mine in _columns(one).items())
    return all(np.array_equal(mine, theirs, equal_nan=mine.dtype.kind == "f") for mine, theirs in pairs)


def _with(part: Part, table: Any, fresh: Any) -> Any:
    """Sorted rows with those of others among them: places keep their order when things come and go, so that nothing is sorted again."""
    anchor = next(iter(part.kinds))
    at = np.searchsorted(getattr(table, anchor), getattr(fresh, anchor))
    return part.columns(**{name: np.insert(column, at, getattr(fresh, name)) for name, column in _columns(table).items()})


def _turned(base: Snapshot, after: Snapshot, touched: Iterable[str]) -> set[str]:
    """Who came to us, left us or came back; and of those touched, whose jobs at competitors and partners are others now."""

    def names(snapshot: Snapshot, which: Truths) -> set[str]:
        return {snapshot.people.id[int(at)] for at in np.flatnonzero(which)}

    turned = (names(base, base.ours) ^ names(after, after.ours)) | (names(base, base.former) ^ names(after, after.former))
    return turned | {who for who, *_ in _jobs_beside(base, touched) ^ _jobs_beside(after, touched)}


def _jobs_beside(snapshot: Snapshot, people: Iterable[str]) -> set[tuple[str, str, int, int]]:
    """Who of these worked at which competitor or partner, and when."""
    jobs, ids = snapshot[Jobs], snapshot.people.id
    places = np.array([at for id_ in people if (at := ids.find(id_)) >= 0], np.int32)
    rows = np.flatnonzero(snapshot.others[jobs.company] & np.isin(jobs.person, places)).tolist()
    return {(ids[int(jobs.person[row])], snapshot.companies.id[int(jobs.company[row])], int(jobs.start[row]), int(jobs.until[row])) for row in rows}
