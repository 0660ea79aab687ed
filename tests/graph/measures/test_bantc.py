"""What is known of a deal: the field's stories, and how knowledge moves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.measures.bantc import FIELDS, Known, qualified
from graph.model import ValueField

BUDGET, AUTHORITY, NEED, TIMING, COMPETITION = FIELDS
STATES = ["unknown", "assumed", "stated", "verified"]
LEVELS = dict(zip(STATES, (0, 0.34, 0.67, 1), strict=True))
WEIGHTS = dict(zip(FIELDS, (0.2, 0.25, 0.25, 0.15, 0.15), strict=True))


def slow(known, approver):
    """``{field: value}``, row by row."""
    values = {}
    for field in FIELDS:
        state, days = known.get(field, ("unknown", 0))
        level = LEVELS[state]
        if field is AUTHORITY and (approver is None or approver < 0.35):
            level = min(level, 0.67)
        values[field] = level * 0.5 ** ((days or 0) / 120)
    return values


def test_of_a_new_deal_nothing_is_known_and_authority_is_asked_first():
    found = qualified({}, None)
    assert (found.completeness, found.weakest, found.ask) == (0, BUDGET, AUTHORITY)


def test_all_verified_and_fresh_leaves_nothing_to_ask():
    found = qualified({field: Known("verified", 0) for field in FIELDS}, 0.9)
    assert (found.completeness, found.ask) == (pytest.approx(1), None)


def test_what_was_verified_fades_by_half_in_120_days():
    assert qualified({NEED: Known("verified", 120)}, None).fields[NEED].value == 0.5
    assert qualified({NEED: Known("verified", None)}, None).fields[NEED].value == 1, "without a date nothing is known of its age"


@pytest.mark.parametrize(("approver", "value", "capped"), [(None, 0.67, True), (0.34, 0.67, True), (0.35, 1, False)])
def test_authority_that_nobody_met_is_hearsay(approver, value, capped):
    one = qualified({AUTHORITY: Known("verified", 0)}, approver).fields[AUTHORITY]
    assert (one.value, one.capped) == (value, capped)
    assert not qualified({AUTHORITY: Known("stated", 0)}, approver).fields[AUTHORITY].capped


def test_the_cap_holds_before_it_fades():
    assert qualified({AUTHORITY: Known("verified", 120)}, None).fields[AUTHORITY].value == pytest.approx(0.335)


words = st.dictionaries(st.sampled_from(FIELDS), st.tuples(st.sampled_from(STATES), st.one_of(st.none(), st.floats(0, 1000))))
coverages = st.one_of(st.none(), st.floats(0, 1))


@given(words, coverages)
def test_it_is_the_slow_way_and_bounded(given_words, approver):
    found = qualified({field: Known(*one) for field, one in given_words.items()}, approver)
    values = slow(given_words, approver)
    assert {field: one.value for field, one in found.fields.items()} == pytest.approx(values)
    assert found.completeness == pytest.approx(sum(WEIGHTS[field] * value for field, value in values.items()))
    assert 0 <= found.completeness <= 1
    if found.ask:
        assert WEIGHTS[found.ask] * (1 - values[found.ask]) == pytest.approx(max(WEIGHTS[field] * (1 - values[field]) for field in FIELDS))
    assert values[found.weakest] == pytest.approx(min(values.values()))


@given(words, coverages, st.sampled_from(FIELDS), st.integers(0, 2))
def test_to_learn_more_never_lowers_it_and_time_never_lifts_it(given_words, approver, field, step):
    def whole(state, days):
        return qualified({name: Known(*one) for name, one in (given_words | {field: (state, days)}).items()}, approver).completeness

    assert whole(STATES[step], 30) <= whole(STATES[step + 1], 30) + 1e-12
    assert whole(STATES[step + 1], 60) <= whole(STATES[step + 1], 30) + 1e-12


def test_every_field_is_a_dated_value():
    assert set(FIELDS) <= set(ValueField)
