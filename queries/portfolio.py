"""How a portfolio of accounts is made up: how concentrated what they buy is, the size of each part, and how often we win there."""

from typing import Annotated

import numpy as np

from graph.answer import Id, answer
from graph.filter import AccountFilter
from graph.measures.coverage import Truths
from graph.measures.portfolio import gini, top_share
from graph.measures.rates import wilson
from graph.model import Outcome
from graph.question import costing, root
from graph.read import Reader
from graph.snapshot.parts import OUTCOME, Opportunities
from graph.view import View, ViewUsed
from graph.words import chinese, counted
from queries.committee.divided import DivideBy, parts_of
from queries.committee.market import Market, market_of
from queries.dealing.buying import Bought, InCurrency, bought_by

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
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@costing(50)
@root
async def portfolio(
    store: Reader,
    view: View,
    *,
    filter: Annotated[AccountFilter | None, "Of which accounts; default: of all."] = None,
    by: Annotated[DivideBy, "What divides them."] = DivideBy.INDUSTRY,
    currency: InCurrency = None,
) -> Portfolio:
    """Concentration, the size of each part and how often we win there, with intervals; `accountRfm` goes through the accounts.

    Purchases of 24 months are one read of these accounts; deals come from the snapshot. O(accounts + purchases + deals).
    """
    market = await market_of(store, view, filter)
    bought, deals = await bought_by(store, view, market, currency), _Deals(market, view)
    names, parts = await parts_of(store, view, market, by)
    total = float(bought.amount.sum())
    order = sorted((id_ for id_ in parts if id_ is not None), key=lambda id_: (names[id_], id_)) + ([None] if None in parts else [])
    made = [_part(id_, names[id_] if id_ is not None else "", parts[id_], bought, total, deals) for id_ in order]
    held = _concentration(bought, total)
    rate = deals.rate(np.ones(len(market.ids), bool))
    key = Id(f"portfolio/{by.value}@{view.as_of}/{view.known_at}")
    why = _why(held, rate, bought.currency, bought.left_out, view.language)
    return Portfolio(key, view.resting(False), by, bought.currency, bought.left_out, held, rate, made, why)


class _Deals:
    """The deals that ended up to asOf, by account."""

    def __init__(self, market: Market, view: View) -> None:
        deals = market.snapshot[Opportunities]
        number = np.full(len(market.snapshot.companies.known), -1, np.int64)
        number[market.places] = np.arange(len(market.places))
        of = np.where(deals.company >= 0, number[deals.company], -1)
        ended = (of >= 0) & ~deals.open_at(view.as_of)
        size = len(market.places)
        self._won, self._lost = (np.bincount(of[ended & (deals.outcome == code)], minlength=size) for code in (WON, LOST))

    def rate(self, inside: Truths) -> Rate:
        """Of the deals of these accounts."""
        won, lost = int(self._won[inside].sum()), int(self._lost[inside].sum())
        return Rate(*wilson(won, won + lost), won + lost)


def _concentration(bought: Bought, total: float) -> Concentration:
    amounts = bought.amount
    top = {share: top_share(amounts, share) for share in (0.01, 0.05, 0.2)}
    return Concentration(total, len(amounts), int((bought.times > 0).sum()), top[0.01], top[0.05], top[0.2], gini(amounts))


def _part(id_: Id | None, name: str, inside: Truths, bought: Bought, total: float, deals: _Deals) -> PortfolioPart:
    amount = float(bought.amount[inside].sum())
    buying = int((bought.times[inside] > 0).sum())
    return PortfolioPart(id_, name, int(inside.sum()), buying, amount, amount / total if total > 0 else None, deals.rate(inside))


def _why(held: Concentration, rate: Rate, currency: str, left_out: int, language: str) -> str:
    said = _summary(held, rate, currency, language)
    if not left_out:
        return said
    if chinese(language):
        return f"{said}另有{left_out}笔采购为其他币种或金额未知，未计入任何合计。"
    purchases = counted(left_out, "purchase")
    return f"{said} {purchases} in another currency, or without an amount, {'is' if left_out == 1 else 'are'} in no sum."


def _summary(held: Concentration, rate: Rate, currency: str, language: str) -> str:
    zh, accounts = chinese(language), counted(held.accounts, "account")
    if held.buying and held.top_20_percent is None:
        some = f"{held.accounts}家客户中{held.buying}家24个月内有采购，金额未知"
        bought = some if zh else f"{held.buying} of {accounts} bought in 24 months, for amounts that are not known"
    elif held.top_20_percent is None:
        bought = f"{held.accounts}家客户24个月内没有采购" if zh else f"{accounts}, nothing bought in 24 months"
    elif zh:
        bought = f"{held.accounts}家客户中{held.buying}家24个月内采购{held.total:,.0f}{currency}，最大的20%占{held.top_20_percent:.0%}"
    else:
        amount = f"{held.total:,.0f} {currency}".strip()
        bought = f"{held.buying} of {accounts} bought for {amount} in 24 months; the largest 20 % hold {held.top_20_percent:.0%}"
    if rate.value is None:
        return f"{bought}；没有已结束的商机。" if zh else f"{bought}; no deal has ended."
    if zh:
        return f"{bought}；{rate.count}个已结束商机赢单率{rate.value:.0%}（{rate.low:.0%}至{rate.high:.0%}）。"
    return f"{bought}; of {counted(rate.count, 'deal')} that ended {rate.value:.0%} were won ({rate.low:.0%} to {rate.high:.0%})."
