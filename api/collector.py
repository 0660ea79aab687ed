"""When a server looks for circles that nobody holds any more. A full turn of Python's collector goes through all that is kept and holds the loop
meanwhile, so that it is taken between requests, and not within one as Python would.
"""

import asyncio
import gc
import time
from collections.abc import Callable

EVERY = 30.0
"""Seconds between two full turns: circles that outlive the short ones, which stay as they are, are few."""
PATIENCE = 10.0
"""So many seconds one waits for a moment at which nobody is answered."""
LOOK = 0.02
NEVER = 1 << 30


def settle() -> None:
    """What is there stays, and is looked through no more; full turns are taken by ``turns`` alone."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*gc.get_threshold()[:2], NEVER)


async def turns(busy: Callable[[], bool], every: float = EVERY, patience: float = PATIENCE) -> None:
    """Takes full turns for as long as the server runs, at moments when it is not ``busy`` if there are any."""
    while True:
        await asyncio.sleep(every)
        until = time.monotonic() + patience
        while busy() and time.monotonic() < until:  # noqa: ASYNC110  uvicorn has no event for it
            await asyncio.sleep(LOOK)
        gc.collect()
