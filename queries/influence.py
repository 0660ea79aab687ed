"""Whom a person sways, and who sways them."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from graph.answer import Linked, answer
from graph.model import Influence
from graph.question import Anchor, question
from graph.read import Reader, read
from graph.stretch import Head, History, Packed, Stretch, link, stretches
from graph.view import View


@answer
class Sway(Stretch):
    """Somebody's asserted influence on somebody."""

    kind: Annotated[Influence, "Advises or opposes."]
    outgoing: Annotated[bool, "This person sways the other; else the other sways this one."]
    other: Annotated[Linked | None, Anchor.PERSON, "The other one."]
    strength: Annotated[float, "How likely they are heard, 0 to 1."]
    topic: Annotated[str | None, "About what; null for all."]


@read
async def influence_rows(ids: Sequence[str], since: int, most: int) -> list[Packed]:
    """Their rows."""
    raise NotImplementedError


@question(Anchor.PERSON)
async def influence(store: Reader, view: View, people: Sequence[str], *, history: History = False) -> Mapping[str, list[Sway]]:
    """Asserted influence at asOf, either way round, the latest first; people who may not be seen are left out."""
    return await stretches(influence_rows, store, view, people, history, _sway)


def _sway(head: Head, kind: str, outgoing: bool, other: str, name: str | None, strength: float, topic: str | None) -> Sway:
    return Sway(*head, Influence(kind), outgoing, link(other, name), strength, topic)
