"""What changed at many accounts, told in the order in which it could be seen: a feed for those who come back."""

from asyncio import gather
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, NamedTuple

import numpy as np

from graph.answer import Id, Linked, answer
from graph.consent import BARRING_WORDS
from graph.filter import AccountFilter
from graph.instants import OPEN_START, at_moment, instant, now
from graph.measures.coverage import DEFAULTS, PLACE, ROLES, Wants
from graph.measures.forecast import Fall, Tenures, falls
from graph.measures.strength import DAY
from graph.measures.touches import Course, course
from graph.model import BuyingRole, source_of
from graph.page import Page, Paging, Place, cut, digest
from graph.question import Anchor, costing, paged
from graph.read import Reader, read
from graph.sight import seen_rows
from graph.snapshot.parts import Groups, Roles
from graph.stretch import MOST_ROWS
from graph.view import View
from graph.worded import Worded
from graph.words import chinese, listed, number, numbers, role_name
from queries.anchors.accounts import accounts_in
from queries.anchors.templates import templates_of
from queries.chain_changes import ChainChange, ChainHistoryRows, ChangeKind, chain_history
from queries.chain_changes import changes as chain_changes_of
from queries.committee.rows import NEW_DAYS
from queries.committee.touched import Touched, TouchRows, touches_of
from queries.committee.triggers import News, TriggerRows, trigger_rows
from queries.reaching.carrying import Carrying
from queries.reaching.hops import InfluencePath, best_ways

WEEK, YEAR = 7 * DAY, 365 * DAY
ACCOUNTS = 500
"""So many accounts are read at once."""


class FeedKind(Worded):
    """What a change is."""

    JOINED = ChangeKind.JOINED.value, ChangeKind.JOINED.said
    LEFT = ChangeKind.LEFT.value, ChangeKind.LEFT.said
    MANAGER_CHANGED = ChangeKind.MANAGER_CHANGED.value, ChangeKind.MANAGER_CHANGED.said
    LINE_ADDED = ChangeKind.LINE_ADDED.value, ChangeKind.LINE_ADDED.said
    LINE_REMOVED = ChangeKind.LINE_REMOVED.value, ChangeKind.LINE_REMOVED.said
    TITLE_CHANGED = ChangeKind.TITLE_CHANGED.value, ChangeKind.TITLE_CHANGED.said
    ROLE_ADDED = ChangeKind.ROLE_ADDED.value, ChangeKind.ROLE_ADDED.said
    ROLE_REMOVED = ChangeKind.ROLE_REMOVED.value, ChangeKind.ROLE_REMOVED.said
    STANCE_CHANGED = ChangeKind.STANCE_CHANGED.value, ChangeKind.STANCE_CHANGED.said
    COVERAGE_FELL = "COVERAGE_FELL", "A role is held less firmly than is wanted."
    PATH_OPENED = "PATH_OPENED", "A way to somebody opened."
    PATH_LOST = "PATH_LOST", "The way to somebody is lost."
    TRIGGER = "TRIGGER", "News of the account or of somebody there."
    LOAD_FINISHED = "LOAD_FINISHED", "A load ended, or was taken back."


ARRIVALS = (ChangeKind.JOINED, ChangeKind.ROLE_ADDED, ChangeKind.LINE_ADDED)
"""What says that something began: told late by more than 90 days it is no news but better knowledge; of all else a year."""
PART = {
    ChangeKind.JOINED: "jobs",
    ChangeKind.LEFT: "jobs",
    ChangeKind.TITLE_CHANGED: "jobs",
    ChangeKind.MANAGER_CHANGED: "lines",
    ChangeKind.LINE_ADDED: "lines",
    ChangeKind.LINE_REMOVED: "lines",
    ChangeKind.ROLE_ADDED: "roles",
    ChangeKind.ROLE_REMOVED: "roles",
    ChangeKind.STANCE_CHANGED: "members",
}
"""Which facts a change rests on."""
AT = ("{account}: {change}", "{account}：{change}")
FADED = ("{role} faded under {target} for want of contact", "{role}因缺少联系，覆盖度降到{target}以下")
LOST = ("{role} fell to {value}, under {target}, as a holder went", "{role}有人离开，覆盖度降到{value}，低于{target}")
WAY = {
    FeedKind.PATH_OPENED: ("a way to {who} opened: {way} ({chance})", "出现通往{who}的路径：{way}（{chance}）"),
    FeedKind.PATH_LOST: ("the way to {who} is lost, which went {way} ({chance})", "失去通往{who}的路径：原为{way}（{chance}）"),
}
SOME_WAY = {
    FeedKind.PATH_OPENED: ("a way to {who} opened", "出现通往{who}的路径"),
    FeedKind.PATH_LOST: ("the way to {who} is lost", "失去通往{who}的路径"),
}
"""Where time ran out before the way itself was found."""
NEWS = ("{kind}: {title}", "{kind}：{title}")
NEWS_OF = ("{kind} of {who}: {title}", "{who}的{kind}：{title}")
NEWS_KIND = {
    "leadership_change": ("change of leadership", "领导层变动"),
    "reorganisation": ("reorganisation", "组织调整"),
    "policy": ("policy", "政策"),
    "funding": ("funding", "融资"),
    "tender": ("tender", "招标"),
    "incident": ("incident", "事故"),
}
LOADED = ("new from {source}: {kinds}", "{source}有新内容：{kinds}")
TAKEN_BACK = ("{undoes} of {source} was taken back", "已撤回{source}的{undoes}")


@answer
class Change:
    """One change, told once."""

    id: Annotated[Id, "Stands for this change: the same whenever it is told; of a path, whenever it is told at the same load."]
    kind: Annotated[FeedKind, "What it is."]
    at: Annotated[datetime, "Since when it can be seen: both true, and known by a finished load."]
    happened_at: Annotated[datetime, "When it came about in the world; earlier than `at` where it was told late."]
    account: Annotated[Linked | None, Anchor.COMPANY, "Where; null for loads."]
    group_id: Annotated[Id | None, "In which decision; the default group bears the account's id."]
    person: Annotated[Linked | None, Anchor.PERSON, "Whom it concerns."]
    role: Annotated[BuyingRole | None, "The role, where coverage fell."]
    coverage: Annotated[float | None, "The role's coverage then, where it fell."]
    before: Annotated[str | None, "What held until then: a title, a manager's id, a role, a stance."]
    after: Annotated[str | None, "What holds from then on; of news its headline."]
    source: Annotated[str | None, "Who says so; null for what is worked out."]
    load: Annotated[Id | None, "The load that finished, or after which a path opened or was lost."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


Bound = tuple[Id, int, int, str, str]
"""Person, start, end, load, and what tells the person's facts of that kind apart on the map."""


@answer
class BoundRows:
    """What bound_rows.cypher returns: the starts and ends of one account's facts in a span, as every load told them."""

    account: Id
    name: str
    jobs: list[Bound]
    lines: list[Bound]
    roles: list[Bound]
    members: list[Bound]


@answer
class TenureRows:
    """What tenure_rows.cypher returns of one account: its default group's template, and who held which role when.

    A holder is ``[person, role, confidence, start, end, opted out, consents]``; a consent is ``[confidence, start, minus its end]``.
    """

    account: Id
    templates: list[str | None]
    holders: list[tuple[Id, str, float, int, int, bool, list[tuple[float, int, float]]]]


@answer
class FinishedLoad:
    """A finished load."""

    id: Id
    revision: int
    recorded_at: int
    finished_at: int
    source: str
    kinds: list[str]
    undoes: Id | None


@read
async def bound_rows(accounts: Sequence[str], since: int, most: int) -> list[BoundRows]:
    """The rows of these accounts."""
    raise NotImplementedError


@read
async def tenure_rows(accounts: Sequence[str], since: int, barring: Sequence[str], most: int) -> list[TenureRows]:
    """The rows of these accounts."""
    raise NotImplementedError


@read
async def loads_told(most: int) -> list[FinishedLoad]:
    """All of them."""
    raise NotImplementedError


class Window(NamedTuple):
    """After one instant up to another, and when each load was finished."""

    since: int
    until: int
    finished: Mapping[str, int]

    def holds(self, at: int) -> bool:
        """Whether an instant lies within."""
        return self.since < at <= self.until


@costing(200)
@paged
async def changes(
    store: Reader,
    view: View,
    page: Paging,
    *,
    since: Annotated[datetime | None, "After this instant: the `at` of the last change that you saw. Default: seven days before the end."] = None,
    kinds: Annotated[list[FeedKind] | None, "Only these; default: all."] = None,
    filter: Annotated[AccountFilter | None, "At these accounts; loads are told only without it. Default: everywhere."] = None,
) -> Page[Change]:
    """Who joined and left, whose manager, title, role and stance changed, where a role's coverage fell under 0.35, to whom a path of ours opened
    or was lost, what news touched an account or who worked there, and which loads finished.

    The oldest first, each at the instant since when it can be seen, those of one load by when they came about: whoever asks again from the last one
    on misses nothing, also of what a load tells late. It ends now, or at an earlier `asOf`. What a load merely adds to what had long been so is no
    change. Paths to holders of roles are compared before the first load of the span (or after the very first of all) and after its last, on the same
    day, and told at that last one. Falls of coverage are those of roles of default groups, by who works with us and may be contacted at the end of
    the span: that one of ours leaves, or that a holder opts out, is no fall of its own. Where time ran out, the answer is truncated: paths are left
    out, or told without the way.
    """
    until = min(view.as_of, now())
    loads = await loads_told(store, view, MOST_ROWS)
    start = until - WEEK if since is None else instant(since)
    window = Window(start, until, {load.id: load.finished_at for load in loads})
    wanted = set(kinds or FeedKind)
    found: list[Change] = []
    if FeedKind.LOAD_FINISHED in wanted and filter is None:
        found += [_loaded(load, view.language) for load in loads if window.holds(load.finished_at)]
    if wanted - {FeedKind.LOAD_FINISHED, FeedKind.PATH_OPENED, FeedKind.PATH_LOST}:
        accounts = await accounts_in(store, view, filter)
        for first in range(0, len(accounts), ACCOUNTS):
            found += await _at_accounts(store, view, accounts[first : first + ACCOUNTS], window, wanted)
    moved, whole = list[_Moved](), True
    if {FeedKind.PATH_OPENED, FeedKind.PATH_LOST} & wanted:
        moved, whole = await _moved(store, view, loads, window, filter)
    every: list[Change | _Moved] = [*found, *moved]
    of_page = cut(((_place(news), news) for news in every if news.kind in wanted), page)
    told, all_ = await _with_ways(store, [news for _, news in of_page.rows], view.language)
    return Page([(place, news) for (place, _), news in zip(of_page.rows, told, strict=True)], of_page.total, not (whole and all_))


def _place(news: "Change | _Moved") -> Place:
    """Where a change stands in the feed: by when it can be seen, then by when it came about, in as many digits as any instant has."""
    return Place(instant(news.at), f"{instant(news.happened_at) - OPEN_START:019d} {news.id}")


async def _at_accounts(store: Reader, view: View, accounts: Sequence[Id], window: Window, wanted: set[FeedKind]) -> list[Change]:
    """All that changed at some accounts. O(facts with a bound in the last year, and the events of who holds a role)."""
    seen = view.at(window.until, None)
    earliest = max(window.since - YEAR, OPEN_START)
    bounds = {rows.account: Bounds(rows, window) for rows in await _bounds(store, seen, accounts, earliest)}
    found: list[Change] = []
    moved = [account for account, told in bounds.items() if told.moved]
    for history in await chain_history(store, seen, moved, earliest) if moved else ():
        for group, of_group in _by_group(history):
            for change in chain_changes_of(of_group, group, earliest, window.until, view.language):
                found += bounds[history.account].told(group, change, view.language)
    if FeedKind.TRIGGER in wanted:
        for news in await trigger_rows(store, seen, accounts, earliest, MOST_ROWS):
            found += _news(news, window, view.language)
    if FeedKind.COVERAGE_FELL in wanted:
        found += await _falls(store, seen, bounds, window)
    return found


BOUND_PEOPLE = {"jobs": (0,), "lines": (0, 4), "roles": (0,), "members": (0,)}


async def _bounds(store: Reader, view: View, accounts: Sequence[Id], since: int) -> list[BoundRows]:
    """The starts and ends of facts of whoever may be seen."""
    return await seen_rows(store, view, await bound_rows(store, view, accounts, since, MOST_ROWS), BOUND_PEOPLE)


def _news(rows: TriggerRows, window: Window, language: str) -> Iterator[Change]:
    """News as changes, each where and of whom it is told first."""
    first: dict[tuple[Id, Id | None], tuple[int, News]] = {}
    for news in rows.news:
        at = max(news[1], window.finished.get(news[4], window.until))
        first[news[0], news[6]] = min(first.get((news[0], news[6]), (at, news)), (at, news), key=lambda told: told[0])
    account, zh = Linked(rows.account, rows.name), chinese(language)
    for at, (event, happened, kind, title, _, origin, person, name) in first.values():
        if window.holds(at):
            who = Linked(person, name or person) if person else None
            said = {"kind": NEWS_KIND.get(kind, (kind, kind))[zh], "title": title or event, "who": name or ""}
            why = _told(account, (NEWS_OF if who else NEWS)[zh].format(**said), language)
            id_, when = _id(rows.account, FeedKind.TRIGGER, event, person), at_moment(happened)
            yield Change(
                id_, FeedKind.TRIGGER, at_moment(at), when, account, None, who, None, None, None, title or kind, source_of(origin), None, why
            )


def _by_group(rows: ChainHistoryRows) -> Iterator[tuple[Id, ChainHistoryRows]]:
    """The account with its default group, then what each other group has of its own."""
    yield rows.account, rows
    for group in rows.groups:
        if group != rows.account:
            roles = [row for row in rows.roles if row[0] == group]
            yield group, ChainHistoryRows(rows.account, rows.jobs, [], roles, [row for row in rows.members if row[0] == group], rows.groups)


class Bounds:
    """When it was told that facts of one account's people begin or end."""

    def __init__(self, rows: BoundRows, window: Window) -> None:
        self.account, self.window = Linked(rows.account, rows.name), window
        self._told: dict[tuple[str, str, str, int, bool], int] = {}
        for part in ("jobs", "lines", "roles", "members"):
            for person, start, end, load, what in getattr(rows, part):
                finished = window.finished.get(load, window.until)
                for at, ends in ((start, False), (end, True)):
                    key = (part, person, what, at, ends)
                    self._told[key] = min(self._told.get(key, finished), finished)

    @property
    def moved(self) -> bool:
        """Whether anything here can be seen since some instant of the window."""
        return any(self.window.holds(max(at, told)) for (*_, at, _), told in self._told.items())

    @property
    def role_ends(self) -> dict[int, int]:
        """Instant at which some role ended -> since when that can be seen."""
        ends: dict[int, int] = {}
        for (part, _, _, at, over), told in self._told.items():
            if over and part == "roles":
                ends[at] = max(at, told, ends.get(at, at))
        return ends

    def told(self, group: Id, change: ChainChange, language: str) -> Iterator[Change]:
        """The change as news, if it is any within the window; of another group than the default one only what is the group's own."""
        part, person, happened = PART[change.kind], str(change.person_id), instant(change.at)
        if group != self.account.id and part not in ("roles", "members"):
            return
        sides = ((_what(part, group, value), ends) for value, ends in ((change.after, False), (change.before, True)))
        at = max(happened, *(self._told.get((part, person, what, happened, ends), happened) for what, ends in sides))
        if self.window.holds(at) and at - happened <= (NEW_DAYS * DAY if change.kind in ARRIVALS else YEAR):
            told = _told(self.account, change.why, language)
            id_ = _id(group, change.kind, person, happened, change.before, change.after)
            who, kind = Linked(Id(person), change.person_name), FeedKind(change.kind)
            yield Change(
                id_, kind, at_moment(at), change.at, self.account, group, who, None, None, change.before, change.after, change.source, None, told
            )


def _what(part: str, group: Id, value: str | None) -> str:
    """What tells a person's facts of one kind apart on the map: lines by the other end, roles by group and role, stances by group."""
    return {"lines": value or "", "roles": f"{group} {value}", "members": group}.get(part, "")


async def _falls(store: Reader, view: View, bounds: Mapping[Id, Bounds], window: Window) -> Iterator[Change]:
    """Where the coverage of a role of the default group fell under its target, by what is known now; a role's end that was told late counts then."""
    accounts = list(bounds)
    late = [at for told in bounds.values() for at, seen in told.role_ends.items() if window.holds(seen)]
    since = max(min([window.since, *(at - 1 for at in late)]), window.since - YEAR)
    rows, templates = await gather(tenure_rows(store, view, accounts, since, BARRING_WORDS, MOST_ROWS), templates_of(store, view, accounts))
    holders = [(group, *holder) for group, row in enumerate(rows) for holder in row.holders]
    met = await _course(store, view, sorted({person for _, person, *_ in holders}))
    place = {person: number for number, person in enumerate(met.people)}
    tenures = Tenures(
        np.array([group for group, *_ in holders], np.int64),
        np.array([PLACE[BuyingRole(role)] for _, _, role, *_ in holders], np.int64),
        np.array([sure for _, _, _, sure, *_ in holders], float),
        np.array([place.get(person, -1) for _, person, *_ in holders], np.int64),
        np.array([start for *_, start, _, _, _ in holders], np.int64),
        np.array([end for *_, end, _, _ in holders], np.int64),
        np.array([opted_out or bool(consents and -max(consents)[2] <= view.as_of) for *_, opted_out, consents in holders], np.bool_),
    )
    wants = Wants.of([templates.of(row.account, next(iter(row.templates), None)) for row in rows])
    fell = [fall for fall in falls(tenures, met, wants, since, window.until) if wants.weight[fall.group, fall.role]]
    return (news for fall in fell for news in _fell(fall, bounds[rows[fall.group].account], window, view.language))


def _fell(fall: Fall, told: Bounds, window: Window, language: str) -> Iterator[Change]:
    role, at = ROLES[fall.role], told.role_ends.get(fall.at, fall.at)
    if window.holds(at):
        target, value = numbers(DEFAULTS.target, fall.value)
        said = {"role": role_name(role, language), "target": target, "value": value}
        how = LOST if fall.value < DEFAULTS.target else FADED
        why = _told(told.account, how[chinese(language)].format(**said), language)
        id_, group = _id(told.account.id, FeedKind.COVERAGE_FELL, role, fall.at), told.account.id
        happened = at_moment(fall.at)
        yield Change(id_, FeedKind.COVERAGE_FELL, at_moment(at), happened, told.account, group, None, role, fall.value, None, None, None, None, why)


async def _course(store: Reader, view: View, people: Sequence[Id]) -> Course:
    """How near these people were to us, event by event. Ours are those who work with us at the end."""
    events = {event[0]: event for row in await touches_of(store, view, people) for event in row.events}
    touched = Touched.of(TouchRows(Id(""), list(events.values())), view.as_of)
    return course(touched.events, touched.ours, touched.former, view.as_of)


@dataclass(frozen=True)
class _Moved:
    """A path that opened or was lost, before the way itself is looked for, which ``carrying`` knows."""

    kind: FeedKind
    account: Linked
    who: Linked
    load: FinishedLoad
    carrying: Carrying

    @property
    def id(self) -> Id:
        return _id(self.kind, self.account.id, self.who.id, self.load.id)

    @property
    def at(self) -> datetime:
        return at_moment(self.load.finished_at)

    happened_at = at

    def told(self, path: InfluencePath | None, language: str) -> Change:
        """The change, with its way where that was found."""
        zh, said = chinese(language), {"who": self.who.name}
        words = (SOME_WAY if path is None else WAY)[self.kind][zh]
        if path is not None:
            said["way"] = " → ".join([path.hops[0].from_name, *(one.to_name for one in path.hops)])
            said["chance"] = number(path.score.value or 0.0)
        why, group = _told(self.account, words.format(**said), language), self.account.id
        return Change(self.id, self.kind, self.at, self.at, self.account, group, self.who, None, None, None, None, None, self.load.id, why)


async def _moved(store: Reader, view: View, loads: Sequence[FinishedLoad], window: Window, wanted: AccountFilter | None) -> tuple[list[_Moved], bool]:
    """Holders of roles in default groups whom we reach since the loads of the window and did not before, or the other way round.

    Two snapshots of the same day, known before and after. None, and not whole, where time ran out before everybody's reach was known: then none can
    be called lost. O(edges).
    """
    new = [load for load in loads if window.holds(load.finished_at)]
    known = [load.recorded_at for load in loads if not new or load.revision < new[0].revision]
    if not known:
        known = [new.pop(0).recorded_at] if new else []
    if not new:
        return [], True
    before = await Carrying.at(store, view.at(None, max(known)))
    after = await Carrying.at(store, view.at(None, new[-1].recorded_at))
    accounts = set(await accounts_in(store, view, wanted))
    was, found = await before.reach(), await after.reach()
    if not (was.whole and found.whole):
        return [], False
    made: list[_Moved] = []
    for person, account in _deciders(after, accounts):
        place, earlier = after.place(person), before.place(person)
        reached, had = place >= 0 and found.chance[place] > 0, earlier >= 0 and was.chance[earlier] > 0
        if reached and not had:
            made.append(_Moved(FeedKind.PATH_OPENED, account, after.linked(place), new[-1], after))
        elif had and not reached:
            made.append(_Moved(FeedKind.PATH_LOST, account, before.linked(earlier), new[-1], before))
    return made, True


async def _with_ways(store: Reader, page: Sequence[Change | _Moved], language: str) -> tuple[list[Change], bool]:
    """The changes of a page, with the best way to each to whom one opened or was lost, and whether time sufficed. A search back each."""
    ways, whole = dict[tuple[FeedKind, str], InfluencePath](), True
    for kind in WAY:
        moved = [news for news in page if isinstance(news, _Moved) and news.kind is kind]
        if moved:
            best = await best_ways(store, moved[0].carrying, sorted({news.who.id for news in moved}))
            ways |= {(kind, person): path for person, path in best.ways.items()}
            whole &= best.whole
    return [news.told(ways.get((news.kind, news.who.id)), language) if isinstance(news, _Moved) else news for news in page], whole


def _deciders(carrying: Carrying, accounts: Set[Id]) -> Iterator[tuple[Id, Linked]]:
    """Who holds a role in the default group of one of these accounts."""
    snapshot = carrying.snapshot
    roles, groups, companies = snapshot[Roles], snapshot[Groups], snapshot.companies
    for person, group in sorted({(int(person), int(group)) for person, group in zip(roles.person, roles.group, strict=True)}):
        if not groups.is_default[group] or groups.company[group] < 0:
            continue
        account = Id(companies.id[int(groups.company[group])])
        if account in accounts:
            yield carrying.id(person), Linked(account, companies.name[int(groups.company[group])])


def _loaded(load: FinishedLoad, language: str) -> Change:
    zh = chinese(language)
    if load.undoes:
        why = TAKEN_BACK[zh].format(source=load.source, undoes=load.undoes)
    else:
        why = LOADED[zh].format(source=load.source, kinds=listed(load.kinds, language))
    at = at_moment(load.finished_at)
    id_ = _id(FeedKind.LOAD_FINISHED, load.id)
    return Change(id_, FeedKind.LOAD_FINISHED, at, at, None, None, None, None, None, None, None, load.source, load.id, why)


def _told(account: Linked, change: str, language: str) -> str:
    return AT[chinese(language)].format(account=account.name, change=change)


def _id(*parts: object) -> Id:
    return Id(digest("changes", {"of": parts}))
