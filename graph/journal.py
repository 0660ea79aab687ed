"""The journal: what one load said of one origin, packed into ``Said`` nodes. Pure."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import orjson

from graph.timeline import Said

ROWS = 10_000
"""Rows a node."""


class FactRow(NamedTuple):
    """One row's word on a fact: its key, bounds, values, and the source's own references of its ends."""

    key: str
    start: int | None
    end: int | None
    digest: int
    from_ref: str
    to_ref: str
    confidence: float
    values: dict[str, Any]

    @property
    def said(self) -> Said:
        """Bounds and value, as the fold wants them."""
        return Said(self.start, self.end, self.digest)


class ThingRow(NamedTuple):
    """One row's word on a company, a person, a group: its attributes and other names."""

    id: str
    confidence: float
    values: dict[str, Any]
    aliases: list[str]


class Known(NamedTuple):
    """A load that counts: finished, not taken back."""

    id: str
    source: str
    as_of: int
    recorded_at: int
    origins: frozenset[str]
    complete: frozenset[str]


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


def winners(said: Iterable[tuple[Known, ThingRow]]) -> dict[str, dict[str, Any]]:
    """Thing -> attribute -> the winning value: by confidence, as-of, recorded, source name (design, Facts)."""
    best: dict[str, dict[str, Any]] = {}
    for _, row in sorted(said, key=lambda pair: (pair[1].confidence, pair[0].as_of, pair[0].recorded_at, pair[0].source)):
        best.setdefault(row.id, {}).update(row.values)
    return best
