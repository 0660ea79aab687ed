"""One real Neo4j for the whole suite, in a home of its own; a graph of its own for each test that asks for one."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis

from api.context import Context
from api.execute import Engine
from graph.local import LocalNeo4j, Running
from graph.settings import Settings, load_settings
from graph.store import Store
from graph.upgrade import ensure_schema
from graph.view import View
from loaders.run import Report, load

collect_ignore = [] if "FAULT_POINTS" in os.environ else ["loaders/test_faults.py"]
"""Kills take minutes, and have a target of their own: `make faults`."""

# The suite says the same of the same code each time; `make fuzz` looks at other examples.
hypothesis.register_profile("steady", derandomize=True, deadline=None)
hypothesis.register_profile("random", derandomize=False, deadline=None)
hypothesis.load_profile("steady")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules that take minutes first, those without a database last: so short, they leave neither process idle at the end."""
    asking = {item.path for item in items if "database" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: (item.get_closest_marker("long") is None, item.path not in asking))


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A temporary home; the jars come from the machine's own cache."""
    home = tmp_path_factory.mktemp("home")
    return load_settings(
        {
            "DOTTEDLINE_HOME": str(home),
            "DOTTEDLINE_CACHE": str(load_settings().cache),
            "DOTTEDLINE_NEO4J_LIGHT": "true",
            "DOTTEDLINE_FRESH_SECONDS": "0",
            "DOTTEDLINE_READ_SECONDS": "120",
            "DOTTEDLINE_SNAPSHOT_SECONDS": "300",
            "DOTTEDLINE_ANSWERS_MIB": "0",  # worked out anew each time: tests change more than the graph, and count calls
        }
    )


@pytest.fixture(scope="session")
def database(settings: Settings) -> Iterator[Running]:
    """The suite's database; it ends with the suite, even when that is killed."""
    local = LocalNeo4j(settings)
    yield local.start(owned=True)
    local.stop()


@pytest.fixture(scope="session")
async def one_store(settings: Settings, database: Running) -> AsyncIterator[Store]:
    async with Store(settings, database.uri, database.user, database.password) as store:
        await store.verify()
        await ensure_schema(store)
        yield store


@pytest.fixture
async def store(one_store: Store) -> Store:
    """The store on an empty graph. The database is the suite's own, so that it may be emptied."""
    await one_store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
    return one_store


Loader = Callable[..., Awaitable[Report]]


@pytest.fixture
def market(store: Store, tmp_path: Path) -> Loader:
    """``await market(people="person_id,name\\np1,Ann", as_of=...)`` loads these files."""

    async def load_texts(
        as_of: int | None = None, source: str = "canonical", complete: Sequence[str] = (), force: bool = False, dry: bool = False, **files: str
    ) -> Report:
        folder = tmp_path / f"m{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        for kind, text in files.items():
            (folder / f"{kind}.csv").write_text(text, encoding="utf-8")
        said = {"as_of": as_of, "source": source, "complete": complete, "force": force, "dry": dry}
        return await load(store, [folder], reports_in=tmp_path / "reports", **said)

    return load_texts


Ask = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def ask(store: Store, settings: Settings) -> Ask:
    """``await ask("{ ... }", id="acme")`` is the response of a document."""
    engine = Engine(settings)

    async def run(text: str, **variables: Any) -> dict[str, Any]:
        return await engine(text, variables, None, Context(store, settings))

    return run


@pytest.fixture
def chain(ask: Ask) -> Ask:
    """``await chain("acme", maxNodes=5)`` is the account's decision chain."""

    async def run(account: str, **arguments: Any) -> dict[str, Any]:
        given = ", ".join(f"{name}: {value if isinstance(value, int) else chr(34) + value + chr(34)}" for name, value in arguments.items())
        fields = """key group { id name isDefault } truncated view { asOf knownAt revision assumed }
          nodes { key parentKey kind personId name title department jobLevel depth order descendants stance power
                  state lastTouchAt contactable badges coverage { value }
                  roles { role confidence authority step inherited } }
          edges { key fromKey toKey kind line strength source validFrom } checks { code personIds message } coverage { value missing why }"""
        answer = await ask(f"query($id: ID!) {{ account(id: $id) {{ decisionChain{f'({given})' if given else ''} {{ {fields} }} }} }}", id=account)
        assert "errors" not in answer, answer["errors"]
        found: dict[str, Any] = answer["data"]["account"]["decisionChain"]
        return found

    return run


@pytest.fixture
def view(store: Store, settings: Settings) -> Callable[[], Awaitable[View]]:
    """``await view()`` looks at what is true and known now."""
    return lambda **clocks: Context(store, settings).view(**clocks)
