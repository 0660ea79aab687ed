"""Several processes that serve one address: each has its own loop, connections and caches; the snapshot's file they share."""

import logging
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

log = logging.getLogger(__name__)
SETTLED = 10.0
"""A worker that ends within so many seconds will not do better the next time."""
BACKLOG = 2_048
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""In the environment, where the processes of one address keep their metrics, as the Prometheus client wants it."""
SPAWNED = multiprocessing.get_context("spawn")
Work = Callable[[socket.socket], None]


class Workers:
    """So many processes, each running ``work`` (of a module's top level, since it is sent there) on one listening socket.

    One that ends unasked is replaced; one that ends right after its start ends all. SIGTERM and SIGINT are handed on, and all are waited for.
    ``ended`` is told the id of each that ended.
    """

    def __init__(self, count: int, work: Work, listening: socket.socket, ended: Callable[[int], None]) -> None:
        self._count, self._work, self._listening, self._ended = count, work, listening, ended
        self._started: dict[BaseProcess, float] = {}
        self._ending, self._starting = 0, False

    def run(self) -> int:
        """Serves until told to end. The exit code: 0, or that of the worker that could not go on."""
        before = {number: signal.signal(number, lambda number, _: self._end(number)) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            return self._serve()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _serve(self) -> int:
        for _ in range(self._count):
            self._start()
        code = 0
        while self._started:
            ended = wait([process.sentinel for process in self._started], timeout=1.0)
            for process in [process for process in self._started if process.sentinel in ended]:
                lived = time.monotonic() - self._started.pop(process)
                process.join()
                self._ended(process.pid or 0)
                if self._ending:
                    continue
                log.warning("worker ended", extra={"worker": process.pid, "exit_code": process.exitcode})
                if lived < SETTLED:
                    code = process.exitcode or 1
                    self._end(signal.SIGTERM)
                else:
                    self._start()
        return code

    def _start(self) -> None:
        if self._ending:
            return
        process = SPAWNED.Process(target=self._work, args=(self._listening,))
        self._starting = True
        process.start()
        self._starting = False
        self._started[process] = time.monotonic()
        log.info("worker started", extra={"worker": process.pid})
        if self._ending:
            self._end(self._ending)

    def _end(self, number: int) -> None:
        """Hands a signal on to every worker, and lets the socket go: once no worker takes connections, nobody shall wait at it.

        One that is just being started needs it still, and is told when it has begun.
        """
        self._ending = number
        if self._starting:
            return
        self._listening.close()
        for process in self._started:
            if process.pid is not None and process.is_alive():
                os.kill(process.pid, number)


def listening(host: str, port: int) -> socket.socket:
    """A socket on which several processes may take connections. Raises OSError where the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.create_server((host, port), family=family, backlog=BACKLOG)
    made.set_inheritable(True)
    return made
