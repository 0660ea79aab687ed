"""Opinion leaders: a line each for a terminal, rows for a sheet."""

from api.render.rows import left_over
from api.render.sheets import Rows
from graph.page import Connection
from queries.kols import Kol

PARTS = ("reach", "authority", "access", "activity", "independence")


def table(answer: Connection[Kol]) -> str:
    """The best first, each with its sentence."""
    found = [edge.node for edge in answer.edges]
    if not found:
        return "No leader found."
    lines = [f"{'    ' if one.score.value is None else f'{one.score.value:.2f}'}  {one.tier.value:<9}  {one.why}" for one in found]
    return "\n".join(lines) + left_over(answer)


def sheet(answer: Connection[Kol]) -> Rows:
    """One row a leader."""
    yield ["person_id", "person", "score", "tier", "circle", *PARTS, "heeded_here", "heeded_anywhere", "vendor", "evidence", "why"]
    for one in (edge.node for edge in answer.edges):
        parts = [part.value for part in one.score.components]
        who = (one.person.id, one.person.name) if one.person else (None, None)
        vendor = one.vendor.name if one.vendor else None
        circle = one.circle.value if one.circle else None
        counts = [one.heeded_here, one.heeded_anywhere]
        yield [*who, one.score.value, one.tier.value, circle, *parts, *counts, vendor, one.score.evidence_count, one.why]


FORMATS = {"table": table}
