"""``make bench``: measures on a Neo4j of its own, in a temporary home, and prints the page; ``--out docs/bench.md`` writes it."""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from bench import competitor_exposure, coverage, coverage_gaps, decision_chain, engagement, funnel, influence_paths, knows, load, snapshot
from bench.measure import Result, page
from graph.jars import locked, version_of
from graph.local import LocalNeo4j, Running
from graph.settings import Settings, load_settings
from graph.store import Store
from graph.upgrade import ensure_schema

PATIENCE = {f"DOTTEDLINE_{what}_SECONDS": "600" for what in ("READ", "WRITE", "SNAPSHOT")}
KEYS = {
    "load": load.measure,
    "decision_chain": decision_chain.measure,
    "coverage": coverage.measure,
    "coverage_gaps": coverage_gaps.measure,
    "competitor_exposure": competitor_exposure.measure,
    "snapshot": snapshot.measure,
    "influence_paths": influence_paths.measure,
    "engagement": engagement.measure,
    "funnel": funnel.measure,
    "knows": knows.measure,
}
"""What is measured; a question's key is its stem. A question finds the market loaded; what loads others comes last."""


async def measured(settings: Settings, database: Running, folder: Path, scales: list[int], rounds: int, seed: int, keys: list[str]) -> list[Result]:
    """These keys at every scale."""
    results: list[Result] = []
    async with Store(settings, database.uri, database.user, database.password) as store:
        await store.verify()
        await ensure_schema(store)
        for people in scales:
            files = load.Files.written(folder, people, seed)
            for key, measure in ((key, measure) for key, measure in KEYS.items() if key in keys):
                typer.echo(f"{key}, {people} people, {files.rows} rows", err=True)
                results += await measure(store, database, files, people, rounds)
    return results


def main(
    people: Annotated[list[int] | None, typer.Option(help="A market of so many people; as often as wanted. Default: 10000.")] = None,
    key: Annotated[list[str] | None, typer.Option(help=f"Measure only this, of {', '.join(KEYS)}; as often as wanted.")] = None,
    rounds: Annotated[int, typer.Option(help="Each ratio is the median of so many; below three say so beside it.", min=1)] = 3,
    seed: Annotated[int, typer.Option(help="Another seed, another market.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Write the page here.")] = None,
) -> None:
    """Measure, and print the page."""
    scales = people or [10_000]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain = load_settings()
        given = {"DOTTEDLINE_HOME": name, "DOTTEDLINE_CACHE": str(plain.cache), **PATIENCE}
        settings = load_settings(given)
        local = LocalNeo4j(settings)
        database = local.start(owned=True)
        try:
            results = asyncio.run(measured(settings, database, folder, scales, rounds, seed, key or list(KEYS)))
        finally:
            local.stop()
    given_args = " ".join(sys.argv[1:]).removeprefix("--out docs/bench.md").strip()
    command = f'make bench ARGS="{given_args}"' if given_args else "make bench"
    of = f"Neo4j {version_of(locked())}, heap {settings.neo4j_heap_mib} MiB, page cache {settings.neo4j_pagecache_mib} MiB, on the same cores"
    text = page(results, command, rounds, of)
    typer.echo(text)
    if out:
        out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
