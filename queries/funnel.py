"""Who stands where on the way to a deal, whose word waits for an answer, and who fell silent."""

from asyncio import to_thread
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, NamedTuple, cast
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from graph.answer import Id, Linked, answer
from graph.consent import CONTACTABLE
from graph.filter import AccountFilter
from graph.instants import OPEN_END, OPEN_START, at_moment, instant, moment
from graph.measures.funnel import DEFAULTS, STAGES, Silence, Stage, Standing, due, silent, stages
from graph.measures.strength import DAY, Ints, Truths
from graph.page import Page, Paging, Place
from graph.question import Anchor, costing, paged
from graph.read import Reader
from graph.snapshot.acts import Standings
from graph.snapshot.arrays import Places
from graph.snapshot.keeper import snapshot_at
from graph.snapshot.parts import Jobs, Opportunities, Products, Purchases, Roles, Stances, Uses
from graph.snapshot.snapshot import Snapshot
from graph.store import Store
from graph.template import MAPPED_FROM
from graph.view import View
from graph.words import chinese, counted, day
from queries.anchors.accounts import account_ids

KEPT = "funnel"
SILENCES = tuple(Silence)


@answer
class FunnelPerson:
    """Somebody on the way to a deal."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    person: Annotated[Linked | None, Anchor.PERSON, "Who."]
    account: Annotated[Linked | None, Anchor.COMPANY, "Where they work: of several jobs the surest, then the latest."]
    account_tier: Annotated[int | None, "The account's own tier, 1 to 3, apart from the stage; null where nobody says."]
    stage: Annotated[
        Stage,
        "A known; B more than ten messages both ways in 90 days; C two topics of three exchanges; D a meeting held or agreed; E in a group of "
        "their account, which has an open deal; X silent after two attempts and 14 days. Reached at once, lost after 14 days.",
    ]
    holds_until: Annotated[datetime | None, "When the tier falls if nothing more happens; null for A, E and X."]
    customer: Annotated[bool, "The account uses or bought a product of ours."]
    messages: Annotated[int, "Messages either way in the last 90 days."]
    topics: Annotated[int, "Topics with three exchanges and a word of theirs in them."]
    heard_at: Annotated[datetime | None, "When they last did anything; null for never."]
    spoke_at: Annotated[datetime | None, "When one of us last did; null for never."]
    attempts: Annotated[int, "How many attempts of ours are unanswered."]
    silence: Annotated[Silence, "THEIRS: two attempts and more, the first 14 days ago. OURS: neither said anything for 14 days. NONE otherwise."]
    waiting_since: Annotated[datetime | None, "Since when a word of theirs waits for an answer; null for none."]
    due_at: Annotated[
        datetime | None,
        "By when somebody must see to it: A within a day, daily; B on the day of their word; C within five minutes. Null where no clock runs: "
        "nothing waits, D and E are seen to personally, X, who opted out and who unsubscribed from messages are left alone.",
    ]
    overdue: Annotated[bool, "That is past at asOf; at this very instant where asOf is the end of today, as by default."]
    contactable: Annotated[bool, CONTACTABLE]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


class _Funnel(NamedTuple):
    """Everybody who works at an account: parallel arrays, by person."""

    person: Places
    account: Places
    found: Standing
    stage: NDArray[np.int8]
    silence: NDArray[np.int8]
    due: Ints
    customer: Truths


@costing(30)
@paged
async def funnel(
    store: Reader,
    view: View,
    page: Paging,
    *,
    filter: Annotated[AccountFilter | None, "People of which accounts; default: of all."] = None,
    stage: Annotated[list[Stage] | None, "Of these stages alone."] = None,
    overdue: Annotated[bool, "Only those whose clock has run out."] = False,
    silence: Annotated[list[Silence] | None, "Only those whose silence is this: THEIRS is the list of who fell silent."] = None,
) -> Page[FunnelPerson]:
    """The people of some accounts by their stage, the most overdue first, then those whose clock runs out next, then the others by id.

    From the snapshot, O(people).
    """
    snapshot = await snapshot_at(store, view)
    asked = await account_ids(store, view, filter)
    zone = cast(Store, store).settings.zone
    whole: _Funnel = snapshot.kept[KEPT, str(zone)] if (KEPT, str(zone)) in snapshot.kept else await to_thread(_whole, snapshot, zone)
    snapshot.kept[KEPT, str(zone)] = whole
    return await to_thread(_page, snapshot, whole, view, page, _Asked(asked, stage, overdue, silence, view.clock(zone)))


class _Asked(NamedTuple):
    """Which rows are asked for, and at which instant clocks are read."""

    accounts: Sequence[str] | None
    stage: Sequence[Stage] | None
    overdue: bool
    silence: Sequence[Silence] | None
    now: int


def _page(snapshot: Snapshot, whole: _Funnel, view: View, page: Paging, asked: _Asked) -> Page[FunnelPerson]:
    wanted = np.ones(len(whole.account), bool)
    if asked.accounts is not None:
        places = np.array([place for id_ in asked.accounts if (place := snapshot.companies.id.find(id_)) >= 0], np.int32)
        wanted &= np.isin(whole.account, places)
    if asked.stage is not None:
        wanted &= np.isin(whole.stage, [STAGES.index(one) for one in asked.stage])
    if asked.silence is not None:
        wanted &= np.isin(whole.silence, [SILENCES.index(one) for one in asked.silence])
    if asked.overdue:
        wanted &= whole.due < asked.now
    rows = np.flatnonzero(wanted)
    order = rows[np.lexsort((whole.person[rows], whole.due[rows]))]  # places of people are in the order of their ids
    shown = order
    if page.after:
        at, dues = int(page.after.key or 0), whole.due[order]
        behind = (dues == at) & (whole.person[order] >= bisect_right(snapshot.people.id, page.after.id))
        shown = order[behind | (dues > at)]
    told = [_told(snapshot, whole, int(row), view, asked.now) for row in shown[: page.first + 1].tolist()]
    return Page(
        [(Place(int(whole.due[row]), one.person.id if one.person else ""), one) for row, one in zip(shown.tolist(), told, strict=False)], len(rows)
    )


def _whole(snapshot: Snapshot, zone: ZoneInfo) -> _Funnel:
    """Everybody who works at an account and is none of ours."""
    companies, jobs = snapshot.companies, snapshot[Jobs]
    here = snapshot.present & (companies.account & companies.known)[jobs.company] & ~snapshot.ours[jobs.person]
    rows = np.flatnonzero(here)
    rows = rows[np.lexsort((jobs.company[rows], jobs.start[rows], jobs.sure[rows], jobs.person[rows]))]
    last = np.append(jobs.person[rows][1:] != jobs.person[rows][:-1], True) if len(rows) else np.zeros(0, bool)
    person, account = jobs.person[rows[last]], jobs.company[rows[last]]
    found = _standing(snapshot, person)
    as_of = snapshot.stamp.as_of
    silence = silent(found, as_of)
    stage = stages(found, silence, _dealing(snapshot, person, account))
    clock = due(found, stage, _ends_of_days(found.waiting, zone))
    clock[snapshot.opted_out[person] | _unsubscribed(snapshot)[person]] = OPEN_END
    return _Funnel(person, account, found, stage, silence, clock, _customers(snapshot)[account])


def _standing(snapshot: Snapshot, person: Places) -> Standing:
    """The rows of these people; of whom nothing is known is A, and nothing waits."""
    table = snapshot[Standings]
    at = np.full(len(snapshot.people.do_not_contact), -1, np.int64)
    at[table.person] = np.arange(len(table.person))
    row = at[person]
    none: Mapping[str, int] = {"until": OPEN_END, "heard": OPEN_START, "spoke": OPEN_START, "tried": OPEN_END, "waiting": OPEN_END}
    columns = []
    for name in Standing._fields:
        values = getattr(table, name)
        made = np.full(len(person), none.get(name, 0), values.dtype)
        made[row >= 0] = values[row[row >= 0]]
        columns.append(made)
    return Standing(*columns)


def _unsubscribed(snapshot: Snapshot) -> Truths:
    """Who unsubscribed from messages, and has not consented since."""
    table, made = snapshot[Standings], np.zeros(len(snapshot.people.do_not_contact), bool)
    made[table.person] = (table.unsubscribed > OPEN_START) & (snapshot.consents[0][table.person] <= table.unsubscribed)
    return made


def _dealing(snapshot: Snapshot, person: Places, account: Places) -> Truths:
    """Who holds a role or a stance, surely enough, in a group of their account, which has an open deal."""
    deals, groups = snapshot[Opportunities], snapshot.groups
    size = len(snapshot.companies.known)
    dealt = np.isin(account, deals.company[deals.open_at(snapshot.stamp.as_of)])
    who, group, sure = (
        np.concatenate([getattr(part, name) for part in (snapshot[Roles], snapshot[Stances])]) for name in ("person", "group", "sure")
    )
    of = np.where((groups.company[group] >= 0) & (sure >= MAPPED_FROM), who.astype(np.int64) * size + groups.company[group], -1)
    made: Truths = dealt & np.isin(person.astype(np.int64) * size + account, of)
    return made


def _customers(snapshot: Snapshot) -> Truths:
    """Which companies use or bought a product of ours."""
    products, uses, bought = snapshot[Products], snapshot[Uses], snapshot[Purchases]
    own = (products.maker >= 0) & snapshot.companies.us[products.maker]
    made = np.zeros(len(snapshot.companies.known), bool)
    made[uses.company[own[uses.product] & (uses.until > snapshot.stamp.as_of)]] = True
    made[bought.company[own[bought.product]]] = True
    return made


def _ends_of_days(at: Ints, zone: ZoneInfo) -> Ints:
    """The last instant of the day in which each lies; the open end stays."""
    made = at.copy()
    for row in np.flatnonzero(at < OPEN_END - DAY).tolist():
        local = at_moment(int(at[row])).astimezone(zone).date()
        made[row] = instant(datetime.combine(local + timedelta(days=1), time.min, tzinfo=zone)) - 1
    return made


def _told(snapshot: Snapshot, whole: _Funnel, row: int, view: View, now: int) -> FunnelPerson:
    people, companies, found = snapshot.people, snapshot.companies, whole.found
    person, account = int(whole.person[row]), int(whole.account[row])
    stage, silence, at = STAGES[whole.stage[row]], SILENCES[whole.silence[row]], int(whole.due[row])
    until = moment(int(found.until[row])) if stage in (Stage.B, Stage.C, Stage.D) else None
    who = Linked(Id(people.id[person]), people.name[person])
    one = FunnelPerson(
        Id(f"{who.id}/funnel@{view.as_of}/{view.known_at}"),
        who,
        Linked(Id(companies.id[account]), companies.name[account]),
        None if np.isnan(companies.tier[account]) else int(companies.tier[account]),
        stage,
        until,
        bool(whole.customer[row]),
        int(found.messages[row]),
        int(found.topics[row]),
        moment(int(found.heard[row])),
        moment(int(found.spoke[row])),
        int(found.attempts[row]),
        silence,
        moment(int(found.waiting[row])),
        moment(at),
        at < now,
        not snapshot.opted_out[person],
        "",
    )
    return replace(one, why=_why(one, view))


def _why(one: FunnelPerson, view: View) -> str:
    zh = chinese(view.language)
    name = one.person.name if one.person else ""
    said = [f"{name}：{one.stage.value}" if zh else f"{name} is {one.stage.value}"]
    if not one.contactable:
        said.append("不可联系" if zh else "must not be contacted")
    elif one.silence is Silence.THEIRS:
        said.append(f"联系{one.attempts}次未回复" if zh else f"{counted(one.attempts, 'attempt')} without an answer")
    elif one.waiting_since:
        when = day(one.waiting_since.astimezone(UTC).date(), view.language)
        said.append(f"{when}的话尚未回复" if zh else f"their word of {when} waits for an answer")
    elif one.silence is Silence.OURS:
        said.append(f"双方{DEFAULTS.patience_days}天以上未联系" if zh else f"neither said anything for {counted(DEFAULTS.patience_days, 'day')}")
    if one.overdue:
        said.append("已超时" if zh else "overdue")
    if one.holds_until:
        when = day(one.holds_until.astimezone(UTC).date(), view.language)
        said.append(f"若无新往来，{when}降级" if zh else f"falls on {when} without more")
    return ("；".join(said) + "。") if zh else ("; ".join(said) + ".")
