"""What to do together with one partner: at which accounts, with whom, about what, and who of the two already has the contact."""

from asyncio import to_thread
from typing import Annotated, NamedTuple

import numpy as np

from graph.answer import Id, Linked, answer
from graph.errors import InvalidInput
from graph.filter import AccountFilter
from graph.measures.coverage import PLACE, ROLES
from graph.measures.partners import STANDINGS, Standing, columns
from graph.measures.small_cells import Shown
from graph.measures.strength import Floats, Ints, Truths
from graph.model import BuyingRole
from graph.question import Anchor, costing, root
from graph.read import Reader
from graph.score import Missing
from graph.template import wanted
from graph.view import View, ViewUsed
from graph.worded import Worded
from graph.words import chinese, listed, role_name
from queries.anchors.entities import resolved
from queries.committee.market import Market, market_with
from queries.partnering.fit import Fit, lack
from queries.partnering.told import AccountCount, NetNew, count_of, net_new
from queries.reaching.carrying import Carrying

MOST = 1_000
"""So many shared accounts are planned for, and so many net-new ones named."""


class Side(Worded):
    """Who goes first to a role: whoever knows a holder better, each through its own contacts; NOBODY where neither knows one."""

    US = "US", "We go first: we know a holder better."
    PARTNER = "PARTNER", "They go first: they know a holder better."
    NOBODY = "NOBODY", "Neither knows a holder."


@answer
class JointContact:
    """Somebody who holds the role, and who of one side knows them best."""

    holder: Annotated[Linked | None, Anchor.PERSON, "Who holds the role."]
    by: Annotated[Linked | None, Anchor.PERSON, "Who knows them; they themselves, where they work for the partner too."]
    strength: Annotated[float, "The chance that they are heard directly, 0 to 1."]


@answer
class JointRole:
    """One role at a shared account."""

    role: Annotated[BuyingRole, "The role."]
    coverage: Annotated[float | None, "How firmly we hold it; null where nobody is known to hold it."]
    lack: Annotated[float, "What we lack there: worth x weight x (1 - coverage)."]
    theme: Annotated[str, "What to say to a holder, in the language asked for; empty where the template says nothing."]
    ours: Annotated[JointContact | None, "Our best contact; null for none."]
    theirs: Annotated[JointContact | None, "The partner's best contact; null for none."]
    lead: Annotated[Side, "Who goes first."]


@answer
class JointAccount:
    """An account that both have."""

    account: Annotated[Linked | None, Anchor.COMPANY, "Which."]
    ours: Annotated[Standing, "What it is to us."]
    theirs: Annotated[Standing, "What it is to the partner."]
    worth: Annotated[float, "What it is worth to us, 0 to 1."]
    gain: Annotated[float, "What we lack there, by how well the partner's own contacts hold it."]
    roles: Annotated[list[JointRole], "The roles that its decision wants, those that we lack most first."]


@answer
class JointPlan:
    """Shared accounts, and what to do at them together."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    partner: Annotated[Linked | None, Anchor.COMPANY, "With whom."]
    missing: Annotated[Missing | None, "RESTRICTED where no steward asks: the plan names the partner's accounts."]
    shared: Annotated[AccountCount, "How many accounts both have."]
    accounts: Annotated[list[JointAccount], f"Those at which the partner's contacts give us most first; at most {MOST:,}."]
    net_new: Annotated[list[NetNew], "Accounts of the partner, its customers first, that are none of ours and of a kind that we have."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@costing(50)
@root
async def joint_plan(
    store: Reader,
    view: View,
    *,
    partner: Annotated[Id, "With this company, by any id or alias."],
    filter: Annotated[AccountFilter | None, "At these accounts of ours; default: at all."] = None,
) -> JointPlan:
    """Shared accounts by role, theme and who has the contact, each side using its own; for stewards, since it names the partner's accounts."""
    (found,) = await resolved(store, view, Anchor.COMPANY, [partner], "partner")
    key = Id(f"joint-plan/{found}@{view.as_of}/{view.known_at}")
    fit = await Fit.of(store, view, filter, found)
    if fit.snapshot.companies.us[fit.partners[0]]:
        raise InvalidInput(f"{found} is one of ours. Name a company outside.", argument="partner")
    told = fit.company(int(fit.partners[0]))
    if not view.steward:
        why = "此计划列出合作伙伴的客户，仅限数据管理员查看。" if chinese(view.language) else "The plan names the partner's accounts: ask a steward."
        hidden = count_of(Shown(None, None))
        return JointPlan(key, view.resting(assumed=False), told, Missing.RESTRICTED, hidden, [], [], why)
    shared = columns(fit.theirs.both, 0)
    shared = shared[fit.mine[shared]]
    market = await market_with(store, view, [fit.company(place).id for place in shared.tolist()])
    accounts = await to_thread(_accounts, fit, market, view)
    count, new = count_of(Shown(len(shared), small=False)), int(fit.net_new(0)[1].sum())
    why = _why(told.name, accounts, new, view.language)
    return JointPlan(key, view.resting(fit.assumed(view)), told, None, count, accounts[:MOST], net_new(fit, 0, MOST), why)


class _Best(NamedTuple):
    """Of each row of holders, who of one side they hear best, and how surely; 0 for nobody."""

    who: Ints
    chance: Floats


def _best(carrying: Carrying, people: Ints, side: Truths) -> _Best:
    """The best edge into each of these people from one of a side; who belongs to it stands for themselves."""
    net = carrying.network
    degree = net.start[people + 1] - net.start[people]
    row, edges = np.repeat(np.arange(len(people)), degree), net.into(people)
    kept = side[net.tail[edges]]
    row, who, chance = row[kept], net.tail[edges[kept]], net.chance[edges[kept]]
    own = np.flatnonzero(side[people])
    row, who, chance = np.concatenate([row, own]), np.concatenate([who, people[own]]), np.concatenate([chance, np.ones(len(own))])
    order = np.lexsort((who, -chance, row))
    first = order[np.flatnonzero(np.diff(row[order], prepend=-1))]
    made = _Best(np.full(len(people), -1), np.zeros(len(people)))
    made.who[row[first]], made.chance[row[first]] = who[first], chance[first]
    return made


def _accounts(fit: Fit, market: Market, view: View) -> list[JointAccount]:
    carrying, holders, people = fit.carrying, market.holders, market.people.astype(np.int64)
    begun = carrying.beginning()
    free = holders.mapped & ~holders.opted_out
    ours = _best(carrying, people, fit.snapshot.ours)
    staff = carrying.mask(fit.staff.right) & ~carrying.rules(begun).closed & ~fit.snapshot.ours
    theirs = _best(carrying, people, staff)

    def contact(rows: Ints, best: _Best) -> JointContact | None:
        if not len(rows) or not best.chance[rows].any():
            return None
        at = rows[np.argmax(best.chance[rows])]
        return JointContact(carrying.linked(int(people[at])), carrying.linked(int(best.who[at])), float(best.chance[at]))

    made, lacking = [], lack(market)
    customers = set(fit.accounts_of(0)[0].tolist())
    zh = chinese(view.language)
    cell = np.where(free, holders.group * len(ROLES) + holders.role, -1)
    order = np.argsort(cell, kind="stable")
    starts = np.searchsorted(cell[order], np.arange(len(market.ids) * len(ROLES) + 1))
    for group, place in enumerate(market.places.tolist()):
        roles, gain = [], 0.0
        for role in (ROLES[at] for at in np.flatnonzero(market.wants.weight[group] > 0)):
            at = PLACE[role]
            rows = order[starts[group * len(ROLES) + at] : starts[group * len(ROLES) + at + 1]]
            own, other = contact(rows, ours), contact(rows, theirs)
            missing, theme = float(lacking[group, at]), wanted(market.templates[group], role)
            gain += missing * (other.strength if other else 0.0)
            value = market.found.roles.value[group, at]
            lead = Side.NOBODY if not own and not other else Side.US if not other or (own and own.strength >= other.strength) else Side.PARTNER
            text = theme.theme_zh if zh else theme.theme_en
            roles.append(JointRole(role, None if np.isnan(value) else float(value), missing, text, own, other, lead))
        roles.sort(key=lambda one: (-one.lack, PLACE[one.role]))
        standing = Standing.CUSTOMER if place in customers else Standing.TARGET
        made.append(JointAccount(fit.company(place), STANDINGS[fit.ours[place]], standing, float(market.worth[group]), gain, roles))
    return sorted(made, key=lambda one: (-one.gain, -one.worth, one.account.id if one.account else ""))


def _why(name: str, accounts: list[JointAccount], new: int, language: str) -> str:
    zh = chinese(language)
    led = [(account, role) for account in accounts for role in account.roles if role.lead is Side.PARTNER]
    if not accounts:
        return f"与{name}没有已知的共同客户。" if zh else f"No account in common with {name} is known."
    roles = list(dict.fromkeys(role_name(role.role, language) for _, role in led))[:3]
    if zh:
        text = f"与{name}有共同客户{len(accounts)}家"
        text += f"；由对方牵头{len(led)}个角色（{listed(roles, language)}）" if led else "；对方没有更近的联系人"
        return text + (f"；另有{new}家同类客户可由其引入。" if new else "。")
    text = f"{len(accounts)} accounts in common with {name}" if len(accounts) > 1 else f"One account in common with {name}"
    text += (
        f"; it leads to {len(led)} role{'s' if len(led) > 1 else ''} ({listed(roles, language)})"
        if led
        else "; none of its contacts is nearer than ours"
    )
    return text + (f"; {new} more of its accounts are of a kind that we have." if new else ".")
