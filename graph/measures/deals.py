"""Which deals are open at an instant: the one rule, of one deal and of many. Pure."""

import numpy as np

from graph.measures.strength import Floats, Truths
from graph.model import Outcome


def open_then(open_now: Truths, closing: Floats, as_of: int) -> Truths:
    """Which of the deals that were opened by an instant were open then: those open now, and those whose day of closing, as said then, lay ahead.

    How a deal ended has no dates, so its day of closing tells whether that was known yet; of one without such a day (NaN) the outcome counts always.
    """
    made: Truths = open_now | (closing > as_of)
    return made


def outcome_then(outcome: Outcome, closing: float | None, as_of: int) -> Outcome:
    """How one deal stood at an instant, by the same rule; ``closing`` None where no day is known."""
    ahead = open_then(np.array([outcome is Outcome.OPEN]), np.array([np.nan if closing is None else closing]), as_of)
    return Outcome.OPEN if ahead[0] else outcome
