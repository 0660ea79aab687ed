"""A set of partners: the sentence and the curve."""

from api.render.rows import listing
from api.render.sheets import Rows
from queries.partner_set import PartnerSet, SetPartner

ROWS = listing(SetPartner)


def table(answer: PartnerSet) -> str:
    """The sentence, then who adds what."""
    return f"{answer.why}\n\n{ROWS.table(answer.partners)}" if answer.partners else answer.why


def sheet(answer: PartnerSet) -> Rows:
    """The partners."""
    return ROWS.sheet(answer.partners)


FORMATS = {"table": table}
