"""One writer at a time: who is silent for too long loses the turn, and notices."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from time import time

import pytest

from graph.errors import LeaseLost, Overloaded
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


async def test_whoever_has_no_patience_is_told_when_to_come_again():
    class Busy:
        async def read(self, *_):
            return [[STRANGER]]

        async def write(self, *_):
            raise LeaseLost("another writes")

    with pytest.raises(Overloaded) as refused:
        async with turn(Busy(), patience=0.01):
            pass
    assert refused.value.details == {"retryAfter": 1}
    assert STRANGER not in refused.value.message


async def test_who_lost_the_turn_writes_nothing_more(store):
    await held_by(store, STRANGER, -1)
    async with turn(store) as mine:
        with pytest.raises(LeaseLost, match="same command again"):
            await Lease(store, STRANGER).write("test", [("MERGE (c:Company {id: 'late'})", {})])
        await mine.write("test", [("MERGE (c:Company {id: 'mine'})", {})])
    assert [row[0] for row in await store.read("test", "MATCH (c:Company) RETURN c.id", {})] == ["mine"]


@contextlib.asynccontextmanager
async def locked(store, text, **given):
    """Another transaction, which holds what it wrote until the block ends."""
    async with store._driver.session(database=store.settings.neo4j_database) as session, await session.begin_transaction() as transaction:
        await (await transaction.run(text, given)).consume()
        yield
        await transaction.commit()


async def under_way(store, count):
    """Returns once so many writes of this test wait for something."""
    text = "SHOW TRANSACTIONS YIELD metaData, status WHERE metaData.query = 'load' AND status STARTS WITH 'Blocked' RETURN count(*)"
    while (await store.read("test", text, {}))[0][0] < count:
        await asyncio.sleep(0.02)


async def written(store):
    return sorted(row[0] for row in await store.read("test", "MATCH (c:Company) RETURN c.id", {}))


CHANGE = "MATCH (c:Company {id: $id}) SET c.name = $id CREATE (:Company {id: $id + ' changed'})"


async def test_one_write_lands_while_another_is_under_way(store):
    await store.write("test", [("CREATE (:Company {id: 'a'})", {})])
    async with turn(store) as mine:
        async with locked(store, "MATCH (c:Company {id: 'a'}) SET c.name = 'held'"):
            slow = asyncio.create_task(mine.write("load", [(CHANGE, {"id": "a"})]))
            await under_way(store, 1)
            await mine.write("load", [("CREATE (:Company {id: 'beside'})", {})])
            assert await written(store) == ["a", "beside"]
        await slow
    assert await written(store) == ["a", "a changed", "beside"]


async def test_of_two_writes_under_way_nothing_is_written_once_another_has_the_turn(store):
    """The other takes the turn between what they do and their end, and writes; both come to their end after that."""
    await store.write("test", [("CREATE (:Company {id: 'a'}), (:Company {id: 'b'})", {})])
    async with turn(store) as loser:
        async with locked(store, "MATCH (c:Company) SET c.name = 'held'"):
            writes = [asyncio.create_task(loser.write("load", [(CHANGE, {"id": id_})])) for id_ in "ab"]
            await under_way(store, 2)
            await held_by(store, STRANGER, 30)
            await Lease(store, STRANGER).write("test", [("CREATE (:Company {id: 'winner'})", {})])
        assert [type(each) for each in await asyncio.gather(*writes, return_exceptions=True)] == [LeaseLost, LeaseLost]
    assert await written(store) == ["a", "b", "winner"]


async def test_whoever_is_taking_the_turn_is_waited_for_and_obeyed(store):
    """The loser comes to its end after the other has asked for the turn, and before that stands: it looks at who has the turn once it knows."""
    async with turn(store) as loser:
        async with locked(store, "MATCH (l:Lease {id: 'lease'}) SET l.holder = $holder, l.until = timestamp() + 30000", holder=STRANGER):
            late = asyncio.create_task(loser.write("load", [("CREATE (:Company {id: 'late'})", {})]))
            await under_way(store, 1)
        with pytest.raises(LeaseLost):
            await late
    assert await written(store) == []


STUCK = """
import asyncio, sys
from graph.errors import LeaseLost, Overloaded
from graph.lease import turn
from graph.settings import load_settings
from graph.store import Store

async def write(uri, password):
    async with Store(load_settings(), uri, "neo4j", password) as store, turn(store, seconds=3) as lease:
        number = 0
        while True:
            number += 1
            try:
                await lease.write("test", [("MERGE (c:Company {id: $id})", {"id": f"stuck {number}"})])
            except LeaseLost as lost:
                print(lost.code, flush=True)
                return
            print("wrote", flush=True)
            await asyncio.sleep(0.5)  # it is stopped here, between two transactions: one that is open is the database's to end

asyncio.run(write(*sys.argv[1:]))
"""


async def test_a_living_writer_of_this_machine_that_is_stuck_loses_the_turn_and_notices(store, database):
    """Stopped in the middle; another takes over once its time is over; continued, it writes nothing more."""
    command = [sys.executable, "-c", STUCK, database.uri, database.password]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NEO4J", "DOTTEDLINE"))}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=Path(__file__).parent.parent.parent) as stuck:
        assert stuck.stdout.readline() == "wrote\n"
        os.kill(stuck.pid, signal.SIGSTOP)
        try:
            heard = []
            async with turn(store, heard.append, seconds=30) as mine:
                assert [holder.split(":")[1] for holder in heard] == [str(stuck.pid)], "it lives, so it was waited for"
                count = "MATCH (c:Company) WHERE c.id STARTS WITH 'stuck' RETURN count(c)"
                before = await store.read("test", count, {})
                os.kill(stuck.pid, signal.SIGCONT)
                told = [line.strip() for line in stuck.stdout]
                assert [line for line in told if line != "wrote"] == ["LEASE_LOST"]
                assert await store.read("test", count, {}) == before
                await mine.write("test", [("MERGE (c:Company {id: 'mine'})", {})])
        finally:
            os.kill(stuck.pid, signal.SIGCONT)
    assert stuck.returncode == 0


async def test_a_long_step_without_writes_keeps_the_turn(store):
    async with turn(store, seconds=0.6) as mine:
        await asyncio.sleep(1.5)
        await mine.write("test", [("MERGE (c:Company {id: 'slow'})", {})])
