"""How many people an audience leaves out, by the rule that says so."""

from typing import Annotated

from graph.answer import answer
from graph.filter import AccountFilter
from graph.measures.fatigue import Rule
from graph.model import Channel
from graph.question import costing, root
from graph.read import Reader
from graph.view import View
from queries.audience import About, Over, Roles, States
from queries.touching.invited import Wanted, invited


@answer
class LeftOut:
    """One rule."""

    rule: Annotated[Rule, "Which; of somebody who breaks several the first counts, in the order of this list."]
    people: Annotated[int, "How many people it leaves out."]


@costing(50)
@root
async def audience_left_out(
    store: Reader,
    view: View,
    *,
    filter: Annotated[AccountFilter | None, "At which accounts; default: at all."] = None,
    roles: Roles = None,
    states: States = None,
    channel: Over = Channel.MESSAGE,
    topic: About = None,
) -> list[LeftOut]:
    """How many people `audience` leaves out with the same arguments, rule by rule; rules that leave out nobody are not listed."""
    found = await invited(store, view, Wanted(filter, roles, states, channel, topic))
    return [LeftOut(rule, found.left_out[rule]) for rule in Rule if rule in found.left_out]
