"""From text to what rows say: values, then things, facts and references as columns. Each row is usable or refused with its reason. Pure.

What rows must be compared with others for, repeated ids, lost references, overlapping stretches, is asked of the spool once all files are read.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from itertools import compress
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson
import pyarrow as pa

from graph.journal import About, digest, digest_of, key_of
from graph.model import EDGE, NODE
from loaders.columns import Column, Columns, FactSaid, Kind, Refused, Source, ThingSaid, taken
from loaders.frames import Table
from loaders.mapping import LINE

UNSAID = ("valid_from", "valid_to", "source", "confidence")
"""Columns in which rows of one id may differ: other stretches, another word."""


class Reject(NamedTuple):
    """A fault of a row that could not be used: its kind, file and line, the column (none: the whole row), and why."""

    kind: str
    file: str
    line: int
    column: str
    reason: str


SCHEMAS = {
    "rows": pa.schema([("place", pa.int64()), ("line", pa.int64()), ("apart", pa.binary()), ("mark", pa.int64())]),
    "names": pa.schema([("label", pa.string()), ("name", pa.string())]),
    "own": pa.schema([("place", pa.int64()), ("label", pa.string()), ("name", pa.string()), ("id", pa.string())]),
    "refs": pa.schema(
        [("place", pa.int64()), ("label", pa.string()), ("name", pa.string()), ("position", pa.int8()), ("makes", pa.string())],
    ),
    "things": pa.schema(
        [
            ("place", pa.int64()),
            ("about", pa.string()),
            ("id", pa.string()),
            ("sure", pa.float64()),
            ("values", pa.binary()),
            ("aliases", pa.binary()),
            ("mark", pa.int64()),
            ("unless_known", pa.string()),
        ]
    ),
    "facts": pa.schema(
        [
            ("place", pa.int64()),
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
}
"""What is told of the rows of a stretch; ``place`` is a row's number in it.

``rows``: the line, and where a kind tells rows apart, by what (``apart``) and a mark of all values. ``names``: what is to be looked up. ``own``: ids
and aliases that rows bring in. ``refs``: what they name, in which of the kind's referring columns; ``makes`` is whose anonymous people the unknown
become.
"""


@dataclass(slots=True)
class Checked:
    """A stretch of a file after the check: its columns and how many rows it had, the rejects, and by name the tables of ``SCHEMAS``."""

    kind: str
    path: Path
    columns: list[str]
    rows: int
    rejects: list[Reject]
    tables: dict[str, pa.Table] = field(default_factory=dict)
    sources: frozenset[str] = frozenset()


@dataclass(slots=True)
class Rows:
    """The usable rows of a stretch by column, with their lines."""

    kind: Kind
    lines: list[int]
    columns: dict[str, Sequence[Any]]

    def __len__(self) -> int:
        return len(self.lines)

    def without(self, places: Iterable[int]) -> "Rows":
        """The rows but for these."""
        gone = set(places)
        keep = [place not in gone for place in range(len(self.lines))]
        return Rows(self.kind, list(compress(self.lines, keep)), {name: list(compress(given, keep)) for name, given in self.columns.items()})


def check_stretch(table: Table, zone: tzinfo, source: str) -> Checked:
    """Parses the cells of a stretch, column by column and each text once; a row with a fault is refused, with all its faults."""
    kind, file = table.kind, table.path.name
    rejects = [Reject(kind.name, file, broken.line, "", broken.reason) for broken in table.broken]
    rows, faults = _parsed(table, zone)
    rejects += [Reject(kind.name, file, line, column, reason) for line, column, reason in faults]
    rows.columns.update(kind.derive(rows.columns))
    if bad := _faulty(rows):
        rejects += [Reject(kind.name, file, rows.lines[place], column, reason) for place, (column, reason) in sorted(bad.items())]
        rows = rows.without(bad)
    said = Said(rows, source, str(table.path))
    columns = [str(name) for name in table.cells if name != LINE]
    return Checked(kind.name, table.path, columns, len(table.cells) + len(table.broken), rejects, said.tables(), frozenset(said.sources))


def _parsed(table: Table, zone: tzinfo) -> tuple[Rows, list[tuple[int, str, str]]]:
    """The rows whose every cell can be read, and the faults of the others."""
    lines = table.cells[LINE].tolist()
    nothing: Sequence[Any] = [None] * len(lines)
    rows = Rows(table.kind, lines, {column.name: nothing for column in table.kind.every_column})
    faults: list[tuple[int, int, str, str]] = []
    for order, column in enumerate(column for column in table.kind.every_column if column.name in table.cells):
        cells = table.cells[column.name].tolist()
        values, wrong = _values(column, cells, zone)
        rows.columns[column.name] = values
        if wrong:
            faults += [(place, order, column.name, wrong[cell]) for place, cell in enumerate(cells) if cell in wrong]
    if not faults:
        return rows, []
    told = [(lines[place], column, reason) for place, _, column, reason in sorted(faults)]
    return rows.without(place for place, *_ in faults), told


def _values(column: Column, cells: list[str], zone: tzinfo) -> tuple[list[Any], dict[str, str]]:
    """A value for each cell, and the texts that cannot be used, with the reason."""
    known: dict[str, Any] = {"": None}
    faults: dict[str, str] = {"": "is required and empty"} if column.required else {}
    for cell in set(cells) - {""}:
        try:
            known[cell] = column.parse(cell, zone)
        except Refused as fault:
            known[cell], faults[cell] = None, str(fault)
    return [known[cell] for cell in cells], faults


def _faulty(rows: Rows) -> dict[int, tuple[str, str]]:
    """Rows whose cells are right, but not together: place -> column and reason."""
    kind, columns = rows.kind, rows.columns
    bad: dict[int, tuple[str, str]] = {}
    for fact in kind.facts:
        if EDGE[fact.type].source == EDGE[fact.type].target:
            ends = zip(taken(fact.start, columns, len(rows)), taken(fact.end, columns, len(rows)), strict=True)
            for place, (first, second) in enumerate(ends):
                if first is not None and first == second:
                    column = next(column.name for column in reversed(kind.columns) if column.ref and columns[column.name][place] == second)
                    bad[place] = (column, "names the row's own person or company")
    if needed := kind.needs_one:
        for place, cells in enumerate(zip(*(columns[name] for name in needed), strict=True)):
            if not any(cells):
                bad[place] = (needed[0], f"is empty, and so is {' and '.join(needed[1:])}: name one of them")
    for place, (first, last) in enumerate(zip(columns["valid_from"], columns["valid_to"], strict=True)):
        if first is not None and last is not None and last <= first:
            bad[place] = ("valid_to", "is not after valid_from")
    return bad


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

    def __init__(self, rows: Rows, source: str, path: str) -> None:
        self.kind, self.columns, self.lines, self.path = rows.kind, rows.columns, rows.lines, path
        self.every = range(len(rows))
        self.says = [given or source for given in rows.columns["source"]]
        self.sources = set(self.says)
        self.sure = [1.0 if given is None else float(given) for given in rows.columns["confidence"]]
        self.names: dict[str, set[str]] = defaultdict(set)
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
            for label, names in self.names.items():
                self._add("names", label, list(names))
        return {name: pa.concat_tables(parts) for name, parts in self.made.items() if parts}

    def _add(self, name: str, *columns: Sequence[Any] | str | None) -> None:
        """Rows of a table; a text or None alone stands for a column of it."""
        schema = SCHEMAS[name]
        size = next(len(given) for given in columns if not isinstance(given, str | None))
        if size:
            arrays = [
                pa.repeat(pa.scalar(given, of.type), size) if isinstance(given, str | None) else pa.array(given, of.type)
                for given, of in zip(columns, schema, strict=True)
            ]
            self.made[name].append(pa.Table.from_arrays(arrays, schema=schema))

    def _abouts(self, name: str, filed: str, places: Sequence[int]) -> Sequence[str] | str:
        """Of which things or facts rows speak: ``TYPE source/kind``."""
        known = {says: str(About(name, f"{says}/{filed}")) for says in self.sources}
        return next(iter(known.values())) if len(known) == 1 else [known[self.says[place]] for place in places]

    def _rows(self) -> None:
        alone = self.kind.told_apart_by
        apart: Sequence[bytes] | None = None
        marks: Sequence[int] | None = None
        if alone:
            before = orjson.dumps([self.kind.name, self.path])
            which = zip(*(self.columns[name] for name in (*alone, *UNSAID)), strict=True)
            apart = [hashlib.blake2b(before + orjson.dumps(each), digest_size=12).digest() for each in which]
            marks = [digest_of(orjson.dumps(each)) for each in zip(*self.columns.values(), strict=True)]
        self._add("rows", self.every, self.lines, apart, marks)

    def _own_thing(self) -> None:
        kind = self.kind
        if not (kind.label and kind.identifies):
            return
        ids = self.columns[kind.identifies]
        self._own(self.every, kind.label, ids, ids)
        self.names[kind.label].update(ids)
        aliases: Sequence[bytes | None] | None = None
        if kind.aliases:
            given = list(kind.aliases(self.columns))
            aliases = [orjson.dumps(names) if names else None for names in given]
            places = [place for place, names in enumerate(given) for _ in names]
            self._own(places, kind.label, [name for names in given for name in names], [ids[place] for place in places])
        self._things(kind.label, Chosen(self.columns, self.every), ids, kind.props, self.sure, aliases)
        if kind.also:
            label, name, id_ = kind.also
            places = [place for place, other in enumerate(self.columns[id_]) if other]
            found = Chosen(self.columns, places)
            self._own(places, label, found[name], found[id_])

    def _own(self, places: Sequence[int], label: str, names: Sequence[str], ids: Sequence[str]) -> None:
        self._add("own", places, label, names, ids)

    def _things(
        self,
        label: str,
        chosen: Chosen,
        ids: Sequence[str],
        props: Mapping[str, Source],
        sure: Sequence[float],
        aliases: Sequence[bytes | None] | None = None,
        unless_known: str | None = None,
    ) -> None:
        places, defaults = chosen.places, NODE[label].defaults
        values = _filled(props, chosen, len(places))
        texts = [orjson.dumps(each) for each in values]
        marks = [digest({**defaults, **each}) for each in values]
        self._add("things", places, self._abouts(label, self.kind.name, places), ids, sure, texts, aliases, marks, unless_known)

    def _thing(self, thing: ThingSaid) -> None:
        ids = taken(thing.id, self.columns, len(self.every))
        places = [place for place, id_ in enumerate(ids) if id_]
        if not thing.implied:
            named = [ids[place] for place in places]
            self._own(places, thing.label, named, named)
        if thing.implied or not thing.values:
            places = self._first(ids, places)
        named = [ids[place] for place in places]
        self.names[thing.label].update(named)
        sure = [1.0 if thing.implied else self.sure[place] for place in places]
        self._things(thing.label, Chosen(self.columns, places), named, thing.values, sure, unless_known=thing.unless_known)

    def _first(self, ids: Sequence[str], places: Iterable[int]) -> list[int]:
        """Where each source names each id first: what is only named is named once."""
        first: dict[tuple[str, str], int] = {}
        for place in places:
            first.setdefault((self.says[place], ids[place]), place)
        return list(first.values())

    def _fact(self, fact: FactSaid) -> None:
        chosen = self._telling(fact)
        places = chosen.places
        if not places:
            return
        size, edge = len(places), EDGE[fact.type]
        starts, ends = taken(fact.start, chosen, size), taken(fact.end, chosen, size)
        self.names[edge.source].update(starts)
        self.names[edge.target].update(ends)
        if edge.target == "Field":
            by_place = dict(zip(places, ends, strict=True))
            first = self._first([by_place.get(place, "") for place in self.every], places)
            self._things("Field", Chosen(self.columns, first), [by_place[place] for place in first], {}, [self.sure[place] for place in first])
        apart = zip(*([_told(value) for value in taken(source, chosen, size)] for source in fact.apart), strict=True)
        keys = [key_of(fact.type, each, self.says[place], fact.filed) for place, each in zip(places, apart, strict=True)]
        sure = self.sure if isinstance(places, range) else [self.sure[place] for place in places]
        values = _filled(fact.values, chosen, size)
        marks = [digest({**each, "": list(also)}) for each, also in zip(values, zip(starts, ends, sure, strict=True), strict=True)]
        dates = (chosen[name] for name in ("valid_from", "valid_to"))
        texts = [orjson.dumps(each) for each in values]
        abouts = self._abouts(fact.type, fact.filed, places)
        self._add("facts", places, abouts, keys, *dates, marks, starts, ends, sure, texts, chosen["recorded_at"])

    def _telling(self, fact: FactSaid) -> Chosen:
        """The places at which rows say this fact."""
        chosen = Chosen(self.columns, self.every)
        if fact.each:
            listed = [(place, item) for place, items in enumerate(self.columns[fact.each]) for item in dict.fromkeys(items or ())]
            chosen = Chosen(self.columns, [place for place, _ in listed], {fact.each: [item for _, item in listed]})
        size = len(chosen.places)
        keep = [bool(start and end) for start, end in zip(taken(fact.start, chosen, size), taken(fact.end, chosen, size), strict=True)]
        for name, wanted in fact.where.items():
            keep = [told and value == wanted for told, value in zip(keep, chosen[name], strict=True)]
        if fact.filled:
            keep = [told and value is not None for told, value in zip(keep, chosen[fact.filled], strict=True)]
        return chosen if all(keep) else chosen.only(keep)

    def _refs(self) -> None:
        for position, column in enumerate(self.kind.referring):
            given, label = self.columns[column.name], column.ref or ""
            if column.several:
                named = [(place, name) for place, names in enumerate(given) for name in names or ()]
            else:
                named = [(place, name) for place, name in enumerate(given) if name]
            places, names = [place for place, _ in named], [name for _, name in named]
            self.names[label].update(names)
            makes = self._abouts(label, self.kind.name, places) if column.anonymous else None
            self._add("refs", places, label, names, [position] * len(places), makes)


def _filled(props: Mapping[str, Source], columns: Columns, rows: int) -> list[dict[str, Any]]:
    """Properties a row, without those that are missing."""
    given = ((name, taken(source, columns, rows)) for name, source in props.items())
    filled = {name: values for name, values in given if any(value is not None for value in values)}
    if not filled:
        return [{} for _ in range(rows)]
    names = tuple(filled)
    return [{name: value for name, value in zip(names, each, strict=True) if value is not None} for each in zip(*filled.values(), strict=True)]


def _told(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
