"""Two processes at one address: each answers, one sees what was written through the other, and one that falls is replaced."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest

from api.workers import Workers, listening

ROOT = Path(__file__).parent.parent.parent
FRESH = 0.5
MERGE = 'mutation { mergeEntities(into: "p", from: "q", author: "ann") { revision } }'


def asked(connection, text):
    connection.request("POST", "/graphql", json.dumps({"query": text}), {"content-type": "application/json"})
    answer = json.loads(connection.getresponse().read())
    assert "errors" not in answer, answer
    return answer["data"]


class Server:
    """``dottedline serve --workers 2`` on the suite's database."""

    def __init__(self, database, home):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        given = {"NEO4J_URI": database.uri, "NEO4J_PASSWORD": database.password, "DOTTEDLINE_HOME": str(home), "DOTTEDLINE_LOG_LEVEL": "WARNING"}
        environment = {
            **os.environ,
            **given,
            "DOTTEDLINE_FRESH_SECONDS": str(FRESH),
            "DOTTEDLINE_PORT": str(self.port),
            "DOTTEDLINE_DRAIN_SECONDS": "0",
        }
        command = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--workers", "2"]
        self.process = subprocess.Popen(command, env=environment, cwd=ROOT)
        self.connections = []

    def by_worker(self):
        """A connection to each of the two, by its process."""
        found, limit = {}, time.monotonic() + 60
        while len(found) < 2:
            assert self.process.poll() is None and time.monotonic() < limit, "two workers do not come to answer"
            connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                assert asked(connection, "{ __typename }") == {"__typename": "Query"}
            except ConnectionError:
                time.sleep(0.1)
                continue
            self.connections.append(connection)
            mine = connection.sock.getsockname()[1]
            for worker in psutil.Process(self.process.pid).children(recursive=True):
                if any(one.raddr and one.raddr.port == mine for one in worker.net_connections("tcp4")):
                    found.setdefault(worker.pid, connection)
        return found

    def end(self):
        for connection in self.connections:
            connection.close()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


@pytest.fixture
def server(store, settings, database):
    made = Server(database, settings.home)
    yield made
    if made.process.poll() is None:
        made.end()


async def test_each_worker_answers_and_sees_within_the_fresh_seconds_what_the_other_wrote(server, market):
    await market(people="person_id,name\np,P\nq,Q\n")
    here, there = server.by_worker().values()
    count = "{ people { totalCount } }"
    assert [asked(one, count)["people"]["totalCount"] for one in (here, there)] == [2, 2]
    asked(here, MERGE)
    assert asked(here, count)["people"]["totalCount"] == 1, "who wrote sees it at once"
    time.sleep(FRESH + 0.1)
    assert asked(there, count)["people"]["totalCount"] == 1
    assert server.end() == 0


def leaves_at_once(_):
    sys.exit(4)


def test_a_worker_that_cannot_begin_ends_all_with_its_code():
    with listening("127.0.0.1", 0) as taken:
        assert Workers(2, leaves_at_once, taken).run() == 4
