"""Accounts, page by page."""

from dataclasses import replace
from typing import Annotated

from graph.answer import Id
from graph.errors import InvalidInput
from graph.filter import AccountFilter
from graph.page import Page, Paging
from graph.question import Anchor, paged
from graph.read import Reader
from graph.view import View
from queries.anchors.company import CompanyFacts
from queries.anchors.entities import resolved
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
    owner: Annotated[Id | None, "Only those that this person of ours owns: my accounts."] = None,
    order_by: Annotated[CompanyOrder, "In which order."] = CompanyOrder.NAME,
) -> Page[CompanyFacts]:
    """Companies of the kind `account`."""
    if owner is not None:
        if filter is not None and filter.owner is not None:
            raise InvalidInput("owner stands twice. Write it in the filter or beside it.", argument="owner")
        filter = replace(filter or AccountFilter(), owner=await resolved(store, view, Anchor.PERSON, [owner], "owner"))
    return await page_of_companies(store, view, page, search, filter, order_by, accounts_only=True)
