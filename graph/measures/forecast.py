"""When coverage fades: in how many days each role falls under its target with no further contact (method.md 6.10), and when roles did. Pure.

Closeness only falls between events, and so does every role's coverage: the day is found by bisection, for all groups and roles at once.
"""

from typing import NamedTuple

import numpy as np

from graph.measures.coverage import DEFAULTS, Coverage, Floats, Holders, Ints, Parameters, Truths, Wants, coverage
from graph.measures.strength import DAY, decayed, strength
from graph.measures.touches import Course

STEPS = 64
"""Halvings: more than a double can tell apart."""


def later(holders: Holders, x: Floats, days: Floats | float) -> Holders:
    """The holders so many days on (one number, or one a row), with nothing new; ``x`` are their sums ``[row, direction, channel]`` now."""
    return holders._replace(closeness=strength(decayed(x, days)))


def fading(holders: Holders, x: Floats, wants: Wants, parameters: Parameters = DEFAULTS) -> Floats:
    """Groups x roles: days until the value reaches the target from above; 0 where it is not above it, NaN where nobody holds the role."""

    def value(days: Floats) -> Floats:
        moved = days[holders.group, holders.role] if len(holders.group) else np.zeros(0)
        found: Coverage = coverage(later(holders, x, moved), wants, parameters=parameters)
        return found.roles.value

    now = value(np.zeros(wants.weight.shape))
    above = np.nan_to_num(now) > parameters.target
    start, end = np.zeros(wants.weight.shape), np.where(above, 1.0, 0.0)
    while (high := above & (np.nan_to_num(value(end)) > parameters.target)).any():
        end = np.where(high, end * 2, end)
    for _ in range(STEPS):
        middle = (start + end) / 2
        holds = np.nan_to_num(value(middle)) > parameters.target
        start, end = np.where(holds, middle, start), np.where(holds, end, middle)
    return np.where(np.isnan(now), np.nan, np.where(above, end, 0.0))


class Tenures(NamedTuple):
    """Who held which role of which group and when: parallel arrays, a row a stretch. ``person`` is a place in the people of a course, -1 for none."""

    group: Ints
    role: Ints
    sure: Floats
    person: Ints
    start: Ints
    end: Ints
    opted_out: Truths


class Fall(NamedTuple):
    """A role of a group reached its target from above at an instant, and its coverage then: less than the target where a holder went."""

    group: int
    role: int
    at: int
    value: float


def falls(tenures: Tenures, course: Course, wants: Wants, since: int, until: int, parameters: Parameters = DEFAULTS) -> list[Fall]:
    """Every fall of a role in (since, until], by group, time and role.

    Between two instants at which something happens to a holder of a group coverage only decays: a fall there is on the day of ``fading``.
    O(h log n + g x r) of groups x their instants g, roles r, and holders at each of these h.
    """
    group, at = _instants(tenures, course, since, until)
    if not len(group):
        return []
    holding, x = _holding(tenures, course, group, at)
    every = wants.only(group)
    days = np.where(np.append(group[1:] == group[:-1], False), np.append(at[1:], until), until) - at
    start = coverage(holding, every, parameters=parameters).roles.value
    end = coverage(later(holding, x, days[holding.group] / DAY), every, parameters=parameters).roles.value
    above, below = np.nan_to_num(start) > parameters.target, ~(np.nan_to_num(end) > parameters.target)
    found = []
    decays = np.flatnonzero((above & below).any(1))
    mine = np.isin(holding.group, decays)
    some = holding.only(np.flatnonzero(mine))._replace(group=np.searchsorted(decays, holding.group[mine]))
    fades = fading(some, x[mine], every.only(decays), parameters)
    for row, role in zip(*np.nonzero((above & below)[decays]), strict=True):
        instant = int(at[decays[row]] + np.ceil(fades[row, role] * DAY))
        found.append(Fall(int(group[decays[row]]), int(role), instant, parameters.target))
    before = np.flatnonzero(np.append(False, group[1:] == group[:-1]))
    for row, role in zip(*np.nonzero(~below[before - 1] & ~above[before]), strict=True):
        here = before[row]
        found.append(Fall(int(group[here]), int(role), int(at[here]), float(np.nan_to_num(start[here, role]))))
    return sorted((fall for fall in found if since < fall.at <= until), key=lambda fall: (fall.group, fall.at, fall.role))


def _instants(tenures: Tenures, course: Course, since: int, until: int) -> tuple[Ints, Ints]:
    """Group and instant: the beginning, and all in (since, until] at which a holder was met, came or went; by group and then by time."""
    order = np.argsort(tenures.person, kind="stable")
    step = np.flatnonzero((course.at > since) & (course.at <= until))
    low = np.searchsorted(tenures.person[order], course.person[step], "left")
    many = np.searchsorted(tenures.person[order], course.person[step], "right") - low
    which = order[np.repeat(low - np.cumsum(many) + many, many) + np.arange(many.sum())]
    met = np.column_stack([tenures.group[which], np.repeat(course.at[step], many)])
    bounds = np.column_stack([np.tile(tenures.group, 2), np.concatenate([tenures.start, tenures.end])])
    bounds = bounds[(bounds[:, 1] > since) & (bounds[:, 1] <= until)]
    first = np.column_stack([np.unique(tenures.group), np.full(len(np.unique(tenures.group)), since)])
    made = np.unique(np.concatenate([first, met, bounds]).astype(np.int64), axis=0)
    return made[:, 0], made[:, 1]


def _holding(tenures: Tenures, course: Course, group: Ints, at: Ints) -> tuple[Holders, Floats]:
    """Who holds roles at each of these instants, and their sums then; ``group`` of the holders is a place among the instants."""
    low, high = np.searchsorted(group, tenures.group, "left"), np.searchsorted(group, tenures.group, "right")
    tenure = np.repeat(np.arange(len(tenures.group)), high - low)
    place = np.arange(len(tenure)) - np.repeat(np.cumsum(high - low) - (high - low), high - low) + np.repeat(low, high - low)
    holds = (tenures.start[tenure] <= at[place]) & (at[place] < tenures.end[tenure])
    tenure, place = tenure[holds], place[holds]
    x = _sums_at(course, tenures.person[tenure], at[place])
    close, touched, stance = strength(x), np.asarray(x.any(axis=(1, 2))), np.full(len(tenure), np.nan)
    return Holders(place, tenures.role[tenure], tenures.sure[tenure], close, close, stance, touched, touched, tenures.opted_out[tenure]), x


def _sums_at(course: Course, person: Ints, at: Ints) -> Floats:
    """The sums of these people, each at an instant; nothing before their first."""
    instants = np.unique(course.at)
    keys = course.person * (len(instants) + 1) + np.searchsorted(instants, course.at, "right")
    row = np.searchsorted(keys, person * (len(instants) + 1) + np.searchsorted(instants, at, "right"), "right") - 1
    known = (row >= 0) & (person >= 0)
    known[known] = course.person[row[known]] == person[known]
    x = np.zeros((len(person), *course.x.shape[1:]))
    x[known] = decayed(course.x[row[known]], (at[known] - course.at[row[known]]) / DAY)
    return x
