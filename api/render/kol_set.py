"""A set of opinion leaders: the sentence and the curve."""

from api.render.rows import listing
from api.render.sheets import Rows
from queries.kol_set import KolSet, Leader

ROWS = listing(Leader)


def table(answer: KolSet) -> str:
    """The sentence, then who adds what."""
    return f"{answer.why}\n\n{ROWS.table(answer.leaders)}" if answer.leaders else answer.why


def sheet(answer: KolSet) -> Rows:
    """The leaders."""
    return ROWS.sheet(answer.leaders)


FORMATS = {"table": table}
