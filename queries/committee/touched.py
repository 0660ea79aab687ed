"""What went between us and the people of some anchors: their events in one packed read, and what they come to."""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from graph.answer import Id, answer
from graph.aside import aside
from graph.instants import OPEN_START, at_moment
from graph.lazy import cached_property
from graph.measures.strength import CHANNEL_OF, COUNTED, DEFAULTS, Floats, Happened, strength
from graph.measures.touches import Touches, ties, touches
from graph.model import Channel, source_of
from graph.read import Reader, read
from graph.score import Evidence
from graph.sight import sight
from graph.view import View

MOST_EVENTS = 1_000_000
CROWD = 500
"""So many rows of participants are read of one event: with more it is too large to count, whatever they are."""
MOST_EVIDENCE = 10
EACH = 40
"""What is worked out of one anchor's events takes as long as so many of them, however few they are."""
CHANNELS = tuple(Channel)


@answer
class TouchRows:
    """One row an anchor: its events, each ``[id, type, at, status, direction, label, company, participants]``.

    A participant is ``[person, part, confidence, origin, until, name]``; ``until`` is the end of their last job with us, None for anybody else, and
    ``name`` is told of our own people only.
    """

    anchor: Id
    events: list[tuple[Id, str, int, str, str | None, str | None, Id | None, list[tuple[Id, str, float, str, int | None, str | None]]]]


@read
async def account_touch_rows(accounts: Sequence[str], types: list[str], statuses: list[str], since: int, crowd: int, most: int) -> list[TouchRows]:
    """The events of those who have a job at these accounts or are listed in their groups."""
    raise NotImplementedError


@read
async def person_touch_rows(ids: Sequence[str], types: list[str], statuses: list[str], since: int, crowd: int, most: int) -> list[TouchRows]:
    """The events of these people."""
    raise NotImplementedError


LIMITS: dict[str, Any] = {"types": sorted(CHANNEL_OF), "statuses": sorted(COUNTED), "since": OPEN_START, "crowd": CROWD, "most": MOST_EVENTS}


async def touched_at(store: Reader, view: View, accounts: Sequence[str]) -> dict[str, "Touched"]:
    """Account -> what went between us and its people, in one read for any number of accounts."""
    rows = await _seen(store, view, await account_touch_rows(store, view, accounts, **_limits(view)))
    return await _made(rows, view)


async def touched_by(store: Reader, view: View, people: Sequence[str]) -> dict[str, "Touched"]:
    """Person -> what they took part in, in one read for any number of people."""
    return await _made(await touches_of(store, view, people), view)


async def _made(rows: Sequence[TouchRows], view: View) -> dict[str, "Touched"]:
    size = sum(EACH + len(row.events) for row in rows)
    return await aside(size, lambda: {row.anchor: Touched.of(row, view.as_of) for row in rows})


async def touches_of(store: Reader, view: View, people: Sequence[str]) -> list[TouchRows]:
    """What these people took part in."""
    return await _seen(store, view, await person_touch_rows(store, view, people, **_limits(view)))


def _limits(view: View) -> dict[str, Any]:
    """Where some who took part are hidden, how many others did is only known of all of them."""
    return LIMITS if view.scope is None else LIMITS | {"crowd": MOST_EVENTS}


async def _seen(store: Reader, view: View, rows: list[TouchRows]) -> list[TouchRows]:
    """The events that may be seen, with whoever may be seen of those who took part."""
    if view.scope is None:
        return rows
    events = [event for row in rows for event in row.events]
    seeing = await sight(store, view, people={took[0] for *_, there in events for took in there}, companies={event[6] for event in events})
    return [
        replace(
            row,
            events=[(*event[:7], seeing.rows(event[7], 0)) for event in row.events if seeing.happened([took[0] for took in event[7]], event[6])],
        )
        for row in rows
    ]


Told = tuple[int, Id, str, str | None, str]
"""When, id, type, label and origin of an event."""


class Tie(NamedTuple):
    """One of our people who knows somebody, how well, and under which name."""

    id: Id
    name: str
    strength: float


NOTHING = np.zeros((2, len(CHANNELS)))


def stacked(sums: Sequence[Floats]) -> Floats:
    """Sums of people as one array ``[person, direction, channel]``."""
    return np.stack(sums) if sums else np.zeros((0, *NOTHING.shape))


class Touched:
    """The events of some people with us at an instant, and what they come to for each person."""

    def __init__(self, events: Sequence[Happened], told: dict[str, Told], names: dict[str, str], ours: Set[str], former: Set[str], at: int) -> None:
        self.events, self.ours, self.former, self.names, self._told, self._at = events, ours, former, names, told, at
        self.sums: Touches = touches(events, ours, former, at)
        self.place = {person: number for number, person in enumerate(self.sums.people)}

    @classmethod
    def of(cls, row: TouchRows, at: int) -> "Touched":
        """The events of one row. Ours are those who have a job with us at ``at``."""
        events, told, names, until = [], dict[str, Told](), dict[str, str](), dict[str, int]()
        for id_, type_, when, status, direction, label, _, took in row.events:
            if len(took) >= CROWD:
                continue
            people, parts, sure, origins, ends, called = zip(*took, strict=True) if took else ((),) * 6
            events.append(Happened(id_, type_, when, status, None, people, parts, sure, direction))
            told[id_] = (when, id_, type_, label, min(origins, default=""))
            for person, end, name in zip(people, ends, called, strict=True):
                if end is not None:
                    until[person], names[person] = end, name
        ours = frozenset(person for person, end in until.items() if end > at)
        return cls(events, told, names, ours, until.keys() - ours, at)

    def without(self, colleagues: Iterable[str]) -> "Touched":
        """The same events, had these people of ours left us."""
        gone = self.ours & set(colleagues)
        return Touched(self.events, self._told, self.names, self.ours - gone, self.former | gone, self._at) if gone else self

    def seen_by(self, colleague: str, name: str) -> "Touched":
        """The same events between one person and the others: who else took part stays who they are."""
        named = [event._replace(direction=None) for event in self.events]
        return Touched(named, self._told, {**self.names, colleague: name}, frozenset((colleague,)), frozenset(), self._at)

    def x(self, person: str) -> Floats:
        """The decayed sums ``[direction, channel]``, direction 0 from us and 1 from them."""
        return self.sums.x[self.place[person]] if person in self.place else NOTHING

    def closeness(self, person: str) -> float:
        """c of method.md 5.3."""
        return float(self.sums.closeness[self.place[person]]) if person in self.place else 0.0

    @cached_property
    def ties(self) -> dict[str, list[Tie]]:
        """Person -> who of us knows them, the strongest first."""
        found: dict[str, list[Tie]] = defaultdict(list)
        made = ties(self.events, self.ours, self._at)
        for person, ours, value in zip(made.people, made.ours, made.strength.tolist(), strict=True):
            found[person].append(Tie(Id(ours), self.names[ours], value))
        return dict(found)

    @cached_property
    def _counting(self) -> dict[str, dict[Channel, list[str]]]:
        """Person -> channel -> the events that count, the latest first."""
        found: dict[str, dict[Channel, list[str]]] = defaultdict(lambda: defaultdict(list))
        rows = self.sums.rows
        for row in np.lexsort((-rows.event, -rows.at, self.sums.person)).tolist():
            events = found[self.sums.people[self.sums.person[row]]][CHANNELS[rows.channel[row]]]
            event = rows.events[rows.event[row]]
            if event not in events[-1:]:
                events.append(event)
        return found

    def channels(self, person: str) -> dict[Channel, list[str]]:
        """The events that count between us and a person, by channel, the latest first."""
        return self._counting[person] if person in self.place else {}

    def evidence(self, events: Iterable[str], most: int = MOST_EVIDENCE) -> list[Evidence]:
        """Events as evidence, the latest ``most`` of them."""
        found = sorted({self._told[event] for event in events}, key=lambda told: told[:2], reverse=True)[:most]
        return [Evidence(id_, type_, at_moment(at), label or type_.replace("_", " "), source_of(origin)) for at, id_, type_, label, origin in found]

    def last_at(self, person: str) -> datetime | None:
        """When the last event that touched them was."""
        return self.last.get(person)

    @cached_property
    def last(self) -> dict[str, datetime]:
        """Whoever was touched -> when the last event was."""
        return dict(zip(self.sums.people, map(at_moment, self.sums.last_at.tolist()), strict=True))

    @cached_property
    def alone(self) -> Floats:
        """People x channels: how close each would be by this channel alone."""
        people, _, channels = self.sums.x.shape
        return strength(self.sums.x.transpose(0, 2, 1).reshape(people * channels, 2, 1)).reshape(people, channels)


def reached_by(touched: Touched, person: str) -> list[Tie]:
    """Who of us holds the contact: their own relationship is reached."""
    return [tie for tie in touched.ties.get(person, []) if tie.strength >= DEFAULTS.labels[1]]
