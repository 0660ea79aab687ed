"""How firmly a decision's roles are held: stories, an obvious slow oracle, and what must hold whatever the numbers."""

from itertools import combinations
from math import isclose, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.measures.coverage import PLACE, ROLES, Definition, Holders, State, Wants, coverage, resilience, shares, single_threaded, worth
from graph.model import BuyingRole, Semantics
from graph.template import DEFAULT, made

DECIDER, BUYER, EXPERT = BuyingRole.DECISION_MAKER, BuyingRole.ECONOMIC_BUYER, BuyingRole.TECHNICAL_EVALUATOR
NAN = float("nan")


def holders(*rows):
    """(group, role, m, c, more) -> the arrays; ``more`` may say closest, stance, touched, answered, opted_out."""
    columns = {name: [] for name in Holders._fields}
    for group, role, sure, close, *more in rows:
        said = {"closest": close, "stance": NAN, "touched": close > 0, "answered": close > 0, "opted_out": False, **(more[0] if more else {})}
        for name, value in {"group": group, "role": PLACE[role], "sure": sure, "closeness": close, **said}.items():
            columns[name].append(value)
    kinds = {"group": np.int64, "role": np.int64, "touched": bool, "answered": bool, "opted_out": bool}
    return Holders(**{name: np.array(values, kinds.get(name, float)) for name, values in columns.items()})


def slow_role(rows, panel, reading):
    """One role of one group, as method.md 5.3 writes it; None where nobody holds it."""
    if not any(m >= 0.3 for m, _ in rows):
        return None
    read = {"as said": lambda m: m, "low": lambda m: m if m >= 0.8 else 0.0, "high": lambda m: 1.0 if m >= 0.3 else m}[reading]
    if panel:
        kept = [(read(m), c) for m, c in rows if m >= 0.3]
        return sum(m * c for m, c in kept) / sum(m for m, _ in kept) if sum(m for m, _ in kept) else 0.0
    return 1 - prod(1 - read(m) * c for m, c in rows)


def slow(rows, template):
    """Value, low, high, known share, optimistic of one group; ``rows`` are (role, m, c)."""
    total = sum(role.weight for role in template.values())
    sums, known = {"as said": 0.0, "low": 0.0, "high": 0.0}, 0.0
    for role, want in template.items():
        own = [(m, c) for named, m, c in rows if named is role]
        read = {reading: slow_role(own, want.semantics is Semantics.ALL, reading) for reading in sums}
        if read["as said"] is None:
            continue
        known += want.weight
        sums["as said"] += want.weight * read["as said"]
        sums["low"] += want.weight * min(read.values())
        sums["high"] += want.weight * max(read.values())
    if not known:
        return None
    return [sums[reading] / total for reading in ("as said", "low", "high")] + [known / total, sums["as said"] / known]


SHARE = st.one_of(st.sampled_from([0.0, 0.29, 0.3, 0.79, 0.8, 1.0]), st.floats(0, 1))
CLOSE = st.one_of(st.sampled_from([0.0, 0.35, 0.65]), st.floats(0, 0.999))
ROWS = st.lists(st.tuples(st.sampled_from(list(DEFAULT)), SHARE, CLOSE), max_size=12)


@settings(max_examples=300)
@given(groups=st.lists(ROWS, min_size=1, max_size=4))
def test_all_groups_at_once_are_as_the_slow_one_by_one(groups):
    found = coverage(holders(*((number, *row) for number, rows in enumerate(groups) for row in rows)), Wants.of([DEFAULT] * len(groups)))
    for number, rows in enumerate(groups):
        expected = slow(rows, DEFAULT)
        got = [found.groups.value[number], found.groups.low[number], found.groups.high[number], found.known[number], found.optimistic[number]]
        if expected is None:
            assert np.isnan(got[0]) and np.isnan(got[4]) and got[3] == 0
        else:
            assert np.allclose(got, expected, atol=1e-12)
            assert got[1] <= got[0] + 1e-12 and got[0] <= got[2] + 1e-12 and got[0] <= got[4] + 1e-12


@settings(max_examples=200)
@given(rows=ROWS, more=st.tuples(st.sampled_from([DECIDER, BUYER]), SHARE, CLOSE), closer=st.floats(0, 1))
def test_more_evidence_never_lowers_a_role_that_one_holder_fills(rows, more, closer):
    """One more holder of an "any" role, or one closer than before; a panel's mean may well fall."""
    rows = [row for row in rows if row[0] is not EXPERT]
    wants = Wants.of([DEFAULT])
    before = np.nan_to_num(coverage(holders(*((0, *row) for row in rows)), wants).groups.value)
    after = np.nan_to_num(coverage(holders(*((0, *row) for row in [*rows, more])), wants).groups.value)
    near = np.nan_to_num(coverage(holders(*((0, role, m, max(c, closer * 0.999)) for role, m, c in rows)), wants).groups.value)
    assert after[0] >= before[0] - 1e-12 and near[0] >= before[0] - 1e-12


@settings(max_examples=200)
@given(rows=st.lists(st.tuples(SHARE, CLOSE), min_size=1, max_size=8), panel=st.booleans(), seed=st.randoms())
def test_what_holders_contribute_sums_to_the_role_in_any_order(rows, panel, seed):
    template = made([("DECISION_MAKER", 1.0, "all" if panel else "any", 1, None, None, None)])
    mixed = rows[:]
    seed.shuffle(mixed)
    value = coverage(holders(*((0, DECIDER, *row) for row in mixed)), Wants.of([template])).roles.value[0, PLACE[DECIDER]]
    parts = shares(np.array([m for m, _ in rows]), np.array([c for _, c in rows]), panel=panel)
    assert np.isnan(value) or isclose(parts.sum(), value, abs_tol=1e-9)
    assert (parts >= 0).all()


def test_adobes_published_table_under_filled():
    """Three members required: 0, 33, 66, 100 and 100 per cent for 0 to 4 (field-guide 1.3, item 1)."""
    template = made([("DECISION_MAKER", 1.0, "any", 3, None, None, None)])
    got = [
        np.nan_to_num(coverage(holders(*[(0, DECIDER, 1.0, 0.0)] * count), Wants.of([template]), Definition.FILLED).groups.value[0])
        for count in range(5)
    ]
    assert [int(100 * value + 1e-9) for value in got] == [0, 33, 66, 100, 100]


def test_nobody_known_is_unknown_and_not_zero():
    found = coverage(holders(), Wants.of([DEFAULT]))
    assert np.isnan(found.groups.value[0]) and np.isnan(found.optimistic[0]) and found.known[0] == 0
    assert set(found.state[0]) == {State.UNMAPPED}


def test_a_mapped_role_that_nobody_met_is_zero():
    found = coverage(holders((0, DECIDER, 1.0, 0.0)), Wants.of([DEFAULT]))
    assert found.groups.value[0] == 0 and found.known[0] == 0.25 and found.optimistic[0] == 0
    assert found.state[0, PLACE[DECIDER]] == State.NEVER


def test_one_who_opted_out_counts_nothing():
    row = (0, DECIDER, 1.0, 0.9, {"opted_out": True})
    for definition in (Definition.CONTACTED, Definition.ENGAGED, Definition.SUPPORTIVE):
        found = coverage(holders(row), Wants.of([DEFAULT]), definition)
        assert (found.groups.value[0], found.state[0, PLACE[DECIDER]]) == (0, State.DO_NOT_CONTACT)


@pytest.mark.parametrize(("stance", "share"), [(-2, 0.0), (-1, 0.25), (0, 0.5), (1, 0.75), (2, 1.0), (NAN, 0.5)])
def test_support_weighs_closeness(stance, share):
    template = made([("DECISION_MAKER", 1.0, "any", 1, None, None, None)])
    found = coverage(holders((0, DECIDER, 1.0, 0.8, {"stance": stance})), Wants.of([template]), Definition.SUPPORTIVE)
    assert isclose(found.groups.value[0], 0.8 * share)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({}, State.DEEP),
        ({"closeness": 0.5}, State.COVERED),
        ({"closeness": 0.2}, State.STALE),
        ({"closeness": 0.2, "closest": 0.3}, State.SHALLOW),
        ({"answered": False}, State.ONE_WAY),
        ({"touched": False, "answered": False}, State.NEVER),
        ({"stance": -1}, State.OPPOSED),
        ({"stance": -1, "opted_out": True}, State.DO_NOT_CONTACT),
    ],
)
def test_the_first_state_that_holds(said, state):
    row = {"closest": 0.9, "touched": True, "answered": True, **{name: value for name, value in said.items() if name != "closeness"}}
    found = coverage(holders((0, DECIDER, 1.0, said.get("closeness", 0.9), row)), Wants.of([DEFAULT]))
    assert (found.holders[0], found.state[0, PLACE[DECIDER]]) == (state, state)


def test_an_opponent_marks_the_role_unless_somebody_else_is_near():
    against = (0, DECIDER, 1.0, 0.9, {"stance": -2})
    alone = coverage(holders(against, (0, DECIDER, 1.0, 0.2)), Wants.of([DEFAULT]))
    balanced = coverage(holders(against, (0, DECIDER, 1.0, 0.5)), Wants.of([DEFAULT]))
    doubtful = coverage(holders((0, DECIDER, 0.2, 0.9, {"stance": -2}), (0, DECIDER, 1.0, 0.2)), Wants.of([DEFAULT]))
    at = PLACE[DECIDER]
    assert (alone.state[0, at], balanced.state[0, at], doubtful.state[0, at]) == (State.OPPOSED, State.COVERED, State.SHALLOW)


def slow_resilience(rows, template):
    """By trying every set of contacts, the smallest first; ``rows`` are (person, role, m, c)."""

    def values(left):
        found = coverage(holders(*((0, *row[1:]) for row in left)), Wants.of([template]))
        return {role: found.roles.value[0, PLACE[role]] for role in template}, {role: found.state[0, PLACE[role]] for role in template}

    now, state = values(rows)
    covered = [role for role in template if state[role] <= State.COVERED and now[role] >= 0.35]
    if not covered:
        return 0, []
    people = sorted({row[0] for row in rows})
    for size in range(1, len(people) + 1):
        falls = []
        for lost in combinations(people, size):
            left = values([row for row in rows if row[0] not in lost])[0]
            if any(np.isnan(left[role]) or left[role] < 0.35 for role in covered):
                falls.append(lost)
        if falls:
            return size, falls
    raise AssertionError("without anybody nothing is covered")


@settings(max_examples=80)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 4), st.sampled_from([DECIDER, EXPERT]), st.sampled_from([0.3, 0.7, 1.0]), st.sampled_from([0.0, 0.2, 0.4, 0.7])),
        max_size=7,
        unique_by=lambda row: row[:2],
    )
)
def test_resilience_is_the_smallest_loss_that_costs_a_covered_role(rows):
    found = resilience(holders(*((0, *row[1:]) for row in rows)), np.array([row[0] for row in rows], np.int64), Wants.of([DEFAULT]))
    value, sets = slow_resilience(rows, DEFAULT)
    assert (found.value, found.sets) == (value, sets)


def test_the_arrays_hold_every_role():
    assert set(ROLES) == set(BuyingRole)


@settings(max_examples=200)
@given(rows=ROWS, ties=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 2)), max_size=10))
def test_a_role_hangs_on_one_thread_as_counted_by_hand(rows, ties):
    ties = [(row, colleague) for row, colleague in ties if row < len(rows)]
    made = holders(*((0, *row) for row in rows))
    found = coverage(made, Wants.of([DEFAULT]))
    single = single_threaded(found, made, np.array([row for row, _ in ties], np.int64), np.array([colleague for _, colleague in ties], np.int64))
    for role in ROLES:
        firm = [n for n, (named, m, c) in enumerate(rows) if named is role and m >= 0.3 and c >= 0.35]
        reaching = {colleague for row, colleague in ties if row in firm}
        assert single[0, PLACE[role]] == (bool(firm) and (len(firm) == 1 or len(reaching) == 1))


def test_what_an_account_is_worth():
    assert [worth(value, tier) for value, tier in ((0.7, 1), (0.0, 1), (None, 1), (None, 2), (None, 3), (None, None))] == [0.7, 0.0, 1, 0.6, 0.3, 0.3]
