"""Loading: the first time, again, and after one row in a hundred changed; against bare writes through the same driver.

Loads run as ``dottedline load`` runs them, with its engine. That starts the process that checks rows beside this one just before, as the command does
before greeting the database. What is imported here is warm, and so is Neo4j, by a market of its own; that process is not.
"""

import contextlib
import gc
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC
from operator import itemgetter
from pathlib import Path
from typing import Any

import orjson
import psutil

from bench.market import AS_OF, Frames, changed, market, write
from bench.measure import Result, timed
from graph.instants import period
from graph.journal import About, by_weight
from graph.local import Running
from graph.model import DERIVED, EDGE, EDGES, NODE
from graph.store import Store
from loaders.check import check_stretch
from loaders.engines import Run, engine
from loaders.frames import Tables
from loaders.mapping import CANONICAL
from loaders.run import Report, load

BATCH = 10_000
HEAVY = 16 * 1024 * 1024
WARM = 20_000
LOOK = 0.02
"""Seconds between two looks at a process's memory."""
DAY = 24 * 3600 * 1_000_000
Work = list[tuple[str, list[dict[str, Any]]]]
"""Statements with the rows that each is to be sent."""


async def clear(store: Store) -> None:
    """Empties the bench's own graph. A node of the journal is as heavy as a whole batch of a load, so that few of them fit into a transaction."""
    for what, most in (("()-[x]->()", 20_000), ("(x:Said)", 100), ("(x WHERE NOT x:Schema)", 20_000)):
        while await store.read("bench", f"MATCH {what} RETURN 1 LIMIT 1", {}):
            await store.write("bench", [(f"MATCH {what} WITH x LIMIT {most} DELETE x", {})])


async def send(store: Store, work: Work) -> None:
    """Bare writes: nothing is read, nothing is remembered."""
    for text, rows in work:
        for batch in by_weight(rows, _weight, BATCH):
            await store.write("bench", [(text, {"rows": batch})])


def _weight(row: Any) -> int:
    """Of a row ``HEAVY`` characters weigh as much as ``BATCH`` rows: a node of the journal holds what a whole batch of a load said."""
    cells = row.values() if isinstance(row, dict) else row
    return max(1, sum(len(value) for value in cells if isinstance(value, str | bytes | list)) * BATCH // HEAVY)


async def left_behind(store: Store) -> Work:
    """The very nodes and relationships that a load wrote, as plain ``UNWIND`` statements: nodes merged by key, relationships created."""
    nodes: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for labels, values in await store.read("bench", "MATCH (n) WHERE NOT n:Schema AND NOT n:Lease RETURN labels(n), properties(n)", {}):
        nodes[tuple(sorted(labels, key=lambda label: (label not in NODE, label)))].append(values)
    work: Work = []
    for (label, *markers), rows in nodes.items():
        key = ", ".join(f"{name}: row.{name}" for name in NODE[label].key)
        work.append((f"UNWIND $rows AS row MERGE (n:{label} {{{key}}}) SET n = row" + "".join(f" SET n:{marker}" for marker in markers), rows))
    for edge in (*EDGES, *DERIVED):
        found = await store.read("bench", f"MATCH (a)-[r:{edge.type}]->(b) RETURN a.id, b.id, properties(r)", {})
        text = (
            f"UNWIND $rows AS row MATCH (a:{edge.source} {{id: row.a}}) MATCH (b:{edge.target} {{id: row.b}}) "
            f"CREATE (a)-[r:{edge.type}]->(b) SET r = row.fact"
        )
        work.append((text, [{"a": a, "b": b, "fact": fact} for a, b, fact in sorted(found, key=itemgetter(0))]))
    return work


def plain(folder: Path) -> Work:
    """The input rows as a loader without history, aliases and journal writes them: one MERGE a thing, one MERGE a fact."""
    things: dict[str, list[dict[str, Any]]] = defaultdict(list)
    facts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for table in Tables([folder]):
        told = check_stretch(table, UTC, CANONICAL.name).tables
        implied = {thing.label for thing in table.kind.things if thing.implied}
        for row in told["things"].to_pylist() if "things" in told else ():
            if (label := About.read(row["about"]).name) not in implied:
                things[label].append({"id": row["id"], "props": orjson.loads(row["values"])})
        for row in told["facts"].to_pylist() if "facts" in told else ():
            dates = {name: row[column] for name, column in (("valid_from", "start"), ("valid_to", "stop")) if row[column] is not None}
            facts[About.read(row["about"]).name].append({"a": row["from_ref"], "b": row["to_ref"], "props": orjson.loads(row["values"]) | dates})
    work: Work = [(f"UNWIND $rows AS row MERGE (n:{label} {{id: row.id}}) SET n += row.props", rows) for label, rows in things.items()]
    for type_, rows in facts.items():
        edge = EDGE[type_]
        text = (
            f"UNWIND $rows AS row MERGE (a:{edge.source} {{id: row.a}}) MERGE (b:{edge.target} {{id: row.b}}) "
            f"MERGE (a)-[r:{type_}]->(b) SET r += row.props"
        )
        work.append((text, sorted(rows, key=lambda row: row["a"])))
    return work


def peak(folder: Path, database: Running, home: Path, *options: str) -> float:
    """MiB at the peak of one ``dottedline load`` and its helpers, looked at often: what the system tells later holds its parent's too."""
    given = {"NEO4J_URI": database.uri, "NEO4J_USER": database.user, "NEO4J_PASSWORD": database.password, "DOTTEDLINE_HOME": str(home)}
    command = [sys.executable, "-c", "from api.cli import main; main()", "load", str(folder), "--as-of", AS_OF, *options]
    most = 0
    with tempfile.TemporaryFile() as errors, psutil.Popen(command, env={**os.environ, **given}, stdout=subprocess.DEVNULL, stderr=errors) as process:
        while process.poll() is None:
            with contextlib.suppress(psutil.Error):
                most = max(most, sum(each.memory_info().rss for each in (process, *process.children(recursive=True))))
            time.sleep(LOOK)
        if process.returncode:
            errors.seek(0)
            raise RuntimeError(f"dottedline load {folder} ended with {process.returncode}: {errors.read()[-2_000:].decode(errors='replace')}")
    return most / 2**20


@dataclass
class Files:
    """The market, and the same after one row in a hundred changed."""

    frames: Frames
    first: Path
    changed: Path

    @classmethod
    def written(cls, folder: Path, people: int, seed: int) -> "Files":
        """Both as canonical files below a folder."""
        files = cls(market(people, seed), folder / f"{people}", folder / f"{people}-changed")
        write(files.frames, files.first)
        write(changed(files.frames, 0.01, seed), files.changed)
        return files

    @property
    def rows(self) -> int:
        """Rows of all files."""
        return sum(map(len, self.frames.values()))


async def times(store: Store, files: Files, rounds: int) -> tuple[dict[str, list[float]], int]:
    """Seconds of each side in each round, the sides taking turns, and how many nodes and relationships the first load left behind."""
    seconds: dict[str, list[float]] = defaultdict(list)
    same: Work = []

    def heard(name: str) -> None:
        print(f"{name}: {seconds[name][-1]:.1f} s", file=sys.stderr, flush=True)

    async def loaded(name: str, folder: Path, days: int = 0) -> None:
        report: list[Report] = []

        async def once(run: Run) -> None:
            report.append(await load(store, [folder], as_of=period(AS_OF)[0] + days * DAY, run=run))

        gc.collect()
        gc.freeze()  # what the bench holds is no load's to look through
        with engine(paths=[folder]) as run:
            seconds[name].append(await timed(once(run)))
        heard(name)
        if report[0].total("rejected"):
            raise RuntimeError(f"{folder}: {report[0].total('rejected')} rows were refused.")

    async def ours() -> None:
        await loaded("first", files.first)
        if not same:
            same.extend(await left_behind(store))
        await loaded("unchanged", files.first, 1)
        await loaded("changed", files.changed, 2)

    async def bare(name: str, work: Work) -> None:
        seconds[name].append(await timed(send(store, work)))
        heard(name)

    sides: list[Callable[[], Awaitable[None]]] = [ours, lambda: bare("same", same), lambda: bare("merged", plain(files.first))]
    for number in range(rounds):
        for side in sides[number % 3 :] + sides[: number % 3]:
            await clear(store)
            await side()
    return seconds, sum(len(rows) for _, rows in same)


async def measure(store: Store, database: Running, files: Files, people: int, rounds: int) -> list[Result]:
    """The results. Neo4j is warmed by a market of at most 20,000 people: its virtual machine is three to four times slower at first."""
    await times(store, Files.written(files.first.parent / "warm", min(people, WARM), 0), 1)
    seconds, elements = await times(store, files, rounds)
    await clear(store)
    memory = peak(files.first, database, files.first.parent)

    def ratio(over: str, under: str) -> list[float]:
        return [a / b for a, b in zip(seconds[over], seconds[under], strict=True)]

    def of(what: str, values: Iterable[float], unit: str = "x", goal: float | None = None) -> Result:
        return Result("load", people, what, list(values), unit, goal)

    return [
        of("first load: its speed over that of bare `UNWIND` writes of what it left behind", ratio("same", "first"), goal=0.8),
        of("first load: its time over that of a bare `MERGE` of the input rows", ratio("first", "merged"), goal=-2.5),
        of("the same files a day later: times as fast as the first load", ratio("first", "unchanged"), goal=5),
        of("1 % of the rows changed, a day later: times as fast as the first load", ratio("first", "changed"), goal=4),
        of("nodes and relationships written for a row", [elements / files.rows], ""),
        of("first load", (files.rows / one for one in seconds["first"]), "rows/s"),
        of("first load", (elements / one for one in seconds["first"]), "elements/s"),
        of("the same files a day later", (files.rows / one for one in seconds["unchanged"]), "rows/s"),
        of("peak memory of `dottedline load`", [memory], "MiB"),
    ]
