"""Answers: read-only to the type checker, plain slots at run time, since building a frozen dataclass costs five times as much."""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Generic, NewType, TypeVar, cast, dataclass_transform

T = TypeVar("T")

Id = NewType("Id", str)
LATE = object()
"""Marks a field, ``Annotated[Score, LATE, "A sentence."]``, whose value may be worked out when somebody first looks at it: see ``later``."""


@dataclass_transform(frozen_default=True)
def answer(cls: type[T]) -> type[T]:
    """Declares an answer type: every field ``Annotated[type, "A sentence."]``."""
    made = dataclass(slots=True)(cls)
    for name, hint in cls.__annotations__.items():
        if LATE in getattr(hint, "__metadata__", ()):
            setattr(made, name, _LateSlot(vars(made)[name]))
    return made


class _Later(Generic[T]):
    """Stands in a field until somebody looks."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[[], T]) -> None:
        self.make = make


def later(make: Callable[[], T]) -> T:
    """A value for a field marked ``LATE``: what ``make`` returns, worked out once, and only if somebody looks. ``make`` is pure."""
    return cast(T, _Later(make))


class _LateSlot(property):
    """A slot before which it is worked out what stands in it. It is a property so that to fill it, a node at a time, calls no Python."""

    def __init__(self, slot: Any) -> None:
        super().__init__(fset=slot.__set__)
        self._slot = slot

    def __get__(self, one: Any, owner: type | None = None) -> Any:
        if one is None:
            raise AttributeError  # a dataclass takes what its class has for the field's default
        value = self._slot.__get__(one, owner)
        if type(value) is _Later:
            value = value.make()
            self._slot.__set__(one, value)
        return value


def length(answer: Any) -> int:
    """How many items its own lists have together; of a list how many it has."""
    if isinstance(answer, list):
        return len(answer)
    if not is_dataclass(answer):
        return 1
    owner = type(answer)
    plain = (getattr(answer, field.name) for field in fields(answer) if not isinstance(vars(owner).get(field.name), _LateSlot))
    return sum(len(value) for value in plain if isinstance(value, list))


@answer
class Linked:
    """Another anchor, annotated with which: GraphQL goes on from there, elsewhere its id and name stand."""

    id: Id
    name: str


@dataclass_transform()
def asked(cls: type[T]) -> type[T]:
    """Declares an input type: every field ``Annotated[type, "A sentence."] = default``."""
    return dataclass(cls)


class Names:
    """Marks an id that a mutation takes: the labels of which it may name something; none where the mutation itself looks at what it names."""

    def __init__(self, *labels: str) -> None:
        self.labels = labels
