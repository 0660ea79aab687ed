"""How much an account engaged with us: its people's engagement by the roles that they hold."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

import numpy as np

from graph.answer import Id, Linked, answer
from graph.consent import CONTACTABLE
from graph.errors import DottedlineError
from graph.instants import at_moment
from graph.measures.coverage import DEFAULTS, Floats
from graph.measures.engagement import Entry, contributions, figure, ledger, of_account, score
from graph.model import BuyingRole
from graph.question import Anchor, costing, question
from graph.read import Reader
from graph.score import Component, Missing, Score
from graph.scoring import Scoring
from graph.stretch import MOST_ROWS
from graph.view import View, ViewUsed
from graph.words import chinese, listed, number, role_name
from queries.committee.rows import BuyingGroup, Committee, committees_of
from queries.committee.worth import worth_rows
from queries.engagement import SHOWN, Entries, LedgerEntry, ModelName, Replay, checked, entry_of
from queries.engaging.deeds import Doer, cell_of, doers, fit_of, scoring_of


@answer
class EngagedPerson:
    """Somebody of the account who did something with us, or holds a role."""

    person: Annotated[Linked | None, Anchor.PERSON, "Who."]
    role: Annotated[BuyingRole | None, "Of their roles the one that counts most; null where none is known: then they count nothing."]
    weight: Annotated[float, "The role's share of the decision."]
    confidence: Annotated[float | None, "How sure it is that they hold it; null without a role."]
    value: Annotated[float, "Their own engagement, 0 to 1."]
    points: Annotated[float, "All their counted points, as if they did not fade."]
    points_now: Annotated[float, "What is left of them at asOf."]
    contribution: Annotated[float, "What they add to the account's score; all of them sum to it."]
    last_at: Annotated[datetime | None, "When they last did something that counts."]
    contactable: Annotated[bool, CONTACTABLE]


@answer
class AccountEntry(LedgerEntry):
    """One event of an account's ledger; an event of two of its people stands there for each, and totals are those of the person."""

    person: Annotated[Linked | None, Anchor.PERSON, "Who did it."]


@answer
class AccountStanding:
    """An account's engagement under one model."""

    model: Annotated[str, "The scoring model."]
    version: Annotated[str, "The model's version."]
    score: Annotated[Score, "1 - product of (1 - weight x confidence x the person's engagement): no sum, so that headcount does not win."]
    cell: Annotated[str | None, "Fit and engagement side by side: A1 the best, D4 the least; null where either is not known."]
    people: Annotated[list[EngagedPerson], "Who adds most first; then those whose role is not known, the most engaged first."]
    entries: Annotated[list[AccountEntry], "What all these did, the latest of them, the earliest first."]
    entry_count: Annotated[int, "How many entries there are in all."]


@answer
class AccountEngagement(AccountStanding):
    """How much an account engaged, apart from how well it fits."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    group: Annotated[BuyingGroup, "Whose roles count."]
    fit: Annotated[Score, "What the account is worth to us; engagement is no part of it."]
    replay: Annotated[AccountStanding | None, "The same history under the model asked for by `replay`."]


@costing(50)
@question(Anchor.COMPANY, "engagement")
async def account_engagement(
    store: Reader,
    view: View,
    accounts: Sequence[str],
    *,
    group: Annotated[Id | None, "A buying group of the account; default: the account's own."] = None,
    model: ModelName = None,
    replay: Replay = None,
    entries: Entries = 50,
) -> Mapping[str, AccountEngagement | DottedlineError]:
    """How much the people who decide at an account did with us lately, and who of the engaged holds no known role."""
    most, first, other = checked(entries), scoring_of(store, model), None if replay is None else scoring_of(store, replay, "replay")
    committees = await committees_of(store, view, accounts, {account: (account, group) for account in accounts})
    known = {account: found for account, found in committees.items() if isinstance(found, Committee)}
    people = sorted({person for found in known.values() for person in found.names})
    types = first.model.types | (other.model.types if other else frozenset())
    did = await doers(store, view, people, types)
    worth: dict[str, tuple[float | None, int | None]] = {
        row.account: row.companies[0][2:] for row in await worth_rows(store, view, list(known), subsidiaries=False, most=MOST_ROWS)
    }
    answers: dict[str, AccountEngagement | DottedlineError] = {}
    for account, found in committees.items():
        if not isinstance(found, Committee):
            answers[account] = found
            continue
        fit = fit_of(*worth[account], view.language)
        own = AccountStanding(*_Standing(found, did, first, fit).fields(most))
        replayed = AccountStanding(*_Standing(found, did, other, fit).fields(most)) if other else None
        key = Id(f"{found.key}/engagement/{first.name}/{other.name if other else ''}")
        fields = (own.model, own.version, own.score, own.cell, own.people, own.entries, own.entry_count)
        answers[account] = AccountEngagement(*fields, key, view.used(found.grounds()), found.group, fit, replayed)
    return answers


class _Person(NamedTuple):
    """One person with the role that counts most: ``share`` is its weight by its confidence."""

    doer: Doer
    entries: list[Entry]
    role: BuyingRole | None
    weight: float
    sure: float

    @property
    def counting(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.counted]

    @property
    def now(self) -> float:
        return self.entries[-1].total_now if self.entries else 0.0


class _Standing:
    """An account under one model."""

    def __init__(self, committee: Committee, did: Mapping[str, Doer], scoring: Scoring, fit: Score) -> None:
        self.committee, self.scoring, self.fit, self.language = committee, scoring, fit, committee.view.language
        total = sum(wanted.weight for wanted in committee.template.values())
        people = [self._person(did[person], total) for person in sorted(committee.names) if person in did and not did[person].ours]
        self.people = [one for one in people if one.role is not None or one.counting]
        self.values = score(np.array([one.now for one in self.people]), scoring.model.scale)
        self.weights = np.array([one.weight for one in self.people])
        self.sure = np.array([one.sure for one in self.people])
        self.parts = contributions(self.weights * self.sure, self.values)

    def _person(self, doer: Doer, total: float) -> _Person:
        entries = ledger(doer.about(None), self.committee.view.as_of, self.scoring.model)
        held = self.committee.roles.get(doer.id, [])
        best = max(held, key=lambda one: (self.committee.weight(one.role) * one.confidence, one.role.value), default=None)
        if best is None:
            return _Person(doer, entries, None, 0.0, 0.0)
        return _Person(doer, entries, best.role, self.committee.weight(best.role) / total if total else 0.0, best.confidence)

    def fields(self, most: int) -> tuple[str, str, Score, str | None, list[EngagedPerson], list[AccountEntry], int]:
        """The fields of an AccountStanding."""
        order = sorted(range(len(self.people)), key=lambda at: (-self.parts[at], -self.values[at], self.people[at].doer.id))
        found, bands = self._score(order), self.scoring.model.bands
        cell = cell_of(self.fit, None if found.value is None else figure(found.value, bands.account), bands)
        every = sorted(((entry.deed.at, entry.deed.id, at, place) for at, one in enumerate(self.people) for place, entry in enumerate(one.entries)))
        shown = [self._entry(at, place) for _, _, at, place in every[max(len(every) - most, 0) :]]
        return self.scoring.name, self.scoring.model.version, found, cell, [self._told(at) for at in order], shown, len(every)

    def _entry(self, at: int, place: int) -> AccountEntry:
        one = self.people[at]
        entry = one.entries[place]
        told = entry_of(one.doer, entry)
        return AccountEntry(told.event, told.about, told.rule, told.reason, *entry[3:], Linked(one.doer.id, one.doer.name))

    def _told(self, at: int) -> EngagedPerson:
        one = self.people[at]
        counting = one.counting
        return EngagedPerson(
            Linked(one.doer.id, one.doer.name),
            one.role,
            one.weight,
            None if one.role is None else one.sure,
            float(self.values[at]),
            one.entries[-1].total if one.entries else 0.0,
            one.now,
            float(self.parts[at]),
            at_moment(counting[-1].deed.at) if counting else None,
            self.committee.contactable(one.doer.id),
        )

    def _reading(self, sure: Floats) -> float:
        return of_account(self.weights * sure, self.values)

    def _score(self, order: Sequence[int]) -> Score:
        zh, formula = chinese(self.language), self.scoring.of_accounts
        engaged = [at for at in order if self.people[at].counting]
        placed = [at for at in engaged if self.weights[at] * self.sure[at] > 0]
        if not engaged:
            return formula.missing(Missing.NO_EVIDENCE, "其人员没有计分的行为。" if zh else "Nobody there did anything that earns points.")
        if not placed:
            names = listed([self.people[at].doer.name for at in engaged[:3]], self.language)
            why = f"{names}有互动，但未知其在决策中的角色。" if zh else f"{names} engaged, but no role of the decision is known of them."
            return formula.missing(Missing.UNMAPPED, why)
        value = self._reading(self.sure)
        sure, held = self.sure >= DEFAULTS.sure, self.sure >= DEFAULTS.mapped
        others = [self._reading(np.where(sure, self.sure, 0.0)), self._reading(np.where(held, 1.0, self.sure))]
        components = [self._component(at) for at in placed]
        count = len({entry.deed.id for at in placed for entry in self.people[at].counting})
        why = self._why(value, placed, len(engaged) - len(placed))
        return formula.score(value, why, low=min(value, *others), high=max(value, *others), count=count, components=components)

    def _component(self, at: int) -> Component:
        one = self.people[at]
        evidence = [one.doer.deeds[entry.deed.id].evidence for entry in reversed(one.counting[-SHOWN:])]
        share = float(self.weights[at] * self.sure[at])
        return Component(one.doer.id, one.doer.name, float(self.values[at]), share, float(self.parts[at]), evidence)

    def _why(self, value: float, placed: Sequence[int], unplaced: int) -> str:
        zh, some = chinese(self.language), []
        for at in placed[:3]:
            one = self.people[at]
            role = role_name(one.role, self.language) if one.role else ""
            some.append(
                f"{role}{one.doer.name} {number(float(self.values[at]))}" if zh else f"{role} {one.doer.name} {number(float(self.values[at]))}"
            )
        mostly = listed(some, self.language)
        if zh:
            return f"账户互动度{number(value)}：主要是{mostly}" + (f"；另有{unplaced}人有互动，但角色未知或无权重。" if unplaced else "。")
        rest = f" {unplaced} more engaged, whose role is not known or carries no weight." if unplaced else ""
        return f"Account engaged {number(value)}: mostly {mostly}.{rest}"
