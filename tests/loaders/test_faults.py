"""``kill -9`` of the loader or of Neo4j in the middle of a load, then the same command again: the export of an undisturbed load."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from graph.local import LocalNeo4j
from graph.settings import load_settings
from graph.store import Store
from loaders.export import canonical_rows

POINTS = int(os.environ.get("FAULT_POINTS", "4"))
"""How many kills; the first half of the loader, the others of Neo4j. ``make faults`` asks for thirty."""
COMMITS = 24
ROOT = Path(__file__).parent.parent.parent
LOADER = """
import asyncio, sys
from graph import lease, ledger, statements
ledger.BATCH = 2  # so that a small world is written in many transactions
write = lease.Lease.write
folder, rest = sys.argv[1:]
async def told(self, name, batches):
    await write(self, name, batches)
    print("commit", flush=True)
    if statements.SET_KNOWS in [text for text, _ in batches]:
        print("knows", flush=True)
        await asyncio.sleep(float(rest))
lease.Lease.write = told
from api.cli import main
sys.argv[1:] = ["load", folder, "--as-of", "2026-06-01"]
main()
"""


def points(seed: int, count: int) -> list[int]:
    return random.Random(seed).choices(range(1, COMMITS), k=count)


@pytest.fixture(scope="module")
def home(tmp_path_factory, settings):
    """A database of its own, since it is killed."""
    folder = tmp_path_factory.mktemp("faults")
    own = {"DOTTEDLINE_HOME": str(folder), "DOTTEDLINE_CACHE": str(settings.cache), "DOTTEDLINE_NEO4J_LIGHT": "true"}
    local = LocalNeo4j(load_settings(own))
    local.start()
    yield local, {**{name: value for name, value in os.environ.items() if name != "NEO4J_URI"}, **own}
    local.stop()


@pytest.fixture
def folder(tmp_path, world):
    (tmp_path / "market").mkdir()
    for kind, text in world.items():
        (tmp_path / "market" / f"{kind}.csv").write_text(text, encoding="utf-8")
    return tmp_path / "market"


def run(home, folder, kill=None, after=0, of="commit"):
    """One load in a process of its own; ``kill(process)`` after that many commits, or commits ``of`` `KNOWS`, of which a killed one waits for it."""
    rest = "3" if kill and of == "knows" else "0"
    with subprocess.Popen(
        [sys.executable, "-c", LOADER, str(folder), rest], cwd=ROOT, env=home[1], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        seen = 0
        for line in process.stdout:
            seen += line == f"{of}\n"
            if kill and seen == after:
                kill(process)
                kill = None
        errors = process.stderr.read()
    return process.returncode, seen, errors


def exported(home, *, empty=False):
    async def look():
        running = home[0].start()
        async with Store(home[0].settings, running.uri, running.user, running.password) as store:
            await store.verify()
            rows = await canonical_rows(store)
            rows["KNOWS"] = await store.read("test", "MATCH (a)-[k:KNOWS]->(b) RETURN a.id, b.id, properties(k) ORDER BY a.id, b.id", {})
            loads = await store.read("test", "MATCH (l:Load) RETURN l.finished", {})
            if empty:
                await store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
            return rows, loads

    return asyncio.run(look())


@pytest.fixture(scope="module")
def undisturbed(home, tmp_path_factory):
    return {}


def expected(home, folder, undisturbed):
    if not undisturbed:
        code, commits, errors = run(home, folder)
        assert code == 0, errors
        assert commits > COMMITS
        undisturbed["rows"] = exported(home, empty=True)[0]
        assert undisturbed["rows"]["people"]
        assert undisturbed["rows"]["KNOWS"]
    return undisturbed["rows"]


def test_the_loader_is_killed(home, folder, undisturbed):
    for point in points(1, POINTS // 2):
        rows = expected(home, folder, undisturbed)
        code, *_ = run(home, folder, lambda process: process.kill(), point)
        assert code == -signal.SIGKILL
        code, _, errors = run(home, folder)
        assert code == 0, errors
        found, loads = exported(home, empty=True)
        assert found == rows, f"killed after {point} commits"
        assert loads == [[True]]


def test_neo4j_is_killed(home, folder, undisturbed):
    for point in points(2, POINTS - POINTS // 2):
        rows = expected(home, folder, undisturbed)
        pid = home[0].start().pid
        code, _, errors = run(home, folder, lambda _, pid=pid: os.kill(pid, signal.SIGKILL), point)
        assert code == 1
        assert "STORE_UNAVAILABLE" in errors
        assert "Traceback" not in errors
        code, _, errors = run(home, folder)
        assert code == 0, errors
        found, loads = exported(home, empty=True)
        assert found == rows, f"Neo4j killed after {point} commits"
        assert loads == [[True]]


LATER = (
    "interaction_id,type,at,from_id,to_ids\nlate,message,2026-03-01T10:00,ann,wx_open_1\nnew,message,2026-03-05T10:00,li,ann\n"
    "first,call,2026-03-06,li,wx_open_1\n"
)
"""Mails that lie before the last event of a pair, behind it, and between two who had not met."""


@pytest.mark.parametrize(("dies", "after"), [("loader", 1), ("loader", 2), ("loader", 3), ("neo4j", 2)])
def test_one_is_killed_while_who_knows_whom_is_kept_up(home, folder, tmp_path, dies, after):
    later = tmp_path / "later"
    later.mkdir()
    (later / "interactions.csv").write_text(LATER, encoding="utf-8")
    for one in (folder, later):
        code, _, errors = run(home, one)
        assert code == 0, errors
    rows, loads = exported(home, empty=True)
    run(home, folder)
    pid = home[0].start().pid
    code, *_ = run(home, later, lambda process: process.kill() if dies == "loader" else os.kill(pid, signal.SIGKILL), after, of="knows")
    assert code == (-signal.SIGKILL if dies == "loader" else 1)
    code, _, errors = run(home, later)
    assert code == 0, errors
    assert exported(home, empty=True) == (rows, loads)
