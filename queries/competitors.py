"""Competitors across accounts: how often we win against each, what it has installed, and whether that grows."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

import numpy as np

from graph.answer import Id, Linked, answer
from graph.filter import AccountFilter
from graph.instants import OPEN_START
from graph.measures.rates import Share, wilson
from graph.measures.small_cells import SMALL, Shown, part_of
from graph.measures.strength import DAY, Ints, Truths
from graph.model import Outcome
from graph.question import Anchor, costing, root
from graph.read import Reader
from graph.snapshot.keeper import snapshot_at
from graph.snapshot.parts import OUTCOME, Opportunities, Products, Rivals, Uses
from graph.snapshot.snapshot import Snapshot
from graph.view import View, ViewUsed
from graph.words import chinese, counted
from queries.anchors.accounts import account_ids

YEAR_DAYS = 365
WON, LOST = (OUTCOME.words.index(outcome.value) for outcome in (Outcome.WON, Outcome.LOST))


@answer
class StandingCount:
    """A count as it may be shown: to others than stewards none below five, nor one from which such a one would follow."""

    value: Annotated[int | None, "The number; null where it is not told."]
    text: Annotated[str, "The number; `< 5`; or `5+` or `hidden` where it is kept back so that another stays hidden."]

    @classmethod
    def of(cls, shown: Shown) -> "StandingCount":
        """A count that was guarded."""
        return cls(shown.value, shown.text)


@answer
class WinRate:
    """How often we won, of the deals that are decided; the rate is told where both its counts are."""

    won: Annotated[StandingCount, "Deals won, as is said now, that had closed at asOf."]
    lost: Annotated[StandingCount, "Deals lost, as is said now, that had closed at asOf."]
    open: Annotated[StandingCount, "Deals not decided at asOf; those of which no day of closing is known too."]
    value: Annotated[float | None, "won / (won + lost); null where none is decided, or it is not told."]
    low: Annotated[float | None, "From here."]
    high: Annotated[float | None, "To here, with 95 % (Wilson)."]


@answer
class CompetitorStanding:
    """One competitor across the accounts."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    competitor: Annotated[Linked | None, Anchor.COMPANY, "The competitor."]
    categories: Annotated[list[str], "Categories in which both it and we sell a product, as written."]
    win_rate: Annotated[WinRate, "Of ours, in the deals where it was seen."]
    installs: Annotated[StandingCount, "How many of its products are in use, each account counted for each product."]
    install_share: Annotated[float | None, "Of all installations that are known there, anybody's; null where none is known, or it is not told."]
    installs_dated: Annotated[StandingCount, "How many of those in use have a known start: momentum rests on them alone."]
    installs_before: Annotated[StandingCount, "How many with a known start were in use 12 months before."]
    momentum: Annotated[
        float | None,
        "(installs_dated - installs_before) / installs_before; null where none of known start was in use then (unknown), or it is not told.",
    ]
    held: Annotated[StandingCount, "Accounts where a product of its is in use."]
    gained: Annotated[StandingCount, "Accounts of these where all that is in use began within 12 months."]
    lost: Annotated[StandingCount, "Accounts where one with a known start was in use 12 months before, and none is now."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@answer
class Competitors:
    """The competitors that may be seen, and all deals for comparison."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    accounts: Annotated[int, "How many accounts were looked at."]
    win_rate: Annotated[WinRate, "Of all deals there, whoever was seen in them."]
    installs: Annotated[StandingCount, "All installations that are known there, anybody's, ours too."]
    competitors: Annotated[
        list[CompetitorStanding],
        "Those that hold the most accounts first as far as that is told, then by the deals in which they were seen, then by id.",
    ]


@costing(30)
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
    inside = companies.account & companies.known
    if asked is not None:
        inside = np.zeros(len(companies.known), bool)
        inside[[at for id_ in asked if (at := companies.id.find(id_)) >= 0]] = True
    deals, now, before = _Deals.of(snapshot, inside), *(_Installed.of(snapshot, inside, years * YEAR_DAYS) for years in (0, 1))
    rivals = np.flatnonzero(companies.competitor & companies.known).tolist()
    found = [(int(place), deals.counts(deals.against(place)), int(now.of_maker(place).sum())) for place in rivals]
    every = deals.counts(np.ones(len(deals.outcome), bool))
    rate = _rate([_whole(count, [counts[at] for _, counts, _ in found], view.steward) for at, count in enumerate(every)])
    installs = _whole(len(now.company), [count for _, _, count in found], view.steward)
    told = [_standing(snapshot, place, [_alone(count, view.steward) for count in counts], installs, now, before, view) for place, counts, _ in found]
    told.sort(
        key=lambda one: (
            -(one.held.value or 0),
            -sum(count.value or 0 for count in (one.win_rate.won, one.win_rate.lost, one.win_rate.open)),
            one.key,
        )
    )
    key = Id(f"competitors@{view.as_of}/{view.known_at}")
    used = view.resting(bool(view.assuming) and now.assumed)
    return Competitors(key, used, int(inside.sum()), rate, StandingCount.of(installs), told)


def _alone(count: int, steward: bool) -> Shown:
    """A count that no other gives away."""
    return Shown(count if steward or count >= SMALL else None, count < SMALL)


def _whole(count: int, parts: Sequence[int], steward: bool) -> Shown:
    """A sum: told where no part is small, nor what is left of it beside all of them."""
    if steward or not parts:
        return _alone(count, steward)
    if count < SMALL:
        return Shown(None, True)
    return Shown(count, False) if min(parts) >= SMALL and count - sum(parts) >= SMALL else Shown(None, False)


def _rate(counts: Sequence[Shown]) -> WinRate:
    """The win rate of deals won, lost and open."""
    won, lost, open_ = counts
    share = wilson(won.value, won.value + lost.value) if won.value is not None and lost.value is not None else Share(None, None, None)
    return WinRate(StandingCount.of(won), StandingCount.of(lost), StandingCount.of(open_), *share)


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

    def counts(self, rows: Truths) -> tuple[int, int, int]:
        """How many of these were won and lost, and are open."""
        won, lost = (int((self.outcome[rows] == which).sum()) for which in (WON, LOST))
        return won, lost, int(rows.sum()) - won - lost


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


def _standing(
    snapshot: Snapshot, place: int, deals: Sequence[Shown], whole: Shown, now: _Installed, before: _Installed, view: View
) -> CompetitorStanding:
    competitor = Linked(Id(snapshot.companies.id[place]), snapshot.companies.name[place])
    its, had_its = now.of_maker(place), before.of_maker(place)
    undated, had = now.accounts(its & ~now.dated), before.accounts(had_its & before.dated)
    holds = now.accounts(its)
    installs, was, held, lost = (
        _alone(count, view.steward) for count in (int(its.sum()), int((had_its & before.dated).sum()), len(holds), len(had - holds))
    )
    dated = part_of(int((its & now.dated).sum()), installs, open_=view.steward) if undated else installs
    gained = part_of(len(holds - had - undated), held, open_=view.steward)
    rate = _rate(deals)
    return CompetitorStanding(
        Id(f"{competitor.id}/standing@{view.as_of}/{view.known_at}"),
        competitor,
        _categories(snapshot, place),
        rate,
        StandingCount.of(installs),
        installs.value / whole.value if installs.value is not None and whole.value else None,
        StandingCount.of(dated),
        StandingCount.of(was),
        (dated.value - was.value) / was.value if dated.value is not None and was.value else None,
        StandingCount.of(held),
        StandingCount.of(gained),
        StandingCount.of(lost),
        _why(competitor.name, rate, (installs, dated, was), held, view.language),
    )


def _categories(snapshot: Snapshot, place: int) -> list[str]:
    """Categories of a competitor's products that are some of ours too."""
    products, us = snapshot[Products], snapshot.companies.us

    def sold(rows: Truths) -> set[str]:
        return {name for row in np.flatnonzero(rows).tolist() if (name := products.category[row])}

    return sorted(sold(products.maker == place) & sold((products.maker >= 0) & us[products.maker]))


def _why(name: str, rate: WinRate, counts: tuple[Shown, Shown, Shown], held: Shown, language: str) -> str:
    (installs, dated, was), zh = counts, chinese(language)
    told = rate.won.value is not None and rate.lost.value is not None
    decided = (rate.won.value or 0) + (rate.lost.value or 0)
    if not told:
        won = f"我方赢{rate.won.text}个、输{rate.lost.text}个" if zh else f"we won {rate.won.text} and lost {counted(rate.lost.text, 'deal')}"
    elif not decided:
        won = "尚无已决商机" if zh else "no deal against it is decided"
    elif zh:
        won = f"{decided}个已决商机中我方赢{rate.won.text}个（{_percent(rate)}）"
    else:
        won = f"we won {rate.won.text} of {counted(decided, 'decided deal')} ({_percent(rate)})"
    if dated == installs:
        then = f"一年前{was.text}处" if zh else f"{was.text} a year before"
    elif dated.value == 0 and was.value == 0:
        then = "始装日期均未知" if zh else "since when is not known"
    else:
        then = (
            f"其中{dated.text}处始装日期已知，这类一年前有{was.text}处"
            if zh
            else f"{dated.text} with a known start, of such {was.text} a year before"
        )
    if zh:
        return f"{name}：{won}；在{held.text}家客户有{installs.text}处安装，{then}。"
    return f"{name}: {won}; {installs.text} installed at {counted(held.text, 'account')}, {then}."


def _percent(rate: WinRate) -> str:
    return f"{100 * (rate.low or 0):.0f}-{100 * (rate.high or 0):.0f} %"
