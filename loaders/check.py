"""From text to values: each row is usable or refused with its reason. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any, NamedTuple

from graph.model import EDGE, CompanyKind
from loaders.columns import Column, FactSaid, Kind, Refused, ThingSaid
from loaders.frames import Table
from loaders.kinds import NEEDS_GROUP, group_of
from loaders.mapping import LINE


@dataclass(frozen=True, slots=True)
class Reject:
    """A fault of a row that could not be used."""

    kind: str
    file: str
    line: int
    column: str
    value: str
    reason: str
    veiled: bool = False
    """Whether nothing of the row may be written anywhere."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One usable row: its kind, where it stands, its values by column (None where the cell is empty), and the facts that it says."""

    kind: Kind
    path: Path
    line: int
    values: dict[str, Any]
    facts: list[FactSaid]

    def refused(self, column: str, reason: str) -> Reject:
        """This row as a reject."""
        return Reject(self.kind.name, self.path.name, self.line, column, str(self.values.get(column) or ""), reason)


def check_table(table: Table, zone: tzinfo) -> tuple[list[Checked], list[Reject]]:
    """Parses the cells of a table, column by column and each text once; a row with a fault is refused, with all its faults."""
    kind, file = table.kind, table.path.name
    rejects = [Reject(kind.name, file, broken.line, "", "", broken.reason) for broken in table.broken]
    rows: list[Checked] = []
    columns = [column for column in kind.every_column if column.name in table.cells]
    cells = [table.cells[column.name].tolist() for column in columns]
    parsed = [_parsed(column, given, zone) for column, given in zip(columns, cells, strict=True)]
    absent: dict[str, Any] = dict.fromkeys(column.name for column in kind.every_column)
    names, faulty = [column.name for column in columns], any(known.faults for known in parsed)
    for place, (line, found) in enumerate(zip(table.cells[LINE].tolist(), zip(*(known.values for known in parsed), strict=True), strict=True)):
        if faulty:
            faults = [
                (name, given[place], known.faults[given[place]])
                for name, given, known in zip(names, cells, parsed, strict=True)
                if given[place] in known.faults
            ]
            if faults:
                rejects += [Reject(kind.name, file, line, name, cell[:200], reason) for name, cell, reason in faults]
                continue
        values = {**absent, **dict(zip(names, found, strict=True))}
        values.update(kind.derive(values))
        row = Checked(kind, table.path, line, values, kind.facts(values))
        if refused := _whole_row(row):
            rejects.append(refused)
        else:
            rows.append(row)
    return rows, rejects


class _Parsed(NamedTuple):
    """One column: a value for each cell, and the texts that cannot be used, with the reason."""

    values: list[Any]
    faults: dict[str, str]


def _parsed(column: Column, cells: list[str], zone: tzinfo) -> _Parsed:
    known: dict[str, Any] = {"": None}
    faults: dict[str, str] = {"": "is required and empty"} if column.required else {}
    for cell in set(cells) - {""}:
        try:
            known[cell] = column.parse(cell, zone)
        except Refused as fault:
            known[cell], faults[cell] = None, str(fault)
    return _Parsed([known[cell] for cell in cells], faults)


def _whole_row(row: Checked) -> Reject | None:
    values = row.values
    if None not in (values["valid_from"], values["valid_to"]) and values["valid_to"] <= values["valid_from"]:
        return row.refused("valid_to", "is not after valid_from")
    needed = row.kind.needs_one
    if needed and not any(values[name] for name in needed):
        return row.refused(needed[0], f"is empty, and so is {' and '.join(needed[1:])}: name one of them")
    for fact in row.facts:
        if fact.from_id == fact.to_id and EDGE[fact.type].source == EDGE[fact.type].target:
            column = next(column.name for column in reversed(row.kind.columns) if column.ref and values[column.name] == fact.to_id)
            return row.refused(column, "names the row's own person or company")
    return None


def refuse_repeated(rows: Iterable[Checked]) -> tuple[list[Checked], list[Reject]]:
    """An id that is repeated in one file with other values: the second row is refused. The same values twice are one.

    Rows with other dates, or of another source, are other stretches or another word: they stand, as far as their facts do not overlap.
    """
    seen: dict[tuple[Any, ...], dict[str, Any]] = {}
    kept: list[Checked] = []
    rejects: list[Reject] = []
    for row in rows:
        columns = row.kind.told_apart_by
        if not columns:
            kept.append(row)
            continue
        place = (row.kind.name, row.path, *(row.values[name] for name in (*columns, "valid_from", "valid_to", "source", "confidence")))
        if place not in seen:
            seen[place] = row.values
            kept.append(row)
        elif seen[place] != row.values:
            rejects.append(row.refused(columns[0], "stands in this file before, with other values"))
    return kept, rejects


def beside(row: Checked) -> list[ThingSaid]:
    """The things of which a row speaks beside its own; the fields on which its dated values hang are among them."""
    return [*row.kind.more(row.values), *(ThingSaid("Field", fact.to_id, {}) for fact in row.facts if EDGE[fact.type].target == "Field")]


def own_things(row: Checked) -> list[tuple[str, str]]:
    """(Label, id or alias) of what a row itself brings in."""
    kind = row.kind
    main = [(kind.label, name) for name in (row.values[kind.identifies], *kind.aliases(row.values))] if kind.label and kind.identifies else []
    return main + [(thing.label, thing.id) for thing in beside(row)]


def own_ids(rows: Iterable[Checked]) -> dict[str, set[str]]:
    """Label -> the ids of what rows tell of."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.kind.label and row.kind.identifies:
            found[row.kind.label].add(row.values[row.kind.identifies])
    return found


def named_in(rows: Iterable[Checked]) -> dict[str, set[str]]:
    """Label -> the ids that rows name beside their own. Own aliases are not looked up: they may be those of others too, as names of people are."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for thing in beside(row):
            found[thing.label].add(thing.id)
        for column in row.kind.referring:
            found[column.ref or ""].update(column.named(row.values))
    return found


def refuse_lost(rows: Sequence[Checked], known: Callable[[str, str], bool]) -> tuple[list[Checked], list[Reject]]:
    """Refuses rows whose references name nothing. ``known(label, reference)``: whether the graph knows it.

    A refused row may be the one that another row names, so this goes on until no more rows fall.
    """
    kept, rejects = list(rows), []
    while True:
        here = {(label, id_) for row in kept for label, id_ in own_things(row)}
        still: list[Checked] = []
        for row in kept:
            lost = next(
                (
                    (column, name)
                    for column in row.kind.referring
                    if not column.anonymous
                    for name in column.named(row.values)
                    if (column.ref, name) not in here and not known(column.ref or "", name)
                ),
                None,
            )
            if lost:
                column, name = lost
                rejects.append(row.refused(column.name, f"names a {column.ref} {name!r} that is neither in these files nor in the graph"))
            else:
                still.append(row)
        if len(still) == len(kept):
            break
        kept = still
    return kept, rejects


def default_group(row: Checked, known: Callable[[str], bool]) -> str | None:
    """The company whose default group a row needs: a new account, or a company that a role or membership names."""
    values = row.values
    if row.kind.name == "companies":
        kinds = values["kinds"] or ([] if known(values["company_id"]) else [CompanyKind.ACCOUNT])
        return values["company_id"] if CompanyKind.ACCOUNT in kinds else None
    if row.kind.needs_one == NEEDS_GROUP and group_of(values) == values["company_id"]:
        return str(values["company_id"])
    return None
