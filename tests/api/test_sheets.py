"""A sheet holds what an answer says: numbers as numbers, instants as instants, and no text that runs."""

import csv
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from api.render.sheets import LONGEST, Book, as_csv, as_xlsx
from graph.model import BuyingRole

EVENING = datetime(2026, 5, 1, 20, 30, tzinfo=timezone(timedelta(hours=8)))
ROWS = [
    ["name", "role", "coverage", "at", "known"],
    ["王芳", BuyingRole.CHAMPION, 0.35, EVENING, True],
    ["=cmd|' /C calc'!A0", None, None, None, False],
]


def cells(made):
    return list(load_workbook(BytesIO(made)).active.iter_rows())


def test_a_workbook_holds_numbers_instants_and_texts():
    head, first, second = cells(as_xlsx(ROWS))
    assert [cell.value for cell in head] == ROWS[0]
    assert all(cell.font.bold for cell in head)
    assert [cell.value for cell in first] == ["王芳", "CHAMPION", 0.35, datetime(2026, 5, 1, 12, 30), True]
    assert [cell.value for cell in second] == ["=cmd|' /C calc'!A0", None, None, None, False]
    assert second[0].data_type == "s", "a text, not a formula"


def test_what_no_workbook_holds_is_left_out_or_cut():
    _, row = cells(as_xlsx([["a", "b"], ["x\x00\x0by", "长" * (LONGEST + 5)]]))
    assert row[0].value == "xy"
    assert (len(row[1].value), row[1].value[-1]) == (LONGEST, "…")


def test_a_head_alone_is_a_sheet():
    assert [cell.value for cell in cells(as_xlsx([["a"]]))[0]] == ["a"]
    assert as_csv([["a"]]) == "a"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_a_line_of_cells_runs_nothing(text):
    assert next(csv.reader(StringIO(as_csv([[text]])))) == [f"'{text}"]


def test_a_line_of_cells_tells_instants_with_their_zone_and_nothing_for_nothing():
    assert as_csv([["at", "none"], [EVENING.astimezone(UTC), None]]) == "at,none\n2026-05-01T12:30:00+00:00,"


def test_whoever_writes_on_after_the_end_writes_nothing():
    book = Book()
    book.add(ROWS)
    size = book.size
    book.close()
    book.add(ROWS[1:])
    book.close()
    assert book.size == size
