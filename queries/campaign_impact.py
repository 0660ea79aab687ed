"""What came of a campaign: who registered and came, which accounts and roles it reached, and their coverage before and after."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import numpy as np

from graph.answer import Id, Linked, answer
from graph.errors import InvalidInput
from graph.instants import OPEN_START, at_moment
from graph.measures.coverage import DEFAULTS, ROLES
from graph.measures.rates import wilson
from graph.measures.strength import DAY
from graph.model import BuyingRole
from graph.question import Anchor, costing, question
from graph.read import Reader, read
from graph.sight import unseen
from graph.stretch import MOST_ROWS
from graph.view import View, ViewUsed
from graph.words import chinese, counted, numbers
from queries.committee.market import Stretch, stretches
from queries.portfolio import Rate

DAYS = 30
MOST_SHOWN = 10_000
REGISTERED, CAME = frozenset({"registration"}), frozenset({"check_in", "attendance"})


@answer
class ClosedGap:
    """A role that was not covered before and is after."""

    company: Annotated[Linked | None, Anchor.COMPANY, "The account."]
    role: Annotated[BuyingRole, "The role."]
    before: Annotated[float, "Its coverage 30 days before; an unknown holder counts as nothing."]
    after: Annotated[float, "30 days after."]


@answer
class ReachedAccount:
    """An account whose people took part."""

    company: Annotated[Linked | None, Anchor.COMPANY, "The account."]
    people: Annotated[int, "How many of its people registered or came."]
    before: Annotated[float | None, "Its coverage 30 days before the campaign began; null where it has no day."]
    after: Annotated[float | None, "Its coverage 30 days after it ended; null where it has no day, or that day has not come yet."]


@answer
class CampaignImpact:
    """What came of a campaign. What changed on its accounts is a difference, not its effect: other things happened too."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    registered: Annotated[int, "How many people of others registered."]
    came: Annotated[int, "How many came: a check-in or an attendance."]
    show_up: Annotated[Rate, "Of those who registered, who came."]
    walk_ins: Annotated[int, "Who came without having registered."]
    account_count: Annotated[int, "How many accounts' people took part."]
    accounts: Annotated[
        list[ReachedAccount], "These accounts, as of where the people worked then, those with most people first, then by id; at most `most`."
    ]
    roles: Annotated[list[BuyingRole], "Roles that people who came held at their accounts then."]
    before_at: Annotated[datetime | None, "The instant of the coverage before; null where the campaign has no day."]
    after_at: Annotated[datetime | None, "The instant of the coverage after; null too where it has not come yet."]
    before: Annotated[float | None, "Mean coverage of these accounts before; null where it cannot be said."]
    after: Annotated[float | None, "Mean coverage of the same accounts after."]
    closed_count: Annotated[int, "How many roles came to be covered between the two."]
    closed: Annotated[list[ClosedGap], "These roles, in the order of the accounts; at most `most`."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@answer
class ImpactRows:
    """One row a campaign: its first and last instant and its people ``[id, deed, types, jobs, roles]``, a job ``[id, name, account, visible]``.

    Within a scope whoever ever worked for us has an entry for each deed, which may be hidden; else ``deed`` is None.
    """

    campaign: Id
    starts_at: int | None
    ends_at: int | None
    people: list[tuple[Id, Id | None, list[str], list[tuple[Id, str, bool, bool]], list[str]]]


@read
async def impact_rows(ids: Sequence[str], types: list[str], since: int, most: int) -> list[ImpactRows]:
    """The rows of these campaigns."""
    raise NotImplementedError


@costing(100)
@question(Anchor.CAMPAIGN, "impact")
async def campaign_impact(
    store: Reader,
    view: View,
    campaigns: Sequence[str],
    *,
    most: Annotated[int, "At most so many accounts and so many closed roles, 0 to 10,000; the counts and means are of all."] = 200,
) -> Mapping[str, CampaignImpact]:
    """Who registered and who came, the accounts and roles reached, and the coverage of the same accounts 30 days before and after.

    Coverage is worked out from the accounts' own rows, once for all campaigns that look at the same instant: O(people and events of the accounts
    reached).
    """
    if not 0 <= most <= MOST_SHOWN:
        raise InvalidInput(f"most must be 0 to {MOST_SHOWN}.", argument="most")
    rows = await _seen(store, view, await impact_rows(store, view, campaigns, sorted(REGISTERED | CAME), OPEN_START, MOST_ROWS))
    reached = {row.campaign: _Reached(row, view) for row in rows}
    asked: dict[int, set[str]] = defaultdict(set)
    for one in reached.values():
        for at in (one.before_at, one.after_at):
            if at is not None:
                asked[at].update(one.ids)
    covered = {at: await _covered(store, view, sorted(accounts), at) for at, accounts in sorted(asked.items())}
    return {row.campaign: _impact(view, row, reached[row.campaign], covered, most) for row in rows}


async def _seen(store: Reader, view: View, rows: list[ImpactRows]) -> list[ImpactRows]:
    """The rows without what our own and former people did that may not be seen."""
    hidden = await unseen(store, view, {deed for row in rows for _, deed, *_ in row.people if deed is not None})
    return [replace(row, people=[one for one in row.people if one[1] not in hidden]) for row in rows] if hidden else rows


Covered = Mapping[Id, tuple[float, dict[BuyingRole, float]]]
"""Account -> its coverage and that of each role that its template wants."""


class _Reached:
    """The accounts that a campaign reached, with how many people of each, and the instants before and after; None where there is none, or not yet."""

    def __init__(self, row: ImpactRows, view: View) -> None:
        end = row.ends_at if row.ends_at is not None else row.starts_at
        self.before_at = None if row.starts_at is None else row.starts_at - DAYS * DAY
        self.after_at = None if end is None or end + DAYS * DAY > view.as_of else end + DAYS * DAY
        self.names: dict[Id, str] = {}
        people: dict[Id, set[Id]] = defaultdict(set)
        for person, _, _, jobs, _ in row.people:
            for id_, name, account, _ in jobs:
                if account:
                    self.names[id_] = name
                    people[id_].add(person)
        self.people = {id_: len(some) for id_, some in people.items()}
        self.ids = sorted(self.names, key=lambda id_: (-self.people[id_], id_))


async def _covered(store: Reader, view: View, accounts: Sequence[str], at: int) -> Covered:
    found: dict[Id, tuple[float, dict[BuyingRole, float]]] = {}
    stretch: Stretch
    async for stretch in stretches(store, view.at(at, None), accounts):
        covering = stretch.covering
        values = np.nan_to_num(covering.found.roles.value)
        for group, account in enumerate(stretch.accounts):
            wants = np.flatnonzero(covering.wants.weight[group] > 0).tolist()
            found[account.id] = covering.whole(group), {ROLES[role]: float(values[group, role]) for role in wants}
    return found


def _impact(view: View, row: ImpactRows, reached: _Reached, covered: Mapping[int, Covered], most: int) -> CampaignImpact:
    registered = {id_ for id_, _, done, *_ in row.people if REGISTERED.intersection(done)}
    came = {id_ for id_, _, done, *_ in row.people if CAME.intersection(done)}
    before_at, after_at = reached.before_at, reached.after_at
    before, after = ({} if at is None else covered[at] for at in (before_at, after_at))
    both = [id_ for id_ in reached.ids if id_ in before and id_ in after]
    closed = [
        ClosedGap(Linked(id_, reached.names[id_]), role, before[id_][1].get(role, 0.0), value)
        for id_ in both
        for role, value in after[id_][1].items()
        if value >= DEFAULTS.reached > before[id_][1].get(role, 0.0)
    ]
    accounts = [
        ReachedAccount(Linked(id_, reached.names[id_]), reached.people[id_], _whole(before, id_), _whole(after, id_)) for id_ in reached.ids[:most]
    ]
    roles = sorted({BuyingRole(role) for id_, _, _, _, held in row.people if id_ in came for role in held})
    show_up = Rate(*wilson(len(registered & came), len(registered)), len(registered))
    means = (_mean(before, both or reached.ids), _mean(after, both))
    return CampaignImpact(
        Id(f"{row.campaign}/impact@{view.as_of}/{view.known_at}"),
        view.resting(False),
        len(registered),
        len(came),
        show_up,
        len(came - registered),
        len(reached.ids),
        accounts,
        roles,
        None if before_at is None else at_moment(before_at),
        None if after_at is None else at_moment(after_at),
        *means,
        len(closed),
        closed[:most],
        _why(len(registered), len(came), show_up, len(reached.ids), means, len(closed), view.language),
    )


def _whole(found: Covered, account: Id) -> float | None:
    return found[account][0] if account in found else None


def _mean(found: Covered, accounts: Sequence[Id]) -> float | None:
    values = [found[account][0] for account in accounts if account in found]
    return sum(values) / len(values) if values else None


def _why(registered: int, came: int, show_up: Rate, accounts: int, means: tuple[float | None, float | None], closed: int, language: str) -> str:
    zh = chinese(language)
    if not registered and not came:
        return "没有人报名或到场。" if zh else "Nobody registered or came."
    told = f"{registered}人报名、{came}人到场" if zh else f"{registered} registered, {came} came"
    if show_up.value is not None:
        bounds = f"{show_up.low:.0%}至{show_up.high:.0%}" if zh else f"{show_up.low:.0%} to {show_up.high:.0%}"
        told += f"（到场率{show_up.value:.0%}，{bounds}）" if zh else f" (of those who registered {show_up.value:.0%}, {bounds})"
    told += f"；触及{accounts}家客户" if zh else f"; {counted(accounts, 'account')} reached"
    if means[0] is None or means[1] is None:
        return f"{told}。" if zh else f"{told}."
    before, after = numbers(means[0], means[1])
    if zh:
        return f"{told}，覆盖度由{before}变为{after}，{closed}个缺口关闭（差异，并非因果）。"
    return f"{told}, coverage {before} before and {after} after, {counted(closed, 'gap')} closed: a difference, not an effect."
