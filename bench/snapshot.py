"""The snapshot of a whole market: building it, bringing it up to a write, and the gaps of all accounts from it.

``python -m bench.snapshot --people 200000`` measures a market that is laid into a Neo4j of its own (``bench.lay``).
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import numpy as np
import psutil
import typer

from api.context import Context
from bench.lay import alone
from bench.load import Files
from bench.measure import Result, timed
from graph.local import Running
from graph.mutation import Desk
from graph.snapshot.build import AT_ONCE, CHUNK, built, column_arrays
from graph.snapshot.declare import Looking
from graph.snapshot.files import Files as SnapshotFiles
from graph.snapshot.keeper import Keeper
from graph.snapshot.met import Pairs
from graph.snapshot.parts import PARTS, Influences, Lines
from graph.snapshot.snapshot import Stamp
from graph.snapshot.ties import network_in
from graph.store import Store
from graph.view import View
from loaders import identity
from loaders.writes.assert_role import assert_role
from queries.coverage_gaps import coverage_gaps
from queries.segment_coverage import segment_coverage

MILLION = 1_000_000
MANY = 10_000
"""From so many accounts on the goal of gaps holds."""
EDGES = (Lines, Influences, Pairs)
STREAMS = (
    "MATCH (p:Person)-[r:REPORTS_TO]->(m:Person) WHERE r.valid_from <= $as_of < r.valid_to AND r.recorded_at <= $known_at < r.retracted_at "
    "RETURN p.id, m.id, r.line, r.confidence",
    "MATCH (p:Person)-[i:INFLUENCES]->(q:Person) WHERE i.valid_from <= $as_of < i.valid_to AND i.recorded_at <= $known_at < i.retracted_at "
    "RETURN p.id, q.id, i.kind, i.strength, i.confidence",
    "MATCH (p:Person)-[k:KNOWS]->(q:Person) RETURN p.id, q.id, k.sums, k.last_at, k.next_at",
)
"""The same edges, a row each."""


async def measure(store: Store, database: Running, files: Files, people: int, rounds: int) -> list[Result]:
    """The results on whatever market stands in the graph."""
    view = await Context(store, store.settings).view()
    looking, head = Looking(store, view, True), (await store.revision()).number
    snapshot = await built(looking, Stamp(view.as_of, view.known_at, head, "bench"))
    places = {id_: at for at, id_ in enumerate(snapshot.people.id)}
    rows = sum(len(getattr(snapshot[part], next(iter(_kinds(part))))) for part in EDGES)
    seconds: dict[str, list[float]] = {name: [] for name in ("build", "edges", "stream", "write", "open", "follow", "gaps", "page", "segments")}
    memory: list[float] = []
    home = SnapshotFiles(files.first.parent / "bench-snapshots")
    home.folder.mkdir(parents=True, exist_ok=True)
    accounts = gaps = 0
    await store.companion(Keeper).at(view)
    first = await timed(coverage_gaps(store, view, first=20))
    for number in range(rounds):
        before = psutil.Process().memory_info().rss
        seconds["build"].append(await timed(built(looking, snapshot.stamp)))
        memory.append((psutil.Process().memory_info().rss - before) / (1 << 20))
        seconds["edges"].append(await timed(_edges(looking, places)))
        seconds["stream"].append(await timed(_streamed(store, view)))
        seconds["write"].append(await timed(asyncio.to_thread(home.write, snapshot)))
        seconds["open"].append(await timed(asyncio.to_thread(home.opened, snapshot.stamp)))
        await store.companion(Keeper).at(await Context(store, store.settings).view())
        person = snapshot.people.id[number]
        company = snapshot.companies.id[int(np.flatnonzero(snapshot.companies.account)[number])]
        await assert_role(Desk(store, identity), person_id=person, role="CHAMPION", company_id=company)
        now = await Context(store, store.settings).view()
        seconds["follow"].append(await timed(store.companion(Keeper).at(now)))
        seconds["gaps"].append(await timed(coverage_gaps(store, now, first=20)))
        page = await coverage_gaps(store, now, first=20)
        accounts, gaps = int(snapshot.companies.account.sum()), page.total_count
        seconds["page"].append(await timed(coverage_gaps(store, now, first=20, after=page.page_info.end_cursor)))
        seconds["segments"].append(await timed(segment_coverage(store, now)))
    size = home._path(snapshot.stamp).stat().st_size / (1 << 20)

    def of(what: str, values: list[float], unit: str = "s", goal: float | None = None) -> Result:
        return Result("snapshot", people, what, values, unit, goal)

    every = sum(len(next(iter(vars_of(snapshot[part.columns])))) for part in PARTS)
    large = accounts >= MANY
    return [
        of(f"the whole: {every:,} rows of {len(PARTS)} parts, {len(network_in(snapshot).tail):,} edges of paths", seconds["build"]),
        of("memory that stays with it, of the file alone", [size], "MiB"),
        of("memory of the process after building it, above that before", memory, "MiB"),
        of(f"{rows:,} edges into arrays: times as fast as a row an edge", _over(seconds["stream"], seconds["edges"]), "x", 10),
        of("the same, for a million", [one * MILLION / max(rows, 1) for one in seconds["edges"]], "s", -3 if rows > MILLION / 5 else None),
        of("writing the file", seconds["write"]),
        of("mapping it into memory", [one * 1000 for one in seconds["open"]], "ms"),
        of("bringing it up to one assertion", [one * 1000 for one in seconds["follow"]], "ms"),
        of(f"first page of {gaps:,} gaps of {accounts:,} accounts, the very first: Neo4j has planned none of its reads", [first]),
        of("first page of gaps after a write", seconds["gaps"], "s", -1 if large else None),
        of("the page after it", seconds["page"]),
        of("segment coverage of all accounts", seconds["segments"]),
    ]


def _over(above: list[float], below: list[float]) -> list[float]:
    return [one / other for one, other in zip(above, below, strict=True)]


def _kinds(columns: type) -> dict[str, Any]:
    return next(part.kinds for part in PARTS if part.columns is columns)


def vars_of(table: Any) -> Iterator[Any]:
    """The columns of a part."""
    return (getattr(table, name) for name in _kinds(type(table)))


async def _edges(looking: Looking, places: dict[str, int]) -> None:
    """The parts with edges, as a build reads them."""
    ids, gate = list(places), asyncio.Semaphore(AT_ONCE)

    async def one(part: Any, at: int) -> None:
        async with gate:
            for row in await part.fetch(looking, [(ids[at], ids[min(at + CHUNK, len(ids)) - 1])]):
                await asyncio.to_thread(column_arrays, part, row, {"Person": places})

    parts = [part for part in PARTS if part.columns in EDGES]
    await asyncio.gather(*(one(part, at) for part in parts for at in range(0, len(ids), CHUNK)))


async def _streamed(store: Store, view: View) -> None:
    """The same, a row an edge."""
    for text in STREAMS:
        rows = await store.read("bench", text, view.parameters())
        if rows:
            [np.array(column) for column in zip(*rows, strict=True)]


if __name__ == "__main__":
    typer.run(alone(measure))
