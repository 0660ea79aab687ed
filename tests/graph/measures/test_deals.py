"""A deal that ended is open as long as its day of closing lies ahead."""

import numpy as np
import pytest

from graph.instants import period
from graph.measures.deals import open_then, outcome_then
from graph.model import Outcome

MARCH, JUNE = (period(day)[0] for day in ("2026-03-01", "2026-06-30"))


@pytest.mark.parametrize(
    ("outcome", "closing", "then"),
    [
        (Outcome.OPEN, None, Outcome.OPEN),
        (Outcome.OPEN, MARCH, Outcome.OPEN),
        (Outcome.WON, JUNE, Outcome.OPEN),
        (Outcome.LOST, JUNE, Outcome.OPEN),
        (Outcome.WON, MARCH, Outcome.WON),
        (Outcome.LOST, None, Outcome.LOST),
    ],
)
def test_how_a_deal_stood_in_spring(outcome, closing, then):
    at = (MARCH + JUNE) // 2
    assert outcome_then(outcome, closing, at) is then
    many = open_then(np.array([outcome is Outcome.OPEN] * 3), np.array([np.nan if closing is None else closing] * 3), at)
    assert many.tolist() == [then is Outcome.OPEN] * 3
