"""What accounts, and the companies that they own, are worth to us."""

from collections.abc import Sequence
from typing import NamedTuple

from graph.answer import Id, answer
from graph.measures.coverage import worth
from graph.read import Reader, read
from graph.stretch import MOST_ROWS
from graph.view import View


@answer
class WorthRows:
    """One row an account: itself first, then what it owns, each ``[id, name, value, tier]``."""

    account: Id
    companies: list[tuple[Id, str, float | None, int | None]]


@read
async def worth_rows(accounts: Sequence[str], subsidiaries: bool, most: int) -> list[WorthRows]:
    """The rows of these accounts."""
    raise NotImplementedError


class Worth(NamedTuple):
    """A company and what it is worth to us, 0 to 1."""

    id: Id
    name: str
    value: float


async def worths(store: Reader, view: View, accounts: Sequence[str], *, subsidiaries: bool) -> dict[str, list[Worth]]:
    """Account -> itself, and with ``subsidiaries`` what it owns, through others too."""
    rows = await worth_rows(store, view, accounts, subsidiaries, MOST_ROWS)
    return {row.account: [Worth(id_, name, worth(value, tier)) for id_, name, value, tier in row.companies] for row in rows}
