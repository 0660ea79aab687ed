"""Which tier a company has."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from graph.answer import answer
from graph.question import Anchor, question
from graph.read import Reader, read
from graph.stretch import Head, History, Packed, Stretch, stretches
from graph.view import View


@answer
class TierHeld(Stretch):
    """A tier of a company."""

    tier: Annotated[int, "1 (most) to 3."]


@read
async def tier_rows(ids: Sequence[str], since: int, most: int) -> list[Packed]:
    """Their rows."""
    raise NotImplementedError


@question(Anchor.COMPANY)
async def tiers(store: Reader, view: View, companies: Sequence[str], *, history: History = False) -> Mapping[str, list[TierHeld]]:
    """The tier at asOf, as each source says it."""
    return await stretches(tier_rows, store, view, companies, history, _held)


def _held(head: Head, tier: int) -> TierHeld:
    return TierHeld(*head, tier)
