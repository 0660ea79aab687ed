"""Reads the journal: which loads count, and what they said."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from graph import statements
from graph.journal import About, FactRow, Known, Word, unpack_facts, unpack_things
from graph.read import Reader

JOB = "WORKS_AT"


async def known_loads(store: Reader) -> list[Known]:
    """The loads that count, the oldest first."""
    return [Known.read(*row) for row in await store.read("load", statements.KNOWN_LOADS, {})]


async def _said(store: Reader, name: str, origin: str | None, loads: Iterable[Known]) -> list[tuple[Known, str, bytes]]:
    by_id = {load.id: load for load in loads}
    rows = await store.read("load", statements.SAID, {"about": name, "origin": origin, "loads": list(by_id)})
    return [(by_id[id_], origin, blob) for id_, origin, blob in rows]


async def facts_said(store: Reader, about: About, loads: Iterable[Known]) -> dict[Known, dict[str, list[FactRow]]]:
    """Load -> key -> its rows."""
    loads = list(loads)
    journal: dict[Known, dict[str, list[FactRow]]] = {load: defaultdict(list) for load in loads}
    for load, _, blob in await _said(store, *about, loads):
        for row in unpack_facts([blob]):
            journal[load][row.key].append(row)
    return journal


async def things_said(store: Reader, label: str, loads: Iterable[Known]) -> list[Word]:
    """Every word of these loads on things of a label, whoever says it."""
    return [Word(load, origin, row) for load, origin, blob in await _said(store, label, None, loads) for row in unpack_things([blob])]


async def jobs_said(store: Reader, loads: Sequence[Known]) -> list[FactRow]:
    """Every word of these loads on who works where."""
    return [row for *_, blob in await _said(store, JOB, None, loads) for row in unpack_facts([blob])]
