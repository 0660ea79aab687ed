"""When roles fell under their target: between contacts as they fade, and at once when a holder goes."""

from itertools import pairwise
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.instants import OPEN_END, OPEN_START, period
from graph.measures.coverage import PLACE, ROLES, Wants
from graph.measures.forecast import Tenures, falls
from graph.measures.strength import DAY, Happened
from graph.measures.touches import course, touches
from graph.model import BuyingRole
from graph.template import DEFAULT

DECIDER, EXPERT = PLACE[BuyingRole.DECISION_MAKER], PLACE[BuyingRole.TECHNICAL_EVALUATOR]
START, END = period("2026-01-01")[0], period("2029-01-01")[0]
PEOPLE = ["li", "wang", "zhao"]


def day(number):
    return START + number * DAY


def met(number, person, at, type_="meeting"):
    return Happened(f"m{number}", type_, at, "held", None, ("ann", person), ("ATTENDEE", "ATTENDEE"), (1.0, 1.0), None)


def told(events, tenures, since=START, until=END):
    made = course(events, {"ann"}, set(), until)
    place = {person: number for number, person in enumerate(made.people)}
    columns = list(zip(*tenures, strict=True)) if tenures else [()] * 6
    rows = Tenures(
        np.array(columns[0], np.int64),
        np.array(columns[1], np.int64),
        np.array(columns[2], float),
        np.array([place.get(person, -1) for person in columns[3]], np.int64),
        np.array(columns[4], np.int64),
        np.array(columns[5], np.int64),
        np.zeros(len(tenures), bool),
    )
    return falls(rows, made, Wants.of([DEFAULT, DEFAULT]), since, until)


def test_a_role_falls_on_the_day_on_which_its_holder_fades():
    (fall,) = told([met(1, "li", day(-60)), met(2, "li", day(0))], [(0, DECIDER, 1.0, "li", OPEN_START, OPEN_END)])
    left = 5 * (0.5 ** ((fall.at - day(-60)) / DAY / 180) + 0.5 ** ((fall.at - day(0)) / DAY / 180))
    assert 1 - np.exp(-left / 5) == pytest.approx(0.35)
    assert (fall.group, fall.role, fall.value) == (0, DECIDER, 0.35)


def test_a_contact_in_time_holds_it_and_a_second_fall_is_told_again():
    tenure = [(0, DECIDER, 1.0, "li", OPEN_START, OPEN_END)]
    first = told([met(1, "li", day(0))], tenure)
    assert len(first) == 1
    later = [met(1, "li", day(0)), met(2, "li", first[0].at - DAY)]
    assert told(later, tenure, until=first[0].at + 30 * DAY) == []
    again = [met(1, "li", day(0)), met(2, "li", first[0].at + DAY)]
    assert [fall.at for fall in told(again, tenure, until=OPEN_END - 1)][:1] == [first[0].at]
    assert len(told(again, tenure, until=OPEN_END - 1)) == 2


def test_who_goes_takes_the_role_down_at_once_unless_another_holds_it():
    leaves = (0, DECIDER, 1.0, "li", OPEN_START, day(10))
    (fall,) = told([met(1, "li", day(0))], [leaves])
    assert (fall.at, fall.value) == (day(10), 0)
    stays = (0, DECIDER, 1.0, "wang", OPEN_START, OPEN_END)
    assert told([met(1, "li", day(0)), met(2, "wang", day(9))], [leaves, stays], until=day(12)) == []


def test_nothing_known_falls_nowhere():
    assert told([], []) == told([], [(0, DECIDER, 1.0, "li", OPEN_START, OPEN_END)]) == []


def slow(events, tenures, role, group, at):
    made = touches([event for event in events if event.at <= at], {"ann"}, set(), at)
    close = dict(zip(made.people, made.closeness.tolist(), strict=True))
    held = [(sure, close.get(person, 0.0)) for g, r, sure, person, start, end in tenures if (g, r) == (group, role) and start <= at < end]
    if role == EXPERT:
        panel = [(sure, value) for sure, value in held if sure >= 0.3]
        return sum(sure * value for sure, value in panel) / sum(sure for sure, _ in panel) if panel else 0.0
    return 1 - prod(1 - sure * value for sure, value in held) if any(sure >= 0.3 for sure, _ in held) else 0.0


DAYS = st.integers(0, 120)
EVENTS = st.lists(st.tuples(st.sampled_from(PEOPLE), DAYS), max_size=8)
TENURES = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([DECIDER, EXPERT]), st.sampled_from([0.2, 0.5, 1.0]), st.sampled_from(PEOPLE), DAYS, DAYS),
    max_size=5,
)


@settings(max_examples=60)
@given(EVENTS, TENURES)
def test_every_fall_that_a_look_each_second_day_sees_is_told_and_no_other(events, tenures):
    events = [met(number, person, day(at) + DAY // 2, "call") for number, (person, at) in enumerate(events)]
    tenures = [(group, role, sure, person, day(a), day(a + 1 + b)) for group, role, sure, person, a, b in tenures]
    found = told(events, tenures, since=day(0), until=day(200))
    assert all(day(0) < fall.at <= day(200) for fall in found)
    step = DAY // 4
    for group in (0, 1):
        for role in (DECIDER, EXPERT):
            mine = [fall for fall in found if (fall.group, fall.role) == (group, role)]
            values = [(at, slow(events, tenures, role, group, at)) for at in range(day(0), day(200), step * 8)]
            for (before, was), (after, now) in pairwise(values):
                between = [fall for fall in mine if before < fall.at <= after]
                if was > 0.35 + 1e-3 and now < 0.35 - 1e-3:
                    assert between, "seen above, then below"
            for fall in mine:
                assert slow(events, tenures, role, group, fall.at - step // 100) > 0.35 - 1e-3
                assert slow(events, tenures, role, group, fall.at + 1) < 0.35 + 1e-3
    assert {ROLES[fall.role] for fall in found} <= {ROLES[DECIDER], ROLES[EXPERT]}
