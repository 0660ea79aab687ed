"""Campaigns, page by page."""

from typing import Annotated

from graph.errors import InvalidInput
from graph.filter import CampaignFilter
from graph.model import CampaignType
from graph.page import Page, PageRows, Paging
from graph.question import Anchor, paged
from graph.read import Reader, read
from graph.view import View
from graph.worded import Worded
from queries.anchors.campaign import CampaignFacts
from queries.anchors.pages import Search, asked_for, page_of


class CampaignOrder(Worded):
    """In which order campaigns stand; those without the value last, equals by id."""

    START = "start", "The earliest first."
    START_DESC = "start-desc", "The latest first."
    NAME = "name", "By name."
    NAME_DESC = "name-desc", "By name, backwards."
    ID = "id", "By id."
    ID_DESC = "id-desc", "By id, backwards."


@read
async def campaign_page(
    type: list[str] | None,
    topic: list[str] | None,
    query: str | None,
    text: str | None,
    names: list[str],
    order: str,
    descending: bool,
    first: int,
    after_key: str | int | float | None,
    after_id: str | None,
) -> list[PageRows]:
    """One page of campaigns."""
    raise NotImplementedError


@paged
async def campaigns(
    store: Reader,
    view: View,
    page: Paging,
    *,
    search: Search = None,
    filter: Annotated[CampaignFilter | None, "Which of them."] = None,
    order_by: Annotated[CampaignOrder, "In which order."] = CampaignOrder.START_DESC,
) -> Page[CampaignFacts]:
    """Events, papers, courses: what is planned for many."""
    types = [type_.lower() for type_ in filter.type] if filter and filter.type is not None else None
    if types and (odd := set(types) - set(CampaignType)):
        raise InvalidInput(f"filter: {min(odd)} is no type of campaign. It takes {', '.join(CampaignType)}.", argument="filter.type")
    topics = [topic.lower() for topic in filter.topic] if filter and filter.topic is not None else None
    rows = await campaign_page(store, view, type=types, topic=topics, **asked_for(page, search, order_by))
    return await page_of(store, view, Anchor.CAMPAIGN, rows)
