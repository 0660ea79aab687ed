"""Budget, authority, need, timing and competition of an opportunity through time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from graph.answer import Linked, answer
from graph.model import ValueField
from graph.question import Anchor, question
from graph.read import Reader, read
from graph.stretch import Head, History, Packed, Stretch, at_or_none, link, stretches
from graph.view import View


@answer
class Bantc(Stretch):
    """What is known of one of the five."""

    field: Annotated[ValueField, "Which of the five."]
    state: Annotated[str, "unknown, assumed, stated or verified."]
    value: Annotated[str | None, "What is known."]
    at: Annotated[datetime | None, "When it was said."]
    said_by: Annotated[Linked | None, Anchor.PERSON, "Who said it."]


@read
async def bantc_rows(ids: Sequence[str], since: int, most: int) -> list[Packed]:
    """Their rows."""
    raise NotImplementedError


@question(Anchor.OPPORTUNITY)
async def bantc(store: Reader, view: View, opportunities: Sequence[str], *, history: History = True) -> Mapping[str, list[Bantc]]:
    """What is known of budget, authority, need, timing and competition, the latest first, with all that was known before."""
    return await stretches(bantc_rows, store, view, opportunities, history, _known)


def _known(head: Head, field: str, state: str, value: str | None, at: int | None, said_by: str | None, name: str | None) -> Bantc:
    return Bantc(*head, ValueField(field), state, value or None, at_or_none(at), link(said_by, name))
