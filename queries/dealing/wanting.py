"""Deals that want attention: they hang on one thread, nothing happened for long, or too little is known of them."""

from collections.abc import Sequence

from graph.answer import Id, answer
from graph.errors import InvalidInput
from graph.filter import OpportunityFilter
from graph.measures.deals import outcome_then
from graph.measures.strength import DAY
from graph.model import Outcome
from graph.read import Reader, read
from graph.view import View
from queries.anchors.accounts import MOST_ACCOUNTS
from queries.dealing.deals import STRETCH, Deal, deals_of


@answer
class DealIds:
    """One row: deals ``[id, outcome, closing]``, by id."""

    deals: list[tuple[Id, str, float | None]]


@read
async def deal_ids(within: Sequence[Id] | None, most: int) -> list[DealIds]:
    """The deals of these accounts."""
    raise NotImplementedError


async def wanting(store: Reader, view: View, asked: OpportunityFilter | None, within: Sequence[Id] | None) -> list[Id] | None:
    """The deals that want attention as the filter says, None where it says nothing of that. Those open at asOf, unless it names an outcome.

    O(deals), by stretches of their groups. Raises InvalidInput for a threshold that is none.
    """
    if asked is None or (asked.single_threaded is None and asked.quiet_days is None and asked.bantc_below is None):
        return None
    if asked.quiet_days is not None and asked.quiet_days < 0:
        raise InvalidInput("filter.quiet_days must be 0 or more.", argument="filter.quiet_days")
    if asked.bantc_below is not None and not 0 <= asked.bantc_below <= 1:
        raise InvalidInput("filter.bantc_below must be 0 to 1.", argument="filter.bantc_below")
    outcome = asked.outcome if asked.outcome is not None else [Outcome.OPEN]
    deals_then = (await deal_ids(store, view, within, MOST_ACCOUNTS))[0].deals
    ids = [id_ for id_, ended, closing in deals_then if outcome_then(Outcome(ended), closing, view.as_of) in outcome]
    found: list[Id] = []
    for start in range(0, len(ids), STRETCH):
        deals = await deals_of(store, view, ids[start : start + STRETCH])
        found += [Id(id_) for id_, deal in deals.items() if isinstance(deal, Deal) and _wants(deal, asked, view)]
    return sorted(found)


def _wants(deal: Deal, asked: OpportunityFilter, view: View) -> bool:
    quiet = asked.quiet_days is not None and deal.last_touch is not None and view.as_of - deal.last_touch < asked.quiet_days * DAY
    threads = asked.single_threaded is not None and asked.single_threaded != (deal.reached <= 1)
    known = asked.bantc_below is not None and deal.qualified.completeness >= asked.bantc_below
    return not (quiet or threads or known)
