"""Accounts, page by page."""

from typing import Annotated

from graph.filter import AccountFilter
from graph.page import Page, Paging
from graph.question import paged
from graph.read import Reader
from graph.view import View
from queries.anchors.company import CompanyFacts
from queries.anchors.pages import Search
from queries.companies import CompanyOrder, page_of_companies


@paged
async def accounts(
    store: Reader,
    view: View,
    page: Paging,
    *,
    search: Search = None,
    filter: Annotated[AccountFilter | None, "Which of them."] = None,
    order_by: Annotated[CompanyOrder, "In which order."] = CompanyOrder.NAME,
) -> Page[CompanyFacts]:
    """Companies of the kind `account`."""
    return await page_of_companies(store, view, page, search, filter, order_by, accounts_only=True)
