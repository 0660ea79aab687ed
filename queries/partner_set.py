"""Which few partners together open the most of what is closed to us."""

from asyncio import to_thread
from dataclasses import replace
from typing import Annotated

import numpy as np

from graph.answer import Id, Linked, answer
from graph.errors import InvalidInput
from graph.filter import AccountFilter
from graph.measures.partners import chosen
from graph.page import digest
from graph.question import Anchor, costing, root
from graph.read import Reader
from graph.score import Missing
from graph.view import View, ViewUsed
from graph.words import chinese, listed, percent
from queries.partnering.fit import Fit
from queries.partnering.telling import Telling, rough

MOST_SIZE = 100
SIZE = 3


@answer
class SetPartner:
    """One partner of the set, in the order in which they were chosen."""

    partner: Annotated[Linked | None, Anchor.COMPANY, "Who."]
    alone: Annotated[float, "The share of what we lack that it opens alone."]
    gain: Annotated[float, "What it opens that those before it do not."]
    share: Annotated[float, "What the set opens with it: the curve."]


@answer
class PartnerSet:
    """A set of partners, with what each adds."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    partners: Annotated[list[SetPartner], "Who, each the one that adds most to those before."]
    share: Annotated[float | None, "The share of what we lack (worth x weight x what is not covered) that the set opens; null where we lack nothing."]
    missing: Annotated[Missing | None, "Why there is no share."]
    bound: Annotated[float | None, "No set of the size asked for opens more."]
    candidates: Annotated[int, "How many partners open anything."]
    gaps: Annotated[int, "How many roles at our accounts are not covered."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@costing(50)
@root
async def partner_set(
    store: Reader,
    view: View,
    *,
    filter: Annotated[AccountFilter | None, "What we lack at these accounts; default: at all."] = None,
    size: Annotated[int, f"At most so many partners, 1 to {MOST_SIZE}."] = SIZE,
) -> PartnerSet:
    """The partners who together open most of what is closed to us: greedy, at least 63% of what the best set of the size opens, with its bound.

    Others than stewards are told of those who open five roles or more, all shares to one figure.
    """
    if not 1 <= size <= MOST_SIZE:
        raise InvalidInput(f"size lies between 1 and {MOST_SIZE}.", argument="size")
    fit = await Fit.of(store, view, filter)
    telling = Telling(fit, steward=view.steward)
    missing, opened = fit.gaps.missing, await to_thread(lambda: telling.opened)
    found, total = await to_thread(chosen, opened, missing, size), float(missing.sum())
    alone = telling.complement
    made: list[SetPartner] = []
    for row, gain in zip(found.places, found.gains, strict=True):
        share = gain / total
        made.append(SetPartner(fit.company(int(fit.partners[row])), float(alone[row]), share, share + (made[-1].share if made else 0.0)))
    known = total > 0
    bound = min(found.bound / total, 1.0) if known else None
    if not view.steward:
        made = [replace(one, gain=rough(one.gain), share=rough(one.share)) for one in made]
        bound = rough(bound, up=True) if bound is not None else None
    value = (made[-1].share if made else 0.0) if known else None
    key = Id(f"partner-set/{digest('partner_set', {'filter': filter, 'size': size})}@{view.as_of}/{view.known_at}")
    candidates = int(np.count_nonzero(np.diff(opened.indptr)))
    why = _why(made, value, bound, view.language)
    reason = None if known else Missing.NOT_APPLICABLE
    return PartnerSet(key, view.resting(fit.assumed(view)), made, value, reason, bound, candidates, int(fit.lacking.sum()), why)


def _why(made: list[SetPartner], value: float | None, bound: float | None, language: str) -> str:
    zh = chinese(language)
    if value is None or bound is None:
        return "这些客户没有覆盖缺口。" if zh else "There is nothing that we lack at these accounts."
    if not made:
        return "没有合作伙伴能打开这些缺口。" if zh else "No partner opens anything of what we lack there."
    names = listed([one.partner.name for one in made if one.partner], language)
    if zh:
        return f"{names}合计可打开我方缺口的{percent(value)}；最后一家增加{percent(made[-1].gain)}；同等数量的任何组合不超过{percent(bound)}。"
    verb = "opens" if len(made) == 1 else "together open"
    return (
        f"{names} {verb} {percent(value)} of what we lack; the last one adds {percent(made[-1].gain)}; no set of the size opens more than "
        f"{percent(bound)}."
    )
