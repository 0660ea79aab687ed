"""What is wrong with the coverage of many accounts, what would mend it, and where to begin."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any

import numpy as np

from graph.answer import Id, Linked, answer
from graph.filter import AccountFilter
from graph.measures.coverage import PLACE, ROLES, Floats, State
from graph.measures.deals import outcome_then
from graph.measures.gaps import DEFAULTS, FORMULA, NO_GAP, TYPES, GapType, best_reach, gap_types, log_shares, priority, urgency
from graph.measures.strength import DAY, strength
from graph.measures.touches import met_once_more
from graph.model import BuyingRole, Influence, Outcome
from graph.page import Page, Paging, Place
from graph.question import Anchor, costing, paged
from graph.read import Reader, read
from graph.score import Component, Score
from graph.stretch import MOST_ROWS
from graph.template import wanted
from graph.view import View
from graph.worded import Worded
from graph.words import chinese, listed, number, role_name
from queries.committee.covered import CoverageState, RoleState
from queries.committee.market import Market, Stretch, market_of, stretches
from queries.committee.touched import NOTHING, Tie, Touched, reached_by
from queries.committee.triggers import SetOff, set_off
from queries.reaching.carrying import Carrying
from queries.reaching.hops import InfluencePath, best_ways


class NextAction(Worded):
    """What to do about a gap, by its type."""

    FIND_HOLDER = "FIND_HOLDER", "Nobody is known for the role: find who holds it."
    GET_INTRODUCED = "GET_INTRODUCED", "Never in touch: have somebody introduce us."
    CHANGE_CHANNEL = "CHANGE_CHANNEL", "Nobody answered: another channel, or another of us."
    RE_ENGAGE = "RE_ENGAGE", "Close once: take it up again."
    TELL_THEME = "TELL_THEME", "Not close yet: meet, with the theme that the role cares about."
    SECOND_RELATIONSHIP = "SECOND_RELATIONSHIP", "One thread: build another."
    WORK_THROUGH = "WORK_THROUGH", "Against us: reach them through who sways them."


ACTIONS = {
    GapType.UNMAPPED: (NextAction.FIND_HOLDER, "find who holds it", "找到担任者"),
    GapType.NEVER: (NextAction.GET_INTRODUCED, "get introduced to {who}", "请人引荐{who}"),
    GapType.ONE_WAY: (NextAction.CHANGE_CHANNEL, "try {who} over another channel or by another sender{by}", "换渠道或换人联系{who}{by}"),
    GapType.STALE: (NextAction.RE_ENGAGE, "take up with {who} again{by}", "重新联系{who}{by}"),
    GapType.SHALLOW: (NextAction.TELL_THEME, "meet {who}{by}: {theme}", "与{who}会面{by}：{theme}"),
    GapType.SINGLE_THREADED: (NextAction.SECOND_RELATIONSHIP, "build a second relationship with {who}{by}", "与{who}建立第二条关系{by}"),
    GapType.OPPOSED: (NextAction.WORK_THROUGH, "work through {through}", "通过{through}影响"),
}
"""What to do, and how it is said in English and Chinese."""
TYPE_WORDS = {
    GapType.UNMAPPED: ("is not known", "未知"),
    GapType.NEVER: ("was never contacted", "从未接触"),
    GapType.ONE_WAY: ("never answered", "从未回应"),
    GapType.STALE: ("has gone cold", "已冷却"),
    GapType.SHALLOW: ("is hardly known", "接触尚浅"),
    GapType.SINGLE_THREADED: ("hangs on one thread", "仅系于单线"),
    GapType.OPPOSED: ("is against us", "持反对态度"),
}
ALL_OPTED_OUT = ("is held by people who must not be contacted", "由不可联系者担任")
ANOTHER_HOLDER = ("find another holder", "另寻担任者")
"""What to do where nobody who is known to hold a role may be contacted."""


@answer
class GapPerson:
    """Somebody who holds the role."""

    person: Annotated[Linked | None, Anchor.PERSON, "Who."]
    confidence: Annotated[float, "How sure it is that they hold it, 0.3 to 1."]
    state: Annotated[CoverageState, "How they stand with us."]
    closeness: Annotated[float, "How close they are to us as one party, 0 to 1."]
    contactable: Annotated[bool, "They did not opt out and their consent, if it ends, still holds."]
    expected_gain: Annotated[
        float, "worth x weight x what one held meeting would add to the role x the chance that it comes about; 0 for who opted out."
    ]


@answer
class Adviser:
    """Somebody whom an opponent listens to."""

    person: Annotated[Linked | None, Anchor.PERSON, "Who."]
    strength: Annotated[float, "How much they sway the opponent, 0 to 1."]


@answer
class CoverageGap:
    """One role at one account that is not held as it should be."""

    key: Annotated[Id, "Stands for the gap at these instants; never an id."]
    account: Annotated[Linked | None, Anchor.COMPANY, "The account; its default group is looked at."]
    role: Annotated[BuyingRole, "The role."]
    type: Annotated[
        GapType,
        "UNMAPPED nobody who may be contacted is known to hold it; SINGLE_THREADED covered, but by one holder or through one of us; "
        "OPPOSED a holder is against us; others as its best holder stands.",
    ]
    state: Annotated[RoleState, "How the role stands."]
    coverage: Annotated[float | None, "How firmly it is held; null where nobody is known to hold it."]
    priority: Annotated[Score, "worth x weight x (1 - coverage) x reach x urgency; a component's weight is its share in what keeps it below 1."]
    worth: Annotated[float, "What the account is worth to us, 0 to 1."]
    weight: Annotated[float, "The role's share of the account's coverage."]
    urgency: Annotated[
        float, "0.5 at rest, towards 1 as the first open deal comes to close, and up to 0.25 more for fresh news about the account or its people."
    ]
    reach: Annotated[float, "The chance of the best way from ours to a holder who may be contacted, at least 0.05."]
    reach_known: Annotated[bool, "Whether reach was worked out; false: it stands at its floor, since nobody to contact is known to hold it."]
    path: Annotated[InfluencePath | None, "The best way from ours to the one to meet; null for none over the floor."]
    people: Annotated[list[GapPerson], "Who is known to hold the role, the best first."]
    message_theme: Annotated[str, "What to say to a holder, in the language asked for; empty where the template says nothing."]
    expected_gain: Annotated[float, "Of the next action, in units of worth: what one held meeting would add, by the chance that it comes about."]
    next_action: Annotated[NextAction, "What to do, by the gap's type."]
    meet: Annotated[Linked | None, Anchor.PERSON, "The holder whose meeting would gain most; null where one must be found first."]
    by: Annotated[Linked | None, Anchor.PERSON, "Who of us should, where somebody is known who could."]
    through: Annotated[list[Adviser], "Who sways an opponent, the strongest first."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@answer
class DealRows:
    """One row an account: when each of its deals is to close or did, None for unknown, and how it ended: ``[instant, outcome]``."""

    account: Id
    closing: list[tuple[float | None, str]]


@read
async def deal_rows(accounts: Sequence[str], most: int) -> list[DealRows]:
    """The deals of these accounts."""
    raise NotImplementedError


@costing(300)
@paged
async def coverage_gaps(
    store: Reader,
    view: View,
    page: Paging,
    *,
    filter: Annotated[AccountFilter | None, "Of which accounts; default: of all."] = None,
    types: Annotated[list[GapType] | None, "Gaps of these types alone."] = None,
    roles: Annotated[list[BuyingRole] | None, "Gaps of these roles alone."] = None,
) -> Page[CoverageGap]:
    """The roles of many accounts that are not held as they should be, the most important first.

    Ranked by the snapshot, O(accounts + holders); those of the page are told from their accounts' rows.
    """
    market = await market_of(store, view, filter)
    carrying = await Carrying.of(market.snapshot, view)
    reach = await carrying.reach()
    news = await set_off(store, view)
    stirred = np.array([news[id_][0] if id_ in news else np.nan for id_ in market.ids])
    found = _Ranked(market, reach.chance[market.people], urgency(market.days, stirred), types, roles)
    shown = found.page(page)
    told: dict[tuple[str, BuyingRole], CoverageGap] = {}
    async for stretch in stretches(store, view, sorted({account for _, account, _ in shown})):
        gaps = await _Gaps.of(store, view, stretch, news, lambda person: float(reach.chance[at]) if (at := carrying.place(person)) >= 0 else 0.0)
        place = {account.id: at for at, account in enumerate(stretch.accounts)}
        told |= {(account, role): gaps.told(place[Id(account)], role) for _, account, role in shown if account in place}
    best = await best_ways(store, carrying, sorted({gap.meet.id for gap in told.values() if gap.meet}))
    told = {key: replace(gap, path=best.ways.get(gap.meet.id)) if gap.meet else gap for key, gap in told.items()}
    return Page([(at, told[account, role]) for at, account, role in shown if (account, role) in told], found.total, not (reach.whole and best.whole))


class _Ranked:
    """The gaps of a market that are asked for, by priority, then by id."""

    def __init__(self, market: Market, reach: Floats, urgent: Floats, types: Sequence[GapType] | None, roles: Sequence[BuyingRole] | None) -> None:
        kinds = gap_types(market.found, market.holders, market.wants, market.threads)
        asked = np.isin(kinds, [TYPES.index(type_) for type_ in types]) if types is not None else kinds != NO_GAP
        if roles is not None:
            asked &= np.isin(np.arange(len(ROLES)), [PLACE[role] for role in roles])
        self._market = market
        self._group, self._role = np.nonzero(asked)
        best = best_reach(market.holders, reach, kinds.shape)
        self._rank = priority(market.worth, market.shares, market.found.roles.value, urgent, best)[asked]

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self._rank)

    def page(self, page: Paging) -> list[tuple[Place, str, BuyingRole]]:
        """Place, account and role of those of a page, and one more. Only they, and those of equal priority, are named."""
        left = np.arange(self.total)
        if page.after:
            key, id_ = page.after
            at = float(key) if isinstance(key, int | float) else 0.0
            level = [row for row in np.flatnonzero(self._rank == at).tolist() if self._named(row)[0].id > id_]
            left = np.concatenate([np.flatnonzero(self._rank < at), np.array(level, np.int64)])
        if len(left) > page.first + 1:
            least = -np.partition(-self._rank[left], page.first)[page.first]
            left = left[self._rank[left] >= least]
        named = [self._named(row) for row in left.tolist()]
        return sorted(named, key=lambda one: (-float(one[0].key or 0.0), one[0].id))[: page.first + 1]

    def _named(self, row: int) -> tuple[Place, str, BuyingRole]:
        account, role = self._market.ids[self._group[row]], ROLES[self._role[row]]
        return Place(float(self._rank[row]), f"{account} {role.value}"), account, role


def _ahead(row: DealRows, as_of: int) -> list[float]:
    """When those that are open are to close."""
    return [at for at, outcome in row.closing if at is not None and outcome_then(Outcome(outcome), at, as_of) is Outcome.OPEN]


class _Gaps:
    """All that is to be said of the gaps of some accounts, from their own rows."""

    def __init__(self, view: View, stretch: Stretch, days: Floats, news: SetOff, reach: Callable[[str], float]) -> None:
        self.view, self.stretch, self.covering, self.reach, self.news = view, stretch, stretch.covering, reach, news
        stirred = np.array([news[account.id][0] if account.id in news else np.nan for account in stretch.accounts])
        covering, self.shares, self.urgent = self.covering, stretch.shares, urgency(days, stirred)
        self.types = gap_types(covering.found, covering.holders, covering.wants, covering.threads)
        each = np.array([reach(covering.person(row)) for row in range(len(covering.holders.role))])
        self.best = best_reach(covering.holders, each, self.types.shape)
        self.priority = priority(stretch.worth, self.shares, covering.found.roles.value, self.urgent, self.best)

    @classmethod
    async def of(cls, store: Reader, view: View, stretch: Stretch, news: SetOff, reach: Callable[[str], float]) -> "_Gaps":
        """With the accounts' open deals."""
        ids = [account.id for account in stretch.accounts]
        closing = {row.account: _ahead(row, view.as_of) for row in await deal_rows(store, view, ids, MOST_ROWS)}
        first = [min(closing.get(id_, ()), default=np.nan) for id_ in ids]
        return cls(view, stretch, (np.array(first, float) - view.as_of) / DAY, news, reach)

    def told(self, group: int, role: BuyingRole) -> CoverageGap:
        """One gap with all that is to be said of it."""
        covering, account, place = self.covering, self.stretch.accounts[group], PLACE[role]
        case = covering.cases[group]
        committee, touched = case.committee, case.touched
        type_ = TYPES[self.types[group, place]]
        share, urgent = float(self.shares[group, place]), float(self.urgent[group])
        force = account.value * share
        people: list[GapPerson] = []
        for row in covering.holding(group, role):
            who, free = covering.person(row), not covering.holders.opted_out[row]
            gain = force * covering.gain(group, row) * max(_chance(touched, who), self.reach(who)) if free else 0.0
            state, near = CoverageState(State(covering.found.holders[row]).name), float(covering.holders.closeness[row])
            people.append(GapPerson(Linked(Id(who), committee.names[who]), float(covering.holders.sure[row]), state, near, bool(free), gain))
        meet = self._meet(type_, people)
        by = self._by(type_, touched, meet.person.id) if meet and meet.person else None
        through = self._through(group, [one.person.id for one in people if one.person and one.state is CoverageState.OPPOSED])
        theme = wanted(committee.template, role)
        theme_text = theme.theme_zh if chinese(self.view.language) else theme.theme_en
        gain = meet.expected_gain if meet else force * _met_newly() * DEFAULTS.reach
        why = self._why(group, role, type_, meet, by, through, theme_text, gain)
        return CoverageGap(
            Id(f"{committee.key}/{role.value}"),
            Linked(account.id, account.name),
            role,
            type_,
            RoleState(covering.state(group, role).name),
            covering.value(group, role),
            self._score(group, place, why),
            account.value,
            share,
            urgent,
            float(self.best[group, place]),
            any(one.contactable for one in people),
            None,
            people,
            theme_text,
            gain,
            ACTIONS[type_][0],
            meet.person if meet else None,
            Linked(by.id, by.name) if by else None,
            through,
            why,
        )

    def _meet(self, type_: GapType, people: Sequence[GapPerson]) -> GapPerson | None:
        """Whose meeting gains most; of an opposed role, the opponent's."""
        free = [one for one in people if one.contactable]
        if type_ is GapType.OPPOSED:
            free = [one for one in free if one.state is CoverageState.OPPOSED]
        return max(free, key=lambda one: (one.expected_gain, one.person.id if one.person else ""), default=None)

    def _by(self, type_: GapType, touched: Touched, person: str) -> Tie | None:
        """Who of us: for who went cold the one who was closest, for a second relationship one who has none yet, for silence another sender."""
        ties = touched.ties.get(person, [])
        if type_ is GapType.STALE:
            return max(ties, key=lambda tie: (_once(touched, tie, person), tie.id), default=None)
        if type_ is GapType.SINGLE_THREADED:
            held = {tie.id for tie in reached_by(touched, person)}
            return next((tie for tie in ties if tie.id not in held), None)
        return next(iter(ties[1:] if type_ is GapType.ONE_WAY else ties), None)

    def _through(self, group: int, opponents: Sequence[str]) -> list[Adviser]:
        committee = self.covering.cases[group].committee
        heard: dict[Id, float] = {}
        for who, whom, kind, _, strong, *_ in (*committee.rows.sways, *committee.rows.sways_of_listed):
            if whom in opponents and kind == Influence.ADVISES:
                heard[who] = max(strong, heard.get(who, 0.0))
        order = sorted(heard, key=lambda who: (-heard[who], who))
        free = [who for who in order if who not in opponents and committee.contactable(who)]
        return [Adviser(Linked(who, committee.names.get(who, who)), heard[who]) for who in free]

    def _score(self, group: int, place: int, why: str) -> Score:
        gap = 1 - float(np.nan_to_num(self.covering.found.roles.value[group, place]))
        zh = chinese(self.view.language)
        factors: list[tuple[str, str, float]] = [
            ("worth", "价值" if zh else "worth", self.stretch.accounts[group].value),
            ("weight", "权重" if zh else "weight", float(self.shares[group, place])),
            ("gap", "缺口" if zh else "gap", gap),
            ("reach", "可及性" if zh else "reach", float(self.best[group, place])),
            ("urgency", "紧迫度" if zh else "urgency", float(self.urgent[group])),
        ]
        shares = log_shares(np.array([value for *_, value in factors])).tolist()
        told = self.news.get(self.stretch.accounts[group].id)
        evidence = {"urgency": [told[1]]} if told else {}
        components = [
            Component(code, label, value, part, None, evidence.get(code, [])) for (code, label, value), part in zip(factors, shares, strict=True)
        ]
        return FORMULA.score(float(self.priority[group, place]), why, components=components)

    def _why(
        self,
        group: int,
        role: BuyingRole,
        type_: GapType,
        meet: GapPerson | None,
        by: Tie | None,
        through: Sequence[Adviser],
        theme: str,
        gain: float,
    ) -> str:
        zh, language = chinese(self.view.language), self.view.language
        name = meet.person.name if meet and meet.person else ""
        others = listed([one.person.name for one in through if one.person], language) or ("能影响其意见的人" if zh else "whoever they listen to")
        who = {
            "who": name,
            "by": (f"（由{by.name}）" if zh else f", by {by.name}") if by else "",
            "theme": theme or ("了解其需要" if zh else "ask what they need"),
        }
        doing = ACTIONS[type_][1 + zh].format(**who, through=others)
        words = TYPE_WORDS[type_]
        if self.covering.state(group, role) is State.DO_NOT_CONTACT:
            words, doing = ALL_OPTED_OUT, ANOTHER_HOLDER[zh]
        about, account, value = role_name(role, language), self.stretch.accounts[group].name, f"{gain:.3f}"
        reach = number(float(self.best[group, PLACE[role]]))
        if zh:
            return f"{account}：{about}{name}{words[1]}。下一步：{doing}（预期增益{value}；可及性{reach}）。"
        subject = f"{about} {name}" if name else about
        return f"{account}: {subject} {words[0]}. Next: {doing} (expected gain {value}; reach {reach})."


def _chance(touched: Touched, person: str) -> float:
    """The chance that a meeting comes about: the strongest relationship of one of us, never under the floor of reach."""
    return max([DEFAULTS.reach, *(tie.strength for tie in touched.ties.get(person, []))])


def _once(touched: Touched, tie: Tie, person: str) -> float:
    """How strong one of our people's relationship with somebody ever was."""
    seen = touched.seen_by(tie.id, tie.name)
    return float(seen.sums.closest[seen.place[person]]) if person in seen.place else 0.0


def _met_newly() -> float:
    """How close somebody new is after one held meeting."""
    once: Any = strength(met_once_more(NOTHING[None]))
    return float(once[0])
