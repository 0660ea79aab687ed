"""Whom to meet so that every required role reaches its target, with the fewest meetings."""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated

import numpy as np

from graph.answer import Id, Linked, answer
from graph.errors import DottedlineError, InvalidInput
from graph.measures.contacts import Plan, Problem
from graph.measures.contacts import minimum_contacts as planned
from graph.measures.coverage import DEFAULTS, PLACE, ROLES, coverage
from graph.measures.strength import strength
from graph.measures.touches import met_once_more
from graph.model import BuyingRole
from graph.question import Anchor, costing, question
from graph.read import Reader
from graph.view import View, ViewUsed
from graph.words import chinese, listed, number, role_name
from queries.anchors.entities import resolved
from queries.committee.cases import Case, cases_of
from queries.committee.covered import Covering
from queries.committee.rows import BuyingGroup
from queries.committee.touched import stacked

HOURS = 1.0
"""What a visit costs."""


@answer
class PlannedContact:
    """Somebody to meet once."""

    person: Annotated[Linked | None, Anchor.PERSON, "Who."]
    roles: Annotated[list[BuyingRole], "Which roles of the template they hold."]
    closeness: Annotated[float, "How close they are to us now."]
    after: Annotated[float, "How close after one held meeting."]
    colleague: Annotated[Linked | None, Anchor.PERSON, "Who of us knows them best; null for nobody."]
    hours: Annotated[float, "What the meeting costs."]


@answer
class MinimumContacts:
    """The cheapest plan of meetings, one a person, with what it reaches."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    group: Annotated[BuyingGroup, "Whose decision it is."]
    target: Annotated[float, "What every required role should reach."]
    contacts: Annotated[list[PlannedContact], "Whom to meet, by name."]
    ties: Annotated[list[list[Id]], "Other plans that are as good, at most five."]
    hours: Annotated[float, "What the plan costs: an hour a visit."]
    reached: Annotated[list[BuyingRole], "Required roles at the target after the plan."]
    short: Annotated[
        list[BuyingRole], "Required roles that stay under it: nobody is known to hold them, or no meeting, or budget, brings them there."
    ]
    before: Annotated[float, "The group's coverage now."]
    after: Annotated[float, "The same after the plan."]
    optimal: Annotated[bool, "Proved best; otherwise the best found within a second."]
    bound: Annotated[float, "No plan costs less; of a budget: none reaches more weight."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@costing(15)
@question(Anchor.COMPANY)
async def minimum_contacts(
    store: Reader,
    view: View,
    accounts: Sequence[str],
    *,
    group: Annotated[Id | None, "A buying group of the account; default: the account's own."] = None,
    target: Annotated[float, "What every required role should reach, above 0 and below 1."] = DEFAULTS.target,
    candidates: Annotated[list[Id] | None, "Who may be met, by any id or alias; default: every holder. Whoever opted out never is."] = None,
    budget: Annotated[float | None, "At most so many hours: then as much weight as can be is brought to the target."] = None,
) -> Mapping[str, MinimumContacts | DottedlineError]:
    """The fewest people to meet, once each, so that every required role reaches the target: exact, with ties, and what cannot be reached."""
    if not 0 < target < 1:
        raise InvalidInput("target lies between 0 and 1, such as 0.35.", argument="target")
    if budget is not None and budget < 0:
        raise InvalidInput("budget is a number of hours, 0 or more.", argument="budget")
    wanted = None if candidates is None else set(await resolved(store, view, Anchor.PERSON, candidates, "candidates"))
    cases = await cases_of(store, view, {account: (account, group) for account in accounts})
    return {account: _plan(case, view, target, wanted, budget) if isinstance(case, Case) else case for account, case in cases.items()}


def _plan(case: Case, view: View, target: float, candidates: Collection[str] | None, budget: float | None) -> MinimumContacts:
    covering, committee = Covering([case], view.language), case.committee
    people = sorted({seat.person for seat in case.seats})
    place = {person: number for number, person in enumerate(people)}
    sure = np.zeros((len(people), len(ROLES)))
    for seat in case.seats:
        sure[place[seat.person], PLACE[seat.role]] = seat.sure
    x = stacked([case.touched.x(person) for person in people])
    contactable = np.array([committee.contactable(person) for person in people], bool)
    now = np.where(contactable, strength(x), 0.0)
    may = contactable & np.array([candidates is None or person in candidates for person in people], bool)
    then = np.where(may, strength(met_once_more(x)), now)
    problem = Problem(sure, covering.wants.panel[0], covering.wants.weight[0], now, then, np.full(len(people), HOURS))
    plan = planned(problem, target, budget)
    chosen = np.zeros(len(people), bool)
    chosen[list(plan.people)] = True
    close = np.where(chosen, then, now)
    holders = covering.holders._replace(closeness=close[[place[seat.person] for seat in case.seats]] if case.seats else now)
    after = float(np.nan_to_num(coverage(holders, covering.wants).groups.value[0]))
    contacts = [_contact(case, people[at], float(now[at]), float(then[at])) for at in sorted(plan.people, key=lambda at: committee.names[people[at]])]
    reached = [role for role in committee.template if PLACE[role] in plan.reached]
    short = [role for role in committee.template if PLACE[role] in plan.short]
    key = Id(f"{committee.key}/minimum/{target:g}/{'' if budget is None else f'{budget:g}'}/{','.join(sorted(candidates or ()))}")
    ties = [[Id(people[at]) for at in tie] for tie in plan.ties]
    before, why = covering.whole(0), _why(plan, contacts, short, after, view.language)
    return MinimumContacts(
        key,
        view.used(committee.grounds()),
        committee.group,
        target,
        contacts,
        ties,
        plan.cost,
        reached,
        short,
        before,
        after,
        plan.optimal,
        plan.bound,
        why,
    )


def _contact(case: Case, person: str, now: float, then: float) -> PlannedContact:
    ties = case.touched.ties.get(person, [])
    roles = [role.role for role in case.committee.roles[person] if role.role in case.committee.template]
    by = Linked(ties[0].id, ties[0].name) if ties else None
    return PlannedContact(Linked(Id(person), case.committee.names[person]), roles, now, then, by, HOURS)


def _why(plan: Plan, contacts: Sequence[PlannedContact], short: Sequence[BuyingRole], after: float, language: str) -> str:
    zh = chinese(language)
    who = listed([one.person.name for one in contacts if one.person], language)
    roles = listed([role_name(role, language) for role in short], language)
    if zh:
        head = f"与{who}各见面一次，覆盖度升到{number(after)}。" if contacts else "无需见面。" if not short else "见面无济于事。"
        return head + (f"仍不足：{roles}。" if short else "")
    head = (
        f"Meet {who}, once each: coverage rises to {number(after)}." if contacts else "Nobody needs to be met." if not short else "No meeting helps."
    )
    return head + (f" Still short: {roles}." if short else "")
