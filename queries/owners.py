"""Who of us owns an account."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from graph.answer import Linked, answer
from graph.question import Anchor, question
from graph.read import Reader, read
from graph.stretch import Head, History, Packed, Stretch, link, stretches
from graph.view import View


@answer
class Ownership(Stretch):
    """An account owner."""

    person: Annotated[Linked | None, Anchor.PERSON, "Who of us."]


@read
async def owner_rows(ids: Sequence[str], since: int, most: int) -> list[Packed]:
    """Their rows."""
    raise NotImplementedError


@question(Anchor.COMPANY)
async def owners(store: Reader, view: View, companies: Sequence[str], *, history: History = False) -> Mapping[str, list[Ownership]]:
    """Who of us owns the account at asOf."""
    return await stretches(owner_rows, store, view, companies, history, _owner)


def _owner(head: Head, id_: str, name: str | None) -> Ownership:
    return Ownership(*head, link(id_, name))
