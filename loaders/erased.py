"""Rows that tell of somebody who was erased, or name them, are refused, and nothing of them is written anywhere. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from graph.identity import MAIL, URL, Says, record, said_of
from graph.journal import ThingRow
from graph.tombstones import Tombstones
from loaders.check import Checked, Reject
from loaders.columns import Column

PERSON = "Person"
REASON = "names somebody who was erased"


class Erased:
    """What tombstones say of the rows of one load; each name is asked for once."""

    def __init__(self, tombstones: Tombstones) -> None:
        self._tombstones = tombstones
        self._known: dict[str, bool] = {}
        self.left_out = 0

    def refuse(self, rows: Iterable[Checked]) -> tuple[list[Checked], list[Reject]]:
        """Rows that stand, and refused ones. Of a list of people only the erased are left out, and counted in ``left_out``."""
        kept, rejects = [], []
        for row in rows:
            named = {column: gone for column in row.kind.referring if column.ref == PERSON and (gone := self._named(column.named(row.values)))}
            fatal = next((column for column in named if not column.several), None)
            if self._tells_of(row):
                rejects.append(_veiled(row, row.kind.identifies or ""))
            elif fatal:
                rejects.append(_veiled(row, fatal.name))
            else:
                kept.append(self._without(row, named) if named else row)
        return kept, rejects

    def among(self, cells: Iterable[str]) -> bool:
        """Whether a cell, or an item of a list in one, is an id or an address of somebody who was erased."""
        return any(self._is_address(item.strip()) for cell in cells for item in cell.split(";") if item.strip())

    def _is_address(self, text: str) -> bool:
        return self._tombstones.hold(record(PERSON, text, Says(aliases=frozenset({f"{MAIL}{text.lower()}", f"{URL}{text.lower()}"}))))

    def _named(self, names: list[str]) -> set[str]:
        for name in names:
            if name not in self._known:
                self._known[name] = self._tombstones.hold(record(PERSON, name, Says()))
        return {name for name in names if self._known[name]}

    def _tells_of(self, row: Checked) -> bool:
        kind = row.kind
        if kind.label != PERSON or not kind.identifies:
            return False
        said = said_of(PERSON, [ThingRow(row.values[kind.identifies], 1.0, kind.props(row.values), kind.aliases(row.values))])
        return any(self._tombstones.hold(record(PERSON, id_, says)) for id_, says in said.items())

    def _without(self, row: Checked, named: dict[Column, set[str]]) -> Checked:
        self.left_out += sum(map(len, named.values()))
        values = {**row.values, **{column.name: [name for name in row.values[column.name] if name not in gone] for column, gone in named.items()}}
        return replace(row, values=values, facts=row.kind.facts(values))


def _veiled(row: Checked, column: str) -> Reject:
    return replace(row.refused(column, REASON), value="", veiled=True)
