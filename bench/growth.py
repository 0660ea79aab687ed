"""``python -m bench.growth``: a load's peak memory as its file of interactions, or of people, grows; on a Neo4j of its own, in a temporary home."""

import asyncio
import csv
import tempfile
from pathlib import Path
from random import Random
from time import monotonic
from typing import Annotated

import typer

from bench.load import clear, peak
from graph.local import LocalNeo4j
from graph.settings import load_settings
from graph.store import Store
from graph.upgrade import ensure_schema

PEOPLE = 20_000
TYPES = ("meeting", "call", "message", "page_view", "download")


def interactions(folder: Path, rows: int, seed: int) -> Path:
    """A folder with so many interactions between anonymous people."""
    random, folder = Random(seed), folder / f"{rows}"
    folder.mkdir()
    with (folder / "interactions.csv").open("w", newline="", encoding="utf-8") as file:
        write = csv.writer(file).writerow
        write(["interaction_id", "type", "at", "from_id", "to_ids", "topic"])
        for number in range(rows):
            at = f"2025-{1 + number % 12:02}-{1 + number % 28:02}T{number % 24:02}:{number % 60:02}:00Z"
            who = [f"visitor{random.randrange(PEOPLE)}" for _ in range(2)]
            write([f"i{number}", random.choice(TYPES), at, *who, f"topic {random.randrange(500)}"])
    return folder


def people(folder: Path, rows: int, seed: int) -> Path:
    """A folder with so many people of a thousand companies, each with a mailbox."""
    random, folder = Random(seed), folder / f"{rows}"
    folder.mkdir()
    with (folder / "companies.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["company_id", "name"], *([f"c{number}", f"Company {number}"] for number in range(1000))])
    with (folder / "people.csv").open("w", newline="", encoding="utf-8") as file:
        write = csv.writer(file).writerow
        write(["person_id", "name", "emails", "company_id", "title"])
        for number in range(rows):
            first, last = ("".join(random.choices("abcdefghiklmnoprstuvw", k=7)).title() for _ in range(2))
            company = number % 1000
            write([f"p{number}", f"{first} {last}", f"p{number}@c{company}.example", f"c{company}", f"title {random.randrange(500)}"])
    return folder


def main(
    rows: Annotated[list[int], typer.Option(help="A file of so many rows; as often as wanted.")],
    dry: Annotated[bool, typer.Option(help="Read, check and compare, and write nothing.")] = False,
    of_people: Annotated[bool, typer.Option("--people", help="Rows of people, who are compared with each other.")] = False,
    seed: Annotated[int, typer.Option(help="Another seed, other rows.")] = 1,
) -> None:
    """Print rows, MiB at the peak, and seconds."""
    with tempfile.TemporaryDirectory() as name:
        given = {"DOTTEDLINE_HOME": name, "DOTTEDLINE_CACHE": str(load_settings().cache)}
        settings = load_settings(given)
        local = LocalNeo4j(settings)
        database = local.start(owned=True)

        async def empty() -> None:
            async with Store(settings, database.uri, database.user, database.password) as store:
                await store.verify()
                await ensure_schema(store)
                await clear(store)

        try:
            for number in rows:
                folder = (people if of_people else interactions)(Path(name), number, seed)
                asyncio.run(empty())
                began = monotonic()
                most = peak(folder, database, Path(name), *(["--dry-run"] if dry else []))
                typer.echo(f"{number} rows: {most:.0f} MiB at the peak, {monotonic() - began:.0f} s")
        finally:
            local.stop()


if __name__ == "__main__":
    typer.run(main)
