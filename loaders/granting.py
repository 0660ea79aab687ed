"""Granting a role by hand: a row of the kind ``grants``, of which the one who grants is the source. Not a mutation of the API."""

from typing import Annotated

from graph.answer import Id, Names
from graph.model import GrantRole
from graph.mutation import Writing
from loaders.one_row import Asserted, assertion


@assertion("grants", GrantRole.STEWARD)
async def grant_role(
    writing: Writing,
    *,
    principal: Annotated[str, "Who."],
    role: Annotated[GrantRole, "What they may do."],
    territory_id: Annotated[Id | None, Names("Territory"), "Where, and in the territories within it; none for everywhere."] = None,
    ends_on: Annotated[str | None, "Grants nothing from then on."] = None,
) -> Asserted:
    """Grants a role, or says until when."""
    raise NotImplementedError
