"""The server's end: first it says that it is not ready, then it takes no more, then it waits for what is under way."""

import asyncio
import signal
import socket
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from api import collector
from graph.settings import Settings

MOST_CONNECTIONS = 2_000
"""Beyond, uvicorn answers 503 before anything is read."""
KEEP_ALIVE = 5
"""Seconds after which a silent connection is closed. A proxy closes its own earlier, or it would send requests into closed ones."""
LAST_WORDS = 0.2
"""So long whoever came in just before the end has to say what they want."""
CLOSE = (b"connection", b"close")


def config(app: Starlette, settings: Settings) -> uvicorn.Config:
    """How the application is served."""
    return uvicorn.Config(
        app,
        settings.host,
        settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # who is at the other end decides whom we believe: ``api.auth``
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=int(settings.drain_seconds + max(settings.request_seconds, settings.write_seconds)) + 1,
    )


class Server(uvicorn.Server):
    """A server that drains: at SIGTERM ``/readyz`` says no for ``DOTTEDLINE_DRAIN_SECONDS``, while requests are answered as before.

    Each answer then ends its connection, so that a proxy keeps none on which it would send a request into the end. Then no connection is taken any
    more, and what is under way is answered. A second signal, or Ctrl-C, ends the first stretch at once.
    """

    def __init__(self, config: uvicorn.Config, app: Starlette, seconds: float) -> None:
        super().__init__(config)
        self._state, self._drain_seconds = app.state, seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._collecting: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Remembers the loop, which a signal's handler must not look for."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        collector.settle()
        self._collecting = asyncio.create_task(collector.turns(lambda: bool(self.server_state.tasks)))

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first SIGTERM begins to drain."""
        draining, self._state.draining = getattr(self._state, "draining", False), True
        if sig == signal.SIGTERM and not draining and self._loop and self._drain_seconds:
            for headers in (self.config.encoded_headers, self.server_state.default_headers):  # those to come, and those of now
                headers.append(CLOSE)
            self._loop.call_soon_threadsafe(self._loop.call_later, self._drain_seconds, super().handle_exit, sig, frame)
        else:
            super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Takes no connection any more, then ends the idle ones, and waits for what is under way."""
        if self._drain_seconds:
            for server in self.servers:
                server.close()
            for taken in sockets or []:
                taken.close()
            await asyncio.sleep(LAST_WORDS)
        if self._collecting:
            self._collecting.cancel()
        await super().shutdown(sockets)
