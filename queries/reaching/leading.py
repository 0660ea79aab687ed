"""Who might lead opinion among those who decide at some accounts: the candidates, whom they reach, and what is recorded of them."""

from asyncio import to_thread
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graph.answer import Id, answer
from graph.aside import aside
from graph.filter import AccountFilter
from graph.journal import batches
from graph.measures.kol import DEFAULTS, Draws, Roots, draws
from graph.measures.paths import DEFAULTS as PATHS
from graph.measures.paths import Budget
from graph.measures.strength import Floats, Ints, Truths
from graph.model import Affiliation, Influence
from graph.read import Reader, read
from graph.sight import unseen
from graph.snapshot.met import Pairs
from graph.snapshot.parts import AFFILIATION, INFLUENCE, Affiliations, Influences, Jobs
from graph.view import View
from queries.anchors.accounts import accounts_in
from queries.reaching.carrying import Carrying
from queries.reaching.deciders import Deciders, deciders

MOST = 100_000
ASKED_AT_ONCE = 10_000
RECENT = 20
SEED = 1
LEADING = [AFFILIATION.words.index(Affiliation(kind)) for kind in ("advisor", "speaker", "board", "author")]
Tied = tuple[Id, Id, str, str, float, int, str]
"""Key, company, its name, how, how firmly, start and origin."""


@answer
class KolRows:
    """One row a person, as ``kol_rows.cypher`` packs it."""

    person: Id
    circle: str | None
    talks: list[tuple[Id, str, int, str | None, str]]
    heard: list[tuple[Id, Id, int, str, float, str | None]]
    ties: list[Tied]
    jobs: list[Tied]

    def grounds(self) -> Iterator[tuple[int, str]]:
        """Start and origin of the facts on which it rests."""
        for _, _, start, origin, *_ in self.heard:
            yield start, origin
        for *_, start, origin in (*self.ties, *self.jobs):
            yield start, origin


@read
async def kol_rows(ids: Sequence[str], topic: str | None, recent: int, most: int) -> list[KolRows]:
    """What is recorded of these people as leaders of opinion."""
    raise NotImplementedError


@answer
class LedRow:
    """Somebody who counts in a circle: whether they are heard about a topic, and the interactions at which they spoke about it."""

    person: Id
    heard: bool
    talks: list[Id]


@read
async def led_people(ids: Sequence[str], topic: str | None, circle: str | None, most: int) -> list[LedRow]:
    """Of these people, those who are said to count in a circle, and who of them is heard or spoke about a topic; None for any."""
    raise NotImplementedError


@dataclass(frozen=True)
class Field:
    """The accounts asked about, who decides there, who works there, and who might lead them."""

    carrying: Carrying
    accounts: Sequence[Id]
    deciders: Deciders
    segment: Truths
    candidates: Truths
    closed: Truths

    @classmethod
    async def of(cls, store: Reader, view: View, filter: AccountFilter | None) -> "Field":
        """Of the accounts of a filter, all where it says nothing.

        Whoever is heard by somebody, or advises, speaks, writes or sits on a board somewhere may lead; nobody of ours or of a competitor's, nobody
        who opted out, nobody anonymous. Whoever owes introductions may: to be heard is no favour.
        """
        accounts = await accounts_in(store, view, filter)
        carrying = await Carrying.at(store, view)
        return await aside(len(accounts), cls._of, carrying, accounts, await deciders(store, carrying, accounts))

    @classmethod
    def _of(cls, carrying: Carrying, accounts: Sequence[Id], found: Deciders) -> "Field":
        snapshot, view = carrying.snapshot, carrying.view
        closed = snapshot.ours | snapshot.opted_out | snapshot.of_competitors
        asked = np.zeros(len(snapshot.companies.known), bool)
        asked[np.array([snapshot.companies.id.find(account) for account in accounts], np.int64)] = True
        jobs, sways, beside = snapshot[Jobs], snapshot[Influences], snapshot[Affiliations]
        segment = carrying.mask(jobs.person[snapshot.present & asked[jobs.company]])
        known = sways.person[sways.kind == INFLUENCE.words.index(Influence.ADVISES)]
        beside_now = np.isin(beside.kind, LEADING) & (beside.until > view.as_of)
        candidates = (carrying.mask(known) | carrying.mask(beside.person[beside_now])) & ~closed
        return cls(carrying, accounts, found, segment, candidates, closed)

    @property
    def advice(self) -> tuple[Ints, Ints]:
        """Who is heard by whom, each pair once."""
        people = self.carrying.network.people
        sways = self.carrying.snapshot[Influences]
        rows = sways.kind == INFLUENCE.words.index(Influence.ADVISES)
        pairs = np.unique(sways.person[rows].astype(np.int64) * people + sways.swayed[rows])
        who, whom = np.divmod(pairs, people)
        return who, whom

    @property
    def access(self) -> Floats:
        """Of each person, how strong the strongest relationship with one of ours is; not a number where there is none."""
        pairs, ours = self.carrying.snapshot[Pairs], self.carrying.snapshot.ours
        made = np.zeros(self.carrying.network.people)
        for one, other in ((pairs.first, pairs.second), (pairs.second, pairs.first)):
            rows = ours[other]
            np.maximum.at(made, one[rows], pairs.strength[rows])
        return np.where(made > 0, made, np.nan)

    def budget(self) -> Budget:
        """How long one question may draw."""
        return Budget(replace(PATHS, seconds=DEFAULTS.seconds))

    async def draws(self, seed: int, budget: Budget) -> Draws:
        """Cascades backwards from those who decide, drawn by their weight, and past whom the word came to them: nobody is reached by himself.

        Whoever opted out keeps their weight in the decision, and nobody reaches them.
        """
        snapshot = self.carrying.snapshot
        roots = Roots(self.deciders.person, self.deciders.weight)
        made = await to_thread(draws, self.carrying.network, self.closed, roots, DEFAULTS.samples, seed, budget)
        return made.by_others(roots, snapshot.opted_out & ~snapshot.ours)

    async def led(self, store: Reader, places: Ints, topic: str | None, circle: str | None) -> Ints:
        """Of these people, those who are heard or spoke about a topic, and are said to count in a circle."""
        if topic is None and circle is None:
            return places
        lots = batches(places.tolist(), ASKED_AT_ONCE)
        found = [row for lot in lots for row in await led_people(store, self.carrying.view, self._ids(lot), topic, circle, MOST)]
        hidden = await unseen(store, self.carrying.view, {talk for row in found for talk in row.talks})
        made = [self.carrying.place(row.person) for row in found if row.heard or set(row.talks) - hidden]
        return places[np.isin(places, np.array(made, np.int64))]

    async def rows(self, store: Reader, places: Sequence[int], topic: str | None) -> dict[int, KolRows]:
        """What is recorded of these people, of what they said and who hears them about a topic alone."""
        found = await kol_rows(store, self.carrying.view, self._ids(places), topic, RECENT, MOST) if places else []
        hidden = await unseen(store, self.carrying.view, {talk[0] for row in found for talk in row.talks})
        if hidden:
            found = [replace(row, talks=[talk for talk in row.talks if talk[0] not in hidden]) for row in found]
        return {self.carrying.place(row.person): row for row in found}

    def _ids(self, places: Sequence[int]) -> list[Id]:
        return [self.carrying.id(place) for place in places]
