"""Which competitor came nearer to accounts of late, and by how much."""

from asyncio import to_thread
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from graph.answer import Id, Linked
from graph.measures.lifecycle import grown
from graph.read import Reader
from graph.snapshot.dealings import Dealings
from graph.snapshot.parts import Products, Uses
from graph.view import View
from queries.committee.market import Market, market_with
from queries.exposed.exposures import Exposures
from queries.reaching.carrying import Carrying


class Growth(NamedTuple):
    """The competitor that came nearest, and by which share of what it had not yet taken."""

    rival: Linked
    value: float


async def growth_of(store: Reader, view: View, accounts: Sequence[str], days: float) -> Mapping[str, Growth]:
    """Account -> what grew most within so many days of what competitors have installed there and of what its people took part in; nothing for an
    account of which neither is known. By who decides there now. O(facts) a competitor that is known at any of these accounts.
    """
    market = await market_with(store, view, accounts)
    return await to_thread(_growth, market, await Carrying.of(market.snapshot, view), view, days)


def _growth(market: Market, carrying: Carrying, view: View, days: float) -> Mapping[str, Growth]:
    snapshot = market.snapshot
    uses, products, here = snapshot[Uses], snapshot[Products], np.zeros(len(snapshot.companies.known), bool)
    here[market.places] = True
    seen = snapshot.companies.competitor
    people = np.unique(market.people)
    found = np.union1d(products.maker[uses.product[here[uses.company]]], snapshot[Dealings].company[np.isin(snapshot[Dealings].person, people)])
    best: dict[str, Growth] = {}
    for place in found[found >= 0].tolist():
        if not seen[place]:
            continue
        rival = Linked(Id(snapshot.companies.id[place]), str(snapshot.companies.name[place]))
        now = Exposures(market, carrying, rival.id, view)
        for account, before, after in zip(market.ids, np.nan_to_num(now.earlier(days).dated), now.dated, strict=True):
            if not np.isnan(after) and (account not in best or grown(before, after) > best[account].value):
                best[account] = Growth(rival, grown(float(before), float(after)))
    return best
