"""Where a person works and worked."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from graph.answer import Linked, answer
from graph.question import Anchor, question
from graph.read import Reader, read
from graph.stretch import Head, History, Packed, Stretch, link, stretches
from graph.view import View


@answer
class Employment(Stretch):
    """A job of a person."""

    company: Annotated[Linked | None, Anchor.COMPANY, "The employer."]
    title: Annotated[str | None, "Title as the source writes it."]
    department: Annotated[str | None, "Department as the source writes it."]
    level: Annotated[str | None, "Level as the source writes it."]
    function: Annotated[str | None, "Function as the source writes it."]
    location: Annotated[str | None, "Place of work."]


@read
async def employment_rows(ids: Sequence[str], since: int, most: int) -> list[Packed]:
    """Their rows."""
    raise NotImplementedError


@question(Anchor.PERSON)
async def employments(store: Reader, view: View, people: Sequence[str], *, history: History = False) -> Mapping[str, list[Employment]]:
    """The jobs held at asOf, the latest first; employers that may not be seen are left out."""
    return await stretches(employment_rows, store, view, people, history, _job)


def _job(head: Head, id_: str, name: str | None, *job: str | None) -> Employment:
    return Employment(*head, link(id_, name), *job)
