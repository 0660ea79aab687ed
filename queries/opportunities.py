"""Opportunities, page by page."""

from typing import Annotated

from graph.answer import Id
from graph.filter import OpportunityFilter
from graph.page import Page, PageRows, Paging
from graph.question import Anchor, paged
from graph.read import Reader, read
from graph.view import View
from graph.worded import Worded
from queries.anchors.accounts import account_ids
from queries.anchors.opportunity import OpportunityFacts
from queries.anchors.pages import Search, asked_for, page_of
from queries.dealing.wanting import wanting


class OpportunityOrder(Worded):
    """In which order opportunities stand; those without the value last, equals by id."""

    CLOSE_ON = "close-on", "The earliest day of decision first."
    CLOSE_ON_DESC = "close-on-desc", "The latest day of decision first."
    AMOUNT = "amount", "The smallest first."
    AMOUNT_DESC = "amount-desc", "The largest first."
    NAME = "name", "By name."
    NAME_DESC = "name-desc", "By name, backwards."
    ID = "id", "By id."
    ID_DESC = "id-desc", "By id, backwards."


@read
async def opportunity_page(
    within: list[Id] | None,
    only: list[Id] | None,
    outcome: list[str] | None,
    query: str | None,
    text: str | None,
    names: list[str],
    order: str,
    descending: bool,
    first: int,
    after_key: str | int | float | None,
    after_id: str | None,
) -> list[PageRows]:
    """One page of opportunities."""
    raise NotImplementedError


@paged
async def opportunities(
    store: Reader,
    view: View,
    page: Paging,
    *,
    search: Search = None,
    filter: Annotated[OpportunityFilter | None, "Which of them."] = None,
    order_by: Annotated[OpportunityOrder, "In which order."] = OpportunityOrder.CLOSE_ON,
) -> Page[OpportunityFacts]:
    """Deals that may come, and those that came or not; also those that hang on one thread, have gone quiet, or of which too little is known."""
    within = await account_ids(store, view, filter, accounts_only=False)
    outcome = [one.value for one in filter.outcome] if filter and filter.outcome is not None else None
    only = await wanting(store, view, filter, within)
    rows = await opportunity_page(store, view, within=within, only=only, outcome=outcome, **asked_for(page, search, order_by))
    return await page_of(store, view, Anchor.OPPORTUNITY, rows)
