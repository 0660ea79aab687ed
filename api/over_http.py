"""GraphQL over HTTP: what a request must be, in which media type it is answered, and with which status.

https://graphql.github.io/graphql-over-http/draft/
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.gate import Bodies
from api.registry import code_of
from api.trusted import Trusted, named
from graph.errors import (
    DottedlineError,
    InvalidInput,
    LimitExceeded,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    QueryTimeout,
    TooLarge,
    UnsupportedMediaType,
)
from graph.settings import Settings

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
HTML = "text/html"
UTF_8 = ("utf-8", "utf8")


@dataclass(frozen=True, slots=True)
class Asked:
    """One GraphQL request. ``safe`` is one that must change nothing, since it came by GET; ``trusted`` one that names its document."""

    query: str
    variables: dict[str, Any] | None
    operation: str | None
    extensions: dict[str, Any] | None
    safe: bool
    trusted: bool

    def keeps(self, answer: Mapping[str, Any]) -> bool:
        """Whether a browser may keep the answer: a whole one, to a GET of a trusted document."""
        return self.safe and self.trusted and "errors" not in answer


def media_type(accept: str, offered: tuple[str, ...] = (JSON, GRAPHQL)) -> str:
    """Which of the offered types an ``Accept`` header prefers; of two as good the later one if it is named, else the first.

    Raises NotAcceptable when it takes none of them.
    """
    ranges = dict(_range(part) for part in accept.split(",") if part.strip()) or {"*/*": 1.0}
    best = (0.0, 0, 0, "")
    for place, offer in enumerate(offered):
        names = ("*/*", f"{offer.partition('/')[0]}/*", offer)
        exact, quality = max(((exact, ranges[name]) for exact, name in enumerate(names) if name in ranges), default=(0, 0.0))
        best = max(best, (quality, exact, place if exact == 2 else -place, offer if quality else ""))
    if not best[3]:
        raise NotAcceptable(f"Nothing here answers as {accept!r}. Accept {' or '.join(offered)}.")
    return best[3]


def _range(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    given = next((parameter[2:] for parameter in parameters if parameter.startswith("q=")), "1")
    try:
        return name, min(max(float(given), 0.0), 1.0)
    except ValueError:
        return name, 0.0


def wants_page(request: Request) -> bool:
    """Whether a browser asks for the page, and for no answer."""
    if request.method not in ("GET", "HEAD") or {"query", "documentId", "extensions"} & request.query_params.keys():
        return False
    try:
        return media_type(request.headers.get("accept", ""), (JSON, GRAPHQL, HTML)) == HTML
    except NotAcceptable:
        return False


async def asked(request: Request, settings: Settings, trusted: Trusted, bodies: Bodies) -> Asked:
    """The GraphQL request in an HTTP request.

    Raises InvalidInput, TooLarge, UnsupportedMediaType (a form may come from a page of another site without asking first, JSON may not),
    Overloaded where others send much, and QueryTimeout for a body that does not arrive.
    """
    if request.method == "POST":
        _refuse_other_content(request.headers.get("content-type", ""))
        body = _loads(await _body(request, settings, bodies), "the body")
    else:
        if len(request.url.query) > settings.max_body_kib << 10:
            raise _too_large(settings)
        body = dict(request.query_params)
        for name in ("variables", "extensions"):
            if body.get(name):
                body[name] = _loads(body[name].encode("utf-8", "replace"), f"`{name}`")
            else:
                body.pop(name, None)
    return _checked(body, trusted, safe=request.method != "POST")


def _refuse_other_content(given: str) -> None:
    kind, *parameters = (piece.strip().lower() for piece in given.split(";"))
    charset = next((parameter[8:].strip('"') for parameter in parameters if parameter.startswith("charset=")), "utf-8")
    if kind != JSON or charset not in UTF_8:
        raise UnsupportedMediaType(f"Send the request as {JSON} in UTF-8, and say so in `Content-Type`.")


async def _body(request: Request, settings: Settings, bodies: Bodies) -> bytes:
    parts, size = [], 0
    try:
        async with asyncio.timeout(settings.request_seconds):
            with bodies() as take:
                async for part in request.stream():
                    take(len(part))
                    parts.append(part)
                    size += len(part)
                    if size > settings.max_body_kib << 10:
                        raise _too_large(settings)
    except TimeoutError:
        raise QueryTimeout(f"The body did not arrive within {settings.request_seconds:g} s (DOTTEDLINE_REQUEST_SECONDS).") from None
    return b"".join(parts)


def _too_large(settings: Settings) -> TooLarge:
    return TooLarge(f"The request is larger than {settings.max_body_kib} KiB (DOTTEDLINE_MAX_BODY_KIB). Send less at once.")


def _loads(text: bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError as error:
        raise InvalidInput(f"{what} is not JSON: {error}.") from None


def _checked(body: Any, trusted: Trusted, *, safe: bool) -> Asked:
    if isinstance(body, list):
        raise InvalidInput("Batches are not answered. Send one request at a time, or ask for several things in one document.")
    if not isinstance(body, dict):
        raise InvalidInput('The request must be an object: {"query": "{ accounts { totalCount } }"}.', argument="query")
    for name, kind, words in (
        ("query", str, "a text"),
        ("operationName", str, "a text"),
        ("variables", dict, "an object"),
        ("extensions", dict, "an object"),
    ):
        if not isinstance(body.get(name), kind | None):
            raise InvalidInput(f"`{name}` must be {words}.", argument=name)
    document_id = named(body)
    text = trusted.text(body.get("query"), document_id)
    return Asked(text, body.get("variables"), body.get("operationName"), body.get("extensions"), safe, document_id is not None)


def answered(answer: Mapping[str, Any], media: str, settings: Settings) -> Response:
    """A GraphQL response. One without ``data`` is the document's own fault: 400, which ``application/json`` tells as 200.

    Raises LimitExceeded for one that is too large.
    """
    made = orjson.dumps(answer, default=str)
    if len(made) > settings.max_result_kib << 10:
        raise LimitExceeded(f"The answer is larger than {settings.max_result_kib} KiB (DOTTEDLINE_MAX_RESULT_KIB). Ask for less at once.")
    status = 200 if "data" in answer or media == JSON else 400
    return _response(made, status, media)


def refused(error: DottedlineError, media: str = JSON) -> Response:
    """A request that came to no GraphQL response: the error's status, in any media type, and when to come again."""
    response = _response(orjson.dumps({"errors": [{"message": error.message, "extensions": code_of(error)}]}, default=str), error.status, media)
    if "retryAfter" in error.details:
        response.headers["retry-after"] = str(error.details["retryAfter"])
    if error.status == 401:
        response.headers["www-authenticate"] = "Bearer"
    return response


def nowhere(request: Request, _: Exception) -> Response:
    """The refusal of a path that there is not."""
    return _unserved(request, NotFound(f"Nothing is at {request.url.path}. There are {', '.join(route.path for route in request.app.routes)}."))


def no_method(request: Request, error: Exception) -> Response:
    """The refusal of a method that a path does not take."""
    allowed = (getattr(error, "headers", None) or {}).get("Allow", "")
    response = _unserved(request, MethodNotAllowed(f"{request.url.path} takes no {request.method}. Ask with {allowed}."))
    response.headers["allow"] = allowed
    return response


def _unserved(request: Request, error: DottedlineError) -> Response:
    request.state.codes = [error.code]
    return refused(error)


def _response(content: bytes, status: int, media: str) -> Response:
    return Response(content, status, {"cache-control": "no-store", "vary": "accept, accept-language, authorization"}, f"{media}; charset=utf-8")
