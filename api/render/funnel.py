"""The funnel for a terminal, and as rows."""

from api.render.rows import left_over
from api.render.sheets import Rows
from graph.page import Connection
from queries.funnel import FunnelPerson

HEAD = ["person_id", "person", "account_id", "account", "account_tier", "stage", "holds_until", "customer", "messages", "topics"]
HEAD += ["heard_at", "spoke_at", "attempts", "silence", "waiting_since", "due_at", "overdue", "contactable", "why"]


def table(answer: Connection[FunnelPerson]) -> str:
    """A line a person: by when, whether that is past, and the sentence."""
    found = [edge.node for edge in answer.edges]
    if not found:
        return "Nobody found."
    lines = []
    for one in found:
        by = f"{one.due_at:%Y-%m-%d %H:%M}" if one.due_at else ""
        lines.append(f"{by:16} {'!' if one.overdue else ' '} {one.account.name if one.account else ''}: {one.why}")
    return "\n".join(lines) + left_over(answer)


def sheet(answer: Connection[FunnelPerson]) -> Rows:
    """One row a person."""
    yield HEAD
    for one in (edge.node for edge in answer.edges):
        who = (one.person.id, one.person.name) if one.person else (None, None)
        where = (one.account.id, one.account.name) if one.account else (None, None)
        where = (*where, one.account_tier, one.stage, one.holds_until)
        counts = (one.customer, one.messages, one.topics, one.heard_at, one.spoke_at, one.attempts)
        yield [*who, *where, *counts, one.silence, one.waiting_since, one.due_at, one.overdue, one.contactable, one.why]


FORMATS = {"table": table}
