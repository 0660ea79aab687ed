"""Whether somebody may be contacted: the sentence; as a sheet, a line a rule."""

from api.render.rows import listing
from api.render.sheets import Rows
from queries.can_touch import CanTouch, TouchRule

ROWS = listing(TouchRule)


def table(answer: CanTouch) -> str:
    """The sentence, then the rules that say no."""
    return f"{answer.why}\n\n{ROWS.table(answer.rules)}" if answer.rules else answer.why


def sheet(answer: CanTouch) -> Rows:
    """The rules that say no."""
    return ROWS.sheet(answer.rules)


FORMATS = {"table": table}
