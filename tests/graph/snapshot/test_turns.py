"""Many ask for many instants: builds are bounded, today's comes first and stays, and what nobody waits for is not built."""

import asyncio
from types import SimpleNamespace

import pytest

from graph.errors import Overloaded, SnapshotBuilding
from graph.instants import end_of_today
from graph.settings import load_settings
from graph.snapshot import keeper as keeping
from graph.snapshot.keeper import HELD, MOST_BUILDS, Keeper
from graph.snapshot.snapshot import Stamp
from graph.store import Revision
from graph.view import View

TODAY = end_of_today(load_settings({}).zone)


@pytest.fixture
async def keeper(tmp_path, monkeypatch):
    """A keeper of a graph of one load, which builds when ``keeper.go`` is set; ``keeper.order`` tells what it built."""
    settings = load_settings({"DOTTEDLINE_HOME": str(tmp_path), "DOTTEDLINE_SNAPSHOT_SECONDS": "0.05"})

    async def revision():
        return Revision(1, 5, {})

    async def no_loads(*_):
        return []

    async def built(looking, stamp, progress):
        made.order.append(stamp.as_of)
        await made.go.wait()
        return SimpleNamespace(stamp=stamp, kept={})

    async def put_down(snapshot):
        return None

    monkeypatch.setattr(keeping, "loads_since", no_loads)
    monkeypatch.setattr(keeping, "built", built)
    made = Keeper(SimpleNamespace(settings=settings, revision=revision))
    made.go, made.order = asyncio.Event(), []
    monkeypatch.setattr(made, "_put_down", put_down)
    yield made
    await made.close()


async def at(keeper, as_of):
    try:
        return await keeper.at(View(as_of, 5))
    except (Overloaded, SnapshotBuilding) as error:
        return error.code


async def test_builds_are_bounded_and_today_s_is_never_refused(keeper):
    asked = await asyncio.gather(*(at(keeper, day) for day in range(MOST_BUILDS + 5)), at(keeper, TODAY))
    assert asked.count("OVERLOADED") == 5
    assert asked[-1] == "SNAPSHOT_BUILDING"


async def test_what_nobody_waits_for_any_more_is_not_built(keeper):
    assert await asyncio.gather(*(at(keeper, day) for day in range(4))) == ["SNAPSHOT_BUILDING"] * 4
    assert len(keeper._making) == 1, "the one that was begun goes on"
    keeper.go.set()
    await asyncio.gather(*keeper._making.values())
    assert (keeper.order, keeper._queued, keeper._wanted) == ([0], set(), {})
    assert (await at(keeper, 2)).stamp.as_of == 2


async def test_today_s_goes_before_others_and_is_not_dropped_for_them(keeper):
    waiting = [asyncio.create_task(at(keeper, day)) for day in range(3)]
    while not keeper.order:
        await asyncio.sleep(0)
    waiting.append(asyncio.create_task(at(keeper, TODAY)))
    await asyncio.sleep(0.01)
    keeper.go.set()
    await asyncio.gather(*waiting)
    assert keeper.order == [0, TODAY, 1, 2]
    for day in range(10, 10 + 2 * HELD):
        await at(keeper, day)
    assert len(keeper._held) == HELD
    assert Stamp(TODAY, 5, 1, keeping.NO_LOAD) in keeper._held


async def test_who_is_cancelled_in_the_queue_takes_no_turn():
    turn, order = keeping._Turn(), []

    async def one(name, hold=0.0):
        async with turn(urgent=False):
            order.append(name)
            await asyncio.sleep(hold)

    tasks = [asyncio.create_task(one("first", 0.01)), asyncio.create_task(one("gone")), asyncio.create_task(one("last"))]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == ["first", "last"]
    async with asyncio.timeout(1), turn():
        order.append("free")
    assert order[-1] == "free"
