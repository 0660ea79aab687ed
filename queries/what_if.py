"""What would become of coverage if people left, or if roles and stances were others. Nothing is written."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

import numpy as np

from graph.answer import Id, Linked, answer, asked
from graph.errors import DottedlineError, InvalidInput
from graph.measures.coverage import DEFAULTS, PLACE, State
from graph.measures.strength import strength
from graph.measures.touches import met_once_more
from graph.model import BuyingRole, Semantics
from graph.page import digest
from graph.question import Anchor, costing, question
from graph.read import Reader
from graph.score import Score
from graph.template import MAPPED_FROM, wanted
from graph.view import View, ViewUsed
from graph.words import chinese, listed, number, numbers, role_name
from queries.anchors.entities import resolved, resolved_each
from queries.committee.cases import Case, Seat, cases_of
from queries.committee.covered import Covering, RoleState
from queries.committee.rows import BuyingGroup


@asked
class Supposed:
    """Somebody seen otherwise than they are known: what is left out stays as it is."""

    person: Annotated[Id, "Who, by any id or alias."]
    role: Annotated[BuyingRole | None, "A role that they are supposed to hold."] = None
    confidence: Annotated[float, "How sure that is, 0 to 1; 0 takes the role away."] = 1.0
    stance: Annotated[int | None, "-2 enemy to 2 mentor."] = None


@answer
class RoleChanged:
    """One role before and after."""

    role: Annotated[BuyingRole, "The role."]
    weight: Annotated[float, "Its share of the coverage."]
    before: Annotated[float | None, "Its coverage as known; null where nobody is known to hold it."]
    after: Annotated[float | None, "Its coverage as supposed."]
    state_before: Annotated[RoleState, "How it stands."]
    state_after: Annotated[RoleState, "How it would stand."]


@answer
class SingleThread:
    """A covered role that would hang on one thread."""

    role: Annotated[BuyingRole, "The role."]
    people: Annotated[list[Id], "Its covered holders."]
    is_new: Annotated[bool, "It hangs on more now."]


@answer
class Replacement:
    """Who could best make good a lost role."""

    role: Annotated[BuyingRole, "The role that would be lost."]
    person: Annotated[Linked | None, Anchor.PERSON, "A contact to win for the role, or one of us to take the contact over."]
    ours: Annotated[bool, "One of us."]
    coverage: Annotated[float, "What the role would come to after one held meeting."]


@answer
class WhatIf:
    """Coverage before and after."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    group: Annotated[BuyingGroup, "Whose decision it is."]
    before: Annotated[Score, "As known."]
    after: Annotated[Score, "As supposed."]
    roles: Annotated[list[RoleChanged], "The template's roles, the weightiest first, then others that are held."]
    lost_roles: Annotated[list[BuyingRole], "Roles of the template that fall under 0.35."]
    single_threads: Annotated[list[SingleThread], "Covered roles that would hang on one holder, or on one of us."]
    replacements: Annotated[list[Replacement], "For each lost role the best contact, and where one of us goes the best colleague."]
    without_effect: Annotated[list[Id], "Who is to go and plays no part here."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@costing(20)
@question(Anchor.COMPANY)
async def what_if(
    store: Reader,
    view: View,
    accounts: Sequence[str],
    *,
    group: Annotated[Id | None, "A buying group of the account; default: the account's own."] = None,
    remove: Annotated[list[Id] | None, "Who goes, by any id or alias: contacts, or people of ours with what only they took part in."] = None,
    set_: Annotated[list[Supposed] | None, "Who is seen otherwise."] = None,
) -> Mapping[str, WhatIf | DottedlineError]:
    """Coverage, lost roles, single threads and the best replacements if these people went and these roles and stances held. Writes nothing."""
    gone = await resolved(store, view, Anchor.PERSON, remove, "remove") if remove else []
    named = await resolved_each(store, view, Anchor.PERSON, [one.person for one in set_], "set") if set_ else {}
    for one in set_ or ():
        if not 0 <= one.confidence <= 1:
            raise InvalidInput("confidence lies between 0 and 1.", argument="set")
        if one.stance is not None and not -2 <= one.stance <= 2:
            raise InvalidInput("stance is a whole number from -2 (enemy) to 2 (mentor).", argument="set")
    supposed = [(named[one.person], one) for one in set_ or ()]
    cases = await cases_of(store, view, {account: (account, group) for account in accounts})
    answers: dict[str, WhatIf | DottedlineError] = {}
    for account, case in cases.items():
        try:
            answers[account] = case if not isinstance(case, Case) else _Supposing(case, gone, supposed).answer()
        except InvalidInput as error:
            answers[account] = error
    return answers


class _Supposing:
    """One group as known, and as supposed."""

    def __init__(self, case: Case, gone: Sequence[Id], supposed: Sequence[tuple[Id, Supposed]]) -> None:
        self.case, self.committee, self.view = case, case.committee, case.committee.view
        self.gone = frozenset(gone)
        for person, _ in supposed:
            if person not in self.committee.names:
                raise InvalidInput(
                    f"{person} has neither a job at {case.committee.account} nor a place in the group, so that nothing can be supposed of them here. "
                    "Load the job first.",
                    argument="set",
                )
        self.colleagues = self.gone & case.touched.ours
        self.contacts = self.gone & self.committee.names.keys()
        self.supposed = self._case(supposed)
        self.known, self.then = Covering([case], self.view.language), Covering([self.supposed], self.view.language)

    def _case(self, supposed: Sequence[tuple[Id, Supposed]]) -> Case:
        seats = {(seat.person, seat.role): seat for seat in self.case.seats if seat.person not in self.contacts}
        stances = dict(self.case.stances)
        for person, one in supposed:
            if one.stance is not None:
                stances[person] = one.stance
            if one.role is not None and person not in self.contacts:
                seats[person, one.role] = Seat(person, one.role, one.confidence)
        held = [seat for seat in seats.values() if seat.sure > 0]
        return Case(self.committee, self.case.touched.without(self.colleagues), held, stances)

    def answer(self) -> WhatIf:
        """Both sides, and what lies between them."""
        known, then = self.known, self.then
        roles = list(dict.fromkeys([*known.roles(0), *then.roles(0)]))
        changed = [
            RoleChanged(
                role,
                known.share(0, role),
                known.value(0, role),
                then.value(0, role),
                RoleState(known.state(0, role).name),
                RoleState(then.state(0, role).name),
            )
            for role in roles
        ]
        lost = [one.role for one in changed if one.weight and (one.before or 0.0) >= DEFAULTS.target > (one.after or 0.0)]
        threads = [role for role in roles if then.threads[0, PLACE[role]]]
        single = [SingleThread(role, self._covered(role), not known.threads[0, PLACE[role]]) for role in threads]
        replacements = [found for role in lost for found in self._replacements(role)]
        idle = sorted(self.gone - self.colleagues - self.contacts)
        asked = {"gone": sorted(self.gone), "seats": sorted(self.supposed.seats), "stances": sorted(self.supposed.stances.items())}
        key = Id(f"{self.committee.key}/{digest('what_if', asked)}")
        before, after = known.score(0), then.score(0)
        return WhatIf(
            key,
            self.view.used(self.committee.grounds()),
            self.committee.group,
            before,
            after,
            changed,
            lost,
            single,
            replacements,
            idle,
            self._why(lost, replacements),
        )

    def _covered(self, role: BuyingRole) -> list[Id]:
        return [Id(self.then.person(row)) for row in self.then.holding(0, role) if self.then.found.holders[row] <= State.COVERED]

    def _replacements(self, role: BuyingRole) -> Iterator[Replacement]:
        """A colleague takes the contact over, where one of us goes; another contact takes the role, where its holder does."""
        if any(seat.person in self.contacts and seat.role is role for seat in self.case.seats):
            best = max(self._contacts(role), default=None)
            if best is not None:
                value, _, person = best
                yield Replacement(role, Linked(Id(person), self.committee.names[person]), False, value)
        holders = [self.then.person(row) for row in self.then.holding(0, role)]
        ties = [tie for person in holders for tie in self.supposed.touched.ties.get(person, [])]
        if self.colleagues and ties:
            heir = max(ties, key=lambda tie: (tie.strength, tie.id))
            person = next(person for person in holders if heir in self.supposed.touched.ties.get(person, []))
            value = self._with(role, person)
            yield Replacement(role, Linked(heir.id, heir.name), True, value)

    def _contacts(self, role: BuyingRole) -> Iterator[tuple[float, float, str]]:
        """What the role would come to with each contact who could take it: those who work there, may be met and are not against us."""
        for person in self.committee.jobs:
            stance = self.supposed.stances.get(person)
            free = person not in self.gone and person not in self.supposed.touched.ours and self.committee.contactable(person)
            if free and (stance is None or stance >= 0):
                yield self._with(role, person), self.supposed.touched.closeness(person), person

    def _with(self, role: BuyingRole, person: str) -> float:
        """The role's coverage once somebody holds it, surely if they did not before, and was met once more."""
        touched = self.supposed.touched
        rows = [(seat.person, seat.sure) for seat in self.supposed.seats if seat.role is role]
        sure = dict(rows)
        sure[person] = sure.get(person, 1.0)
        close = {who: 0.0 if not self.committee.contactable(who) else touched.closeness(who) for who in sure}
        close[person] = float(strength(met_once_more(touched.x(person)[None]))[0])
        if wanted(self.committee.template, role).semantics is Semantics.ALL:
            panel = {who: m for who, m in sure.items() if m >= MAPPED_FROM}
            return sum(m * close[who] for who, m in panel.items()) / sum(panel.values()) if panel else 0.0
        return float(1 - np.prod([1 - m * close[who] for who, m in sure.items()]))

    def _why(self, lost: Sequence[BuyingRole], replacements: Sequence[Replacement]) -> str:
        language, zh = self.view.language, chinese(self.view.language)
        before, after = numbers(self.known.whole(0), self.then.whole(0))
        text = f"覆盖度由{before}变为{after}。" if zh else f"Coverage goes from {before} to {after}."
        if lost:
            names = listed([role_name(role, language) for role in lost], language)
            text += f"失去：{names}。" if zh else f" Lost: {names}."
        for one in replacements:
            name, role = one.person.name if one.person else "", role_name(one.role, language)
            if zh:
                text += f"{role}最佳接替：{name}（见面一次后{number(one.coverage)}）。"
            else:
                text += f" Best for {role}: {name}, {number(one.coverage)} after one meeting."
        return text
