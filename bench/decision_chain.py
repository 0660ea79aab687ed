"""The decision chain: in process against its bare packed reads, and over HTTP against raw Starlette that does the same reads."""

import gc
import http.client
import os
import socket
import subprocess
import sys
import time
from asyncio import gather
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.context import Context
from api.execute import Engine
from bench.load import Files
from bench.market import LARGE, employer
from bench.measure import Result, quantile
from graph.local import Running
from graph.read import Reader
from graph.settings import load_settings
from graph.store import Store
from graph.view import View
from queries.decision_chain import decision_chain

DOCUMENT = """query($id: ID!, $most: Int!) { account(id: $id) { decisionChain(maxNodes: $most) {
  key group { id name isDefault } truncated view { asOf knownAt revision assumed }
  nodes { key parentKey kind personId name title department jobLevel depth order descendants stance power state lastTouchAt contactable badges
          roles { role confidence authority step inherited } }
  edges { key fromKey toKey kind line strength source validFrom } checks { code personIds message } } } }"""
ASKS = {8: 300, 500: 60, 5_000: 12}
"""Asks a round."""


def connect() -> Store:
    """The store that the environment names."""
    settings = load_settings()
    assert settings.neo4j_uri and settings.neo4j_password
    return Store(settings, settings.neo4j_uri, settings.neo4j_user, settings.neo4j_password.get_secret_value())


class Noted:
    """A store that notes what is read through it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.reads: list[tuple[str, str, dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def read(self, name: str, text: str, parameters: dict[str, Any]) -> list[list[Any]]:
        """Rows."""
        self.reads.append((name, text, parameters))
        return await self._store.read(name, text, parameters)


async def packed_reads(store: Store, ask: Callable[[Reader], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
    """Does, all at once, exactly the reads that the question makes each time it is asked."""
    noted = Noted(store)
    for _ in range(2):  # what is read once and kept is read by the first
        noted.reads.clear()
        await ask(noted)
    return lambda: gather(*(store.read(*one) for one in noted.reads))


def raw() -> Starlette:
    """The floor of serving: each request does the packed reads and sends the bytes that the GraphQL answer had once."""
    payload: dict[str, tuple[Callable[[], Awaitable[Any]], bytes]] = {}
    store = connect()
    settings = load_settings()
    engine = Engine(settings)

    async def serve(request: Request) -> Response:
        variables = orjson.loads(await request.body())["variables"]
        id_ = variables["id"]
        if id_ not in payload:
            view = await Context(store, settings).view()
            packed = await packed_reads(store, lambda reader: decision_chain(reader, view, [id_]))
            payload[id_] = packed, orjson.dumps(await engine(DOCUMENT, variables, None, Context(store, settings)))
        packed, answer = payload[id_]
        await packed()
        return Response(answer, 200, media_type="application/json")

    return Starlette(routes=[Route("/graphql", serve, methods=["POST"])])


@contextmanager
def served(*command: str, environment: dict[str, str]) -> Iterator[http.client.HTTPConnection]:
    """A server process of its own and one open connection to it; it ends with the block."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, *command], env={**environment, "DOTTEDLINE_PORT": str(port)}, stderr=subprocess.DEVNULL)
    connection = http.client.HTTPConnection("127.0.0.1", port)
    try:
        limit = time.monotonic() + 60
        while True:
            try:
                connection.connect()
                break
            except ConnectionError:
                if time.monotonic() > limit or process.poll() is not None:
                    raise
                time.sleep(0.1)
        yield connection
    finally:
        connection.close()
        process.terminate()
        process.wait()


def posted(connection: http.client.HTTPConnection, body: bytes) -> bytes:
    """The answer to one request."""
    connection.request("POST", "/graphql", body, {"content-type": "application/json"})
    response = connection.getresponse()
    answer = response.read()
    if response.status != 200 or b'"errors"' in answer[:100]:
        raise RuntimeError(f"{response.status}: {answer[:300]!r}")
    return answer


async def in_turn(asks: int, *sides: Callable[[], Awaitable[Any]]) -> list[list[float]]:
    """Milliseconds of each side, asked in turn, in an order that is drawn anew each time: whoever follows another's same reads finds them warm."""
    took: list[list[float]] = [[] for _ in sides]
    turns, drawn = list(zip(sides, took, strict=True)), Random(asks)
    gc.collect()
    gc.freeze()  # what the bench itself holds is no server's burden
    for number in range(asks + 2):
        drawn.shuffle(turns)
        for side, times in turns:
            began = time.perf_counter()
            await side()
            if number > 1:
                times.append((time.perf_counter() - began) * 1000)
    return took


async def measure(store: Store, database: Running, files: Files, people: int, rounds: int) -> list[Result]:
    """The results for each size of company that the market has."""
    given = {"NEO4J_URI": database.uri, "NEO4J_USER": database.user, "NEO4J_PASSWORD": database.password, "DOTTEDLINE_HOME": str(files.first.parent)}
    environment = {**os.environ, **given}
    view = await Context(store, load_settings()).view()
    results: list[Result] = []
    with (
        served("-c", "from api.cli import main; main()", "serve", environment=environment) as ours,
        served("-m", "bench.decision_chain", environment=environment) as bare,
    ):
        for size in (size for size in sorted(LARGE) if people >= LARGE[size]):
            account = employer(files.frames, size)
            asked = [await in_turn(ASKS[size], *await sides(store, view, account, size + 100, ours, bare)) for _ in range(rounds)]
            results += told(people, size, asked)
    return results


async def sides(
    store: Store, view: View, account: str, most: int, ours: http.client.HTTPConnection, bare: http.client.HTTPConnection
) -> list[Callable[[], Awaitable[Any]]]:
    """In process: the question and its bare packed read; over HTTP: GraphQL and the floor."""
    body = orjson.dumps({"query": DOCUMENT, "variables": {"id": account, "most": most}})

    async def question(reader: Reader = store) -> Any:
        return (await decision_chain(reader, view, [account], max_nodes=most))[account]

    async def graphql() -> Any:
        return posted(ours, body)

    async def floor() -> Any:
        return posted(bare, body)

    return [question, await packed_reads(store, question), graphql, floor]


def told(people: int, size: int, asked: list[list[list[float]]]) -> list[Result]:
    """Ratios and milliseconds at the middle and near the end."""
    results: list[Result] = []
    for share, name in ((0.5, "p50"), (0.95, "p95")):
        took = [[quantile(times, share) for times in one] for one in asked]
        goal = -1.3 if (size, name) == (500, "p50") else None
        for what, values, unit, aim in (
            ("in process: {} over that of its bare packed reads", [t[0] / t[1] for t in took], "x", goal),
            ("GraphQL over HTTP: {} over that of raw Starlette", [t[2] / t[3] for t in took], "x", None),
            ("in process: {}", [t[0] for t in took], "ms", None),
            ("GraphQL over HTTP: {}", [t[2] for t in took], "ms", None),
        ):
            results.append(Result("decision_chain", people, f"{size:,} people, {what.format(name)}", values, unit, aim))
    return results


if __name__ == "__main__":
    uvicorn.run(raw(), host="127.0.0.1", port=load_settings().port, log_level="warning")
