"""People, page by page."""

from typing import Annotated

from graph.answer import Id
from graph.filter import PersonFilter
from graph.page import Page, PageRows, Paging
from graph.question import Anchor, paged
from graph.read import Reader, read
from graph.view import View
from graph.worded import Worded
from queries.anchors.accounts import account_ids
from queries.anchors.pages import Search, asked_for, page_of
from queries.anchors.person import PersonFacts


class PersonOrder(Worded):
    """In which order people stand; equals by id."""

    NAME = "name", "By name."
    NAME_DESC = "name-desc", "By name, backwards."
    ID = "id", "By id."
    ID_DESC = "id-desc", "By id, backwards."


@read
async def person_page(
    within: list[Id] | None,
    do_not_contact: bool | None,
    query: str | None,
    text: str | None,
    names: list[str],
    order: str,
    descending: bool,
    first: int,
    after_key: str | int | float | None,
    after_id: str | None,
) -> list[PageRows]:
    """One page of people."""
    raise NotImplementedError


@paged
async def people(
    store: Reader,
    view: View,
    page: Paging,
    *,
    search: Search = None,
    filter: Annotated[PersonFilter | None, "Which of them."] = None,
    order_by: Annotated[PersonOrder, "In which order."] = PersonOrder.NAME,
) -> Page[PersonFacts]:
    """People, of accounts and of ours; those known only by an identifier are left out, unless it is searched for as a whole."""
    within = await account_ids(store, view, filter, accounts_only=False)
    opted_out = filter.do_not_contact if filter else None
    rows = await person_page(store, view, within=within, do_not_contact=opted_out, **asked_for(page, search, order_by))
    return await page_of(store, view, Anchor.PERSON, rows)
