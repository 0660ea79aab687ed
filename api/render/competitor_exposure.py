"""Exposure as a sentence with its roots, as rows for a sheet, and as a picture: one bar stacked of the roots, each with what it rests on."""

from collections.abc import Iterator
from typing import Any

from api.render.letters import wide, wrapped
from api.render.picture import dated, heading, opened
from api.render.tables import tabled
from graph.markup import escape, quoteattr
from graph.measures.exposure import Root
from graph.score import Component, Evidence
from queries.competitor_exposure import CompetitorExposure, EntryPoint

SIDE, BROAD, BAR, ROW, LINE = 28, 940, 34, 30, 16
NAME, SMALL = 14.0, 11.5
SHOWN = 4
"""So many things that a root rests on stand in the picture."""
COLOURS = {
    Root.INSTALLED: "#1f3b73",
    Root.INTERACTIONS: "#b54708",
    Root.EX_EMPLOYEES: "#0b7a75",
    Root.KOLS: "#7a3e9d",
    Root.PARTNERS: "#8a6d00",
    Root.PEERS: "#667085",
}
STYLE = """
  .name { font-size: 14px; font-weight: 600 } .small { font-size: 11.5px; fill: #475467 } .on { fill: #fff; font-size: 13px; font-weight: 600 }
  .value { font-size: 14px; font-weight: 600 } .track { fill: #eaecf0 } .open { fill: none; stroke: #667085; stroke-dasharray: 5 4 }
  .under { stroke: #fff; stroke-width: 4; fill: none } .range { stroke: #1d2939; stroke-width: 1.6; fill: none }
"""


def table(answer: CompetitorExposure) -> str:
    """The sentence, a line a root, displacement, and where to begin."""
    heads = ("root", "exposes by", "share of the threat", "rests on")
    rows = [
        (one.label, f"{one.value or 0:.2f}", f"{one.contribution or 0:.2f}", "; ".join(map(_told, one.evidence))) for one in answer.threat.components
    ]
    lines = [answer.threat.why, *(["", tabled(heads, rows)] if rows else []), "", answer.displacement.why, f"Known: {answer.known_share:.0%}."]
    return "\n".join([*lines, *(f"- {one.why}" for one in answer.entry_points)])


def sheet(answer: CompetitorExposure) -> Iterator[list[Any]]:
    """One row a thing that a root rests on, then the whole, displacement and the entry points."""
    yield ["what", "code", "value", "bound", "contribution", "evidence_id", "evidence_kind", "at", "label", "source"]
    for one in answer.threat.components:
        for each in one.evidence:
            yield ["root", one.code, one.value, one.weight, one.contribution, each.id, each.kind, each.at, each.label, each.source]
    for name, score in (("threat", answer.threat), ("displacement", answer.displacement)):
        yield [name, score.missing, score.value, None, score.value, None, None, None, score.why, None]
    yield ["known_share", None, answer.known_share, None, None, None, None, None, None, None]
    for entry in answer.entry_points:
        yield ["entry_point", entry.kind, entry.value, None, None, None, None, entry.at, entry.why, None]


def svg(answer: CompetitorExposure) -> str:
    """One bar from 0 to 1 stacked of the roots' contributions, with its range; under it each root, its numbers and what it rests on."""
    threat, components = answer.threat, answer.threat.components
    account, rival = (one.name if one else "" for one in (answer.account, answer.competitor))
    about = f"Exposure to {rival} {dated(answer.view)}"
    value = "unknown, not safe" if threat.value is None else f"{threat.value:.2f}"
    known = f"{answer.known_share:.0%} of what could expose it is looked at"
    blocks = [_root(number, one) for number, one in enumerate(components, 1)]
    entries = list(_entries(answer.entry_points))
    top, height = 200.0, 200.0 + sum(high for _, high in blocks) + (len(entries) * 20 + 44 if entries else 0) + 84
    lines = [
        *opened("exposure", BROAD, height, f"Exposure of {account} to {rival}: {value}", threat.why, STYLE),
        *heading(SIDE, BROAD, account, about),
        f'<text class="head" x="{SIDE}" y="94">{escape(value)}</text>',
        f'<text class="about" x="{SIDE + 10 + wide(value, 20, bold=True):.0f}" y="94">{escape(known)}</text>',
        *_bar(answer),
    ]
    y = top
    for block, high in blocks:
        lines.append(f'<g transform="translate(0 {y:.0f})">{block}</g>')
        y += high
    if entries:
        lines.append(f'<text class="name" x="{SIDE}" y="{y + 24:.0f}">Where to begin</text>')
        lines += [f'<text class="small" x="{SIDE + 14}" y="{y + 46 + 20 * place:.0f}">{escape(text)}</text>' for place, text in enumerate(entries)]
        y += len(entries) * 20 + 44
    for place, text in enumerate(wrapped(answer.displacement.why, SMALL, BROAD - 2 * SIDE, 2)):
        lines.append(f'<text class="small" x="{SIDE}" y="{y + 34 + LINE * place:.0f}">{escape(text)}</text>')
    return "\n".join([*lines, "</svg>"])


def _bar(answer: CompetitorExposure) -> Iterator[str]:
    threat, wide_ = answer.threat, BROAD - 2 * SIDE
    if threat.value is None:
        yield f'<rect class="open" x="{SIDE}" y="112" width="{wide_}" height="{BAR}" rx="4"/>'
        return
    yield f'<rect class="track" x="{SIDE}" y="112" width="{wide_}" height="{BAR}" rx="4"/>'
    x = float(SIDE)
    for number, one in enumerate(threat.components, 1):
        broad = wide_ * (one.contribution or 0.0)
        told = f"{number}: {one.label}, {one.contribution or 0:.2f} of {threat.value:.2f}"
        yield f'<g role="graphics-symbol img" aria-label={quoteattr(told)}><title>{escape(told)}</title>'
        yield f'<rect x="{x:.1f}" y="112" width="{max(broad, 0.8):.1f}" height="{BAR}" fill="{COLOURS[Root(one.code)]}" stroke="#f9fafb"/>'
        if broad >= 14:
            yield f'<text class="on" x="{x + broad / 2:.1f}" y="134" text-anchor="middle">{number}</text>'
        yield "</g>"
        x += broad
    if threat.low is not None and threat.high is not None and threat.high - threat.low > 0.005:
        left, right = SIDE + wide_ * threat.low, SIDE + wide_ * threat.high
        path = f"M{left:.1f} 156H{right:.1f}M{left:.1f} 151v10M{right:.1f} 151v10"
        yield f'<path class="under" d="{path}"/><path class="range" d="{path}"/>'
        yield f'<text class="small" x="{right + 8:.1f}" y="160">{threat.low:.2f} to {threat.high:.2f} as roles are sure</text>'
    for at in (0.0, 0.5, 1.0):
        anchor = {0.0: "start", 0.5: "middle", 1.0: "end"}[at]
        yield f'<text class="small" x="{SIDE + wide_ * at:.0f}" y="178" text-anchor="{anchor}">{at:g}</text>'


def _root(number: int, one: Component) -> tuple[str, float]:
    """A root's lines, and how high they are."""
    evidence = [_told(each) for each in one.evidence[:SHOWN]]
    evidence += [f"and {len(one.evidence) - SHOWN} more"] if len(one.evidence) > SHOWN else []
    texts = [text for each in evidence for text in wrapped(each, SMALL, BROAD - 2 * SIDE - 40, 1)]
    told = f"{number}: {one.label}: exposes by {one.value or 0:.2f} of at most {one.weight or 0:.2f}, {one.contribution or 0:.2f} of the whole"
    parts = [
        f'<g role="graphics-symbol img" aria-label={quoteattr(told + ". " + "; ".join(evidence))}><title>{escape(told)}</title>',
        f'<rect x="{SIDE}" y="2" width="22" height="20" rx="3" fill="{COLOURS[Root(one.code)]}"/>',
        f'<text class="on" x="{SIDE + 11}" y="17" text-anchor="middle">{number}</text>',
        f'<text class="name" x="{SIDE + 34}" y="17">{escape(one.label)}</text>',
        f'<text class="small" x="{BROAD - SIDE}" y="17" text-anchor="end">exposes by {one.value or 0:.2f} of at most {one.weight or 0:.2f}</text>',
        f'<text class="value" x="{BROAD - SIDE - 230}" y="17" text-anchor="end">+{one.contribution or 0:.2f}</text>',
    ]
    parts += [f'<text class="small" x="{SIDE + 34}" y="{36 + LINE * place:.0f}">{escape(text)}</text>' for place, text in enumerate(texts)]
    return "".join([*parts, "</g>"]), ROW + LINE * len(texts) + 8


def _entries(entries: list[EntryPoint]) -> Iterator[str]:
    for one in entries:
        yield from wrapped(one.why, SMALL, BROAD - 2 * SIDE - 14, 1)


def _told(one: Evidence) -> str:
    return f"{one.label}{f', {one.at:%Y-%m-%d}' if one.at else ''} [{one.source}]"


FORMATS = {"table": table, "svg": svg}
