"""Deals as they stand: their facts, how firmly the roles of their groups are held, and what is known of the five."""

from asyncio import gather
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from graph.answer import Id
from graph.instants import OPEN_START
from graph.measures.bantc import FIELDS, Known, Qualified, qualified
from graph.measures.coverage import State
from graph.measures.strength import DAY
from graph.model import Authority, BuyingRole, ValueField
from graph.question import Anchor
from graph.read import Reader, read
from graph.stretch import MOST_ROWS, Packed
from graph.template import wanted
from graph.view import View
from queries.anchors.entities import told
from queries.anchors.opportunity import OpportunityFacts
from queries.committee.cases import Case, cases_of
from queries.committee.covered import Covering

APPROVING = {Authority.APPROVE, Authority.VETO}
STRETCH = 500
"""So many deals are looked at at once."""


@read
async def bantc_rows(ids: Sequence[str], since: int, most: int) -> list[Packed]:
    """Their rows."""
    raise NotImplementedError


class Said(NamedTuple):
    """The latest word about a field."""

    key: str
    start: int
    origin: str
    sure: float
    state: str
    value: str | None
    at: int | None
    said_by: str | None
    name: str | None

    @property
    def when(self) -> int | None:
        """When it was said, else since when it holds; None where neither is known."""
        return self.at if self.at is not None else None if self.start == OPEN_START else self.start


class Approver(NamedTuple):
    """Of the roles that may approve the one that is best covered, and how well; None where nobody is known to hold it."""

    role: BuyingRole
    coverage: float | None


class Deal(NamedTuple):
    """One deal. ``place`` is that of its group in ``covering``."""

    facts: OpportunityFacts
    covering: Covering
    place: int
    said: Mapping[ValueField, Said]
    approver: Approver | None
    qualified: Qualified

    @property
    def reached(self) -> int:
        """How many holders of a role of its group are close to us."""
        rows = self.covering.rows(self.place)
        firm = {self.covering.person(row) for row in range(rows.start, rows.stop) if self.covering.found.holders[row] <= State.COVERED}
        return len(firm)

    @property
    def last_touch(self) -> int | None:
        """When anything last went between us and somebody of its group; None for never."""
        case = self.covering.cases[self.place]
        people = {seat.person for seat in case.seats} | set(case.committee.members)
        sums = case.touched.sums
        return max((int(sums.last_at[case.touched.place[person]]) for person in people if person in case.touched.place), default=None)


async def deals_of(store: Reader, view: View, ids: Sequence[str]) -> dict[str, Deal]:
    """Deal -> as it stands; hidden and unknown ones are missing. A few reads for any number of deals."""
    facts = await told(store, view, Anchor.OPPORTUNITY, [Id(one) for one in ids])
    wants: dict[str, tuple[str, Id | None]] = {id_: (one.company.id, one.group_id) for id_, one in facts.items() if one.company}
    cases, rows = await gather(cases_of(store, view, wants), bantc_rows(store, view, list(facts), view.as_of + 1, MOST_ROWS))
    known = {id_: case for id_, case in cases.items() if isinstance(case, Case)}
    covering = Covering(list(known.values()), view.language)
    said = {packed.anchor: _latest(packed) for packed in rows}
    made = {}
    for place, id_ in enumerate(known):
        approver = _approver(covering, place)
        words = said.get(Id(id_), {})
        days = {field: Known(one.state, None if one.when is None else (view.as_of - one.when) / DAY) for field, one in words.items()}
        found = qualified(days, approver.coverage if approver else None)
        made[id_] = Deal(facts[Id(id_)], covering, place, words, approver, found)
    return made


def _latest(packed: Packed) -> Mapping[ValueField, Said]:
    """Of each field the latest word, of equally late ones the surest."""
    found: dict[ValueField, Said] = {}
    for key, start, _, origin, sure, field, state, value, at, said_by, name in packed.rows:
        one = Said(key, start, origin, sure, state, value or None, at, said_by, name)
        before = found.get(ValueField(field))
        if ValueField(field) in FIELDS and (before is None or _rank(one) > _rank(before)):
            found[ValueField(field)] = one
    return found


def _rank(one: Said) -> tuple[int, float, str]:
    return (OPEN_START if one.when is None else one.when, one.sure, one.key)


def _approver(covering: Covering, place: int) -> Approver | None:
    """Of the roles that may approve by the template, or by what is said of a holder, the best covered one."""
    committee = covering.cases[place].committee
    may = {role for role in committee.template if wanted(committee.template, role).authority in APPROVING}
    may |= {held.role for roles in committee.roles.values() for held in roles if held.authority in APPROVING}
    each = [Approver(role, covering.value(place, role)) for role in covering.roles(place) if role in may]
    return max(each, key=lambda one: -1.0 if one.coverage is None else one.coverage, default=None)
