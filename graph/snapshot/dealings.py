"""What people took part in that concerned a competitor or a partner: its company, its product's maker, who organised its campaign, who was there."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np

from graph.answer import Id, answer
from graph.instants import OPEN_START
from graph.measures.strength import COUNTED
from graph.model import InteractionType
from graph.read import read
from graph.sight import unseen
from graph.snapshot.arrays import Floats, Ints, Places
from graph.snapshot.declare import COMPANY, PERSON, Looking, Spans

APART = [InteractionType(type_).value for type_ in ("ticket", "unsubscribe")]
"""What says nothing of being drawn to somebody: trouble with what is installed, and turning away."""
CIRCLE = 50
"""Of more people at one event that one of them works for somebody says nothing of the others (method.md 5.0)."""


@answer
class Dealings:
    """What concerned a competitor or a partner, up to the instant: a row a person, company and event, or campaign, of which the latest counts."""

    person: Annotated[Places, PERSON, "Who took part."]
    company: Annotated[Places, COMPANY, "The competitor or partner."]
    at: Annotated[Ints, np.int64, "When."]
    sure: Annotated[Floats, np.float64, "How sure the source is."]


@answer
class DealingRows:
    """One row: ``[person, company, campaign or event, at, confidence, event]``."""

    rows: list[tuple[Id, Id, str, int, float, Id]]


@read
async def snapshot_dealings(
    spans: Spans,
    companies: Sequence[str],
    products: Sequence[str],
    people: Sequence[str],
    apart: Sequence[str],
    statuses: Sequence[str],
    circle: int,
    since: int,
) -> list[DealingRows]:
    """What people in these ranges took part in that concerned these companies."""
    raise NotImplementedError


async def dealings(at: Looking, spans: Spans) -> list[Dealings]:
    """Of people in these ranges."""
    others = at.others
    if not others.companies:
        return []
    given = {"companies": sorted(others.companies), "products": sorted(others.products), "people": sorted(others.people)}
    found = await snapshot_dealings(at.store, at.view, spans, **given, apart=APART, statuses=sorted(COUNTED), circle=CIRCLE, since=OPEN_START)
    latest: dict[tuple[str, str, str], tuple[int, float]] = {}
    hidden = await unseen(at.store, at.view, {event for person, *_, event in found[0].rows if at.sight and person in at.sight.house})
    for person, company, thing, when, sure, event in found[0].rows:
        if event in hidden:
            continue
        latest[person, company, thing] = max((when, sure), latest.get((person, company, thing), (when, sure)))
    who, which, _ = zip(*latest, strict=True) if latest else ((), (), ())
    return [Dealings(who, which, [when for when, _ in latest.values()], [sure for _, sure in latest.values()])]  # type: ignore[arg-type]
