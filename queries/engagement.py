"""How much a person engaged with us: a ledger, event by event, and the same history under another model."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from graph.answer import Id, Linked, answer
from graph.errors import DottedlineError, InvalidInput
from graph.measures.engagement import Entry, Reason, figure, ledger, score
from graph.question import Anchor, question
from graph.read import Reader
from graph.score import Component, Evidence, Missing, Score
from graph.scoring import Scoring
from graph.view import View, ViewUsed
from graph.words import chinese, counted, deed_name, listed, number
from queries.anchors.entities import resolved
from queries.engaging.deeds import Doer, cell_of, doers, fit_of, scoring_of

MOST_ENTRIES = 10_000
SHOWN = 10
ModelName = Annotated[str | None, "The scoring model, as docs/scoring.md lists them; default: standard."]
Entries = Annotated[int, "At most so many entries, the latest; the sums rest on all."]
Replay = Annotated[str | None, "The same history under this model too."]


@answer
class LedgerEntry:
    """One event of which a rule speaks."""

    event: Annotated[Evidence, "What happened, and who says so."]
    about: Annotated[str | None, "The campaign, else the product, else the topic."]
    rule: Annotated[str, "By which rule of the model."]
    reason: Annotated[
        Reason,
        "COUNTED in full; CUT by the day's cap; GIVEN_BEFORE for the same thing; TOO_SHORT; NOT_HELD planned, cancelled, declined or missed; "
        "NOISE sent to many or made by a machine; OF_A_RIVAL at what a competitor held; "
        "NOT_WITH_US a message, call, meeting or visit in which none of us took part.",
    ]
    points: Annotated[float, "What the rule gives for it."]
    lifted: Annotated[float, "What that lies above what was given for the same thing before."]
    counted: Annotated[float, "How much of that the day's cap left."]
    now: Annotated[float, "What is left of it at asOf."]
    total: Annotated[float, "All counted points up to this entry."]
    total_now: Annotated[float, "What is left of those at asOf."]


@answer
class Ledger:
    """One history under one model."""

    model: Annotated[str, "The scoring model."]
    version: Annotated[str, "The model's version."]
    score: Annotated[Score, "1 - exp(-points left / scale); a component a rule."]
    points: Annotated[float, "All counted points, as if they did not fade."]
    points_now: Annotated[float, "What is left of them at asOf."]
    cell: Annotated[str | None, "Fit and engagement side by side: A1 the best, D4 the least; null where either is not known."]
    entries: Annotated[list[LedgerEntry], "The latest of them, the earliest first."]
    entry_count: Annotated[int, "How many there are in all."]


@answer
class Engagement(Ledger):
    """How much somebody engaged, apart from how well their account fits."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    fit: Annotated[Score, "What the account where they work is worth to us; engagement is no part of it."]
    account: Annotated[Linked | None, Anchor.COMPANY, "Where they work: of several jobs the surest, then the latest."]
    replay: Annotated[Ledger | None, "The same history under the model asked for by `replay`."]


@question(Anchor.PERSON)
async def engagement(
    store: Reader,
    view: View,
    people: Sequence[str],
    *,
    model: ModelName = None,
    replay: Replay = None,
    product: Annotated[Id | None, "Only what was about this product, or at a campaign for it."] = None,
    entries: Entries = 200,
) -> Mapping[str, Engagement | DottedlineError]:
    """What somebody did with us and what it is worth: rule, points, cap, decay and running total of each event."""
    most = checked(entries)
    first, other = scoring_of(store, model), None if replay is None else scoring_of(store, replay, "replay")
    only = None if product is None else (await resolved(store, view, Anchor.PRODUCT, [product], "product"))[0]
    types = first.model.types | (other.model.types if other else frozenset())
    found = await doers(store, view, people, types)
    return {person: _told(doer, view, first, other, only, most) for person, doer in found.items()}


def _told(doer: Doer, view: View, first: Scoring, other: Scoring | None, product: str | None, most: int) -> Engagement:
    employer = doer.employers[0] if doer.employers else None
    fit = fit_of(employer[2], employer[3], view.language) if employer else fit_of(None, None, view.language)
    own = _Kept(doer, view, first, fit, product, most)
    replayed = _Kept(doer, view, other, fit, product, most) if other else None
    key = Id(f"{doer.id}/engagement/{first.name}/{other.name if other else ''}/{product or ''}@{view.as_of}/{view.known_at}")
    used = view.used((start, origin) for *_, start, origin in doer.employers[:1])
    account = Linked(employer[0], employer[1]) if employer else None
    return Engagement(*own.fields(), key, used, fit, account, Ledger(*replayed.fields()) if replayed else None)


def entry_of(doer: Doer, entry: Entry) -> LedgerEntry:
    """An entry of somebody's ledger as it is told."""
    one = doer.deeds[entry.deed.id]
    about = one.campaign or next((name for name in entry.deed.about.values() if name), None)
    return LedgerEntry(one.evidence, about, entry.rule, entry.reason, *entry[3:])


def checked(entries: int) -> int:
    """How many entries are asked for. Raises InvalidInput for a number that is none."""
    if not 0 <= entries <= MOST_ENTRIES:
        raise InvalidInput(f"entries must be 0 to {MOST_ENTRIES}.", argument="entries")
    return entries


class _Kept:
    """A ledger as it is told."""

    def __init__(self, doer: Doer, view: View, scoring: Scoring, fit: Score, product: str | None, most: int) -> None:
        self.doer, self.scoring, self.model, self.language = doer, scoring, scoring.model, view.language
        self.entries = [] if doer.ours else ledger(doer.about(product), view.as_of, self.model)
        self.most = most
        self.points, self.now = (self.entries[-1].total, self.entries[-1].total_now) if self.entries else (0.0, 0.0)
        self.counting = [entry for entry in self.entries if entry.counted]
        self.value = float(score(self.now, self.model.scale))
        self.cell = cell_of(fit, figure(self.value, self.model.bands.person) if self.counting else None, self.model.bands)

    def fields(self) -> tuple[str, str, Score, float, float, str | None, list[LedgerEntry], int]:
        """The fields of a Ledger."""
        shown = [entry_of(self.doer, entry) for entry in self.entries[max(len(self.entries) - self.most, 0) :]]
        return self.scoring.name, self.model.version, self._score(), self.points, self.now, self.cell, shown, len(self.entries)

    def _score(self) -> Score:
        zh, formula = chinese(self.language), self.scoring.formula
        if self.doer.ours:
            return formula.missing(Missing.NOT_APPLICABLE, "我方人员不计互动。" if zh else "One of us: engagement is of the others.")
        if not self.counting:
            return formula.missing(Missing.NO_EVIDENCE, "没有计分的行为。" if zh else "Nothing that earns points is known.")
        by_rule: dict[str, list[Entry]] = {}
        for entry in self.counting:
            by_rule.setdefault(entry.rule, []).append(entry)
        left = {rule: sum(entry.now for entry in entries) for rule, entries in by_rule.items()}
        components = [
            Component(
                rule,
                deed_name(rule, self.language),
                float(score(left[rule], self.model.scale)),
                None,
                self.value * left[rule] / self.now if self.now else 0.0,
                [self.doer.deeds[entry.deed.id].evidence for entry in reversed(by_rule[rule][-SHOWN:])],
            )
            for rule in sorted(left, key=lambda rule: (-left[rule], rule))
        ]
        return formula.score(self.value, self._why(left), count=len(self.counting), components=components)

    def _why(self, left: Mapping[str, float]) -> str:
        zh, days = chinese(self.language), f"{self.model.half_life_days:g}"
        best = sorted(left, key=lambda rule: (-left[rule], rule))[:3]
        parts = listed([f"{deed_name(rule, self.language)} {left[rule]:.1f}" for rule in best], self.language)
        count = len(self.counting)
        if zh:
            cell = f"（{self.cell}）" if self.cell else ""
            return f"互动度{number(self.value)}{cell}：{count}件事计{self.points:g}分，现余{self.now:.1f}分（{parts}）；每{days}天减半。"
        cell = f" ({self.cell})" if self.cell else ""
        return (
            f"Engaged {number(self.value)}{cell}: {self.now:.1f} of {self.points:g} points are left from {counted(count, 'event')}, mostly {parts}; "
            f"they halve every {days} days."
        )
