"""A whole market at one instant: immutable columns, and what follows from them for everybody at once.

Places are the same in all parts: ``snapshot.people.id[7]`` is the person that ``7`` means in any column of people. Whom a question may see is applied
when it asks, by masks (``visible``).
"""

from collections.abc import Mapping
from enum import IntEnum
from functools import cached_property
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np

from graph.instants import OPEN_START
from graph.measures.strength import DAY, DEFAULTS
from graph.model import Affiliation, Influence
from graph.snapshot.arrays import Codes, Csr, Floats, Ints, Places, Truths
from graph.snapshot.met import Pairs
from graph.snapshot.parts import AFFILIATION, INFLUENCE, Affiliations, Companies, Consents, Groups, Influences, Jobs, Lines, People
from graph.view import View

C = TypeVar("C")
YEAR = 365 * DAY
LARGEST = 50
"""So many may have been at one place at a time for that to tell anything of two of them (method.md 5.0)."""


class Stamp(NamedTuple):
    """Of which instants a snapshot is, and of which state of the graph: the number of the last finished write, and a mark of it."""

    as_of: int
    known_at: int
    head: int
    load: str


class EdgeKind(IntEnum):
    """Why one person can get another's attention."""

    INTERACTION = 0
    ADVISES = 1
    MANAGES = 2
    REPORTS = 3
    CO_AFFILIATION = 4


class Edges(NamedTuple):
    """All that can carry influence from one person to another, several rows for two people where there are several reasons.

    ``value`` is the raw ingredient of ``kind``: S of INTERACTION (a row each way); strength x confidence of ADVISES; the line's confidence of MANAGES
    (manager to report) and REPORTS (report to manager), ``dotted`` or solid; years together of CO_AFFILIATION (a row each way). ``forward`` and
    ``reverse`` hold the rows by source and by target.
    """

    source: Places
    target: Places
    kind: Codes
    value: Floats
    dotted: Truths
    forward: Csr
    reverse: Csr


class Opposing(NamedTuple):
    """Who opposes whom; never part of a path."""

    source: Places
    target: Places
    value: Floats


class Reached(NamedTuple):
    """Who of us holds which contact: their own relationship is reached, S at least 0.35."""

    person: Places
    colleague: Places
    strength: Floats


class Snapshot:
    """The columns of one market at one instant. ``snapshot[Jobs]`` are those of a part."""

    def __init__(self, stamp: Stamp, tables: Mapping[type, Any]) -> None:
        self.stamp, self.tables = stamp, tables
        self.kept: dict[Any, Any] = {}
        """What questions worked out of it once and may use again: by whatever tells it apart."""

    def __getitem__(self, part: type[C]) -> C:
        return cast(C, self.tables[part])

    @property
    def people(self) -> People:
        """Everybody."""
        return self[People]

    @property
    def companies(self) -> Companies:
        """Every organisation."""
        return self[Companies]

    @property
    def groups(self) -> Groups:
        """Every buying group."""
        return self[Groups]

    def visible(self, view: View) -> Truths:
        """Which companies may be seen: those within the view's scope."""
        if view.scope is None:
            return np.ones(len(self.companies.known), bool)
        _, territory = self._territories
        return np.isin(territory, [self._territories[0][id_] for id_ in view.scope if id_ in self._territories[0]])

    def visible_people(self, view: View) -> Truths:
        """Who may be seen: our own people, whoever has no job, and whoever has one at a company that may be seen."""
        seen = np.ones(len(self.people.do_not_contact), bool)
        if view.scope is None:
            return seen
        jobs, now, companies = self[Jobs], self.present, self.visible(view)
        seen[jobs.person[now]] = False
        seen[jobs.person[now & companies[jobs.company]]] = True
        return seen | self.ours

    @cached_property
    def _territories(self) -> tuple[dict[str, int], Ints]:
        """Territory -> its number, and the number of each company's."""
        numbers: dict[str, int] = {}
        of = [numbers.setdefault(id_, len(numbers)) for id_ in self.companies.territory.list()]
        return numbers, np.array(of, np.int64)

    @cached_property
    def present(self) -> Truths:
        """Which of the jobs are held at the instant."""
        return self[Jobs].until > self.stamp.as_of

    @cached_property
    def ours(self) -> Truths:
        """Who works for us."""
        jobs = self[Jobs]
        return self._those(jobs.person[self.present & self.companies.us[jobs.company]])

    @cached_property
    def former(self) -> Truths:
        """Who did once and does no more."""
        jobs = self[Jobs]
        made: Truths = self._those(jobs.person[self.companies.us[jobs.company]]) & ~self.ours
        return made

    @cached_property
    def others(self) -> Truths:
        """Which companies are competitors or partners."""
        made: Truths = self.companies.competitor | self.companies.partner
        return made

    @cached_property
    def of_competitors(self) -> Truths:
        """Who works for a competitor of ours."""
        jobs = self[Jobs]
        return self._those(jobs.person[self.present & self.companies.competitor[jobs.company]])

    @cached_property
    def employer(self) -> Places:
        """Where each person works: of several jobs the surest, then the latest; -1 for nowhere."""
        jobs = self[Jobs]
        rows = np.flatnonzero(self.present)
        rows = rows[np.lexsort((jobs.company[rows], jobs.start[rows], jobs.sure[rows]))]
        made = np.full(len(self.people.do_not_contact), -1, np.int32)
        made[jobs.person[rows]] = jobs.company[rows]  # the last row of a person stays
        return made

    @cached_property
    def opted_out(self) -> Truths:
        """Who must not be contacted: they opted out, or their consent is over (of several words the surest, the latest, the earliest end)."""
        consents = self[Consents]
        order = np.lexsort((-consents.until, consents.start, consents.sure))
        until = np.full(len(self.people.do_not_contact), np.inf)
        until[consents.person[order]] = consents.until[order]
        made: Truths = self.people.do_not_contact | (until <= self.stamp.as_of)
        return made

    @cached_property
    def edges(self) -> Edges:
        """What can carry influence. O(n log n) once a process."""
        pairs, lines, sways = self[Pairs], self[Lines], self[Influences]
        advises = sways.kind == INFLUENCE.words.index(Influence.ADVISES)
        one, other, years = self._together
        dotted = lines.line == 1
        no = np.zeros
        parts: list[tuple[Any, Any, EdgeKind, Any, Any]] = [
            (pairs.first, pairs.second, EdgeKind.INTERACTION, pairs.strength, no(len(pairs.first), bool)),
            (pairs.second, pairs.first, EdgeKind.INTERACTION, pairs.strength, no(len(pairs.first), bool)),
            (
                sways.person[advises],
                sways.swayed[advises],
                EdgeKind.ADVISES,
                (sways.strength * sways.sure)[advises],
                no(int(advises.sum()), bool),
            ),
            (lines.manager, lines.person, EdgeKind.MANAGES, lines.sure, dotted),
            (lines.person, lines.manager, EdgeKind.REPORTS, lines.sure, dotted),
            (one, other, EdgeKind.CO_AFFILIATION, years, no(len(one), bool)),
            (other, one, EdgeKind.CO_AFFILIATION, years, no(len(one), bool)),
        ]
        kind = np.repeat(np.array([part[2] for part in parts], np.int8), [len(part[0]) for part in parts])
        source, target, value, dots = (np.concatenate([part[at] for part in parts]) for at in (0, 1, 3, 4))
        size = len(self.people.do_not_contact)
        return Edges(source, target, kind, value, dots, Csr.by(source, size), Csr.by(target, size))

    @cached_property
    def opposing(self) -> Opposing:
        """Who opposes whom."""
        sways = self[Influences]
        rows = sways.kind == INFLUENCE.words.index(Influence.OPPOSES)
        return Opposing(sways.person[rows], sways.swayed[rows], (sways.strength * sways.sure)[rows])

    @cached_property
    def reached(self) -> tuple[Reached, Csr]:
        """Whose contacts are reached, and the rows by contact."""
        pairs, ours = self[Pairs], self.ours
        rows = (pairs.strength >= DEFAULTS.labels[1]) & (ours[pairs.first] != ours[pairs.second])
        one, other, value = pairs.first[rows], pairs.second[rows], pairs.strength[rows]
        turned = ours[other]
        person, colleague = np.where(turned, one, other), np.where(turned, other, one)
        return Reached(person, colleague, value), Csr.by(person, len(ours))

    @cached_property
    def _together(self) -> tuple[Places, Places, Floats]:
        """Who was at one place with whom for a year or more, where they are not both now, and for how long (method.md 5.5).

        A stay without a known start counts for nothing; of larger circles than ``LARGEST`` at a place nothing is said.
        """
        jobs, beside = self[Jobs], self[Affiliations]
        alumni = beside.kind == AFFILIATION.words.index(Affiliation("alumni"))
        person = np.concatenate([jobs.person, beside.person[alumni]])
        place = np.concatenate([jobs.company, beside.company[alumni]])
        start = np.concatenate([jobs.start, beside.start[alumni]])
        until = np.minimum(np.concatenate([jobs.until, beside.until[alumni]]), self.stamp.as_of)
        here = np.unique(jobs.person[self.present].astype(np.int64) * len(self.companies.known) + jobs.company[self.present])
        now = np.isin(person.astype(np.int64) * len(self.companies.known) + place, here)
        stays = np.flatnonzero((start > OPEN_START) & (until - start >= YEAR))
        stays = stays[(np.bincount(place[stays]) <= LARGEST)[place[stays]]] if len(stays) else stays
        stays = stays[np.argsort(place[stays], kind="stable")]
        counts = np.bincount(place[stays]) if len(stays) else np.zeros(1, np.int64)
        after = np.cumsum(counts)[place[stays]] - np.arange(len(stays)) - 1
        left = np.repeat(np.arange(len(stays)), after)
        right = left + 1 + np.arange(len(left)) - np.repeat(np.cumsum(after) - after, after)
        a, b = stays[left], stays[right]
        lasted = np.minimum(until[a], until[b]) - np.maximum(start[a], start[b])
        fits = (lasted >= YEAR) & (person[a] != person[b]) & ~(now[a] & now[b])
        a, b, lasted = a[fits], b[fits], lasted[fits]
        one, other = np.minimum(person[a], person[b]), np.maximum(person[a], person[b])
        order = np.lexsort((-lasted, other, one))
        first = np.ones(len(order), bool)
        first[1:] = (one[order][1:] != one[order][:-1]) | (other[order][1:] != other[order][:-1])
        best = order[first]
        return one[best], other[best], lasted[best] / YEAR

    def _those(self, people: Places) -> Truths:
        made = np.zeros(len(self.people.do_not_contact), bool)
        made[people] = True
        return made
