"""Small counts stay hidden from somebody who knows all that is shown, and works out by integer programming what every table that fits may hold."""

from itertools import combinations, product

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


def sums_within_rows_and_columns():
    """All sums that somebody may be after: of any cells of one row or one column, and of whole rows of what the partner has."""
    subsets = [some for line in range(4) for many in (1, 2) for some in combinations([(line, at) for at in range(3)], many)]
    subsets += [some for line in range(3) for many in (2, 3, 4) for some in combinations([(at, line) for at in range(4)], many)]
    subsets += [tuple((row, at) for row in rows for at in range(2)) for many in (2, 3, 4) for rows in combinations(range(4), many)]
    return list(dict.fromkeys(subsets))


SOUGHT = sums_within_rows_and_columns()


def cells(some):
    """Twelve zeros and ones."""
    return np.array([float((row, column) in some) for row, column in product(range(4), range(3))])


def follows(grid):
    """The small sums that an attacker works out to the last company, over all tables with our own totals that fit what is told."""
    told = shown(grid)
    low, high = [], []
    for name in NAMES:
        one = told[name]
        low.append(one.value if one.value is not None else 0 if one.small is not False else SMALL)
        high.append(one.value if one.value is not None else SMALL - 1 if one.small else np.inf)
    ours = LinearConstraint(np.kron(np.eye(4), np.ones(3)), *[[sum(row) for row in grid]] * 2)
    fits = [ours, LinearConstraint(SUMS, low, high)]
    seen = [np.array(grid, float).ravel()]
    for some in SOUGHT:
        goal = cells(some)
        true = round(goal @ seen[0])
        if true >= SMALL or known_anyhow(grid, some) or any(round(goal @ table) != true for table in seen):
            continue
        for sign in (1, -1):
            end = milp(sign * goal, integrality=np.ones(12), constraints=fits)
            if end.success:
                seen.append(end.x)
            else:
                assert end.status == UNBOUNDED, "what is true is possible"
        if all(round(goal @ table) == true for table in seen):
            yield some, true


def known_anyhow(grid, some):
    """Whether our own totals alone say it: we have no company of the rows it lies in."""
    return not sum(sum(grid[row]) for row in {row for row, _ in some})


count = st.one_of(st.integers(0, 6), st.integers(0, 60))
UNBOUNDED = 3
"""What the solver says where there is no most."""
row = st.tuples(count, count, count)


@settings(max_examples=60, deadline=None)
@given(st.tuples(row, row, row, st.one_of(st.just((0, 0, 0)), row)))
@example(((4, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0)))
@example(((4, 4, 0), (0, 0, 0), (0, 5, 0), (0, 0, 0)))
@example(((6, 6, 0), (6, 6, 0), (6, 6, 0), (0, 0, 0)))
@example(((1, 0, 90), (0, 0, 5), (0, 0, 4), (0, 0, 1)))
@example(((1, 2, 90), (25, 30, 40), (50, 60, 500), (0, 0, 0)))
@example(((20, 20, 30), (25, 30, 40), (50, 60, 500), (1, 0, 300)))
def test_no_small_sum_follows_for_who_knows_all_that_is_shown(grid):
    counts, told = counted(grid), shown(grid)
    assert all(told[name].value is None for name, count in counts.items() if count < SMALL)
    assert not list(follows(grid))


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
