"""Competitors across accounts: how often we win against each, what it has installed, and whether that grows."""

from typing import Annotated, NamedTuple

import numpy as np

from graph.answer import Id, Linked, answer
from graph.filter import AccountFilter
from graph.instants import OPEN_START
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

    won: Annotated[int, "Deals won, as is said now, that had closed at asOf."]
    lost: Annotated[int, "Deals lost, as is said now, that had closed at asOf."]
    open: Annotated[int, "Deals not decided at asOf; those of which no day of closing is known too."]
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
    installs_dated: Annotated[int, "How many of those in use have a known start: momentum rests on them alone."]
    installs_before: Annotated[int, "How many with a known start were in use 12 months before."]
    momentum: Annotated[
        float | None, "(installs_dated - installs_before) / installs_before; null where none with a known start was in use then, which is unknown."
    ]
    held: Annotated[int, "Accounts where a product of its is in use."]
    gained: Annotated[int, "Accounts of these where all that is in use began within 12 months."]
    lost: Annotated[int, "Accounts where one with a known start was in use 12 months before, and none is now."]
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

    From the snapshot, O(deals + installations). How a deal ended, and against whom, is what is said now, whatever knownAt is; one that closed after
    asOf, or of whose closing no day is known, counts as open.
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
    assumed = bool(view.assuming) and now.assumed
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
        ended = np.isin(deals.outcome[place], [WON, LOST]) & (deals.closing[place] <= snapshot.stamp.as_of)
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
    """What was in use so many days ago: a row an account and product, who makes it, whether its start is known; and whether any is assumed."""

    company: Ints
    maker: Ints
    dated: Truths
    assumed: bool

    @classmethod
    def of(cls, snapshot: Snapshot, inside: Truths, days: int) -> "_Installed":
        uses, at = snapshot[Uses], snapshot.stamp.as_of - days * DAY
        rows = np.flatnonzero(inside[uses.company] & (uses.start <= at) & (at < uses.until))
        pairs, first = np.unique(np.stack([uses.company[rows], uses.product[rows]]), axis=1, return_inverse=True)
        dated = np.ones(pairs.shape[1], bool)
        np.logical_and.at(dated, first.ravel(), uses.start[rows] > OPEN_START)
        maker = snapshot[Products].maker[pairs[1]].astype(np.int64)
        return cls(pairs[0].astype(np.int64), maker, dated, bool(uses.assumed[rows].any()))

    def of_maker(self, rival: int) -> Truths:
        """The rows of one competitor's products."""
        made: Truths = self.maker == rival
        return made

    def accounts(self, rows: Truths) -> set[int]:
        """The accounts of these."""
        return set(self.company[rows].tolist())


def _standing(snapshot: Snapshot, place: int, deals: _Deals, now: _Installed, before: _Installed, view: View) -> CompetitorStanding:
    competitor = Linked(Id(snapshot.companies.id[place]), snapshot.companies.name[place])
    rate = deals.rate(deals.against(place))
    its, had_its = now.of_maker(place), before.of_maker(place)
    installs, dated, was = int(its.sum()), int((its & now.dated).sum()), int((had_its & before.dated).sum())
    held, undated = now.accounts(its), now.accounts(its & ~now.dated)
    had = before.accounts(had_its & before.dated)
    return CompetitorStanding(
        Id(f"{competitor.id}/standing@{view.as_of}/{view.known_at}"),
        competitor,
        _categories(snapshot, place),
        rate,
        installs,
        installs / len(now.company) if len(now.company) else None,
        dated,
        was,
        (dated - was) / was if was else None,
        len(held),
        len(held - had - undated),
        len(had - held),
        _why(competitor.name, rate, (installs, dated, was), len(held), view.language),
    )


def _categories(snapshot: Snapshot, place: int) -> list[str]:
    """Categories of a competitor's products that are some of ours too."""
    products, us = snapshot[Products], snapshot.companies.us

    def sold(rows: Truths) -> set[str]:
        return {name for row in np.flatnonzero(rows).tolist() if (name := products.category[row])}

    return sorted(sold(products.maker == place) & sold((products.maker >= 0) & us[products.maker]))


def _why(name: str, rate: WinRate, counts: tuple[int, int, int], held: int, language: str) -> str:
    decided, (installs, dated, was) = rate.won + rate.lost, counts
    if chinese(language):
        won = f"{decided}个已决商机中我方赢{rate.won}个（{_percent(rate)}）" if decided else "尚无已决商机"
        then = f"一年前{was}处" if dated == installs else f"其中{dated}处始装日期已知，这类一年前有{was}处" if dated or was else "始装日期均未知"
        return f"{name}：{won}；在{held}家客户有{installs}处安装，{then}。"
    won = f"we won {rate.won} of {decided} decided deals ({_percent(rate)})" if decided else "no deal against it is decided"
    then = f"{was} a year before" if dated == installs else f"{dated} with a known start, of such {was} a year before"
    then = "since when is not known" if not dated and not was and installs else then
    return f"{name}: {won}; {installs} installed at {held} accounts, {then}."


def _percent(rate: WinRate) -> str:
    return f"{100 * (rate.low or 0):.0f}-{100 * (rate.high or 0):.0f} %"
