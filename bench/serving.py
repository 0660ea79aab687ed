"""A server to be tried: ``dottedline serve`` as a process of its own, on a Neo4j and in a home of its own."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from graph.local import LocalNeo4j
from graph.settings import load_settings

DOTTEDLINE = [sys.executable, "-c", "from api.cli import main; main()"]
START_SECONDS = 300


class Serving(NamedTuple):
    """Where it serves, its process, and the environment in which other commands work on the same graph."""

    url: str
    process: subprocess.Popen[bytes]
    environment: dict[str, str]

    def run(self, *arguments: str) -> None:
        """One more command of ours. Raises CalledProcessError, and its words stand on standard error."""
        subprocess.run([*DOTTEDLINE, *arguments], env=self.environment, stdout=subprocess.DEVNULL, check=True)


@contextmanager
def serving(*loads: Path, as_of: str | None = None, settings: Mapping[str, str] | None = None) -> Iterator[Serving]:
    """The server with these folders loaded and these settings (``{"RATE": "5"}``); it ends with the block, and so does its database."""
    with tempfile.TemporaryDirectory() as name:
        given = {"DOTTEDLINE_HOME": name, "DOTTEDLINE_CACHE": str(load_settings().cache)}
        local = LocalNeo4j(load_settings(given))
        database = local.start(owned=True)
        try:
            given |= {"NEO4J_URI": database.uri, "NEO4J_USER": database.user, "NEO4J_PASSWORD": database.password}
            environment = {**os.environ, **given, **{f"DOTTEDLINE_{setting}": value for setting, value in (settings or {}).items()}}
            for folder in loads:
                said = ["--as-of", as_of] if as_of else []
                subprocess.run([*DOTTEDLINE, "load", str(folder), *said], env=environment, stdout=subprocess.DEVNULL, check=True)
            with _served(environment) as server:
                yield server
        finally:
            local.stop()


@contextmanager
def another(server: Serving, **settings: str) -> Iterator[Serving]:
    """One more server on the same graph, with other settings."""
    with _served({**server.environment, **{f"DOTTEDLINE_{setting}": value for setting, value in settings.items()}}) as made:
        yield made


@contextmanager
def _served(environment: Mapping[str, str]) -> Iterator[Serving]:
    """``dottedline serve`` in this environment, at a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    given = {**environment, "DOTTEDLINE_PORT": port}
    process = subprocess.Popen([*DOTTEDLINE, "serve"], env=given, stderr=subprocess.DEVNULL)
    try:
        yield Serving(_ready(f"http://127.0.0.1:{port}", process), process, given)
    finally:
        process.terminate()
        process.wait()


def _ready(url: str, process: subprocess.Popen[bytes]) -> str:
    """The address once it answers. Raises RuntimeError when it does not."""
    limit = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < limit:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return url
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise RuntimeError(f"{url} did not come to answer.")
