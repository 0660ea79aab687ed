"""Opinion leaders: who is heard by those who decide, and which few of them reach the most together (method.md 5.5). Pure and vectorised.

Whom a set of leaders reaches is the independent cascade: a word passes each edge once, with the edge's chance. To choose the set the most popular or
the best paths will not do, since they reach the same crowd over the same bridges; so the cascade is run backwards from deciders drawn at random by
their weight (reverse-reachable sets: Borgs et al. 2014), and the share of these draws that a set meets is the weight that it reaches. That share is
submodular: taking the best next one each time reaches at least 1 - 1/e of what any set of the size does (Nemhauser 1978, Kempe 2003). The set is
chosen on one sample and told on another, since the one on which it was chosen flatters it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import sqrt
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from graph.measures.network import NOBODY, Network
from graph.measures.paths import Budget
from graph.measures.strength import Floats, Ints, Truths
from graph.score import Formula
from graph.worded import Worded


@dataclass(frozen=True)
class Weights:
    """What each part of a leader's score weighs."""

    reach: float = 0.40
    authority: float = 0.25
    access: float = 0.20
    activity: float = 0.10
    independence: float = 0.05


@dataclass(frozen=True)
class Parameters:
    """The defaults of method.md 9, but for more ``samples``, which cost little here. ``seconds`` is how long one question may draw.

    ``talk_days`` and ``talks`` are half-life and scale of talks and papers, ``shrink`` steadies small counts of who listens, ``vendor`` is what a
    full tie to a vendor takes from the whole.
    """

    weights: Weights = Weights()
    tiers: tuple[float, float] = (0.60, 0.35)
    min_evidence: int = 3
    samples: int = 10_000
    seconds: float = 2.0
    hops: int = 3
    share: float = 0.8
    shrink: float = 5.0
    talk_days: float = 365.0
    talks: float = 5.0
    vendor: float = 0.5
    damping: float = 0.85
    terms: int = 20


DEFAULTS = Parameters()
FORMULA = Formula("kol-2", DEFAULTS)
BLOCK = 1_000
"""So many cascades run at a time, and after each such lot the clock is looked at."""


class Tier(Worded):
    """How much a key opinion leader moves."""

    T1 = "T1", "A value of at least 0.60."
    T2 = "T2", "A value of at least 0.35."
    T3 = "T3", "A value below that."
    CANDIDATE = "CANDIDATE", "Whatever the value, fewer than three recorded things to rest on."


class Roots(NamedTuple):
    """Whom one wants to reach: places of people with their weights, a row a holder of a role."""

    person: Ints
    weight: Floats


class Draws(NamedTuple):
    """Cascades run backwards: the rows ``(person, draw)`` sorted by person, and from which row of the roots each draw began."""

    person: Ints
    draw: Ints
    root: Ints

    @property
    def size(self) -> int:
        """How many draws."""
        return len(self.root)

    def of(self, candidates: Truths) -> "Draws":
        """With only these people in them."""
        kept = candidates[self.person]
        return Draws(self.person[kept], self.draw[kept], self.root)

    def by_others(self, roots: Roots, unmet: Truths) -> "Draws":
        """Without the one from whom each began, as nobody is reached by himself; those that began from ``unmet`` people are met by nobody."""
        began = roots.person[self.root[self.draw]]
        kept = (self.person != began) & ~unmet[began]
        return Draws(self.person[kept], self.draw[kept], self.root)

    def met_by(self, people: Sequence[int]) -> Truths:
        """Which draws one of these people meets."""
        met = np.zeros(self.size, bool)
        met[self.draw[np.isin(self.person, np.asarray(people, np.int64))]] = True
        return met

    def shares(self, people: int) -> Floats:
        """The share of draws that each of so many people meets alone: the weight that they reach, of all."""
        made: Floats = np.bincount(self.person, minlength=people) / max(self.size, 1)
        return made


def draws(network: Network, closed: Truths, roots: Roots, count: int, seed: int, budget: Budget, hops: int = DEFAULTS.hops) -> Draws:
    """So many cascades backwards, each from one root drawn by weight, along at most ``hops`` edges and past nobody who is ``closed``.

    The same seed gives the same draws; where time runs out there are fewer of them. O(edges at the people met). Without a root of weight there are
    none.
    """
    if not len(roots.weight) or roots.weight.sum() <= 0:
        return Draws(NOBODY, NOBODY, NOBODY)
    made, done = list[Draws](), 0
    while done < count and (not made or budget.in_time()):
        made.append(_block(network, closed, roots, min(BLOCK, count - done), done, np.random.default_rng([seed, done]), hops))
        done += len(made[-1].root)
    person, draw, root = (np.concatenate([block[column] for block in made]) for column in range(3))
    order = np.lexsort((draw, person))
    return Draws(person[order], draw[order], root)


def _block(network: Network, closed: Truths, roots: Roots, count: int, before: int, rng: np.random.Generator, hops: int) -> Draws:
    people = network.people
    root = rng.choice(len(roots.person), count, p=roots.weight / roots.weight.sum())
    met = np.arange(count) * people + roots.person[root]
    frontier = met
    for _ in range(hops):
        draw, person = np.divmod(frontier, people)
        edges = network.into(person)
        owner = np.repeat(draw, network.start[person + 1] - network.start[person])
        passes = (rng.random(len(edges)) < network.chance[edges]) & ~closed[network.tail[edges]]
        frontier = np.setdiff1d(owner[passes] * people + network.tail[edges[passes]], met)
        met = np.union1d(met, frontier)
    draw, person = np.divmod(met, people)
    return Draws(person, draw + before, root)


class Leaders(NamedTuple):
    """The leaders chosen one by one, and what they reach on a fresh sample.

    ``shares`` is the weight that the first one, two ... reach of all, ``gains`` what each adds, ``errors`` their standard errors, and ``flattered``
    what the sample on which they were chosen says of the whole set.
    """

    people: list[int]
    shares: list[float]
    gains: list[float]
    errors: list[float]
    flattered: float


def leaders(chosen_on: Draws, told_on: Draws, candidates: Truths, size: int, share: float | None = None) -> Leaders:
    """The best next candidate each time, at most ``size``, until nobody adds any, or until the fresh sample says that ``share`` is reached.

    Lazily (CELF: Leskovec et al. 2007): what somebody adds only shrinks as others are taken, so most need no second look. Of equals the smaller id.
    """
    on, fresh = chosen_on.of(candidates), told_on.of(candidates)
    met, starts = np.unique(on.person, return_index=True)
    rows = dict(zip(met.tolist(), np.split(on.draw, starts[1:]), strict=False))
    heap = [(-len(mine), who, 0) for who, mine in rows.items()]
    heapify(heap)
    covered, told = np.zeros(on.size, bool), np.zeros(fresh.size, bool)
    made = Leaders([], [], [], [], 0.0)
    while heap and len(made.people) < size and (share is None or not made.shares or made.shares[-1] < share):
        gain, who, seen = heappop(heap)
        if not gain:
            break
        if seen < len(made.people):
            heappush(heap, (-int((~covered[rows[who]]).sum()), who, len(made.people)))
            continue
        covered[rows[who]] = True
        told |= fresh.met_by([who])
        value = float(told.mean())
        made.gains.append(value - (made.shares[-1] if made.shares else 0.0))
        made.people.append(who)
        made.shares.append(value)
        made.errors.append(sqrt(value * (1 - value) / fresh.size))
    return made._replace(flattered=float(covered.mean()) if on.size else 0.0)


def within_reach(network: Network, closed: Truths, candidates: Truths, hops: int = DEFAULTS.hops) -> Truths:
    """Whom any candidate but themselves can reach, however unlikely: looked up edge by edge, not sampled.

    The first and the last candidate by place who reach each person are carried along: one of them is another, or there is no other. O(hops x edges).
    """
    everybody = np.arange(network.people)
    first, last = np.where(candidates, everybody, network.people), np.where(candidates, everybody, -1)
    passes = ~closed[network.head]
    tail, head = network.tail[passes], network.head[passes]
    for _ in range(hops):
        before, after = first[tail], last[tail]
        np.minimum.at(first, head, before)
        np.maximum.at(last, head, after)
    made: Truths = (last >= 0) & ((first != everybody) | (last != everybody))
    return made


def page_rank(
    people: int, tail: Ints, head: Ints, weight: Floats | None = None, teleport: Floats | None = None, parameters: Parameters = DEFAULTS
) -> Floats:
    """PageRank as Neo4j's Graph Data Science states it: not normalised, a series of 20 terms, each node sharing its rank among its edges' heads.

    The numbers are not those of networkx, the order is. O(terms x edges).
    """
    given = np.ones(len(tail)) if weight is None else weight
    out = np.bincount(tail, given, people)
    passed = csr_array((given / out[tail], (head, tail)), shape=(people, people))
    term = (1 - parameters.damping) * (np.ones(people) if teleport is None else teleport)
    rank: Floats = term.copy()
    for _ in range(parameters.terms - 1):
        term = np.asarray(parameters.damping * (passed @ term), np.float64)
        rank += term
    return rank


class Heeded(NamedTuple):
    """Who is heeded within a segment: the share of those heeded there whose rank is lower, and how many heed each there and anywhere."""

    authority: Floats
    here: Ints
    anywhere: Ints


def heeded(people: int, adviser: Ints, advised: Ints, segment: Truths, parameters: Parameters = DEFAULTS) -> Heeded:
    """Authority of each person within a segment, NaN for whom nobody there heeds.

    It is the percentile of the PageRank over who takes advice from whom, where those who take it belong to the segment, times
    ``(heeded here + 5) / (heeded anywhere + 5)``: whoever is known everywhere is no leader of this segment for that.
    """
    inside = segment[advised]
    here, anywhere = np.bincount(adviser[inside], minlength=people), np.bincount(adviser, minlength=people)
    rank = page_rank(people, advised[inside], adviser[inside], parameters=parameters)
    there = np.flatnonzero(here)
    ordered = np.sort(rank[there].round(12))
    mine = rank[there].round(12)
    below = (np.searchsorted(ordered, mine, "left") + np.searchsorted(ordered, mine, "right")) / 2
    made = np.full(people, np.nan)
    made[there] = below / max(len(there), 1) * (here[there] + parameters.shrink) / (anywhere[there] + parameters.shrink)
    return Heeded(made, here, anywhere)


def activity(days: Floats, parameters: Parameters = DEFAULTS) -> float:
    """Of somebody who spoke or wrote so many days ago each time: 0 to 1, half as much a year later."""
    return float(-np.expm1(-np.exp2(-np.maximum(days, 0.0) / parameters.talk_days).sum() / parameters.talks))


class Parts(NamedTuple):
    """The parts of candidates' scores, each 0 to 1 and NaN where nothing is known; ``vendor`` is the firmest tie to a vendor, 0 for none known."""

    reach: Floats
    authority: Floats
    access: Floats
    activity: Floats
    vendor: Floats

    def weighed(self, parameters: Parameters = DEFAULTS) -> Floats:
        """What each part gives, in the order of ``Weights``: parts x candidates; what is not known gives nothing."""
        weights = parameters.weights
        rows = (self.reach, self.authority, self.access, self.activity, 1 - self.vendor)
        given = np.array([weights.reach, weights.authority, weights.access, weights.activity, weights.independence])[:, None]
        made: Floats = given * np.nan_to_num(np.array(rows)) * (1 - parameters.vendor * self.vendor)
        return made


def tier(score: float, evidence: int, parameters: Parameters = DEFAULTS) -> Tier:
    """The tier of a score that rests on so many recorded things."""
    if evidence < parameters.min_evidence:
        return Tier.CANDIDATE
    first, second = parameters.tiers
    return Tier.T1 if score >= first else Tier.T2 if score >= second else Tier.T3
