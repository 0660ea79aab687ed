"""One writer at a time: a lease in the graph, on the database's clock, that a dead or stuck writer loses."""

import asyncio
import contextlib
import math
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psutil

from graph import statements
from graph.errors import DottedlineError, LeaseLost, Overloaded, QueryTimeout, StoreUnavailable
from graph.store import Store

SECONDS = 30
"""A writer that does not move for so long loses its turn."""

DRIFT = 5
"""Seconds by which the start of one and the same process may seem to move when the clock is set."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The turn to write. Every write renews it and fails once somebody else has it."""

    store: Store
    holder: str
    seconds: float = SECONDS

    async def write(self, name: str, batches: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """As ``Store.write``, but only while the lease is held. Raises LeaseLost."""
        await self.store.write(name, batches, (statements.HOLD_LEASE, {"holder": self.holder, "milliseconds": int(self.seconds * 1000)}))


def _me() -> str:
    process = psutil.Process()
    return f"{socket.gethostname()}:{process.pid}:{process.create_time():.0f}:{uuid4().hex[:8]}"


def is_dead(holder: str) -> bool:
    """Whether the holder was a process of this machine that is no more. Of another machine's nothing is known."""
    host, pid, began, _ = holder.rsplit(":", 3)
    if host != socket.gethostname():
        return False
    try:
        process = psutil.Process(int(pid))
        return process.status() == psutil.STATUS_ZOMBIE or abs(process.create_time() - float(began)) > DRIFT
    except psutil.NoSuchProcess:
        return True


@contextlib.asynccontextmanager
async def turn(
    store: Store, waiting: Callable[[str], None] = lambda holder: None, seconds: float = SECONDS, patience: float | None = None
) -> AsyncIterator[Lease]:
    """Waits for the turn and gives it back at the end; ``waiting`` hears once whom one waits for; who is silent for ``seconds`` loses it.

    Raises Overloaded after ``patience`` seconds; without it one waits on.
    """
    lease = Lease(store, _me(), seconds)
    told, began = False, time.monotonic()
    while True:
        rows = await store.read("lease", statements.LEASE_HOLDER, {})
        held = str(rows[0][0]) if rows else ""
        mine = [lease.holder, *([held] if held and is_dead(held) else [])]
        try:
            await store.write("lease", [], (statements.TAKE_LEASE, {"holder": lease.holder, "mine": mine, "milliseconds": int(seconds * 1000)}))
            break
        except (LeaseLost, QueryTimeout):  # a writer that is stuck at the end of a transaction holds the lease's lock until the database ends it
            if not told:
                waiting(held)
                told = True
            if patience is not None and time.monotonic() - began > patience:
                again = math.ceil(patience)
                raise Overloaded(f"Somebody else writes, for longer than {patience:g} s now. Ask again in {again} s.", retryAfter=again) from None
            await asyncio.sleep(0.2)
    renewing = asyncio.create_task(_renew(lease))
    try:
        yield lease
    except StoreUnavailable:
        renewing.cancel()
        raise
    except BaseException:
        await _give(lease, renewing)
        raise
    else:
        await _give(lease, renewing)


async def _give(lease: Lease, renewing: asyncio.Task[None]) -> None:
    """Gives the turn back; where that fails, it runs out by itself."""
    renewing.cancel()
    with contextlib.suppress(DottedlineError, asyncio.CancelledError):
        await renewing
    with contextlib.suppress(DottedlineError):
        await lease.store.write("lease", [(statements.GIVE_LEASE, {"holder": lease.holder})])


async def _renew(lease: Lease) -> None:
    while True:
        await asyncio.sleep(lease.seconds / 3)
        await lease.write("lease", [])
