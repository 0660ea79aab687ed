"""A person as an anchor."""

from collections.abc import Sequence
from typing import Annotated

from graph.answer import Id, answer
from graph.read import read
from queries.anchors.entities import Entity, Named


@answer
class PersonFacts:
    """A person, and the questions that can be asked of them."""

    id: Annotated[Id, "The first id under which they became known."]
    name: Annotated[str, "Full name."]
    aliases: Annotated[list[str], "Other names."]
    language: Annotated[str | None, "Language they prefer."]
    location: Annotated[str | None, "Where they work."]
    do_not_contact: Annotated[bool, "They opted out."]
    legal_basis: Annotated[str | None, "Why we may keep the data."]
    tags: Annotated[list[str], "Tags typed by a person."]


@read
async def named_people(names: Sequence[tuple[str, list[str]]], most: int) -> list[Named]:
    """People by id or alias."""
    raise NotImplementedError


@read
async def person_facts(ids: Sequence[str], most: int) -> list[PersonFacts]:
    """Facts of people."""
    raise NotImplementedError


ENTITY = Entity(PersonFacts, named_people, person_facts, {"person": "A person by any of their ids, e-mail addresses or profiles."})
