"""Before and after: the sentence, then a line a role."""

from api.render.rows import formats_of
from queries.what_if import RoleChanged, WhatIf

ROWS = formats_of(RoleChanged)


def table(answer: WhatIf) -> str:
    """The sentence, then the roles."""
    return f"{answer.why}\n\n{ROWS['table'](answer.roles)}"


FORMATS = {"table": table, "csv": lambda answer: ROWS["csv"](answer.roles)}
