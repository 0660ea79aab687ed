"""An opportunity as an anchor."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from graph.answer import Id, Linked, answer
from graph.model import Outcome
from graph.question import Anchor
from graph.read import Reader, read
from graph.sight import sight
from graph.stretch import at_or_none, link
from graph.view import View
from queries.anchors.entities import Entity, Named


@answer
class OpportunityFacts:
    """A deal that may come, and the questions that can be asked of it. Its course tells stage, amount, close date and owner through time."""

    id: Annotated[Id, "The first id under which it became known."]
    name: Annotated[str | None, "Its name."]
    company: Annotated[Linked | None, Anchor.COMPANY, "The account."]
    product: Annotated[Linked | None, Anchor.PRODUCT, "The product."]
    group_id: Annotated[Id, "The buying group; without one it has a group of its own id."]
    outcome: Annotated[Outcome, "Where it ended."]
    stage: Annotated[str | None, "Stage as written, now."]
    amount: Annotated[float | None, "For how much, now, in `currency`."]
    currency: Annotated[str | None, "ISO 4217 code."]
    opened_on: Annotated[datetime | None, "When it was opened."]
    close_on: Annotated[datetime | None, "When it is to close, as said now."]
    owner: Annotated[Linked | None, Anchor.PERSON, "Who of us owns it now."]
    competitor_ids: Annotated[list[Id], "Competitors seen in it."]


@answer
class OpportunityRow:
    """What opportunity_facts.cypher returns; a link is ``[id, name]``."""

    id: Id
    name: str | None
    company: tuple[str, str | None]
    product: tuple[str, str | None] | None
    group_id: Id
    outcome: str
    stage: str | None
    amount: float | None
    currency: str | None
    opened_on: int | None
    close_on: float | None
    owner: tuple[str, str | None] | None
    competitor_ids: list[Id]


@read
async def named_opportunities(names: Sequence[tuple[str, list[str]]], most: int) -> list[Named]:
    """Opportunities by id or alias."""
    raise NotImplementedError


@read
async def opportunity_facts(ids: Sequence[str], most: int) -> list[OpportunityRow]:
    """Facts of opportunities."""
    raise NotImplementedError


async def told(store: Reader, view: View, ids: Sequence[str], most: int) -> list[OpportunityFacts]:
    """Facts of opportunities, dated ones as they stand at the view; what they name that may not be seen is left out."""
    rows = await opportunity_facts(store, view, ids, most)
    rivals = {rival for row in rows for rival in row.competitor_ids}
    seeing = await sight(
        store, view, people=[row.owner[0] for row in rows if row.owner], companies=rivals, products=[row.product[0] for row in rows if row.product]
    )
    return [
        OpportunityFacts(
            row.id,
            row.name,
            link(*row.company),
            None if row.product is None or row.product[0] in seeing.products else link(*row.product),
            row.group_id,
            Outcome(row.outcome),
            row.stage,
            row.amount,
            row.currency,
            at_or_none(row.opened_on),
            at_or_none(row.close_on),
            None if row.owner is None or row.owner[0] in seeing.people else link(*row.owner),
            [rival for rival in row.competitor_ids if rival not in seeing.companies],
        )
        for row in rows
    ]


ENTITY = Entity(OpportunityFacts, named_opportunities, told, {"opportunity": "An opportunity by any of its ids."})
