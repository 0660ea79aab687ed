"""Lists and connections as a table for a terminal and as a sheet: a column a field, links by their names, in a sheet after their ids."""

import dataclasses
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple, get_args, get_type_hints

from api.render.sheets import Rows
from api.render.tables import tabled
from graph.answer import Linked
from graph.instants import at_moment
from graph.page import Connection, opened
from graph.score import Score

CUT = "The search was cut short: there may be others."
GROUPED = 10_000
"""From here on a number is hard to read without groups; no year is."""


class Listing(NamedTuple):
    """How a list, or a connection, looks: as a table, and as a sheet."""

    table: Callable[[Any], str]
    sheet: Callable[[Any], Rows]


def listing(part: type) -> Listing:
    """How a list, or a connection, of these looks."""
    hints = get_type_hints(part)
    names = [field.name for field in dataclasses.fields(part)]
    linking = {name for name in names if Linked in (hints[name], *get_args(hints[name]))}

    heads = [name.replace("_", " ") for name in names]
    places = [place for place, name in enumerate(names) if name != "key"]
    ids = [head for head in heads if head.split(" ")[-1] == "id"]

    def items(answer: Any) -> list[Any]:
        return [edge.node for edge in answer.edges] if isinstance(answer, Connection) else answer

    def sheet(answer: Any) -> Iterator[list[Any]]:
        yield [column for name in names for column in ([f"{name}_id", name] if name in linking else [name])]
        for item in items(answer):
            yield [cell for name in names for cell in (_with_id(getattr(item, name)) if name in linking else [_cell(getattr(item, name))])]

    def table(answer: Any) -> str:
        found = [["" if (cell := _cell(getattr(item, name))) is None else cell for name in names] for item in items(answer)]
        shown = ([_short(row[place]) for place in places] for row in found)
        text = tabled([heads[place] for place in places], shown, whole=ids) if found else "Nothing found."
        return text + (left_over(answer) if isinstance(answer, Connection) and found else "")

    return Listing(table, sheet)


def as_of(answer: Connection[Any]) -> datetime | None:
    """The instant in the world that a page was asked for, as its cursors hold it; None for an empty one."""
    return at_moment(opened(answer.page_info.end_cursor).as_of) if answer.page_info.end_cursor else None


def left_over(answer: Connection[Any]) -> str:
    """How many of how many, whether these are all that there are to find, and how to go on."""
    cut = f" {CUT}" if answer.truncated else ""
    more = f" --after {answer.page_info.end_cursor} goes on." if answer.page_info.has_next_page else ""
    return f"\n{len(answer.edges)} of {answer.total_count}.{cut}{more}"


def _with_id(one: Linked | None) -> list[str | None]:
    return [one.id, one.name] if one else [None, None]


def _cell(value: Any) -> Any:
    if isinstance(value, Linked):
        return value.name
    if isinstance(value, Score):
        return value.value
    if isinstance(value, list):
        return ("\n" if any(map(_nested, value)) else "; ").join(_short(_cell(item)) for item in value)
    return ", ".join(_fields(value)) if _nested(value) else value


def _nested(value: Any) -> bool:
    """Whether it has fields that are worth a cell each, and only one to stand in."""
    return dataclasses.is_dataclass(value) and not isinstance(value, Linked | Score)


def _fields(value: Any) -> Iterator[str]:
    """``as of: 2026-05-31``, of those that are filled."""
    for field in dataclasses.fields(value):
        if (cell := _cell(getattr(value, field.name))) not in (None, ""):
            yield f"{field.name.replace('_', ' ')}: {_short(cell)}"


def _short(cell: Any) -> str:
    """A date-time at midnight is its day; large numbers in groups of three, of others four digits after the point are enough to look at."""
    if isinstance(cell, int | float) and abs(cell) >= GROUPED:
        return f"{cell:,.0f}"
    cell = cell.isoformat() if isinstance(cell, datetime) else cell.value if isinstance(cell, Enum) else cell
    return str(round(cell, 4) if isinstance(cell, float) else cell).removesuffix("T00:00:00+00:00")
