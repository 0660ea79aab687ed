"""The reporting forest of an account and what is wrong with it. Pure; layout is O(n log n)."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from typing import NamedTuple

SolidLine = tuple[str, str, float, int]
"""One solid line as a source says it: person, manager, confidence, start."""


class Forest(NamedTuple):
    """Who stands below whom after every conflict is settled, and what the conflicts were: each cycle with the line that was left out."""

    parent: dict[str, str]
    cycles: list[tuple[list[str], SolidLine]]
    two_managers: dict[str, list[str]]


class Places(NamedTuple):
    """Where everybody stands: person -> levels from the top; place in a walk from the top, in that order; people below at all levels."""

    depth: dict[str, int]
    order: dict[str, int]
    descendants: dict[str, int]


def settle(lines: Iterable[SolidLine], people: Container[str]) -> Forest:
    """One manager a person, no cycle.

    Of several managers, or in a cycle, the line of higher confidence stands, then of later start, then to the smaller id. The worst line of a
    cycle goes, and that person's next one is tried. A manager outside ``people`` counts as one of two, and is nobody's place here.
    """
    best, several = dict[str, SolidLine](), dict[str, list[SolidLine]]()
    for line in lines:
        person = line[0]
        if person in people:
            other = best.setdefault(person, line)
            if other is not line:
                several.setdefault(person, [other]).append(line)
    two: dict[str, list[str]] = {}
    for person, given in several.items():
        if len(managers := sorted({manager for _, manager, *_ in given})) > 1:
            two[person] = managers
        given.sort(key=_rank)
        several[person] = [line for line in given if line[1] in people]
        best[person] = (several[person] or given)[0]
    parent = {person: line[1] for person, line in best.items() if line[1] in people}
    broken: list[tuple[list[str], SolidLine]] = []
    while cycles := sorted(_circles(parent)):
        for cycle in cycles:
            worst = max((best[person] for person in cycle), key=_rank)
            broken.append((cycle, worst))
            person = worst[0]
            left = several[person] = several.get(person, [worst])[1:]
            if left:
                best[person], parent[person] = left[0], left[0][1]
            else:
                del parent[person]
    return Forest(parent, broken, two)


def _circles(manager: Mapping[str, str]) -> list[list[str]]:
    """Those who report to each other in a circle, each circle sorted. Nobody has two managers here, so one walk up from each who manages somebody
    finds all. O(n).
    """
    met: dict[str, int] = {}
    found: list[list[str]] = []
    for number, person in enumerate(dict.fromkeys(manager.values())):
        walk: list[str] = []
        at = person
        while at in manager and at not in met:
            met[at] = number
            walk.append(at)
            at = manager[at]
        if met.get(at) == number:
            found.append(sorted(walk[walk.index(at) :]))
    return found


def _rank(line: SolidLine) -> tuple[float, int, str, str]:
    person, manager, confidence, since = line
    return (-confidence, -since, manager, person)


def layout(names: Mapping[str, str], parent: Mapping[str, str]) -> Places:
    """Places of everyone in ``names`` (id -> name): siblings by name, then id; whoever has no parent here is a root."""
    below: dict[str | None, list[str]] = defaultdict(list)
    for person in sorted(sorted(names, reverse=True), key=names.__getitem__, reverse=True):  # the last sibling first, as a stack wants them
        boss = parent.get(person)
        below[boss if boss in names else None].append(person)
    walk: list[str] = []
    stack = below.pop(None, [])
    depth = dict.fromkeys(stack, 0)
    while stack:
        person = stack.pop()
        walk.append(person)
        if person in below:
            stack += below[person]
            depth.update(dict.fromkeys(below[person], depth[person] + 1))
    count = dict.fromkeys(walk, 0)
    for person in reversed(walk):
        if person in below:
            count[person] = sum(map(count.__getitem__, below[person]), len(below[person]))
    return Places(depth, dict(zip(walk, range(len(walk)), strict=True)), count)


def chosen(places: Places, parent: Mapping[str, str], held: Iterable[str], most: int) -> set[str]:
    """Whom to show when there is room for ``most``: those ``held``, in that order, then their chains, then breadth first."""
    if len(places.order) <= most:
        return set(places.order)
    keep: set[str] = set()
    people = [person for person in held if person in places.order]
    keep.update(people[:most])
    for person in people[:most]:
        at = parent.get(person)
        while at in places.order and at is not None and len(keep) < most:
            keep.add(at)
            at = parent.get(at)
    for person in sorted(places.order, key=places.depth.__getitem__):
        if len(keep) >= most:
            break
        keep.add(person)
    return keep
