"""Who comes in: so many requests at once, so many that wait, so many a second from one caller."""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from graph.errors import Overloaded, RateLimited

MOST_CALLERS = 10_000
"""So many callers are remembered. One that is forgotten begins anew with a full burst."""


class Gate:
    """Room for ``most`` at once; ``queue`` others wait in order, each at most ``seconds``."""

    def __init__(self, most: int, queue: int, seconds: float, cure: str = "raise DOTTEDLINE_MAX_RUNNING or DOTTEDLINE_MAX_WAITING") -> None:
        self._room = asyncio.Semaphore(most)
        self._queue, self._seconds, self._cure = queue, seconds, cure
        self.running = self.waiting = 0

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[None]:
        """Holds a place. Raises Overloaded, at once when the queue is full."""
        if self._room.locked() and self.waiting >= self._queue:
            raise self._overloaded()
        self.waiting += 1
        try:
            async with asyncio.timeout(self._seconds):
                await self._room.acquire()
        except TimeoutError:
            raise self._overloaded() from None
        finally:
            self.waiting -= 1
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1
            self._room.release()

    def _overloaded(self) -> Overloaded:
        seconds = math.ceil(self._seconds)
        return Overloaded(
            f"{self.running} requests are being answered and {self.waiting} wait. Ask again in {seconds} s, or {self._cure}.",
            retryAfter=seconds,
        )


class Bodies:
    """Room for ``most`` bytes of requests that are being read, of all callers together."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self.held = 0

    @contextmanager
    def __call__(self) -> Iterator[Callable[[int], None]]:
        """Takes so many bytes more with each call; they are given back when the block ends. Raises Overloaded where there is no room."""
        mine = 0

        def take(size: int) -> None:
            nonlocal mine
            if self.held + size > self._most:
                seconds = math.ceil(self._seconds)
                raise Overloaded(f"Too many bytes are being read from others. Send it again in {seconds} s.", retryAfter=seconds)
            mine, self.held = mine + size, self.held + size

        try:
            yield take
        finally:
            self.held -= mine


class Rates:
    """A bucket of ``burst`` tokens for each caller, filled again by ``rate`` a second; a request takes one. O(1) a request."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> None:
        """Takes one token. Raises RateLimited, and takes nothing, when none is left."""
        now = self._clock()
        left, at = self._buckets.pop(caller, (float(self._burst), now))
        left = min(self._burst, left + (now - at) * self._rate)
        self._buckets[caller] = (left if left < 1 else left - 1, now)
        if len(self._buckets) > MOST_CALLERS:
            self._buckets.popitem(last=False)
        if left < 1:
            seconds = math.ceil((1 - left) / self._rate)
            raise RateLimited(
                f"You may ask {self._rate:g} times a second, and {self._burst} times at once after a pause (DOTTEDLINE_RATE, DOTTEDLINE_RATE_BURST). "
                f"Ask again in {seconds} s.",
                retryAfter=seconds,
            )
