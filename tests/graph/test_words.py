"""Numbers as colleagues read them: two that differ never read alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.scoring import read_models
from graph.words import CHINESE, MOST_DIGITS, counted, deed_name, numbers

SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("values", "read"),
    [
        ((0.5,), ["0.50"]),
        ((0.2, 0.3), ["0.20", "0.30"]),
        ((0.4, 0.4), ["0.40", "0.40"]),
        ((0.0201, 0.0249), ["0.020", "0.025"]),
        ((0.02, 0.0200004), ["0.0200000", "0.0200004"]),
        ((0.399, 0.4), ["0.399", "0.400"]),
        ((0.1 + 0.2, 0.3), ["0.30", "0.30"]),
    ],
)
def test_a_rise_however_small_is_read(values, read):
    assert numbers(*values) == read


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ((0, "account"), "0 accounts"),
        ((1, "account"), "1 account"),
        ((2, "account"), "2 accounts"),
        ((1, "person", "people"), "1 person"),
        ((0, "person", "people"), "0 people"),
        (("1", "deal"), "1 deal"),
        (("<5", "deal"), "<5 deals"),
        (("     1", "row"), "     1 row"),
        (("    11", "row"), "    11 rows"),
    ],
)
def test_one_is_told_as_one(given_, said):
    assert counted(*given_) == said


@pytest.mark.parametrize("name", sorted({rule for scoring in read_models(None).values() for rule in scoring.model.rules}))
def test_each_rule_that_comes_along_has_a_chinese_name(name):
    assert not any(sign.isascii() for sign in deed_name(name, CHINESE))
    assert deed_name(name, "en") == name.replace("_", " ")


def test_a_rule_of_one_s_own_is_called_as_its_file_names_it():
    assert deed_name("茶歇", CHINESE) == deed_name("茶歇", "en") == "茶歇"


@given(SHARES)
def test_what_differs_reads_differently_and_with_no_more_digits_than_that_needs(values):
    read = numbers(*values)
    digits = {len(text.partition(".")[2]) for text in read}
    assert len(digits) == 1 and 2 <= min(digits) <= MOST_DIGITS
    assert len(set(read)) == len({round(value, MOST_DIGITS) for value in values})
    shorter = [f"{value:.{min(digits) - 1}f}" for value in values]
    assert min(digits) == 2 or len(set(shorter)) < len(set(read))
