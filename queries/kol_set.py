"""Which few opinion leaders together reach the most of those who decide at some accounts, or the fewest who reach a share."""

from asyncio import to_thread
from typing import Annotated

import numpy as np

from graph.answer import Id, Linked, answer
from graph.errors import InvalidInput
from graph.filter import AccountFilter
from graph.measures.kol import Leaders, leaders, within_reach
from graph.measures.strength import Truths
from graph.model import BuyingRole
from graph.page import digest
from graph.question import Anchor, costing, root
from graph.read import Reader
from graph.score import Missing
from graph.view import View, ViewUsed
from graph.words import chinese, listed, percent, role_name
from queries.reaching.deciders import ROLES
from queries.reaching.leading import SEED, Field

MOST_SIZE = 100
SIZE = 5


@answer
class Leader:
    """One leader of the set, in the order in which they were chosen."""

    person: Annotated[Linked | None, Anchor.PERSON, "Who."]
    alone: Annotated[float, "The share of the decision that they reach alone."]
    gain: Annotated[float, "What they add to those before them."]
    share: Annotated[float, "What the set reaches with them: the curve."]
    error: Annotated[float, "The standard error of that share."]
    known: Annotated[float | None, "How strong the strongest relationship of one of ours with them is; null for none."]


@answer
class UnreachedRole:
    """A role that no leader reaches at some accounts."""

    role: Annotated[BuyingRole, "The role."]
    accounts: Annotated[int, "At how many of the accounts where it has a holder."]
    of: Annotated[int, "At how many it has one."]


@answer
class KolSet:
    """A set of opinion leaders, with what each adds."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    leaders: Annotated[list[Leader], "Who, each the one who adds most to those before."]
    share: Annotated[float | None, "The share of the decision that the set reaches, on draws on which it was not chosen; null where nobody decides."]
    missing: Annotated[Missing | None, "Why there is no share."]
    error: Annotated[float, "Its standard error."]
    flattered: Annotated[float, "The same share on the draws on which the set was chosen, which flatter it: for comparison."]
    target: Annotated[float | None, "The share that was asked for."]
    reached: Annotated[bool, "It is reached, where one was asked for."]
    unreached: Annotated[
        list[UnreachedRole], "Roles that no candidate reaches within three steps, however unlikely; nor anybody, where all holders opted out."
    ]
    candidates: Annotated[int, "Among how many who reach anybody the set was chosen."]
    samples: Annotated[int, "How many cascades were drawn to tell; about as many were drawn to choose."]
    truncated: Annotated[bool, "Time ran out before all were drawn: the error is larger, and another run may choose others."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@costing(250)
@root
async def kol_set(
    store: Reader,
    view: View,
    *,
    filter: Annotated[AccountFilter | None, "Among those who decide at these accounts; default: at all."] = None,
    topic: Annotated[str | None, "Of those alone who are heard or speak about this, upper and lower case alike."] = None,
    size: Annotated[int, f"At most so many leaders, 1 to {MOST_SIZE}."] = SIZE,
    share: Annotated[float | None, "The fewest who reach this share of the decision, above 0 and at most 1; `size` still bounds them."] = None,
    seed: Annotated[int, "Another seed, other draws; the same seed, the same answer."] = SEED,
) -> KolSet:
    """The leaders who together reach most of the decision of these accounts: greedy, at least 63% of the best set's reach; told on fresh draws."""
    if not 1 <= size <= MOST_SIZE:
        raise InvalidInput(f"size lies between 1 and {MOST_SIZE}.", argument="size")
    if share is not None and not 0 < share <= 1:
        raise InvalidInput("share lies above 0 and at most at 1, such as 0.8.", argument="share")
    if seed < 0:
        raise InvalidInput("seed is a whole number, 0 or more.", argument="seed")
    field = await Field.of(store, view, filter)
    carrying, candidates = field.carrying, field.candidates
    chosen_on = await field.draws(2 * seed, choosing := field.budget())
    told_on = await field.draws(2 * seed + 1, telling := field.budget())
    alone = told_on.shares(carrying.network.people)
    if topic is not None:
        candidates = carrying.mask(await field.led(store, np.flatnonzero(candidates), topic, None))
    found = await to_thread(leaders, chosen_on, told_on, candidates, size, share)
    unreached, access = await to_thread(_unreached, field, candidates), field.access
    rows = await field.rows(store, found.people, None)
    made = [
        Leader(carrying.linked(who), float(alone[who]), gain, reach, error, None if np.isnan(access[who]) else float(access[who]))
        for who, gain, reach, error in zip(found.people, found.gains, found.shares, found.errors, strict=True)
    ]
    value = found.shares[-1] if found.shares else 0.0 if chosen_on.size else None
    reached = share is not None and value is not None and value >= share
    asked = {"filter": filter, "topic": topic, "size": size, "share": share, "seed": seed}
    key = Id(f"kol-set/{digest('kol_set', asked)}@{view.as_of}/{view.known_at}")
    used = view.used(fact for row in rows.values() for fact in row.grounds())
    missing = Missing.UNMAPPED if value is None else None
    return KolSet(
        key,
        used,
        made,
        value,
        missing,
        found.errors[-1] if found.errors else 0.0,
        found.flattered,
        share,
        reached,
        unreached,
        int((candidates & (chosen_on.shares(carrying.network.people) > 0)).sum()),
        told_on.size,
        choosing.spent or telling.spent,
        _why(made, value, found, share, reached, unreached, view.language),
    )


def _unreached(field: Field, candidates: Truths) -> list[UnreachedRole]:
    net, met = field.carrying.network, field.deciders
    near = within_reach(net, field.closed, candidates)
    cell = met.account * len(ROLES) + met.role
    held, some = np.unique(cell), np.unique(cell[near[met.person]])
    there, lost = np.bincount(held % len(ROLES), minlength=len(ROLES)), np.bincount(np.setdiff1d(held, some) % len(ROLES), minlength=len(ROLES))
    return [UnreachedRole(ROLES[role], int(lost[role]), int(there[role])) for role in np.flatnonzero(lost).tolist()]


def _why(
    made: list[Leader], value: float | None, found: Leaders, share: float | None, reached: bool, unreached: list[UnreachedRole], language: str
) -> str:
    zh = chinese(language)
    if value is None:
        return "这些客户没有已知的决策角色担任者。" if zh else "Nobody is known to hold a role of weight at these accounts."
    if not made:
        return "没有意见领袖能触达这些决策者。" if zh else "No leader reaches anybody who decides there."
    names = listed([one.person.name for one in made if one.person], language)
    error = f"{found.errors[-1] * 100:.1f}%"
    if zh:
        text = f"{names}合计触达决策权重的{percent(value)}（±{error}）；最后一位增加{percent(made[-1].gain)}。"
        text += "" if share is None else f"已达到目标{percent(share)}。" if reached else f"未达到目标{percent(share)}。"
    else:
        verb = "reaches" if len(made) == 1 else "together reach"
        text = f"{names} {verb} {percent(value)} of the decision (standard error {error}); the last one adds {percent(made[-1].gain)}."
        text += "" if share is None else f" The target of {percent(share)} is {'reached' if reached else 'not reached'}."
    if unreached:
        roles = listed([role_name(one.role, language) for one in unreached], language)
        text += f"有客户的这些角色无人可及：{roles}。" if zh else f" At some accounts nobody reaches: {roles}."
    return text
