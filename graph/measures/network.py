"""Who can get whose attention: the edges that carry a word from one person to another, and how likely each does (method.md 5.5). Pure and vectorised.

An edge runs from who speaks to who listens. What is known of a pair is of several kinds; within a kind the best stands, so that the same thing told
twice counts once, and kinds are joined as independent chances (noisy-OR).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from graph.lazy import cached_property
from graph.measures.strength import Floats, Ints, Truths, changes, ragged
from graph.worded import Worded


class TieKind(Worded):
    """On what an edge rests; the order is that of all arrays of kinds. That somebody opposes another carries nothing."""

    INTERACTION = "INTERACTION", "They were in touch."
    ADVISES = "ADVISES", "One advises the other."
    REPORTING = "REPORTING", "One reports to the other."
    CO_AFFILIATION = "CO_AFFILIATION", "They belong to the same body."


TIE_KINDS = tuple(TieKind)
KIND_PLACE = {tie: place for place, tie in enumerate(TIE_KINDS)}


@dataclass(frozen=True)
class Parameters:
    """The chances of method.md 5.5 and 9; an edge of less than ``least`` is none, and none is surer than ``cap``.

    What the kinds say weighs as much as ``prior`` introductions.
    """

    interaction: float = 0.8
    to_report: float = 0.6
    to_manager: float = 0.4
    co_affiliation: float = 0.15
    prior: float = 10.0
    least: float = 0.01
    cap: float = 0.95


DEFAULTS = Parameters()
CAME_ABOUT = frozenset({"held", "accepted"})
TRIED = CAME_ABOUT | {"declined", "no_show"}
"""Statuses of an introduction. One that is planned or open is not decided yet, and one that was called off was not tried."""


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


class Introductions(NamedTuple):
    """A row two people: how often the first tried to put something before the second by an introduction, and how often it came about."""

    tail: Ints
    head: Ints
    tried: Ints
    worked: Ints

    @classmethod
    def of(cls, giver: Ints, receiver: Ints, tried: Ints, worked: Ints, ours: Truths) -> "Introductions":
        """Of introductions as they are recorded. Where one of ours received it, they had asked the giver for it, and the giver heard them or not."""
        asked = ours[receiver] & ~ours[giver]
        return cls(np.where(asked, receiver, giver), np.where(asked, giver, receiver), tried, worked)


NOBODY = np.zeros(0, np.int64)
NONE_TRIED = Introductions(NOBODY, NOBODY, NOBODY, NOBODY)
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

    ``by_kind`` is edges x kinds, 0 where a kind says nothing; ``tried`` and ``worked`` count introductions; ``chance`` is what they come to together.
    Places of people follow their ids, so ties of chance are broken by id.
    """

    start: Ints
    tail: Ints
    head: Ints
    by_kind: Floats
    tried: Ints
    worked: Ints
    chance: Floats
    kept: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)
    """What was worked out of the edges once and may be used again: by whatever tells it apart."""

    @property
    def people(self) -> int:
        """How many people."""
        return len(self.start) - 1

    @cached_property
    def _from(self) -> tuple[Ints, Ints]:
        """The same edges by who speaks: where a person's begin, and their places."""
        return _starts(self.tail, self.people), np.argsort(self.tail, kind="stable")

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

    def many(self, people: Ints, *, back: bool) -> Ints:
        """How many edges each of these people has, to them or from them."""
        start = self.start if back else self._from[0]
        return start[people + 1] - start[people]

    def ends(self, edges: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Who speaks and who listens, of each of these edges."""
        some = np.array(edges, np.int64)
        return zip(self.tail[some].tolist(), self.head[some].tolist(), strict=True)

    def kinds(self, edge: int, asked: Truths | None = None) -> list[TieKind]:
        """On what an edge rests, the strongest first; of the kinds ``asked`` for, where any are."""
        row = self.by_kind[edge] if asked is None else np.where(asked, self.by_kind[edge], 0.0)
        return [TIE_KINDS[place] for place in np.argsort(-row, kind="stable") if row[place] > 0]

    def by(self, kinds: Truths | None, edges: Ints) -> Floats:
        """How likely each of these edges carries by the kinds that count, None for all; 0 for one too weak to be one."""
        return self.chance[edges] if kinds is None else chances(self.by_kind[edges][:, kinds], self.tried[edges], self.worked[edges])

    def renewed(self, now: Ints, anew: Truths, edges: "Network") -> "Network":
        """With people at the places ``now`` (-1 for gone, else in the same order) and these edges of those who are ``anew``, to them and from them.

        O(n) in copying.
        """
        tail, head = now[self.tail], now[self.head]
        stays = (tail >= 0) & (head >= 0) & ~anew[tail] & ~anew[head]
        tail, head = tail[stays], head[stays]
        at = np.searchsorted(head * len(anew) + tail, edges.head * len(anew) + edges.tail)
        head = np.insert(head, at, edges.head)
        return Network(
            _starts(head, len(anew)),
            np.insert(tail, at, edges.tail),
            head,
            np.insert(self.by_kind[stays], at, edges.by_kind, axis=0),
            np.insert(self.tried[stays], at, edges.tried),
            np.insert(self.worked[stays], at, edges.worked),
            np.insert(self.chance[stays], at, edges.chance),
        )


def network(people: int, given: Evidence, introduced: Introductions = NONE_TRIED, parameters: Parameters = DEFAULTS) -> Network:
    """The edges that the evidence makes among so many people; nobody speaks to himself. O(n log n).

    Introductions make no edge: they say how far one is to be believed.
    """
    apart = given.tail != given.head
    tail, head, kind, chance = (column[apart] for column in given)
    ends = head * people + tail
    order = np.argsort(ends)
    new = changes(ends[order])
    edge = np.cumsum(new) - 1
    best = np.zeros(int(new.sum()) * len(TIE_KINDS))
    np.maximum.at(best, edge * len(TIE_KINDS) + kind[order], np.minimum(chance[order], parameters.cap))
    by_kind = best.reshape(-1, len(TIE_KINDS))
    head, tail = head[order[new]], tail[order[new]]
    tried, worked = _counted(people, tail, head, introduced)
    likely = chances(by_kind, tried, worked, parameters)
    kept = likely > 0
    return Network(_starts(head[kept], people), tail[kept], head[kept], by_kind[kept], tried[kept], worked[kept], likely[kept])


def _starts(ends: Ints, people: int) -> Ints:
    """Where the edges of each person begin, in sorted ends."""
    return np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=people))])


def _counted(people: int, tail: Ints, head: Ints, introduced: Introductions) -> tuple[Ints, Ints]:
    """Of each edge, how many introductions were tried and came about. The edges are sorted by head, then tail."""
    tried, worked = np.zeros(len(tail), np.int64), np.zeros(len(tail), np.int64)
    if len(introduced.tail) and len(tail):
        keys, wanted = head * people + tail, introduced.head.astype(np.int64) * people + introduced.tail
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        there = keys[at] == wanted
        np.add.at(tried, at[there], introduced.tried[there])
        np.add.at(worked, at[there], introduced.worked[there])
    return tried, worked


def chances(by_kind: Floats, tried: Ints, worked: Ints, parameters: Parameters = DEFAULTS) -> Floats:
    """How likely each edge carries, 0 for one too weak to be one.

    The kinds, edges x kinds, are joined as independent chances; where introductions were tried, the result is their share that came about, shrunk
    towards that prior: ``(worked + 10 prior) / (tried + 10)``, the mean of a Beta (method.md 5.5).
    """
    likely: Floats = np.minimum(1 - np.prod(1 - by_kind, axis=1), parameters.cap)
    told = np.flatnonzero((tried > 0) & (likely > 0))
    shrunk = (worked[told] + parameters.prior * likely[told]) / (tried[told] + parameters.prior)
    likely[told] = np.minimum(shrunk, parameters.cap)
    likely[likely < parameters.least] = 0.0
    return likely
