"""Who owns a company."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from graph.answer import Linked, answer
from graph.question import Anchor, question
from graph.read import Reader, read
from graph.stretch import Head, History, Packed, Stretch, link, stretches
from graph.view import View


@answer
class Parent(Stretch):
    """An owner of a company."""

    company: Annotated[Linked | None, Anchor.COMPANY, "The company that owns it."]


@read
async def parent_rows(ids: Sequence[str], since: int, most: int) -> list[Packed]:
    """Their rows."""
    raise NotImplementedError


@question(Anchor.COMPANY)
async def parents(store: Reader, view: View, companies: Sequence[str], *, history: History = False) -> Mapping[str, list[Parent]]:
    """The companies that own it at asOf; those that may not be seen are left out."""
    return await stretches(parent_rows, store, view, companies, history, _parent)


def _parent(head: Head, id_: str, name: str | None) -> Parent:
    return Parent(*head, link(id_, name))
