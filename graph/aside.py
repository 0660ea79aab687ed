"""What takes long leaves the loop, so that others are answered meanwhile."""

import contextlib
import time
from asyncio import CancelledError, create_task, get_running_loop, sleep, to_thread
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
MANY = 1_000
"""So many items, of a hundredth to a tenth of a millisecond each, may be gone through on the loop. It waits for a thread that computes too, a few
milliseconds each time it wants to go on, so that short work is done at once where it stands.
"""


async def aside(size: int, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What ``work`` returns, in a thread where it goes through ``MANY`` items: it must be pure."""
    return await to_thread(work, *args, **kwargs) if size >= MANY else work(*args, **kwargs)


@contextlib.asynccontextmanager
async def read_ahead(read: Callable[[], Coroutine[Any, Any, R | None]]) -> AsyncIterator[AsyncIterator[R]]:
    """What ``read`` answers, until it answers None; the next is read while one is worked on."""
    coming = create_task(read())

    async def each() -> AsyncIterator[R]:
        nonlocal coming
        while (found := await coming) is not None:
            coming = create_task(read())
            yield found

    try:
        yield each()
    finally:
        coming.cancel()
        with contextlib.suppress(CancelledError, Exception):
            await coming


class Turns:
    """Spreads what many tasks do at the same time over turns of the loop: whoever finds that this one has lasted ``seconds`` waits for the next."""

    def __init__(self, seconds: float = 0.01) -> None:
        self._seconds = seconds
        self._began: float | None = None

    async def __call__(self) -> None:
        """Returns in a turn that has time left."""
        while True:
            if self._began is None:
                self._began = time.monotonic()
                get_running_loop().call_soon(self._over)
            if time.monotonic() - self._began < self._seconds:
                return
            await sleep(0)

    def _over(self) -> None:
        self._began = None
