"""Answers, kept for as long as the graph and the clock leave them true, and asked once however many ask at the same time."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from graph.answer import length
from graph.aside import MANY
from graph.errors import DottedlineError
from graph.instants import watched
from graph.store import Revision, Store
from graph.view import View

LIVE = 6
"""An answer in memory is so many times as large as its JSON."""
ENTRY = 500
"""Bytes of an entry beside its answer."""
Fetch = Callable[[Sequence[str]], Awaitable[Mapping[str, Any]]]


class Key(NamedTuple):
    """What was asked: the question, its arguments, the view with its scope, language and revision, and of whom."""

    question: str
    arguments: str
    view: View
    anchor: str


class Flight:
    """A question under way: whoever asks the same meanwhile waits for it. It is called off when nobody does any more."""

    def __init__(self, task: "asyncio.Task[Mapping[str, Any]]") -> None:
        self.task, self.waiting = task, 0

    async def landed(self) -> Mapping[str, Any]:
        """The answers, or what was raised."""
        self.waiting += 1
        try:
            return await asyncio.shield(self.task)
        except asyncio.CancelledError:
            if self.waiting == 1:
                self.task.cancel()
            raise
        finally:
            self.waiting -= 1


class Answers:
    """The answers of one store in this process, those asked last, together at most ``DOTTEDLINE_ANSWERS_MIB``.

    An answer belongs to the state of the graph in which it was worked out: after a write, an own one or one that ``DOTTEDLINE_FRESH_SECONDS`` brought
    to light, all are let go, so that an erased person is in none. What looked at the clock or ran out of time, and what is an error, is never kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._most = store.settings.answers_mib << 20
        self._head: tuple[int, int] | None = None
        self._kept: OrderedDict[Key, tuple[Any, int]] = OrderedDict()
        self._flights: dict[Key, Flight] = {}
        self._weighing: set[asyncio.Task[None]] = set()
        self.size = 0
        """Bytes that the kept answers take, about."""
        self.hits = self.misses = self.joined = 0
        """How many answers were at hand, were worked out, and came from a question under way."""

    def __len__(self) -> int:
        return len(self._kept)

    async def close(self) -> None:
        """Calls off what is under way."""
        tasks = {flight.task for flight in self._flights.values()} | self._weighing
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def of(self, question: str, arguments: Mapping[str, Any], view: View, anchors: Sequence[str], fetch: Fetch) -> dict[str, Any]:
        """Anchor -> answer, of those that have one; ``fetch`` is asked for what is neither at hand nor under way, and may raise for all of it."""
        await self._heed_writes()
        asked = repr(sorted(arguments.items()))
        keys = {anchor: Key(question, asked, view, anchor) for anchor in anchors}
        found = {anchor: self._kept[key][0] for anchor, key in keys.items() if key in self._kept}
        for anchor in found:
            self._kept.move_to_end(keys[anchor])
        flights = {anchor: self._flights[key] for anchor, key in keys.items() if key in self._flights and not self._flights[key].task.cancelling()}
        self.hits, self.joined = self.hits + len(found), self.joined + len(flights)
        if rest := [anchor for anchor in keys if anchor not in found and anchor not in flights]:
            self.misses += len(rest)
            flights |= dict.fromkeys(rest, self._begun([keys[anchor] for anchor in rest], fetch))
        for flight in dict.fromkeys(flights.values()):
            landed = await flight.landed()
            found |= {anchor: landed[anchor] for anchor, by in flights.items() if by is flight and anchor in landed}
        return found

    async def _heed_writes(self) -> None:
        revision: Revision = await self._store.revision()
        head = (revision.number, revision.known_at)
        if head != self._head:
            self._head, self.size = head, 0
            self._kept.clear()
            self._flights.clear()

    def _begun(self, keys: Sequence[Key], fetch: Fetch) -> Flight:
        flight = Flight(asyncio.create_task(self._asked(keys, fetch, self._head)))
        self._flights |= dict.fromkeys(keys, flight)

        def ended(task: "asyncio.Task[Mapping[str, Any]]") -> None:
            if not task.cancelled():
                task.exception()  # whoever still waits is told; asyncio need not complain where nobody does
            for key in keys:
                if self._flights.get(key) is flight:
                    del self._flights[key]

        flight.task.add_done_callback(ended)
        return flight

    async def _asked(self, keys: Sequence[Key], fetch: Fetch, head: Hashable) -> Mapping[str, Any]:
        with watched() as passing:
            answers = await fetch([key.anchor for key in keys])
        if not passing and self._most:
            good = {key: answers[key.anchor] for key in keys if key.anchor in answers and not isinstance(answers[key.anchor], DottedlineError)}
            if sum(map(length, good.values())) < MANY:
                self._keep(head, {key: (answer, _size(key, answer)) for key, answer in good.items()})
            else:
                weighing = asyncio.create_task(self._weighed(head, good))
                self._weighing.add(weighing)
                weighing.add_done_callback(self._weighing.discard)
        return answers

    async def _weighed(self, head: Hashable, answers: Mapping[Key, Any]) -> None:
        """Keeps long answers once they have been looked at whole, which nobody waits for."""
        self._keep(head, await asyncio.to_thread(lambda: {key: (answer, _size(key, answer)) for key, answer in answers.items()}))

    def _keep(self, head: Hashable, answers: Mapping[Key, tuple[Any, int]]) -> None:
        """Keeps those that fit in, unless something was written meanwhile."""
        if head != self._head:
            return
        for key, (answer, size) in answers.items():
            if key not in self._kept and size <= self._most:
                self._kept[key] = (answer, size)
                self.size += size
        while self.size > self._most:
            _, (_, gone) = self._kept.popitem(last=False)
            self.size -= gone


def _size(key: Key, answer: Any) -> int:
    """Bytes that an answer takes, about."""
    return ENTRY + len(key.arguments) + LIVE * len(orjson.dumps(answer, default=str))
