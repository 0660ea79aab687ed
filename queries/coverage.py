"""How firmly we hold the roles of a decision, by whom, and how little would lose it."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from graph.answer import Id, answer
from graph.aside import aside
from graph.errors import DottedlineError
from graph.measures.coverage import FORMULA, Definition, State
from graph.model import BuyingRole
from graph.question import Anchor, costing, question
from graph.read import Reader
from graph.score import Component, Formula, Missing, Score
from graph.view import View, ViewUsed
from graph.words import chinese, counted, number, role_name
from queries.committee.cases import Case, cases_of, people_in
from queries.committee.covered import Covering, RoleState
from queries.committee.rows import BuyingGroup
from queries.committee.worth import Worth, worths
from queries.decision_chain import ChainNode, Map

ROLLED_UP = Formula("coverage-rolled-up-1", FORMULA.parameters)

EACH = 4
"""A person takes about so many times as long here as what ``aside`` counts."""


@answer
class RoleCoverage:
    """One role of the decision."""

    role: Annotated[BuyingRole, "The role."]
    weight: Annotated[float, "Its share of the coverage; those of all roles sum to 1."]
    score: Annotated[Score, "How firmly it is held; a component a holder."]
    state: Annotated[RoleState, "As its best holder stands."]
    holders: Annotated[list[ChainNode], "Who holds it with a confidence of 0.3 or more, the best first."]


@answer
class Resilience:
    """How little would lose a role that is covered."""

    value: Annotated[int, "The least number of contacts whose loss takes a covered role under 0.35; 0 when none is covered."]
    sets: Annotated[list[list[Id]], "The people of each set of so many."]


@answer
class Coverage:
    """Coverage of one group, or of an account with what it owns."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    group: Annotated[BuyingGroup, "Whose decision it is; of a roll-up the account's own."]
    score: Annotated[Score, "The whole, unknown roles counted as nothing; a component a role, or a company where rolled up."]
    known_share: Annotated[float, "The share of the weight whose roles somebody is known to hold."]
    pessimistic: Annotated[float, "The score's value; 0 where nothing is known."]
    optimistic: Annotated[float | None, "Were the unknown roles as well covered as the known ones; null where nothing is known."]
    roles: Annotated[list[RoleCoverage], "The template's roles, the weightiest first, then others that are held."]
    resilience: Annotated[Resilience, "Of the single companies the weakest."]


@costing(10)
@question(Anchor.COMPANY)
async def coverage(
    store: Reader,
    view: View,
    accounts: Sequence[str],
    *,
    group: Annotated[Id | None, "A buying group of the account; default: the account's own."] = None,
    definition: Annotated[
        Definition, "FILLED roles have their holders, CONTACTED one was in touch, ENGAGED they are close, SUPPORTIVE close and for us."
    ] = Definition.ENGAGED,
    include_subsidiaries: Annotated[bool, "With the default groups of all companies that it owns, each by its worth to us."] = False,
) -> Mapping[str, Coverage | DottedlineError]:
    """How firmly each role of the decision is held, by whom of us, and how many contacts it hangs on. Every score says what it rests on."""
    owned = await worths(store, view, accounts, subsidiaries=True) if include_subsidiaries else {}
    below = {f"{account} {company.id}": (company.id, None) for account, companies in owned.items() for company in companies[1:]}
    cases = await cases_of(store, view, {account: (account, group) for account in accounts} | below)
    known = {name: case for name, case in cases.items() if isinstance(case, Case)}

    def answers() -> dict[str, Coverage]:
        covering = Covering(list(known.values()), view.language, definition)
        place = {name: n for n, name in enumerate(known)}
        made: dict[str, Coverage] = {}
        for account in (account for account in accounts if account in known):
            key = f"{known[account].committee.key}/{definition.value}"
            if include_subsidiaries:
                places = [place[account if number == 0 else f"{account} {company.id}"] for number, company in enumerate(owned[account])]
                made[account] = RolledUp(covering, places, owned[account]).answer(Id(f"{key}+"))
            else:
                made[account] = covered(covering, place[account], Id(key))
        return made

    wrong = {account: case for account, case in cases.items() if account in accounts and isinstance(case, DottedlineError)}
    return wrong | await aside(EACH * people_in(known.values()), answers)


def covered(covering: Covering, at: int, key: Id) -> Coverage:
    """The answer for one group."""
    committee, found = covering.cases[at].committee, covering.found
    chart = Map(covering, at)
    roles = [
        RoleCoverage(
            role,
            covering.share(at, role),
            covering.role_score(at, role),
            RoleState(covering.state(at, role).name),
            chart.people([covering.person(row) for row in covering.holding(at, role)], committee.names),
        )
        for role in covering.roles(at)
    ]
    known = float(found.known[at])
    optimistic = float(found.optimistic[at]) if known > 0 else None
    return Coverage(
        key,
        committee.view.used(committee.grounds()),
        committee.group,
        covering.score(at),
        known,
        covering.whole(at),
        optimistic,
        roles,
        Resilience(*covering.resilience(at)),
    )


class RolledUp:
    """An account with all that it owns: each company's coverage by its worth to us, ``sum V C / sum V``; a role's by worth and weight.

    A role stands as it does where it stands best, and the resilience is that of the weakest company that has a covered role.
    """

    def __init__(self, covering: Covering, places: Sequence[int], companies: Sequence[Worth]) -> None:
        self.covering, self.places, self.companies = covering, places, companies
        total = sum(company.value for company in companies)
        self.shares = [company.value / total if total else 1 / len(companies) for company in companies]

    def answer(self, key: Id) -> Coverage:
        """The answer."""
        view = self.covering.cases[self.places[0]].committee.view
        grounds = [fact for at in self.places for fact in self.covering.cases[at].committee.grounds()]
        known = self._mean([float(self.covering.found.known[at]) for at in self.places])
        whole = self._mean([self.covering.whole(at) for at in self.places])
        roles = list(dict.fromkeys(role for at in self.places for role in self.covering.roles(at)))
        charts = {at: Map(self.covering, at) for at in self.places}
        weak = [found for found in (self.covering.resilience(at) for at in self.places) if found[0]]
        least = min((value for value, _ in weak), default=0)
        sets = [lost for value, some in weak if value == least for lost in some]
        told = [self._role(role, charts) for role in sorted(roles, key=lambda role: (-self._weight(role), role.value))]
        group, optimistic = self.covering.cases[self.places[0]].committee.group, whole / known if known else None
        return Coverage(key, view.used(grounds), group, self._score(known, whole), known, whole, optimistic, told, Resilience(least, sets))

    def _mean(self, values: Sequence[float]) -> float:
        return sum(share * value for share, value in zip(self.shares, values, strict=True))

    def _weight(self, role: BuyingRole) -> float:
        return self._mean([self.covering.share(at, role) for at in self.places])

    def _score(self, known: float, whole: float) -> Score:
        zh = chinese(self.covering.language)
        scores = [self.covering.score(at) for at in self.places]
        components = [
            Component(company.id, company.name, score.value, share, share * (score.value or 0.0), [])
            for company, score, share in zip(self.companies, scores, self.shares, strict=True)
        ]
        clauses = [f"{one.label} {number(one.value) if one.value is not None else ('未知' if zh else 'not known')}" for one in components]
        why = (
            f"{len(clauses)}家公司按价值加权的覆盖度{number(whole)}：" + "；".join(clauses) + "。"
            if zh
            else f"Coverage {number(whole)} over {counted(len(clauses), 'company', 'companies')} by their worth: " + "; ".join(clauses) + "."
        )
        if not known:
            return ROLLED_UP.missing(Missing.UNMAPPED, why, components=components)
        low, high = (self._mean([getattr(score, end) or 0.0 for score in scores]) for end in ("low", "high"))
        return ROLLED_UP.score(whole, why, low=low, high=high, count=sum(score.evidence_count for score in scores), components=components)

    def _role(self, role: BuyingRole, charts: Mapping[int, Map]) -> RoleCoverage:
        covering, weight = self.covering, self._weight(role)
        scores = [covering.role_score(at, role) for at in self.places]
        parts = [share * covering.share(at, role) for share, at in zip(self.shares, self.places, strict=True)]
        if not weight:
            parts = self.shares
        total = sum(parts)
        components = [
            Component(company.id, company.name, score.value, part / total, part / total * (score.value or 0.0), [])
            for company, score, part in zip(self.companies, scores, parts, strict=True)
        ]
        value = sum(one.contribution or 0.0 for one in components)
        state = min(covering.state(at, role) for at in self.places)
        name = role_name(role, covering.language)
        why = f"{name}{number(value)}" if chinese(covering.language) else f"{name} {number(value)}"
        if state is State.UNMAPPED:
            score = ROLLED_UP.missing(Missing.UNMAPPED, scores[0].why, components=components)
        else:
            low, high = (sum(part / total * (getattr(one, end) or 0.0) for one, part in zip(scores, parts, strict=True)) for end in ("low", "high"))
            score = ROLLED_UP.score(value, why, low=low, high=high, count=sum(one.evidence_count for one in scores), components=components)
        nodes = [
            node
            for at in self.places
            for node in charts[at].people([covering.person(row) for row in covering.holding(at, role)], covering.cases[at].committee.names)
        ]
        return RoleCoverage(role, weight, score, RoleState(state.name), nodes)
