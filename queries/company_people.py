"""Who works at a company."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from graph.answer import Linked, answer
from graph.question import Anchor, question
from graph.read import Reader, read
from graph.stretch import Head, History, Packed, Stretch, link, stretches
from graph.view import View


@answer
class Worker(Stretch):
    """A job at the company."""

    person: Annotated[Linked | None, Anchor.PERSON, "Who."]
    title: Annotated[str | None, "Title as the source writes it."]
    department: Annotated[str | None, "Department as the source writes it."]
    level: Annotated[str | None, "Level as the source writes it."]
    function: Annotated[str | None, "Function as the source writes it."]
    location: Annotated[str | None, "Place of work."]


@read
async def company_people_rows(ids: Sequence[str], since: int, most: int) -> list[Packed]:
    """Their rows."""
    raise NotImplementedError


@question(Anchor.COMPANY, "people")
async def company_people(store: Reader, view: View, companies: Sequence[str], *, history: History = False) -> Mapping[str, list[Worker]]:
    """Who works there at asOf, the latest first."""
    return await stretches(company_people_rows, store, view, companies, history, _worker)


def _worker(head: Head, id_: str, name: str | None, *job: str | None) -> Worker:
    return Worker(*head, link(id_, name), *job)
