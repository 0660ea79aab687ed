"""The collector's full turns are taken between requests, and are taken."""

import asyncio
import gc
import weakref

import pytest

from api import collector

THERE = [[]]


class Circle:
    """Holds itself, so that only the collector lets it go."""

    def __init__(self):
        self.held = self


@pytest.fixture
def settled():
    """The collector as in a server, and afterwards as it was."""
    usual = gc.get_threshold()
    collector.settle()
    yield
    gc.set_threshold(*usual)
    gc.unfreeze()


def old():
    """A circle that short turns have left to the full ones."""
    circle = Circle()
    gc.collect(0)
    gc.collect(1)
    return weakref.ref(circle)


async def let_go(circle, busy, **given):
    """Seconds until a circle has gone."""
    loop = asyncio.get_running_loop()
    began, task = loop.time(), asyncio.create_task(collector.turns(busy, every=0, **given))
    async with asyncio.timeout(20):
        while circle():
            await asyncio.sleep(0.01)
    task.cancel()
    return loop.time() - began


async def test_requests_pay_for_no_full_turn_and_no_turn_goes_through_what_is_there_at_the_start(settled):
    circle, turns = old(), gc.get_stats()[2]["collections"]
    made = [[number] for number in range(200_000)]
    assert gc.get_stats()[2]["collections"] == turns and circle() and made
    assert not any(each is THERE for each in gc.get_objects())


async def test_a_full_turn_waits_until_nobody_is_answered(settled):
    busy = [True]
    asyncio.get_running_loop().call_later(0.2, busy.clear)
    assert await let_go(old(), lambda: bool(busy)) >= 0.19


async def test_where_somebody_always_is_it_waits_no_longer_than_its_patience(settled):
    assert await let_go(old(), lambda: True, patience=0.1) >= 0.09
