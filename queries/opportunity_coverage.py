"""How firmly we hold the roles of the group that decides about an opportunity."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from graph.answer import Id
from graph.errors import DottedlineError
from graph.measures.coverage import Definition
from graph.question import Anchor, question
from graph.read import Reader
from graph.view import View
from queries.anchors.entities import told
from queries.committee.cases import Case, cases_of
from queries.committee.covered import Covering
from queries.coverage import Coverage, covered


@question(Anchor.OPPORTUNITY, "coverage")
async def opportunity_coverage(
    store: Reader,
    view: View,
    opportunities: Sequence[str],
    *,
    definition: Annotated[Definition, "What counts as covered; as for an account."] = Definition.ENGAGED,
) -> Mapping[str, Coverage | DottedlineError]:
    """How firmly each role of its buying group is held; what the group lacks is inherited from the account's own."""
    facts = await told(store, view, Anchor.OPPORTUNITY, [Id(one) for one in opportunities])
    cases = await cases_of(store, view, {id_: (one.company.id, one.group_id) for id_, one in facts.items() if one.company})
    known = {id_: case for id_, case in cases.items() if isinstance(case, Case)}
    covering = Covering(list(known.values()), view.language, definition)
    keys = {id_: Id(f"{id_}:{case.committee.key}/{definition.value}") for id_, case in known.items()}
    made = {id_: covered(covering, number, keys[id_]) for number, id_ in enumerate(known)}
    return {id_: made[id_] if isinstance(case, Case) else case for id_, case in cases.items()}
