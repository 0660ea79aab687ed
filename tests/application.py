"""The application without a database, for what is decided before any question is asked."""

from contextlib import asynccontextmanager
from types import SimpleNamespace

import httpx

from api.app import create_app
from graph.settings import load_settings

HOST = "http://127.0.0.1:8000"


class NoStore:
    """What an application wants of its store at the start; no question here reads from it."""

    calls = running = 0
    known = None

    def companion(self, kind):
        return SimpleNamespace(built=0, followed=0, latest=None)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        pass

    async def verify(self):
        pass

    async def ensure_schema(self):
        pass


@asynccontextmanager
async def application(**changed):
    """A client of an application with these settings."""
    app = create_app(load_settings({f"DOTTEDLINE_{name}": value for name, value in changed.items()}), NoStore)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HOST) as client:
        yield client
