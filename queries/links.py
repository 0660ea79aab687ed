"""How a company stands to others."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from graph.answer import Id, Linked, answer
from graph.journal import key_of
from graph.model import CompanyLink
from graph.question import Anchor, question
from graph.read import Reader, read
from graph.stretch import Head, History, Packed, Stretch, link, stretches
from graph.view import View


@answer
class Link(Stretch):
    """One company to another."""

    kind: Annotated[CompanyLink, "How."]
    outgoing: Annotated[bool, "Read from this company to the other, such as: this one serves the other."]
    other: Annotated[Linked | None, Anchor.COMPANY, "The other company."]
    product: Annotated[Linked | None, Anchor.PRODUCT, "With which product."]


@read
async def link_rows(ids: Sequence[str], since: int, most: int) -> list[Packed]:
    """Their rows."""
    raise NotImplementedError


@question(Anchor.COMPANY)
async def links(store: Reader, view: View, companies: Sequence[str], *, history: History = False) -> Mapping[str, list[Link]]:
    """How the company stands to others at asOf, either way round."""
    return await stretches(link_rows, store, view, companies, history, _link)


def _link(
    head: Head, kind: str, ends: list[str], outgoing: bool, other: str, name: str, product: str | None, called: str | None, hidden: bool
) -> Link:
    if hidden:  # a fact's key is a hash of all that tells it apart, so that who guesses the product could tell it
        key = key_of(kind, [*ends, ""], head[3], "company_links")
        head = (Id(f"{key}@{head[0].rpartition('@')[2]}"), *head[1:])
    return Link(*head, CompanyLink(kind), outgoing, link(other, name), link(product, called))
