"""How exposed an account is to a competitor, and why; and where its own accounts are open to us."""

from asyncio import to_thread
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, NamedTuple

import numpy as np

from graph.answer import Id, Linked, answer
from graph.instants import OPEN_START, at_moment, moment
from graph.measures.coverage import PLACE, ROLES
from graph.measures.exposure import DEFAULTS, FORMULA, OPPORTUNITY, ROOT_PLACE, ROOTS, Root
from graph.measures.strength import COUNTED
from graph.model import BuyingRole, source_of
from graph.question import Anchor, costing, question
from graph.read import Reader, read
from graph.score import Component, Evidence, Missing, Score
from graph.sight import unseen
from graph.snapshot.dealings import APART, CIRCLE
from graph.stretch import MOST_ROWS, at_or_none
from graph.template import MAPPED_FROM
from graph.view import View, ViewUsed
from graph.worded import Worded
from graph.words import chinese, day, listed, number, role_name
from queries.committee.market import market_with
from queries.exposed.exposures import Exposures
from queries.exposed.rivals import rival_of
from queries.links import told_key
from queries.partnering.fit import partners_of
from queries.reaching.carrying import Reach

RECENT = 10
"""So many things of a kind are shown."""
LABELS = {
    Root.INSTALLED: ("installed there", "已装产品"),
    Root.INTERACTIONS: ("in touch with it", "与其往来"),
    Root.EX_EMPLOYEES: ("worked there", "曾在其任职"),
    Root.KOLS: ("its people reach the committee", "其关联人士可触达"),
    Root.PARTNERS: ("a partner at the account sells it", "在场伙伴兼售"),
    Root.PEERS: ("peers use it", "同类客户在用"),
}


HOW = {
    "job": ("works there", "任职"),
    "former job": ("worked there", "曾任职"),
    "advisor": ("advises it", "顾问"),
    "speaker": ("speaks for it", "演讲者"),
    "board": ("on its board", "董事"),
    "member": ("member", "成员"),
    "alumni": ("alumni", "校友"),
    "certificate": ("certified by it", "持其认证"),
    "author": ("writes for it", "作者"),
}
"""How somebody is bound to a competitor, in English and Chinese."""


class Entry(Worded):
    """A way into an account that a competitor holds."""

    ROLE = "ROLE", "The mapped role that the competitor holds least."
    PERSON = "PERSON", "The holder whom we reach best."
    DISSATISFACTION = "DISSATISFACTION", "A product of theirs that is not liked."
    RENEWAL = "RENEWAL", "A product of theirs that is to be renewed."
    PARTNER = "PARTNER", "A partner of ours at the account."


@answer
class EntryPoint:
    """One way into an account that a competitor holds."""

    kind: Annotated[
        Entry,
        "ROLE the mapped role that the competitor holds least; PERSON the holder whom we reach best; DISSATISFACTION as recorded; RENEWAL the next "
        "one; PARTNER one of ours at the account, first of all one that does not sell the competitor's.",
    ]
    value: Annotated[
        float | None,
        "0 to 1: how firmly the competitor holds the role; the chance of the best way to the person; how dissatisfied they are; how near the renewal "
        "is (1 today, 0 in a year); how active the partner is there.",
    ]
    role: Annotated[BuyingRole | None, "The role, or one that the person holds."]
    person: Annotated[Linked | None, Anchor.PERSON, "Whom to see; of a role a holder who may be contacted, null for none."]
    product: Annotated[Linked | None, Anchor.PRODUCT, "The product that is not liked, or up for renewal."]
    partner: Annotated[Linked | None, Anchor.COMPANY, "The partner."]
    at: Annotated[datetime | None, "The day of the renewal."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@answer
class CompetitorExposure:
    """How exposed one account is to one competitor."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    account: Annotated[Linked | None, Anchor.COMPANY, "The account; its default group decides."]
    competitor: Annotated[Linked | None, Anchor.COMPANY, "The competitor."]
    threat: Annotated[
        Score,
        "How exposed it is: a component a root, with its bound as weight; contributions are shares of what explains the whole. Null when nothing is "
        "known: that is unknown, not safe.",
    ]
    displacement: Annotated[
        Score, "How far we could displace the competitor there: installed x dissatisfaction x nearness of the renewal x our coverage."
    ]
    known_share: Annotated[
        float,
        "How much of what could expose it is looked at: the roots by their bounds; those of people by the weight of the roles that somebody is known "
        "to hold, the others by whether anything of the kind is recorded.",
    ]
    entry_points: Annotated[list[EntryPoint], "Where to begin, at an account where a product of the competitor's is in use; else none."]
    truncated: Annotated[bool, "Time ended the search for whom we reach: there may be a better way to somebody, or somebody nearer."]


@answer
class ExposureRows:
    """One row an account, as ``exposure_rows.cypher`` packs it."""

    account: Id
    installed: list[tuple[Id, Id, str, int, int, str, float | None, int | None, float | None]]
    events: list[tuple[Id, str, int, str | None, str, Id, str]]
    jobs: list[tuple[Id, Id, str, int, int, str, str | None]]
    partners: list[tuple[Id, Id, str, int, str, str, list[str], bool]]
    serving: list[tuple[Id, Id, str, int, str]]


@read
async def exposure_rows(
    accounts: Sequence[str],
    rival: Id,
    people: Sequence[str],
    statuses: Sequence[str],
    apart: Sequence[str],
    circle: int,
    recent: int,
    since: int,
    most: int,
) -> list[ExposureRows]:
    """What is recorded of these accounts, of these people who decide there, and of a competitor."""
    raise NotImplementedError


@answer
class RivalRows:
    """One row: ties ``[key, person, name, how, start, until, origin]``, and uses ``[key, company, name, product, start, origin]``."""

    ties: list[tuple[Id, Id, str, str, int, int, str]]
    used: list[tuple[Id, Id, str, str, int, str]]


@read
async def rival_rows(rival: Id, people: Sequence[str], companies: Sequence[str], since: int, most: int) -> list[RivalRows]:
    """How these people are bound to a competitor, and what these companies use of its."""
    raise NotImplementedError


@costing(30)
@question(Anchor.COMPANY)
async def competitor_exposure(
    store: Reader,
    view: View,
    accounts: Sequence[str],
    *,
    competitor: Annotated[Id, "Of which competitor, by any id or alias."],
) -> Mapping[str, CompetitorExposure]:
    """How exposed the account is to a competitor, root by root with what each rests on, and how open it is to us where the competitor is in.

    Peers and whoever reaches the committee are of the whole market, so it rests on the snapshot; what is shown is read of the account.
    """
    market = await market_with(store, view, accounts)
    rival = await rival_of(store, view, market.snapshot, competitor)
    return await told_of(store, view, await Exposures.of(market, view, rival.id), rival, range(len(market.ids)))


async def told_of(store: Reader, view: View, found: Exposures, rival: Linked, numbers: Sequence[int]) -> dict[str, CompetitorExposure]:
    """All that is to be said of these accounts of a market, by their ids. Two reads for any number of them."""
    reach = await found.carrying.reach()
    beside = await to_thread(_Beside.of, found, reach, numbers)
    ids, seated = [found.market.ids[at] for at in numbers], [found.carrying.id(person) for person in beside.held]
    read_rows = await _rows(store, view, ids, rival.id, seated)
    people, peers = (sorted({id_ for some in named.values() for id_ in some}) for named in (beside.bound, beside.peers))
    (beside_rows,) = await rival_rows(store, view, rival.id, people, peers, OPEN_START, MOST_ROWS)
    return await to_thread(_told, view, found, rival, numbers, {row.account: row for row in read_rows}, beside_rows, beside)


async def _rows(store: Reader, view: View, accounts: Sequence[Id], rival: Id, seated: Sequence[Id]) -> list[ExposureRows]:
    """What is known of each account, with the latest of what may be seen."""
    recent = RECENT if view.scope is None else MOST_ROWS
    rows = await exposure_rows(store, view, accounts, rival, seated, sorted(COUNTED), APART, CIRCLE, recent, OPEN_START, MOST_ROWS)
    hidden = await unseen(store, view, {event[0] for row in rows for event in row.events})
    return [replace(row, events=[event for event in row.events if event[0] not in hidden][:RECENT]) for row in rows] if recent != RECENT else rows


class _Beside(NamedTuple):
    """What is worked out of the whole market for all accounts that are told at once: ``held`` says how firmly the competitor holds each of their
    people; ``bound`` who is bound to it and reaches an account, ``peers`` which of its peers use its products.
    """

    reach: Reach
    held: dict[int, float]
    bound: dict[int, list[Id]]
    peers: dict[int, list[Id]]

    @classmethod
    def of(cls, found: Exposures, reach: Reach, numbers: Sequence[int]) -> "_Beside":
        """For these accounts."""
        people, companies = found.seated(numbers), found.snapshot.companies
        return cls(
            reach,
            dict(zip(people.tolist(), found.holds_on(people).tolist(), strict=True)),
            {at: [found.carrying.id(person) for person in some[:RECENT]] for at, some in found.reaching(numbers).items()},
            {at: [Id(companies.id[place]) for place in some] for at, some in found.peers_using(numbers, RECENT).items()},
        )


def _told(
    view: View, found: Exposures, rival: Linked, numbers: Sequence[int], rows: Mapping[Id, ExposureRows], beside_rows: RivalRows, beside: _Beside
) -> dict[str, CompetitorExposure]:
    partners = {Id(found.snapshot.companies.id[place]): place for place in partners_of(found.snapshot).tolist()}
    there = [(at, row[1]) for at in numbers if (one := rows.get(found.market.ids[at])) for row in one.serving if row[1] in partners]
    places = np.array([partners[partner] for _, partner in there], np.int64)
    active = dict(zip(there, found.activity(np.array([at for at, _ in there], np.int64), places).tolist(), strict=True))
    return {
        id_: _Account(view, found, rival, at, rows[id_], beside_rows, beside, active).answer()
        for at in numbers
        if (id_ := found.market.ids[at]) in rows
    }


class _Account:
    """One account of a market, with what is recorded of it."""

    def __init__(
        self,
        view: View,
        found: Exposures,
        rival: Linked,
        number: int,
        rows: ExposureRows,
        beside_rows: RivalRows,
        beside: _Beside,
        active: Mapping[tuple[int, Id], float],
    ) -> None:
        self.view, self.found, self.rival, self.at, self.rows, self.beside, self.active = view, found, rival, number, rows, beside, active
        self.zh = chinese(view.language)
        companies = found.snapshot.companies
        self.account = Linked(found.market.ids[number], companies.name[int(found.market.places[number])])
        order, peers = {id_: place for place, id_ in enumerate(beside.bound[number])}, beside.peers[number]
        seated = {job[1] for job in rows.jobs}
        self.ties = sorted(
            (tie for tie in beside_rows.ties if tie[1] in order and not (tie[3] == "job" and tie[1] in seated)),
            key=lambda tie: (order[tie[1]], -tie[5]),
        )
        self.used = [used for used in beside_rows.used if used[1] in peers]

    def answer(self) -> CompetitorExposure:
        """The answer."""
        found, view = self.found, self.view
        return CompetitorExposure(
            Id(f"{self.account.id}/exposure/{self.rival.id}@{view.as_of}/{view.known_at}"),
            view.resting(found.assumed(np.array([self.at]))),
            self.account,
            self.rival,
            self.threat(),
            self.displacement(),
            float(found.known_share[self.at]),
            self.entries(),
            not self.beside.reach.whole,
        )

    def threat(self) -> Score:
        """The score, a component a root that says anything."""
        value, low, high = (float(reading.threat[self.at]) for reading in self.found.known)
        shares, each = self.found.known[0].shares[self.at], self.found.known[0].roots[self.at]
        order = sorted(range(len(ROOTS)), key=lambda place: (-shares[place], place))
        evidence = {root: self._evidence(root) for root in ROOTS if each[ROOT_PLACE[root]] > 0}
        if np.isnan(value):
            return FORMULA.missing(Missing.NO_EVIDENCE, self._unknown())
        components = [
            Component(
                ROOTS[place].value,
                LABELS[ROOTS[place]][self.zh],
                float(each[place]),
                DEFAULTS.each[place].alpha,
                float(value * shares[place]),
                evidence[ROOTS[place]],
            )
            for place in order
            if each[place] > 0
        ]
        clauses = [
            f"{self._clause(ROOTS[place])}（占解释{number(float(shares[place]))}）"
            if self.zh
            else f"{self._clause(ROOTS[place])} ({number(float(shares[place]))})"
            for place in order
            if each[place] > 0
        ]
        if self.zh:
            why = f"{self.account.name}对{self.rival.name}的暴露度{number(value)}：" + "；".join(clauses) + "。"
        else:
            why = f"{number(value)} exposed to {self.rival.name}: " + ", ".join(clauses) + "."
        count, bounds = int(self.found.counted[self.at]), {"low": float(np.nan_to_num(low)), "high": float(np.nan_to_num(high))}
        return FORMULA.score(value, why, **bounds, count=count, components=components)

    def _unknown(self) -> str:
        if self.zh:
            return f"未见{self.account.name}与{self.rival.name}的任何关联：未知，并不等于安全。"
        return f"Nothing is known that would expose {self.account.name} to {self.rival.name}: unknown, not safe."

    def _evidence(self, root: Root) -> list[Evidence]:
        """What a root rests on, the latest first."""
        made = sorted(self._recorded(root), key=lambda one: (one.at is not None, one.at), reverse=True)
        return list({one.id: one for one in made}.values())[:RECENT]

    def _recorded(self, root: Root) -> list[Evidence]:
        if root is Root.INSTALLED:
            return [Evidence(key, "use", moment(start), name, source_of(origin)) for key, _, name, start, _, origin, *_ in self.rows.installed]
        if root is Root.INTERACTIONS:
            return [
                Evidence(id_, type_, at_moment(at), f"{name}: {label or type_.replace('_', ' ')}", source_of(origin))
                for id_, type_, at, label, origin, _, name in self.rows.events
            ]
        if root is Root.EX_EMPLOYEES:
            return [
                Evidence(key, "employment", moment(start), f"{name} ({title})" if title else name, source_of(origin))
                for key, _, name, start, _, origin, title in self.rows.jobs
            ]
        if root is Root.KOLS:
            return [
                Evidence(tie[0], "employment" if tie[3] == "job" else "affiliation", moment(tie[4]), self._bound(tie), source_of(tie[6]))
                for tie in self.ties
            ]
        if root is Root.PARTNERS:
            told: dict[Id, Evidence] = {}
            for key, _, name, start, origin, kind, refs, hidden in self.rows.partners:
                id_ = told_key(key, kind, refs, source_of(origin), hidden)
                told[id_] = Evidence(id_, "link", moment(start), f"{name} ({kind.replace('_', ' ').lower()})", source_of(origin))
            return list(told.values())
        return [Evidence(key, "use", moment(start), f"{name}: {product}", source_of(origin)) for key, _, name, product, start, origin in self.used]

    def _clause(self, root: Root) -> str:
        """What a root says, in a few words."""
        zh, language, rival = self.zh, self.view.language, self.rival.name
        if root is Root.INSTALLED:
            return listed([self._installed(row) for row in self._latest()], language)
        if root is Root.INTERACTIONS:
            last, names = self.rows.events[0], list(dict.fromkeys(event[6] for event in self.rows.events))
            when = day(at_moment(last[2]).date(), language)
            who = listed(names[:3], language)
            return f"{who}与其往来，最近一次在{when}" if zh else f"{who} in touch with it, last on {when}"
        if root is Root.EX_EMPLOYEES:
            return listed(
                [self._worked(*job[2:5]) for job in {job[1]: job for job in sorted(self.rows.jobs, key=lambda job: job[4])}.values()], language
            )
        if root is Root.KOLS:
            names = [self._bound(tie) for tie in {tie[1]: tie for tie in self.ties[::-1]}.values()][::-1]
            return f"{listed(names[:3], language)}可触达决策者" if zh else f"{listed(names[:3], language)} reaching who decides"
        if root is Root.PARTNERS:
            names = list(dict.fromkeys(row[2] for row in self.rows.partners))
            return f"在场伙伴{listed(names, language)}兼售其产品" if zh else f"partner {listed(names, language)} also sells it"
        using, peers = self.found.peer_counts(self.at)
        return f"{peers}家同类客户中{using}家在用" if zh else f"{using} of {peers} peers use {rival}"

    def _bound(self, tie: tuple[Id, Id, str, str, int, int, str]) -> str:
        """Who, and how they are bound to it."""
        how = "former job" if tie[3] == "job" and tie[5] <= self.view.as_of else tie[3]
        return f"{tie[2]}（{HOW[how][1]}）" if self.zh else f"{tie[2]} ({HOW[how][0]})"

    def _latest(self) -> list[tuple[Id, Id, str, int, int, str, float | None, int | None, float | None]]:
        """Of each product the row that held last."""
        latest: dict[Id, tuple[Id, Id, str, int, int, str, float | None, int | None, float | None]] = {}
        for row in self.rows.installed:
            latest.setdefault(row[1], row)
        return list(latest.values())

    def _installed(self, row: tuple[Id, Id, str, int, int, str, float | None, int | None, float | None]) -> str:
        _, product, name, _, until, *_ = row
        since, gone = moment(min(one[3] for one in self.rows.installed if one[1] == product)), until <= self.view.as_of
        if gone:
            return f"{name}（{at_moment(until).year}年已撤下）" if self.zh else f"{name} removed in {at_moment(until).year}"
        if since is None:
            return f"在用{name}" if self.zh else f"{name} installed"
        return f"{since.year}年起在用{name}" if self.zh else f"{name} installed since {since.year}"

    def _worked(self, name: str, start: int, until: int) -> str:
        end = moment(until) if until <= self.view.as_of else None
        if end is None:
            return f"{name}任职于{self.rival.name}" if self.zh else f"{name} works at {self.rival.name}"
        return f"{name}曾任职于{self.rival.name}（至{end.year}年）" if self.zh else f"{name} was at {self.rival.name} until {end.year}"

    def displacement(self) -> Score:
        """The product, with its factors as components; null where one of them is unknown."""
        found, zh = self.found, self.zh
        value, opening = float(found.displacement[self.at]), float(found.opening[self.at])
        installed, covered = float(found.known[0].roots[self.at, ROOT_PLACE[Root.INSTALLED]]), float(found.covered[self.at])
        factors = [
            ("INSTALLED", "在装" if zh else "installed", installed),
            ("OPENNESS", "不满与续约临近" if zh else "dissatisfaction x nearness of the renewal", None if np.isnan(opening) else opening),
            ("COVERAGE", "我方覆盖" if zh else "our coverage", None if np.isnan(covered) else covered),
        ]
        components = [Component(code, label, part, None, None, []) for code, label, part in factors]
        if not found.holds[self.at]:
            why = f"未见在用{self.rival.name}的产品。" if zh else f"No product of {self.rival.name} is known to be in use."
            return OPPORTUNITY.missing(Missing.NOT_APPLICABLE, why)
        if np.isnan(covered):
            why = "该客户尚无已知的决策角色，我方覆盖未知。" if zh else "Nobody is known to hold a role there, so our coverage is not known."
            return OPPORTUNITY.missing(Missing.UNMAPPED, why, components=components)
        if np.isnan(value):
            why = "满意度或下次续约日期未知。" if zh else "How content they are, or when it is next up for renewal, is not known."
            return OPPORTUNITY.missing(Missing.NO_EVIDENCE, why, components=components)
        if zh:
            why = f"替换机会{number(value)}：在装{number(installed)} × 松动{number(opening)} × 我方覆盖{number(covered)}。"
        else:
            why = f"Displacement {number(value)}: installed {number(installed)} x open {number(opening)} x our coverage {number(covered)}."
        return OPPORTUNITY.score(value, why, count=len(self.rows.installed), components=components)

    def entries(self) -> list[EntryPoint]:
        """Where to begin, one of a kind."""
        if not self.found.holds[self.at]:
            return []
        return [*self._people(), *self._products(), *self._partner()]

    def _people(self) -> list[EntryPoint]:
        """The role that it holds least, and the holder whom we reach best."""
        market, names, held, reach = self.found.market, self.found.carrying, self.beside.held, self.beside.reach.chance
        rows = np.flatnonzero((market.holders.group == self.at) & (market.holders.sure >= MAPPED_FROM))
        if not len(rows):
            return []
        missed: dict[BuyingRole, float] = defaultdict(lambda: 1.0)
        of_role: dict[BuyingRole, list[int]] = defaultdict(list)
        for row in rows.tolist():
            role, who = ROLES[int(market.holders.role[row])], int(market.people[row])
            missed[role] *= 1 - float(market.holders.sure[row]) * held[who]
            of_role[role].append(row)
        weighty = [role for role in missed if market.shares[self.at, PLACE[role]] > 0]
        made = []
        if weighty:
            role = min(weighty, key=lambda one: (round(1 - missed[one], 9), -market.shares[self.at, PLACE[one]], one.value))
            firm = 1 - missed[role]
            free = [row for row in of_role[role] if not market.holders.opted_out[row]]
            free.sort(key=lambda row: (-reach[market.people[row]], -market.holders.sure[row], int(market.people[row])))
            person = names.linked(int(market.people[free[0]])) if free else None
            about = role_name(role, self.view.language)
            why = (
                f"{self.rival.name}对{about}的掌握最弱（{number(firm)}）。"
                if self.zh
                else f"{self.rival.name} holds the {about} least ({number(firm)})."
            )
            made.append(EntryPoint(Entry.ROLE, firm, role, person, None, None, None, why))
        free = [row for row in rows.tolist() if not market.holders.opted_out[row] and reach[market.people[row]] > 0]
        if free:
            who = max(free, key=lambda row: (reach[market.people[row]], -int(market.people[row])))
            person, role = names.linked(int(market.people[who])), ROLES[int(market.holders.role[who])]
            near, about = float(reach[market.people[who]]), role_name(role, self.view.language)
            why = f"可触达{about}{person.name}（{number(near)}）。" if self.zh else f"We reach {person.name}, {about} ({number(near)})."
            made.append(EntryPoint(Entry.PERSON, near, role, person, None, None, None, why))
        return made

    def _products(self) -> list[EntryPoint]:
        """What is not liked, and what is up for renewal first."""
        now = [row for row in self.rows.installed if row[4] > self.view.as_of]
        made = []
        if unhappy := [row for row in now if row[8] is not None and row[8] < 0]:
            row = min(unhappy, key=lambda row: (row[8] or 0.0, row[0]))
            value = (1 - (row[8] or 0.0)) / 2
            why = f"对{row[2]}不满（{number(value)}）。" if self.zh else f"They are not content with {row[2]} ({number(value)})."
            made.append(EntryPoint(Entry.DISSATISFACTION, value, None, None, Linked(row[1], row[2]), None, None, why))
        if due := [row for row in now if row[7] is not None and row[7] >= self.view.as_of]:
            row = min(due, key=lambda row: (row[7] or 0, row[0]))
            at = at_or_none(row[7])
            near = 1 - min(1.0, -float(self.found.days(np.array([row[7]]))[0]) / DEFAULTS.renewal_days)
            when = day(at.date(), self.view.language) if at else ""
            why = f"{row[2]}于{when}到期续约。" if self.zh else f"{row[2]} is up for renewal on {when}."
            made.append(EntryPoint(Entry.RENEWAL, near, None, None, Linked(row[1], row[2]), None, at, why))
        return made

    def _partner(self) -> list[EntryPoint]:
        """A partner of ours who is there."""
        both = {row[1] for row in self.rows.partners}
        there = {row[1]: row for row in self.rows.serving if (self.at, row[1]) in self.active}
        if not there:
            return []
        active = {id_: self.active[self.at, id_] for id_ in there}
        id_ = min(there, key=lambda one: (one in both, -active[one], one))
        name, sells = there[id_][2], id_ in both
        why = f"伙伴{name}在场" if self.zh else f"Partner {name} is there"
        why += ("（兼售其产品）。" if self.zh else f", and sells {self.rival.name} too.") if sells else ("。" if self.zh else ".")
        return [EntryPoint(Entry.PARTNER, active[id_], None, None, None, Linked(id_, name), None, why)]
