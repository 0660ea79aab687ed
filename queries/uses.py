"""What a company uses."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from graph.answer import Linked, answer
from graph.question import Anchor, question
from graph.read import Reader, read
from graph.stretch import Head, History, Packed, Stretch, at_or_none, link, stretches
from graph.view import View


@answer
class Use(Stretch):
    """An installation."""

    product: Annotated[Linked | None, Anchor.PRODUCT, "What is used."]
    seller: Annotated[Linked | None, Anchor.COMPANY, "Who sells it."]
    seats: Annotated[int | None, "How many seats."]
    seat_share: Annotated[float | None, "Share of the company's seats, 0 to 1."]
    verified_on: Annotated[datetime | None, "When it was last verified."]
    renewal_on: Annotated[datetime | None, "When it is up for renewal."]
    satisfaction: Annotated[float | None, "-1 to 1."]


@read
async def use_rows(ids: Sequence[str], since: int, most: int) -> list[Packed]:
    """Their rows."""
    raise NotImplementedError


@question(Anchor.COMPANY)
async def uses(store: Reader, view: View, companies: Sequence[str], *, history: History = False) -> Mapping[str, list[Use]]:
    """What the company uses at asOf, ours and others'."""
    return await stretches(use_rows, store, view, companies, history, _use)


def _use(head: Head, id_: str, name: str, seller: str, sold_by: str, seats: Any, share: Any, verified: Any, renewal: Any, satisfied: Any) -> Use:
    dates = at_or_none(verified), at_or_none(renewal)
    return Use(*head, link(id_, name), link(seller, sold_by), seats, share, *dates, satisfied)
