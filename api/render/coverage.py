"""Coverage as a table for a terminal, rows for a sheet, and a picture: roles as bars with their ranges and states."""

from collections.abc import Iterator, Sequence
from typing import Any

from api.render.letters import wide, wrapped
from api.render.picture import dated, heading, opened
from api.render.states import LOOKS, sign
from api.render.tables import tabled
from graph.markup import escape, quoteattr
from graph.measures.coverage import DEFAULTS
from graph.model import BuyingRole
from graph.words import role_name
from queries.committee.covered import RoleState
from queries.coverage import Coverage, RoleCoverage

SIDE, LEFT, STATE, BAR, ROW, RIGHT = 28, 300, 140, 380, 58, 64
NAME, SMALL = 14.0, 11.0
TARGETS = {RoleState.DEEP: DEFAULTS.deep, RoleState.COVERED: DEFAULTS.reached}
"""The closeness from which on somebody is reached, and deeply reached; the picture marks them."""
BY_WHOM = "State and colour are the best holder's; the number is of all holders, each as far as we are sure of the role."
STYLE = """
  .name { font-size: 14px; font-weight: 600 }
  .small { font-size: 11px; fill: #475467 } .value { font-size: 14px; font-weight: 600 } .track { fill: #eaecf0 }
  .open { fill: none; stroke: #667085; stroke-dasharray: 5 4 } .tick { stroke: #667085; stroke-dasharray: 2 3 }
  .under { stroke: #fff; stroke-width: 4; fill: none } .range { stroke: #1d2939; stroke-width: 1.6; fill: none }
"""


def table(answer: Coverage) -> str:
    """The sentence, then a line a role."""
    heads = ("role", "weight", "state", "coverage", "range", "holders")
    rows: list[Sequence[str]] = []
    for one in answer.roles:
        score = one.score
        value = "" if score.value is None else f"{score.value:.2f}"
        ranged = "" if score.low is None or score.high is None else f"{score.low:.2f} to {score.high:.2f}"
        state = LOOKS[one.state.value].word + (f" ({model})" if (model := _model(one)) else "")
        rows.append((_role(one.role), f"{one.weight:.2f}", state, value, ranged, ", ".join(_holders(one))))
    lost = f"{answer.resilience.value} lost contact{'s' if answer.resilience.value > 1 else ''} would lose a covered role"
    hangs = f"{lost}: {_sets(answer)}" if answer.resilience.value else "No role is covered."
    return "\n".join([answer.score.why, "", tabled(heads, rows), "", *([BY_WHOM] if any(map(_model, answer.roles)) else []), hangs])


def _model(one: RoleCoverage) -> str:
    """After whom a role's state is told, where its own number would tell another one: ``as Ann, 0.90``. Empty where both agree."""
    value = one.score.value
    if value is None or (one.state if one.state in TARGETS else None) == next((state for state, least in TARGETS.items() if value >= least), None):
        return ""
    best = next((node for node in one.holders if node.state is not None and node.state.value == one.state.value), None)
    if best is None:
        return ""
    close = "" if best.coverage is None or best.coverage.value is None else f", {best.coverage.value:.2f}"
    return f"as {best.name}{close}"


def _sets(answer: Coverage) -> str:
    names = {node.person_id: node.name for one in answer.roles for node in one.holders}
    return "; ".join(" and ".join(names.get(person, person) for person in lost) for lost in answer.resilience.sets)


def sheet(answer: Coverage) -> Iterator[list[Any]]:
    """One row a role, and one of the whole."""
    yield ["role", "weight", "state", "coverage", "low", "high", "evidence_count", "holders", "why"]
    for one in answer.roles:
        score = one.score
        yield [
            one.role.value,
            one.weight,
            one.state.value,
            score.value,
            score.low,
            score.high,
            score.evidence_count,
            "; ".join(_holders(one)),
            score.why,
        ]
    score = answer.score
    yield [None, 1, None, score.value, score.low, score.high, score.evidence_count, None, score.why]


def _role(role: BuyingRole) -> str:
    return role_name(role, "en")


def _holders(one: RoleCoverage) -> list[str]:
    return [node.name for node in one.holders]


def svg(answer: Coverage) -> str:
    """One picture: the whole, then a bar a role from 0 to 1 with its range; each bears its state as sign, colour and word."""
    width = SIDE + LEFT + STATE + BAR + RIGHT + SIDE
    top = 132
    bottom = top + ROW * len(answer.roles)
    height = bottom + 112
    about = f"Coverage {dated(answer.view)}"
    whole = answer.score
    value = "not known" if whole.value is None else f"{whole.value:.2f}"
    known = f"known {answer.known_share:.0%}" + (f", {answer.optimistic:.2f} were the rest alike" if answer.optimistic is not None else "")
    lines = [
        *opened("coverage", width, height, f"Coverage of {answer.group.name}: {value}", whole.why, STYLE),
        *heading(SIDE, width, answer.group.name, about),
        f'<text class="head" x="{SIDE}" y="94">{value}</text>',
        f'<text class="about" x="{SIDE + 8 + wide(value, 20, bold=True):.0f}" y="94">{escape(known)}</text>',
    ]
    lines += _bar(SIDE + LEFT + STATE, 80, whole.value, whole.low, whole.high, "#344054")
    lines += _scale(top, bottom)
    for number, one in enumerate(answer.roles):
        lines.append(_row(one, top + ROW * number))
    return "\n".join([*lines, *_legend(bottom + 26), "</svg>"])


def _row(one: RoleCoverage, y: float) -> str:
    look, score = LOOKS[one.state.value], one.score
    value = "not known" if score.value is None else f"{score.value:.2f}"
    model = _model(one)
    told = f"{_role(one.role)}, weight {one.weight:.0%}: {look.word}{f' {model}' if model else ''}; {value}. {score.why}"
    who = wrapped(", ".join(_holders(one)) or "nobody is known", SMALL, LEFT - 16, 2)
    middle = y + 20
    parts = [f'<g role="graphics-symbol img" aria-label={quoteattr(told)}><title>{escape(told)}</title>']
    parts.append(f'<text class="name" x="{SIDE}" y="{y + 18:.0f}">{escape(_role(one.role))}</text>')
    weight = f"{one.weight:.0%}" if one.weight else "no weight"
    parts.append(f'<text class="small" x="{SIDE + 12 + wide(_role(one.role), NAME, bold=True):.0f}" y="{y + 18:.0f}">{weight}</text>')
    parts += [f'<text class="small" x="{SIDE}" y="{y + 33 + 13 * line:.0f}">{escape(text)}</text>' for line, text in enumerate(who)]
    parts.append(sign(one.state.value, SIDE + LEFT + 8, middle - 4))
    parts.append(f'<text class="small" x="{SIDE + LEFT + 22}" y="{middle:.0f}">{look.word}</text>')
    parts += [
        f'<text class="small" x="{SIDE + LEFT + 22}" y="{middle + 14:.0f}">{escape(text)}</text>' for text in wrapped(model, SMALL, STATE - 30, 1)
    ]
    parts += _bar(SIDE + LEFT + STATE, middle - 13, score.value, score.low, score.high, look.colour)
    parts.append(f'<text class="value" x="{SIDE + LEFT + STATE + BAR + 12}" y="{middle + 1:.0f}">{"–" if score.value is None else value}</text>')
    return "".join([*parts, "</g>"])


def _bar(x: float, y: float, value: float | None, low: float | None, high: float | None, colour: str) -> Iterator[str]:
    if value is None:
        yield f'<rect class="open" x="{x:.0f}" y="{y:.0f}" width="{BAR}" height="18" rx="3"/>'
        return
    yield f'<rect class="track" x="{x:.0f}" y="{y:.0f}" width="{BAR}" height="18" rx="3"/>'
    yield f'<rect x="{x:.0f}" y="{y:.0f}" width="{BAR * value:.1f}" height="18" rx="3" fill="{colour}"/>'
    if low is not None and high is not None and high - low > 0.005:
        left, right, middle = x + BAR * low, x + BAR * high, y + 9
        path = f"M{left:.1f} {middle:.0f}H{right:.1f}M{left:.1f} {y + 4:.0f}v10M{right:.1f} {y + 4:.0f}v10"
        yield f'<path class="under" d="{path}"/><path class="range" d="{path}"/>'


def _scale(top: float, bottom: float) -> Iterator[str]:
    """The values at which a person is reached, and deeply reached."""
    for state, at in TARGETS.items():
        word = LOOKS[state.value].word
        x = SIDE + LEFT + STATE + BAR * at
        yield f'<path class="tick" d="M{x:.1f} {top - 12:.0f}V{bottom:.0f}"/>'
        yield f'<text class="small" x="{x:.1f}" y="{top - 18:.0f}" text-anchor="middle">{at:g} {word}</text>'


def _legend(y: float) -> Iterator[str]:
    yield '<g role="graphics-symbol img" aria-label="Legend: a state is a sign, a colour and a word; a black line with ends is a range">'
    x = float(SIDE)
    for state, look in LOOKS.items():
        yield sign(state, x + 8, y) + f'<text class="small" x="{x + 20:.0f}" y="{y + 4:.0f}">{look.word}</text>'
        x += 32 + wide(look.word, SMALL)
    line = y + 30
    yield f'<path class="range" d="M{SIDE} {line:.0f}h34M{SIDE} {line - 5:.0f}v10M{SIDE + 34} {line - 5:.0f}v10"/>'
    yield f'<text class="small" x="{SIDE + 44}" y="{line + 4:.0f}">range, where we are not sure of roles</text>'
    yield f'<text class="small" x="{SIDE}" y="{line + 28:.0f}">{BY_WHOM}</text></g>'


FORMATS = {"table": table, "svg": svg}
