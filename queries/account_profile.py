"""One account seen from three sides: the company, who decides there and how firmly we hold them, and everybody we know there."""

from asyncio import gather
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from graph.answer import Id, Linked, answer
from graph.consent import CONTACTABLE
from graph.errors import DottedlineError
from graph.question import Anchor, answered, costing, question
from graph.read import Reader
from graph.view import View, ViewUsed
from queries.anchors.company import CompanyFacts
from queries.anchors.entities import told
from queries.company_opportunities import CompanyOpportunity, company_opportunities
from queries.coverage import Coverage, coverage
from queries.decision_chain import ChainNode, DecisionChain, NodeKind, decision_chain
from queries.employments import Employment, employments
from queries.events import News, events
from queries.links import Link, links
from queries.owners import Ownership, owners
from queries.parents import Parent, parents
from queries.profiles.sourced import Attribute, Sources, attributes_of
from queries.profiles.words import KnownRole, Post, post_of, roles_of, said_by_hand
from queries.roles import HeldRole, roles
from queries.tiers import TierHeld, tiers
from queries.uses import Use, uses

NEWS = 20


@answer
class AccountFacts:
    """The company. Plain attributes are today's; `attributes` tell who says them."""

    name: Annotated[str, "Its name."]
    kinds: Annotated[list[str], "What it is to us."]
    industry: Annotated[str | None, "Industry as the source writes it."]
    country: Annotated[str | None, "Country."]
    province: Annotated[str | None, "Province or state."]
    city: Annotated[str | None, "City."]
    employees: Annotated[int | None, "Head count."]
    annual_revenue: Annotated[float | None, "Yearly revenue in `currency`."]
    currency: Annotated[str | None, "ISO 4217 code."]
    tags: Annotated[list[str], "Tags typed by a person."]
    attributes: Annotated[list[Attribute], "Plain attributes and addresses with source, date and confidence, by name; none where `sources` is false."]
    tiers: Annotated[list[TierHeld], "Its tier, as each source says it."]
    owners: Annotated[list[Ownership], "Who of us owns it."]
    parents: Annotated[list[Parent], "Who owns it."]
    links: Annotated[list[Link], "How it stands to other companies."]
    uses: Annotated[list[Use], "What it uses, ours and others'."]
    opportunities: Annotated[list[CompanyOpportunity], "Its opportunities, the latest first."]
    events: Annotated[list[News], "News about it, the latest twenty."]


@answer
class AccountContact:
    """Somebody at the account, or listed in its decision."""

    key: Annotated[Id, "Stands for them at this view; never an id."]
    person: Annotated[Linked | None, Anchor.PERSON, "Who."]
    posts: Annotated[list[Post], "Their jobs there, the latest first; none for who left."]
    roles: Annotated[list[KnownRole], "Their roles there, held or likely; a person's word before a CRM's before a guess from the title."]
    denied: Annotated[list[KnownRole], "Roles that the word that counts denies; they are not guessed."]
    node: Annotated[ChainNode, "Their place on the decision chain: stance, power, state, closeness, last touch, badges."]
    last_touch_at: Annotated[datetime | None, "When we were last in touch; null for never."]
    contactable: Annotated[bool, CONTACTABLE]


@answer
class AccountProfile:
    """One account from three sides."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    company: Annotated[AccountFacts, "The company."]
    chain: Annotated[Coverage, "Who decides, and how firmly each role is held."]
    contacts: Annotated[list[AccountContact], "Everybody there, from the top of the chart; the first five hundred."]
    truncated: Annotated[bool, "There are more people than five hundred."]


@costing(100)
@question(Anchor.COMPANY, "profile")
async def account_profile(
    store: Reader, view: View, companies: Sequence[str], *, sources: Sources = True
) -> Mapping[str, AccountProfile | DottedlineError]:
    """One account from three sides, each fact with its source, date and confidence; made of the other questions, each asked once for all accounts."""
    ids = [Id(company) for company in companies]
    facts = await told(store, view, Anchor.COMPANY, ids)
    told_chains, told_covers, by_hand = await gather(decision_chain(store, view, ids), coverage(store, view, ids), said_by_hand(store, view))
    chains, covers = answered(told_chains), answered(told_covers)
    people = sorted({node.person_id for chain in chains.values() for node in _people(chain) if node.person_id})
    said = await attributes_of(store, view, Anchor.COMPANY, ids if sources else [])
    jobs, held, sides = await gather(employments(store, view, people), roles(store, view, people), _sides(store, view, ids, facts, said))
    made: dict[str, AccountProfile | DottedlineError] = {}
    for company in ids:
        if company in sides and company in chains and company in covers:
            chain, cover = chains[company], covers[company]
            contacts = [_contact(company, node, answered(jobs), answered(held), by_hand) for node in _people(chain)]
            key = Id(f"{company}/profile@{view.as_of}/{view.known_at}")
            made[company] = AccountProfile(key, view.resting(cover.view.assumed), sides[company], cover, contacts, chain.truncated)
    return made


def _people(chain: DecisionChain) -> list[ChainNode]:
    return [node for node in chain.nodes if node.kind is NodeKind.PERSON]


def _contact(
    company: Id, node: ChainNode, jobs: Mapping[str, list[Employment]], held: Mapping[str, list[HeldRole]], by_hand: frozenset[str]
) -> AccountContact:
    person = str(node.person_id)
    here = [job for job in jobs.get(person, []) if job.company and job.company.id == company]
    known = roles_of([role for role in held.get(person, []) if role.company and role.company.id == company], here, by_hand)
    posts = [post_of(job, by_hand) for job in here]
    return AccountContact(node.key, Linked(Id(person), node.name), posts, *known, node, node.last_touch_at, node.contactable)


async def _sides(
    store: Reader, view: View, ids: Sequence[Id], facts: Mapping[Id, CompanyFacts], said: Mapping[str, list[Attribute]]
) -> dict[Id, AccountFacts]:
    """What is known of the companies themselves."""
    told_tiers, told_owners, told_parents, told_links = await gather(
        tiers(store, view, ids), owners(store, view, ids), parents(store, view, ids), links(store, view, ids)
    )
    told_uses, told_deals, told_news = await gather(uses(store, view, ids), company_opportunities(store, view, ids), events(store, view, ids))
    tier, owner, parent, link = answered(told_tiers), answered(told_owners), answered(told_parents), answered(told_links)
    use, deal, news = answered(told_uses), answered(told_deals), answered(told_news)
    made = {}
    for id_ in ids:
        if (fact := facts.get(id_)) is None or id_ not in owner:
            continue
        own = (fact.name, fact.kinds, fact.industry, fact.country, fact.province, fact.city, fact.employees, fact.annual_revenue, fact.currency)
        dated = (tier.get(id_, []), owner.get(id_, []), parent.get(id_, []), link.get(id_, []))
        made[id_] = AccountFacts(*own, fact.tags, said.get(id_, []), *dated, use.get(id_, []), deal.get(id_, []), news.get(id_, [])[:NEWS])
    return made
