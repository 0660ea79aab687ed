"""Exposure to a competitor: stories of the field, and everything against plain loops on random facts, networks and markets."""

from itertools import pairwise
from math import exp, log, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from graph.measures.coverage import Holders
from graph.measures.exposure import (
    DEFAULTS,
    NO_FACTS,
    ROOT_PLACE,
    ROOTS,
    Facts,
    Root,
    carried_from,
    exposure,
    fading,
    known_share,
    network_exposure,
    openness,
    peer_exposure,
    reached_weight,
    roots,
    seats,
)
from graph.measures.rates import wilson
from tests.graph.measures.test_paths import net, rules

ALPHA = {"INSTALLED": 0.9, "INTERACTIONS": 0.5, "EX_EMPLOYEES": 0.4, "KOLS": 0.35, "PARTNERS": 0.3, "PEERS": 0.2}
KAPPA = {"INSTALLED": 1, "INTERACTIONS": 5, "EX_EMPLOYEES": 0.3, "KOLS": 1, "PARTNERS": 1, "PEERS": 1}


def facts(*rows):
    """Rows ``(account, root, thing, x, sure)``."""
    made = [Facts.of(Root(root), *(np.array([cell]) for cell in (at, thing, x, sure))) for at, root, thing, x, sure in rows]
    return Facts.joined([NO_FACTS, *made])


def slow_root(rows, name):
    """One root of one account, from rows ``(thing, x, sure)``: at each level of confidence what is at least as sure, each thing once."""
    levels = sorted({sure for _, _, sure in rows})
    value = 0.0
    for low, high in pairwise([0.0, *levels]):
        most = {}
        for thing, x, sure in rows:
            if sure >= high:
                most[thing] = max(x, most.get(thing, 0.0))
        total = min(sum(most.values()), 3.0) if name == "INSTALLED" else sum(most.values())
        value += (high - low) * ALPHA[name] * (1 - exp(-total / KAPPA[name]))
    return value


some_facts = st.lists(
    st.tuples(
        st.integers(0, 3), st.sampled_from(list(ALPHA)), st.integers(0, 2), st.sampled_from([0.1, 0.7, 1.0, 2.5]), st.sampled_from([0.3, 0.8, 1.0])
    ),
    max_size=25,
)


def test_the_methods_sentence_holds_together():
    """Method 5.4: 0.78 exposed; installed 0.86 of the explanation, a director who came from there 0.09, a partner 0.05."""
    told = {"INSTALLED": 0.86, "EX_EMPLOYEES": 0.09, "PARTNERS": 0.05}
    bounded = {name: 1 - (1 - 0.78) ** share for name, share in told.items()}
    found = exposure(roots(facts(*((0, name, 0, -KAPPA[name] * log(1 - e / ALPHA[name]), 1) for name, e in bounded.items())), 1))
    assert found.threat[0] == pytest.approx(0.78)
    assert {name: found.shares[0, ROOT_PLACE[Root(name)]] for name in told} == pytest.approx(told)
    assert found.shares.sum() == pytest.approx(1)


def test_nothing_known_is_unknown_and_not_safe():
    found = exposure(roots(NO_FACTS, 2))
    assert np.isnan(found.threat).all()
    assert not found.shares.any()


def test_of_equally_sure_facts_a_root_is_the_methods_formula():
    made = roots(facts((0, "INTERACTIONS", 0, 1.0, 0.7), (0, "INTERACTIONS", 1, 2.0, 0.7)), 1)
    assert made[0, 1] == pytest.approx(0.5 * (1 - exp(-3 / 5)) * 0.7)


def test_a_doubtful_fact_beside_a_sure_one_does_not_make_it_doubtful():
    sure = roots(facts((0, "INSTALLED", 0, 1.5, 1.0)), 1)
    both = roots(facts((0, "INSTALLED", 0, 1.5, 1.0), (0, "INSTALLED", 1, 1.0, 0.1)), 1)
    assert both[0, 0] > sure[0, 0]


def test_an_installation_told_twice_counts_once_and_the_larger_one():
    once = roots(facts((0, "INSTALLED", 7, 2.4, 1)), 1)
    assert roots(facts((0, "INSTALLED", 7, 2.4, 1), (0, "INSTALLED", 7, 1.0, 1), (0, "INSTALLED", 7, 2.4, 0.5)), 1) == pytest.approx(once)


def test_two_products_never_take_more_than_all_seats():
    full = roots(facts((0, "INSTALLED", 0, 3.0, 1)), 1)
    assert roots(facts((0, "INSTALLED", 0, 2.4, 1), (0, "INSTALLED", 1, 2.4, 1)), 1) == pytest.approx(full)


def test_one_new_fact_raises_the_log_survival_by_exactly_its_roots_share():
    before = facts((0, "INSTALLED", 0, 2.4, 1), (0, "PARTNERS", 3, 1.0, 0.9))
    after = Facts.joined([before, facts((0, "INTERACTIONS", 5, 0.25, 1))])
    was, now = (exposure(roots(one, 1)) for one in (before, after))
    assert log(1 - was.threat[0]) - log(1 - now.threat[0]) == pytest.approx(-log(1 - now.threat[0]) * now.shares[0, ROOT_PLACE[Root.INTERACTIONS]])
    assert now.threat[0] - was.threat[0] == pytest.approx((1 - was.threat[0]) * 0.5 * (1 - exp(-0.25 / 5)))


def test_what_ended_fades_and_what_holds_does_not():
    assert fading(Root.INSTALLED, np.array([-100.0, 0.0, 365.0])) == pytest.approx([1, 1, 0.5])
    assert fading(Root.EX_EMPLOYEES, np.array([3 * 365.0])) == pytest.approx([0.5])
    assert fading(Root.PEERS, np.array([1e6])) == pytest.approx([1])


@pytest.mark.parametrize(
    ("satisfaction", "days", "expected"),
    [(-0.5, 0, 0.75), (-0.5, 73, 0.6), (1, 0, 0), (-1, 365, 0), (-1, 4_000, 0), (np.nan, 10, None), (-0.5, np.nan, None), (-0.5, -1, None)],
)
def test_how_open_an_installation_is(satisfaction, days, expected):
    found = float(openness(np.array([satisfaction]), np.array([float(days)]))[0])
    assert found == pytest.approx(expected) if expected is not None else np.isnan(found)


def test_the_known_share_weighs_roots_by_what_they_could_say():
    assert known_share(np.ones((1, 6)))[0] == pytest.approx(1)
    assert known_share(np.eye(6)[:1])[0] == pytest.approx(0.9 / 2.65)


def test_the_parameters_are_the_methods():
    told = {root.value: (of.alpha, of.kappa) for root, of in zip(ROOTS, DEFAULTS.each, strict=True)}
    assert told == {name: (ALPHA[name], KAPPA[name]) for name in ALPHA}


@given(some_facts)
@settings(max_examples=60)
def test_roots_are_those_of_plain_loops(rows):
    made = roots(facts(*rows), 4)
    for account in range(4):
        for name in ALPHA:
            mine = [(thing, x, sure) for at, root, thing, x, sure in rows if (at, root) == (account, name)]
            assert made[account, ROOT_PLACE[Root(name)]] == pytest.approx(slow_root(mine, name), abs=1e-12)
    found = exposure(made)
    for account in range(4):
        whole = 1 - prod(1 - made[account])
        assert found.threat[account] == pytest.approx(whole) if whole else np.isnan(found.threat[account])


@given(some_facts, some_facts, st.randoms())
@settings(max_examples=40)
def test_more_evidence_never_lowers_and_order_never_counts(rows, more, rng):
    fewer, all_ = roots(facts(*rows), 4), roots(facts(*rows, *more), 4)
    assert (all_ >= fewer - 1e-12).all()
    assert ((all_ >= 0) & (all_ <= [of.alpha + 1e-12 for of in DEFAULTS.each])).all()
    mixed = [*rows, *more, *rows]
    rng.shuffle(mixed)
    assert roots(facts(*mixed), 4) == pytest.approx(all_)


@given(
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.sampled_from([0.5, 1.0, 2.0])), max_size=30),
    st.lists(st.booleans(), min_size=8, max_size=8),
)
@settings(max_examples=60)
def test_valentes_exposure_is_that_of_plain_loops(edges, adopted):
    tail, head, weight = (np.array(column) for column in zip(*edges, strict=True)) if edges else (np.zeros(0, int), np.zeros(0, int), np.zeros(0))
    found = network_exposure(tail, head, weight, np.array(adopted, float))
    for one in range(8):
        mine = [(to, w) for who, to, w in edges if who == one]
        expected = sum(w * adopted[to] for to, w in mine) / sum(w for _, w in mine) if mine else None
        assert found[one] == pytest.approx(expected) if mine else np.isnan(found[one])


@given(st.lists(st.tuples(*[st.integers(-1, 2)] * 3, st.booleans()), max_size=14))
@settings(max_examples=60)
def test_peers_counted_by_circles_are_the_peers_drawn_one_by_one(rows):
    circles, adopted = [np.array([row[at] for row in rows], np.int64) for at in range(3)], np.array([row[3] for row in rows], float)
    peers = [[i != j and any(a == b >= 0 for a, b in zip(rows[i][:3], rows[j][:3], strict=True)) for j in range(len(rows))] for i in range(len(rows))]
    pairs = [(i, j) for i, row in enumerate(peers) for j, is_peer in enumerate(row) if is_peer]
    tail, head = (np.array([pair[end] for pair in pairs], np.int64) for end in (0, 1))
    found, counts = peer_exposure(circles, adopted)
    assert found == pytest.approx(network_exposure(tail, head, np.ones(len(pairs)), adopted), nan_ok=True)
    assert counts.tolist() == np.bincount(tail, minlength=len(rows)).tolist()


def every_way(rows, seed, shut, hops=3, floor=0.02):
    """``{person: chance of the best way}`` from one person, by trying every walk."""
    best = {}
    walks = [((seed,), 1.0)]
    for hop in range(hops):
        walks = [
            ((*walk, to), chance * p * (0.8 if hop else 1))
            for walk, chance in walks
            for who, to, p in rows
            if who == walk[-1] and to not in walk and to not in shut
        ]
        for walk, chance in walks:
            if chance >= floor:
                best[walk[-1]] = max(chance, best.get(walk[-1], 0.0))
    return best


ties = st.dictionaries(st.tuples(st.integers(0, 6), st.integers(0, 6)), st.sampled_from([0.05, 0.3, 0.6, 0.95]), max_size=22)


@given(ties, st.lists(st.integers(0, 6), max_size=4, unique=True), st.sets(st.integers(0, 6), max_size=2))
@settings(max_examples=60)
def test_whom_each_reaches_is_what_every_walk_says(edges, seeds, shut):
    rows = [(who, whom, p) for (who, whom), p in edges.items() if who != whom]
    seed, person, chance = carried_from(net(7, *rows), rules(7, *shut), np.array(seeds, np.int64))
    found = {(int(s), int(p)): c for s, p, c in zip(seed, person, chance, strict=True)}
    expected = {(at, who): p for at, one in enumerate(seeds) for who, p in every_way(rows, one, shut).items()}
    assert found == {pair: pytest.approx(p) for pair, p in expected.items()}


def holding(*rows):
    """Holders from rows ``(group, role, person, sure)``, and their people."""
    group, role, person, sure = (np.array(column) for column in zip(*rows, strict=True)) if rows else (np.zeros(0, int),) * 4
    no = np.zeros(len(group), bool)
    return Holders(group, role, sure.astype(float), no * 0.0, no * 0.0, no * np.nan, no, no, no), person


held = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 4), st.sampled_from([0.2, 0.5, 0.9])), max_size=12, unique_by=lambda row: row[:3]
)


@given(held, st.dictionaries(st.tuples(st.integers(0, 1), st.integers(0, 4)), st.sampled_from([0.1, 0.5, 1.0]), max_size=6))
@settings(max_examples=60)
def test_what_people_weigh_and_whom_somebody_reaches_in_the_decision(rows, reached):
    shares = np.array([[0.4, 0.3, 0.2, 0.1], [0.25] * 4, [1.0, 0, 0, 0]])
    holders, people = holding(*rows)
    readings = (lambda m: m, lambda m: m if m >= 0.8 else 0.0, lambda m: 1.0 if m >= 0.3 else m)
    group, person, weight = seats(holders, people, shares)
    for read, column in zip(readings, weight, strict=True):
        told = {(int(g), int(p)): w for g, p, w in zip(group, person, column, strict=True)}
        slow = {}
        for g, r, p, m in rows:
            slow[g, p] = slow.get((g, p), 0.0) + shares[g, r] * read(m)
        assert told == {pair: pytest.approx(w) for pair, w in slow.items()}
    seed, whom = (np.array([pair[end] for pair in reached], np.int64) for end in (0, 1))
    chance = np.array(list(reached.values()), float)
    who, where, found = reached_weight(holders, people, shares, seed, whom, chance)
    for read, column in zip(readings, found, strict=True):
        told = {(int(s), int(g)): r for s, g, r in zip(who, where, column, strict=True)}
        for s in range(2):
            for g in range(3):
                cells = [[1 - read(m) * reached.get((s, p), 0.0) for at, r, p, m in rows if (at, r) == (g, role)] for role in range(4)]
                slow = sum(shares[g, role] * (1 - prod(missed)) for role, missed in enumerate(cells))
                assert told.get((s, g), 0.0) == pytest.approx(slow, abs=1e-9)


@given(st.integers(0, 40), st.integers(1, 40))
@settings(max_examples=40)
def test_wilsons_interval_is_that_of_scipy(hits, more):
    low, high = binomtest(hits, hits + more).proportion_ci(method="wilson")
    assert wilson(hits, hits + more) == pytest.approx((hits / (hits + more), low, high), abs=1e-12)


def test_of_no_case_nothing_is_said():
    assert wilson(0, 0) == (None, None, None)
