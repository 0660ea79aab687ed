"""From text to what rows say: values, then things, facts and references as columns. Each row is usable or refused with its reason. Pure.

What rows must be compared with others for, repeated ids, lost references, overlapping stretches, is asked of the spool once all files are read.
"""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import cache
from hashlib import blake2b
from itertools import compress, product
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import orjson
import pyarrow as pa

from graph.journal import KEY, About, digests_of, fact_digests_of, key_of, keys_of
from graph.model import EDGE, NODE
from loaders.columns import COMMON, LONGEST_ID, Column, Columns, FactSaid, Kind, Refused, Source, ThingSaid, ident, taken
from loaders.kinds import KIND, NEEDS_GROUP
from loaders.tables import Table

UNSAID = tuple(column.name for column in COMMON)
"""Columns in which rows of one id may differ: other stretches, known from another day on, another word."""


class Reject(NamedTuple):
    """A fault of a row that could not be used: its kind, file and line, the column (none: the whole row), and why.

    Of one that is ``veiled`` nothing of the row may be written anywhere.
    """

    kind: str
    file: str
    line: int
    column: str
    reason: str
    veiled: bool = False


ALONE = (str, bool, type(None))
"""What stands for a whole column of itself."""
APART = 12
"""Bytes of the hash of what tells rows apart."""
Place = tuple[str, str, tuple[str, ...]]
"""Type of a fact, the kind under which it is filed, and what tells it apart."""
PLACE = ("place", pa.int64())
SCHEMAS = {
    "rows": pa.schema(
        [PLACE, ("line", pa.int64()), ("source", pa.string()), ("apart", pa.binary()), ("mark", pa.int64()), ("known_from", pa.int64())]
    ),
    "names": pa.schema([("label", pa.string()), ("name", pa.string())]),
    "ids": pa.schema([PLACE, ("label", pa.string()), ("name", pa.string())]),
    "aliases": pa.schema([PLACE, ("label", pa.string()), ("name", pa.string()), ("id", pa.string())]),
    "also": pa.schema([PLACE, ("label", pa.string()), ("name", pa.string()), ("id", pa.string())]),
    "parted": pa.schema([PLACE, ("label", pa.string()), ("id", pa.string()), ("other", pa.string())]),
    "refs": pa.schema(
        [PLACE, ("label", pa.string()), ("name", pa.string()), ("position", pa.int8()), ("makes", pa.string()), ("known_from", pa.int64())]
    ),
    "scopes": pa.schema([PLACE, *((name, pa.string()) for name in NEEDS_GROUP)]),
    "things": pa.schema(
        [
            PLACE,
            ("about", pa.string()),
            ("id", pa.string()),
            ("sure", pa.float64()),
            ("values", pa.binary()),
            ("aliases", pa.binary()),
            ("mark", pa.int64()),
            ("known_from", pa.int64()),
            ("implied", pa.bool_()),
        ]
    ),
    "bare": pa.schema(
        [
            ("about", pa.string()),
            ("id", pa.string()),
            ("unless_known", pa.string()),
            ("values", pa.binary()),
            ("mark", pa.int64()),
            ("implied", pa.bool_()),
        ]
    ),
    "naming": pa.schema(
        [PLACE, ("about", pa.string()), ("id", pa.string()), ("unless_known", pa.string()), ("sure", pa.float64()), ("known_from", pa.int64())]
    ),
    "facts": pa.schema(
        [
            PLACE,
            ("about", pa.string()),
            ("key", pa.string()),
            ("start", pa.int64()),
            ("stop", pa.int64()),
            ("digest", pa.int64()),
            ("from_ref", pa.string()),
            ("to_ref", pa.string()),
            ("sure", pa.float64()),
            ("values", pa.binary()),
            ("known_from", pa.int64()),
        ]
    ),
    "spared": pa.schema([PLACE, ("about", pa.string()), ("key", pa.string()), ("apart", pa.list_(pa.string()))]),
    "emptied": pa.schema([PLACE, ("about", pa.string()), ("key", pa.string())]),
    "cleared": pa.schema([PLACE, ("about", pa.string()), ("key", pa.string()), ("start", pa.int64())]),
}
"""What is told of the rows of a stretch; ``place`` is a row's number in it.

``rows``: the line, the source that the row names, and where a kind tells rows apart, by what (``apart``) and a mark of all values. ``names``: what
is to be looked up. ``ids`` and ``aliases`` of things that rows bring in; ``also``: what a thing is called beside; ``parted``: what it is not.
``refs``: what rows name, in which of the kind's referring columns; ``makes`` is whose anonymous people the unknown become. ``scopes``: rows that
say in more than one way in which group they are. ``bare``: things of which rows say no more than that they are there, and ``naming`` all rows that
say so: as long as one of them stands, the thing does. ``spared``: the facts that refused rows name, and what tells them apart; ``emptied``: those
that end where a complete file says so. ``cleared``: those of which a log of changes says from when on there is no value.
"""


@dataclass(slots=True)
class Checked:
    """A stretch of a file after the check: its columns and how many rows it had, the rejects, and by name the tables of ``SCHEMAS``.

    ``open_kinds`` are those of whose facts refused rows may have spoken, nobody knows of which. ``changes``: each row holds until the next one.
    """

    kind: str
    path: Path
    columns: list[str]
    rows: int
    rejects: list[Reject]
    unread: bool
    open_kinds: frozenset[str]
    changes: bool = False
    tables: dict[str, pa.Table] = field(default_factory=dict)


def arrow(schema: pa.Schema, columns: Iterable[Sequence[Any]]) -> pa.Table:
    """Columns as a table."""
    return pa.Table.from_arrays([pa.array(given, of.type) for given, of in zip(columns, schema, strict=True)], schema=schema)


@dataclass(slots=True)
class Rows:
    """Rows of a stretch by column, with their places in it and their lines."""

    kind: Kind
    places: Sequence[int]
    lines: Sequence[int]
    columns: dict[str, Sequence[Any]]

    def __len__(self) -> int:
        return len(self.lines)

    def without(self, gone: Container[int]) -> "Rows":
        """The rows but for those at these places of the stretch."""
        keep = [place not in gone for place in self.places]
        columns: dict[str, Sequence[Any]] = {name: list(compress(given, keep)) for name, given in self.columns.items()}
        return Rows(self.kind, list(compress(self.places, keep)), list(compress(self.lines, keep)), columns)


def check_stretch(table: Table, zone: tzinfo, source: str) -> Checked:
    """Parses the cells of a stretch, column by column and each text once; a row with a fault is refused, with all its faults."""
    kind, file = table.kind, table.path.name
    rejects = [Reject(kind.name, file, broken.line, "", broken.reason) for broken in table.broken]
    every, faults = _read(table, zone)
    rejects += [Reject(kind.name, file, every.lines[place], column, reason) for place, column, reason in faults]
    unknown: dict[int, set[str]] = {}
    for place, column, _ in faults:
        unknown.setdefault(place, set()).add(column)
    rows = every.without(unknown) if unknown else every
    rows.columns.update(kind.derive(rows.columns))
    if bad := _faulty(rows):
        rejects += [Reject(kind.name, file, every.lines[place], column, reason) for place, (column, reason) in sorted(bad.items())]
        unknown |= {place: set(kind.needs_one) if column in kind.needs_one else set() for place, (column, _) in bad.items()}
        rows = rows.without(bad)
    apart = () if table.changes else kind.told_apart_by  # a log tells of one thing again and again
    empty = {column: fact for column, fact in kind.emptied.items() if column in table.cells}
    clear = [(column, fact) for column, fact in kind.emptying if column in table.cells] if table.changes else []
    said = Said(rows, source, str(table.path), apart, empty, clear).tables()
    spared, open_kinds = _spared(every, unknown, source)
    if spared:
        said["spared"] = arrow(SCHEMAS["spared"], zip(*spared, strict=True))
    rows_had = len(table) + len(table.broken)
    return Checked(kind.name, table.path, list(table.cells), rows_had, rejects, bool(table.broken), open_kinds, table.changes, said)


def _read(table: Table, zone: tzinfo) -> tuple[Rows, list[tuple[int, str, str]]]:
    """All rows, and their faults: place, column and reason; what cannot be used is empty."""
    lines = table.lines
    nothing: Sequence[Any] = [None] * len(lines)
    rows = Rows(table.kind, range(len(lines)), lines, {column.name: nothing for column in table.kind.every_column})
    faults: list[tuple[int, int, str, str]] = []
    for order, column in enumerate(column for column in table.kind.every_column if column.name in table.cells):
        cells = table.cells[column.name]
        rows.columns[column.name], wrong = _values(column, cells, zone)
        if wrong:
            faults += [(place, order, column.name, wrong[cell]) for place, cell in enumerate(cells) if cell in wrong]
    return rows, [(place, column, reason) for place, _, column, reason in sorted(faults)]


def _values(column: Column, cells: Sequence[str], zone: tzinfo) -> tuple[list[Any], dict[str, str]]:
    """A value for each cell, and the texts that cannot be used, with the reason."""
    known: dict[str, Any] = {"": None}
    faults: dict[str, str] = {"": "is required and empty"} if column.required else {}
    if column.parse is ident and max(map(len, cells), default=0) <= LONGEST_ID:
        return [cell or None for cell in cells], faults
    for cell in set(cells) - {""}:
        try:
            known[cell] = column.parse(cell, zone)
        except Refused as fault:
            known[cell], faults[cell] = None, str(fault)
    return list(map(known.__getitem__, cells)), faults


def _faulty(rows: Rows) -> dict[int, tuple[str, str]]:
    """Rows whose cells are right, but not together: place in the stretch -> column and reason."""
    kind, columns = rows.kind, rows.columns
    bad: dict[int, tuple[str, str]] = {}
    for fact in kind.facts:
        if EDGE[fact.type].source == EDGE[fact.type].target:
            ends = zip(taken(fact.start, columns, len(rows)), taken(fact.end, columns, len(rows)), strict=True)
            for place, (first, second) in enumerate(ends):
                if first is not None and first == second:
                    column = next(column.name for column in reversed(kind.columns) if column.ref and columns[column.name][place] == second)
                    bad[place] = (column, "names the row's own person or company; name another")
    if kind.not_same:
        for place, (own, others) in enumerate(zip(columns[kind.identifies or ""], columns[kind.not_same], strict=True)):
            if others and own in others:
                bad[place] = (kind.not_same, "names the row's own person or company; name another")
    if needed := kind.needs_one:
        for place, cells in enumerate(zip(*(columns[name] for name in needed), strict=True)):
            if not any(cells):
                bad[place] = (needed[0], f"is empty as {' and '.join(needed[1:])} {'is' if len(needed) == 2 else 'are'}: name one of them")
    for first, last in kind.spans:
        for place, (start, end) in enumerate(zip(columns[first], columns[last], strict=True)):
            if start is not None and end is not None and end < start:
                bad[place] = (last, f"is before {first}")
    for place, (start, end) in enumerate(zip(columns["valid_from"], columns["valid_to"], strict=True)):
        if start is not None and end is not None and end <= start:
            bad[place] = ("valid_to", "is not after valid_from")
    return {rows.places[at]: fault for at, fault in bad.items()}


def _spared(rows: Rows, unknown: Mapping[int, Collection[str]], source: str) -> tuple[list[tuple[int, str, str, tuple[str, ...]]], frozenset[str]]:
    """The facts that refused rows name, as ``SCHEMAS`` have them, and of those that they leave open the kinds under which they are filed.

    ``unknown``: the place of each row, and the columns of which nothing is known. These are tried: every value of a set, and two of anything else. A
    fact that is the same with both is named.
    """
    kind, named, open_kinds = rows.kind, list[tuple[int, str, str, tuple[str, ...]]](), set[str]()
    if kind.lasting:
        return named, frozenset()
    alike: dict[frozenset[str], list[int]] = {}
    for place, names in unknown.items():
        alike.setdefault(frozenset(names), []).append(place)
    for names, places in alike.items():
        one, other = (_tried(kind, rows.columns, places, names, which) for which in (0, -1))
        for place, says in zip(places, (rows.columns["source"][place] or source for place in places), strict=True):
            sure = set() if "source" in names else one[place] & other[place]
            named += [(place, str(About(type_, f"{says}/{filed}")), key_of(type_, apart, says, filed), apart) for type_, filed, apart in sure]
            open_kinds.update(filed for _, filed, _ in (one[place] | other[place]) - sure)
    return named, frozenset(open_kinds)


def _tried(
    kind: Kind, columns: Columns, places: Sequence[int], names: Collection[str], which: int
) -> dict[int, set[tuple[str, str, tuple[str, ...]]]]:
    """Place -> type, kind and what tells it apart, of each fact that a row may say, the first or the last guess standing for what is no set."""
    unknown = [column for column in kind.every_column if column.name in names]
    sets = {column.name: choices for column in unknown if (choices := column.choices)}
    free = {column.name: guesses[which] for column in unknown if column.name not in sets and (guesses := column.guesses)}
    made: dict[int, set[Place]] = {place: set() for place in places}
    for combination in product(*sets.values()):
        guessed = free | dict(zip(sets, combination, strict=True))
        tried: dict[str, Sequence[Any]] = {column.name: [columns[column.name][place] for place in places] for column in kind.every_column}
        tried |= {name: [value] * len(places) for name, value in guessed.items()}
        tried.update(kind.derive(tried))
        for fact in kind.facts:
            chosen = telling(fact, tried, len(places))
            for at, apart in zip(chosen.places, apart_of(fact, chosen), strict=True):
                made[places[at]].add((fact.type, fact.filed, apart))
    return made


@cache
def open_kinds_of(name: str) -> frozenset[str]:
    """The kinds under which facts are filed of which a row of a kind may speak that could not even be read."""
    kind = KIND[name]
    columns = {column.name: [None] for column in kind.every_column}
    return _spared(Rows(kind, [0], [0], dict(columns)), {0: columns.keys()}, "")[1]


def telling(fact: FactSaid, columns: Columns, rows: int) -> "Chosen":
    """The places at which rows say a fact."""
    chosen = Chosen(columns, range(rows))
    if fact.each:
        listed = [(place, item) for place, items in enumerate(columns[fact.each]) for item in dict.fromkeys(items or ())]
        chosen = Chosen(columns, [place for place, _ in listed], {fact.each: [item for _, item in listed]})
    size = len(chosen.places)
    starts, ends = taken(fact.start, chosen, size), taken(fact.end, chosen, size)
    keep = [True] * size if all(starts) and all(ends) else [bool(start and end) for start, end in zip(starts, ends, strict=True)]
    for name, wanted in fact.where.items():
        keep = [told and value == wanted for told, value in zip(keep, chosen[name], strict=True)]
    if fact.filled:
        keep = [told and value is not None for told, value in zip(keep, chosen[fact.filled], strict=True)]
    return chosen if all(keep) else chosen.only(keep)


def apart_of(fact: FactSaid, chosen: "Chosen") -> Iterable[tuple[str, ...]]:
    """What tells a fact apart, at each of its places."""
    return zip(*telling_apart(fact, chosen), strict=True)


def telling_apart(fact: FactSaid, chosen: "Chosen") -> list[Sequence[str]]:
    """The same as columns."""
    size = len(chosen.places)
    return [_told(taken(source, chosen, size)) for source in fact.apart]


class Chosen(dict[str, Sequence[Any]]):
    """Columns at some places, taken when asked for; ``items`` stand for the lists of one column."""

    def __init__(self, columns: Columns, places: Sequence[int], items: Mapping[str, Sequence[Any]] = MappingProxyType({})) -> None:
        super().__init__(items)
        self.columns, self.places = columns, places

    def __missing__(self, name: str) -> Sequence[Any]:
        values = self.columns[name]
        self[name] = values if isinstance(self.places, range) else [values[place] for place in self.places]
        return self[name]

    def only(self, keep: list[bool]) -> "Chosen":
        """The places to keep."""
        items = {name: list(compress(values, keep)) for name, values in self.items()}
        return Chosen(self.columns, list(compress(self.places, keep)), items)


class Said:
    """What usable rows say, as the tables of ``SCHEMAS``."""

    def __init__(
        self, rows: Rows, source: str, path: str, alone: Sequence[str], emptied: Mapping[str, FactSaid], cleared: Iterable[tuple[str, FactSaid]]
    ) -> None:
        self.kind, self.columns, self.rows, self.path, self.alone = rows.kind, rows.columns, rows, path, alone
        self.every, self.emptied, self.cleared = range(len(rows)), emptied, cleared
        self.places = np.fromiter(rows.places, np.int64, len(rows))
        self.says = [given or source for given in rows.columns["source"]]
        self.sources = set(self.says)
        self.sure = [1.0 if given is None else float(given) for given in rows.columns["confidence"]]
        self.names: dict[str, set[str]] = defaultdict(set)
        self.arrays: dict[tuple[int, pa.DataType], tuple[list[Any], pa.Array]] = {}
        """By a list and its type: the list, so that it stays, and its array."""
        self.made: dict[str, list[pa.Table]] = {name: [] for name in SCHEMAS}

    def tables(self) -> dict[str, pa.Table]:
        """Each table that has a row."""
        if self.every:
            self._rows()
            self._own_thing()
            for thing in self.kind.things:
                self._thing(thing)
            for fact in self.kind.facts:
                self._fact(fact)
            self._refs()
            self._scopes()
            for column, fact in self.emptied.items():
                self._empty("emptied", column, fact)
            for column, fact in self.cleared:
                self._empty("cleared", column, fact, "valid_from")
            for label, names in self.names.items():
                self._add("names", label, list(names))
        return {name: pa.concat_tables(parts) for name, parts in self.made.items() if parts}

    def _add(self, name: str, *columns: Any) -> None:
        """Rows of a table; a value alone stands for a column of it."""
        schema = SCHEMAS[name]
        size = next(len(given) for given in columns if not isinstance(given, ALONE))
        if size:
            if schema.names[0] == "place":
                columns = (self.places if columns[0] == self.every else self.places[columns[0]], *columns[1:])
            arrays = [self._array(given, of.type, size) for given, of in zip(columns, schema, strict=True)]
            self.made[name].append(pa.Table.from_arrays(arrays, schema=schema))

    def _array(self, values: Any, type_: pa.DataType, size: int) -> pa.Array:
        """Values as Arrow has them, a value alone ``size`` times. Columns of the rows stand in several tables."""
        if isinstance(values, ALONE):
            return pa.repeat(pa.scalar(values, type_), size)
        if not isinstance(values, list):
            return pa.array(values, type_)
        if (id(values), type_) not in self.arrays:
            self.arrays[id(values), type_] = values, pa.array(values, type_)
        return self.arrays[id(values), type_][1]

    def _abouts(self, name: str, filed: str, places: Sequence[int]) -> Sequence[str] | str:
        """Of which things or facts rows speak: ``TYPE source/kind``."""
        known = {says: str(About(name, f"{says}/{filed}")) for says in self.sources}
        return next(iter(known.values())) if len(known) == 1 else [known[self.says[place]] for place in places]

    def _rows(self) -> None:
        apart = marks = None
        if self.alone:
            before = orjson.dumps([self.kind.name, self.path])
            which = map(orjson.dumps, zip(*(self.columns[name] for name in (*self.alone, *UNSAID)), strict=True))
            hashes = b"".join([blake2b(before + each, digest_size=APART).digest() for each in which])
            apart = _of_width(pa.binary(), APART, hashes)
            marks = digests_of(map(orjson.dumps, zip(*self.columns.values(), strict=True)))
        self._add("rows", self.every, self.rows.lines, self.columns["source"], apart, marks, self.columns["recorded_at"])

    def _own_thing(self) -> None:
        kind = self.kind
        if not (kind.label and kind.identifies):
            return
        ids = self.columns[kind.identifies]
        self._add("ids", self.every, kind.label, ids)
        self.names[kind.label].update(ids)
        aliases: Sequence[bytes | None] | None = None
        if kind.aliases:
            given = list(kind.aliases(self.columns))
            aliases = [orjson.dumps(names) if names else None for names in given]
            places = [place for place, names in enumerate(given) for _ in names]
            self._add("aliases", places, kind.label, [name for names in given for name in names], [ids[place] for place in places])
        self._things(kind.label, Chosen(self.columns, self.every), ids, kind.props, self.sure, aliases)
        if kind.also:
            label, name, id_ = kind.also
            places = [place for place, other in enumerate(self.columns[id_]) if other]
            found = Chosen(self.columns, places)
            self._add("also", places, label, found[name], found[id_])
        if kind.not_same:
            parted = [(place, other) for place, others in enumerate(self.columns[kind.not_same]) for other in others or ()]
            self._add("parted", [place for place, _ in parted], kind.label, [ids[place] for place, _ in parted], [other for _, other in parted])

    def _things(
        self,
        label: str,
        chosen: Chosen,
        ids: Sequence[str],
        props: Mapping[str, Source],
        sure: Sequence[float],
        aliases: Sequence[bytes | None] | None,
    ) -> None:
        texts, marks = _marked(label, props, chosen, len(ids))
        abouts = self._abouts(label, self.kind.name, chosen.places)
        self._add("things", chosen.places, abouts, ids, sure, texts, aliases, marks, chosen["recorded_at"], False)

    def _thing(self, thing: ThingSaid) -> None:
        ids = taken(thing.id, self.columns, len(self.every))
        places = [place for place, id_ in enumerate(ids) if id_]
        named = [ids[place] for place in places]
        self.names[thing.label].update(named)
        if not thing.implied:
            self._add("ids", places, thing.label, named)
        if thing.implied or not thing.values:
            self._bare(thing, places, named)
        else:
            self._things(thing.label, Chosen(self.columns, places), named, thing.values, [self.sure[place] for place in places], None)

    def _bare(self, thing: ThingSaid, places: Sequence[int], ids: Sequence[str]) -> None:
        """A thing of which rows say no more than that it is there: what it is once for each source, and all rows that name it."""
        first = {(self.says[place], id_): place for place, id_ in zip(reversed(places), reversed(ids), strict=True)}
        chosen, named = Chosen(self.columns, list(first.values())), [id_ for _, id_ in first]
        texts, marks = _marked(thing.label, thing.values, chosen, len(named))
        self._add("bare", self._abouts(thing.label, self.kind.name, chosen.places), named, thing.unless_known, texts, marks, thing.implied)
        sure = [1.0 if thing.implied else self.sure[place] for place in places]
        known_from = Chosen(self.columns, places)["recorded_at"]
        self._add("naming", places, self._abouts(thing.label, self.kind.name, places), ids, thing.unless_known, sure, known_from)

    def _fact(self, fact: FactSaid) -> None:
        chosen = telling(fact, self.columns, len(self.every))
        places = chosen.places
        if not places:
            return
        size, edge = len(places), EDGE[fact.type]
        starts, ends = taken(fact.start, chosen, size), taken(fact.end, chosen, size)
        self.names[edge.source].update(starts)
        self.names[edge.target].update(ends)
        if edge.target == "Field":
            self._bare(ThingSaid("Field", fact.end), places, ends)
        keys = self._keys(fact, chosen)
        sure = self.sure if isinstance(places, range) else [self.sure[place] for place in places]
        texts = _texts(fact.values, chosen, size)
        marks = fact_digests_of(texts, starts, ends, sure)
        dates = (chosen[name] for name in ("valid_from", "valid_to"))
        abouts = self._abouts(fact.type, fact.filed, places)
        self._add("facts", places, abouts, keys, *dates, marks, starts, ends, sure, texts, chosen["recorded_at"])

    def _keys(self, fact: FactSaid, chosen: Chosen) -> pa.Array:
        says = self.says if isinstance(chosen.places, range) else [self.says[place] for place in chosen.places]
        return _of_width(pa.string(), KEY, keys_of(fact.type, telling_apart(fact, chosen), says, fact.filed))

    def _refs(self) -> None:
        for position, column in enumerate(self.kind.referring):
            given, label = self.columns[column.name], column.ref or ""
            if column.several:
                names: Sequence[str] = [name for several in given for name in several or ()]
                places: Sequence[int] = [place for place, several in enumerate(given) for _ in several or ()]
            else:
                names, places = (given, self.every) if all(given) else (list(compress(given, given)), list(compress(self.every, given)))
            self.names[label].update(names)
            makes = self._abouts(label, self.kind.name, places) if column.anonymous else None
            known_from = Chosen(self.columns, places)["recorded_at"]
            self._add("refs", places, label, names, [position] * len(places), makes, known_from)

    def _empty(self, name: str, column: str, fact: FactSaid, *more: str) -> None:
        chosen = Chosen(self.columns, [place for place, value in enumerate(self.columns[column]) if value is None])
        keys = self._keys(fact, chosen)
        self._add(name, chosen.places, self._abouts(fact.type, fact.filed, chosen.places), keys, *(chosen[each] for each in more))

    def _scopes(self) -> None:
        if self.kind.needs_one == NEEDS_GROUP:
            scopes = list(zip(*(self.columns[name] for name in NEEDS_GROUP), strict=True))
            places = [place for place, scope in enumerate(scopes) if len(scope) - scope.count(None) > 1]
            self._add("scopes", places, *(Chosen(self.columns, places)[name] for name in NEEDS_GROUP))


def _marked(label: str, props: Mapping[str, Source], columns: Columns, rows: int) -> tuple[list[bytes], Any]:
    """The properties of a thing a row as text, and their digest, with what a thing of its label has by default."""
    texts, defaults = _texts(props, columns, rows), NODE[label].defaults
    return texts, digests_of(_texts(props, columns, rows, defaults) if defaults else texts)


def _texts(props: Mapping[str, Source], columns: Columns, rows: int, defaults: Mapping[str, Any] = MappingProxyType({})) -> list[bytes]:
    """Properties a row as JSON with sorted names, without those that are missing and have no default."""
    given: dict[str, Sequence[Any]] = {name: [value] * rows for name, value in defaults.items()}
    for name, source in props.items():
        values = taken(source, columns, rows)
        if name in defaults:
            values = [defaults[name] if value is None else value for value in values]
        if values.count(None) < rows:
            given[name] = values
    if not given:
        return [b"{}"] * rows
    names, texts = sorted(given), list[bytes]()
    for each in zip(*(given[name] for name in names), strict=True):
        said = zip(names, each, strict=True)
        texts.append(orjson.dumps({name: value for name, value in said if value is not None} if None in each else dict(said)))
    return texts


def _told(values: Sequence[Any]) -> Sequence[str]:
    """Values as texts, what is missing as an empty one."""
    if set(map(type, values)) <= {str}:
        return values
    return [value if isinstance(value, str) else "" if value is None else str(value) for value in values]


def _of_width(type_: pa.DataType, width: int, together: bytes) -> pa.Array:
    """Values of one width that stand one after the other."""
    ends = np.arange(0, len(together) + 1, width, dtype=np.int32)
    return pa.Array.from_buffers(type_, len(ends) - 1, [None, pa.py_buffer(ends), pa.py_buffer(together)])
