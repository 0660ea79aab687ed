"""Ways to people: the search on arrays of 200,000 people and a million edges beside networkx, and the questions over the market that is loaded.

``python -m bench.influence_paths --people 20000`` measures both, the questions on a market that is laid into a Neo4j of its own (``bench.lay``).
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import islice
from statistics import median
from typing import Any

import networkx as nx
import numpy as np
import typer

from api.context import Context
from bench.lay import alone
from bench.load import Files
from bench.measure import Result, quantile, timed
from graph.local import Running
from graph.measures.kol import DEFAULTS as KOL
from graph.measures.kol import Roots, draws, leaders
from graph.measures.network import TIE_KINDS, Evidence, Network, network
from graph.measures.paths import DEFAULTS, Budget, Outlook, Rules, layers, ways
from graph.settings import load_settings
from graph.store import Store
from graph.view import View
from queries.anchors.accounts import accounts_in
from queries.influence_paths import influence_paths
from queries.introductions import introductions
from queries.kol_set import kol_set
from queries.reaching.carrying import Carrying

PEOPLE, EDGES, OURS, HUBS, ACCOUNT = 200_000, 1_000_000, 2_000, 2_000, 20
TARGETS, FEW, LISTED = 300, 5, 200


def arrays(seed: int = 1) -> Network:
    """A market's network: most ties are within accounts of 20, our 2,000 people have a twentieth of them, and 2,000 leaders have very many."""
    rng = np.random.default_rng(seed)
    tail, head = rng.integers(0, PEOPLE, EDGES), rng.integers(0, PEOPLE, EDGES)
    inside = rng.random(EDGES) < 0.6
    head[inside] = np.minimum(tail[inside] // ACCOUNT * ACCOUNT + rng.integers(0, ACCOUNT, inside.sum()), PEOPLE - 1)
    rank = rng.zipf(1.5, EDGES // 5)
    rank = rank[rank <= HUBS]
    tail[: len(rank)], head[: len(rank)] = OURS + rank - 1, rng.integers(0, PEOPLE, len(rank))
    ours = rng.random(EDGES) < 0.05
    tail[ours] = rng.integers(0, OURS, ours.sum())
    return network(PEOPLE, Evidence(tail, head, rng.integers(0, len(TIE_KINDS), EDGES), rng.beta(1.2, 3.0, EDGES)))


def each(work: Callable[[int], object], targets: Iterable[int]) -> list[float]:
    """Milliseconds for each target."""
    took = []
    for target in targets:
        began = time.perf_counter()
        work(target)
        took.append((time.perf_counter() - began) * 1000)
    return took


def on_arrays(rounds: int) -> list[Result]:
    """The search alone, beside networkx on the same arrays."""
    net = arrays()
    ours = np.arange(PEOPLE) < OURS
    rules, team = Rules(np.zeros(PEOPLE, bool)), np.full(PEOPLE, -1)
    outlook = Outlook(net, rules, ours)
    outlook.corridor(PEOPLE - 1, Budget())
    drawn: nx.DiGraph[int] = nx.DiGraph()
    drawn.add_nodes_from(range(PEOPLE + 1))
    costs = -np.log(net.chance * rules.decay)
    drawn.add_weighted_edges_from(zip(net.tail.tolist(), net.head.tolist(), costs.tolist(), strict=True))
    back = drawn.reverse(copy=False)
    drawn.add_weighted_edges_from((PEOPLE, who, 0.0) for who in range(OURS))
    targets = np.random.default_rng(2).integers(OURS + HUBS, PEOPLE, TARGETS).tolist()

    def reach(target: int) -> Any:
        return layers(net, rules, np.array([target]), outlook.through, outlook.sources, Budget(), back=True)

    def one(target: int) -> Any:
        budget = Budget()
        return outlook.corridor(target, budget).best(1, budget)

    def best(target: int) -> Any:
        budget = Budget()
        return ways(outlook.corridor(target, budget), 5, team, budget)

    def listed() -> float:
        began = time.perf_counter()
        budget = Budget()
        ahead = outlook.ahead(budget)
        for target in targets:
            outlook.corridor(target, budget, ahead).best(20, Budget())
        return (time.perf_counter() - began) * 1000

    def nx_reach(target: int) -> Any:
        return nx.single_source_dijkstra_path_length(back, target, cutoff=rules.limit)

    def nx_pair(target: int) -> Any:
        return nx.bidirectional_dijkstra(drawn, PEOPLE, target) if nx.has_path(drawn, PEOPLE, target) else None

    def nx_best(target: int) -> Any:
        return list(islice(nx.shortest_simple_paths(drawn, PEOPLE, target, weight="weight"), 5)) if nx.has_path(drawn, PEOPLE, target) else []

    def chosen() -> float:
        rng = np.random.default_rng(3)
        roots = Roots(rng.integers(OURS + HUBS, PEOPLE, 2_000), np.ones(2_000))
        began = time.perf_counter()
        one, other = (draws(net, ours, roots, KOL.samples, seed, Budget(replace(DEFAULTS, seconds=KOL.seconds))) for seed in (1, 2))
        leaders(one, other, (np.arange(PEOPLE) >= OURS) & (np.arange(PEOPLE) < OURS + HUBS), 20)
        return (time.perf_counter() - began) * 1000

    def once(work: Callable[[], object]) -> float:
        began = time.perf_counter()
        work()
        return (time.perf_counter() - began) * 1000

    touched = np.zeros(PEOPLE, bool)
    touched[np.random.default_rng(4).integers(0, PEOPLE, 10)] = True
    some = touched[net.tail] | touched[net.head]
    few = network(PEOPLE, Evidence(net.tail[some], net.head[some], np.zeros(some.sum(), np.int64), net.chance[some]))

    rows: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, took in (
            ("reach", each(reach, targets)),
            ("one", each(one, targets)),
            ("best", each(best, targets)),
            ("nx reach", each(nx_reach, targets[: 4 * FEW])),
            ("nx pair", each(nx_pair, targets[: 4 * FEW])),
            ("nx best", each(nx_best, targets[:FEW])),
        ):
            rows.setdefault(name, []).append(median(took))
            rows.setdefault(f"{name} p95", []).append(quantile(took, 0.95))
        rows.setdefault("list", []).append(listed())
        rows.setdefault("leaders", []).append(chosen())
        rows.setdefault("made", []).append(once(arrays))
        rows.setdefault("renewed", []).append(once(lambda: net.renewed(np.arange(PEOPLE), touched, few)))
        rows.setdefault("everybody", []).append(once(lambda: outlook.ahead(Budget(replace(DEFAULTS, seconds=5)))))

    def told(what: str, values: list[float], unit: str = "ms", goal: float | None = None) -> Result:
        return Result("influence_paths", PEOPLE, f"arrays of {len(net.tail):,} edges: {what}", values, unit, goal)

    def over(own: str, other: str) -> list[float]:
        return [mine / theirs for mine, theirs in zip(rows[own], rows[other], strict=True)]

    return [
        told("all of ours to one person, p95", rows["reach p95"], goal=-50),
        told("the same, median, over networkx' search with the same floor", over("reach", "nx reach"), "x"),
        told("the same, p95", over("reach p95", "nx reach p95"), "x"),
        told("the best way of all of ours, median, over networkx' bidirectional search", over("one", "nx pair"), "x", -1 / 3),
        told("5 different ways, reach and gatekeepers, p95", rows["best p95"], goal=-100),
        told("the same, median, over that one path of networkx", over("best", "nx pair"), "x"),
        told("the same, median, over networkx' 5 shortest simple paths (no limit of hops)", over("best", "nx best"), "x", -1 / 3),
        told(f"20 ways to each of {TARGETS} people from one pass", rows["list"]),
        told("20 leaders of 2,000 over 2,000 deciders, 2 x 10,000 draws", rows["leaders"], goal=-1000),
        told("the network, drawn and made of its evidence", rows["made"]),
        told("the network, carried over a write that touched 10 people", rows["renewed"]),
        told("all of ours to everybody", rows["everybody"]),
    ]


async def measure(store: Store, database: Running, files: Files, people: int, rounds: int) -> list[Result]:
    """The search on arrays, then the questions over the market that is loaded, its snapshot at hand."""
    results = on_arrays(rounds)
    view = await Context(store, load_settings()).view()
    accounts = (await accounts_in(store, view, None))[:LISTED]
    somebody = [f"p{number}" for number in range(people // 2, people // 2 + 20)]
    await influence_paths(store, view, somebody[:1])
    one: list[float] = []
    for _ in range(rounds):
        one.append(median([await timed(influence_paths(store, view, [person])) * 1000 for person in somebody]))
    hops = await _fewest(store, view, somebody, rounds)
    many = [await timed(influence_paths(store, view, somebody)) * 1000 for _ in range(rounds)]
    plans = [await timed(introductions(store, view, to=list(accounts))) * 1000 for _ in range(rounds)]
    sets = [await timed(kol_set(store, view)) * 1000 for _ in range(rounds)]
    return [
        *results,
        Result("influence_paths", people, "ways to one person with evidence, in process", one, "ms"),
        *(Result("influence_paths", people, what, values, unit) for what, values, unit in hops),
        Result("influence_paths", people, f"ways to {len(somebody)} people in one question", many, "ms"),
        Result("introductions", people, f"a plan for {len(accounts)} accounts", plans, "ms"),
        Result("kol_set", people, "5 leaders of the whole market", sets, "ms"),
    ]


NEAREST = """
MATCH (b:Person {id: $person})
MATCH way = SHORTEST 1 (b) ((x:Person)-[r:KNOWS|REPORTS_TO|INFLUENCES]-(y:Person) WHERE r:KNOWS
  OR r.valid_from <= $as_of < r.valid_to AND r.recorded_at <= $known_at < r.retracted_at AND (r:REPORTS_TO OR startNode(r) = y AND r.kind = 'ADVISES')
){1,3} (a:Person WHERE a.id IN $ours)
RETURN length(way) AS hops ORDER BY hops LIMIT 1
"""
"""The fewest hops from any of ours to one person, in Cypher: no chances, nobody left out."""


async def _fewest(store: Store, view: View, people: list[str], rounds: int) -> list[tuple[str, list[float], str]]:
    """The fewest hops from ours to each: from the snapshot, where every edge costs the same, and by Cypher, where both say the same."""
    carrying = await Carrying.at(store, view)
    net, ours = carrying.network, carrying.snapshot.ours
    rules = Rules(np.zeros(net.people, bool), floor=0.01, decay=1.0)
    outlook = Outlook(replace(net, chance=np.full(len(net.chance), 0.5)), rules, ours)
    ids = [carrying.id(int(place)) for place in np.flatnonzero(ours)]
    mine: list[float] = []
    theirs: list[float] = []
    for _ in range(rounds):
        ratio: list[tuple[float, float]] = []
        for person in people:
            began = time.perf_counter()
            found = outlook.corridor(carrying.place(person), Budget()).best(1, Budget())
            middle = time.perf_counter()
            rows = await store.read("bench", NEAREST, {**view.parameters(), "person": person, "ours": ids})
            if found and rows and len(found[0].edges) == rows[0][0]:
                ratio.append(((middle - began) * 1000, (time.perf_counter() - middle) * 1000))
        mine.append(median(one for one, _ in ratio))
        theirs.append(median(other for _, other in ratio))
    what = f"fewest hops from {len(ids):,} of ours to one of {len(people)} people, the same for {len(ratio)}"
    over = [one / other for one, other in zip(mine, theirs, strict=True)]
    return [(f"{what}: from the snapshot", mine, "ms"), ("the same over Cypher's `SHORTEST 1`, median", over, "x")]


if __name__ == "__main__":
    typer.run(alone(measure))
