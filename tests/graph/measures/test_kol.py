"""Opinion leaders: stories, published values, every world of a small network, and every set of leaders tried one by one."""

from dataclasses import replace
from itertools import combinations
from math import isclose, sqrt

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.measures.kol import DEFAULTS, Draws, Parts, Roots, Tier, activity, draws, heeded, leaders, page_rank, tier, within_reach
from graph.measures.network import Evidence, TieKind, network
from graph.measures.paths import DEFAULTS as PATHS
from graph.measures.paths import Budget


def net(people, rows):
    who, whom, chance = (np.array(column) for column in zip(*rows, strict=True)) if rows else (np.zeros(0, int),) * 2 + (np.zeros(0),)
    return network(people, Evidence.of(TieKind.ADVISES, who.astype(np.int64), whom.astype(np.int64), chance.astype(float)))


def mask(people, *who):
    made = np.zeros(people, bool)
    made[list(who)] = True
    return made


def sampled(made, roots, count, seed, hops=3, closed=None):
    people, weight = zip(*roots.items(), strict=True)
    shut = np.zeros(made.people, bool) if closed is None else closed
    return draws(made, shut, Roots(np.array(people, np.int64), np.array(weight, float)), count, seed, Budget(replace(PATHS, seconds=60)), hops)


def exact(made, roots, chosen, hops):
    """What a set reaches, over all worlds of the edges."""
    edges = list(zip(made.tail.tolist(), made.head.tolist(), made.chance.tolist(), strict=True))
    total = 0.0
    for world in range(1 << len(edges)):
        chance, drawn = 1.0, nx.DiGraph()
        drawn.add_nodes_from(range(made.people))
        for place, (who, whom, p) in enumerate(edges):
            stands = world >> place & 1
            chance *= p if stands else 1 - p
            if stands:
                drawn.add_edge(who, whom)
        reached = set().union(*(nx.single_source_shortest_path_length(drawn, who, cutoff=hops) for who in chosen)) if chosen else set()
        total += chance * sum(weight for person, weight in roots.items() if person in reached)
    return total / sum(roots.values())


# Published values.

GDS = [
    ("Jack", "Alice"),
    ("Alice", "Jimmy"),
    ("Alice", "Ethan"),
    ("Alice", "Lara"),
    ("Alice", "Amir"),
    ("Alice", "Willie"),
    ("Ceri", "Ethan"),
    ("Michael", "Mohammed"),
    ("Michael", "Ethan"),
    ("Ethan", "Jimmy"),
    ("Ethan", "Jack"),
    ("Ethan", "Lara"),
    ("Ethan", "Mohammed"),
    ("Lara", "Amir"),
]
PEOPLE = sorted({name for edge in GDS for name in edge})
PLACE = {name: number for number, name in enumerate(PEOPLE)}


def gds():
    return net(len(PEOPLE), [(PLACE[who], PLACE[whom], 0.1) for who, whom in GDS])


def test_the_leaders_of_the_gds_manual():
    """CELF in Neo4j's Graph Data Science manual: Alice, Ethan, Michael; the values are exact, over all 2^14 worlds, where the manual simulates."""
    made, everybody = gds(), dict.fromkeys(range(len(PEOPLE)), 1.0)
    names = ["Alice", "Ethan", "Michael"]
    spreads = {1: 1.5478, 2: 1.5478 + 1.2493, 3: 3.8871}
    on, fresh = sampled(made, everybody, 160_000, 1, hops=9), sampled(made, everybody, 40_000, 2, hops=9)
    found = leaders(on, fresh, np.ones(len(PEOPLE), bool), 3)
    assert [PEOPLE[who] for who in found.people] == names
    for size, share, error in zip((1, 2, 3), found.shares, found.errors, strict=True):
        assert abs(share * len(PEOPLE) - spreads[size]) <= 3 * error * len(PEOPLE)
    for size, spread in spreads.items():
        assert isclose(exact(made, everybody, [PLACE[name] for name in names[:size]], 9) * len(PEOPLE), spread, abs_tol=1e-4)


RANKED = [
    ("Home", "About", 0.2),
    ("Home", "Links", 0.2),
    ("Home", "Product", 0.6),
    ("About", "Home", 1.0),
    ("Product", "Home", 1.0),
    ("A", "Home", 1.0),
    ("B", "Home", 1.0),
    ("C", "Home", 1.0),
    ("D", "Home", 1.0),
    ("Links", "Home", 0.8),
    ("Links", "A", 0.05),
    ("Links", "B", 0.05),
    ("Links", "C", 0.05),
    ("Links", "D", 0.05),
]
PAGES = sorted({page for who, whom, _ in RANKED for page in (who, whom)})


@pytest.mark.parametrize(
    ("weighed", "of", "wanted"),
    [
        (False, None, {"Home": 3.215681999884452, "About": 1.0542700552146722, "A": 0.3278578964488539}),
        (True, None, {"Home": 3.53751028396339, "Product": 1.9357838291651097, "About": 0.7452612763883698, "A": 0.18152677135466103}),
        (False, "A", {"Home": 0.39902290442518784, "A": 0.16890325301726694, "About": 0.11220151747374331}),
    ],
)
def test_the_page_ranks_of_the_gds_manual(weighed, of, wanted):
    who, whom = (np.array([PAGES.index(edge[end]) for edge in RANKED]) for end in (0, 1))
    weight = np.array([edge[2] for edge in RANKED]) if weighed else None
    teleport = None if of is None else mask(len(PAGES), PAGES.index(of)).astype(float)
    found = page_rank(len(PAGES), who, whom, weight, teleport)
    assert {page: found[PAGES.index(page)] for page in wanted} == pytest.approx(wanted, rel=1e-11)


# The set.


@st.composite
def markets(draw):
    people = draw(st.integers(2, 6))
    ends = st.integers(0, people - 1)
    rows = draw(st.lists(st.tuples(ends, ends, st.sampled_from([0.2, 0.5, 0.9])), max_size=8, unique_by=lambda row: row[:2]))
    roots = draw(st.dictionaries(ends, st.sampled_from([0.1, 0.25, 1.0]), min_size=1, max_size=3))
    return net(people, rows), roots


@settings(max_examples=25, deadline=None)
@given(market=markets(), hops=st.integers(1, 3))
def test_the_share_of_draws_is_the_weight_reached_over_all_worlds(market, hops):
    made, roots = market
    found = sampled(made, roots, 4_000, 7, hops)
    for who in range(made.people):
        wanted = exact(made, roots, [who], hops)
        error = sqrt(max(wanted * (1 - wanted), 0.0) / found.size)
        assert abs(found.shares(made.people)[who] - wanted) <= 4.5 * error + 1e-9


@settings(max_examples=60, deadline=None)
@given(market=markets(), size=st.integers(1, 4))
def test_the_lazy_choice_is_the_plain_one_and_no_set_reaches_much_more(market, size):
    made, roots = market
    on, fresh = sampled(made, roots, 300, 1), sampled(made, roots, 300, 2)
    everybody = np.ones(made.people, bool)
    found = leaders(on, fresh, everybody, size)
    plain: list[int] = []
    while len(plain) < size:
        gain, who = max((int(on.met_by([*plain, who]).sum()), -who) for who in range(made.people))
        if gain == int(on.met_by(plain).sum()):
            break
        plain.append(-who)
    assert found.people == plain
    best = max(on.met_by(some).sum() for some in combinations(range(made.people), min(size, made.people)))
    assert found.flattered * on.size >= (1 - 1 / np.e) * best - 1e-9
    assert found.shares == pytest.approx([fresh.met_by(plain[: place + 1]).mean() for place in range(len(plain))])
    assert sum(found.gains) == pytest.approx(found.shares[-1] if found.shares else 0.0)
    assert leaders(on, fresh, everybody, size) == found


def test_two_stars_of_one_crowd_are_not_both_chosen():
    # 0 and 1 are heard by the same three deciders, 2 by a fourth alone: by popularity 0 and 1, together with 2 more is reached.
    made = net(7, [(star, decider, 0.9) for star in (0, 1) for decider in (3, 4, 5)] + [(2, 6, 0.9)])
    roots = dict.fromkeys((3, 4, 5, 6), 1.0)
    found = leaders(sampled(made, roots, 2_000, 1), sampled(made, roots, 2_000, 2), mask(7, 0, 1, 2), 2)
    assert found.people[1] == 2 and found.people[0] in (0, 1)
    assert found.shares[1] == pytest.approx(0.9, abs=0.03) and found.errors[1] <= 0.0115


def test_the_smallest_set_for_a_share_and_a_share_that_nobody_reaches():
    made = net(6, [(0, 3, 0.9), (1, 4, 0.9), (2, 5, 0.1)])
    roots = dict.fromkeys((3, 4, 5), 1.0)
    on, fresh = sampled(made, roots, 2_000, 1), sampled(made, roots, 2_000, 2)
    few, all_ = leaders(on, fresh, mask(6, 0, 1, 2), 6, share=0.25), leaders(on, fresh, mask(6, 0, 1, 2), 6, share=0.99)
    assert len(few.people) == 1 and few.shares[-1] >= 0.25
    assert len(all_.people) == 3 and all_.shares[-1] < 0.99


def test_whom_nobody_can_reach_is_looked_up_and_not_sampled():
    made = net(6, [(0, 1, 0.011), (1, 2, 0.011), (3, 4, 0.9)])
    none = np.zeros(6, bool)
    assert np.flatnonzero(within_reach(made, none, mask(6, 0))).tolist() == [1, 2]
    assert not within_reach(made, mask(6, 1), mask(6, 0)).any()
    assert np.flatnonzero(within_reach(made, none, mask(6, 0), hops=1)).tolist() == [1]
    assert not within_reach(made, none, mask(6, 5)).any() and not within_reach(made, none, none).any()


def test_nobody_reaches_himself():
    # 1 decides and is listened to by 2, who answers; 0 has the ear of 1.
    made, none = net(3, [(0, 1, 0.9), (1, 2, 0.9), (2, 1, 0.9)]), np.zeros(3, bool)
    assert not within_reach(made, none, mask(3, 1))[1] and within_reach(made, none, mask(3, 0, 1))[1]
    roots = Roots(np.array([1]), np.array([1.0]))
    found = sampled(made, {1: 1.0}, 500, 1)
    assert found.shares(3)[1] == 1 and found.by_others(roots, mask(3)).shares(3)[1] == 0
    assert found.by_others(roots, mask(3)).shares(3)[0] == found.shares(3)[0] > 0.8
    assert leaders(found.by_others(roots, mask(3)), found.by_others(roots, mask(3)), mask(3, 1), 3).people == []
    shut = found.by_others(roots, mask(3, 1))
    assert not shut.shares(3).any() and shut.size == found.size, "who opted out keeps their weight, and nobody meets them"


@settings(max_examples=150, deadline=None)
@given(market=markets(), hops=st.integers(1, 3), shut=st.sets(st.integers(0, 5), max_size=2))
def test_who_is_within_reach_of_another_is_who_a_walk_from_another_comes_to(market, hops, shut):
    made, candidates = market[0], set(market[1])
    drawn = nx.DiGraph(zip(made.tail.tolist(), made.head.tolist(), strict=True))
    drawn.add_nodes_from(range(made.people))
    found = within_reach(made, mask(made.people, *(who for who in shut if who < made.people)), mask(made.people, *candidates), hops)
    for person in range(made.people):
        open_ = {who: drawn.subgraph([*set(drawn) - shut, who]) for who in candidates - {person}}
        assert found[person] == any(nx.single_source_shortest_path_length(some, who, hops).get(person) is not None for who, some in open_.items())


def test_out_of_time_fewer_cascades_are_drawn_and_they_are_the_same():
    made, roots = gds(), Roots(np.arange(len(PEOPLE)), np.ones(len(PEOPLE)))
    late = Budget(replace(PATHS, seconds=-1))
    some = draws(made, np.zeros(made.people, bool), roots, 5_000, 1, late)
    assert late.spent and some.size == 1_000
    assert np.array_equal(some.root, sampled(made, dict.fromkeys(range(len(PEOPLE)), 1.0), 5_000, 1).root[:1_000])


def test_nobody_to_reach_and_nobody_to_choose():
    made = net(3, [(0, 1, 0.5)])
    empty = draws(made, np.zeros(3, bool), Roots(np.zeros(0, np.int64), np.zeros(0)), 100, 1, Budget())
    assert empty.size == 0 and not empty.shares(3).any()
    assert leaders(empty, empty, np.ones(3, bool), 5) == ([], [], [], [], 0.0)
    found = sampled(made, {1: 1.0}, 100, 1)
    assert leaders(found, found, np.zeros(3, bool), 5).people == []


def test_who_is_shut_passes_nothing_on():
    made = net(3, [(0, 1, 0.9), (1, 2, 0.9)])
    assert sampled(made, {2: 1.0}, 500, 1).shares(3)[0] > 0.7
    assert sampled(made, {2: 1.0}, 500, 1, closed=mask(3, 1)).shares(3)[0] == 0


def test_the_same_seed_draws_the_same():
    made = gds()
    one, same, other = (sampled(made, {0: 1.0, 3: 2.0}, 500, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(*columns) for columns in zip(one, same, strict=True))
    assert not np.array_equal(one.root, other.root)


def test_met_by_is_any_of_them():
    found = Draws(np.array([0, 0, 1]), np.array([0, 2, 1]), np.zeros(4, np.int64))
    assert found.met_by([0, 1]).tolist() == [True, True, True, False] and not found.met_by([]).any()


# The score.


def test_authority_is_local_and_fame_elsewhere_lowers_it():
    # Three of the segment (5, 6, 7) heed 0, one heeds 1, and twenty elsewhere heed 1.
    adviser = np.array([0, 0, 0, 1] + [1] * 20)
    advised = np.array([5, 6, 7, 5, *range(10, 30)])
    found = heeded(30, adviser, advised, mask(30, 5, 6, 7))
    assert found.authority[0] == pytest.approx(0.75) and found.authority[1] == pytest.approx(0.25 * (1 + 5) / (21 + 5))
    assert np.isnan(found.authority[2]) and found.here.tolist()[:2] == [3, 1] and found.anywhere[1] == 21


def test_nobody_heeded_nobody_ranked():
    found = heeded(3, np.zeros(0, np.int64), np.zeros(0, np.int64), np.ones(3, bool))
    assert np.isnan(found.authority).all()


def test_a_talk_is_worth_half_a_year_later():
    assert activity(np.zeros(0)) == 0 and activity(np.array([0.0])) == pytest.approx(1 - np.exp(-1 / 5))
    assert activity(np.array([365.0])) == pytest.approx(1 - np.exp(-0.5 / 5))


def test_a_vendor_s_man_loses_half():
    parts = Parts(*(np.array([value, value]) for value in (0.5, 1.0, 1.0, 1.0)), np.array([0.0, 1.0]))
    assert parts.weighed().sum(0) == pytest.approx([0.2 + 0.25 + 0.2 + 0.1 + 0.05, (0.2 + 0.25 + 0.2 + 0.1) / 2])
    unknown = Parts(np.array([0.5]), *(np.array([np.nan]) for _ in range(3)), np.array([0.0]))
    assert unknown.weighed().sum() == pytest.approx(0.2 + 0.05)


def test_nobody_gets_a_tier_on_hearsay():
    assert [tier(0.9, 2), tier(0.9, 3), tier(0.6, 3), tier(0.59, 9), tier(0.35, 9), tier(0.1, 9)] == [
        Tier.CANDIDATE, Tier.T1, Tier.T1, Tier.T2, Tier.T2, Tier.T3,
    ]  # fmt: skip


@given(st.lists(st.floats(0, 1), min_size=5, max_size=5))
def test_a_score_lies_between_nought_and_one(values):
    score = float(Parts(*(np.array([value]) for value in values)).weighed().sum())
    assert 0 <= score <= 1 + 1e-9 and sum((DEFAULTS.weights.reach, DEFAULTS.weights.authority, 0.2, 0.1, 0.05)) == pytest.approx(1)
