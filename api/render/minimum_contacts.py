"""A plan of meetings: the sentence, then whom to meet."""

from api.render.rows import listing
from api.render.sheets import Rows
from queries.minimum_contacts import MinimumContacts, PlannedContact

ROWS = listing(PlannedContact)


def table(answer: MinimumContacts) -> str:
    """The sentence, then the plan."""
    return f"{answer.why}\n\n{ROWS.table(answer.contacts)}" if answer.contacts else answer.why


def sheet(answer: MinimumContacts) -> Rows:
    """The contacts."""
    return ROWS.sheet(answer.contacts)


FORMATS = {"table": table}
