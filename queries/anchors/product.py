"""A product as an anchor."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from graph.answer import Id, Linked, answer
from graph.question import Anchor
from graph.read import Reader, read
from graph.stretch import at_or_none, link
from graph.view import View
from queries.anchors.entities import Entity, Named


@answer
class ProductFacts:
    """Something sold by us or by others."""

    id: Annotated[Id, "The first id under which it became known."]
    name: Annotated[str, "Its name."]
    company: Annotated[Linked | None, Anchor.COMPANY, "Who sells it."]
    category: Annotated[str | None, "What kind of product."]
    launched_on: Annotated[datetime | None, "When it came out."]


@answer
class ProductRow:
    """What product_facts.cypher returns."""

    id: Id
    name: str
    company_id: str | None
    company_name: str | None
    category: str | None
    launched_on: int | None


@read
async def named_products(names: Sequence[tuple[str, list[str]]], most: int) -> list[Named]:
    """Products by id or alias."""
    raise NotImplementedError


@read
async def product_facts(ids: Sequence[str], most: int) -> list[ProductRow]:
    """Facts of products."""
    raise NotImplementedError


async def told(store: Reader, view: View, ids: Sequence[str], most: int) -> list[ProductFacts]:
    """Facts of products; the seller is left out where it may not be seen."""
    return [
        ProductFacts(row.id, row.name, link(row.company_id, row.company_name), row.category, at_or_none(row.launched_on))
        for row in await product_facts(store, view, ids, most)
    ]


ENTITY = Entity(ProductFacts, named_products, told, {"product": "A product by any of its ids."})
