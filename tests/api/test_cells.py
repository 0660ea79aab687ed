"""Every question's rows are words and figures that people read: whatever an answer nests, no cell shows how Python writes it."""

import dataclasses
import re
from datetime import datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import pytest

from api.registry import QUESTIONS
from api.render import formats, sheet_of
from api.render.rows import listing
from graph.instants import at_moment, period
from queries.conflicts import SaidBySource, SourceConflict, ThingKind

DAY = at_moment(period("2026-02-01")[0])
PLAIN = {str: "words", int: 1, float: 0.25, bool: True, datetime: DAY}
PYTHON = re.compile(r"\w\(\w+=|<[A-Z]\w*[.:]|\bdatetime\.|\b[A-Z]\w+\.[A-Z][A-Z_]*\b|object at 0x")
"""The repr of a dataclass, of an enumeration's value, of an instant, of anything else."""


def filled(hint: Any) -> Any:
    """A value of a type, in which nothing is left open and every list has two items."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return filled(next(part for part in parts if part is not NoneType))
    if origin in (list, tuple):
        return origin(filled(part) for part in (parts * 2 if origin is list else parts))
    made = origin or hint
    if dataclasses.is_dataclass(made):
        bound = dict(zip(getattr(made, "__parameters__", ()), parts, strict=False))
        return made(**{name: filled(_bound(part, bound)) for name, part in get_type_hints(made).items()})
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    return PLAIN[getattr(hint, "__supertype__", hint)]


def _bound(hint: Any, bound: dict[Any, Any]) -> Any:
    if isinstance(hint, TypeVar):
        return bound[hint]
    return hint[tuple(bound[one] for one in hint.__parameters__)] if getattr(hint, "__parameters__", ()) else hint


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.title)
def test_no_cell_shows_python(question):
    answer, sheet, shown = filled(question.answer), sheet_of(question), formats(question)
    cells = [cell for row in sheet(answer) for cell in row] if sheet else []
    assert [cell for cell in cells if not isinstance(cell, str | int | float | datetime | None)] == [], "a sheet takes nothing else"
    texts = [str(cell) for cell in cells] + [shown[one](answer) for one in ("table", "csv") if one in shown]
    assert [found[0] for text in texts if (found := PYTHON.search(text))] == []


def test_what_is_nested_is_told_field_by_field():
    said = [
        SaidBySource("list", "250", DAY, 1.0, "L2", "a"),
        SaidBySource("crm", "100; 200", at_moment(period("2026-01-01T08:30")[0]), 0.5, "L1", "a"),
    ]
    conflict = SourceConflict("k", ThingKind.COMPANY, "a", "甲", "employees", "250", "list", said, "list is surer: 1 over 0.5")
    head, row = listing(SourceConflict).sheet([conflict])
    assert dict(zip(head, row, strict=True))["said"] == (
        "source: list, value: 250, as of: 2026-02-01, confidence: 1.0, load: L2, record id: a\n"
        "source: crm, value: 100; 200, as of: 2026-01-01T08:30:00+00:00, confidence: 0.5, load: L1, record id: a"
    )
    table = listing(SourceConflict).table([conflict])
    assert "source: list, value: 250" in table and "SaidBySource" not in table


def test_a_list_of_values_is_told_as_each_of_them_would_be():
    @dataclasses.dataclass
    class Listed:
        """A row with lists."""

        kinds: list[ThingKind]
        days: list[datetime]

    assert list(listing(Listed).sheet([Listed([ThingKind.COMPANY, ThingKind.PERSON], [DAY])]))[1] == ["Company; Person", "2026-02-01"]
