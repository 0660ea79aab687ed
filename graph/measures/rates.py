"""Shares of a few cases, with the interval that says how few they are. Pure."""

from math import sqrt
from typing import NamedTuple

Z95 = 1.959963984540054
"""The 97.5th percentile of the normal distribution: of an interval of 95 %."""


class Share(NamedTuple):
    """A share and its interval; all None where there is no case."""

    value: float | None
    low: float | None
    high: float | None


def wilson(hits: int, cases: int, z: float = Z95) -> Share:
    """The share of hits and Wilson's score interval (Wilson 1927): it stays within 0 and 1 and does not collapse at none or all."""
    if not cases:
        return Share(None, None, None)
    share, slack = hits / cases, z * z / cases
    middle = (share + slack / 2) / (1 + slack)
    half = z / (1 + slack) * sqrt(share * (1 - share) / cases + slack / (4 * cases))
    return Share(share, 0.0 if hits == 0 else middle - half, 1.0 if hits == cases else middle + half)
