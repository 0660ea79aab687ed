"""Tags: the field's stories, the slow way beside the fast one, and how they move."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.instants import instant
from graph.measures.tags import Sign, TagKind, earned, of_account
from graph.scoring import read_models
from tests.graph.measures.test_engagement import NOW, days_ago, deed
from tests.slow_scores import SIGNS, Done, interests

RULES = read_models(None)["standard"].model.tags


def found(done, at=NOW):
    return earned([Sign(TagKind.TOPIC, "lake", deed(one)) for one in done], instant(at), RULES)


def told(done, at=NOW):
    """``(things, assigned)`` of the tag, None for none."""
    tags = found(done, at)
    return (len(tags[0].of), tags[0].assigned) if tags else None


STORIES = {
    "nobody did anything": ([], None),
    "one sign-up is a hint": ([Done("a", "registration", days_ago(1), campaign="summit")], (1, False)),
    "a sign-up and its check-in are one thing": (
        [Done("a", "registration", days_ago(9), campaign="summit"), Done("b", "check_in", days_ago(1), campaign="summit")],
        (1, False),
    ),
    "two events are a tag": (
        [Done("a", "registration", days_ago(9), campaign="summit"), Done("b", "check_in", days_ago(1), campaign="expo")],
        (2, True),
    ),
    "a certificate alone is one, though we sent it": ([Done("a", "certificate", days_ago(1), parts={"RECIPIENT"})], (1, True)),
    "a trial alone is one": ([Done("a", "trial", days_ago(1))], (1, True)),
    "what was sent to them is no sign": ([Done("a", "message", days_ago(1), parts={"RECIPIENT"})], None),
    "a mailing and a bot are none": ([Done("a", "download", days_ago(1), noise="bot"), Done("b", "article", days_ago(1), noise="broadcast")], None),
    "who did not come": ([Done("a", "check_in", days_ago(1), "no_show"), Done("b", "meeting", days_ago(1), "planned")], None),
    "at a rival's roadshow is interest all the same": ([Done("a", "attendance", days_ago(1), rival=True)], (1, False)),
    "an old sign has faded": ([Done("a", "registration", days_ago(361))], None),
    "an old certificate has not": ([Done("a", "certificate", days_ago(361))], (1, True)),
    "two scans of a page": ([Done("a", "page_view", days_ago(1)), Done("b", "page_view", days_ago(0))], (2, True)),
    "a ticket says nothing of interest": ([Done("a", "ticket", days_ago(1))], None),
}


@pytest.mark.parametrize("name", STORIES)
def test_the_field_s_stories(name):
    done, expected = STORIES[name]
    assert told(done) == expected
    slow = interests([("lake", one) for one in done], NOW)
    assert (slow["lake"][1:] if slow else None) == expected, "the slow way says so too"


@pytest.mark.parametrize(("minutes", "weight"), [(None, 1), (3, 1), (29, 1), (30, 2), (46, 3), (600, 4)])
def test_who_stays_longer_at_a_booth_is_surer(minutes, weight):
    assert found([Done("a", "check_in", NOW, minutes=minutes)])[0].weight == weight


def test_a_tag_says_from_when_on_it_is_gone():
    done = [Done("a", "certificate", days_ago(30))]
    tag = found(done)[0]
    end = NOW + timedelta(microseconds=tag.expires - instant(NOW))
    assert told(done, end - timedelta(seconds=1)) == (1, True)
    assert told(done, end + timedelta(seconds=1)) is None


acts = st.builds(
    Done,
    st.sampled_from([f"e{n}" for n in range(30)]),
    st.sampled_from([*SIGNS, "ticket"]),
    st.builds(days_ago, st.integers(-1, 400)),
    st.sampled_from(["held", "open", "no_show"]),
    st.sampled_from([None, None, "bot"]),
    st.just(False),
    st.sampled_from([{"SENDER"}, {"RECIPIENT"}]),
    st.one_of(st.none(), st.integers(0, 100)),
    st.sampled_from([None, "x", "y"]),
)
signs = st.lists(st.tuples(st.sampled_from(["lake", "数据"]), acts), max_size=10, unique_by=lambda one: one[1].id)


def both(given):
    return {one.tag: one for one in earned([Sign(TagKind.TOPIC, tag, deed(one)) for tag, one in given], instant(NOW), RULES)}


@given(signs)
def test_the_fast_way_is_the_slow_way(given):
    assert {tag: (pytest.approx(one.weight), len(one.of), one.assigned) for tag, one in both(given).items()} == interests(given, NOW)


@given(signs, st.randoms())
def test_the_order_and_a_second_telling_change_nothing(given, random):
    again = [*given, *given]
    random.shuffle(again)
    assert both(again) == both(given)


@given(signs, acts)
def test_another_sign_never_weakens_a_tag_and_it_stays_below_one(given, more):
    more.id = "z"
    after = both([*given, ("lake", more)])
    for tag, one in both(given).items():
        assert after[tag].weight >= one.weight - 1e-12
        assert after[tag].assigned >= one.assigned
        assert 0 < one.confidence < 1
        assert one.first <= one.last <= instant(NOW) <= one.expires


@given(st.lists(st.floats(0, 1)), st.floats(0, 1))
def test_an_account_s_tag_grows_with_its_people(confidences, more):
    assert 0 <= of_account(confidences) <= of_account([*confidences, more]) + 1e-12 <= 1 + 1e-12


def test_a_word_is_one_tag_however_it_is_written_and_a_product_is_one_by_its_id():
    one, two = deed(Done("a", "registration", days_ago(3), campaign="x")), deed(Done("b", "registration", days_ago(1), campaign="y"))
    words = earned([Sign(TagKind.TOPIC, "data", two), Sign(TagKind.TOPIC, "Data", one)], instant(NOW), RULES)
    assert [(tag.tag, tag.key, len(tag.of)) for tag in words] == [("Data", "data", 2)], "as it was written first"
    products = earned([Sign(TagKind.PRODUCT, "Lake", one, "p1"), Sign(TagKind.PRODUCT, "Lake", two, "p2")], instant(NOW), RULES)
    assert sorted((tag.tag, tag.key, len(tag.of)) for tag in products) == [("Lake", "p1", 1), ("Lake", "p2", 1)]
