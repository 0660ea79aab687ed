"""Who can get whose attention: the edges that carry a word from one person to another, and how likely each does (method.md 5.5). Pure and vectorised.

An edge runs from who speaks to who listens. What is known of a pair is of several kinds; within a kind the best stands, so that the same thing told
twice counts once, and kinds are joined as independent chances (noisy-OR).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

import numpy as np

from graph.measures.strength import DAY, Floats, Ints, Truths, changes, ragged


class Tie(StrEnum):
    """On what an edge rests; the order is that of all arrays of kinds. That somebody opposes another carries nothing."""

    INTERACTION = "INTERACTION"
    ADVISES = "ADVISES"
    REPORTING = "REPORTING"
    CO_AFFILIATION = "CO_AFFILIATION"


TIES = tuple(Tie)
PLACE = {tie: place for place, tie in enumerate(TIES)}


@dataclass(frozen=True)
class Parameters:
    """The chances of method.md 5.5 and 9; an edge of less than ``least`` is none, and none is surer than ``cap``.

    ``years`` is how long two people must have shared a past employer or school; where more than ``largest`` people did, that says nothing of a pair.
    """

    interaction: float = 0.8
    to_report: float = 0.6
    to_manager: float = 0.4
    co_affiliation: float = 0.15
    years: float = 1.0
    largest: int = 50
    least: float = 0.01
    cap: float = 0.95


DEFAULTS = Parameters()


class Evidence(NamedTuple):
    """A row a thing that makes one person heard by another: places of people, place of the kind, chance."""

    tail: Ints
    head: Ints
    kind: Ints
    chance: Floats

    @classmethod
    def of(cls, tie: Tie, tail: Ints, head: Ints, chance: Floats) -> "Evidence":
        """Rows of one kind."""
        return cls(tail, head, np.full(len(tail), PLACE[tie]), chance)


NOBODY = np.zeros(0, np.int64)
NOTHING = Evidence(NOBODY, NOBODY, NOBODY, np.zeros(0))


def joined(rows: Iterable[Evidence]) -> Evidence:
    """All of these rows."""
    given = [*rows, NOTHING]
    tail, head, kind = (np.concatenate([row[column] for row in given]).astype(np.int64, copy=False) for column in range(3))
    return Evidence(tail, head, kind, np.concatenate([row.chance for row in given]))


def by_interaction(one: Ints, other: Ints, strength: Floats, parameters: Parameters = DEFAULTS) -> Evidence:
    """Of pairs with a strength of their relationship: either has the other's ear."""
    chance = parameters.interaction * np.concatenate([strength, strength])
    return Evidence.of(Tie.INTERACTION, np.concatenate([one, other]), np.concatenate([other, one]), chance)


def by_advice(adviser: Ints, advised: Ints, strength: Floats, sure: Floats) -> Evidence:
    """Of people who sway others, as somebody said: the strength is the chance, as far as the source is sure."""
    return Evidence.of(Tie.ADVISES, adviser, advised, strength * sure)


def by_reporting(person: Ints, manager: Ints, parameters: Parameters = DEFAULTS) -> Evidence:
    """Of reporting lines, solid and dotted: a manager is heard more than a report."""
    chance = np.concatenate([np.full(len(person), parameters.to_report), np.full(len(person), parameters.to_manager)])
    return Evidence.of(Tie.REPORTING, np.concatenate([manager, person]), np.concatenate([person, manager]), chance)


def by_co_affiliation(person: Ints, place: Ints, since: Ints, until: Ints, present: Ints, parameters: Parameters = DEFAULTS) -> Evidence:
    """Of stays at employers and schools, a row each with its bounds: two people who were at one place together for so long that they know each other.

    A stay with an open start has an unknown length: its ``since`` is to be its ``until``. ``present`` is the place of each person's present employer,
    -1 for none: where two people work together today, that alone makes no edge. O(n log n + pairs).
    """
    order = np.lexsort((person, place))
    person, place, since, until = person[order], place[order], since[order], until[order]
    if not len(place):
        return NOTHING
    starts = np.flatnonzero(changes(place))
    size = np.diff(np.append(starts, len(place)))
    people = np.add.reduceat(changes(place, person).astype(np.int64), starts)
    ends = np.where(people <= parameters.largest, starts + size, starts)
    after = np.maximum(np.repeat(ends, size) - np.arange(len(place)) - 1, 0)
    one = np.repeat(np.arange(len(place)), after)
    other = ragged(np.arange(len(place)) + 1, after)
    together = np.minimum(until[one], until[other]) - np.maximum(since[one], since[other])
    apart = (present[person[one]] != place[one]) | (present[person[other]] != place[one])
    known = (together >= parameters.years * 365 * DAY) & apart & (person[one] != person[other])
    tail, head = person[one[known]], person[other[known]]
    chance = np.full(2 * len(tail), parameters.co_affiliation)
    return Evidence.of(Tie.CO_AFFILIATION, np.concatenate([tail, head]), np.concatenate([head, tail]), chance)


@dataclass(frozen=True)
class Network:
    """Edges sorted by who listens, then who speaks, so that those into a person are a stretch ``start[person]:start[person + 1]``.

    ``by_kind`` is edges x kinds, 0 where a kind says nothing; ``chance`` joins them. Places of people follow their ids, so ties of chance are
    broken by id.
    """

    start: Ints
    tail: Ints
    head: Ints
    by_kind: Floats
    chance: Floats

    @property
    def people(self) -> int:
        """How many people."""
        return len(self.start) - 1

    @cached_property
    def _from(self) -> tuple[Ints, Ints]:
        """The same edges by who speaks: where a person's begin, and their places."""
        order = np.argsort(self.tail, kind="stable")
        return np.searchsorted(self.tail[order], np.arange(self.people + 1)), order

    def into(self, people: Ints) -> Ints:
        """The edges to these people."""
        return ragged(self.start[people], self.start[people + 1] - self.start[people])

    def out_of(self, people: Ints) -> Ints:
        """The edges from these people."""
        start, order = self._from
        return order[ragged(start[people], start[people + 1] - start[people])]

    def kinds(self, edge: int) -> list[Tie]:
        """On what an edge rests, the strongest first."""
        row = self.by_kind[edge]
        return [TIES[place] for place in np.argsort(-row, kind="stable") if row[place] > 0]

    def edge(self, tail: int, head: int) -> int:
        """The place of the edge between two people, -1 for none."""
        low, high = self.start[head], self.start[head + 1]
        at = low + int(np.searchsorted(self.tail[low:high], tail))
        return int(at) if at < high and self.tail[at] == tail else -1


def network(people: int, given: Evidence, parameters: Parameters = DEFAULTS) -> Network:
    """The edges that the evidence makes among so many people; nobody speaks to himself. O(n log n)."""
    apart = given.tail != given.head
    tail, head, kind, chance = (column[apart] for column in given)
    order = np.lexsort((kind, tail, head))
    tail, head, kind, chance = tail[order], head[order], kind[order], chance[order]
    new = changes(head, tail)
    edge = np.cumsum(new) - 1
    by_kind = np.zeros((int(new.sum()), len(TIES)))
    np.maximum.at(by_kind, (edge, kind), np.minimum(chance, parameters.cap))
    joint = chances(by_kind, None, parameters)
    kept = joint > 0
    tail, head = tail[new][kept], head[new][kept]
    return Network(np.searchsorted(head, np.arange(people + 1)), tail, head, by_kind[kept], joint[kept])


def chances(by_kind: Floats, kinds: Truths | None, parameters: Parameters = DEFAULTS) -> Floats:
    """The joint chance of each edge by the kinds that count, None for all; 0 for an edge too weak to be one."""
    told = by_kind if kinds is None else by_kind[:, kinds]
    joint = np.minimum(1 - np.prod(1 - told, axis=1), parameters.cap)
    made: Floats = np.where(joint >= parameters.least, joint, 0.0)
    return made
