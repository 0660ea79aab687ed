"""A plan of meetings: the sentence, then whom to meet."""

from api.render.rows import formats_of
from queries.minimum_contacts import MinimumContacts, PlannedContact

ROWS = formats_of(PlannedContact)


def table(answer: MinimumContacts) -> str:
    """The sentence, then the plan."""
    return f"{answer.why}\n\n{ROWS['table'](answer.contacts)}" if answer.contacts else answer.why


FORMATS = {"table": table, "csv": lambda answer: ROWS["csv"](answer.contacts)}
