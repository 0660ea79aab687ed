"""Snapshots as files that all processes of a machine map into memory: one file each, written aside and renamed, so that nobody meets half of one."""

import contextlib
import fcntl
import hashlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from graph.consent import BARRING_WORDS
from graph.measures import strength
from graph.snapshot.arrays import Texts
from graph.snapshot.declare import filling
from graph.snapshot.parts import PARTS
from graph.snapshot.snapshot import Snapshot, Stamp

FOLDER = "snapshots"
SUFFIX = ".snapshot"
KEPT = 4
"""So many files are kept, those used last."""
ALIGNED = 64
MAGIC = b"DOTTEDLINE SNAPSHOT\n"
NAME = re.compile(r"(?P<as_of>-?\d+)-(?P<known_at>-?\d+)-(?P<head>\d+)-(?P<load>[0-9a-f]+)-(?P<layout>[0-9a-f]+)" + re.escape(SUFFIX))
"""An instant may lie before 1970, and what was known before the first load is known at the open start."""


def layout() -> str:
    """Stands for what a file holds and how it is made: files of another layout are not looked at."""
    said = [sys.byteorder, strength.FORMULA.params_hash]
    said += [f"{part.name} {part.label} {list(part.kinds.items())}" for part in PARTS]
    said += [*filling().values(), *BARRING_WORDS]
    return hashlib.blake2b("\n".join(said).encode(), digest_size=6).hexdigest()


class Files:
    """The snapshot files of one home."""

    def __init__(self, home: Path) -> None:
        self.folder = home / FOLDER
        self._layout = layout()

    def stamps(self) -> dict[Stamp, Path]:
        """What is there, of the layout that we know."""
        found: dict[Stamp, Path] = {}
        for path in self.folder.glob(f"*{SUFFIX}"):
            if (named := NAME.fullmatch(path.name)) and named["layout"] == self._layout:
                found[Stamp(int(named["as_of"]), int(named["known_at"]), int(named["head"]), named["load"])] = path
        return found

    def opened(self, stamp: Stamp) -> Snapshot | None:
        """The snapshot of a file, mapped into memory; None where there is none any more, or what is there cannot be used."""
        path = self._path(stamp)
        try:
            with path.open("rb") as file:
                if file.read(len(MAGIC)) != MAGIC:
                    return None
                head, size = orjson.loads(file.read(int.from_bytes(file.read(8), "little")))
                start = _aligned(file.tell())
            os.utime(path)
            data = np.memmap(path, np.uint8, "r")
        except (OSError, ValueError):
            return None
        if len(data) != start + size:
            return None
        arrays = {name: data[start + at : start + at + size].view(dtype) for name, dtype, at, size in head}
        return Snapshot(
            stamp, {part.columns: part.columns(**{name: _read(arrays, part.name, name, kind) for name, kind in part.kinds.items()}) for part in PARTS}
        )

    def write(self, snapshot: Snapshot) -> None:
        """Writes a snapshot aside and renames it. The lock must be held."""
        arrays: list[tuple[str, Any]] = []
        for part in PARTS:
            for name in part.kinds:
                arrays += _written(f"{part.name}.{name}", getattr(snapshot[part.columns], name))
        head, at = [], 0
        for name, array in arrays:
            head.append((name, array.dtype.str, at, array.nbytes))
            at += _aligned(array.nbytes)
        told = orjson.dumps((head, at))
        aside = self._path(snapshot.stamp).with_suffix(f".{os.getpid()}.half")
        with aside.open("wb") as file:
            file.write(MAGIC + len(told).to_bytes(8, "little") + told)
            file.write(bytes(_aligned(file.tell()) - file.tell()))
            for _, array in arrays:
                file.write(np.ascontiguousarray(array).data)
                file.write(bytes(_aligned(array.nbytes) - array.nbytes))
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self._path(snapshot.stamp))

    def tidy(self, keep: int = KEPT, since: int = 0) -> None:
        """Removes halves that somebody left, files of other layouts, of a state before the number ``since``, and all but the ``keep`` used last.

        The lock must be held. Whoever has a file mapped keeps what it holds.
        """
        known = self.stamps()
        old = {path for stamp, path in known.items() if stamp.head < since}
        by_use = sorted(set(known.values()) - old, key=_used, reverse=True)
        for path in [*self.folder.glob("*.half"), *(set(self.folder.glob(f"*{SUFFIX}")) - set(by_use[:keep]))]:
            path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def locked(self, *, wait: bool = True) -> Iterator[bool]:
        """One process at a time builds and writes; False where another does and one does not ``wait``. It is given up when the process ends."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
            else:
                yield True

    def _path(self, stamp: Stamp) -> Path:
        return self.folder / f"{stamp.as_of}-{stamp.known_at}-{stamp.head}-{stamp.load}-{self._layout}{SUFFIX}"


def forget(home: Path) -> None:
    """Removes every snapshot of a home: somebody who was erased may stand in them."""
    files = Files(home)
    if files.folder.exists():
        with files.locked():
            files.tidy(keep=0)


def _used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _aligned(size: int) -> int:
    return -(-size // ALIGNED) * ALIGNED


def _written(name: str, column: Any) -> list[tuple[str, Any]]:
    return [(f"{name}.data", column.data), (f"{name}.ends", column.ends)] if isinstance(column, Texts) else [(name, column)]


def _read(arrays: dict[str, Any], part: str, name: str, kind: Any) -> Any:
    whole = f"{part}.{name}"
    return Texts(arrays[f"{whole}.data"], arrays[f"{whole}.ends"]) if kind is Texts else arrays[whole]
