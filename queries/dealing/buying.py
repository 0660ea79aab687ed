"""What accounts bought lately: when last, how often and for how much."""

from asyncio import to_thread
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, NamedTuple

import numpy as np

from graph.answer import Id, answer
from graph.measures.coverage import Floats, Ints, Truths
from graph.measures.strength import DAY
from graph.read import Reader, read
from graph.view import View
from queries.anchors.accounts import MOST_ACCOUNTS
from queries.committee.market import Market

MONTHS = 24
LOOK_BACK = round(MONTHS * 365.25 / 12) * DAY
"""So far back purchases count."""
InCurrency = Annotated[str | None, "Count what was bought in this currency; default: that of most purchases."]


@answer
class PurchaseRows:
    """One row an account that bought: its purchases ``[instant, amount, currency]``."""

    account: Id
    purchases: list[tuple[int, float | None, str]]


@read
async def account_purchases(accounts: Sequence[str], begin: int, most: int) -> list[PurchaseRows]:
    """The purchases of these accounts."""
    raise NotImplementedError


class Bought(NamedTuple):
    """Of each account: when last and how often, whatever the currency; for how much, and whether anything has an amount in the one that counts."""

    currency: str
    left_out: int
    last: Floats
    times: Ints
    amount: Floats
    priced: Truths


async def bought_by(store: Reader, view: View, market: Market, currency: str | None) -> Bought:
    """What the accounts of a market bought, in the order of its ids; one read. O(accounts + purchases)."""
    rows = await account_purchases(store, view, market.ids, view.as_of - LOOK_BACK, MOST_ACCOUNTS)
    return await to_thread(_bought, market, rows, currency)


def _bought(market: Market, rows: Sequence[PurchaseRows], currency: str | None) -> Bought:
    said = Counter(code for row in rows for _, amount, code in row.purchases if amount is not None)
    chosen = currency if currency is not None else min(said, key=lambda code: (-said[code], code), default="")
    place = {id_: at for at, id_ in enumerate(market.ids)}
    last, times, amounts = np.full(len(place), np.nan), np.zeros(len(place), np.int64), np.zeros(len(place))
    priced, left_out = np.zeros(len(place), bool), 0
    for row in rows:
        counted = [amount for _, amount, code in row.purchases if amount is not None and code == chosen]
        left_out += len(row.purchases) - len(counted)
        at = place[row.account]
        last[at], times[at] = max(when for when, *_ in row.purchases), len(row.purchases)
        amounts[at], priced[at] = sum(counted), bool(counted)
    return Bought(chosen, left_out, last, times, amounts, priced)
