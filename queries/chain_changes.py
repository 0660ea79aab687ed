"""What changed in a decision chain between two days: who came, who left, whose manager, title, role or stance is another."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from graph.answer import Id, answer
from graph.errors import DottedlineError, InvalidInput, NotFound
from graph.instants import OPEN_END, OPEN_START, at_moment, instant
from graph.model import BuyingRole, Line, source_of
from graph.question import Anchor, costing, question
from graph.read import Reader, read
from graph.sight import seen_rows
from graph.stretch import MOST_ROWS
from graph.template import MAPPED_FROM
from graph.view import View
from graph.worded import Worded
from graph.words import chinese, role_name, stance_name


class ChangeKind(Worded):
    """What changed."""

    JOINED = "JOINED", "Somebody has a job there now."
    LEFT = "LEFT", "Somebody has none there any more."
    MANAGER_CHANGED = "MANAGER_CHANGED", "Their solid line goes to another manager."
    LINE_ADDED = "LINE_ADDED", "A line upwards began."
    LINE_REMOVED = "LINE_REMOVED", "A line upwards ended."
    TITLE_CHANGED = "TITLE_CHANGED", "Their title is another."
    ROLE_ADDED = "ROLE_ADDED", "They hold a role that they did not."
    ROLE_REMOVED = "ROLE_REMOVED", "They hold a role no more."
    STANCE_CHANGED = "STANCE_CHANGED", "Their stance towards us is another, or became known."


@answer
class ChainChange:
    """One change, told once."""

    kind: Annotated[ChangeKind, "What changed."]
    at: Annotated[datetime, "From then on."]
    person_id: Annotated[Id | None, "Whom it concerns."]
    before: Annotated[str | None, "What held until then: a title, a manager's id, a role, a stance."]
    after: Annotated[str | None, "What holds from then on."]
    source: Annotated[str, "Who says so."]
    person_name: Annotated[str, "Their name."]
    before_name: Annotated[str | None, "The manager's name, where a line was before."]
    after_name: Annotated[str | None, "The manager's name, where a line is after."]
    line: Annotated[Line | None, "Solid or dotted, where a line changed."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


SENTENCES = {
    ChangeKind.JOINED: ("{who} joined as {after}", "{who}加入，任{after}"),
    ChangeKind.LEFT: ("{who} left, having been {before}", "{who}离任{before}"),
    ChangeKind.MANAGER_CHANGED: ("{who} now reports to {after}, no longer to {before}", "{who}改向{after}汇报，不再向{before}汇报"),
    ChangeKind.LINE_ADDED: ("{who} began to report{dotted} to {after}", "{who}开始{dotted}向{after}汇报"),
    ChangeKind.LINE_REMOVED: ("{who} no longer reports{dotted} to {before}", "{who}不再{dotted}向{before}汇报"),
    ChangeKind.TITLE_CHANGED: ("{who} became {after}, having been {before}", "{who}由{before}改任{after}"),
    ChangeKind.ROLE_ADDED: ("{who} took the role of {after}", "{who}成为{after}"),
    ChangeKind.ROLE_REMOVED: ("{who} gave up the role of {before}", "{who}不再是{before}"),
    ChangeKind.STANCE_CHANGED: ("{who} turned from {before} to {after}", "{who}的态度由{before}转为{after}"),
}
FIRST = {ChangeKind.STANCE_CHANGED: ("{who} is first known to be {after}", "首次得知{who}的态度为{after}")}
"""Where nothing was known before."""
UNSAID = {ChangeKind.JOINED: ("{who} joined", "{who}加入"), ChangeKind.LEFT: ("{who} left", "{who}离任")}
"""Where no title is known."""
DOTTED, UNKNOWN = (" by a dotted line", "以虚线"), ("unknown", "未知")


@answer
class ChainHistoryRows:
    """What chain_history_rows.cypher returns: packed lists of plain values, one row an account."""

    account: Id
    jobs: list[tuple[Id, str, str | None, float, int, int, str]]
    lines: list[tuple[Id, Id, str, str, float, int, int, str]]
    roles: list[tuple[Id, Id, str, str, float, int, int, str]]
    members: list[tuple[Id, Id, str, int | None, float, int, int, str]]
    groups: list[Id]


PEOPLE_IN = {"jobs": (0,), "lines": (0, 1), "roles": (1,), "members": (1,)}


@read
async def chain_history_rows(accounts: Sequence[str], since: int, most: int) -> list[ChainHistoryRows]:
    """All that held between ``since`` and the view's as-of."""
    raise NotImplementedError


async def chain_history(store: Reader, view: View, accounts: Sequence[str], since: int) -> list[ChainHistoryRows]:
    """All that held between ``since`` and the view's as-of, of whoever may be seen."""
    return await seen_rows(store, view, await chain_history_rows(store, view, accounts, since, MOST_ROWS), PEOPLE_IN)


@costing(10)
@question(Anchor.COMPANY)
async def chain_changes(
    store: Reader,
    view: View,
    accounts: Sequence[str],
    *,
    from_: Annotated[datetime, "After this instant."],
    to: Annotated[datetime | None, "Up to this instant; default: asOf."] = None,
    group: Annotated[Id | None, "A buying group of the account; default: the account's own."] = None,
) -> Mapping[str, list[ChainChange] | DottedlineError]:
    """Every join, leave, move, line, title, role and stance change after ``from`` up to ``to``, once each, in order of time.

    A group's changes are those of its map: a role that it inherits comes and goes too.
    """
    first, last = instant(from_), view.as_of if to is None else instant(to)
    if last < first:
        raise InvalidInput("`to` lies before `from`. Give the earlier instant first.", argument="to")
    answers: dict[str, list[ChainChange] | DottedlineError] = {}
    for rows in await chain_history(store, view.at(last, None), accounts, first):
        wanted = group or rows.account
        if wanted not in rows.groups and wanted != rows.account:
            groups = ", ".join(sorted(rows.groups)) or "the default one"
            answers[rows.account] = NotFound(f"{rows.account} has no buying group {wanted!r}. Its groups: {groups}.", argument="group")
        else:
            answers[rows.account] = changes(rows, wanted, first, last, view.language)
    return answers


class Held(NamedTuple):
    """One stretch of one fact of a person, ranked as the map ranks it: the surest, then the latest, then the smallest value."""

    value: str | None
    sure: float
    start: int
    end: int
    source: str


class Told(NamedTuple):
    """A value at an instant, and who says it."""

    value: str | None
    source: str


@dataclass(slots=True)
class _Person:
    jobs: list[Held] = field(default_factory=list)
    solid: list[Held] = field(default_factory=list)
    dotted: list[Held] = field(default_factory=list)
    roles: list[Held] = field(default_factory=list)
    stances: list[Held] = field(default_factory=list)

    def every(self) -> Iterable[Held]:
        for held in (self.jobs, self.solid, self.dotted, self.roles, self.stances):
            yield from held


def changes(rows: ChainHistoryRows, group: str, first: int, last: int, language: str) -> list[ChainChange]:
    """The changes in (first, last]: the state of each person just before and at each instant at which anything of theirs starts or ends."""
    people: dict[str, _Person] = defaultdict(_Person)
    names: dict[str, str] = {}
    for person, called, title, *rest in rows.jobs:
        names[person] = called
        people[person].jobs.append(_held(title, *rest))
    for report, manager, called, line, *rest in rows.lines:
        names[manager] = called
        (people[report].solid if line == Line.SOLID else people[report].dotted).append(_held(manager, *rest))
    for holder, called, held in _roles(rows, group):
        names[holder] = called
        people[holder].roles.append(held)
    for of_group, member, called, stance, *rest in rows.members:
        if of_group == group and stance is not None:
            names[member] = called
            people[member].stances.append(_held(str(stance), *rest))
    found: list[ChainChange] = []
    for who, facts in people.items():
        instants = {at for held in facts.every() for at in (held.start, held.end) if first < at <= last and at not in (OPEN_START, OPEN_END)}
        for at in sorted(instants):
            found += _at(who, facts, people, names, at, language)
    return sorted(found, key=lambda change: (change.at, change.kind, str(change.person_id), change.before or "", change.after or ""))


def _roles(rows: ChainHistoryRows, group: str) -> Iterable[tuple[Id, str, Held]]:
    """The roles that the group's map shows, by holder: its own, and the default group's for as long as it has nobody of its own."""
    own: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for of_group, holder, called, role, sure, start, end, origin in rows.roles:
        if of_group == group:
            yield holder, called, _held(role, sure, start, end, origin)
            if sure >= MAPPED_FROM:
                own[role].append((start, end))
    for of_group, holder, called, role, sure, start, end, origin in rows.roles if group != rows.account else ():
        if of_group == rows.account:
            for left in _without(start, end, own[role]):
                yield holder, called, _held(role, sure, *left, origin)


def _without(start: int, end: int, taken: Iterable[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """What is left of a stretch outside those that are taken."""
    for since, until in sorted(taken):
        if start < min(since, end):
            yield start, min(since, end)
        start = max(start, until)
    if start < end:
        yield start, end


def _held(value: str | None, sure: Any, start: Any, end: Any, origin: Any) -> Held:
    return Held(value, sure, start, end, source_of(origin))


def _at(person: str, facts: _Person, people: Mapping[str, _Person], names: Mapping[str, str], at: int, language: str) -> Iterable[ChainChange]:
    """What changed for one person at one instant. Who joins or leaves brings and takes their lines, roles and stance without a word more.

    A line has two ends: it comes and goes with either of them, unless one manager takes the place of another.
    """

    def change(kind: ChangeKind, before: str | None, after: str | None, source: str, line: Line | None = None) -> ChainChange:
        managers = names if line else {}
        named = names[person], managers.get(before or ""), managers.get(after or "")
        why = _sentence(kind, named[0], _word(kind, before, named[1], language), _word(kind, after, named[2], language), line, language)
        return ChainChange(kind, at_moment(at), Id(person), before, after, source, *named, line, why)

    was, now = _best(facts.jobs, at - 1), _best(facts.jobs, at)
    if was is None and now is not None:
        yield change(ChangeKind.JOINED, None, now.value, now.source)
        return
    if was is not None and now is None:
        yield change(ChangeKind.LEFT, was.value, None, was.source)
        return
    if was and now:
        if was.value != now.value:
            yield change(ChangeKind.TITLE_CHANGED, was.value, now.value, now.source)
        old, new = _best(facts.solid, at - 1), _best(facts.solid, at)
        if old and new and old.value != new.value:
            yield change(ChangeKind.MANAGER_CHANGED, old.value, new.value, new.source, Line.SOLID)
        elif old and not new and not _comes_or_goes(people, old.value, at):
            yield change(ChangeKind.LINE_REMOVED, old.value, None, old.source, Line.SOLID)
        elif new and not old and not _comes_or_goes(people, new.value, at):
            yield change(ChangeKind.LINE_ADDED, None, new.value, new.source, Line.SOLID)
        for gone, come in _moves(facts.dotted, at):
            other = gone or come
            if other and not _comes_or_goes(people, other.value, at):
                kind = ChangeKind.LINE_REMOVED if gone else ChangeKind.LINE_ADDED
                yield change(kind, gone and gone.value, come and come.value, other.source, Line.DOTTED)
    for gone, come in _moves(facts.roles, at):
        other = gone or come
        if other:
            yield change(ChangeKind.ROLE_REMOVED if gone else ChangeKind.ROLE_ADDED, gone and gone.value, come and come.value, other.source)
    held, holds = _best(facts.stances, at - 1), _best(facts.stances, at)
    if (held and held.value) != (holds and holds.value):
        told = holds or held
        yield change(ChangeKind.STANCE_CHANGED, held and held.value, holds and holds.value, told.source if told else "")


def _sentence(kind: ChangeKind, who: str, before: str | None, after: str | None, line: Line | None, language: str) -> str:
    zh, spoken = chinese(language), SENTENCES[kind]
    if before is None:
        spoken = FIRST.get(kind, spoken)
    if before is None and after is None:
        spoken = UNSAID.get(kind, spoken)
    dotted = DOTTED[zh] if line is Line.DOTTED else ""
    return spoken[zh].format(who=who, before=before or UNKNOWN[zh], after=after or UNKNOWN[zh], dotted=dotted)


def _word(kind: ChangeKind, value: str | None, name: str | None, language: str) -> str | None:
    """A manager by name, a stance and a role by their words, a title as it is."""
    if value is None or name is not None:
        return name
    if kind is ChangeKind.STANCE_CHANGED:
        return stance_name(int(value), language)
    return role_name(BuyingRole(value), language) if kind in (ChangeKind.ROLE_ADDED, ChangeKind.ROLE_REMOVED) else value


def _true(held: Iterable[Held], at: int) -> list[Held]:
    """What holds at an instant, the surest first."""
    return sorted((one for one in held if one.start <= at < one.end), key=lambda one: (-one.sure, -one.start, one.value or "", one.source))


def _best(held: Iterable[Held], at: int) -> Told | None:
    """The value that the map shows at an instant."""
    ranked = _true(held, at)
    return Told(ranked[0].value, ranked[0].source) if ranked else None


def _moves(held: Sequence[Held], at: int) -> Iterable[tuple[Told | None, Told | None]]:
    """(gone, None) and (None, come) of a set of values."""
    before = {one.value: Told(one.value, one.source) for one in reversed(_true(held, at - 1))}
    after = {one.value: Told(one.value, one.source) for one in reversed(_true(held, at))}
    for value in sorted((before.keys() ^ after.keys()), key=str):
        yield (before[value], None) if value in before else (None, after[value])


def _comes_or_goes(people: Mapping[str, _Person], other: str | None, at: int) -> bool:
    """Whether the other end joins or leaves at that instant, which tells the change already."""
    if other is None or other not in people:
        return False
    jobs = people[other].jobs
    return bool(_true(jobs, at - 1)) != bool(_true(jobs, at))
