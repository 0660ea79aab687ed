"""The reporting forest of an account and what is wrong with it. Pure; layout is O(n log n)."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from typing import NamedTuple


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


def settle(lines: Iterable[SolidLine], people: Container[str]) -> Forest:
    """One manager a person, no cycle.

    Of several managers, or in a cycle, the line of higher confidence stands, then of later start, then to the smaller id. The worst line of a
    cycle goes, and that person's next one is tried. A manager outside ``people`` counts as one of two, and is nobody's place here.
    """
    ranked, two = dict[str, list[SolidLine]](), dict[str, list[str]]()
    said: dict[str, list[SolidLine]] = defaultdict(list)
    for line in lines:
        if line.person in people:
            said[line.person].append(line)
    for person, given in said.items():
        ranked[person] = [line for line in given if line.manager in people]
        if len(given) > 1:
            ranked[person].sort(key=_rank, reverse=True)
            if len(managers := sorted({line.manager for line in given})) > 1:
                two[person] = managers
    broken: list[tuple[list[str], SolidLine]] = []
    while True:
        best = {person: left[-1] for person, left in ranked.items() if left}
        parent = {person: line.manager for person, line in best.items()}
        cycles = sorted(_circles(parent))
        if not cycles:
            return Forest(parent, broken, two)
        for cycle in cycles:
            worst = max((best[person] for person in cycle), key=_rank)
            broken.append((cycle, worst))
            ranked[worst.person].pop()


def _circles(manager: Mapping[str, str]) -> list[list[str]]:
    """Those who report to each other in a circle, each circle sorted. Nobody has two managers here, so one walk up from each finds all. O(n)."""
    met: dict[str, int] = {}
    found: list[list[str]] = []
    for number, person in enumerate(manager):
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
    return (-line.confidence, -line.since, line.manager, line.person)


def layout(names: Mapping[str, str], parent: Mapping[str, str]) -> dict[str, Place]:
    """Places of everyone in ``names`` (id -> name): siblings by name, then id; whoever has no parent here is a root."""
    above = {person: parent[person] for person in names if parent.get(person) in names}
    below: dict[str | None, list[str]] = defaultdict(list)
    for _, person in sorted(zip(names.values(), names, strict=True), reverse=True):
        below[above.get(person)].append(person)
    walk: list[str] = []
    stack = below.pop(None, [])
    while stack:
        person = stack.pop()
        walk.append(person)
        if person in below:
            stack += below[person]
    depth, count = dict.fromkeys(walk, 0), dict.fromkeys(walk, 0)
    for person in walk:
        if person in above:
            depth[person] = depth[above[person]] + 1
    for person in reversed(walk):
        if person in above:
            count[above[person]] += count[person] + 1
    return dict(zip(walk, map(Place, depth.values(), range(len(walk)), count.values()), strict=True))


def chosen(places: Mapping[str, Place], parent: Mapping[str, str], held: Iterable[str], most: int) -> set[str]:
    """Whom to show when there is room for ``most``: those ``held``, in that order, then their chains, then breadth first."""
    if len(places) <= most:
        return set(places)
    keep: set[str] = set()
    people = [person for person in held if person in places]
    keep.update(people[:most])
    for person in people[:most]:
        at = parent.get(person)
        while at in places and at is not None and len(keep) < most:
            keep.add(at)
            at = parent.get(at)
    for person in sorted(places, key=lambda who: (places[who].depth, places[who].order)):
        if len(keep) >= most:
            break
        keep.add(person)
    return keep
