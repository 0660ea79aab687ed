"""An org chart as SVG: one file, no script, no font of its own; readable by screen readers."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from graph.answer import Id
from graph.markup import escape, quoteattr
from graph.model import Line
from queries.decision_chain import ChainEdge, ChainNode, DecisionChain, EdgeKind, NodeKind

WIDE, HIGH, GAP, INDENT, LEVEL = 232, 74, 14, 26, 34
MARGIN = 28
COLUMN_FROM = 3
"""People at this depth and below stand under each other instead of beside each other, so that two hundred still fit a page."""
MANY = 40
"""More influence lines than this are drawn faint and behind the people."""
STANCE = {
    -2: ("#b42318", "enemy"),
    -1: ("#e5684f", "non-supporter"),
    0: ("#98a2b3", "neutral"),
    1: ("#5fa777", "supporter"),
    2: ("#157f3b", "mentor"),
}
STYLE = """
  text { font-family: "Helvetica Neue", Arial, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; fill: #1d2939 }
  .box { fill: #fff; stroke: #98a2b3 } .open { fill: #fcfcfd; stroke: #98a2b3; stroke-dasharray: 5 4 }
  .name { font-size: 13px; font-weight: 600 } .title { font-size: 11px; fill: #475467 } .small { font-size: 9.5px; fill: #344054 }
  .role { fill: #e0ecff; stroke: #9dbff5 } .head { font-size: 17px; font-weight: 600 }
  .solid { fill: none; stroke: #667085; stroke-width: 1.3 } .dotted { fill: none; stroke: #667085; stroke-width: 1.3; stroke-dasharray: 2 4 }
  .advises { fill: none; stroke: #3b6fd4; stroke-opacity: .55 } .opposes { fill: none; stroke: #c4320a; stroke-opacity: .75 }
"""


class Spot(NamedTuple):
    """The upper left corner of a node's box."""

    x: float
    y: float


def wide(text: str) -> float:
    """Width of a text in Latin letters: a Chinese character takes two."""
    return sum(1.85 if ord(letter) > 0x2E7F else 1.0 for letter in text)


def cut(text: str, room: float) -> str:
    """The text, shortened to its room; the whole of it stands in the node's title."""
    text = " ".join(text.split())
    if wide(text) <= room:
        return text
    while text and wide(text) > room - 1:
        text = text[:-1]
    return text + "…"


def places(nodes: list[ChainNode]) -> dict[str, Spot]:
    """Where each node stands: managers above the middle of their reports, from a depth on below each other, open roles in a row at the bottom."""
    shown = {node.key for node in nodes}
    below: dict[str | None, list[ChainNode]] = defaultdict(list)
    people = [node for node in nodes if node.kind is not NodeKind.UNMAPPED_ROLE]
    for node in sorted(people, key=lambda node: node.order):
        below[node.parent_key if node.parent_key in shown else None].append(node)
    spots: dict[str, Spot] = {}
    top = MARGIN + 40.0

    def listed(node: ChainNode, x: float, y: float) -> tuple[float, float]:
        """Puts a branch as an indented list; returns its right edge and the next free line."""
        spots[node.key] = Spot(x, y)
        right, y = x + WIDE, y + HIGH + GAP
        for report in below[node.key]:
            edge, y = listed(report, x + INDENT, y)
            right = max(right, edge)
        return right, y

    def spread(node: ChainNode, x: float, level: int) -> float:
        """Puts a branch from ``x`` on; returns its right edge."""
        y = top + level * (HIGH + LEVEL)
        reports = below[node.key]
        leaves = all(not below[report.key] for report in reports)
        if not reports:
            spots[node.key] = Spot(x, y)
            return x + WIDE
        if level + 1 >= COLUMN_FROM or (leaves and len(reports) > 1):
            return listed_below(node, x, y)
        right = x - GAP
        for report in reports:
            right = spread(report, right + GAP, level + 1)
        middle = (spots[reports[0].key].x + spots[reports[-1].key].x) / 2
        spots[node.key] = Spot(middle, y)
        return right

    def listed_below(node: ChainNode, x: float, y: float) -> float:
        spots[node.key] = Spot(x, y)
        right, line = x + WIDE, y + HIGH + LEVEL
        for report in below[node.key]:
            edge, line = listed(report, x + INDENT, line)
            right = max(right, edge)
        return right

    right: float = MARGIN - GAP
    for root in (root for root in below[None] if below[root.key]):
        right = spread(root, right + GAP, 0)
    alone = [root for root in below[None] if not below[root.key]]
    opened = [node for node in nodes if node.kind is NodeKind.UNMAPPED_ROLE]
    for row in (alone, opened):
        y = max((spot.y for spot in spots.values()), default=top - HIGH - LEVEL) + HIGH + LEVEL
        across = max(4, int((right - MARGIN) // (WIDE + GAP)))
        for number, node in enumerate(row):
            spots[node.key] = Spot(MARGIN + number % across * (WIDE + GAP), y + number // across * (HIGH + GAP))
    return spots


def svg(chain: DecisionChain) -> str:
    """The chart as one SVG document, with a title, a description and a title on every node and line."""
    spots = places(chain.nodes)
    names: dict[Id, str] = {node.key: node.name for node in chain.nodes}
    width = max((spot.x for spot in spots.values()), default=0) + WIDE + MARGIN
    height = max((spot.y for spot in spots.values()), default=0) + HIGH + MARGIN
    day = f"{chain.view.as_of:%Y-%m-%d}"
    about = f"{len([n for n in chain.nodes if n.kind is NodeKind.PERSON])} people, as of {day}, revision {chain.view.revision}"
    assumed = ", before the first load: assumed" if chain.view.assumed else ""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" role="img" '
        'aria-labelledby="chart-title chart-about">',
        f'<title id="chart-title">Decision chain of {escape(chain.group.name)}</title>',
        f'<desc id="chart-about">{escape(about + assumed)}. {escape(" ".join(check.message for check in chain.checks))}</desc>',
        f"<style>{STYLE}</style>",
        '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="context-stroke"/></marker></defs>',
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#f9fafb"/>',
        f'<text class="head" x="{MARGIN}" y="{MARGIN}">{escape(chain.group.name)}</text>',
        f'<text class="small" x="{MARGIN}" y="{MARGIN + 18}">{escape(about + assumed)}</text>',
    ]
    lines += [_line(edge, spots, names) for edge in chain.edges if edge.kind is EdgeKind.REPORTS_TO]
    sways = [_line(edge, spots, names) for edge in chain.edges if edge.kind is not EdgeKind.REPORTS_TO]
    boxes = [line for node in chain.nodes for line in _node(node, spots[node.key])]
    lines += [*boxes, *sways] if len(sways) <= MANY else ['<g opacity="0.35">', *sways, "</g>", *boxes]
    return "\n".join([*lines, "</svg>"])


def _line(edge: ChainEdge, spots: Mapping[str, Spot], names: Mapping[Id, str]) -> str:
    here, there = spots[edge.from_key], spots[edge.to_key]
    if edge.kind is EdgeKind.REPORTS_TO:
        verb = "reports to" if edge.line is Line.SOLID else "reports by a dotted line to"
        if here.x > there.x and here.x - there.x <= INDENT + 1:
            path = f"M{there.x + 12:.0f} {there.y + HIGH:.0f}V{here.y + HIGH / 2:.0f}H{here.x:.0f}"
        else:
            middle = here.y - LEVEL / 2
            path = f"M{there.x + WIDE / 2:.0f} {there.y + HIGH:.0f}V{middle:.0f}H{here.x + WIDE / 2:.0f}V{here.y:.0f}"
        return _path(edge.line.value.lower() if edge.line else "solid", path, f"{names[edge.from_key]} {verb} {names[edge.to_key]}")
    verb, x = edge.kind.value.lower(), here.x + WIDE - 16
    strength = edge.strength or 0.0
    bow = 24 + abs(here.y - there.y) / 6
    end = there.x + WIDE - 30
    path = f"M{x:.0f} {here.y + 8:.0f}C{x + bow:.0f} {here.y - bow:.0f} {end + bow:.0f} {there.y - bow:.0f} {end:.0f} {there.y:.0f}"
    look = f'marker-end="url(#a)" stroke-width="{0.8 + 2 * strength:.1f}"'
    return _path(verb, path, f"{names[edge.from_key]} {verb} {names[edge.to_key]}, {strength:g}", look)


def _path(kind: str, path: str, told: str, more: str = "") -> str:
    return f'<path class="{kind}" d="{path}" {more}><title>{escape(told)}</title></path>'


def _node(node: ChainNode, spot: Spot) -> Iterator[str]:
    x, y = spot
    known = node.kind is NodeKind.PERSON
    stance = STANCE.get(node.stance) if node.stance is not None else None
    told = [node.name, node.title or "", *(f"{role.role.value}, {role.authority.value.lower()}, {role.confidence:.0%}" for role in node.roles)]
    told += [f"stance: {stance[1]}"] if stance else []
    told += [] if node.contactable or not known else ["do not contact"]
    yield f'<g role="img" aria-label={quoteattr("; ".join(part for part in told if part))}>'
    yield f"<title>{escape('; '.join(part for part in told if part))}</title>"
    yield f'<rect class="{"box" if known else "open"}" x="{x:.0f}" y="{y:.0f}" width="{WIDE}" height="{HIGH}" rx="7"/>'
    if stance:
        yield f'<rect x="{x:.0f}" y="{y:.0f}" width="6" height="{HIGH}" rx="3" fill="{stance[0]}"/>'
    yield f'<text class="name" x="{x + 14:.0f}" y="{y + 20:.0f}">{escape(cut(node.name, 29))}</text>'
    if node.title and node.title != node.name:
        yield f'<text class="title" x="{x + 14:.0f}" y="{y + 36:.0f}">{escape(cut(node.title, 37))}</text>'
    left = x + 14
    badges = [f"{role.role.value.replace('_', ' ').lower()} · {role.authority.value.lower()}" for role in node.roles if known]
    badges += [stance[1]] if stance else []
    badges += [node.power.value.replace("_", " ").lower()] if node.power else []
    badges += ["do not contact"] if known and not node.contactable else []
    for badge in badges:
        size = 5.1 * wide(badge) + 10
        if left + size > x + WIDE - 4:
            yield f'<text class="small" x="{left:.0f}" y="{y + HIGH - 13:.0f}">+</text>'
            break
        yield f'<rect class="role" x="{left:.0f}" y="{y + HIGH - 25:.0f}" width="{size:.0f}" height="17" rx="8"/>'
        yield f'<text class="small" x="{left + 5:.0f}" y="{y + HIGH - 13:.0f}">{escape(badge)}</text>'
        left += size + 4
    yield "</g>"
