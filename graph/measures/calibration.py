"""Whether a strength means what it says, and the ``kappa`` with which it does, from a company's own contacts. Pure. Method.md 4."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar

from graph.measures.strength import DAY, DEFAULTS, Exchanges, Floats, Parameters, Truths, evidence, sums


class Fit(NamedTuple):
    """``kappa`` for a company's own data, and how good the strength is with it: pairs with evidence, Brier score, expected calibration error."""

    kappa: float
    pairs: int
    brier: float
    ece: float


FIT_PAIRS = 500
"""With fewer pairs that have evidence the default stands."""
CEILING = 0.97
"""Nobody is certain to be in touch: without it one silent pair would outweigh all others in the likelihood."""
BINS = 10


def outcomes(given: Exchanges, at: int, days: float = 30, parameters: Parameters = DEFAULTS) -> tuple[Floats, Truths]:
    """``x*`` of each pair at an instant, and whether something went both ways in the days after it."""
    known = sums(given, at, parameters)
    later = given.where((given.at > at) & (given.at <= at + days * DAY))
    size = len(given.people)
    both = np.intersect1d(*((later.first * size + later.second)[later.back == way] for way in (False, True)))
    return evidence(known.at(at, parameters), parameters), np.isin(known.first * size + known.second, both)


def measured(x_star: Floats, met: Truths, kappa: float) -> Fit:
    """How well ``1 - exp(-x*/kappa)`` told what came."""
    known = x_star > 0
    said, came = -np.expm1(-x_star[known] / kappa), met[known].astype(float)
    place = np.minimum((said * BINS).astype(int), BINS - 1)
    gap = np.bincount(place, said - came, minlength=BINS)
    pairs = int(known.sum())
    return Fit(kappa, pairs, float(((said - came) ** 2).mean()), float(np.abs(gap).sum() / pairs))


def fitted(x_star: Floats, met: Truths) -> Fit | None:
    """The most likely ``kappa`` (method.md 4), or None where too few pairs have evidence. Judge it on later days than those it was fitted on."""
    known = x_star > 0
    if known.sum() < FIT_PAIRS:
        return None
    x, came = x_star[known], met[known]

    def surprise(log_kappa: float) -> float:
        chance = -CEILING * np.expm1(-x / np.exp(log_kappa))
        return float(-np.log(np.where(came, chance, 1 - chance)).sum())

    found = minimize_scalar(surprise, bounds=(np.log(0.01), np.log(1_000)), method="bounded")
    return measured(x_star, met, float(np.exp(found.x)))
