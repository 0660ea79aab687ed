"""How an overlap with a partner is told: counts as they may be shown, sides and their words."""

from typing import Annotated

from graph.answer import Linked, answer
from graph.measures.partners import STANDINGS, Standing
from graph.measures.small_cells import Shown, Table
from graph.question import Anchor
from queries.partnering.fit import Fit


@answer
class AccountCount:
    """A number of companies as it may be shown."""

    value: Annotated[int | None, "The number; null where it is not told."]
    text: Annotated[str, "The number; `< 5`; `5+` or `hidden` where it is kept back so that no smaller one follows from it by difference."]


@answer
class OverlapCell:
    """How many companies are the one to us and the other to the partner."""

    ours: Annotated[Standing, "What they are to us."]
    theirs: Annotated[Standing, "What they are to the partner."]
    accounts: Annotated[AccountCount, "How many."]


@answer
class OverlapTotal:
    """How many companies are this to one side, whatever to the other."""

    standing: Annotated[Standing, "What they are to it."]
    accounts: Annotated[AccountCount, "How many."]


@answer
class NetNew:
    """An account of the partner that is none of ours, of an industry, size and region in which we have accounts."""

    account: Annotated[Linked | None, Anchor.COMPANY, "Which."]
    theirs: Annotated[Standing, "What it is to the partner."]


def net_new(fit: Fit, row: int, most: int) -> list[NetNew]:
    """The first of them, the partner's customers first."""
    places, fitting = fit.net_new(row)
    customers = set(fit.accounts_of(row)[0].tolist())
    return [NetNew(fit.company(place), Standing.CUSTOMER if place in customers else Standing.TARGET) for place in places[fitting][:most].tolist()]


def count_of(shown: Shown) -> AccountCount:
    """A count as it may be shown."""
    return AccountCount(shown.value, shown.text)


def cells_of(table: Table) -> list[OverlapCell]:
    """The nine cells, ours by ours."""
    return [OverlapCell(ours, theirs, count_of(table.cells[row][at])) for row, ours in enumerate(STANDINGS) for at, theirs in enumerate(STANDINGS)]


def totals_of(shown: list[Shown]) -> list[OverlapTotal]:
    """The totals of one side."""
    return [OverlapTotal(standing, count_of(one)) for standing, one in zip(STANDINGS, shown, strict=True)]
