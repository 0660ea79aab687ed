"""Which roles a person holds in decisions."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from graph.answer import Id, Linked, answer
from graph.model import Authority, BuyingRole
from graph.question import Anchor, question
from graph.read import Reader, read
from graph.stretch import Head, History, Packed, Stretch, link, stretches
from graph.view import View


@answer
class HeldRole(Stretch):
    """A role of a person in a decision."""

    company: Annotated[Linked | None, Anchor.COMPANY, "The account."]
    group_id: Annotated[Id, "The buying group; the default one bears the company's id."]
    group_name: Annotated[str | None, "Its name; none for the default group."]
    role: Annotated[BuyingRole, "The role."]
    role_confidence: Annotated[float, "How sure we are that they hold it, 0 to 1."]
    authority: Annotated[Authority | None, "What they may do to the decision, where it differs from the template's."]
    step: Annotated[int | None, "Place in the order of approval."]


@read
async def role_rows(ids: Sequence[str], since: int, most: int) -> list[Packed]:
    """Their rows."""
    raise NotImplementedError


@question(Anchor.PERSON)
async def roles(store: Reader, view: View, people: Sequence[str], *, history: History = False) -> Mapping[str, list[HeldRole]]:
    """The roles held at asOf, the latest first; accounts that may not be seen are left out."""
    return await stretches(role_rows, store, view, people, history, _held)


def _held(head: Head, id_: str, name: str, group: str, group_name: str, role: str, sure: float, authority: str | None, step: int | None) -> HeldRole:
    says = Authority(authority) if authority else None
    return HeldRole(*head, link(id_, name), Id(group), group_name, BuyingRole(role), sure, says, step)
