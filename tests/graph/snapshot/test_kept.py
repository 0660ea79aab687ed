"""Which snapshot answers: after merges, splits, unloads and erasure, in two processes at once, after a kill, and with files that cannot be used."""

import asyncio
import os
import subprocess
import sys
from dataclasses import fields

import numpy as np
import pytest

from graph.errors import SnapshotBuilding
from graph.ledger import unload
from graph.model import BuyingRole
from graph.mutation import Desk
from graph.snapshot import keeper as keeping
from graph.snapshot.arrays import Texts
from graph.snapshot.build import built
from graph.snapshot.declare import Looking
from graph.snapshot.files import Files
from graph.snapshot.keeper import Keeper, snapshot_at
from graph.snapshot.parts import PARTS, Jobs, Roles
from graph.writes.erase_person import erase_person
from graph.writes.merge_entities import merge_entities
from graph.writes.split_entity import split_entity
from loaders import identity
from loaders.writes.assert_role import assert_role

FILES = {
    "companies": "company_id,name,kinds\nus,Us,us\nbank,Bank,account\n",
    "people": "person_id,name,company_id\nann,Ann,us\nwang,王敏,bank\nmin,Min Wang,bank\nli,李伟,bank\n",
    "roles": "person_id,role,company_id\nwang,DECISION_MAKER,bank\nmin,END_USER,bank\n",
    "reporting": "person_id,manager_id\nli,min\n",
    "influence": "from_id,to_id,kind\nli,wang,ADVISES\nwang,min,ADVISES\n",
    "interactions": "interaction_id,type,at,from_id,to_ids\na1,visit,2026-06-01T09:00,ann,wang\na2,visit,2026-06-20T09:00,ann,min\n",
}


def same(one, other):
    for part in PARTS:
        for field in fields(part.columns):
            left, right = (getattr(each[part.columns], field.name) for each in (one, other))
            if isinstance(left, Texts):
                assert left.list() == right.list(), (part.name, field.name)
            else:
                np.testing.assert_allclose(left, right, rtol=1e-9, err_msg=f"{part.name}.{field.name}")


@pytest.fixture
def desk(store):
    return Desk(store, identity)


@pytest.fixture
async def agree(store, view):
    """``await agree()`` is what questions get, found equal to what is made of the whole graph."""

    async def run():
        kept = await snapshot_at(store, await view())
        same(kept, await built(Looking(store, await view(), True), kept.stamp))
        return kept

    return run


async def test_through_merge_split_unload_and_erasure(store, market, agree, desk, settings):
    await market(**FILES)
    keeper = store.companion(Keeper)
    await agree()
    built_before = keeper.built
    await merge_entities(desk, into="wang", from_="min")
    assert (await agree()).people.id.list() == ["ann", "li", "min"]
    await split_entity(desk, id="min", records=["wang"])
    assert len((await agree()).people.id) == 4
    await market(people="person_id,name,company_id\nzoe,Zoe,us\n", interactions="interaction_id,type,at,from_id,to_ids\na3,call,2026-06-02,zoe,li\n")
    assert (await agree()).ours.sum() == 2
    assert keeper.built == built_before, "all of these are brought up"
    await unload(store, "canonical", identity)
    assert not len((await agree())[Jobs].person)
    await market(**FILES)
    await agree()
    files = Files(settings.home)
    assert files.stamps()
    await erase_person(desk, id="wang")
    assert not files.stamps(), "no file that may hold the person is left"
    kept = await agree()
    assert "wang" not in kept.people.id.list()
    assert not [path for path in files.folder.iterdir() if "王敏".encode() in path.read_bytes()]


async def test_an_own_write_is_seen_by_the_next_question(store, market, view, desk):
    await market(**FILES)
    before = await snapshot_at(store, await view())
    await assert_role(desk, person_id="li", role=BuyingRole.CHAMPION, company_id="bank")
    after = await snapshot_at(store, await view())
    assert (len(before[Roles].person), len(after[Roles].person)) == (2, 3)
    assert after.stamp.head == before.stamp.head + 1


async def test_other_instants_are_kept_and_come_from_events(store, market, view):
    await market(**FILES)
    keeper = store.companion(Keeper)
    early = (await view()).at(1_781_000_000_000_000, None)  # 9 June 2026
    one = await snapshot_at(store, early)
    count = keeper.built
    assert len(one.reached[0].person) == 1, "the second visit lies ahead"
    assert await snapshot_at(store, early) is one
    assert keeper.built == count
    same(one, await built(Looking(store, early, False), one.stamp))


async def test_a_slow_build_says_when_to_ask_again(store, market, view, monkeypatch):
    await market(**FILES)
    fetch = asyncio.Event()

    async def slow(*given):
        await fetch.wait()
        return await built(*given)

    monkeypatch.setattr(keeping, "built", slow)
    monkeypatch.setattr(store, "settings", store.settings.model_copy(update={"snapshot_seconds": 0.01}))
    with pytest.raises(SnapshotBuilding, match="Ask again in") as caught:
        await snapshot_at(store, await view())
    assert caught.value.details["retryAfter"] >= 1
    fetch.set()
    monkeypatch.setattr(store, "settings", store.settings.model_copy(update={"snapshot_seconds": 30}))
    assert len((await snapshot_at(store, await view())).people.id) == 4


WORKER = """
import asyncio, sys
from graph.mutation import Desk
from graph.settings import load_settings
from graph.snapshot.keeper import Keeper, snapshot_at
from graph.snapshot.parts import Roles
from graph.store import Store
from api.context import Context
from loaders import identity
from loaders.writes.assert_role import assert_role

async def work(settings, uri, user, password):
    async with Store(settings, uri, user, password) as store:
        for line in sys.stdin:
            if line == "write\\n":
                await assert_role(Desk(store, identity), person_id="li", role="CHAMPION", company_id="bank")
            kept = await snapshot_at(store, await Context(store, settings).view())
            print(len(kept[Roles].person), store.companion(Keeper).built, kept.stamp.head, flush=True)

asyncio.run(work(load_settings(), *sys.argv[1:]))
"""
FRESH = 0.2


async def test_two_processes_see_each_others_writes(store, market, view, settings, database):
    """One begins with the other's file; what either writes, the other sees once the time for which it trusts what it saw is over."""
    await market(**FILES)
    await snapshot_at(store, await view())
    given = {"DOTTEDLINE_HOME": str(settings.home), "DOTTEDLINE_FRESH_SECONDS": str(FRESH), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", WORKER, database.uri, database.user, database.password]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=given) as worker:

        async def asked(line):
            worker.stdin.write(f"{line}\n")
            worker.stdin.flush()
            return [int(number) for number in (await asyncio.to_thread(worker.stdout.readline)).split()]

        assert await asked("read") == [2, 0, 1], "nothing was built again"
        await market(roles="person_id,role,company_id\nann,OTHER,bank\n")
        await asyncio.sleep(FRESH)
        assert await asked("read") == [3, 0, 2]
        assert await asked("write") == [4, 0, 3], "its own at once"
        mine = await snapshot_at(store, await view())
        assert (len(mine[Roles].person), mine.stamp.head) == (4, 3)
        worker.stdin.close()


async def test_what_was_touched_becomes_the_next_file(store, market, view, settings, monkeypatch):
    await market(**FILES)
    await snapshot_at(store, await view())
    monkeypatch.setattr(keeping, "WRITTEN_AFTER", 0)
    await market(people="person_id,name\nnew,New\n")
    kept = await snapshot_at(store, await view())
    keeper = store.companion(Keeper)
    await keeper._writing
    same(Files(settings.home).opened(kept.stamp), kept)


async def test_files_that_cannot_be_used(store, market, view, settings):
    await market(**FILES)
    kept = await snapshot_at(store, await view())
    files = Files(settings.home)
    path = files._path(kept.stamp)
    whole = path.read_bytes()
    for spoiled in (b"", b"something else", whole[:100], whole[: len(whole) // 2]):
        path.write_bytes(spoiled)
        assert files.opened(kept.stamp) is None
    path.write_bytes(whole)
    other = path.with_name(path.name.replace(files._layout, "000000000000"))
    path.rename(other)
    assert kept.stamp not in files.stamps(), "a file of another layout is not looked at"
    with files.locked():
        files.tidy()
    assert not other.exists()


WRITER = """
import os, sys, time
from pathlib import Path
from graph.snapshot.files import Files
from graph.snapshot.snapshot import Snapshot

def never(_):
    print("half", flush=True)
    time.sleep(60)

os.fsync = never
files = Files(Path(sys.argv[1]))
stamp = next(iter(files.stamps()))
with files.locked():
    files.write(Snapshot(stamp._replace(head=stamp.head + 1), files.opened(stamp).tables))
"""


async def test_a_kill_while_a_file_is_written_leaves_none(store, market, view, settings):
    await market(**FILES)
    kept = await snapshot_at(store, await view())
    files = Files(settings.home)
    before = set(files.stamps())
    with subprocess.Popen([sys.executable, "-c", WRITER, str(settings.home)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout.readline() == "half\n"
        assert list(files.folder.glob("*.half"))
        with files.locked(wait=False) as mine:
            assert not mine, "one process at a time writes"
        writer.kill()
    assert set(files.stamps()) == before
    with files.locked(wait=False) as mine:
        assert mine, "the lock goes with its holder"
        files.tidy()
    assert not list(files.folder.glob("*.half"))
    same(files.opened(kept.stamp), kept)


async def test_before_the_first_load_there_is_a_snapshot_too_and_whatever_else_lies_beside_the_files_is_left_alone(store, view, settings):
    kept = await snapshot_at(store, await view())
    assert (len(kept.people.id), kept.stamp.known_at < 0) == (0, True)
    files = Files(settings.home)
    assert kept.stamp in files.stamps()
    assert files.opened(kept.stamp).stamp == kept.stamp
    (files.folder / "notes-of-somebody.snapshot").write_text("mine")
    assert kept.stamp in files.stamps()
