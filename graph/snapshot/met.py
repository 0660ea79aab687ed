"""What happened between people, as far as a whole market needs it: who knows whom how well, and who is how close to us (method.md 5.1, 5.3), and
what came of introductions."""

from asyncio import to_thread
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any

import numpy as np

from graph.answer import answer
from graph.instants import OPEN_END, OPEN_START
from graph.measures.network import CAME_ABOUT, TRIED
from graph.measures.strength import CHANNEL_OF, COUNTED, DAY, GIVING, TAKING, Happened, decayed, exchanges, strength, sums
from graph.measures.touches import touches
from graph.model import Channel
from graph.read import read
from graph.sight import MOST, Sight, sight, unseen
from graph.snapshot.arrays import Floats, Ints, Places, Truths
from graph.snapshot.declare import PERSON, Looking, Spans

CROWD = 500
"""So many rows of participants are read of one event: with more it is too large to count, whatever they are."""


@answer
class Pairs:
    """Who knows whom, from what happened between them: a row a pair, the smaller place first."""

    first: Annotated[Places, PERSON, "One of the two."]
    second: Annotated[Places, PERSON, "The other."]
    strength: Annotated[Floats, np.float64, "S of method.md 5.1 at the instant, the same both ways."]
    last_at: Annotated[Ints, np.int64, "The instant of the last event that counts."]


@answer
class Contacts:
    """Who was ever in touch with us as one party, as ``measures.touches`` says it; nobody of ours."""

    person: Annotated[Places, PERSON, "Who."]
    closeness: Annotated[Floats, np.float64, "c of method.md 5.3 at the instant."]
    closest: Annotated[Floats, np.float64, "The most that it ever was."]
    answered: Annotated[Truths, np.bool_, "Anything ever came from them."]
    last_at: Annotated[Ints, np.int64, "The instant of the last event."]


@answer
class Introduced:
    """Who introduced something or somebody to whom, or would not: a row a giver and receiver."""

    giver: Annotated[Places, PERSON, "Who was to introduce."]
    receiver: Annotated[Places, PERSON, "To whom."]
    tried: Annotated[Ints, np.int64, "How many introductions were made, declined or not turned up for."]
    worked: Annotated[Ints, np.int64, "How many of these were made."]


@answer
class Asked:
    """Who was asked for introductions that are neither made nor declined yet."""

    person: Annotated[Places, PERSON, "Who."]
    open: Annotated[Ints, np.int64, "How many."]


@answer
class PairRows:
    """One row: pairs with their sums, and the instants from and until which these hold."""

    first: list[str]
    second: list[str]
    sums: list[list[float]]
    last_at: list[int]
    next_at: list[int]


@answer
class EventRows:
    """One row: events ``[id, type, at, status, direction, company, participants]``, a participant ``[person, part, confidence]``."""

    events: list[tuple[str, str, int, str, str, str | None, list[tuple[str, str, float]]]]


@answer
class IntroducedRows:
    """One row: parallel lists, an entry an introduction with its giver and a receiver."""

    giver: list[str]
    receiver: list[str]
    introduction: list[str]
    made: list[bool]


@answer
class AskedRows:
    """One row: parallel lists, an entry an open introduction with its giver."""

    person: list[str]
    introduction: list[str]


@read
async def snapshot_pairs(spans: Spans, begin: int, end: int) -> list[PairRows]:
    """The pairs whose smaller id is in these ranges."""
    raise NotImplementedError


@read
async def snapshot_events(spans: Spans, ours: bool, types: Sequence[str], statuses: Sequence[str], crowd: int) -> list[EventRows]:
    """The events of people in these ranges."""
    raise NotImplementedError


@read
async def snapshot_introduced(
    spans: Spans, giving: Sequence[str], taking: Sequence[str], tried: Sequence[str], worked: Sequence[str]
) -> list[IntroducedRows]:
    """One row."""
    raise NotImplementedError


@read
async def snapshot_asked(spans: Spans, giving: Sequence[str]) -> list[AskedRows]:
    """One row."""
    raise NotImplementedError


async def introduced(at: Looking, spans: Spans) -> list[Introduced]:
    """What came of the introductions that people in these ranges were to make."""
    row = (await snapshot_introduced(at.store, at.view, spans, sorted(GIVING), sorted(TAKING), sorted(TRIED), sorted(CAME_ABOUT)))[0]
    hidden = await unseen(at.store, at.view, row.introduction)
    seen = [one for one in zip(row.giver, row.receiver, row.introduction, row.made, strict=True) if one[2] not in hidden]
    tried = Counter((giver, receiver) for giver, receiver, *_ in seen)
    worked = Counter((giver, receiver) for giver, receiver, _, made in seen if made)
    givers, receivers = zip(*tried, strict=True) if tried else ((), ())
    return [Introduced(givers, receivers, list(tried.values()), [worked[pair] for pair in tried])]  # type: ignore[arg-type]


async def asked(at: Looking, spans: Spans) -> list[Asked]:
    """Who in these ranges owes introductions."""
    row = (await snapshot_asked(at.store, at.view, spans, sorted(GIVING)))[0]
    hidden = await unseen(at.store, at.view, row.introduction)
    found = Counter(person for person, introduction in zip(row.person, row.introduction, strict=True) if introduction not in hidden)
    return [Asked(list(found), list(found.values()))]  # type: ignore[arg-type]


async def happened(at: Looking, spans: Spans, *, ours: bool) -> list[Happened]:
    """The events of people in these ranges; of our own too, if ``ours``. Whoever is hidden was not there."""
    crowd = CROWD if at.view.scope is None else MOST
    rows = await snapshot_events(at.store, at.view, spans, ours, sorted(CHANNEL_OF), sorted(COUNTED), crowd)
    seeing = at.sight if at.sight is not None else await _sight(at, rows[0])
    found = []
    for id_, type_, when, status, direction, company, everybody in rows[0].events:
        if not seeing.happened([person for person, *_ in everybody], company):
            continue
        took = seeing.rows(everybody, 0)
        if 0 < len(took) < CROWD:
            people, parts, sure = zip(*took, strict=True)
            found.append(Happened(id_, type_, when, status, None, people, parts, sure, direction or None))
    return found


async def _sight(at: Looking, rows: EventRows) -> Sight:
    people = {took[0] for *_, there in rows.events for took in there}
    return await sight(at.store, at.view, people=people, companies={event[5] for event in rows.events})


async def contacts(at: Looking, spans: Spans) -> list[Contacts]:
    """How close the people in these ranges are to us."""
    events = await happened(at, spans, ours=False)
    return [await to_thread(_contacts, events, at, within(spans))]


def _contacts(events: Sequence[Happened], at: Looking, asked: Callable[[str], bool]) -> Any:
    found = touches(events, at.ours, at.former, at.view.as_of)
    rows = np.array([row for row, person in enumerate(found.people) if asked(person)], np.int64)
    people = [found.people[row] for row in rows]
    return Contacts(people, found.closeness[rows], found.closest[rows], found.answered[rows], found.last_at[rows])  # type: ignore[arg-type]


async def pairs(at: Looking, spans: Spans) -> list[Pairs]:
    """Who knows whom, of pairs whose smaller id is in these ranges: from the sums that the graph keeps while these hold, else from all events."""
    if not at.newest:
        return [await to_thread(_pairs, await happened(at, spans, ours=True), at, within(spans))]
    rows = (await snapshot_pairs(at.store, at.view, spans, OPEN_START, OPEN_END))[0]
    made, stale = await to_thread(_held, rows, at.view.as_of)
    if not stale:
        return [made]
    anew = [(person, person) for person in stale]
    return [made, await to_thread(_pairs, await happened(at, anew, ours=True), at, within(anew))]


def _held(rows: PairRows, as_of: int) -> tuple[Any, list[str]]:
    """The pairs whose sums hold at the instant, and who has others."""
    last_at, next_at = np.array(rows.last_at, np.int64), np.array(rows.next_at, np.int64)
    stale = {rows.first[row] for row in np.flatnonzero((last_at > as_of) | (next_at <= as_of)).tolist()}
    x = np.array(rows.sums, np.float64).reshape(-1, 2, len(Channel))
    values = strength(decayed(x, np.maximum(as_of - last_at, 0) / DAY))
    keep = values > 0
    if stale:
        keep &= np.array([first not in stale for first in rows.first], bool)
    some = np.flatnonzero(keep).tolist()
    return Pairs([rows.first[row] for row in some], [rows.second[row] for row in some], values[keep], last_at[keep]), sorted(stale)  # type: ignore[arg-type]


def _pairs(events: Sequence[Happened], at: Looking, asked: Callable[[str], bool]) -> Any:
    made = exchanges(events)
    wanted = np.array([asked(person) for person in made.people], bool)
    found = sums(made.where(wanted[made.first] if len(made.first) else np.zeros(0, np.bool_)), at.view.as_of)
    values = strength(found.at(at.view.as_of))
    some = np.flatnonzero(values > 0)
    first, second = ([made.people[at] for at in side[some]] for side in (found.first, found.second))
    return Pairs(first, second, values[some], found.last_at[some])  # type: ignore[arg-type]


def within(spans: Spans) -> Callable[[str], bool]:
    """Whether an id lies in one of these ranges, which do not overlap."""
    ordered = sorted(spans)
    return partial(_within, [low for low, _ in ordered], [high for _, high in ordered])


def _within(lows: list[str], highs: list[str], id_: str) -> bool:
    at = bisect_right(lows, id_) - 1
    return at >= 0 and id_ <= highs[at]
