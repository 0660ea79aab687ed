"""An org chart as SVG: one file, no script, no font of its own; what colours say is also said in words and shapes; readable by screen readers.

What the picture holds follows from what is true at its instant: no revision, so that the same facts are the same file.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from api.render.letters import wide, wrapped
from api.render.picture import dated, heading, opened
from api.render.places import DOWN, INDENT, LEVEL, MARGIN, NARROWEST, SPINE, WIDE, Box, places, size
from api.render.route import Point, Router
from api.render.states import LOOKS, sign
from graph import words
from graph.answer import Id
from graph.markup import escape, quoteattr
from graph.model import Authority, Line, Power
from graph.words import counted
from queries.committee.covered import CoverageState
from queries.committee.rows import ChainRole
from queries.decision_chain import Badge, ChainEdge, ChainNode, DecisionChain, EdgeKind, NodeKind

NAME, TITLE, SMALL = 14.0, 12.0, 10.5
"""Sizes of type."""
PAD, STRIPE, PILL, FOOT = 14, 7, 18, 104
MANY = 60
"""More lines beside the chart than this, and those for which no way is found, are drawn straight, faint and behind the people."""
ROUND = 7.0
MOST_LINES = 4
"""A name or a title longer than this is cut; the whole of it stands in the card's title."""
STANCE = {stance: words.stance_name(stance, "en") for stance in words.STANCE}
COLOUR = {-2: "#a3180d", -1: "#d9573f", 0: "#8a94a6", 1: "#3f9a5f", 2: "#0f6b33"}
POWER = {Power.INNER_CIRCLE: "inner circle", Power.POLITICAL: "political", Power.OUTSIDE: "outside"}
AUTHORITY = {Authority.VETO: "may veto", Authority.APPROVE: "approves", Authority.ADVISE: "advises", Authority.NONE: ""}
BADGES = {Badge.SINGLE_THREAD: "single thread", Badge.LEAVER: "left", Badge.NEW: "new"}
"""What no other sign on a card says."""
WEIGHT = {Authority.VETO: "veto", Authority.APPROVE: "approve", Authority.ADVISE: "advise", Authority.NONE: "advise"}
STYLE = """
  .name { font-size: 14px; font-weight: 600 } .title { font-size: 12px; fill: #475467 } .small { font-size: 10.5px } .on { fill: #fff }
  .box { fill: #fff; stroke: #98a2b3 } .open { fill: #f2f4f7; stroke: #667085; stroke-dasharray: 6 4 }
  .veto { fill: #1f3b73 } .approve { fill: #3d6bc4 } .advise { fill: #e3ecfb; stroke: #a9c1ea } .plain { fill: #fff; stroke: #98a2b3 }
  .solid, .dotted, .advises, .opposes { fill: none }
  .solid { stroke: #667085; stroke-width: 1.4 } .dotted { stroke: #475467; stroke-width: 1.8; stroke-dasharray: 2 4 }
  .advises { stroke: #2f62c9 } .opposes { stroke: #b42318; stroke-dasharray: 9 3 } .halo { fill: none; stroke: #f9fafb; stroke-width: 5 }
"""
MARKERS = (
    '<marker id="to" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="10" markerHeight="10" markerUnits="userSpaceOnUse" orient="auto">'
    '<path d="M0 0L10 5L0 10z" fill="#2f62c9"/></marker>'
    '<marker id="against" viewBox="0 0 8 14" refX="6" refY="7" markerWidth="8" markerHeight="14" markerUnits="userSpaceOnUse" orient="auto">'
    '<path d="M6 0V14" stroke="#b42318" stroke-width="3"/></marker>'
)


class Pill(NamedTuple):
    """A badge: its text, its look, and the shape before the text."""

    text: str
    look: str
    shape: str = ""

    @property
    def wide(self) -> float:
        """Its width."""
        return wide(self.text, SMALL) + 16 + (13 if self.shape else 0)


@dataclass(slots=True)
class Card:
    """What stands on a node's card: lines of text and rows of badges, and how high that makes it."""

    name: list[str]
    title: list[str]
    pills: list[list[Pill]]

    @property
    def high(self) -> float:
        """Its height."""
        return 16 + 18 * len(self.name) + 15 * len(self.title) + (PILL + 4) * len(self.pills) + (2 if self.pills else 0)


def svg(chain: DecisionChain) -> str:
    """The chart as one SVG document; every card and every line bears a title."""
    cards = {node.key: _card(node) for node in chain.nodes}
    boxes = places(chain.nodes, {key: card.high for key, card in cards.items()})
    names = {node.key: node.name for node in chain.nodes}
    about = f"Decision chain, {counted(sum(node.kind is NodeKind.PERSON for node in chain.nodes), 'person', 'people')}, {dated(chain.view)}"
    about += "; more people are not shown" if chain.truncated else ""
    lower = size(boxes)[1] + LEVEL
    width = max(size(boxes)[0] + MARGIN + 24, NARROWEST)
    height = lower + FOOT
    checks = " ".join(check.message for check in chain.checks)
    head = chain.group.name
    lines = [
        *opened("chart", width, height, f"Decision chain of {head}", f"{about}. {checks}".strip(), STYLE, defs=MARKERS),
        *heading(MARGIN, width, head, about),
    ]
    edges = charted(chain)
    lines += [_solid(edge, boxes, names) for edge in edges if edge.line is Line.SOLID]
    beside = [edge for edge in edges if edge.line is not Line.SOLID]
    ways = _ways(beside, boxes)
    faint = [_beside(edge, _straight(boxes, edge), names, halo=False) for edge in beside if edge.key not in ways]
    lines += ['<g opacity="0.3">', *faint, "</g>"] if faint else []
    lines += [_card_drawn(node, cards[node.key], boxes[node.key]) for node in chain.nodes]
    lines += [_beside(edge, ways[edge.key], names) for edge in beside if edge.key in ways]
    return "\n".join([*lines, *_legend(lower), "</svg>"])


def charted(chain: DecisionChain) -> list[ChainEdge]:
    """The lines that a chart draws: all but the solid ones that would close a circle, of which the checks tell. O(edges x depth)."""
    above = {node.key: node.parent_key for node in chain.nodes}

    def closing(edge: ChainEdge) -> bool:
        at: Id | None = edge.to_key
        while at is not None and at != edge.from_key:
            at = above.get(at)
        return at is not None

    return [edge for edge in chain.edges if edge.line is not Line.SOLID or not closing(edge)]


def _ways(beside: Sequence[ChainEdge], boxes: Mapping[Id, Box]) -> dict[Id, Sequence[Point]]:
    """The ways of the lines beside the chart that have one, the shortest looked for first; none where they are too many."""
    if len(beside) > MANY:
        return {}
    router = Router(boxes.values(), {boxes[key] for edge in beside for key in (edge.from_key, edge.to_key)})
    nearest = sorted(beside, key=lambda edge: (_far(boxes, edge), edge.key))
    ways = {edge.key: router.way(boxes[edge.from_key], boxes[edge.to_key]) for edge in nearest}
    return {key: way for key, way in ways.items() if way}


def _card(node: ChainNode) -> Card:
    room = WIDE - PAD - 10
    title = node.title if node.title and node.title != node.name else ""
    rows: list[list[Pill]] = []
    for pill in _pills(node):
        if rows and sum(one.wide + 4 for one in rows[-1]) + pill.wide <= room:
            rows[-1].append(pill)
        else:
            rows.append([pill])
    return Card(wrapped(node.name, NAME, room, MOST_LINES, bold=True), wrapped(title, TITLE, room, MOST_LINES), rows)


def _state(node: ChainNode) -> CoverageState | None:
    """How somebody stands with us; that we never met says something of those only who hold a role."""
    return None if node.state is CoverageState.NEVER and not node.roles else node.state


def _pills(node: ChainNode) -> Iterator[Pill]:
    if state := _state(node):
        yield Pill(LOOKS[state.value].word, "plain", f"state {state.value}")
    for role in node.roles:
        yield Pill(_role(role, known=node.kind is NodeKind.PERSON), WEIGHT[role.authority])
    if node.stance is not None:
        yield Pill(STANCE[node.stance], "plain", f"stance{node.stance}")
    if node.power is not None:
        yield Pill(POWER[node.power], "plain", "" if node.power is Power.OUTSIDE else "star" if node.power is Power.INNER_CIRCLE else "half")
    for badge in node.badges:
        if badge in BADGES:
            yield Pill(BADGES[badge], "plain")


def _role(role: ChainRole, *, known: bool) -> str:
    """``decision maker, may veto, 90%``; of an open role only what it may do, since the card's name says the rest."""
    parts = [role.role.value.replace("_", " ").lower()] if known else []
    parts += [AUTHORITY[role.authority]] if AUTHORITY[role.authority] else []
    parts += [f"{role.confidence:.0%}"] if known and role.confidence < 1 else []
    parts += ["inherited"] if role.inherited else []
    return ", ".join(parts) or "no say"


def _told(node: ChainNode) -> str:
    """A card in words."""
    roles = [_role(role, known=True) for role in node.roles] if node.kind is NodeKind.PERSON else []
    parts = [node.name, node.title or "", node.department or "", *roles]
    parts += [f"stance: {STANCE[node.stance]}"] if node.stance is not None else []
    parts += [f"power: {POWER[node.power]}"] if node.power else []
    if node.coverage and (state := _state(node)):
        touched = f", last touch {node.last_touch_at:%Y-%m-%d}" if node.last_touch_at else ""
        parts.append(f"{LOOKS[state.value].word} ({node.coverage.value or 0:.2f}{touched})")
    parts += [BADGES[badge] for badge in node.badges if badge in BADGES]
    return "; ".join(dict.fromkeys(part for part in parts if part))


def _card_drawn(node: ChainNode, card: Card, box: Box) -> str:
    told = _told(node)
    known = node.kind is NodeKind.PERSON
    parts = [f'<g role="graphics-symbol img" aria-label={quoteattr(told)}><title>{escape(told)}</title>']
    parts.append(f'<rect class="{"box" if known else "open"}" x="{box.x:.0f}" y="{box.y:.0f}" width="{WIDE}" height="{box.high:.0f}" rx="6"/>')
    if state := _state(node):
        shape = f'x="{box.x:.0f}" y="{box.y:.0f}" width="{{}}" height="{box.high:.0f}" fill="{LOOKS[state.value].colour}"'
        parts.append(f'<rect {shape.format(WIDE)} rx="6" fill-opacity="0.08"/><rect {shape.format(STRIPE)} rx="3"/>')
    left, line = box.x + PAD, box.y + 8
    for looks, texts, step in (("name", card.name, 18), ("title", card.title, 15)):
        for text in texts:
            line += step
            parts.append(f'<text class="{looks}" x="{left:.0f}" y="{line - 4:.0f}">{escape(text)}</text>')
    line += 4
    for row in card.pills:
        at = left
        for pill in row:
            parts.append(_pill(pill, at, line))
            at += pill.wide + 4
        line += PILL + 4
    return "".join([*parts, "</g>"])


def _pill(pill: Pill, x: float, y: float) -> str:
    text = x + 8 + (13 if pill.shape else 0)
    on = " on" if pill.look in ("veto", "approve") else ""
    return (
        f'<rect class="{pill.look}" x="{x:.1f}" y="{y:.0f}" width="{pill.wide:.1f}" height="{PILL}" rx="4"/>'
        + (_shape(pill.shape, x + 12, y + PILL / 2) if pill.shape else "")
        + f'<text class="small{on}" x="{text:.1f}" y="{y + 12.7:.1f}">{escape(pill.text)}</text>'
    )


def _shape(shape: str, x: float, y: float) -> str:
    """A small sign: a state's own, triangles for stances (up for us, down against, two for the strong ones), stars for power."""
    if shape.startswith("state "):
        return sign(shape.removeprefix("state "), x, y, 5)
    if shape in ("star", "half"):
        fill = "#b54708" if shape == "star" else "none"
        star = "l1.4 3.1 3.4.4-2.5 2.3.7 3.4-3-1.7-3 1.7.7-3.4-2.5-2.3 3.4-.4z"
        return f'<path d="M{x:.1f} {y - 5:.1f}{star}" fill="{fill}" stroke="#b54708"/>'
    level = int(shape.removeprefix("stance"))
    if level == 0:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{COLOUR[0]}"/>'
    up = -1 if level > 0 else 1
    tops = [y] if abs(level) == 1 else [y - 2.5, y + 2.5]
    return "".join(f'<path d="M{x - 4:.1f} {top - up * 2:.1f}h8l-4 {up * 4.5:.1f}z" fill="{COLOUR[level]}"/>' for top in tops)


def _solid(edge: ChainEdge, boxes: Mapping[Id, Box], names: Mapping[Id, str]) -> str:
    """The chart's own line: from below a manager's card to the top of the report's, or along the left of a list."""
    here, there = boxes[edge.from_key], boxes[edge.to_key]
    if here.x - there.x == INDENT:
        way = [(there.x + SPINE, there.bottom), (there.x + SPINE, here.y + 23), (here.x, here.y + 23)]
    else:
        turn = here.y - (LEVEL if here.y - there.bottom >= LEVEL else DOWN) / 2
        way = [(there.middle, there.bottom), (there.middle, turn), (here.middle, turn), (here.middle, here.y)]
    return _line("solid", way, f"{names[edge.from_key]} reports to {names[edge.to_key]}", round_=0)


def _beside(edge: ChainEdge, way: Sequence[Point], names: Mapping[Id, str], *, halo: bool = True) -> str:
    who, whom = names[edge.from_key], names[edge.to_key]
    if edge.kind is EdgeKind.REPORTS_TO:
        return _line("dotted", way, f"{who} reports by a dotted line to {whom}", halo=halo)
    strength, verb = edge.strength or 0.0, edge.kind.value.lower()
    look = f' stroke-width="{1 + 2.5 * strength:.1f}" marker-end="url(#{"to" if edge.kind is EdgeKind.ADVISES else "against"})"'
    return _line(verb, way, f"{who} {verb} {whom}, strength {strength:g}", look, halo=halo)


def _line(look: str, way: Sequence[Point], told: str, more: str = "", *, round_: float = ROUND, halo: bool = False) -> str:
    path = _path(way, round_)
    drawn = (f'<path class="halo" d="{path}"/>' if halo else "") + f'<path class="{look}" d="{path}"{more}/>'
    return f'<g role="graphics-symbol img" aria-label={quoteattr(told)}><title>{escape(told)}</title>{drawn}</g>'


def _path(way: Sequence[Point], round_: float) -> str:
    """A path along these points with rounded corners."""
    path = f"M{way[0][0]:.1f} {way[0][1]:.1f}"
    for (before, here), (_, after) in pairwise(pairwise(way)):
        cut = min(round_, _length(before, here) / 2, _length(here, after) / 2)
        if cut:
            enter, leave = _towards(here, before, cut), _towards(here, after, cut)
            path += f"L{enter[0]:.1f} {enter[1]:.1f}Q{here[0]:.1f} {here[1]:.1f} {leave[0]:.1f} {leave[1]:.1f}"
        else:
            path += f"L{here[0]:.1f} {here[1]:.1f}"
    return f"{path}L{way[-1][0]:.1f} {way[-1][1]:.1f}"


def _length(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _towards(here: Point, there: Point, far: float) -> Point:
    share = far / _length(here, there)
    return here[0] + (there[0] - here[0]) * share, here[1] + (there[1] - here[1]) * share


def _straight(boxes: Mapping[Id, Box], edge: ChainEdge) -> list[Point]:
    here, there = boxes[edge.from_key], boxes[edge.to_key]
    return [(here.middle, here.y + here.high / 2), (there.middle, there.y + there.high / 2)]


def _far(boxes: Mapping[Id, Box], edge: ChainEdge) -> float:
    here, there = boxes[edge.from_key], boxes[edge.to_key]
    return abs(here.x - there.x) + abs(here.y - there.y)


def _legend(y: float) -> Iterator[str]:
    """What lines, shades and signs mean."""
    yield f'<g role="graphics-symbol img" aria-label="Legend"><path class="solid" d="M{MARGIN} {y:.0f}H{NARROWEST - MARGIN}" opacity="0.4"/>'
    x, line = float(MARGIN), y + 24
    for look, more, text in (
        ("solid", "", "reports to"),
        ("dotted", "", "dotted line"),
        ("advises", ' stroke-width="2.5" marker-end="url(#to)"', "advises: the thicker, the stronger"),
        ("opposes", ' stroke-width="2.5" marker-end="url(#against)"', "opposes"),
    ):
        yield f'<path class="{look}" d="M{x:.0f} {line:.0f}h34"{more}/><text class="small" x="{x + 42:.0f}" y="{line + 4:.0f}">{text}</text>'
        x += 42 + wide(text, SMALL) + 24
    yield f'<rect class="open" x="{x:.0f}" y="{line - 8:.0f}" width="30" height="16" rx="4"/>'
    yield f'<text class="small" x="{x + 38:.0f}" y="{line + 4:.0f}">a role that nobody is known to hold</text>'
    x, line = float(MARGIN), y + 42
    looks = [Pill("may veto", "veto"), Pill("approves", "approve"), Pill("advises", "advise")]
    signs = [Pill(STANCE[level], "plain", f"stance{level}") for level in sorted(STANCE, reverse=True)]
    for pill in [*looks, *signs, Pill(POWER[Power.INNER_CIRCLE], "plain", "star"), Pill(POWER[Power.POLITICAL], "plain", "half")]:
        yield _pill(pill, x, line)
        x += pill.wide + 8
    yield f'<text class="small" x="{x + 4:.0f}" y="{line + 13:.0f}">90%: how sure we are of a role</text>'
    x, line = float(MARGIN), y + 70
    for state in CoverageState:
        pill = Pill(LOOKS[state.value].word, "plain", f"state {state.value}")
        colour = LOOKS[state.value].colour
        yield f'<rect x="{x:.0f}" y="{line:.0f}" width="{STRIPE}" height="{PILL}" rx="3" fill="{colour}"/>{_pill(pill, x + 10, line)}'
        x += pill.wide + 20
    yield "</g>"
