"""Old interactions are let go."""

from datetime import datetime
from typing import Annotated

from graph.answer import answer, asked
from graph.errors import InvalidInput
from graph.instants import at_moment, now
from graph.model import GrantRole, InteractionType
from graph.mutation import Writing, mutation
from graph.retention import Limit, Old, how_many, let_go, months_before

LONGEST = 1_200
"""Months: a hundred years."""
REFUSAL = "unsubscribe"
"""The type that says whom to leave alone."""


@asked
class Keep:
    """How long interactions of a type are kept."""

    type: Annotated[str, "Of which type: an InteractionType, such as page_view."]
    months: Annotated[int, "For so many calendar months, 1 to 1,200."]


@answer
class RetainedType:
    """What became of interactions of a type, or would."""

    type: Annotated[str, "The type."]
    months: Annotated[int, "For so many months they are kept."]
    before: Annotated[datetime, "Those that were before this instant go."]
    interactions: Annotated[int, "How many of them go."]
    parts: Annotated[int, "How many facts of who took part in them, of all versions, go with them."]


@answer
class Retained:
    """What went, or would go in a dry run."""

    types: Annotated[list[RetainedType], "By type, in the order in which they were named."]
    journal_lines: Annotated[int | None, "Lines of the journal that were about them; null in a dry run."]
    people: Annotated[int | None, "People known by an identifier alone, of whom nothing was left, and who went too; null in a dry run."]
    revision: Annotated[int | None, "The number of this write, which nothing takes back; null in a dry run."]


@mutation(GrantRole.STEWARD)
async def retain(
    writing: Writing,
    *,
    keep: Annotated[list[Keep] | None, "How long each type is kept; types that are not named are kept. Default: DOTTEDLINE_RETENTION."] = None,
    dry_run: Annotated[bool, "Say what would go; write nothing."] = True,
) -> Retained:
    """Lets interactions go for good that are older than their type is kept: with who took part, in all versions, and the journal's lines.

    Who knows whom follows from what is left, also in answers about the past. Back-ups and files are yours: the same file loaded again brings back
    what it tells, until this runs again.
    """
    kept = _checked(keep if keep is not None else _of_settings(writing.store.settings.retention))
    at = now()
    limits = {one.type: Limit(one.type, months_before(at, one.months)) for one in kept}
    counts = await how_many(writing.store, limits.values())
    types = [_told(one, limits[one.type], counts.get(one.type)) for one in kept]
    if dry_run:
        return Retained(types, None, None, None)
    async with writing.ledger() as ledger:
        gone = await let_go(ledger, limits.values())
    return Retained(types, gone.lines, gone.people, ledger.number)


def _checked(keep: list[Keep]) -> list[Keep]:
    if not keep:
        raise InvalidInput("Say how long which type is kept, such as type=page_view;months=13, or set DOTTEDLINE_RETENTION.", argument="keep")
    for one in keep:
        if not 1 <= one.months <= LONGEST:
            raise InvalidInput(f"keep: {one.type} is kept for 1 to {LONGEST} months, not {one.months}.", argument="keep")
        if one.type not in set(InteractionType):
            raise InvalidInput(f"keep: {one.type!r} is no type of interaction. It takes {', '.join(InteractionType)}.", argument="keep")
        if one.type == REFUSAL:
            raise InvalidInput(f"keep: {one.type} is never let go: whoever unsubscribed would be written to again. Leave it out.", argument="keep")
    if len({one.type for one in keep}) < len(keep):
        raise InvalidInput("keep: a type is named twice. Name each once.", argument="keep")
    return keep


def _of_settings(text: str) -> list[Keep]:
    """``page_view=13;message=36``; the setting has that form."""
    terms = (term.partition("=") for term in text.split(";") if term)
    return [Keep(type_, int(months)) for type_, _, months in terms]


def _told(one: Keep, limit: Limit, old: Old | None) -> RetainedType:
    return RetainedType(one.type, one.months, at_moment(limit.before), old.interactions if old else 0, old.parts if old else 0)
