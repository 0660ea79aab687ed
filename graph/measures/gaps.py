"""Gaps of coverage: which kind each is, and how much closing it matters (method.md 5.3). Pure and vectorised over groups x roles."""

from dataclasses import dataclass

import numpy as np

from graph.measures.coverage import Coverage, Floats, Holders, Ints, State, Truths, Wants
from graph.score import Formula
from graph.worded import Worded


@dataclass(frozen=True)
class Parameters:
    """The least reachability, so that who cannot be reached is not worth nothing; urgency at rest, how fast a closing deal adds the rest; how much
    news adds on its day, and how fast that fades.
    """

    reach: float = 0.05
    urgency: float = 0.5
    half_life_days: float = 60.0
    news: float = 0.25
    news_half_life_days: float = 30.0


DEFAULTS = Parameters()
FORMULA = Formula("gap-priority-2", DEFAULTS)


class GapType(Worded):
    """What is wrong with a role: it decides what to do."""

    UNMAPPED = "UNMAPPED", "Nobody who may be contacted is known to hold it."
    NEVER = "NEVER", "Its holders were never in touch with us."
    ONE_WAY = "ONE_WAY", "We wrote, and no holder ever answered."
    STALE = "STALE", "A holder was close, and is no more."
    SHALLOW = "SHALLOW", "A holder answered, and was never close."
    SINGLE_THREADED = "SINGLE_THREADED", "It is covered, but by one holder or through one of us."
    OPPOSED = "OPPOSED", "Who holds it is against us."


TYPES = tuple(GapType)
NO_GAP = -1
OF_STATE = {
    State.UNMAPPED: GapType.UNMAPPED,
    State.DO_NOT_CONTACT: GapType.UNMAPPED,
    State.NEVER: GapType.NEVER,
    State.ONE_WAY: GapType.ONE_WAY,
    State.STALE: GapType.STALE,
    State.SHALLOW: GapType.SHALLOW,
    State.OPPOSED: GapType.OPPOSED,
}
"""A role whose holders all opted out needs another holder, as an unmapped one does."""


def gap_types(found: Coverage, holders: Holders, wants: Wants, single: Truths) -> Ints:
    """Groups x roles: a place in ``TYPES``, or NO_GAP. A covered role has a gap where a holder opposes, else where it hangs on one thread."""
    of_state = np.full(len(State), NO_GAP)
    for state, type_ in OF_STATE.items():
        of_state[state] = TYPES.index(type_)
    against = np.zeros(found.state.shape, bool)
    opposed = found.holders == State.OPPOSED
    against[holders.group[opposed & holders.mapped], holders.role[opposed & holders.mapped]] = True
    kind = of_state[found.state]
    kind = np.where(single, TYPES.index(GapType.SINGLE_THREADED), kind)
    kind = np.where((found.state <= State.COVERED) & against, TYPES.index(GapType.OPPOSED), kind)
    return np.where(wants.weight > 0, kind, NO_GAP)


def urgency(days: Floats, news: Floats, parameters: Parameters = DEFAULTS) -> Floats:
    """Of accounts whose first open deal closes in so many days and whose latest news is so many days old, NaN for none: 0.5 at rest, 1 on a deal's
    day and after, up to 0.25 more for fresh news; never above 1.
    """
    soon = (1 - parameters.urgency) * np.exp2(-np.maximum(days, 0.0) / parameters.half_life_days)
    stirred = parameters.news * np.exp2(-np.maximum(news, 0.0) / parameters.news_half_life_days)
    return np.minimum(1.0, parameters.urgency + np.nan_to_num(soon) + np.nan_to_num(stirred))


def priority(worth: Floats, share: Floats, value: Floats, urgent: Floats, reach: Floats) -> Floats:
    """Groups x roles: worth x weight x (1 - coverage) x reach x urgency; an unmapped role (NaN) covers nothing."""
    made: Floats = worth[:, None] * share * (1 - np.nan_to_num(value)) * reach * urgent[:, None]
    return made


def best_reach(holders: Holders, reach: Floats, shape: tuple[int, ...], parameters: Parameters = DEFAULTS) -> Floats:
    """Groups x roles: how well the best holder who may be contacted is reached (``reach`` is a number a holder), never under the floor."""
    made = np.full(shape, parameters.reach)
    suitable = holders.mapped & ~holders.opted_out
    np.maximum.at(made, (holders.group[suitable], holders.role[suitable]), reach[suitable])
    return made


def log_shares(factors: Floats) -> Floats:
    """What each factor of a product takes away from 1, as shares that sum to 1; zeros where nothing is taken away."""
    lost = -np.log(np.clip(factors, 1e-12, 1.0))
    total = lost.sum()
    shares: Floats = lost / total if total else np.zeros(len(factors))
    return shares
