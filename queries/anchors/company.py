"""A company as an anchor."""

from collections.abc import Sequence
from typing import Annotated

from graph.answer import Id, answer
from graph.read import read
from queries.anchors.entities import Entity, Named


@answer
class CompanyFacts:
    """An organisation, and the questions that can be asked of it."""

    id: Annotated[Id, "The first id under which it became known."]
    name: Annotated[str, "Its name."]
    kinds: Annotated[list[str], "What it is to us."]
    aliases: Annotated[list[str], "Other names."]
    domain: Annotated[str | None, "Web domain."]
    industry: Annotated[str | None, "Industry as the source writes it."]
    country: Annotated[str | None, "Country."]
    province: Annotated[str | None, "Province or state."]
    city: Annotated[str | None, "City."]
    district: Annotated[str | None, "District."]
    employees: Annotated[int | None, "Head count."]
    annual_revenue: Annotated[float | None, "Yearly revenue in `currency`."]
    currency: Annotated[str | None, "ISO 4217 code."]
    tier: Annotated[int | None, "1 (most) to 3, now: `tiers` has it through time."]
    value: Annotated[float | None, "Worth to us, 0 to 1."]
    registration_no: Annotated[str | None, "Number in the trade register."]
    tags: Annotated[list[str], "Tags typed by a person."]


@read
async def named_companies(names: Sequence[tuple[str, list[str]]], most: int) -> list[Named]:
    """Companies by id or alias."""
    raise NotImplementedError


@read
async def company_facts(ids: Sequence[str], most: int) -> list[CompanyFacts]:
    """Facts of companies."""
    raise NotImplementedError


ENTITY = Entity(
    CompanyFacts,
    named_companies,
    company_facts,
    {"account": "An account by any of its ids.", "company": "A company by any of its ids."},
)
