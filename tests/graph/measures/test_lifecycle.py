"""What makes a customer leave: each cause by hand, and the whole by its definition."""

from math import exp, isnan, log, nan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.measures.lifecycle import CAUSES, ageing, grown, lost, renewal_near, risk, ticket_trend

KNOWN = st.floats(0, 1)
SOME = st.lists(st.one_of(KNOWN, st.just(nan)), min_size=len(CAUSES), max_size=len(CAUSES))


def test_a_product_ages_from_the_day_of_its_purchase():
    assert ageing(0) == 0
    assert ageing(3 * 365) == pytest.approx(1 - exp(-1))
    assert ageing(365) < ageing(730) < ageing(3650) < 1


@pytest.mark.parametrize(("days", "near"), [(200, 0), (120, 0), (60, 0.5), (0, 1), (-30, 1), (-120, 1)])
def test_a_renewal_comes_near_and_may_pass_without_a_word(days, near):
    assert renewal_near(days) == pytest.approx(near)


def test_of_a_renewal_long_past_nothing_is_known():
    assert isnan(renewal_near(-121))


def test_one_severe_ticket_where_there_was_none_is_half_an_alarm():
    mean = 1 / 365 * 90 / log(2)
    assert ticket_trend(np.array([0.0]), 10) == pytest.approx((1 - mean) / sqrt(mean / 2) / 3)


def test_where_tickets_are_usual_one_more_is_none():
    every_month = np.arange(15, 720, 30.0)
    assert ticket_trend(every_month, 720) == pytest.approx(0, abs=0.2)
    assert ticket_trend(np.concatenate([every_month, np.arange(0, 30, 3.0)]), 720) == 1


def test_no_severe_ticket_is_no_alarm():
    assert ticket_trend(np.zeros(0), 400) == 0


def test_what_is_lost_and_what_grew():
    assert lost(0.6, 0.45) == pytest.approx(0.25)
    assert lost(0.4, 0.7) == 0
    assert isnan(lost(0.0, 0.0))
    assert grown(0.2, 0.6) == pytest.approx(0.5)
    assert grown(0.6, 0.2) == 0 == grown(1.0, 1.0)


@given(SOME)
def test_the_whole_is_a_noisy_or_of_what_is_known(values):
    found, survived = risk(np.array(values)), 1.0
    for value in values:
        if not isnan(value):
            survived *= 1 - 0.35 * value
    known = [value for value in values if not isnan(value)]
    assert found.known == len(known) / len(CAUSES)
    if not known:
        assert isnan(found.value)
        return
    assert found.value == pytest.approx(1 - survived)
    assert 0 <= found.value < 1
    assert found.parts.sum() == pytest.approx(found.value)
    assert all(part == 0 for part, value in zip(found.parts, values, strict=True) if isnan(value) or value == 0)


@given(SOME, st.integers(0, len(CAUSES) - 1), KNOWN)
def test_more_of_a_cause_is_never_less_risk(values, place, more):
    worse = list(values)
    worse[place] = max(more, 0 if isnan(values[place]) else values[place])
    if not all(map(isnan, values)):
        assert risk(np.array(worse)).value >= risk(np.array(values)).value - 1e-12
