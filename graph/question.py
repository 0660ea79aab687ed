"""A question declares itself once: its anchor, its arguments, its answer. GraphQL, the command line and the docs derive from that."""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Annotated, Any, Concatenate, Generic, ParamSpec, TypeVar, get_args, get_origin, get_type_hints

from graph.answer import Names
from graph.errors import DefinitionError, DottedlineError, Forbidden
from graph.model import GrantRole
from graph.page import PAGE, Connection, Page, connection, paging
from graph.read import ASKING, Reader
from graph.request import WATCH
from graph.view import View

P = ParamSpec("P")
A = TypeVar("A")
N = TypeVar("N")
D = TypeVar("D")


class Anchor(Enum):
    """What a question hangs on; the value is its label and its GraphQL type. ``queries/anchors/`` holds a module for each."""

    COMPANY = "Company"
    PERSON = "Person"
    OPPORTUNITY = "Opportunity"
    CAMPAIGN = "Campaign"
    PRODUCT = "Product"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument: type, default and sentence; of an id that a mutation takes, what it may name."""

    name: str
    type: Any
    default: Any
    doc: str
    names: Names | None = None

    @property
    def spelled(self) -> str:
        """The name as it is asked for: a Python keyword bears an underscore that nobody types."""
        return self.name.rstrip("_")


COST = 5
"""Of a question that declares none."""
PAGED = (
    Argument("first", int, PAGE, "At most so many."),
    Argument("after", str | None, None, "The `endCursor` of the page before; it holds that page's asOf and knownAt."),
)


@dataclass(frozen=True)
class Question(Generic[P, A]):
    """One question: of many anchors at once, answered by anchor, so that one request costs one call; or of the whole graph (no anchor).

    ``field`` is its name in GraphQL; the answer of a ``paged`` one is a connection. ``cost`` is about how many milliseconds of one core it takes on a
    market of 20,000 people, an anchored one for each anchor. ``role`` is what whoever asks must be.
    """

    name: str
    field: str
    anchor: Anchor | None
    doc: str
    arguments: tuple[Argument, ...]
    answer: Any
    ask: Callable[Concatenate[Reader, View, P], Awaitable[A]]
    paged: bool = False
    role: GrantRole = GrantRole.VIEWER
    cost: int = COST

    async def __call__(self, store: Reader, view: View, /, *args: P.args, **kwargs: P.kwargs) -> A:
        """The answer; of an anchored question answers by anchor, or what is wrong with that anchor alone; a hidden or unknown one is missing.

        Raises Forbidden to who is no steward of what is looked at, where the question is for stewards.
        """
        if self.role is GrantRole.STEWARD and not view.steward:
            raise Forbidden(f"{self.title} is for stewards.", role=self.role.value)
        token = ASKING.set(self.name)
        try:
            with WATCH.get()(self.name):
                return await self.ask(store, view, *args, **kwargs)
        finally:
            ASKING.reset(token)

    @property
    def part(self) -> Any:
        """The answer's type, or that of its items where it is a list or a connection."""
        return self.answer if isinstance(self.answer, type) else get_args(self.answer)[0]

    @property
    def title(self) -> str:
        """The name as the command line and the docs spell it."""
        return self.name.replace("_", "-")


def for_stewards(question: Question[P, A]) -> Question[P, A]:
    """Declares that only stewards may ask it, of what they are stewards of."""
    return replace(question, role=GrantRole.STEWARD, doc=f"{question.doc}\n\nFor stewards.")


def said(hint: Any) -> tuple[Any, str]:
    """``Annotated[int, "A sentence."]`` -> ``(int, "A sentence.")``."""
    if get_origin(hint) is not Annotated:
        return hint, ""
    bare, *extra = get_args(hint)
    return bare, next((item for item in extra if isinstance(item, str)), "")


def linked(hint: Any) -> Anchor | None:
    """``Annotated[Linked, Anchor.COMPANY, "A sentence."]`` -> ``Anchor.COMPANY``."""
    return next((item for item in getattr(hint, "__metadata__", ()) if isinstance(item, Anchor)), None)


Asked = Callable[Concatenate[Reader, View, Sequence[str], P], Awaitable[Mapping[str, A | DottedlineError]]]


def question(
    anchor: Anchor, field: str | None = None
) -> Callable[[Asked[P, A]], Question[Concatenate[Sequence[str], P], Mapping[str, A | DottedlineError]]]:
    """Declares the decorated function a question on ``anchor``, named ``field`` there where its own name is taken.

    Raises DefinitionError when an argument or the question lacks its sentence.
    """

    def declare(ask: Asked[P, A]) -> Question[Concatenate[Sequence[str], P], Mapping[str, A | DottedlineError]]:
        arguments, returns = declared(ask, 3)
        return Question(ask.__name__, field or ask.__name__, anchor, sentence_of(ask), arguments, _answer_of(returns), ask)

    return declare


def root(ask: Callable[Concatenate[Reader, View, P], Awaitable[A]]) -> Question[P, A]:
    """Declares the decorated function a question of the whole graph."""
    arguments, returns = declared(ask, 2)
    return Question(ask.__name__, ask.__name__, None, sentence_of(ask), arguments, returns, ask)


def paged(ask: Callable[..., Awaitable[Page[N]]]) -> Question[..., Connection[N]]:
    """Declares a question of the whole graph that finds one page.

    The function takes ``(store, view, page: Paging, *, ...)``; its arguments are joined by ``first`` and ``after``.
    """
    arguments, returns = declared(ask, 3)

    async def turn(store: Reader, view: View, /, *, first: int = PAGE, after: str | None = None, **given: Any) -> Connection[N]:
        given = {argument.name: argument.default for argument in arguments} | given
        page = paging(ask.__name__, given, view, first, after)
        return connection(ask.__name__, given, view, page, await ask(store, view, page, **given))

    node = get_args(returns)[0]
    return Question(ask.__name__, ask.__name__, None, sentence_of(ask), arguments + PAGED, Connection[node], turn, paged=True)  # type: ignore[valid-type]


def costing(cost: int) -> Callable[[Question[P, A]], Question[P, A]]:
    """Declares what the question costs: ``@costing(200)`` above ``@root``."""

    def declare(asked: Question[P, A]) -> Question[P, A]:
        return replace(asked, cost=cost)

    return declare


def declared(ask: Callable[..., Any], own: int) -> tuple[tuple[Argument, ...], Any]:
    """The arguments after the ``own`` first, and what is returned. Raises DefinitionError for an argument without its sentence."""
    hints = get_type_hints(ask, include_extras=True)
    arguments = []
    for parameter in list(inspect.signature(ask).parameters.values())[own:]:
        bare, doc = said(hints[parameter.name])
        if not doc:
            raise DefinitionError(f"{ask.__name__}: argument {parameter.name} lacks its sentence.")
        names = next((item for item in getattr(hints[parameter.name], "__metadata__", ()) if isinstance(item, Names)), None)
        arguments.append(Argument(parameter.name, bare, parameter.default, doc, names))
    return tuple(arguments), hints["return"]


def sentence_of(ask: Callable[..., Any]) -> str:
    """The docstring. Raises DefinitionError where there is none."""
    sentence = inspect.getdoc(ask)
    if not sentence:
        raise DefinitionError(f"{ask.__name__} lacks its sentence.")
    return sentence


def _answer_of(returns: Any) -> Any:
    """``Mapping[str, A | DottedlineError]`` -> ``A``."""
    answer = get_args(returns)[1]
    return next((part for part in get_args(answer) if part is not DottedlineError), answer) if get_origin(answer) is not list else answer


def declarations(package: str, kind: type[D]) -> tuple[D, ...]:
    """What a package declares: every module holds the one of its own name. Raises DefinitionError where one does not."""
    found = []
    for module in iter_modules(path := import_module(package).__path__):
        if module.ispkg:
            if any((Path(place) / f"{module.name}.py").exists() for place in path):
                raise DefinitionError(f"{package.replace('.', '/')}/{module.name}.py is shadowed by a package of that name. Rename one.")
            continue
        value = getattr(import_module(f"{package}.{module.name}"), module.name, None)
        if not isinstance(value, kind):
            raise DefinitionError(f"{package.replace('.', '/')}/{module.name}.py declares no {kind.__name__.lower()} {module.name}.")
        found.append(value)
    return tuple(found)


def answered(found: Mapping[str, A | DottedlineError]) -> dict[str, A]:
    """The anchors of which nothing is wrong, with their answers."""
    return {anchor: answer for anchor, answer in found.items() if not isinstance(answer, DottedlineError)}


def discover(package: str) -> tuple[Question[..., Any], ...]:
    """The questions of a package."""
    return declarations(package, Question)
