"""What is known of a deal for a terminal, and as rows."""

from api.render.rows import listing
from api.render.sheets import Rows
from queries.bantc import Bantc, BantcField

ROWS = listing(BantcField)


def table(answer: Bantc) -> str:
    """The sentence, then field by field."""
    return f"{answer.score.why}\n\n{ROWS.table(answer.fields)}"


def sheet(answer: Bantc) -> Rows:
    """One row a field."""
    return ROWS.sheet(answer.fields)


FORMATS = {"table": table}
