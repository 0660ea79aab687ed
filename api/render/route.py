"""Ways for lines between cards: along the gaps, over no card, with few corners and apart from each other. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from math import inf
from typing import NamedTuple

from api.render.places import INDENT, Box

NEAR, FAR = 8, 15
"""How far beside a card its two tracks run."""
CORNER = 26.0
"""What a corner costs, in pixels of way."""
SHARED = 2.5
"""How many times a stretch costs that another line takes already."""
TAKEN = 150.0
"""What it costs to touch a card where another line does."""
LEVELS, INWARD = (16, 30, 42), (24, 24 + INDENT)
"""How far below a card's upper edge, and inside of its right one, lines touch it: one step of a list goes straight."""
STEPS = 20_000
"""A way is looked for among so many points, then given up."""

Point = tuple[float, float]
State = tuple[int, int, bool]
"""A point by its place among the tracks, and whether the line runs flat there; of a stretch its left or upper end."""


class Port(NamedTuple):
    """Where a line may touch a card, and the point of the tracks beside it."""

    at: Point
    track: Point


def ports(box: Box) -> list[Port]:
    """The places where a line may touch a card: its sides, and the right of its upper and lower edge; the middle is left to the chart's own lines."""
    levels = [box.y + level for level in LEVELS if level < box.high - 4]
    sides = [Port((edge, level), (edge + way * far, level)) for level in levels for edge, way in ((box.right, 1), (box.x, -1)) for far in (NEAR, FAR)]
    across = [box.right - inward for inward in INWARD]
    return sides + [Port((x, edge), (x, edge + way * NEAR)) for x in across for edge, way in ((box.y, -1), (box.bottom, 1))]


class Router:
    """The tracks beside all cards of a drawing, and what runs on them so far."""

    def __init__(self, boxes: Iterable[Box], ends: Iterable[Box]) -> None:
        """Tracks run beside every one of ``boxes``, and where lines touch the ``ends``."""
        boxes = list(boxes)
        doors = [port.track for box in ends for port in ports(box)]
        self.xs = sorted({x for box in boxes for x in (box.x - NEAR, box.right + NEAR)} | {x for x, _ in doors})
        self.ys = sorted({y for box in boxes for y in (box.y - NEAR, box.bottom + NEAR)} | {y for _, y in doors})
        self.shut: set[State] = set()
        self.used: set[State] = set()
        self.taken: set[Point] = set()
        for box in boxes:
            self._shut(box)

    def _shut(self, box: Box) -> None:
        """No stretch between two neighbouring points may cross a card."""
        left, right = bisect_right(self.xs, box.x) - 1, bisect_left(self.xs, box.right)
        top, bottom = bisect_right(self.ys, box.y) - 1, bisect_left(self.ys, box.bottom)
        self.shut.update((i, j, True) for i in range(left, right) for j in range(top + 1, bottom))
        self.shut.update((i, j, False) for i in range(left + 1, right) for j in range(top, bottom))

    def way(self, start: Box, end: Box) -> list[Point] | None:
        """The cheapest way from one card to another, as its corners; None where none is found in STEPS. A* over points and directions: O(n log n)."""
        begins, goals = self._doors(start), self._doors(end)
        cost: dict[State, float] = {}
        came: dict[State, State] = {}
        queue: list[tuple[float, bool, State]] = []
        done: set[State] = set()

        def reach(state: State, asked: float, before: State | None) -> None:
            if asked < cost.get(state, inf):
                cost[state] = asked
                if before is not None:
                    came[state] = before
                heappush(queue, (asked + _least((self.xs[state[0]], self.ys[state[1]]), end), False, state))

        for state, (price, _) in begins.items():
            reach(state, price, None)
        while queue and len(done) < STEPS:
            _, arrived, state = heappop(queue)
            if arrived:
                return self._corners(state, came, begins[_first(state, came)][1], goals[state][1])
            if state in done:
                continue
            done.add(state)
            so_far = cost[state]
            if state in goals:
                heappush(queue, (so_far + goals[state][0], True, state))
            i, j, flat = state
            for there, stretch, length in self._next(i, j):
                turned = CORNER if there[2] != flat else 0.0
                reach(there, so_far + turned + length * (SHARED if stretch in self.used else 1.0), state)
        return None

    def _doors(self, box: Box) -> dict[State, tuple[float, Port]]:
        """Where lines begin and end at a card: the state beside each port, what the port costs, and the port."""
        found = {}
        for port in ports(box):
            flat = port.at[1] == port.track[1]
            place = (bisect_left(self.xs, port.track[0]), bisect_left(self.ys, port.track[1]), flat)
            found[place] = (_length(port.at, port.track) + (TAKEN if port.at in self.taken else 0.0), port)
        return found

    def _next(self, i: int, j: int) -> Iterable[tuple[State, State, float]]:
        """The neighbouring points: where, by which stretch, how far."""
        for there, stretch in (((i + 1, j, True), (i, j, True)), ((i - 1, j, True), (i - 1, j, True))):
            if 0 <= there[0] < len(self.xs) and stretch not in self.shut:
                yield there, stretch, abs(self.xs[there[0]] - self.xs[i])
        for there, stretch in (((i, j + 1, False), (i, j, False)), ((i, j - 1, False), (i, j - 1, False))):
            if 0 <= there[1] < len(self.ys) and stretch not in self.shut:
                yield there, stretch, abs(self.ys[there[1]] - self.ys[j])

    def _corners(self, state: State, came: dict[State, State], begin: Port, goal: Port) -> list[Point]:
        """The way from port to port; its stretches and ports are taken from now on."""
        self.taken |= {begin.at, goal.at}
        points = [goal.at, (self.xs[state[0]], self.ys[state[1]])]
        while state in came:
            before = came[state]
            self.used.add((min(before[0], state[0]), min(before[1], state[1]), state[2]))
            points.append((self.xs[before[0]], self.ys[before[1]]))
            state = before
        return _straightened([begin.at, *points[::-1]])


def _least(at: Point, box: Box) -> float:
    """No way from a point to a card is shorter."""
    return max(box.x - at[0], at[0] - box.right, 0.0) + max(box.y - at[1], at[1] - box.bottom, 0.0)


def _first(state: State, came: dict[State, State]) -> State:
    while state in came:
        state = came[state]
    return state


def _length(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _straightened(points: Sequence[Point]) -> list[Point]:
    """The points at which the way turns, and its ends."""
    kept = [points[0]]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        if not (before[0] == here[0] == after[0] or before[1] == here[1] == after[1]):
            kept.append(here)
    return [*kept, points[-1]]
