"""A mutation declares itself once: its arguments, its answer. GraphQL, the command line and the docs derive from that."""

import getpass
from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from graph.identity import Matching
from graph.journal import About
from graph.lease import Lease, turn
from graph.ledger import Ledger, open_ledger, take_back_broken
from graph.question import Argument, declarations, declared, sentence_of
from graph.store import Store

A = TypeVar("A")
AUTHOR = Argument("author", str | None, None, "Who says so; default: the user of the machine that writes.")


@dataclass(frozen=True, slots=True)
class Desk:
    """What mutations need: the graph, how records are compared, and who hears for whom one waits."""

    store: Store
    matching: Matching
    waiting: Callable[[str], None] = lambda holder: None


@dataclass(frozen=True, slots=True)
class Writing:
    """One mutation whose turn it is."""

    desk: Desk
    lease: Lease
    author: str
    name: str

    @property
    def store(self) -> Store:
        """The graph."""
        return self.desk.store

    def ledger(self, abouts: Collection[About] = (), emptied: Collection[About] = ()) -> AbstractAsyncContextManager[Ledger]:
        """A numbered write, in which the author speaks of these facts, or says of single ones of the ``emptied`` that they are absent.

        Readers see it when the block ends.
        """
        return open_ledger(
            self.store,
            self.lease,
            source=self.author,
            kinds=[self.name],
            as_of=None,
            abouts=[*abouts, *emptied],
            emptied=emptied,
            matching=self.desk.matching,
            by_hand=True,
        )


@dataclass(frozen=True)
class Mutation(Generic[A]):
    """One mutation: a numbered write. ``field`` is its name in GraphQL."""

    name: str
    field: str
    doc: str
    arguments: tuple[Argument, ...]
    answer: type[A]
    do: Callable[..., Awaitable[A]]

    async def __call__(self, desk: Desk, *, author: str | None = None, **given: Any) -> A:
        """Waits for its turn, writes, and answers what changed, with the new revision. Arguments that are wrong raise before anything is written."""
        async with turn(desk.store, desk.waiting) as lease:
            await take_back_broken(desk.store, lease, desk.matching)
            return await self.do(Writing(desk, lease, author or getpass.getuser(), self.title), **given)

    @property
    def title(self) -> str:
        """The name as the command line and the docs spell it."""
        return self.name.replace("_", "-")


def mutation(do: Callable[..., Awaitable[A]]) -> Mutation[A]:
    """Declares the decorated function ``(writing: Writing, *, ...)`` a mutation.

    Raises DefinitionError when an argument or the mutation lacks its sentence.
    """
    arguments, returns = declared(do, 1)
    return Mutation(do.__name__, do.__name__, sentence_of(do), (*arguments, AUTHOR), returns, do)


def mutations(package: str) -> tuple[Mutation[Any], ...]:
    """The mutations of a package."""
    return declarations(package, Mutation)
