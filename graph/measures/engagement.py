"""How much somebody engaged with us: points for what they did, a ledger event by event, faded with time (method.md 5.6).

Pure; vectorised over any number of people; O(n log n) in what they did. The rules are data: ``graph.scoring``.
"""

from collections.abc import Collection, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from graph.measures.strength import COUNTED, DAY, Floats, Ints, changes
from graph.model import Part
from graph.scoring import Bands, Model, Object
from graph.worded import Worded

BETWEEN = frozenset({"message", "call", "meeting", "visit"})
"""Types that two parties hold: they are dealings with us only where one of us took part, or a direction says so."""
LETTERS, NUMBERS = "ABCD", "1234"


class Reason(Worded):
    """Why an entry gave what it gave."""

    COUNTED = "COUNTED", "It counted in full."
    CUT = "CUT", "A cap of its rule cut it."
    GIVEN_BEFORE = "GIVEN_BEFORE", "Its rule gives once, and had given."
    TOO_SHORT = "TOO_SHORT", "It lasted too short for its rule."
    NOT_HELD = "NOT_HELD", "It was called off, or its guest stayed away."
    NOISE = "NOISE", "A broadcast, a robot, or one of many on a day."
    OF_A_RIVAL = "OF_A_RIVAL", "They work for a competitor."
    NOT_WITH_US = "NOT_WITH_US", "It was with others, not with us."


class Deed(NamedTuple):
    """Something in which a person took part.

    ``about`` names the campaign, the product and the topic, None for none; ``campaign_type`` is the campaign's; ``rival`` is set where a competitor
    held it; ``with_us`` is not where it is of a type of ``BETWEEN`` and was held among others.
    """

    id: str
    type: str
    at: int
    status: str
    noise: str | None
    rival: bool
    parts: Collection[Part]
    minutes: float | None
    about: dict[Object, str | None]
    campaign_type: str | None = None
    with_us: bool = True

    @property
    def refused(self) -> Reason | None:
        """Why it counts for nothing, whatever it was; None where it may."""
        if self.noise:
            return Reason.NOISE
        if self.status not in COUNTED:
            return Reason.NOT_HELD
        if self.rival:
            return Reason.OF_A_RIVAL
        return None if self.with_us else Reason.NOT_WITH_US


class Deeds(NamedTuple):
    """One row a person and event: parallel arrays.

    ``thing`` is what counts once within a ladder, ``event`` the place of the event's id in their order.
    """

    person: Ints
    ladder: Ints
    thing: Ints
    at: Ints
    event: Ints
    points: Floats


class Earned(NamedTuple):
    """What each row gives: what it ``lifted`` its ladder by, and how much of that was ``counted`` within the day's cap."""

    lifted: Floats
    counted: Floats


def earned(deeds: Deeds, cap: float | None) -> Earned:
    """What each row gives, in the order of the rows.

    Of one person, ladder and thing an event adds what its points lie above all before, so that a sign-up of 1 and the check-in of 3 make 3. Of one
    person and UTC day no more than ``cap`` counts, and what comes last is cut. What happens at one instant goes by the events' order.
    """
    size = len(deeds.at)
    if not size:
        return Earned(np.zeros(0), np.zeros(0))
    in_time = np.lexsort((deeds.event, deeds.at))
    key = _joined(deeds.person, deeds.ladder, deeds.thing)[in_time]
    by = np.argsort(key, kind="stable")
    order, new, points = in_time[by], changes(key[by]), deeds.points[in_time][by]
    levels = np.unique(points)
    ladder = (np.cumsum(new) - 1) * len(levels)
    highest = levels[np.maximum.accumulate(ladder + np.searchsorted(levels, points)) - ladder]
    before = np.where(new, 0.0, np.concatenate([[0.0], highest[:-1]]))
    lifted = np.empty(size)
    lifted[order] = highest - before
    return Earned(lifted, lifted if cap is None else _within(cap, lifted, deeds, in_time))


def _joined(*keys: Ints) -> Ints:
    """One key for several, in the same order. What would not fit is numbered anew."""
    made = np.zeros(len(keys[0]), np.int64)
    for key in keys:
        if (int(made.max()) + 1) * (int(key.max() - key.min()) + 1) >= 2**63:
            made, key = (np.unique(one, return_inverse=True)[1] for one in (made, key))  # noqa: PLW2901
        made = made * int(key.max() - key.min() + 1) + (key - key.min())
    return made


def _within(cap: float, lifted: Floats, deeds: Deeds, in_time: Ints) -> Floats:
    """What the daily cap leaves of each row. Only days that go beyond it are added up row by row."""
    rows = in_time[lifted[in_time] > 0]
    counted = lifted.copy()
    if not len(rows):
        return counted
    key = _joined(deeds.person[rows], deeds.at[rows] // DAY)
    by = np.argsort(key, kind="stable")
    rows, starts = rows[by], np.flatnonzero(changes(key[by]))
    counts = np.diff(np.append(starts, len(rows)))
    full = np.repeat(np.add.reduceat(lifted[rows], starts) > cap, counts)
    some = rows[full]
    if len(some):
        first = np.flatnonzero(changes(np.repeat(np.arange(len(starts)), counts)[full]))
        gives = lifted[some]
        sums = np.cumsum(gives)
        until = sums - np.repeat(sums[first] - gives[first], np.diff(np.append(first, len(some))))
        counted[some] = np.maximum(np.minimum(until, cap) - np.minimum(until - gives, cap), 0.0)
    return counted


def faded(points: Floats, at: Ints, as_of: int, half_life_days: float) -> Floats:
    """What is left of points at a later instant."""
    made: Floats = points * 2.0 ** (-(as_of - at) / DAY / half_life_days)
    return made


def totals(people: int, deeds: Deeds, as_of: int, model: Model) -> Floats:
    """What is left of all points of each of so many people at an instant; nothing in ``deeds`` lies after it."""
    counted = earned(deeds, model.daily_cap).counted
    return np.bincount(deeds.person, faded(counted, deeds.at, as_of, model.half_life_days), people).astype(np.float64, copy=False)


def score(points: float | Floats, scale: float) -> Floats:
    """0 to 1: ``1 - exp(-points / scale)``."""
    made: Floats = 0.0 - np.expm1(-np.asarray(points, np.float64) / scale)
    return made


class Entry(NamedTuple):
    """One line of a ledger: which deed by which rule, its points, what they lifted, how much of that counted, what is left of it, and both sums."""

    deed: Deed
    rule: str
    reason: Reason
    points: float
    lifted: float
    counted: float
    now: float
    total: float
    total_now: float


def ledger(deeds: Sequence[Deed], as_of: int, model: Model) -> list[Entry]:
    """What one person did up to an instant of which a rule speaks, the earliest first, each event once; what gave nothing says why."""
    by_id = {deed.id: deed for deed in deeds if deed.at <= as_of}
    ruled = [(deed, rule) for deed in by_id.values() if (rule := model.rule_of(deed.type, deed.campaign_type, frozenset(deed.parts)))]
    ruled.sort(key=lambda one: (one[0].at, one[0].id))
    refused = [deed.refused for deed, _ in ruled]
    points = [0.0 if why else model.rules[rule].worth(deed.minutes) for (deed, rule), why in zip(ruled, refused, strict=True)]
    rows = deeds_of([[(deed, rule, given) for (deed, rule), given in zip(ruled, points, strict=True)]], model)
    given = earned(rows, model.daily_cap)
    left = faded(given.counted, rows.at, as_of, model.half_life_days)
    made, total, now = [], 0.0, 0.0
    columns = (given.lifted.tolist(), given.counted.tolist(), left.tolist())
    for (deed, rule), why, worth, lifted, counted, rest in zip(ruled, refused, points, *columns, strict=True):
        total, now = total + counted, now + rest
        made.append(Entry(deed, rule, why or _why(worth, lifted, counted), worth, lifted, counted, rest, total, now))
    return made


def deeds_of(people: Sequence[Sequence[tuple[Deed, str, float]]], model: Model) -> Deeds:
    """The rows of several people's deeds, each with its rule and points."""
    ladders = {name: place for place, name in enumerate(dict.fromkeys(model.ladders.values()))}
    every = list(chain.from_iterable(people))
    things = [_thing(deed, model.rules[rule].objects) for deed, rule, _ in every]
    place = {thing: number for number, thing in enumerate(dict.fromkeys(things))}
    order = {id_: number for number, id_ in enumerate(sorted({deed.id for deed, _, _ in every}))}
    return Deeds(
        np.repeat(np.arange(len(people)), [len(rows) for rows in people]).astype(np.int64),
        np.array([ladders[model.ladders[rule]] for _, rule, _ in every], np.int64),
        np.array([place[thing] for thing in things], np.int64),
        np.array([deed.at for deed, _, _ in every], np.int64),
        np.array([order[deed.id] for deed, _, _ in every], np.int64),
        np.array([given for *_, given in every], np.float64),
    )


def _thing(deed: Deed, objects: Sequence[Object]) -> tuple[str, str]:
    named = ((kind.value, name) for kind in objects if (name := deed.about.get(kind)))
    return next(named, ("", deed.id))


def _why(points: float, lifted: float, counted: float) -> Reason:
    if not points:
        return Reason.TOO_SHORT
    if not lifted:
        return Reason.GIVEN_BEFORE
    return Reason.COUNTED if counted == lifted else Reason.CUT


def of_account(shares: Floats, scores: Floats) -> float:
    """An account's engagement: ``1 - prod(1 - share x score)`` over its people, so that many hardly engaged do not outweigh one who is."""
    return float(1 - np.prod(1 - shares * scores))


def contributions(shares: Floats, scores: Floats) -> Floats:
    """What each person contributes to that; they sum to it, and do not depend on the order (shares in log-survival, method.md 5.4)."""
    missed = -np.log1p(-np.minimum(shares * scores, 1 - 1e-12))
    total = missed.sum()
    made: Floats = -np.expm1(-total) * missed / total if total else np.zeros(len(shares))
    return made


def letter(fit: float, bands: Bands) -> str:
    """A to D of a fit."""
    return LETTERS[_band(fit, bands.fit)]


def figure(value: float, limits: Sequence[float]) -> str:
    """1 to 4 of an engagement."""
    return NUMBERS[_band(value, limits)]


def _band(value: float, limits: Sequence[float]) -> int:
    return sum(value < limit for limit in limits)
