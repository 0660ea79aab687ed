"""The edges of a whole market that carry a word, as one view may see them: who begins, who is not to be asked, and why not."""

from asyncio import to_thread
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from graph.answer import Id, Linked
from graph.errors import Ambiguous, NotFound
from graph.lazy import cached_property
from graph.measures.network import TIE_KINDS, Network, TieKind
from graph.measures.paths import DEFAULTS, Barrier, Budget, Outlook, Rules
from graph.measures.strength import Floats, Ints, Truths
from graph.question import Anchor
from graph.read import Reader
from graph.snapshot.keeper import snapshot_at
from graph.snapshot.met import Asked
from graph.snapshot.parts import Jobs, Lines
from graph.snapshot.snapshot import Snapshot
from graph.snapshot.ties import network_in
from graph.view import View
from queries.anchors.entities import resolve

MOST_ASKS = 3
"""So many favours may be asked of one person at once."""
REACHES = 8
"""So many reaches of one network are kept, those worked out last: each scope has its own."""
PATIENCE = 5.0
"""Seconds for one pass over a whole market, and for all people of one question."""


class Beginning(NamedTuple):
    """Who begins, and who is not to be asked for which reason."""

    sources: Truths
    shut: dict[Barrier, Truths]

    def shutting(self, barrier: Barrier, people: Truths) -> "Beginning":
        """The same with these people shut too."""
        return self._replace(shut=self.shut | {barrier: people})


class Reach(NamedTuple):
    """Of everybody, the chance of the best way from ours, 0 for none over the floor; not ``whole`` where time ran out: then there may be better."""

    chance: Floats
    whole: bool


class Carrying:
    """A market's network at a view. Places are those of the snapshot's people."""

    def __init__(self, snapshot: Snapshot, net: Network, view: View) -> None:
        self.snapshot, self.network, self.view = snapshot, net, view

    @classmethod
    async def at(cls, store: Reader, view: View) -> "Carrying":
        """Of the snapshot that answers for the view."""
        return await cls.of(await snapshot_at(store, view), view)

    @classmethod
    async def of(cls, snapshot: Snapshot, view: View) -> "Carrying":
        """Of a snapshot that is at hand; its network is made once."""
        return cls(snapshot, await to_thread(network_in, snapshot), view)

    @property
    def team(self) -> Ints:
        """A number for those of one solid manager, -1 for whose manager is not known."""
        if "team" not in self.snapshot.kept:
            lines = self.snapshot[Lines]
            made = np.full(self.network.people, -1)
            rows = np.flatnonzero(lines.line == 0)
            rows = rows[np.lexsort((-lines.manager[rows], lines.sure[rows]))]
            made[lines.person[rows]] = lines.manager[rows]
            self.snapshot.kept["team"] = made
        kept: Ints = self.snapshot.kept["team"]
        return kept

    def mask(self, places: Iterable[int] | Ints) -> Truths:
        """These people among all."""
        made = np.zeros(self.network.people, bool)
        made[np.fromiter(places, np.int64)] = True
        return made

    def place(self, id_: str) -> int:
        """A person's place, -1 for who is not there."""
        return self.snapshot.people.id.find(id_)

    def id(self, place: int) -> Id:
        """The id of a person."""
        return Id(self.snapshot.people.id[place])

    def name(self, place: int) -> str:
        """The name of a person."""
        return str(self.snapshot.people.name[place])

    def works_at(self, place: int) -> str | None:
        """The name of the company where a person works, None where nobody knows."""
        at = int(self.snapshot.employer[place])
        return str(self.snapshot.companies.name[at]) if at >= 0 else None

    def linked(self, place: int) -> Linked:
        """A link to a person."""
        return Linked(self.id(place), self.name(place))

    def at_company(self, company: str) -> Truths:
        """Whoever has a job at a company."""
        jobs, at = self.snapshot[Jobs], self.snapshot.companies.id.find(company)
        return self.mask(jobs.person[self.snapshot.present & (jobs.company == at)] if at >= 0 else ())

    @cached_property
    def owed(self) -> Ints:
        """Of everybody, how many introductions they were asked for and have neither made nor declined."""
        made, asked = np.zeros(self.network.people, np.int64), self.snapshot[Asked]
        made[asked.person] = asked.open
        return made

    def beginning(self, sources: Truths | None = None, asks: int = MOST_ASKS) -> Beginning:
        """With all of ours, or with these people. Whoever opted out, competitors' people and those who owe so many introductions are not asked; where
        theirs begin, ours are not.
        """
        snapshot = self.snapshot
        begin = snapshot.ours if sources is None else sources
        theirs = bool((begin & snapshot.of_competitors).any())
        rivals = snapshot.of_competitors | snapshot.ours if theirs else snapshot.of_competitors
        shut = {Barrier.OPTED_OUT: snapshot.opted_out & ~snapshot.ours, Barrier.COMPETITOR: rivals & ~begin, Barrier.OVER_ASKED: self.owed >= asks}
        return Beginning(begin, shut)

    def rules(self, begun: Beginning, **more: Any) -> Rules:
        """What may carry: past nobody who is not to be asked, to anybody but who opted out; ``more`` as in ``Rules``."""
        return Rules(np.logical_or.reduce(list(begun.shut.values())), begun.shut[Barrier.OPTED_OUT], **more)

    async def reach(self) -> Reach:
        """How well ours reach everybody: one pass, made once for these edges and those who may carry."""
        begun = self.beginning()
        rules, kept = self.rules(begun), self.network.kept
        key = ("reach", *(mask.tobytes() for mask in (begun.sources, rules.closed, rules.unreachable)))
        if key not in kept:
            made = await to_thread(self._reach, begun, rules)
            if not made.whole:
                return made
            while len(kept) >= REACHES:
                kept.pop(next(iter(kept)))
            kept[key] = made
        found: Reach = kept[key]
        return found

    def _reach(self, begun: Beginning, rules: Rules) -> Reach:
        budget = Budget(replace(DEFAULTS, seconds=PATIENCE))
        cost = Outlook(self.network, rules, begun.sources).ahead(budget)[-1].dense(self.network.people)
        return Reach(np.where(begun.sources | rules.unreachable, 0.0, np.exp(-cost) / rules.decay), not budget.spent)

    async def begun_by(self, store: Reader, given: Id | None) -> Beginning:
        """From what an argument ``from`` says: a person, the people of a company, or all of ours."""
        if given is None:
            return self.beginning()
        people, companies = await people_or_companies(store, self.view, [given], "from")
        return self.beginning(self.mask(self.places(people)) if people else self.at_company(companies[0]))

    async def those(self, store: Reader, given: Sequence[Id], argument: str) -> Truths:
        """People, and all who work at companies, by any id or alias."""
        people, companies = await people_or_companies(store, self.view, given, argument)
        made: Truths = np.logical_or.reduce([self.mask(self.places(people)), *(self.at_company(company) for company in companies)])
        return made

    def places(self, ids: Iterable[str]) -> list[int]:
        """The places of those who are there."""
        return [at for at in map(self.place, ids) if at >= 0]


def kinds_mask(kinds: Sequence[TieKind] | None) -> Truths | None:
    """Which columns of kinds count, None for all."""
    return None if kinds is None else np.array([kind in kinds for kind in TIE_KINDS])


async def people_or_companies(store: Reader, view: View, given: Sequence[Id], argument: str) -> tuple[list[Id], list[Id]]:
    """The ids of the people and of the companies that are named. Raises NotFound where one is neither, and Ambiguous where one is both."""
    people = await resolve(store, view, Anchor.PERSON, given, argument)
    companies = await resolve(store, view, Anchor.COMPANY, given, argument)
    for name in given:
        if name not in people and name not in companies:
            raise NotFound(f"No person or company bears the id or alias {name!r}.", argument=argument)
        if name in people and name in companies:
            both = [people[name], companies[name]]
            raise Ambiguous(f"{name!r} names a person and a company. Use an alias that only one of them has.", candidates=both, argument=argument)
    return list(dict.fromkeys(people.values())), list(dict.fromkeys(companies.values()))
