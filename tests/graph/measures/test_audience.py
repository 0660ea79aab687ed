"""What one meeting would add, for all holders at once, against the coverage measured anew with that holder met."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.measures.audience import gains, met_once
from graph.measures.coverage import PLACE, ROLES, Holders, Wants, coverage
from graph.measures.strength import strength
from graph.measures.touches import met_once_more
from graph.model import BuyingRole
from graph.template import DEFAULT

ASKED = [BuyingRole.DECISION_MAKER, BuyingRole.TECHNICAL_EVALUATOR]
ROW = st.tuples(
    st.integers(0, 1), st.sampled_from(ASKED), st.sampled_from([0.1, 0.3, 0.8, 1.0]), st.sampled_from([0.0, 0.2, 0.6, 0.99]), st.booleans()
)


def holders_of(rows):
    """The arrays of these rows."""
    group, role, sure, close, opted_out = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    close = np.array(close, float)
    return Holders(
        np.array(group, np.int64),
        np.array([PLACE[one] for one in role], np.int64),
        np.array(sure, float),
        close,
        close,
        np.full(len(rows), np.nan),
        close > 0,
        close > 0,
        np.array(opted_out, bool),
    )


def test_a_panel_is_wanted_of_evaluators_and_any_one_decider():
    panel = {ROLES[at] for at in np.flatnonzero(Wants.of([DEFAULT]).panel[0])}
    assert panel & set(ASKED) == {BuyingRole.TECHNICAL_EVALUATOR}


@given(st.lists(ROW, max_size=6))
def test_the_gain_is_what_coverage_rises_by(rows):
    holders, wants = holders_of(rows), Wants.of([DEFAULT, DEFAULT])
    found = coverage(holders, wants)
    made = gains(holders, wants, found)
    for row, (group, role, sure, close, opted_out) in enumerate(rows):
        closer = holders.closeness.copy()
        closer[row] = met_once(np.array([close]))[0]
        after = np.nan_to_num(coverage(holders._replace(closeness=closer), wants).roles.value[group, PLACE[role]])
        before = np.nan_to_num(found.roles.value[group, PLACE[role]])
        if opted_out:
            assert made[row] == 0
        elif sure >= 0.3:
            assert made[row] == pytest.approx(after - before, abs=1e-12)


@given(st.lists(st.floats(0, 30), min_size=12, max_size=12))
def test_one_meeting_lifts_closeness_as_the_sums_say(values):
    x = np.array(values).reshape(1, 2, 6)
    assert met_once(strength(x)) == pytest.approx(strength(met_once_more(x)))
