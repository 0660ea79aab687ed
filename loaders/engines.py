"""Where a load's row steps run: in this process, or on a Dask cluster. They are pure, and what they make comes in the order of the files."""

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any

from graph.errors import ConfigError, InvalidInput
from loaders.check import Checked
from loaders.tables import Table

Step = Callable[[Table], Checked]
Run = Callable[[Step, Iterable[Table]], Iterable[Checked]]
"""Takes a step and stretches of files, and answers what the step makes of each, in their order."""
AHEAD = 2
"""So many stretches a thread of the cluster are under way or wait for their turn: more would only fill memory."""


class RowEngine(StrEnum):
    """Where rows are checked."""

    HERE = "here"
    DASK = "dask"


@contextlib.contextmanager
def engine(name: RowEngine, scheduler: str | None) -> Iterator[Run]:
    """The engine of this name. Without a ``scheduler`` Dask starts a process for each core of this machine, and ends them.

    Raises ConfigError where Dask is not installed, and InvalidInput where no scheduler answers.
    """
    if name is RowEngine.HERE:
        if scheduler is not None:
            raise InvalidInput("--scheduler goes with --engine dask.", argument="scheduler")
        yield map
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


def _on(client: Any, step: Step, tables: Iterable[Table]) -> Iterator[Checked]:
    room = AHEAD * max(1, sum(client.nthreads().values()))
    under_way: deque[Any] = deque()
    for table in tables:
        under_way.append(client.submit(step, table, pure=False))
        if len(under_way) >= room:
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()
