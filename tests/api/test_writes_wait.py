"""Whoever waits for their turn to write is in nobody's way who reads; what is too large to be sent is told in the trail."""

import asyncio

import httpx

from api import app as http
from api.app import create_app
from api.execute import Engine
from graph.principal import local_steward
from graph.settings import load_settings
from graph.trail import Trail

WRITE, READ = 'mutation { erasePerson(id: "x") { revision } }', "{ __typename }"


def served(tmp_path, monkeypatch, engine, **given):
    settings = load_settings({"DOTTEDLINE_HOME": str(tmp_path), **{f"DOTTEDLINE_{name}": value for name, value in given.items()}})

    async def who(self, request):
        return local_steward()

    monkeypatch.setattr(Engine, "__call__", engine)
    monkeypatch.setattr(http.Who, "__call__", who)
    app = create_app(settings, lambda: None)
    app.state.store = None
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1")


async def test_those_who_read_do_not_wait_for_those_who_write(tmp_path, monkeypatch):
    done = asyncio.Event()

    async def engine(self, text, *_, **__):
        if text == WRITE:
            await done.wait()
        return {"data": {}}

    async with served(tmp_path, monkeypatch, engine, MAX_RUNNING="2", WAITING_SECONDS="0.2") as client:
        first = asyncio.create_task(client.post("/graphql", json={"query": WRITE}))
        await asyncio.sleep(0.05)
        others = [asyncio.create_task(client.post("/graphql", json={"query": WRITE})) for _ in range(4)]
        assert (await client.post("/graphql", json={"query": READ})).json() == {"data": {}}
        refused = await asyncio.gather(*others)
        assert {(one.status_code, one.json()["errors"][0]["extensions"]["code"]) for one in refused} == {(503, "OVERLOADED")}
        assert all(one.headers["retry-after"] == "1" for one in refused)
        done.set()
        assert (await first).json() == {"data": {}}


async def test_what_is_too_large_to_be_sent_is_told_in_the_trail(tmp_path, monkeypatch):
    noted = []

    async def engine(self, *_, **__):
        return {"data": {"x": "x" * 5_000}}

    monkeypatch.setattr(http.Audit, "note", lambda self, *given: noted.append(given[-1]))
    async with served(tmp_path, monkeypatch, engine, MAX_RESULT_KIB="1") as client:
        answer = await client.post("/graphql", json={"query": READ})
    assert answer.json()["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert noted == [["LIMIT_EXCEEDED"]]
    assert not list(Trail(tmp_path).read())
