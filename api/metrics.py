"""What Prometheus is told: requests, errors, latency by question, room, rejections, the database, the snapshot, and how long the loop was held.

With several workers each writes its values into files of one folder, and any of them answers for all.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from api.answers import Answers
from api.gate import Gate
from api.workers import FOLDER
from graph.snapshot.keeper import Keeper
from graph.store import Store

TYPE = CONTENT_TYPE_LATEST
TICK = 1.0
"""Seconds between two looks at what is counted by nobody."""
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
LAG = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)


@contextmanager
def together() -> Iterator[Callable[[int], None]]:
    """Whatever process is started within keeps its values in a new folder.

    What is given wants the id of each that ended: what it counted stays, what was true of it alone does not.
    """
    with TemporaryDirectory(prefix="dottedline-metrics-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield mark_process_dead
        finally:
            del os.environ[FOLDER]


class Metrics:
    """The metrics of one application in this process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        of: dict[str, Any] = {"namespace": "dottedline", "registry": self.registry}
        self._requests = Counter("requests", "Requests answered.", ["path", "method", "status"], **of)
        self._seconds = Histogram("request_seconds", "From a request's first byte to its answer's last.", ["path"], buckets=SECONDS, **of)
        self._errors = Counter("errors", "Errors told, by their code in docs/errors.md; rejections are RATE_LIMITED and OVERLOADED.", ["code"], **of)
        self._questions = Histogram(
            "question_seconds", "A question, for all the anchors that one request asks it of.", ["question"], buckets=SECONDS, **of
        )
        self._lag = Histogram("loop_lag_seconds", "How late the loop came to something that was due.", buckets=LAG, **of)
        self._answers = Counter(
            "answers", "Answers to questions, by how they came: kept, joined to a question under way, or worked out.", ["how"], **of
        )
        live: dict[str, Any] = {"multiprocess_mode": "livesum", **of}
        self._running = Gauge("requests_running", "Requests that are being answered.", **live)
        self._waiting = Gauge("requests_waiting", "Requests that wait for a place.", **live)
        self._reads = Gauge("database_calls_running", "Connections of the pool that are in use.", **live)
        self._calls = Counter("database_calls", "What was sent to the database.", **of)
        latest: dict[str, Any] = {"multiprocess_mode": "livemax", **of}
        self._revision = Gauge("revision", "The number of the last finished write that this process knows.", **latest)
        self._snapshot_revision = Gauge("snapshot_revision", "The same of the snapshot that was used last.", **latest)
        self._snapshot_age = Gauge("snapshot_age_seconds", "Since that snapshot was made or opened.", **latest)
        self._snapshot_people = Gauge("snapshot_people", "People in it.", **latest)
        self._snapshot_bytes = Gauge("snapshot_bytes", "Bytes of its columns.", **latest)
        self._snapshots_built = Gauge("snapshots_built", "How often everything was read.", **live)
        self._snapshots_followed = Gauge("snapshots_followed", "How often an earlier one was brought up.", **live)
        self._answers_bytes = Gauge("answers_bytes", "Bytes of the answers that are kept, about.", **live)
        self._called = 0
        self._answered: dict[str, int] = {}

    def request(self, path: str, method: str, status: int, seconds: float, codes: Iterable[str]) -> None:
        """One request was answered, with errors of these codes."""
        self._requests.labels(path, method, status).inc()
        self._seconds.labels(path).observe(seconds)
        for code in codes:
            self._errors.labels(code).inc()

    @contextmanager
    def question(self, name: str) -> Iterator[None]:
        """Stands around a question."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._questions.labels(name).observe(time.monotonic() - began)

    def told(self) -> bytes:
        """All of it, of all workers, as Prometheus reads it."""
        if FOLDER not in os.environ:
            return generate_latest(self.registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)

    async def watch(self, store: Store, *gates: Gate) -> None:
        """Looks at the loop, the room, the database and the snapshot, again and again until it is cancelled."""
        while True:
            due = time.monotonic() + TICK
            await asyncio.sleep(TICK)
            self._lag.observe(max(0.0, time.monotonic() - due))
            self.look(store, *gates)

    def look(self, store: Store, *gates: Gate) -> None:
        """Takes down what nobody counts."""
        self._running.set(sum(gate.running for gate in gates))
        self._waiting.set(sum(gate.waiting for gate in gates))
        self._reads.set(store.running)
        self._calls.inc(store.calls - self._called)
        self._called = store.calls
        answers = store.companion(Answers)
        for how, count in (("kept", answers.hits), ("joined", answers.joined), ("worked out", answers.misses)):
            self._answers.labels(how).inc(count - self._answered.get(how, 0))
            self._answered[how] = count
        self._answers_bytes.set(answers.size)
        keeper = store.companion(Keeper)
        self._snapshots_built.set(keeper.built)
        self._snapshots_followed.set(keeper.followed)
        if store.known is not None:
            self._revision.set(store.known.number)
        if (snapshot := keeper.latest) is not None:
            self._snapshot_revision.set(snapshot.stamp.head)
            self._snapshot_age.set(time.monotonic() - snapshot.since)
            self._snapshot_people.set(len(snapshot.people.id))
            self._snapshot_bytes.set(snapshot.size)
