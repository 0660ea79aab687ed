"""``make presets DATA=FOLDER``: what every preset and sample mapping makes of files; written into docs/loading.md by way of ``bench/presets.md``.

FOLDER holds the public data sets, whole, under the names of ``tests/data``, where each SOURCE.md says where it comes from. The systems of which no
public export was found are measured on the fixtures of ``samples/presets``.
"""

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from bench.load import clear
from bench.measure import machine
from graph.instants import period
from graph.local import LocalNeo4j, Running
from graph.settings import Settings, load_settings
from graph.store import Store
from graph.upgrade import ensure_schema
from loaders.frames import Tables
from loaders.mapping import CANONICAL, Mapping, preset, presets, read_mapping
from loaders.run import Report, load

SAMPLES = Path(__file__).parent.parent / "samples"
EDITIONS = {"uk_gov_organograms": "2016-03-31"}
"""Of files that hold many dated editions: the one that is loaded."""
OUT = Path(__file__).with_suffix(".md")
HEADER = ("mapping", "files", "rows in", "rows out", "rejected", "nodes and facts", "seconds")
HEAD = """`make presets DATA=FOLDER` on {day}: {machine}.

*Rows in* are those of the files, without headers, totals and empty rows; *rows out* what was made of them, by kind, refused ones within. One may make
rows of several kinds, or none: a load's report says which.
*Seconds* are of one load into an empty graph after another one has warmed the database, and differ between machines and hours.

"""


class Case(NamedTuple):
    """Files and how to read them; ``of``: what the files are, in words."""

    name: str
    mapping: Mapping
    folder: Path
    of: str
    as_of: int | None = None


def cases(data: Path) -> Iterator[Case]:
    """Every preset and every sample mapping."""
    yield Case("canonical", CANONICAL, SAMPLES / "market", "the sample market")
    yield Case("salesforce", preset("salesforce"), data / "salesforce_sample_plans", "public sample plans")
    for folder in sorted(path for path in (SAMPLES / "presets").iterdir() if path.is_dir()):
        name = folder.name.partition("_")[0]
        yield Case(name, preset(name), folder, "fixture, by labels" if folder.name != name else "fixture")
    for path in sorted((SAMPLES / "mappings").glob("*.toml")):
        day = EDITIONS.get(path.stem)
        of = f"public data, its edition of {day}" if day else "public data, whole"
        yield Case(f"samples/mappings/{path.name}", read_mapping(path), data / path.stem, of, period(day)[0] if day else None)


async def measured(settings: Settings, database: Running, data: Path) -> list[tuple[str, ...]]:
    """The rows of the table."""
    every = list(cases(data))
    if missing := presets().keys() - {case.name for case in every}:
        raise SystemExit(f"no files for {', '.join(sorted(missing))}: add a folder to samples/presets")
    rows = []
    async with Store(settings, database.uri, database.user, database.password) as store:
        await store.verify()
        await ensure_schema(store)
        await load(store, [SAMPLES / "market"])
        for case in every:
            typer.echo(case.name, err=True)
            await clear(store)
            tables = Tables([case.folder], case.mapping, case.mapping.name)
            for _ in tables:
                pass
            with tempfile.TemporaryDirectory() as reports:
                report = await load(store, [case.folder], mapping=case.mapping, as_of=case.as_of, reports_in=Path(reports))
            rows.append(told(case, sum(tables.read.values()), report))
    return rows


def told(case: Case, read: int, report: Report) -> tuple[str, ...]:
    """The cells of its row."""
    made = ", ".join(f"{counts.rows:,} {kind}" for kind, counts in report.kinds.items())
    return f"`{case.name}`", case.of, f"{read:,}", made, f"{report.total('rejected'):,}", f"{report.total('created'):,}", f"{report.seconds:.1f}"


def main(data: Annotated[Path, typer.Argument(help="The folder of the public data sets.", exists=True, file_okay=False)]) -> None:
    """Measure, print the table and write it."""
    with tempfile.TemporaryDirectory() as name:
        settings = load_settings({"DOTTEDLINE_HOME": name, "DOTTEDLINE_CACHE": str(load_settings().cache)})
        local = LocalNeo4j(settings)
        try:
            rows = asyncio.run(measured(settings, local.start(owned=True), data))
        finally:
            local.stop()
    lines = [" | ".join(cells) for cells in (HEADER, ("---",) * len(HEADER), *rows)]
    text = HEAD.format(day=date.today(), machine=machine()) + "".join(f"| {line} |\n" for line in lines)
    sys.stdout.write(text)
    OUT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
