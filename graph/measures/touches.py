"""How near a person is to us as one party: every event between them and any of us once, whoever of us took part (method.md 5.0 and 5.3).

Pure; O(n log n) in the exchanges and vectorised over all people. Weights, decay, caps and directions are those of ``strength``.
"""

from collections.abc import Iterable, Iterator, Set
from itertools import groupby
from typing import NamedTuple

import numpy as np

from graph.instants import OPEN_END
from graph.measures.strength import (
    CHANNEL_OF,
    DAY,
    DEFAULTS,
    GIVING,
    PARTY,
    TAKING,
    Exchanges,
    Floats,
    Happened,
    Ints,
    Parameters,
    Truths,
    changes,
    decayed,
    evidence,
    exchanges,
    half_lives,
    kept,
    strength,
    summed,
    sums,
)
from graph.model import Part

TOWARDS_US = "in"


class Touches(NamedTuple):
    """What went between us and each person up to an instant: parallel arrays, a row a person who was in touch at all, in the order of their ids.

    ``x[person, direction, channel]`` are the decayed sums, direction 0 from us and 1 from them; ``closeness`` is c of method.md 5.3 and ``closest``
    the most that it ever was; ``answered`` says whether anything came from them; ``counted`` is how many events count within the caps, ``last_at``
    when the latest was, counted or not. ``rows`` are the exchanges that count, and ``person`` says of each whose it is.
    """

    people: list[str]
    x: Floats
    closeness: Floats
    closest: Floats
    answered: Truths
    counted: Ints
    last_at: Ints
    rows: Exchanges
    person: Ints


class Ties(NamedTuple):
    """How strong each of our people's relationship to a person is: parallel arrays and lists, the strongest tie of a person first."""

    people: list[str]
    ours: list[str]
    strength: Floats


class Course(NamedTuple):
    """How the evidence of some people went: a row for each instant at which something came or went, by person and then by time.

    ``person`` is a place in ``people``; ``x[row, direction, channel]`` are the decayed sums right after it; until the next row they only decay.
    """

    people: list[str]
    person: Ints
    at: Ints
    x: Floats


def touches(happened: Iterable[Happened], ours: Set[str], former: Set[str], until: int, parameters: Parameters = DEFAULTS) -> Touches:
    """Of everybody whom the people of ``ours`` met, up to ``until``. ``former`` are those who left us: what only they took part in counts nothing."""
    made = exchanges(with_us(happened, ours, former), parameters, party=ours | {PARTY})
    rows = _with_party(made, until)
    counting = kept(rows, parameters)
    found = summed(counting, parameters)
    x = found.at(until, parameters)
    answered = np.isin(found.second, rows.second[rows.back])
    last_at = np.zeros(len(made.people), np.int64)
    last_at[rows.second] = np.iinfo(np.int64).min
    np.maximum.at(last_at, rows.second, rows.at)
    people = [made.people[place] for place in found.second.tolist()]
    steps = _course(rows, parameters)
    most = np.zeros(len(people))
    np.maximum.at(most, steps.person, evidence(steps.x, parameters))
    closest = 0.0 - np.expm1(-most / parameters.kappa)
    close, person = strength(x, parameters), np.searchsorted(found.second, counting.second)
    return Touches(people, x, close, closest, answered, found.count, last_at[found.second], counting, person)


def course(happened: Iterable[Happened], ours: Set[str], former: Set[str], until: int, parameters: Parameters = DEFAULTS) -> Course:
    """The same, step by step: what ``touches`` would say right after each event up to ``until``."""
    return _course(_with_party(exchanges(with_us(happened, ours, former), parameters, party=ours | {PARTY}), until), parameters)


def _with_party(made: Exchanges, until: int) -> Exchanges:
    """What went between us as one party and others, up to an instant."""
    met = made.people[:1] == [PARTY]
    return made.where((made.first == 0) & (made.at <= until) if met else np.zeros(len(made.at), np.bool_))


def ties(happened: Iterable[Happened], ours: Set[str], until: int, parameters: Parameters = DEFAULTS) -> Ties:
    """The strength of every relationship between one of ``ours`` and somebody else, pair by pair; events whose colleague is unnamed make none."""
    made = exchanges(happened, parameters)
    own = np.array([person in ours for person in made.people], np.bool_)
    across = own[made.first] != own[made.second] if len(own) else np.zeros(0, np.bool_)
    found = sums(made.where(across), until, parameters)
    values = strength(found.at(until, parameters), parameters)
    turned = own[found.second] if len(own) else across
    person, colleague = np.where(turned, found.first, found.second), np.where(turned, found.second, found.first)
    order = np.lexsort((colleague, -values, person))
    return Ties([made.people[at] for at in person[order]], [made.people[at] for at in colleague[order]], values[order])


def with_us(happened: Iterable[Happened], ours: Set[str], former: Set[str]) -> Iterator[Happened]:
    """Events in which we took part: one of us is named, or a direction says that nobody need be.

    Where nobody is, we join as ``PARTY``, and those whose part says neither give what comes towards us and take what does not.
    """
    for event in happened:
        if not ours.isdisjoint(event.people):
            yield event
        elif event.direction and former.isdisjoint(event.people):
            inwards = event.direction == TOWARDS_US
            said, own = (Part.SENDER, Part.RECIPIENT) if inwards else (Part.RECIPIENT, Part.SENDER)
            parts = [part if part in GIVING or part in TAKING else said for part in event.parts]
            yield event._replace(people=[*event.people, PARTY], parts=[*parts, own], sure=[*event.sure, 1.0])


def met_once_more(x: Floats, parameters: Parameters = DEFAULTS) -> Floats:
    """The sums after one held meeting of two, now."""
    after = x.copy()
    meeting = CHANNEL_OF["meeting"]
    after[:, :, meeting] += parameters.ways[meeting].weight
    return after


def _course(rows: Exchanges, parameters: Parameters) -> Course:
    """People step on together, each by their own next event; what the caps leave out goes when better ones come."""
    gone = _displaced(rows, parameters)
    weight: Floats = np.array([way.weight for way in parameters.ways])[rows.channel] * rows.sure * rows.share
    stays, lost = np.flatnonzero(gone > rows.at), np.flatnonzero((gone > rows.at) & (gone < OPEN_END))
    faded = weight[lost] * 2.0 ** (-(gone[lost] - rows.at[lost]) / DAY / half_lives(parameters)[rows.channel[lost]])
    row = np.concatenate([stays, lost])
    at, amount = np.concatenate([rows.at[stays], gone[lost]]), np.concatenate([weight[stays], -faded])
    second, pair = np.unique(rows.second, return_inverse=True)
    order = np.lexsort((amount, at, pair[row]))  # what is left out at an instant goes before what comes in
    row, at, amount = row[order], at[order], amount[order]
    counts = np.bincount(pair[row], minlength=len(second))
    starts, by_length = np.cumsum(counts) - counts, np.argsort(-counts, kind="stable")
    x, last = np.zeros((len(second), 2, len(parameters.ways))), at[starts] if len(at) else at
    made = np.zeros((len(at), 2, len(parameters.ways)))
    for step in range(counts.max(initial=0)):
        live = by_length[: np.count_nonzero(counts > step)]
        now = starts[live] + step
        x[live] = decayed(x[live], (at[now] - last[live]) / DAY, parameters)
        x[live, rows.back[row[now]].astype(np.int64), rows.channel[row[now]]] += amount[now]
        last[live], made[now] = at[now], x[live]
    return Course([rows.people[place] for place in second], pair[row], at, made)


def _displaced(rows: Exchanges, parameters: Parameters) -> Ints:
    """From which instant on the caps leave each row out because better ones have come: the end of time for most."""
    once = np.array([way.once for way in parameters.ways])[rows.channel]
    gone = np.full(len(rows.at), OPEN_END, np.int64)
    keys = (rows.second, rows.back, rows.channel, np.where(once, 0, rows.at // DAY))
    order = np.lexsort((rows.event, rows.at, *reversed(keys)))
    group = np.cumsum(changes(*(key[order] for key in keys)))
    crowded = np.bincount(group)[group] > np.where(once[order], 1, parameters.daily_cap)
    if not crowded.any():
        return gone
    lasting = np.log2(np.maximum(rows.sure, 1e-300)) + rows.at / DAY / half_lives(parameters)[rows.channel]
    worth = np.where(once, lasting, rows.sure)
    for _, some in groupby(zip(group[crowded], order[crowded], strict=True), key=lambda pair: pair[0]):
        best: list[int] = []
        for _, row in some:
            best.append(int(row))
            if len(best) > (1 if once[row] else parameters.daily_cap):
                worst = max(best, key=lambda one: (-worth[one], rows.at[one], rows.event[one]))
                best.remove(worst)
                gone[worst] = rows.at[row]
    return gone
