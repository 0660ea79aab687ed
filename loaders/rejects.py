"""Rejected rows as files: every fault with its place, and for each kind a file that can be mended and loaded again."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from loaders.cells import neutral
from loaders.check import Reject
from loaders.erased import Erased
from loaders.frames import Table, Tables
from loaders.mapping import LINE, REASON
from loaders.spool import Spool


def write_rejects(folder: Path, tables: Tables, spool: Spool, erased: Erased | None = None) -> Path:
    """Writes ``rejects.csv``, a line a fault, and ``rejects/<kind>.csv``, a line a row with its cells and all its reasons; returns the first.

    The files are read once more for the text of the cells as it was typed. Of a row that names somebody who was ``erased`` only its place and the
    fault are written.
    """
    path = folder / "rejects.csv"
    with ExitStack() as opened:
        faults = Writer(path, ["file", "line", "column", "value", "reason"], opened)
        rows: dict[str, Writer] = {}
        for stretch, table in enumerate(tables):
            kind = table.kind.name
            for cells, whole, rejects in _refused(table, spool.rejects_of(stretch)):
                veiled = erased is not None and (any(each.veiled for each in rejects) or erased.among(cells.values()))
                if not veiled:
                    if kind not in rows:
                        rows[kind] = Writer(folder / "rejects" / f"{kind}.csv", [*spool.columns[kind], REASON], opened)
                    rows[kind].write(cells | {REASON: _told(rejects, whole)})
                for each in rejects:
                    value = "" if veiled else cells.get(each.column, "") if whole is None else ",".join(whole)
                    faults.write({"file": each.file, "line": str(each.line), "column": each.column, "value": value[:200], "reason": each.reason})
    return path


class Writer:
    """A file of rows, made harmless for spreadsheets; it is closed with ``opened``."""

    def __init__(self, path: Path, header: list[str], opened: ExitStack) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._header, self._writer = header, csv.writer(opened.enter_context(path.open("w", encoding="utf-8", newline="")))
        self._writer.writerow(header)

    def write(self, cells: Mapping[str, str]) -> None:
        """One row."""
        self._writer.writerow([neutral(cells.get(name, "")) for name in self._header])


def _refused(table: Table, rejects: Mapping[int, list[Reject]]) -> Iterator[tuple[dict[str, str], tuple[str, ...] | None, list[Reject]]]:
    """The refused rows of a stretch: their cells, the whole record where it cannot be read, and the faults."""
    found = table.cells[table.cells[LINE].isin(rejects)] if rejects else table.cells[:0]
    for record in found.to_dict("records"):
        here = rejects[record.pop(LINE)]
        yield {str(name): cell for name, cell in record.items()}, None, here
    header = [name for name in table.cells.columns if name != LINE]
    for broken in table.broken:
        yield dict(zip(header, broken.cells, strict=False)), broken.cells, rejects[broken.line]


def _told(rejects: Iterable[Reject], whole: Sequence[str] | None) -> str:
    return reasons(rejects) if whole is None else f"{reasons(rejects)} | {','.join(whole)}"[:2_000]


def reasons(rejects: Iterable[Reject]) -> str:
    """All faults of a row in one cell."""
    return "; ".join(dict.fromkeys(f"line {reject.line}: {f'{reject.column} ' if reject.column else ''}{reject.reason}" for reject in rejects))
