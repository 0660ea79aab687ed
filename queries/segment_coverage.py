"""Coverage of roles across many accounts: the finance people of all banks, the deciders of a region."""

from typing import Annotated

import numpy as np

from graph.answer import Id, answer
from graph.filter import AccountFilter
from graph.measures.coverage import ROLES, Floats, State, Truths, shrunk
from graph.model import BuyingRole
from graph.question import costing, root
from graph.read import Reader
from graph.view import View, ViewUsed
from graph.words import chinese, counted, number, role_name
from queries.committee.divided import DivideBy, parts_of
from queries.committee.market import Market, market_of

SHRINK = 5
"""A cell counts as if so many accounts of the whole filter's coverage stood beside its own (method.md 5.3)."""


@answer
class SegmentCell:
    """One role in one part of the accounts."""

    role: Annotated[BuyingRole, "The role."]
    value: Annotated[float | None, "Coverage, 0 to 1, drawn towards that of all accounts where they are few; null where no account wants the role."]
    bare: Annotated[float | None, "The same not drawn: the mean of the accounts by worth x weight, unknown holders counted as nothing."]
    accounts: Annotated[int, "How many accounts want the role."]
    mapped: Annotated[int, "At how many of them somebody is known to hold it."]
    covered: Annotated[int, "At how many it is covered or deep."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@answer
class Segment:
    """One part of the accounts: a row of the matrix."""

    id: Annotated[Id | None, "The segment, or the value that its accounts share; null for those without one."]
    name: Annotated[str, "What a person would call it; empty for those without one."]
    accounts: Annotated[int, "How many accounts it holds."]
    cells: Annotated[list[SegmentCell], "One a role, in the order of `roles`."]


@answer
class SegmentCoverage:
    """Roles by parts of the accounts."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    by: Annotated[DivideBy, "What divides the accounts."]
    roles: Annotated[list[BuyingRole], "The roles that any account wants, the weightiest over all first."]
    segments: Annotated[list[Segment], "The parts, by name; those without one last. An account stands in every segment that it is in."]
    whole: Annotated[Segment, "All accounts of the filter, each once."]


@costing(30)
@root
async def segment_coverage(
    store: Reader,
    view: View,
    *,
    filter: Annotated[AccountFilter | None, "Of which accounts; default: of all."] = None,
    by: Annotated[DivideBy, "What divides them."] = DivideBy.SEGMENT,
) -> SegmentCoverage:
    """How firmly each role is held in each part of the accounts: roles by segments, few accounts drawn towards all.

    From the snapshot, O(accounts + holders); which accounts a segment means is one read a segment.
    """
    market = await market_of(store, view, filter)
    names, parts = await parts_of(store, view, market, by)
    matrix = _Matrix(market, view.language)
    order = sorted((id_ for id_ in parts if id_ is not None), key=lambda id_: (names[id_], id_)) + ([None] if None in parts else [])
    everybody = np.ones(len(market.ids), bool)
    segments = [matrix.segment(id_, names[id_] if id_ is not None else "", parts[id_]) for id_ in order]
    whole = matrix.segment(None, "", everybody)
    key = Id(f"segment-coverage/{by.value}@{view.as_of}/{view.known_at}")
    return SegmentCoverage(key, view.resting(market.assumed(view)), by, matrix.roles, segments, whole)


class _Matrix:
    """The cells of any part of the accounts."""

    def __init__(self, market: Market, language: str) -> None:
        self.language, found = language, market.found
        self.force: Floats = market.worth[:, None] * market.shares
        self.value, self.mapped, self.covered = np.nan_to_num(found.roles.value), found.state != State.UNMAPPED, found.state <= State.COVERED
        weight = self.force.sum(0)
        places = sorted(np.flatnonzero(weight).tolist(), key=lambda place: (-weight[place], ROLES[place].value))
        self.places, self.roles = places, [ROLES[place] for place in places]
        self.all = self._means(np.ones(len(self.force), bool))

    def _means(self, inside: Truths) -> Floats:
        force = self.force[inside].sum(0)
        made: Floats = np.divide((self.force * self.value)[inside].sum(0), force, out=np.full(len(ROLES), np.nan), where=force > 0)
        return made

    def segment(self, id_: Id | None, name: str, inside: Truths) -> Segment:
        """The row of one part."""
        bare, wants = self._means(inside), self.force[inside] > 0
        counts = wants.sum(0)
        drawn = shrunk(bare, counts, self.all, SHRINK)
        mapped, covered = ((wants & some[inside]).sum(0) for some in (self.mapped, self.covered))
        cells = []
        for place, role in zip(self.places, self.roles, strict=True):
            known = bool(counts[place])
            numbers = (int(counts[place]), int(mapped[place]), int(covered[place]))
            value, own = (float(drawn[place]), float(bare[place])) if known else (None, None)
            cells.append(SegmentCell(role, value, own, *numbers, self._why(role, name, value, *numbers)))
        return Segment(id_, name, int(inside.sum()), cells)

    def _why(self, role: BuyingRole, name: str, value: float | None, accounts: int, mapped: int, covered: int) -> str:
        about, zh = role_name(role, self.language), chinese(self.language)
        if value is None:
            return f"没有客户需要{about}。" if zh else f"No account here wants a {about}."
        where = f"{name}：" if zh and name else f"{name}: " if name else ""
        if zh:
            return f"{where}{about}覆盖度{number(value)}；{accounts}家客户中{mapped}家已知、{covered}家已覆盖。"
        return f"{where}{about} {number(value)}; of {counted(accounts, 'account')} known at {mapped}, covered at {covered}."
