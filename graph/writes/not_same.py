"""Two records are not one."""

from typing import Annotated

from graph.answer import Id, Names
from graph.decisions import EntitiesChanged, EntityKind, Kind, decide, found
from graph.errors import InvalidInput
from graph.identity import Rule, tie
from graph.model import GrantRole
from graph.mutation import Writing, mutation


@mutation(GrantRole.STEWARD)
async def not_same(
    writing: Writing,
    *,
    first: Annotated[Id, Names("Company", "Person"), "The one, by any of its ids or aliases; of one of several records that record's id."],
    second: Annotated[Id, Names("Company", "Person"), "The other."],
    kind: Kind = None,
    reason: Annotated[str | None, "Why they are not one."] = None,
) -> EntitiesChanged:
    """Declares two apart, for good: no later load joins them, and if they are one now, they part where what ties them is weakest."""
    one, other = await found(writing, kind, first=first, second=second)
    if one.record == other.record:
        raise InvalidInput(f"{first!r} and {second!r} are the same record {one.record!r}. Name two.", argument="second")
    async with writing.ledger() as ledger:
        apart = tie(one.record, other.record, False, Rule.BY_HAND, 1.0, [reason or "a person says so"], writing.author, ledger.number)
        return await decide(ledger, EntityKind(one.label), [apart])
