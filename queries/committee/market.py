"""Coverage of many accounts: their default groups, a stretch of accounts at a time, so that neither side ever holds the whole market."""

from asyncio import gather
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

import numpy as np

from graph.measures.coverage import Floats
from graph.read import Reader
from graph.view import View
from queries.committee.cases import Case, cases_of
from queries.committee.covered import Covering
from queries.committee.worth import Worth, worths

STRETCH = 500
"""So many accounts are read at once."""


class Stretch(NamedTuple):
    """Some accounts, and how firmly the roles of each are held, in the same order."""

    accounts: list[Worth]
    covering: Covering

    @property
    def worth(self) -> Floats:
        """What each is worth to us."""
        return np.array([account.value for account in self.accounts])

    @property
    def shares(self) -> Floats:
        """Groups x roles: each role's weight; those of a group sum to 1."""
        weight = self.covering.wants.weight
        total = weight.sum(1, keepdims=True)
        made: Floats = np.divide(weight, total, out=np.zeros(weight.shape), where=total > 0)
        return made


async def stretches(store: Reader, view: View, accounts: Sequence[str]) -> AsyncIterator[Stretch]:
    """These accounts, stretch by stretch, in their order; hidden ones are left out. O(accounts + people + events)."""
    for start in range(0, len(accounts), STRETCH):
        some = accounts[start : start + STRETCH]
        cases, worth = await gather(cases_of(store, view, {id_: (id_, None) for id_ in some}), worths(store, view, some, subsidiaries=False))
        known = {id_: case for id_, case in cases.items() if isinstance(case, Case)}
        yield Stretch([worth[id_][0] for id_ in known], Covering(list(known.values()), view.language))
