"""A group with its holders, its stances and what went between them and us: as it is known, or as somebody supposes it."""

from asyncio import gather
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import NamedTuple

import numpy as np

from graph.answer import Id
from graph.errors import DottedlineError
from graph.measures.coverage import PLACE, Holders, State, states
from graph.measures.strength import Floats, Ints, Truths
from graph.model import BuyingRole
from graph.read import Reader
from graph.view import View
from queries.committee.rows import Committee, committee_facts, committees_from
from queries.committee.touched import Touched, touched_at

STATES = tuple(State)
"""By their numbers."""


class Seat(NamedTuple):
    """Somebody who holds a role, and how sure that is."""

    person: str
    role: BuyingRole
    sure: float


class Case(NamedTuple):
    """A group with its holders, its stances and what went between them and us: as known, or as supposed."""

    committee: Committee
    touched: Touched
    seats: list[Seat]
    stances: Mapping[str, int | None]


def as_known(committee: Committee, touched: Touched) -> Case:
    """The group as it is known."""
    seats = [Seat(person, role.role, role.confidence) for person in sorted(committee.roles) for role in committee.roles[person]]
    return Case(committee, touched, seats, {person: row[3] for person, row in committee.members.items()})


def states_of(case: Case) -> dict[str, State]:
    """How everybody on the map stands with us."""
    people = list(case.committee.names)
    none = np.zeros(len(people), np.int64)
    found = states(_standing(case, people, none, none, np.zeros(len(people))))
    return dict(zip(people, map(STATES.__getitem__, found.tolist()), strict=True))


def holders_of(case: Case, seats: Sequence[Seat], group: Ints) -> Holders:
    """The arrays of these seats, as the measure takes them."""
    role, sure = np.array([PLACE[seat.role] for seat in seats], np.int64), np.array([seat.sure for seat in seats], float)
    return _standing(case, [seat.person for seat in seats], group, role, sure)


def _standing(case: Case, people: Sequence[str], group: Ints, role: Ints, sure: Floats) -> Holders:
    """What is known of these people, beside the groups and roles in which they stand."""
    sums, size = case.touched.sums, len(people)
    at = np.fromiter(map(case.touched.place.get, people, repeat(-1)), np.int64, size)
    known = at >= 0
    rows = at[known]

    def column(values: Floats | Truths) -> Floats:
        made = np.zeros(size)
        made[known] = values[rows]
        return made

    stances = {person: stance for person, stance in case.stances.items() if stance is not None}
    return Holders(
        group,
        role,
        sure,
        column(sums.closeness),
        column(sums.closest),
        np.fromiter(map(stances.get, people, repeat(np.nan)), float, size),
        known,
        column(sums.answered) > 0,
        np.fromiter(map(case.committee.barred.__contains__, people), bool, size),
    )


NOBODY = Holders(*(np.zeros(0, kind) for kind in (np.int64, np.int64, float, float, float, float, bool, bool, bool)))


def people_in(cases: Iterable[Case]) -> int:
    """How many people are in the maps of these groups together."""
    return sum(len(case.committee.names) for case in cases)


Wanted = Mapping[str, tuple[str, Id | None]]
"""What is asked for -> the account and its group, None for the default one."""


async def cases_of(store: Reader, view: View, wanted: Wanted) -> Mapping[str, Case | DottedlineError]:
    """Each group as it is known; NotFound where the account has none such, and nothing where it may not be seen. All is read at once."""
    accounts = list(dict.fromkeys(account for account, _ in wanted.values()))
    facts = committee_facts(store, view, accounts)  # the longest read goes out first: what the events come to is worked out beside it
    committees, touched = await gather(committees_from(facts, view, wanted), touched_at(store, view, accounts))
    return {name: as_known(found, touched[found.account]) if isinstance(found, Committee) else found for name, found in committees.items()}
