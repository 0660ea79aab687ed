"""A whole market at one instant: immutable columns, and what follows from them for everybody at once.

Places are the same in all parts: ``snapshot.people.id[7]`` is the person that ``7`` means in any column of people. Within a scope there is another
snapshot, of what may be seen (``scoped``).
"""

import time
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np

from graph.instants import OPEN_START
from graph.lazy import cached_property
from graph.measures.strength import DEFAULTS
from graph.snapshot.arrays import Csr, Floats, Ints, Places, Truths
from graph.snapshot.met import Pairs
from graph.snapshot.parts import Companies, Consents, Groups, Jobs, People

C = TypeVar("C")


class Stamp(NamedTuple):
    """Of which instants a snapshot is, and of which state of the graph: the number of the last finished write, and a mark of it."""

    as_of: int
    known_at: int
    head: int
    load: str


class Reached(NamedTuple):
    """Who of us holds which contact: their own relationship is reached, S at least 0.35."""

    person: Places
    colleague: Places
    strength: Floats


class Snapshot:
    """The columns of one market at one instant. ``snapshot[Jobs]`` are those of a part."""

    def __init__(self, stamp: Stamp, tables: Mapping[type, Any]) -> None:
        self.stamp, self.tables, self.since = stamp, tables, time.monotonic()
        self.kept: dict[Any, Any] = {}
        """What questions worked out of it once and may use again: by whatever tells it apart."""

    def __getitem__(self, part: type[C]) -> C:
        return cast(C, self.tables[part])

    @cached_property
    def size(self) -> int:
        """Bytes of the columns."""
        return sum(getattr(table, column.name).nbytes for table in self.tables.values() for column in fields(table))

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
    def consents(self) -> tuple[Ints, Floats]:
        """Since when everybody agreed to be contacted, the open start for unknown, and until when: of several words the surest, the latest, the
        earliest end."""
        consents = self[Consents]
        order = np.lexsort((-consents.until, consents.start, consents.sure))
        since, until = np.full(len(self.people.do_not_contact), OPEN_START, np.int64), np.full(len(self.people.do_not_contact), np.inf)
        since[consents.person[order]], until[consents.person[order]] = consents.start[order], consents.until[order]
        return since, until

    @cached_property
    def opted_out(self) -> Truths:
        """Who must not be contacted: they opted out, their legal basis bars it, or their consent is over."""
        made: Truths = self.people.do_not_contact | (self.consents[1] <= self.stamp.as_of)
        return made

    @cached_property
    def reached(self) -> tuple[Reached, Csr]:
        """Whose contacts are reached, and the rows by contact."""
        pairs, ours = self[Pairs], self.ours
        rows = (pairs.strength >= DEFAULTS.labels[1]) & (ours[pairs.first] != ours[pairs.second])
        one, other, value = pairs.first[rows], pairs.second[rows], pairs.strength[rows]
        turned = ours[other]
        person, colleague = np.where(turned, one, other), np.where(turned, other, one)
        return Reached(person, colleague, value), Csr.by(person, len(ours))

    def _those(self, people: Places) -> Truths:
        made = np.zeros(len(self.people.do_not_contact), bool)
        made[people] = True
        return made
