"""Tags for a terminal, and as rows."""

from collections.abc import Sequence

from api.render.sheets import Rows
from queries.engaging.tagging import Tag

HEAD = ["tag", "origin", "kind", "assigned", "confidence", "weight", "things", "first_at", "last_at", "expires_at", "cause", "source", "events"]


def table(answer: Sequence[Tag]) -> str:
    """A line a tag."""
    lines = []
    for one in answer:
        until = f", until {one.expires_at:%Y-%m-%d}" if one.expires_at else ""
        why = f"  {one.cause}" if one.cause else ""
        kind = one.kind.value.lower() if one.kind else "typed"
        lines.append(f"{one.confidence:.2f}  {kind:<8} {one.tag}{'' if one.assigned else ' (a hint)'}{until}{why}")
    return "\n".join(lines) or "No tag."


def row(one: Tag) -> list[object]:
    """The cells of a tag."""
    when = (one.first_at, one.last_at, one.expires_at)
    events = "; ".join(event.id for event in one.evidence)
    return [one.tag, one.origin, one.kind, one.assigned, one.confidence, one.weight, one.things, *when, one.cause, one.source, events]


def sheet(answer: Sequence[Tag]) -> Rows:
    """One row a tag."""
    yield HEAD
    yield from (row(one) for one in answer)


FORMATS = {"table": table}
