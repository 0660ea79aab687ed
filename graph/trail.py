"""The trail of who asked what about whom: JSON lines, one file a day (UTC), in a home; apart from the logs, kept as long as is set."""

import fcntl
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

FOLDER = "audit"
NAME = re.compile(r"audit-(\d{4}-\d{2}-\d{2})\.jsonl")
ERASED = "(erased)"
NAMING = ("who", "asked", "purpose")
"""What of a line may name a person."""


class Trail:
    """The files of one home. Processes of one machine take turns by a lock."""

    def __init__(self, home: Path) -> None:
        self.folder = home / FOLDER

    def append(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Writes lines at the end of today's file, in one piece. Raises OSError."""
        with self._turn():
            path = self.folder / f"audit-{datetime.now(UTC):%Y-%m-%d}.jsonl"
            with path.open("ab") as file:
                file.write(b"".join(orjson.dumps(line, default=str, option=orjson.OPT_APPEND_NEWLINE) for line in lines))
            path.chmod(0o600)

    def files(self) -> list[tuple[date, Path]]:
        """Days with their files, in order."""
        found = [(match[1], path) for path in self.folder.glob("*.jsonl") if (match := NAME.fullmatch(path.name))]
        return sorted((date.fromisoformat(day), path) for day, path in found)

    def read(self, since: datetime | None = None, until: datetime | None = None) -> Iterator[dict[str, Any]]:
        """Lines of these instants, the earliest first; a line that a kill cut off is left out."""
        for day, path in self.files():
            if (since and day < since.astimezone(UTC).date()) or (until and day > until.astimezone(UTC).date()):
                continue
            with path.open("rb") as file:
                for text in file:
                    line = _line(text)
                    if line and (not since or _at(line) >= since) and (not until or _at(line) <= until):
                        yield line

    def prune(self, days: int) -> int:
        """Deletes files of days longer ago; how many."""
        if not self.folder.exists():
            return 0
        with self._turn():
            old = [path for day, path in self.files() if day < datetime.now(UTC).date() - timedelta(days=days)]
            for path in old:
                path.unlink()
        return len(old)

    def strike(self, names: Callable[[str], bool]) -> int:
        """Takes whoever is named out of the lines: who asked, about whom, and a purpose. The rest of each line stays. How many files changed."""
        if not self.folder.exists():
            return 0
        with self._turn():
            return sum(_struck(path, names) for _, path in self.files())

    def strike_anew(self, names: Callable[[str], bool], known: int) -> int:
        """The same where so many names are ``known``: while there are no more of them, only what was written since the last time is looked at."""
        if not self.folder.exists():
            return 0
        with self._turn():
            seen = self.folder / ".struck"
            before = _line(seen.read_bytes()) if seen.exists() else {}
            since = before.get("at", 0) if before.get("known") == known else 0
            at = time.time_ns()
            changed = sum(_struck(path, names) for _, path in self.files() if path.stat().st_mtime_ns >= since)
            seen.write_bytes(orjson.dumps({"known": known, "at": at}))
        return changed

    @contextmanager
    def _turn(self) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _line(text: bytes) -> dict[str, Any]:
    try:
        line = orjson.loads(text)
    except ValueError:
        return {}
    return line if isinstance(line, dict) else {}


def _at(line: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(line["at"])


def texts_of(value: Any) -> Iterator[str]:
    """Every text within a value of JSON, names of members left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts_of(item)


def _without(value: Any, names: Callable[[str], bool]) -> Any:
    if isinstance(value, str):
        return ERASED if names(value) else value
    if isinstance(value, dict):
        return {name: _without(item, names) for name, item in value.items()}
    return [_without(item, names) for item in value] if isinstance(value, list) else value


def _struck(path: Path, names: Callable[[str], bool]) -> bool:
    """Whether the file held any of them. What is left is written beside it and put in its place: a kill leaves the one or the other."""
    beside, changed = path.with_suffix(".new"), False
    with path.open("rb") as old, beside.open("wb") as new:
        for text in old:
            line = _line(text)
            named = any(names(part) for name in NAMING for part in texts_of(line.get(name)))
            changed |= named
            left = {name: _without(value, names) if name in NAMING else value for name, value in line.items()} if named else None
            new.write(text if left is None else orjson.dumps(left, option=orjson.OPT_APPEND_NEWLINE))
    if changed:
        beside.chmod(0o600)
        beside.replace(path)
    else:
        beside.unlink()
    return changed
