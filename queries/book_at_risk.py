"""What we would lose with one of our people: the coverage that rests on them alone."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import numpy as np

from graph.answer import Id, Linked, answer
from graph.measures.coverage import DEFAULTS
from graph.model import BuyingRole
from graph.question import Anchor, question
from graph.read import Reader, read
from graph.score import Missing
from graph.stretch import MOST_ROWS
from graph.view import View, ViewUsed
from graph.words import chinese, number
from queries.committee.cases import Case, cases_of
from queries.committee.covered import Covering
from queries.committee.touched import LIMITS
from queries.committee.worth import Worth, worths


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
    """One row a person."""

    person: Id
    ours: bool
    accounts: list[Id]


@read
async def book_rows(ids: Sequence[str], types: list[str], statuses: list[str], most: int) -> list[BookRows]:
    """The rows of these people."""
    raise NotImplementedError


@question(Anchor.PERSON)
async def book_at_risk(store: Reader, view: View, people: Sequence[str]) -> Mapping[str, BookAtRisk]:
    """For one of our people: the sum over accounts of worth x (coverage - coverage without them)."""
    rows = await book_rows(store, view, people, LIMITS["types"], LIMITS["statuses"], MOST_ROWS)
    accounts = sorted({account for row in rows if row.ours for account in row.accounts})
    cases = {id_: case for id_, case in (await cases_of(store, view, {id_: (id_, None) for id_ in accounts})).items() if isinstance(case, Case)}
    worth = {account: found[0] for account, found in (await worths(store, view, accounts, subsidiaries=False)).items()}
    pairs = [(row.person, account) for row in rows if row.ours for account in row.accounts if account in cases]
    known = Covering(list(cases.values()), view.language)
    without = Covering([cases[account]._replace(touched=cases[account].touched.without([person])) for person, account in pairs], view.language)
    place = {account: number_ for number_, account in enumerate(cases)}
    found: dict[str, list[AccountAtRisk]] = {row.person: [] for row in rows}
    for number_, (person, account) in enumerate(pairs):
        found[person].append(_at_risk(known, place[account], without, number_, worth[account]))
    grounds = {row.person: [fact for account in row.accounts if account in cases for fact in cases[account].committee.grounds()] for row in rows}
    return {row.person: _told(row, sorted(found[row.person], key=_riskiest), view, grounds[row.person]) for row in rows}


def _riskiest(one: AccountAtRisk) -> tuple[float, str]:
    return -one.at_risk, one.company.id if one.company else ""


def _at_risk(known: Covering, now: int, without: Covering, then: int, worth: Worth) -> AccountAtRisk:
    coverage, left = known.whole(now), without.whole(then)
    lost = [
        role
        for role in known.cases[now].committee.template
        if known.share(now, role) and (known.value(now, role) or 0.0) >= DEFAULTS.target > (without.value(then, role) or 0.0)
    ]
    fallen = [
        seat.person
        for seat, before, after in zip(
            known.cases[now].seats, known.holders.closeness[known.rows(now)], without.holders.closeness[without.rows(then)], strict=True
        )
        if after < before
    ]
    heirs: dict[tuple[Id, str], float] = {}
    for person in dict.fromkeys(fallen):
        for tie in without.cases[then].touched.ties.get(person, []):
            heirs[tie.id, tie.name] = heirs.get((tie.id, tie.name), 0.0) + tie.strength
    heir = max(heirs, key=lambda one: (heirs[one], one), default=None)
    company = Linked(worth.id, worth.name)
    return AccountAtRisk(company, worth.value, coverage, left, worth.value * (coverage - left), lost, Linked(*heir) if heir else None)


def _told(row: BookRows, accounts: list[AccountAtRisk], view: View, grounds: Sequence[tuple[int, str]]) -> BookAtRisk:
    key, zh = Id(f"{row.person}/book@{view.as_of}/{view.known_at}"), chinese(view.language)
    if not row.ours:
        why = "此人不是我方员工。" if zh else "They do not work for us."
        return BookAtRisk(key, view.used(grounds), None, Missing.NOT_APPLICABLE, None, [], why)
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
            else f"{number(value)} of {number(book)} over {len(accounts)} accounts rests on them alone; most at {name} "
            f"(coverage {number(worst.coverage)} -> {number(worst.without)})."
        )
    return BookAtRisk(key, view.used(grounds), value, None, book, accounts, why)
