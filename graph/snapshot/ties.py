"""Who can get whose attention in a whole market: its network, made once from the columns of a snapshot and carried over what a write touched."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from graph.instants import OPEN_START
from graph.measures.network import (
    Evidence,
    Introductions,
    Network,
    by_advice,
    by_co_affiliation,
    by_interaction,
    by_managing,
    by_reporting,
    joined,
    network,
)
from graph.measures.strength import DAY, Ints, Truths, changes
from graph.model import Affiliation, Influence
from graph.snapshot.arrays import Places
from graph.snapshot.met import Introduced, Pairs
from graph.snapshot.parts import AFFILIATION, INFLUENCE, Affiliations, Influences, Jobs, Lines
from graph.snapshot.snapshot import Snapshot

YEAR = 365 * DAY
LARGEST = 50
"""So many may have been at one place at a time for that to tell anything of two of them (method.md 5.0)."""
TIES, STAYS = (Pairs, Influences, Lines, Introduced), (Jobs, Affiliations)
"""The parts on which a network rests: the rows of ties, and where people were."""
SHARE = 0.05
"""If more of the people are touched, the network is made anew."""
NETWORK, TOGETHER = "network", "together"


class Together(NamedTuple):
    """Two people who were at one place for a year or more, and are not both there now; the smaller place first, each pair once."""

    one: Ints
    other: Ints


def network_in(snapshot: Snapshot) -> Network:
    """The network of a snapshot; made once. O(n log n)."""
    if NETWORK not in snapshot.kept:
        snapshot.kept[NETWORK] = network(_people(snapshot), _evidence(snapshot), _introductions(snapshot))
    made: Network = snapshot.kept[NETWORK]
    return made


def carry_over(base: Snapshot, after: Snapshot, now: Places, touched: Iterable[str]) -> None:
    """Hands an earlier snapshot's network on to one that follows it, with the edges of whoever was touched made anew.

    ``now`` is where each of the earlier people stands, -1 for gone; rows of ties differ for those alone who were ``touched``. Nothing is done where
    no network was made yet, or too many are touched.
    """
    if NETWORK not in base.kept:
        return
    same = len(now) == _people(after) and bool((now == np.arange(len(now))).all())
    if same and all(base[part] is after[part] for part in STAYS):
        after.kept[TOGETHER] = together(base)
    if TOGETHER in after.kept and all(base[part] is after[part] for part in TIES) and np.array_equal(base.ours, after.ours):
        after.kept[NETWORK] = base.kept[NETWORK]
        return
    anew = np.zeros(_people(after), bool)
    for places in (_places(after, touched), _turned(base, after, now), _met_otherwise(base, after, now)):
        anew[places] = True
    if anew.sum() <= SHARE * len(anew):
        edges = network(len(anew), _evidence(after, anew), _introductions(after, anew))
        after.kept[NETWORK] = network_in(base).renewed(now.astype(np.int64), anew, edges)


def _places(snapshot: Snapshot, ids: Iterable[str]) -> Ints:
    return np.array([place for id_ in ids if (place := snapshot.people.id.find(id_)) >= 0], np.int64)


def _turned(base: Snapshot, after: Snapshot, now: Places) -> Ints:
    """Who came to us or left us: of an introduction it matters who received it."""
    was = np.zeros(_people(after), bool)
    was[now[base.ours & (now >= 0)]] = True
    return np.flatnonzero(was != after.ours)


def _met_otherwise(base: Snapshot, after: Snapshot, now: Places) -> Ints:
    """Of whom it was said that they were together before, or is now, but not both times."""
    if TOGETHER in after.kept:
        return np.zeros(0, np.int64)
    people, (one, other) = _people(after), together(base)
    one, other = now[one].astype(np.int64), now[other].astype(np.int64)
    there = (one >= 0) & (other >= 0)
    pairs = together(after)
    changed = np.setxor1d(one[there] * people + other[there], pairs.one * people + pairs.other, assume_unique=True)
    return np.concatenate([*np.divmod(changed, max(people, 1)), now[np.concatenate([base_[~there] for base_ in together(base)])]])


def _people(snapshot: Snapshot) -> int:
    return len(snapshot.people.do_not_contact)


def _evidence(snapshot: Snapshot, among: Truths | None = None) -> Evidence:
    """What makes one person heard by another; of pairs alone of whom one is ``among`` these."""
    pairs, lines, sways, pair = snapshot[Pairs], snapshot[Lines], snapshot[Influences], together(snapshot)
    advises = sways.kind == INFLUENCE.words.index(Influence.ADVISES)
    met, led = _some(pairs.first, pairs.second, among), _some(lines.person, lines.manager, among)
    heard, was = _some(sways.person, sways.swayed, among, advises), _some(pair.one, pair.other, among)
    first, second, strength = pairs.first[met].astype(np.int64), pairs.second[met].astype(np.int64), pairs.strength[met]
    person, manager, sure = lines.person[led].astype(np.int64), lines.manager[led].astype(np.int64), lines.sure[led]
    return joined(
        (
            by_interaction(first, second, strength),
            by_interaction(second, first, strength),
            by_advice(sways.person[heard].astype(np.int64), sways.swayed[heard].astype(np.int64), (sways.strength * sways.sure)[heard]),
            by_managing(manager, person, sure),
            by_reporting(person, manager, sure),
            by_co_affiliation(pair.one[was], pair.other[was]),
            by_co_affiliation(pair.other[was], pair.one[was]),
        )
    )


def _introductions(snapshot: Snapshot, among: Truths | None = None) -> Introductions:
    made = snapshot[Introduced]
    rows = _some(made.giver, made.receiver, among)
    return Introductions.of(
        made.giver[rows].astype(np.int64), made.receiver[rows].astype(np.int64), made.tried[rows], made.worked[rows], snapshot.ours
    )


def _some(one: Places | Ints, other: Places | Ints, among: Truths | None, where: Truths | None = None) -> Ints:
    """The rows of whose ends one is among these."""
    kept = np.ones(len(one), bool) if where is None else where
    return np.flatnonzero(kept if among is None else kept & (among[one] | among[other]))


def together(snapshot: Snapshot) -> Together:
    """Who was at one place with whom for a year or more, where they are not both now (method.md 5.5); worked out once.

    A stay without a known start counts for nothing; of larger circles than ``LARGEST`` at a place nothing is said.
    """
    if TOGETHER not in snapshot.kept:
        snapshot.kept[TOGETHER] = _together(snapshot)
    made: Together = snapshot.kept[TOGETHER]
    return made


def _together(snapshot: Snapshot) -> Together:
    jobs, beside, companies = snapshot[Jobs], snapshot[Affiliations], len(snapshot.companies.known)
    alumni = beside.kind == AFFILIATION.words.index(Affiliation("alumni"))
    person = np.concatenate([jobs.person, beside.person[alumni]]).astype(np.int64)
    place = np.concatenate([jobs.company, beside.company[alumni]])
    start = np.concatenate([jobs.start, beside.start[alumni]])
    until = np.minimum(np.concatenate([jobs.until, beside.until[alumni]]), snapshot.stamp.as_of)
    stays = np.flatnonzero((start > OPEN_START) & (until - start >= YEAR))
    stays = stays[(np.bincount(place[stays], minlength=companies) <= LARGEST)[place[stays]]]
    stays = stays[np.argsort(place[stays], kind="stable")]
    here = jobs.person[snapshot.present].astype(np.int64) * companies + jobs.company[snapshot.present]
    now = np.isin(person[stays] * companies + place[stays], here)
    counts = np.bincount(place[stays], minlength=companies)
    after = np.cumsum(counts)[place[stays]] - np.arange(len(stays)) - 1
    left = np.repeat(np.arange(len(stays)), after)
    right = left + 1 + np.arange(len(left)) - np.repeat(np.cumsum(after) - after, after)
    a, b = stays[left], stays[right]
    lasted = np.minimum(until[a], until[b]) - np.maximum(start[a], start[b])
    fits = (lasted >= YEAR) & (person[a] != person[b]) & ~(now[left] & now[right])
    one, other = np.sort(np.stack([person[a[fits]], person[b[fits]]]), axis=0)
    order = np.lexsort((other, one))
    one, other = one[order], other[order]
    first = changes(one, other)
    return Together(one[first], other[first])
