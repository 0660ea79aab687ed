"""Writers that die between two transactions."""

import asyncio
from collections.abc import Sequence
from typing import Any

from graph.lease import Lease
from graph.ledger import Ledger
from graph.store import Store


class Mortal:
    """A lease whose writer dies after so many more writes: what was begun before may still be written, nothing else is."""

    def __init__(self, lease: Lease, after: int) -> None:
        self._lease, self._left = lease, after

    async def write(self, name: str, batches: Sequence[tuple[str, dict[str, Any]]]) -> None:
        if not self._left:
            raise asyncio.CancelledError
        self._left -= 1
        await self._lease.write(name, batches)


def mortal(ledger: Ledger, after: int) -> None:
    """It dies after so many more writes."""
    ledger.lease = Mortal(ledger.lease, after)


async def overdue(store: Store) -> None:
    """Whoever has the turn has been silent for all of its time, so that the next writer does not wait for that."""
    await store.write("test", [("MATCH (l:Lease) SET l.until = 0", {})])
