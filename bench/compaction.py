"""``python -m bench.compaction``: how long it takes to rebuild the local database, on a market laid into a Neo4j of its own (``bench.lay``).

Laid markets have no journal; it is a few nodes of thousands of rows each, and takes what its bytes take.
"""

import asyncio
import tempfile
import time
from typing import Annotated

import typer

from bench.lay import lay
from graph.compaction import Compacted, compact
from graph.local import LocalNeo4j
from graph.settings import load_settings
from graph.store import Store
from loaders import identity


async def measure(local: LocalNeo4j, people: int, seed: int) -> tuple[Compacted, dict[str, float]]:
    """What was copied, and the seconds of each step; ``rest`` is starting, checking and stopping databases."""
    running = local.start(owned=True)
    async with Store(local.settings, running.uri, running.user, running.password) as store:
        await store.verify()
        await store.ensure_schema()
        await lay(store, people, seed)
    first: dict[str, float] = {}
    last: dict[str, float] = {}

    def heard(step: str, *_: int) -> None:
        last[step] = time.perf_counter()
        first.setdefault(step, last[step])

    began = time.perf_counter()
    done = await compact(local, identity, heard)
    whole = time.perf_counter() - began
    steps = {step: last[step] - first[step] for step in first}
    return done, {**steps, "rest": whole - sum(steps.values()), "whole": whole}


def main(
    people: Annotated[int, typer.Option(help="A market of so many people.", min=100)] = 20_000,
    seed: Annotated[int, typer.Option(help="Another seed, another market.")] = 1,
) -> None:
    """Print nodes, relationships, MiB before and after, and seconds."""
    with tempfile.TemporaryDirectory() as name:
        patience = {"DOTTEDLINE_READ_SECONDS": "900", "DOTTEDLINE_WRITE_SECONDS": "900"}
        local = LocalNeo4j(load_settings({"DOTTEDLINE_HOME": name, "DOTTEDLINE_CACHE": str(load_settings().cache), **patience}))
        try:
            done, seconds = asyncio.run(measure(local, people, seed))
        finally:
            local.stop()
        typer.echo(
            f"{people:,} people: {done.nodes:,} nodes, {done.edges:,} relationships, {done.bytes_before >> 20} to {done.bytes_after >> 20} MiB"
        )
        typer.echo(", ".join(f"{step} {value:.1f} s" for step, value in seconds.items()))


if __name__ == "__main__":
    typer.run(main)
