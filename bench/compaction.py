"""``python -m bench.compaction``: how long it takes to rebuild the local database, on a market laid into a Neo4j of its own (``bench.lay``).

Laid markets have no journal; it is a few nodes of thousands of rows each, and takes what its bytes take.
"""

import asyncio
import contextlib
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from bench.lay import lay
from graph.compaction import Compacted, compact
from graph.local import LocalNeo4j
from graph.settings import load_settings
from graph.store import Store
from graph.upgrade import ensure_schema
from loaders import identity


async def laid(local: LocalNeo4j, people: int, seed: int) -> None:
    """A market in the local database, unless there is one."""
    running = local.start(owned=True)
    async with Store(local.settings, running.uri, running.user, running.password) as store:
        await store.verify()
        await ensure_schema(store)
        if not await store.read("bench", "MATCH (l:Load) RETURN l.id LIMIT 1", {}):
            await lay(store, people, seed)


async def measure(local: LocalNeo4j) -> tuple[Compacted, dict[str, float]]:
    """What was copied, and the seconds of each step; ``rest`` is starting, checking and stopping databases."""
    first: dict[str, float] = {}
    last: dict[str, float] = {}
    began = time.perf_counter()

    def heard(step: str, *_: int) -> None:
        if step not in first:
            typer.echo(f"{step} from {time.perf_counter() - began:.1f} s on")
        last[step] = time.perf_counter()
        first.setdefault(step, last[step])

    done = await compact(local, identity, heard)
    whole = time.perf_counter() - began
    steps = {step: last[step] - first[step] for step in first}
    return done, {**steps, "rest": whole - sum(steps.values()), "whole": whole}


async def run(local: LocalNeo4j, people: int, seed: int, rounds: int) -> None:
    """Lays, measures and prints."""
    await laid(local, people, seed)
    for _ in range(rounds):
        done, seconds = await measure(local)
        typer.echo(
            f"{people:,} people: {done.nodes:,} nodes, {done.edges:,} relationships, {done.bytes_before >> 20} to {done.bytes_after >> 20} MiB"
        )
        typer.echo(", ".join(f"{step} {value:.1f} s" for step, value in seconds.items()))


def main(
    people: Annotated[int, typer.Option(help="A market of so many people.", min=100)] = 20_000,
    seed: Annotated[int, typer.Option(help="Another seed, another market.")] = 1,
    rounds: Annotated[int, typer.Option(help="So often; 0 only lays the market.", min=0)] = 1,
    home: Annotated[Path | None, typer.Option(help="Keep the market here, and go on with it the next time.")] = None,
) -> None:
    """Print nodes, relationships, MiB before and after, and seconds."""
    with contextlib.nullcontext(str(home)) if home else tempfile.TemporaryDirectory() as name:
        patience = {"DOTTEDLINE_READ_SECONDS": "900", "DOTTEDLINE_WRITE_SECONDS": "900"}
        local = LocalNeo4j(load_settings({"DOTTEDLINE_HOME": name, "DOTTEDLINE_CACHE": str(load_settings().cache), **patience}))
        try:
            asyncio.run(run(local, people, seed, rounds))
        finally:
            local.stop()


if __name__ == "__main__":
    typer.run(main)
