"""Every question as a file over HTTP: ``GET /export/<question>?<its arguments>&format=csv``, the arguments and formats those of `ask`."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from strawberry.utils.str_converters import to_camel_case

from api.asking import Asking, anchor_option, from_texts
from api.context import Context
from api.execute import within
from api.gate import Gate
from api.render import formats, sheet_of
from api.render.sheets import Rows, as_csv
from api.schema import QUESTIONS
from graph.errors import InvalidInput, LimitExceeded, NotFound
from graph.page import MOST_PAGE, Connection
from graph.question import Question
from graph.settings import Settings
from graph.view import View

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
    """The file. A list as CSV that was not asked for page by page is all of it, read and sent in pages of one view.

    Raises LimitExceeded where it would be larger than an answer may be.
    """
    settings, question = context.settings, asked.asking.question
    kind = KINDS[asked.shown]
    headers = {
        "content-disposition": f'attachment; filename="{question.title}.{kind.ending}"',
        "cache-control": "no-store",
        "cross-origin-resource-policy": "same-origin",
        "vary": "accept-language, authorization",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    }
    sheet = sheet_of(question)
    whole = question.paged and asked.shown == "csv" and sheet is not None and not _paged_by_hand(context, question, asked)
    async with gate(), within(settings.request_seconds):
        view = await asked.asking.view(context)
        answer = await asked.asking.answer(context, view, **({"first": MOST_PAGE} if whole else {}))
        made = await asyncio.to_thread(formats(question)[asked.shown], answer)
    body = made if isinstance(made, bytes) else f"{made}\n".encode()
    most = settings.max_result_kib << 10
    if len(body) * (max(1, answer.total_count / max(1, len(answer.edges))) if whole else 1) > most:
        raise LimitExceeded(f"The file would be larger than {settings.max_result_kib} KiB (DOTTEDLINE_MAX_RESULT_KIB). Ask for less at once.")
    if not whole or sheet is None or not answer.page_info.has_next_page:
        return Response(body, 200, headers, kind.media)
    return StreamingResponse(_pages(asked, context, gate, view, sheet, body, answer.page_info.end_cursor, most), 200, headers, kind.media)


def _paged_by_hand(context: Context, question: Question[..., Any], asked: Wanted) -> bool:
    """Whether a page was asked for."""
    return any(asked.asking.arguments[argument.name] != argument.default for argument in question.arguments if argument.name in ("first", "after"))


async def _pages(
    asked: Wanted, context: Context, gate: Gate, view: View, sheet: Callable[[Connection[Any]], Rows], first: bytes, after: str | None, most: int
) -> AsyncIterator[bytes]:
    """The first page, then the others. What goes wrong on the way breaks the connection off, so that nobody takes a part for the whole."""
    yield first
    size = len(first)
    while after is not None:
        async with gate(), within(context.settings.request_seconds):
            page: Connection[Any] = await asked.asking.answer(context, view, first=MOST_PAGE, after=after)
            body = await asyncio.to_thread(_rows, sheet, page)
        size += len(body)
        if size > most:
            raise LimitExceeded(f"The file is larger than {most >> 10} KiB (DOTTEDLINE_MAX_RESULT_KIB).")
        yield body
        after = page.page_info.end_cursor if page.page_info.has_next_page else None


def _rows(sheet: Callable[[Connection[Any]], Rows], page: Connection[Any]) -> bytes:
    rows: Sequence[Any] = list(sheet(page))[1:]
    return f"{as_csv(rows)}\n".encode() if rows else b""
