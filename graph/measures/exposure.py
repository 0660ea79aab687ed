"""How exposed accounts are to a competitor, root by root, and how open its own accounts are to us (method.md 5.4). Pure and vectorised.

Each root of exposure is bounded: ``e = alpha (1 - exp(-x / kappa))``, with x the decayed sum of what is recorded, as sure as its sources are. The
whole is a noisy-OR, ``E = 1 - product (1 - e)``, so a root's share in the explanation is its share of the log-survival, ``-ln(1 - e)``.

Facts are not equally sure. So that more evidence never lowers a root, x counts at each level of confidence what is at least as sure, and a root is
the mean over the levels, ``alpha times the integral of (1 - exp(-x(c) / kappa)) over c from 0 to 1``: of facts that are equally sure this is
``alpha (1 - exp(-x / kappa)) confidence``.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum
from itertools import combinations
from math import inf
from typing import NamedTuple

import numpy as np

from graph.measures import coverage
from graph.measures.coverage import Holders
from graph.measures.network import Network
from graph.measures.paths import Rules
from graph.measures.strength import Floats, Ints, Truths, changes, ragged
from graph.score import Formula
from graph.template import MAPPED_FROM


class Root(StrEnum):
    """Why an account is exposed to a competitor; the order is that of all arrays of roots."""

    INSTALLED = "INSTALLED"
    INTERACTIONS = "INTERACTIONS"
    EX_EMPLOYEES = "EX_EMPLOYEES"
    KOLS = "KOLS"
    PARTNERS = "PARTNERS"
    PEERS = "PEERS"


ROOTS = tuple(Root)
ROOT_PLACE = {root: place for place, root in enumerate(ROOTS)}


@dataclass(frozen=True)
class Of:
    """One root: its bound, its scale, after how many days half of a fact is left, and the most that its facts can sum to."""

    alpha: float
    kappa: float
    half_life_days: float = inf
    most: float = inf


@dataclass(frozen=True)
class Parameters:
    """The defaults of method.md 5.4, a root each in the order of ``Root``.

    ``seats`` is x of a product on all seats and ``unknown_share`` what counts where nobody says on how many; ``peers_scale`` turns the share of peers
    into x; a renewal ``renewal_days`` away or farther opens nothing.
    """

    installed: Of = Of(0.90, 1.0, 365.0, 3.0)
    interactions: Of = Of(0.50, 5.0, 90.0)
    ex_employees: Of = Of(0.40, 0.3, 3 * 365.0)
    kols: Of = Of(0.35, 1.0, 180.0)
    partners: Of = Of(0.30, 1.0, 365.0)
    peers: Of = Of(0.20, 1.0)
    seats: float = 3.0
    unknown_share: float = 0.5
    peers_scale: float = 2.0
    renewal_days: float = 365.0

    def of(self, root: Root) -> Of:
        """The numbers of a root."""
        return self.each[ROOT_PLACE[root]]

    @property
    def each(self) -> tuple[Of, ...]:
        """The numbers of all roots."""
        return (self.installed, self.interactions, self.ex_employees, self.kols, self.partners, self.peers)


DEFAULTS = Parameters()
FORMULA = Formula("exposure-1", DEFAULTS)
OPPORTUNITY = Formula("displacement-1", DEFAULTS)


class Facts(NamedTuple):
    """A row a recorded thing: the account's number, the place of the root, which thing it is (told twice it counts once), x, and how sure it is."""

    account: Ints
    root: Ints
    thing: Ints
    x: Floats
    sure: Floats

    @classmethod
    def of(cls, root: Root, account: Ints, thing: Ints, x: Floats, sure: Floats) -> "Facts":
        """Rows of one root; what adds nothing is left out."""
        some = np.flatnonzero((x > 0) & (sure > 0))
        return cls(account[some], np.full(len(some), ROOT_PLACE[root]), thing[some], x[some], sure[some])

    @classmethod
    def joined(cls, parts: Sequence["Facts"]) -> "Facts":
        """All of these rows."""
        return cls(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))

    def where(self, rows: Truths | Ints) -> "Facts":
        """These rows alone."""
        return Facts(self.account[rows], self.root[rows], self.thing[rows], self.x[rows], self.sure[rows])


NO_FACTS = Facts(*(np.zeros(0, kind) for kind in (np.int64, np.int64, np.int64, float, float)))


def fading(root: Root, days: Floats, parameters: Parameters = DEFAULTS) -> Floats:
    """What is left of a fact of a root so many days after it ended or happened; nothing is lost of what still holds."""
    made: Floats = np.exp2(-np.maximum(days, 0.0) / parameters.of(root).half_life_days)
    return made


def things(facts: Facts, accounts: int) -> Ints:
    """How many different things are recorded of each account, those told twice once. O(n log n)."""
    order = np.lexsort((facts.thing, facts.root, facts.account))
    account = facts.account[order]
    made: Ints = np.bincount(account[changes(account, facts.root[order], facts.thing[order])], minlength=accounts)
    return made


def roots(facts: Facts, accounts: int, parameters: Parameters = DEFAULTS) -> Floats:
    """Accounts x roots: how much each root exposes each account, 0 for nothing known. O(n log n).

    Of one thing told several times the most counts at each level of confidence; things add up.
    """
    if not len(facts.x):
        return np.zeros((accounts, len(ROOTS)))
    cell, x, sure = _pieces(facts.account * len(ROOTS) + facts.root, facts)
    levels, level = np.unique(-sure, return_inverse=True)
    order = np.argsort(cell * len(levels) + level, kind="stable")
    cell, x, sure = cell[order], x[order], sure[order]
    new, root = changes(cell), cell % len(ROOTS)
    alpha, kappa, _, most = np.array([astuple(of) for of in parameters.each]).T
    reached = -np.expm1(-np.minimum(_running_sum(x, new), most[root]) / kappa[root])
    step = reached - np.where(new, 0.0, np.roll(reached, 1))
    return _summed(cell, alpha[root] * sure * step, accounts * len(ROOTS)).reshape(accounts, len(ROOTS))


def _pieces(cell: Ints, facts: Facts) -> tuple[Ints, Floats, Floats]:
    """What each row adds to its thing beyond what is told at least as surely; most things are told once."""
    key = cell * (int(facts.thing.max()) + 1) + facts.thing
    order = np.argsort(key, kind="stable")
    same = key[order][1:] == key[order][:-1]
    twice = np.zeros(len(key), bool)
    twice[order[1:][same]] = twice[order[:-1][same]] = True
    once, rows = np.flatnonzero(~twice), np.flatnonzero(twice)
    rows = rows[np.lexsort((-facts.x[rows], -facts.sure[rows], key[rows]))]
    new = changes(key[rows])
    values, rank = np.unique(facts.x[rows], return_inverse=True)
    level = (np.cumsum(new) - 1) * len(values)
    highest = values[np.maximum.accumulate(level + rank) - level]
    more = highest - np.where(new, 0.0, np.roll(highest, 1))
    every = np.concatenate([once, rows])
    return cell[every], np.concatenate([facts.x[once], more]), facts.sure[every]


def _running_sum(values: Floats, new: Truths) -> Floats:
    """The sum so far within each run that begins where ``new``."""
    total = np.cumsum(values)
    start = np.flatnonzero(new)
    before = np.repeat(total[start] - values[start], np.diff(np.append(start, len(values))))
    made: Floats = total - before
    return made


class Exposure(NamedTuple):
    """How exposed accounts are: ``roots`` and ``shares`` are accounts x roots, the shares of an account summing to 1; ``threat`` is NaN, and the
    shares 0, where nothing is known: that is unknown, not safe.
    """

    roots: Floats
    shares: Floats
    threat: Floats


def exposure(found: Floats) -> Exposure:
    """The whole of the roots, and the share of each in what explains it."""
    lost = -np.log1p(-found)
    total = lost.sum(1)
    shares = np.divide(lost, total[:, None], out=np.zeros(lost.shape), where=total[:, None] > 0)
    return Exposure(found, shares, np.where(total > 0, -np.expm1(-total), np.nan))


class Weighed(NamedTuple):
    """What people weigh in decisions, a row a person and group: ``sum over their roles of confidence x weight``, as told and by the two readings of
    unsure roles (method.md 5.3).
    """

    value: Floats
    low: Floats
    high: Floats


def readings(sure: Floats) -> Weighed:
    """How sure each holder is, as told, with the unsure left out, and with all who are mapped taken as sure."""
    return Weighed(sure, np.where(sure < coverage.DEFAULTS.sure, 0.0, sure), np.where(sure >= MAPPED_FROM, 1.0, sure))


def seats(holders: Holders, people: Ints, shares: Floats) -> tuple[Ints, Ints, Weighed]:
    """Group, person and weight of everybody who holds a role; ``people`` are the holders' places and ``shares`` is groups x roles."""
    order = np.lexsort((people, holders.group))
    group, person = holders.group[order], people[order].astype(np.int64)
    new = changes(group, person)
    at = np.cumsum(new) - 1
    omega = shares[group, holders.role[order]]
    weights = (_summed(at, omega * each[order], int(new.sum())) for each in readings(holders.sure))
    return group[new], person[new], Weighed(*weights)


def _summed(at: Ints, values: Floats, size: int) -> Floats:
    """The sum of the values at each of so many places."""
    made: Floats = np.bincount(at, values, size).astype(float, copy=False)
    return made


def reached_weight(holders: Holders, people: Ints, shares: Floats, seed: Ints, person: Ints, chance: Floats) -> tuple[Ints, Ints, Weighed]:
    """Seed, group and ``R``: the weight of the roles whose holders somebody reaches.

    ``seed``, ``person`` and ``chance`` say who reaches whom, a row a pair. ``R = sum over roles of weight x (1 - product over holders of
    (1 - confidence x chance))``.
    """
    order = np.argsort(people, kind="stable")
    start, end = (np.searchsorted(people[order], person, side) for side in ("left", "right"))
    row, at = np.repeat(np.arange(len(seed)), end - start), order[ragged(start, end - start)]
    place = np.lexsort((holders.role[at], holders.group[at], seed[row]))
    row, at = row[place], at[place]
    who, group, role = seed[row], holders.group[at], holders.role[at]
    cell = changes(who, group, role)
    cells = np.cumsum(cell) - 1
    pair = changes(who, group)
    pairs = (np.cumsum(pair) - 1)[cell]
    reached = []
    for sure in readings(holders.sure[at]):
        missed = _summed(cells, np.log1p(-np.minimum(sure * chance[row], 1 - 1e-12)), int(cell.sum()))
        reached.append(_summed(pairs, shares[group[cell], role[cell]] * -np.expm1(missed), int(pair.sum())))
    return who[pair], group[pair], Weighed(*reached)


ALL_AT_ONCE = 500
"""From so many people at once ways are looked for: what is held meanwhile grows with them."""


def carried_from(network: Network, rules: Rules, seeds: Ints) -> tuple[Ints, Ints, Floats]:
    """Of each of these people, whom their word reaches: place among the seeds, person, and the chance of the best path (method.md 5.5).

    By layers, a hop each, for all seeds at once: O(edges at the people within the floor).
    """
    found = [_carried(network, rules, seeds[at : at + ALL_AT_ONCE], at) for at in range(0, len(seeds), ALL_AT_ONCE)]
    seed, person, chance = (np.concatenate(columns) for columns in zip(*found, strict=True)) if found else (np.zeros(0, np.int64),) * 3
    return seed, person, chance.astype(float)


def _carried(network: Network, rules: Rules, seeds: Ints, first: int) -> tuple[Ints, Ints, Floats]:
    size = max(network.people, 1)
    own = np.arange(len(seeds)) * size + seeds
    keys, costs = np.sort(own), np.zeros(len(seeds))
    frontier, paid = keys, costs
    for _ in range(rules.hops):
        seed, person = np.divmod(frontier, size)
        edges, owner = network.out_of(person), np.repeat(np.arange(len(person)), network.out_counts(person))
        chance = rules.chance(network, edges)
        kept = (chance > 0) & ~rules.closed[network.head[edges]]
        total = paid[owner[kept]] - np.log(chance[kept] * rules.decay)
        there = seed[owner[kept]] * size + network.head[edges[kept]]
        within = total <= rules.limit
        order = np.lexsort((total[within], there[within]))
        there, total = there[within][order], total[within][order]
        there, total = there[new := changes(there)], total[new]
        at = np.minimum(np.searchsorted(keys, there), len(keys) - 1)
        better = (keys[at] != there) | (total < costs[at])
        frontier, paid = there[better], total[better]
        if not len(frontier):
            break
        keys, costs = np.concatenate([keys, frontier]), np.concatenate([costs, paid])
        order = np.lexsort((costs, keys))
        keys, costs = keys[order], costs[order]
        keys, costs = keys[new := changes(keys)], costs[new]
    seed, person = np.divmod(keys, size)
    others = person != seeds[seed]
    return seed[others] + first, person[others], np.exp(-costs[others]) / rules.decay


def network_exposure(tail: Ints, head: Ints, weight: Floats, adopted: Floats) -> Floats:
    """Valente's exposure: of each, the share of its neighbours, by weight, that adopted; NaN for who has none. O(edges).

    ``E_i = sum_j w_ij y_j / sum_j w_ij`` over edges from ``tail`` i to ``head`` j (Valente 1995).
    """
    size = len(adopted)
    whole, part = np.bincount(tail, weight, size), np.bincount(tail, weight * adopted[head], size)
    made: Floats = np.divide(part, whole, out=np.full(size, np.nan), where=whole > 0)
    return made


def peer_exposure(circles: Sequence[Ints], adopted: Floats) -> tuple[Floats, Ints]:
    """Valente's exposure where two are peers if they share at least one circle, and how many peers each has.

    A circle is a number for each (a parent, an industry, a province), -1 for none; who shares several is one peer. Counted by inclusion and
    exclusion, O(n log n), with no edge made: an industry of 10,000 has 50 million pairs.
    """
    size = len(adopted)
    whole, part = np.zeros(size), np.zeros(size)
    for many in range(1, len(circles) + 1):
        for some in combinations(circles, many):
            inside = np.flatnonzero(np.logical_and.reduce([circle >= 0 for circle in some]))
            if not len(inside):
                continue
            key = np.zeros(len(inside), np.int64)
            for circle in some:
                key = key * (int(circle.max()) + 1) + circle[inside]
            group, sign = np.unique(key, return_inverse=True)[1], 1 if many % 2 else -1
            whole[inside] += sign * (np.bincount(group)[group] - 1)
            part[inside] += sign * (np.bincount(group, adopted[inside])[group] - adopted[inside])
    made = np.divide(part, whole, out=np.full(size, np.nan), where=whole > 0)
    return made, whole.astype(np.int64)


def openness(satisfaction: Floats, renewal_days: Floats, parameters: Parameters = DEFAULTS) -> Floats:
    """How open an installation is: ``(1 - satisfaction) / 2 x (1 - min(1, days to its renewal / 365))``; NaN where either is unknown.

    A renewal that is past tells nothing of the next one.
    """
    ahead = np.where(renewal_days >= 0, renewal_days, np.nan)
    made: Floats = (1 - satisfaction) / 2 * (1 - np.minimum(1.0, ahead / parameters.renewal_days))
    return made


def known_share(known: Floats, parameters: Parameters = DEFAULTS) -> Floats:
    """How much of what could expose an account is looked at: the roots by their bounds, each known from 0 to 1 (accounts x roots)."""
    alpha = np.array([of.alpha for of in parameters.each])
    made: Floats = known @ (alpha / alpha.sum())
    return made
