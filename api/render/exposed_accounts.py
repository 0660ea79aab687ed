"""Exposed accounts: a line each for a terminal, rows for a sheet, and a picture of their stacked bars under each other."""

from collections.abc import Iterator, Sequence
from typing import Any

from api.render.competitor_exposure import COLOURS
from api.render.letters import wide, wrapped
from api.render.picture import dated, heading, opened
from api.render.rows import left_over
from api.render.tables import tabled
from graph.markup import escape, quoteattr
from graph.measures.exposure import ROOTS, Root
from graph.page import Connection
from graph.words import counted
from queries.competitor_exposure import LABELS
from queries.exposed_accounts import ExposedAccount

SIDE, LEFT, BAR, ROW, RIGHT = 28, 230, 520, 34, 120
HEAD = 92
STYLE = """
  .name { font-size: 13px; font-weight: 600 } .small { font-size: 11px; fill: #475467 } .track { fill: #eaecf0 }
  .on { fill: #fff; font-size: 11px; font-weight: 600 } .was { stroke: #1d2939; stroke-width: 2; fill: none }
"""


def _accounts(answer: Connection[ExposedAccount]) -> list[ExposedAccount]:
    return [edge.node for edge in answer.edges]


def table(answer: Connection[ExposedAccount]) -> str:
    """The worthiest and most exposed first."""
    accounts = _accounts(answer)
    if not accounts:
        return "Nothing is known that would expose any of these accounts: unknown, not safe."
    moved = accounts[0].would_be is not None
    heads = ("at risk", "account", "worth", *(("was", "would be") if moved else ("threat", "displacement", "known")), "why")
    rows: list[Sequence[str]] = []
    for one in accounts:
        exposure = one.exposure
        middle = (_number(one.was), _number(one.would_be)) if moved else (_number(one.threat), _number(exposure.displacement.value))
        known = () if moved else (f"{exposure.known_share:.0%}",)
        rows.append((f"{one.at_risk:.3f}", one.account.name if one.account else "", f"{one.worth:.2f}", *middle, *known, one.why))
    return tabled(heads, rows) + left_over(answer)


def sheet(answer: Connection[ExposedAccount]) -> Iterator[list[Any]]:
    """One row an account, a column a root."""
    roots = [root.value.lower() for root in ROOTS]
    yield [
        "account_id",
        "account",
        "worth",
        "at_risk",
        "threat",
        "was",
        "would_be",
        "rise",
        *roots,
        "displacement",
        "known_share",
        "entry_points",
        "why",
    ]
    for one in _accounts(answer):
        value = {component.code: component.value for component in one.exposure.threat.components}
        yield [
            one.account.id if one.account else None,
            one.account.name if one.account else "",
            one.worth,
            one.at_risk,
            one.threat,
            one.was,
            one.would_be,
            one.rise,
            *(value.get(root) for root in ROOTS),
            one.exposure.displacement.value,
            one.exposure.known_share,
            " ".join(entry.why for entry in one.exposure.entry_points),
            one.why,
        ]


def svg(answer: Connection[ExposedAccount]) -> str:
    """A stacked bar an account; the roots are told by number and colour. With a mover a mark shows what was and what would be."""
    accounts = _accounts(answer)
    width, height = SIDE + LEFT + BAR + RIGHT + SIDE, HEAD + ROW * len(accounts) + 80
    rival = next((one.exposure.competitor.name for one in accounts if one.exposure.competitor), "")
    about = f"{len(accounts)} of {counted(answer.total_count, 'account')}" + (f", {dated(accounts[0].exposure.view)}" if accounts else "")
    lines = [
        *opened("exposed", width, height, f"Accounts exposed to {rival}", " ".join(map(_said, accounts)), STYLE),
        *heading(SIDE, width, f"Accounts exposed to {rival}" if rival else "No account is known to be exposed", about),
    ]
    for place, one in enumerate(accounts):
        lines += _row(one, HEAD + ROW * place)
    return "\n".join([*lines, *_legend(HEAD + ROW * len(accounts) + 30), "</svg>"])


def _row(one: ExposedAccount, y: float) -> Iterator[str]:
    name = one.account.name if one.account else ""
    yield f'<g role="graphics-symbol img" aria-label={quoteattr(_said(one))}><title>{escape(_said(one))}</title>'
    for text in wrapped(name, 13.0, LEFT - 12, 1, bold=True):
        yield f'<text class="name" x="{SIDE}" y="{y + 16:.0f}">{escape(text)}</text>'
    yield f'<rect class="track" x="{SIDE + LEFT}" y="{y:.0f}" width="{BAR}" height="22" rx="3"/>'
    x = float(SIDE + LEFT)
    for component in one.exposure.threat.components:
        broad, place = BAR * (component.contribution or 0.0), ROOTS.index(Root(component.code)) + 1
        yield f'<rect x="{x:.1f}" y="{y:.0f}" width="{broad:.1f}" height="22" fill="{COLOURS[Root(component.code)]}" stroke="#f9fafb"/>'
        if broad >= 12:
            yield f'<text class="on" x="{x + broad / 2:.1f}" y="{y + 15:.0f}" text-anchor="middle">{place}</text>'
        x += broad
    for at in (one.was, one.would_be):
        if at is not None:
            yield f'<path class="was" d="M{SIDE + LEFT + BAR * at:.1f} {y - 3:.0f}v28"/>'
    numbers = _number(one.threat) if one.would_be is None else f"{_number(one.was) or 'unknown'} to {_number(one.would_be)}"
    yield f'<text class="small" x="{SIDE + LEFT + BAR + 10}" y="{y + 16:.0f}">{numbers}; worth {one.worth:.2f}</text></g>'


def _said(one: ExposedAccount) -> str:
    return f"{one.account.name if one.account else ''}: {one.why}"


def _legend(y: float) -> Iterator[str]:
    x = float(SIDE)
    yield '<g role="graphics-symbol img" aria-label="Legend: what exposes, by number and colour">'
    for place, root in enumerate(ROOTS, 1):
        text = LABELS[root][0]
        if x + 40 + wide(text, 11.0) > SIDE + LEFT + BAR + RIGHT:
            x, y = float(SIDE), y + 24
        yield f'<rect x="{x:.0f}" y="{y - 12:.0f}" width="18" height="16" rx="3" fill="{COLOURS[root]}"/>'
        yield f'<text class="on" x="{x + 9:.0f}" y="{y:.0f}" text-anchor="middle">{place}</text>'
        yield f'<text class="small" x="{x + 24:.0f}" y="{y:.0f}">{escape(text)}</text>'
        x += 40 + wide(text, 11.0)
    yield "</g>"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


FORMATS = {"table": table, "svg": svg}
