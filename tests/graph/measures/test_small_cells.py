"""Small counts stay hidden from somebody who knows all that is shown, and works out by integer programming what every table that fits may hold."""

from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from graph.measures.small_cells import SMALL, Shown, guarded, part_of


def counted(grid):
    """Every count that is told of a 4 x 3 table, by its name."""
    made = {(row, column): grid[row][column] for row, column in product(range(3), range(3))}
    made |= {f"column {column}": sum(grid[row][column] for row in range(3)) for column in range(3)}
    return made | {
        "theirs": sum(row[column] for row in grid for column in range(2)),
        "shared": sum(grid[row][column] for row in range(2) for column in range(2)),
        "net new": grid[2][0] + grid[2][1],
    }


def shown(grid, *, open_=False):
    """The same as it is told."""
    table = guarded(grid, open_=open_)
    made = {(row, column): table.cells[row][column] for row, column in product(range(3), range(3))}
    made |= {f"column {column}": one for column, one in enumerate(table.columns)}
    return made | {"theirs": table.theirs, "shared": table.shared, "net new": table.net_new}


NAMES = list(counted([[0] * 3] * 4))
SUMS = np.array([[counted(np.eye(12, dtype=int)[cell].reshape(4, 3).tolist())[name] for cell in range(12)] for name in NAMES])
"""Which cells each count adds up."""


def possible(grid):
    """The least and the most that an attacker holds for possible, count by count, over all tables with our own totals that fit what is told."""
    told = shown(grid)
    low, high = [], []
    for name in NAMES:
        one = told[name]
        low.append(one.value if one.value is not None else 0 if one.small is not False else SMALL)
        high.append(one.value if one.value is not None else SMALL - 1 if one.small else np.inf)
    ours = LinearConstraint(np.kron(np.eye(4), np.ones(3)), *[[sum(row) for row in grid]] * 2)
    fits = [ours, LinearConstraint(SUMS, low, high)]
    for row, name in enumerate(NAMES):
        ends = [milp(sign * SUMS[row], integrality=np.ones(12), constraints=fits) for sign in (1, -1)]
        assert all(end.success for end in ends), "what is true is possible"
        yield name, round(ends[0].fun), round(-ends[1].fun)


def known_anyhow(grid, name):
    """Whether our own totals alone say it: we have no such company."""
    totals = [sum(row) for row in grid]
    return {
        "theirs": not sum(totals),
        "shared": not sum(totals[:2]),
        "net new": not totals[2],
    }.get(name, not (totals[name[0]] if isinstance(name, tuple) else sum(totals[:3])))


count = st.one_of(st.integers(0, 6), st.integers(0, 60))
row = st.tuples(count, count, count)


@settings(max_examples=60, deadline=None)
@given(st.tuples(row, row, row, st.one_of(st.just((0, 0, 0)), row)))
@example(((4, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0)))
@example(((4, 4, 0), (0, 0, 0), (0, 5, 0), (0, 0, 0)))
@example(((6, 6, 0), (6, 6, 0), (6, 6, 0), (0, 0, 0)))
@example(((1, 0, 90), (0, 0, 5), (0, 0, 4), (0, 0, 1)))
def test_no_small_count_can_be_told_by_who_knows_all_that_is_shown(grid):
    counts, told = counted(grid), shown(grid)
    for name, least, most in possible(grid):
        assert least <= counts[name] <= most
        if counts[name] < SMALL:
            assert told[name].value is None
            assert least < most or known_anyhow(grid, name), (name, grid)


@given(st.tuples(*[st.tuples(*[st.integers(0, 10_000)] * 3)] * 4))
def test_what_is_shown_is_so_and_whoever_may_sees_all(grid):
    counts, told, whole = counted(grid), shown(grid), shown(grid, open_=True)
    assert {name: one.value for name, one in whole.items()} == counts
    assert all(told[name].value in (None, count) and told[name].small in (None, count < SMALL) for name, count in counts.items())


@given(st.tuples(*[st.tuples(*[st.integers(SMALL, 10_000)] * 3)] * 4))
def test_where_nothing_is_small_nothing_is_hidden(grid):
    assert all(one.value is not None for one in shown(grid).values())


def test_one_small_cell_takes_others_along_but_leaves_the_totals():
    grid = ((3, 20, 30), (15, 40, 50), (25, 60, 70), (0, 0, 0))
    told = shown(grid)
    assert told[0, 0].text == "< 5"
    assert [one.value for name, one in told.items() if isinstance(name, str)] == [43, 120, 150, 163, 78, 85]
    beside = {name: one.text for name, one in told.items() if one.value is None and name != (0, 0)}
    assert beside == {(0, 1): "5+", (1, 0): "5+", (1, 1): "5+"}, "a square of four can shift by one; each total stays"


@pytest.mark.parametrize(
    ("count", "whole", "wanted"),
    [
        (6, Shown(20, False), "6"),
        (4, Shown(20, False), "< 5"),
        (0, Shown(20, False), "< 5"),
        (16, Shown(20, False), "5+"),
        (20, Shown(20, False), "5+"),
        (6, Shown(None, False), "hidden"),
        (3, Shown(None, True), "< 5"),
        (3, Shown(None, None), "hidden"),
    ],
)
def test_a_part_of_a_count(count, whole, wanted):
    assert part_of(count, whole, open_=False).text == wanted
    assert part_of(count, Shown(20, False), open_=True).value == count
