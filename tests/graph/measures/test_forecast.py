"""When roles fade: the day is the one on which the formula reaches the target, and nothing fades before it."""

from math import exp, log, log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.measures.coverage import PLACE, Holders, Wants, coverage
from graph.measures.forecast import fading, later
from graph.measures.strength import strength
from graph.model import BuyingRole
from graph.template import DEFAULT

DECIDER, EXPERT = PLACE[BuyingRole.DECISION_MAKER], PLACE[BuyingRole.TECHNICAL_EVALUATOR]


def holders(rows):
    """(group, role, m, sums) -> the arrays and the sums."""
    x = np.array([sums for *_, sums in rows], float).reshape(len(rows), 2, 6)
    none = np.zeros(len(rows))
    columns = [np.array([row[n] for row in rows], kind) for n, kind in ((0, np.int64), (1, np.int64), (2, float))]
    return Holders(*columns, strength(x), strength(x), none * np.nan, none == 0, none == 0, none > 0), x


def meetings(worth):
    return [[worth, 0, 0, 0, 0, 0]] * 2


def test_one_holder_falls_on_the_day_of_the_formula():
    made, x = holders([(0, DECIDER, 1.0, meetings(10))])
    days = fading(made, x, Wants.of([DEFAULT]))
    assert days[0, DECIDER] == pytest.approx(180 * log2(10 / (-5 * log(0.65))))
    assert np.isnan(np.delete(days[0], DECIDER)).all(), "roles that nobody holds do not fade"


def test_a_panel_falls_when_its_mean_does():
    made, x = holders([(0, EXPERT, 1.0, meetings(20)), (0, EXPERT, 0.5, meetings(5))])
    day = float(fading(made, x, Wants.of([DEFAULT]))[0, EXPERT])
    left = 0.5 ** (day / 180)
    assert ((1 - exp(-20 * left / 5)) + 0.5 * (1 - exp(-5 * left / 5))) / 1.5 == pytest.approx(0.35)


def test_what_is_not_covered_has_no_day_and_nobody_none_at_all():
    made, x = holders([(0, DECIDER, 1.0, meetings(1))])
    assert fading(made, x, Wants.of([DEFAULT]))[0, DECIDER] == 0
    made, x = holders([])
    assert np.isnan(fading(made, x, Wants.of([DEFAULT, DEFAULT]))).all()


SUMS = st.lists(st.lists(st.floats(0, 30), min_size=6, max_size=6), min_size=2, max_size=2)
ROWS = st.lists(st.tuples(st.integers(0, 1), st.sampled_from([DECIDER, EXPERT]), st.sampled_from([0.2, 0.5, 0.9, 1.0]), SUMS), max_size=6)


@given(ROWS)
def test_each_role_holds_until_its_day_and_no_longer(rows):
    made, x = holders(rows)
    wants = Wants.of([DEFAULT, DEFAULT])
    days = fading(made, x, wants)
    for group, role in zip(*np.nonzero(days > 0), strict=True):
        for part, holds in ((0.0, True), (0.999, True), (1.001, False)):
            value = coverage(later(made, x, float(days[group, role]) * part), wants).roles.value[group, role]
            assert (value > 0.35 - 1e-6) if holds else (value < 0.35 + 1e-6)
