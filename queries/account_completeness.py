"""Which accounts lack most of the data that matter."""

from asyncio import to_thread
from collections.abc import Iterable
from typing import Annotated

from graph.answer import Id
from graph.filter import AccountFilter
from graph.page import Page, Paging, Place, cut
from graph.question import costing, paged
from graph.read import Reader
from graph.view import View
from queries.dealing.filling import AccountCompleteness, CompletenessRows, Owner, account_completeness_of, completeness


@costing(50)
@paged
async def account_completeness(
    store: Reader,
    view: View,
    page: Paging,
    *,
    filter: Annotated[AccountFilter | None, "Of which accounts; default: of all."] = None,
    owner: Owner = None,
) -> Page[AccountCompleteness]:
    """Every account with what is missing there, the emptiest first, then by id; `dataCompleteness` sums them up by owner.

    O(accounts + people + deals) for each page.
    """
    return await to_thread(_page, [row async for some in completeness(store, view, filter, owner) for row in some], view, page)


def _page(rows: Iterable[CompletenessRows], view: View, page: Paging) -> Page[AccountCompleteness]:
    return cut(((Place(one.share, Id(row.account)), one) for row in rows for one in [account_completeness_of(row, view)]), page)
