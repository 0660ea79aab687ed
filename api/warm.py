"""Keeps the snapshot of the market at hand, so that no question waits for it: from the start, after each write, and over midnight."""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta

from starlette.datastructures import State

from api.context import Context
from graph.errors import DottedlineError, SnapshotBuilding
from graph.instants import end_of_today
from graph.settings import Settings
from graph.snapshot.keeper import snapshot_at
from graph.store import Store

log = logging.getLogger(__name__)
AHEAD = timedelta(minutes=15)
"""So long before midnight tomorrow's is made."""


async def keep_warm(store: Store, settings: Settings, state: State) -> None:
    """Looks again and again, until it is cancelled, and says in ``state.warm`` when the first one stands."""
    while True:
        try:
            await warmed(store, settings, datetime.now(settings.zone))
            state.warm = True
        except SnapshotBuilding:
            continue
        except DottedlineError as error:
            log.warning("not warm", extra={"reason": error.code})
        await asyncio.sleep(max(1.0, settings.fresh_seconds))


async def warmed(store: Store, settings: Settings, now: datetime) -> None:
    """Today's snapshot stands, and shortly before midnight tomorrow's. Raises SnapshotBuilding while it does not."""
    view = await Context(store, settings).view()
    for as_of in sorted({end_of_today(settings.zone, now), end_of_today(settings.zone, now + AHEAD)}):
        await snapshot_at(store, replace(view, as_of=as_of))
