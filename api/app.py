"""The HTTP face: one GraphQL endpoint, GraphiQL, health, metrics; a key where it is not loopback."""

import asyncio
import hmac
import ipaddress
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp
from strawberry.http.ides import get_graphql_ide_html

from api.context import Context
from api.execute import Engine
from api.gate import Gate, Rates
from api.logs import Accounted
from api.metrics import TYPE as PROMETHEUS
from api.metrics import Metrics
from api.over_http import JSON, answered, asked, media_type, refused, wants_page
from api.trusted import Trusted, revalidated
from graph.errors import ConfigError, DottedlineError, QueryTimeout, Unauthenticated
from graph.settings import Settings
from graph.store import Store
from graph.view import LANGUAGES

log = logging.getLogger(__name__)
READY_SECONDS = 2.0
"""A database that does not answer within this is not ready."""

Handler = Callable[[Request], Awaitable[Response]]


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches ``host``."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_open_door(settings: Settings) -> None:
    """Raises ConfigError for an address that others reach, without a key."""
    if not is_loopback(settings.host) and settings.api_key is None:
        raise ConfigError(f"{settings.host} can be reached by others, and no key is set. Set DOTTEDLINE_API_KEY, or serve on 127.0.0.1.")


def caller_of(request: Request, settings: Settings) -> str | None:
    """Who asks; None where nobody is told apart.

    Raises Unauthenticated without the key, and for a page of another site that speaks through a browser (no key, foreign host).
    """
    if settings.api_key is not None:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {settings.api_key.get_secret_value()}".encode()):
            raise Unauthenticated("This service wants a key. Send it as `Authorization: Bearer KEY`.")
        return "key"
    if not is_loopback(request.url.hostname or ""):
        raise Unauthenticated("Without a key only 127.0.0.1 and localhost are served. Use one of them as the host.")
    return None


class Door:
    """What every request for data passes: who asks, how often, and in which media type a refusal is told."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.gate = Gate(settings.max_running, settings.max_waiting, settings.waiting_seconds)
        self.rates = Rates(settings.rate, settings.rate_burst)

    def __call__(self, handler: Handler) -> Handler:
        """The handler behind the door."""

        async def guarded(request: Request) -> Response:
            media = JSON
            try:
                caller = caller_of(request, self.settings)
                if caller is not None:
                    self.rates.take(caller)
                media = request.state.media = media_type(request.headers.get("accept", ""))
                return await handler(request)
            except DottedlineError as error:
                request.state.codes = [error.code]
                return refused(error, media)

        return guarded


def create_app(settings: Settings, connect: Callable[[], Store]) -> Starlette:
    """The application. ``connect`` makes the store when the server starts; it is closed with it. Raises ConfigError for an open door."""
    refuse_open_door(settings)
    engine, door, metrics = Engine(settings), Door(settings), Metrics()
    trusted = Trusted.of(settings, engine.documents)

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        async with connect() as store:
            await store.verify()
            await store.ensure_schema()
            app.state.store = store
            watching = asyncio.create_task(metrics.watch(store, door.gate))
            yield
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def answer(request: Request) -> Response:
        given = await asked(request, settings, trusted)
        async with door.gate():
            context = Context(request.app.state.store, settings, _language(request))
            made = await engine(given.query, given.variables, given.operation, context, may_write=not given.safe)
            request.state.codes = [error["extensions"]["code"] for error in made.get("errors", ())]
            response = answered(made, request.state.media, settings)
            return revalidated(request, response) if given.safe and given.trusted and "errors" not in made else response

    guarded = door(answer)

    async def graphql(request: Request) -> Response:
        return _page() if settings.introspection and wants_page(request) else await guarded(request)

    async def live(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(request: Request) -> Response:
        if getattr(request.app.state, "draining", False):
            return PlainTextResponse("draining\n", 503)
        try:
            async with asyncio.timeout(READY_SECONDS):
                await request.app.state.store.revision()
        except (DottedlineError, TimeoutError) as error:
            return PlainTextResponse(f"{getattr(error, 'code', QueryTimeout.code)}\n", 503)
        return PlainTextResponse("ok\n")

    async def measured(request: Request) -> Response:
        try:
            caller_of(request, settings)
        except DottedlineError as error:
            return refused(error)
        return Response(metrics.told(), media_type=PROMETHEUS)

    async def front(_: Request) -> Response:
        return RedirectResponse("/graphql")

    routes = [Route("/", front), Route("/graphql", graphql, methods=["GET", "POST"]), Route("/healthz", live), Route("/readyz", ready)]
    routes += [Route("/metrics", measured)]
    app = Starlette(routes=routes, lifespan=life)
    if settings.tracing:
        app.add_middleware(_traced())
    app.add_middleware(Accounted, metrics=metrics)
    return app


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
