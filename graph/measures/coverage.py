"""Coverage of decision chains: how firmly the roles that a decision wants are held by people whom we know (method.md 5.3).

Pure and vectorised over any number of buying groups: O(holders + groups x roles).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.model import BuyingRole, Semantics
from graph.score import Formula
from graph.template import MAPPED_FROM, Template, wanted
from graph.worded import Worded

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Truths = NDArray[np.bool_]
ROLES = tuple(BuyingRole)
PLACE = {role: place for place, role in enumerate(ROLES)}
WORTH_OF_TIER = {1: 1.0, 2: 0.6, 3: 0.3}
MOST_SETS = 20
"""At most so many equally small sets of contacts are listed."""


@dataclass(frozen=True)
class Parameters:
    """From which closeness on a person is reached and deeply reached, from which confidence on a holder is sure, and the target of a role."""

    reached: float = 0.35
    deep: float = 0.65
    sure: float = 0.8
    mapped: float = MAPPED_FROM
    target: float = 0.35


DEFAULTS = Parameters()
FORMULA = Formula("coverage-1", DEFAULTS)


class Definition(Worded):
    """What counts as covered."""

    FILLED = "FILLED", "A role has its holders."
    CONTACTED = "CONTACTED", "A holder was in touch."
    ENGAGED = "ENGAGED", "Holders are close."
    SUPPORTIVE = "SUPPORTIVE", "Holders are close and for us."


class State(IntEnum):
    """How a holder or a role stands, the best first; the last two are of roles and of people whom one does not count on."""

    DEEP = 0
    COVERED = 1
    STALE = 2
    SHALLOW = 3
    ONE_WAY = 4
    NEVER = 5
    DO_NOT_CONTACT = 6
    OPPOSED = 7
    UNMAPPED = 8


class Holders(NamedTuple):
    """One row a person who holds a role in a group: parallel arrays.

    ``closeness`` is c of method.md 5.3 now and ``closest`` the most it ever was; ``stance`` is -2 to 2, NaN for unknown; ``touched`` says whether
    there was any event, ``answered`` whether any came from their side.
    """

    group: Ints
    role: Ints
    sure: Floats
    closeness: Floats
    closest: Floats
    stance: Floats
    touched: Truths
    answered: Truths
    opted_out: Truths

    @property
    def mapped(self) -> Truths:
        """Sure enough for the role to count as held."""
        return self.sure >= MAPPED_FROM

    def only(self, rows: Ints) -> "Holders":
        """These rows alone."""
        columns: list[Any] = [column[rows] for column in self]
        return Holders(*columns)


class Wants(NamedTuple):
    """What the groups' templates want: arrays of groups x roles."""

    weight: Floats
    panel: Truths
    members: Ints

    @classmethod
    def of(cls, templates: Sequence[Template]) -> "Wants":
        """The arrays of these groups' templates."""
        rows = [[wanted(template, role) for role in ROLES] for template in templates]
        shape = (len(templates), len(ROLES))
        weight = np.array([[role.weight for role in row] for row in rows], float).reshape(shape)
        panel = np.array([[role.semantics is Semantics.ALL for role in row] for row in rows], bool).reshape(shape)
        members = np.array([[role.min_members for role in row] for row in rows], np.int64).reshape(shape)
        return cls(weight, panel, members)

    def only(self, groups: Ints) -> "Wants":
        """Those of these groups alone, as often as they are named."""
        return Wants(self.weight[groups], self.panel[groups], self.members[groups])


class Reading(NamedTuple):
    """A value with its range, by the readings of unsure roles."""

    value: Floats
    low: Floats
    high: Floats


class Coverage(NamedTuple):
    """Coverage of groups.

    ``roles`` and ``state`` are groups x roles, values NaN where unmapped. ``groups`` counts unmapped roles as 0 (pessimistic); it is NaN
    where nothing is mapped. ``known`` is the share of weight whose roles are mapped, ``optimistic`` the value over it, NaN where that is 0.
    ``holders`` is the state of each row of the holders.
    """

    roles: Reading
    state: Ints
    groups: Reading
    known: Floats
    optimistic: Floats
    holders: Ints


def states(holders: Holders, parameters: Parameters = DEFAULTS) -> Ints:
    """The state of each holder: the first that holds of the list in method.md 5.3."""
    close = np.where(holders.opted_out, 0.0, holders.closeness)
    rules = [
        (holders.opted_out, State.DO_NOT_CONTACT),
        (holders.stance < 0, State.OPPOSED),
        (~holders.touched, State.NEVER),
        (~holders.answered, State.ONE_WAY),
        (close >= parameters.deep, State.DEEP),
        (close >= parameters.reached, State.COVERED),
        (holders.closest >= parameters.reached, State.STALE),
    ]
    return np.select([rule for rule, _ in rules], [int(state) for _, state in rules], int(State.SHALLOW)).astype(np.int64)


def coverage(holders: Holders, wants: Wants, definition: Definition = Definition.ENGAGED, parameters: Parameters = DEFAULTS) -> Coverage:
    """Coverage of every group of ``wants``. A person without a role holds none; one who opted out counts nothing."""
    shape = wants.weight.shape
    cell = holders.group * shape[1] + holders.role
    mapped = _sums(cell, holders.sure >= parameters.mapped, shape) > 0
    person = states(holders, parameters)
    roles = _roles(holders, cell, wants, definition, parameters)
    roles = Reading(*(np.where(mapped, values, np.nan) for values in roles))
    total = wants.weight.sum(1)
    known = _over((wants.weight * mapped).sum(1), total)
    groups = [np.where(known > 0, _over((wants.weight * np.nan_to_num(values)).sum(1), total), np.nan) for values in roles]
    optimistic = np.where(known > 0, _over(groups[0], known), np.nan)
    return Coverage(roles, _role_states(holders, cell, person, mapped, parameters), Reading(*groups), known, optimistic, person)


def _roles(holders: Holders, cell: Ints, wants: Wants, definition: Definition, parameters: Parameters) -> Reading:
    shape = wants.weight.shape
    held, surely = holders.sure >= parameters.mapped, holders.sure >= parameters.sure
    if definition is Definition.FILLED:
        filled = [np.minimum(1.0, _over(_sums(cell, rows, shape), wants.members)) for rows in (held, surely)]
        return Reading(filled[0], filled[1], filled[0])
    if definition is Definition.CONTACTED:
        met = holders.touched & ~holders.opted_out
        contacted = [(_sums(cell, rows & met, shape) > 0).astype(float) for rows in (held, surely)]
        return Reading(contacted[0], contacted[1], contacted[0])
    close = np.where(holders.opted_out, 0.0, holders.closeness)
    if definition is Definition.SUPPORTIVE:
        close = close * np.where(np.isnan(holders.stance), 0.5, (holders.stance + 2) / 4)
    sure = holders.sure
    readings = [_reading(cell, made, close, held, wants) for made in (sure, np.where(surely, sure, 0.0), np.where(held, 1.0, sure))]
    return Reading(readings[0], np.minimum.reduce(readings), np.maximum.reduce(readings))


def _reading(cell: Ints, sure: Floats, close: Floats, held: Truths, wants: Wants) -> Floats:
    """Of each role, with these confidences: the chance that one holder is close, or of a panel the mean closeness."""
    shape = wants.weight.shape
    with np.errstate(divide="ignore"):
        missed = np.log1p(-sure * close)
    one = 0.0 - np.expm1(_sums(cell, missed, shape))
    weights = np.where(held, sure, 0.0)
    panel = _over(_sums(cell, weights * close, shape), _sums(cell, weights, shape))
    return np.where(wants.panel, panel, one)


def _role_states(holders: Holders, cell: Ints, person: Ints, mapped: Truths, parameters: Parameters) -> Ints:
    """A role's state is its best holder's; opposed, where somebody opposes and nobody else is covered."""
    held, size = holders.sure >= parameters.mapped, mapped.size
    opposed = person == State.OPPOSED
    best = np.full(size, int(State.OPPOSED))
    np.minimum.at(best, cell[held & ~opposed], person[held & ~opposed])
    against = _sums(cell, held & opposed, mapped.shape).ravel() > 0
    best = np.where(against & (best > State.COVERED), int(State.OPPOSED), best)
    return np.where(mapped, best.reshape(mapped.shape), int(State.UNMAPPED))


def _sums(cell: Ints, values: Floats | Truths, shape: tuple[int, ...]) -> Floats:
    """The sum of the values of each cell."""
    return np.bincount(cell, values, shape[0] * shape[1]).astype(np.float64, copy=False).reshape(shape)


def _over(above: Floats, below: Floats | Ints) -> Floats:
    """Above over below, 0 where that is 0."""
    return np.divide(above, below, out=np.zeros(above.shape), where=below > 0)


def shares(sure: Floats, close: Floats, *, panel: bool, mapped: float = MAPPED_FROM) -> Floats:
    """What each holder of one role contributes to its value; the contributions sum to it.

    Under "any" a holder's share is its share in log-survival (method.md 5.4), so that it does not depend on the order of holders.
    """
    if panel:
        weights = np.where(sure >= mapped, sure, 0.0)
        return weights * close / weights.sum() if weights.sum() else np.zeros(len(sure))
    missed = -np.log1p(-np.minimum(sure * close, 1 - 1e-12))
    total = missed.sum()
    return -np.expm1(-total) * missed / total if total else np.zeros(len(sure))


class Resilience(NamedTuple):
    """The least number of contacts whose loss takes a covered role under its target, and the sets of so many; 0 when no role is covered."""

    value: int
    sets: list[tuple[int, ...]]


def resilience(holders: Holders, people: Ints, wants: Wants, parameters: Parameters = DEFAULTS) -> Resilience:
    """Of one group. ``people`` numbers the person of each row, since one may hold several roles.

    Exact: sets are tried by size, and no larger one than the holders of one covered role can be needed.
    """
    now = coverage(holders, wants, parameters=parameters)
    covered = [
        role
        for role in range(len(ROLES))
        if wants.weight[0, role] > 0 and now.state[0, role] <= State.COVERED and now.roles.value[0, role] >= parameters.target
    ]
    if not covered:
        return Resilience(0, [])
    found: set[tuple[int, ...]] = set()
    least = min(_least(holders, role, wants, parameters) for role in covered)
    for role in covered:
        at = np.flatnonzero(holders.role == role)
        own = sorted({int(people[row]) for row in at})
        for lost in combinations(own, least):
            if len(found) < MOST_SETS and _falls(holders, people, at, role, set(lost), wants, parameters):
                found.add(tuple(lost))
    return Resilience(least, sorted(found))


def _least(holders: Holders, role: int, wants: Wants, parameters: Parameters) -> int:
    """The fewest holders of one role whose loss takes it under its target: the closest go first, which is exact under both semantics."""
    at = np.flatnonzero(holders.role == role)
    order = at[np.argsort(-_force(holders, at, bool(wants.panel[0, role]), parameters), kind="stable")]
    return next(gone for gone in range(1, len(order) + 1) if _value(holders, order[gone:], role, wants, parameters) < parameters.target)


def _force(holders: Holders, at: Ints, panel: bool, parameters: Parameters) -> Floats:
    close = np.where(holders.opted_out[at], 0.0, holders.closeness[at])
    return holders.sure[at] * (close - parameters.target if panel else close)


def _falls(holders: Holders, people: Ints, at: Ints, role: int, lost: set[int], wants: Wants, parameters: Parameters) -> bool:
    kept = np.array([row for row in at if int(people[row]) not in lost], np.int64)
    return _value(holders, kept, role, wants, parameters) < parameters.target


def _value(holders: Holders, kept: Ints, role: int, wants: Wants, parameters: Parameters) -> float:
    """The value of one role with these holders alone; 0 where nobody holds it any more."""
    return float(np.nan_to_num(coverage(holders.only(kept), wants, parameters=parameters).roles.value[0, role]))


def single_threaded(found: Coverage, holders: Holders, tie: Ints, colleague: Ints, parameters: Parameters = DEFAULTS) -> Truths:
    """Groups x roles: covered, but resting on one holder, or reached by one of our people only.

    ``tie`` and ``colleague`` name, a row each, a row of the holders and one of ours whose own relationship with that person is reached.
    """
    shape = found.state.shape
    cell = holders.group * shape[1] + holders.role
    firm = (holders.sure >= parameters.mapped) & (found.holders <= State.COVERED)
    tie, colleague = tie[firm[tie]], colleague[firm[tie]]
    pairs = np.unique(np.stack([cell[tie], colleague]), axis=1)[0]
    alone = (_sums(cell, firm, shape) == 1) | (_sums(pairs, np.ones(len(pairs)), shape) == 1)
    single: Truths = (found.state <= State.COVERED) & alone
    return single


def worth(value: float | None, tier: int | None) -> float:
    """What an account is worth to us, 0 to 1: what is said, else by its tier (method.md 5.3)."""
    return value if value is not None else WORTH_OF_TIER.get(tier or 3, WORTH_OF_TIER[3])


def worths_of(value: Floats, tier: Floats) -> Floats:
    """The same of many accounts at once, NaN for unknown."""
    table = np.array([WORTH_OF_TIER[3], *(WORTH_OF_TIER[number] for number in sorted(WORTH_OF_TIER))])
    known = np.isin(tier, list(WORTH_OF_TIER))
    return np.where(np.isnan(value), table[np.where(known, tier, 0).astype(np.int64)], value)


def shrunk(value: Floats, count: Ints, whole: Floats, strength: float) -> Floats:
    """Means of few, drawn towards that of all as if ``strength`` of these stood beside them: ``(n C + s C_all) / (n + s)`` (method.md 5.3)."""
    made: Floats = (count * value + strength * whole) / (count + strength)
    return made


def each(role_values: Floats) -> Iterator[tuple[BuyingRole, float]]:
    """The mapped roles of one group with their values."""
    for role, value in zip(ROLES, role_values, strict=True):
        if not np.isnan(value):
            yield role, float(value)
