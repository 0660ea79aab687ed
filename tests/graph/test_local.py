"""The embedded database: fetched once and verified, found again, and gone with its owner, however that ends."""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from graph.errors import ConfigError, InvalidInput, SchemaOutOfDate, StoreUnavailable
from graph.jars import Jar, fetch, locked, version_of
from graph.local import LocalNeo4j, _free_port
from graph.model import SCHEMA_OLDEST, SCHEMA_VERSION
from graph.settings import Settings, load_settings
from graph.store import Store
from graph.upgrade import ensure_schema

OWNER = """
import sys, time
from graph.local import LocalNeo4j, _free_port
from graph.settings import load_settings
print(LocalNeo4j(load_settings()).start(owned=True).pid, flush=True)
time.sleep(600)
"""


def environment(home: Path) -> dict[str, str]:
    return {"DOTTEDLINE_HOME": str(home), "DOTTEDLINE_CACHE": str(load_settings().cache), "DOTTEDLINE_NEO4J_LIGHT": "true"}


def gone(pid: int, seconds: float = 30) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.1)
    return False


def repository(folder: Path, settings_of: Path) -> tuple[Settings, list[Jar]]:
    """A Maven repository of two small jars, and a cache of its own."""
    jars = []
    for artifact in ("neo4j", "other"):
        data = f"jar of {artifact}".encode()
        jar = Jar("org.neo4j", artifact, "5.0.0", "", hashlib.sha256(data).hexdigest())
        (folder / jar.path).parent.mkdir(parents=True)
        (folder / jar.path).write_bytes(data)
        jars.append(jar)
    return load_settings({"DOTTEDLINE_CACHE": str(settings_of), "DOTTEDLINE_MAVEN_URL": folder.as_uri()}), jars


def test_the_lock_names_jars_and_hashes_and_no_address():
    assert version_of(locked()).startswith("5.26.")
    assert all(len(jar.sha256) == 64 for jar in locked())


def test_jars_are_fetched_once(tmp_path):
    settings, jars = repository(tmp_path / "maven", tmp_path / "cache")
    folder = fetch(settings, jars)
    assert {path.name for path in folder.glob("*.jar")} == {"neo4j-5.0.0.jar", "other-5.0.0.jar"}
    for jar in jars:
        (tmp_path / "maven" / jar.path).unlink()
    assert fetch(settings, jars) == folder, "what is there needs no repository"


def test_a_port_is_taken_again_unless_somebody_listens_there():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert _free_port(port) != port
        with socket.create_connection(("127.0.0.1", port)) as client:
            server.accept()[0].close()  # the server closes first: its side of the connection lingers
            client.recv(1)
    assert _free_port(port) == port


def test_a_home_that_cannot_be_written_is_a_setting_to_mend(tmp_path):
    (tmp_path / "file").touch()
    below, blocked = tmp_path / "file" / "home", tmp_path / "home"
    blocked.mkdir()
    (blocked / "neo4j").touch()
    for home, named in ((below, below), (blocked, blocked / "neo4j")):
        with pytest.raises(ConfigError, match=f"^DOTTEDLINE_HOME: {named}.* cannot be written: Not a directory"):
            LocalNeo4j(load_settings(environment(home))).start()


def test_a_wrong_hash_is_refused_and_a_mended_one_goes_on(tmp_path):
    settings, jars = repository(tmp_path / "maven", tmp_path / "cache")
    broken = tmp_path / "maven" / jars[1].path
    whole = broken.read_bytes()
    broken.write_bytes(whole[:3])
    with pytest.raises(StoreUnavailable, match=r"other-5\.0\.0\.jar.*SHA-256"):
        fetch(settings, jars)
    broken.write_bytes(whole)
    folder = fetch(settings, jars)
    assert not list(folder.glob(".part-*"))


def test_a_life(tmp_path, monkeypatch):
    """Start without a network, found by a second start, killed, started again, dumped, restored, stopped."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    settings = load_settings(environment(tmp_path) | {"DOTTEDLINE_MAVEN_URL": "http://127.0.0.1:9"})
    local = LocalNeo4j(settings)
    try:
        first = local.start()
        assert (tmp_path / "neo4j-password").stat().st_mode & 0o777 == 0o600
        again = LocalNeo4j(settings).start()
        assert (again.found, again.pid) == (True, first.pid)
        assert all(finding.ok for finding in local.doctor())
        os.kill(first.pid, signal.SIGKILL)
        second = local.start()
        assert not second.found
        assert second.pid != first.pid
        assert second.uri == first.uri, "who was connected finds it again"
        local.dump(tmp_path / "up.dump")
        with pytest.raises(InvalidInput, match="exists"):
            local.dump(tmp_path / "up.dump")
        local.restore(tmp_path / "up.dump")
        running = local.status()
        assert running is not None, "it ran before, so it runs again"
        assert running.uri == first.uri
        (tmp_path / "nonsense").write_text("no back-up", encoding="utf-8")
        with pytest.raises(InvalidInput, match="nothing was changed"):
            local.restore(tmp_path / "nonsense")
        running = local.status()
        assert running is not None, "what stood came back"
        assert local.stop()
        assert gone(running.pid)
        assert (local.status(), local.stop()) == (None, False)
    finally:
        local.stop()


def test_it_ends_with_its_owner_even_when_that_is_killed(tmp_path):
    with subprocess.Popen([sys.executable, "-c", OWNER], env={**os.environ, **environment(tmp_path)}, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        owner.kill()
    assert gone(pid)
    assert LocalNeo4j(load_settings(environment(tmp_path))).status() is None


class Killed(BaseException):
    """The process dies here: nothing that it does afterwards reaches the disk."""


def store_of(local: LocalNeo4j, text: str | None = None) -> dict[str, str]:
    """What the parts of the store hold; with ``text``, after writing it there."""
    files = [local.folder / "data" / part / "neo4j" / name for part in ("databases", "transactions") for name in ("a", "b")]
    for file in files if text else []:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text or "", encoding="utf-8")
    return {str(file.relative_to(local.folder)): file.read_text(encoding="utf-8") if file.exists() else "" for file in files}


@pytest.fixture
def at_rest(monkeypatch):
    """No Neo4j runs: what is looked at are the folders. ``rebuilt(local)`` puts a fresh store in its place."""

    def started(local: LocalNeo4j, **_: object) -> None:
        if local.folder.parent.name == "rebuilding":
            store_of(local, "new")

    for name in ("start", "_start"):
        monkeypatch.setattr(LocalNeo4j, name, started)
    monkeypatch.setattr(LocalNeo4j, "sound", lambda *_: None)
    monkeypatch.setattr("graph.local.fetch", lambda *_: None)

    def rebuilt(local: LocalNeo4j) -> None:
        with local.rebuilding():
            pass

    return rebuilt


@pytest.mark.parametrize("half", [False, True], ids=["before", "halfway"])
def test_a_rebuilding_that_is_killed_at_any_step_leaves_the_old_store_or_the_new_one(tmp_path, monkeypatch, at_rest, half):
    rename, rmtree = Path.rename, shutil.rmtree
    found, step = [], 0
    while not found or not found[-1][1]:
        local = LocalNeo4j(load_settings(environment(tmp_path / str(step))))
        store_of(local, "old")
        (local.folder / "logs").mkdir()
        left, dead = step, False

        def alive(step_is_done_in_part: Callable[[], object]) -> None:
            nonlocal left, dead
            if dead or left == 0:
                if not dead and half:
                    step_is_done_in_part()
                dead = True
                raise Killed
            left -= 1

        def renamed(self: Path, to: Path) -> Path:
            alive(lambda: None)
            return rename(self, to)

        def removed(path: Path, ignore_errors: bool = False) -> None:
            alive(lambda: [file.unlink() for file in sorted(Path(path).rglob("a"))])
            rmtree(path, ignore_errors)

        with monkeypatch.context() as patched:
            patched.setattr(Path, "rename", renamed)
            patched.setattr("graph.local.shutil.rmtree", removed)
            try:
                at_rest(local)
            except Killed:
                ended = False
            else:
                ended = True
        local._put_back()
        texts = set(store_of(local).values())
        assert texts in ({"old"}, {"new"}), step
        assert not [path for path in ("rebuilding", "neo4j/data/before-restore", "neo4j/data/outdated") if (local.settings.home / path).exists()]
        found.append((texts.pop(), ended))
        step += 1
    told = [text for text, _ in found]
    assert told == sorted(told, reverse=True), "once the new one stands, it stands"
    assert {"old", "new"} == set(told)


async def test_a_graph_of_a_newer_dottedline_is_refused(store: Store):
    version = "MATCH (s:Schema) SET s.version = $version"
    await store.write("test", [(version, {"version": SCHEMA_VERSION + 1})])
    try:
        with pytest.raises(SchemaOutOfDate):
            await ensure_schema(store)
    finally:
        await store.write("test", [(version, {"version": SCHEMA_VERSION})])


async def test_loads_of_too_old_a_dottedline_are_not_gone_on_with(store: Store):
    await store.write("test", [("MATCH (s:Schema) SET s.version = $old", {"old": SCHEMA_OLDEST - 1}), ("CREATE (:Load {id: 'L1'})", {})])
    with pytest.raises(SchemaOutOfDate, match="Export it with the Dottedline that wrote it"):
        await ensure_schema(store)
    await store.write("test", [("MATCH (l:Load) DELETE l", {})])
    await ensure_schema(store)
    assert await store.read("test", "MATCH (s:Schema) RETURN s.version", {}) == [[SCHEMA_VERSION]], "nothing was loaded: nothing is lost"


async def test_a_second_ensure_changes_nothing(store: Store):
    before = await store.read("test", "SHOW INDEXES YIELD name RETURN count(*) AS n", {})
    await store.write("test", [("MATCH (s:Schema) SET s.version = 0", {})])
    await ensure_schema(store)
    assert await store.read("test", "SHOW INDEXES YIELD name RETURN count(*) AS n", {}) == before
