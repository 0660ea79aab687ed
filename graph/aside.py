"""What takes long leaves the loop, so that others are answered meanwhile."""

from asyncio import to_thread
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
MANY = 1_000
"""So many items, of a hundredth to a tenth of a millisecond each, may be gone through on the loop. It waits for a thread that computes too, a few
milliseconds each time it wants to go on, so that short work is done at once where it stands.
"""


async def aside(size: int, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What ``work`` returns, in a thread where it goes through ``MANY`` items: it must be pure."""
    return await to_thread(work, *args, **kwargs) if size >= MANY else work(*args, **kwargs)
