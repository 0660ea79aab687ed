"""Companies of every kind, page by page."""

from typing import Annotated

from graph.answer import Id
from graph.filter import AccountFilter
from graph.page import Page, PageRows, Paging
from graph.question import Anchor, paged
from graph.read import Reader, read
from graph.view import View
from graph.worded import Worded
from queries.anchors.accounts import account_ids
from queries.anchors.company import CompanyFacts
from queries.anchors.pages import Search, asked_for, page_of


class CompanyOrder(Worded):
    """In which order companies stand; those without the value last, equals by id."""

    NAME = "name", "By name."
    NAME_DESC = "name-desc", "By name, backwards."
    ID = "id", "By id."
    ID_DESC = "id-desc", "By id, backwards."
    TIER = "tier", "By tier, 1 first."
    TIER_DESC = "tier-desc", "By tier, 1 last."
    VALUE = "value", "The least worth to us first."
    VALUE_DESC = "value-desc", "The most worth to us first."
    EMPLOYEES = "employees", "The smallest first."
    EMPLOYEES_DESC = "employees-desc", "The largest first."


@read
async def company_page(
    accounts_only: bool,
    within: list[Id] | None,
    query: str | None,
    text: str | None,
    names: list[str],
    order: str,
    descending: bool,
    first: int,
    after_key: str | int | float | None,
    after_id: str | None,
) -> list[PageRows]:
    """One page of companies."""
    raise NotImplementedError


async def page_of_companies(
    store: Reader, view: View, page: Paging, search: str | None, wanted: AccountFilter | None, order: CompanyOrder, *, accounts_only: bool
) -> Page[CompanyFacts]:
    """One page of accounts, or of companies of any kind."""
    within = await account_ids(store, view, wanted, accounts_only=accounts_only)
    rows = await company_page(store, view, accounts_only=accounts_only, within=within, **asked_for(page, search, order))
    return await page_of(store, view, Anchor.COMPANY, rows)


@paged
async def companies(
    store: Reader,
    view: View,
    page: Paging,
    *,
    search: Search = None,
    filter: Annotated[AccountFilter | None, "Which of them."] = None,
    order_by: Annotated[CompanyOrder, "In which order."] = CompanyOrder.NAME,
) -> Page[CompanyFacts]:
    """Companies of every kind."""
    return await page_of_companies(store, view, page, search, filter, order_by, accounts_only=False)
