"""The likeliest ways by which a word reaches a person: the best few, different ones, how sure they are together, and on whom they all hang
(method.md 5.5). Pure.

A path's chance is the product of its edges' chances times ``hop_decay`` for every hop after the first, so with the cost ``-ln(chance x hop_decay)``
of an edge the best path is the cheapest one. Hops are limited, and the cheapest way to a person in three hops need not begin with the cheapest way
to the one before: so costs are worked out in layers, one a hop (Bellman and Ford's relaxation), never by Dijkstra with a filter behind it. One pass
back from the target, with the floor as its limit, says how far everybody is; one pass forth keeps the corridor, the edges on some path over the
floor; in it paths are found best first, with the layers as the exact bound of what is still to come. Nothing outside the corridor is looked at.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from heapq import heappop, heappush
from math import inf, log
from typing import NamedTuple

import numpy as np

from graph.instants import passes
from graph.measures import network as edges_of
from graph.measures.network import NOBODY, Network
from graph.measures.strength import Floats, Ints, Truths, changes
from graph.score import Formula
from graph.worded import Worded


@dataclass(frozen=True)
class Parameters:
    """The defaults of method.md 9. ``steps`` is how often a search may go on from a partial path, ``seconds`` how long one question may take, and
    ``looking`` the share of it in which the corridor must be found.
    """

    max_hops: int = 3
    hard_max_hops: int = 4
    hop_decay: float = 0.8
    floor: float = 0.02
    k: int = 5
    diversity: float = 0.5
    candidates_factor: int = 4
    seconds: float = 0.5
    looking: float = 0.6
    steps: int = 50_000
    bands: tuple[float, float] = (0.5, 0.2)


@dataclass(frozen=True)
class Used:
    """All that a path's chance depends on."""

    edges: edges_of.Parameters = edges_of.DEFAULTS
    paths: Parameters = Parameters()


DEFAULTS = Parameters()
FORMULA = Formula("influence-path-2", Used())
NEARBY = 1e-9
"""Costs that differ by less are the same: sums of the same logarithms in another order."""
LEAST_KNOWN = 1e-4
"""Below this chance no path is worth naming as one that a floor removed."""
EDGES_AT_ONCE, EDGES_IN_STEPS = 100_000, 1_000
"""After so many edges a search looks at the clock: as arrays, and one by one."""


class ReachBand(Worded):
    """How well somebody can be reached."""

    HIGH = "HIGH", "At least 0.5."
    MEDIUM = "MEDIUM", "At least 0.2."
    LOW = "LOW", "Above 0."
    NONE = "NONE", "No path."


def band(reach: float, parameters: Parameters = DEFAULTS) -> ReachBand:
    """The band of a reach."""
    high, medium = parameters.bands
    return ReachBand.HIGH if reach >= high else ReachBand.MEDIUM if reach >= medium else ReachBand.LOW if reach > 0 else ReachBand.NONE


class Rules(NamedTuple):
    """What may carry: no path begins with ``closed`` people or leads through them, and none ends at ``sealed`` ones (None: at no closed one); edges
    rest on these ``kinds`` alone (None: on all), each of at least the chance ``least``.
    """

    closed: Truths
    sealed: Truths | None = None
    kinds: Truths | None = None
    least: float = 0.0
    hops: int = DEFAULTS.max_hops
    floor: float = DEFAULTS.floor
    decay: float = DEFAULTS.hop_decay

    @property
    def limit(self) -> float:
        """What a path may cost."""
        return -log(self.floor * self.decay) + NEARBY

    @property
    def unreachable(self) -> Truths:
        """At whom no path ends."""
        return self.closed if self.sealed is None else self.sealed

    def chance(self, network: Network, edges: Ints) -> Floats:
        """How likely each edge carries; 0 where it does not."""
        chance = network.by(self.kinds, edges)
        return np.where(chance >= self.least, chance, 0.0)

    def carried(self, network: Network, edges: Ints) -> tuple[Ints, Floats]:
        """Those of the edges that carry, and what each costs."""
        chance = self.chance(network, edges)
        carries = chance > 0
        return edges[carries], -np.log(chance[carries] * self.decay)


class Budget:
    """How much one question may still do. ``spent`` is set for good once steps or time are out: then what was found is not all.

    Time is that of the parameters, and no more than what a budget ``within`` which this one lies has left.
    """

    def __init__(self, parameters: Parameters = DEFAULTS, within: "Budget | None" = None) -> None:
        self.until: float = min(time.monotonic() + parameters.seconds, within.until if within else inf)
        self.steps = parameters.steps
        self.spent = False
        self._since = 0

    def step(self, edges: int = 1) -> bool:
        """Whether one more step may be done, after one that looked at so many edges."""
        self.steps -= 1
        self._since += edges
        if self._since > EDGES_IN_STEPS:
            self._since = 0
            return self.in_time()
        return self.steps >= 0 or self._stop()

    def in_time(self) -> bool:
        """Whether there is time left."""
        if time.monotonic() < self.until:
            return True
        passes("time ran out")
        return self._stop()

    @contextmanager
    def share(self, of: float) -> Iterator[None]:
        """A stretch of work that has this share of the time that is left."""
        until = self.until
        self.until = time.monotonic() + (until - time.monotonic()) * of
        try:
            yield
        finally:
            self.until = until

    def _stop(self) -> bool:
        self.spent = True
        return False


class Path(NamedTuple):
    """People from the one who begins to the target, the edges between them (places in the network), and the chance of the whole."""

    people: tuple[int, ...]
    edges: tuple[int, ...]
    chance: float

    @property
    def between(self) -> frozenset[int]:
        """Those who pass the word on."""
        return frozenset(self.people[1:-1])


class Layer(NamedTuple):
    """Costs of some people, sorted by place; of all others infinite. It is as small as what a search met, however large the market."""

    people: Ints
    costs: Floats

    def at(self, people: Ints) -> Floats:
        """The costs of these people."""
        if not len(self.people):
            return np.full(len(people), inf)
        place = np.minimum(np.searchsorted(self.people, people), len(self.people) - 1)
        made: Floats = np.where(self.people[place] == people, self.costs[place], inf)
        return made

    def lowered(self, people: Ints, costs: Floats) -> "Layer":
        """With these costs where they are lower."""
        people, costs = np.concatenate([self.people, people]), np.concatenate([self.costs, costs])
        order = np.lexsort((costs, people))
        order = order[changes(people[order])]
        return Layer(people[order], costs[order])

    def dense(self, size: int) -> Floats:
        """The costs of everybody, of so many."""
        made = np.full(size, inf)
        made[self.people] = self.costs
        return made


def layers(network: Network, rules: Rules, seeds: Ints, through: Truths, ends: Truths, budget: Budget, *, back: bool) -> list[Layer]:
    """Layer by layer the least cost between each person and the nearest seed in at most so many hops; infinite above the limit.

    ``back`` follows edges towards the seeds, else away from them. Paths lead ``through`` some people and end at some; the last layer is of ``ends``
    alone. O(n log n) in the edges at the people within the limit.
    """
    near, far = (network.head, network.tail) if back else (network.tail, network.head)
    made, frontier = [Layer(seeds, np.zeros(len(seeds)))], seeds
    for hop in range(1, rules.hops + 1):
        known, better = made[-1], [(NOBODY, np.zeros(0))]
        for edges, each in _carried(network, rules, frontier, budget, back=back):
            total, there = known.at(near[edges]) + each, far[edges]
            may_be = ends[there] if hop == rules.hops else through[there] | ends[there]
            lower = may_be & (total <= rules.limit) & (total < known.at(there))
            better.append((there[lower], total[lower]))
        there = np.concatenate([one for one, _ in better])
        made.append(known.lowered(there, np.concatenate([costs for _, costs in better])))
        frontier = np.unique(there)
        frontier = frontier[through[frontier]]
        if not len(frontier) or not budget.in_time():
            break
    return made + [made[-1]] * (rules.hops + 1 - len(made))


def _carried(network: Network, rules: Rules, frontier: Ints, budget: Budget, *, back: bool) -> Iterator[tuple[Ints, Floats]]:
    """The edges at these people that carry, and what each costs: a stretch at a time, so long as there is time."""
    ends = np.cumsum(network.many(frontier, back=back))
    start = 0
    while start < len(frontier) and (start == 0 or budget.in_time()):
        before = ends[start - 1] if start else 0
        stop = max(int(np.searchsorted(ends, before + EDGES_AT_ONCE, "right")), start + 1)
        some = frontier[start:stop]
        yield rules.carried(network, network.into(some) if back else network.out_of(some))
        start = stop


def _on_paths(
    network: Network, rules: Rules, seeds: Ints, known: Sequence[Layer], through: Truths, ends: Truths, budget: Budget, *, back: bool
) -> Ints:
    """The edges on some path within the limit, sorted; ``known`` are the layers from the other side, and the rest is as in ``layers``."""
    near, far = (network.head, network.tail) if back else (network.tail, network.head)
    costs, frontier, kept = Layer(seeds, np.zeros(len(seeds))), seeds, [NOBODY]
    for hop in range(1, rules.hops + 1):
        better = [(NOBODY, np.zeros(0))]
        for edges, each in _carried(network, rules, frontier, budget, back=back):
            total, there = costs.at(near[edges]) + each, far[edges]
            fits = (through[there] | ends[there]) & (total + known[rules.hops - hop].at(there) <= rules.limit)
            kept.append(edges[fits])
            lower = fits & (total < costs.at(there))
            better.append((there[lower], total[lower]))
        there = np.concatenate([one for one, _ in better])
        costs = costs.lowered(there, np.concatenate([cost for _, cost in better]))
        frontier = np.unique(there)
        frontier = frontier[through[frontier]]
        if not len(frontier) or not budget.in_time():
            break
    return np.unique(np.concatenate(kept))


class Corridor:
    """All paths over the floor from some people to one: a small network in which everything else is worked out.

    ``back`` are the layers of costs to the target, where they are known; ``alone`` says that one person may begin.
    """

    def __init__(
        self, network: Network, rules: Rules, sources: Truths, alone: bool, target: int, edges: Ints, back: Sequence[Layer] | None = None
    ) -> None:
        self.network, self.rules, self.edges = network, rules, edges
        tail, head = network.tail[edges], network.head[edges]
        self.places = np.unique(np.concatenate([tail, head, [target]]))
        tail, head = np.searchsorted(self.places, tail), np.searchsorted(self.places, head)
        chance = rules.chance(network, edges)
        start = np.searchsorted(head, np.arange(len(self.places) + 1))
        self.small = Network(start, tail, head, network.by_kind[edges], network.tried[edges], network.worked[edges], chance)
        self.alone, self.target = alone, int(np.searchsorted(self.places, target))
        self.sources = sources[self.places] & (self.places != target)
        self.inner = rules._replace(closed=np.zeros(len(self.places), bool), sealed=None, kinds=None, least=0.0)
        self._whole = [layer.at(self.places).tolist() for layer in back] if back else None
        self.out: list[list[tuple[int, float, int]]] = [[] for _ in self.places]
        costs = (-np.log(chance * rules.decay)).tolist()
        for edge, (who, whom) in enumerate(zip(tail.tolist(), head.tolist(), strict=True)):
            self.out[who].append((whom, costs[edge], edge))

    def best(self, most: int, budget: Budget, without: Sequence[int] = ()) -> list[Path]:
        """The best paths, the likeliest first and then by the ids along them: best first, so that nothing worse than the last one is opened.

        ``without`` are places of the corridor that are shut too.
        """
        rules = self._shutting(without)
        starts = np.flatnonzero(self.sources & ~rules.closed)
        if not most or not len(starts):
            return []
        left = self._left(rules, budget) if without else self._left_of_all(budget)
        through = (~(rules.closed | self.sources)).tolist()
        heap: list[tuple[float, tuple[int, ...], float, tuple[int, ...]]] = []
        for who in starts.tolist():
            if left[-1][who] < inf:
                heappush(heap, (round(left[-1][who], 9), (who,), 0.0, ()))
        found: list[Path] = []
        looked = 1
        while heap and len(found) < most and budget.step(looked):
            _, people, cost, edges = heappop(heap)
            looked = 1 + len(self.out[people[-1]])
            if people[-1] == self.target:
                found.append(self._told(people, edges))
                continue
            rest = left[rules.hops - len(people)]
            for whom, each, edge in self.out[people[-1]]:
                total = cost + each + rest[whom]
                if total <= rules.limit and whom not in people and (whom == self.target or through[whom]):
                    heappush(heap, (round(total, 9), (*people, whom), cost + each, (*edges, edge)))
        return found

    def apart(self, most: int, budget: Budget) -> list[Path]:
        """Paths that share nobody but the target, and the one who begins where nobody else may, each the best of those that are left.

        Together they bound how well the target can be reached from below.
        """
        found: list[Path] = []
        used: list[int] = []
        while len(found) < most and (more := self._next_apart(found, used, budget)):
            found.append(more)
            used += np.searchsorted(self.places, more.people[self.alone : -1]).tolist()
        return found

    def _next_apart(self, found: Sequence[Path], used: Sequence[int], budget: Budget) -> Path | None:
        """The best path through nobody who is used; a direct tie, which no shut person closes, is taken once."""
        known = {path.people for path in found}
        return next((path for path in self.best(1 + self.alone, budget, used) if path.people not in known), None)

    def gatekeepers(self, best: Path, budget: Budget) -> list[int]:
        """Who is on every path (the dominators of the target), in the order of the best one; where one person alone may begin, he is none.

        Where a budget ran out, not every path may be known, and nobody is called one.
        """
        found = []
        for person in best.people[self.alone : -1]:
            rules = self._shutting([int(np.searchsorted(self.places, person))])
            left = np.array(self._left(rules, budget)[-1])
            if not np.isfinite(left[self.sources & ~rules.closed]).any():
                found.append(person)
        return found if not budget.spent else []

    def _left_of_all(self, budget: Budget) -> list[list[float]]:
        """The same past everybody; looked for once."""
        if self._whole is None:
            self._whole = self._left(self.inner, budget)
        return self._whole

    def _left(self, rules: Rules, budget: Budget) -> list[list[float]]:
        """What it still costs from everybody to the target, a list a hop."""
        through = ~(rules.closed | self.sources)
        found = layers(self.small, rules, np.array([self.target]), through, self.sources, budget, back=True)
        return [layer.dense(self.small.people).tolist() for layer in found]

    def _shutting(self, places: Sequence[int]) -> Rules:
        closed = self.inner.closed.copy()
        closed[list(places)] = True
        return self.inner._replace(closed=closed)

    def _told(self, people: tuple[int, ...], edges: tuple[int, ...]) -> Path:
        chance = float(np.prod(self.small.chance[list(edges)])) * self.rules.decay ** (len(edges) - 1)
        return Path(tuple(self.places[list(people)].tolist()), tuple(self.edges[list(edges)].tolist()), chance)


class Outlook:
    """From whom a word is to come: ``sources``, of whom the closed begin nothing; no path leads through another source.

    ``corridor`` looks back from one target; with ``ahead`` one pass from the sources serves any number of targets.
    """

    def __init__(self, network: Network, rules: Rules, sources: Truths) -> None:
        self.network, self.rules, self.sources = network, rules, sources & ~rules.closed
        self.through = ~(rules.closed | sources)
        self.alone = int(self.sources.sum()) == 1

    def ahead(self, budget: Budget) -> list[Layer]:
        """What it costs from the sources to everybody."""
        return layers(self.network, self.rules, np.flatnonzero(self.sources), self.through, ~self.sources, budget, back=False)

    def corridor(self, target: int, budget: Budget, ahead: Sequence[Layer] | None = None) -> Corridor:
        """All paths over the floor to one target; none to one who is sealed, or begins them."""
        network, rules, end, through = self.network, self.rules, np.zeros(self.network.people, bool), self.through.copy()
        end[target], through[target] = True, False
        seeds = NOBODY if rules.unreachable[target] or self.sources[target] else np.array([target])
        if ahead is None:
            back = layers(network, rules, seeds, through, self.sources, budget, back=True)
            begin = back[-1].people[self.sources[back[-1].people]]
            edges = _on_paths(network, rules, begin, back, through, end, budget, back=False)
            return Corridor(network, rules, self.sources, self.alone, target, edges, back)
        edges = _on_paths(network, rules, seeds, ahead, through, self.sources, budget, back=True)
        return Corridor(network, rules, self.sources, self.alone, target, edges)


class Ways(NamedTuple):
    """What was found: different paths, the likeliest first; the chance that one of those who share nobody leads there; who is on every path.

    ``truncated`` says that a budget ran out: then there may be better ones.
    """

    paths: list[Path]
    reach: float
    gatekeepers: list[int]
    truncated: bool


def ways(found: Corridor, k: int, team: Ints, budget: Budget, parameters: Parameters = DEFAULTS) -> Ways:
    """The best ``k`` different paths of a corridor, and what they come to. ``team`` is a number for each person's own team, -1 for unknown."""
    candidates = found.best(parameters.candidates_factor * k, budget)
    if not candidates:
        return Ways([], 0.0, [], budget.spent)
    apart = found.apart(k, budget)
    reach = 1 - float(np.prod([1 - path.chance for path in apart])) if apart else candidates[0].chance
    gatekeepers = found.gatekeepers(candidates[0], budget)
    return Ways(different(candidates, k, team, parameters), reach, gatekeepers, budget.spent)


def different(candidates: Sequence[Path], k: int, team: Ints, parameters: Parameters = DEFAULTS) -> list[Path]:
    """``k`` of these paths, chosen one by one by chance, less by how much of those who pass the word on is shared with one chosen before.

    What differs from a chosen one only in the last who passes it on, within one team, is the same advice twice and left out.
    """
    chosen: list[Path] = []
    left = list(candidates)
    while left and len(chosen) < k:
        best = max(left, key=lambda path: path.chance * (1 - parameters.diversity * max((_alike(path, one) for one in chosen), default=0.0)))
        chosen.append(best)
        left = [path for path in left if path is not best and not _same_advice(path, best, team)]
    return sorted(chosen, key=lambda path: (-path.chance, path.people))


def _alike(one: Path, other: Path) -> float:
    """Jaccard's share of those between."""
    both = one.between | other.between
    return len(one.between & other.between) / len(both) if both else 0.0


def _same_advice(one: Path, other: Path, team: Ints) -> bool:
    if len(one.people) != len(other.people) or len(one.people) < 3 or one.people[:-2] != other.people[:-2]:
        return False
    return bool(team[one.people[-2]] == team[other.people[-2]] >= 0)


class Barrier(StrEnum):
    """What keeps a word from a person."""

    NO_EDGE = "NO_EDGE"
    OPTED_OUT = "OPTED_OUT"
    COMPETITOR = "COMPETITOR"
    OVER_ASKED = "OVER_ASKED"
    AVOIDED = "AVOIDED"
    KINDS = "KINDS"
    LEAST = "LEAST"
    HOPS = "HOPS"
    FLOOR = "FLOOR"
    TIME = "TIME"


class Removed(NamedTuple):
    """The best path that would be there without the rules, None where there is none at all, and what removed it.

    ``who`` are the people on it who are not to be asked, with the reason; ``weakest`` is the edge that is too weak or of a kind not asked for.
    """

    path: Path | None
    barriers: list[Barrier]
    who: list[tuple[int, Barrier]]
    weakest: int | None


def removed(
    network: Network,
    asked: Rules,
    shut: Mapping[Barrier, Truths],
    sources: Truths,
    target: int,
    budget: Budget,
    parameters: Parameters = DEFAULTS,
) -> Removed:
    """Why nothing was found: the best path without the rules, and which of them it breaks. ``shut`` says why people are closed.

    The floor is held against what the path comes to over the kinds asked for.  A path of more
    than four hops, or of a chance below 0.0001, is none. Whoever is to be reached may work for a competitor or be avoided otherwise; that they opted
    out ends it.
    """
    free = Rules(np.zeros(network.people, bool), hops=parameters.hard_max_hops, floor=LEAST_KNOWN, decay=asked.decay)
    best = Outlook(network, free, sources).corridor(target, budget).best(1, budget)
    who = [(person, barrier) for person in (best[0].people[:-1] if best else ()) for barrier, closed in shut.items() if closed[person]]
    if Barrier.OPTED_OUT in shut and shut[Barrier.OPTED_OUT][target]:
        who.append((target, Barrier.OPTED_OUT))
    if not best:
        none = Barrier.TIME if budget.spent else Barrier.NO_EDGE
        return Removed(None, [barrier for _, barrier in who] or [none], who, None)
    path = best[0]
    edges = np.array(path.edges)
    rest = network.by(asked.kinds, edges)
    barriers = [barrier for _, barrier in who]
    barriers += [Barrier.KINDS] if (rest == 0).any() else [Barrier.LEAST] if (rest < asked.least).any() else []
    barriers += [Barrier.HOPS] if len(edges) > asked.hops else []
    chance = path.chance if Barrier.KINDS in barriers else float(np.prod(rest)) * asked.decay ** (len(edges) - 1)
    barriers += [Barrier.FLOOR] if chance < asked.floor else []
    barriers += [Barrier.TIME] if budget.spent and not barriers else []
    return Removed(path, list(dict.fromkeys(barriers)), who, int(edges[np.argmin(rest)]))
