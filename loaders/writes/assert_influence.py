"""Someone sways someone."""

from typing import Annotated

from graph.answer import Id, Names
from graph.model import Influence
from graph.mutation import Writing
from loaders.one_row import Asserted, From, Sure, To, assertion


@assertion("influence")
async def assert_influence(
    writing: Writing,
    *,
    from_id: Annotated[Id, Names("Person"), "Who sways, by any id or alias."],
    to_id: Annotated[Id, Names("Person"), "Who is swayed."],
    kind: Annotated[Influence, "Whether the one advises or opposes the other."] = Influence.ADVISES,
    strength: Annotated[float | None, "How strongly, 0 to 1; default medium."] = None,
    topic: Annotated[str | None, "About what; empty for all."] = None,
    valid_from: From = None,
    valid_to: To = None,
    confidence: Sure = None,
) -> Asserted:
    """Says that someone sways someone. The next question sees it."""
    raise NotImplementedError
