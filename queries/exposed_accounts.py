"""Which accounts are exposed to a competitor, the worthiest and most exposed first; and what changes when somebody joins it."""

from asyncio import to_thread
from typing import Annotated

import numpy as np

from graph.answer import Id, Linked, answer
from graph.filter import AccountFilter
from graph.measures.exposure import ROOTS
from graph.measures.strength import Floats
from graph.page import Page, Paging, Place, cut
from graph.question import Anchor, costing, paged
from graph.read import Reader
from graph.view import View
from graph.words import chinese, number, numbers
from queries.anchors.entities import resolved, unknown
from queries.committee.market import market_of
from queries.competitor_exposure import LABELS, CompetitorExposure, told_of
from queries.exposed.exposures import Exposures, Supposed
from queries.exposed.rivals import rival_of

LEAST_RISE = 1e-9
"""Smaller differences are those of sums in another order."""


@answer
class ExposedAccount:
    """One account that is exposed, or would be."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    account: Annotated[Linked | None, Anchor.COMPANY, "The account."]
    worth: Annotated[float, "What it is worth to us, 0 to 1."]
    threat: Annotated[float | None, "How exposed it is as known, 0 to 1; null for unknown, which is not safe."]
    at_risk: Annotated[float, "worth x threat; with a mover worth x rise."]
    was: Annotated[float | None, "With a mover: the threat had they not joined; null for unknown."]
    would_be: Annotated[float | None, "With a mover: the threat once they have joined and sit on no committee any more; null without a mover."]
    rise: Annotated[float | None, "With a mover: would be less was, unknown counted as nothing; null without a mover."]
    exposure: Annotated[CompetitorExposure, "As known: why, displacement, and where to begin."]
    why: Annotated[str, "What exposes it most and where to begin, or what a mover changes most, in the language asked for."]


@costing(100)
@paged
async def exposed_accounts(
    store: Reader,
    view: View,
    page: Paging,
    *,
    competitor: Annotated[Id, "To which competitor, by any id or alias."],
    mover: Annotated[Id | None, "Somebody who joined it, or might: only accounts that this exposes, or exposes more, by how much more."] = None,
    filter: Annotated[AccountFilter | None, "Of which accounts; default: of all."] = None,
) -> Page[ExposedAccount]:
    """The accounts that are exposed to a competitor, by worth x threat; with a mover those that become so, with what was and what would be.

    Whoever joins a competitor gives up the roles they hold and keeps whom they know. Accounts of which nothing is known are not listed: they are not
    safe. Ranked by the snapshot, O(accounts + facts); those of the page are told with their evidence.
    """
    market = await market_of(store, view, filter)
    rival = await rival_of(store, view, market.snapshot, competitor)
    found = await Exposures.of(market, view, rival.id)
    known = found.known[0].threat
    had = would = found.known[0]
    who: Linked | None = None
    if mover is not None:
        (id_,) = await resolved(store, view, Anchor.PERSON, [mover], "mover")
        place = found.carrying.place(id_)
        if place < 0:
            raise unknown(Anchor.PERSON, mover, "mover")
        who = found.carrying.linked(place)
        had, would = await to_thread(lambda: [found.supposing(Supposed(place, joined))[0] for joined in (False, True)])
    rise = np.nan_to_num(would.threat) - np.nan_to_num(had.threat)
    rank = market.worth * (np.nan_to_num(known) if who is None else rise)
    listed = np.flatnonzero(~np.isnan(known) if who is None else rise > LEAST_RISE)
    cutting = cut([(Place(-float(rank[at]), market.ids[at]), at) for at in listed.tolist()], page)
    told = await told_of(store, view, found, rival, [at for _, at in cutting.rows])
    rows = []
    for stands, at in cutting.rows:
        if (exposure := told.get(market.ids[at])) is not None:
            score, name = float(rank[at]), f"{market.ids[at]}/exposed/{rival.id}@{view.as_of}/{view.known_at}"
            worth = float(market.worth[at])
            if who is None:
                threat, why = exposure.threat.value, _mostly(exposure, view)
                row = ExposedAccount(Id(name), exposure.account, worth, threat, score, None, None, None, exposure, why)
            else:
                change = float(rise[at])
                before, after = (None if np.isnan(one.threat[at]) else float(one.threat[at]) for one in (had, would))
                why = _moved(had.roots[at], would.roots[at], who, rival, view)
                row = ExposedAccount(Id(name), exposure.account, worth, exposure.threat.value, score, before, after, change, exposure, why)
            rows.append((stands, row))
    return Page(rows, cutting.total, any(one.truncated for one in told.values()))


def _mostly(exposure: CompetitorExposure, view: View) -> str:
    zh, (first, *_) = chinese(view.language), exposure.threat.components
    share = number((first.contribution or 0.0) / (exposure.threat.value or 1.0))
    most = f"主因：{first.label}（占{share}）。" if zh else f"Most of it: {first.label} ({share})."
    begin = [entry.why for entry in exposure.entry_points[:1]]
    return most + "".join(f"切入点：{why}" if zh else f" Where to begin: {why}" for why in begin)


def _moved(had: Floats, would: Floats, who: Linked, rival: Linked, view: View) -> str:
    """Which root rises most once somebody is at a competitor."""
    most = int(np.argmax(would - had))
    label, (before, after) = LABELS[ROOTS[most]], numbers(float(had[most]), float(would[most]))
    if chinese(view.language):
        return f"{who.name}在{rival.name}：{label[1]}由{before}升至{after}。"
    return f"With {who.name} at {rival.name}: {label[0]} goes from {before} to {after}."
