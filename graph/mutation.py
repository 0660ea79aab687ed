"""A mutation declares itself once: its arguments, its answer. GraphQL, the command line and the docs derive from that."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, get_args

from graph.answer import Id
from graph.errors import Ambiguous, DefinitionError, Forbidden, NotFound
from graph.identity import Matching
from graph.journal import About
from graph.lease import Lease, turn
from graph.ledger import Ledger, open_ledger, take_back_broken
from graph.model import GrantRole
from graph.principal import Principal, Scope, local_steward
from graph.question import Argument, declarations, declared, sentence_of
from graph.store import Store

A = TypeVar("A")
AUTHOR = Argument("author", str | None, None, "Who says so: the one who asks; only at the machine itself may one write in another's name.")
Seen = Callable[[Scope, str, str], Awaitable[str | None]]
"""The id of what a name, id or alias of a thing of a label, names within a scope as the graph is now. Raises Ambiguous."""
SCOPED = frozenset({"Company", "Person", "Opportunity", "BuyingGroup"})
"""Labels whose things may be hidden from somebody."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What mutations need: the graph, how records are compared, who hears for whom one waits, who writes, and what that one may see.

    ``forgotten`` hears of an erasure that took place by what tells whether a text names the person, for what is still to be written elsewhere.
    By default the one who runs this process writes, and waits for their turn as long as it takes; others wait ``patience`` seconds.
    """

    store: Store
    matching: Matching
    waiting: Callable[[str], None] = lambda holder: None
    principal: Principal = field(default_factory=local_steward)
    seen: Seen | None = None
    patience: float | None = None
    forgotten: Callable[[Callable[[str], bool]], None] = lambda names: None

    async def visible(
        self, role: GrantRole, labels: Sequence[str], given: str, argument: str, *, what: str = "", itself: bool = False
    ) -> Mapping[str, str]:
        """Label -> id of what a name names; with ``itself`` only what has it as its own id. Nothing where the principal may see everything.

        Raises NotFound for a name of nothing that they may see, and Forbidden for one of what they may see but not change.
        """
        scope, sight = self.principal.scope(role), self.principal.scope()
        wanted = [label for label in labels if label in SCOPED]
        if scope is None or not wanted:
            return {}
        if found := await self._within(scope, wanted, given, itself=itself):
            return found
        if sight != scope and await self._within(sight, wanted, given, itself=itself):
            raise Forbidden(f"You may see {given!r} and not change it: there you are no {role}.", argument=argument, role=role.value)
        raise NotFound(what or f"No {' or '.join(label.lower() for label in wanted)} bears the id or alias {given!r}.", argument=argument)

    async def sees(self, role: GrantRole, label: str, id_: str) -> bool:
        """Whether the principal may see the thing of this id where they have this role."""
        scope = self.principal.scope(role)
        return scope is None or bool(await self._within(scope, [label], id_, itself=True))

    async def written_as(self, label: str, given: str, id_: str) -> str:
        """How a write names what its principal named: as they did, or by its id where the name is that of something hidden too."""
        try:
            (found,) = (await self._within(None, [label], given)).values()
        except Ambiguous:
            return id_
        return given if found == id_ else id_

    async def _within(self, scope: Scope, labels: Sequence[str], given: str, *, itself: bool = False) -> Mapping[str, str]:
        if self.seen is None:
            raise DefinitionError("A desk of somebody who may not see everything must know what they see.")
        found = {label: await self.seen(scope, label, given) for label in labels}
        return {label: id_ for label, id_ in found.items() if id_ is not None and (id_ == given or not itself)}


@dataclass(frozen=True, slots=True)
class Writing:
    """One mutation whose turn it is."""

    desk: Desk
    lease: Lease
    author: str
    name: str
    role: GrantRole

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
    """One mutation: a numbered write. ``field`` is its name in GraphQL.

    ``role`` is what whoever writes must be where the things are that it names; of one that names nothing, everywhere.
    """

    name: str
    field: str
    doc: str
    arguments: tuple[Argument, ...]
    answer: type[A]
    do: Callable[..., Awaitable[A]]
    role: GrantRole

    async def __call__(self, desk: Desk, *, author: str | None = None, **given: Any) -> A:
        """Waits for its turn, writes, and answers what changed, with the new revision. Arguments that are wrong raise before anything is written.

        Raises Forbidden where the principal lacks the role, or names another as the author, and NotFound for what they may not see.
        """
        who = desk.principal
        scope = who.within(self.role, self.title)
        if scope is not None and all(argument.names is None for argument in self.arguments):
            raise Forbidden(f"{self.title} is about everything, and you are {self.role} of some territories only.", role=self.role.value)
        if author and author != who.name and not who.local:
            raise Forbidden(f"author: you write as {who.name}. Leave it out.", argument="author")
        await self._named(desk, given)
        try:
            async with turn(desk.store, desk.waiting, patience=desk.patience) as lease:
                await take_back_broken(desk.store, lease, desk.matching)
                writing = Writing(desk, lease, author or who.name, self.title, self.role)
                return await self.do(writing, **await self._named(desk, given))  # while one waited, others wrote
        except Ambiguous as error:
            if scope is None:
                raise
            raise Ambiguous("A name that you gave is one of several. Give an id.", argument=error.details.get("argument")) from None

    async def _named(self, desk: Desk, given: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments, with what they name as the write must name it. Raises NotFound and Forbidden as ``Desk.visible``."""
        meant = dict(given)
        for argument in self.arguments:
            names = given.get(argument.name) if argument.names else None
            for name in [names] if isinstance(names, str) else names or ():
                labels = argument.names.labels if argument.names else ()
                found = await desk.visible(self.role, labels, name, argument.spelled)
                if found and len(labels) == 1 and names == name:
                    meant[argument.name] = await desk.written_as(labels[0], name, found[labels[0]])
        return meant

    @property
    def title(self) -> str:
        """The name as the command line and the docs spell it."""
        return self.name.replace("_", "-")


def mutation(role: GrantRole) -> Callable[[Callable[..., Awaitable[A]]], Mutation[A]]:
    """Declares the decorated function ``(writing: Writing, *, ...)`` a mutation of those who have this role.

    Raises DefinitionError when an argument or the mutation lacks its sentence, or an id does not say what it names.
    """

    def declare(do: Callable[..., Awaitable[A]]) -> Mutation[A]:
        arguments, returns = declared(do, 1)
        if mute := [argument.name for argument in arguments if argument.names is None and _holds_id(argument.type)]:
            raise DefinitionError(f"{do.__name__}: argument {mute[0]} is an id. Say of what: Annotated[Id, Names('Person'), ...].")
        doc = f"{sentence_of(do)}\n\nFor {role}s."
        return Mutation(do.__name__, do.__name__, doc, (*arguments, AUTHOR), returns, do, role)

    return declare


def _holds_id(hint: Any) -> bool:
    return hint is Id or any(map(_holds_id, get_args(hint)))


def mutations(package: str) -> tuple[Mutation[Any], ...]:
    """The mutations of a package."""
    return declarations(package, Mutation)
