"""Who decides at an account: the chart, the roles, the influence beside the chart, how each stands with us, and what the map lacks."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence, Set
from datetime import datetime
from functools import partial
from itertools import repeat
from operator import itemgetter
from typing import Annotated, Any, TypeVar, cast

from graph.answer import LATE, Id, answer, later
from graph.aside import aside
from graph.consent import CONTACTABLE
from graph.errors import DottedlineError, InvalidInput
from graph.instants import moment
from graph.lazy import cached_property
from graph.measures.chain import Forest, Places, chosen, layout, settle
from graph.measures.coverage import State
from graph.model import BuyingRole, Influence, Line, Power, source_of
from graph.question import Anchor, costing, question
from graph.read import Reader
from graph.score import Score
from graph.view import View, ViewUsed
from graph.worded import Worded
from graph.words import chinese
from queries.committee.cases import Case, cases_of, people_in, states_of
from queries.committee.covered import CoverageState, Covering, never_touched, person_score
from queries.committee.rows import BuyingGroup, ChainRole, Committee

R = TypeVar("R", bound=tuple[Any, ...])


class NodeKind(Worded):
    """What a node of the map stands for."""

    PERSON = "PERSON", "Somebody."
    UNMAPPED_ROLE = "UNMAPPED_ROLE", "A role that nobody is known to hold."
    RESTRICTED = "RESTRICTED", "Somebody who may not be seen here."


class EdgeKind(Worded):
    """What a line of the map means."""

    REPORTS_TO = "REPORTS_TO", "The first reports to the second."
    ADVISES = "ADVISES", "The second seeks the word of the first."
    OPPOSES = "OPPOSES", "The first works against the second."


class Badge(Worded):
    """What to know of somebody at a glance."""

    SINGLE_THREAD = "SINGLE_THREAD", "A covered role hangs on them alone, or on one of us."
    LEAVER = "LEAVER", "They have no job here any more."
    KEY = "KEY", "They stand inside the politics: power POLITICAL or INNER_CIRCLE."
    OPPONENT = "OPPONENT", "Their stance is against us."
    NEW = "NEW", "They had no job here 90 days ago."


class CheckCode(Worded):
    """What may be wrong with a map."""

    CYCLE = "CYCLE", "Several report to each other in a circle."
    TWO_SOLID_MANAGERS = "TWO_SOLID_MANAGERS", "Somebody has more than one solid line upwards."
    NO_ROOT = "NO_ROOT", "Everybody has a manager: the top of the chart is missing."
    MANAGER_ELSEWHERE = "MANAGER_ELSEWHERE", "Somebody's manager has no job here."
    ORPHAN_DECIDER = "ORPHAN_DECIDER", "Who decides has neither manager nor reports."
    LEFT_STILL_LISTED = "LEFT_STILL_LISTED", "Somebody without a job here is still listed in the group."
    UNMAPPED_ROLE = "UNMAPPED_ROLE", "A role that is wanted is held by nobody who is known."
    NO_OPPONENT_NAMED = "NO_OPPONENT_NAMED", "Stances are known and none is against us: nobody may have asked."


POWER = {str(power): power for power in Power}
LINE = {str(line): line for line in Line}
SWAY = {str(kind): EdgeKind(kind) for kind in Influence}
STATE = tuple(CoverageState(state.name) for state in State if state is not State.UNMAPPED)
"""Words of the graph, and numbers of the measure, as the answer has them: looked up, since calling or hashing an enum costs more than a row."""
NO_JOB = (None,) * 5
SOLID = Line.SOLID.value
IN_POLITICS = frozenset((Power.POLITICAL.value, Power.INNER_CIRCLE.value))


@answer
class ChainNode:
    """One person on the map, or a placeholder for a role that nobody is known to hold."""

    key: Annotated[Id, "Stands for the node on this map; never an id."]
    parent_key: Annotated[Id | None, "The node above, by the solid line."]
    kind: Annotated[NodeKind, "Person or placeholder."]
    person_id: Annotated[Id | None, "The person."]
    name: Annotated[str, "Full name, or the role that is open."]
    title: Annotated[str | None, "Title as the source writes it."]
    department: Annotated[str | None, "Department as the source writes it."]
    job_level: Annotated[str | None, "Level as the source writes it."]
    depth: Annotated[int, "Levels from the top, 0 for a root."]
    order: Annotated[int, "Place in a walk from the top, siblings by name."]
    descendants: Annotated[int, "People below at all levels, shown or not."]
    roles: Annotated[list[ChainRole], "Roles held in the group, the weightiest first."]
    stance: Annotated[int | None, "-2 enemy to 2 mentor; null when unknown."]
    power: Annotated[Power | None, "Place in the account's politics; null when unknown."]
    state: Annotated[CoverageState | None, "How they stand with us; null on placeholders."]
    coverage: Annotated[Score | None, LATE, "How close they are to us as one party; null on placeholders."]
    last_touch_at: Annotated[datetime | None, "When we were last in touch; null for never."]
    contactable: Annotated[bool, CONTACTABLE]
    badges: Annotated[list[Badge], "What to know of them at a glance."]


@answer
class ChainEdge:
    """A line between two nodes that are both shown."""

    key: Annotated[Id, "Stands for the line on this map."]
    from_key: Annotated[Id, "The report, or who sways."]
    to_key: Annotated[Id, "The manager, or who is swayed."]
    kind: Annotated[EdgeKind, "What the line means."]
    line: Annotated[Line | None, "Solid or dotted, for reporting only."]
    strength: Annotated[float | None, "0 to 1, for influence only."]
    source: Annotated[str, "Who says so."]
    valid_from: Annotated[datetime | None, "True from then on; null when open."]


@answer
class Check:
    """Something to look at."""

    code: Annotated[CheckCode, "What it is."]
    person_ids: Annotated[list[Id], "Whom it concerns."]
    message: Annotated[str, "A sentence for a colleague."]


@answer
class DecisionChain:
    """The map of one account for one buying group."""

    key: Annotated[Id, "Stands for this map; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    group: Annotated[BuyingGroup, "Whose decision it is."]
    nodes: Annotated[list[ChainNode], "People from the top, then placeholders."]
    edges: Annotated[list[ChainEdge], "Lines between the nodes shown."]
    checks: Annotated[list[Check], "What is missing or contradicts itself."]
    coverage: Annotated[Score, LATE, "How firmly the group's roles are held."]
    truncated: Annotated[bool, "There are more people than were asked for."]


@costing(10)
@question(Anchor.COMPANY)
async def decision_chain(
    store: Reader,
    view: View,
    accounts: Sequence[str],
    *,
    group: Annotated[Id | None, "A buying group of the account; default: the account's own."] = None,
    max_nodes: Annotated[int, "At most so many people: holders, members and their chains first, then level by level."] = 500,
) -> Mapping[str, DecisionChain | DottedlineError]:
    """Who decides at the account, who reports to whom and who is heard: flat nodes with depth and order, ready to draw."""
    if max_nodes < 1:
        raise InvalidInput("maxNodes must be at least 1.", argument="maxNodes")
    cases = await cases_of(store, view, {account: (account, group) for account in accounts})
    known = {account: case for account, case in cases.items() if isinstance(case, Case)}
    made = await aside(people_in(known.values()), _maps, known, view.language, max_nodes)
    return {account: made[account] if isinstance(case, Case) else case for account, case in cases.items()}


def _maps(cases: Mapping[str, Case], language: str, max_nodes: int) -> dict[str, DecisionChain]:
    covering = Covering(list(cases.values()), language)
    return {account: Map(covering, number).answer(max_nodes) for number, account in enumerate(cases)}


class Map:
    """One group on its way to a map: its chart, and its place among the groups whose coverage was taken."""

    def __init__(self, covering: Covering, number: int) -> None:
        self.covering, self.number = covering, number
        self.case = covering.cases[number]
        self.committee: Committee = self.case.committee
        self.view, self.group = self.committee.view, self.committee.group
        self.jobs, self.roles, self.members, self.names = self.committee.jobs, self.committee.roles, self.committee.members, self.committee.names
        rows, outside = self.committee.rows, self.names.keys() - self.jobs.keys()
        self.lines = [*rows.lines, *(line for line in rows.lines_of_listed if line[0] in outside)]
        self.sways = [*rows.sways, *(sway for sway in rows.sways_of_listed if sway[0] not in self.jobs)]
        self.solid = [line for line in self.lines if line[3] == SOLID]
        self.forest: Forest = settle(map(itemgetter(0, 1, 4, 5), self.solid), self.names)
        self.places: Places = layout(self.names, self.forest.parent)
        self.states = states_of(self.case)
        self.single = covering.single(number)

    def answer(self, max_nodes: int) -> DecisionChain:
        """The map with at most so many people."""
        weight = self.committee.weight
        holders = sorted(self.roles, key=lambda who: (-max(weight(held.role) for held in self.roles[who]), who))
        listed = dict.fromkeys([*holders, *sorted(self.members)])
        shown = chosen(self.places, self.forest.parent, listed, max_nodes)
        nodes = self.people([person for person in self.places.order if person in shown], shown)
        after, unmapped = len(self.places.order), self.committee.unmapped()
        nodes += [_placeholder(f"?{role.value}", NodeKind.UNMAPPED_ROLE, *self._wanting(role), after + n) for n, role in enumerate(unmapped)]
        beyond = "不在可见范围内" if chinese(self.view.language) else "beyond what you may see"
        for n, roles in enumerate(self.committee.restricted):
            nodes.append(_placeholder(f"?{n + 1}", NodeKind.RESTRICTED, beyond, roles, after + len(unmapped) + n))
        key = Id(self.committee.key)
        truncated = len(shown) < after
        score = later(partial(self.covering.score, self.number))
        return DecisionChain(key, self.view.used(self._facts()), self.group, nodes, self._edges(shown), self._checks(), score, truncated)

    def _facts(self) -> Iterable[tuple[int, str]]:
        """Start and origin of all that the map rests on."""
        yield from self.committee.grounds()
        for *_, start, origin in self.lines:
            yield start, origin
        for sway in self.sways:
            yield sway[5], sway[6]

    def people(self, people: Iterable[str], shown: Container[str]) -> list[ChainNode]:
        """These people on the map; the manager of each is named where shown."""
        touched, language, barred = self.case.touched, self.view.language, self.committee.barred
        never, no_role, no_badge = never_touched(language), list[ChainRole](), list[Badge]()  # one for all who have none
        ids = cast(list[Id], list(people))
        jobs = [self.jobs.get(person, NO_JOB) for person in ids]
        columns: list[Iterable[Any]] = [
            ids,
            [boss if boss in shown else None for boss in map(self.forest.parent.get, ids)],
            repeat(NodeKind.PERSON),
            ids,
            [self.names[person] for person in ids],
            *(map(itemgetter(place), jobs) for place in (2, 3, 4)),
            *(map(place.__getitem__, ids) for place in self.places),
            map(self.roles.get, ids, repeat(no_role)),
            map({person: member[3] for person, member in self.members.items()}.get, ids),
            map({person: POWER[member[4]] for person, member in self.members.items() if member[4]}.get, ids),
            [STATE[self.states[person]] for person in ids],
            [later(partial(person_score, touched, person, language)) if person in touched.place else never for person in ids],
            map(touched.last.get, ids),
            [person not in barred for person in ids],
            map(self._badges.get, ids, repeat(no_badge)),
        ]
        return list(map(ChainNode, *columns))

    @cached_property
    def _badges(self) -> dict[str, list[Badge]]:
        """Whoever has any -> theirs."""
        members = self.members.items()
        bearing: dict[Badge, Iterable[str]] = {
            Badge.SINGLE_THREAD: self.single,
            Badge.LEAVER: self.names.keys() - self.jobs.keys(),
            Badge.KEY: [person for person, member in members if member[4] in IN_POLITICS],
            Badge.OPPONENT: [person for person, member in members if member[3] is not None and member[3] < 0],
            Badge.NEW: [person for person, job in self.jobs.items() if job[8]],
        }
        found: dict[str, list[Badge]] = defaultdict(list)
        for badge, people in bearing.items():
            for person in people:
                found[person].append(badge)
        return dict(found)

    def _wanting(self, role: BuyingRole) -> tuple[str, list[ChainRole]]:
        """How a role that nobody is known to hold is called, and what it is."""
        template = self.committee.template[role]
        return f"{role.value.replace('_', ' ').lower()}: not known", [ChainRole(role, 0.0, template.authority, template.step, False)]

    def _edges(self, shown: Set[str]) -> list[ChainEdge]:
        sways = [sway for sway in self.sways if sway[0] in shown and sway[1] in shown]
        lines = [line for line in self.lines if line[0] in shown and line[1] in shown]
        influence = _surest([f"{sway[0]} {sway[2]} {sway[1]} {sway[3]}".strip() for sway in sways], sways, 7)
        reporting = _surest([f"{line[0]} {line[3]} {line[1]}" for line in lines], lines, 4)
        edges = {
            key: ChainEdge(key, who, whom, SWAY[kind], None, strength, source_of(origin), moment(since))
            for key, (who, whom, kind, _, strength, since, origin, _) in influence.items()
        } | {
            key: ChainEdge(key, person, manager, EdgeKind.REPORTS_TO, LINE[line], None, source_of(origin), moment(since))
            for key, (person, manager, _, line, _, since, origin) in reporting.items()
        }
        return [edges[key] for key in sorted(edges)]

    def _checks(self) -> list[Check]:
        checks = [
            Check(
                CheckCode.CYCLE,
                _ids(cycle),
                f"{self._list(cycle)} report to each other in a circle; the chart leaves out that {self.names[person]} reports to "
                f"{self.names[manager]}.",
            )
            for cycle, (person, manager, *_) in self.forest.cycles
        ]
        called: dict[str, str] = {line[1]: line[2] for line in self.lines} if self.forest.two_managers else {}
        for person, managers in sorted(self.forest.two_managers.items()):
            boss = self.forest.parent.get(person)
            shown = f"Shown below {self.names[boss]}" if boss else "Shown at the top"
            message = f"{self.names[person]} has two solid managers: {', '.join(called[manager] for manager in managers)}. {shown}."
            checks.append(Check(CheckCode.TWO_SOLID_MANAGERS, _ids([person, *managers]), message))
        managed = {line[0] for line in self.solid}
        if self.jobs and self.jobs.keys() <= managed:
            checks.append(Check(CheckCode.NO_ROOT, [], "Everybody here has a manager: the top of the chart is missing."))
        for person, manager, name in sorted(line[:3] for line in self.solid if line[1] not in self.jobs and line[0] in self.jobs):
            message = f"{self.names[person]} reports to {name}, who has no job here."
            checks.append(Check(CheckCode.MANAGER_ELSEWHERE, _ids([person, manager]), message))
        checks += self._people_checks(managed)
        for role in self.committee.unmapped():
            checks.append(Check(CheckCode.UNMAPPED_ROLE, [], f"Nobody is known in the role of {role.value.replace('_', ' ').lower()}."))
        stances = [row[3] for row in self.members.values() if row[3] is not None]
        if stances and min(stances) >= 0:
            checks.append(
                Check(CheckCode.NO_OPPONENT_NAMED, [], f"{len(stances)} stances are known and none is negative: nobody against us is named.")
            )
        return checks

    def _people_checks(self, managed: set[Id]) -> Iterable[Check]:
        deciders = {BuyingRole.DECISION_MAKER, BuyingRole.ECONOMIC_BUYER}
        managing = {line[1] for line in self.solid}
        for person in sorted(self.roles):
            held = sorted(made.role.value for made in self.roles[person] if made.role in deciders)
            if held and Id(person) not in managed and Id(person) not in managing:
                message = f"{self.names[person]} decides ({', '.join(held)}) but has neither manager nor reports."
                yield Check(CheckCode.ORPHAN_DECIDER, _ids([person]), message)
        for person in sorted({*self.roles, *self.members}):
            if person not in self.jobs:
                yield Check(CheckCode.LEFT_STILL_LISTED, _ids([person]), f"{self.names[person]} has no job here and is still listed in the group.")

    def _list(self, people: Iterable[str]) -> str:
        return ", ".join(self.names[person] for person in people)


def _placeholder(key: str, kind: NodeKind, name: str, roles: list[ChainRole], order: int) -> ChainNode:
    """A node of nobody who is known, or may be seen."""
    return ChainNode(Id(key), None, kind, None, name, None, None, None, 0, order, 0, roles, None, None, None, None, None, False, [])


def _surest(keys: list[Any], rows: Sequence[R], sure: int) -> dict[Id, R]:
    """Key -> its row; of several the one that is surest, as its place ``sure`` says, then of the latest start, which is at place 5."""
    found: dict[Id, R] = dict(zip(keys, rows, strict=True))
    if len(found) < len(rows):
        for key, row in zip(keys, rows, strict=True):
            found[key] = min(found[key], row, key=lambda one: (-one[sure], -one[5], tuple(one)))
    return found


def _ids(people: Iterable[Any]) -> list[Id]:
    return [Id(person) for person in people]
