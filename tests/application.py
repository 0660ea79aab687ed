"""The application without a database, for what is decided before any question is asked."""

from contextlib import asynccontextmanager
from types import SimpleNamespace

import httpx

from api.app import create_app
from graph.access import Access, Opened
from graph.errors import Unauthenticated
from graph.model import SCHEMA_VERSION, Opens
from graph.principal import Principal
from graph.settings import load_settings

HOST = "http://127.0.0.1:8000"


class NoAccess:
    """One key for everything, or none at all."""

    scopes = (None, None, None)

    def __init__(self, key):
        self.key = key

    async def keyed(self):
        return self.key is not None

    async def opened(self, key):
        if key != self.key:
            raise Unauthenticated("This key opens nothing.")
        return Opened("ann", Opens.GRANTED)

    async def principal(self, name):
        return Principal(name, self.scopes)


class NoStore:
    """What an application wants of its store at the start; no question here reads from it."""

    calls = running = 0
    known = None

    def __init__(self, key=None):
        self.key = key

    def companion(self, kind):
        return NoAccess(self.key) if kind is Access else SimpleNamespace(built=0, followed=0, latest=None)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        pass

    async def verify(self):
        pass

    async def read(self, name, *_):
        """A graph of this version, in which there is nothing."""
        return [[SCHEMA_VERSION, False]] if name == "schema" else []


@asynccontextmanager
async def application(key=None, **changed):
    """A client of an application with these settings, and a key without which nobody comes in."""
    given = {f"DOTTEDLINE_{name}": value for name, value in {"AUDIT_DAYS": "0", **changed}.items()}
    app = create_app(load_settings(given), lambda: NoStore(key))
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HOST) as client:
        yield client
