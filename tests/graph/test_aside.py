"""Leaving the loop, and leaving time on it to others."""

import asyncio
import threading
import time

from graph.aside import MANY, Turns, aside


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
