"""Who should introduce us to whom over a whole list: stories, and every choice of a few offers tried one by one."""

from collections import Counter
from itertools import combinations
from math import isclose

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.measures.introductions import Offer, _undominated, planned

SUN, NEO, CHEN = 1, 2, 3
"""A professor, a partner's man, one of ours."""


def test_the_professor_is_spared_for_those_whom_nobody_else_can_reach():
    offers = [Offer("a", 10, (SUN,), 0.5), Offer("a", 10, (NEO,), 0.4), Offer("b", 20, (SUN,), 0.3)]
    plan = planned(offers, 1, {}, 1)
    assert plan.taken == (1, 2) and plan.optimal and isclose(plan.worth, 0.7) and isclose(plan.bound, 0.7)


def test_nobody_is_asked_more_than_three_times_and_what_was_asked_before_counts():
    offers = [Offer(f"account {place}", place + 10, (CHEN, SUN), 0.5) for place in range(5)]
    assert len(planned(offers, 1, {}, 3).taken) == 3
    assert len(planned(offers, 1, {SUN: 1}, 3).taken) == 1
    assert planned(offers, 1, {CHEN: 0}, 3).taken == ()


def test_one_introduction_to_a_person_and_so_many_an_account():
    offers = [Offer("a", 10, (SUN,), 0.5), Offer("a", 10, (NEO,), 0.4), Offer("a", 11, (NEO,), 0.3), Offer("a", 12, (CHEN,), 0.2)]
    assert planned(offers, 2, {}, 3).taken == (0, 2)


def test_a_way_past_more_people_that_is_worth_no_more_is_never_the_better_choice():
    offers = [Offer("a", 10, (CHEN, SUN), 0.5), Offer("a", 10, (CHEN, NEO, SUN), 0.5), Offer("a", 10, (NEO,), 0.4), Offer("b", 10, (CHEN, SUN), 0.5)]
    assert _undominated(offers) == [0, 2, 3]


def test_nothing_to_choose_from():
    assert planned([], 1, {}, 3) == ((), 0.0, True, 0.0)


def test_out_of_time_there_is_a_plan_all_the_same_with_a_bound():
    offers = [Offer(f"account {place % 30}", place, (place % 7, 7 + place % 5), 0.1 + place % 9 / 10) for place in range(300)]
    plan = planned(offers, 1, {}, 3, seconds=0)
    assert plan.taken and plan.bound >= plan.worth
    assert kept(offers, plan.taken, 1, {}, 3)


def kept(offers, taken, most, room, asks):
    some = [offers[place] for place in taken]
    asked = Counter(who for offer in some for who in offer.asks)
    return (
        max(Counter(offer.account for offer in some).values(), default=0) <= most
        and max(Counter(offer.whom for offer in some).values(), default=0) <= 1
        and all(count <= room.get(who, asks) for who, count in asked.items())
    )


@settings(max_examples=150, deadline=None)
@given(
    offers=st.lists(
        st.builds(
            Offer,
            st.sampled_from("abc"),
            st.integers(10, 13),
            st.lists(st.integers(0, 3), min_size=1, max_size=2, unique=True).map(tuple),
            st.sampled_from([0.1, 0.3, 0.5]),
        ),
        max_size=9,
    ),
    most=st.integers(1, 2),
    room=st.dictionaries(st.integers(0, 3), st.integers(0, 2), max_size=2),
)
def test_no_choice_is_worth_more(offers, most, room):
    plan = planned(offers, most, room, 2)
    choices = (some for size in range(len(offers) + 1) for some in combinations(range(len(offers)), size))
    best = max(sum(offers[place].worth for place in some) for some in choices if kept(offers, some, most, room, 2))
    assert plan.optimal and kept(offers, plan.taken, most, room, 2)
    assert isclose(plan.worth, best, abs_tol=1e-9) and isclose(plan.bound, best, abs_tol=1e-6)
