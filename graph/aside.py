"""What takes long leaves the loop, so that others are answered meanwhile."""

import time
from asyncio import Lock, create_task, gather, get_running_loop, sleep, to_thread
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from typing import Any, Generic, ParamSpec, Self, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
MANY = 1_000
"""So many items, of a hundredth to a tenth of a millisecond each, may be gone through on the loop. It waits for a thread that computes too, a few
milliseconds each time it wants to go on, so that short work is done at once where it stands.
"""


async def aside(size: int, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What ``work`` returns, in a thread where it goes through ``MANY`` items: it must be pure."""
    return await to_thread(work, *args, **kwargs) if size >= MANY else work(*args, **kwargs)


def one_by_one(items: Iterable[R]) -> Callable[[], Coroutine[Any, Any, R | None]]:
    """Takes the next item in a thread, None after the last: one at a time and in their order, however many ask at once."""
    each, turn = iter(items), Lock()

    async def following() -> R | None:
        async with turn:
            return await to_thread(next, each, None)

    return following


class Ahead(Generic[R]):
    """What ``read`` answers, until it answers None: the first are read at once, ``deep`` of them, and the next while one is worked on.

    To be gone through once. ``read`` is under way so many times at once, and begins in the order in which it is told.
    """

    def __init__(self, read: Callable[[], Coroutine[Any, Any, R | None]], deep: int = 1) -> None:
        self._read = read
        self._coming = deque(create_task(read()) for _ in range(deep))

    async def __aiter__(self) -> AsyncIterator[R]:
        while (found := await self._coming[0]) is not None:
            self._coming.popleft()
            self._coming.append(create_task(self._read()))
            yield found

    async def close(self) -> None:
        """Nothing more is read."""
        for each in self._coming:
            each.cancel()
        await gather(*self._coming, return_exceptions=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


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
