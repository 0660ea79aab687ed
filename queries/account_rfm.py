"""Who buys how lately, how often and for how much: recency, frequency and money of each account."""

from asyncio import to_thread
from datetime import datetime
from typing import Annotated

import numpy as np

from graph.answer import Id, Linked, answer
from graph.filter import AccountFilter
from graph.instants import at_moment
from graph.measures.portfolio import rfm
from graph.page import Page, Paging, Place, cut
from graph.question import Anchor, costing, paged
from graph.read import Reader
from graph.score import Missing
from graph.view import View
from queries.committee.market import Market, market_of
from queries.dealing.buying import Bought, InCurrency, bought_by


@answer
class AccountRfm:
    """How lately, how often and for how much an account bought in 24 months."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    company: Annotated[Linked | None, Anchor.COMPANY, "The account."]
    code: Annotated[
        str | None, "Recency, frequency and money, 1 to 5 each (1 to 3 under 20 buying accounts), 5 the best; null where `missing` says why."
    ]
    missing: Annotated[
        Missing | None, "NOT_APPLICABLE where it bought nothing, NO_EVIDENCE where nothing that it bought has an amount in the currency asked for."
    ]
    last_on: Annotated[datetime | None, "When it bought last, in whatever currency."]
    purchases: Annotated[int, "How often, in whatever currency."]
    amount: Annotated[float | None, "For how much, in that currency; 0 where it bought nothing, null where it bought and that is not known."]


@costing(50)
@paged
async def account_rfm(
    store: Reader,
    view: View,
    page: Paging,
    *,
    filter: Annotated[AccountFilter | None, "Of which accounts; default: of all."] = None,
    currency: InCurrency = None,
) -> Page[AccountRfm]:
    """Recency, frequency and money of each account in 24 months, the largest amount first, then by id; `portfolio` sums them up.

    Bins are over the accounts asked for that bought something with an amount. O(n log n) in accounts and purchases.
    """
    market = await market_of(store, view, filter)
    return await to_thread(_page, market, await bought_by(store, view, market, currency), view, page)


def _page(market: Market, bought: Bought, view: View, page: Paging) -> Page[AccountRfm]:
    shown = cut(((Place(-amount, id_), at) for at, (amount, id_) in enumerate(zip(bought.amount.tolist(), market.ids, strict=True))), page)
    priced = np.flatnonzero(bought.priced)
    codes = dict(zip(priced.tolist(), rfm(bought.last[priced], bought.times[priced].astype(float), bought.amount[priced]).tolist(), strict=True))
    return Page([(place, _told(market, bought, at, codes.get(at), view)) for place, at in shown.rows], shown.total)


def _told(market: Market, bought: Bought, at: int, code: list[int] | None, view: View) -> AccountRfm:
    id_, times = market.ids[at], int(bought.times[at])
    missing = None if code else Missing.NO_EVIDENCE if times else Missing.NOT_APPLICABLE
    return AccountRfm(
        Id(f"{id_}/rfm/{bought.currency}@{view.as_of}/{view.known_at}"),
        Linked(id_, market.snapshot.companies.name[int(market.places[at])]),
        "-".join(map(str, code)) if code else None,
        missing,
        at_moment(int(bought.last[at])) if times else None,
        times,
        None if missing is Missing.NO_EVIDENCE else float(bought.amount[at]),
    )
