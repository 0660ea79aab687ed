"""Two companies, or two people, are one."""

from typing import Annotated

from graph.answer import Id, Names
from graph.decisions import EntitiesChanged, EntityKind, Kind, decide, found, members
from graph.errors import InvalidInput
from graph.identity import Rule, tie
from graph.model import GrantRole
from graph.mutation import Writing, mutation


@mutation(GrantRole.STEWARD)
async def merge_entities(
    writing: Writing,
    *,
    into: Annotated[Id, Names("Company", "Person"), "The one, by any of its ids or aliases."],
    from_: Annotated[Id, Names("Company", "Person"), "The other."],
    kind: Kind = None,
    reason: Annotated[str | None, "Why they are one."] = None,
) -> EntitiesChanged:
    """Declares two to be one: facts and names of both stand at the id that became known first. Overrules what declared them apart before."""
    first, second = await found(writing, kind, into=into, from_=from_)
    if first.entity == second.entity:
        raise InvalidInput(f"{into!r} and {from_!r} are one already: {first.entity}.", argument="from")
    why = [reason or "a person says so"]
    async with writing.ledger() as ledger:
        ours, theirs = await members(writing.store, first.label, first.entity), await members(writing.store, first.label, second.entity)
        pairs = {(first.record, second.record)} | {pair for pair in ours.apart if not theirs.records.isdisjoint(pair)}
        ties = [tie(*pair, True, Rule.BY_HAND, 1.0, why, writing.author, ledger.number) for pair in sorted(pairs)]
        return await decide(ledger, EntityKind(first.label), ties)
