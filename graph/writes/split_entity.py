"""What is one is two."""

from itertools import product
from typing import Annotated

from graph.answer import Id, Names
from graph.decisions import EntitiesChanged, EntityKind, Kind, decide, found, members
from graph.errors import InvalidInput
from graph.identity import Known, Rule, Says, Tie, components, tie
from graph.model import GrantRole
from graph.mutation import Writing, mutation


@mutation(GrantRole.STEWARD)
async def split_entity(
    writing: Writing,
    *,
    id: Annotated[Id, Names("Company", "Person"), "The company or person, by any of its ids or aliases."],
    records: Annotated[list[Id], Names(), "Those of its records that are another one."],
    kind: Kind = None,
    reason: Annotated[str | None, "Why they are another."] = None,
) -> EntitiesChanged:
    """Takes records out of a company or a person, with the facts that came under their ids, for good: no later load joins them again."""
    (whole,) = await found(writing, kind, id=id)
    now = await members(writing.store, whole.label, whole.entity)
    leaving = set(map(str, records))
    if unknown := sorted(leaving - now.records):
        raise InvalidInput(f"{whole.entity} has no record {unknown[0]!r}. Its records: {', '.join(sorted(now.records))}.", argument="records")
    if not leaving or leaving == now.records:
        raise InvalidInput(f"Name some of the records of {whole.entity}, not all: {', '.join(sorted(now.records))}.", argument="records")
    staying = now.records - leaving
    pairs = [(one, other, False) for one, other in product(sorted(leaving), sorted(staying))]
    pairs += [(one, other, True) for side in (leaving, staying) for one, other in _loose(side, now.ties)]
    why = [reason or "a person says so"]
    async with writing.ledger() as ledger:
        ties = [tie(one, other, same, Rule.BY_HAND, 1.0, why, writing.author, ledger.number) for one, other, same in pairs]
        return await decide(ledger, EntityKind(whole.label), ties)


def _loose(side: set[str], ties: list[Tie]) -> list[tuple[str, str]]:
    """Pairs that hold a side together where only the other one did."""
    parts = sorted(set(components({id_: Known("", 0, Says()) for id_ in side}, ties).values()))
    return [(parts[0], other) for other in parts[1:]]
