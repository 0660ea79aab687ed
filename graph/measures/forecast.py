"""When coverage fades: in how many days each role falls under its target with no further contact (method.md 6.10). Pure.

Closeness only falls between events, and so does every role's coverage: the day is found by bisection, for all groups and roles at once.
"""

import numpy as np

from graph.measures.coverage import DEFAULTS, Coverage, Floats, Holders, Parameters, Wants, coverage
from graph.measures.strength import decayed, strength

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
