"""What the root connections have in common: what they search, how they are ordered, and the facts of what a page holds."""

from typing import Annotated, Any

from graph.answer import Id
from graph.page import Page, PageRows, Paging, Place
from graph.question import Anchor
from graph.read import Reader
from graph.search import lucene, names_of
from graph.view import View
from queries.anchors.entities import told

Search = Annotated[str | None, "Words or beginnings of words of a name; Chinese ones by two characters or more; or a whole id, address or number."]


def asked_for(page: Paging, search: str | None, order: str) -> dict[str, Any]:
    """What every read of a page gets: the full-text query, the start of a name and the names for an exact hit; the order; the place.

    The order ``name-desc`` is by name, descending; what has no such value comes last, and equals stand by id.
    """
    typed = (search or "").encode(errors="replace").decode().strip()
    found = {"query": lucene(typed) if typed else None, "text": typed or None, "names": names_of(typed) if typed else []}
    return {**found, "order": order.removesuffix("-desc"), "descending": order.endswith("-desc"), **page.parameters()}


async def page_of(store: Reader, view: View, anchor: Anchor, rows: list[PageRows]) -> Page[Any]:
    """A page with the facts of what it holds."""
    found = await told(store, view, anchor, [id_ for _, id_ in rows[0].rows])
    return Page([(Place(key, id_), found[Id(id_)]) for key, id_ in rows[0].rows if id_ in found], rows[0].total)
