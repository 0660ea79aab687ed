"""The feed as a story: a heading a day, a sentence a change."""

from itertools import groupby

from api.render.rows import left_over
from graph.page import Connection
from queries.changes import Change


def story(found: Connection[Change]) -> str:
    """A heading a day, a sentence a change with its source; a change that was told late says when it came about."""
    lines: list[str] = []
    for day, some in groupby((edge.node for edge in found.edges), key=lambda change: change.at.date()):
        lines.append(f"{day:%Y-%m-%d}")
        for change in some:
            late = f" on {change.happened_at:%Y-%m-%d}" if change.happened_at.date() != day else ""
            lines.append(f"  {change.why}{late}" + (f"  [{change.source}]" if change.source else ""))
    return "\n".join(lines) + left_over(found) if lines else "Nothing changed."


FORMATS = {"table": story}
