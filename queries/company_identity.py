"""Of which records a company is made."""

from collections.abc import Mapping, Sequence

from graph.question import Anchor, question
from graph.read import Reader
from graph.view import View
from queries.anchors.identity import Identity, identities


@question(Anchor.COMPANY, field="identity")
async def company_identity(store: Reader, view: View, companies: Sequence[str]) -> Mapping[str, Identity]:
    """The ids under which sources know it, what made them one, and who was declared apart from it. Identity is today's."""
    return await identities(store, view, Anchor.COMPANY.value, companies)
