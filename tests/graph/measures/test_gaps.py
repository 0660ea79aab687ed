"""Gaps: which kind, how urgent, and a priority that moves as it should."""

from math import log, prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.measures.coverage import PLACE, Holders, State, Wants, coverage, shrunk
from graph.measures.gaps import DEFAULTS, NO_GAP, OF_STATE, TYPES, GapType, gap_types, log_shares, priority, urgency
from graph.model import BuyingRole
from graph.template import DEFAULT

DECIDER, OTHER = PLACE[BuyingRole.DECISION_MAKER], PLACE[BuyingRole.OTHER]
share = st.floats(0, 1)


def types(*rows, single=False):
    """The decider's gap with these holders: (confidence, closeness, closest, stance, touched, answered, opted out)."""
    columns = [np.array([row[n] for row in rows], kind) for n, kind in enumerate((float, float, float, float, bool, bool, bool))]
    holders = Holders(np.zeros(len(rows), np.int64), np.full(len(rows), DECIDER), *columns)
    wants = Wants.of([DEFAULT])
    found = coverage(holders, wants)
    threads = np.zeros(found.state.shape, bool)
    threads[0, DECIDER] = single
    made = gap_types(found, holders, wants, threads)
    assert made[0, OTHER] == NO_GAP, "a role without weight has no gap"
    return None if made[0, DECIDER] == NO_GAP else TYPES[made[0, DECIDER]]


CLOSE, FAR, UNSURE = (1, 0.7, 0.7, 0, True, True, False), (1, 0.1, 0.1, 0, True, True, False), (0.2, 0.7, 0.7, 0, True, True, False)
AGAINST, OUT = (1, 0.7, 0.7, -1, True, True, False), (1, 0.7, 0.7, 0, True, True, True)


@pytest.mark.parametrize(
    ("rows", "single", "type_"),
    [
        ([], False, GapType.UNMAPPED),
        ([UNSURE], False, GapType.UNMAPPED),
        ([OUT], False, GapType.UNMAPPED),
        ([(1, 0, 0, 0, False, False, False)], False, GapType.NEVER),
        ([(1, 0.1, 0.1, 0, True, False, False)], False, GapType.ONE_WAY),
        ([(1, 0.1, 0.6, 0, True, True, False)], False, GapType.STALE),
        ([FAR], False, GapType.SHALLOW),
        ([AGAINST], False, GapType.OPPOSED),
        ([AGAINST, FAR], False, GapType.OPPOSED),
        ([AGAINST, CLOSE, CLOSE], False, GapType.OPPOSED),
        ([AGAINST, CLOSE], True, GapType.OPPOSED),
        ([(0.2, *AGAINST[1:]), CLOSE], False, None),
        ([CLOSE, CLOSE], False, None),
    ],
)
def test_each_type(rows, single, type_):
    assert types(*rows, single=single) is type_


def test_every_state_but_covered_and_deep_is_a_gap():
    assert set(OF_STATE) == set(State) - {State.COVERED, State.DEEP}


def test_urgency_at_rest_in_sixty_days_on_the_day_and_after():
    none = np.full(5, np.nan)
    assert urgency(np.array([np.nan, 1e9, 60.0, 0.0, -30.0]), none) == pytest.approx([0.5, 0.5, 0.75, 1, 1])


def test_fresh_news_makes_an_account_urgent_for_a_while():
    assert urgency(np.array([np.nan, np.nan, 60.0, 0.0]), np.array([0.0, 30.0, 0.0, 0.0])) == pytest.approx([0.75, 0.625, 1, 1])


@given(share, share, st.one_of(st.just(np.nan), share), share, share)
def test_priority_lies_in_its_bounds_and_grows_with_worth_and_falls_with_coverage(worth, weight, value, urgent, more):
    def of(worth, value):
        return float(priority(np.array([worth]), np.array([[weight]]), np.array([[value]]), np.array([urgent]), np.array([[0.05]]))[0, 0])

    known = 0.0 if np.isnan(value) else value
    assert of(worth, value) == pytest.approx(worth * weight * (1 - known) * DEFAULTS.reach * urgent)
    assert 0 <= of(worth, value) <= DEFAULTS.reach
    assert of(min(worth + more, 1), value) >= of(worth, value)
    assert of(worth, min(known + more, 1)) <= of(worth, value) + 1e-15


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=6))
def test_log_shares_sum_to_one_and_rebuild_the_product(factors):
    shares = log_shares(np.array(factors))
    total = -log(prod(factors))
    assert shares.sum() == pytest.approx(1 if min(factors) < 1 else 0, abs=1e-6)
    for one, part in zip(factors, shares, strict=True):
        assert part * total == pytest.approx(-log(one), abs=1e-6)


@given(share, share, st.integers(1, 1000))
def test_few_are_drawn_towards_all_and_many_hardly(value, whole, count):
    made = float(shrunk(np.array([value]), np.array([count]), np.array([whole]), 5)[0])
    assert min(value, whole) - 1e-12 <= made <= max(value, whole) + 1e-12
    assert abs(made - value) == pytest.approx(abs(whole - value) * 5 / (count + 5), abs=1e-9)
