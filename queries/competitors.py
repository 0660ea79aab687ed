"""Competitors across accounts: how often we win against each, what it has installed, and whether that grows."""

from typing import Annotated, NamedTuple

import numpy as np

from graph.answer import Id, Linked, answer
from graph.filter import AccountFilter
from graph.measures.rates import wilson
from graph.measures.strength import DAY, Ints, Truths
from graph.model import Outcome
from graph.question import Anchor, root
from graph.read import Reader
from graph.snapshot.keeper import snapshot_at
from graph.snapshot.parts import OUTCOME, Opportunities, Products, Rivals, Uses
from graph.snapshot.snapshot import Snapshot
from graph.view import View, ViewUsed
from graph.words import chinese
from queries.anchors.accounts import account_ids

YEAR_DAYS = 365
WON, LOST = (OUTCOME.words.index(outcome.value) for outcome in (Outcome.WON, Outcome.LOST))


@answer
class WinRate:
    """How often we won, of the deals that are decided."""

    won: Annotated[int, "Deals won."]
    lost: Annotated[int, "Deals lost."]
    open: Annotated[int, "Deals not decided yet."]
    value: Annotated[float | None, "won / (won + lost); null where none is decided."]
    low: Annotated[float | None, "From here."]
    high: Annotated[float | None, "To here, with 95 % (Wilson)."]


@answer
class CompetitorStanding:
    """One competitor across the accounts."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    competitor: Annotated[Linked | None, Anchor.COMPANY, "The competitor."]
    categories: Annotated[list[str], "Categories in which both it and we sell a product, as written."]
    win_rate: Annotated[WinRate, "Of ours, in the deals where it was seen."]
    installs: Annotated[int, "How many of its products are in use, each account counted for each product."]
    install_share: Annotated[float | None, "Of all installations that are known there, anybody's; null where none is known."]
    installs_before: Annotated[int, "How many were in use 12 months before."]
    momentum: Annotated[float | None, "(installs - installs_before) / installs_before; null where none was in use then."]
    held: Annotated[int, "Accounts where a product of its is in use."]
    gained: Annotated[int, "Accounts of these where none was 12 months before."]
    lost: Annotated[int, "Accounts where one was in use 12 months before, and none is now."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@answer
class Competitors:
    """The competitors that may be seen, and all deals for comparison."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    accounts: Annotated[int, "How many accounts were looked at."]
    win_rate: Annotated[WinRate, "Of all deals there, whoever was seen in them."]
    installs: Annotated[int, "All installations that are known there, anybody's, ours too."]
    competitors: Annotated[
        list[CompetitorStanding], "Those that hold the most accounts first, then by the deals in which they were seen, then by id."
    ]


@root
async def competitors(
    store: Reader, view: View, *, filter: Annotated[AccountFilter | None, "At which accounts; default: at all."] = None
) -> Competitors:
    """Each competitor at these accounts: our win rate against it with its interval, its share of what is installed, and how that moved in 12 months.

    From the snapshot, O(deals + installations). How a deal ended is what is said now; one that closed after asOf counts as open.
    """
    snapshot = await snapshot_at(store, view)
    asked = await account_ids(store, view, filter)
    companies = snapshot.companies
    inside = companies.account & companies.known & snapshot.visible(view)
    if asked is not None:
        inside = np.zeros(len(companies.known), bool)
        inside[[at for id_ in asked if (at := companies.id.find(id_)) >= 0]] = True
    deals, now, before = _Deals.of(snapshot, inside), *(_Installed.of(snapshot, inside, years * YEAR_DAYS) for years in (0, 1))
    rivals = np.flatnonzero(companies.competitor & companies.known & snapshot.visible(view)).tolist()
    told = [_standing(snapshot, int(place), deals, now, before, view) for place in rivals]
    told.sort(key=lambda one: (-one.held, -(one.win_rate.won + one.win_rate.lost + one.win_rate.open), one.key))
    assumed = bool(view.assuming) and bool((snapshot[Uses].assumed & inside[snapshot[Uses].company]).any())
    key = Id(f"competitors@{view.as_of}/{view.known_at}")
    every = np.ones(len(deals.outcome), bool)
    return Competitors(key, view.resting(assumed), int(inside.sum()), deals.rate(every), len(now.company), told)


class _Deals(NamedTuple):
    """Deals at some accounts: their places, how each ended, -1 for not yet, and which competitors were seen in which."""

    place: Ints
    outcome: Ints
    seen: Rivals

    @classmethod
    def of(cls, snapshot: Snapshot, inside: Truths) -> "_Deals":
        deals = snapshot[Opportunities]
        place = np.flatnonzero((deals.company >= 0) & inside[deals.company])
        ended = np.isin(deals.outcome[place], [WON, LOST]) & ~(deals.closing[place] > snapshot.stamp.as_of)
        return cls(place, np.where(ended, deals.outcome[place].astype(np.int64), -1), snapshot[Rivals])

    def against(self, rival: int) -> Truths:
        """The deals in which a competitor was seen."""
        made: Truths = np.isin(self.place, self.seen.opportunity[self.seen.competitor == rival])
        return made

    def rate(self, rows: Truths) -> WinRate:
        """The win rate of these."""
        won, lost = (int((self.outcome[rows] == which).sum()) for which in (WON, LOST))
        return WinRate(won, lost, int(rows.sum()) - won - lost, *wilson(won, won + lost))


class _Installed(NamedTuple):
    """What was in use so many days ago: a row an account and product, and who makes it."""

    company: Ints
    maker: Ints

    @classmethod
    def of(cls, snapshot: Snapshot, inside: Truths, days: int) -> "_Installed":
        uses, at = snapshot[Uses], snapshot.stamp.as_of - days * DAY
        rows = np.flatnonzero(inside[uses.company] & (uses.start <= at) & (at < uses.until))
        pairs = np.unique(np.stack([uses.company[rows], uses.product[rows]]), axis=1)
        return cls(pairs[0].astype(np.int64), snapshot[Products].maker[pairs[1]].astype(np.int64))

    def accounts(self, rival: int) -> set[int]:
        """Where one of a competitor's products was in use."""
        return set(self.company[self.maker == rival].tolist())


def _standing(snapshot: Snapshot, place: int, deals: _Deals, now: _Installed, before: _Installed, view: View) -> CompetitorStanding:
    competitor = Linked(Id(snapshot.companies.id[place]), snapshot.companies.name[place])
    rate = deals.rate(deals.against(place))
    installs, was = int((now.maker == place).sum()), int((before.maker == place).sum())
    held, had = now.accounts(place), before.accounts(place)
    return CompetitorStanding(
        Id(f"{competitor.id}/standing@{view.as_of}/{view.known_at}"),
        competitor,
        _categories(snapshot, place),
        rate,
        installs,
        installs / len(now.company) if len(now.company) else None,
        was,
        (installs - was) / was if was else None,
        len(held),
        len(held - had),
        len(had - held),
        _why(competitor.name, rate, installs, was, len(held), view.language),
    )


def _categories(snapshot: Snapshot, place: int) -> list[str]:
    """Categories of a competitor's products that are some of ours too."""
    products, us = snapshot[Products], snapshot.companies.us

    def sold(rows: Truths) -> set[str]:
        return {name for row in np.flatnonzero(rows).tolist() if (name := products.category[row])}

    return sorted(sold(products.maker == place) & sold((products.maker >= 0) & us[products.maker]))


def _why(name: str, rate: WinRate, installs: int, was: int, held: int, language: str) -> str:
    decided = rate.won + rate.lost
    if chinese(language):
        won = f"{decided}个已决商机中我方赢{rate.won}个（{_percent(rate)}）" if decided else "尚无已决商机"
        return f"{name}：{won}；在{held}家客户有{installs}处安装，一年前{was}处。"
    won = f"we won {rate.won} of {decided} decided deals ({_percent(rate)})" if decided else "no deal against it is decided"
    return f"{name}: {won}; {installs} installed at {held} accounts, {was} a year before."


def _percent(rate: WinRate) -> str:
    return f"{100 * (rate.low or 0):.0f}-{100 * (rate.high or 0):.0f} %"
