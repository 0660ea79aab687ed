"""Pages of a long list: Relay's connection, and cursors that hold the place, the view and what was asked. Pure."""

import base64
import dataclasses
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

import orjson

from graph.answer import Id, answer
from graph.errors import InvalidInput
from graph.instants import OPEN_END, OPEN_START, now
from graph.view import View

N = TypeVar("N")
MOST_PAGE = 1_000
PAGE = 20
MOST_PINNED = OPEN_END - 1


class Place(NamedTuple):
    """Where something stands in the order: its key, then its id."""

    key: str | int | float | None
    id: str


@dataclasses.dataclass(frozen=True, slots=True)
class Paging:
    """The page that a question is to find: the first so many after a place."""

    first: int
    after: Place | None = None

    def parameters(self) -> dict[str, Any]:
        """What a read of a page gets: one more than is shown, so as to know whether there are more."""
        return {
            "first": self.first + 1,
            "after_key": self.after.key if self.after else None,
            "after_id": self.after.id if self.after else None,
        }


@answer
class Page(Generic[N]):
    """What a question found: nodes with their places, up to one more than is shown, and how many there are in all."""

    rows: Sequence[tuple[Place, N]]
    total: int
    truncated: bool = False


def cut(found: Iterable[tuple[Place, N]], page: Paging) -> Page[N]:
    """The page of all that was found, in the order of its places, which are all of one kind. O(n log n)."""
    placed = sorted(found, key=lambda one: one[0])
    after = [one for one in placed if page.after is None or one[0] > page.after]
    return Page(after[: page.first + 1], len(placed))


@answer
class PageRows:
    """One row: the places ``[key, id]`` of a page, and how many there are in all."""

    rows: list[tuple[str | int | float | None, Id]]
    total: int


@answer
class PageInfo:
    """Where a page begins and ends."""

    has_next_page: Annotated[bool, "There is more after `endCursor`."]
    has_previous_page: Annotated[bool, "There is something before this page."]
    start_cursor: Annotated[str | None, "Cursor of the first edge."]
    end_cursor: Annotated[str | None, "Cursor of the last edge."]


@answer
class Edge(Generic[N]):
    """One item of a page."""

    cursor: Annotated[str, "Hand it to `after`."]
    node: Annotated[N, "The item."]


@answer
class Connection(Generic[N]):
    """A page of a list in its total order."""

    edges: Annotated[list[Edge[N]], "The items."]
    page_info: Annotated[PageInfo, "Where the page begins and ends."]
    total_count: Annotated[int, "How many there are in all."]
    truncated: Annotated[bool, "Time or a limit ended the search: there may be more, or others before these."]


@dataclasses.dataclass(frozen=True, slots=True)
class Cursor:
    """A place in one question's order, at one view."""

    asked: str
    as_of: int
    known_at: int
    place: Place

    def written(self) -> str:
        """The cursor as clients see it."""
        return base64.urlsafe_b64encode(orjson.dumps([self.asked, self.as_of, self.known_at, *self.place])).decode().rstrip("=")


def opened(after: str) -> Cursor:
    """What a cursor says. Raises InvalidInput for one that we did not write."""
    try:
        asked, as_of, known_at, key, id_ = orjson.loads(base64.urlsafe_b64decode(after.encode() + b"=" * (-len(after) % 4)))
    except (ValueError, TypeError):
        raise _foreign() from None
    if not (isinstance(asked, str) and isinstance(id_, str) and isinstance(key, str | int | float | None)):
        raise _foreign()
    if not all(isinstance(at, int) and OPEN_START <= at <= MOST_PINNED for at in (as_of, known_at)) or known_at > now():
        raise _foreign()
    if isinstance(key, int) and not -(2**63) <= key < 2**63:
        raise _foreign()
    return Cursor(asked, as_of, known_at, Place(key, id_))


def _foreign() -> InvalidInput:
    return InvalidInput("`after` is no cursor of ours. Hand back an `endCursor` as it came.", argument="after")


def digest(question: str, arguments: Mapping[str, Any]) -> str:
    """A short hash of what was asked, the place and the clocks left out."""
    asked = repr((question, sorted(arguments.items())))
    return base64.b85encode(hashlib.blake2b(asked.encode(), digest_size=9).digest()).decode()


def paging(question: str, arguments: Mapping[str, Any], view: View, first: int, after: str | None) -> Paging:
    """The page asked for. Raises InvalidInput for a cursor of another question, other arguments or another view, and for a page too large."""
    if not 1 <= first <= MOST_PAGE:
        raise InvalidInput(f"first must lie between 1 and {MOST_PAGE}.", argument="first")
    if after is None:
        return Paging(first)
    cursor = opened(after)
    if cursor.asked != digest(question, arguments):
        raise InvalidInput("`after` comes from other arguments. Ask as on the first page, or begin again without `after`.", argument="after")
    if (cursor.as_of, cursor.known_at) != (view.as_of, view.known_at):
        raise InvalidInput("`after` comes from another asOf or knownAt. Leave both out: the cursor holds those of the first page.", argument="after")
    return Paging(first, cursor.place)


def connection(question: str, arguments: Mapping[str, Any], view: View, page: Paging, found: Page[N]) -> Connection[N]:
    """The page as a connection."""
    asked = digest(question, arguments)
    edges = [Edge(Cursor(asked, view.as_of, view.known_at, place).written(), node) for place, node in found.rows[: page.first]]
    ends = (edges[0].cursor, edges[-1].cursor) if edges else (None, None)
    return Connection(edges, PageInfo(len(found.rows) > page.first, page.after is not None, *ends), found.total, found.truncated)
