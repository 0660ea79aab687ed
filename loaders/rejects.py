"""Rejected rows as files: every fault with its place, and for each kind a file that can be mended and loaded again."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from loaders.cells import neutral
from loaders.check import Reject
from loaders.erased import Erased
from loaders.frames import Tables
from loaders.mapping import REASON
from loaders.spool import Spool
from loaders.tables import Table


class Fault(NamedTuple):
    """One fault of a row: where, the cell as it was typed, and why it cannot be used."""

    file: str
    line: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {' '.join(filter(None, (self.column, self.value)))}: {self.reason}"


def first_faults(tables: Tables, spool: Spool, erased: Erased | None, most: int) -> list[Fault]:
    """The first faults, in the order of the files; these are read once more up to there."""
    refused = (row for stretch, table in enumerate(tables) for row in _refused(table, spool.rejects_of(stretch)))
    return list(islice((fault for row in refused for fault in _faults(*row, veiled=_veiled(*row, erased))), most))


def write_rejects(folder: Path, tables: Tables, spool: Spool, erased: Erased | None = None) -> Path:
    """Writes ``rejects.csv``, a line a fault, and ``rejects/<kind>.csv``, a line a row with its cells and all its reasons; returns the first.

    The files are read once more for the text of the cells as it was typed. Of a row that names somebody who was ``erased`` only its place and the
    fault are written.
    """
    path = folder / "rejects.csv"
    with ExitStack() as opened:
        faults = Writer(path, list(Fault._fields), opened)
        rows: dict[str, Writer] = {}
        for stretch, table in enumerate(tables):
            kind = table.kind.name
            for cells, whole, rejects in _refused(table, spool.rejects_of(stretch)):
                veiled = _veiled(cells, whole, rejects, erased)
                if not veiled:
                    if kind not in rows:
                        rows[kind] = Writer(folder / "rejects" / f"{kind}.csv", [*spool.columns[kind], REASON], opened)
                    rows[kind].write(cells | {REASON: _told(rejects, whole)})
                for fault in _faults(cells, whole, rejects, veiled=veiled):
                    faults.write({name: str(value) for name, value in fault._asdict().items()})
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
    for line, cells in table.rows() if rejects else ():
        if line in rejects:
            yield cells, None, rejects[line]
    for broken in table.broken:
        yield dict(zip(table.cells, broken.cells, strict=False)), broken.cells, rejects[broken.line]


def _veiled(cells: Mapping[str, str], _: tuple[str, ...] | None, rejects: Sequence[Reject], erased: Erased | None) -> bool:
    """Whether a row names somebody who was erased."""
    return erased is not None and (any(each.veiled for each in rejects) or erased.among(cells.values()))


def _faults(cells: Mapping[str, str], whole: Sequence[str] | None, rejects: Iterable[Reject], *, veiled: bool) -> Iterator[Fault]:
    for each in rejects:
        value = "" if veiled else cells.get(each.column, "") if whole is None else ",".join(whole)
        yield Fault(each.file, each.line, each.column, value[:200], each.reason)


def _told(rejects: Iterable[Reject], whole: Sequence[str] | None) -> str:
    return reasons(rejects) if whole is None else f"{reasons(rejects)} | {','.join(whole)}"[:2_000]


def reasons(rejects: Iterable[Reject]) -> str:
    """All faults of a row in one cell."""
    return "; ".join(dict.fromkeys(f"line {reject.line}: {f'{reject.column} ' if reject.column else ''}{reject.reason}" for reject in rejects))
