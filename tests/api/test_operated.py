"""What whoever runs the service sees: metrics, one line of log a request, spans, and an end without a broken answer."""

import asyncio
import json
import logging
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

import api.app
from api import logs
from api.app import create_app
from api.context import Context
from api.execute import Engine
from api.logs import JsonLines
from api.tracing import Traced
from api.warm import AHEAD, keep_warm, warmed
from graph.errors import ConfigError
from graph.instants import end_of_today
from graph.request import REQUEST_ID
from graph.settings import load_settings
from graph.snapshot.keeper import Keeper, snapshot_at
from graph.store import Store
from tests.application import HOST, NoAccess, NoStore, application

ROOT = Path(__file__).parent.parent.parent
NAME = {"query": "{ __typename }"}


def values(text):
    """``values(text)["dottedline_requests_total"][("/graphql", "POST", "200")]``, labels in the order of their names' first telling."""
    return {
        (sample.name, *sorted(f"{name}={value}" for name, value in sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_requests_and_errors_are_counted():
    async with application() as client:
        await client.post("/graphql", json=NAME)
        await client.post("/graphql", json={"query": "{ nothing }"})
        await client.post("/graphql", content=b"{", headers={"content-type": "application/json"})
        await client.get("/wp-login.php")
        await client.request("BREW", "/graphql")
        found = values((await client.get("/metrics")).text)
        assert found["dottedline_requests_total", "method=POST", "path=/graphql", "status=200"] == 2
        assert found["dottedline_requests_total", "method=POST", "path=/graphql", "status=400"] == 1
        assert found["dottedline_requests_total", "method=GET", "path=other", "status=404"] == 1
        assert found["dottedline_requests_total", "method=other", "path=/graphql", "status=405"] == 1
        assert found["dottedline_errors_total", "code=GRAPHQL_VALIDATION_FAILED"] == 1
        assert found["dottedline_errors_total", "code=INVALID_INPUT"] == 1
        assert found["dottedline_errors_total", "code=NOT_FOUND"] == found["dottedline_errors_total", "code=METHOD_NOT_ALLOWED"] == 1
        assert found["dottedline_request_seconds_count", "path=/graphql"] == 4


async def test_metrics_are_behind_the_key_of_who_sees_everywhere(monkeypatch):
    right = {"authorization": "Bearer right"}
    async with application(key="right") as client:
        assert (await client.get("/metrics")).status_code == 401
        assert (await client.get("/metrics", headers=right)).status_code == 200
        monkeypatch.setattr(NoAccess, "scopes", (("north",), (), ()))
        assert (await client.get("/metrics", headers=right)).status_code == 403, "how many people there are is nothing for a part"


@pytest.fixture
async def own_store(store, settings, database):
    """A store that nobody asked yet, and that keeps answers: of two who ask the same the later one may come when the first was answered."""
    async with Store(settings.model_copy(update={"answers_mib": 8}), database.uri, database.user, database.password) as own:
        yield own


async def test_questions_the_database_and_the_snapshot_are_measured(own_store, market, settings):
    await market(companies="company_id,name,kinds\na,A,account\n", people="person_id,name,company_id\np,P,a\n")
    app = create_app(settings, lambda: own_store)
    metrics = next(middleware.kwargs["metrics"] for middleware in app.user_middleware if "metrics" in middleware.kwargs)
    app.state.store = own_store
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HOST) as client:
        await client.post("/graphql", json={"query": "{ accounts { totalCount } a: accounts { totalCount } segmentCoverage { key } }"})

        class Room:
            running, waiting = 1, 2

        metrics.look(own_store, Room)
        found = values((await client.get("/metrics")).text)
        assert found["dottedline_question_seconds_count", "question=accounts"] == 1, "asked twice at once, worked out once"
        again = found.get(("dottedline_answers_total", "how=joined"), 0) + found.get(("dottedline_answers_total", "how=kept"), 0)
        assert (again, found["dottedline_answers_total", "how=worked out"]) == (1, 2)
        assert found["dottedline_question_seconds_count", "question=segment_coverage"] == 1
        assert (found["dottedline_requests_running",], found["dottedline_requests_waiting",]) == (1, 2)
        assert found["dottedline_database_calls_total",] > 3
        assert found["dottedline_revision",] == found["dottedline_snapshot_revision",] == 1
        assert found["dottedline_snapshot_people",] == 1
        assert found["dottedline_snapshot_bytes",] > 100


async def test_the_request_s_id_reaches_the_database(store, settings):
    token = REQUEST_ID.set("abc-1")
    try:
        (row,) = await store.read("seen", "SHOW TRANSACTIONS YIELD metaData WHERE metaData.query = 'seen' RETURN metaData", {})
    finally:
        REQUEST_ID.reset(token)
    assert row == [{"query": "seen", "request": "abc-1"}]


async def test_a_server_that_warms_is_ready_when_the_snapshot_stands_and_makes_tomorrow_s_before_midnight(store, market, settings):
    await market(companies="company_id,name,kinds\na,A,account\n")
    app = create_app(settings.model_copy(update={"warm": True}), lambda: store)
    app.state.store = store
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HOST) as client:
        assert (await client.get("/readyz")).text == "warming\n"
        warming = asyncio.create_task(keep_warm(store, settings, app.state))
        async with asyncio.timeout(60):
            while (await client.get("/readyz")).status_code != 200:
                await asyncio.sleep(0.02)
        warming.cancel()
    midnight = datetime.combine(datetime.now(settings.zone).date() + timedelta(days=1), datetime.min.time(), settings.zone)
    await warmed(store, settings, midnight - AHEAD / 2)
    keeper, instants = store.companion(Keeper), []
    for at in (midnight - timedelta(seconds=1), midnight + timedelta(seconds=1)):
        built = keeper.built
        view = replace(await Context(store, settings).view(), as_of=end_of_today(settings.zone, at))
        instants.append((await snapshot_at(store, view)).stamp.as_of)
        assert keeper.built == built
    assert instants[1] - instants[0] == 24 * 3600 * 1_000_000


async def test_the_snapshot_is_exchanged_under_whoever_asks(store, market, settings):
    """Loads land while others ask: nobody meets an error, and each answer is the one of the revision that it names."""
    await market(companies="company_id,name,kinds,industry\na0,A,account,bank\n")
    engine, over, seen = Engine(settings), asyncio.Event(), []
    text = "{ segmentCoverage { view { revision } whole { accounts } } }"

    async def asking():
        while not over.is_set():
            answer = await engine(text, None, None, Context(store, settings))
            assert "errors" not in answer, answer
            found = answer["data"]["segmentCoverage"]
            seen.append((found["view"]["revision"], found["whole"]["accounts"]))
            await asyncio.sleep(0)

    async def reached(revision):
        async with asyncio.timeout(60):
            while not seen or seen[-1][0] < revision:
                await asyncio.sleep(0.02)

    askers = [asyncio.create_task(asking()) for _ in range(4)]
    await reached(1)  # a load that landed before would have the first questions asked again
    for number in range(1, 4):
        await market(companies=f"company_id,name,kinds,industry\na{number},A,account,bank\n")
    await reached(4)
    over.set()
    await asyncio.gather(*askers)
    assert {revision for revision, _ in seen} >= {1, 4}
    assert all(accounts == revision for revision, accounts in seen)


@contextmanager
def written():
    """The lines of log that are written meanwhile."""
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(json.loads(JsonLines().format(record)))
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel("INFO")
    try:
        yield lines
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel("WARNING")


async def test_a_request_is_one_line_without_what_was_asked():
    async with application(key="hush") as client:
        with written() as lines:
            secret = {"query": 'query { account(id: "王伟") { nothing } }', "variables": {"who": "王伟"}}
            headers = {"authorization": "Bearer hush", "x-request-id": "r-1"}
            await client.post("/graphql", json=secret, headers=headers)
            await client.get("/healthz")
        (line,) = [line for line in lines if line["logger"] == logs.__name__]
        told = {name: line[name] for name in ("message", "method", "path", "status", "codes", "request_id")}
        expected = {"message": "request", "method": "POST", "path": "/graphql", "status": 200}
        assert told == expected | {"codes": ["GRAPHQL_VALIDATION_FAILED"], "request_id": "r-1"}
        assert line["milliseconds"] >= 0
        assert not any(word in json.dumps(lines, ensure_ascii=False) for word in ("王伟", "hush"))


def test_of_an_exception_its_words_are_not_logged():
    name = "王伟"
    try:
        raise ValueError(name)
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "unexpected", (), sys.exc_info())
    line = json.loads(JsonLines().format(record))
    assert (line["error"], "test_operated" in line["traceback"], name in json.dumps(line, ensure_ascii=False)) == ("ValueError", True, False)


async def test_spans_of_a_request_and_its_questions_in_the_caller_s_trace(store, settings, market, monkeypatch):
    await market(companies="company_id,name\na,A\n")
    spans = InMemorySpanExporter()
    monkeypatch.setattr(api.app, "_traced", lambda: partial(Traced, processor=SimpleSpanProcessor(spans)))
    app = create_app(settings.model_copy(update={"tracing": True}), NoStore)
    app.state.store = store
    trace = "0af7651916cd43dd8448eb211c80319c"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HOST) as client:
        headers = {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
        asked = {"query": "{ accounts { totalCount } }"}
        assert "data" in (await client.get("/graphql", params=asked, headers=headers)).json()
    question, request = spans.get_finished_spans()
    assert (request.name, question.name) == ("GET /graphql", "accounts")
    assert question.parent.span_id == request.context.span_id
    assert f"{request.context.trace_id:032x}" == trace
    assert request.attributes["http.response.status_code"] == 200
    assert "totalCount" not in str(request.attributes)


def test_without_tracing_nothing_of_it_is_imported():
    code = "import sys, api.app; print(any(name.startswith('opentelemetry') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_tracing_that_is_not_installed_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "api.tracing", None)
    with pytest.raises(ConfigError, match="otel"):
        create_app(load_settings({"DOTTEDLINE_TRACING": "true"}), NoStore)


SERVED = """
import asyncio, sys
import api.server
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from api.app import create_app
from api.context import Context
from api.execute import Engine
from api.server import Server, config
from graph.settings import load_settings
from graph.snapshot.keeper import Keeper, snapshot_at
from graph.store import Store
from tests.application import NoStore

async def slow(_):
    await asyncio.sleep(1.5)
    return PlainTextResponse("whole")

api.server.LAST_WORDS = 1.5
settings = load_settings({"DOTTEDLINE_PORT": sys.argv[1], "DOTTEDLINE_DRAIN_SECONDS": "0.8"})
app = create_app(settings, NoStore)
app.router.routes.append(Route("/slow", slow))
Server(config(app, settings), app, settings.drain_seconds).run()
"""


def test_an_end_says_no_first_and_then_answers_what_is_under_way():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", SERVED, str(port)], cwd=ROOT)
    address = f"http://127.0.0.1:{port}"
    try:
        until(lambda: httpx.get(f"{address}/healthz").status_code == 200)
        with ThreadPoolExecutor() as pool, socket.create_connection(("127.0.0.1", port), 10) as early:
            slow = pool.submit(httpx.get, f"{address}/slow")
            time.sleep(0.2)
            process.send_signal(signal.SIGTERM)
            until(lambda: httpx.get(f"{address}/readyz").text == "draining\n")
            answer = httpx.post(f"{address}/graphql", json=NAME)
            assert (answer.status_code, answer.headers["connection"]) == (200, "close"), "a proxy keeps no connection on which it would ask too late"
            until(lambda: not reached(port))
            assert not slow.done()
            early.sendall(b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
            assert early.recv(1_000).startswith(b"HTTP/1.1 200 "), "whoever came in before the end is heard"
            assert slow.result().text == "whole"
        assert process.wait(5) in (0, -signal.SIGTERM)
    finally:
        process.kill()
        process.wait()


def reached(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except ConnectionError:
        return False
    return True


def until(true, seconds=30):
    """Waits for it."""
    limit = time.monotonic() + seconds
    while True:
        try:
            if true():
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < limit
        time.sleep(0.02)
