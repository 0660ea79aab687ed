"""Where people stand on the way to a deal: tiers A to D with hysteresis, who fell silent, and whose word waits for an answer (method.md 5.6).

Pure; vectorised over any number of people; O(n log n) in what went between them and us.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.instants import OPEN_END, OPEN_START
from graph.measures.strength import DAY, Ints, Truths, changes
from graph.worded import Worded

MINUTE = 60 * 1_000_000
HOUR = 60 * MINUTE


class Stage(Worded):
    """How far somebody is with us."""

    A = "A", "Known, and none of the others."
    B = "B", "In conversation: many messages lately, and both ways."
    C = "C", "Exchanges about several topics lately."
    D = "D", "A meeting lately, or one that is agreed."
    E = "E", "An open deal, whatever else."
    X = "X", "We tried twice and more, and nothing came back; in no open deal."


STAGES = tuple(Stage)


class Silence(Worded):
    """Whose silence it is."""

    NONE = "NONE", "Nobody is silent."
    THEIRS = "THEIRS", "We tried twice and more, and nothing came back."
    OURS = "OURS", "Neither has said anything for long: it is our turn."


class Act(IntEnum):
    """What an event was between a person and us.

    WORD is a message or question of theirs, OURS one of ours; CALL and MET were held together; AGREED is a meeting not held yet; MISSED one, or a
    call, to which they did not come or which they declined; DEED anything else that they did, such as a sign-up.
    """

    WORD = 0
    OURS = 1
    CALL = 2
    MET = 3
    AGREED = 4
    MISSED = 5
    DEED = 6


@dataclass(frozen=True)
class Parameters:
    """The defaults of method.md 9: messages in ``window_days`` above ``messages`` make B, ``topics`` with ``exchanges`` each C."""

    window_days: int = 90
    messages: int = 10
    topics: int = 2
    exchanges: int = 3
    patience_days: int = 14
    attempts: int = 2


DEFAULTS = Parameters()


class Acts(NamedTuple):
    """One row a person and event: parallel arrays. ``topic`` is a number, -1 for none; ``message`` says whether it was a message."""

    person: Ints
    at: Ints
    act: Ints
    topic: Ints
    message: Truths

    def where(self, rows: Truths) -> "Acts":
        """These alone."""
        return Acts(self.person[rows], self.at[rows], self.act[rows], self.topic[rows], self.message[rows])


class Standing(NamedTuple):
    """How each person stands at an instant: parallel arrays, by person.

    ``tier`` is the place of A, B, C or D among the stages and ``until`` when it falls if nothing more happens, the open end for A. ``messages`` and
    ``topics`` are those of the window. ``heard`` is when they last did anything, ``spoke`` when we last did: the open start for never. ``attempts``
    counts what of ours is not answered since ``tried``, and ``waiting`` since when their first unanswered word waits: the open end for none.
    """

    tier: Ints
    until: Ints
    messages: Ints
    topics: Ints
    heard: Ints
    spoke: Ints
    attempts: Ints
    tried: Ints
    waiting: Ints
    agreed: Truths


class Spells(NamedTuple):
    """Stretches of time by group, half-open, those of one group apart from each other and in order."""

    group: Ints
    start: Ints
    end: Ints

    def where(self, rows: Truths) -> "Spells":
        """These alone."""
        return Spells(self.group[rows], self.start[rows], self.end[rows])


def overlaps(parts: list[Spells], least: int) -> Spells:
    """When at least so many of these hold at once, each counted once a stretch. O(n log n)."""
    group = np.concatenate([part.group for part in parts for _ in (0, 1)])
    at = np.concatenate([side for part in parts for side in (part.start, part.end)])
    step = np.concatenate([np.full(len(part.group), sign) for part in parts for sign in (1, -1)])
    if not len(at):
        return parts[0]
    order = np.lexsort((at, group))
    group, at = group[order], at[order]
    last = np.append(changes(group, at)[1:], True)
    group, at, holds = group[last], at[last], np.cumsum(step[order])[last] >= least
    before = np.append(False, holds[:-1])
    begins, ends = holds & ~before, ~holds & before
    return Spells(group[begins], at[begins], at[ends])


def windows(group: Ints, at: Ints, count: int, length: int) -> Spells:
    """When at least so many events lie within the last ``length``: an event counts from its instant on until just before ``length`` later."""
    order = np.lexsort((at, group))
    group, at = group[order], at[order]
    first, last = np.arange(max(len(at) - count + 1, 0)), np.arange(count - 1, len(at))
    near = (group[first] == group[last]) & (at[last] < at[first] + length)
    return overlaps([Spells(group[first][near], at[last][near], at[first][near] + length)], 1)


def standing(people: int, acts: Acts, as_of: int, parameters: Parameters = DEFAULTS) -> Standing:
    """How so many people stand at an instant. What happens later counts for nothing, but for a meeting that is agreed.

    A tier is reached at once and lost once it was not held for ``patience_days``, so it is the best one held in the days before. B wants more than so
    many messages that went both ways, C topics with so many exchanges each, one of them at least from them, D a meeting or visit held or ahead.
    """
    late = as_of - (parameters.window_days + parameters.patience_days) * DAY
    tiers = _tiers(people, acts.where(((acts.at > late) & (acts.at <= as_of)) | (acts.act == Act.AGREED)), as_of, parameters)
    acts = acts.where(acts.at <= as_of)
    word, ours, missed, deed = (acts.act == act for act in (Act.WORD, Act.OURS, Act.MISSED, Act.DEED))
    both = (acts.act == Act.CALL) | (acts.act == Act.MET)
    heard, spoke = _last(people, acts, word | both | deed), _last(people, acts, ours | both | missed)
    tries, waits = (ours | missed) & (acts.at > heard[acts.person]), word & (acts.at > spoke[acts.person])
    attempts = np.bincount(acts.person[tries], minlength=people)
    return Standing(*tiers[:4], heard, spoke, attempts, _first(people, acts, tries), _first(people, acts, waits), tiers.agreed)


class _Tiers(NamedTuple):
    """The columns of a standing that rest on what happened lately."""

    tier: Ints
    until: Ints
    messages: Ints
    topics: Ints
    agreed: Truths


def _tiers(people: int, acts: Acts, as_of: int, parameters: Parameters) -> _Tiers:
    """From the acts of the window and the patience before the instant: older ones cannot matter."""
    length, patience = parameters.window_days * DAY, parameters.patience_days * DAY
    word, ours, met = (acts.act == act for act in (Act.WORD, Act.OURS, Act.MET))
    agreed, messages = (acts.act == Act.AGREED) & (acts.at > as_of - patience), acts.message & (word | ours)
    exchanged, size = (word | ours | met | (acts.act == Act.CALL)) & (acts.topic >= 0), int(acts.topic.max(initial=0)) + 1

    def lately(which: Truths, count: int, by: Ints = acts.person) -> Spells:
        return windows(by[which], acts.at[which], count, length)

    by_topic = acts.person * size + acts.topic
    spells = overlaps([lately(exchanged, parameters.exchanges, by_topic), lately(exchanged & ~ours, 1, by_topic)], 2)
    topics = spells._replace(group=spells.group // size)
    talks = overlaps([lately(messages, parameters.messages + 1), lately(messages & word, 1), lately(messages & ours, 1)], 3)
    ahead = Spells(acts.person[agreed], np.full(int(agreed.sum()), as_of - 2 * patience), acts.at[agreed])
    tier, until = np.zeros(people, np.int64), np.full(people, OPEN_END)
    for place, held in ((1, talks), (2, overlaps([topics], parameters.topics)), (3, overlaps([lately(met, 1), ahead], 1))):
        lasting = held.where((held.start <= as_of) & (held.end + patience > as_of))
        tier[lasting.group] = place
        until[lasting.group] = lasting.end + patience  # the last stretch of each person stays
    now, recent = topics.where((topics.start <= as_of) & (topics.end > as_of)), messages & (acts.at > as_of - length)
    return _Tiers(
        tier,
        until,
        np.bincount(acts.person[recent], minlength=people),
        np.bincount(now.group, minlength=people),
        np.bincount(acts.person[agreed & (acts.at > as_of)], minlength=people) > 0,
    )


def _last(people: int, acts: Acts, which: Truths) -> Ints:
    made = np.full(people, OPEN_START)
    np.maximum.at(made, acts.person[which], acts.at[which])
    return made


def _first(people: int, acts: Acts, which: Truths) -> Ints:
    made = np.full(people, OPEN_END)
    np.minimum.at(made, acts.person[which], acts.at[which])
    return made


def silent(found: Standing, as_of: int, parameters: Parameters = DEFAULTS) -> NDArray[np.int8]:
    """Whose silence it is, a place among ``Silence``.

    Theirs after two attempts, the first of them 14 days ago, with no meeting ahead; else ours where both said nothing for so long.
    """
    patience = parameters.patience_days * DAY
    theirs = (found.attempts >= parameters.attempts) & (found.tried <= as_of - patience) & ~found.agreed
    last = np.maximum(found.heard, found.spoke)
    ours = ~theirs & ~found.agreed & (last > OPEN_START) & (last <= as_of - patience)
    return np.select([theirs, ours], [1, 2], 0).astype(np.int8)


def stages(found: Standing, silence: NDArray[np.int8], dealing: Truths) -> NDArray[np.int8]:
    """Places among ``Stage``: an open deal is E whatever else, silence of theirs X, else the tier."""
    return np.select([dealing, silence == 1], [STAGES.index(Stage.E), STAGES.index(Stage.X)], found.tier).astype(np.int8)


def due(found: Standing, stage: NDArray[np.int8], days_end: Ints) -> Ints:
    """Until when we should have said something, the open end for no clock.

    A: a day after their word, and a day after whoever last said anything, so that who is new hears from us daily. B: the end of the day of their word
    (``days_end``). C: five minutes after it. D and E are seen to personally, X is left alone: no clock.
    """
    waits = found.waiting < OPEN_END
    last = np.maximum(found.heard, found.spoke)
    daily = np.where(waits, found.waiting, np.where(last > OPEN_START, last, OPEN_END - DAY)) + DAY
    minutes = np.where(waits, np.minimum(found.waiting, OPEN_END - HOUR) + 5 * MINUTE, OPEN_END)
    made: Ints = np.select([stage == 0, (stage == 1) & waits, stage == 2], [np.minimum(daily, OPEN_END), days_end, minutes], OPEN_END)
    return made
