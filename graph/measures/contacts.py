"""The fewest, or cheapest, people to meet so that every required role of a decision reaches its target (method.md 5.3 and 6.2). Pure.

One meeting moves a person's closeness from what it is to what it would be. A role held by any of several is covered when the sum of
``log(1 - m c)`` over its holders falls to ``log(1 - target)``; a panel when the mean closeness is there: both are linear in who is met, so the
plan is a mixed-integer programme, solved exactly by HiGHS through ``scipy.optimize.milp``.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp

from graph.template import MAPPED_FROM

Floats = NDArray[np.float64]
SECONDS = 1.0
"""After so long the best plan so far is given, with its bound."""
MOST_TIES = 5
SLACK = 1e-9
"""How far a role may stay under its target by rounding."""
NEAREST = 1 - 1e-12


class Problem(NamedTuple):
    """Whom one may meet for which roles: arrays of people x roles, and one entry a role or a person.

    ``sure`` is the confidence that a person holds a role, 0 for none; ``closeness`` and ``after`` are c now and after one meeting; whoever may not be
    met has ``after`` equal to ``closeness``. ``cost`` is in hours.
    """

    sure: Floats
    panel: NDArray[np.bool_]
    weight: Floats
    closeness: Floats
    after: Floats
    cost: Floats


class Plan(NamedTuple):
    """Whom to meet: rows of people; ``ties`` are other plans as good, at most five.

    ``short`` are required roles that nobody's meeting brings to the target; ``optimal`` is false when time ran out, ``bound`` then is a cost below
    which no plan lies (of a budget: a weight above which none lies).
    """

    people: tuple[int, ...]
    ties: list[tuple[int, ...]]
    reached: tuple[int, ...]
    short: tuple[int, ...]
    cost: float
    optimal: bool
    bound: float


def minimum_contacts(problem: Problem, target: float, budget: float | None = None, seconds: float = SECONDS) -> Plan:
    """The cheapest plan that brings every required role to ``target``; with a ``budget``, one that brings the most weight there within it."""
    gain, need = _linear(problem, target)
    required = problem.weight > 0
    can = np.maximum(gain, 0).sum(0) >= need - SLACK
    roles = np.flatnonzero(required & can)
    short = tuple(int(role) for role in np.flatnonzero(required & ~can))
    solve = _Solver(gain[:, roles], need[roles], problem.cost, problem.weight[roles], budget, seconds)
    best = solve.next()
    ties = [found.people for found in solve.others(best)]
    chosen = np.zeros(len(problem.cost))
    chosen[list(best.people)] = 1
    reached = tuple(int(role) for role in roles[chosen @ gain[:, roles] >= need[roles] - SLACK])
    missed = tuple(sorted({*short, *(int(role) for role in roles if int(role) not in reached)}))
    return Plan(best.people, ties, reached, missed, float(problem.cost @ chosen), best.optimal, best.bound)


def _linear(problem: Problem, target: float) -> tuple[Floats, Floats]:
    """What each meeting adds to each role, and what the role needs: people x roles, roles."""
    sure, now, after = problem.sure, problem.closeness[:, None], problem.after[:, None]
    held = np.where(sure >= MAPPED_FROM, sure, 0.0)
    missed, will = (-np.log1p(-np.minimum(sure * close, NEAREST)) for close in (now, after))
    gain = np.where(problem.panel, held * (after - now), will - missed)
    need = np.where(problem.panel, (held * (target - now)).sum(0), -np.log1p(-target) - missed.sum(0))
    unmapped = held.sum(0) == 0
    return gain, np.where(unmapped, np.inf, need)


class _Found(NamedTuple):
    people: tuple[int, ...]
    value: float
    optimal: bool
    bound: float


class _Solver:
    """One programme, solved again and again without the plans found before."""

    def __init__(self, gain: Floats, need: Floats, cost: Floats, weight: Floats, budget: float | None, seconds: float) -> None:
        people, roles = gain.shape
        self.people, self.seconds, self.budget = people, seconds, budget
        self.cuts: list[LinearConstraint] = []
        if budget is None:
            self.aim = cost
            self.rules = [LinearConstraint(gain.T, need - SLACK, np.inf)] if roles else []
        else:
            # A role that is switched on must have what it needs; of equal weight the cheaper plan wins.
            least = np.minimum(gain, 0).sum(0) - 1.0
            switched = np.hstack([gain.T, -np.diag(need - SLACK - least)])
            self.aim = np.concatenate([cost * 1e-6 / max(cost.sum(), 1.0), -weight])
            self.rules = [LinearConstraint(switched, least, np.inf), LinearConstraint(np.concatenate([cost, np.zeros(roles)]), -np.inf, budget)]

    def next(self) -> _Found:
        size = len(self.aim)
        if not size:
            return _Found((), 0.0, True, 0.0)
        found: OptimizeResult = milp(
            self.aim, integrality=np.ones(size, int), bounds=Bounds(0, 1), constraints=[*self.rules, *self.cuts], options={"time_limit": self.seconds}
        )
        if found.x is None:
            return _Found((), np.inf, bool(found.status == 2), float(getattr(found, "mip_dual_bound", None) or 0.0))
        chosen = np.flatnonzero(found.x[: self.people] > 0.5)
        bound = float(found.mip_dual_bound if found.mip_dual_bound is not None else found.fun)
        return _Found(tuple(int(person) for person in chosen), float(found.fun), bool(found.status == 0), abs(bound))

    def others(self, best: _Found) -> Iterator[_Found]:
        """Plans as good as the best one: each is cut off before the next is sought."""
        found = best
        for _ in range(MOST_TIES if best.optimal and best.people else 0):
            row = np.zeros(len(self.aim))
            row[: self.people] = -1.0
            row[list(found.people)] = 1.0
            self.cuts.append(LinearConstraint(row, -np.inf, len(found.people) - 1))
            found = self.next()
            if not found.optimal or found.value > best.value + 1e-7:
                return
            yield found
