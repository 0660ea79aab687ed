"""How people stand on the way to a deal, as far as what went between them and us tells it (method.md 5.6)."""

from asyncio import to_thread
from collections.abc import Collection, Sequence
from typing import Annotated, Any

import numpy as np

from graph.answer import answer
from graph.instants import OPEN_START
from graph.measures.fatigue import closes
from graph.measures.funnel import Act, Acts, standing
from graph.measures.strength import COUNTED, GIVING
from graph.model import Channel, Part
from graph.read import read
from graph.scoring import DID
from graph.sight import unseen
from graph.snapshot.arrays import Ints, Places, Truths
from graph.snapshot.declare import PERSON, Looking, Spans
from graph.snapshot.met import CROWD

HELD_TOGETHER = {"call": Act.CALL, "meeting": Act.MET, "visit": Act.MET}
DATES = ("meeting", "visit")
AGREED = ("planned", "accepted", "open")
MISSED = ("no_show", "declined")
DEEDS = ("registration", "check_in", "attendance", "download", "watch", "trial", "certificate", "survey", "ticket", "introduction")
ABOUT = "question"
"""Asked of whoever holds the campaign, or makes the product, that it is about."""
TYPES = ("message", ABOUT, *HELD_TOGETHER, *DEEDS)
REFUSAL = "unsubscribe"


@answer
class Standings:
    """How everybody stands who had to do with us, as ``measures.funnel`` says it; nobody of ours."""

    person: Annotated[Places, PERSON, "Who."]
    tier: Annotated[Ints, np.int64, "A, B, C or D: a place among its stages."]
    until: Annotated[Ints, np.int64, "When it falls if nothing more happens; the open end for A."]
    messages: Annotated[Ints, np.int64, "How many messages went either way in the window."]
    topics: Annotated[Ints, np.int64, "About how many topics enough was exchanged in it."]
    heard: Annotated[Ints, np.int64, "When they last did anything; the open start for never."]
    spoke: Annotated[Ints, np.int64, "When we last did; the open start for never."]
    attempts: Annotated[Ints, np.int64, "How many attempts of ours are unanswered."]
    tried: Annotated[Ints, np.int64, "The first of them; the open end for none."]
    waiting: Annotated[Ints, np.int64, "Since when a word of theirs waits; the open end for none."]
    agreed: Annotated[Truths, np.bool_, "A meeting is agreed and lies ahead."]
    unsubscribed: Annotated[Ints, np.int64, "When they last unsubscribed from messages; the open start for never."]


@answer
class ActRows:
    """One row: acts ``[person, event, type, at, status, topic, direction, their parts, the parts of those of ours, about]``.

    ``about`` is set where it names a campaign or a product; what a rival holds or makes is left out. Of an unsubscription the topic is its medium.
    """

    acts: list[tuple[str, str, str, int, str, str, str, list[Part], list[Part], bool]]


@read
async def snapshot_acts(
    spans: Spans, types: Sequence[str], hosted: Sequence[str], refusal: str, since: int, dates: Sequence[str], agreed: Sequence[str], crowd: int
) -> list[ActRows]:
    """What the people in these ranges took part in."""
    raise NotImplementedError


async def standings(at: Looking, spans: Spans) -> list[Standings]:
    """How the people in these ranges stand."""
    rows = await snapshot_acts(at.store, at.view, spans, TYPES, (*DEEDS, ABOUT), REFUSAL, OPEN_START, DATES, AGREED, CROWD)
    hidden = await unseen(at.store, at.view, {event for person, event, *_ in rows[0].acts if at.sight and person in at.sight.house})
    acts = [act for act in rows[0].acts if act[1] not in hidden] if hidden else rows[0].acts
    return [await to_thread(_standings, acts, at.view.as_of)]


def _standings(rows: Sequence[tuple[Any, ...]], as_of: int) -> Any:
    acts = [(person, when, act, topic, type_ == "message") for person, _, type_, when, *rest in rows for act, topic in _act(type_, when, rest, as_of)]
    refused: dict[str, int] = {}
    for person, _, type_, when, _, medium, *_ in rows:
        if type_ == REFUSAL and when <= as_of and closes(medium) is Channel.MESSAGE:
            refused[person] = max(when, refused.get(person, OPEN_START))
    people = sorted({row[0] for row in acts} | refused.keys())
    place = {person: number for number, person in enumerate(people)}
    topics = {topic: number for number, topic in enumerate(dict.fromkeys(row[3] for row in acts if row[3]))}
    found = standing(
        len(people),
        Acts(
            np.array([place[row[0]] for row in acts], np.int64),
            np.array([row[1] for row in acts], np.int64),
            np.array([row[2] for row in acts], np.int64),
            np.array([topics.get(row[3], -1) for row in acts], np.int64),
            np.array([row[4] for row in acts], np.bool_),
        ),
        as_of,
    )
    return Standings(people, *found, np.array([refused.get(person, OPEN_START) for person in people], np.int64))  # type: ignore[arg-type]


def _act(type_: str, when: int, rest: Sequence[Any], as_of: int) -> list[tuple[Act, str]]:
    """What one event was to a person, nothing where it was not between them and us."""
    status, topic, direction, theirs, ours, about = rest
    act = act_of(type_, status, direction, theirs, ours, ahead=when > as_of, about=about)
    return [] if act is None else [(act, topic.lower())]


def act_of(
    type_: str, status: str, direction: str, theirs: Collection[Part], ours: Collection[Part], *, ahead: bool, about: bool = False
) -> Act | None:
    """What an event was between somebody and us, None for nothing: neither is one of us named, nor says a direction that nobody need be.

    A question ``about`` a campaign or a product of ours, or of nobody's, is asked of us too.
    """
    if type_ == REFUSAL:
        return None
    held, gives = status in COUNTED, bool(GIVING.intersection(theirs))
    if type_ in DEEDS:
        return Act.DEED if held and not ahead and set(theirs).intersection(DID) else None
    if not ours and not direction and not (type_ == ABOUT and about):
        return None
    if type_ in DATES and status in AGREED and (ahead or not held):
        return Act.AGREED
    if type_ in HELD_TOGETHER:
        return HELD_TOGETHER[type_] if held else Act.MISSED if status in MISSED else None
    if not held:
        return None
    if gives:
        return Act.WORD
    if ours:
        return Act.OURS if GIVING.intersection(ours) else None
    return {"in": Act.WORD, "out": Act.OURS}.get(direction)
