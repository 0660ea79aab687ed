"""How a portfolio of accounts is made up: who buys how lately, how often, for how much, how concentrated that is, and how often we win."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

import numpy as np

from graph.answer import Id, Linked, answer
from graph.filter import AccountFilter
from graph.instants import at_moment
from graph.measures.coverage import Floats, Ints, Truths
from graph.measures.portfolio import gini, rfm, top_share
from graph.measures.rates import wilson
from graph.measures.strength import DAY
from graph.model import Outcome
from graph.question import Anchor, root
from graph.read import Reader, read
from graph.score import Missing
from graph.snapshot.parts import OUTCOME, Opportunities
from graph.view import View, ViewUsed
from graph.words import chinese
from queries.anchors.accounts import MOST_ACCOUNTS
from queries.committee.divided import DivideBy, parts_of
from queries.committee.market import Market, market_of

MONTHS = 24
LOOK_BACK = round(MONTHS * 365.25 / 12) * DAY
"""So far back purchases count."""
WON, LOST = (OUTCOME.words.index(outcome.value) for outcome in (Outcome.WON, Outcome.LOST))


@answer
class Rate:
    """A share that says how sure it is."""

    value: Annotated[float | None, "The share, 0 to 1; null where there was none to count."]
    low: Annotated[float | None, "Lower end of its Wilson interval of 95 %; null with it."]
    high: Annotated[float | None, "Upper end."]
    count: Annotated[int, "Of how many."]


@answer
class Concentration:
    """How much of what is bought rests on few accounts. Shares are null where no amount is known."""

    total: Annotated[float, "What was bought in 24 months, in `currency`."]
    accounts: Annotated[int, "How many accounts the shares are of, those that bought nothing among them."]
    buying: Annotated[int, "How many of them bought, in whatever currency."]
    top_1_percent: Annotated[float | None, "What part the largest 1 % of accounts hold, at least one account."]
    top_5_percent: Annotated[float | None, "The largest 5 %."]
    top_20_percent: Annotated[float | None, "The largest 20 %."]
    gini: Annotated[float | None, "0 where all buy the same, towards 1 where one buys all."]


@answer
class PortfolioPart:
    """One part of the accounts."""

    id: Annotated[Id | None, "The segment, or the value that its accounts share; null for those without one."]
    name: Annotated[str, "What a person would call it; empty for those without one."]
    accounts: Annotated[int, "How many accounts it holds."]
    buying: Annotated[int, "How many of them bought in 24 months, in whatever currency."]
    amount: Annotated[float, "For how much."]
    share: Annotated[float | None, "Its share of all that was bought; null where nothing was."]
    win_rate: Annotated[Rate, "Of deals that ended, those won."]


@answer
class AccountRfm:
    """How lately, how often and for how much an account bought in 24 months."""

    company: Annotated[Linked | None, Anchor.COMPANY, "The account."]
    code: Annotated[
        str | None, "Recency, frequency and money, 1 to 5 each (1 to 3 under 20 buying accounts), 5 the best; null where `missing` says why."
    ]
    missing: Annotated[
        Missing | None, "NOT_APPLICABLE where it bought nothing, NO_EVIDENCE where nothing that it bought has an amount in `currency`."
    ]
    last_on: Annotated[datetime | None, "When it bought last, in whatever currency."]
    purchases: Annotated[int, "How often, in whatever currency."]
    amount: Annotated[float | None, "For how much, in `currency`; 0 where it bought nothing, null where it bought and that is not known."]


@answer
class Portfolio:
    """What a portfolio is made of."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    by: Annotated[DivideBy, "What divides the accounts."]
    currency: Annotated[str, "Of all amounts; empty where the sources name none."]
    left_out: Annotated[int, "Purchases in another currency, or without an amount: not in any sum."]
    concentration: Annotated[Concentration, "Of all accounts."]
    win_rate: Annotated[Rate, "Of all deals that ended, those won."]
    parts: Annotated[list[PortfolioPart], "The parts, by name; those without one last. An account stands in every segment that it is in."]
    accounts: Annotated[list[AccountRfm], "Every account, the largest amount first, then by id."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@answer
class PurchaseRows:
    """One row an account that bought: its purchases ``[instant, amount, currency]``."""

    account: Id
    purchases: list[tuple[int, float | None, str]]


@read
async def account_purchases(accounts: Sequence[str], begin: int, most: int) -> list[PurchaseRows]:
    """The purchases of these accounts."""
    raise NotImplementedError


class _Bought(NamedTuple):
    """Of each account: when last and how often, whatever the currency; for how much, and whether anything has an amount in the one that counts."""

    currency: str
    left_out: int
    last: Floats
    times: Ints
    amount: Floats
    priced: Truths


@root
async def portfolio(
    store: Reader,
    view: View,
    *,
    filter: Annotated[AccountFilter | None, "Of which accounts; default: of all."] = None,
    by: Annotated[DivideBy, "What divides them."] = DivideBy.INDUSTRY,
    currency: Annotated[str | None, "Count what was bought in this currency; default: that of most purchases."] = None,
) -> Portfolio:
    """Concentration, recency-frequency-money, the size of each part and how often we win there, with intervals.

    Purchases of 24 months are one read of these accounts; deals come from the snapshot. O(accounts + purchases + deals).
    """
    market = await market_of(store, view, filter)
    rows = await account_purchases(store, view, market.ids, view.as_of - LOOK_BACK, MOST_ACCOUNTS)
    bought, deals = _bought(market, rows, currency), _Deals(market, view)
    names, parts = await parts_of(store, view, market, by)
    total = float(bought.amount.sum())
    order = sorted((id_ for id_ in parts if id_ is not None), key=lambda id_: (names[id_], id_)) + ([None] if None in parts else [])
    made = [_part(id_, names[id_] if id_ is not None else "", parts[id_], bought, total, deals) for id_ in order]
    held = _concentration(bought, total)
    rate = deals.rate(np.ones(len(market.ids), bool))
    key = Id(f"portfolio/{by.value}@{view.as_of}/{view.known_at}")
    why = _why(held, rate, bought.currency, view.language)
    return Portfolio(key, view.resting(False), by, bought.currency, bought.left_out, held, rate, made, _accounts(market, bought), why)


def _bought(market: Market, rows: Sequence[PurchaseRows], currency: str | None) -> _Bought:
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
    return _Bought(chosen, left_out, last, times, amounts, priced)


class _Deals:
    """The deals that ended up to asOf, by account."""

    def __init__(self, market: Market, view: View) -> None:
        deals = market.snapshot[Opportunities]
        number = np.full(len(market.snapshot.companies.known), -1, np.int64)
        number[market.places] = np.arange(len(market.places))
        of = np.where(deals.company >= 0, number[deals.company], -1)
        ended = (of >= 0) & (np.isnan(deals.closing) | (deals.closing <= view.as_of))
        size = len(market.places)
        self._won, self._lost = (np.bincount(of[ended & (deals.outcome == code)], minlength=size) for code in (WON, LOST))

    def rate(self, inside: Truths) -> Rate:
        """Of the deals of these accounts."""
        won, lost = int(self._won[inside].sum()), int(self._lost[inside].sum())
        return Rate(*wilson(won, won + lost), won + lost)


def _concentration(bought: _Bought, total: float) -> Concentration:
    amounts = bought.amount
    top = {share: top_share(amounts, share) for share in (0.01, 0.05, 0.2)}
    return Concentration(total, len(amounts), int((bought.times > 0).sum()), top[0.01], top[0.05], top[0.2], gini(amounts))


def _part(id_: Id | None, name: str, inside: Truths, bought: _Bought, total: float, deals: _Deals) -> PortfolioPart:
    amount = float(bought.amount[inside].sum())
    buying = int((bought.times[inside] > 0).sum())
    return PortfolioPart(id_, name, int(inside.sum()), buying, amount, amount / total if total > 0 else None, deals.rate(inside))


def _accounts(market: Market, bought: _Bought) -> list[AccountRfm]:
    priced = np.flatnonzero(bought.priced)
    codes = dict(zip(priced.tolist(), rfm(bought.last[priced], bought.times[priced].astype(float), bought.amount[priced]).tolist(), strict=True))
    names = market.snapshot.companies.name.take(market.places).list()
    order = sorted(range(len(market.ids)), key=lambda at: (-bought.amount[at], market.ids[at]))
    made = []
    for at in order:
        code, times = codes.get(at), int(bought.times[at])
        last = at_moment(int(bought.last[at])) if times else None
        told = "-".join(map(str, code)) if code else None
        missing = None if code else Missing.NO_EVIDENCE if times else Missing.NOT_APPLICABLE
        amount = None if missing is Missing.NO_EVIDENCE else float(bought.amount[at])
        made.append(AccountRfm(Linked(market.ids[at], names[at]), told, missing, last, times, amount))
    return made


def _why(held: Concentration, rate: Rate, currency: str, language: str) -> str:
    zh = chinese(language)
    if held.buying and held.top_20_percent is None:
        some = f"{held.accounts}家客户中{held.buying}家24个月内有采购，金额未知"
        bought = some if zh else f"{held.buying} of {held.accounts} accounts bought in 24 months, for amounts that are not known"
    elif held.top_20_percent is None:
        bought = f"{held.accounts}家客户24个月内没有采购" if zh else f"{held.accounts} accounts, nothing bought in 24 months"
    elif zh:
        bought = f"{held.accounts}家客户中{held.buying}家24个月内采购{held.total:,.0f}{currency}，最大的20%占{held.top_20_percent:.0%}"
    else:
        amount = f"{held.total:,.0f} {currency}".strip()
        bought = f"{held.buying} of {held.accounts} accounts bought for {amount} in 24 months; the largest 20 % hold {held.top_20_percent:.0%}"
    if rate.value is None:
        return f"{bought}；没有已结束的商机。" if zh else f"{bought}; no deal has ended."
    if zh:
        return f"{bought}；{rate.count}个已结束商机赢单率{rate.value:.0%}（{rate.low:.0%}至{rate.high:.0%}）。"
    return f"{bought}; of {rate.count} deals that ended {rate.value:.0%} were won ({rate.low:.0%} to {rate.high:.0%})."
