"""Whom to meet so that every required role reaches its target: stories, and every set of people tried one by one."""

from itertools import combinations
from math import isclose, prod

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.measures.contacts import MOST_TIES, Problem, minimum_contacts

TARGET = 0.35


def problem(sure, closeness, after, *, panel=None, weight=None, cost=None):
    sure = np.array(sure, float)
    roles = sure.shape[1]
    return Problem(
        sure,
        np.array(panel or [False] * roles),
        np.array(weight or [1.0] * roles),
        np.array(closeness, float),
        np.array(after, float),
        np.array(cost or [1.0] * len(closeness)),
    )


def values(asked, met):
    """Each role's value after these meetings, as method.md 5.3 writes it; None where nobody holds it."""
    close = [asked.after[person] if person in met else asked.closeness[person] for person in range(len(asked.closeness))]
    made = []
    for role, panel in enumerate(asked.panel):
        rows = [(m, c) for m, c in zip(asked.sure[:, role], close, strict=True) if m > 0]
        held = [(m, c) for m, c in rows if m >= 0.3]
        if not held:
            made.append(None)
        elif panel:
            made.append(sum(m * c for m, c in held) / sum(m for m, _ in held))
        else:
            made.append(1 - prod(1 - m * c for m, c in rows))
    return made


def reached(asked, met):
    return {role for role, value in enumerate(values(asked, met)) if asked.weight[role] > 0 and value is not None and value >= TARGET - 1e-7}


def every_set(asked):
    people = range(len(asked.closeness))
    return [set(met) for size in range(len(people) + 1) for met in combinations(people, size)]


@st.composite
def problems(draw):
    people, roles = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    sure = draw(st.lists(st.lists(st.sampled_from([0.0, 0.2, 0.5, 1.0]), min_size=roles, max_size=roles), min_size=people, max_size=people))
    closeness = draw(st.lists(st.sampled_from([0.0, 0.1, 0.3, 0.6]), min_size=people, max_size=people))
    after = [c + (1 - c) * draw(st.sampled_from([0.0, 0.4, 0.632])) for c in closeness]
    panel = draw(st.lists(st.booleans(), min_size=roles, max_size=roles))
    weight = draw(st.lists(st.sampled_from([0.0, 0.1, 0.25]), min_size=roles, max_size=roles))
    cost = draw(st.lists(st.sampled_from([1.0, 2.0, 3.0]), min_size=people, max_size=people))
    return problem(sure, closeness, after, panel=panel, weight=weight, cost=cost)


@settings(max_examples=150)
@given(asked=problems())
def test_no_set_of_people_is_cheaper(asked):
    everybody = reached(asked, set(range(len(asked.closeness))))
    plan = minimum_contacts(asked, TARGET)
    best = min(sum(asked.cost[list(met)]) for met in every_set(asked) if reached(asked, met) >= everybody)
    assert plan.optimal and isclose(plan.cost, best, abs_tol=1e-6)
    assert set(plan.reached) == everybody == reached(asked, set(plan.people))
    assert set(plan.short) == {role for role in range(len(asked.weight)) if asked.weight[role] > 0} - everybody
    as_good = {tuple(sorted(met)) for met in every_set(asked) if reached(asked, met) >= everybody and isclose(sum(asked.cost[list(met)]), best)}
    assert {plan.people, *plan.ties} <= as_good
    assert len({plan.people, *plan.ties}) == min(len(as_good), 1 + MOST_TIES)


@settings(max_examples=150)
@given(asked=problems(), budget=st.sampled_from([0.0, 1.0, 3.0, 4.0, 20.0]))
def test_no_set_within_the_budget_reaches_more(asked, budget):
    plan = minimum_contacts(asked, TARGET, budget)
    affordable = [met for met in every_set(asked) if sum(asked.cost[list(met)]) <= budget + 1e-9]
    most = max(sum(asked.weight[role] for role in reached(asked, met)) for met in affordable)
    assert plan.cost <= budget + 1e-6
    assert isclose(sum(asked.weight[role] for role in plan.reached), most, abs_tol=1e-9)


def test_one_visit_to_the_man_of_two_roles_does_for_both():
    """The finance head also decides: meeting him alone brings both roles there, two others would be needed instead."""
    asked = problem([[1, 1], [1, 0], [0, 1]], [0, 0, 0], [0.632, 0.632, 0.632])
    plan = minimum_contacts(asked, TARGET)
    assert (plan.people, plan.ties, plan.short, plan.cost) == ((0,), [], (), 1)


def test_two_who_do_as_well_are_a_tie():
    plan = minimum_contacts(problem([[1], [1]], [0, 0], [0.632, 0.632]), TARGET)
    assert {plan.people, *plan.ties} == {(0,), (1,)}


def test_a_role_that_nobody_is_known_to_hold_falls_short_and_the_others_are_planned():
    plan = minimum_contacts(problem([[1, 0]], [0], [0.632]), TARGET)
    assert (plan.people, plan.reached, plan.short) == ((0,), (0,), (1,))


def test_nobody_to_meet_and_nothing_required():
    assert minimum_contacts(problem(np.zeros((0, 2)), [], []), TARGET).people == ()
    assert minimum_contacts(problem([[1.0]], [0.0], [0.6], weight=[0.0]), TARGET).people == ()
    assert minimum_contacts(problem([[1.0]], [0.9], [0.95]), TARGET).people == ()
