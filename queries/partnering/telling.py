"""What of partners is told to whom: a steward all of it, others what follows from counts that they may be shown."""

from math import ceil, floor, log10

import numpy as np

from graph.lazy import cached_property
from graph.measures.partners import Matrix, Parts
from graph.measures.small_cells import SMALL, Shown, Table, guarded, part_of
from graph.measures.strength import Floats, Ints, Truths
from queries.partnering.fit import Fit


def rough(share: float, *, up: bool = False) -> float:
    """A share to one figure, as near as can be or ``up``: so few figures that no count behind it follows."""
    if not share > 0:
        return share
    places = -floor(log10(share))
    scale = 10.0**places
    return ceil(share * scale - 1e-9) / scale if up else round(share, places)


class Telling:
    """Of the partners of a fit what may be told."""

    def __init__(self, fit: Fit, *, steward: bool) -> None:
        self.fit, self.steward = fit, steward

    def table(self, row: int) -> Table:
        """The overlap with a partner."""
        return guarded(self.fit.grids[row].tolist(), open_=self.steward)

    def told(self, row: int) -> bool:
        """Whether all that both have and all that the partner has is told, and so what rests on the two."""
        table = self.table(row)
        return table.shared.value is not None and table.theirs.value is not None

    def against(self, row: int) -> Shown:
        """At how many shared accounts the partner sells what a competitor makes."""
        return part_of(int(self.fit.against[row]), self.table(row).shared, open_=self.steward)

    def parts(self, row: int) -> Parts:
        """The parts of the score of one partner; a hidden conflict counts as none or as all, whichever is nearer."""
        parts, shared = self.fit.parts, self.fit.overlap.shared[row]
        if self.steward:
            return Parts(*(column[[row]] for column in parts))
        conflict = float(parts.conflict[row])
        if self.against(row).value is None and shared:
            conflict = 0.0 if self.fit.against[row] < SMALL else 1.0
        told = self.told(row)
        alike, lift = (rough(float(parts.similarity[row])), parts.lift[row]) if told else (np.nan, np.nan)
        return Parts(*(np.array([value]) for value in (alike, lift, self.complement[row], parts.relation[row], conflict)))

    @cached_property
    def some(self) -> Truths:
        """Of which partners it is told that they open anything: of at least five of the roles that we lack."""
        opened, lacks = self.fit.opened, self.fit.gaps.missing > 0
        return self.steward | ((opened > 0) @ lacks.astype(np.int64) >= SMALL)

    @cached_property
    def opened(self) -> Matrix:
        """Partners x (account, role): the chance that the partner opens it, nothing where it is not told that it opens any."""
        opened = self.fit.opened.copy()
        opened.data[~np.repeat(self.some, np.diff(opened.indptr))] = 0.0
        opened.eliminate_zeros()
        return opened

    @cached_property
    def complement(self) -> Floats:
        """The share of what we lack that each partner can open; NaN where it is not told."""
        whole = self.fit.parts.complement
        return whole if self.steward else np.where(self.some, [rough(float(share)) for share in whole], np.nan)

    @cached_property
    def order(self) -> Ints:
        """The partners, the best first, by what is told of them, so that their order tells no more."""
        if self.steward:
            return self.fit.order
        rank = np.nan_to_num(self.complement)
        for row in np.flatnonzero(self.fit.overlap.enough).tolist():
            if self.told(row):
                rank[row] = 2 + float(self.parts(row).weighed().sum())
        return np.lexsort((self.fit.partners, -rank))
