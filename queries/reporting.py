"""Whom a person reports to, and who reports to them."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from graph.answer import Linked, answer
from graph.model import Line
from graph.question import Anchor, question
from graph.read import Reader, read
from graph.stretch import Head, History, Packed, Stretch, link, stretches
from graph.view import View


@answer
class ReportingLine(Stretch):
    """A line of the org chart."""

    line: Annotated[Line, "Solid or dotted."]
    upward: Annotated[bool, "The other one is the manager."]
    other: Annotated[Linked | None, Anchor.PERSON, "The manager, or the report."]


@read
async def reporting_rows(ids: Sequence[str], since: int, most: int) -> list[Packed]:
    """Their rows."""
    raise NotImplementedError


@question(Anchor.PERSON)
async def reporting(store: Reader, view: View, people: Sequence[str], *, history: History = False) -> Mapping[str, list[ReportingLine]]:
    """The reporting lines at asOf, either way round, the latest first; people who may not be seen are left out."""
    return await stretches(reporting_rows, store, view, people, history, _line)


def _line(head: Head, line: str, upward: bool, other: str, name: str | None) -> ReportingLine:
    return ReportingLine(*head, Line(line), upward, link(other, name))
