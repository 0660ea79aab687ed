"""Ways to a person: sentences for a terminal, rows for a sheet, a picture with a lane a way, a Mermaid chart, and GraphML."""

from collections.abc import Iterator, Sequence, Set
from typing import Any, NamedTuple

from api.render.letters import wide, wrapped
from api.render.picture import dated, heading, label, opened
from api.render.sheets import Rows
from graph.markup import escape, quoteattr
from graph.measures.graphml import written
from graph.measures.network import TieKind
from graph.measures.paths import DEFAULTS, ReachBand
from graph.words import counted
from queries.influence_paths import InfluencePaths
from queries.reaching.hops import Hop, InfluencePath

MARGIN, CARD, GAP, LANE, HEAD, HIGH, FOOT, CHANCE = 28.0, 158.0, 136.0, 104.0, 92.0, 56.0, 72.0, 92.0
NAME, SMALL = 14.0, 10.5
WHOLE = f"At the left the chance of the whole way: those of its hops multiplied, and by {DEFAULTS.hop_decay:g} for each hop after the first."
WORDS = {
    TieKind.INTERACTION: "in touch",
    TieKind.ADVISES: "listens to them",
    TieKind.REPORTING: "reporting line",
    TieKind.CO_AFFILIATION: "former colleagues",
}
LOOK = {TieKind.INTERACTION: "touch", TieKind.ADVISES: "advice", TieKind.REPORTING: "line", TieKind.CO_AFFILIATION: "former"}
BANDS = {ReachBand.HIGH: "high", ReachBand.MEDIUM: "medium", ReachBand.LOW: "low", ReachBand.NONE: "none"}
STYLE = """
  .name { font-size: 14px; font-weight: 600 }
  .small { font-size: 10.5px; fill: #475467 } .chance { font-size: 22px; font-weight: 600 } .on { fill: #fff }
  .begin { fill: #e3ecfb; stroke: #3d6bc4 } .box { fill: #fff; stroke: #98a2b3 } .target { fill: #1f3b73 }
  .keeper { stroke: #b54708; stroke-width: 3 }
  .keeping { fill: #b54708; font-size: 10.5px; font-weight: 600 } .rule { stroke: #d0d5dd }
  .touch, .advice, .line, .former { fill: none; stroke: #2f62c9 } .advice { stroke: #0f6b33 } .line { stroke: #667085 }
  .former { stroke: #8a5a00; stroke-dasharray: 2 5 }
"""
COLOUR = {TieKind.INTERACTION: "#2f62c9", TieKind.ADVISES: "#0f6b33", TieKind.REPORTING: "#667085", TieKind.CO_AFFILIATION: "#8a5a00"}


def table(answer: InfluencePaths) -> str:
    """The sentence of each way with what it rests on, then on whom all hang."""
    if not answer.paths:
        return answer.why
    lines = []
    for number, path in enumerate(answer.paths, 1):
        lines.append(f"{number}. {path.score.why}")
        for hop in path.hops:
            lines += [f"     {hop.from_name} → {hop.to_name}: {told(one)}" for one in hop.evidence[:3]]
    lines += ["", f"Reach: {BANDS[answer.reach]}."]
    if answer.gatekeepers:
        lines.append(f"On every way: {', '.join(one.name for one in answer.gatekeepers)}.")
    return "\n".join([*lines, *(["Time or steps ran out: there may be better ways."] if answer.truncated else [])])


def told(one: Any) -> str:
    """A piece of evidence in a line."""
    when = f"{one.at:%Y-%m-%d} " if one.at else ""
    return f"{when}{one.kind}: {one.label} [{one.source}]"


def sheet(answer: InfluencePaths) -> Rows:
    """One row a hop."""
    yield [
        "path",
        "chance",
        "hop",
        "from_id",
        "from",
        "from_company",
        "to_id",
        "to",
        "to_company",
        "kinds",
        "strength",
        "tried",
        "worked",
        "evidence",
    ]
    for number, path in enumerate(answer.paths, 1):
        for at, hop in enumerate(path.hops, 1):
            rests = "; ".join(told(one) for one in hop.evidence)
            kinds = ";".join(kind.value for kind in hop.kinds)
            counts = [hop.strength, hop.tried, hop.worked]
            ends = [hop.from_id, hop.from_name, hop.from_company, hop.to_id, hop.to_name, hop.to_company]
            yield [number, path.score.value, at, *ends, kinds, *counts, rests]


def mermaid(answer: InfluencePaths) -> str:
    """A flowchart: everybody once, an arrow a hop with its kinds and chance."""
    people = _people(answer)
    place = {id_: f"n{number}" for number, id_ in enumerate(people)}
    keepers = {one.person_id for one in answer.gatekeepers}
    lines = ["flowchart LR"]
    for id_, name in people.items():
        left, right = ("{{", "}}") if id_ in keepers else ("[", "]")
        lines.append(f'  {place[id_]}{left}"{label(name)}"{right}')
    for hop in _hops(answer):
        kinds = ", ".join(WORDS[kind] for kind in hop.kinds)
        lines.append(f'  {place[hop.from_id]} -->|"{kinds} {hop.strength:.2f}"| {place[hop.to_id]}')
    return "\n".join(lines)


def graphml(answer: InfluencePaths) -> str:
    """The ways as one graph, for tools that draw graphs: ``weight`` is a hop's chance, ``tried`` and ``worked`` count introductions."""
    keepers = {one.person_id for one in answer.gatekeepers}
    whom = answer.person.id if answer.person else ""
    nodes = {id_: {"label": name, "gatekeeper": id_ in keepers, "target": id_ == whom} for id_, name in _people(answer).items()}
    edges = [
        (
            hop.from_id,
            hop.to_id,
            f"{hop.from_id}>{hop.to_id}",
            {"kinds": ";".join(kind.value for kind in hop.kinds), "weight": hop.strength, "tried": hop.tried, "worked": hop.worked},
        )
        for hop in _hops(answer)
    ]
    return written({"as_of": answer.view.as_of.isoformat(), "reach": answer.reach.value}, nodes, edges)


def _people(answer: InfluencePaths) -> dict[str, str]:
    people: dict[str, str] = {answer.person.id: answer.person.name} if answer.person else {}
    for hop in _hops(answer):
        people |= {hop.from_id: hop.from_name, hop.to_id: hop.to_name}
    return people


def _hops(answer: InfluencePaths) -> list[Hop]:
    """Each hop once, in the order in which it comes."""
    return list({(hop.from_id, hop.to_id): hop for path in answer.paths for hop in path.hops}.values())


class _Box(NamedTuple):
    x: float
    y: float
    high: float = HIGH

    @property
    def middle(self) -> float:
        return self.y + self.high / 2


def svg(answer: InfluencePaths) -> str:
    """A lane a way, from who begins to the person, who stands once at the right; what colours say is said in words too."""
    columns = max((len(path.hops) for path in answer.paths), default=1)
    left = MARGIN + CHANCE
    width = max(left + (CARD + GAP) * columns + CARD + MARGIN, 720.0)
    height = HEAD + LANE * max(len(answer.paths), 1) + FOOT
    whom = answer.person.name if answer.person else ""
    about = f"reach {BANDS[answer.reach]}, {dated(answer.view)}" + ("; there may be better ones" if answer.truncated else "")
    lines = [
        *opened("ways", width, height, f"Ways to {whom}: {about}", answer.why, STYLE, defs="".join(_marker(kind) for kind in TieKind)),
        *heading(MARGIN, width, f"Ways to {whom}", about),
    ]
    if not answer.paths:
        for at, text in enumerate(wrapped(answer.why, 13, width - 2 * MARGIN, 3)):
            lines.append(f'<text class="about" x="{MARGIN:.0f}" y="{HEAD + 22 + 18 * at:.0f}">{escape(text)}</text>')
        return "\n".join([*lines, "</svg>"])
    end = _Box(left + (CARD + GAP) * columns, HEAD, LANE * len(answer.paths) - (LANE - HIGH))
    keepers = {one.person_id for one in answer.gatekeepers}
    for number, path in enumerate(answer.paths):
        lines += _lane(path, HEAD + LANE * number, left, end, keepers)
    lines.append(_card(whom, answer.paths[0].hops[-1].to_company, end, "target", []))
    return "\n".join([*lines, *_legend(height - FOOT + 30, answer), "</svg>"])


def _lane(path: InfluencePath, y: float, left: float, end: _Box, keepers: Set[str]) -> Iterator[str]:
    boxes = [_Box(left + (CARD + GAP) * at, y) for at in range(len(path.hops))] + [_Box(end.x, y)]
    yield f'<g role="graphics-symbol img" aria-label={quoteattr(path.score.why)}><title>{escape(path.score.why)}</title>'
    yield f'<text class="chance" x="{MARGIN:.0f}" y="{y + HIGH / 2 + 8:.0f}">{(path.score.value or 0) * 100:.0f}%</text>'
    for hop, here, there in zip(path.hops, boxes[:-1], boxes[1:], strict=True):
        yield from _arrow(hop, here, there)
    for at, (hop, box) in enumerate(zip(path.hops, boxes[:-1], strict=True)):
        look = ("begin" if at == 0 else "box") + (" keeper" if hop.from_id in keepers else "")
        yield _card(hop.from_name, hop.from_company, box, look, ["on every way"] if hop.from_id in keepers else [])
    yield "</g>"


def _arrow(hop: Hop, here: _Box, there: _Box) -> Iterator[str]:
    kind, start, stop = hop.kinds[0], here.x + CARD + 4, there.x - 5
    middle, y = (start + stop) / 2, here.middle
    last = next((one.at for one in hop.evidence if one.at and kind is TieKind.INTERACTION), None)
    below = f"{hop.strength:.0%}" + (f", last {last:%Y-%m-%d}" if last else "")
    above = WORDS[kind] + (f" +{len(hop.kinds) - 1}" if len(hop.kinds) > 1 else "")
    thick = 1.2 + 4 * hop.strength
    yield f'<path class="{LOOK[kind]}" stroke-width="{thick:.1f}" marker-end="url(#{LOOK[kind]})" d="M{start:.0f} {y:.0f}H{stop:.0f}"/>'
    rows = [(above, y - 9), (below, y + 18)]
    rows += [(f"{hop.worked} of {counted(hop.tried, 'introduction')}", y + 32)] if hop.tried else []
    for text, at in rows:
        yield f'<text class="small" text-anchor="middle" x="{middle:.0f}" y="{at:.0f}">{escape(text)}</text>'


def _card(name: str, company: str | None, box: _Box, look: str, below: Sequence[str]) -> str:
    rows = [("name", text) for text in wrapped(name, NAME, CARD - 20, 2, bold=True)]
    rows += [("small", _fit(company, SMALL, CARD - 20))] if company else []
    top = box.middle - 9 * len(rows) + 14
    ink = " on" if look == "target" else ""
    parts = [f'<rect class="{look}" x="{box.x:.0f}" y="{box.y:.0f}" width="{CARD:.0f}" height="{box.high:.0f}" rx="8"/>']
    parts += [
        f'<text class="{size}{ink}" text-anchor="middle" x="{box.x + CARD / 2:.0f}" y="{top + 17 * at:.0f}">{escape(row)}</text>'
        for at, (size, row) in enumerate(rows)
    ]
    parts += [
        f'<text class="keeping" text-anchor="middle" x="{box.x + CARD / 2:.0f}" y="{box.y + box.high + 14:.0f}">{text}</text>' for text in below
    ]
    return "".join(parts)


def _marker(kind: TieKind) -> str:
    return (
        f'<marker id="{LOOK[kind]}" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="11" markerHeight="11" markerUnits="userSpaceOnUse" '
        f'orient="auto"><path d="M0 0L10 5L0 10z" fill="{COLOUR[kind]}"/></marker>'
    )


def _legend(y: float, answer: InfluencePaths) -> Iterator[str]:
    """What arrows mean, of the kinds that are there."""
    there = {hop.kinds[0] for hop in _hops(answer)}
    x = MARGIN
    for kind in (kind for kind in TieKind if kind in there):
        yield f'<path class="{LOOK[kind]}" stroke-width="3" marker-end="url(#{LOOK[kind]})" d="M{x:.0f} {y:.0f}h30"/>'
        yield f'<text class="small" x="{x + 40:.0f}" y="{y + 4:.0f}">{WORDS[kind]}</text>'
        x += 40 + wide(WORDS[kind], SMALL) + 26
    yield f'<text class="small" x="{x:.0f}" y="{y + 4:.0f}">the thicker, the likelier</text>'
    yield f'<text class="small" x="{MARGIN:.0f}" y="{y + 24:.0f}">{WHOLE}</text>'


def _fit(text: str, size: float, room: float) -> str:
    return next(iter(wrapped(text, size, room, 1)), "")


FORMATS = {"table": table, "svg": svg, "mermaid": mermaid, "graphml": graphml}
