"""From text to values: each row is usable or refused with its reason. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any

from graph.model import CompanyKind
from loaders.frames import LINE, Table
from loaders.kinds import Kind, Refused


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that could not be used."""

    file: str
    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Checked:
    """One usable row: its kind, where it stands, its values by column (None where the cell is empty)."""

    kind: Kind
    path: Path
    line: int
    values: dict[str, Any]

    def refused(self, column: str, reason: str) -> Reject:
        """This row as a reject."""
        return Reject(self.path.name, self.line, column, str(self.values.get(column) or ""), reason)


def check_table(table: Table, zone: tzinfo) -> tuple[list[Checked], list[Reject]]:
    """Parses every cell of a table; the first fault of a row refuses the row."""
    kind, rejects = table.kind, [Reject(table.path.name, line, "", "", "has another number of cells than the header") for line in table.ragged]
    rows: list[Checked] = []
    columns = [column for column in kind.every_column if column.name in table.cells]
    empty: dict[str, Any] = dict.fromkeys(column.name for column in kind.every_column)
    for record in table.cells.to_dict("records"):
        values = dict(empty)
        for column in columns:
            cell = record[column.name]
            try:
                if cell:
                    values[column.name] = column.parse(cell, zone)
                elif column.required:
                    raise Refused("is required and empty")
            except Refused as fault:
                rejects.append(Reject(table.path.name, record[LINE], column.name, cell[:200], str(fault)))
                break
        else:
            row = Checked(kind, table.path, record[LINE], values)
            refused = _whole_row(row)
            if refused:
                rejects.append(refused)
            else:
                rows.append(row)
    return rows, rejects


def _whole_row(row: Checked) -> Reject | None:
    values = row.values
    if None not in (values["valid_from"], values["valid_to"]) and values["valid_to"] <= values["valid_from"]:
        return row.refused("valid_to", "is not after valid_from")
    if row.kind.name in ("roles", "members") and not (values["group_id"] or values["company_id"]):
        return row.refused("group_id", "is empty, and so is company_id: name one of them")
    for fact in row.kind.facts(values):
        if fact.from_id == fact.to_id and fact.to_label == ("Company" if fact.type == "SUBSIDIARY_OF" else "Person"):
            column = next(column.name for column in reversed(row.kind.columns) if column.ref and values[column.name] == fact.to_id)
            return row.refused(column, "names the row's own person or company")
    return None


def refuse_repeated(rows: Iterable[Checked]) -> tuple[list[Checked], list[Reject]]:
    """An id that is repeated in one file with other values: the second row is refused. The same values twice are one."""
    seen: dict[tuple[Path, str], dict[str, Any]] = {}
    kept: list[Checked] = []
    rejects: list[Reject] = []
    for row in rows:
        if row.kind.identifies is None:
            kept.append(row)
            continue
        place = (row.path, str(row.values[row.kind.identifies]))
        if place not in seen:
            seen[place] = row.values
            kept.append(row)
        elif seen[place] != row.values:
            rejects.append(row.refused(row.kind.identifies, "stands in this file before, with other values"))
    return kept, rejects


def named_in(rows: Iterable[Checked]) -> dict[str, set[str]]:
    """Label -> the ids that rows name, their own included."""
    found: dict[str, set[str]] = {"Company": set(), "Person": set(), "BuyingGroup": set()}
    for row in rows:
        if row.kind.label and row.kind.identifies:
            found[row.kind.label].add(row.values[row.kind.identifies])
        for column in row.kind.columns:
            if column.ref and row.values[column.name]:
                found[column.ref].add(row.values[column.name])
    return found


def refuse_lost(rows: Sequence[Checked], known: Callable[[str, str], bool]) -> tuple[list[Checked], list[Reject]]:
    """Refuses rows whose references name nothing. ``known(label, reference)``: whether the graph knows it.

    A refused row may be the one that another row names, so this goes on until no more rows fall.
    """
    kept, rejects = list(rows), []
    while True:
        here: dict[str, set[str]] = {"Company": set(), "Person": set(), "BuyingGroup": set()}
        for row in kept:
            if row.kind.label and row.kind.identifies:
                here[row.kind.label].add(row.values[row.kind.identifies])
        still: list[Checked] = []
        for row in kept:
            lost = next(
                (
                    column
                    for column in row.kind.columns
                    if column.ref and (ref := row.values[column.name]) and ref not in here[column.ref] and not known(column.ref, ref)
                ),
                None,
            )
            if lost:
                rejects.append(row.refused(lost.name, f"names a {lost.ref} that is neither in these files nor in the graph"))
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
    if row.kind.name in ("roles", "members") and not values["group_id"]:
        return str(values["company_id"])
    return None
