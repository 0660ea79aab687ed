"""Sight: which of the things that a read found may be seen within a view's scope (ADR 0034).

To who may see everything nothing is hidden, and nothing is read.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeVar

from graph.answer import Id, answer
from graph.read import Reader, read
from graph.view import View

MOST = 10_000_000
T = TypeVar("T", bound=Sequence[Any])
R = TypeVar("R")
PeopleIn = Mapping[str, tuple[int, ...]]
"""The lists of a row that name people, and at which places of an entry."""


@answer
class SightRows:
    """One row: which of the things asked for may not be seen, and who of the people ever worked for us."""

    people: Annotated[list[Id], "Hidden people."]
    house: Annotated[list[Id], "Whoever works for us, or did."]
    companies: Annotated[list[Id], "Hidden companies."]
    products: Annotated[list[Id], "Products of hidden companies."]
    deals: Annotated[list[Id], "Opportunities of hidden companies."]


@answer
class PresentRows:
    """An interaction: the company that it concerned, and who took part."""

    interaction: Id
    company: Id | None
    people: list[Id]


@read
async def sight_rows(people: Sequence[str], companies: Sequence[str], products: Sequence[str], deals: Sequence[str], most: int) -> list[SightRows]:
    """The one row of these things."""
    raise NotImplementedError


@read
async def present_rows(interactions: Sequence[str], most: int) -> list[PresentRows]:
    """Who took part in these."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Sight:
    """What is hidden among the things that were asked for; ``house`` are those of the people who work for us, or ever did."""

    people: Set[str] = frozenset()
    house: Set[str] = frozenset()
    companies: Set[str] = frozenset()
    products: Set[str] = frozenset()
    deals: Set[str] = frozenset()

    @property
    def whole(self) -> bool:
        """Nothing is hidden."""
        return not (self.people or self.companies or self.products or self.deals)

    def rows(self, rows: list[T], *places: int) -> list[T]:
        """The rows none of whose ``places`` names a hidden person."""
        return [row for row in rows if not any(row[place] in self.people for place in places)] if self.people else rows

    def through(self, row: R, lists: PeopleIn) -> R:
        """The row, its lists without the entries that name a hidden person."""
        if not self.people:
            return row
        left: dict[str, Any] = {name: self.rows(getattr(row, name), *places) for name, places in lists.items()}
        made: R = replace(row, **left)  # type: ignore[type-var]
        return made

    def happened(self, people: Collection[str], company: str | None = None) -> bool:
        """Whether an interaction may be seen, of which these are all who took part.

        It may where somebody took part who may be seen and never worked for us; else where neither they nor the company it concerned are hidden.
        """
        if company not in self.companies and self.people.isdisjoint(people):
            return True
        return any(person not in self.people and person not in self.house for person in people)


EVERYTHING = Sight()


async def sight(
    store: Reader,
    view: View,
    *,
    people: Iterable[str] = (),
    companies: Iterable[str | None] = (),
    products: Iterable[str | None] = (),
    deals: Iterable[str] = (),
) -> Sight:
    """What is hidden among these. One read, none where everything may be seen."""
    if view.scope is None:
        return EVERYTHING
    wanted = [sorted({id_ for id_ in ids if id_ is not None}) for ids in (people, companies, products, deals)]
    if not any(wanted):
        return EVERYTHING
    row = (await sight_rows(store, view, wanted[0], wanted[1], wanted[2], wanted[3], MOST))[0]
    return Sight(*(frozenset(ids) for ids in (row.people, row.house, row.companies, row.products, row.deals)))


def named_in(found: Iterable[Any], lists: PeopleIn) -> set[str]:
    """Everybody whom these rows name."""
    return {entry[place] for row in found for name, places in lists.items() for entry in getattr(row, name) for place in places}


async def seen_rows(store: Reader, view: View, found: Sequence[R], lists: PeopleIn) -> list[R]:
    """These rows, their lists without the entries that name a hidden person. One read, none where everything may be seen."""
    if view.scope is None:
        return list(found)
    seeing = await sight(store, view, people=named_in(found, lists))
    return [seeing.through(row, lists) for row in found]


async def unseen(store: Reader, view: View, interactions: Iterable[str]) -> Set[str]:
    """Which of these interactions may not be seen."""
    if view.scope is None:
        return frozenset()
    asked = set(interactions)
    return asked - (await present(store, view, asked)).keys()


async def present(store: Reader, view: View, interactions: Iterable[str]) -> Mapping[str, int]:
    """Those of these interactions that may be seen, with how many who may be seen took part. Two reads for any number of them."""
    rows = await present_rows(store, view, sorted(interactions), MOST)
    seeing = await sight(store, view, people={person for row in rows for person in row.people}, companies={row.company for row in rows})
    return {row.interaction: len(set(row.people) - seeing.people) for row in rows if seeing.happened(row.people, row.company)}
