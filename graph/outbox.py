"""Statements on their way into the graph: gathered into transactions, of which two may be under way at the same time."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from enum import Flag, auto
from typing import Any

AT_ONCE = 2
"""So many transactions are under way. They are committed one after the other, since each holds the lease from its last statement on."""

Work = list[tuple[str, dict[str, Any]]]
"""Statements with their parameters, in order."""


class Writes(Flag):
    """What a transaction writes, which says after what it must come. A load that broke off is taken back by its ``WORDS``, so that these land first.

    ``NODES`` and ``FACTS`` are new, each in one transaction. Facts need their ends to stand; that others hang facts on the same ends at the same time
    does no harm.
    """

    WORDS = auto()
    NODES = auto()
    FACTS = auto()
    OTHER = auto()

    def after(self, other: "Writes") -> bool:
        """Whether this is written only once the other has landed."""
        return any(kind in self and other & before for kind, before in AFTER.items())


AFTER = {
    Writes.WORDS: Writes.OTHER,
    Writes.NODES: Writes.OTHER | Writes.WORDS,
    Writes.FACTS: Writes.OTHER | Writes.WORDS | Writes.NODES,
    Writes.OTHER: ~Writes(0),
}


class Outbox:
    """Gathers what is to be written to transactions, and sends each as soon as what it must come after has landed.

    ``write`` writes one transaction, all or nothing. Its error is raised by whichever call comes next, once nothing is under way any more.
    """

    def __init__(self, write: Callable[[Work], Awaitable[None]]) -> None:
        self._write = write
        self._rest()
        self._under_way: dict[asyncio.Future[None], Writes] = {}

    async def put(self, work: Work, rows: int, writes: Writes, most: int) -> None:
        """Writes this, in one transaction with others while they are fewer than ``most`` rows, and while the next is made ready."""
        self._waiting += work
        self._rows += rows
        self._writes |= writes
        if self._rows >= most:
            await self._send()

    async def flush(self) -> None:
        """All that was put in is written."""
        await self._send()
        await self.landed()

    async def landed(self) -> None:
        """All that is under way is written."""
        while self._under_way:
            await self._first()

    async def rest(self) -> None:
        """Nothing more is sent; what is under way ends first, well or not."""
        self._rest()
        while self._under_way:
            with contextlib.suppress(Exception, asyncio.CancelledError):  # whoever rests has an error to raise already
                await self._first()

    def _rest(self) -> None:
        self._waiting: Work = []
        self._rows, self._writes = 0, Writes(0)

    async def _send(self) -> None:
        while len(self._under_way) >= AT_ONCE or any(map(self._writes.after, self._under_way.values())):
            await self._first()
        if self._waiting:
            self._under_way[asyncio.ensure_future(self._write(self._waiting))] = self._writes
            self._rest()

    async def _first(self) -> None:
        """The first to land has landed. Raises what it met."""
        done, _ = await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
        one = done.pop()
        del self._under_way[one]
        try:
            await one
        except BaseException:
            await self.rest()
            raise
