"""Columns of a snapshot: texts as bytes, and rows of a graph in order of their ends. Pure; nothing here is ever changed in place."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int32]
"""Places in a table; -1 for what is not in it."""
Codes = NDArray[np.int8]
"""Places in a fixed list of words."""
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]
Bytes = NDArray[np.uint8]


class Texts(Sequence[str]):
    """Many texts as two arrays: their bytes one after the other, and where each ends."""

    def __init__(self, data: Bytes, ends: Ints) -> None:
        self.data, self.ends = data, ends

    @property
    def nbytes(self) -> int:
        """Bytes of both arrays."""
        return self.data.nbytes + self.ends.nbytes

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Texts":
        """These texts."""
        made = [text.encode() for text in texts]
        ends = np.cumsum(np.fromiter(map(len, made), np.int64, len(made)))
        return cls(np.frombuffer(b"".join(made), np.uint8), ends)

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, at):  # type: ignore[no-untyped-def]
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        at = range(len(self))[at]
        return self.data[self.ends[at - 1] if at else 0 : self.ends[at]].tobytes().decode()

    def list(self) -> list[str]:
        """All of them; faster than one by one."""
        data, start, made = self.data.tobytes(), 0, []
        for end in self.ends.tolist():
            made.append(data[start:end].decode())
            start = end
        return made

    def take(self, rows: NDArray[np.integer]) -> "Texts":
        """These rows, in this order."""
        lengths = np.diff(self.ends, prepend=0)
        counts = lengths[rows]
        ends = np.cumsum(counts)
        return Texts(self.data[np.repeat((self.ends - lengths)[rows] - (ends - counts), counts) + np.arange(counts.sum())], ends)

    def and_then(self, more: "Texts") -> "Texts":
        """These, then those."""
        return Texts(np.concatenate([self.data, more.data]), np.concatenate([self.ends, more.ends + len(self.data)]))

    def find(self, text: str) -> int:
        """The place of a text among sorted ones, -1 for none. O(log n)."""
        at = bisect_left(self, text)
        return at if at < len(self) and self[at] == text else -1


class Csr(NamedTuple):
    """Rows in the order of one of their ends: those of end ``n`` are ``rows[start[n] : start[n + 1]]``."""

    start: Ints
    rows: Ints

    @classmethod
    def by(cls, end: NDArray[np.integer], size: int) -> "Csr":
        """Rows by an end below ``size``. O(n log n)."""
        counts = np.bincount(end, minlength=size)
        return cls(np.concatenate([[0], np.cumsum(counts)]), np.argsort(end, kind="stable").astype(np.int64, copy=False))

    def of(self, end: int) -> Ints:
        """The rows of one end."""
        rows: Ints = self.rows[self.start[end] : self.start[end + 1]]
        return rows

    def of_all(self, ends: NDArray[np.integer]) -> Ints:
        """The rows of these ends, one end after the other."""
        counts = self.start[ends + 1] - self.start[ends]
        before = np.repeat(np.cumsum(counts) - counts, counts)
        rows: Ints = self.rows[np.repeat(self.start[ends], counts) + np.arange(counts.sum()) - before]
        return rows
