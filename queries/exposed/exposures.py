"""How exposed accounts are to one competitor, from the snapshot: two of six roots rest on other accounts and on who reaches whom (docs/adr/0029)."""

from asyncio import to_thread
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from graph.answer import Id
from graph.lazy import cached_property
from graph.measures.exposure import (
    DEFAULTS,
    NO_FACTS,
    ROOT_PLACE,
    Exposure,
    Facts,
    Root,
    Weighed,
    carried_from,
    exposure,
    fading,
    known_share,
    openness,
    peer_exposure,
    reached_weight,
    roots,
    seats,
    things,
)
from graph.measures.paths import Rules
from graph.measures.strength import DAY, Floats, Ints, Truths, ragged
from graph.model import CompanyLink
from graph.snapshot.arrays import Csr, Places, Texts
from graph.snapshot.dealings import Dealings
from graph.snapshot.parts import LINK, Affiliations, Jobs, Links, Products, Uses
from graph.snapshot.snapshot import Snapshot
from graph.view import View
from queries.committee.market import Market
from queries.reaching.carrying import Carrying

SERVES, RESELLS, PARTNERS = (LINK.words.index(kind.value) for kind in (CompanyLink.SERVES, CompanyLink.RESELLS, CompanyLink.PARTNERS_WITH))
KEPT = 4
"""So many exposures of one snapshot are kept, so that the next page is cut from what stands; and so many sets of people whose word was followed."""
LEAST_TIE = 0.01
"""A tie to the competitor that has faded below this binds nobody."""


class Ties(NamedTuple):
    """Who is bound to the competitor beside the committees: person, how firmly by now, how sure, and whether it is a job."""

    person: Ints
    firm: Floats
    sure: Floats
    job: Truths

    def where(self, rows: Truths) -> "Ties":
        """These rows alone."""
        return Ties(self.person[rows], self.firm[rows], self.sure[rows], self.job[rows])


class Supposed(NamedTuple):
    """A person seen as having joined the competitor, or as not having: as known is neither."""

    mover: int = -1
    joined: bool = False


class Exposures:
    """The accounts of a market, as exposed to one competitor. Arrays are in the order of the market's accounts."""

    def __init__(self, market: Market, carrying: Carrying, rival: Id, view: View, at: int | None = None) -> None:
        self.market, self.carrying, self.rival, self.view = market, carrying, rival, view
        self.snapshot: Snapshot = market.snapshot
        self.at = self.snapshot.stamp.as_of if at is None else at
        self.place = self.snapshot.companies.id.find(rival)
        self._carried: dict[bytes, tuple[Ints, Ints, Floats]] = {}
        self.group = np.full(len(self.snapshot.companies.known), -1, np.int64)
        self.group[market.places] = np.arange(len(market.places))

    @classmethod
    async def of(cls, market: Market, view: View, rival: Id) -> "Exposures":
        """Of a market at a view; worked out once a snapshot and competitor."""
        kept, key = market.snapshot.kept, ("exposures", rival, market.places.tobytes())
        if key not in kept:
            made = cls(market, await Carrying.of(market.snapshot, view), rival, view)
            await to_thread(lambda: made.known)
            for old in [one for one in kept if one[0] == "exposures"][: 1 - KEPT]:
                kept.pop(old, None)
            kept[key] = made
        found: Exposures = kept[key]
        return found

    @property
    def size(self) -> int:
        """How many accounts."""
        return len(self.market.places)

    def days(self, until: Ints | Floats) -> Floats:
        """How long ago, in days; negative for what is still to come."""
        made: Floats = (self.at - until) / DAY
        return made

    @property
    def facts(self) -> Facts:
        """All that is recorded, as told."""
        return self._facts(Supposed())[0]

    @cached_property
    def known(self) -> tuple[Exposure, Exposure, Exposure]:
        """As known, and by the two readings of unsure roles."""
        return self._known[0]

    @property
    def counted(self) -> Ints:
        """How many recorded things expose each account, each once: products, events, people, partners, and peers that use its products."""
        return self._known[1]

    @cached_property
    def _known(self) -> tuple[tuple[Exposure, Exposure, Exposure], Ints]:
        facts = self._facts(Supposed())
        share, peers = self._peers
        using = np.rint(np.nan_to_num(share) * peers).astype(np.int64)
        return self._exposed(facts), things(facts[0].where(facts[0].root != ROOT_PLACE[Root.PEERS]), self.size) + using

    def supposing(self, supposed: Supposed) -> tuple[Exposure, Exposure, Exposure]:
        """The same, was somebody elsewhere."""
        return self._exposed(self._facts(supposed))

    def _exposed(self, readings: Sequence[Facts]) -> tuple[Exposure, Exposure, Exposure]:
        first, second, third = (exposure(roots(facts, self.size)) for facts in readings)
        return first, second, third

    def earlier(self, days: float) -> "Exposures":
        """As it was so many days before, by who decides now: of what the snapshot keeps dates for, that is of ``dated`` alone."""
        return Exposures(self.market, self.carrying, self.rival, self.view, self.at - int(days * DAY))

    @property
    def dated(self) -> Floats:
        """What is installed and what people took part in alone: how far these expose each account, NaN for nothing known."""
        return exposure(roots(Facts.joined([NO_FACTS, self.installed, self._interactions(Supposed())[0]]), self.size)).threat

    def _facts(self, supposed: Supposed) -> list[Facts]:
        """All that is recorded, by the three readings of unsure roles."""
        apart = [self.installed, self.partners, self.peers]
        of_people = [self._interactions(supposed), self._ex_employees(supposed), self.kols(supposed)]
        return [Facts.joined([NO_FACTS, *apart, *(some[reading] for some in of_people)]) for reading in range(len(Weighed._fields))]

    @cached_property
    def _uses(self) -> tuple[Uses, Ints]:
        """The rows of the competitor's products at these accounts, past ones too."""
        uses = self.snapshot[Uses]
        return uses, np.flatnonzero(self.its_product[uses.product] & (self.group[uses.company] >= 0) & (uses.start <= self.at))

    @cached_property
    def its_product(self) -> Truths:
        """Which products are the competitor's."""
        made: Truths = self.snapshot[Products].maker == self.place
        return made

    @cached_property
    def installed(self) -> Facts:
        """Its products on so many of the seats; of one that was removed what is left after so long."""
        uses, rows = self._uses
        share = np.where(np.isnan(uses.share[rows]), DEFAULTS.unknown_share, uses.share[rows])
        x = DEFAULTS.seats * share * fading(Root.INSTALLED, self.days(uses.until[rows]))
        return Facts.of(Root.INSTALLED, self.group[uses.company[rows]], uses.product[rows].astype(np.int64), x, uses.sure[rows])

    @cached_property
    def holds(self) -> Truths:
        """Where one of its products is in use now."""
        uses, rows = self._uses
        made = np.zeros(self.size, bool)
        made[self.group[uses.company[rows[self.days(uses.until[rows]) < 0]]]] = True
        return made

    @cached_property
    def opening(self) -> Floats:
        """How open its most open installation is; NaN where none is in use, or satisfaction or renewal is unknown."""
        uses, rows = self._uses
        rows = rows[self.days(uses.until[rows]) < 0]
        made = np.full(self.size, np.nan)
        np.fmax.at(made, self.group[uses.company[rows]], openness(uses.satisfaction[rows], -self.days(uses.renewal[rows])))
        return made

    @property
    def displacement(self) -> Floats:
        """How far we could displace it: ``installed x openness x our coverage``; NaN where one of them is not known."""
        found: Floats = self.known[0].roots[:, ROOT_PLACE[Root.INSTALLED]] * self.opening * self.covered
        return found

    @property
    def covered(self) -> Floats:
        """Our own coverage; NaN where nobody is known to hold a role."""
        return self.market.found.groups.value

    @cached_property
    def _all_seats(self) -> tuple[Ints, Ints, Weighed]:
        return seats(self.market.holders, self.market.people.astype(np.int64), self.market.shares)

    def seated(self, numbers: Sequence[int]) -> Ints:
        """Who holds roles at these accounts."""
        group, person, _ = self._all_seats
        return np.unique(person[np.isin(group, np.array(numbers, np.int64))])

    def _seats(self, supposed: Supposed) -> tuple[Ints, Ints, Weighed]:
        """Account, person and weight of who holds roles; whoever leaves for the competitor holds none any more."""
        group, person, weight = self._all_seats
        if not self._leaves(supposed):
            return group, person, weight
        stay = person != supposed.mover
        return group[stay], person[stay], Weighed(*(column[stay] for column in weight))

    def _leaves(self, supposed: Supposed) -> bool:
        return supposed.joined and not self._there(supposed.mover)

    def _there(self, person: int) -> bool:
        """They work for the competitor already."""
        jobs = self.snapshot[Jobs]
        return bool((self.snapshot.present & (jobs.person == person) & (jobs.company == self.place)).any())

    def _interactions(self, supposed: Supposed) -> list[Facts]:
        """What holders of roles took part in that concerned it."""
        dealings = self.snapshot[Dealings]
        rows = np.flatnonzero((dealings.company == self.place) & (dealings.at <= self.at))
        left = fading(Root.INTERACTIONS, self.days(dealings.at[rows]))
        return self._by_seat(Root.INTERACTIONS, dealings.person[rows], rows, left, dealings.sure[rows], supposed)

    def _ex_employees(self, supposed: Supposed) -> list[Facts]:
        """Holders of roles who worked there."""
        jobs = self.snapshot[Jobs]
        rows = np.flatnonzero(jobs.company == self.place)
        if supposed.mover >= 0 and not supposed.joined:
            rows = rows[~(self.snapshot.present[rows] & (jobs.person[rows] == supposed.mover))]
        person = jobs.person[rows].astype(np.int64)
        return self._by_seat(Root.EX_EMPLOYEES, person, person, fading(Root.EX_EMPLOYEES, self.days(jobs.until[rows])), jobs.sure[rows], supposed)

    def _by_seat(self, root: Root, person: Places | Ints, thing: Ints, x: Floats, sure: Floats, supposed: Supposed) -> list[Facts]:
        """Facts of people as facts of the accounts where they hold roles, by what they weigh there."""
        group, holder, weight = self._seats(supposed)
        by_person = Csr.by(holder, len(self.snapshot.people.do_not_contact))
        counts = by_person.start[person + 1] - by_person.start[person]
        at, row = by_person.of_all(person), np.repeat(np.arange(len(person)), counts)
        return [Facts.of(root, group[at], thing[row], column[at] * x[row], sure[row]) for column in weight]

    @cached_property
    def all_ties(self) -> Ties:
        """Whoever works there, advises it, speaks for it and the like, or did not long ago; nobody of ours, nobody hidden."""
        jobs, beside, snapshot = self.snapshot[Jobs], self.snapshot[Affiliations], self.snapshot
        of_jobs, of_beside = np.flatnonzero(jobs.company == self.place), np.flatnonzero(beside.company == self.place)
        person = np.concatenate([jobs.person[of_jobs], beside.person[of_beside]]).astype(np.int64)
        until = np.concatenate([jobs.until[of_jobs], beside.until[of_beside]])
        firm = np.concatenate([np.ones(len(of_jobs)), beside.strength[of_beside]]) * fading(Root.KOLS, self.days(until))
        sure = np.concatenate([jobs.sure[of_jobs], beside.sure[of_beside]])
        job = np.arange(len(person)) < len(of_jobs)
        found = Ties(person, firm, sure, job)
        return found.where((firm >= LEAST_TIE) & ~snapshot.ours[person])

    def ties(self, supposed: Supposed) -> Ties:
        """Whoever is bound to it, was somebody elsewhere."""
        found = self.all_ties
        if supposed.mover < 0 or (supposed.joined and self._there(supposed.mover)):
            return found
        if supposed.joined:
            one = Ties(np.array([supposed.mover]), np.ones(1), np.ones(1), np.ones(1, bool))
            return Ties(*(np.concatenate(columns) for columns in zip(found, one, strict=True)))
        return found.where(~(found.job & (found.person == supposed.mover)))

    @cached_property
    def rules(self) -> Rules:
        """What carries a word of theirs: nobody of ours passes it on."""
        return Rules(self.snapshot.ours)

    def carried(self, people: Ints) -> tuple[Ints, Ints, Floats]:
        """Whom these people reach: place among them, person and chance; themselves for certain."""
        key = people.tobytes()
        if key not in self._carried:
            seed, person, chance = carried_from(self.carrying.network, self.rules, people)
            own = np.arange(len(people))
            while len(self._carried) >= KEPT:
                self._carried.pop(next(iter(self._carried)), None)
            self._carried[key] = np.concatenate([own, seed]), np.concatenate([people, person]), np.concatenate([np.ones(len(people)), chance])
        return self._carried[key]

    def kols(self, supposed: Supposed) -> list[Facts]:
        """People bound to it who reach those who decide; who once worked there and decides himself counts as an ex-employee alone."""
        ties, market = self.ties(supposed), self.market
        bound, at = np.unique(ties.person, return_inverse=True)
        stay = np.ones(len(market.people), bool)
        if self._leaves(supposed):
            stay = market.people != supposed.mover
        holders, people = market.holders.only(np.flatnonzero(stay)), market.people[stay].astype(np.int64)
        seed, group, reached = reached_weight(holders, people, market.shares, *self.carried(bound))
        of_seed = np.searchsorted(seed, np.arange(len(bound) + 1))
        counts = np.diff(of_seed)[at]
        tie, pair = np.repeat(np.arange(len(at)), counts), ragged(of_seed[:-1][at], counts)
        sits = np.isin(bound[seed[pair]] * self.size + group[pair], people * self.size + holders.group)
        kept = ~(ties.job[tie] & sits)
        tie, pair = tie[kept], pair[kept]
        return [Facts.of(Root.KOLS, group[pair], ties.person[tie], ties.firm[tie] * column[pair], ties.sure[tie]) for column in reached]

    def reaching(self, numbers: Sequence[int]) -> dict[int, list[int]]:
        """Of these accounts, whoever is bound to it and reaches those who decide, who adds most first."""
        facts = self.kols(Supposed())[0]
        order = np.lexsort((facts.thing, -facts.x * facts.sure))
        found: dict[int, list[int]] = {at: [] for at in numbers}
        for row in order[np.isin(facts.account[order], np.array(numbers, np.int64))].tolist():
            if int(facts.thing[row]) not in found[int(facts.account[row])]:
                found[int(facts.account[row])].append(int(facts.thing[row]))
        return found

    def holds_on(self, people: Ints) -> Floats:
        """How firmly it holds each of these people, by all that binds them to it: 0 to 1, the roots of people as of one whose role is all."""
        dealings, jobs, ties = self.snapshot[Dealings], self.snapshot[Jobs], self.all_ties
        at = np.full(len(self.snapshot.people.do_not_contact), -1, np.int64)
        at[people] = np.arange(len(people))
        some = np.flatnonzero((dealings.company == self.place) & (at[dealings.person] >= 0))
        once = np.flatnonzero((jobs.company == self.place) & (at[jobs.person] >= 0))
        bound, tie_at = np.unique(ties.person, return_inverse=True)
        seed, person, chance = self.carried(bound)
        mine = np.flatnonzero(at[person] >= 0)
        mine = mine[np.argsort(seed[mine], kind="stable")]
        of_seed = np.searchsorted(seed[mine], np.arange(len(bound) + 1))
        counts = np.diff(of_seed)[tie_at]
        tie, pair = np.repeat(np.arange(len(tie_at)), counts), mine[ragged(of_seed[:-1][tie_at], counts)]
        kept = ~(ties.job[tie] & (ties.person[tie] == person[pair]))
        tie, pair = tie[kept], pair[kept]
        firm = ties.firm[tie] * chance[pair]
        left = fading(Root.INTERACTIONS, self.days(dealings.at[some])), fading(Root.EX_EMPLOYEES, self.days(jobs.until[once]))
        facts = Facts.joined(
            [
                Facts.of(Root.INTERACTIONS, at[dealings.person[some]], some, left[0], dealings.sure[some]),
                Facts.of(Root.EX_EMPLOYEES, at[jobs.person[once]], np.zeros(len(once), np.int64), left[1], jobs.sure[once]),
                Facts.of(Root.KOLS, at[person[pair]], ties.person[tie], firm, ties.sure[tie]),
            ]
        )
        return np.nan_to_num(exposure(roots(facts, len(people))).threat)

    @cached_property
    def selling(self) -> Floats:
        """How sure it is that each company sells the competitor's: it resells it, or is its partner; 0 for others."""
        links = self.snapshot[Links]
        now = self.days(links.until) < 0
        made = np.zeros(len(self.group))
        resells = now & np.isin(links.kind, [RESELLS, PARTNERS]) & (links.other == self.place)
        partner = now & (links.kind == PARTNERS) & (links.company == self.place)
        np.maximum.at(made, links.company[resells], links.sure[resells])
        np.maximum.at(made, links.other[partner], links.sure[partner])
        return made

    @cached_property
    def serving(self) -> Ints:
        """The rows of the links by which companies serve these accounts now."""
        links = self.snapshot[Links]
        return np.flatnonzero((links.kind == SERVES) & (self.days(links.until) < 0) & (self.group[links.other] >= 0))

    @cached_property
    def partners(self) -> Facts:
        """Those who serve the account and sell the competitor's, the more the later they were seen there."""
        links, rows = self.snapshot[Links], self.serving
        rows = rows[(self.selling[links.company[rows]] > 0) & (links.company[rows] != self.place)]
        group, partner = self.group[links.other[rows]], links.company[rows].astype(np.int64)
        return Facts.of(Root.PARTNERS, group, partner, self.activity(group, partner), links.sure[rows] * self.selling[partner])

    def activity(self, group: Ints, partner: Ints) -> Floats:
        """How active partners are at accounts, by the last event of their people with the account's; 1 where none is known."""
        dealings, jobs, size = self.snapshot[Dealings], self.snapshot[Jobs], len(self.group)
        here = np.flatnonzero(self.snapshot.present & (self.group[jobs.company] >= 0))
        seated, holder, _ = self._all_seats
        person = np.concatenate([jobs.person[here], holder])
        at = np.concatenate([self.group[jobs.company[here]], seated])
        rows = np.flatnonzero(np.isin(dealings.company, partner))
        by_person = Csr.by(person, len(self.snapshot.people.do_not_contact))
        who = dealings.person[rows]
        row = np.repeat(rows, by_person.start[who + 1] - by_person.start[who])
        pair = at[by_person.of_all(who)] * size + dealings.company[row]
        keys, place = np.unique(pair, return_inverse=True)
        last = np.full(len(keys), np.iinfo(np.int64).min)
        np.maximum.at(last, place, dealings.at[row])
        asked = group * size + partner
        found = np.minimum(np.searchsorted(keys, asked), max(len(keys) - 1, 0))
        known = keys[found] == asked if len(keys) else np.zeros(len(asked), bool)
        days = np.zeros(len(asked))
        days[known] = self.days(last[found[known]])
        return fading(Root.PARTNERS, days)

    @cached_property
    def users(self) -> Truths:
        """Which companies use one of its products now."""
        uses = self.snapshot[Uses]
        made = np.zeros(len(self.group), bool)
        made[uses.company[self.its_product[uses.product] & (self.days(uses.until) < 0)]] = True
        return made

    @cached_property
    def _peer_rows(self) -> tuple[Places, list[Ints]]:
        """All accounts, and the circles in which each is."""
        companies = self.snapshot.companies
        every = np.flatnonzero(companies.account & companies.known).astype(np.int32)
        return every, [companies.parent[every].astype(np.int64), *(codes(self.snapshot, name)[every] for name in ("industry", "province"))]

    @cached_property
    def _peers(self) -> tuple[Floats, Ints]:
        """Of each account the share of its peers that use one of its products, NaN without a peer, and how many peers."""
        every, circles = self._peer_rows
        share, count = peer_exposure(circles, self.users[every].astype(float))
        at = self.group[every]
        shares, counts = np.full(self.size, np.nan), np.zeros(self.size, np.int64)
        shares[at[at >= 0]], counts[at[at >= 0]] = share[at >= 0], count[at >= 0]
        return shares, counts

    @cached_property
    def peers(self) -> Facts:
        """Accounts of the same parent, industry or province that use its products."""
        x = DEFAULTS.peers_scale * np.nan_to_num(self._peers[0])
        return Facts.of(Root.PEERS, np.arange(self.size), np.zeros(self.size, np.int64), x, np.ones(self.size))

    def peers_using(self, numbers: Sequence[int], most: int) -> dict[int, list[int]]:
        """Of each of these accounts the places of so many peers that use its products. O(accounts) once, then O(most) an account."""
        every, circles = self._peer_rows
        using = np.flatnonzero(self.users[every])
        row_of = np.full(len(self.snapshot.companies.known), -1, np.int64)
        row_of[every] = np.arange(len(every))
        found: dict[int, set[int]] = {at: set() for at in numbers}
        for circle in circles:
            known = using[circle[using] >= 0]
            of_circle = Csr.by(circle[known], int(circle.max(initial=-1)) + 1)
            for at in numbers:
                row = row_of[self.market.places[at]]
                if row >= 0 and circle[row] >= 0:
                    found[at].update(every[known[of_circle.of(int(circle[row]))[: most + 1]]].tolist())
        return {at: sorted(some - {int(self.market.places[at])})[:most] for at, some in found.items()}

    def peer_counts(self, number: int) -> tuple[int, int]:
        """How many peers use its products, of how many."""
        share, count = self._peers
        return round(float(np.nan_to_num(share[number])) * int(count[number])), int(count[number])

    @cached_property
    def known_share(self) -> Floats:
        """How much of what could expose each account is looked at."""
        uses, links = self.snapshot[Uses], self.snapshot[Links]
        used, served = np.zeros(self.size), np.zeros(self.size)
        at = self.group[uses.company]
        used[at[at >= 0]] = 1.0
        served[self.group[links.other[self.serving]]] = 1.0
        mapped = self.market.found.known
        return known_share(np.stack([used, mapped, mapped, mapped, served, (self._peers[1] > 0).astype(float)], 1))

    def assumed(self, numbers: Ints) -> bool:
        """Whether these accounts rest on something that is assumed to have held."""
        if not self.view.assuming:
            return False
        if self.market.assumed(self.view, numbers):
            return True
        uses, links = self.snapshot[Uses], self.snapshot[Links]
        asked = np.zeros(len(self.group), bool)
        asked[self.market.places[numbers]] = True
        return bool((uses.assumed & self.its_product[uses.product]).any() or (links.assumed & asked[links.other]).any())


def codes(snapshot: Snapshot, name: str) -> Ints:
    """A number for each value of a column of companies, upper and lower case alike, -1 for none; made once a snapshot."""
    key = ("codes", name)
    if key not in snapshot.kept:
        texts: Texts = getattr(snapshot.companies, name)
        values, made = np.unique(np.array([text.strip().lower() for text in texts.list()], str), return_inverse=True)
        empty = values == ""
        snapshot.kept[key] = np.where(empty[made], -1, made) if len(values) else np.zeros(0, np.int64)
    kept: Ints = snapshot.kept[key]
    return kept
