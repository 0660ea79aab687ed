"""Which partners to market with: whose accounts resemble and overlap ours, who opens what is closed to us, and who sells against us."""

from asyncio import to_thread
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from graph.answer import Id, Linked, answer
from graph.filter import AccountFilter
from graph.measures.coverage import ROLES
from graph.measures.partners import DEFAULTS, FORMULA, by_chance
from graph.measures.small_cells import SMALL, Shown, part_of
from graph.measures.strength import Floats
from graph.model import BuyingRole
from graph.page import Page, Paging, Place
from graph.question import Anchor, costing, paged
from graph.read import Reader
from graph.score import Component, Missing, Score
from graph.view import View
from graph.words import chinese, counted, number, percent, role_name
from queries.partnering.fit import Fit
from queries.partnering.telling import Telling
from queries.partnering.told import AccountCount, NetNew, OverlapCell, OverlapTotal, cells_of, count_of, net_new, totals_of

SHOWN = 20
"""So many net-new accounts are named."""
CODES = ("SIMILARITY", "LIFT", "COMPLEMENT", "RELATION", "CONFLICT")
LABELS = {
    "SIMILARITY": ("accounts like ours", "客户画像相似度"),
    "LIFT": ("shares more accounts than by chance", "共同客户高于随机"),
    "COMPLEMENT": ("opens what is closed to us", "可打开的覆盖缺口"),
    "RELATION": ("is known to us", "与我方的关系"),
    "CONFLICT": ("sells for competitors there", "代理竞品的冲突"),
}


@answer
class Overlap:
    """How much of two lists of accounts is shared; of fewer than five shared a steward alone is told, as of lists that would give a count away."""

    jaccard: Annotated[float | None, "Shared of all that either has; null where it is not told."]
    containment: Annotated[float | None, "Shared of the shorter list."]
    share: Annotated[float | None, "Of the partner's accounts those that are ours."]
    share_low: Annotated[float | None, "From where on that share lies with 95 % (Beta)."]
    share_high: Annotated[float | None, "Until where it does."]
    lift: Annotated[float | None, "How many times as many are shared as by chance, drawn towards 1 as by five more shared and five more expected."]
    lift_low: Annotated[float | None, "From where on it lies with 95 % (Gamma)."]
    lift_high: Annotated[float | None, "Until where it does."]
    by_chance: Annotated[float | None, "The chance that so many or more were shared, were both lists drawn at random (hypergeometric)."]


@answer
class OpenedRole:
    """A role that is a gap of ours at some accounts, and at how many of them the partner opens it."""

    role: Annotated[BuyingRole, "The role."]
    accounts: Annotated[AccountCount, "At so many gaps a holder is reached through the partner's own people with a chance of 0.2 or more."]
    gaps: Annotated[int, "At so many accounts of ours the role is not covered."]


@answer
class RivalSold:
    """A competitor for whom the partner sells."""

    competitor: Annotated[Linked | None, Anchor.COMPANY, "Which."]
    accounts: Annotated[AccountCount, "At so many accounts that both have."]


@answer
class CoMarketingPartner:
    """A partner beside us."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    partner: Annotated[Linked | None, Anchor.COMPANY, "Who."]
    score: Annotated[
        Score,
        "0.30 similarity + 0.20 lift + 0.35 complement + 0.15 relation, less 0.7 x conflict of that; "
        "TOO_FEW where fewer than ten accounts are shared, RESTRICTED where a hidden count would follow from it.",
    ]
    similarity: Annotated[
        float | None,
        "1 less the divergence (Jensen-Shannon) of both lists by industry, size and region; null for unknown; to others than stewards to one figure.",
    ]
    overlap: Annotated[Overlap, "How much of both lists is shared."]
    complement: Annotated[
        float | None,
        "The share of what we lack that the partner can open through its own people; null where we lack nothing. "
        "To others than stewards to one figure, and null where it is of fewer than five roles.",
    ]
    relation: Annotated[
        float | None, "How strong the strongest relationship between one of us and one of theirs who may be contacted is; null for none."
    ]
    ours: Annotated[Linked | None, Anchor.PERSON, "Who of us has it."]
    theirs: Annotated[Linked | None, Anchor.PERSON, "With whom of theirs."]
    conflict: Annotated[float | None, "The share of shared accounts at which the partner sells what a competitor makes; null where it is not told."]
    rivals: Annotated[
        list[RivalSold], "For which competitors, and at how many, the most first; others than stewards are told where it is one, at five or more."
    ]
    shared: Annotated[AccountCount, "Companies that are a customer or a target of both."]
    accounts: Annotated[AccountCount, "All customers and targets of the partner."]
    cells: Annotated[list[OverlapCell], "What companies are to us and to the partner; accounts of ours that were not asked about are left out."]
    our_totals: Annotated[list[OverlapTotal], "The sums of our side."]
    their_totals: Annotated[list[OverlapTotal], "The sums of the partner's side."]
    net_new: Annotated[AccountCount, "Customers and targets of the partner that are no account of ours."]
    net_new_fitting: Annotated[AccountCount, "Those of an industry, size and region in which we have accounts."]
    net_new_accounts: Annotated[list[NetNew], "The first twenty of these, their customers first; named to stewards alone."]
    opens: Annotated[list[OpenedRole], "The roles that are gaps of ours, those that the partner opens most first."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@costing(100)
@paged
async def co_marketing_partners(
    store: Reader,
    view: View,
    page: Paging,
    *,
    filter: Annotated[AccountFilter | None, "Beside these accounts of ours; default: beside all."] = None,
) -> Page[CoMarketingPartner]:
    """Partners to market with, the best first; those with fewer than ten accounts in common last, by what they would open.

    From the snapshot: O(companies + accounts of partners + edges at those whom their people reach).
    """
    fit = await Fit.of(store, view, filter)
    telling = Telling(fit, steward=view.steward)
    order = (await to_thread(lambda: telling.order)).tolist()
    after = int(page.after.key) if page.after and isinstance(page.after.key, int | float) else -1
    shown = list(enumerate(order))[after + 1 :][: page.first + 1]
    told = await to_thread(lambda: [(Place(at, fit.company(int(fit.partners[row])).id), _Told(telling, row, view).answer()) for at, row in shown])
    return Page(told, len(order))


@dataclass
class _Told:
    """One partner, told to who asks: all that others than stewards see follows from what they may be shown."""

    telling: Telling
    row: int
    view: View

    def __post_init__(self) -> None:
        telling, row = self.telling, self.row
        self.fit, self.steward, self.table = telling.fit, telling.steward, telling.table(row)
        self.shared = int(self.fit.overlap.shared[row])
        self.told, self.against, self.parts = telling.told(row), telling.against(row), telling.parts(row)

    def answer(self) -> CoMarketingPartner:
        """All that is to be said."""
        fit, row, parts = self.fit, self.row, self.parts
        partner = fit.company(int(fit.partners[row]))
        ours, theirs = fit.closest(row) or (None, None)
        new, (_, fitting) = self.table.net_new, fit.net_new(row)
        opened = self._opened()
        rivals = [RivalSold(fit.company(maker), count_of(shown)) for maker, shown in self._rivals()]
        why = self._why(partner.name, opened)
        lists = [Shown(int(count), bool(count < SMALL)) for count in fit.grids[row][:3].sum(1)]
        own = lists if self.steward else [Shown(None, True) if one.small else one for one in lists]
        return CoMarketingPartner(
            Id(f"{partner.id}/partner@{self.view.as_of}/{self.view.known_at}"),
            partner,
            self._score(why),
            _known(parts.similarity),
            self._overlap(),
            _known(parts.complement),
            _known(parts.relation),
            ours,
            theirs,
            float(parts.conflict[0]) if self.against.value is not None and self.shared else None,
            rivals,
            count_of(self.table.shared),
            count_of(self.table.theirs),
            cells_of(self.table),
            totals_of(own),
            totals_of(self.table.columns),
            count_of(new),
            count_of(part_of(int(fitting.sum()), new, open_=self.steward)),
            net_new(fit, row, SHOWN) if self.steward else [],
            opened,
            why,
        )

    def _overlap(self) -> Overlap:
        over, row = self.fit.overlap, self.row
        if not self.told:
            return Overlap(*[None] * 9)
        between = over.between(np.array([row]))
        share = [_known(column) for column in (over.share[row : row + 1], between.share_low, between.share_high)]
        lift = [_known(column) for column in (over.lift[row : row + 1], between.lift_low, between.lift_high)]
        told = [_known(over.jaccard[row : row + 1]), _known(over.containment[row : row + 1]), *share, *lift]
        chance = by_chance(self.shared, over.ours, int(over.theirs[row]), over.market) if told[0] is not None else None
        return Overlap(*[*told, chance])

    def _opened(self) -> list[OpenedRole]:
        gaps = self.fit.lacking
        row = self.fit.opened[[self.row]].toarray().reshape(gaps.shape) if gaps.size else np.zeros(gaps.shape)
        there, opened = gaps.sum(0), ((row >= DEFAULTS.opened) & gaps).sum(0)
        order = sorted(np.flatnonzero(there).tolist(), key=lambda role: (-opened[role], -there[role], role))
        told = [(role, part_of(int(opened[role]), Shown(int(there[role]), False), open_=self.steward)) for role in order]
        if not self.steward:
            told.sort(key=lambda one: (-(one[1].value or 0), one[0]))
        return [OpenedRole(ROLES[role], count_of(shown), int(there[role])) for role, shown in told]

    def _rivals(self) -> list[tuple[int, Shown]]:
        """Of several competitors the counts would tell at how many accounts two of them are sold."""
        found = self.fit.sold_for(self.row)
        if not self.steward and (len(found) > 1 or self.against.value is None):
            return []
        return [(maker, Shown(count, count < SMALL)) for maker, count in found.items()]

    def _score(self, why: str) -> Score:
        zh, parts = chinese(self.view.language), self.parts
        given = parts.weighed()[:, 0].tolist()
        weights = DEFAULTS.weights
        shares = (weights.similarity, weights.lift, weights.complement, weights.relation, -DEFAULTS.conflict_penalty)
        values = [_known(column) for column in (parts.similarity, parts.lifted, parts.complement, parts.relation)]
        values.append(float(parts.conflict[0]) if self.against.value is not None else None)
        components = [
            Component(code, LABELS[code][zh], value, weight, part, []) for code, value, weight, part in zip(CODES, values, shares, given, strict=True)
        ]
        if not self.told:
            return FORMULA.missing(Missing.RESTRICTED, why)
        if self.shared < DEFAULTS.min_overlap:
            return FORMULA.missing(Missing.TOO_FEW, why, components=components)
        return FORMULA.score(float(np.sum(given)), why, count=self.shared, components=components)

    def _why(self, name: str, opened: list[OpenedRole]) -> str:
        zh, over, row, parts = chinese(self.view.language), self.fit.overlap, self.row, self.parts
        said: list[str] = []
        if not self.told:
            said.append(f"共同客户{self.table.shared.text}家" if zh else counted(self.table.shared.text, "common account"))
        elif self.shared < DEFAULTS.min_overlap:
            low, high = (percent(float(column[0])) for column in over.between(np.array([row]))[:2])
            if not over.theirs[row]:
                said.append("未知其客户" if zh else "no account of theirs is known")
            elif zh:
                said.append(f"重合证据不足：共同客户{self.shared}家，其客户中与我方重合的比例在{low}至{high}之间")
            else:
                many = counted(self.shared, "common account")
                said.append(f"insufficient evidence: {many}, {low} to {high} of theirs may be ours")
        else:
            times, shared = number(float(over.lift[row])), counted(self.shared, "common account")
            said.append(f"共同客户{self.shared}家，为随机的{times}倍" if zh else f"{shared}, {times}x as many as by chance")
        best = next((one for one in opened if one.accounts.value), None)
        if best:
            role, there = role_name(best.role, self.view.language), best.accounts.text
            said.append(
                f"在我方{best.gaps}家缺{role}的客户中可触达{there}家"
                if zh
                else f"reaches the {role} at {there} of our {counted(best.gaps, 'account')} where that is a gap"
            )
        if not np.isnan(parts.relation[0]):
            said.append(f"与我方关系{number(float(parts.relation[0]))}" if zh else f"known to us ({number(float(parts.relation[0]))})")
        rival = next(iter(self._rivals()), None)
        if rival:
            maker = self.fit.company(rival[0]).name
            said.append(f"冲突：在{rival[1].text}家同时销售{maker}" if zh else f"conflict: also sells {maker} at {rival[1].text}")
        scored = self.told and self.shared >= DEFAULTS.min_overlap
        head = f"{name} {number(float(parts.weighed().sum()))}" if scored else name
        return f"{head}：{'；'.join(said)}。" if zh else f"{head}: {'; '.join(said)}."


def _known(column: Floats) -> float | None:
    return None if np.isnan(column[0]) else float(column[0])
