"""The HTTP face: one GraphQL endpoint, GraphiQL, health, metrics; ``api.auth`` says who asks."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp
from strawberry.http.ides import get_graphql_ide_html

from api.audit import Audit, asked_of, codes_of
from api.auth import Who
from api.context import Context
from api.execute import Engine
from api.export import exported, wanted
from api.gate import Bodies, Gate, Rates
from api.logs import Accounted
from api.metrics import TYPE as PROMETHEUS
from api.metrics import Metrics
from api.over_http import JSON, Asked, answered, asked, media_type, no_method, nowhere, refused, wants_page
from api.trusted import Trusted, revalidated
from api.warm import keep_warm
from graph.errors import ConfigError, DottedlineError, QueryTimeout
from graph.request import REQUEST_ID
from graph.settings import Settings
from graph.store import Store
from graph.upgrade import ensure_schema
from graph.view import LANGUAGES

log = logging.getLogger(__name__)
GRAPHQL = "graphql"
ASKING, TOLD = ["authorization", "content-type", "purpose", "x-request-id"], ["retry-after", "x-request-id", "x-total-count", "x-truncated"]
"""What pages of other sites may send and read of headers, where they may ask at all."""
READY_SECONDS = 2.0
"""A database that does not answer within this is not ready."""
MOST_BODIES = 64
"""So many of the largest bodies are read at once."""

Handler = Callable[[Request], Awaitable[Response]]


class Door:
    """What every request for data passes: who asks, how often, and in which media type a refusal is told."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.who, self.audit = Who(settings), Audit(settings)
        self.gate = Gate(settings.max_running, settings.max_waiting, settings.waiting_seconds)
        self.writes = Gate(1, settings.max_waiting, settings.waiting_seconds, "write less at once: one writes at a time")
        self.bodies = Bodies(MOST_BODIES * settings.max_body_kib << 10, settings.waiting_seconds)
        self.rates = Rates(settings.rate, settings.rate_burst)

    def __call__(self, handler: Handler, face: str) -> Handler:
        """The handler behind the door, under the name that the trail gives it."""

        async def guarded(request: Request) -> Response:
            media, seen = JSON, request.state
            seen.principal, seen.purpose, seen.asked, seen.codes, seen.forgotten = None, None, [], ["INTERNAL"], []
            try:
                seen.principal = await self.who(request)
                if not seen.principal.local:
                    self.rates.take(seen.principal.name)
                media = seen.media = media_type(request.headers.get("accept", "")) if face == GRAPHQL else JSON
                seen.purpose = self.audit.purpose_of(request)
                return await handler(request)
            except DottedlineError as error:
                seen.codes = [error.code]
                return refused(error, media)
            finally:
                self.audit.note(seen.principal, seen.purpose, REQUEST_ID.get(), face, seen.asked, seen.codes)
                await self.audit.forget(seen.forgotten)

        return guarded


def create_app(settings: Settings, connect: Callable[[], Store]) -> Starlette:
    """The application. ``connect`` makes the store when the server starts; it is closed with it. Raises ConfigError for an open door."""
    door, engine, metrics = Door(settings), Engine(settings), Metrics()
    trusted = Trusted.of(settings, engine.documents)

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        async with connect() as store:
            await store.verify()
            await ensure_schema(store)
            await door.who.ready(store)
            app.state.store = store
            beside = [asyncio.create_task(metrics.watch(store, door.gate, door.writes))]
            if settings.warm:
                beside.append(asyncio.create_task(keep_warm(store, settings, app.state)))
            async with door.audit.running(store):
                yield
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def export(request: Request) -> Response:
        wants, seen = wanted(request, settings), request.state
        seen.asked = wants.told
        made = await exported(wants, Context(request.app.state.store, settings, _language(request), seen.principal), door.gate)
        seen.codes = []
        return made

    guarded = door(partial(_answer, engine, trusted, door), GRAPHQL)

    async def graphql(request: Request) -> Response:
        return _page() if settings.introspection and wants_page(request) else await guarded(request)

    async def ready(request: Request) -> Response:
        state = request.app.state
        if getattr(state, "draining", False):
            return PlainTextResponse("draining\n", 503)
        if settings.warm and not getattr(state, "warm", False):
            return PlainTextResponse("warming\n", 503)
        try:
            async with asyncio.timeout(READY_SECONDS):
                await state.store.revision()
        except (DottedlineError, TimeoutError) as error:
            return PlainTextResponse(f"{getattr(error, 'code', QueryTimeout.code)}\n", 503)
        return PlainTextResponse("ok\n")

    async def measured(request: Request) -> Response:
        try:
            await door.who.measures(request)
        except DottedlineError as error:
            return refused(error)
        return Response(metrics.told(), media_type=PROMETHEUS)

    routes = [Route("/", _front), Route("/graphql", graphql, methods=["GET", "POST"]), Route("/healthz", _live), Route("/readyz", ready)]
    routes += [Route("/metrics", measured), Route("/export/{question}", door(export, "export"))]
    app = Starlette(routes=routes, lifespan=life, exception_handlers={404: nowhere, 405: no_method})
    if settings.tracing:
        app.add_middleware(_traced())
    if origins := [origin for part in settings.origins.split(",") if (origin := part.strip())]:
        app.add_middleware(CORSMiddleware, allow_origins=origins, allow_methods=["GET", "POST"], allow_headers=ASKING, expose_headers=TOLD)
    app.add_middleware(Accounted, metrics=metrics)
    return app


async def _answer(engine: Engine, trusted: Trusted, door: Door, request: Request) -> Response:
    """The answer to a GraphQL request, when it has come in."""
    given, seen = await asked(request, door.settings, trusted, door.bodies), request.state
    context = Context(request.app.state.store, door.settings, _language(request), seen.principal, seen.forgotten)
    made = partial(_made, engine, given, request, context)
    async with door.gate():
        document = await engine.documents.of(given.query)
        seen.asked = asked_of(engine.schema._schema, document, given.operation, given.variables)
        if not document.writes(given.operation):
            return await made()
    async with door.writes():  # whoever waits for their turn to write is in nobody's way who reads
        return await made()


async def _made(engine: Engine, given: Asked, request: Request, context: Context) -> Response:
    """The answer to a document."""
    made = await engine(given.query, given.variables, given.operation, context, may_write=not given.safe)
    request.state.codes = codes_of(made)
    return revalidated(request, answered(made, request.state.media, context.settings), kept=given.keeps(made))


async def _live(_: Request) -> Response:
    return PlainTextResponse("ok\n")


async def _front(_: Request) -> Response:
    return RedirectResponse("/graphql")


def _traced() -> Callable[[ASGIApp], ASGIApp]:
    """The middleware of OpenTelemetry. Raises ConfigError where it is not installed."""
    try:
        from api.tracing import Traced  # noqa: PLC0415 - an extra, and slow to import
    except ImportError:
        raise ConfigError("DOTTEDLINE_TRACING is set, and OpenTelemetry is not installed. Install dottedline[otel], or unset it.") from None
    return Traced


def _page() -> Response:
    return HTMLResponse(get_graphql_ide_html(graphql_ide="graphiql"), headers={"content-security-policy": "frame-ancestors 'none'"})


def _language(request: Request) -> str:
    """The first known language that the caller accepts."""
    wanted = request.headers.get("accept-language", "")
    return next((language for part in wanted.split(",") for language in LANGUAGES if part.strip().lower().startswith(language[:2])), "en")
