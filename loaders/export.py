"""The graph as canonical files: what is known now, in a stable order, that loads again into an equal graph."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from graph import statements
from graph.errors import InvalidInput
from graph.identity import MAIL, PHONE, URL, Says
from graph.instants import OPEN_END, OPEN_START, at_moment
from graph.ledger import as_written
from graph.model import DIGEST, EDGE, NODE, CompanyLink
from graph.store import Store
from loaders.cells import neutral
from loaders.columns import Column, Kind, end, past, start
from loaders.kinds import DATED, KIND, KINDS, RENAMED

Cells = dict[str, Any]
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


async def canonical_rows(store: Store, *, recorded: bool = False) -> dict[str, list[dict[str, str]]]:
    """Kind -> rows of cells as text, sorted."""
    things = {label: await _things(store, label) for label in NODE if DIGEST in NODE[label].props}
    aliases: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, entity, label in await store.read("export", statements.ALL_ALIASES, {}):
        aliases[label, entity].append(name)
    names: dict[tuple[str, str], frozenset[str]] = defaultdict(frozenset)
    for label, entity, says in await store.read("export", statements.ALL_RECORDS, {}):
        names[label, entity] |= Says.read(says).names
    made: dict[str, dict[tuple[Any, ...], Cells]] = {kind.name: {} for kind in KINDS}
    entities: dict[tuple[str, str], str] = {}
    for type_, edge in EDGE.items():
        for from_id, to_id, fact in await store.read("export", statements.known_facts(edge), {"open": OPEN_END}):
            source, filed = fact["origin"].rsplit("/", 1)
            entities |= {(edge.source, fact["from_ref"]): from_id, (edge.target, fact["to_ref"]): to_id}
            name, cells = _cells(type_, filed, to_id, fact, things)
            common = {"source": source, **{column: fact[column] for column in (*COMMON_FACT, *(["recorded_at"] if recorded else []))}}
            _join(made[name], KIND[name], cells, common)
    for kind in KINDS:
        by_thing: dict[str, list[Cells]] = defaultdict(list)
        for row in made[kind.name].values():
            by_thing[row.get(kind.identifies or "", "")].append(row)
        own = _own(kind, things, aliases, names)
        for id_, rows in by_thing.items():
            cells = own.get(entities.get((kind.label or "", id_), id_), {})
            told = cells if id_ in own else {column.name: cells.get(column.name) for column in kind.columns if column.required}
            for row in rows:
                row.update({name: value for name, value in told.items() if row.get(name) is None})
        for id_, cells in own.items():
            if id_ not in by_thing:
                made[kind.name][id_, len(made[kind.name])] = cells
    return {kind.name: _sorted(kind, made[kind.name].values()) for kind in KINDS}


async def _things(store: Store, label: str) -> dict[str, Cells]:
    rows = await store.read("export", statements.known_nodes(NODE[label]), {})
    return {row[0]["id"]: as_written(NODE[label], row[0]) for row in rows}


def _cells(type_: str, filed: str, to_id: str, fact: Cells, things: Mapping[str, Mapping[str, Cells]]) -> tuple[str, Cells]:
    """The kind under which a fact is written again, and its cells; its ends are named as the source named them."""
    kind = filed if type_ in KIND[filed].ends else "participants"
    first, second = KIND[kind].ends[type_]
    if not second:
        value = fact["number"] if fact.get("number") is not None else fact["value"]
        return kind, {first: fact["from_ref"], VALUE_COLUMNS[to_id]: value}
    columns = {column.name for column in KIND[kind].columns}
    values = {COLUMN_OF.get(name, name): value for name, value in fact.items()} | ({"kind": type_} if type_ in set(CompanyLink) else {})
    cells = {name: value for name, value in values.items() if name in columns}
    ref = fact["to_ref"]
    cells[first] = fact["from_ref"]
    cells[second] = [ref] if second.endswith("ids") else ref
    if second == "group_id":
        group = things["BuyingGroup"].get(ref)
        named = ref in things["Opportunity"] or (group is not None and group["company_id"] != ref)
        own = "opportunity_id" if ref in things["Opportunity"] else "group_id" if named else "company_id"
        cells[own] = cells.pop("group_id")
    return kind, cells


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


def _own(
    kind: Kind,
    things: Mapping[str, Mapping[str, Cells]],
    aliases: Mapping[tuple[str, str], list[str]],
    names: Mapping[tuple[str, str], frozenset[str]],
) -> dict[str, Cells]:
    """Thing -> the cells of its attributes, for a kind that tells of things. One of several records has all their ids and names as its aliases."""
    columns = {column.name for column in kind.columns} - set(VALUE_COLUMNS.values())
    if kind.rows_are:
        return {id_: {name: value for name, value in row.items() if name in columns} for id_, row in things[kind.rows_are].items()}
    if kind.label is None or kind.identifies is None:
        return {}
    made = {}
    for id_, props in things[kind.label].items():
        if props.get("anonymous") or (kind.label == "BuyingGroup" and (id_ == props["company_id"] or id_ in things["Opportunity"])):
            continue
        cells = {name: value for name, value in props.items() if name in columns} | {kind.identifies: id_}
        plain = cells.get("aliases") or []
        others = [name for name in aliases.get((kind.label, id_), []) if name not in plain]
        if kind.name == "people":
            cells["emails"] = [name.removeprefix(MAIL) for name in others if name.startswith(MAIL)]
            cells["phones"] = [name.removeprefix(PHONE) for name in others if name.startswith(PHONE)]
            more = [name for name in others if name in names.get((kind.label, id_), ())]
            cells["identifiers"] = [name for name in others if not name.startswith((MAIL, PHONE)) and name not in more]
            cells["aliases"] = [*plain, *more]
        elif kind.name == "companies":
            cells["aliases"] = [*plain, *(name for name in others if name != f"{URL}{cells.get('domain')}")]
        made[id_] = cells
    return made


def _sorted(kind: Kind, rows: Iterable[Cells]) -> list[dict[str, str]]:
    """Rows as text in the order of their columns; of one thing the latest stretch last, so that its attributes win."""
    texts = [{column.name: _text(column, row.get(column.name)) for column in kind.every_column} for row in rows]
    first = [column.name for column in kind.columns if column.required]
    order = [*first, "valid_from", *(column.name for column in kind.every_column)]
    return sorted(texts, key=lambda row: tuple(row[name] for name in order))


def _text(column: Column, value: Any) -> str:
    if value is None or value == [] or value in (OPEN_START, OPEN_END):
        return ""
    if isinstance(value, list):
        return ";".join(sorted(value) if column.ref else value)
    if isinstance(value, bool):
        return str(value).lower()
    if column.parse in (start, end, past):
        return at_moment(int(value)).isoformat()
    if column.name == "confidence" and value == 1:
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _write(path: Path, kind: Kind, rows: list[dict[str, str]]) -> None:
    """Only the columns that hold something, in their order."""
    used = [column for column in kind.every_column if column.required or any(row[column.name] for row in rows)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [column.name for column in used], extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: neutral(cell) for name, cell in row.items()} for row in rows)
