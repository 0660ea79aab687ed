"""A plan with one partner: a line an account and role for a terminal, and the sheet that both sides work from."""

from collections.abc import Iterator, Sequence
from typing import Any

from api.render.tables import tabled
from graph.answer import Linked
from queries.joint_plan import JointContact, JointPlan

COLUMNS = ("account_id", "account", "to_us", "to_partner", "worth", "role", "coverage", "lack", "theme", "lead")
SIDES = ("our_holder", "our_contact", "our_strength", "their_holder", "their_contact", "their_strength")


def table(answer: JointPlan) -> str:
    """The sentence, then what to do where."""
    if not answer.accounts:
        return answer.why
    heads = ("account", "role", "coverage", "lead", "through", "to", "theme")
    rows: list[Sequence[str]] = []
    for account in answer.accounts:
        for role in account.roles:
            contact = role.theirs if role.lead.value == "PARTNER" else role.ours
            coverage = "" if role.coverage is None else f"{role.coverage:.2f}"
            by, holder = (_name(contact.by), _name(contact.holder)) if contact else ("", "")
            who = (_name(account.account), role.role.value.replace("_", " ").lower())
            rows.append((*who, coverage, role.lead.value.lower(), by, holder, role.theme))
    return f"{answer.why}\n\n{tabled(heads, rows)}"


def sheet(answer: JointPlan) -> Iterator[list[Any]]:
    """One row an account and role, each side with its own contact; then one a net-new account."""
    yield [*COLUMNS, *SIDES]
    for account in answer.accounts:
        head = [account.account.id if account.account else None, _name(account.account), account.ours.value, account.theirs.value, account.worth]
        for role in account.roles:
            said = [role.role.value, role.coverage, role.lack, role.theme, role.lead.value]
            yield [*head, *said, *_side(role.ours), *_side(role.theirs)]
    for new in answer.net_new:
        yield [new.account.id if new.account else None, _name(new.account), "OTHER", new.theirs.value, *[None] * (len(COLUMNS) + len(SIDES) - 4)]


def _side(contact: JointContact | None) -> list[Any]:
    return [_name(contact.holder), _name(contact.by), contact.strength] if contact else [None] * 3


def _name(there: Linked | None) -> str:
    return there.name if there else ""


FORMATS = {"table": table}
