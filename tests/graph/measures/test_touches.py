"""How near a person is to us as one party: stories, the formula taken event by event, and what must hold whatever happened (method.md 5.3)."""

from datetime import UTC, datetime
from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.instants import at_moment, instant
from graph.measures.strength import Happened
from graph.measures.touches import met_once_more, ties, touches
from tests.slow import WAYS, Event, closeness, sums

DAY = 24 * 3600 * 1_000_000
OURS, FORMER = {"ann", "ben"}, {"old"}
CHANNELS = list(WAYS)


def day(text):
    return instant(datetime.fromisoformat(text).replace(tzinfo=UTC))


NOW = day("2026-06-30")


def happened(id_, type_, at, *people, parts=None, sure=1.0, status="held", noise=None, direction=None):
    """``happened("m1", "message", "2026-06-01", "ann", "li")``: the first sends, all others receive or attend."""
    parts = parts or ["SENDER", *["RECIPIENT"] * (len(people) - 1)]
    return Happened(id_, type_, day(at) if isinstance(at, str) else at, status, noise, people, parts, [sure] * len(people), direction)


def told(events):
    """The same events as the slow ones."""
    return [Event(e.id, e.type, at_moment(e.at), e.status, e.noise, e.direction, list(zip(e.people, e.parts, e.sure, strict=True))) for e in events]


def slow(events, person, at):
    """Closeness at an instant."""
    return closeness(told(events), person, at_moment(at), OURS, FORMER)


def found(events, at=NOW, ours=OURS):
    made = touches(events, ours, FORMER, at)
    return {person: n for n, person in enumerate(made.people)}, made


def close(events, person, at=NOW):
    rows, made = found(events, at)
    return float(made.closeness[rows[person]]) if person in rows else 0.0


def test_one_meeting_with_two_of_us_counts_once():
    both = happened("m", "meeting", NOW, "ann", "ben", "li")
    rows, made = found([both])
    assert made.x[rows["li"], :, 0].tolist() == [5, 5]
    assert close([both], "li") == pytest.approx(1 - exp(-1))
    assert rows.keys() == {"li"}, "our own people are nobody whom we cover"


def test_a_meeting_of_five_of_theirs_is_shared_among_the_other_four_whoever_of_us_came():
    theirs = ["li", "wang", "zhao", "sun", "qian"]
    for ours in (["ann"], ["ann", "ben"]):
        rows, made = found([happened("m", "visit", NOW, *ours, *theirs)])
        assert made.x[rows["wang"], 0, 0] == pytest.approx(5 / 2)


def test_fifty_in_a_room_count_each_of_us_for_one():
    crowd = [f"p{n:02}" for n in range(48)]
    assert close([happened("m", "meeting", NOW, "ann", "ben", *crowd)], "p07") > 0
    assert close([happened("m", "meeting", NOW, "ann", "ben", "old", *crowd)], "p07") == 0
    assert close([happened("m", "message", NOW, "ann", *crowd, "a", "b")], "p07") > 0
    assert close([happened("m", "message", NOW, "ann", "old", *crowd, "a", "b")], "p07") == 0, "51 receivers"


def test_whoever_left_us_does_not_count():
    gone = happened("m", "meeting", NOW, "old", "li")
    assert close([gone], "li") == 0
    assert close([gone._replace(direction="out")], "li") == 0
    assert close([happened("m", "meeting", NOW, "old", "ann", "li")], "li") > 0


def test_a_direction_without_a_named_colleague_counts_and_makes_no_pair():
    letter = happened("m", "message", NOW, "li", parts=["SENDER"], direction="in")
    rows, made = found([letter])
    assert made.x[rows["li"], :, 2].tolist() == [0, 1]
    assert made.answered[rows["li"]]
    unsaid = happened("n", "message", NOW, "wang", parts=["ATTENDEE"], direction="out")
    rows, made = found([unsaid])
    assert (made.x[rows["wang"], :, 2].tolist(), bool(made.answered[rows["wang"]])) == ([1, 0], False)
    assert ties([letter, unsaid], OURS, NOW).people == []
    assert close([happened("o", "message", NOW, "li", "wang")], "wang") == 0, "between two of theirs, without us"


def test_nobody_answered_a_hundred_letters():
    letters = [happened(f"m{n:03}", "message", NOW - n * DAY, "ann", "li") for n in range(100)]
    rows, made = found(letters)
    assert (bool(made.answered[0]), int(made.counted[rows["li"]])) == (False, 100)
    assert made.closeness[0] <= 1 - exp(-0.75 / 5)


def test_who_was_close_once_and_is_no_longer():
    meetings = [happened(f"m{n}", "meeting", f"2024-0{n + 1}-10", "ann", "li") for n in range(3)]
    rows, made = found(meetings)
    assert made.closeness[rows["li"]] < 0.15
    assert made.closest[rows["li"]] == pytest.approx(slow(meetings, "li", day("2024-03-10")))
    assert made.last_at[rows["li"]] == day("2024-03-10")


def test_a_better_record_of_a_full_day_does_not_make_the_past_closer_than_it_was():
    noted = [happened(f"m{n}", "meeting", day("2026-06-01") + n, "ann", "li", sure=0.5) for n in range(3)]
    better = [happened(f"n{n}", "meeting", day("2026-06-01") + 9 + n, "ann", "li") for n in range(3)]
    rows, made = found([*noted, *better])
    assert made.closest[rows["li"]] == pytest.approx(1 - exp(-15 / 5), abs=1e-6), "never six at once"


def test_ties_name_the_strongest_of_ours_first():
    events = [happened("a", "meeting", NOW, "ann", "李伟"), happened("b", "call", NOW, "ben", "李伟"), happened("c", "call", NOW, "ben", "wang")]
    made = ties(events, OURS, NOW)
    assert list(zip(made.people, made.ours, made.strength.round(3), strict=True)) == [
        ("wang", "ben", 0.451),
        ("李伟", "ann", 0.632),
        ("李伟", "ben", 0.451),
    ]


def test_nobody_and_nothing():
    for events in ([], [happened("m", "meeting", NOW, "li", "wang")], [happened("m", "meeting", NOW, "ann", "ben")]):
        made = touches(events, OURS, FORMER, NOW)
        assert (made.people, len(made.closeness), len(made.closest)) == ([], 0, 0)
        assert ties(events, OURS, NOW).people == []
    assert touches([happened("m", "meeting", NOW, "ann", "li")], set(), set(), NOW).people == [], "without us there is no touch"


def test_one_more_meeting():
    assert met_once_more(np.zeros((1, 2, 6))).sum() == 10


PEOPLE = ["ann", "ben", "old", "李伟", "王芳", "sun"]
PARTS = ["SENDER", "RECIPIENT", "ATTENDEE", "GIVER", "RECEIVER"]
TYPES = ["meeting", "visit", "call", "message", "message", "attendance", "introduction", "social", "social", "page_view"]


@st.composite
def histories(draw, max_size=14):
    """Histories in which people, days and instants collide often."""
    made = []
    for n in range(draw(st.integers(0, max_size))):
        count = draw(st.integers(1, 4))
        people = draw(st.lists(st.sampled_from(PEOPLE), min_size=count, max_size=count))
        parts = draw(st.lists(st.sampled_from(PARTS), min_size=count, max_size=count))
        sure = draw(st.lists(st.sampled_from([0.5, 0.7, 1.0]), min_size=count, max_size=count))
        at = NOW - draw(st.integers(0, 2)) * 70 * DAY + draw(st.integers(0, 3)) * DAY // 4
        status, noise = draw(st.sampled_from(["held", "held", "open", "cancelled"])), draw(st.sampled_from([None, None, None, "bot"]))
        direction = draw(st.sampled_from([None, None, "in", "out"]))
        made.append(Happened(f"e{n:02}", draw(st.sampled_from(TYPES)), at, status, noise, people, parts, sure, direction))
    return made


@given(histories(), st.integers(-80, 3))
def test_any_history_equals_the_formula_taken_event_by_event(history, later):
    at = NOW + later * DAY
    rows, made = found(history, at)
    for person in ("李伟", "王芳", "sun", "old"):
        expected, counted, touching = sums(told(history), person, at_moment(at), OURS, FORMER)
        assert (person in rows) == bool(counted)
        if not counted:
            continue
        n = rows[person]
        for number, way in enumerate(("out", "in")):
            assert made.x[n, number].tolist() == pytest.approx([expected[way, channel] for channel in CHANNELS])
        assert made.closeness[n] == pytest.approx(slow(history, person, at))
        assert made.answered[n] == any(value for (way, _), value in expected.items() if way == "in")
        assert made.counted[n] == len(counted)
        assert made.last_at[n] == max(event.at for event in history if event.id in touching)
        moments = sorted({event.at for event in history if event.at <= at})
        assert made.closest[n] == pytest.approx(max(slow(history, person, moment) for moment in moments))


@given(histories(), st.sampled_from(["ann", "ben"]))
def test_taking_one_of_us_away_and_back_restores(history, who):
    before, without, after = found(history)[1], touches(history, OURS - {who}, FORMER | {who}, NOW), found(history)[1]
    assert before.people == after.people
    assert np.array_equal(before.x, after.x)
    left = dict(zip(without.people, without.closeness, strict=True))
    full = dict(zip(before.people, before.closeness, strict=True))
    within_a_day = 0.01  # a full day keeps the earlier of two equally sure events, so that losing one may let in a later one
    assert all(left[person] <= full[person] + within_a_day for person in set(left) - {who})


@given(histories())
def test_ties_are_pair_by_pair_what_we_are_as_one_where_one_of_us_stands_alone(history):
    alone = [event._replace(direction=None) for event in history if "ben" not in event.people]
    made, pairs = found(alone)[1], ties(alone, {"ann"}, NOW)
    only = touches(alone, {"ann"}, FORMER, NOW)
    assert dict(zip(pairs.people, pairs.strength, strict=True)) == pytest.approx(dict(zip(only.people, only.closeness, strict=True)))
    assert made.people == only.people
