"""What rests on one of us: the sentence, then a line an account."""

from api.render.rows import listing
from api.render.sheets import Rows
from queries.book_at_risk import AccountAtRisk, BookAtRisk

ROWS = listing(AccountAtRisk)


def table(answer: BookAtRisk) -> str:
    """The sentence, then the accounts."""
    return f"{answer.why}\n\n{ROWS.table(answer.accounts)}" if answer.accounts else answer.why


def sheet(answer: BookAtRisk) -> Rows:
    """The accounts."""
    return ROWS.sheet(answer.accounts)


FORMATS = {"table": table}
