"""Partners for marketing together: whose accounts resemble and overlap ours, and who opens what is closed to us (method.md 5.5).

Pure and vectorised over any number of partners: counts are products of sparse matrices, O(accounts held); profiles and reach go in blocks of
partners, so that nothing as large as partners x accounts is ever laid out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.special import betaincinv, gammaincinv

from graph.measures.network import NOBODY, Network
from graph.measures.paths import Layer, Rules
from graph.measures.strength import Floats, Ints, Truths, changes, ragged
from graph.score import Formula
from graph.worded import Worded


@dataclass(frozen=True)
class Weights:
    """What each part of a partner's score weighs."""

    similarity: float = 0.30
    lift: float = 0.20
    complement: float = 0.35
    relation: float = 0.15


@dataclass(frozen=True)
class Parameters:
    """The defaults of method.md 9 and 5.5.

    ``met_days`` is for how long a meeting makes a target, ``sizes`` where bands of employees begin, ``opened`` the chance from which a role counts as
    opened and ``covered`` the coverage from which it was no gap, ``interval`` the share that an interval holds.
    """

    weights: Weights = Weights()
    conflict_penalty: float = 0.7
    lift_shrink: float = 5.0
    lift_full: float = 3.0
    min_overlap: int = 10
    laplace: float = 0.5
    met_days: float = 730.0
    sizes: tuple[int, ...] = (10, 50, 250, 1_000, 5_000)
    opened: float = 0.2
    covered: float = 0.35
    interval: float = 0.95


DEFAULTS = Parameters()
FORMULA = Formula("partner-1", DEFAULTS)
BLOCK = 256
"""So many partners are looked at together."""


class Standing(Worded):
    """What a company is to a side: it buys from it, it might, or neither."""

    CUSTOMER = "CUSTOMER", "It buys from this side."
    TARGET = "TARGET", "It does not yet, and this side would sell to it."
    OTHER = "OTHER", "Neither."


STANDINGS = tuple(Standing)
CUSTOMER, TARGET, OTHER = range(3)
ELSEWHERE = 3
"""An account of ours that was not asked about."""
Matrix = csr_array


class Accounts(NamedTuple):
    """Whom partners sell to and whom they might: partners x companies, ones and nothing; no company is both to one partner."""

    customers: Matrix
    targets: Matrix

    @property
    def both(self) -> Matrix:
        """Either."""
        made: Matrix = self.customers + self.targets
        return made

    @classmethod
    def of(cls, shape: tuple[int, int], sold: tuple[Ints, Ints], met: tuple[Ints, Ints], market: Truths) -> "Accounts":
        """From rows (partner, company): sold to, and met. Companies outside the ``market`` are nobody's accounts."""
        customers, targets = (_once((row * shape[1] + column)[market[column]]) for row, column in (sold, met))
        place = np.searchsorted(customers, targets)
        both = np.append(customers, -1)[place] == targets
        return cls(_at(shape, customers), _at(shape, targets[~both]))


def ones(shape: tuple[int, int], row: Ints, column: Ints) -> Matrix:
    """A matrix of ones at these places and nothing elsewhere, however often a place is named."""
    return _at(shape, _once(row.astype(np.int64) * shape[1] + column))


def _once(keys: Ints) -> Ints:
    """Each number once, in order: sorting is ten times as fast as ``np.unique``, which hashes."""
    ordered = np.sort(keys)
    return ordered[changes(ordered)]


def _at(shape: tuple[int, int], cells: Ints) -> Matrix:
    """Ones at these cells, numbered row by row and in order."""
    row, column = np.divmod(cells, max(shape[1], 1))
    return csr_array((np.ones(len(cells)), column, np.searchsorted(row, np.arange(shape[0] + 1))), shape=shape)


def columns(matrix: Matrix, row: int) -> Ints:
    """The places of one row at which there is something, in order."""
    made: Ints = np.sort(matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]).astype(np.int64)
    return made


def grids(theirs: Accounts, ours: Ints, market: Truths) -> Ints:
    """Partners x what companies are to us (customer, target, other, elsewhere) x what they are to the partner: counts of companies.

    ``ours`` is what each company is to us; companies outside the ``market`` count nowhere.
    """
    kinds = ELSEWHERE + 1
    whole = np.bincount(ours[market], minlength=kinds)
    customers, targets = (_by_row(some, ours, kinds) for some in theirs)
    return np.stack([customers, targets, whole - customers - targets], axis=2)


def _by_row(matrix: Matrix, kind: Ints, kinds: int) -> Ints:
    """How many companies of each kind each row has."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    return np.bincount(rows * kinds + kind[matrix.indices], minlength=matrix.shape[0] * kinds).reshape(-1, kinds)


class Between(NamedTuple):
    """Where two shares lie with 95 %: parallel arrays."""

    share_low: Floats
    share_high: Floats
    lift_low: Floats
    lift_high: Floats


class Overlap(NamedTuple):
    """How much of two lists is shared: parallel arrays, one a partner; NaN where a list is empty.

    ``share`` is of the partner's accounts those that are ours; ``lift`` is how many times as many are shared as by chance, drawn towards 1 as if five
    more were shared and five more expected.
    """

    shared: Ints
    ours: int
    theirs: Ints
    market: int
    jaccard: Floats
    containment: Floats
    share: Floats
    lift: Floats

    @property
    def enough(self) -> Truths:
        """Whether enough is shared to say anything of it."""
        return self.shared >= DEFAULTS.min_overlap

    def between(self, rows: Ints, parameters: Parameters = DEFAULTS) -> Between:
        """Of these partners the intervals of the share (Beta, by Jeffreys) and of the lift (of the Gamma distribution of which it is the mean)."""
        low, high = (1 - parameters.interval) / 2, (1 + parameters.interval) / 2
        shared, theirs, known = self.shared[rows], self.theirs[rows], ~np.isnan(self.lift[rows])
        a, b = shared + 0.5, np.maximum(theirs - shared, 0) + 0.5
        count, rate = shared + parameters.lift_shrink, theirs * self.ours / max(self.market, 1) + parameters.lift_shrink
        ends = (
            np.where(shared > 0, betaincinv(a, b, low), 0.0),
            np.where(shared < theirs, betaincinv(a, b, high), 1.0),
            gammaincinv(count, low) / rate,
            gammaincinv(count, high) / rate,
        )
        return Between(*(np.where(known, end, np.nan) for end in ends))


def overlap(shared: Ints, ours: int, theirs: Ints, market: int, parameters: Parameters = DEFAULTS) -> Overlap:
    """Of lists of ``ours`` and ``theirs`` companies with so many in common, in a market of so many."""
    lift = (shared + parameters.lift_shrink) / (theirs * ours / max(market, 1) + parameters.lift_shrink)
    values = (_over(shared, ours + theirs - shared), _over(shared, np.minimum(ours, theirs)), _over(shared, theirs), lift)
    known = (theirs > 0) & (ours > 0)
    return Overlap(shared, ours, theirs, market, *(np.where(known, value, np.nan) for value in values))


def _over(above: Ints, below: Ints) -> Floats:
    made: Floats = np.divide(above, below, out=np.zeros(np.broadcast(above, below).shape), where=np.asarray(below) > 0)
    return made


def by_chance(shared: int, ours: int, theirs: int, market: int) -> float:
    """The chance that so many or more are shared, were their accounts drawn from the market at random (hypergeometric)."""
    from scipy.stats import hypergeom  # noqa: PLC0415 - half a second that only this measure pays

    return float(hypergeom.sf(shared - 1, market, ours, theirs))


class Profile(NamedTuple):
    """Of each company the number of its kind (industry, size and region together), -1 where none of the three is known; and whether all are."""

    kind: Ints
    kinds: int
    whole: Truths


def profile(industry: Ints, employees: Floats, region: Ints, parameters: Parameters = DEFAULTS) -> Profile:
    """Kinds of companies. ``industry`` and ``region`` are numbers, -1 for unknown, ``employees`` NaN for unknown; unknown is a value of its own."""
    size = np.where(np.isnan(employees), -1, np.searchsorted(parameters.sizes, np.nan_to_num(employees), "right"))
    parts = np.stack([industry, size, region])
    some, whole = np.logical_or.reduce(parts >= 0), np.logical_and.reduce(parts >= 0)
    spans = parts.max(1, initial=-1) + 2
    key = ((industry + 1) * spans[1] + size + 1) * spans[2] + region + 1
    kind = np.full(len(industry), -1)
    found, kind[some] = np.unique(key[some], return_inverse=True)
    return Profile(kind, len(found), whole)


def similarity(theirs: Matrix, ours: Truths, of: Profile, parameters: Parameters = DEFAULTS) -> Floats:
    """1 less the Jensen-Shannon divergence (base 2) of the kinds of our accounts and of each partner's: 1 alike, 0 nothing alike.

    Each kind that occurs on one of the two sides counts half a company more there. NaN where of one side no kind is known. In blocks of partners.
    """
    known = np.flatnonzero(of.kind >= 0)
    kinds = csr_array((np.ones(len(known)), (known, of.kind[known])), shape=(len(of.kind), of.kinds))
    mine = np.bincount(of.kind[known][ours[known]], minlength=of.kinds).astype(np.float64)
    made = np.full(theirs.shape[0], np.nan)
    if not mine.any():
        return made
    counts = (theirs @ kinds).tocsr()
    for start in range(0, counts.shape[0], BLOCK):
        some = counts[start : start + BLOCK].toarray()
        made[start : start + BLOCK] = np.where(some.any(1), 1 - _divergence(mine, some, parameters.laplace), np.nan)
    return made


def _divergence(mine: Floats, some: Floats, laplace: float) -> Floats:
    """Jensen and Shannon's, of one distribution with each of some; of kinds that occur in neither nothing is said."""
    there = (some > 0) | (mine > 0)
    p, q = np.where(there, mine + laplace, 0.0), np.where(there, some + laplace, 0.0)
    p, q = p / p.sum(1, keepdims=True), q / q.sum(1, keepdims=True)
    middle = np.where(there, (p + q) / 2, 1.0)
    both = [np.where(there, side * np.log2(np.where(there, side, 1.0) / middle), 0.0).sum(1) for side in (p, q)]
    made: Floats = np.clip((both[0] + both[1]) / 2, 0.0, 1.0)
    return made


class Reach(NamedTuple):
    """Whom partners reach: rows (partner, person, chance of the best way from one of the partner's people), by partner, then person."""

    partner: Ints
    person: Ints
    chance: Floats


def reach(network: Network, rules: Rules, partner: Ints, person: Ints) -> Reach:
    """Whom each partner reaches through its own people, rows (partner, person), by best ways as ``paths`` finds them; its own people surely.

    All of them go on together, layer by layer: the same as a search for each, since from the partner's own people nothing better comes than begins
    with them. O(edges at the people reached).
    """
    people, degree = network.people, np.bincount(network.tail, minlength=network.people)
    begin = _once(partner * people + person)
    begin = begin[~rules.closed[begin % max(people, 1)]]
    known, frontier = Layer(begin, np.zeros(len(begin))), begin
    for _ in range(rules.hops):
        if not len(frontier):
            break
        who, at = np.divmod(frontier, people)
        edges, begun = network.out_of(at), np.repeat(known.at(frontier), degree[at])
        chance = rules.chance(network, edges)
        there = np.repeat(who, degree[at]) * people + network.head[edges]
        goes = (chance > 0) & ~rules.unreachable[network.head[edges]]
        there, total = there[goes], begun[goes] - np.log(chance[goes] * rules.decay)
        better = (total <= rules.limit) & (total < known.at(there))
        known = known.lowered(there[better], total[better])
        frontier = _once(there[better])
        frontier = frontier[~rules.closed[frontier % people]]
    partner, person = np.divmod(known.people, max(people, 1))
    return Reach(partner, person, np.minimum(np.exp(-known.costs) / rules.decay, 1.0))


class Gaps(NamedTuple):
    """What we lack: of every role at every account (a cell) what is missing there, worth x weight x (1 - coverage), and who holds it.

    ``cell`` and ``person`` are rows of holders who may be contacted; ``missing`` is by cell.
    """

    missing: Floats
    cell: Ints
    person: Ints


def opens(network: Network, rules: Rules, partners: int, staff: tuple[Ints, Ints], gaps: Gaps) -> Matrix:
    """Partners x cells: the chance that the partner opens it, through people it reaches. ``staff`` are rows (partner, person). In blocks."""
    order = np.argsort(gaps.person, kind="stable")
    cell, counts = gaps.cell[order], np.bincount(gaps.person, minlength=network.people)
    starts, size = np.cumsum(counts) - counts, max(len(gaps.missing), 1)
    keys, chances = [NOBODY], [np.zeros(0)]
    for rows in _blocks(staff[0], partners):
        found = reach(network, rules, staff[0][rows], staff[1][rows])
        held = counts[found.person]
        key = np.repeat(found.partner, held) * size + cell[ragged(starts[found.person], held)]
        chance = np.repeat(found.chance, held)
        best = np.lexsort((-chance, key))
        best = best[changes(key[best])]
        keys.append(key[best])
        chances.append(chance[best])
    partner, cells = np.divmod(np.concatenate(keys), size)
    return csr_array((np.concatenate(chances), (partner, cells)), shape=(partners, len(gaps.missing)))


def _blocks(partner: Ints, partners: int) -> Iterator[Ints]:
    order = np.argsort(partner, kind="stable")
    edges = np.searchsorted(partner[order], np.arange(0, partners + BLOCK, BLOCK))
    for start, end in pairwise(edges):
        yield order[start:end]


def complement(opened: Matrix, missing: Floats) -> Floats:
    """The share of what we lack that each partner can open; NaN where we lack nothing."""
    total = missing.sum()
    made: Floats = (opened @ missing) / total if total > 0 else np.full(opened.shape[0], np.nan)
    return made


class Rivalry(NamedTuple):
    """What of competitors partners sell: partners x products of theirs, products x the companies that use them, and partners x companies at which
    they are known to sell one.
    """

    sells: Matrix
    users: Matrix
    told: Matrix

    def against(self, theirs: Matrix, ours: Truths) -> Ints:
        """Of each partner at how many accounts that both have it sells what a competitor makes. In blocks of partners."""
        made = np.zeros(theirs.shape[0], np.int64)
        for start in range(0, theirs.shape[0], BLOCK):
            rows = slice(start, start + BLOCK)
            sold = self.sells[rows] @ self.users + self.told[rows]
            made[rows] = (theirs[rows].multiply(sold > 0) @ ours.astype(np.float64)).astype(np.int64)
        return made


class Parts(NamedTuple):
    """The parts of partners' scores: parallel arrays, each 0 to 1, lift as it is; NaN where nothing is known."""

    similarity: Floats
    lift: Floats
    complement: Floats
    relation: Floats
    conflict: Floats

    @property
    def lifted(self) -> Floats:
        """The lift between 0 and 1: full from seven times as many as by chance."""
        made: Floats = np.minimum(1.0, np.log2(1 + self.lift) / DEFAULTS.lift_full)
        return made

    def weighed(self, parameters: Parameters = DEFAULTS) -> Floats:
        """What each part gives, in the order of ``Weights``, and last what conflict takes: five rows that sum to the score. Unknown gives nothing."""
        weights = parameters.weights
        rows = np.nan_to_num(np.array([self.similarity, self.lifted, self.complement, self.relation]))
        given = rows * np.array([weights.similarity, weights.lift, weights.complement, weights.relation])[:, None]
        taken = -parameters.conflict_penalty * np.nan_to_num(self.conflict) * given.sum(0)
        return np.vstack([given, taken])


class Chosen(NamedTuple):
    """Partners chosen one by one, what each adds of what we lack, and ``bound``: no set of the size asked for opens more."""

    places: list[int]
    gains: list[float]
    bound: float

    @property
    def value(self) -> float:
        """What they open together."""
        return float(sum(self.gains))


def chosen(opened: Matrix, missing: Floats, size: int) -> Chosen:
    """The partner who adds most each time, at most ``size``, until nobody adds any; of equals the first.

    A cell is opened as well as by the best of the set, so that together they open less than the sum: submodular, and greed opens at least 1 - 1/e of
    what any set of the size does (Nemhauser 1978). Lazily (CELF: Leskovec 2007): what a partner adds only shrinks, so most need no second look. The
    bound is what is open and the most that so many others could add, the least over all steps.
    """
    best = np.zeros(opened.shape[1])
    first = _gains(opened, missing, best)
    made, bound = Chosen([], [], 0.0), _most(first, size)
    heap = [(-gain, place, 0) for place, gain in enumerate(first.tolist()) if gain > 0]
    heapify(heap)
    while heap and len(made.places) < size:
        _, place, seen = heappop(heap)
        row = slice(opened.indptr[place], opened.indptr[place + 1])
        cells, chance = opened.indices[row], opened.data[row]
        gain = float((missing[cells] * np.maximum(chance - best[cells], 0.0)).sum())
        if seen < len(made.places):
            if gain > 0:
                heappush(heap, (-gain, place, len(made.places)))
            continue
        best[cells] = np.maximum(best[cells], chance)
        made.places.append(place)
        made.gains.append(gain)
        bound = min(bound, made.value + _most(_gains(opened, missing, best), size))
    return made._replace(bound=bound)


def _gains(opened: Matrix, missing: Floats, best: Floats) -> Floats:
    """What each partner would add to what is open."""
    more = missing[opened.indices] * np.maximum(opened.data - best[opened.indices], 0.0)
    rows = np.repeat(np.arange(opened.shape[0]), np.diff(opened.indptr))
    made: Floats = np.bincount(rows, more, opened.shape[0]).astype(np.float64, copy=False)
    return made


def _most(gains: Floats, size: int) -> float:
    """The sum of the largest so many."""
    return float(np.sort(gains)[::-1][:size].sum())
