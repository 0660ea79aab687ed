"""A campaign as an anchor."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from graph.answer import Id, answer
from graph.read import Reader, read
from graph.sight import sight
from graph.stretch import at_or_none
from graph.view import View
from queries.anchors.entities import Entity, Named


@answer
class CampaignFacts:
    """Something planned for many: an event, a paper, a course."""

    id: Annotated[Id, "The first id under which it became known."]
    name: Annotated[str, "Its name."]
    type: Annotated[str, "event, webinar, paper, article, community, course, exhibition or mailing."]
    starts_at: Annotated[datetime | None, "Its first instant."]
    ends_at: Annotated[datetime | None, "The instant after its last."]
    topics: Annotated[list[str], "About what."]
    product_ids: Annotated[list[Id], "For which products."]
    organiser_ids: Annotated[list[Id], "Who organises it."]


@answer
class CampaignRow:
    """What campaign_facts.cypher returns."""

    id: Id
    name: str
    type: str
    starts_at: int | None
    ends_at: int | None
    topics: list[str]
    product_ids: list[Id]
    organiser_ids: list[Id]


@read
async def named_campaigns(names: Sequence[tuple[str, list[str]]], most: int) -> list[Named]:
    """Campaigns by id or alias."""
    raise NotImplementedError


@read
async def campaign_facts(ids: Sequence[str], most: int) -> list[CampaignRow]:
    """Facts of campaigns."""
    raise NotImplementedError


async def told(store: Reader, view: View, ids: Sequence[str], most: int) -> list[CampaignFacts]:
    """Facts of campaigns; products and organisers that may not be seen are left out."""
    rows = await campaign_facts(store, view, ids, most)
    seeing = await sight(
        store, view, companies=[id_ for row in rows for id_ in row.organiser_ids], products=[id_ for row in rows for id_ in row.product_ids]
    )
    return [
        CampaignFacts(
            row.id,
            row.name,
            row.type,
            at_or_none(row.starts_at),
            at_or_none(row.ends_at),
            row.topics,
            [id_ for id_ in row.product_ids if id_ not in seeing.products],
            [id_ for id_ in row.organiser_ids if id_ not in seeing.companies],
        )
        for row in rows
    ]


ENTITY = Entity(CampaignFacts, named_campaigns, told, {"campaign": "A campaign by any of its ids."})
