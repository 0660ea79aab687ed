"""Pairs of companies and people that may be one: what a person is to decide."""

from typing import Annotated, Any

from graph.answer import Id, answer
from graph.decisions import EntityKind
from graph.identity import Says
from graph.page import Page, Paging, Place
from graph.question import costing, for_stewards, paged
from graph.read import Reader, read
from graph.view import View


@answer
class IdentityPair:
    """Two records that may be one. `mergeEntities` or `notSame` decides."""

    key: Annotated[Id, "Stands for the pair."]
    kind: Annotated[EntityKind, "Companies or people."]
    score: Annotated[float, "How sure that they are one, 0.9 to below 0.99."]
    rule: Annotated[str, "By which rule they were found."]
    why: Annotated[list[str], "What speaks for it and against it, field by field; it was written down when they were compared, in English."]
    first_id: Annotated[Id, "The id of the one record."]
    first_name: Annotated[str, "Its name."]
    second_id: Annotated[Id, "The id of the other."]
    second_name: Annotated[str, "Its name."]


@answer
class PairRows:
    """One row: a page of pairs as packed lists, and how many there are in all."""

    rows: list[list[Any]]
    total: int


@read
async def identity_pairs(first: int, after_key: str | int | float | None, after_id: str | None) -> list[PairRows]:
    """One page of pairs."""
    raise NotImplementedError


@for_stewards
@costing(30)
@paged
async def identity_review(store: Reader, view: View, page: Paging) -> Page[IdentityPair]:
    """Pairs that may be one, the surest first; what was decided, or declared apart, is gone. Identity is today's."""
    found = (await identity_pairs(store, view, **page.parameters()))[0]
    return Page([(Place(score, id_), _pair(score, id_, *told)) for score, id_, *told in found.rows], found.total)


def _pair(score: float, id_: Id, label: str, first: Id, says: str, second: Id, says_too: str, rule: str, why: list[str]) -> IdentityPair:
    return IdentityPair(id_, EntityKind(label), score, rule, why, first, _name(first, says), second, _name(second, says_too))


def _name(id_: Id, says: str) -> str:
    return min(Says.read(says).names, default=id_)
