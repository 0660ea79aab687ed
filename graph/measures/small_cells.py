"""Counts that may be shown to anybody: small ones are hidden, and as many others as it takes for none to follow by difference. Pure.

Whoever looks is taken to know all that is shown, which counts are hidden for being small and which beside them, and how many companies are what to
us, since that is on our own list. A hidden small count is safe where another table has all of that and another count there (secondary suppression:
Willenborg and de Waal 2001).
"""

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import combinations, product
from typing import NamedTuple

import numpy as np

from graph.measures.strength import Ints, Truths

SMALL = 5
"""Counts below this are small."""
ROWS, COLUMNS = 4, 3
"""What companies are to us: customer, target, other, or elsewhere (an account not asked about); and to the partner: customer, target, other."""
CELLS = tuple(product(range(3), range(COLUMNS)))
THEIRS, SHARED, NET_NEW = range(len(CELLS) + COLUMNS, len(CELLS) + COLUMNS + 3)
"""Places of the sums among the counts."""
AT_ONCE = 3
"""So many counts at most are sought to be hidden beside the small ones; where that is not enough, all others are."""


class Shown(NamedTuple):
    """One count as it may be shown: ``value`` is None where it is hidden, ``small`` says that it is below five (None: neither is told)."""

    value: int | None
    small: bool | None

    @property
    def text(self) -> str:
        """The number; ``< 5``; or, hidden so that none follows by difference, ``5+`` or ``hidden``."""
        return str(self.value) if self.value is not None else {True: f"< {SMALL}", False: f"{SMALL}+", None: "hidden"}[self.small]


class Table(NamedTuple):
    """An overlap as it may be shown: cells by what companies are to us, then to the partner; the partner's own totals, all its accounts, those that
    both have, and those that are not ours.
    """

    cells: list[list[Shown]]
    columns: list[Shown]
    theirs: Shown
    shared: Shown
    net_new: Shown


@cache
def _sums() -> Ints:
    """Which cells of the 4 x 3 table each count adds up: counts x 12. The order is that of ``Table``, cell by cell."""
    grids = []
    for row, column in CELLS:
        grid = np.zeros((ROWS, COLUMNS), np.int64)
        grid[row, column] = 1
        grids.append(grid)
    for column in range(COLUMNS):
        grid = np.zeros((ROWS, COLUMNS), np.int64)
        grid[:3, column] = 1
        grids.append(grid)
    for rows in (slice(None), slice(0, 2), slice(2, 3)):
        grid = np.zeros((ROWS, COLUMNS), np.int64)
        grid[rows, :2] = 1
        grids.append(grid)
    return np.array(grids).reshape(len(grids), -1)


@cache
def _never_shown() -> Ints:
    """Counts that no table shows and that must not follow either: sums within a row, within a column, and of what the partner has of some rows."""
    columns: list[tuple[int, ...]] = [some for many in (1, 2) for some in combinations(range(COLUMNS), many)]
    rows: list[tuple[int, ...]] = [some for many in range(1, ROWS + 1) for some in combinations(range(ROWS), many)]
    has = [(0,), (1,), (2,), (0, 1)]
    lines = [(row, some) for row in rows for some in columns if len(row) == 1 or some in has]
    made = np.zeros((len(lines), ROWS, COLUMNS), np.int64)
    for grid, (row, column) in zip(made, lines, strict=True):
        grid[np.ix_(row, column)] = 1
    return np.unique(made.reshape(len(lines), -1), axis=0)


@cache
def _moves() -> Ints:
    """Other tables with the same totals of ours, one company a row moved: moves x 12. Any other table is made of such."""
    steps = [np.zeros(COLUMNS, np.int64)]
    for one, other in product(range(COLUMNS), repeat=2):
        if one != other:
            step = np.zeros(COLUMNS, np.int64)
            step[one], step[other] = 1, -1
            steps.append(step)
    moves = np.array([np.concatenate(rows) for rows in product(steps, repeat=ROWS)])
    return moves[moves.any(1)]


def guarded(grid: Sequence[Sequence[int]], *, open_: bool) -> Table:
    """The overlap of 4 x 3 as it may be shown; ``open_`` shows all of it."""
    return _guarded(tuple(tuple(int(count) for count in row) for row in grid), open_)


@lru_cache(10_000)
def _guarded(grid: tuple[tuple[int, ...], ...], open_: bool) -> Table:
    flat = np.array(grid, np.int64).ravel()
    counts = _sums() @ flat
    if open_:
        return _table([Shown(int(count), count < SMALL) for count in counts])
    hidden = _hidden(flat, counts)
    if hidden is None:
        return _table([Shown(None, None)] * len(counts))
    return _table([Shown(None, bool(count < SMALL)) if lost else Shown(int(count), False) for count, lost in zip(counts, hidden, strict=True)])


def _hidden(flat: Ints, counts: Ints) -> Truths | None:
    """Which counts to hide, as few as can be; None where all must be, and even whether they are small."""
    small, kept = counts < SMALL, _never_shown()[_never_shown() @ flat < SMALL]
    moves = _moves()[(flat + _moves() >= 0).all(1)]
    moved, others = moves @ _sums().T, moves @ kept.T != 0
    like = ((counts + moved < SMALL) == small).all(1)
    ways = _Ways.of(moved[like] != 0, others[like])
    for more in _beside(counts, small):
        hidden = small | more
        if (ways.within(hidden) >= others.any(0)).all():
            return hidden
    return None


class _Ways(NamedTuple):
    """Other tables: which of the counts each changes, as bits of a number, and which of those that must not follow; each pair once."""

    changed: Ints
    others: Truths

    @classmethod
    def of(cls, changed: Truths, others: Truths) -> "_Ways":
        """From rows of truths."""
        found = np.unique(np.hstack([(changed @ (1 << np.arange(changed.shape[1])))[:, None], others]), axis=0)
        return cls(found[:, 0], found[:, 1:] > 0)

    def within(self, hidden: Truths) -> Truths:
        """Which of them could be another number while no count changes but hidden ones."""
        made: Truths = self.others[self.changed & (1 << np.flatnonzero(~hidden)).sum() == 0].any(0)
        return made


def _beside(counts: Ints, small: Truths) -> Iterator[Truths]:
    """Sets of counts to hide beside the small ones: what is shared and what the partner has last, cells before totals, small ones before large."""
    others = [int(at) for at in np.flatnonzero(~small)]
    others.sort(key=lambda at: (at >= len(CELLS), counts[at] if at < len(CELLS) else at))
    for kept in ((THEIRS, SHARED), (SHARED,), ()):
        left = [at for at in others if at not in kept]
        for many in range(min(AT_ONCE, len(left)) + 1):
            for some in combinations(left, many):
                made = np.zeros(len(counts), bool)
                made[list(some)] = True
                yield made
        rest = ~small
        rest[list(kept)] = False
        yield rest


def _table(shown: list[Shown]) -> Table:
    cells = [shown[3 * row : 3 * row + 3] for row in range(3)]
    return Table(cells, shown[len(CELLS) : THEIRS], shown[THEIRS], shown[SHARED], shown[NET_NEW])


def part_of(count: int, whole: Shown, *, open_: bool) -> Shown:
    """A part of a count: shown where the whole is, and neither it nor the rest is small."""
    if open_:
        return Shown(count, count < SMALL)
    if whole.value is None:
        return Shown(None, True if whole.small else None)
    if count < SMALL:
        return Shown(None, True)
    return Shown(None, False) if whole.value - count < SMALL else Shown(count, False)
