"""Which buying groups an account has."""

from collections.abc import Mapping, Sequence

from graph.question import Anchor, question
from graph.read import Reader, read
from graph.stretch import MOST_ROWS, Packed
from graph.view import View
from queries.committee.rows import BuyingGroup


@read
async def group_rows(ids: Sequence[str], most: int) -> list[Packed]:
    """Their rows."""
    raise NotImplementedError


@question(Anchor.COMPANY)
async def groups(store: Reader, view: View, companies: Sequence[str]) -> Mapping[str, list[BuyingGroup]]:
    """The account's buying groups, the default one first."""
    return {packed.anchor: [BuyingGroup(*row) for row in packed.rows] for packed in await group_rows(store, view, companies, MOST_ROWS)}
