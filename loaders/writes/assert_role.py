"""Someone holds a role in a decision."""

from typing import Annotated

from graph.model import Authority, BuyingRole
from graph.mutation import Writing
from loaders.one_row import AccountGiven, Asserted, From, GroupGiven, OpportunityGiven, PersonGiven, Sure, To, assertion


@assertion("roles")
async def assert_role(
    writing: Writing,
    *,
    person_id: PersonGiven,
    role: Annotated[BuyingRole, "What they do in the purchase."],
    company_id: AccountGiven = None,
    opportunity_id: OpportunityGiven = None,
    group_id: GroupGiven = None,
    role_confidence: Annotated[float | None, "How sure that they hold it, 0 to 1; default 1."] = None,
    authority: Annotated[Authority | None, "What it lets them do; default: the template's."] = None,
    step: Annotated[int | None, "Place in the order of approval."] = None,
    valid_from: From = None,
    valid_to: To = None,
    confidence: Sure = None,
) -> Asserted:
    """Says that someone holds a role in a decision. The next question sees it."""
    raise NotImplementedError
