"""OpenTelemetry, where it is wanted: a span for each request and each question, without what was asked or by whom.

Where they are sent stands in OpenTelemetry's own variables (``OTEL_EXPORTER_OTLP_ENDPOINT`` and its like). Imported only when it is turned on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.request import REQUEST_ID, WATCH, Watch


class Traced:
    """ASGI middleware: a span for each request, within the caller's trace, and within it one for each question."""

    def __init__(self, app: ASGIApp, processor: SpanProcessor | None = None) -> None:
        self.app = app
        self.provider = TracerProvider(resource=Resource.create({"service.name": "dottedline"}))
        self.provider.add_span_processor(processor or BatchSpanProcessor(OTLPSpanExporter()))
        self.tracer = self.provider.get_tracer("dottedline")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] == "lifespan":
            try:
                await self.app(scope, receive, send)
            finally:
                self.provider.shutdown()
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        caller = propagate.extract(Headers(scope=scope))
        with self.tracer.start_as_current_span(scope["method"], caller, trace.SpanKind.SERVER, record_exception=False) as span:
            span.set_attribute("http.request.method", scope["method"])

            async def sent(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self._answered(span, scope, message["status"])
                await send(message)

            token = WATCH.set(self._watch(WATCH.get()))
            try:
                await self.app(scope, receive, sent)
            finally:
                WATCH.reset(token)

    def _answered(self, span: trace.Span, scope: Scope, status: int) -> None:
        path = getattr(scope.get("route"), "path", "")
        span.update_name(f"{scope['method']} {path}".strip())
        told: dict[str, Any] = {"http.route": path, "http.response.status_code": status, "dottedline.request_id": REQUEST_ID.get() or ""}
        span.set_attributes(told)
        if status >= 500:
            span.set_status(trace.StatusCode.ERROR)

    def _watch(self, inner: Watch) -> Watch:
        @contextmanager
        def watch(name: str) -> Iterator[None]:
            with inner(name), self.tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False):
                yield

        return watch
