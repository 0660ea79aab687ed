"""Loads, page by page: what was written, by whom, and what was taken back."""

from datetime import datetime
from typing import Annotated, Any

from graph.answer import Id, answer
from graph.instants import at_moment
from graph.page import Page, Paging, Place
from graph.question import for_stewards, paged
from graph.read import Reader, read
from graph.stretch import at_or_none
from graph.view import View


@answer
class Load:
    """One numbered write."""

    id: Annotated[Id, "Its id: what `unload` takes."]
    revision: Annotated[int, "Its number."]
    source: Annotated[str, "Who says it."]
    kinds: Annotated[list[str], "The kinds of its files; none where it takes another one back."]
    as_of: Annotated[datetime, "When its files were true."]
    recorded_at: Annotated[datetime, "Since when all that it says is known."]
    unloaded_at: Annotated[datetime | None, "Taken back at this instant; null while it counts."]
    undoes: Annotated[Id | None, "The load that this one took back."]


@answer
class LoadRows:
    """One row: a page of loads as packed lists, and how many there are in all."""

    rows: list[list[Any]]
    total: int


@read
async def load_page(first: int, after_key: str | int | float | None) -> list[LoadRows]:
    """One page of loads."""
    raise NotImplementedError


@for_stewards
@paged
async def loads(store: Reader, view: View, page: Paging) -> Page[Load]:
    """What was written: the finished loads known at knownAt, the latest first."""
    asked = page.parameters()
    found = (await load_page(store, view, first=asked["first"], after_key=asked["after_key"]))[0]
    return Page([(Place(revision, id_), _load(revision, id_, *told)) for revision, id_, *told in found.rows], found.total)


def _load(revision: int, id_: Id, source: str, kinds: list[str], as_of: int, recorded_at: int, unloaded_at: int | None, undoes: Id | None) -> Load:
    return Load(id_, revision, source, kinds, at_moment(as_of), at_moment(recorded_at), at_or_none(unloaded_at), undoes)
