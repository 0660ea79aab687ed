"""Opinion leaders among those who decide at some accounts: how far each reaches, who listens, whether we know them, and to whom they are bound."""

from asyncio import to_thread
from collections.abc import Mapping
from typing import Annotated, NamedTuple

import numpy as np

from graph.answer import Id, Linked, answer
from graph.aside import aside
from graph.filter import AccountFilter
from graph.instants import at_moment, moment
from graph.measures.kol import DEFAULTS, FORMULA, Heeded, Parts, Tier, activity, heeded, tier
from graph.measures.strength import DAY, Floats
from graph.model import ValueCircle, source_of
from graph.page import Page, Paging, Place, digest
from graph.question import Anchor, costing, paged
from graph.read import Reader
from graph.score import Component, Evidence, Missing, Score
from graph.view import View
from graph.words import chinese, number, percent
from queries.reaching.leading import SEED, Field, KolRows

MOST_SCORED = 1_000
"""So many candidates are looked at closely: those who reach, are heeded and are known the most."""
SHOWN = 10
CODES = ("REACH", "AUTHORITY", "ACCESS", "ACTIVITY", "INDEPENDENCE")
LABELS = {
    "REACH": ("reaches of the decision", "触达的决策权重"),
    "AUTHORITY": ("is heeded in the segment", "细分内的权威"),
    "ACCESS": ("is known to us", "我方可接触"),
    "ACTIVITY": ("speaks and writes", "近期发声"),
    "INDEPENDENCE": ("bound to no vendor", "独立于厂商"),
}


@answer
class Kol:
    """Somebody to whom those listen who decide."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    person: Annotated[Linked | None, Anchor.PERSON, "Who."]
    tier: Annotated[Tier, "T1 from 0.60, T2 from 0.35, T3 below; CANDIDATE with fewer than three recorded things, whatever the score."]
    circle: Annotated[ValueCircle | None, "How far their worth to us reaches, as somebody said; null for unknown."]
    score: Annotated[Score, "0.40 reach + 0.25 authority + 0.20 access + 0.10 activity + 0.05 independence, less half of a full tie to a vendor."]
    heeded_here: Annotated[int, "How many people of these accounts are said to listen to them."]
    heeded_anywhere: Annotated[int, "How many people anywhere are."]
    vendor: Annotated[Linked | None, Anchor.COMPANY, "The vendor or competitor to whom they are bound most; null for none known."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


class _Scored(NamedTuple):
    place: int
    row: KolRows
    parts: Parts
    score: float
    evidence: int


@costing(200)
@paged
async def kols(
    store: Reader,
    view: View,
    page: Paging,
    *,
    filter: Annotated[AccountFilter | None, "Among those who decide at these accounts; default: at all."] = None,
    topic: Annotated[str | None, "Heard or speaking about this, upper and lower case alike."] = None,
    circle: Annotated[ValueCircle | None, "Said to count in this circle."] = None,
    tier: Annotated[Tier | None, "Of this tier alone."] = None,
) -> Page[Kol]:
    """Opinion leaders of a segment, the best first, at most 1,000: whom the deciders of these accounts listen to, directly or over three steps.

    Of more the 1,000 who reach, are heeded and are known the most are scored, and the answer is called truncated, as where time ran out.
    """
    field = await Field.of(store, view, filter)
    people, budget = field.carrying.network.people, field.budget()
    drawn = await field.draws(SEED, budget)
    reach, access, listening = drawn.shares(people), field.access, await to_thread(_listening, field)
    if not drawn.size:
        reach = np.full(people, np.nan)
    weights = DEFAULTS.weights
    rough = weights.reach * np.nan_to_num(reach) + weights.authority * np.nan_to_num(listening.authority) + weights.access * np.nan_to_num(access)
    heard = field.candidates & ((np.nan_to_num(reach) > 0) | (listening.here > 0))
    some = await field.led(store, np.flatnonzero(heard), topic, circle)
    order = some[np.lexsort((some, -rough[some]))][:MOST_SCORED]
    rows = await field.rows(store, order.tolist(), topic)
    if topic is not None:
        listening = _about(field, rows)

    def judged() -> list[_Scored]:
        found = [_scored(field, place, rows[place], reach, access, listening, view) for place in order.tolist() if place in rows]
        return sorted((one for one in found if tier is None or _tier(one) is tier), key=lambda one: (-one.score, field.carrying.id(one.place)))

    scored = await aside(len(order), judged)
    total, shown = len(scored), scored
    if page.after:
        key, id_ = page.after
        behind = (-float(key) if isinstance(key, int | float) else 0.0, id_)
        shown = [one for one in scored if (-one.score, field.carrying.id(one.place)) > behind]
    asked = digest("kols", {"filter": filter, "topic": topic})
    told = [(Place(one.score, field.carrying.id(one.place)), _told(field, one, listening, view, asked)) for one in shown[: page.first + 1]]
    return Page(told, total, budget.spent or len(some) > MOST_SCORED)


def _listening(field: Field) -> Heeded:
    return heeded(field.carrying.network.people, *field.advice, field.segment)


def _about(field: Field, rows: Mapping[int, KolRows]) -> Heeded:
    """Who is heeded about a topic."""
    pairs = sorted({(place, at) for place, row in rows.items() for _, whom, *_ in row.heard if (at := field.carrying.place(whom)) >= 0})
    who, whom = (np.array([pair[end] for pair in pairs], np.int64) for end in (0, 1))
    return heeded(field.carrying.network.people, who, whom, field.segment)


def _tier(one: _Scored) -> Tier:
    return tier(one.score, one.evidence)


def _scored(field: Field, place: int, row: KolRows, reach: Floats, access: Floats, listening: Heeded, view: View) -> _Scored:
    days = np.array([(view.as_of - at) / DAY for _, _, at, *_ in row.talks])
    bound = max((firm for *_, firm, _, _ in (*row.ties, *row.jobs)), default=0.0)
    active = activity(days) if row.talks else np.nan
    parts = Parts(*(np.array([value]) for value in (reach[place], listening.authority[place], access[place], active, bound)))
    count = int(listening.here[place]) + len(row.talks) + int(not np.isnan(access[place]))
    return _Scored(place, row, parts, float(parts.weighed().sum()), count)


def _told(field: Field, one: _Scored, listening: Heeded, view: View, asked: str) -> Kol:
    carrying, row, zh = field.carrying, one.row, chinese(view.language)
    bound = max((*row.ties, *row.jobs), key=lambda tie: (tie[4], tie[0]), default=None)
    why = _why(field, one, listening, view)
    given = one.parts.weighed()[:, 0].tolist()
    values = [*(float(column[0]) for column in one.parts[:4]), 1 - float(one.parts.vendor[0])]
    weights = DEFAULTS.weights
    shares = (weights.reach, weights.authority, weights.access, weights.activity, weights.independence)
    evidence: dict[str, list[Evidence]] = {
        "AUTHORITY": [
            Evidence(key, "influence", moment(start), carrying.name(at), source_of(origin))
            for key, whom, start, origin, *_ in row.heard
            if (at := carrying.place(whom)) >= 0 and field.segment[at]
        ][:SHOWN],
        "ACTIVITY": [Evidence(id_, type_, at_moment(at), label or type_, source_of(origin)) for id_, type_, at, label, origin in row.talks[:SHOWN]],
        "INDEPENDENCE": [
            Evidence(key, "affiliation", moment(start), f"{name} ({kind} {number(firm)})", source_of(origin))
            for key, _, name, kind, firm, start, origin in (*row.ties, *row.jobs)
        ],
    }
    components = [
        Component(code, LABELS[code][zh], None if np.isnan(value) else value, weight, part, evidence.get(code, []))
        for code, value, weight, part in zip(CODES, values, shares, given, strict=True)
    ]
    if one.evidence:
        score = FORMULA.score(one.score, why, count=one.evidence, components=components)
    else:
        score = FORMULA.missing(Missing.NO_EVIDENCE, why, components=components)
    key = Id(f"{row.person}/kol/{asked}@{view.as_of}/{view.known_at}")
    circle = ValueCircle(row.circle) if row.circle else None
    here, anywhere = int(listening.here[one.place]), int(listening.anywhere[one.place])
    return Kol(key, carrying.linked(one.place), _tier(one), circle, score, here, anywhere, Linked(bound[1], bound[2]) if bound else None, why)


def _why(field: Field, one: _Scored, listening: Heeded, view: View) -> str:
    zh, name = chinese(view.language), field.carrying.name(one.place)
    here, parts = int(listening.here[one.place]), one.parts
    reach, access, talks = float(np.nan_to_num(parts.reach[0])), float(parts.access[0]), len(one.row.talks)
    bound = max((*one.row.ties, *one.row.jobs), key=lambda tie: (tie[4], tie[0]), default=None)
    said: list[str] = []
    if zh:
        said.append(f"{name}：触达决策权重的{percent(reach)}")
        said += [f"细分内{here}人听其意见"] if here else []
        said.append(f"与我方关系{number(access)}" if not np.isnan(access) else "与我方尚无往来")
        said += [f"发声{talks}次"] if talks else []
        said.append(f"受制于{bound[2]}（{number(bound[4])}）" if bound else "未见与厂商的关联")
        return "；".join(said) + "。"
    said.append(f"{name} reaches {percent(reach)} of the decision")
    said += [f"{here} here listen to them" if here > 1 else "one here listens to them"] if here else []
    said.append(f"known to us ({number(access)})" if not np.isnan(access) else "not known to any of us")
    said += [f"spoke {talks} times" if talks > 1 else "spoke once"] if talks else []
    said.append(f"bound to {bound[2]} ({number(bound[4])})" if bound else "no tie to a vendor in sight")
    return "; ".join(said) + "."
