"""The journal: what one load said of one origin, packed into ``Said`` nodes. Pure."""

import zlib
from binascii import b2a_base64
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import chain, islice, repeat
from typing import Any, NamedTuple, TypeVar

import numpy as np
import orjson

from graph.instants import OPEN_END
from graph.model import source_of
from graph.timeline import Said

T = TypeVar("T")
BATCH = 10_000
"""Rows of one statement, and of one ``Said``."""
DIGEST = 8
"""Bytes of a digest."""
KEY_HASH = 12
"""Bytes of the hash of what tells a fact apart."""
KEY = KEY_HASH * 4 // 3
"""Bytes of a fact's key: its hash in base 64."""
FEW = 50
"""So many texts are looked for in a piece before it is parsed."""


def batches(rows: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """Rows in pieces of ``size``."""
    each = iter(rows)
    while piece := list(islice(each, size)):
        yield piece


def by_weight(rows: Iterable[T], weigh: Callable[[T], int], most: int) -> Iterator[list[T]]:
    """Rows in pieces that weigh no more than ``most`` together, or are one row."""
    piece, total = list[T](), 0
    for row in rows:
        own = weigh(row)
        if piece and total + own > most:
            yield piece
            piece, total = [], 0
        piece.append(row)
        total += own
    if piece:
        yield piece


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


class Facts(NamedTuple):
    """Many rows' words on facts as columns, all rows of a key together; ``values`` are JSON texts."""

    keys: Sequence[str]
    starts: Sequence[int | None]
    ends: Sequence[int | None]
    digests: Sequence[int]
    from_refs: Sequence[str]
    to_refs: Sequence[str]
    confidences: Sequence[float]
    values: Sequence[bytes]
    known_from: Sequence[int | None]

    @classmethod
    def of(cls, rows: Sequence[FactRow]) -> "Facts":
        """Rows as columns."""
        columns = list(zip(*rows, strict=True)) or [()] * len(cls._fields)
        columns[7] = tuple(map(orjson.dumps, columns[7]))
        return cls(*columns)

    def row(self, place: int) -> FactRow:
        """One of them as a row."""
        return FactRow(
            self.keys[place],
            self.starts[place],
            self.ends[place],
            self.digests[place],
            self.from_refs[place],
            self.to_refs[place],
            self.confidences[place],
            orjson.loads(self.values[place]),
            self.known_from[place],
        )

    def rows(self) -> Iterator[FactRow]:
        """All of them."""
        return map(self.row, range(len(self.keys)))

    def at(self, places: Sequence[int]) -> "Facts":
        """Some of them."""
        columns: list[list[Any]] = [[column[place] for place in places] for column in self]
        return Facts(*columns)

    def pack(self) -> bytes:
        """As ``Said`` nodes keep them."""
        texts = map(orjson.Fragment, self.values)
        return _packed(list(zip(*self[:7], texts, self.known_from, strict=True)))


class ThingRow(NamedTuple):
    """One row's word on a company, a person, a group: its attributes and other names, and since when it is known (None: the load).

    All ids are as the row gives them.
    """

    id: str
    confidence: float
    values: dict[str, Any]
    aliases: list[str]
    known_from: int | None = None


class Things(NamedTuple):
    """Many rows' words on things of a label as columns, all rows of a thing together; ``values`` and ``aliases`` are JSON texts.

    ``things`` are those that the ``ids`` of the rows name. ``digests`` are of the values with the label's defaults: of a thing that has nothing
    else, as it stands.
    """

    things: Sequence[str]
    ids: Sequence[str]
    abouts: Sequence[str]
    confidences: Sequence[float]
    values: Sequence[bytes]
    aliases: Sequence[bytes | None]
    digests: Sequence[int]
    known_from: Sequence[int | None]

    @classmethod
    def of(cls, said: "Mapping[About, Iterable[ThingRow]]", defaults: Mapping[str, Any], thing_of: Callable[[str], str]) -> "Things":
        """Rows as columns."""
        rows = sorted(((thing_of(row.id), str(about), row) for about, given in said.items() for row in given), key=lambda told: told[0])
        return cls(
            [thing for thing, _, _ in rows],
            [row.id for *_, row in rows],
            [about for _, about, _ in rows],
            [row.confidence for *_, row in rows],
            [orjson.dumps(row.values) for *_, row in rows],
            [orjson.dumps(row.aliases) for *_, row in rows],
            [digest({**defaults, **row.values}) for *_, row in rows],
            [row.known_from for *_, row in rows],
        )

    def rows(self) -> Iterator[ThingRow]:
        """All of them."""
        return map(self.row, range(len(self.ids)))

    def row(self, place: int) -> ThingRow:
        """One of them as a row."""
        return ThingRow(self.ids[place], self.confidences[place], orjson.loads(self.values[place]), self.names(place), self.known_from[place])

    def names(self, place: int) -> list[str]:
        """The aliases of one of them."""
        text = self.aliases[place]
        found: list[str] = orjson.loads(text) if text else []
        return found

    def pack(self) -> "Iterator[tuple[About, bytes]]":
        """As ``Said`` nodes keep them, those of each origin apart."""
        rows: dict[str, list[list[Any]]] = {about: [] for about in dict.fromkeys(self.abouts)}
        for id_, about, sure, values, names, _, known_from in zip(*self[1:], strict=True):
            rows[about].append([id_, sure, orjson.Fragment(values), orjson.Fragment(names or b"[]"), known_from])
        for about, given in rows.items():
            yield About.read(about), _packed(given)


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

    @property
    def number(self) -> int:
        """Its number: the revision that it makes."""
        return int(self.id.removeprefix("L"))

    @classmethod
    def read(cls, id_: str, source: str, as_of: int, recorded_at: int, *abouts: Iterable[str]) -> "Known":
        """From the fields of its node."""
        return cls(id_, source, as_of, recorded_at, *(frozenset(map(About.read, texts)) for texts in abouts))


def digest(values: Mapping[str, Any]) -> int:
    """A signed 64-bit hash of values, whatever their order."""
    return digest_of(orjson.dumps(values, option=orjson.OPT_SORT_KEYS))


def digest_of(text: bytes) -> int:
    """A signed 64-bit hash."""
    return int.from_bytes(blake2b(text, digest_size=DIGEST).digest(), "big", signed=True)


def digests_of(texts: Iterable[bytes]) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """The same of many texts."""
    return np.frombuffer(b"".join([blake2b(text, digest_size=DIGEST).digest() for text in texts]), ">i8").astype(np.int64)


def key_of(type_: str, apart: Iterable[str], source: str, filed: str) -> str:
    """A short hash of what tells a fact apart: 12 bytes in base 64."""
    return keys_of(type_, [(told,) for told in apart], (source,), filed).decode()


def keys_of(type_: str, apart: Iterable[Iterable[str]], sources: Iterable[str], filed: str) -> bytes:
    """The keys of facts of a type, ``KEY`` bytes each, one after the other: ``apart`` are columns of what tells them apart."""
    texts = map("\x1f".join, zip(repeat(type_), *apart, sources, repeat(filed), strict=False))
    return b2a_base64(b"".join([blake2b(text.encode(), digest_size=KEY_HASH).digest() for text in texts]), newline=False)


def fact_digest(values: Mapping[str, Any], from_ref: str, to_ref: str, confidence: float) -> int:
    """The digest of a fact: of its values, its ends as the source names them, and how sure it is."""
    return fact_digest_of(orjson.dumps(values, option=orjson.OPT_SORT_KEYS), from_ref, to_ref, confidence)


def fact_digest_of(values: bytes, from_ref: str, to_ref: str, confidence: float) -> int:
    """The same of values as JSON with sorted names."""
    return int(fact_digests_of((values,), (from_ref,), (to_ref,), (confidence,))[0])


def fact_digests_of(
    values: Iterable[bytes], from_refs: Iterable[str], to_refs: Iterable[str], confidences: Iterable[float]
) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """The same of many facts. What is beside the values bears the empty name, which sorts before all."""
    beside = map(orjson.dumps, zip(from_refs, to_refs, confidences, strict=True))
    return digests_of(
        b'{"":%b,%b' % (ends, text[1:]) if len(text) > len(b"{}") else b'{"":%b}' % ends for text, ends in zip(values, beside, strict=True)
    )


def pack(rows: Sequence[tuple[Any, ...]]) -> Iterator[bytes]:
    """Rows in pieces of ``BATCH``."""
    for piece in batches(rows):
        yield _packed([list(row) for row in piece])


def _packed(rows: Sequence[Any]) -> bytes:
    return zlib.compress(orjson.dumps(rows), 1)


def unpack_facts(blobs: Iterable[bytes]) -> list[FactRow]:
    """The facts' rows again."""
    return [FactRow(*row) for row in unpack(blobs)]


def unpack_things(blobs: Iterable[bytes]) -> list[ThingRow]:
    """The things' rows again."""
    return [ThingRow(*row) for row in unpack(blobs)]


def unpack_those(blob: bytes, ids: Collection[str]) -> list[ThingRow]:
    """The rows of some things. A piece that does not hold the text of any id is not parsed, where few are looked for."""
    text = zlib.decompress(blob)
    if len(ids) <= FEW and not any(orjson.dumps(id_) in text for id_ in ids):
        return []
    return [ThingRow(*row) for row in orjson.loads(text) if row[0] in ids]


def unpack(blobs: Iterable[bytes]) -> Iterator[list[Any]]:
    """The rows again, as lists."""
    return chain.from_iterable(orjson.loads(zlib.decompress(blob)) for blob in blobs)


class Word(NamedTuple):
    """What one load says of a thing, and of which origin (`source/kind`) the word is."""

    load: Known
    origin: str
    row: ThingRow

    @property
    def rank(self) -> tuple[float, int, int, str, str]:
        """The greater it is, the more the word counts: by confidence, as-of, recorded, source name (design, Facts)."""
        return self.row.confidence, self.load.as_of, self.load.recorded_at, source_of(self.origin), self.origin


def known_since(said: Iterable[Word], of: Callable[[str], str]) -> dict[str, int]:
    """Thing -> the first instant from which one of these words makes it known. ``of`` says which thing an id names."""
    first: dict[str, int] = {}
    for load, _, row in said:
        at, thing = load.recorded_at if row.known_from is None else row.known_from, of(row.id)
        first[thing] = min(at, first.get(thing, at))
    return first


def winners(said: Iterable[Word], of: Callable[[str], str]) -> dict[str, dict[str, Any]]:
    """Thing -> attribute -> the winning value; of one origin in one load the last row wins. ``of`` says which thing an id names."""
    best: dict[str, dict[str, Any]] = {}
    for word in sorted(said, key=lambda word: word.rank):
        best.setdefault(of(word.row.id), {}).update(word.row.values)
    return best
