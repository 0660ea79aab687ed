"""Which opportunities a company has."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from graph.answer import Id, Linked, answer
from graph.model import Outcome
from graph.question import Anchor, question
from graph.read import Reader, read
from graph.stretch import MOST_ROWS, Packed
from graph.view import View
from queries.anchors.entities import told
from queries.anchors.opportunity import OpportunityFacts


@answer
class CompanyOpportunity:
    """An opportunity of the company as it stood at asOf."""

    key: Annotated[Id, "Stands for it at this view; never an id."]
    opportunity: Annotated[Linked | None, Anchor.OPPORTUNITY, "The opportunity."]
    product: Annotated[Linked | None, Anchor.PRODUCT, "The product."]
    outcome: Annotated[Outcome, "Where it ended."]
    stage: Annotated[str | None, "Stage as written, at asOf."]
    amount: Annotated[float | None, "For how much, at asOf, in `currency`."]
    currency: Annotated[str | None, "ISO 4217 code."]
    close_on: Annotated[datetime | None, "When it is to close, as said at asOf."]
    owner: Annotated[Linked | None, Anchor.PERSON, "Who of us owns it, at asOf."]


@read
async def company_opportunity_rows(ids: Sequence[str], most: int) -> list[Packed]:
    """Their ids."""
    raise NotImplementedError


@question(Anchor.COMPANY, "opportunities")
async def company_opportunities(store: Reader, view: View, companies: Sequence[str]) -> Mapping[str, list[CompanyOpportunity]]:
    """The opportunities that were opened by asOf, the latest first."""
    rows = await company_opportunity_rows(store, view, companies, MOST_ROWS)
    facts = await told(store, view, Anchor.OPPORTUNITY, [id_ for packed in rows for (id_,) in packed.rows])
    return {packed.anchor: [_stood(facts[id_]) for (id_,) in packed.rows if id_ in facts] for packed in rows}


def _stood(fact: OpportunityFacts) -> CompanyOpportunity:
    link = Linked(fact.id, fact.name or fact.id)
    return CompanyOpportunity(fact.id, link, fact.product, fact.outcome, fact.stage, fact.amount, fact.currency, fact.close_on, fact.owner)
