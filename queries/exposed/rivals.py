"""Competitors as arguments name them."""

from graph.answer import Id, Linked
from graph.errors import InvalidInput
from graph.question import Anchor
from graph.read import Reader
from graph.snapshot.snapshot import Snapshot
from graph.view import View
from queries.anchors.entities import resolved


async def rival_of(store: Reader, view: View, snapshot: Snapshot, given: Id) -> Linked:
    """The competitor that an argument names. Raises NotFound, and InvalidInput for a company of another kind."""
    (id_,) = await resolved(store, view, Anchor.COMPANY, [given], "competitor")
    companies = snapshot.companies
    at = companies.id.find(id_)
    if at < 0 or not companies.competitor[at]:
        known = [companies.id[int(place)] for place in companies.competitor.nonzero()[0][:5]]
        about = f"Competitors here: {', '.join(known)}." if known else "No company is of kind competitor: load companies with kinds=competitor."
        raise InvalidInput(f"competitor: {given!r} is no competitor of ours. {about}", argument="competitor")
    return Linked(id_, companies.name[at])
