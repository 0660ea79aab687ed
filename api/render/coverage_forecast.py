"""A forecast of coverage as a calendar: a line a role that falls, the first first."""

from api.render.rows import formats_of
from queries.coverage_forecast import CoverageForecast, Expiry

ROWS = formats_of(Expiry)


def table(answer: CoverageForecast) -> str:
    """What it comes to, then the calendar."""
    lines = [f"{answer.group.name}: {answer.now:.2f} now, {answer.then:.2f} in {answer.days} days without any contact.", ""]
    lines += [f"  {one.on:%Y-%m-%d}  {one.why}" for one in answer.expiries] or ["  Nothing falls under its target."]
    return "\n".join(lines)


FORMATS = {"table": table, "csv": lambda answer: ROWS["csv"](answer.expiries)}
