"""Companies and people as anchors: found by any id, told in plain facts."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated

from graph.answer import Id, answer
from graph.errors import Ambiguous
from graph.question import Anchor
from graph.read import Reader, read
from graph.view import View

MOST = 10_000


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
    tier: Annotated[int | None, "1 (most) to 3."]
    value: Annotated[float | None, "Worth to us, 0 to 1."]
    registration_no: Annotated[str | None, "Number in the trade register."]
    tags: Annotated[list[str], "Tags typed by a person."]


@answer
class PersonFacts:
    """A person, and the questions that can be asked of them."""

    id: Annotated[Id, "The first id under which they became known."]
    name: Annotated[str, "Full name."]
    aliases: Annotated[list[str], "Other names."]
    language: Annotated[str | None, "Language they prefer."]
    location: Annotated[str | None, "Where they work."]
    do_not_contact: Annotated[bool, "They opted out."]
    legal_basis: Annotated[str | None, "Why we may keep the data."]
    tags: Annotated[list[str], "Tags typed by a person."]


@answer
class Named:
    """What an id or alias names."""

    given: str
    own: list[str]
    others: list[str]


@answer
class AccountPage:
    """One page of accounts."""

    rows: list[tuple[Id, str]]
    total: int


@read
async def named_companies(names: Sequence[tuple[str, list[str]]], most: int) -> list[Named]:
    """Companies by id or alias."""
    raise NotImplementedError


@read
async def named_people(names: Sequence[tuple[str, list[str]]], most: int) -> list[Named]:
    """People by id or alias."""
    raise NotImplementedError


@read
async def company_facts(ids: Sequence[str], most: int) -> list[CompanyFacts]:
    """Facts of companies."""
    raise NotImplementedError


@read
async def person_facts(ids: Sequence[str], most: int) -> list[PersonFacts]:
    """Facts of people."""
    raise NotImplementedError


@read
async def account_page(after_name: str, after_id: str, first: int) -> list[AccountPage]:
    """A page of accounts."""
    raise NotImplementedError


Finder = Callable[[Reader, View, Sequence[tuple[str, list[str]]], int], Awaitable[list[Named]]]
FINDERS: dict[Anchor, Finder] = {Anchor.COMPANY: named_companies, Anchor.PERSON: named_people}


async def resolve(store: Reader, view: View, anchor: Anchor, given: Sequence[str]) -> Mapping[str, Id]:
    """Given id or alias -> id; what names nothing visible is missing. Raises Ambiguous, with the candidates, for an alias of several."""
    names = [(name, [name, f"mail:{name.lower()}", f"phone:{name}", f"url:{name.lower()}"]) for name in dict.fromkeys(given)]
    found: dict[str, Id] = {}
    for row in await FINDERS[anchor](store, view, names, MOST):
        ids = row.own or row.others
        if len(ids) > 1:
            raise Ambiguous(f"{row.given!r} names several: {', '.join(ids)}. Use one of these ids.", candidates=ids, argument="id")
        if ids:
            found[row.given] = Id(ids[0])
    return found


async def facts_of(store: Reader, view: View, anchor: Anchor, given: Sequence[str]) -> Mapping[str, CompanyFacts | PersonFacts]:
    """Given id or alias -> the anchor's own facts, in two reads for any number of anchors."""
    ids = await resolve(store, view, anchor, given)
    read_facts = company_facts if anchor is Anchor.COMPANY else person_facts
    by_id = {row.id: row for row in await read_facts(store, view, sorted(set(ids.values())), MOST)} if ids else {}
    return {name: by_id[id_] for name, id_ in ids.items() if id_ in by_id}
