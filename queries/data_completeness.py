"""How complete the data of each account owner are: of the cells that matter, how many are filled, and which are not."""

from asyncio import to_thread
from collections import defaultdict
from collections.abc import Sequence
from heapq import nsmallest
from typing import Annotated

from graph.answer import Id, Linked, answer
from graph.filter import AccountFilter
from graph.question import Anchor, costing, root
from graph.read import Reader
from graph.view import View, ViewUsed
from graph.words import chinese, counted
from queries.dealing.filling import AccountCompleteness, Cell, CompletenessRows, Counts, Owner, account_completeness_of, cell_name, completeness

WORST = 10
"""So many accounts are told with their owner."""


@answer
class CellCount:
    """One kind of cell in one owner's accounts."""

    cell: Annotated[Cell, "Which: an address is an e-mail or a phone; a deal's five are filled where more is said than that they are unknown."]
    wanted: Annotated[int, "How many there should be."]
    filled: Annotated[int, "How many are filled."]


@answer
class OwnerCompleteness:
    """The accounts of one of our people."""

    owner: Annotated[Linked | None, Anchor.PERSON, "Who owns them; null for accounts that nobody owns."]
    accounts: Annotated[int, "How many accounts."]
    contacts: Annotated[int, "How many people work there."]
    deals: Annotated[int, "How many open deals there are."]
    share: Annotated[float, "Filled of wanted, 0 to 1."]
    cells: Annotated[list[CellCount], "By kind of cell; kinds of which none is wanted are left out."]
    worst: Annotated[list[AccountCompleteness], "The ten emptiest, then by id; `accountCompleteness` goes through all."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@answer
class DataCompleteness:
    """How complete the data are."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    share: Annotated[float | None, "Filled of wanted over all accounts; null where there is no account."]
    owners: Annotated[list[OwnerCompleteness], "By owner, the emptiest first; accounts that nobody owns last."]


@costing(100)
@root
async def data_completeness(
    store: Reader,
    view: View,
    *,
    filter: Annotated[AccountFilter | None, "Of which accounts; default: of all."] = None,
    owner: Owner = None,
) -> DataCompleteness:
    """By account owner, which cells that matter are filled. An account counts for the surest of its owners. O(accounts + people + deals)."""
    rows = [row async for some in completeness(store, view, filter, owner) for row in some]
    return await to_thread(_told, rows, view, Id(f"data-completeness/{owner or ''}@{view.as_of}/{view.known_at}"))


def _told(rows: Sequence[CompletenessRows], view: View, key: Id) -> DataCompleteness:
    owned: dict[Id | None, list[CompletenessRows]] = defaultdict(list)
    names: dict[Id, str] = {}
    facts: list[tuple[int, str]] = []
    for row in rows:
        mine = row.owners[0] if row.owners else None
        owned[mine[0] if mine else None].append(row)
        if mine:
            names[mine[0]] = mine[1]
            facts.append(mine[2:])
    made = [_owner(Linked(id_, names[id_]) if id_ else None, some, view) for id_, some in owned.items()]
    made.sort(key=lambda one: (one.owner is None, one.share, one.owner.id if one.owner else ""))
    wanted, filled = (sum(getattr(cell, name) for one in made for cell in one.cells) for name in ("wanted", "filled"))
    return DataCompleteness(key, view.used(facts), filled / wanted if wanted else None, made)


def _owner(owner: Linked | None, rows: Sequence[CompletenessRows], view: View) -> OwnerCompleteness:
    counts, language = Counts.of(rows), view.language
    wanted, filled = counts.totals
    accounts = (account_completeness_of(row, view) for row in rows)
    emptiest = nsmallest(WORST, accounts, key=lambda one: (one.share, one.company.id if one.company else ""))
    cells = [CellCount(cell, counts.wanted[cell], counts.filled[cell]) for cell in Cell if counts.wanted.get(cell)]
    worst = min(cells, key=lambda cell: (cell.filled / cell.wanted, cell.cell.value))
    share, name = filled / wanted, owner.name if owner else ""
    said = cell_name(worst.cell, language)
    if chinese(language):
        why = f"{name or '无负责人'}：{len(rows)}家客户，必填项完整度{share:.0%}；最缺：{said}（{worst.filled}/{worst.wanted}）。"
    else:
        told = f"{share:.0%} of the cells that matter filled; worst: {said} ({worst.filled} of {worst.wanted})"
        why = f"{name or 'Nobody'}: {counted(len(rows), 'account')}, {told}."
    people, deals = sum(len(row.contacts) for row in rows), sum(len(row.deals) for row in rows)
    return OwnerCompleteness(owner, len(rows), people, deals, share, cells, emptiest, why)
