"""Rows as a sheet: CSV, or a workbook with real numbers and dates."""

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import Enum
from io import BytesIO, StringIO
from threading import Lock
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

Rows = Iterable[Sequence[Any]]
"""The names of the columns, then the rows."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
LONGEST = 32_767
"""So many characters a cell of a workbook holds."""
NARROW, BROAD = 10, 60
"""Widths of columns."""


def as_csv(rows: Rows) -> str:
    """Lines of cells; a text that a sheet would run as a formula gets an apostrophe."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([_line(cell) for cell in row] for row in rows)
    return out.getvalue().rstrip("\n")


def as_xlsx(rows: Rows) -> bytes:
    """A workbook of these rows."""
    with Book() as book:
        book.add(rows)
        return book.made()


class Book:
    """A workbook of one sheet, its head fixed and with filters. It grows in a temporary file, of which nothing is left after the ``with`` block.

    Texts are texts, whatever they begin with; instants are in UTC. Signs that no workbook holds are left out; a text beyond what a cell holds ends in
    an ellipsis.
    """

    def __init__(self) -> None:
        self._book = Workbook(write_only=True)
        self._sheet: Any = self._book.create_sheet("Answer")
        self._sheet.freeze_panes = "A2"
        self._rows = self._columns = 0
        self._writing = Lock()
        self.size = 0
        """How many characters its cells hold."""

    def __enter__(self) -> "Book":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leaves nothing of it, after whatever a thread that nobody waits for any more is writing still."""
        with self._writing:
            if not self._sheet.closed and self._rows:
                self._sheet.close()
                self._sheet._writer.cleanup()

    def add(self, rows: Rows) -> None:
        """Writes more rows; the very first is the names of the columns. Once the block has ended nothing is written."""
        told = [list(row) for row in rows]
        with self._writing:
            if not self._sheet.closed:
                self._add(told)

    def _add(self, told: list[list[Any]]) -> None:
        if told and not self._rows:
            self._columns = len(told[0])
            for place in range(self._columns):
                width = max(len(str(row[place])) for row in told[:200])
                self._sheet.column_dimensions[get_column_letter(place + 1)].width = min(max(width + 2, NARROW), BROAD)
        for row in told:
            self._sheet.append([_cell(self._sheet, value, head=self._rows == 0) for value in row])
            self.size += sum(len(str(value)) for value in row if value is not None)
            self._rows += 1

    def note(self, text: str) -> None:
        """Says something on a sheet of its own."""
        self._book.create_sheet("Note").append([text])

    def made(self) -> bytes:
        """The file. Nothing can be added to it any more."""
        with self._writing:
            self._sheet.auto_filter.ref = f"A1:{get_column_letter(self._columns)}{self._rows}"
            out = BytesIO()
            self._book.save(out)
            return out.getvalue()


def _line(value: Any) -> Any:
    value = _plain(value)
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    return "" if value is None else value.isoformat() if isinstance(value, datetime) else value


def _cell(sheet: Any, value: Any, *, head: bool) -> Any:
    value = _plain(value)
    if isinstance(value, datetime):
        value = value.astimezone(UTC).replace(tzinfo=None)
    elif isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)
        value = value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
    if isinstance(value, datetime):
        cell.number_format = "yyyy-mm-dd hh:mm"
    if head:
        cell.font = Font(bold=True)
    return cell


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
