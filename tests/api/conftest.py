"""The command line and the application on the suite's database."""

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.cli import main
from graph.settings import load_settings
from graph.store import Store

ROOT = Path(__file__).parent.parent.parent
Done = subprocess.CompletedProcess[str]


@pytest.fixture
def given(database, settings):
    """What the environment says of the suite's database."""
    return {"NEO4J_URI": database.uri, "NEO4J_PASSWORD": database.password, "DOTTEDLINE_HOME": str(settings.home)}


@pytest.fixture
def dottedline(given, monkeypatch) -> Callable[..., Done]:
    """``dottedline("ask", ...)`` runs the command on the suite's database: in this process, whose start it would otherwise wait for."""

    def run(*arguments: str) -> Done:
        out, errors = TextIOWrapper(BytesIO(), "utf-8", write_through=True), TextIOWrapper(BytesIO(), "utf-8", write_through=True)
        with monkeypatch.context() as here, redirect_stdout(out), redirect_stderr(errors), ThreadPoolExecutor(1) as aside:
            here.setattr(sys, "argv", ["dottedline", *arguments])
            here.chdir(ROOT)
            for name, value in given.items():
                here.setenv(name, value)
            code = aside.submit(_code).result()
        return subprocess.CompletedProcess(arguments, code, *(text.buffer.getvalue().decode() for text in (out, errors)))

    return run


def _code() -> int:
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


@pytest.fixture
def apart(given) -> Callable[..., Done]:
    """The same in a process of its own, as people run it."""

    def run(*arguments: str) -> Done:
        command = [sys.executable, "-c", "from api.cli import main; main()", *arguments]
        return subprocess.run(command, env={**os.environ, **given}, capture_output=True, text=True, cwd=ROOT, check=False)

    return run


@pytest.fixture
async def serve(store, settings, database):
    """``await serve(MAX_DEPTH="1")`` is a client of an application with these settings."""
    opened = []

    async def start(**changed):
        given = {"DOTTEDLINE_HOME": str(settings.home), "DOTTEDLINE_FRESH_SECONDS": "0"}
        made = load_settings(given | {f"DOTTEDLINE_{name}": str(value) for name, value in changed.items()})
        app = create_app(made, lambda: Store(made, database.uri, database.user, database.password))
        life = app.router.lifespan_context(app)
        await life.__aenter__()
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:8000")
        opened.append((client, life))
        return client

    yield start
    for client, life in opened:
        await client.aclose()
        await life.__aexit__(None, None, None)
