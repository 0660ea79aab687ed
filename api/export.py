"""Every question as a file over HTTP: ``GET /export/<question>?<its arguments>&format=csv``, the arguments and formats those of `ask`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from strawberry.utils.str_converters import to_camel_case

from api.asking import Asking, anchor_option, from_texts
from api.context import Context
from api.execute import within
from api.files import File
from api.gate import Gate
from api.registry import QUESTIONS
from api.render import formats
from api.render.rows import CUT
from graph.errors import InvalidInput, LimitExceeded, NotFound
from graph.page import Connection
from graph.settings import Settings

TITLED = {question.title: question for question in QUESTIONS}


class Kind(NamedTuple):
    """What a format is on its way: its media type and the ending of its file."""

    media: str
    ending: str


KINDS = {
    "json": Kind("application/json", "json"),
    "csv": Kind("text/csv; charset=utf-8", "csv"),
    "xlsx": Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    "graphml": Kind("application/graphml+xml", "graphml"),
    "mermaid": Kind("text/vnd.mermaid; charset=utf-8", "mmd"),
    "svg": Kind("image/svg+xml", "svg"),
    "table": Kind("text/plain; charset=utf-8", "txt"),
}


class Wanted(NamedTuple):
    """What a request asks for."""

    asking: Asking
    shown: str

    @property
    def told(self) -> list[dict[str, Any]]:
        """The same for the trail of who asked what."""
        question, option = self.asking.question, anchor_option(self.asking.question)
        about = {option: self.asking.who} if option else {}
        given = [(one, self.asking.arguments[one.name]) for one in question.arguments]
        about |= {to_camel_case(one.spelled): str(value) for one, value in given if value != one.default}
        about |= {to_camel_case(name): at for name, at in self.asking.clocks.items() if at is not None}
        return [{"what": ".".join(filter(None, (option, to_camel_case(question.field)))), "about": about}]


def wanted(request: Request, settings: Settings) -> Wanted:
    """What a request asks for. Raises NotFound for a question that there is not, InvalidInput for what it does not take, LimitExceeded."""
    title = request.path_params["question"]
    question = TITLED.get(title)
    if question is None:
        raise NotFound(f"There is no question {title!r}. There are {', '.join(TITLED)}.", argument="question")
    if len(request.url.query) > settings.max_body_kib << 10:
        raise LimitExceeded(f"The address is longer than {settings.max_body_kib} KiB (DOTTEDLINE_MAX_BODY_KIB).")
    texts = request.query_params.multi_items()
    shown = next((text for name, text in texts if name == "format"), "json")
    if shown not in (known := formats(question)):
        raise InvalidInput(f"format: {shown!r} is none of {', '.join(known)}.", argument="format")
    return Wanted(from_texts(question, [pair for pair in texts if pair[0] != "format"], settings.zone), shown)


async def exported(asked: Wanted, context: Context, gate: Gate) -> Response:
    """The file. CSV of a long list is sent as it comes, everything else when it is whole.

    Of a list the headers say how many there are in all, and whether time or a limit cut the search short; a workbook says so on a sheet of its own.
    Raises LimitExceeded where it would be larger than an answer may be.
    """
    settings, question = context.settings, asked.asking.question
    kind, most = KINDS[asked.shown], settings.max_result_kib << 10

    @asynccontextmanager
    async def turn() -> AsyncIterator[None]:
        async with gate(), within(settings.request_seconds):
            yield

    def bounded(size: float) -> None:
        if size > most:
            raise LimitExceeded(f"The file would be larger than {most >> 10} KiB (DOTTEDLINE_MAX_RESULT_KIB). Ask for less at once.")

    file = File(asked.asking, asked.shown, context, turn, bounded)
    parts = file.parts()
    async with within(settings.request_seconds) if asked.shown == "xlsx" else nullcontext():  # all its pages have no more time than one has
        first = await anext(parts)
    headers = {
        "content-disposition": f'attachment; filename="{question.title}.{kind.ending}"',
        "cache-control": "no-store",
        "cross-origin-resource-policy": "same-origin",
        "vary": "accept-language, authorization",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    }
    if isinstance(file.answer, Connection):
        headers |= {"x-total-count": str(file.answer.total_count), "x-truncated": str(file.cut).lower()}
    if not file.more:
        return Response(first, 200, headers, kind.media)
    return StreamingResponse(_sent(file, first, parts), 200, headers, kind.media)


async def _sent(file: File, first: bytes, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The parts. What goes wrong on the way breaks the connection off, so that nobody takes a part for the whole."""
    told = file.cut
    yield first
    async for part in parts:
        if file.cut and not told:
            raise LimitExceeded(CUT)
        yield part
