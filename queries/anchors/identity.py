"""Of which records a company or a person is made, and why: the same question of both."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from graph.answer import Id, answer
from graph.identity import Says
from graph.question import Anchor
from graph.read import Reader, read
from graph.sight import sight
from graph.view import View

MOST = 1_000


@answer
class IdentityRecord:
    """What one id says, whichever sources say it."""

    id: Annotated[Id, "The id; `splitEntity` takes it."]
    names: Annotated[list[str], "Names under which it is known."]
    since: Annotated[int, "The number of the write that first spoke of it."]


@answer
class IdentityTie:
    """What was found, or decided, of two records."""

    first_id: Annotated[Id, "The one."]
    second_id: Annotated[Id, "The other."]
    same: Annotated[bool, "They are one, or may be; false: declared apart."]
    rule: Annotated[str, "By which rule; `by hand` for what a person decided, `in a file` for what rows declare."]
    score: Annotated[float, "How sure, 0 to 1."]
    why: Annotated[list[str], "Field by field, written down in English when they were compared; or the reason that a person gave."]
    author: Annotated[str | None, "Who decided it; null for what was found."]
    revision: Annotated[int | None, "The write in which it was decided; null for what was found."]


@answer
class Identity:
    """The records of which something is made, and what ties them or keeps them apart from others."""

    records: Annotated[list[IdentityRecord], "They, the first known first: it gives the id."]
    ties: Annotated[list[IdentityTie], "All that concerns them, decisions last."]


@answer
class IdentityRows:
    """One row an anchor."""

    anchor: Id
    records: list[list[Any]]
    ties: list[list[Any]]


@read
async def identity_rows(ids: Sequence[str], label: str, most: int) -> list[IdentityRows]:
    """Their rows."""
    raise NotImplementedError


async def identities(store: Reader, view: View, label: str, ids: Sequence[str]) -> Mapping[str, Identity]:
    """Anchor -> its records and ties."""
    return {
        row.anchor: Identity(
            [IdentityRecord(id_, sorted(Says.read(says).names), since) for id_, since, says in row.records], list(map(_tie, row.ties))
        )
        for row in await identities_seen(store, view, label, ids)
    }


async def identities_seen(store: Reader, view: View, label: str, ids: Sequence[str]) -> list[IdentityRows]:
    """The rows of companies or people that may be seen, with the ties to such."""
    rows = await identity_rows(store, view, ids=ids, label=label, most=MOST)
    ends = {*ids, *(tie[-1] for row in rows for tie in row.ties)}
    seeing = await sight(store, view, people=ends if label == Anchor.PERSON.value else (), companies=ends if label == Anchor.COMPANY.value else ())
    hidden = seeing.people | seeing.companies
    return [replace(row, ties=[tie for tie in row.ties if tie[-1] not in hidden]) for row in rows if row.anchor not in hidden]


def _tie(row: list[Any]) -> IdentityTie:
    first, second, same, rule, score, why, author, revision, _ = row
    return IdentityTie(first, second, same, rule, 1.0 if score is None else score, why, author, revision or None)
