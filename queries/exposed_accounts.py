"""Which accounts are exposed to a competitor, the worthiest and most exposed first; and what changes when somebody joins it."""

from asyncio import to_thread
from typing import Annotated

import numpy as np

from graph.answer import Id, Linked, answer
from graph.filter import AccountFilter
from graph.measures.strength import Floats
from graph.page import Page, Paging, Place, cut
from graph.question import Anchor, costing, paged
from graph.read import Reader
from graph.view import View
from graph.words import chinese, number
from queries.anchors.entities import resolved, unknown
from queries.committee.market import market_of
from queries.competitor_exposure import CompetitorExposure, told_of
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
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


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
    was = would_be = known
    who: Linked | None = None
    if mover is not None:
        (id_,) = await resolved(store, view, Anchor.PERSON, [mover], "mover")
        place = found.carrying.place(id_)
        if place < 0:
            raise unknown(Anchor.PERSON, mover, "mover")
        who = found.carrying.linked(place)
        was, would_be = await to_thread(lambda: [found.supposing(Supposed(place, joined))[0].threat for joined in (False, True)])
    rise = np.nan_to_num(would_be) - np.nan_to_num(was)
    rank = market.worth * (np.nan_to_num(known) if who is None else rise)
    listed = np.flatnonzero(~np.isnan(known) if who is None else rise > LEAST_RISE)
    cutting = cut([(Place(-float(rank[at]), market.ids[at]), at) for at in listed.tolist()], page)
    told = await told_of(store, view, found, rival, [at for _, at in cutting.rows])
    rows = []
    for stands, at in cutting.rows:
        if (exposure := told.get(market.ids[at])) is not None:
            rows.append((stands, _told(found, at, exposure, rank, (was, would_be, rise), who, rival, view)))
    return Page(rows, cutting.total, any(one.truncated for one in told.values()))


def _told(
    found: Exposures,
    at: int,
    exposure: CompetitorExposure,
    rank: Floats,
    moved: tuple[Floats, Floats, Floats],
    who: Linked | None,
    rival: Linked,
    view: View,
) -> ExposedAccount:
    was, would_be, rise = (None if np.isnan(one[at]) or who is None else float(one[at]) for one in moved)
    account, zh = exposure.account, chinese(view.language)
    name = account.name if account else ""
    if who is None:
        why = exposure.threat.why if zh else f"{name}: {exposure.threat.why}"
    elif zh:
        why = f"若{who.name}加入{rival.name}，{name}的暴露度由{number(was) if was is not None else '未知'}升至{number(would_be or 0.0)}。"
    else:
        before = number(was) if was is not None else "unknown"
        why = f"{name}: with {who.name} at {rival.name} exposure goes from {before} to {number(would_be or 0.0)}."
    worth = float(found.market.worth[at])
    return ExposedAccount(
        Id(f"{found.market.ids[at]}/exposed/{rival.id}@{view.as_of}/{view.known_at}"),
        account,
        worth,
        exposure.threat.value,
        float(rank[at]),
        was,
        would_be,
        rise,
        exposure,
        why,
    )
