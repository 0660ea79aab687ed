"""Whether somebody may be contacted: the sentence; as a sheet, a line a rule."""

from api.render.rows import listing
from api.render.sheets import Rows
from queries.can_touch import CanTouch, TouchRule

ROWS = listing(TouchRule)
HEAD = ("allowed", "channel", "topic", "allowed_from")


def table(answer: CanTouch) -> str:
    """The sentence, then the rules that say no."""
    return f"{answer.why}\n\n{ROWS.table(answer.rules)}" if answer.rules else answer.why


def sheet(answer: CanTouch) -> Rows:
    """A line a rule that says no, and one without a rule for a yes."""
    names, *rules = ROWS.sheet(answer.rules)
    yield [*HEAD, *names]
    said = [getattr(answer, name) for name in HEAD]
    yield from ([*said, *rule] for rule in rules or [[None] * len(names)])


FORMATS = {"table": table}
