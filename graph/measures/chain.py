"""The reporting forest of an account and what is wrong with it. Pure; layout is O(n log n)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import networkx as nx

from graph.model import Authority, BuyingRole


class Default(NamedTuple):
    """One role of the default template: method.md 5.3."""

    weight: float
    authority: Authority
    step: int


DEFAULT_TEMPLATE = {
    BuyingRole.DECISION_MAKER: Default(0.25, Authority.VETO, 5),
    BuyingRole.ECONOMIC_BUYER: Default(0.20, Authority.APPROVE, 4),
    BuyingRole.END_USER: Default(0.15, Authority.ADVISE, 1),
    BuyingRole.TECHNICAL_EVALUATOR: Default(0.15, Authority.ADVISE, 2),
    BuyingRole.PROCUREMENT: Default(0.10, Authority.APPROVE, 3),
    BuyingRole.IMPLEMENTER: Default(0.10, Authority.ADVISE, 2),
    BuyingRole.CHAMPION: Default(0.05, Authority.ADVISE, 1),
}
MAPPED_FROM = 0.3
"""A role is mapped once somebody holds it with at least this confidence (method.md 5.3)."""


class SolidLine(NamedTuple):
    """One solid line as a source says it."""

    person: str
    manager: str
    confidence: float
    since: int


class Forest(NamedTuple):
    """Who stands below whom after every conflict is settled, and what the conflicts were: each cycle with the line that was left out."""

    parent: dict[str, str]
    cycles: list[tuple[list[str], SolidLine]]
    two_managers: dict[str, list[str]]


class Place(NamedTuple):
    """Where a person stands: levels from the top, place in a walk from the top, people below at all levels."""

    depth: int
    order: int
    descendants: int


def settle(lines: Iterable[SolidLine], people: Iterable[str]) -> Forest:
    """One manager a person, no cycle.

    Of several managers, or in a cycle, the line of higher confidence stands, then of later start, then to the smaller id. The worst line of a
    cycle goes.
    """
    known = set(people)
    by_person: dict[str, list[SolidLine]] = defaultdict(list)
    for line in lines:
        if line.person in known and line.manager in known:
            by_person[line.person].append(line)
    best, two = {}, {}
    for person, said in by_person.items():
        ranked = sorted(said, key=_rank)
        best[person] = ranked[0]
        managers = sorted({line.manager for line in said})
        if len(managers) > 1:
            two[person] = managers
    cycles = sorted(sorted(cycle) for cycle in nx.simple_cycles(nx.DiGraph((line.person, line.manager) for line in best.values())))
    broken = [(cycle, max((best[person] for person in cycle), key=_rank)) for cycle in cycles]
    for _, worst in broken:
        del best[worst.person]
    return Forest({person: line.manager for person, line in best.items()}, broken, two)


def _rank(line: SolidLine) -> tuple[float, int, str, str]:
    return (-line.confidence, -line.since, line.manager, line.person)


def layout(names: Mapping[str, str], parent: Mapping[str, str]) -> dict[str, Place]:
    """Places of everyone in ``names`` (id -> name): siblings by name, then id; whoever has no parent here is a root."""
    below: dict[str | None, list[str]] = defaultdict(list)
    for person in sorted(names, key=lambda who: (names[who], who)):
        boss = parent.get(person)
        below[boss if boss in names else None].append(person)
    walk: list[tuple[str, int]] = []
    stack = [(person, 0) for person in reversed(below[None])]
    while stack:
        person, depth = stack.pop()
        walk.append((person, depth))
        stack.extend((report, depth + 1) for report in reversed(below[person]))
    count = dict.fromkeys(names, 0)
    for person, depth in reversed(walk):
        if depth:
            count[parent[person]] += count[person] + 1
    return {person: Place(depth, order, count[person]) for order, (person, depth) in enumerate(walk)}


def chosen(places: Mapping[str, Place], parent: Mapping[str, str], held: Iterable[str], most: int) -> set[str]:
    """Whom to show when there is room for ``most``: holders and members with their chains, then breadth first."""
    keep: set[str] = set()
    for person in sorted(held, key=lambda who: places[who].order):
        chain, at = [], person
        while at not in keep and at in places:
            chain.append(at)
            if at not in parent or parent[at] not in places:
                break
            at = parent[at]
        if len(keep) + len(chain) <= most:
            keep.update(chain)
    for person in sorted(places, key=lambda who: (places[who].depth, places[who].order)):
        if len(keep) >= most:
            break
        keep.add(person)
    return keep
