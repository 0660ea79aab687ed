"""Tables for people: within the terminal, words whole, ids always; where a line an item has no room, a block an item."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from rich.cells import cell_len

from api.render import tables
from api.render.tables import fitted, tabled

HEADS = ("id", "name", "annual revenue", "domain", "nothing")
ROWS = [
    ("aurora", "Aurora Energy and Waterways of the North", "760,000,000", "brightlane-analytics.example", ""),
    ("tie-feng", "铁峰软件", "", "ironpeak.example", ""),
]
WORDS = {word for row in ROWS for cell in row for word in cell.split()} | {"annual", "revenue"}


@pytest.fixture
def terminal(monkeypatch):
    def wide(columns):
        monkeypatch.setattr(tables, "_columns", lambda: columns)

    return wide


@pytest.mark.parametrize("columns", [None, 200, 90, 74])
def test_a_line_an_item_within_the_terminal_with_whole_words_and_no_empty_column(terminal, columns):
    terminal(columns)
    lines = tabled(HEADS, ROWS, whole=["id"]).splitlines()
    assert all(cell_len(line) <= (columns or 200) for line in lines)
    assert set(" ".join(lines).split()) >= WORDS and "nothing" not in lines[0]
    assert sum("aurora" in line for line in lines) == 1, "a line an item"


def test_a_block_an_item_where_words_would_break(terminal):
    terminal(50)
    assert tabled(HEADS, ROWS, whole=["id"]).split("\n\n") == [
        "id              aurora\nname            Aurora Energy and Waterways of the\n                North\n"
        "annual revenue  760,000,000\ndomain          brightlane-analytics.example",
        "id      tie-feng\nname    铁峰软件\ndomain  ironpeak.example",
    ]


def test_what_goes_to_no_terminal_is_as_wide_as_its_words(terminal):
    terminal(None)
    text = tabled(["id", *"abcdefgh"], [("x" * 150, *["word" * 8] * 8)], whole=["id"])
    assert "x" * 150 in text and text.count("word" * 8) == 8


def test_of_nothing_there_is_the_head(terminal):
    terminal(80)
    assert tabled(["a", "b"], []).split()[:2] == ["a", "b"]


@settings(max_examples=50)
@given(some.lists(some.tuples(some.integers(0, 60), some.integers(0, 30)), max_size=8), some.integers(0, 300))
def test_the_broadest_columns_give_way_and_none_more_than_it_can(columns, room):
    least = [min(pair) for pair in columns]
    natural = [max(pair) for pair in columns]
    found = fitted(natural, least, room)
    assert all(low <= width <= wanted for low, width, wanted in zip(least, found, natural, strict=True))
    assert sum(found) <= max(room, sum(least))
    assert found == natural or sum(found) + len(found) > room, "as wide as there is room, but for a rest"
