"""Of which records a person is made."""

from collections.abc import Mapping, Sequence

from graph.question import Anchor, question
from graph.read import Reader
from graph.view import View
from queries.anchors.identity import Identity, identities


@question(Anchor.PERSON, field="identity")
async def person_identity(store: Reader, view: View, people: Sequence[str]) -> Mapping[str, Identity]:
    """The ids under which sources know them, what made them one, and who was declared apart from them. Identity is today's."""
    return await identities(store, view, Anchor.PERSON.value, people)
