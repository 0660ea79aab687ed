"""Dated parts of an anchor: each stretch with its bounds and source, read as packed rows that begin alike."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Protocol, TypeVar

from graph.answer import Id, Linked, answer
from graph.instants import OPEN_START, moment
from graph.model import source_of
from graph.read import Reader
from graph.view import View

MOST_ROWS = 100_000
"""So many rows of one kind an anchor may have."""
T = TypeVar("T")

History = Annotated[bool, "Every stretch up to asOf; otherwise only what holds then."]


@answer
class Stretch:
    """Something true between two instants, as one source says it."""

    key: Annotated[Id, "Stands for this stretch; never an id."]
    valid_from: Annotated[datetime | None, "True from then on; null when open."]
    valid_to: Annotated[datetime | None, "No longer true from then on; null when open."]
    source: Annotated[str, "Who says so."]
    confidence: Annotated[float, "How sure the source is, 0 to 1."]


@answer
class Packed:
    """One row an anchor: its stretches, each ``[key, valid_from, valid_to, origin, confidence, ...]``."""

    anchor: Id
    rows: list[list[Any]]


Head = tuple[Id, datetime | None, datetime | None, str, float]
"""The fields of a Stretch."""


class PackedRead(Protocol):
    """A read of stretches."""

    def __call__(self, store: Reader, view: View, /, *, ids: Sequence[str], since: int, most: int) -> Awaitable[list[Packed]]:
        """The rows of these anchors from ``since`` on."""
        ...


async def stretches(read: PackedRead, store: Reader, view: View, ids: Sequence[str], history: bool, make: Callable[..., T]) -> Mapping[str, list[T]]:
    """Anchor -> its stretches, made by ``make`` from the fields of a Stretch and whatever else a row holds."""
    since = OPEN_START if history else view.as_of + 1
    found = await read(store, view, ids=ids, since=since, most=MOST_ROWS)
    return {packed.anchor: [make(_head(*row[:5]), *row[5:]) for row in packed.rows] for packed in found}


def _head(key: str, start: int, end: int, origin: str, sure: float) -> Head:
    return Id(f"{key}@{start}"), moment(start), moment(end), source_of(origin), sure


def link(id_: str | None, name: str | None) -> Linked | None:
    """A link from an id that may be missing; a thing without a name bears its id."""
    return None if id_ is None else Linked(Id(id_), name or id_)


def at_or_none(at: float | None) -> datetime | None:
    """The moment of an instant that may be missing or open."""
    return None if at is None else moment(int(at))
