"""Partners beside us: a line each for a terminal, rows for a sheet, and a table with small bars and the overlap of each."""

from collections.abc import Iterator
from typing import Any

from api.render.letters import wrapped
from api.render.picture import heading, opened
from api.render.rows import as_of, left_over
from api.render.sheets import Rows
from graph.markup import escape, quoteattr
from graph.measures.partners import DEFAULTS, STANDINGS
from graph.page import Connection
from graph.score import Component, Missing
from graph.words import counted
from queries.co_marketing_partners import CODES, CoMarketingPartner

SIDE, LEFT, PART, CELL, HIGH, ROW, HEAD = 28, 236, 124, 62, 24, 112, 132
GRID = SIDE + LEFT + PART * len(CODES) + 84
WIDTH = GRID + CELL * 3 + SIDE
BAR = 86
COLOURS = {"SIMILARITY": "#175cd3", "LIFT": "#175cd3", "COMPLEMENT": "#0b5d3b", "RELATION": "#175cd3", "CONFLICT": "#b42318"}
HEADS = {
    "SIMILARITY": "accounts like ours",
    "LIFT": "shared, beside chance",
    "COMPLEMENT": "opens of our gaps",
    "RELATION": "known to us",
    "CONFLICT": "sells against us",
}
NOT_TOLD = {Missing.TOO_FEW: "too few shared", Missing.RESTRICTED: "not told"}
STYLE = """
  .name { font-size: 14px; font-weight: 600 }
  .small { font-size: 11px; fill: #475467 } .value { font-size: 13px } .score { font-size: 20px; font-weight: 600 }
  .rule { stroke: #d0d5dd } .track { fill: #e4e7ec } .both { fill: #d1e9ff } .one { fill: #eaecf0 } .none { fill: #fff; stroke: #eaecf0 }
"""


def table(answer: Connection[CoMarketingPartner]) -> str:
    """The best first, each with its sentence."""
    found = [edge.node for edge in answer.edges]
    if not found:
        return "No partner found."
    lines = [f"{'    ' if one.score.value is None else f'{one.score.value:.2f}'}  {one.why}" for one in found]
    return "\n".join(lines) + left_over(answer)


def sheet(answer: Connection[CoMarketingPartner]) -> Rows:
    """One row a partner."""
    parts = [code.lower() for code in CODES]
    cells = [f"{ours.value.lower()}_{theirs.value.lower()}" for ours in STANDINGS for theirs in STANDINGS]
    overlaps = ["jaccard", "containment", "share", "share_low", "share_high", "lift", "lift_low", "lift_high", "by_chance"]
    yield [
        "partner_id",
        "partner",
        "score",
        "missing",
        *parts,
        *overlaps,
        "shared",
        "accounts",
        "net_new",
        "net_new_fitting",
        *cells,
        "rivals",
        "why",
    ]
    for one in (edge.node for edge in answer.edges):
        who = (one.partner.id, one.partner.name) if one.partner else (None, None)
        counts = [count.text if count.value is None else count.value for count in (one.shared, one.accounts, one.net_new, one.net_new_fitting)]
        grid = [cell.accounts.text if cell.accounts.value is None else cell.accounts.value for cell in one.cells]
        yield [
            *who,
            one.score.value,
            one.score.missing,
            one.similarity,
            _value(one, "LIFT"),
            one.complement,
            one.relation,
            one.conflict,
            *(getattr(one.overlap, name) for name in overlaps),
            *counts,
            *grid,
            "; ".join(f"{rival.competitor.name} ({rival.accounts.text})" for rival in one.rivals if rival.competitor),
            one.why,
        ]


def _component(one: CoMarketingPartner, code: str) -> Component | None:
    return next((part for part in one.score.components if part.code == code), None)


def _value(one: CoMarketingPartner, code: str) -> float | None:
    part = _component(one, code)
    return part.value if part else None


def svg(answer: Connection[CoMarketingPartner]) -> str:
    """A row a partner: its score, a bar a part with its number, and companies by what they are to us and to the partner."""
    found = [edge.node for edge in answer.edges]
    height = HEAD + ROW * max(len(found), 1) + 62
    title = "Partners to market with"
    when = as_of(answer)
    about = [f"as of {when:%Y-%m-%d}"] if when else []
    about += [
        f"{len(found)} of {answer.total_count}",
        f"the best first, then those with fewer than {counted(DEFAULTS.min_overlap, 'account')} in common",
    ]
    told = " ".join(one.why for one in found)
    lines = [*opened("partners", WIDTH, height, title, told, STYLE), *heading(SIDE, WIDTH, title, "; ".join(about))]
    for at, code in enumerate(CODES):
        for number, text in enumerate(wrapped(HEADS[code], 11.0, PART - 16, 2)):
            lines.append(f'<text class="small" x="{SIDE + LEFT + PART * at}" y="{HEAD - 34 + 14 * number}">{escape(text)}</text>')
    for at, standing in enumerate(STANDINGS):
        lines.append(f'<text class="small" x="{GRID + CELL * (at + 0.5):.0f}" y="{HEAD - 8}" text-anchor="middle">{standing.value.lower()}</text>')
    lines.append(f'<text class="small" x="{GRID + CELL * 1.5:.0f}" y="{HEAD - 26}" text-anchor="middle">companies, to the partner</text>')
    lines.append(f'<text class="small" x="{GRID - 10}" y="{HEAD - 8}" text-anchor="end">to us</text>')
    for number, one in enumerate(found):
        lines += _row(one, HEAD + ROW * number)
    if not found:
        lines.append(f'<text class="value" x="{SIDE}" y="{HEAD + 40}">No partner found.</text>')
    foot = height - 24
    lines += [
        f'<rect class="both" x="{SIDE}" y="{foot - 12}" width="16" height="16"/>',
        f'<text class="small" x="{SIDE + 24}" y="{foot}">accounts of both</text>',
        f'<rect class="one" x="{SIDE + 140}" y="{foot - 12}" width="16" height="16"/>'
        f'<text class="small" x="{SIDE + 164}" y="{foot}">accounts of one</text>',
        f'<text class="small" x="{SIDE + 280}" y="{foot}">a dash: not known or not told; &lt; 5 and 5+: counts that are kept back</text>',
    ]
    return "\n".join([*lines, "</svg>"])


def _row(one: CoMarketingPartner, y: float) -> Iterator[str]:
    name = one.partner.name if one.partner else ""
    yield f'<g role="graphics-symbol img" aria-label={quoteattr(one.why)}><title>{escape(one.why)}</title>'
    yield f'<path class="rule" d="M{SIDE} {y:.0f}H{WIDTH - SIDE}"/>'
    for number, text in enumerate(wrapped(name, 14.0, LEFT - 24, 2, bold=True)):
        yield f'<text class="name" x="{SIDE}" y="{y + 28 + 18 * number:.0f}">{escape(text)}</text>'
    score = f"{one.score.value:.2f}" if one.score.value is not None else NOT_TOLD.get(one.score.missing or Missing.TOO_FEW, "")
    style = "score" if one.score.value is not None else "small"
    yield f'<text class="{style}" x="{SIDE}" y="{y + 72:.0f}">{escape(score)}</text>'
    yield f'<text class="small" x="{SIDE}" y="{y + 92:.0f}">{escape(one.shared.text)} shared, {escape(one.net_new.text)} new to us</text>'
    values = (one.similarity, _value(one, "LIFT"), one.complement, one.relation, one.conflict)
    for at, (code, value) in enumerate(zip(CODES, values, strict=True)):
        yield from _bar(code, value, _said(one, code, value), SIDE + LEFT + PART * at, y + 34)
    for row, ours in enumerate(STANDINGS):
        top = y + 18 + (HIGH + 2) * row
        yield f'<text class="small" x="{GRID - 10}" y="{top + 16:.0f}" text-anchor="end">{ours.value.lower()}</text>'
        for at in range(len(STANDINGS)):
            cell = one.cells[3 * row + at]
            look = ("none", "one", "both")[(row < 2) + (at < 2)]
            yield f'<rect class="{look}" x="{GRID + CELL * at + 1}" y="{top:.0f}" width="{CELL - 2}" height="{HIGH}"/>'
            middle = f'x="{GRID + CELL * (at + 0.5):.0f}" y="{top + 17:.0f}" text-anchor="middle"'
            yield f'<text class="value" {middle}>{escape(cell.accounts.text)}</text>'
    yield "</g>"


def _said(one: CoMarketingPartner, code: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{one.overlap.lift:.1f}x" if code == "LIFT" and one.overlap.lift is not None else f"{value:.2f}"


def _bar(code: str, value: float | None, said: str, x: float, y: float) -> Iterator[str]:
    yield f'<rect class="track" x="{x:.0f}" y="{y:.0f}" width="{BAR}" height="10" rx="2"/>'
    if value:
        yield f'<rect x="{x:.0f}" y="{y:.0f}" width="{max(BAR * value, 1.5):.1f}" height="10" rx="2" fill="{COLOURS[code]}"/>'
    yield f'<text class="value" x="{x:.0f}" y="{y + 28:.0f}">{escape(said)}</text>'


FORMATS: dict[str, Any] = {"table": table, "svg": svg}
