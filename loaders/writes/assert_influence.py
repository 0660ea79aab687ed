"""Someone sways someone."""

from typing import Annotated

from graph.answer import Id
from graph.model import Influence
from graph.mutation import Writing, mutation
from loaders.one_row import FROM, SURE, TO, Asserted, said


@mutation
async def assert_influence(
    writing: Writing,
    *,
    from_id: Annotated[Id, "Who sways, by any id or alias."],
    to_id: Annotated[Id, "Who is swayed."],
    kind: Annotated[Influence, "Whether the one advises or opposes the other."] = Influence.ADVISES,
    strength: Annotated[float | None, "How strongly, 0 to 1; default medium."] = None,
    topic: Annotated[str | None, "About what; empty for all."] = None,
    valid_from: FROM = None,
    valid_to: TO = None,
    confidence: SURE = None,
) -> Asserted:
    """Says that someone sways someone. The next question sees it."""
    return await said(
        writing,
        "influence",
        from_id=from_id,
        to_id=to_id,
        kind=kind,
        strength=strength,
        topic=topic,
        valid_from=valid_from,
        valid_to=valid_to,
        confidence=confidence,
    )
