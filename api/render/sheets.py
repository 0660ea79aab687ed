"""Rows as a sheet: CSV, or a workbook with real numbers and dates."""

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import Enum
from io import BytesIO, StringIO
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
    """A workbook of one sheet, its head fixed and with filters. Texts are texts, whatever they begin with; instants are in UTC.

    Signs that no workbook holds are left out; a text beyond what a cell holds ends in an ellipsis.
    """
    told = [list(row) for row in rows]
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Answer")
    sheet.freeze_panes = "A2"
    widths = [max(len(str(row[place])) for row in told[:200]) for place in range(len(told[0]))]
    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(place)].width = min(max(width + 2, NARROW), BROAD)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(widths))}{len(told)}"
    for number, row in enumerate(told):
        sheet.append([_cell(sheet, value, head=number == 0) for value in row])
    out = BytesIO()
    book.save(out)
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
