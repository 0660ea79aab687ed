"""Structured logs on standard error: one JSON object a line, with the request's id and without personal data."""

import logging
import re
import sys
import time
import traceback
import uuid
from datetime import UTC, datetime

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import Metrics
from graph.request import REQUEST_ID, WATCH

log = logging.getLogger(__name__)
CODES = "codes"
"""Where a request's state holds the codes of the errors that it was told."""
METHODS = frozenset({"GET", "HEAD", "POST"})
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds by machines: counted, not logged."""
PLAIN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class JsonLines(logging.Formatter):
    """A record as one line of JSON: time, level, logger, message, what ``extra`` adds; of an exception its type and where it came from.

    An exception's own words are left out, since they may name a person.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in PLAIN},
        }
        if REQUEST_ID.get():
            line["request_id"] = REQUEST_ID.get()
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["traceback"] = "".join(traceback.format_tb(record.exc_info[2]))
        return orjson.dumps(line, default=str).decode()


def start(level: str) -> None:
    """Sends all logs to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("neo4j").setLevel(logging.ERROR)


class Accounted:
    """ASGI middleware: every request has an id, which its answer carries back, and one line in the log: no query, no argument, no caller.

    It is counted too, with the codes of its errors.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given, began, status = Headers(scope=scope).get("x-request-id", ""), time.monotonic(), 500
        token = REQUEST_ID.set(given if re.fullmatch(r"[\w.-]{1,64}", given, re.ASCII) else uuid.uuid4().hex)
        watch = WATCH.set(self.metrics.question)

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = REQUEST_ID.get() or ""
                headers["x-content-type-options"] = "nosniff"
            await send(message)

        try:
            await self.app(scope, receive, sent)
        finally:
            seconds, codes = time.monotonic() - began, scope.get("state", {}).get(CODES, ())
            path, method = getattr(scope.get("route"), "path", "other"), scope["method"]
            self.metrics.request(path, method if method in METHODS else "other", status, seconds, codes)
            if path not in QUIET:
                told = {"method": method, "path": path, "status": status, "milliseconds": round(seconds * 1000, 1)}
                log.info("request", extra=told | ({"codes": list(codes)} if codes else {}))
            WATCH.reset(watch)
            REQUEST_ID.reset(token)
