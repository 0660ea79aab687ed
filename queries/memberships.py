"""Where a person stands in decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated

from graph.answer import Id, Linked, answer
from graph.model import Power
from graph.question import Anchor, question
from graph.read import Reader, read
from graph.stretch import Head, History, Packed, Stretch, link, stretches
from graph.view import View
from queries.anchors.entities import resolve


@answer
class Membership(Stretch):
    """Where somebody stands in a decision: an opinion, with its author."""

    company: Annotated[Linked | None, Anchor.COMPANY, "The account."]
    group_id: Annotated[Id, "The buying group; the default one bears the company's id."]
    group_name: Annotated[str | None, "Its name; none for the default group."]
    stance: Annotated[int | None, "-2 enemy to 2 mentor; null is unknown, not neutral."]
    power: Annotated[Power | None, "Where they stand in the account's politics."]
    goals: Annotated[str | None, "What they want."]
    concerns: Annotated[str | None, "What they fear."]
    author_id: Annotated[Id | None, "Who of us thinks so, as the source writes it."]


@read
async def membership_rows(ids: Sequence[str], since: int, most: int) -> list[Packed]:
    """Their rows."""
    raise NotImplementedError


@question(Anchor.PERSON)
async def memberships(store: Reader, view: View, people: Sequence[str], *, history: History = False) -> Mapping[str, list[Membership]]:
    """Stance, power, goals and concerns in each decision at asOf, the latest first; accounts that may not be seen are left out."""
    found = await stretches(membership_rows, store, view, people, history, _member)
    if view.scope is None:
        return found
    authors = [one.author_id for members in found.values() for one in members if one.author_id]
    seen = await resolve(store, view, Anchor.PERSON, authors)
    return {id_: [one if one.author_id in seen else replace(one, author_id=None) for one in members] for id_, members in found.items()}


def _member(
    head: Head,
    id_: str,
    name: str,
    group: str,
    group_name: str | None,
    stance: int | None,
    power: str | None,
    goals: str | None,
    concerns: str | None,
    author: str | None,
) -> Membership:
    return Membership(
        *head, link(id_, name), Id(group), group_name, stance, Power(power) if power else None, goals, concerns, Id(author) if author else None
    )
