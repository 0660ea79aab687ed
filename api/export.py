"""Every question as a file over HTTP: ``GET /export/<question>?<its arguments>&format=csv``, the arguments and formats those of `ask`."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from strawberry.utils.str_converters import to_camel_case

from api.asking import Asking, anchor_option, from_texts
from api.context import Context
from api.execute import within
from api.gate import Gate
from api.registry import QUESTIONS
from api.render import formats, sheet_of
from api.render.rows import CUT
from api.render.sheets import Book, Rows, as_csv
from graph.errors import InvalidInput, LimitExceeded, NotFound
from graph.page import MOST_PAGE, Connection
from graph.question import Question
from graph.settings import Settings
from graph.view import View

M = TypeVar("M")
Sheet = Callable[[Connection[Any]], Rows]
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
    """The file. A list as CSV or as a workbook that was not asked for page by page is all of it, read in pages of one view. CSV is sent as it comes.

    Of a list the headers say how many there are in all, and whether time or a limit cut the search short; a workbook says so on a sheet of its own.
    Raises LimitExceeded where it would be larger than an answer may be.
    """
    settings, question = context.settings, asked.asking.question
    kind, most = KINDS[asked.shown], settings.max_result_kib << 10
    headers = {
        "content-disposition": f'attachment; filename="{question.title}.{kind.ending}"',
        "cache-control": "no-store",
        "cross-origin-resource-policy": "same-origin",
        "vary": "accept-language, authorization",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    }
    sheet = sheet_of(question) if question.paged and asked.shown in ("csv", "xlsx") and not _paged_by_hand(context, question, asked) else None
    book = sheet is not None and asked.shown == "xlsx"
    async with gate(), within(settings.request_seconds):
        view = await asked.asking.view(context)
        answer = await asked.asking.answer(context, view, **({"first": MOST_PAGE} if sheet else {}))
        made = b"" if book else await asyncio.to_thread(formats(question)[asked.shown], answer)
    if isinstance(answer, Connection):
        headers |= {"x-total-count": str(answer.total_count), "x-truncated": str(answer.truncated).lower()}
    if sheet is not None and book:
        async with within(settings.request_seconds):  # nothing is sent before its end, so that the pages have no more time together than one has
            made = await _book(_Pages(asked, context, gate, view), sheet, answer, most)
        return Response(made, 200, headers, kind.media)
    body = made if isinstance(made, bytes) else f"{made}\n".encode()
    _bounded(len(body) * (max(1, answer.total_count / max(1, len(answer.edges))) if sheet else 1), most)
    if sheet is None or not answer.page_info.has_next_page:
        return Response(body, 200, headers, kind.media)
    return StreamingResponse(_csv(_Pages(asked, context, gate, view), sheet, body, answer, most), 200, headers, kind.media)


def _paged_by_hand(context: Context, question: Question[..., Any], asked: Wanted) -> bool:
    """Whether a page was asked for."""
    return any(asked.asking.arguments[argument.name] != argument.default for argument in question.arguments if argument.name in ("first", "after"))


def _bounded(size: float, most: int) -> None:
    """Raises LimitExceeded."""
    if size > most:
        raise LimitExceeded(f"The file would be larger than {most >> 10} KiB (DOTTEDLINE_MAX_RESULT_KIB). Ask for less at once.")


class _Pages(NamedTuple):
    """The pages of a list at one view, each read when there is room for it."""

    asked: Wanted
    context: Context
    gate: Gate
    view: View

    async def after(self, page: Connection[Any], made: Callable[[Connection[Any]], M]) -> AsyncIterator[M]:
        """What is made of each page that comes after this one."""
        while page.page_info.has_next_page:
            async with self.gate(), within(self.context.settings.request_seconds):
                page = await self.asked.asking.answer(self.context, self.view, first=MOST_PAGE, after=page.page_info.end_cursor)
                one = await asyncio.to_thread(made, page)
            yield one


async def _csv(pages: _Pages, sheet: Sheet, first: bytes, page: Connection[Any], most: int) -> AsyncIterator[bytes]:
    """The first page, then the others. What goes wrong on the way breaks the connection off, so that nobody takes a part for the whole."""

    def lines(later: Connection[Any]) -> bytes:
        if later.truncated and not page.truncated:
            raise LimitExceeded(CUT)
        rows: Sequence[Any] = list(sheet(later))[1:]
        return f"{as_csv(rows)}\n".encode() if rows else b""

    yield first
    size = len(first)
    async for body in pages.after(page, lines):
        size += len(body)
        _bounded(size, most)
        yield body


async def _book(pages: _Pages, sheet: Sheet, page: Connection[Any], most: int) -> bytes:
    """A workbook of all pages. It is whole before anything of it is sent."""
    book = Book()

    def add(later: Connection[Any]) -> bool:
        book.add(list(sheet(later))[1:])
        return later.truncated

    try:
        await asyncio.to_thread(book.add, sheet(page))
        _bounded(book.size * max(1, page.total_count / max(1, len(page.edges))), most)
        cut = page.truncated
        async for truncated in pages.after(page, add):
            cut |= truncated
            _bounded(book.size, most)
        if cut:
            book.note(CUT)
        return await asyncio.to_thread(book.made)
    finally:
        await asyncio.to_thread(book.close)
