"""The HTTP face: one GraphQL endpoint, GraphiQL, health; ``api.auth`` says who asks."""

import logging
import re
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from strawberry.http.ides import get_graphql_ide_html

from api.auth import Who
from api.context import Context
from api.execute import Engine
from api.logs import request_id
from api.schema import code_of
from graph.errors import DottedlineError, InvalidInput, LimitExceeded
from graph.settings import Settings
from graph.store import Store
from graph.view import LANGUAGES

log = logging.getLogger(__name__)
JSON = "application/json"


def create_app(settings: Settings, connect: Callable[[], Store]) -> Starlette:
    """The application. ``connect`` makes the store when the server starts; it is closed with it. Raises ConfigError for an open door."""
    engine, who = Engine(settings), Who(settings)

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        async with connect() as store:
            await store.verify()
            await store.ensure_schema()
            await who.ready(store)
            app.state.store = store
            yield

    async def graphql(request: Request) -> Response:
        began, token = time.monotonic(), request_id.set(_request_id(request))
        try:
            answer, status = await _answer(request)
        finally:
            log.info("graphql", extra={"milliseconds": round((time.monotonic() - began) * 1000, 1)})
            request_id.reset(token)
        return answer if status is None else _json(answer, status, _request_id(request))

    async def _answer(request: Request) -> tuple[Any, int | None]:
        if request.method == "GET" and "query" not in request.query_params:
            return HTMLResponse(get_graphql_ide_html(graphql_ide="graphiql")), None
        try:
            principal = await who(request)
            body = await _body(request, settings)
            context = Context(request.app.state.store, settings, _language(request), principal)
            answer = await engine(body["query"], body.get("variables"), body.get("operationName"), context, may_write=request.method == "POST")
        except DottedlineError as error:
            return {"errors": [{"message": error.message, "extensions": code_of(error)}]}, error.status
        return answer, 200

    def _json(answer: Any, status: int, given: str) -> Response:
        made = orjson.dumps(answer, default=str)
        if len(made) > settings.max_result_kib << 10:
            limit = LimitExceeded(f"The answer is larger than {settings.max_result_kib} KiB (DOTTEDLINE_MAX_RESULT_KIB). Ask for less at once.")
            made, status = orjson.dumps({"errors": [{"message": limit.message, "extensions": code_of(limit)}]}), limit.status
        return Response(made, status, {"x-request-id": given}, JSON)

    async def live(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(request: Request) -> Response:
        try:
            revision = await request.app.state.store.revision_at(0)
        except DottedlineError as error:
            return PlainTextResponse(f"{error.code}\n", 503)
        return PlainTextResponse("ok\n") if revision else PlainTextResponse("no\n", 503)

    async def front(_: Request) -> Response:
        return RedirectResponse("/graphql")

    routes = [Route("/", front), Route("/graphql", graphql, methods=["GET", "POST"]), Route("/healthz", live), Route("/readyz", ready)]
    return Starlette(routes=routes, lifespan=life)


def _request_id(request: Request) -> str:
    """The caller's id if it is a plain one, else a new one; the same for the whole request."""
    if not hasattr(request.state, "id"):
        given = request.headers.get("x-request-id", "")
        request.state.id = given if re.fullmatch(r"[\w.-]{1,64}", given) else uuid.uuid4().hex
    return str(request.state.id)


async def _body(request: Request, settings: Settings) -> dict[str, Any]:
    """The GraphQL request. Raises InvalidInput or LimitExceeded."""
    if request.method == "GET":
        body: Any = {**request.query_params}
        if "variables" in body:
            body["variables"] = _loads(body["variables"].encode(), "variables")
    else:
        if request.headers.get("content-type", "").partition(";")[0].strip() != JSON:
            raise InvalidInput("Send the request as application/json.")
        parts, size = [], 0
        async for part in request.stream():
            parts.append(part)
            size += len(part)
            if size > settings.max_body_kib << 10:
                raise LimitExceeded(f"The request is larger than {settings.max_body_kib} KiB (DOTTEDLINE_MAX_BODY_KIB). Send less at once.")
        body = _loads(b"".join(parts), "the body")
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        raise InvalidInput('The body must be an object with a text `query`: {"query": "{ accounts { totalCount } }"}.')
    if not isinstance(body.get("variables"), dict | None):
        raise InvalidInput("`variables` must be an object.")
    return body


def _loads(text: bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError as error:
        raise InvalidInput(f"{what} is not JSON: {error}.") from None


def _language(request: Request) -> str:
    """The first known language that the caller accepts."""
    wanted = request.headers.get("accept-language", "")
    return next((language for part in wanted.split(",") for language in LANGUAGES if part.strip().lower().startswith(language[:2])), "en")
