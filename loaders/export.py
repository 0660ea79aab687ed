"""The graph as canonical files: what is known now, in a stable order, that loads again into an equal graph."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graph import statements
from graph.errors import InvalidInput
from graph.identity import MAIL, PHONE, Rule, Says
from graph.instants import OPEN_END, OPEN_START, at_moment
from graph.ledger import as_written
from graph.model import EDGE, NODE, SINCE, CompanyKind, CompanyLink
from graph.store import Store
from loaders.cells import neutral
from loaders.columns import COMMON, Column, Kind, end, past, start, written
from loaders.kinds import DATED, KIND, KINDS, RENAMED

Cells = dict[str, Any]


@dataclass(slots=True)
class World:
    """What is exported: things by label and id, and their aliases both ways."""

    things: Mapping[str, Mapping[str, Cells]]
    aliases: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    named: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    names: dict[tuple[str, str], frozenset[str]] = field(default_factory=lambda: defaultdict(frozenset))
    """Those of a thing's aliases that are names, and no ids."""
    apart: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    """What a person declared that a thing is not; each pair once, at the smaller id."""

    def meant(self, label: str | None, name: str) -> str:
        """The thing that a row names."""
        alike = self.named.get((label or "", name), set())
        return name if label is None or name in self.things[label] or len(alike) != 1 else min(alike)

    def told(self, label: str | None, id_: str, ref: str) -> str:
        """A thing by the alias that a source wrote, as long as it means that thing alone; else by its id."""
        alone = label is not None and self.named.get((label, ref)) == {id_} and ref not in self.things[label]
        return ref if alone else id_

    def names_group(self, id_: str) -> str:
        """The column that names a group: an account's default one bears the account's id, an opportunity's own the opportunity's."""
        if self.is_default(id_):
            return "company_id"
        return "opportunity_id" if id_ in self.things["Opportunity"] else "group_id"

    def is_default(self, id_: str) -> bool:
        """Whether a group is a company's default one."""
        group = self.things["BuyingGroup"].get(id_, {})
        return bool(group) and self.meant("Company", group["company_id"]) == id_

    def follows(self, id_: str) -> bool:
        """Whether a group is there because its account or its opportunity is, without a row of its own."""
        account = self.is_default(id_) and CompanyKind.ACCOUNT in self.things["Company"].get(id_, {}).get("kinds", ())
        return account or id_ in self.things["Opportunity"]


COLUMN_OF = {name: column for column, name in RENAMED.items()}
VALUE_COLUMNS = {field.value: column for columns in DATED.values() for field, column in columns.items()}


async def export(store: Store, folder: Path, *, recorded: bool = False) -> dict[str, int]:
    """Writes one CSV file a kind into ``folder``; returns how many rows each has. Raises InvalidInput when files stand there already.

    ``recorded`` writes since when each fact is known, too.
    """
    _make(folder)
    rows = await canonical_rows(store, recorded=recorded)
    for kind in KINDS:
        if rows[kind.name]:
            _write(folder / f"{kind.name}.csv", kind, rows[kind.name])
    return {name: len(found) for name, found in rows.items() if found}


def _make(folder: Path) -> None:
    if folder.exists() and (folder.is_file() or any(folder.iterdir())):
        raise InvalidInput(f"{folder}: not an empty folder. Name a new one.", file=str(folder))
    folder.mkdir(parents=True, exist_ok=True)


COMMON_FACT = ("confidence", "valid_from", "valid_to")
BOUNDS = [column for column in COMMON if column.name in ("valid_from", "valid_to")]
"""Where an open instant is an empty cell; elsewhere the year 9999 is a value like any other."""


async def canonical_rows(store: Store, *, recorded: bool = False) -> dict[str, list[dict[str, str]]]:
    """Kind -> rows of cells as text, sorted. What a load that is not finished wrote is left out, and what it retracts is not."""
    revision = await store.revision_at(OPEN_END)
    known_at = revision.known_at
    world = World({label: await _things(store, label, known_at) for label in NODE if SINCE in NODE[label].props})
    for name, entity, label in await store.read("export", statements.ALL_ALIASES, {}):
        world.aliases[label, entity].append(name)
        world.named[label, name].add(entity)
    for label, entity, says in await store.read("export", statements.ALL_RECORDS, {}):
        world.names[label, entity] |= Says.read(says).names
    decisions = await store.read("export", statements.ALL_DECISIONS, {"number": revision.number, "declared": Rule.IN_FILE})
    for (label, *_), (first, second, same) in {(label, one, other): told for label, one, other, *told in decisions}.items():
        if not same and first != second:
            world.apart[label, min(first, second)].add(max(first, second))
    made: dict[str, dict[tuple[Any, ...], Cells]] = {kind.name: {} for kind in KINDS}
    for type_ in EDGE:
        for from_id, to_id, fact in await store.read("export", statements.known_facts(EDGE[type_]), {"known_at": known_at}):
            source, name = fact["origin"].rsplit("/", 1)
            cells = _cells(type_, KIND[name], from_id, to_id, fact, world)
            common = {"source": source, **{column: fact[column] for column in (*COMMON_FACT, *(["recorded_at"] if recorded else []))}}
            _join(made[name], KIND[name], cells, common)
    for kind in KINDS:
        by_thing: dict[str, list[Cells]] = defaultdict(list)
        for row in made[kind.name].values():
            by_thing[row.get(kind.identifies or "", "")].append(row)
        own = _own(kind, world)
        for name, rows in by_thing.items():
            cells = own.get(world.meant(kind.label, name), {})
            told = cells if name in own else _beside(kind, cells, name)
            for row in rows:
                row.update({column: value for column, value in told.items() if row.get(column) is None})
        for id_, cells in own.items():
            since = {"recorded_at": world.things[kind.rows_are or kind.label or ""][id_]["since"]} if recorded else {}
            if all(recorded and row["recorded_at"] > since["recorded_at"] for row in by_thing.get(id_, ())):
                made[kind.name][id_, len(made[kind.name])] = cells | since
            if kind.identifies and (untold := _untold(kind, cells, world.aliases.get((kind.label or "", id_), []))):
                made[kind.name][id_, len(made[kind.name])] = {**_beside(kind, cells, id_), "aliases": untold, "confidence": 0.0, **since}
    return {kind.name: _sorted(kind, made[kind.name].values()) for kind in KINDS}


async def _things(store: Store, label: str, known_at: int) -> dict[str, Cells]:
    rows = await store.read("export", statements.known_nodes(NODE[label]), {"known_at": known_at})
    return {row[0]["id"]: as_written(NODE[label], row[0]) for row in rows}


def _cells(type_: str, kind: Kind, from_id: str, to_id: str, fact: Cells, world: World) -> Cells:
    """The cells of a fact in the file of its kind.

    What the row refers to stands there as its source wrote it, so that the row tells the same fact again.
    """
    first, second = kind.ends[type_]
    if not second:
        return {first: world.told(EDGE[type_].source, from_id, fact["from_ref"]), VALUE_COLUMNS[to_id]: fact["value"]}
    values = {COLUMN_OF.get(name, name): value for name, value in fact.items()} | ({"kind": type_} if type_ in set(CompanyLink) else {})
    cells = {column.name: values[column.name] for column in kind.columns if column.name in values}
    for name, id_, ref in ((first, from_id, fact["from_ref"]), (second, to_id, fact["to_ref"])):
        column = next(column for column in kind.columns if column.name == name)
        if column.ref == "BuyingGroup":
            column = next(each for each in kind.columns if each.name == world.names_group(id_))
        told = world.told(column.ref, id_, ref)
        cells[column.name] = [told] if column.several else told
    return cells


def _join(made: dict[tuple[Any, ...], Cells], kind: Kind, cells: Cells, common: Cells) -> None:
    """Facts of one thing that have all of ``common`` in common share a row of its file; others have one each."""
    thing: Any = cells[kind.identifies] if kind.identifies and kind.label and kind.identifies in cells else len(made)
    place: tuple[Any, ...] = (thing, *common.values())
    cells = cells | common
    row = made.setdefault(place, cells)
    if row is cells:
        return
    if all(row.get(name) is None or row[name] == value or isinstance(value, list) for name, value in cells.items()):
        for name, value in cells.items():
            row[name] = row[name] + value if isinstance(value, list) and row.get(name) else value
    else:
        made[*place, len(made)] = cells


def _own(kind: Kind, world: World) -> dict[str, Cells]:
    """Thing -> the cells of its attributes, for a kind that tells of things."""
    columns = {column.name for column in kind.columns} - set(VALUE_COLUMNS.values())
    if kind.rows_are:
        (said,) = (thing.values.items() for thing in kind.things if thing.label == kind.rows_are)
        return {id_: {column: row.get(name) for name, column in said if column in columns} for id_, row in world.things[kind.rows_are].items()}
    if kind.label is None or kind.identifies is None:
        return {}
    made = {}
    for id_, props in world.things[kind.label].items():
        if props.get("anonymous") or (kind.label == "BuyingGroup" and world.follows(id_)):
            continue
        cells = {name: value for name, value in props.items() if name in columns} | {kind.identifies: id_}
        others = world.aliases.get((kind.label, id_), [])
        if kind.name == "people":
            cells["emails"] = [name.removeprefix(MAIL) for name in others if name.startswith(MAIL)]
            cells["phones"] = [name.removeprefix(PHONE) for name in others if name.startswith(PHONE)]
        if kind.not_same:
            cells[kind.not_same] = sorted(world.apart.get((kind.label, id_), ()))
        if "identifiers" in columns:
            cells["identifiers"] = [name for name in _untold(kind, cells, others) if name not in world.names[kind.label, id_]]
        made[id_] = cells
    return made


def _beside(kind: Kind, cells: Cells, name: str) -> Cells:
    """What a second row of a thing must say, under this name of it."""
    return {column.name: cells.get(column.name) for column in kind.columns if column.required} | {kind.identifies or "": name}


def _untold(kind: Kind, cells: Cells, aliases: Iterable[str]) -> list[str]:
    """The aliases that a row of these cells does not tell: those of sources whose word on the attributes did not win."""
    row = {column.name: [cells.get(column.name)] for column in kind.columns}
    told = {name for names in (kind.aliases(row) if kind.aliases else ()) for name in names}
    return [name for name in aliases if name not in told]


def _sorted(kind: Kind, rows: Iterable[Cells]) -> list[dict[str, str]]:
    """Rows as text in the order of their columns; of one thing the latest stretch last, so that its attributes win."""
    texts = [{column.name: _text(column, row.get(column.name)) for column in kind.every_column} for row in rows]
    first = [column.name for column in kind.columns if column.required]
    order = [*first, "valid_from", *(column.name for column in kind.every_column)]
    return sorted(texts, key=lambda row: tuple(row[name] for name in order))


def _text(column: Column, value: Any) -> str:
    if value is None or value == [] or (column in BOUNDS and value in (OPEN_START, OPEN_END)):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ";".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    if column.parse in (start, end, past):
        return at_moment(int(value)).isoformat()
    if column.name == "confidence" and value == 1:
        return ""
    return written(value) if isinstance(value, float) else str(value)


def _write(path: Path, kind: Kind, rows: list[dict[str, str]]) -> None:
    """Only the columns that hold something, in their order."""
    used = [column for column in kind.every_column if column.required or any(row[column.name] for row in rows)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [column.name for column in used], extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: neutral(cell) for name, cell in row.items()} for row in rows)
