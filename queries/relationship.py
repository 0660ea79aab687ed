"""How strong a relationship is, each way, what it rests on, and until when it stays so."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

import numpy as np

from graph.answer import Id, Linked, answer
from graph.errors import DottedlineError, NotFound
from graph.instants import at_moment
from graph.measures.strength import DAY, DEFAULTS, FORMULA, Warmth, days_above, strength, warmth
from graph.question import Anchor, question
from graph.read import Reader
from graph.score import Missing, Score
from graph.view import View, ViewUsed
from graph.words import chinese, day, number, numbers
from queries.anchors.entities import resolve, told
from queries.committee.covered import channel_components, contact_sentence
from queries.committee.touched import Touched, touched_by

REACHED = DEFAULTS.labels[1]


@answer
class Relationship:
    """What is between a person and one of us, or all of us as one party."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    other: Annotated[Linked | None, Anchor.PERSON, "With whom; null for us as one party."]
    score: Annotated[Score, "About the chance of a two-way contact within 30 days; a component a channel."]
    label: Annotated[Warmth, "The score in a word: below 0.15, 0.35, 0.65, and above."]
    towards_them: Annotated[float, "What went to them, weighted and decayed."]
    from_them: Annotated[float, "What came from them, weighted and decayed."]
    events: Annotated[int, "How many events count."]
    last_at: Annotated[datetime | None, "When the last one was."]
    cools_on: Annotated[datetime | None, "When the score falls to 0.35 without contact; null where it lies there already."]


@question(Anchor.PERSON)
async def relationship(
    store: Reader,
    view: View,
    people: Sequence[str],
    *,
    with_: Annotated[Id | None, "A person by any id or alias; default: all of us as one party."] = None,
) -> Mapping[str, Relationship | DottedlineError]:
    """How strong a relationship is, what went each way, and on which day it cools without contact."""
    other: Linked | None = None
    if with_ is not None:
        ids = await resolve(store, view, Anchor.PERSON, [with_], "with")
        facts = await told(store, view, Anchor.PERSON, list(ids.values()))
        if not facts:
            raise NotFound(f"No person bears the id or alias {with_!r}.", argument="with")
        other = next(Linked(one.id, one.name) for one in facts.values())
    touched = await touched_by(store, view, people)
    return {
        person: relationship_of(found if other is None else found.seen_by(other.id, other.name), person, other, view)
        for person, found in touched.items()
    }


def relationship_of(touched: Touched, person: str, other: Linked | None, view: View) -> Relationship:
    """What these events come to between a person and another, or all of us as one party where there is no other."""
    x, at = touched.x(person), touched.last_at(person)
    key = Id(f"{person}~{other.id if other else ''}@{view.as_of}/{view.known_at}")
    to_them, from_them = x.sum(1).tolist()
    value = float(strength(x[None])[0])
    channels = touched.channels(person)
    if at is None:
        score, cools = FORMULA.missing(Missing.NO_EVIDENCE, "从未有过往来。" if chinese(view.language) else "No contact is known."), None
        return Relationship(key, view.used(()), other, score, warmth(0.0), 0.0, 0.0, 0, None, None)
    days = float(days_above(np.array([x]), REACHED)[0])
    cools = at_moment(view.as_of + int(days * DAY)) if days else None
    place = touched.place[person]
    mostly = touched.ties.get(person, [])[:1] if other is None else []
    said, reached = numbers(value, REACHED) if cools else (number(value), "")
    why = contact_sentence(value, channels, touched, person, mostly, view.language, said)
    if cools:
        when = day(cools.date(), view.language)
        why += f"若不联系，{when}降到{reached}。" if chinese(view.language) else f" Down to {reached} on {when} without contact."
    components = channel_components(value, x, channels, touched, touched.alone[place], view.language)
    count = int(touched.sums.counted[place])
    score = FORMULA.score(value, why, count=count, components=components)
    return Relationship(key, view.used(()), other, score, warmth(value), to_them, from_them, count, at, cools)
