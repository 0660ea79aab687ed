"""Anchors: found by any id or alias, told in plain facts. A module a kind beside this one declares its own."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from graph.answer import Id, answer
from graph.errors import Ambiguous, NotFound
from graph.journal import batches
from graph.question import Anchor
from graph.read import Reader
from graph.search import names_of
from graph.view import View

MOST = 10_000
AT_ONCE = 1_000
"""So many names are looked up in one read: more would hold the loop, and other requests, for too long."""


@answer
class Named:
    """What an id or alias names."""

    given: str
    own: list[str]
    others: list[str]


@dataclass(frozen=True, slots=True)
class Entity:
    """One kind of anchor: its facts, the reads that find it by name and tell its facts, and its root fields, each with its sentence.

    The first root field is also its option on the command line.
    """

    facts: type
    named: Callable[[Reader, View, Sequence[tuple[str, list[str]]], int], Awaitable[list[Named]]]
    told: Callable[[Reader, View, Sequence[str], int], Awaitable[list[Any]]]
    roots: Mapping[str, str]

    @property
    def option(self) -> str:
        """Its option on the command line."""
        return next(iter(self.roots))


@cache
def entity(anchor: Anchor) -> Entity:
    """What ``queries/anchors/<anchor>.py`` declares."""
    declared: Entity = import_module(f"queries.anchors.{anchor.name.lower()}").ENTITY
    return declared


async def resolve(store: Reader, view: View, anchor: Anchor, given: Sequence[str], argument: str = "id") -> Mapping[str, Id]:
    """Given id or alias -> id; what names nothing visible is missing. Raises Ambiguous, with the candidates, for an alias of several."""
    found: dict[str, Id] = {}
    for name, ids in (await _named(store, view, anchor, given)).items():
        if len(ids) > 1:
            raise Ambiguous(f"{name!r} names several: {', '.join(ids)}. Use one of these ids.", candidates=ids, argument=argument)
        if ids:
            found[name] = Id(ids[0])
    return found


async def all_named(store: Reader, view: View, anchor: Anchor, given: Sequence[str]) -> list[Id]:
    """The ids of everything visible that these name: nothing for a name that names nothing, all for an alias of several."""
    return [Id(id_) for ids in (await _named(store, view, anchor, given)).values() for id_ in ids]


async def _named(store: Reader, view: View, anchor: Anchor, given: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for names in batches(dict.fromkeys(given), AT_ONCE):
        rows = await entity(anchor).named(store, view, [(name, names_of(name)) for name in names], AT_ONCE)
        found |= {row.given: row.own or row.others for row in rows}
    return found


def unknown(anchor: Anchor, given: str, argument: str) -> NotFound:
    """What is said of a name that names nothing, and of one that names what may not be seen: nobody learns which."""
    return NotFound(f"No {anchor.value.lower()} bears the id or alias {given!r}.", argument=argument)


async def resolved_each(store: Reader, view: View, anchor: Anchor, given: Sequence[str], argument: str) -> Mapping[str, Id]:
    """Given id or alias -> id, of all that is given. Raises NotFound, naming the argument, where one names nothing visible."""
    found = await resolve(store, view, anchor, given, argument)
    if lost := [name for name in given if name not in found]:
        raise unknown(anchor, lost[0], argument)
    return found


async def resolved(store: Reader, view: View, anchor: Anchor, given: Sequence[str], argument: str) -> list[Id]:
    """The ids of all that is given. Raises NotFound, naming the argument, where one names nothing visible."""
    return list((await resolved_each(store, view, anchor, given, argument)).values())


async def told(store: Reader, view: View, anchor: Anchor, ids: Sequence[Id]) -> Mapping[Id, Any]:
    """Id -> the anchor's own facts at this view."""
    return {row.id: row for row in await entity(anchor).told(store, view, ids, MOST)} if ids else {}


async def facts_of(store: Reader, view: View, anchor: Anchor, given: Sequence[str]) -> Mapping[str, Any]:
    """Given id or alias -> the anchor's own facts, in two reads for any number of anchors."""
    ids = await resolve(store, view, anchor, given)
    by_id = await told(store, view, anchor, sorted(set(ids.values())))
    return {name: by_id[id_] for name, id_ in ids.items() if id_ in by_id}
