"""A question declares itself once: its anchor, its arguments, its answer. GraphQL, the command line and the docs derive from that."""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from pkgutil import iter_modules
from typing import Annotated, Any, Concatenate, Generic, ParamSpec, TypeVar, get_args, get_origin, get_type_hints

from graph.errors import DefinitionError, DottedlineError
from graph.read import ASKING, Reader
from graph.view import View

P = ParamSpec("P")
A = TypeVar("A")


class Anchor(Enum):
    """What a question hangs on; the value is its label and its GraphQL type."""

    COMPANY = "Company"
    PERSON = "Person"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument: type, default and sentence."""

    name: str
    type: Any
    default: Any
    doc: str

    @property
    def spelled(self) -> str:
        """The name as it is asked for: a Python keyword bears an underscore that nobody types."""
        return self.name.rstrip("_")


@dataclass(frozen=True)
class Question(Generic[P, A]):
    """One question. It takes many anchors at once and answers by anchor, so that one request costs one call."""

    name: str
    anchor: Anchor
    doc: str
    arguments: tuple[Argument, ...]
    answer: Any
    ask: Callable[Concatenate[Reader, View, Sequence[str], P], Awaitable[Mapping[str, A | DottedlineError]]]

    async def __call__(
        self, store: Reader, view: View, anchors: Sequence[str], *args: P.args, **kwargs: P.kwargs
    ) -> Mapping[str, A | DottedlineError]:
        """Answers by anchor, or what is wrong with that anchor alone; one that is hidden or unknown is missing."""
        token = ASKING.set(self.name)
        try:
            return await self.ask(store, view, anchors, *args, **kwargs)
        finally:
            ASKING.reset(token)

    @property
    def part(self) -> Any:
        """The answer's type, or that of its items where it is a list."""
        return get_args(self.answer)[0] if get_origin(self.answer) is list else self.answer

    @property
    def title(self) -> str:
        """The name as the command line and the docs spell it."""
        return self.name.replace("_", "-")


def said(hint: Any) -> tuple[Any, str]:
    """``Annotated[int, "A sentence."]`` -> ``(int, "A sentence.")``."""
    if get_origin(hint) is not Annotated:
        return hint, ""
    bare, *extra = get_args(hint)
    return bare, next((item for item in extra if isinstance(item, str)), "")


Asked = Callable[Concatenate[Reader, View, Sequence[str], P], Awaitable[Mapping[str, A | DottedlineError]]]


def question(anchor: Anchor) -> Callable[[Asked[P, A]], Question[P, A]]:
    """Declares the decorated function a question on ``anchor``. Raises DefinitionError when an argument or the question lacks its sentence."""

    def declare(ask: Asked[P, A]) -> Question[P, A]:
        hints = get_type_hints(ask, include_extras=True)
        arguments = []
        for parameter in list(inspect.signature(ask).parameters.values())[3:]:
            bare, doc = said(hints[parameter.name])
            if not doc:
                raise DefinitionError(f"{ask.__name__}: argument {parameter.name} lacks its sentence.")
            arguments.append(Argument(parameter.name, bare, parameter.default, doc))
        sentence = inspect.getdoc(ask)
        if not sentence:
            raise DefinitionError(f"{ask.__name__} lacks its sentence.")
        return Question(ask.__name__, anchor, sentence, tuple(arguments), _answer_of(hints["return"]), ask)

    return declare


def _answer_of(returns: Any) -> Any:
    """``Mapping[str, A | DottedlineError]`` -> ``A``."""
    answer = get_args(returns)[1]
    return next((part for part in get_args(answer) if part is not DottedlineError), answer)


def discover(package: str) -> tuple[Question[..., Any], ...]:
    """The questions of a package: every module holds the one of its own name. Raises DefinitionError where one does not."""
    found = []
    for module in iter_modules(import_module(package).__path__):
        if module.ispkg:
            continue
        value = getattr(import_module(f"{package}.{module.name}"), module.name, None)
        if not isinstance(value, Question):
            raise DefinitionError(f"{package}/{module.name}.py declares no question {module.name}.")
        found.append(value)
    return tuple(found)
