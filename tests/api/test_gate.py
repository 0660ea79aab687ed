"""Who comes in: room, queue and rate, on a clock of the test's own."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import gate
from api.gate import Bodies, Gate, Rates
from graph.errors import Overloaded, RateLimited


async def held(gate, until):
    async with gate():
        await until.wait()


async def test_room_then_queue_then_refusal_at_once():
    made, done = Gate(2, 1, 5), asyncio.Event()
    tasks = [asyncio.create_task(held(made, done)) for _ in range(3)]
    await asyncio.sleep(0)
    assert (made.running, made.waiting) == (2, 1)
    with pytest.raises(Overloaded) as refused:
        async with made():
            pass
    assert refused.value.details == {"retryAfter": 5}
    done.set()
    await asyncio.gather(*tasks)
    async with made():
        assert (made.running, made.waiting) == (1, 0)
    assert made.running == 0


async def test_nobody_waits_longer_than_allowed():
    made, done = Gate(1, 5, 0.01), asyncio.Event()
    first = asyncio.create_task(held(made, done))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await held(made, done)
    assert (made.running, made.waiting) == (1, 0)
    done.set()
    await first


async def test_who_gives_up_or_fails_leaves_the_place_to_others():
    made, done = Gate(1, 5, 5), asyncio.Event()
    first, second = (asyncio.create_task(held(made, done)) for _ in range(2))
    await asyncio.sleep(0)
    second.cancel()
    first.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    with pytest.raises(ZeroDivisionError):
        async with made():
            raise ZeroDivisionError
    async with made():
        assert (made.running, made.waiting) == (1, 0)


def test_bodies_of_all_together_have_room_and_give_it_back():
    bodies = Bodies(100, 9.5)
    with bodies() as one, bodies() as other:
        one(60)
        other(40)
        with pytest.raises(Overloaded) as refused, bodies() as third:
            third(1)
        assert refused.value.details == {"retryAfter": 10}
        assert bodies.held == 100
    with bodies() as one:
        one(100)
    assert bodies.held == 0


def let_in(rates, caller):
    try:
        rates.take(caller)
    except RateLimited:
        return False
    return True


@given(st.lists(st.floats(0, 3), max_size=40), st.integers(1, 5), st.sampled_from([0.5, 1.0, 2.0]))
def test_in_no_stretch_of_time_are_more_let_in_than_burst_and_rate_allow(pauses, burst, rate):
    clock = [0.0]
    rates = Rates(rate, burst, lambda: clock[0])
    entered = []
    for pause in pauses:
        clock[0] += pause
        if let_in(rates, "ann"):
            entered.append(clock[0])
    for first in range(len(entered)):
        for last in range(first, len(entered)):
            assert last - first + 1 <= burst + rate * (entered[last] - entered[first]) + 1e-6


def test_who_comes_again_when_told_is_let_in_and_callers_do_not_take_from_each_other():
    clock = [0.0]
    rates = Rates(0.5, 1, lambda: clock[0])
    rates.take("ann")
    rates.take("bob")
    with pytest.raises(RateLimited) as refused:
        rates.take("ann")
    clock[0] += refused.value.details["retryAfter"]
    rates.take("ann")


def test_callers_are_forgotten_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(gate, "MOST_CALLERS", 2)
    rates = Rates(0.001, 1, lambda: 0.0)
    for caller in ("ann", "bob", "eve", "ann"):
        rates.take(caller)
    with pytest.raises(RateLimited):
        rates.take("eve")
