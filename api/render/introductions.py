"""A plan of introductions: the sentence and a line an introduction for a terminal, rows for a sheet."""

from api.render.sheets import Rows
from queries.introductions import Introductions


def table(answer: Introductions) -> str:
    """The sentence, the introductions, to whom there is none, and how the plan was made."""
    lines = [answer.why, ""]
    for number, one in enumerate(answer.introductions, 1):
        where = f"{one.account.name}: " if one.account else ""
        lines.append(f"{number:>3}. {where}{one.path.score.why}")
    if answer.without:
        lines += ["", "without one:"]
        lines += [f"     {there.name}: {one.why}" for one in answer.without if (there := one.account or one.person)]
    return "\n".join([*lines, "", answer.method])


def sheet(answer: Introductions) -> Rows:
    """One row an introduction; those without one last."""
    yield ["account_id", "account", "person_id", "person", "roles", "by_id", "by", "through", "chance", "worth", "why"]
    for one in answer.introductions:
        through = "; ".join(hop.from_name for hop in one.path.hops[1:])
        account = (one.account.id, one.account.name) if one.account else (None, None)
        whom = (one.whom.id, one.whom.name) if one.whom else (None, None)
        by = (one.by.id, one.by.name) if one.by else (None, None)
        roles = ";".join(role.value for role in one.roles)
        yield [*account, *whom, roles, *by, through, one.path.score.value, one.worth, one.path.score.why]
    for lost in answer.without:
        account = (lost.account.id, lost.account.name) if lost.account else (None, None)
        whom = (lost.person.id, lost.person.name) if lost.person else (None, None)
        yield [*account, *whom, None, None, None, None, None, None, lost.why]


FORMATS = {"table": table}
