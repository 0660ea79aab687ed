"""How complete the data of each account owner are: of the cells that matter, how many are filled, and which are not."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, NamedTuple

from graph.answer import Id, Linked, answer
from graph.filter import AccountFilter
from graph.question import Anchor, root
from graph.read import Reader, read
from graph.stretch import MOST_ROWS
from graph.view import View, ViewUsed
from graph.words import chinese
from queries.anchors.accounts import accounts_in
from queries.anchors.entities import resolved

STRETCH = 1_000
"""So many accounts are read at once."""


class Cell(StrEnum):
    """A cell that must be filled: of an account, of whoever works there, of an open deal."""

    ACCOUNT_INDUSTRY = "ACCOUNT_INDUSTRY"
    ACCOUNT_TERRITORY = "ACCOUNT_TERRITORY"
    ACCOUNT_TIER = "ACCOUNT_TIER"
    CONTACT_TITLE = "CONTACT_TITLE"
    CONTACT_DEPARTMENT = "CONTACT_DEPARTMENT"
    CONTACT_ADDRESS = "CONTACT_ADDRESS"
    CONTACT_ROLE = "CONTACT_ROLE"
    DEAL_BUDGET = "DEAL_BUDGET"
    DEAL_AUTHORITY = "DEAL_AUTHORITY"
    DEAL_NEED = "DEAL_NEED"
    DEAL_TIMING = "DEAL_TIMING"
    DEAL_COMPETITION = "DEAL_COMPETITION"
    DEAL_CLOSE_ON = "DEAL_CLOSE_ON"


ACCOUNT = (Cell.ACCOUNT_INDUSTRY, Cell.ACCOUNT_TERRITORY, Cell.ACCOUNT_TIER)
CONTACT = (Cell.CONTACT_TITLE, Cell.CONTACT_DEPARTMENT, Cell.CONTACT_ADDRESS, Cell.CONTACT_ROLE)
DEAL = (Cell.DEAL_BUDGET, Cell.DEAL_AUTHORITY, Cell.DEAL_NEED, Cell.DEAL_TIMING, Cell.DEAL_COMPETITION, Cell.DEAL_CLOSE_ON)


@answer
class CellCount:
    """One kind of cell in one owner's accounts."""

    cell: Annotated[Cell, "Which: an address is an e-mail or a phone; a deal's five are filled where more is said than that they are unknown."]
    wanted: Annotated[int, "How many there should be."]
    filled: Annotated[int, "How many are filled."]


@answer
class AccountCompleteness:
    """One account, with its people and open deals."""

    company: Annotated[Linked | None, Anchor.COMPANY, "The account."]
    wanted: Annotated[int, "How many cells there should be."]
    filled: Annotated[int, "How many are filled."]
    share: Annotated[float, "Filled of wanted, 0 to 1."]
    missing: Annotated[list[Cell], "What is missing somewhere there."]


@answer
class OwnerCompleteness:
    """The accounts of one of our people."""

    owner: Annotated[Linked | None, Anchor.PERSON, "Who owns them; null for accounts that nobody owns."]
    accounts: Annotated[int, "How many accounts."]
    contacts: Annotated[int, "How many people work there."]
    deals: Annotated[int, "How many open deals there are."]
    share: Annotated[float, "Filled of wanted, 0 to 1."]
    cells: Annotated[list[CellCount], "By kind of cell; kinds of which none is wanted are left out."]
    worst: Annotated[list[AccountCompleteness], "Every account, the emptiest first, then by id."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@answer
class DataCompleteness:
    """How complete the data are."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    share: Annotated[float | None, "Filled of wanted over all accounts; null where there is no account."]
    owners: Annotated[list[OwnerCompleteness], "By owner, the emptiest first; accounts that nobody owns last."]


@answer
class CompletenessRows:
    """One row an account: which facts it has, in the order of ``ACCOUNT``; people ``[id, name, title, department, address, role]``; deals."""

    account: Id
    name: str
    owners: list[tuple[Id, str, int, str]]
    facts: list[bool]
    contacts: list[tuple[Id, str, bool, bool, bool, bool]]
    deals: list[tuple[Id, str, list[str]]]


@read
async def completeness_rows(accounts: Sequence[str], most: int) -> list[CompletenessRows]:
    """The rows of these accounts."""
    raise NotImplementedError


class _Counts(NamedTuple):
    wanted: dict[Cell, int]
    filled: dict[Cell, int]

    @classmethod
    def of(cls, rows: Sequence[CompletenessRows]) -> "_Counts":
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


def _cells(row: CompletenessRows) -> Iterator[tuple[Cell, bool]]:
    yield from zip(ACCOUNT, row.facts, strict=True)
    for _, _, *there in row.contacts:
        yield from zip(CONTACT, there, strict=True)
    for _, _, fields in row.deals:
        yield from ((cell, cell.value.removeprefix("DEAL_") in fields) for cell in DEAL)


@root
async def data_completeness(
    store: Reader,
    view: View,
    *,
    filter: Annotated[AccountFilter | None, "Of which accounts; default: of all."] = None,
    owner: Annotated[Id | None, "Only those that this person of ours owns, by any id or alias."] = None,
) -> DataCompleteness:
    """By account owner, which cells that matter are filled. An account counts for the surest of its owners. O(accounts + people + deals)."""
    if owner is not None:
        owner = (await resolved(store, view, Anchor.PERSON, [owner], "owner"))[0]
        if filter is None or filter.owner is None:
            filter = replace(filter or AccountFilter(), owner=[owner])
    asked = await accounts_in(store, view, filter)
    owned: dict[Id | None, list[CompletenessRows]] = defaultdict(list)
    names: dict[Id, str] = {}
    facts: list[tuple[int, str]] = []
    for start in range(0, len(asked), STRETCH):
        for row in await completeness_rows(store, view, asked[start : start + STRETCH], MOST_ROWS):
            mine = row.owners[0] if row.owners else None
            if owner is None or (mine and mine[0] == owner):
                owned[mine[0] if mine else None].append(row)
                if mine:
                    names[mine[0]] = mine[1]
                    facts.append(mine[2:])
    made = [_owner(Linked(id_, names[id_]) if id_ else None, rows, view.language) for id_, rows in owned.items()]
    made.sort(key=lambda one: (one.owner is None, one.share, one.owner.id if one.owner else ""))
    wanted, filled = _Counts.of([row for rows in owned.values() for row in rows]).totals
    key = Id(f"data-completeness/{owner or ''}@{view.as_of}/{view.known_at}")
    return DataCompleteness(key, view.used(facts), filled / wanted if wanted else None, made)


def _owner(owner: Linked | None, rows: Sequence[CompletenessRows], language: str) -> OwnerCompleteness:
    counts = _Counts.of(rows)
    wanted, filled = counts.totals
    accounts = sorted((_account(row) for row in rows), key=lambda one: (one.share, one.company.id if one.company else ""))
    cells = [CellCount(cell, counts.wanted[cell], counts.filled[cell]) for cell in Cell if counts.wanted.get(cell)]
    worst = min(cells, key=lambda cell: (cell.filled / cell.wanted, cell.cell.value))
    share, name = filled / wanted, owner.name if owner else ""
    said = worst.cell.value.replace("_", " ").lower()
    if chinese(language):
        why = f"{name or '无负责人'}：{len(rows)}家客户，必填项完整度{share:.0%}；最缺：{said}（{worst.filled}/{worst.wanted}）。"
    else:
        told = f"{share:.0%} of the cells that matter filled; worst: {said} ({worst.filled} of {worst.wanted})"
        why = f"{name or 'Nobody'}: {len(rows)} accounts, {told}."
    people, deals = sum(len(row.contacts) for row in rows), sum(len(row.deals) for row in rows)
    return OwnerCompleteness(owner, len(rows), people, deals, share, cells, accounts, why)


def _account(row: CompletenessRows) -> AccountCompleteness:
    counts = _Counts.of([row])
    wanted, filled = counts.totals
    return AccountCompleteness(Linked(row.account, row.name), wanted, filled, filled / wanted, counts.missing)
