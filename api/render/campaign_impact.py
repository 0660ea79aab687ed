"""What came of a campaign: the sentence, then the accounts."""

from api.render.rows import listing
from api.render.sheets import Rows
from graph.answer import Linked
from queries.campaign_impact import CampaignImpact, ReachedAccount

ROWS = listing(ReachedAccount)


def table(answer: CampaignImpact) -> str:
    """The sentence, then the accounts."""
    return f"{answer.why}\n\n{ROWS.table(answer.accounts)}" if answer.accounts else answer.why


def sheet(answer: CampaignImpact) -> Rows:
    """A line an account, a line a gap that closed, and a line a figure of the whole: ``what`` tells them apart."""
    rate, blank = answer.show_up, [None] * 4
    yield ["what", "company_id", "company", "role", "people", "before", "after", "share", "low", "high", "of"]
    for one in answer.accounts:
        yield ["account", *_linked(one.company), None, one.people, one.before, one.after, *blank]
    for gap in answer.closed:
        yield ["closed gap", *_linked(gap.company), gap.role, None, gap.before, gap.after, *blank]
    for role in answer.roles:
        yield ["role reached", None, None, role, None, None, None, *blank]
    for name in ("registered", "came", "walk_ins"):
        yield [name, None, None, None, getattr(answer, name), None, None, *blank]
    yield ["show_up", None, None, None, None, None, None, rate.value, rate.low, rate.high, rate.count]
    for name, count in (("account_count", answer.account_count), ("closed_count", answer.closed_count)):
        yield [name, None, None, None, None, None, None, None, None, None, count]
    yield ["mean coverage", None, None, None, None, answer.before, answer.after, *blank]
    yield ["day of coverage", None, None, None, None, answer.before_at, answer.after_at, *blank]


def _linked(one: Linked | None) -> list[str | None]:
    return [one.id, one.name] if one else [None, None]


FORMATS = {"table": table}
