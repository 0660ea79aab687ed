"""Where a load's row steps run: here, beside this process too, or on Dask. They are pure, and what they make comes in the order of the files."""

import contextlib
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

from graph.errors import ConfigError, InvalidInput
from loaders.check import Checked
from loaders.helpers import Helpers, Step
from loaders.tables import Table

Run = Callable[[Step, Iterable[Table]], Iterable[Checked]]
"""Takes a step and stretches of files, and answers what the step makes of each, in their order."""
SMALL = 2 * 1024 * 1024
"""Bytes of files that are checked before another process would be ready."""
MOST = 2
"""So many helpers check as fast as one process reads; more would wait for it."""
AHEAD = 2
"""So many stretches a thread of the cluster are under way or wait for their turn: more would only fill memory."""


class RowEngine(StrEnum):
    """Where rows are checked."""

    CORES = "cores"
    HERE = "here"
    DASK = "dask"


USUAL = RowEngine.CORES
"""What a load takes where nobody names another."""


@contextlib.contextmanager
def engine(name: RowEngine = USUAL, scheduler: str | None = None, paths: Iterable[Path] = ()) -> Iterator[Run]:
    """The engine of this name, for these files. ``CORES`` starts its helpers at once, to be ready when rows come, and none for small files.

    Without a ``scheduler`` Dask starts a process for each core of this machine. Raises ConfigError where Dask is not installed, and InvalidInput
    where no scheduler answers.
    """
    if name is not RowEngine.DASK and scheduler is not None:
        raise InvalidInput("--scheduler goes with --engine dask.", argument="scheduler")
    if name is not RowEngine.DASK:
        number = helpers_for(paths) if name is RowEngine.CORES else 0
        with Helpers(number) as helpers:
            yield helpers.run if number else map
        return
    try:
        from distributed import Client  # noqa: PLC0415
    except ImportError:
        raise ConfigError("Dask is not installed. Run: pip install 'dottedline[dask]'") from None
    try:
        given = {"address": scheduler} if scheduler else {"processes": True, "threads_per_worker": 1, "dashboard_address": None}
        client: Any = Client(**given)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise InvalidInput(f"--scheduler {scheduler}: no Dask scheduler answers ({error}).", argument="scheduler") from None
    with client:
        yield lambda step, tables: _on(client, step, tables)


def helpers_for(paths: Iterable[Path]) -> int:
    """How many processes beside this one check the rows of these files: one for each other core, at most ``MOST``, and none for a small load."""
    if sys.platform == "win32" or not sys.executable or getattr(sys, "frozen", False):
        return 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    files = (file for path in paths for file in (path.rglob("*") if path.is_dir() else (path,)) if file.is_file())
    return min(cores - 1, MOST) if sum(file.stat().st_size for file in files) > SMALL else 0


def _on(client: Any, step: Step, tables: Iterable[Table]) -> Iterator[Checked]:
    room = AHEAD * max(1, sum(client.nthreads().values()))
    under_way: deque[Any] = deque()
    for table in tables:
        under_way.append(client.submit(step, table, pure=False))
        if len(under_way) >= room:
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()
