"""Before and after: the sentence, then a line a role."""

from api.render.rows import listing
from api.render.sheets import Rows
from queries.what_if import RoleChanged, WhatIf

ROWS = listing(RoleChanged)


def table(answer: WhatIf) -> str:
    """The sentence, then the roles."""
    return f"{answer.why}\n\n{ROWS.table(answer.roles)}"


def sheet(answer: WhatIf) -> Rows:
    """The roles."""
    return ROWS.sheet(answer.roles)


FORMATS = {"table": table}
