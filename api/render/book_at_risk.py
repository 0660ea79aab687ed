"""What rests on one of us: the sentence, then a line an account."""

from api.render.rows import formats_of
from queries.book_at_risk import AccountAtRisk, BookAtRisk

ROWS = formats_of(AccountAtRisk)


def table(answer: BookAtRisk) -> str:
    """The sentence, then the accounts."""
    return f"{answer.why}\n\n{ROWS['table'](answer.accounts)}" if answer.accounts else answer.why


FORMATS = {"table": table, "csv": lambda answer: ROWS["csv"](answer.accounts)}
