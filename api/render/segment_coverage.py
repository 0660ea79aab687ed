"""Roles by segments: a table for a terminal, rows for a sheet, and a heat map whose cells bear their numbers."""

from collections.abc import Iterator
from typing import Any

from api.render.letters import wide, wrapped
from api.render.picture import dated, heading, opened
from api.render.tables import tabled
from graph.markup import escape, quoteattr
from graph.words import counted, role_name
from queries.segment_coverage import Segment, SegmentCell, SegmentCoverage

SIDE, LEFT, CELL, ROW, HEAD = 28, 220, 118, 54, 150
SMALL = 11.0
RAMP = ((0.65, "#0b5d3b", "#fff"), (0.35, "#5aa97a", "#1d2939"), (0.15, "#bfe0cc", "#1d2939"), (0.0, "#f2f4f7", "#1d2939"))
"""From a coverage on, ground and ink: deep, covered, some, hardly any."""
HATCHED = '<pattern id="none" width="8" height="8" patternUnits="userSpaceOnUse"><path d="M0 8L8 0" stroke="#d0d5dd" fill="none"/></pattern>'
WORDS = ("0.65 and more", "0.35 to 0.65", "0.15 to 0.35", "under 0.15")
STYLE = """
  .name { font-size: 13px; font-weight: 600 }
  .small { font-size: 11px; fill: #475467 } .value { font-size: 15px; font-weight: 600 }
  .open { fill: url(#none); stroke: #98a2b3; stroke-dasharray: 4 3 }
"""


def _rows(answer: SegmentCoverage) -> list[tuple[str, Segment]]:
    """The parts and what they are called, then all accounts."""
    return [*((one.name or "none of these", one) for one in answer.segments), ("all accounts", answer.whole)]


def table(answer: SegmentCoverage) -> str:
    """A line a part: coverage, and at how many accounts the role is covered."""
    if not answer.whole.accounts:
        return "No account found."
    heads = (answer.by.value.lower(), "accounts", *(role_name(role, "en") for role in answer.roles))
    rows = [
        (name, str(part.accounts), *(f"{cell.value:.2f} ({_count(cell)})" if cell.value is not None else "" for cell in part.cells))
        for name, part in _rows(answer)
    ]
    return f"{tabled(heads, rows)}\n\nCoverage, few accounts drawn towards all; in brackets how many of the accounts have the role covered."


def sheet(answer: SegmentCoverage) -> Iterator[list[Any]]:
    """One row a cell."""
    yield ["segment_id", "segment", "role", "value", "bare", "accounts", "mapped", "covered"]
    for name, part in _rows(answer):
        for cell in part.cells:
            yield [part.id, name, cell.role.value, cell.value, cell.bare, cell.accounts, cell.mapped, cell.covered]


def svg(answer: SegmentCoverage) -> str:
    """A heat map: a row a part, a column a role; each cell says its coverage and its counts, so that nothing rests on the colour."""
    rows = _rows(answer)
    width = max(SIDE + LEFT + CELL * len(answer.roles) + SIDE, 760)
    bottom = HEAD + ROW * len(rows)
    height = bottom + 66
    by, about = answer.by.value.lower(), dated(answer.view)
    title = f"Coverage of roles by {by}"
    told = f"{title}, {about}. " + " ".join(cell.why for cell in answer.whole.cells)
    lines = [
        *opened("matrix", width, height, title, told, STYLE, defs=HATCHED),
        *heading(SIDE, width, title, f"{about}; {counted(answer.whole.accounts, 'account')}; few are drawn towards all"),
    ]
    for place, role in enumerate(answer.roles):
        middle = SIDE + LEFT + CELL * (place + 0.5)
        for number, text in enumerate(wrapped(role_name(role, "en"), 13.0, CELL - 10, 2, bold=True)):
            lines.append(f'<text class="name" x="{middle:.0f}" y="{HEAD - 34 + 16 * number}" text-anchor="middle">{escape(text)}</text>')
    for number, (name, part) in enumerate(rows):
        lines += _row(name, part, HEAD + ROW * number)
    return "\n".join([*lines, *_legend(bottom + 30), "</svg>"])


def _row(name: str, part: Segment, y: float) -> Iterator[str]:
    for number, text in enumerate(wrapped(name, 13.0, LEFT - 16, 1, bold=True)):
        yield f'<text class="name" x="{SIDE}" y="{y + 22 + 15 * number:.0f}">{escape(text)}</text>'
    yield f'<text class="small" x="{SIDE}" y="{y + 38:.0f}">{counted(part.accounts, "account")}</text>'
    for place, cell in enumerate(part.cells):
        yield _cell(name, cell, SIDE + LEFT + CELL * place, y)


def _cell(name: str, cell: SegmentCell, x: float, y: float) -> str:
    shape = f'x="{x + 2:.0f}" y="{y + 2:.0f}" width="{CELL - 4}" height="{ROW - 4}" rx="4"'
    told = f"{name}: {cell.why}"
    opened = f'<g role="graphics-symbol img" aria-label={quoteattr(told)}><title>{escape(told)}</title>'
    if cell.value is None:
        return f'{opened}<rect class="open" {shape}/></g>'
    value = cell.value
    ground, ink = next((ground, ink) for least, ground, ink in RAMP if value >= least)
    middle = x + CELL / 2
    return (
        f'{opened}<rect {shape} fill="{ground}"/>'
        f'<text class="value" style="fill:{ink}" x="{middle:.0f}" y="{y + 25:.0f}" text-anchor="middle">{value:.2f}</text>'
        f'<text class="small" style="fill:{ink}" x="{middle:.0f}" y="{y + 41:.0f}" text-anchor="middle">{_count(cell)} covered</text></g>'
    )


def _count(cell: SegmentCell) -> str:
    return f"{cell.covered} of {cell.accounts}"


def _legend(y: float) -> Iterator[str]:
    yield '<g role="graphics-symbol img" aria-label="Legend: the darker, the better covered; each cell says its coverage and how many accounts">'
    x = float(SIDE)
    for (_, ground, _), word in zip(RAMP, WORDS, strict=True):
        yield f'<rect x="{x:.0f}" y="{y - 11:.0f}" width="22" height="16" rx="3" fill="{ground}" stroke="#98a2b3"/>'
        yield f'<text class="small" x="{x + 30:.0f}" y="{y + 2:.0f}">{word}</text>'
        x += 46 + wide(word, SMALL)
    yield f'<rect class="open" x="{x:.0f}" y="{y - 11:.0f}" width="22" height="16" rx="3"/>'
    yield f'<text class="small" x="{x + 30:.0f}" y="{y + 2:.0f}">no account wants the role</text></g>'


FORMATS = {"table": table, "svg": svg}
