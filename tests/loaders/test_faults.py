"""``kill -9`` of the loader or of Neo4j in the middle of a load, then the same command again: the export of an undisturbed load.

Two loads are disturbed: the first of a whole market, and one whose rows make companies and people one that stood apart.
"""

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

pytestmark = pytest.mark.long

POINTS = int(os.environ.get("FAULT_POINTS", "2"))
"""How many kills: of two, the loader dies in the one load and Neo4j in the other; more die in both. ``make faults`` asks for thirty."""
STORIES = ["first", "merging"]
BEFORE = {
    "companies": "company_id,name\nc2,南方银行\n",
    "people": "person_id,name,phones,company_id\nq1,李伟,+8613800000001,c2\nann,Ann,,\n",
    "reporting": "person_id,manager_id\nq1,ann\n",
    "roles": "person_id,company_id,role\nq1,c2,CHAMPION\n",
}
MERGING = {
    "companies": "company_id,name,aliases\nc3,南方银行,bank;c2\n",
    "people": "person_id,name,emails,phones,identifiers,company_id\nr1,李伟,li@bank.example,+8613800000001,wx_open_1,c3\n",
    "reporting": "person_id,manager_id\nr1,ann\n",
}
ROOT = Path(__file__).parent.parent.parent
LOADER = """
import asyncio, sys
from graph import lease, ledger, statements
ledger.BATCH = 2  # so that a small world is written in many transactions
write = lease.Lease.write
folder, source, rest = sys.argv[1:]
async def told(self, name, batches):
    await write(self, name, batches)
    print("commit", flush=True)
    if statements.SET_KNOWS in [text for text, _ in batches]:
        print("knows", flush=True)
        await asyncio.sleep(float(rest))
lease.Lease.write = told
from api.cli import main
sys.argv[1:] = ["load", folder, "--source", source, "--as-of", "2026-06-01"]
main()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory, settings):
    """A database of its own, since it is killed."""
    folder = tmp_path_factory.mktemp("faults")
    own = {"DOTTEDLINE_HOME": str(folder), "DOTTEDLINE_CACHE": str(settings.cache), "DOTTEDLINE_NEO4J_LIGHT": "true"}
    local = LocalNeo4j(load_settings(own))
    local.start()
    yield local, {**{name: value for name, value in os.environ.items() if name != "NEO4J_URI"}, **own}
    local.stop()


def written(folder, files):
    folder.mkdir()
    for kind, text in files.items():
        (folder / f"{kind}.csv").write_text(text, encoding="utf-8")
    return folder


def run(home, folder, source="told", kill=None, after=0, of="commit"):
    """One load in a process of its own; ``kill(process)`` after that many commits, or commits ``of`` `KNOWS`, of which a killed one waits for it."""
    rest = "3" if kill and of == "knows" else "0"
    with subprocess.Popen(
        [sys.executable, "-c", LOADER, str(folder), source, rest], cwd=ROOT, env=home[1], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
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
def story(request, home, tmp_path_factory, world):
    """What is loaded before, what is loaded under disturbance, and what comes of it undisturbed, in how many commits."""
    merging, tmp_path = request.param == "merging", tmp_path_factory.mktemp("story")
    before = [(written(tmp_path / "market", world), "market"), (written(tmp_path / "before", BEFORE), "before")] if merging else []
    told = (written(tmp_path / "told", MERGING if merging else world), "told")
    for load in before:
        assert run(home, *load)[0] == 0
    code, commits, errors = run(home, *told)
    assert code == 0, errors
    rows, loads = exported(home, empty=True)
    assert len(rows["people"]) > 1
    if merging:
        assert "c2" not in [row["company_id"] for row in rows["companies"]]
    return before, told, rows, loads, random.Random(request.param).choices(range(1, commits), k=max(1, POINTS // 4))


@pytest.mark.parametrize("story", STORIES if POINTS > 2 else STORIES[:1], indirect=True)
def test_the_loader_is_killed(home, story):
    before, told, rows, undisturbed, points = story
    for point in points:
        for load in before:
            assert run(home, *load)[0] == 0
        assert run(home, *told, lambda process: process.kill(), point)[0] == -signal.SIGKILL
        code, _, errors = run(home, *told)
        assert code == 0, errors
        found, loads = exported(home, empty=True)
        assert found == rows, f"killed after {point} commits"
        assert loads == undisturbed


@pytest.mark.parametrize("story", STORIES if POINTS > 2 else STORIES[1:], indirect=True)
def test_neo4j_is_killed(home, story):
    before, told, rows, undisturbed, points = story
    for point in points:
        for load in before:
            assert run(home, *load)[0] == 0
        pid = home[0].start().pid
        code, _, errors = run(home, *told, lambda _, pid=pid: os.kill(pid, signal.SIGKILL), point)
        assert code == 1
        assert "STORE_UNAVAILABLE" in errors
        assert "Traceback" not in errors
        home[0].start()
        code, _, errors = run(home, *told)
        assert code == 0, errors
        found, loads = exported(home, empty=True)
        assert found == rows, f"Neo4j killed after {point} commits"
        assert loads == undisturbed


LATER = (
    "interaction_id,type,at,from_id,to_ids\nlate,message,2026-03-01T10:00,ann,wx_open_1\nnew,message,2026-03-05T10:00,li,ann\n"
    "first,call,2026-03-06,li,wx_open_1\n"
)
"""Mails that lie before the last event of a pair, behind it, and between two who had not met."""


@pytest.fixture(scope="module")
def met(home, tmp_path_factory, world):
    """A market, mails that come later, and what comes of both undisturbed."""
    tmp_path = tmp_path_factory.mktemp("met")
    folder, later = written(tmp_path / "market", world), written(tmp_path / "later", {"interactions": LATER})
    for one in (folder, later):
        code, _, errors = run(home, one)
        assert code == 0, errors
    return folder, later, exported(home, empty=True)


@pytest.mark.parametrize(("dies", "after"), [("loader", 1), ("neo4j", 2), *([("loader", 3)] if POINTS > 2 else [])])
def test_one_is_killed_while_who_knows_whom_is_kept_up(home, met, dies, after):
    folder, later, undisturbed = met
    run(home, folder)
    pid = home[0].start().pid
    code, *_ = run(home, later, kill=lambda process: process.kill() if dies == "loader" else os.kill(pid, signal.SIGKILL), after=after, of="knows")
    assert code == (-signal.SIGKILL if dies == "loader" else 1)
    code, _, errors = run(home, later)
    assert code == 0, errors
    assert exported(home, empty=True) == undisturbed
