"""Whom to invite of all who hold a role at some accounts, and who is left out by which rule; from the snapshot, worked out once for all its pages."""

from asyncio import sleep, to_thread
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from graph.filter import AccountFilter
from graph.measures.audience import gains
from graph.measures.coverage import PLACE, ROLES, Floats, Ints, State, Truths
from graph.measures.fatigue import Rule, verdicts
from graph.measures.funnel import HOUR
from graph.measures.gaps import DEFAULTS
from graph.model import BuyingRole, Channel
from graph.read import Reader
from graph.snapshot.met import Pairs
from graph.snapshot.snapshot import Snapshot
from graph.template import MAPPED_FROM
from graph.view import View
from queries.committee.covered import CoverageState
from queries.committee.market import Market, market_of
from queries.reaching.carrying import Carrying
from queries.touching.outreach import clock_of, limits_of, outreach_to

AT_ONCE = 2_000
"""So many people are asked about in one read."""
KEPT = 4
"""So many audiences of one snapshot are kept, so that the next page is cut from what stands; for an hour, as windows of days move with the clock."""


class Wanted(NamedTuple):
    """What is asked for: of which accounts, which roles and states (None for any), over which channel, about what."""

    filter: AccountFilter | None
    roles: Sequence[BuyingRole] | None
    states: Sequence[CoverageState] | None
    channel: Channel
    topic: str | None


class Invited(NamedTuple):
    """The rows of a market's holders to invite, a row a person, the largest expected gain first, then by id; how many each rule leaves out.

    Of somebody who breaks several rules the first counts. ``gain`` is by row of the holders; ``by`` who of us knows each person best, -1 for nobody.
    """

    market: Market
    rows: list[int]
    ids: list[str]
    gain: Floats
    by: Ints
    left_out: dict[Rule, int]


async def invited(store: Reader, view: View, wanted: Wanted) -> Invited:
    """The audience. O(accounts + holders + what was done towards candidates within 30 days). Raises as ``market_of``."""
    market = await market_of(store, view, wanted.filter)
    key = ("audience", market.places.tobytes(), repr(wanted[1:]), limits_of(store), clock_of(store, view) // HOUR)
    kept = market.snapshot.kept
    if key not in kept:
        made = await _invited(store, view, wanted, market)
        for old in [one for one in kept if one[0] == "audience"][: 1 - KEPT]:
            kept.pop(old, None)
        kept[key] = made
    found: Invited = kept[key]
    return found


async def _invited(store: Reader, view: View, wanted: Wanted, market: Market) -> Invited:
    reach = (await (await Carrying.of(market.snapshot, view)).reach()).chance
    rows, ids, gain, by = await to_thread(_candidates, market, wanted, reach)
    limits, at, left_out, free = limits_of(store), clock_of(store, view), Counter[Rule](), list[tuple[float, str, int]]()
    for start in range(0, len(ids), AT_ONCE):
        outreach = await outreach_to(store, view, ids[start : start + AT_ONCE], limits)
        for id_, row in zip(ids[start : start + AT_ONCE], rows[start : start + AT_ONCE].tolist(), strict=True):
            if id_ not in outreach:
                continue  # gone since the snapshot was made
            said = verdicts(outreach[id_].known, at, wanted.channel, wanted.topic, limits, view.as_of)
            if said:
                left_out[said[0].rule] += 1
            else:
                free.append((-float(gain[row]), id_, row))
        await sleep(0)
    free.sort()
    return Invited(market, [row for *_, row in free], [id_ for _, id_, _ in free], gain, by, dict(left_out))


def _candidates(market: Market, wanted: Wanted, reach: Floats) -> tuple[Ints, list[str], Floats, Ints]:
    """Rows and ids of those asked for, each where a meeting would gain most; the gain of every row of the holders; who of us knows whom best."""
    snapshot, holders, people = market.snapshot, market.holders, market.people
    strongest, by = _ties(snapshot)
    chance = np.maximum(DEFAULTS.reach, np.maximum(strongest, reach))[people]
    gain = market.worth[holders.group] * market.shares[holders.group, holders.role] * gains(holders, market.wants, market.found) * chance
    rows = np.flatnonzero(_asked(wanted, market) & ~snapshot.ours[people])
    rows = rows[np.lexsort((holders.role[rows], holders.group[rows], -gain[rows]))]
    _, first = np.unique(people[rows], return_index=True)
    rows = rows[np.sort(first)]
    return rows, snapshot.people.id.take(people[rows]).list(), gain, by


def _asked(wanted: Wanted, market: Market) -> Truths:
    """Which rows hold a role that is asked for, surely enough, in a state that is asked for.

    Who must not be contacted stands in no other state, so whatever is asked for they are looked at, and a rule leaves them out and counts them.
    """
    holders = market.holders
    asked: Truths = holders.sure >= MAPPED_FROM
    if wanted.roles is None:
        asked &= market.shares[holders.group, holders.role] > 0
    else:
        asked &= np.isin(holders.role, [PLACE[role] for role in wanted.roles])
    if wanted.states is not None:
        asked &= np.isin(market.found.holders, [int(State.DO_NOT_CONTACT), *(int(State[state.name]) for state in wanted.states)])
    return asked


def _ties(snapshot: Snapshot) -> tuple[Floats, Ints]:
    """Of everybody, the strongest relationship with one of us, and with whom; of equal ones the first by id."""
    pairs, ours = snapshot[Pairs], snapshot.ours
    across = np.flatnonzero(ours[pairs.first] != ours[pairs.second])
    turned = ours[pairs.second[across]]
    person = np.where(turned, pairs.first[across], pairs.second[across])
    colleague = np.where(turned, pairs.second[across], pairs.first[across])
    order = np.lexsort((-colleague, pairs.strength[across]))
    strongest, by = np.zeros(len(ours)), np.full(len(ours), -1, np.int64)
    strongest[person[order]], by[person[order]] = pairs.strength[across][order], colleague[order]  # the last, so the strongest, stays
    return strongest, by


def role_of(market: Market, row: int) -> BuyingRole:
    """The role of a row of the holders."""
    role: BuyingRole = ROLES[int(market.holders.role[row])]
    return role
