"""Where the people of a chart stand: side by side near the top, as indented lists further down, in about the shape of a page. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from graph.answer import Id
from queries.decision_chain import ChainNode, NodeKind

WIDE, ACROSS, DOWN, INDENT, SPINE, LEVEL = 240, 44, 24, 32, 9, 52
"""Width of a card; room between cards side by side, below each other, of a list's indentation, of the line along a list, and between levels."""
MARGIN, TOP = 32, 84
PAGE = 1.5
"""Wanted width by height."""
NARROWEST = 1000
"""Width of the legend."""


class Box(NamedTuple):
    """Where a card stands."""

    x: float
    y: float
    high: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + WIDE

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.high

    @property
    def middle(self) -> float:
        """The middle of its width."""
        return self.x + WIDE / 2


def size(boxes: Mapping[Id, Box]) -> tuple[float, float]:
    """Right and lower edge of all."""
    return max((box.right for box in boxes.values()), default=0.0), max((box.bottom for box in boxes.values()), default=0.0)


def places(nodes: Sequence[ChainNode], high: Mapping[Id, float]) -> dict[Id, Box]:
    """A box for each node, ``high`` being the heights of their cards.

    At first every branch is an indented list. The longest list is spread, its head above the middle of its reports side by side, as long as the chart
    is higher than a page; of all these charts the one nearest to a page is taken: O(n) for each. Whoever has neither manager nor reports stands in
    rows below, placeholders below them.
    """
    spread: frozenset[Id] = frozenset()
    best = chart = _Chart(nodes, high, spread)
    while chart.lists and chart.width / PAGE <= chart.height:
        spread |= {max(chart.lists, key=lambda key: (chart.lists[key], key))}
        chart = _Chart(nodes, high, spread)
        best = min(chart, best, key=lambda one: max(one.width / PAGE, one.height))
    return best.boxes


class _Chart:
    """One way to place the nodes: the reports of the ``spread`` ones stand side by side, all others below each other."""

    def __init__(self, nodes: Sequence[ChainNode], high: Mapping[Id, float], spread: frozenset[Id]) -> None:
        self.high, self.spread = high, spread
        self.boxes: dict[Id, Box] = {}
        self.lists: dict[Id, float] = {}
        self.below: dict[Id | None, list[ChainNode]] = defaultdict(list)
        shown = {node.key for node in nodes}
        for node in sorted((node for node in nodes if node.kind is NodeKind.PERSON), key=lambda node: node.order):
            self.below[node.parent_key if node.parent_key in shown else None].append(node)
        roots = [node for node in self.below[None] if self.below[node.key]]
        self.level = self._levels(roots)
        right: float = MARGIN - ACROSS
        for root in roots:
            right = self._branch(root, right + ACROSS, 0)
        alone = [node for node in self.below[None] if not self.below[node.key]]
        for row in (alone, [node for node in nodes if node.kind is not NodeKind.PERSON]):
            self._row(row, right)

    @property
    def width(self) -> float:
        """Its width, at least that of the legend."""
        return max(size(self.boxes)[0], NARROWEST)

    @property
    def height(self) -> float:
        """Its height."""
        return size(self.boxes)[1]

    def _levels(self, roots: Sequence[ChainNode]) -> list[float]:
        """The upper edge of each level that stands side by side."""
        edges, y, level = [], float(TOP), list(roots)
        while level:
            edges.append(y)
            y += max(self.high[node.key] for node in level) + LEVEL
            level = [report for node in level if node.key in self.spread for report in self.below[node.key]]
        return edges

    def _put(self, node: ChainNode, x: float, y: float) -> Box:
        self.boxes[node.key] = box = Box(x, y, self.high[node.key])
        return box

    def _branch(self, node: ChainNode, x: float, level: int) -> float:
        """Places a branch from ``x`` on; returns its right edge."""
        y, reports = self.level[level], self.below[node.key]
        if node.key not in self.spread:
            right, line = self._list(node, x, y)
            if reports:
                self.lists[node.key] = line
            return right
        right = x - ACROSS
        for report in reports:
            right = self._branch(report, right + ACROSS, level + 1)
        self._put(node, (self.boxes[reports[0].key].x + self.boxes[reports[-1].key].x) / 2, y)
        return right

    def _list(self, node: ChainNode, x: float, y: float) -> tuple[float, float]:
        """Places a branch as an indented list; returns its right edge and the next free line."""
        box = self._put(node, x, y)
        right, line = box.right, box.bottom + DOWN
        for report in self.below[node.key]:
            edge, line = self._list(report, x + INDENT, line)
            right = max(right, edge)
        return right, line

    def _row(self, row: Sequence[ChainNode], right: float) -> None:
        """Places nodes in rows below all others, as wide as the chart."""
        per = max(4, int((right - MARGIN + ACROSS) // (WIDE + ACROSS)))
        for start in range(0, len(row), per):
            y = size(self.boxes)[1] + (DOWN if start else LEVEL) if self.boxes else float(TOP)
            for place, node in enumerate(row[start : start + per]):
                self._put(node, MARGIN + place * (WIDE + ACROSS), y)
