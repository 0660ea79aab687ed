"""A person says one row of a kind: it is checked, identified and written as a file with that row alone, of which the author is the source."""

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import pandas as pd

from graph.answer import answer
from graph.errors import InvalidInput
from graph.mutation import Writing
from loaders.check import Reject
from loaders.frames import Table
from loaders.kinds import KIND
from loaders.mapping import LINE
from loaders.run import check, say

FROM = Annotated[str | None, "Holds from then on, a date such as 2026-03-05; default: as long as is known."]
TO = Annotated[str | None, "Holds until then, itself not included; default: on and on."]
SURE = Annotated[float | None, "How sure the author is, 0 to 1; default 1."]


@answer
class Asserted:
    """What an assertion changed."""

    changed: Annotated[bool, "Whether it says anything that its author had not said."]
    author: Annotated[str, "Who says it; its facts bear this name as their source."]
    revision: Annotated[int, "The number of this write: what `unload` takes to undo it."]


async def said(writing: Writing, kind: str, /, **cells: Any) -> Asserted:
    """Says a row whose cells are arguments of a mutation, of the same names as the kind's columns.

    Raises InvalidInput, with the column as its argument, for a cell that a file's row would be rejected for; nothing is written then.
    """
    row = {name: "" if value is None else str(value.value if isinstance(value, Enum) else value) for name, value in cells.items()}
    frame = pd.DataFrame([{**row, LINE: 1}], dtype=object)
    checked = check([Table(KIND[kind], Path(writing.name), frame)], writing.store.settings.zone)
    report, _ = await say(writing.store, writing.lease, checked, source=writing.author, as_of=None, matching=writing.desk.matching, refused=_refuse)
    return Asserted(bool(report.total("created") + report.total("changed")), writing.author, report.load)


def _refuse(rejects: Sequence[Reject]) -> None:
    if rejects:
        told = "; ".join(f"{reject.column} {reject.value!r} {reject.reason}" for reject in rejects)
        raise InvalidInput(f"{told}.", argument=rejects[0].column)
