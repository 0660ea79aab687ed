"""How a portfolio of accounts is made up: concentration and recency-frequency-money (method.md 5.8). Pure."""

from math import ceil

import numpy as np

from graph.measures.strength import Floats, Ints

FEW = 20
"""Fewer accounts than this are parted in three, not in five."""


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
