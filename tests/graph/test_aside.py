"""Leaving the loop, and leaving time on it to others."""

import asyncio
import threading
import time

import pytest

from graph.aside import MANY, Ahead, Turns, aside, one_by_one


async def test_long_work_is_done_in_a_thread_and_short_work_where_it_stands():
    here = threading.get_ident()
    assert await aside(MANY - 1, threading.get_ident) == here
    assert await aside(MANY, threading.get_ident) != here


async def test_those_who_wake_at_once_leave_turns_to_others():
    turns, woken, seen = Turns(0.001), asyncio.Event(), [0]

    async def one():
        await woken.wait()
        await turns()
        time.sleep(0.002)  # works on the loop
        seen[0] += 1

    tasks = [asyncio.create_task(one()) for _ in range(20)]
    await asyncio.sleep(0)
    woken.set()
    most = before = 0
    while seen[0] < len(tasks):
        await asyncio.sleep(0)
        most, before = max(most, seen[0] - before), seen[0]
    await asyncio.gather(*tasks)
    assert most == 1


def _counting(to, read):
    """Reads 1, 2, up to a number, and notes what was read."""

    async def one():
        await asyncio.sleep(0)
        read.append(len(read) + 1)
        return read[-1] if read[-1] <= to else None

    return one


async def test_the_next_is_read_while_one_is_worked_on():
    read, seen = [], []
    async with Ahead(_counting(3, read)) as ahead:
        async for each in ahead:
            await asyncio.sleep(0.01)
            seen.append((each, len(read)))
    assert seen == [(1, 2), (2, 3), (3, 4)]


@pytest.mark.parametrize("deep", [1, 2, 5])
async def test_several_are_read_at_once_and_come_in_their_order(deep):
    following, at_once, most = one_by_one(range(1, 8)), 0, 0

    async def read():
        nonlocal at_once, most
        if (item := await following()) is None:
            return None
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.02 / item)  # the later, the sooner
        at_once -= 1
        return item

    async with Ahead(read, deep) as ahead:
        assert [item async for item in ahead] == [1, 2, 3, 4, 5, 6, 7]
    assert most == deep


async def test_what_was_read_ahead_is_let_go_when_work_fails_or_is_cancelled():
    let_go = []

    async def read(came):
        if first := next(came):
            return first
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            let_go.append(True)
            raise

    async def works(fails):
        once = iter((1, None))
        async with Ahead(lambda: read(once)) as ahead:
            async for _ in ahead:
                await asyncio.sleep(0)
                if fails:
                    raise ValueError("work")
                await asyncio.Event().wait()

    with pytest.raises(ValueError, match="work"):
        await works(fails=True)
    assert let_go == [True]
    task = asyncio.create_task(works(fails=False))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert let_go == [True, True]


async def test_what_nobody_goes_through_is_let_go():
    read = []
    ahead = Ahead(_counting(3, read))
    await asyncio.sleep(0.01)
    await ahead.close()
    assert read == [1]


async def test_a_read_that_fails_is_told():
    async def fails():
        raise ValueError("read")

    with pytest.raises(ValueError, match="read"):
        async with Ahead(fails) as ahead:
            async for _ in ahead:
                pass
