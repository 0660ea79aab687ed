"""An account from three sides: a page of text; as a sheet, a line a fact with its source, date and confidence."""

from collections.abc import Iterator
from typing import Any

from api.render.profile import HEAD, of_attributes, of_post, of_roles, told
from queries.account_profile import AccountContact, AccountProfile

PLAIN = ("name", "industry", "country", "province", "city", "employees", "annual_revenue")


def lines(answer: AccountProfile) -> Iterator[tuple[Any, ...]]:
    """Each fact: side, what, value, source, since, confidence."""
    company = answer.company
    yield from of_attributes("company", company.attributes, **{name: getattr(company, name) for name in PLAIN})
    for tier in company.tiers:
        yield "company", "tier", tier.tier, tier.source, tier.valid_from, tier.confidence
    for owner in company.owners:
        yield "company", "owner", owner.person and owner.person.name, owner.source, owner.valid_from, owner.confidence
    for use in company.uses:
        yield "company", "uses", use.product and use.product.name, use.source, use.valid_from, use.confidence
    for link in company.links:
        yield "company", link.kind.value.replace("_", " ").lower(), link.other and link.other.name, link.source, link.valid_from, link.confidence
    yield "chain", "coverage", answer.chain.score.value, answer.chain.score.formula, None, None
    for role in answer.chain.roles:
        holders = ", ".join(node.name for node in role.holders) or "nobody known"
        yield "chain", role.role.value, f"{holders}: {role.state.value}", None, None, role.score.value
    for contact in answer.contacts:
        yield from _contact(contact)


def _contact(contact: AccountContact) -> Iterator[tuple[Any, ...]]:
    name = contact.person.name if contact.person else ""
    state = contact.node.state.value if contact.node.state else None
    yield "contacts", name, state, None, contact.last_touch_at, None
    for post in contact.posts:
        for _, what, *rest in of_post(post):
            yield "contacts", f"{name}: {what}", *rest
    for _, what, *rest in of_roles(contact.roles, contact.denied):
        yield "contacts", f"{name}: {what}", *rest


def sheet(answer: AccountProfile) -> Iterator[list[Any]]:
    """A line a fact."""
    yield list(HEAD)
    for line in lines(answer):
        yield list(line)


def table(answer: AccountProfile) -> str:
    """A line a fact, under its side."""
    return told(lines(answer))


FORMATS = {"table": table}
