"""What a person cares about: tags that they earned, and tags that were typed."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from graph.question import Anchor, question
from graph.read import Reader, read
from graph.stretch import MOST_ROWS
from graph.view import View
from queries.engagement import ModelName
from queries.engaging.tagging import Tag, TagRows, signs_of, tagging, typed


@read
async def person_tag_rows(ids: Sequence[str], most: int) -> list[TagRows]:
    """What was typed of these people."""
    raise NotImplementedError


@question(Anchor.PERSON)
async def tagged(
    store: Reader,
    view: View,
    people: Sequence[str],
    *,
    model: ModelName = None,
    hints: Annotated[bool, "And what points to an interest, but is not enough for a tag yet."] = False,
) -> Mapping[str, list[Tag]]:
    """Topics, products, formats and sources that somebody earned by what they did, the weightiest first, then tags that were typed."""
    _, rules = tagging(store, model)
    signs = await signs_of(store, view, people, rules)
    rows = await person_tag_rows(store, view, people, MOST_ROWS)
    return {
        row.anchor: [*(signs.tag(row.anchor, found) for found in signs.earned(row.anchor) if hints or found.assigned), *typed(row, view)]
        for row in rows
    }
