"""How strong a relationship is: decayed sums of what happened between two people, each way, and the chance of a two-way contact within 30 days that
they mean. Pure; O(n log n) in the exchanges; vectorised over all pairs. Formulas and defaults: method.md 5.0, 5.1 and 9.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, fields
from itertools import chain
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from graph.model import Channel, Part
from graph.score import Formula
from graph.worded import Worded

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Truths = NDArray[np.bool_]

DAY = 24 * 3600 * 1_000_000
"""Microseconds. A day of the cap is one of UTC."""
COUNTED = frozenset({"held", "accepted", "open"})
"""What did not take place makes no relationship."""


@dataclass(frozen=True, slots=True)
class Way:
    """What one event of a channel is worth: of which ``types``, for both (``mutual``) or from giver to receiver, shared in a large circle, once."""

    channel: Channel
    weight: float
    half_life_days: float
    types: tuple[str, ...]
    mutual: bool = True
    shared: bool = False
    once: bool = False


@dataclass(frozen=True, slots=True)
class Parameters:
    """The defaults of method.md 9; ``largest`` is how many people a gathering and how many recipients a message may have."""

    kappa: float = 5
    eta: float = 0.25
    one_way_cap: float = 3
    daily_cap: int = 3
    largest: int = 50
    labels: tuple[float, float, float] = (0.15, 0.35, 0.65)
    ways: tuple[Way, ...] = (
        Way(Channel.MEETING, 5, 180, ("meeting", "visit"), shared=True),
        Way(Channel.CALL, 3, 120, ("call",)),
        Way(Channel.MESSAGE, 1, 90, ("message",), mutual=False),
        Way(Channel.ATTENDANCE, 1, 90, ("attendance",)),
        Way(Channel.INTRODUCTION, 4, 180, ("introduction",), mutual=False),
        Way(Channel.SOCIAL, 0.5, 365, ("social",), once=True),
    )


DEFAULTS = Parameters()
FORMULA = Formula("strength-1", DEFAULTS)
CHANNEL_OF = {type_: number for number, way in enumerate(DEFAULTS.ways) for type_ in way.types}
"""Interaction type -> its channel's place."""
GIVING, TAKING = {Part.SENDER, Part.GIVER}, {Part.RECIPIENT, Part.RECEIVER}


class Warmth(Worded):
    """A strength in a word, the weakest first."""

    COLD = "COLD", "Below 0.15."
    WEAK = "WEAK", "From 0.15."
    WARM = "WARM", "From 0.35: such a relationship counts as one."
    STRONG = "STRONG", "From 0.65."


WARMTHS = tuple(Warmth)


class Happened(NamedTuple):
    """One interaction with all who took part: parallel lists of person, part, and how sure the row is.

    ``noise`` is set for broadcasts and bots, ``direction`` where it is said without naming who of us took part.
    """

    id: str
    type: str
    at: int
    status: str
    noise: str | None
    people: Sequence[str]
    parts: Sequence[str]
    sure: Sequence[float]
    direction: str | None = None


@dataclass(frozen=True)
class Columns:
    """Parallel arrays."""

    def where(self, rows: Truths | Ints) -> Self:
        """Only these rows."""
        columns = [getattr(self, field.name) for field in fields(self)]
        return type(self)(*[column[rows] if isinstance(column, np.ndarray) else column for column in columns])


@dataclass(frozen=True)
class Exchanges(Columns):
    """What went from one of two people to the other: a row an event, pair and direction. ``back`` is from ``second`` to ``first``.

    ``people`` are sorted and ``first`` < ``second`` are places in it; ``event`` is a place in ``events``, the ids in their order.
    """

    people: list[str]
    first: Ints
    second: Ints
    back: Truths
    channel: Ints
    event: Ints
    at: Ints
    sure: Floats
    share: Floats
    events: list[str]


PARTY = ""
"""The name under which people who count as one stand among the others; it sorts first, and nobody bears it."""


def exchanges(happened: Iterable[Happened], parameters: Parameters = DEFAULTS, party: Set[str] = frozenset()) -> Exchanges:
    """Every exchange that counts: broadcasts, bots, gatherings that are too large, what did not take place and pairs of one person make none.

    An event that is named twice counts once, and so does a person who has several parts in one. The people of ``party`` count as one of the name
    ``PARTY``; how large a gathering is they still make up one by one.
    """
    named = {one.id: one for one in happened if one.noise is None and one.status in COUNTED and one.type in CHANNEL_OF}
    events = [named[id_] for id_ in sorted(named)]
    who, parts = [list(chain.from_iterable(column)) for column in ([one.people for one in events], [one.parts for one in events])]
    people = sorted(set(who))
    place = {person: number for number, person in enumerate(people)}
    counts = np.array([len(one.people) for one in events], np.int64)
    channel = np.array([CHANNEL_OF[one.type] for one in events], np.int64)
    at = np.array([one.at for one in events], np.int64)
    took = _once_a_person(
        np.repeat(np.arange(len(events)), counts),
        np.fromiter(map(place.__getitem__, who), np.int64, len(who)),
        np.fromiter(map(GIVING.__contains__, parts), np.bool_, len(who)),
        np.fromiter(map(TAKING.__contains__, parts), np.bool_, len(who)),
        np.fromiter(chain.from_iterable(one.sure for one in events), np.float64, len(who)),
    )
    mutual = np.array([way.mutual for way in parameters.ways])[channel]
    shared = np.array([way.shared for way in parameters.ways])[channel]
    fits = np.bincount(took.event[took.takes | mutual[took.event]], minlength=len(events)) <= parameters.largest
    if party:
        one_name = [PARTY if person in party else person for person in people]
        people = sorted(set(one_name))
        place = {person: number for number, person in enumerate(people)}
        took = _once_a_person(took.event, np.array([place[name] for name in one_name], np.int64)[took.person], *took[2:])
    left, right = _met(took, mutual & fits)
    giver, taker = _sent(took, ~mutual & fits)
    one, other = np.concatenate([left, right, giver]), np.concatenate([right, left, taker])
    event, sender, receiver = took.event[one], took.person[one], took.person[other]
    circle = np.maximum(np.bincount(took.event, minlength=len(events)) - 2, 1)
    share = np.where(shared, 1 / np.maximum(1, np.log2(circle)), 1.0)
    return Exchanges(
        people,
        np.minimum(sender, receiver),
        np.maximum(sender, receiver),
        sender > receiver,
        channel[event],
        event,
        at[event],
        np.minimum(took.sure[one], took.sure[other]),
        share[event],
        [one.id for one in events],
    )


class _Took(NamedTuple):
    """Who took part, a row a person and event, sorted by event, then person."""

    event: Ints
    person: Ints
    gives: Truths
    takes: Truths
    sure: Floats


def _once_a_person(event: Ints, person: Ints, gives: Truths, takes: Truths, sure: Floats) -> _Took:
    order = np.lexsort((person, event))
    event, person = event[order], person[order]
    starts = np.flatnonzero(changes(event, person))
    if not len(starts):
        return _Took(event, person, gives, takes, sure)
    return _Took(
        event[starts],
        person[starts],
        np.logical_or.reduceat(gives[order], starts),
        np.logical_or.reduceat(takes[order], starts),
        np.maximum.reduceat(sure[order], starts),
    )


def changes(*keys: NDArray[Any]) -> Truths:
    """Where a row differs from the one before in one of the keys."""
    new = np.zeros(len(keys[0]), np.bool_)
    new[:1] = True
    for key in keys:
        new[1:] |= key[1:] != key[:-1]
    return new


def ragged(starts: Ints, counts: Ints) -> Ints:
    """``starts[0], starts[0] + 1, ...``: so many of each, one after the other."""
    before = np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(starts, counts) + np.arange(counts.sum()) - before


def _met(took: _Took, mutual: Truths) -> tuple[Ints, Ints]:
    """Rows of every two people of a mutual event."""
    rows = np.flatnonzero(mutual[took.event])
    after = np.cumsum(np.bincount(took.event, minlength=len(mutual)))[took.event[rows]] - rows - 1
    return np.repeat(rows, after), ragged(rows + 1, after)


def _sent(took: _Took, directed: Truths) -> tuple[Ints, Ints]:
    """Rows of every giver with every receiver of a directed event."""
    takers = np.flatnonzero(took.takes & directed[took.event])
    counts = np.bincount(took.event[takers], minlength=len(directed))
    starts = np.cumsum(counts) - counts
    givers = np.flatnonzero(took.gives & directed[took.event])
    each = counts[took.event[givers]]
    one, other = np.repeat(givers, each), takers[ragged(starts[took.event[givers]], each)]
    apart = one != other
    return one[apart], other[apart]


@dataclass(frozen=True)
class Sums(Columns):
    """Decayed sums of each pair, ``x[pair, direction, channel]``, at the instant of its last event.

    ``count`` is how many events count, ``opening`` and ``closing`` how many a direction and channel on the first and on the last day (what the daily
    cap needs when later events come on top).
    """

    first: Ints
    second: Ints
    x: Floats
    first_at: Ints
    last_at: Ints
    count: Ints
    opening: Ints
    closing: Ints

    def at(self, instant: int | Ints, parameters: Parameters = DEFAULTS) -> Floats:
        """The sums at a later instant."""
        return decayed(self.x, (instant - self.last_at) / DAY, parameters)


def half_lives(parameters: Parameters = DEFAULTS) -> Floats:
    """Days, in the order of channels."""
    return np.array([way.half_life_days for way in parameters.ways])


def decayed(x: Floats, days: float | Floats, parameters: Parameters = DEFAULTS) -> Floats:
    """Sums ``[pair, direction, channel]`` so many days later (one number, or one a pair)."""
    made: Floats = x * 2.0 ** (-np.reshape(days, (-1, 1, 1)) / half_lives(parameters))
    return made


def kept(given: Exchanges, parameters: Parameters = DEFAULTS) -> Exchanges:
    """What the caps leave, in a stable order: three a pair, direction, channel and UTC day, those with the largest weight and confidence, then the
    earliest, then of the smaller id; of a channel that counts once the one that still weighs most.
    """
    once = np.array([way.once for way in parameters.ways])[given.channel]
    day = np.where(once, 0, given.at // DAY)
    with np.errstate(divide="ignore"):
        lasting = np.log2(given.sure) + given.at / DAY / half_lives(parameters)[given.channel]
    best = np.where(once, lasting, given.sure)
    keys = (given.first, given.second, given.back, given.channel, day)
    order = np.lexsort((given.event, given.at, -best, *reversed(keys)))
    starts = np.flatnonzero(changes(*(key[order] for key in keys)))
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    return given.where(order[rank < np.where(once[order], 1, parameters.daily_cap)])


def sums(given: Exchanges, until: int, parameters: Parameters = DEFAULTS) -> Sums:
    """Sums of each pair over all that happened up to ``until``, itself included."""
    return summed(kept(given.where(given.at <= until), parameters), parameters)


def summed(rows: Exchanges, parameters: Parameters = DEFAULTS) -> Sums:
    """Sums of each pair over what the caps left."""
    new = changes(rows.first, rows.second)
    starts = np.flatnonzero(new)
    pair = np.cumsum(new) - 1
    channels = len(parameters.ways)
    shape, size = (len(starts), 2, channels), len(starts) * 2 * channels
    first_at = np.minimum.reduceat(rows.at, starts) if len(starts) else np.zeros(0, np.int64)
    last_at = np.maximum.reduceat(rows.at, starts) if len(starts) else np.zeros(0, np.int64)
    cell = (pair * 2 + rows.back) * channels + rows.channel
    weight: Floats = np.array([way.weight for way in parameters.ways])[rows.channel] * rows.sure * rows.share
    weight *= 2.0 ** (-(last_at[pair] - rows.at) / DAY / half_lives(parameters)[rows.channel])

    def counted(on: Truths) -> Ints:
        return np.bincount(cell[on], minlength=size).reshape(shape)

    day = rows.at // DAY
    by_event = np.lexsort((rows.event, pair))
    return Sums(
        rows.first[starts],
        rows.second[starts],
        np.bincount(cell, weights=weight, minlength=size).astype(np.float64, copy=False).reshape(shape),
        first_at,
        last_at,
        np.bincount(pair[by_event][changes(pair[by_event], rows.event[by_event])], minlength=len(starts)),
        counted(day == first_at[pair] // DAY),
        counted(day == last_at[pair] // DAY),
    )


def added(before: Sums, new: Sums, parameters: Parameters = DEFAULTS) -> tuple[Sums, Truths]:
    """Sums of the same pairs with new events on top, and for which pairs that is exact.

    It is where the new events lie on later days, or on the last day within its cap. Of the others (late events, a full day, a second event of what
    counts once) the sums must be made anew from all events.
    """
    last, opens = before.last_at // DAY, new.first_at // DAY
    room = (before.closing == 0) | (before.closing + new.opening <= parameters.daily_cap)
    once = np.array([way.once for way in parameters.ways])
    twice = ((before.x > 0) & (new.x > 0))[:, :, once].any((1, 2))
    exact = ((opens > last) | ((opens == last) & room.all((1, 2)))) & ~twice
    last_at = np.maximum(before.last_at, new.last_at)
    same_day = (new.last_at // DAY == last)[:, None, None]
    made = Sums(
        before.first,
        before.second,
        before.at(last_at, parameters) + new.at(last_at, parameters),
        np.minimum(before.first_at, new.first_at),
        last_at,
        before.count + new.count,
        before.opening,
        np.where(same_day, before.closing + new.closing, new.closing),
    )
    return made, exact


def evidence(x: Floats, parameters: Parameters = DEFAULTS) -> Floats:
    """``x*``: what went both ways, and a little of what went one way only. ``x`` is ``[pair, direction, channel]``."""
    ways = x.sum(2)
    low, high = ways.min(1), ways.max(1)
    made: Floats = low + parameters.eta * np.minimum(high - low, parameters.one_way_cap)
    return made


def strength(x: Floats, parameters: Parameters = DEFAULTS) -> Floats:
    """0 to 1, about the chance of a two-way contact within 30 days. One way only never exceeds 0.14."""
    made: Floats = 0.0 - np.expm1(-evidence(x, parameters) / parameters.kappa)
    return made


def warmth(value: float, parameters: Parameters = DEFAULTS) -> Warmth:
    """The word for a strength."""
    return WARMTHS[bisect_right(parameters.labels, value)]


def days_above(x: Floats, threshold: float, parameters: Parameters = DEFAULTS) -> Floats:
    """In how many days each pair's strength falls to ``threshold`` without contact; 0 where it lies there already. The threshold is above 0.

    With one half-life that is a formula, ``x* 2^(-d/h) = x_threshold``, in two pieces because of the one-way cap; with several the day is found by
    bisection, which cannot fail since ``x*`` only falls.
    """
    goal = -parameters.kappa * np.log1p(-threshold)
    lives = half_lives(parameters)
    used = (x > 0).any(1)
    longest = np.where(used, lives, 0).max(1, initial=0)
    single = longest == np.where(used, lives, np.inf).min(1, initial=np.inf)
    ways = x.sum(2)
    low, apart = ways.min(1), ways.max(1) - ways.min(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = goal / (low + parameters.eta * apart)
        factor = np.where(apart * factor > parameters.one_way_cap, (goal - parameters.eta * parameters.one_way_cap) / low, factor)
        latest = longest * np.log2((low + parameters.eta * apart) / goal)
    warm = evidence(x, parameters) > goal
    days = np.zeros(len(x))
    days[warm & single] = -longest[warm & single] * np.log2(factor[warm & single])
    mixed = np.flatnonzero(warm & ~single)
    start, end = np.zeros(len(mixed)), latest[mixed]
    for _ in range(64):
        middle = (start + end) / 2
        above = evidence(decayed(x[mixed], middle, parameters), parameters) > goal
        start, end = np.where(above, middle, start), np.where(above, end, middle)
    days[mixed] = end
    return days
