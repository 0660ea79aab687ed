"""Coverage of many accounts: all their default groups at once from the snapshot, and single ones in full from their own rows."""

from asyncio import gather
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

import numpy as np

from graph.answer import Id
from graph.filter import AccountFilter
from graph.measures.coverage import Coverage, Floats, Holders, Ints, Truths, Wants, coverage, single_threaded, worths_of
from graph.measures.coverage import State as Standing
from graph.measures.strength import DAY
from graph.read import Reader
from graph.snapshot.arrays import Codes, Places
from graph.snapshot.keeper import snapshot_at
from graph.snapshot.met import Contacts
from graph.snapshot.parts import Consents, Jobs, Opportunities, Roles, Stances
from graph.snapshot.snapshot import Snapshot
from graph.template import Template
from graph.view import View
from queries.anchors.accounts import account_ids
from queries.anchors.templates import templates_of
from queries.committee.cases import Case, cases_of
from queries.committee.covered import Covering
from queries.committee.worth import Worth, worths

STRETCH = 500
"""So many accounts are read at once."""
KEPT = 4
"""So many markets of one snapshot are kept, so that the next page is cut from what stands."""


class Market(NamedTuple):
    """The default groups of some accounts, parallel arrays in the order of ``places``, which are those of the snapshot's companies.

    ``people`` are the places of whoever holds a role, a row of ``holders`` each. ``days`` is how far ahead the first open deal is to close, NaN for
    none; ``threads`` says which covered roles hang on one thread.
    """

    snapshot: Snapshot
    places: Places
    ids: list[Id]
    templates: list[Template]
    holders: Holders
    people: Places
    wants: Wants
    found: Coverage
    threads: Truths
    worth: Floats
    days: Floats

    @property
    def shares(self) -> Floats:
        """Groups x roles: each role's weight; those of a group sum to 1."""
        return shares_of(self.wants)

    def assumed(self, view: View, rows: Ints | None = None) -> bool:
        """Whether any of these accounts, or of all, rests on what is assumed to have held."""
        if not view.assuming:
            return False
        return _assumed(self.snapshot, _numbered(self.snapshot, self.places if rows is None else self.places[rows]))


def shares_of(wants: Wants) -> Floats:
    """Groups x roles: each role's weight; those of a group sum to 1."""
    total = wants.weight.sum(1, keepdims=True)
    made: Floats = np.divide(wants.weight, total, out=np.zeros(wants.weight.shape), where=total > 0)
    return made


async def market_of(store: Reader, view: View, wanted: AccountFilter | None) -> Market:
    """The accounts that a filter means and that may be seen. O(accounts + holders) beside the filter.

    Raises as ``account_ids``, and SnapshotBuilding.
    """
    snapshot = await snapshot_at(store, view)
    asked = await account_ids(store, view, wanted)
    if asked is not None:
        return await market_with(store, view, asked)
    companies = snapshot.companies
    return await _kept(store, view, snapshot, np.flatnonzero(companies.account & companies.known).astype(np.int32))


async def market_with(store: Reader, view: View, ids: Sequence[str]) -> Market:
    """These accounts, which may be seen, in their order. Raises SnapshotBuilding."""
    snapshot = await snapshot_at(store, view)
    return await _kept(store, view, snapshot, np.array([place for id_ in ids if (place := snapshot.companies.id.find(id_)) >= 0], np.int32))


async def _kept(store: Reader, view: View, snapshot: Snapshot, places: Places) -> Market:
    key = ("market", places.tobytes())
    if key not in snapshot.kept:
        made = await _market(store, view, snapshot, places)
        for old in [one for one in snapshot.kept if one[0] == "market"][: 1 - KEPT]:
            snapshot.kept.pop(old, None)
        snapshot.kept[key] = made
    market: Market = snapshot.kept[key]
    return market


async def _market(store: Reader, view: View, snapshot: Snapshot, places: Places) -> Market:
    ids = [Id(id_) for id_ in snapshot.companies.id.take(places).list()]
    templates = await templates_of(store, view, ids)
    named = _templates_named(snapshot, places)
    followed = [templates.of(id_, name or None) for id_, name in zip(ids, named, strict=True)]
    wants, group = _wants(followed), _numbered(snapshot, places)
    holders, people = _holders(snapshot, group)
    found = coverage(holders, wants)
    return Market(
        snapshot,
        places,
        ids,
        followed,
        holders,
        people,
        wants,
        found,
        _threads(snapshot, holders, people, found),
        worths_of(snapshot.companies.value[places], snapshot.companies.tier[places]),
        _days(snapshot, group, len(places)),
    )


def _numbered(snapshot: Snapshot, places: Places) -> Ints:
    """Company -> its number among these, -1 for others."""
    group = np.full(len(snapshot.companies.known), -1, np.int64)
    group[places] = np.arange(len(places))
    return group


def _templates_named(snapshot: Snapshot, places: Places) -> list[str]:
    """The template that each account's default group names, empty for none."""
    groups = snapshot.groups
    default = np.flatnonzero(groups.is_default & (groups.company >= 0))
    of = np.full(len(snapshot.companies.known), -1, np.int64)
    of[groups.company[default]] = default
    lengths = np.diff(groups.template.ends, prepend=0)
    return [groups.template[at] if at >= 0 and lengths[at] else "" for at in of[places].tolist()]


def _wants(templates: Sequence[Template]) -> Wants:
    """What the groups want; each template is looked at once."""
    different = {id(template): template for template in templates}
    order = {key: place for place, key in enumerate(different)}
    rows = np.array([order[id(template)] for template in templates], np.int64)
    wants = Wants.of(list(different.values()))
    return Wants(wants.weight[rows], wants.panel[rows], wants.members[rows])


def _holders(snapshot: Snapshot, group: Ints) -> tuple[Holders, Places]:
    """Who holds a role in the default groups (``group`` numbers those of companies, -1 for others), by group and person, and their places."""
    roles, groups = snapshot[Roles], snapshot.groups
    of = _of_default(snapshot, group)[roles.group]
    rows = np.flatnonzero(of >= 0)
    rows = rows[np.lexsort((-roles.sure[rows], roles.role[rows], roles.person[rows], of[rows]))]
    rows = rows[_first(of[rows], roles.person[rows], roles.role[rows])]
    person, contacts, size = roles.person[rows], snapshot[Contacts], len(groups.is_default)
    at = np.full(len(snapshot.people.do_not_contact), -1, np.int64)
    at[contacts.person] = np.arange(len(contacts.person))
    met = at[person]
    touched = met >= 0

    def column(values: Floats | Truths) -> Floats:
        made = np.zeros(len(rows))
        made[touched] = values[met[touched]]
        return made

    stances = snapshot[Stances]
    order = np.lexsort((np.nan_to_num(stances.stance, nan=-3.0), stances.start, stances.sure, stances.group, stances.person))
    keys = (stances.person.astype(np.int64) * size + stances.group)[order]
    wanted = person.astype(np.int64) * size + roles.group[rows]
    last = np.searchsorted(keys, wanted, "right") - 1
    member = (last >= 0) & (keys[np.maximum(last, 0)] == wanted) if len(keys) else np.zeros(len(rows), bool)
    stance = np.full(len(rows), np.nan)
    stance[member] = stances.stance[order][last[member]]
    holders = Holders(
        of[rows],
        roles.role[rows].astype(np.int64),
        np.asarray(roles.sure[rows]),
        column(contacts.closeness),
        column(contacts.closest),
        stance,
        touched,
        column(contacts.answered) > 0,
        snapshot.opted_out[person],
    )
    return holders, person


def _first(*keys: Ints | Places | Codes) -> Truths:
    """Where a row differs from the one before."""
    new = np.ones(len(keys[0]), bool)
    new[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return new


def _of_default(snapshot: Snapshot, group: Ints) -> Ints:
    """Of each buying group the number of its account's default group, -1 for any other group."""
    groups = snapshot.groups
    return np.where(groups.is_default & (groups.company >= 0), group[groups.company], -1)


def _threads(snapshot: Snapshot, holders: Holders, people: Places, found: Coverage) -> Truths:
    """Groups x roles: covered, but hanging on one thread."""
    firm = np.flatnonzero(found.holders <= Standing.COVERED)
    reached, by_person = snapshot.reached
    counts = by_person.start[people[firm] + 1] - by_person.start[people[firm]]
    return single_threaded(found, holders, np.repeat(firm, counts), reached.colleague[by_person.of_all(people[firm])].astype(np.int64))


def _days(snapshot: Snapshot, group: Ints, size: int) -> Floats:
    """In how many days the first open deal of each account is to close, NaN where nobody knows."""
    deals = snapshot[Opportunities]
    rows = np.flatnonzero((deals.company >= 0) & deals.open_at(snapshot.stamp.as_of) & ~np.isnan(deals.closing))
    rows = rows[group[deals.company[rows]] >= 0]
    first = np.full(size, np.inf)
    np.minimum.at(first, group[deals.company[rows]], deals.closing[rows])
    return np.where(np.isinf(first), np.nan, (first - snapshot.stamp.as_of) / DAY)


def _assumed(snapshot: Snapshot, group: Ints) -> bool:
    """Whether jobs at these accounts, roles and memberships in their default groups or consents of these people are assumed to have held."""
    jobs, roles, stances, consents, groups = snapshot[Jobs], snapshot[Roles], snapshot[Stances], snapshot[Consents], snapshot.groups
    here = snapshot.present & (group[jobs.company] >= 0)
    default, own = _of_default(snapshot, group) >= 0, np.where(groups.company >= 0, group[groups.company], -1) >= 0
    known = np.zeros(len(snapshot.people.do_not_contact), bool)
    for people in (jobs.person[here], roles.person[own[roles.group]], stances.person[own[stances.group]]):
        known[people] = True
    return bool(
        (jobs.assumed & here).any()
        or (roles.assumed & default[roles.group]).any()
        or (stances.assumed & default[stances.group]).any()
        or (consents.assumed & known[consents.person]).any()
    )


class Stretch(NamedTuple):
    """Some accounts, and how firmly the roles of each are held, in the same order, with all that is to be said of them."""

    accounts: list[Worth]
    covering: Covering

    @property
    def worth(self) -> Floats:
        """What each is worth to us."""
        return np.array([account.value for account in self.accounts])

    @property
    def shares(self) -> Floats:
        """Groups x roles: each role's weight; those of a group sum to 1."""
        return shares_of(self.covering.wants)


async def stretches(store: Reader, view: View, accounts: Sequence[str]) -> AsyncIterator[Stretch]:
    """These accounts, stretch by stretch, in their order; hidden ones are left out. O(accounts + people + events)."""
    for start in range(0, len(accounts), STRETCH):
        some = accounts[start : start + STRETCH]
        cases, worth = await gather(cases_of(store, view, {id_: (id_, None) for id_ in some}), worths(store, view, some, subsidiaries=False))
        known = {id_: case for id_, case in cases.items() if isinstance(case, Case)}
        yield Stretch([worth[id_][0] for id_ in known], Covering(list(known.values()), view.language))
