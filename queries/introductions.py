"""Who should introduce us to whom at many accounts, planned over the whole list, so that nobody is asked too often."""

from asyncio import to_thread
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, NamedTuple

import numpy as np

from graph.answer import Id, Linked, answer
from graph.errors import InvalidInput, LimitExceeded
from graph.filter import AccountFilter
from graph.measures.introductions import Offer, Plan, planned
from graph.measures.paths import DEFAULTS, Budget, Outlook, Path
from graph.measures.strength import Floats, Ints
from graph.model import BuyingRole
from graph.question import Anchor, costing, root
from graph.read import Reader
from graph.view import View, ViewUsed
from graph.words import chinese, counted, listed, number, role_name
from queries.anchors.accounts import accounts_in
from queries.reaching.carrying import MOST_ASKS, PATIENCE, Beginning, Carrying, people_or_companies
from queries.reaching.deciders import ROLES, deciders
from queries.reaching.hops import InfluencePath, Telling

MOST_ACCOUNTS = 1_000
MOST_EACH = 10
WAYS = 5
"""So many of the best ways to a person are weighed, and as many that share nobody."""


@answer
class Introduction:
    """One person to be introduced to, and by which way."""

    account: Annotated[Linked | None, Anchor.COMPANY, "The account; null for a person who was named."]
    whom: Annotated[Linked | None, Anchor.PERSON, "Whom to meet."]
    roles: Annotated[list[BuyingRole], "The roles for which they are wanted, by weight."]
    by: Annotated[Linked | None, Anchor.PERSON, "Who of us begins."]
    path: Annotated[InfluencePath, "The way: everybody on it before the last is asked once."]
    worth: Annotated[float, "The way's chance, times what reaching them is worth: account x role, split among its holders."]


@answer
class NotIntroduced:
    """An account, or a person who was named, to which the plan has no way."""

    account: Annotated[Linked | None, Anchor.COMPANY, "The account; null for a person."]
    person: Annotated[Linked | None, Anchor.PERSON, "The person; null for an account."]
    why: Annotated[str, "What is missing, in the language asked for."]


@answer
class Asked:
    """Somebody whom the plan asks for introductions."""

    person: Annotated[Linked | None, Anchor.PERSON, "Who."]
    times: Annotated[int, "How often the plan asks them."]
    open: Annotated[int, "How many introductions they owe already."]


@answer
class Introductions:
    """A plan of introductions over a whole list."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    introductions: Annotated[list[Introduction], "Whom to meet and how, the worthiest first."]
    without: Annotated[list[NotIntroduced], "To whom there is none, by name."]
    asked: Annotated[list[Asked], "Who is asked how often, the most asked first."]
    worth: Annotated[float, "What the plan is worth: the sum over its introductions."]
    bound: Annotated[float, "No plan over these ways is worth more."]
    optimal: Annotated[bool, "Proved best over these ways, the five best to each person and five that share nobody; else the best within a second."]
    method: Annotated[str, "How the plan was made."]
    truncated: Annotated[bool, "Time ran out before all ways were looked for: there may be better ones, and some to those in `without`."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@costing(20)
@root
async def introductions(
    store: Reader,
    view: View,
    *,
    filter: Annotated[AccountFilter | None, "To which accounts: to whoever holds a role of weight in their default group."] = None,
    to: Annotated[list[Id] | None, "And to these people, or accounts, by any id or alias."] = None,
    k: Annotated[int, f"At most so many introductions an account, 1 to {MOST_EACH}."] = 1,
    asks: Annotated[int, "The plan asks nobody more often, those included whom they owe already; 1 or more."] = MOST_ASKS,
) -> Introductions:
    """Who of us, through whom, to whom at up to 1,000 accounts: one plan over the whole list, in which nobody is asked too often, or met twice."""
    if filter is None and not to:
        raise InvalidInput("Say to whom: give a filter of accounts, or ids in `to`.", argument="to")
    if not 1 <= k <= MOST_EACH:
        raise InvalidInput(f"k lies between 1 and {MOST_EACH}.", argument="k")
    if asks < 1:
        raise InvalidInput("asks is a number of introductions, 1 or more.", argument="asks")
    people, companies = await people_or_companies(store, view, to or [], "to")
    accounts = sorted({*companies, *(await accounts_in(store, view, filter) if filter is not None else ())})
    if len(accounts) > MOST_ACCOUNTS:
        raise LimitExceeded(f"That are {len(accounts):,} accounts; a plan takes {MOST_ACCOUNTS:,}. Narrow the filter.", limit=MOST_ACCOUNTS)
    carrying = await Carrying.at(store, view)
    wanted = await _Wanted.of(store, carrying, accounts, people)
    begun = carrying.beginning(asks=asks)
    ways, truncated = await to_thread(_ways, carrying, begun, wanted.people)
    offers = wanted.offers(ways)
    room = {who: asks - int(carrying.owed[who]) for who in {who for offer, _ in offers for who in offer.asks}}
    plan = await to_thread(planned, [offer for offer, _ in offers], k, room, asks)
    chosen = sorted((offers[place] for place in plan.taken), key=lambda one: (-one[0].worth, one[0].account, one[0].whom))
    telling = await Telling.of(store, carrying, carrying.rules(begun), [path for _, path in chosen])
    made = [wanted.told(offer, path, telling) for offer, path in chosen]
    without = wanted.without([offer for offer, _ in chosen], ways)
    times = Counter(who for offer, _ in chosen for who in offer.asks)
    asked = [Asked(carrying.linked(who), count, int(carrying.owed[who])) for who, count in sorted(times.items(), key=lambda one: (-one[1], one[0]))]
    key = Id(f"introductions/{','.join(accounts)}/{','.join(people)}/{k}/{asks}@{view.as_of}/{view.known_at}")
    why = _why(made, without, asked, asks, view.language)
    used = view.used(telling.grounds())
    return Introductions(key, used, made, without, asked, plan.worth, plan.bound, plan.optimal, _method(plan, view.language), truncated, why)


def _ways(carrying: Carrying, begun: Beginning, targets: Ints) -> tuple[dict[int, list[Path]], bool]:
    """Of each of these people the best ways, and those that share nobody, none of whom was looked at too late; and whether time ran out."""
    whole, found = Budget(replace(DEFAULTS, seconds=PATIENCE)), dict[int, list[Path]]()
    outlook = Outlook(carrying.network, carrying.rules(begun), begun.sources)
    ahead, late = outlook.ahead(whole), False
    for target in targets.tolist():
        if not whole.in_time():
            break
        budget = Budget(within=whole)
        corridor = outlook.corridor(target, budget, ahead)
        some = {path.people: path for path in (*corridor.best(WAYS, budget), *corridor.apart(WAYS, budget))}
        late |= budget.spent
        if some or not budget.spent:
            found[target] = sorted(some.values(), key=lambda path: (-path.chance, path.people))
    return found, late or whole.spent


class _Wanted(NamedTuple):
    """Whom to be introduced to: a row an account and person (place of the account, -1 for a person who was named), with what it is worth."""

    carrying: Carrying
    accounts: Sequence[Id]
    account: Ints
    person: Ints
    weight: Floats
    roles: Mapping[tuple[int, int], list[BuyingRole]]

    @classmethod
    async def of(cls, store: Reader, carrying: Carrying, accounts: Sequence[Id], people: Sequence[Id]) -> "_Wanted":
        found = await deciders(store, carrying, accounts)
        weight: dict[tuple[int, int], float] = defaultdict(float)
        roles: dict[tuple[int, int], list[BuyingRole]] = defaultdict(list)
        ours = carrying.snapshot.ours
        order = np.lexsort((found.role, -found.weight))
        for row in order[~ours[found.person[order]]].tolist():
            place = int(found.account[row]), int(found.person[row])
            weight[place] += float(found.weight[row])
            roles[place].append(ROLES[found.role[row]])
        for person in carrying.places(people):
            weight[-1, person] = 1.0
        places = sorted(weight)
        account, person_ = (np.array([place[end] for place in places], np.int64) for end in (0, 1))
        return cls(carrying, accounts, account, person_, np.array([weight[place] for place in places]), roles)

    @property
    def people(self) -> Ints:
        """Everybody who is wanted."""
        return np.unique(self.person)

    def offers(self, ways: Mapping[int, Sequence[Path]]) -> list[tuple[Offer, Path]]:
        """What may be planned, by account and worth."""
        made: list[tuple[Offer, Path]] = []
        for account, person, weight in zip(self.account.tolist(), self.person.tolist(), self.weight.tolist(), strict=True):
            name = self._name(account, person)
            made += [(Offer(name, person, path.people[:-1], weight * path.chance), path) for path in ways.get(person, ())]
        return sorted(made, key=lambda one: (one[0].account, -one[0].worth, one[1].people))

    def told(self, offer: Offer, path: Path, telling: Telling) -> Introduction:
        """An offer that is taken."""
        account = int(offer.account) if not offer.account.startswith("@") else -1
        roles = self.roles.get((account, offer.whom), [])
        return Introduction(
            self._account(account), self.carrying.linked(offer.whom), roles, self.carrying.linked(path.people[0]), telling.told(path), offer.worth
        )

    def without(self, chosen: Sequence[Offer], ways: Mapping[int, Sequence[Path]]) -> list[NotIntroduced]:
        """To whom there is no introduction, and why."""
        reached, met = {offer.account for offer in chosen}, {offer.whom for offer in chosen}
        zh = chinese(self.carrying.view.language)
        wanted: dict[int, list[int]] = defaultdict(list)
        for account, person in zip(self.account.tolist(), self.person.tolist(), strict=True):
            wanted[account].append(person)
        rows = [(account, -1, wanted.get(account, [])) for account in range(len(self.accounts))] + [
            (-1, person, [person]) for person in wanted.get(-1, ())
        ]
        made = []
        for account, person, people in rows:
            if self._name(account, person) in reached:
                continue
            if not people:
                why = "没有已知的决策角色担任者。" if zh else "Nobody is known to hold a role of weight."
            elif not all(one in ways for one in people):
                why = "搜索超时，尚未找完通向他们的路径。" if zh else "Time ran out before all ways to them were looked for."
            elif (there := {one for one in people if ways[one]}) and there <= met:
                why = "可引荐到的人已在为其他客户会面。" if zh else "Whoever can be reached is met for another account already."
            elif there:
                why = "能引荐的人都已用于其他客户。" if zh else "Whoever could introduce us is asked for others already."
            else:
                why = "没有高于下限的路径；influencePaths 会说明原因。" if zh else "No way over the floor leads there; influencePaths says why not."
            made.append(NotIntroduced(self._account(account), self.carrying.linked(person) if account < 0 else None, why))
        return sorted(made, key=_by_name)

    @staticmethod
    def _name(account: int, person: int) -> str:
        """What the plan counts as one account: a person who was named counts by himself."""
        return f"{account:06d}" if account >= 0 else f"@{person:09d}"

    def _account(self, account: int) -> Linked | None:
        companies = self.carrying.snapshot.companies
        return None if account < 0 else Linked(self.accounts[account], companies.name[companies.id.find(self.accounts[account])])


def _by_name(one: NotIntroduced) -> tuple[str, str]:
    there = one.account or one.person
    return (there.name, there.id) if there else ("", "")


def _method(plan: Plan, language: str) -> str:
    zh = chinese(language)
    if plan.optimal:
        return (
            "混合整数规划（HiGHS），在这些路径上已证明最优。"
            if zh
            else "A mixed-integer programme over all ways at once (HiGHS), proved best over them."
        )
    return (
        f"混合整数规划（HiGHS），一秒内的最佳方案；任何方案的价值都不超过{number(plan.bound)}。"
        if zh
        else f"A mixed-integer programme (HiGHS), the best within a second; no plan is worth more than {number(plan.bound)}."
    )


def _why(made: Sequence[Introduction], without: Sequence[NotIntroduced], asked: Sequence[Asked], asks: int, language: str) -> str:
    zh = chinese(language)
    if not made:
        return "没有可行的引荐。" if zh else "There is no introduction to be had."
    first, busiest = made[0], asked[0]
    by, whom, most = (one.name if one else "" for one in (first.by, first.whom, busiest.person))
    where = first.account.name if first.account else ""
    roles = listed([role_name(role, language) for role in first.roles], language)
    if zh:
        place = f"（{where}{'，' + roles if roles else ''}）" if where else ""
        head = f"可引荐{len(made)}处，{len(without)}处暂无；先由{by}联系{whom}{place}。"
        return f"{head}被请求最多的是{most}（{busiest.times}次，上限{asks}次）。"
    place = f" ({', '.join(part for part in (where, roles) if part)})" if where else ""
    return (
        f"{counted(len(made), 'introduction')}, {len(without)} without one. Begin with {by} to {whom}{place}. "
        f"{most} is asked most, {busiest.times} of at most {counted(asks, 'time')}."
    )
