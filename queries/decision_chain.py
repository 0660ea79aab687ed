"""Who decides at an account: the chart, the roles, the influence beside the chart, and what the map lacks."""

from asyncio import gather
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from graph.answer import Id, answer
from graph.errors import DottedlineError, InvalidInput, NotFound
from graph.instants import moment
from graph.measures.chain import Forest, Place, SolidLine, chosen, layout, settle
from graph.model import Authority, BuyingRole, Influence, Line, Power, ValueField, source_of
from graph.question import Anchor, question
from graph.read import Reader, read
from graph.stretch import MOST_ROWS
from graph.template import MAPPED_FROM, wanted
from graph.view import View, ViewUsed
from queries.anchors.templates import Templates, templates_of


class NodeKind(StrEnum):
    """What a node of the map stands for."""

    PERSON = "PERSON"
    UNMAPPED_ROLE = "UNMAPPED_ROLE"
    RESTRICTED = "RESTRICTED"


class EdgeKind(StrEnum):
    """What a line of the map means."""

    REPORTS_TO = "REPORTS_TO"
    ADVISES = "ADVISES"
    OPPOSES = "OPPOSES"


class CheckCode(StrEnum):
    """What may be wrong with a map."""

    CYCLE = "CYCLE"
    TWO_SOLID_MANAGERS = "TWO_SOLID_MANAGERS"
    NO_ROOT = "NO_ROOT"
    MANAGER_ELSEWHERE = "MANAGER_ELSEWHERE"
    ORPHAN_DECIDER = "ORPHAN_DECIDER"
    LEFT_STILL_LISTED = "LEFT_STILL_LISTED"
    UNMAPPED_ROLE = "UNMAPPED_ROLE"
    NO_OPPONENT_NAMED = "NO_OPPONENT_NAMED"


@answer
class BuyingGroup:
    """The people who decide at one account about one product."""

    id: Annotated[Id, "Its id; the default group bears the company's."]
    name: Annotated[str, "Its name; the default group bears the company's."]
    is_default: Annotated[bool, "The group of the account as a whole."]
    product_id: Annotated[Id | None, "The product decided about."]


@answer
class ChainRole:
    """A role that a person holds in the decision."""

    role: Annotated[BuyingRole, "The role."]
    confidence: Annotated[float, "How sure we are that they hold it, 0 to 1."]
    authority: Annotated[Authority, "What they may do to the decision."]
    step: Annotated[int | None, "Place in the order of approval."]
    inherited: Annotated[bool, "Held in the account's default group, since this group has nobody for the role."]


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
    contactable: Annotated[bool, "They did not opt out and their consent, if it ends, still holds."]


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
    truncated: Annotated[bool, "There are more people than were asked for."]


@answer
class ChainRows:
    """What decision_chain_rows.cypher returns: packed lists of plain values, one row an account."""

    account: Id
    name: str
    jobs: list[tuple[Id, str, str | None, str | None, str | None, float, int, str, bool]]
    lines: list[tuple[Id, Id, str, str, float, int, str]]
    sways: list[tuple[Id, Id, str, str, float, int, str, float]]
    lines_of_listed: list[tuple[Id, Id, str, str, float, int, str]]
    sways_of_listed: list[tuple[Id, Id, str, str, float, int, str, float]]
    values: list[tuple[Id, str, float, int, str, float]]
    values_of_listed: list[tuple[Id, str, float, int, str, float]]
    groups: list[tuple[Id, str | None, str | None, str | None]]
    roles: list[tuple[Id, Id, str, str, float, str | None, int | None, int, str, bool]]
    members: list[tuple[Id, Id, str, int | None, str | None, float, int, str, bool]]


@read
async def decision_chain_rows(accounts: Sequence[str], most: int) -> list[ChainRows]:
    """The rows of these accounts' maps."""
    raise NotImplementedError


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
    answers: dict[str, DecisionChain | DottedlineError] = {}
    found, templates = await gather(decision_chain_rows(store, view, accounts, MOST_ROWS), templates_of(store, view, accounts))
    for rows in found:
        try:
            answers[rows.account] = _Map(rows, view, group, templates).answer(max_nodes)
        except NotFound as error:
            answers[rows.account] = error
    return answers


class _Map:
    """One account's rows on their way to a map."""

    def __init__(self, rows: ChainRows, view: View, group: Id | None, templates: Templates) -> None:
        self.rows, self.view = rows, view
        self.group = _group(rows, group)
        self.template = templates.of(rows.account, next((row[3] for row in rows.groups if row[0] == self.group.id), None))
        self.jobs = {job[0]: job for job in sorted(rows.jobs, key=lambda job: (job[0], job[5], job[6], job[2] or "", str(job)))}
        self.roles, self.mapped = self._roles()
        members = sorted((row for row in rows.members if row[0] == self.group.id), key=lambda row: (row[1], row[5], row[6], str(row)))
        self.members = {row[1]: row for row in members}
        listed = [row[1:3] for row in rows.roles] + [row[1:3] for row in rows.members]
        outside: dict[str, str] = {who: name for who, name in listed if who in self.roles or who in self.members}
        self.lines = [line for line in sorted(_each(rows.lines, rows.lines_of_listed)) if line[0] in outside or line[0] in self.jobs]
        self.names: dict[str, str] = outside | {job[0]: job[1] for job in rows.jobs}
        self.opted_out = {row[1] for row in (*rows.roles, *rows.members) if row[-1]} | {job[0] for job in rows.jobs if job[-1]}
        self.consents = [row for row in (*rows.values, *rows.values_of_listed) if row[1] == ValueField.CONSENT_UNTIL]
        self.consent_until = {row[0]: row[-1] for row in sorted(self.consents, key=lambda row: (row[2], row[3], -row[-1]))}
        solid = [SolidLine(person, manager, sure, since) for person, manager, _, line, sure, since, _ in self.lines if line == Line.SOLID]
        self.forest: Forest = settle(solid, self.names)
        self.places: dict[str, Place] = layout(self.names, self.forest.parent)

    def _roles(self) -> tuple[dict[str, list[ChainRole]], set[str]]:
        """Roles by person: the group's own, and the default group's for what it lacks; and which roles are mapped."""
        own = {row[3] for row in self.rows.roles if row[0] == self.group.id and row[4] >= MAPPED_FROM}
        best: dict[tuple[str, str], ChainRole] = {}
        for group, person, _, role, sure, authority, step, *_ in sorted(self.rows.roles, key=lambda row: (row[0], row[1], row[3], str(row))):
            inherited = group != self.group.id
            if inherited and (group != self.rows.account or role in own):
                continue
            usual = wanted(self.template, BuyingRole(role))
            power = Authority(authority) if authority else usual.authority
            place = step if step is not None else usual.step
            made = ChainRole(BuyingRole(role), sure, power, place, inherited)
            if (person, role) not in best or best[person, role].confidence < sure:
                best[person, role] = made
        held: dict[str, list[ChainRole]] = defaultdict(list)
        for (who, _), found in best.items():
            held[who].append(found)
        for roles in held.values():
            roles.sort(key=lambda made: (-self._weight(made), made.role.value))
        return held, {role for (_, role), made in best.items() if made.confidence >= MAPPED_FROM}

    def answer(self, max_nodes: int) -> DecisionChain:
        listed = dict.fromkeys([*sorted(self.roles, key=lambda who: -max(self._weight(role) for role in self.roles[who])), *self.members])
        shown = chosen(self.places, self.forest.parent, listed, max_nodes)
        people = sorted(shown, key=lambda who: self.places[who].order)
        nodes = [self._node(person, shown) for person in people]
        nodes += [self._placeholder(role, len(self.places) + n) for n, role in enumerate(self._unmapped())]
        key = Id(f"{self.group.id}@{self.view.as_of}/{self.view.known_at}")
        truncated = len(shown) < len(self.places)
        return DecisionChain(key, self.view.used(self._facts()), self.group, nodes, self._edges(shown), self._checks(), truncated)

    def _facts(self) -> Iterable[tuple[int, str]]:
        """Start and origin of all that the map rests on."""
        for *_, start, origin, _ in self.rows.jobs:
            yield start, origin
        for group, *_, start, origin, _ in self.rows.roles:
            if group in (self.group.id, self.rows.account):
                yield start, origin
        for *_, start, origin, _ in self.members.values():
            yield start, origin
        for *_, start, origin in self.lines:
            yield start, origin
        for sway in (*self.rows.sways, *self.rows.sways_of_listed):
            yield sway[5], sway[6]
        for *_, start, origin, _ in self.consents:
            yield start, origin

    def _weight(self, held: ChainRole) -> float:
        return wanted(self.template, held.role).weight

    def _unmapped(self) -> list[BuyingRole]:
        return [role for role in self.template if role.value not in self.mapped]

    def _node(self, person: str, shown: set[str]) -> ChainNode:
        job, member, place = self.jobs.get(Id(person)), self.members.get(Id(person)), self.places[person]
        boss = self.forest.parent.get(person)
        title, department, level = job[2:5] if job else (None, None, None)
        return ChainNode(
            Id(person),
            Id(boss) if boss in shown and boss is not None else None,
            NodeKind.PERSON,
            Id(person),
            self.names[person],
            title,
            department,
            level,
            place.depth,
            place.order,
            place.descendants,
            self.roles.get(person, []),
            member[3] if member else None,
            Power(member[4]) if member and member[4] else None,
            self._contactable(person),
        )

    def _contactable(self, person: str) -> bool:
        until = self.consent_until.get(Id(person))
        return person not in self.opted_out and (until is None or self.view.as_of < until)

    def _placeholder(self, role: BuyingRole, order: int) -> ChainNode:
        template = self.template[role]
        name = f"{role.value.replace('_', ' ').lower()}: not known"
        held = [ChainRole(role, 0.0, template.authority, template.step, False)]
        return ChainNode(Id(f"?{role.value}"), None, NodeKind.UNMAPPED_ROLE, None, name, None, None, None, 0, order, 0, held, None, None, False)

    def _edges(self, shown: set[str]) -> list[ChainEdge]:
        edges: dict[str, ChainEdge] = {}
        for person, manager, _, line, _, since, origin in sorted(self.lines, key=lambda row: (-row[4], -row[5], row)):
            if person in shown and manager in shown:
                key = Id(f"{person} {line} {manager}")
                edges.setdefault(key, ChainEdge(key, person, manager, EdgeKind.REPORTS_TO, Line(line), None, source_of(origin), moment(since)))
        for who, whom, kind, topic, strength, since, origin, _ in sorted(
            _each(self.rows.sways, self.rows.sways_of_listed), key=lambda row: (-row[7], -row[5], row)
        ):
            if who in shown and whom in shown:
                key = Id(f"{who} {kind} {whom} {topic}".strip())
                edges.setdefault(key, ChainEdge(key, who, whom, EdgeKind(Influence(kind)), None, strength, source_of(origin), moment(since)))
        return [edges[key] for key in sorted(edges)]

    def _checks(self) -> list[Check]:
        checks = [
            Check(
                CheckCode.CYCLE,
                _ids(cycle),
                f"{self._list(cycle)} report to each other in a circle; the chart leaves out that {self._list([left.person])} reports to "
                f"{self._list([left.manager])}.",
            )
            for cycle, left in self.forest.cycles
        ]
        for person, managers in sorted(self.forest.two_managers.items()):
            boss = self.forest.parent.get(person)
            shown = f"Shown below {self.names[boss]}" if boss else "Shown at the top"
            called = {line[1]: line[2] for line in self.lines}
            message = f"{self.names[person]} has two solid managers: {', '.join(called[manager] for manager in managers)}. {shown}."
            checks.append(Check(CheckCode.TWO_SOLID_MANAGERS, _ids([person, *managers]), message))
        managed = {person for person, _, _, line, *_ in self.lines if line == Line.SOLID}
        if self.jobs and all(person in managed for person in self.jobs):
            checks.append(Check(CheckCode.NO_ROOT, [], "Everybody here has a manager: the top of the chart is missing."))
        for person, manager, name, line, *_ in self.lines:
            if line == Line.SOLID and manager not in self.jobs and person in self.jobs:
                checks.append(
                    Check(CheckCode.MANAGER_ELSEWHERE, _ids([person, manager]), f"{self.names[person]} reports to {name}, who has no job here.")
                )
        checks += self._people_checks(managed)
        for role in self._unmapped():
            checks.append(Check(CheckCode.UNMAPPED_ROLE, [], f"Nobody is known in the role of {role.value.replace('_', ' ').lower()}."))
        stances = [row[3] for row in self.members.values() if row[3] is not None]
        if stances and min(stances) >= 0:
            checks.append(
                Check(CheckCode.NO_OPPONENT_NAMED, [], f"{len(stances)} stances are known and none is negative: nobody against us is named.")
            )
        return checks

    def _people_checks(self, managed: set[Id]) -> Iterable[Check]:
        deciders = {BuyingRole.DECISION_MAKER, BuyingRole.ECONOMIC_BUYER}
        managing = {manager for _, manager, _, line, *_ in self.lines if line == Line.SOLID}
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


def _group(rows: ChainRows, wanted: Id | None) -> BuyingGroup:
    for id_, name, product, _ in rows.groups:
        if id_ == (wanted or rows.account):
            return BuyingGroup(id_, name or rows.name, id_ == rows.account, None if product is None else Id(product))
    if wanted is None or wanted == rows.account:
        return BuyingGroup(rows.account, rows.name, True, None)
    raise NotFound(
        f"{rows.account} has no buying group {wanted!r}. Its groups: {', '.join(sorted(row[0] for row in rows.groups)) or 'the default one'}.",
        argument="group",
    )


def _each(*lists: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """All rows of these lists, each once."""
    return list(dict.fromkeys(tuple(row) for rows in lists for row in rows))


def _ids(people: Iterable[Any]) -> list[Id]:
    return [Id(person) for person in people]
