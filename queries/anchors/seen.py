"""Which names somebody may use: those of what they see."""

from collections.abc import Mapping, Sequence

from graph.answer import answer
from graph.question import Anchor
from graph.read import Reader, read
from graph.view import View
from queries.anchors.entities import MOST, resolve

GROUP = "BuyingGroup"


@answer
class SeenGroup:
    """A buying group of an account that may be seen."""

    id: str


@read
async def named_groups(ids: Sequence[str], most: int) -> list[SeenGroup]:
    """Those of these buying groups whose account may be seen."""
    raise NotImplementedError


async def seen(store: Reader, view: View, label: str, names: Sequence[str]) -> Mapping[str, str]:
    """Id or alias -> id, of those that name a company, a person, an opportunity or a buying group that may be seen. Raises Ambiguous."""
    if label == GROUP:
        return {row.id: row.id for row in await named_groups(store, view, ids=names, most=MOST)}
    return await resolve(store, view, Anchor(label), names)
