"""Someone holds a role in a decision."""

from typing import Annotated

from graph.answer import Id
from graph.model import Authority, BuyingRole
from graph.mutation import Writing, mutation
from loaders.one_row import FROM, SURE, TO, Asserted, said


@mutation
async def assert_role(
    writing: Writing,
    *,
    person_id: Annotated[Id, "Who, by any id or alias."],
    role: Annotated[BuyingRole, "What they do in the purchase."],
    company_id: Annotated[Id | None, "The account, for its default group."] = None,
    opportunity_id: Annotated[Id | None, "Or an opportunity, for its group."] = None,
    group_id: Annotated[Id | None, "Or a buying group."] = None,
    role_confidence: Annotated[float | None, "How sure that they hold it, 0 to 1; default 1."] = None,
    authority: Annotated[Authority | None, "What it lets them do; default: the template's."] = None,
    step: Annotated[int | None, "Place in the order of approval."] = None,
    valid_from: FROM = None,
    valid_to: TO = None,
    confidence: SURE = None,
) -> Asserted:
    """Says that someone holds a role in a decision. The next question sees it."""
    return await said(
        writing,
        "roles",
        person_id=person_id,
        role=role,
        company_id=company_id,
        opportunity_id=opportunity_id,
        group_id=group_id,
        role_confidence=role_confidence,
        authority=authority,
        step=step,
        valid_from=valid_from,
        valid_to=valid_to,
        confidence=confidence,
    )
