"""Where someone stands in a decision."""

from typing import Annotated

from graph.answer import Id
from graph.model import Power
from graph.mutation import Writing, mutation
from loaders.one_row import FROM, SURE, TO, Asserted, said


@mutation
async def assert_member(
    writing: Writing,
    *,
    person_id: Annotated[Id, "Who, by any id or alias."],
    company_id: Annotated[Id | None, "The account, for its default group."] = None,
    opportunity_id: Annotated[Id | None, "Or an opportunity, for its group."] = None,
    group_id: Annotated[Id | None, "Or a buying group."] = None,
    stance: Annotated[int | None, "-2 (enemy) to 2 (mentor)."] = None,
    power: Annotated[Power | None, "Where they stand in the account's politics."] = None,
    goals: Annotated[str | None, "What they want."] = None,
    concerns: Annotated[str | None, "What they fear."] = None,
    valid_from: FROM = None,
    valid_to: TO = None,
    confidence: SURE = None,
) -> Asserted:
    """Says where someone stands in a decision: stance, power, goals and concerns. The next question sees it."""
    return await said(
        writing,
        "members",
        person_id=person_id,
        company_id=company_id,
        opportunity_id=opportunity_id,
        group_id=group_id,
        stance=stance,
        power=power,
        goals=goals,
        concerns=concerns,
        valid_from=valid_from,
        valid_to=valid_to,
        confidence=confidence,
    )
