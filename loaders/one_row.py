"""A person says one row of a kind: it is checked, identified and written as a file with that row alone, of which the author is the source."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import Enum
from functools import partial, wraps
from pathlib import Path
from typing import Annotated, Any

from graph.answer import Id, Names, answer
from graph.errors import InvalidInput
from graph.model import GrantRole
from graph.mutation import Mutation, Writing, mutation
from loaders.check import Reject
from loaders.kinds import KIND
from loaders.run import check, say
from loaders.spool import Spool
from loaders.tables import Table

PersonGiven = Annotated[Id, Names("Person"), "Who, by any id or alias."]
AccountGiven = Annotated[Id | None, Names("Company"), "The account, for its default group."]
OpportunityGiven = Annotated[Id | None, Names("Opportunity"), "Or an opportunity, for its group."]
GroupGiven = Annotated[Id | None, Names("BuyingGroup"), "Or a buying group."]
From = Annotated[str | None, "Holds from then on, a date such as 2026-03-05; default: as long as is known."]
To = Annotated[str | None, "Holds until then, itself not included; default: on and on."]
Sure = Annotated[float | None, "How sure the author is, 0 to 1; default 1."]


@answer
class Asserted:
    """What an assertion changed."""

    changed: Annotated[bool, "Whether it says anything that its author had not said."]
    author: Annotated[str, "Who says it; its facts bear this name as their source."]
    revision: Annotated[int, "The number of this write: what `unload` takes to undo it."]


def assertion(kind: str, role: GrantRole = GrantRole.EDITOR) -> Callable[[Callable[..., Awaitable[Asserted]]], Mutation[Asserted]]:
    """Declares a mutation of this role that says a row of ``kind``. The decorated function is only its signature, named as the kind's columns.

    Raises InvalidInput, with the column as its argument, for a cell that a file's row would be rejected for; nothing is written then.
    """

    def declare(declared: Callable[..., Awaitable[Asserted]]) -> Mutation[Asserted]:
        @wraps(declared)
        async def do(writing: Writing, **cells: Any) -> Asserted:
            row = {name: "" if value is None else str(value.value if isinstance(value, Enum) else value) for name, value in cells.items()}
            table = Table(KIND[kind], Path(writing.name), [1], {name: [cell] for name, cell in row.items()})
            with Spool() as spool:
                check(spool, [table], writing.store.settings.zone, writing.author)
                report, _ = await say(
                    writing.store,
                    writing.lease,
                    spool,
                    source=writing.author,
                    as_of=None,
                    matching=writing.desk.matching,
                    by_hand=True,
                    refused=partial(_refuse, row),
                )
            return Asserted(bool(report.total("created") + report.total("changed")), writing.author, report.load)

        return mutation(role)(do)

    return declare


def _refuse(row: Mapping[str, str], rejects: Sequence[Reject]) -> None:
    if rejects:
        told = "; ".join(f"{each.column} {'' if each.veiled else row.get(each.column, '')!r} {each.reason}" for each in rejects)
        raise InvalidInput(f"{told}.", argument=rejects[0].column)
