"""What came of a campaign: the sentence, then the accounts."""

from api.render.rows import listing
from api.render.sheets import Rows
from queries.campaign_impact import CampaignImpact, ReachedAccount

ROWS = listing(ReachedAccount)


def table(answer: CampaignImpact) -> str:
    """The sentence, then the accounts."""
    return f"{answer.why}\n\n{ROWS.table(answer.accounts)}" if answer.accounts else answer.why


def sheet(answer: CampaignImpact) -> Rows:
    """The accounts."""
    return ROWS.sheet(answer.accounts)


FORMATS = {"table": table}
