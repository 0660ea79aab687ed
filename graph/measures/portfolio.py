"""How a portfolio of accounts is made up: concentration, recency-frequency-money, and rates of few with honest intervals (method.md 5.8). Pure."""

from math import ceil, sqrt
from typing import NamedTuple

import numpy as np

from graph.measures.strength import Floats, Ints

Z = 1.959963984540054
"""The 97.5 % point of the normal distribution: intervals of 95 %."""
FEW = 20
"""Fewer accounts than this are parted in three, not in five."""


class Rate(NamedTuple):
    """A share ``of`` so many with its Wilson interval of 95 %; without any, nothing is known and the interval is all there is."""

    value: float | None
    low: float
    high: float
    of: int


def wilson(hits: int, count: int) -> Rate:
    """``hits`` of ``count`` (Wilson 1927)."""
    if count == 0:
        return Rate(None, 0.0, 1.0, 0)
    share, square = hits / count, Z * Z
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = Z / (1 + square / count) * sqrt(share * (1 - share) / count + square / (4 * count * count))
    return Rate(share, 0.0 if hits == 0 else middle - half, 1.0 if hits == count else middle + half, count)


def top_share(amounts: Floats, share: float) -> float | None:
    """What part of the sum the largest such share of accounts holds, at least one account; None where there is nothing. O(n log n)."""
    total = float(amounts.sum())
    if not total > 0:
        return None
    most = max(1, ceil(len(amounts) * share - 1e-9))
    return float(np.sort(amounts)[::-1][:most].sum()) / total


def gini(amounts: Floats) -> float | None:
    """0 where all have the same, towards 1 where one has all; None where there is nothing. O(n log n)."""
    total, count = float(amounts.sum()), len(amounts)
    if not total > 0:
        return None
    ordered = np.sort(amounts)
    return max(0.0, float((2 * np.arange(1, count + 1) - count - 1) @ ordered) / (count * total))


def bins(values: Floats, parts: int) -> Ints:
    """1 (least) to ``parts`` (most) by rank; those that are equal share the higher one. O(n log n)."""
    ordered = np.sort(values)
    below_or_equal = np.searchsorted(ordered, values, "right")
    made: Ints = np.ceil(below_or_equal * parts / max(1, len(values)) - 1e-9).astype(np.int64)
    return made


def rfm(last: Floats, times: Floats, money: Floats) -> Ints:
    """Accounts x (recency, frequency, money), each 1 to 5 over these accounts, or 1 to 3 where they are fewer than 20; the later the higher."""
    parts = 5 if len(last) >= FEW else 3
    return np.stack([bins(last, parts), bins(times, parts), bins(money, parts)], axis=1) if len(last) else np.zeros((0, 3), np.int64)
