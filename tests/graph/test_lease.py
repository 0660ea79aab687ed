"""One writer at a time: who is silent for too long loses the turn, and notices."""

from time import time

import pytest

from graph import lease as leases
from graph.errors import LeaseLost
from graph.lease import Lease, turn

STRANGER = "another-machine:1:1:abcd"


async def held_by(store, holder, seconds):
    text = "MERGE (l:Lease {id: 'lease'}) SET l.holder = $holder, l.until = timestamp() + $milliseconds"
    await store.write("test", [(text, {"holder": holder, "milliseconds": int(seconds * 1000)})])


async def test_a_writer_of_another_machine_is_waited_for_until_its_time_is_over(store):
    heard = []
    await held_by(store, STRANGER, 1.5)
    began = time()
    async with turn(store, heard.append):
        assert time() - began > 1
    assert heard == [STRANGER]


async def test_who_lost_the_turn_writes_nothing_more(store):
    await held_by(store, STRANGER, -1)
    async with turn(store) as mine:
        with pytest.raises(LeaseLost, match="same command again"):
            await Lease(store, STRANGER).write("test", [("MERGE (c:Company {id: 'late'})", {})])
        await mine.write("test", [("MERGE (c:Company {id: 'mine'})", {})])
    assert [row[0] for row in await store.read("test", "MATCH (c:Company) RETURN c.id", {})] == ["mine"]


async def test_a_long_step_without_writes_keeps_the_turn(store, monkeypatch):
    monkeypatch.setattr(leases, "SECONDS", 0.6)
    async with turn(store) as mine:
        await leases.asyncio.sleep(1.5)
        await mine.write("test", [("MERGE (c:Company {id: 'slow'})", {})])
