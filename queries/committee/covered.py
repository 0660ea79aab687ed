"""How firmly the roles of some groups are held, as scores that say what they rest on (method.md 5.3)."""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from graph.answer import Id
from graph.instants import moment
from graph.lazy import cached_property
from graph.measures import strength as strengths
from graph.measures.coverage import (
    DEFAULTS,
    FORMULA,
    PLACE,
    ROLES,
    Coverage,
    Definition,
    Holders,
    Reading,
    State,
    Wants,
    coverage,
    resilience,
    shares,
    single_threaded,
)
from graph.measures.strength import Floats, Truths, strength, warmth
from graph.measures.touches import met_once_more
from graph.model import BuyingRole, Channel, Semantics, source_of
from graph.score import Component, Evidence, Formula, Missing, Score
from graph.template import MAPPED_FROM, wanted
from graph.worded import Worded
from graph.words import channel_name, chinese, day, how_many, listed, number, numbers, role_name, warmth_name
from queries.committee.cases import NOBODY, Case, holders_of
from queries.committee.touched import CHANNELS, MOST_EVIDENCE, Tie, Touched, reached_by, stacked

CLOSENESS = Formula("closeness-1", strengths.DEFAULTS)


class CoverageState(Worded):
    """How a person stands with us."""

    NEVER = "NEVER", "Nothing ever passed between them and us."
    ONE_WAY = "ONE_WAY", "We reached out, and nothing ever came from their side."
    STALE = "STALE", f"They were close, {DEFAULTS.reached:g} and more, and are no more."
    SHALLOW = "SHALLOW", f"They answered, and were never as close as {DEFAULTS.reached:g}."
    COVERED = "COVERED", f"A closeness of at least {DEFAULTS.reached:g}."
    DEEP = "DEEP", f"A closeness of at least {DEFAULTS.deep:g}."
    OPPOSED = "OPPOSED", "Their stance is against us, however close they are."
    DO_NOT_CONTACT = "DO_NOT_CONTACT", "They opted out: they count nothing."


class RoleState(Worded):
    """How a role stands: as its best holder does, or nobody is known to hold it."""

    UNMAPPED = "UNMAPPED", "Nobody is known to hold it."
    NEVER = "NEVER", CoverageState.NEVER.said
    ONE_WAY = "ONE_WAY", CoverageState.ONE_WAY.said
    STALE = "STALE", CoverageState.STALE.said
    SHALLOW = "SHALLOW", CoverageState.SHALLOW.said
    COVERED = "COVERED", CoverageState.COVERED.said
    DEEP = "DEEP", CoverageState.DEEP.said
    OPPOSED = "OPPOSED", CoverageState.OPPOSED.said
    DO_NOT_CONTACT = "DO_NOT_CONTACT", CoverageState.DO_NOT_CONTACT.said


CLAUSES = {
    State.DEEP: ("{role} {who} firmly held{by} ({value})", "{role}{who}{by}深度覆盖（{value}）"),
    State.COVERED: ("{role} {who} reached{by} ({value})", "{role}{who}{by}已覆盖（{value}）"),
    State.STALE: ("{role} {who} gone cold since {last} ({value}, gap {gap})", "{role}{who}自{last}后冷却（{value}，缺口{gap}）"),
    State.SHALLOW: ("{role} {who} hardly known ({value}, gap {gap})", "{role}{who}接触尚浅（{value}，缺口{gap}）"),
    State.ONE_WAY: ("{role} {who} has never answered (gap {gap})", "{role}{who}从未回应（缺口{gap}）"),
    State.NEVER: ("{role} {who} never contacted (gap {gap})", "{role}{who}从未接触（缺口{gap}）"),
    State.DO_NOT_CONTACT: ("{role} {who} must not be contacted (gap {gap})", "{role}{who}不可联系（缺口{gap}）"),
    State.OPPOSED: ("{role} {who} against us ({value})", "{role}{who}持反对态度（{value}）"),
    State.UNMAPPED: ("{role} not known (gap {gap})", "{role}未知（缺口{gap}）"),
}
"""What is said of a role in each state, in English and Chinese."""


class Covering:
    """Coverage of some groups at once, and the scores made of it. ``language`` is that of the sentences."""

    def __init__(self, cases: Sequence[Case], language: str, definition: Definition = Definition.ENGAGED) -> None:
        self.cases, self.language, self.definition = cases, language, definition
        each = [holders_of(case, case.seats, np.full(len(case.seats), number, np.int64)) for number, case in enumerate(cases)]
        self.holders = Holders(*(np.concatenate(columns) for columns in zip(*each, strict=True))) if each else NOBODY
        self.wants = Wants.of([case.committee.template for case in cases])
        self.found: Coverage = coverage(self.holders, self.wants, definition)
        ends = np.cumsum([len(case.seats) for case in cases])
        self._starts = ends - [len(case.seats) for case in cases] if cases else ends

    def rows(self, group: int) -> slice:
        """The rows of the holders of a group; its seats are in the same order."""
        start = int(self._starts[group])
        return slice(start, start + len(self.cases[group].seats))

    def roles(self, group: int) -> list[BuyingRole]:
        """The template's roles, the weightiest first, then those that are held beside it."""
        template = self.cases[group].committee.template
        beside = {seat.role for seat in self.cases[group].seats} - set(template)
        return [*template, *sorted(beside)]

    def share(self, group: int, role: BuyingRole) -> float:
        """The role's weight; those of all roles sum to 1."""
        total = self.wants.weight[group].sum()
        return float(self.wants.weight[group, PLACE[role]] / total) if total else 0.0

    def state(self, group: int, role: BuyingRole) -> State:
        """How a role stands."""
        return State(self.found.state[group, PLACE[role]])

    def value(self, group: int, role: BuyingRole) -> float | None:
        """A role's coverage, None where nobody is known to hold it."""
        value = self.found.roles.value[group, PLACE[role]]
        return None if np.isnan(value) else float(value)

    def whole(self, group: int) -> float:
        """The group's coverage, what is not known counted as nothing."""
        return float(np.nan_to_num(self.found.groups.value[group]))

    def holding(self, group: int, role: BuyingRole) -> list[int]:
        """The rows of a role's mapped holders, the best first."""
        rows = self.rows(group)
        mine = [row for row in range(rows.start, rows.stop) if self.holders.role[row] == PLACE[role] and self.holders.sure[row] >= MAPPED_FROM]
        return sorted(mine, key=lambda row: (self.found.holders[row], -self.holders.closeness[row], self.person(row)))

    def person(self, row: int) -> str:
        """Whose row it is."""
        group = int(self.holders.group[row])
        return self.cases[group].seats[row - int(self._starts[group])].person

    @cached_property
    def threads(self) -> Truths:
        """Groups x roles: covered, but hanging on one thread."""
        tie: list[int] = []
        colleague: list[int] = []
        numbers: dict[str, int] = {}
        for row in np.flatnonzero(self.found.holders <= State.COVERED).tolist():
            for held in reached_by(self.cases[int(self.holders.group[row])].touched, self.person(row)):
                tie.append(row)
                colleague.append(numbers.setdefault(held.id, len(numbers)))
        return single_threaded(self.found, self.holders, np.array(tie, np.int64), np.array(colleague, np.int64))

    def single(self, group: int) -> set[str]:
        """Whoever one covered role hangs on."""
        roles = [role for role in ROLES if self.threads[group, PLACE[role]]]
        return {self.person(row) for role in roles for row in self.holding(group, role) if self.found.holders[row] <= State.COVERED}

    def resilience(self, group: int) -> tuple[int, list[list[Id]]]:
        """The least number of contacts whose loss takes a covered role under its target, and the sets of so many."""
        rows = self.rows(group)
        people = sorted({seat.person for seat in self.cases[group].seats})
        place = {person: number for number, person in enumerate(people)}
        own = self.holders.only(np.arange(rows.start, rows.stop))._replace(group=np.zeros(rows.stop - rows.start, np.int64))
        one = slice(group, group + 1)
        wants = Wants(self.wants.weight[one], self.wants.panel[one], self.wants.members[one])
        numbers = np.array([place[seat.person] for seat in self.cases[group].seats], np.int64)
        found = resilience(own, numbers, wants)
        return found.value, [[Id(people[at]) for at in lost] for lost in found.sets]

    def score(self, group: int) -> Score:
        """The group's coverage: a component a role of the template."""
        roles = [role for role in self.roles(group) if self.share(group, role) > 0]
        components = [self._role_component(group, role) for role in roles]
        why, count = self._why(group, roles), len({one for role in roles for one in self._rests_on(group, role)})
        if not self.found.known[group] > 0:
            return FORMULA.missing(Missing.UNMAPPED, why, components=components)
        low, high = _range(self.found.groups, group)
        return FORMULA.score(self.whole(group), why, low=low, high=high, count=count, components=components)

    def role_score(self, group: int, role: BuyingRole) -> Score:
        """A role's coverage: a component a holder."""
        why = self._clause(group, role)
        value = self.value(group, role)
        if value is None:
            return FORMULA.missing(Missing.UNMAPPED, why)
        low, high = _range(self.found.roles, (group, PLACE[role]))
        return FORMULA.score(
            value, why, low=low, high=high, count=len(self._rests_on(group, role)), components=self._holder_components(group, role, value)
        )

    def _role_component(self, group: int, role: BuyingRole) -> Component:
        value, weight = self.value(group, role), self.share(group, role)
        evidence = self._evidence(group, role, [self.person(row) for row in self.holding(group, role)])
        return Component(role.value, role_name(role, self.language), value, weight, weight * (value or 0.0), evidence)

    def _holder_components(self, group: int, role: BuyingRole, value: float) -> list[Component]:
        rows = self.holding(group, role)
        panel = wanted(self.cases[group].committee.template, role).semantics is Semantics.ALL
        if self.definition in (Definition.ENGAGED, Definition.SUPPORTIVE) and not panel:
            own = self.rows(group)
            rows += [row for row in range(own.start, own.stop) if self.holders.role[row] == PLACE[role] and self.holders.sure[row] < MAPPED_FROM]
        worth = self._counts(rows)
        if self.definition in (Definition.ENGAGED, Definition.SUPPORTIVE):
            parts = shares(self.holders.sure[rows], worth, panel=panel)
        else:
            parts = value * worth / worth.sum() if worth.sum() else worth
        names = self.cases[group].committee.names
        return [
            Component(person, names[person], float(counts), float(self.holders.sure[row]), float(part), self._evidence(group, role, [person]))
            for row, counts, part in zip(rows, worth, parts, strict=True)
            for person in [self.person(row)]
        ]

    def _counts(self, rows: list[int]) -> Floats:
        """What each of these rows counts by the definition, 0 to 1."""
        if self.definition is Definition.FILLED:
            return np.ones(len(rows))
        met = ~self.holders.opted_out[rows]
        if self.definition is Definition.CONTACTED:
            return (met & self.holders.touched[rows]).astype(float)
        stance = self.holders.stance[rows]
        kind = np.where(np.isnan(stance), 0.5, (stance + 2) / 4) if self.definition is Definition.SUPPORTIVE else 1.0
        return np.where(met, self.holders.closeness[rows], 0.0) * kind

    def _rests_on(self, group: int, role: BuyingRole) -> set[str]:
        """The ids of all facts and events on which a role's value rests."""
        case, found = self.cases[group], set[str]()
        for row in self.holding(group, role):
            person = self.person(row)
            if (person, role) in case.committee.facts:
                found.add(case.committee.facts[person, role][7])
            if self.definition is not Definition.FILLED:
                found |= {event for events in case.touched.channels(person).values() for event in events}
        return found

    def _evidence(self, group: int, role: BuyingRole, people: Sequence[str]) -> list[Evidence]:
        """The latest events with these holders, then what says that they hold the role."""
        case = self.cases[group]
        events = [event for person in people for some in case.touched.channels(person).values() for event in some]
        found = case.touched.evidence(events, MOST_EVIDENCE) if self.definition is not Definition.FILLED else []
        for person in people:
            if fact := case.committee.facts.get((person, role)):
                label = f"{case.committee.names[person]}: {role_name(role, self.language)}"
                found.append(Evidence(fact[7], "role", moment(fact[8]), label, source_of(fact[9])))
        return found

    def _clause(self, group: int, role: BuyingRole) -> str:
        """What a colleague says of a role."""
        case, state, rows = self.cases[group], self.state(group, role), self.holding(group, role)
        value = self.value(group, role) or 0.0
        said = {"role": role_name(role, self.language), "value": number(value), "gap": number(self.share(group, role) * (1 - value))}
        who, by, last = "", "", ""
        if rows:
            best = rows[0]
            if state is State.OPPOSED:
                best = next(row for row in rows if self.found.holders[row] == State.OPPOSED)
            person = self.person(best)
            who, by = self._named(case, person, len(rows) - 1), self._by(case.touched, person)
            at = case.touched.last_at(person)
            last = day(at.date(), self.language) if at else ""
        return CLAUSES[state][chinese(self.language)].format(**said, who=who, by=by, last=last)

    def _named(self, case: Case, person: str, more: int) -> str:
        name, zh = case.committee.names[person], chinese(self.language)
        if case.committee.left(person):
            name += "（已离职）" if zh else " (no job there any more)"
        return name + ((f"等{more + 1}人" if zh else f" and {more} more") if more else "")

    def _by(self, touched: Touched, person: str) -> str:
        knows = touched.ties.get(person, [])
        if not knows:
            return ""
        return f"由{knows[0].name}" if chinese(self.language) else f" by {knows[0].name}"

    def _why(self, group: int, roles: Sequence[BuyingRole]) -> str:
        case, zh = self.cases[group], chinese(self.language)
        known = float(self.found.known[group])
        if not known:
            name = case.committee.group.name
            return f"{name}：决策链上的角色都未知。" if zh else f"Nobody is known to hold any role of the decision at {name}."
        gain, clauses = self.fastest_gain(group), [self._clause(group, role) for role in roles]
        value, *gained = numbers(self.whole(group), *([gain[1]] if gain else []))
        head = f"覆盖度{value}（已知{number(known)}）：" if zh else f"Coverage {value} (known {number(known)}): "
        text = head + ("；" if zh else "; ").join(clauses) + ("。" if zh else ".")
        if gain:
            name = case.committee.names[gain[0]]
            text += f"见效最快：与{name}见面一次 → {gained[0]}。" if zh else f" Fastest gain: meet {name} -> {gained[0]}."
        return text

    def fastest_gain(self, group: int) -> tuple[str, float] | None:
        """Whose next meeting would lift the group's coverage most, and to what; None where nobody's would."""
        if self.definition is not Definition.ENGAGED:
            return None
        own, case = self.rows(group), self.cases[group]
        gains: dict[str, float] = {}
        for row in range(own.start, own.stop):
            seat, role = case.seats[row - own.start], ROLES[self.holders.role[row]]
            value, weight = self.value(group, role), self.share(group, role)
            if value is not None and weight and not self.holders.opted_out[row]:
                gains[seat.person] = gains.get(seat.person, 0.0) + weight * self.gain(group, row)
        best = max(gains, key=lambda person: (gains[person], person), default=None)
        return (best, self.whole(group) + gains[best]) if best is not None and gains[best] > 0 else None

    def gain(self, group: int, row: int) -> float:
        """By how much one held meeting now with a row's person would lift the role that it holds."""
        role = ROLES[self.holders.role[row]]
        sure, now, then = float(self.holders.sure[row]), float(self.holders.closeness[row]), float(self._once_more[row])
        if wanted(self.cases[group].committee.template, role).semantics is Semantics.ALL:
            panel = [self.holders.sure[other] for other in self.holding(group, role)]
            return sure * (then - now) / float(sum(panel)) if sure >= MAPPED_FROM else 0.0
        value = self.value(group, role) or 0.0
        return (1 - value) * (1 - (1 - sure * then) / (1 - sure * now)) if sure * now < 1 else 0.0

    @cached_property
    def _once_more(self) -> Floats:
        """The closeness of each row's person after one held meeting now."""
        return strength(met_once_more(self.sums))

    @cached_property
    def sums(self) -> Floats:
        """The decayed sums of each row's person, ``[row, direction, channel]``."""
        return stacked([case.touched.x(seat.person) for case in self.cases for seat in case.seats])


def _range(values: Reading, at: int | tuple[int, int]) -> tuple[float, float]:
    return float(values.low[at]), float(values.high[at])


def person_score(touched: Touched, person: str, language: str) -> Score:
    """How close somebody is to us: a component a channel."""
    if person not in touched.place:
        return never_touched(language)
    value, place = touched.closeness(person), touched.place[person]
    components = channel_components(value, touched.x(person), touched.channels(person), touched, touched.alone[place], language)
    why = contact_sentence(value, touched.channels(person), touched, person, touched.ties.get(person, [])[:1], language)
    return CLOSENESS.score(value, why, count=int(touched.sums.counted[place]), components=components)


@cache
def never_touched(language: str) -> Score:
    """The score of everybody with whom there was nothing."""
    return CLOSENESS.score(0.0, "从未有过往来。" if chinese(language) else "Never in touch with us.")


def channel_components(
    value: float, x: Floats, channels: Mapping[Channel, list[str]], touched: Touched, alone: Floats, language: str
) -> list[Component]:
    """A component a channel: its share is that of what went both ways over it."""
    by_channel = x.sum(0)
    total = float(by_channel.sum())
    made = []
    for number_, channel in enumerate(CHANNELS):
        if channel in channels:
            part = value * float(by_channel[number_]) / total if total else 0.0
            evidence = touched.evidence(channels[channel])
            made.append(Component(channel.value, channel_name(channel, language), float(alone[number_]), None, part, evidence))
    return made


def contact_sentence(
    value: float, channels: Mapping[Channel, list[str]], touched: Touched, person: str, mostly: Sequence[Tie], language: str, said: str | None = None
) -> str:
    """``Warm (0.41): 2 messages and 1 call; last contact 12 Oct 2026, mostly by Li Wei.`` ``said`` is the value as it reads beside another."""
    zh, said = chinese(language), said or number(value)
    counts = listed([how_many(channel, len(channels[channel]), language) for channel in CHANNELS if channel in channels], language)
    at = touched.last_at(person)
    last = day(at.date(), language) if at else ""
    name = mostly[0].name if mostly else ""
    if zh:
        return f"{warmth_name(warmth(value), language)}（{said}）：{counts}；最近一次在{last}{f'，主要由{name}联系' if name else ''}。"
    return f"{warmth_name(warmth(value), language)} ({said}): {counts}; last contact {last}{f', mostly by {name}' if name else ''}."
