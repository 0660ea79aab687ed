"""Reads the journal: which loads count, and what they said."""

from asyncio import to_thread
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from typing import NamedTuple

from graph import statements
from graph.journal import About, FactRow, Known, ThingRow, Word, unpack_facts, unpack_things, unpack_those
from graph.model import NODE
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


async def keys_said(store: Reader, about: About, loads: Iterable[Known]) -> set[str]:
    """The keys of the facts of which any of these loads says something; one load's words are held at a time."""
    found: set[str] = set()
    for load in loads:
        blobs = [blob for *_, blob in await _said(store, *about, [load])]
        found |= await to_thread(lambda blobs: {row.key for row in unpack_facts(blobs)}, blobs)
    return found


class Overlap(NamedTuple):
    """Of how many nodes and facts a load told, of how many of them no other one does, and of how many each of the others, by its id."""

    told: int
    alone: int
    others: dict[str, int]


async def overlap(store: Reader, load: Known, rest: Sequence[Known], abouts: Collection[About]) -> Overlap:
    """What a load's words on these ``abouts`` have in common with those of the ``rest``. A fact is one source's, a thing anybody's. O(words)."""
    told, alone, others = 0, 0, Counter[str]()
    for name in sorted({about.name for about in abouts}):
        words: dict[str, set[str]] = {}
        for one in (load, *rest):
            if name in NODE:
                said = await things_said(store, name, [one])
                words[one.id] = {word.row.id for word in said if one is not load or About(name, word.origin) in abouts}
            elif shared := [about for about in abouts if about.name == name and about in one.abouts]:
                words[one.id] = set[str]().union(*[await keys_said(store, about, [one]) for about in shared])
        mine = words.pop(load.id)
        told += len(mine)
        alone += len(mine.difference(*words.values()))
        others.update({id_: len(mine & theirs) for id_, theirs in words.items()})
    return Overlap(told, alone, {id_: count for id_, count in others.items() if count})


async def things_said(store: Reader, label: str, loads: Iterable[Known]) -> list[Word]:
    """Every word of these loads on things of a label, whoever says it."""
    said = await _said(store, label, None, loads)
    return await to_thread(lambda: [Word(load, origin, row) for load, origin, blob in said for row in unpack_things([blob])])


async def jobs_said(store: Reader, loads: Sequence[Known]) -> list[FactRow]:
    """Every word of these loads on who works where."""
    blobs = [blob for *_, blob in await _said(store, JOB, None, loads)]
    return await to_thread(lambda: list(unpack_facts(blobs)))


async def things_named(store: Reader, label: str, loads: Iterable[Known], ids: Collection[str]) -> AsyncIterator[tuple[Known, str, ThingRow]]:
    """The words of these loads on these things alone, each with its origin; one load's words are held at a time."""
    async for load, origin, blob in _one_by_one(store, label, loads):
        for row in await to_thread(unpack_those, blob, ids):
            yield load, origin, row


async def facts_naming(store: Reader, type_: str, loads: Iterable[Known], names: Collection[str]) -> AsyncIterator[tuple[Known, str, FactRow]]:
    """The words of these loads on facts of a type that begin or end at one of these names, each with its origin."""
    async for load, origin, blob in _one_by_one(store, type_, loads):
        for row in await to_thread(_naming, blob, names):
            yield load, origin, row


def _naming(blob: bytes, names: Collection[str]) -> list[FactRow]:
    return [row for row in unpack_facts([blob]) if row.from_ref in names or row.to_ref in names]


async def _one_by_one(store: Reader, name: str, loads: Iterable[Known]) -> AsyncIterator[tuple[Known, str, bytes]]:
    for load in loads:
        if any(about.name == name for about in load.abouts):
            for told in await _said(store, name, None, [load]):
                yield told
