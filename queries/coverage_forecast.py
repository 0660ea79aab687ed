"""When the roles of a decision fall under their target if nobody does anything: a calendar."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

import numpy as np

from graph.answer import Id, Linked, answer
from graph.errors import DottedlineError, InvalidInput
from graph.instants import at_moment
from graph.measures.coverage import DEFAULTS, PLACE, Wants, coverage
from graph.measures.forecast import fading, later
from graph.measures.strength import DAY, Floats
from graph.model import BuyingRole
from graph.question import Anchor, costing, question
from graph.read import Reader
from graph.view import View, ViewUsed
from graph.words import chinese, day, numbers, role_name
from queries.committee.cases import Case, cases_of
from queries.committee.covered import Covering
from queries.committee.rows import BuyingGroup

MOST_DAYS = 36_500


@answer
class Expiry:
    """A role that falls under its target."""

    role: Annotated[BuyingRole, "The role."]
    on: Annotated[datetime, "When it does."]
    coverage: Annotated[float, "The role's coverage now."]
    group_coverage: Annotated[float, "The whole group's at that instant."]
    person: Annotated[Linked | None, Anchor.PERSON, "Its best holder now."]
    colleague: Annotated[Linked | None, Anchor.PERSON, "Who of us knows them best."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@answer
class CoverageForecast:
    """What fades within so many days without any contact."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    group: Annotated[BuyingGroup, "Whose decision it is."]
    days: Annotated[int, "How far it looks."]
    target: Annotated[float, "Under which a role is lost."]
    now: Annotated[float, "The group's coverage now, unknown roles counted as nothing."]
    then: Annotated[float, "The same at the end of these days."]
    expiries: Annotated[list[Expiry], "Roles that fall under the target, the first first."]


@costing(15)
@question(Anchor.COMPANY)
async def coverage_forecast(
    store: Reader,
    view: View,
    accounts: Sequence[str],
    *,
    group: Annotated[Id | None, "A buying group of the account; default: the account's own."] = None,
    days: Annotated[int, "How far to look."] = 180,
) -> Mapping[str, CoverageForecast | DottedlineError]:
    """The day on which each covered role of the template falls under 0.35 with no action, as a calendar."""
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput(f"days must be 1 to {MOST_DAYS}.", argument="days")
    cases = await cases_of(store, view, {account: (account, group) for account in accounts})
    known = {account: case for account, case in cases.items() if isinstance(case, Case)}
    covering = Covering(list(known.values()), view.language)
    fades = fading(covering.holders, covering.sums, covering.wants)
    made = {account: _forecast(covering, at, fades[at], days) for at, account in enumerate(known)}
    return {account: made[account] if isinstance(case, Case) else case for account, case in cases.items()}


def _forecast(covering: Covering, at: int, fades: Floats, days: int) -> CoverageForecast:
    committee, language = covering.cases[at].committee, covering.language
    view, rows = committee.view, covering.rows(at)
    own = covering.holders.only(np.arange(rows.start, rows.stop))._replace(group=np.zeros(rows.stop - rows.start, np.int64))
    wants = Wants.of([committee.template])

    def whole(after: float) -> float:
        return float(np.nan_to_num(coverage(later(own, covering.sums[rows], after), wants).groups.value[0]))

    expiries = []
    for role in committee.template:
        after = float(fades[PLACE[role]])
        if not 0 < after <= days or not covering.share(at, role):
            continue
        person = covering.person(covering.holding(at, role)[0])
        ties, on = covering.cases[at].touched.ties.get(person, []), at_moment(view.as_of + int(after * DAY))
        value = covering.value(at, role) or 0.0
        told, target = numbers(value, DEFAULTS.target)
        said = {"role": role_name(role, language), "who": committee.names[person], "day": day(on.date(), language), "value": told, "target": target}
        why = ZH if chinese(language) else EN
        by = Linked(ties[0].id, ties[0].name) if ties else None
        text = why.format(**said)
        expiries.append(Expiry(role, on, value, whole(after), Linked(Id(person), committee.names[person]), by, text))
    expiries.sort(key=lambda expiry: (expiry.on, expiry.role.value))
    key = Id(f"{committee.key}/forecast/{days}")
    return CoverageForecast(key, view.used(committee.grounds()), committee.group, days, DEFAULTS.target, covering.whole(at), whole(days), expiries)


EN = "Without contact {role} {who} falls from {value} to {target} on {day}."
ZH = "若不联系，{role}{who}将在{day}由{value}降到{target}。"
