"""Who among those that rows tell of or name was erased: such rows are refused, and nothing of them is written anywhere. Pure."""

from collections.abc import Iterable

import orjson

from graph.identity import MAIL, URL, Says, record, said_of
from graph.journal import ThingRow
from graph.tombstones import Tombstones

PERSON = "Person"
REASON = "names somebody who was erased"


class Erased:
    """What tombstones say of the rows of one load. ``left_out`` counts how often one of a list of people was left out."""

    def __init__(self, tombstones: Tombstones) -> None:
        self._tombstones = tombstones
        self.left_out = 0

    def among(self, cells: Iterable[str]) -> bool:
        """Whether a cell, or an item of a list in one, is an id or an address of somebody who was erased."""
        return any(self.bore(item.strip()) for cell in cells for item in cell.split(";") if item.strip())

    def bore(self, text: str) -> bool:
        """Whether a text is an id or an address of somebody who was erased."""
        return self._tombstones.hold(record(PERSON, text, Says(aliases=frozenset({f"{MAIL}{text.lower()}", f"{URL}{text.lower()}"}))))

    def named(self, names: Iterable[str]) -> list[str]:
        """Those of these names that somebody bore who was erased."""
        return [name for name in names if self._tombstones.hold(record(PERSON, name, Says()))]

    def tells_of(self, id_: str, values: bytes, aliases: bytes | None) -> bool:
        """Whether a row of a person, its values and aliases as JSON, tells of somebody who was erased."""
        said = said_of(PERSON, [ThingRow(id_, 1.0, orjson.loads(values), orjson.loads(aliases) if aliases else [])])
        return self._tombstones.hold(record(PERSON, id_, said[id_]))
