"""Two processes at one address, over TLS: each answers, one sees what the other wrote, both count together; one that falls is replaced."""

import ipaddress
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from prometheus_client.parser import text_string_to_metric_families

from api import workers
from api.workers import Workers, listening

ROOT = Path(__file__).parent.parent.parent
FRESH = 0.5
MERGE = 'mutation { mergeEntities(into: "p", from: "q", author: "ann") { revision } }'


def certificate(folder):
    """The files of a certificate for 127.0.0.1 that vouches for itself, and of its key."""
    key, name, now = ec.generate_private_key(ec.SECP256R1()), x509.Name([]), datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - timedelta(hours=1), now + timedelta(hours=1))
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = made.add_extension(here, critical=True).sign(key, SHA256())
    (folder / "cert.pem").write_bytes(signed.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder / "cert.pem", folder / "key.pem"


def asked(connection, text):
    connection.request("POST", "/graphql", json.dumps({"query": text}), {"content-type": "application/json"})
    answer = json.loads(connection.getresponse().read())
    assert "errors" not in answer, answer
    return answer["data"]


def counted(connection, name, **labels):
    """What `/metrics` says."""
    connection.request("GET", "/metrics")
    told = text_string_to_metric_families(connection.getresponse().read().decode())
    return sum(sample.value for family in told for sample in family.samples if sample.name == name and labels.items() <= sample.labels.items())


class Server:
    """``dottedline serve --workers 2`` on the suite's database, under a certificate."""

    def __init__(self, database, home, folder):
        cert, key = certificate(folder)
        self.trusting, self.answered = ssl.create_default_context(cafile=cert), 0
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        given = {"NEO4J_URI": database.uri, "NEO4J_PASSWORD": database.password, "DOTTEDLINE_HOME": str(home), "DOTTEDLINE_LOG_LEVEL": "WARNING"}
        environment = {
            **os.environ,
            **given,
            "DOTTEDLINE_FRESH_SECONDS": str(FRESH),
            "DOTTEDLINE_PORT": str(self.port),
            "DOTTEDLINE_DRAIN_SECONDS": "0",
            "DOTTEDLINE_TLS_CERT": str(cert),
            "DOTTEDLINE_TLS_KEY": str(key),
            "PROMETHEUS_MULTIPROC_DIR": "/nowhere",
        }
        command = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--workers", "2"]
        self.process = subprocess.Popen(command, env=environment, cwd=ROOT)
        self.connections = []

    def by_worker(self):
        """A connection to each of the two, by its process."""
        found, limit = {}, time.monotonic() + 60
        while len(found) < 2:
            assert self.process.poll() is None and time.monotonic() < limit, "two workers do not come to answer"
            connection = HTTPSConnection("127.0.0.1", self.port, timeout=30, context=self.trusting)
            try:
                assert asked(connection, "{ __typename }") == {"__typename": "Query"}
                self.answered += 1
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
def server(store, settings, database, tmp_path):
    made = Server(database, settings.home, tmp_path)
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
    both = [counted(one, "dottedline_requests_total", path="/graphql", status="200") for one in (here, there)]
    assert both == [server.answered + 5] * 2, "either tells of both"
    assert counted(here, "dottedline_question_seconds_count", question="people") == 4
    plain = HTTPConnection("127.0.0.1", server.port, timeout=30)
    with pytest.raises((HTTPException, ConnectionError)):
        asked(plain, "{ __typename }")
    with pytest.raises(ssl.SSLCertVerificationError):
        asked(HTTPSConnection("127.0.0.1", server.port, timeout=30), "{ __typename }")
    assert server.end() == 0


def leaves_at_once(_):
    sys.exit(4)


def test_a_worker_that_cannot_begin_ends_all_with_its_code():
    with listening("127.0.0.1", 0) as taken:
        assert Workers(2, leaves_at_once, taken, lambda _: None).run() == 4


def falls_once(_):
    if (fallen := Path("fallen")).exists():
        os.kill(os.getppid(), signal.SIGTERM)
        time.sleep(30)
    fallen.touch()
    os._exit(3)


def test_a_worker_that_falls_is_replaced_and_told_of(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(workers, "SETTLED", 0.0)
    ended = []
    with listening("127.0.0.1", 0) as taken:
        assert Workers(1, falls_once, taken, ended.append).run() == 0
    assert len(set(ended)) == 2, "the one that fell, and the one that was told to end"


def lingers(taken):
    """Takes no more at SIGTERM, and is busy with what it took."""
    held = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: held.set())
    Path("begun").touch()
    held.wait()
    taken.close()
    Path("closed").touch()
    while not Path("asked").exists():
        time.sleep(0.02)


def test_nobody_waits_at_a_socket_from_which_no_worker_takes_any_more(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def ask(address):
        for file in ("begun", "closed"):
            while not Path(file).exists():
                time.sleep(0.02)
            if file == "begun":
                os.kill(os.getpid(), signal.SIGTERM)
        try:
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(address, 5)
        finally:
            Path("asked").touch()

    with listening("127.0.0.1", 0) as taken, ThreadPoolExecutor() as pool:
        asked = pool.submit(ask, taken.getsockname())
        assert Workers(1, lingers, taken, lambda _: None).run() == 0
        asked.result()
