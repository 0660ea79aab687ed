"""The answer to a question as a file: what `ask` on the command line writes and `/export` over HTTP sends."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, TypeVar

from api.asking import Asking
from api.context import Context
from api.render import formats, sheet_of
from api.render.rows import CUT, left_over
from api.render.sheets import Book, Rows, as_csv
from graph.errors import Forbidden
from graph.page import MOST_PAGE, Connection
from graph.score import Missing

M = TypeVar("M")
Turn = Callable[[], AbstractAsyncContextManager[Any]]
SHEETS = ("csv", "xlsx")


class File:
    """An answer in one of its formats. A list as CSV or as a workbook that was not asked for page by page is all of it, read in pages of one view.

    Each page is asked for and written within a ``turn``. ``bounded`` is told how many bytes there are and how many there will be, and may refuse.
    Raises Forbidden for a sheet of what may not be told.
    """

    def __init__(
        self, asking: Asking, shown: str, context: Context, turn: Turn = nullcontext, bounded: Callable[[float], None] = lambda size: None
    ) -> None:
        self._asking, self._shown, self._context, self._turn, self._bounded = asking, shown, context, turn, bounded
        self._whole = asking.question.paged and not asking.by_page and shown in SHEETS
        self.answer: Any = None
        """The answer; of a list that is written whole the page that was read last."""
        self.cut = False
        """Whether time or a limit cut the search short, as far as it has come."""

    @property
    def more(self) -> bool:
        """Whether parts are still to come."""
        return self._whole and self._shown == "csv" and self.answer.page_info.has_next_page

    @property
    def left_over(self) -> str:
        """How much of a list the file holds, and how to go on, where that is not all; else nothing."""
        if self._whole:
            return CUT if self.cut else ""
        return left_over(self.answer).strip() if self.cut or (isinstance(self.answer, Connection) and self.answer.page_info.has_next_page) else ""

    async def parts(self) -> AsyncIterator[bytes]:
        """The file: whole, but for a long list as CSV, of which every page is a part."""
        sheet = sheet_of(self._asking.question)
        if sheet is None or not self._whole:
            async for made in self._pages(self._made):
                body = made if isinstance(made, bytes) else f"{made}\n".encode()
                self._bounded(len(body))
                yield body
        elif self._shown == "csv":
            async for body in self._csv(sheet):
                yield body
        else:
            yield await self._book(sheet)

    def _made(self, answer: Any) -> str | bytes:
        if self._shown in SHEETS and getattr(answer, "missing", None) is Missing.RESTRICTED:
            raise Forbidden(answer.why)  # a sheet without rows would say that there is nothing
        return formats(self._asking.question)[self._shown](answer)

    async def _pages(self, made: Callable[[Any], M]) -> AsyncIterator[M]:
        """What is made of the answer, or of each page of a list that is wanted whole; each is read when there is room for it."""
        asking, context, more = self._asking, self._context, {"first": MOST_PAGE} if self._whole else {}
        async with self._turn():
            view = await asking.view(context)
            self._read(await asking.answer(context, view, **more))
            one = await asyncio.to_thread(made, self.answer)
        yield one
        while self._whole and self.answer.page_info.has_next_page:
            async with self._turn():
                self._read(await asking.answer(context, view, **more, after=self.answer.page_info.end_cursor))
                one = await asyncio.to_thread(made, self.answer)
            yield one

    def _read(self, answer: Any) -> None:
        self.answer = answer
        self.cut |= isinstance(answer, Connection) and answer.truncated

    async def _csv(self, sheet: Callable[[Any], Rows]) -> AsyncIterator[bytes]:
        size = 0

        def lines(page: Any) -> bytes:
            rows = list(sheet(page))[1 if size else 0 :]
            return f"{as_csv(rows)}\n".encode() if rows else b""

        async for body in self._pages(lines):
            self._bounded(size + len(body) if size else len(body) * self._share())
            size += len(body)
            yield body

    def _share(self) -> float:
        """How many times as long as its first page a list is."""
        page: Connection[Any] = self.answer
        return max(1.0, page.total_count / max(1, len(page.edges)))

    async def _book(self, sheet: Callable[[Any], Rows]) -> bytes:
        book = Book()

        def add(page: Any) -> bool:
            begun = book.size > 0
            book.add(list(sheet(page))[1 if begun else 0 :])
            return begun

        try:
            async for begun in self._pages(add):
                self._bounded(book.size * (1.0 if begun else self._share()))
            if self.cut:
                book.note(CUT)
            return await asyncio.to_thread(book.made)
        finally:
            await asyncio.to_thread(book.close)
