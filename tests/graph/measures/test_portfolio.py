"""Concentration, RFM and rates of few, each against the slow way and published values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.measures.portfolio import bins, gini, rfm, top_share
from graph.measures.rates import wilson


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_wilson_as_newcombe_published_it(hits, count, low, high):
    rate = wilson(hits, count)
    assert (rate.low, rate.high) == pytest.approx((low, high), abs=5e-5)
    assert rate.value == hits / count


def test_of_none_nothing_is_known():
    assert wilson(0, 0) == (None, None, None)
    assert top_share(np.zeros(3), 0.01) is gini(np.zeros(3)) is gini(np.zeros(0)) is None
    assert rfm(np.zeros(0), np.zeros(0), np.zeros(0)).shape == (0, 3)


def test_one_account_has_all():
    assert (top_share(np.array([5.0]), 0.01), gini(np.array([5.0]))) == (1.0, 0.0)
    assert gini(np.array([0.0, 0.0, 0.0, 8.0])) == 0.75
    assert gini(np.full(7, 3.0)) == 0.0


def test_fewer_than_twenty_accounts_are_parted_in_three():
    few = np.arange(6.0)
    assert rfm(few, few, few)[:, 0].tolist() == [1, 1, 2, 2, 3, 3]
    many = np.arange(20.0)
    assert rfm(many, many, many)[:, 2].tolist() == [part for part in range(1, 6) for _ in range(4)]


def test_equals_share_the_higher_bin():
    assert bins(np.array([1.0, 1.0, 1.0, 1.0]), 5).tolist() == [5, 5, 5, 5]
    assert bins(np.array([1.0, 2.0, 2.0]), 3).tolist() == [1, 3, 3]


AMOUNTS = st.lists(st.integers(0, 1_000).map(float), min_size=1, max_size=40).map(np.array)


@given(AMOUNTS)
def test_gini_is_the_mean_difference(amounts):
    if not amounts.sum():
        assert gini(amounts) is None
        return
    slow = sum(abs(one - other) for one in amounts for other in amounts) / (2 * len(amounts) * amounts.sum())
    assert gini(amounts) == pytest.approx(slow)
    assert gini(amounts * 7) == pytest.approx(slow)


@given(AMOUNTS)
def test_larger_shares_of_accounts_hold_more(amounts):
    held = [top_share(amounts, share) for share in (0.01, 0.05, 0.2, 1.0)]
    if amounts.sum():
        assert held == sorted(held)
        assert held[-1] == pytest.approx(1)
        assert held[0] >= 1 / len(amounts)


@given(AMOUNTS, st.sampled_from([3, 5]))
def test_bins_keep_the_order(values, parts):
    found = bins(values, parts)
    assert found.min() >= 1
    assert found.max() == parts
    for one, at in zip(values, found, strict=True):
        assert all((one < other) <= (at <= there) for other, there in zip(values, found, strict=True))
        assert at == -(-int((values <= one).sum()) * parts // len(values))


@given(st.integers(0, 60), st.integers(0, 60))
def test_an_interval_holds_its_value(hits, more):
    rate = wilson(hits, hits + more)
    assert 0 <= rate.low <= rate.value <= rate.high <= 1 if hits + more else rate == (None, None, None)
