"""Which cells that matter are filled, of accounts, of whoever works there and of their open deals."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from typing import Annotated, NamedTuple

from graph.answer import Id, Linked, answer
from graph.filter import AccountFilter
from graph.measures.deals import outcome_then
from graph.model import Outcome
from graph.question import Anchor
from graph.read import Reader, read
from graph.stretch import MOST_ROWS
from graph.view import View
from graph.worded import Worded
from graph.words import chinese
from queries.anchors.accounts import accounts_in
from queries.anchors.entities import resolved

STRETCH = 1_000
"""So many accounts are read at once."""
Owner = Annotated[Id | None, "Only those that this person of ours owns, by any id or alias."]


class Cell(Worded):
    """A cell that must be filled: of an account, of whoever works there, of an open deal."""

    ACCOUNT_INDUSTRY = "ACCOUNT_INDUSTRY", "The account's industry."
    ACCOUNT_TERRITORY = "ACCOUNT_TERRITORY", "Its territory."
    ACCOUNT_TIER = "ACCOUNT_TIER", "Its tier."
    CONTACT_TITLE = "CONTACT_TITLE", "A contact's title."
    CONTACT_DEPARTMENT = "CONTACT_DEPARTMENT", "Their department."
    CONTACT_ADDRESS = "CONTACT_ADDRESS", "A mail address or a telephone number."
    CONTACT_ROLE = "CONTACT_ROLE", "A buying role of theirs."
    DEAL_BUDGET = "DEAL_BUDGET", "A deal's budget."
    DEAL_AUTHORITY = "DEAL_AUTHORITY", "Whether who can decide is in it."
    DEAL_NEED = "DEAL_NEED", "The need."
    DEAL_TIMING = "DEAL_TIMING", "By when it is needed."
    DEAL_COMPETITION = "DEAL_COMPETITION", "Who else is in it."
    DEAL_CLOSE_ON = "DEAL_CLOSE_ON", "The day on which it is to be decided."


CELL = {
    Cell.ACCOUNT_INDUSTRY: "客户行业",
    Cell.ACCOUNT_TERRITORY: "客户区域",
    Cell.ACCOUNT_TIER: "客户等级",
    Cell.CONTACT_TITLE: "联系人职务",
    Cell.CONTACT_DEPARTMENT: "联系人部门",
    Cell.CONTACT_ADDRESS: "联系人邮箱或电话",
    Cell.CONTACT_ROLE: "联系人决策角色",
    Cell.DEAL_BUDGET: "商机预算",
    Cell.DEAL_AUTHORITY: "商机决策权",
    Cell.DEAL_NEED: "商机需求",
    Cell.DEAL_TIMING: "商机时间",
    Cell.DEAL_COMPETITION: "商机竞争",
    Cell.DEAL_CLOSE_ON: "商机预计成交日",
}
"""Cells in Chinese; in English they say themselves."""
ACCOUNT = (Cell.ACCOUNT_INDUSTRY, Cell.ACCOUNT_TERRITORY, Cell.ACCOUNT_TIER)
CONTACT = (Cell.CONTACT_TITLE, Cell.CONTACT_DEPARTMENT, Cell.CONTACT_ADDRESS, Cell.CONTACT_ROLE)
DEAL = (Cell.DEAL_BUDGET, Cell.DEAL_AUTHORITY, Cell.DEAL_NEED, Cell.DEAL_TIMING, Cell.DEAL_COMPETITION, Cell.DEAL_CLOSE_ON)


@answer
class AccountCompleteness:
    """One account, with its people and open deals."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    company: Annotated[Linked | None, Anchor.COMPANY, "The account."]
    owner: Annotated[Linked | None, Anchor.PERSON, "The surest of its owners; null for nobody."]
    wanted: Annotated[int, "How many cells there should be."]
    filled: Annotated[int, "How many are filled."]
    share: Annotated[float, "Filled of wanted, 0 to 1."]
    missing: Annotated[list[Cell], "What is missing somewhere there."]


@answer
class CompletenessRows:
    """One row an account: which facts it has, in the order of ``ACCOUNT``; people ``[id, name, title, department, address, role]``; deals.

    A deal is ``[id, name, fields, outcome, closing]``.
    """

    account: Id
    name: str
    owners: list[tuple[Id, str, int, str]]
    facts: list[bool]
    contacts: list[tuple[Id, str, bool, bool, bool, bool]]
    deals: list[tuple[Id, str, list[str], str, float | None]]


@read
async def completeness_rows(accounts: Sequence[str], most: int) -> list[CompletenessRows]:
    """The rows of these accounts."""
    raise NotImplementedError


class Counts(NamedTuple):
    """How many cells of each kind there should be, and how many are filled."""

    wanted: dict[Cell, int]
    filled: dict[Cell, int]

    @classmethod
    def of(cls, rows: Sequence[CompletenessRows]) -> "Counts":
        """Of these accounts together."""
        wanted, filled = defaultdict[Cell, int](int), defaultdict[Cell, int](int)
        for row in rows:
            for cell, there in _cells(row):
                wanted[cell] += 1
                filled[cell] += there
        return cls(wanted, filled)

    @property
    def totals(self) -> tuple[int, int]:
        """Wanted and filled, over all kinds."""
        return sum(self.wanted.values()), sum(self.filled.values())

    @property
    def missing(self) -> list[Cell]:
        """Kinds of which some are not filled."""
        return [cell for cell in Cell if self.wanted.get(cell, 0) > self.filled.get(cell, 0)]


def cell_name(cell: Cell, language: str) -> str:
    """What a cell is called."""
    return CELL[cell] if chinese(language) else cell.value.replace("_", " ").lower()


def _cells(row: CompletenessRows) -> Iterator[tuple[Cell, bool]]:
    yield from zip(ACCOUNT, row.facts, strict=True)
    for _, _, *there in row.contacts:
        yield from zip(CONTACT, there, strict=True)
    for _, _, fields, *_ in row.deals:
        yield from ((cell, cell.value.removeprefix("DEAL_") in fields) for cell in DEAL)


async def completeness(store: Reader, view: View, filter: AccountFilter | None, owner: Id | None) -> AsyncIterator[list[CompletenessRows]]:
    """The rows of the accounts asked for, stretch by stretch; an account is its surest owner's. Raises NotFound for an unknown owner."""
    if owner is not None:
        owner = (await resolved(store, view, Anchor.PERSON, [owner], "owner"))[0]
        if filter is None or filter.owner is None:
            filter = replace(filter or AccountFilter(), owner=[owner])
    asked = await accounts_in(store, view, filter)
    for start in range(0, len(asked), STRETCH):
        rows = await completeness_rows(store, view, asked[start : start + STRETCH], MOST_ROWS)
        yield [_with_open(row, view.as_of) for row in rows if owner is None or (row.owners and row.owners[0][0] == owner)]


def _with_open(row: CompletenessRows, as_of: int) -> CompletenessRows:
    """With the deals alone that were open then."""
    return replace(row, deals=[deal for deal in row.deals if outcome_then(Outcome(deal[3]), deal[4], as_of) is Outcome.OPEN])


def account_completeness_of(row: CompletenessRows, view: View) -> AccountCompleteness:
    """One account."""
    counts = Counts.of([row])
    wanted, filled = counts.totals
    owner = Linked(*row.owners[0][:2]) if row.owners else None
    key = Id(f"{row.account}/completeness@{view.as_of}/{view.known_at}")
    return AccountCompleteness(key, Linked(row.account, row.name), owner, wanted, filled, filled / wanted, counts.missing)
