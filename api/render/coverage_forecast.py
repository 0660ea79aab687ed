"""A forecast of coverage as a calendar: a line a role that falls, the first first."""

from api.render.rows import formats_of
from queries.coverage_forecast import CoverageForecast, Expiry

ROWS = formats_of(Expiry)


def table(answer: CoverageForecast) -> str:
    """What it comes to, then the calendar."""
    head = f"{answer.group.name}: {answer.now:.2f} now, {answer.then:.2f} in {answer.days} days without any contact."
    return f"{head}\n\n{ROWS['table'](answer.expiries)}"


FORMATS = {"table": table, "csv": lambda answer: ROWS["csv"](answer.expiries)}
