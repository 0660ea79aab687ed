"""What happened around a company."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from graph.answer import Id, answer
from graph.instants import at_moment
from graph.model import source_of
from graph.question import Anchor, question
from graph.read import Reader, read
from graph.stretch import MOST_ROWS, Packed
from graph.view import View


@answer
class News:
    """One event."""

    key: Annotated[Id, "Stands for it on this company; never an id."]
    at: Annotated[datetime, "When."]
    kind: Annotated[str, "leadership_change, reorganisation, policy, funding, tender or incident."]
    title: Annotated[str | None, "Headline."]
    url: Annotated[str | None, "Where it stands."]
    source: Annotated[str, "Who says so."]


@read
async def event_rows(ids: Sequence[str], most: int) -> list[Packed]:
    """Their rows."""
    raise NotImplementedError


@question(Anchor.COMPANY)
async def events(store: Reader, view: View, companies: Sequence[str]) -> Mapping[str, list[News]]:
    """News about the company up to asOf, the latest first."""
    return {
        packed.anchor: [News(Id(key), at_moment(at), kind, title, url, source_of(origin)) for key, at, kind, title, url, origin in packed.rows]
        for packed in await event_rows(store, view, companies, MOST_ROWS)
    }
