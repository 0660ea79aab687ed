"""How near a customer is to leaving, cause by cause (method.md 5.6). Pure.

Each cause is a number from 0 to 1, NaN where nothing is known of it; the risk is their noisy-OR, ``1 - product (1 - alpha x)``, over what is known. A
product is safest on the day on which it was bought, and less so from then on.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import exp, log, nan, sqrt
from typing import NamedTuple

import numpy as np

from graph.measures import coverage
from graph.measures.strength import Floats
from graph.score import Formula


class Cause(StrEnum):
    """Why a customer may leave; the order is that of arrays of causes."""

    PRODUCT_AGE = "PRODUCT_AGE"
    RENEWAL = "RENEWAL"
    TICKETS = "TICKETS"
    COVERAGE_LOSS = "COVERAGE_LOSS"
    DEPARTURES = "DEPARTURES"
    EXPOSURE_GROWTH = "EXPOSURE_GROWTH"


CAUSES = tuple(Cause)


@dataclass(frozen=True)
class Parameters:
    """The defaults of method.md 5.6, times in days.

    ``term`` is what a contract usually runs, since no file tells how long one does. ``usual_tickets`` a year is what an account is taken to have
    before its own are counted, as if they had been seen for ``usual_days``. Tickets ``alarming`` standard deviations above the usual count in full.
    """

    alpha: float = 0.35
    shape: float = 1.5
    term: float = 3 * 365.0
    renewal: float = 120.0
    window: float = 90.0
    ticket_half_life: float = 90.0
    usual_tickets: float = 1.0
    usual_days: float = 90.0
    alarming: float = 3.0


DEFAULTS = Parameters()
FORMULA = Formula("lifecycle-risk-1", DEFAULTS)


def ageing(age: float, parameters: Parameters = DEFAULTS) -> float:
    """How likely a product of this age is to be replaced: Weibull's ``1 - exp(-(age / term)^1.5)``, 0 at its purchase."""
    return 1 - exp(-((max(age, 0.0) / parameters.term) ** parameters.shape))


def renewal_near(days: float, parameters: Parameters = DEFAULTS) -> float:
    """How near a renewal is: 0 from 120 days before it on, 1 on the day and for 120 days after one that passed without a word; NaN later."""
    if days < -parameters.renewal:
        return nan
    return min(1.0, max(0.0, 1 - days / parameters.renewal))


def ticket_trend(ages: Floats, observed: float, parameters: Parameters = DEFAULTS) -> float:
    """How far severe tickets of late are above what is usual here.

    ``ages`` are those of all severe tickets, and ``observed`` since when any ticket is known, in days. The decayed count ``x`` of tickets that come
    at a steady rate has the mean ``rate x half-life / ln 2`` and half of that as variance; the rate is that of the tickets before the last 90 days,
    drawn towards the usual one.
    """
    half_life = parameters.ticket_half_life
    before = max(0.0, observed - parameters.window)
    earlier = float((ages > parameters.window).sum())
    rate = (earlier + parameters.usual_tickets * parameters.usual_days / 365) / (before + parameters.usual_days)
    mean = rate * half_life / log(2)
    z = (float(np.exp2(-ages / half_life).sum()) - mean) / sqrt(mean / 2)
    return min(1.0, max(0.0, z / parameters.alarming))


def lost(before: float, after: float) -> float:
    """Which share of what was there is gone; NaN where nothing was."""
    return max(0.0, before - after) / before if before > 0 else nan


def grown(before: float, after: float) -> float:
    """By how much more of what was left has been taken: ``(after - before) / (1 - before)``, 0 where it fell."""
    return max(0.0, after - before) / (1 - before) if before < 1 else 0.0


class Risk(NamedTuple):
    """The whole, NaN where nothing is known, what each cause contributes to it, and how much of the causes is known."""

    value: float
    parts: Floats
    known: float


def risk(causes: Floats, parameters: Parameters = DEFAULTS) -> Risk:
    """The noisy-OR of the causes that are known; their parts sum to it, each by its share of the log-survival (method.md 5.4)."""
    known = ~np.isnan(causes)
    parts = coverage.shares(np.full(len(causes), parameters.alpha), np.where(known, causes, 0.0), panel=False)
    return Risk(float(parts.sum()) if known.any() else nan, parts, float(known.mean()))
