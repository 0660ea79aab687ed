"""Writes one canonical file."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path


def write(path: Path, header: str, rows: Iterable[Sequence[str]]) -> None:
    """A CSV file with these columns; prints its row count."""
    kept = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header.split(), *kept])
    print(f"{path.parent.name}/{path.name}: {len(kept)} rows")
