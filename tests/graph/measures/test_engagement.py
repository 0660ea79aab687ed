"""Engagement: the field's stories as tables, a slow ledger beside the fast one, and how it moves."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import exp, prod
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.instants import instant
from graph.measures.engagement import Deed, Deeds, Reason, contributions, deeds_of, earned, figure, ledger, letter, of_account, totals
from graph.model import Part
from graph.scoring import Object, read_models
from tests.slow_scores import ADDITIVE, HELD, STANDARD, Done, earning, left

SCHEDULE = Path(__file__).parent.parent.parent / "data" / "oscon_2014_schedule" / "osconfeed.json"
MODELS = read_models(None)
RULES = {"standard": STANDARD, "additive": ADDITIVE}
NOW = datetime(2026, 6, 30, tzinfo=UTC)


def days_ago(days, hours=0):
    return NOW - timedelta(days=days, hours=hours)


def deed(one):
    about = {Object.CAMPAIGN: one.campaign, Object.PRODUCT: one.product, Object.TOPIC: one.topic}
    parts = [Part(part) for part in sorted(one.parts)]
    return Deed(one.id, one.type, instant(one.at), one.status, one.noise, one.rival, parts, one.minutes, about)


def told(done, model="standard", at=NOW):
    return ledger([deed(one) for one in done], instant(at), MODELS[model].model)


def test_what_was_held_among_others_counts_for_nothing_and_says_so():
    calls = [Done("a", "call", days_ago(2)), Done("b", "call", days_ago(1))]
    among, with_us = (deed(one)._replace(with_us=ours) for one, ours in zip(calls, (False, True), strict=True))
    entries = ledger([among, with_us], instant(NOW), MODELS["minutes"].model)
    assert [(entry.deed.id, entry.reason, entry.counted) for entry in entries] == [("a", Reason.NOT_WITH_US, 0), ("b", Reason.COUNTED, 10)]
    assert deed(Done("c", "check_in", days_ago(1), rival=True)).refused is Reason.OF_A_RIVAL


SUMMIT = [Done("r", "registration", days_ago(30), campaign="summit"), Done("c", "check_in", days_ago(2), campaign="summit")]
STORIES = {
    "nothing": ([], []),
    "a sign-up": (SUMMIT[:1], [1]),
    "a sign-up and the check-in at the conference are 3 in all": (SUMMIT, [1, 2]),
    "a check-in without a sign-up": (SUMMIT[1:], [3]),
    "a sign-up after the check-in adds nothing": ([Done("r", "registration", days_ago(1), campaign="summit"), SUMMIT[1]], [3, 0]),
    "the session beside the check-in adds nothing": ([*SUMMIT, Done("s", "attendance", days_ago(1), campaign="summit")], [1, 2, 0]),
    "another conference counts again": ([*SUMMIT, Done("o", "registration", days_ago(1), campaign="expo")], [1, 2, 1]),
    "without a campaign each counts": ([Done("a", "registration", days_ago(2)), Done("b", "registration", days_ago(1))], [1, 1]),
    "who signed up and did not come": ([SUMMIT[0], Done("c", "check_in", days_ago(2), "no_show", campaign="summit")], [1, 0]),
    "white papers of two products in one campaign are two": (
        [Done(each, "download", days_ago(9 - n), campaign="hub", product=each[0]) for n, each in enumerate(("lake", "insight", "lake again"))],
        [2, 2, 0],
    ),
    "a certificate": ([Done("k", "certificate", days_ago(3), product="lake", campaign="course", parts={"RECIPIENT"})], [10]),
    "the same certificate from another system": (
        [Done("k", "certificate", days_ago(3), product="lake", campaign="course"), Done("l", "certificate", days_ago(1), product="lake")],
        [10, 0],
    ),
    "46 minutes of a recording are three quarters of an hour": ([Done("w", "watch", days_ago(1), minutes=46)], [3]),
    "a day of recordings": ([Done("w", "watch", days_ago(1), minutes=500)], [4]),
    "who looked in for a moment, and nobody knows how long": (
        [Done("v", "watch", days_ago(2), minutes=14.9), Done("w", "watch", days_ago(1))],
        [0, 0],
    ),
    "a bot and a mailing": ([Done("b", "article", days_ago(1), noise="bot"), Done("m", "download", days_ago(1), noise="broadcast")], [0, 0]),
    "at a rival's roadshow": ([Done("x", "attendance", days_ago(1), campaign="roadshow", rival=True)], [0]),
    "the organiser earns nothing": ([Done("x", "attendance", days_ago(1), campaign="summit", parts={"ORGANISER"})], []),
    "who opts out loses nothing": ([SUMMIT[0], Done("u", "unsubscribe", days_ago(1))], [1]),
    "what is worth nothing to the model": ([Done("p", "page_view", days_ago(1)), Done("t", "ticket", days_ago(1))], []),
    "a certificate and a trial on one day are 10": (
        [Done("k", "certificate", days_ago(1, 3), product="lake"), Done("t", "trial", days_ago(1, 2), product="lake")],
        [10, 0],
    ),
    "what comes last is cut": (
        [Done("a", "trial", days_ago(1, 3), product="a"), Done("b", "question", days_ago(1, 2)), Done("c", "trial", days_ago(1, 1), product="c")],
        [5, 3, 2],
    ),
    "the next day counts anew": (
        [Done("k", "certificate", days_ago(2), product="lake"), Done("t", "trial", days_ago(1), product="lake")],
        [10, 5],
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_the_field_s_stories(name):
    done, counted = STORIES[name]
    assert [entry.counted for entry in told(done)] == counted
    assert [entry.counted for entry in told(done)] == [row[3] for row in earning(done)], "the slow way says so too"


def test_read_the_other_way_the_conference_is_worth_four():
    assert [entry.counted for entry in told(SUMMIT, "additive")] == [1, 3]


def test_every_line_says_why():
    done = [*STORIES["what comes last is cut"][0], *SUMMIT, *STORIES["at a rival's roadshow"][0], *STORIES["a bot and a mailing"][0]]
    done += [
        Done("n", "check_in", days_ago(9), "no_show", campaign="expo"),
        Done("s", "watch", days_ago(9)),
        Done("q", "registration", NOW, campaign="summit"),
    ]
    assert {entry.deed.id: entry.reason.value for entry in told(done)} == {
        "a": "COUNTED",
        "b": "NOISE",
        "c": "COUNTED",
        "r": "COUNTED",
        "x": "OF_A_RIVAL",
        "m": "NOISE",
        "n": "NOT_HELD",
        "s": "TOO_SHORT",
        "q": "GIVEN_BEFORE",
    }
    assert Reason.CUT in [entry.reason for entry in told(STORIES["what comes last is cut"][0])]


def test_points_halve_in_ninety_days_and_the_total_runs():
    entries = told([Done("k", "certificate", days_ago(90), product="lake"), Done("t", "trial", NOW, product="lake")])
    assert [(entry.now, entry.total, entry.total_now) for entry in entries] == [(5, 10, 5), (5, 15, 10)]


def test_the_model_of_minutes_counts_what_somebody_wrote_and_not_what_they_got():
    done = [Done("a", "message", days_ago(1)), Done("b", "message", days_ago(1), parts={"RECIPIENT"}), Done("m", "meeting", NOW, parts={"ATTENDEE"})]
    assert [(entry.rule, entry.counted) for entry in told(done, "minutes")] == [("reply", 2), ("meeting", 30)]


types = st.sampled_from([*STANDARD, "page_view"])
names = st.sampled_from([None, "x", "y"])
acts = st.builds(
    Done,
    st.sampled_from([f"e{n}" for n in range(30)]),
    types,
    st.builds(days_ago, st.integers(0, 3), st.integers(0, 23)),
    st.sampled_from([*HELD, "no_show", "planned"]),
    st.sampled_from([None, None, None, "bot"]),
    st.booleans(),
    st.sampled_from([{"SENDER"}, {"ATTENDEE"}, {"RECIPIENT"}, {"ORGANISER", "SPEAKER"}]),
    st.one_of(st.none(), st.floats(0, 100)),
    names,
    names,
)
histories = st.lists(acts, max_size=12, unique_by=lambda one: one.id)


@given(histories, st.sampled_from(sorted(RULES)))
def test_the_fast_way_is_the_slow_way(done, model):
    slow = earning(done, RULES[model])
    fast = told(done, model)
    assert [(e.deed.id, e.points, e.lifted, pytest.approx(e.counted)) for e in fast] == [(one.id, *rest) for one, *rest in slow]
    assert (fast[-1].total_now if fast else 0) == pytest.approx(left(slow, NOW))


@given(histories, st.randoms())
def test_the_order_and_a_second_telling_change_nothing(done, random):
    again = [*done, *done]
    random.shuffle(again)
    assert told(again) == told(done)


@given(histories, acts)
def test_what_comes_last_takes_nothing_from_what_was_earned(done, more):
    more.id, more.at = "z", NOW + timedelta(hours=1)
    before, after = told(done, at=more.at), told([*done, more], at=more.at)
    assert (after[-1].total if after else 0) >= (before[-1].total if before else 0)
    assert [entry for entry in after if entry.deed.id != "z"] == before


@given(histories)
def test_no_day_is_worth_more_than_ten_and_no_event_less_than_nothing(done):
    by_day = {}
    for entry in told(done):
        by_day[entry.deed.at // 86_400_000_000] = by_day.get(entry.deed.at // 86_400_000_000, 0) + entry.counted
        assert 0 <= entry.now <= entry.counted <= entry.lifted <= entry.points
    assert all(value <= 10 + 1e-9 for value in by_day.values())


@given(st.lists(histories, max_size=4))
def test_many_people_at_once_are_each_alone(people):
    model = MODELS["standard"].model
    ruled = [[(entry.deed, entry.rule, entry.points) for entry in told(done)] for done in people]
    rows = deeds_of(ruled, model)
    assert totals(len(people), rows, instant(NOW), model) == pytest.approx([left(earning(done), NOW) for done in people])
    assert len(earned(rows, None).counted) == len(rows.at)


def test_keys_too_large_to_be_joined_as_they_are_still_tell_apart():
    far = np.array([0, 2**40, 2**40, 0, 2**40])
    rows = Deeds(far, far, far, np.arange(5) * 86_400_000_000, np.arange(5), np.array([1.0, 2.0, 3.0, 1.0, 3.0]))
    assert earned(rows, 10).counted.tolist() == [1, 2, 1, 0, 0]


shares = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=8)


@given(shares, st.randoms())
def test_an_account_is_bounded_grows_with_each_person_and_knows_no_order(people, random):
    weights, values = (np.array([one[at] for one in people]) for at in (0, 1))
    whole = of_account(weights, values)
    assert 0 <= whole <= 1
    assert whole == pytest.approx(1 - prod(1 - weight * value for weight, value in people))
    assert contributions(weights, values).sum() == pytest.approx(whole, abs=1e-9)
    assert of_account(np.append(weights, 0.2), np.append(values, 0.5)) >= whole
    random.shuffle(people)
    assert of_account(*(np.array([one[at] for one in people]) for at in (0, 1))) == pytest.approx(whole)


def test_a_hundred_who_hardly_engage_do_not_make_one_who_does():
    one = of_account(np.array([0.25]), np.array([1 - exp(-1)]))
    many = of_account(np.full(100, 0.0), np.full(100, 0.5))
    assert many == 0 < one, "who holds no role counts nothing"


def test_the_speakers_of_a_real_conference_earn_it_once_and_each_session_apart_up_to_the_day_s_cap():
    schedule = json.loads(SCHEDULE.read_text(encoding="utf-8"))["Schedule"]
    sessions = {}
    for event in schedule["events"]:
        for speaker in event.get("speakers", []):
            sessions.setdefault(speaker, []).append((str(event["serial"]), datetime.fromisoformat(event["time_start"]).replace(tzinfo=UTC)))
    full = 0
    for spoke in sessions.values():
        once = [Done(id_, "attendance", at, campaign="oscon", parts={"SPEAKER"}) for id_, at in spoke]
        assert told(once)[-1].total == 3
        by_day = Counter(at.date() for _, at in spoke)
        apart = [Done(id_, "attendance", at, parts={"SPEAKER"}) for id_, at in spoke]
        assert told(apart)[-1].total == sum(min(3 * count, 10) for count in by_day.values())
        capped = ledger([deed(one) for one in apart], instant(NOW), replace(MODELS["standard"].model, daily_cap=4))
        assert capped[-1].total == sum(min(3 * count, 4) for count in by_day.values())
        full += max(by_day.values()) > 1
    assert full, "somebody speaks twice on one day"


def test_the_matrix_has_sixteen_cells():
    bands = MODELS["standard"].model.bands
    cells = {letter(fit, bands) + figure(value, bands.person) for fit in (1, 0.6, 0.3, 0.1) for value in (0.9, 0.4, 0.2, 0)}
    assert len(cells) == 16
    assert (letter(0.75, bands), letter(0.7499, bands), figure(0.6, bands.person), figure(0.0999, bands.person)) == ("A", "B", "1", "4")
