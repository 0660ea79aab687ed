"""A forecast of coverage as a calendar: a line a role that falls, the first first."""

from api.render.rows import listing
from api.render.sheets import Rows
from graph.words import counted
from queries.coverage_forecast import CoverageForecast, Expiry

ROWS = listing(Expiry)


def table(answer: CoverageForecast) -> str:
    """What it comes to, then the calendar."""
    lines = [f"{answer.group.name}: {answer.now:.2f} now, {answer.then:.2f} in {counted(answer.days, 'day')} without any contact.", ""]
    lines += [f"  {one.on:%Y-%m-%d}  {one.why}" for one in answer.expiries] or ["  Nothing falls under its target."]
    return "\n".join(lines)


def sheet(answer: CoverageForecast) -> Rows:
    """The expiries."""
    return ROWS.sheet(answer.expiries)


FORMATS = {"table": table}
