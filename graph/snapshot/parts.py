"""What a snapshot holds: each part is declared once, a class of columns and the read that fills it.

A part's first column says whose row it is: the id itself where the part lists things (``ENTITIES``), else a place among them. Rows are read by ranges
of that id, so that a single person's rows are read anew as all people's are. A new part is a class, a read and a line in ``PARTS``.
"""

import re
from collections.abc import Sequence
from typing import Annotated

import numpy as np

from graph.answer import answer
from graph.consent import BARRING_WORDS
from graph.instants import OPEN_START
from graph.measures.deals import open_then
from graph.model import EDGE, Affiliation, BuyingRole, CompanyLink, Influence, Line, Outcome
from graph.read import read
from graph.snapshot.acts import Standings, standings
from graph.snapshot.arrays import Codes, Floats, Ints, Places, Texts, Truths
from graph.snapshot.dealings import Dealings, dealings
from graph.snapshot.declare import ANY_PRODUCT, COMPANY, GROUP, OPPORTUNITY, PERSON, PRODUCT, Part, Spans, Words, filling
from graph.snapshot.met import Asked, Contacts, Introduced, Pairs, asked, contacts, introduced, pairs

ROLE, INFLUENCE, LINE, AFFILIATION = Words.of(BuyingRole), Words.of(Influence), Words.of(Line), Words.of(Affiliation)
OUTCOME, LINK = Words.of(Outcome), Words.of(CompanyLink)


@answer
class People:
    """Everybody, sorted by id."""

    id: Annotated[Texts, Texts, "Their id."]
    name: Annotated[Texts, Texts, "Their name, or the id."]
    do_not_contact: Annotated[Truths, np.bool_, "They opted out, or the legal basis that is written bars contact."]


@answer
class Companies:
    """Every organisation, sorted by id."""

    id: Annotated[Texts, Texts, "Its id."]
    name: Annotated[Texts, Texts, "Its name, or the id."]
    territory: Annotated[Texts, Texts, "The id of its territory, empty for none."]
    industry: Annotated[Texts, Texts, "Its industry, empty for unknown."]
    country: Annotated[Texts, Texts, "Its country, empty for unknown."]
    province: Annotated[Texts, Texts, "Its province, empty for unknown."]
    employees: Annotated[Floats, np.float64, "Its head count; not a number for unknown."]
    parent: Annotated[Places, COMPANY, "Who owns it, -1 for nobody known."]
    value: Annotated[Floats, np.float64, "What it is said to be worth to us; not a number for unknown."]
    tier: Annotated[Floats, np.float64, "Its tier; not a number for unknown."]
    us: Annotated[Truths, np.bool_, "It is one of ours."]
    account: Annotated[Truths, np.bool_, "It is an account."]
    partner: Annotated[Truths, np.bool_, "It is a partner."]
    competitor: Annotated[Truths, np.bool_, "It is a competitor."]
    known: Annotated[Truths, np.bool_, "Somebody speaks of it."]


@answer
class Groups:
    """Buying groups, sorted by id."""

    id: Annotated[Texts, Texts, "Its id; the default group bears the account's."]
    company: Annotated[Places, COMPANY, "The account."]
    is_default: Annotated[Truths, np.bool_, "The account's own group."]
    template: Annotated[Texts, Texts, "The id of the template that it names, empty for none."]


@answer
class Products:
    """What is sold, by us or by others, sorted by id."""

    id: Annotated[Texts, Texts, "Its id."]
    name: Annotated[Texts, Texts, "Its name, or the id."]
    maker: Annotated[Places, COMPANY, "Who sells it, -1 for unknown."]
    category: Annotated[Texts, Texts, "What kind of product, empty for unknown."]


@answer
class Opportunities:
    """Deals that were opened up to the instant, sorted by id; how they ended is what is said now, see ``open_at``."""

    id: Annotated[Texts, Texts, "Its id."]
    company: Annotated[Places, COMPANY, "The account."]
    outcome: Annotated[Codes, OUTCOME, "Where it ended: a place in OUTCOME.words."]
    opened: Annotated[Floats, np.float64, "The instant of its opening; not a number for unknown."]
    closing: Annotated[Floats, np.float64, "The instant at which it is to close, or did; not a number for unknown."]
    amount: Annotated[Floats, np.float64, "For how much, in its currency; not a number for unknown."]
    currency: Annotated[Texts, Texts, "ISO 4217 code of its amount, empty for unknown."]
    stage: Annotated[Texts, Texts, "Its stage as written, empty for unknown."]

    def open_at(self, as_of: int) -> Truths:
        """Which were open at the instant, as ``graph.measures.deals`` says it."""
        return open_then(self.outcome == OUTCOME.words.index(Outcome.OPEN), self.closing, as_of)


@answer
class Rivals:
    """Which competitors were seen in which deal."""

    opportunity: Annotated[Places, OPPORTUNITY, "The deal."]
    competitor: Annotated[Places, COMPANY, "Who was seen in it."]


@answer
class Uses:
    """What companies use, and did before the instant."""

    company: Annotated[Places, COMPANY, "Who."]
    product: Annotated[Places, PRODUCT, "What."]
    start: Annotated[Ints, np.int64, "From this instant on; the open start for unknown."]
    until: Annotated[Ints, np.int64, "Until just before this instant."]
    share: Annotated[Floats, np.float64, "Share of the company's seats, 0 to 1; not a number for unknown."]
    verified: Annotated[Floats, np.float64, "The instant at which it was last verified; not a number for unknown."]
    renewal: Annotated[Floats, np.float64, "The instant at which it is up for renewal; not a number for unknown."]
    satisfaction: Annotated[Floats, np.float64, "-1 to 1; not a number for unknown."]
    sure: Annotated[Floats, np.float64, "How sure the source is."]
    assumed: Annotated[Truths, np.bool_, "It is assumed to have held then already."]


@answer
class Purchases:
    """What companies bought up to the instant."""

    company: Annotated[Places, COMPANY, "Who."]
    product: Annotated[Places, PRODUCT, "What."]
    at: Annotated[Ints, np.int64, "When."]
    sure: Annotated[Floats, np.float64, "How sure the source is."]


@answer
class Links:
    """How companies stand to others, and did before the instant."""

    company: Annotated[Places, COMPANY, "Who serves, resells for, supplies; of partners and competitors either one."]
    other: Annotated[Places, COMPANY, "Whom."]
    kind: Annotated[Codes, LINK, "How: a place in LINK.words."]
    product: Annotated[Places, ANY_PRODUCT, "With which product, -1 for none named."]
    start: Annotated[Ints, np.int64, "From this instant on; the open start for unknown."]
    until: Annotated[Ints, np.int64, "Until just before this instant."]
    sure: Annotated[Floats, np.float64, "How sure the source is."]
    assumed: Annotated[Truths, np.bool_, "It is assumed to have held then already."]


@answer
class Jobs:
    """Every job up to the instant, past ones too."""

    person: Annotated[Places, PERSON, "Who."]
    company: Annotated[Places, COMPANY, "Where."]
    start: Annotated[Ints, np.int64, "From this instant on; the open start for unknown."]
    until: Annotated[Ints, np.int64, "Until just before this instant."]
    sure: Annotated[Floats, np.float64, "How sure the source is."]
    assumed: Annotated[Truths, np.bool_, "It is assumed to have held then already."]


@answer
class Affiliations:
    """How people belong to companies beside a job, and did before the instant."""

    person: Annotated[Places, PERSON, "Who."]
    company: Annotated[Places, COMPANY, "Where."]
    kind: Annotated[Codes, AFFILIATION, "How: a place in AFFILIATION.words."]
    strength: Annotated[Floats, np.float64, "How closely, 0 to 1."]
    start: Annotated[Ints, np.int64, "From this instant on; the open start for unknown."]
    until: Annotated[Ints, np.int64, "Until just before this instant."]
    sure: Annotated[Floats, np.float64, "How sure the source is."]


@answer
class Consents:
    """Until when people agreed to be contacted: each word about it."""

    person: Annotated[Places, PERSON, "Who."]
    until: Annotated[Floats, np.float64, "Until this instant."]
    sure: Annotated[Floats, np.float64, "How sure the source is."]
    start: Annotated[Ints, np.int64, "Said from this instant on."]
    assumed: Annotated[Truths, np.bool_, "It is assumed to have held then already."]


@answer
class Roles:
    """Who holds which role in which buying group."""

    person: Annotated[Places, PERSON, "Who."]
    group: Annotated[Places, GROUP, "In which group."]
    role: Annotated[Codes, ROLE, "Which: a place in ROLE.words, the order of BuyingRole."]
    sure: Annotated[Floats, np.float64, "How sure it is that they hold it."]
    assumed: Annotated[Truths, np.bool_, "It is assumed to have held then already."]


@answer
class Stances:
    """Who belongs to which buying group, and where they stand."""

    person: Annotated[Places, PERSON, "Who."]
    group: Annotated[Places, GROUP, "In which group."]
    stance: Annotated[Floats, np.float64, "-2 enemy to 2 mentor; not a number for unknown."]
    sure: Annotated[Floats, np.float64, "How sure the source is."]
    start: Annotated[Ints, np.int64, "Said from this instant on."]
    assumed: Annotated[Truths, np.bool_, "It is assumed to have held then already."]


@answer
class Influences:
    """Who sways or opposes whom, as asserted."""

    person: Annotated[Places, PERSON, "Who."]
    swayed: Annotated[Places, PERSON, "Whom."]
    kind: Annotated[Codes, INFLUENCE, "A place in INFLUENCE.words."]
    strength: Annotated[Floats, np.float64, "Probability of being heard, 0 to 1."]
    sure: Annotated[Floats, np.float64, "How sure the source is."]


@answer
class Lines:
    """Who reports to whom."""

    person: Annotated[Places, PERSON, "Who."]
    manager: Annotated[Places, PERSON, "To whom."]
    line: Annotated[Codes, LINE, "Solid or dotted: a place in LINE.words."]
    sure: Annotated[Floats, np.float64, "How sure the source is."]


@read
async def snapshot_people(spans: Spans, barring: Sequence[str]) -> list[People]:
    """One row."""
    raise NotImplementedError


@read
async def snapshot_companies(spans: Spans) -> list[Companies]:
    """One row."""
    raise NotImplementedError


@read
async def snapshot_groups(spans: Spans) -> list[Groups]:
    """One row."""
    raise NotImplementedError


@read
async def snapshot_products(spans: Spans) -> list[Products]:
    """One row."""
    raise NotImplementedError


@read
async def snapshot_opportunities(spans: Spans) -> list[Opportunities]:
    """One row."""
    raise NotImplementedError


@read
async def snapshot_rivals(spans: Spans) -> list[Rivals]:
    """One row."""
    raise NotImplementedError


@read
async def snapshot_uses(spans: Spans, since: int, open: int, assuming: Sequence[str]) -> list[Uses]:
    """One row."""
    raise NotImplementedError


@read
async def snapshot_purchases(spans: Spans) -> list[Purchases]:
    """One row."""
    raise NotImplementedError


@read
async def snapshot_links(spans: Spans, since: int, open: int, assuming: Sequence[str]) -> list[Links]:
    """One row."""
    raise NotImplementedError


@read
async def snapshot_jobs(spans: Spans, since: int, open: int, assuming: Sequence[str]) -> list[Jobs]:
    """One row."""
    raise NotImplementedError


@read
async def snapshot_affiliations(spans: Spans, since: int) -> list[Affiliations]:
    """One row."""
    raise NotImplementedError


@read
async def snapshot_consents(spans: Spans, open: int, assuming: Sequence[str]) -> list[Consents]:
    """One row."""
    raise NotImplementedError


@read
async def snapshot_roles(spans: Spans, open: int, assuming: Sequence[str]) -> list[Roles]:
    """One row."""
    raise NotImplementedError


@read
async def snapshot_stances(spans: Spans, open: int, assuming: Sequence[str]) -> list[Stances]:
    """One row."""
    raise NotImplementedError


@read
async def snapshot_influences(spans: Spans) -> list[Influences]:
    """One row."""
    raise NotImplementedError


@read
async def snapshot_lines(spans: Spans) -> list[Lines]:
    """One row."""
    raise NotImplementedError


PARTS = (
    Part(People, "Person", lambda at, spans: snapshot_people(at.store, at.view, spans, BARRING_WORDS)),
    Part(Companies, "Company", lambda at, spans: snapshot_companies(at.store, at.view, spans)),
    Part(Groups, "BuyingGroup", lambda at, spans: snapshot_groups(at.store, at.view, spans)),
    Part(Products, "Product", lambda at, spans: snapshot_products(at.store, at.view, spans)),
    Part(Opportunities, "Opportunity", lambda at, spans: snapshot_opportunities(at.store, at.view, spans)),
    Part(Rivals, "Opportunity", lambda at, spans: snapshot_rivals(at.store, at.view, spans)),
    Part(Uses, "Company", lambda at, spans: snapshot_uses(at.store, at.view, spans, OPEN_START, **at.facts)),
    Part(Purchases, "Company", lambda at, spans: snapshot_purchases(at.store, at.view, spans)),
    Part(Links, "Company", lambda at, spans: snapshot_links(at.store, at.view, spans, OPEN_START, **at.facts)),
    Part(Jobs, "Person", lambda at, spans: snapshot_jobs(at.store, at.view, spans, OPEN_START, **at.facts)),
    Part(Affiliations, "Person", lambda at, spans: snapshot_affiliations(at.store, at.view, spans, OPEN_START)),
    Part(Consents, "Person", lambda at, spans: snapshot_consents(at.store, at.view, spans, **at.facts)),
    Part(Roles, "Person", lambda at, spans: snapshot_roles(at.store, at.view, spans, **at.facts)),
    Part(Stances, "Person", lambda at, spans: snapshot_stances(at.store, at.view, spans, **at.facts)),
    Part(Influences, "Person", lambda at, spans: snapshot_influences(at.store, at.view, spans)),
    Part(Lines, "Person", lambda at, spans: snapshot_lines(at.store, at.view, spans)),
    Part(Pairs, "Person", pairs, of_events=True),
    Part(Contacts, "Person", contacts, of_events=True),
    Part(Introduced, "Person", introduced, of_events=True),
    Part(Asked, "Person", asked, of_events=True),
    Part(Dealings, "Person", dealings, of_events=True),
    Part(Standings, "Person", standings, of_events=True),
)
LISTS = {part.label: part for part in PARTS if part.lists}
"""Label -> the part that lists its things."""
LABELS = frozenset({*LISTS, "Interaction", "Campaign"})
"""Of which things a snapshot says anything."""
TYPES = frozenset(EDGE).intersection(
    type_ for text in filling().values() for types in re.findall(r"\[\w*\s*:\s*([A-Z_|]+)", text) for type_ in types.split("|")
)
"""On which facts it rests: those of its reads."""
