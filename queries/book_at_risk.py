"""What we would lose with one of our people: the coverage that rests on them alone."""

from asyncio import to_thread
from collections.abc import Mapping, Sequence
from typing import Annotated

import numpy as np

from graph.answer import Id, Linked, answer
from graph.instants import OPEN_START
from graph.measures.coverage import DEFAULTS, PLACE, Coverage, Floats, Holders, Ints, Truths, coverage
from graph.measures.strength import Happened
from graph.measures.touches import touches
from graph.model import BuyingRole
from graph.question import Anchor, costing, question
from graph.read import Reader, read
from graph.score import Missing
from graph.sight import unseen
from graph.snapshot.arrays import Places
from graph.snapshot.declare import Looking
from graph.snapshot.met import Pairs, happened
from graph.stretch import MOST_ROWS
from graph.view import View, ViewUsed
from graph.words import chinese, counted, number
from queries.committee.market import Market, market_with
from queries.committee.touched import LIMITS


@answer
class AccountAtRisk:
    """One account of the book."""

    company: Annotated[Linked | None, Anchor.COMPANY, "The account."]
    worth: Annotated[float, "What it is worth to us, 0 to 1."]
    coverage: Annotated[float, "Its coverage now, unknown roles counted as nothing."]
    without: Annotated[float, "The same without them: what only they took part in counts nothing."]
    at_risk: Annotated[float, "worth x (coverage - without)."]
    lost_roles: Annotated[list[BuyingRole], "Roles of the template that would fall under 0.35."]
    heir: Annotated[Linked | None, Anchor.PERSON, "Who of us knows the same contacts best; null for nobody."]


@answer
class BookAtRisk:
    """The accounts whose coverage rests on one of our people. Both numbers are sums over accounts, not shares."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    value: Annotated[float | None, "The sum of what is at risk; null when it cannot be said."]
    missing: Annotated[Missing | None, "NOT_APPLICABLE for whoever does not work for us."]
    book: Annotated[float | None, "The sum of worth x coverage over the same accounts."]
    accounts: Annotated[list[AccountAtRisk], "The accounts where they were in touch with a holder, the riskiest first."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@answer
class BookRows:
    """One row a person: their accounts, each with an interaction on which that rests where it may be hidden, being one among our own; else None."""

    person: Id
    ours: bool
    met: list[tuple[Id, Id | None]]


@read
async def book_rows(ids: Sequence[str], types: list[str], statuses: list[str], since: int, most: int) -> list[BookRows]:
    """The rows of these people."""
    raise NotImplementedError


@costing(30)
@question(Anchor.PERSON)
async def book_at_risk(store: Reader, view: View, people: Sequence[str]) -> Mapping[str, BookAtRisk]:
    """For one of our people: the sum over accounts of worth x (coverage - coverage without them).

    Accounts and roles come from the snapshot; what happened is read of those alone who hold a role there.
    """
    rows = await book_rows(store, view, people, LIMITS["types"], LIMITS["statuses"], OPEN_START, MOST_ROWS)
    hidden = await unseen(store, view, {at for row in rows for _, at in row.met if at is not None})
    books = {row.person: {account for account, at in row.met if row.ours and at not in hidden} for row in rows}
    market = await market_with(store, view, sorted(set().union(*books.values())))
    ids = market.snapshot.people.id
    holders = sorted({ids[at] for at in np.unique(market.people).tolist()})
    events = await happened(Looking(store, view, newest=False), [(id_, id_) for id_ in holders], ours=False) if holders else []
    book = _Book(market, events)
    found: dict[str, BookAtRisk] = {}
    for row in rows:
        numbers = np.array([at for at, account in enumerate(market.ids) if account in books[row.person]], np.int64)
        at_risk = sorted(await to_thread(book.without, row.person, numbers), key=_riskiest) if len(numbers) else []
        found[row.person] = _told(row, at_risk, view, market.assumed(view, numbers))
    return found


def _riskiest(one: AccountAtRisk) -> tuple[float, str]:
    return -one.at_risk, one.company.id if one.company else ""


class _Book:
    """Accounts, and what happened with those who hold a role there."""

    def __init__(self, market: Market, events: Sequence[Happened]) -> None:
        self.market, self.events = market, events
        people, snapshot = market.snapshot.people, market.snapshot
        self.ours, self.former = (frozenset(people.id[at] for at in np.flatnonzero(which).tolist()) for which in (snapshot.ours, snapshot.former))
        self.ids = [people.id[at] for at in market.people.tolist()]
        self.holders, self.found = self._coverage(frozenset())

    def _coverage(self, gone: frozenset[str]) -> tuple[Holders, Coverage]:
        """The holders and their coverage, had these people of ours left us."""
        sums = touches(self.events, self.ours - gone, self.former | gone, self.market.snapshot.stamp.as_of)
        place = {person: at for at, person in enumerate(sums.people)}
        at = np.array([place.get(id_, -1) for id_ in self.ids], np.int64)
        known = at >= 0

        def column(values: Floats | Truths) -> Floats:
            made = np.zeros(len(at))
            made[known] = values[at[known]]
            return made

        holders = self.market.holders._replace(
            closeness=column(sums.closeness), closest=column(sums.closest), touched=known, answered=column(sums.answered) > 0
        )
        return holders, coverage(holders, self.market.wants)

    def without(self, person: str, groups: Ints) -> list[AccountAtRisk]:
        """What each of these accounts would lose with one of us."""
        then, left = self._coverage(frozenset((person,)))
        fallen = then.closeness < self.holders.closeness
        return [self._at_risk(group, person, left, np.unique(self.market.people[fallen & (then.group == group)])) for group in groups.tolist()]

    def _at_risk(self, group: int, person: str, left: Coverage, fallen: Places) -> AccountAtRisk:
        market = self.market
        now, without = (float(np.nan_to_num(found.groups.value[group])) for found in (self.found, left))
        before, after = (np.nan_to_num(found.roles.value[group]) for found in (self.found, left))
        wanted = [role for role in market.templates[group] if market.wants.weight[group, PLACE[role]] > 0]
        lost = [role for role in wanted if before[PLACE[role]] >= DEFAULTS.target > after[PLACE[role]]]
        worth = float(market.worth[group])
        company = Linked(market.ids[group], market.snapshot.companies.name[int(market.places[group])])
        return AccountAtRisk(company, worth, now, without, worth * (now - without), lost, self._heir(person, fallen))

    def _heir(self, person: str, fallen: Places) -> Linked | None:
        """Who else of us knows these people best, all of them together."""
        snapshot = self.market.snapshot
        pairs, people = snapshot[Pairs], snapshot.people
        known = np.zeros(len(snapshot.ours))
        for one, other in ((pairs.first, pairs.second), (pairs.second, pairs.first)):
            rows = np.isin(one, fallen) & snapshot.ours[other]
            known += np.bincount(other[rows], pairs.strength[rows], len(known))
        known[people.id.find(person)] = 0
        heirs = [(float(known[at]), people.id[at], people.name[at]) for at in np.flatnonzero(known == known.max(initial=0)).tolist() if known[at] > 0]
        return Linked(Id(max(heirs)[1]), max(heirs)[2]) if heirs else None


def _told(row: BookRows, accounts: list[AccountAtRisk], view: View, assumed: bool) -> BookAtRisk:
    key, zh = Id(f"{row.person}/book@{view.as_of}/{view.known_at}"), chinese(view.language)
    if not row.ours:
        why = "此人不是我方员工。" if zh else "They do not work for us."
        return BookAtRisk(key, view.resting(assumed), None, Missing.NOT_APPLICABLE, None, [], why)
    value = float(np.sum([one.at_risk for one in accounts]))
    book = float(np.sum([one.worth * one.coverage for one in accounts]))
    if not accounts:
        why = "与任何决策者都没有往来。" if zh else "They are in touch with nobody who holds a role."
    else:
        worst = accounts[0]
        name = worst.company.name if worst.company else ""
        why = (
            f"{len(accounts)}家客户的覆盖价值{number(book)}中有{number(value)}系于此人；最多的是{name}（覆盖度{number(worst.coverage)}→{number(worst.without)}）。"
            if zh
            else f"{number(value)} of {number(book)} over {counted(len(accounts), 'account')} rests on them alone; most at {name} "
            f"(coverage {number(worst.coverage)} -> {number(worst.without)})."
        )
    return BookAtRisk(key, view.resting(assumed), value, None, book, accounts, why)
