"""Gaps of coverage: a line a gap for a terminal, rows for a sheet."""

from collections.abc import Iterator, Sequence
from typing import Any

from api.render.rows import left_over
from api.render.states import LOOKS
from api.render.tables import tabled
from graph.answer import Linked
from graph.page import Connection
from queries.coverage_gaps import CoverageGap

COLUMNS = ("priority", "account_id", "account", "role", "type", "state", "coverage", "worth", "weight", "urgency", "reach", "reach_known", "people")
MORE = ("next_action", "meet", "path", "by", "through", "message_theme", "expected_gain", "why")


def table(answer: Connection[CoverageGap]) -> str:
    """The most important first."""
    gaps = [edge.node for edge in answer.edges]
    if not gaps:
        return "No gap found."
    heads = ("priority", "account", "role", "gap", "coverage", "gain", "next")
    rows: list[Sequence[str]] = []
    for gap in gaps:
        coverage = "" if gap.coverage is None else f"{gap.coverage:.2f}"
        doing = gap.why.partition(" Next: ")[2] or gap.why
        word = f"{gap.type.value.replace('_', ' ').lower()} ({LOOKS[gap.state.value].word})"
        rows.append(
            (
                f"{gap.priority.value:.4f}",
                _name(gap.account),
                gap.role.value.replace("_", " ").lower(),
                word,
                coverage,
                f"{gap.expected_gain:.3f}",
                doing,
            )
        )
    return tabled(heads, rows) + left_over(answer)


def sheet(answer: Connection[CoverageGap]) -> Iterator[list[Any]]:
    """One row a gap; people split at ``;``."""
    yield [*COLUMNS, *MORE]
    for gap in (edge.node for edge in answer.edges):
        yield [
            gap.priority.value,
            gap.account.id if gap.account else None,
            _name(gap.account),
            gap.role.value,
            gap.type.value,
            gap.state.value,
            gap.coverage,
            gap.worth,
            gap.weight,
            gap.urgency,
            gap.reach,
            gap.reach_known,
            "; ".join(_name(one.person) for one in gap.people),
            gap.next_action.value,
            _name(gap.meet),
            gap.path.score.why if gap.path else None,
            _name(gap.by),
            "; ".join(_name(one.person) for one in gap.through),
            gap.message_theme,
            gap.expected_gain,
            gap.why,
        ]


def _name(there: Linked | None) -> str:
    return there.name if there else ""


FORMATS = {"table": table}
