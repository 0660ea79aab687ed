"""Where a customer stands in the life of what they bought from us, and how near they are to leaving."""

from asyncio import gather, to_thread
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, NamedTuple

import numpy as np

from graph.answer import Id, Linked, answer
from graph.instants import OPEN_END, OPEN_START, at_moment, moment
from graph.measures.lifecycle import CAUSES, DEFAULTS, FORMULA, Cause, Risk, ageing, lost, renewal_near, risk, ticket_trend
from graph.measures.strength import DAY
from graph.model import source_of
from graph.question import Anchor, costing, question
from graph.read import Reader, read
from graph.score import Component, Evidence, Missing, Score
from graph.sight import unseen
from graph.stretch import MOST_ROWS
from graph.view import View, ViewUsed
from graph.worded import Worded
from graph.words import chinese, day, listed, number
from queries.committee.cases import Case, cases_of
from queries.committee.covered import Covering
from queries.exposed.growing import Growth, growth_of

SEVERE = frozenset(["high", "critical", "urgent", "severe", "major", "blocker", "p0", "p1", "s1", "1", "高", "严重", "紧急", "重大"])
"""What tickets call severe."""
CAUSE = {
    Cause.PRODUCT_AGE: ("age of the product", "产品年限"),
    Cause.RENEWAL: ("renewal", "续约"),
    Cause.TICKETS: ("severe tickets", "严重工单"),
    Cause.COVERAGE_LOSS: ("coverage lost in 90 days", "90天内覆盖度下降"),
    Cause.DEPARTURES: ("contacts who left in 90 days", "90天内联系人离职"),
    Cause.EXPOSURE_GROWTH: ("growing exposure to a competitor", "竞品暴露上升"),
}


class LifecycleStage(Worded):
    """Where a company stands with what it has of ours."""

    PROSPECT = "PROSPECT", "They have nothing of ours and never had."
    NEW = "NEW", "All that they have, they have since a short time."
    ACTIVE = "ACTIVE", "They have something of ours."
    RENEWAL = "RENEWAL", "Something of it is to be renewed soon."
    FORMER = "FORMER", "They had something, and have no more."


@answer
class OwnedProduct:
    """A product of ours that they have, or had."""

    product: Annotated[Linked | None, Anchor.PRODUCT, "Which."]
    since: Annotated[datetime | None, "From when on they use it, else when they bought it first; null where nobody says."]
    until: Annotated[datetime | None, "Until when they used it; null while they do."]
    age_days: Annotated[float | None, "How long that is."]
    renewal_on: Annotated[datetime | None, "When it is to be renewed."]
    satisfaction: Annotated[float | None, "-1 to 1, as recorded."]
    source: Annotated[str, "Who says so."]


@answer
class Lifecycle:
    """A customer's stage and risk."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    stage: Annotated[
        LifecycleStage,
        "PROSPECT never had anything of ours, FORMER has nothing any more, NEW has had all of it for less than 90 days, of RENEWAL something is due "
        "within 120 days; else ACTIVE.",
    ]
    risk: Annotated[Score, "How near they are to leaving, a component a cause that is known; null for who is no customer."]
    known_share: Annotated[float, "The share of the causes of which anything is known."]
    unknown: Annotated[list[str], "The causes of which nothing is known, by name."]
    products: Annotated[list[OwnedProduct], "What they have of ours, then what they had."]


@answer
class LifecycleRows:
    """What lifecycle_rows.cypher returns, one row an account."""

    account: Id
    name: str
    uses: list[tuple[Id, Id, str, int, int, int | None, float | None, float, str]]
    purchases: list[tuple[Id, Id, str, int, str]]
    tickets: list[tuple[Id, int, str | None, str | None, str | None]]


@read
async def lifecycle_rows(accounts: Sequence[str], since: int, most: int) -> list[LifecycleRows]:
    """The rows of these accounts."""
    raise NotImplementedError


class _Had(NamedTuple):
    """One product of ours at an account."""

    key: Id
    product: Linked
    since: int | None
    until: int | None
    renewal: int | None
    satisfaction: float | None
    source: str


@costing(10)
@question(Anchor.COMPANY)
async def lifecycle(store: Reader, view: View, accounts: Sequence[str]) -> Mapping[str, Lifecycle]:
    """Stage and risk of a customer: what they have of ours and since when, renewals, tickets, what was lost of the coverage, and to whom.

    Coverage, and what competitors have installed and who of the committee dealt with them, are compared with 90 days before, both as known now.
    Competitors are those of the snapshot.
    """
    earlier = view.at(max(view.as_of - int(DEFAULTS.window * DAY), OPEN_START), None)
    wanted = {account: (account, None) for account in accounts}
    rows, now, then, growth = await gather(
        lifecycle_rows(store, view, accounts, OPEN_START, MOST_ROWS),
        cases_of(store, view, wanted),
        cases_of(store, earlier, wanted),
        growth_of(store, view, accounts, DEFAULTS.window),
    )
    hidden = await unseen(store, view, {ticket[0] for row in rows for ticket in row.tickets})
    if hidden:
        rows = [replace(row, tickets=[ticket for ticket in row.tickets if ticket[0] not in hidden]) for row in rows]
    known = [(row, now.get(row.account), then.get(row.account)) for row in rows]
    both = [(row, after, before) for row, after, before in known if isinstance(after, Case) and isinstance(before, Case)]
    return await to_thread(
        lambda: {row.account: _Customer(view, row, after, before, growth.get(row.account)).answer() for row, after, before in both}
    )


class _Customer:
    """One account, now and 90 days before."""

    def __init__(self, view: View, rows: LifecycleRows, now: Case, then: Case, growth: Growth | None) -> None:
        self.view, self.rows, self.now, self.then, self.growth = view, rows, now, then, growth
        self.had = sorted(_had(rows), key=lambda had: (had.until is not None and had.until <= view.as_of, had.since or OPEN_START, had.key))
        self.has = [had for had in self.had if had.until is None or had.until > view.as_of]
        self.left = sorted({Id(seat.person) for seat in then.seats if not then.committee.left(seat.person) and now.committee.left(seat.person)})
        self.severe = [ticket for ticket in rows.tickets if (ticket[2] or "").casefold() in SEVERE]

    def answer(self) -> Lifecycle:
        """Its stage and its risk."""
        values, evidence = self._causes()
        found = risk(np.array([values[cause] for cause in CAUSES]))
        unknown = [CAUSE[cause][chinese(self.view.language)] for cause in CAUSES if np.isnan(values[cause])]
        key = Id(f"{self.now.committee.account}/lifecycle@{self.view.as_of}/{self.view.known_at}")
        assumed = [(start, origin) for _, _, _, start, *_, origin in self.rows.uses]
        used = self.view.used([*self.now.committee.grounds(), *assumed])
        products = [self._product(had) for had in self.had]
        return Lifecycle(key, used, self._stage(), self._score(found, values, evidence), found.known, unknown, products)

    def _causes(self) -> tuple[dict[Cause, float], dict[Cause, list[Evidence]]]:
        at = self.view.as_of
        ages = [(ageing((at - had.since) / DAY), had) for had in self.has if had.since is not None]
        dues = [(renewal_near((had.renewal - at) / DAY), had) for had in self.has if had.renewal is not None]
        age, due = max(ages, key=_first, default=None), max(((near, had) for near, had in dues if not np.isnan(near)), key=_first, default=None)
        tickets = np.array([(at - ticket[1]) / DAY for ticket in self.severe])
        first = min((ticket[1] for ticket in self.rows.tickets), default=None) if any(ticket[2] for ticket in self.rows.tickets) else None
        covering = Covering([self.then, self.now, self._without()], self.view.language)
        before, after, without = (covering.whole(place) for place in range(3))
        values = {
            Cause.PRODUCT_AGE: age[0] if age else np.nan,
            Cause.RENEWAL: due[0] if due else np.nan,
            Cause.TICKETS: np.nan if first is None else ticket_trend(tickets, (at - first) / DAY),
            Cause.COVERAGE_LOSS: lost(before, after),
            Cause.DEPARTURES: lost(before, without),
            Cause.EXPOSURE_GROWTH: np.nan if self.growth is None else self.growth.value,
        }
        names = self.then.committee.names
        evidence = {
            Cause.PRODUCT_AGE: [_evidence(age[1], age[1].since)] if age else [],
            Cause.RENEWAL: [_evidence(due[1], due[1].renewal)] if due else [],
            Cause.TICKETS: [
                Evidence(id_, "ticket", at_moment(when), label or day(at_moment(when).date(), self.view.language), source_of(origin or ""))
                for id_, when, _, label, origin in self.severe
            ],
            Cause.DEPARTURES: [
                Evidence(person, "departure", None, names[person], source_of(self.then.committee.jobs[person][7])) for person in self.left
            ],
            Cause.EXPOSURE_GROWTH: [Evidence(self.growth.rival.id, "competitor", None, self.growth.rival.name, "")] if self.growth else [],
        }
        return values, evidence

    def _without(self) -> Case:
        """The group as it was, had those who left since been gone already."""
        return self.then._replace(seats=[seat for seat in self.then.seats if seat.person not in self.left])

    def _stage(self) -> LifecycleStage:
        if not self.has:
            return LifecycleStage.FORMER if self.had else LifecycleStage.PROSPECT
        if any(had.renewal is not None and 0 <= had.renewal - self.view.as_of <= DEFAULTS.renewal * DAY for had in self.has):
            return LifecycleStage.RENEWAL
        young = all(had.since is not None and self.view.as_of - had.since < DEFAULTS.window * DAY for had in self.had)
        return LifecycleStage.NEW if young else LifecycleStage.ACTIVE

    def _score(self, found: Risk, values: Mapping[Cause, float], evidence: Mapping[Cause, list[Evidence]]) -> Score:
        zh = chinese(self.view.language)
        if not self.has:
            why = f"{self.rows.name}现在没有我们的产品。" if zh else f"{self.rows.name} has no product of ours now."
            return FORMULA.missing(Missing.NOT_APPLICABLE, why)
        if np.isnan(found.value):
            return FORMULA.missing(Missing.NO_EVIDENCE, "流失风险未知。" if zh else "Nothing is known that would tell the risk: unknown, not safe.")
        components = [
            Component(cause.value, CAUSE[cause][zh], values[cause], DEFAULTS.alpha, part, evidence.get(cause, []))
            for cause, part in zip(CAUSES, found.parts.tolist(), strict=True)
            if not np.isnan(values[cause])
        ]
        count = sum(len(component.evidence) for component in components)
        return FORMULA.score(found.value, self._why(found, components), count=count, components=components)

    def _why(self, found: Risk, components: Sequence[Component]) -> str:
        """``Risk 0.41: renewal of Insight (0.21), contacts who left in 90 days: Wang Min (0.20).``"""
        zh, telling = chinese(self.view.language), sorted((one for one in components if one.contribution), key=lambda one: -(one.contribution or 0))
        said = []
        for one in telling:
            about = listed([evidence.label for evidence in one.evidence[:3]], self.view.language)
            if zh:
                said.append(f"{one.label}{f'：{about}' if about else ''}（{number(one.contribution or 0)}）")
            else:
                said.append(f"{one.label}{f': {about}' if about else ''} ({number(one.contribution or 0)})")
        if not said:
            return f"风险{number(found.value)}：已知各项均无异常。" if zh else f"Risk {number(found.value)}: nothing that is known speaks for it."
        return f"风险{number(found.value)}：{'；'.join(said)}。" if zh else f"Risk {number(found.value)}: {'; '.join(said)}."

    def _product(self, had: _Had) -> OwnedProduct:
        at = self.view.as_of
        age = None if had.since is None else (min(had.until or at, at) - had.since) / DAY
        since, until, renewal = (None if when is None else moment(when) for when in (had.since, had.until, had.renewal))
        return OwnedProduct(had.product, since, until, age, renewal, had.satisfaction, had.source)


def _first(pair: tuple[float, _Had]) -> tuple[float, str]:
    return pair[0], pair[1].key


def _had(rows: LifecycleRows) -> Iterator[_Had]:
    """What they use or used, the latest word on each product; and what they bought and nobody says to be in use, or bought anew after its end."""
    used: dict[Id, _Had] = {}
    ends: dict[Id, int] = {}
    for _, product, _, _, until, *_ in rows.uses:
        ends[product] = max(until, ends.get(product, until))
    bought: dict[Id, int] = {}
    anew: dict[Id, int] = {}
    for _, product, _, when, _ in rows.purchases:
        (anew if when >= ends.get(product, OPEN_END) else bought).setdefault(product, when)
    for key, product, name, start, until, renewal, satisfaction, _, origin in sorted(rows.uses, key=lambda use: (use[4], use[7], use[0])):
        since = min((when for when in (start if start > OPEN_START else None, bought.get(product)) if when is not None), default=None)
        ended = None if until >= OPEN_END else until
        used[product] = _Had(key, Linked(product, name), since, ended, renewal, satisfaction, source_of(origin))
    yield from used.values()
    for key, product, name, when, origin in rows.purchases:
        if (product not in used and bought[product] == when) or anew.get(product) == when:
            yield _Had(key, Linked(product, name), when, None, None, None, source_of(origin))


def _evidence(had: _Had, when: int | None) -> Evidence:
    return Evidence(had.key, "product", None if when is None else at_moment(when), had.product.name, had.source)
