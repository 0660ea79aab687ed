"""News about accounts and their people, with the load that told it: what may set off a decision there."""

from collections.abc import Sequence

from graph.answer import Id, answer
from graph.read import read

News = tuple[Id, int, str, str | None, str, str, Id | None, str | None]
"""Event, instant, kind, title, load, origin, and whom it concerns: id and name, None for the account as a whole."""


@answer
class TriggerRows:
    """What trigger_rows.cypher returns, one row an account."""

    account: Id
    name: str
    news: list[News]


@read
async def trigger_rows(accounts: Sequence[str], since: int, most: int) -> list[TriggerRows]:
    """The rows of these accounts; ``since`` is an instant before the news."""
    raise NotImplementedError
