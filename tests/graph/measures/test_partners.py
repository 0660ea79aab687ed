"""Partners: published overlaps, counts by Python sets, ways tried one by one, and every set of partners."""

from itertools import combinations, pairwise
from math import comb, exp, log2

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.spatial.distance import jensenshannon
from scipy.stats import beta, gamma

from graph.measures.network import Evidence, TieKind, network
from graph.measures.partners import (
    CUSTOMER,
    DEFAULTS,
    ELSEWHERE,
    OTHER,
    TARGET,
    Accounts,
    Gaps,
    Parts,
    by_chance,
    chosen,
    complement,
    grids,
    opens,
    overlap,
    profile,
    reach,
    similarity,
)
from graph.measures.paths import Budget, Outlook, Rules


def accounts(partners, companies, sold, met=(), market=None):
    """From pairs (partner, company)."""
    rows = [tuple(np.array([pair[end] for pair in some], np.int64) for end in (0, 1)) for some in (list(sold), list(met))]
    return Accounts.of((partners, companies), *rows, np.ones(companies, bool) if market is None else market)


def net(people, rows):
    who, whom, chance = (np.array([row[at] for row in rows]) for at in range(3))
    return network(people, Evidence.of(TieKind.ADVISES, who.astype(np.int64), whom.astype(np.int64), chance.astype(float)))


# Published values.


def test_the_overlaps_of_the_gds_manual():
    """Who likes which instrument: node similarity in Neo4j's Graph Data Science manual."""
    likes = {"Alice": "GSB", "Bob": "GS", "Carol": "B", "Dave": "GTB"}
    wanted = {"Alice-Bob": 2 / 3, "Alice-Dave": 0.5, "Alice-Carol": 1 / 3, "Carol-Dave": 1 / 3, "Bob-Dave": 0.25}
    names, things = list(likes), "GSBT"
    theirs = accounts(4, 4, [(names.index(who), things.index(thing)) for who, some in likes.items() for thing in some])
    for pair, value in wanted.items():
        ours, other = pair.split("-")
        mine = np.array([CUSTOMER if thing in likes[ours] else OTHER for thing in things])
        grid = grids(theirs, mine, np.ones(4, bool))[names.index(other)]
        found = overlap(grid[:1, :1].sum(keepdims=True)[0], len(likes[ours]), np.array([len(likes[other])]), 4)
        assert found.jaccard[0] == pytest.approx(value)


def test_shares_of_the_market_are_the_degrees_of_davis_women():
    """Davis' women at events: the degrees that Borgatti and Everett (1997) print are shares of the other side."""
    women, drawn = nx.bipartite.sets(nx.davis_southern_women_graph()), nx.davis_southern_women_graph()
    for side, other, wanted in ((*women, {"E8": 0.78, "E9": 0.67}), (*women[::-1], {"Evelyn Jefferson": 0.57, "Nora Fayette": 0.57})):
        across, along = sorted(other), sorted(side)
        theirs = accounts(len(across), len(along), [(row, along.index(one)) for row, who in enumerate(across) for one in drawn[who]])
        share = theirs.both.sum(axis=1) / len(along)
        for who, value in wanted.items():
            assert share[across.index(who)] == pytest.approx(value, abs=0.005)


# Overlaps beside Python sets.


@st.composite
def markets(draw):
    """How many companies, what each is to us, which count, and of each partner to whom it sold and whom it met."""
    size = draw(st.integers(1, 12))
    ours = draw(st.lists(st.sampled_from([CUSTOMER, TARGET, OTHER, ELSEWHERE]), min_size=size, max_size=size))
    market = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    some = st.sets(st.integers(0, size - 1))
    return ours, market, draw(st.lists(st.tuples(some, some), max_size=4))


@given(markets())
def test_the_grid_counts_each_company_once(market):
    ours, counts, partners = market
    inside = {company for company, there in enumerate(counts) if there}
    sold = [(row, company) for row, (some, _) in enumerate(partners) for company in some]
    met = [(row, company) for row, (_, some) in enumerate(partners) for company in some]
    theirs = accounts(len(partners), len(ours), sold, met, np.array(counts))
    found = grids(theirs, np.array(ours), np.array(counts))
    assert found.shape == (len(partners), 4, 3)
    for grid, (customers, others) in zip(found.tolist(), partners, strict=True):
        columns = [customers & inside, (others - customers) & inside, inside - customers - others]
        rows = [{company for company in inside if ours[company] == kind} for kind in (CUSTOMER, TARGET, OTHER, ELSEWHERE)]
        assert grid == [[len(row & column) for column in columns] for row in rows]
        assert sum(map(sum, grid)) == len(inside)


def test_an_overlap_in_figures():
    """128 of 200 accounts shared with our 400, in a market of 2,000: forty by chance."""
    found = overlap(np.array([128]), 400, np.array([200]), 2_000)
    assert found.jaccard[0] == pytest.approx(128 / 472)
    assert found.containment[0] == found.share[0] == pytest.approx(0.64)
    assert found.lift[0] == pytest.approx((128 + 5) / (40 + 5))
    between = found.between(np.array([0]))
    assert (between.share_low[0], between.share_high[0]) == tuple(map(pytest.approx, beta(128.5, 72.5).ppf([0.025, 0.975])))
    assert (between.lift_low[0], between.lift_high[0]) == tuple(map(pytest.approx, gamma(133, scale=1 / 45).ppf([0.025, 0.975])))
    assert found.enough[0] and not overlap(np.array([9]), 400, np.array([200]), 2_000).enough[0]


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_an_overlap_keeps_its_bounds(shared, ours, theirs, rest):
    ours, theirs = ours + shared, theirs + shared
    found = overlap(np.array([shared]), ours, np.array([theirs]), ours + theirs - shared + rest)
    values = [float(column[0]) for column in (*found[4:], *found.between(np.array([0])))]
    if not ours or not theirs:
        assert all(map(np.isnan, values))
        return
    jaccard, containment, share, lift, low, high, least, most = values
    assert 0 <= jaccard <= containment <= 1 and jaccard <= share
    assert 0 <= low <= share <= high <= 1 and 0 < least <= lift <= most
    more = overlap(np.array([shared + 1]), ours + 1, np.array([theirs + 1]), ours + theirs - shared + rest + 1)
    assert more.jaccard[0] >= jaccard


def test_how_likely_so_many_are_by_chance():
    """Of every way to draw the partner's three accounts out of eight, those that share two or three with our four."""
    draws = [len({0, 1, 2, 3} & set(some)) for some in combinations(range(8), 3)]
    assert by_chance(2, 4, 3, 8) == pytest.approx(sum(many >= 2 for many in draws) / comb(8, 3))
    assert by_chance(0, 4, 3, 8) == pytest.approx(1)


# Profiles.


def test_likeness_in_figures():
    """We sell to two banks and a school, the partner to one bank: half a company beside each of two kinds."""
    kinds = profile(np.array([0, 0, 1, 0]), np.array([60.0, 70.0, 60.0, 99.0]), np.array([2, 2, 2, 2]))
    assert kinds.kinds == 2 and kinds.whole.all()
    found = similarity(accounts(1, 4, [(0, 3)]).both, np.array([True, True, True, False]), kinds)
    p, q = np.array([2.5, 1.5]) / 4, np.array([1.5, 0.5]) / 2
    assert found[0] == pytest.approx(1 - jensenshannon(p, q, base=2) ** 2)


company = st.tuples(st.integers(-1, 1), st.sampled_from([np.nan, 5.0, 80.0, 900.0]), st.integers(-1, 1))


@given(st.lists(company, min_size=1, max_size=10), st.data())
def test_likeness_beside_a_count_by_hand(companies, data):
    size = len(companies)
    ours = data.draw(st.sets(st.integers(0, size - 1)))
    theirs = data.draw(st.lists(st.sets(st.integers(0, size - 1)), max_size=3))
    kinds = profile(*(np.array(column) for column in zip(*companies, strict=True)))
    held = accounts(len(theirs), size, [(row, one) for row, some in enumerate(theirs) for one in some])
    found = similarity(held.both, np.isin(np.arange(size), list(ours)), kinds)

    def kind(one):
        industry, staff, region = companies[one]
        band = None if np.isnan(staff) else sum(staff >= begin for begin in DEFAULTS.sizes)
        return None if industry < 0 and band is None and region < 0 else (industry, band, region)

    for value, some in zip(found, theirs, strict=True):
        mine, other = ([made for one in sorted(side) if (made := kind(one))] for side in (ours, some))
        if not mine or not other:
            assert np.isnan(value)
            continue
        there = sorted({*mine, *other}, key=str)
        p, q = ([side.count(one) + 0.5 for one in there] for side in (mine, other))
        assert value == pytest.approx(1 - jensenshannon(p, q, base=2) ** 2)
        assert mine != other or value == pytest.approx(1)


# Reach.


def best_way(drawn, start, target, closed, hops=3, decay=0.8, floor=0.02):
    """The chance of the best way past nobody who is closed, every simple one tried."""
    if start == target:
        return 1.0
    ways = nx.all_simple_paths(drawn, start, target, cutoff=hops) if target in drawn and start in drawn else []
    chances = [
        decay ** (len(way) - 2) * np.prod([drawn[one][other]["chance"] for one, other in pairwise(way)]) for way in ways if not closed & set(way)
    ]
    return max((float(chance) for chance in chances if chance >= floor - 1e-12), default=0.0)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.sampled_from([0.9, 0.5, 0.3, 0.1])), max_size=18), st.data())
def test_whom_partners_reach_every_way_tried(edges, data):
    people, edges = 7, [edge for edge in {edge[:2]: edge for edge in edges}.values() if edge[0] != edge[1]]
    made = net(people, edges)
    drawn = nx.DiGraph()
    drawn.add_edges_from((int(who), int(whom), {"chance": p}) for who, whom, p in zip(made.tail, made.head, made.chance, strict=True))
    closed = data.draw(st.sets(st.integers(0, 6), max_size=2))
    sealed = {who for who in closed if data.draw(st.booleans())}
    staff = data.draw(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 6)), unique=True, max_size=5))
    rules = Rules(*(np.isin(np.arange(people), list(some)) for some in (closed, sealed)))
    rows = tuple(np.array([row[at] for row in staff], np.int64) for at in (0, 1))
    found = reach(made, rules, *rows)
    told = dict(zip(zip(found.partner.tolist(), found.person.tolist(), strict=True), found.chance.tolist(), strict=True))
    for partner in range(3):
        own = {person for one, person in staff if one == partner} - closed
        wanted = {person: max((best_way(drawn, start, person, closed) for start in own), default=0.0) for person in set(range(people)) - sealed}
        assert {person: told.get((partner, person), 0.0) for person in wanted} == {person: pytest.approx(p) for person, p in wanted.items()}
        ahead = Outlook(made, rules, np.isin(np.arange(people), list(own))).ahead(Budget())[-1]
        one_by_one = {person: exp(-cost) / 0.8 for person, cost in zip(ahead.people.tolist(), ahead.costs.tolist(), strict=True)}
        for person in wanted.keys() - own:
            assert told.get((partner, person), 0.0) == pytest.approx(one_by_one.get(person, 0.0))


def test_what_a_partner_opens_is_what_its_best_way_to_a_holder_opens():
    made = net(6, [(0, 3, 0.5), (1, 3, 0.9), (1, 4, 0.6), (4, 5, 0.5)])
    gaps = Gaps(np.array([2.0, 1.0, 1.0]), np.array([0, 0, 1]), np.array([3, 4, 5]))
    found = opens(made, Rules(np.zeros(6, bool)), 3, (np.array([0, 1]), np.array([0, 1])), gaps)
    assert found.toarray() == pytest.approx(np.array([[0.5, 0, 0], [0.9, 0.6 * 0.5 * 0.8, 0], [0, 0, 0]]))
    assert complement(found, gaps.missing) == pytest.approx([0.25, (1.8 + 0.24) / 4, 0])
    assert np.isnan(complement(found, np.zeros(3))).all(), "who lacks nothing has nothing to be opened"


# Scores.


def test_a_score_in_figures():
    """Neo: much alike, 2.4 times as many shared as by chance, opens a third, well known to us, and sells a rival's at 6 of 128."""
    parts = Parts(*(np.array([value]) for value in (0.8, 2.4, 0.33, 0.6, 6 / 128)))
    plain = 0.30 * 0.8 + 0.20 * log2(3.4) / 3 + 0.35 * 0.33 + 0.15 * 0.6
    assert parts.weighed().sum() == pytest.approx(plain * (1 - 0.7 * 6 / 128))


chance = st.one_of(st.just(np.nan), st.floats(0, 1))


@given(chance, st.one_of(st.just(np.nan), st.floats(0, 50)), chance, chance, st.floats(0, 1))
def test_scores_keep_their_bounds_and_conflict_only_takes(alike, lift, opened, known, conflict):
    made = [Parts(*(np.array([value]) for value in (alike, lift, opened, known, against))).weighed().sum() for against in (conflict, 0.0)]
    assert -1e-12 <= made[0] <= made[1] <= 1 + 1e-12


# Sets of partners.


@st.composite
def openings(draw):
    partners, cells = draw(st.integers(0, 8)), draw(st.integers(1, 6))
    level = st.sampled_from([0.0, 0.0, 0.1, 0.5, 0.9])
    rows = draw(st.lists(st.lists(level, min_size=cells, max_size=cells), min_size=partners, max_size=partners))
    missing = draw(st.lists(st.sampled_from([0.0, 0.25, 1.0, 2.0]), min_size=cells, max_size=cells))
    return np.array(rows).reshape(partners, cells), np.array(missing), draw(st.integers(1, 4))


def together(rows, missing, some):
    """What a set opens: of each cell the best of it."""
    return sum(weight * max((rows[one][cell] for one in some), default=0.0) for cell, weight in enumerate(missing))


@given(openings())
def test_greed_beside_every_set(given_):
    rows, missing, size = given_
    found = chosen(csr_array(rows), missing, size)
    naive = []
    while len(naive) < size:
        gains = {one: together(rows, missing, [*naive, one]) - together(rows, missing, naive) for one in range(len(rows)) if one not in naive}
        best = max(gains, key=lambda one: (round(gains[one], 12), -one), default=None)
        if best is None or gains[best] <= 1e-12:
            break
        naive.append(best)
    assert [together(rows, missing, found.places[:many]) for many in range(len(naive) + 1)] == pytest.approx(
        [together(rows, missing, naive[:many]) for many in range(len(naive) + 1)]
    )
    assert found.value == pytest.approx(together(rows, missing, found.places))
    best = max(together(rows, missing, some) for many in range(size + 1) for some in combinations(range(len(rows)), many))
    assert found.value >= (1 - 1 / exp(1)) * best - 1e-9
    assert found.bound >= best - 1e-9
    assert found.gains == sorted(found.gains, reverse=True)


def test_two_who_open_the_same_are_not_both_taken():
    rows = np.array([[0.9, 0.9, 0.0], [0.9, 0.8, 0.0], [0.0, 0.0, 0.5]])
    found = chosen(csr_array(rows), np.ones(3), 2)
    assert (found.places, found.gains) == ([0, 2], pytest.approx([1.8, 0.5]))
    assert found.bound == pytest.approx(2.3), "nobody who is left adds anything: the best set there is"


def test_where_there_is_nobody_or_nothing():
    empty = accounts(0, 3, [])
    assert grids(empty, np.zeros(3, np.int64), np.ones(3, bool)).shape == (0, 4, 3)
    assert len(similarity(empty.both, np.ones(3, bool), profile(np.zeros(3, np.int64), np.ones(3), np.zeros(3, np.int64)))) == 0
    gaps = Gaps(np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64))
    nobody = (np.zeros(0, np.int64), np.zeros(0, np.int64))
    for partners, people in ((0, 0), (2, 3)):
        opened = opens(net(people, []), Rules(np.zeros(people, bool)), partners, nobody, gaps)
        assert opened.shape == (partners, 0) and np.isnan(complement(opened, gaps.missing)).all()
        assert chosen(opened, gaps.missing, 3) == ([], [], 0.0)
    assert overlap(np.array([0]), 1, np.array([1]), 1).lift[0] == pytest.approx(5 / 6)
