"""Rejected rows as files: every fault with its place, and for each kind a file that can be mended and loaded again."""

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from loaders.cells import neutral
from loaders.check import Reject
from loaders.erased import Erased
from loaders.frames import Tables
from loaders.mapping import LINE, REASON


def write_rejects(folder: Path, tables: Tables, rejects: list[Reject], erased: Erased | None = None) -> Path:
    """Writes ``rejects.csv``, a line a fault, and ``rejects/<kind>.csv``, a line a row with its cells and all its reasons; returns the first.

    The files are read once more for the text of the cells as it was typed. Of a row that names somebody
    who was ``erased`` only its place and the fault are written.
    """
    faults: dict[tuple[str, str, int], list[Reject]] = defaultdict(list)
    for reject in rejects:
        faults[reject.kind, reject.file, reject.line].append(reject)
    typed: list[Reject] = []
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    lines: dict[tuple[str, str], set[int]] = defaultdict(set)
    for kind, file, line in faults:
        lines[kind, file].add(line)
    for table in tables:
        kind, file = table.kind.name, table.path.name
        wanted = lines.get((kind, file), set())
        found = table.cells[table.cells[LINE].isin(wanted)] if wanted else table.cells[:0]
        for record in found.to_dict("records"):
            here = faults[kind, file, record.pop(LINE)]
            if erased and (any(reject.veiled for reject in here) or erased.among(record.values())):
                typed += [replace(reject, value="") for reject in here]
                continue
            rows[kind].append({str(name): cell for name, cell in record.items()} | {REASON: reasons(here)})
            typed += [replace(reject, value=record.get(reject.column, "")[:200]) for reject in here]
        header = [name for name in table.cells.columns if name != LINE]
        for broken in table.broken:
            here = faults[kind, file, broken.line]
            if erased and erased.among(broken.cells):
                typed += here
                continue
            rows[kind].append(dict(zip(header, broken.cells, strict=False)) | {REASON: f"{reasons(here)} | {','.join(broken.cells)}"[:2_000]})
            typed += [replace(reject, value=",".join(broken.cells)[:200]) for reject in here]
    path = folder / "rejects.csv"
    _write(path, ["file", "line", "column", "value", "reason"], ([each.file, str(each.line), each.column, each.value, each.reason] for each in typed))
    for kind, each_row in rows.items():
        header = list(dict.fromkeys(name for row in each_row for name in row if name != REASON))
        _write(folder / "rejects" / f"{kind}.csv", [*header, REASON], ([row.get(name, "") for name in [*header, REASON]] for row in each_row))
    return path


def reasons(rejects: Iterable[Reject]) -> str:
    """All faults of a row in one cell."""
    return "; ".join(dict.fromkeys(f"line {reject.line}: {f'{reject.column} ' if reject.column else ''}{reject.reason}" for reject in rejects))


def _write(path: Path, header: list[str], rows: Iterable[list[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows([neutral(cell) for cell in row] for row in rows)
