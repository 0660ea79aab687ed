"""Answers: read-only to the type checker, plain slots at run time, since building a frozen dataclass costs five times as much."""

from dataclasses import dataclass
from typing import NewType, TypeVar, dataclass_transform

T = TypeVar("T")

Id = NewType("Id", str)


@dataclass_transform(frozen_default=True)
def answer(cls: type[T]) -> type[T]:
    """Declares an answer type: every field ``Annotated[type, "A sentence."]``."""
    return dataclass(slots=True)(cls)


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
