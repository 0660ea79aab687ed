"""Who should introduce us to whom, over a whole list at once, so that nobody is asked too often (method.md 5.5). Pure.

A favour asked for one account is not there for the next: the best path of each, one by one, asks the best-connected person for all of them. So all
are chosen together, as a mixed-integer programme that HiGHS solves through ``scipy.optimize.milp``; it is exact, or says how far from it it may be.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import csr_array

SECONDS = 1.0
"""After so long the best plan so far is given, with its bound."""


class Offer(NamedTuple):
    """One path that may be gone: for which account, to whom, who must be asked for it, and what it is worth."""

    account: str
    whom: int
    asks: tuple[int, ...]
    worth: float


class Plan(NamedTuple):
    """Which offers to take, in their order, what they are worth together, and a worth above which no plan lies; ``optimal`` where that is proved."""

    taken: tuple[int, ...]
    worth: float
    optimal: bool
    bound: float


def planned(offers: Sequence[Offer], most: int, room: Mapping[int, int], asks: int, seconds: float = SECONDS) -> Plan:
    """The offers that are worth most together: at most ``most`` an account, one to a person, and none asks anybody more than ``asks`` times.

    ``room`` says of whom less may be asked, since some was asked already. All offers are weighed but those that can never be the better choice.
    """
    if not offers:
        return Plan((), 0.0, True, 0.0)
    kept = _undominated(offers)
    plan = _planned([offers[place] for place in kept], most, room, asks, seconds)
    return plan._replace(taken=tuple(kept[place] for place in plan.taken))


def _undominated(offers: Sequence[Offer]) -> list[int]:
    """The places of all but those for which another to the same person of the account asks nobody else and is worth as much."""
    kept: dict[tuple[str, int], list[tuple[frozenset[int], int]]] = defaultdict(list)
    for place in sorted(range(len(offers)), key=lambda place: (-offers[place].worth, len(offers[place].asks), place)):
        offer, asked = offers[place], frozenset(offers[place].asks)
        better = kept[offer.account, offer.whom]
        if not any(fewer <= asked for fewer, _ in better):
            better.append((asked, place))
    return sorted(place for some in kept.values() for _, place in some)


def _planned(offers: Sequence[Offer], most: int, room: Mapping[int, int], asks: int, seconds: float) -> Plan:
    limits: dict[tuple[str, object], int] = {}
    rows: dict[tuple[str, object], list[int]] = defaultdict(list)
    for place, offer in enumerate(offers):
        for key, limit in (
            (("account", offer.account), most),
            (("whom", offer.whom), 1),
            *((("asked", who), room.get(who, asks)) for who in offer.asks),
        ):
            limits[key] = max(limit, 0)
            rows[key].append(place)
    keys = list(rows)
    indices = np.array([place for key in keys for place in rows[key]])
    starts = np.cumsum([0, *(len(rows[key]) for key in keys)])
    matrix = csr_array((np.ones(len(indices)), indices, starts), shape=(len(keys), len(offers)))
    worth = np.array([offer.worth for offer in offers])
    found: OptimizeResult = milp(
        -worth,
        integrality=np.ones(len(offers), int),
        bounds=Bounds(0, 1),
        constraints=[LinearConstraint(matrix, -np.inf, np.array([limits[key] for key in keys], float))],
        options={"time_limit": seconds, "mip_rel_gap": 0},
    )
    plans = [_greedy(offers, most, room, asks)]
    if found.x is not None:
        plans.append(tuple(np.flatnonzero(found.x > 0.5).tolist()))
    best = max(plans, key=lambda taken: round(float(worth[list(taken)].sum()), 9))
    value = float(worth[list(best)].sum())
    bound = -float(found.mip_dual_bound) if getattr(found, "mip_dual_bound", None) is not None else float(worth.sum())
    return Plan(best, value, bool(found.status == 0), max(bound, value))


def _greedy(offers: Sequence[Offer], most: int, room: Mapping[int, int], asks: int) -> tuple[int, ...]:
    """One by one the best that still fits: what is there at once, should time run out."""
    each: Counter[str] = Counter()
    asked: Counter[int] = Counter()
    met: set[int] = set()
    taken = []
    for place in sorted(range(len(offers)), key=lambda place: (-offers[place].worth, place)):
        offer = offers[place]
        if each[offer.account] < most and offer.whom not in met and all(asked[who] < room.get(who, asks) for who in offer.asks):
            taken.append(place)
            each[offer.account] += 1
            met.add(offer.whom)
            asked.update(offer.asks)
    return tuple(sorted(taken))
