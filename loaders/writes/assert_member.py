"""Where someone stands in a decision."""

from typing import Annotated

from graph.model import Power
from graph.mutation import Writing
from loaders.one_row import AccountGiven, Asserted, From, GroupGiven, OpportunityGiven, PersonGiven, Sure, To, assertion


@assertion("members")
async def assert_member(
    writing: Writing,
    *,
    person_id: PersonGiven,
    company_id: AccountGiven = None,
    opportunity_id: OpportunityGiven = None,
    group_id: GroupGiven = None,
    stance: Annotated[int | None, "-2 (enemy) to 2 (mentor)."] = None,
    power: Annotated[Power | None, "Where they stand in the account's politics."] = None,
    goals: Annotated[str | None, "What they want."] = None,
    concerns: Annotated[str | None, "What they fear."] = None,
    valid_from: From = None,
    valid_to: To = None,
    confidence: Sure = None,
) -> Asserted:
    """Says where someone stands in a decision: stance, power, goals and concerns. The next question sees it."""
    raise NotImplementedError
