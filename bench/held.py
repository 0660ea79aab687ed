"""``python -m bench.held --people 20000``: how long each question holds the loop of the server, and what it takes, on a market of its own.

What holds the loop is the processor time of its thread between two turns: work in other threads, and waiting for a busy machine, do not count.
"""

import asyncio
import gc
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import orjson
import typer
from graphql import GraphQLArgument, get_introspection_query, get_named_type, is_leaf_type, is_required_argument

from api import collector
from api.context import Context
from api.execute import Engine
from api.over_http import JSON, answered
from bench.load import Files
from bench.market import AS_OF, LARGE, Frames, employer
from bench.measure import machine
from graph.instants import period
from graph.local import LocalNeo4j
from graph.question import Anchor
from graph.settings import load_settings
from graph.store import Store
from graph.upgrade import ensure_schema
from loaders.run import load
from queries.anchors.entities import entity

GOAL = 100.0
"""Milliseconds."""
TURN = 0.001
PATIENCE = {f"DOTTEDLINE_{what}_SECONDS": "600" for what in ("READ", "WRITE", "SNAPSHOT", "REQUEST")}
LOOSE = {"DOTTEDLINE_MAX_COST": "1000000"}


class Asked(NamedTuple):
    """One document: what it is called, its text, and its variables."""

    name: str
    text: str
    variables: dict[str, Any]


class Took(NamedTuple):
    """Milliseconds of one: the longest hold of the first time and of later ones, what the first took and what later ones did; and its bytes."""

    name: str
    first_hold: float
    hold: float
    first: float
    later: float
    size: int
    cost: int
    fault: str

    @property
    def longest(self) -> float:
        """The longest hold of all times."""
        return max(self.first_hold, self.hold)


class Held:
    """The longest stretch of the loop's own processor time between two turns, in milliseconds."""

    def __init__(self) -> None:
        self.longest = 0.0

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[None]:
        """Looks meanwhile."""
        self.longest = 0.0
        looking = asyncio.create_task(self._look())
        await asyncio.sleep(0)
        try:
            yield
            await asyncio.sleep(TURN)
        finally:
            looking.cancel()

    async def _look(self) -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(TURN)
            self.longest = max(self.longest, (time.thread_time() - before) * 1000)


def whole(kind: Any, anchors: frozenset[str], seen: tuple[str, ...] = ()) -> str:
    """All data of a type; of a link its id."""
    kind = get_named_type(kind)
    if is_leaf_type(kind):
        return ""
    if kind.name in anchors:
        return "{ id name }"
    parts = []
    for name, made in kind.fields.items():
        below = get_named_type(made.type)
        if below.name not in seen and not any(map(is_required_argument, made.args.values())):
            parts.append(f"{name} {whole(below, anchors, (*seen, kind.name))}")
    return "{ " + " ".join(parts) + " }"


def documents(engine: Engine, ids: dict[str, str]) -> Iterator[Asked]:
    """Every question with all of its data: of the whole graph pages of 100, of an anchor the one that stands for its kind."""
    schema, anchors = engine.schema._schema, frozenset(anchor.value for anchor in Anchor)
    kinds: list[tuple[str | None, Any]] = [(None, schema.query_type)]
    kinds += [(next(iter(entity(anchor).roots)), schema.type_map[anchor.value]) for anchor in Anchor]
    for root, kind in kinds:
        for name, made in kind.fields.items():
            named = get_named_type(made.type)
            if is_leaf_type(named) or (root is None and named.name in anchors):
                continue
            given = [f"{key}: {value_of(key, argument, ids)}" for key, argument in made.args.items() if is_required_argument(argument)]
            given += ["first: 100"] if "first" in made.args else []
            body = f"{name}{'(' + ', '.join(given) + ')' if given else ''} {whole(made.type, anchors)}"
            text = f"{{ {body} }}" if root is None else f'{{ {root}(id: "{ids[kind.name]}") {{ {body} }} }}'
            yield Asked(f"{kind.name}.{name}", text, {})


def value_of(name: str, argument: GraphQLArgument, ids: dict[str, str]) -> str:
    """A value for a required argument: an id is that of what the argument's name says."""
    return '"2026-01-01"' if get_named_type(argument.type).name == "DateTime" else f'"{ids[name]}"'


def heavy(largest: str, middle: str) -> Iterator[Asked]:
    """What asks for much at once, within the limits."""
    chain = "key nodes { key parentKey kind personId name title department jobLevel depth order descendants stance power state badges } edges { key }"
    yield Asked(
        "decisionChain of the largest account, 5,000 nodes", f'{{ account(id: "{largest}") {{ decisionChain(maxNodes: 5000) {{ {chain} }} }} }}', {}
    )
    yield Asked("decisionChain of 500 people", f'{{ account(id: "{middle}") {{ decisionChain {{ {chain} }} }} }}', {})
    yield Asked("decisionChain of 100 accounts", f"{{ accounts(first: 100) {{ edges {{ node {{ decisionChain {{ {chain} }} }} }} }} }}", {})
    yield Asked("coverage of 100 accounts", "{ accounts(first: 100) { edges { node { coverage { key score { value } roles { role } } } } } }", {})
    yield Asked("lifecycle of 100 accounts", "{ accounts(first: 100) { edges { node { lifecycle { key } } } } }", {})
    yield Asked("1,000 people", "{ people(first: 1000) { edges { node { id name } } } }", {})
    yield Asked("introspection", get_introspection_query(), {})
    yield Asked("100 aliases", "{ " + " ".join(f"a{n}: accounts(first: 1) {{ totalCount }}" for n in range(100)) + " }", {})
    yield Asked("10,000 ids", "query($f: AccountFilter) { accounts(filter: $f) { totalCount } }", {"f": {"ids": [f"c{n}" for n in range(9_900)]}})


async def asked(engine: Engine, store: Store, document: Asked, times: int) -> Took:
    """One document, asked a number of times."""
    held, holds, took, size, fault = Held(), [], [], 0, ""
    for _ in range(times):
        async with held():
            began = time.perf_counter()
            answer = await engine(document.text, document.variables, None, Context(store, engine.settings))
            size = len(answered(answer, JSON, engine.settings).body)
            took.append((time.perf_counter() - began) * 1000)
        holds.append(held.longest)
        fault = orjson.dumps(answer.get("errors", [""])[0]).decode()[:150] if "errors" in answer else ""
    cost = answer.get("extensions", {}).get("cost", {}).get("asked", 0)
    return Took(document.name, holds[0], max(holds[1:]), took[0], min(took[1:]), size, cost, fault)


async def standing(engine: Engine, store: Store, frames: Frames, account: str) -> dict[str, str]:
    """An id for each kind of anchor, and for what an argument may name; the company is the account, the person works there."""
    companies = frames["companies"]

    async def first(text: str) -> Any:
        data = (await engine(text, None, None, Context(store, engine.settings)))["data"]
        while isinstance(data, dict | list) and data and "id" not in data:
            data = next(iter(data.values())) if isinstance(data, dict) else data[0]
        return data["id"] if data else "none"

    return {
        "Company": account,
        "Person": await first(f'{{ account(id: "{account}") {{ people {{ person {{ id }} }} }} }}'),
        "Opportunity": await first("{ opportunities(first: 1) { edges { node { id } } } }"),
        "Campaign": await first("{ campaigns(first: 1) { edges { node { id } } } }"),
        "Product": str(frames["products"]["product_id"].iloc[0]) if "products" in frames else "none",
        **{kind: str(companies["company_id"][companies["kinds"].str.contains(kind)].iloc[0]) for kind in ("partner", "competitor")},
    }


async def measured(store: Store, files: Files, people: int, times: int) -> list[Took]:
    """All of them."""
    engine = Engine(store.settings)
    await load(store, [files.first], as_of=period(AS_OF)[0])
    collector.settle()  # as the server does, and so that the market's frames are no burden
    largest, middle = (employer(files.frames, size) for size in (max(size for size in LARGE if people >= LARGE[size]), 500))
    ids = await standing(engine, store, files.frames, middle)
    found, turns, last = list[Took](), list[float](), time.monotonic()
    for document in [*documents(engine, ids), *heavy(largest, middle)]:
        found.append(await asked(engine, store, document, times))
        if time.monotonic() - last > collector.EVERY:
            turns.append(await collected())
            last = time.monotonic()
    turns.append(await collected())
    return [*found, Took("a full turn of the collector, between requests", turns[0], max(turns[1:], default=0), 0, 0, 0, 0, "")]


async def collected() -> float:
    """How long the collector's full turn, which the server takes between requests, holds the loop."""
    held = Held()
    async with held():
        gc.collect()
    return held.longest


def main(
    people: Annotated[int, typer.Option(help="A market of so many people.")] = 20_000,
    times: Annotated[int, typer.Option(help="Each is asked so often.", min=2)] = 3,
) -> None:
    """Measure, and print the table, those first that hold the loop longest."""
    with tempfile.TemporaryDirectory() as name:
        settings = load_settings({"DOTTEDLINE_HOME": name, "DOTTEDLINE_CACHE": str(load_settings().cache), **PATIENCE, **LOOSE})
        local = LocalNeo4j(settings)
        database = local.start(owned=True)

        async def run() -> list[Took]:
            async with Store(settings, database.uri, database.user, database.password) as store:
                await store.verify()
                await ensure_schema(store)
                return await measured(store, Files.written(Path(name), people, 1), people, times)

        try:
            found = asyncio.run(run())
        finally:
            local.stop()
    typer.echo(f"{people:,} people; {machine()}; over {GOAL:g} ms: {sum(one.longest > GOAL for one in found)} of {len(found)}\n")
    typer.echo("| question | loop held, ms: first, later | took, ms: first, later | KiB | cost |\n| --- | --- | --- | --- | --- |")
    for one in sorted(found, key=lambda one: -one.longest):
        cells = (one.name, f"{one.first_hold:.0f}, {one.hold:.0f}", f"{one.first:.0f}, {one.later:.0f}", f"{one.size / 1024:.0f}", f"{one.cost}")
        typer.echo(f"| {' | '.join(cells)} | {one.fault}")


if __name__ == "__main__":
    typer.run(main)
