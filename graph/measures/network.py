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

from graph.measures.strength import Floats, Ints, Truths, changes, ragged


class TieKind(StrEnum):
    """On what an edge rests; the order is that of all arrays of kinds. That somebody opposes another carries nothing."""

    INTERACTION = "INTERACTION"
    ADVISES = "ADVISES"
    REPORTING = "REPORTING"
    CO_AFFILIATION = "CO_AFFILIATION"


TIE_KINDS = tuple(TieKind)
KIND_PLACE = {tie: place for place, tie in enumerate(TIE_KINDS)}


@dataclass(frozen=True)
class Parameters:
    """The chances of method.md 5.5 and 9; an edge of less than ``least`` is none, and none is surer than ``cap``."""

    interaction: float = 0.8
    to_report: float = 0.6
    to_manager: float = 0.4
    co_affiliation: float = 0.15
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
    def of(cls, tie: TieKind, tail: Ints, head: Ints, chance: Floats) -> "Evidence":
        """Rows of one kind."""
        return cls(tail, head, np.full(len(tail), KIND_PLACE[tie]), chance)


NOBODY = np.zeros(0, np.int64)
NOTHING = Evidence(NOBODY, NOBODY, NOBODY, np.zeros(0))


def joined(rows: Iterable[Evidence]) -> Evidence:
    """All of these rows."""
    given = [*rows, NOTHING]
    tail, head, kind = (np.concatenate([row[column] for row in given]).astype(np.int64, copy=False) for column in range(3))
    return Evidence(tail, head, kind, np.concatenate([row.chance for row in given]))


def by_interaction(tail: Ints, head: Ints, strength: Floats, parameters: Parameters = DEFAULTS) -> Evidence:
    """Of people in touch, as strong as method.md 5.1 says: a row each way."""
    return Evidence.of(TieKind.INTERACTION, tail, head, parameters.interaction * strength)


def by_advice(adviser: Ints, advised: Ints, heard: Floats) -> Evidence:
    """Of people who sway others, as somebody said: how surely they are heard, by what was said times how sure its source is."""
    return Evidence.of(TieKind.ADVISES, adviser, advised, heard)


def by_managing(manager: Ints, report: Ints, sure: Floats, parameters: Parameters = DEFAULTS) -> Evidence:
    """Of managers, whom their reports hear, by solid and dotted lines."""
    return Evidence.of(TieKind.REPORTING, manager, report, parameters.to_report * sure)


def by_reporting(report: Ints, manager: Ints, sure: Floats, parameters: Parameters = DEFAULTS) -> Evidence:
    """Of reports, whom their managers hear, though less."""
    return Evidence.of(TieKind.REPORTING, report, manager, parameters.to_manager * sure)


def by_co_affiliation(tail: Ints, head: Ints, parameters: Parameters = DEFAULTS) -> Evidence:
    """Of former colleagues and fellow students, a row each way."""
    return Evidence.of(TieKind.CO_AFFILIATION, tail, head, np.full(len(tail), parameters.co_affiliation))


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
        return order[ragged(start[people], self.out_counts(people))]

    def out_counts(self, people: Ints) -> Ints:
        """How many edges lead from each of these people."""
        start, _ = self._from
        made: Ints = start[people + 1] - start[people]
        return made

    def kinds(self, edge: int, asked: Truths | None = None) -> list[TieKind]:
        """On what an edge rests, the strongest first; of the kinds ``asked`` for, where any are."""
        row = self.by_kind[edge] if asked is None else np.where(asked, self.by_kind[edge], 0.0)
        return [TIE_KINDS[place] for place in np.argsort(-row, kind="stable") if row[place] > 0]


def network(people: int, given: Evidence, parameters: Parameters = DEFAULTS) -> Network:
    """The edges that the evidence makes among so many people; nobody speaks to himself. O(n log n)."""
    apart = given.tail != given.head
    tail, head, kind, chance = (column[apart] for column in given)
    order = np.lexsort((kind, tail, head))
    tail, head, kind, chance = tail[order], head[order], kind[order], chance[order]
    new = changes(head, tail)
    edge = np.cumsum(new) - 1
    by_kind = np.zeros((int(new.sum()), len(TIE_KINDS)))
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
