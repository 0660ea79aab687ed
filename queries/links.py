"""How a company stands to others."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

from graph.answer import Id, Linked, answer
from graph.instants import OPEN_START, at_moment
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
    found = await stretches(link_rows, store, view, companies, history, _link)
    return {company: _in_order({one.key: one for one in reversed(rows)}.values()) for company, rows in found.items()}


def _in_order(links: Iterable[Link]) -> list[Link]:
    """The latest first, of one start by the keys that are told: the order of the facts' own would tell of their products."""
    made = sorted(links, key=lambda one: one.key)
    made.sort(key=lambda one: one.valid_from or at_moment(OPEN_START), reverse=True)
    return made


def told_key(key: str, kind: str, refs: Sequence[str], source: str, hidden: bool) -> Id:
    """The key of a link; of one whose product is ``hidden`` the key without a product.

    A fact's key is a hash of all that tells it apart, as its source wrote it, so that who guesses the product could tell it.
    """
    return Id(key_of(kind, [*refs, ""], source, "company_links") if hidden else key)


def _link(
    head: Head, kind: str, refs: list[str], outgoing: bool, other: str, name: str, product: str | None, called: str | None, hidden: bool
) -> Link:
    key, _, start = head[0].rpartition("@")
    shown = Id(f"{told_key(key, kind, refs, head[3], hidden)}@{start}")
    return Link(shown, *head[1:], CompanyLink(kind), outgoing, link(other, name), link(product, called))
