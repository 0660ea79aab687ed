"""How parts of a snapshot are declared: columns of places, words, numbers and texts, and who fills them."""

from collections.abc import Awaitable, Callable, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, get_type_hints

import numpy as np

from graph.instants import OPEN_START
from graph.read import READS, Reader, code_of
from graph.sight import Sight
from graph.snapshot.arrays import Texts
from graph.view import View

Spans = Sequence[tuple[str, str]]
"""Ranges of ids, both ends included."""


class Ref(NamedTuple):
    """A column of places among the things of a label; a row that names none is left out, unless it ``may`` name none: then -1 stands there."""

    label: str
    may: bool = False


class Words(NamedTuple):
    """A column of places in a list of words."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, enum: type[StrEnum]) -> "Words":
        """The values of an enumeration, in its order."""
        return cls(tuple(one.value for one in enum))


PERSON, COMPANY, GROUP = Ref("Person"), Ref("Company"), Ref("BuyingGroup")
PRODUCT, OPPORTUNITY, ANY_PRODUCT = Ref("Product"), Ref("Opportunity"), Ref("Product", may=True)
Kind = Ref | Words | type[np.generic] | type[Texts]


class Others(NamedTuple):
    """Competitors and partners: their ids, those of their products, and those of whoever ever worked there."""

    companies: Set[str] = frozenset()
    products: Set[str] = frozenset()
    people: Set[str] = frozenset()


@dataclass(frozen=True)
class Looking:
    """What the reads of a snapshot need to know beside the ranges."""

    store: Reader
    view: View
    newest: bool
    """All that is known now is asked for: what the graph keeps summed up may be used."""
    ours: Set[str] = field(default_factory=frozenset)
    """Whoever works for us."""
    former: Set[str] = field(default_factory=frozenset)
    """Whoever did once and does no more."""
    others: Others = field(default_factory=Others)
    """Competitors and partners."""
    sight: Sight | None = None
    """All that is hidden in the graph, where that is at hand."""

    @property
    def facts(self) -> dict[str, Any]:
        """Parameters of reads that say what is only assumed."""
        return {"open": OPEN_START, "assuming": sorted(self.view.assuming)}


@dataclass(frozen=True)
class Part:
    """One part: its columns, the label by whose ids it is read, and who reads it.

    The first column says whose row it is: the id itself where the part lists the things of the label, else a place among them. ``fetch`` answers one
    row of columns, as lists or arrays; ids stand for places and words for their places. ``of_events`` parts are read after all others, since they
    rest on who works for us, and for whom else.
    """

    columns: type
    label: str
    fetch: Callable[[Looking, Spans], Awaitable[list[Any]]]
    of_events: bool = False

    @property
    def name(self) -> str:
        """Its name in files."""
        return self.columns.__name__

    @property
    def kinds(self) -> dict[str, Kind]:
        """Column -> what it holds."""
        return {name: hint.__metadata__[0] for name, hint in get_type_hints(self.columns, include_extras=True).items()}

    @property
    def lists(self) -> bool:
        """It lists the things of its label."""
        return next(iter(self.kinds.values())) is Texts


def filling() -> dict[str, str]:
    """The reads that fill snapshots, as far as they are declared: name -> text without comments."""
    return {name: code_of(read.text) for name, read in sorted(READS.items()) if name.startswith("snapshot_")}
