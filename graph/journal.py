"""The journal: what one load said of one origin, packed into ``Said`` nodes. Pure."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import orjson

from graph.instants import OPEN_END
from graph.model import source_of
from graph.timeline import Said

ROWS = 10_000
"""Rows a node."""


class FactRow(NamedTuple):
    """One row's word on a fact: its key, bounds, values, the source's own references of its ends, and since when it is known (None: the load)."""

    key: str
    start: int | None
    end: int | None
    digest: int
    from_ref: str
    to_ref: str
    confidence: float
    values: dict[str, Any]
    known_from: int | None = None

    @classmethod
    def absent(cls, key: str, since: int, from_ref: str = "", to_ref: str = "", known_from: int | None = None) -> "FactRow":
        """The word that a fact does not hold from an instant on."""
        return cls(key, since, since, 0, from_ref, to_ref, 1.0, {}, known_from)

    @classmethod
    def silent(cls, key: str) -> "FactRow":
        """No word on a fact, in a load that would else say by its silence that it is absent: absent after the end of time."""
        return cls.absent(key, OPEN_END)

    @property
    def said(self) -> Said:
        """Bounds and value, as the fold wants them."""
        return Said(self.start, self.end, self.digest)


class ThingRow(NamedTuple):
    """One row's word on a company, a person, a group: its attributes and other names, and since when it is known (None: the load)."""

    id: str
    confidence: float
    values: dict[str, Any]
    aliases: list[str]
    known_from: int | None = None

    @classmethod
    def silent(cls, id_: str) -> "ThingRow":
        """No word on a thing, in a load that would else say by its silence that it is no more."""
        return cls(id_, -1.0, {}, [])


class About(NamedTuple):
    """What a load spoke of: the facts of a type, or the things of a label, of one origin (`source/kind`)."""

    name: str
    origin: str

    def __str__(self) -> str:
        return f"{self.name} {self.origin}"

    @classmethod
    def read(cls, text: str) -> "About":
        """From the text that stands in the graph."""
        name, _, origin = text.partition(" ")
        return cls(name, origin)

    @property
    def source(self) -> str:
        """Who says it."""
        return source_of(self.origin)

    @property
    def kind(self) -> str:
        """The kind of file that says it."""
        return self.origin.rpartition("/")[2]


class Known(NamedTuple):
    """A load that counts: finished, not taken back.

    Of the facts in ``complete`` it says that those which it does not name are absent, of single ones in ``emptied`` that they are.
    """

    id: str
    source: str
    as_of: int
    recorded_at: int
    abouts: frozenset[About]
    complete: frozenset[About]
    emptied: frozenset[About] = frozenset()

    @classmethod
    def read(cls, id_: str, source: str, as_of: int, recorded_at: int, *abouts: Iterable[str]) -> "Known":
        """From the fields of its node."""
        return cls(id_, source, as_of, recorded_at, *(frozenset(map(About.read, texts)) for texts in abouts))


def digest(values: Mapping[str, Any]) -> int:
    """A signed 64-bit hash of values, whatever their order."""
    made = hashlib.blake2b(orjson.dumps(values, option=orjson.OPT_SORT_KEYS), digest_size=8).digest()
    return int.from_bytes(made, "big", signed=True)


def pack(rows: Sequence[FactRow] | Sequence[ThingRow]) -> Iterator[bytes]:
    """Rows in pieces of ``ROWS``."""
    for first in range(0, len(rows), ROWS):
        yield zlib.compress(orjson.dumps([list(row) for row in rows[first : first + ROWS]]), 1)


def unpack_facts(blobs: Iterable[bytes]) -> list[FactRow]:
    """The facts' rows again."""
    return [FactRow(*row) for row in _unpack(blobs)]


def unpack_things(blobs: Iterable[bytes]) -> list[ThingRow]:
    """The things' rows again."""
    return [ThingRow(*row) for row in _unpack(blobs)]


def _unpack(blobs: Iterable[bytes]) -> Iterator[list[Any]]:
    return chain.from_iterable(orjson.loads(zlib.decompress(blob)) for blob in blobs)


class Word(NamedTuple):
    """What one load says of a thing, and of which origin (`source/kind`) the word is."""

    load: Known
    origin: str
    row: ThingRow

    @property
    def rank(self) -> tuple[float, int, int, str, str]:
        """The greater it is, the more the word counts: by confidence, as-of, recorded, source name (design, Facts)."""
        return self.row.confidence, self.load.as_of, self.load.recorded_at, self.origin.rpartition("/")[0], self.origin


def standing(said: Sequence[Word], loads: Iterable[Known], label: str) -> list[Word]:
    """The words on things of a label that count: a later load that held all of an origin takes back what that said of things it does not name."""
    whole = [(load, about.origin) for load in loads for about in load.complete if about.name == label]
    named = {(word.load.id, word.origin, word.row.id) for word in said} if whole else set()

    def stands(word: Word) -> bool:
        return word.row.confidence >= 0 and not any(
            origin == word.origin and load[2:4] > word.load[2:4] and (load.id, origin, word.row.id) not in named for load, origin in whole
        )

    return [word for word in said if stands(word)]


def known_since(said: Iterable[Word]) -> dict[str, int]:
    """Thing -> the first instant from which one of these words makes it known."""
    first: dict[str, int] = {}
    for load, _, row in said:
        at = load.recorded_at if row.known_from is None else row.known_from
        first[row.id] = min(at, first.get(row.id, at))
    return first


def winners(said: Iterable[Word]) -> dict[str, dict[str, Any]]:
    """Thing -> attribute -> the winning value; of one origin in one load the last row wins."""
    best: dict[str, dict[str, Any]] = {}
    for word in sorted(said, key=lambda word: word.rank):
        best.setdefault(word.row.id, {}).update(word.row.values)
    return best
