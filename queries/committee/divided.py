"""What divides accounts: segments, or a value that some of them share."""

from collections.abc import Callable

import numpy as np

from graph.answer import Id, answer
from graph.measures.coverage import Truths
from graph.read import Reader, read
from graph.snapshot.arrays import Texts
from graph.view import View
from graph.worded import Worded
from queries.anchors.accounts import MOST_ACCOUNTS, those_within
from queries.committee.market import Market


class DivideBy(Worded):
    """What divides the accounts."""

    SEGMENT = "SEGMENT", "The segments that planners named."
    INDUSTRY = "INDUSTRY", "Their industry."
    COUNTRY = "COUNTRY", "Their country."
    PROVINCE = "PROVINCE", "Their province."
    TERRITORY = "TERRITORY", "The territory in which they lie."
    TIER = "TIER", "Their tier."


def _texts(name: str) -> Callable[[Market], list[str]]:
    def of(market: Market) -> list[str]:
        column: Texts = getattr(market.snapshot.companies, name)
        return column.take(market.places).list()

    return of


def _tiers(market: Market) -> list[str]:
    return ["" if np.isnan(tier) else str(int(tier)) for tier in market.snapshot.companies.tier[market.places]]


COLUMN = {
    DivideBy.INDUSTRY: _texts("industry"),
    DivideBy.COUNTRY: _texts("country"),
    DivideBy.PROVINCE: _texts("province"),
    DivideBy.TERRITORY: _texts("territory"),
    DivideBy.TIER: _tiers,
}
"""What divides accounts -> its value for each, empty for those without one."""


@answer
class SegmentsFound:
    """One row: the segments ``[id, name, filter]``."""

    segments: list[tuple[Id, str, str]]


@read
async def all_segments(most: int) -> list[SegmentsFound]:
    """Every segment."""
    raise NotImplementedError


async def parts_of(store: Reader, view: View, market: Market, by: DivideBy) -> tuple[dict[Id, str], dict[Id | None, Truths]]:
    """Names of parts, and which accounts are in each."""
    parts: dict[Id | None, Truths] = {}
    names: dict[Id, str] = {}
    if by is DivideBy.SEGMENT:
        place = {account: at for at, account in enumerate(market.ids)}
        segments = (await all_segments(store, view, MOST_ACCOUNTS))[0].segments
        within = await those_within(store, view, [text for _, _, text in segments], market.ids)
        for (id_, name, _), inside in zip(segments, within, strict=True):
            names[id_] = name
            if inside:
                parts[id_] = np.zeros(len(market.ids), bool)
                parts[id_][[place[account] for account in inside]] = True
    else:
        values = np.array(COLUMN[by](market), object)
        for value in sorted(set(values.tolist()) - {""}):
            names[Id(value)], parts[Id(value)] = value, values == value
    alone = ~np.logical_or.reduce(list(parts.values())) if parts else np.ones(len(market.ids), bool)
    if alone.any():
        parts[None] = alone
    return names, parts
