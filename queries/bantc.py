"""Budget, authority, need, timing and competition of an opportunity: how much is known, how fresh, what to ask next, what was known before."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from graph.answer import Id, Linked, answer
from graph.instants import at_moment, moment
from graph.measures.bantc import FIELDS, FORMULA, Reading
from graph.measures.strength import DAY
from graph.model import BuyingRole, ValueField, source_of
from graph.question import Anchor, question
from graph.read import Reader
from graph.score import Component, Evidence, Missing, Score
from graph.stretch import Head, History, Stretch, at_or_none, link, stretches
from graph.view import View, ViewUsed
from graph.words import chinese, number, role_name
from queries.dealing.deals import Deal, Said, bantc_rows, deals_of

WORDS = {
    ValueField.BUDGET: ("budget", "预算", "how much is set aside, and by whom it is released", "预算多少，由谁批"),
    ValueField.AUTHORITY: ("authority", "决策人", "who signs, and who can say no", "谁签字，谁能否决"),
    ValueField.NEED: ("need", "业务需求", "what must be different afterwards, and for whom", "之后要改变什么，为谁改变"),
    ValueField.TIMING: ("timing", "时间点", "by when it must be there, and what happens if not", "何时必须到位，否则会怎样"),
    ValueField.COMPETITION: ("competition", "竞争介入", "who else is asked, and what runs today", "还问了谁，现用什么"),
}
"""Of each field its name and its question, in English and Chinese."""


@answer
class BantcFact(Stretch):
    """What is, or was, known of one of the five."""

    field: Annotated[ValueField, "Which of the five."]
    state: Annotated[str, "unknown, assumed, stated or verified."]
    value: Annotated[str | None, "What is known."]
    at: Annotated[datetime | None, "When it was said."]
    said_by: Annotated[Linked | None, Anchor.PERSON, "Who said it."]


@answer
class BantcField:
    """One of the five as it stands at asOf."""

    field: Annotated[ValueField, "Which."]
    state: Annotated[str, "unknown, assumed, stated by a contact, or verified by a document or a second contact; the latest word counts."]
    value: Annotated[str | None, "What is known."]
    known: Annotated[float, "How well it is known now, 0 to 1: the state's level (0, 0.34, 0.67, 1) by its freshness."]
    freshness: Annotated[float, "What time left of it: it halves every 120 days."]
    age_days: Annotated[float | None, "How old the word is; null for unknown, and then it does not fade."]
    weight: Annotated[float, "Its share of the whole."]
    capped: Annotated[bool, "Authority counts as stated at most, while who approves is covered below 0.35."]
    at: Annotated[datetime | None, "When it was said, else since when it holds."]
    said_by: Annotated[Linked | None, Anchor.PERSON, "Who said it."]
    source: Annotated[str | None, "Who says so; null where nobody does."]
    confidence: Annotated[float | None, "How sure the source is."]


@answer
class NextQuestion:
    """What to ask next."""

    field: Annotated[ValueField, "About which of the five."]
    gain: Annotated[float, "What a verified answer would add to the whole."]
    text: Annotated[str, "The question, in the language asked for."]


@answer
class ApproverCoverage:
    """How close we are to who may approve."""

    role: Annotated[BuyingRole, "Of the roles with authority to approve or veto the one that is best covered."]
    coverage: Annotated[float | None, "How firmly it is held; null where nobody is known to hold one."]


@answer
class Bantc:
    """How much is known of a deal: knowledge, and no chance of winning."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    score: Annotated[Score, "The mean of the five by their weights; a component a field. Never multiply it with the amount."]
    fields: Annotated[list[BantcField], "Budget, authority, need, timing, competition, in this order."]
    weakest: Annotated[ValueField, "The one that is known least; of several the first."]
    next_question: Annotated[NextQuestion | None, "The question whose answer would add most; null where all is verified and fresh."]
    approver: Annotated[ApproverCoverage | None, "Who may approve; null where the template knows no such role."]
    facts: Annotated[list[BantcFact], "All that is said, the latest first, with all that was said before."]


@question(Anchor.OPPORTUNITY)
async def bantc(store: Reader, view: View, opportunities: Sequence[str], *, history: History = True) -> Mapping[str, Bantc]:
    """What is known of budget, authority, need, timing and competition, how well, how fresh, by whom, and what to ask next."""
    deals = await deals_of(store, view, opportunities)
    facts = await stretches(bantc_rows, store, view, list(deals), history, _fact)
    return {id_: _told(deal, view, facts.get(id_, [])) for id_, deal in deals.items()}


def _fact(head: Head, field: str, state: str, value: str | None, at: int | None, said_by: str | None, name: str | None) -> BantcFact:
    return BantcFact(*head, ValueField(field), state, value or None, at_or_none(at), link(said_by, name))


def _told(deal: Deal, view: View, facts: list[BantcFact]) -> Bantc:
    found, zh = deal.qualified, chinese(view.language)
    fields = [_field(field, found.fields[field], deal.said.get(field), view) for field in FIELDS]
    asked = None
    if found.ask:
        one = found.fields[found.ask]
        asked = NextQuestion(found.ask, one.weight * (1 - one.value), WORDS[found.ask][2 + zh])
    approver = ApproverCoverage(*deal.approver) if deal.approver else None
    committee = deal.covering.cases[deal.place].committee
    used = view.used([*committee.grounds(), *((one.start, one.origin) for one in deal.said.values())])
    key = Id(f"{deal.facts.id}/bantc@{view.as_of}/{view.known_at}")
    return Bantc(key, used, _score(deal, asked, view), fields, found.weakest, asked, approver, facts)


def _field(field: ValueField, one: Reading, said: Said | None, view: View) -> BantcField:
    when = said.when if said else None
    age = None if when is None else (view.as_of - when) / DAY
    at, state = None if when is None else at_moment(when), said.state if said else "unknown"
    by = link(said.said_by, said.name) if said else None
    source, sure = (source_of(said.origin), said.sure) if said else (None, None)
    return BantcField(field, state, said.value if said else None, one.value, one.fresh, age, one.weight, one.capped, at, by, source, sure)


def _score(deal: Deal, asked: NextQuestion | None, view: View) -> Score:
    zh, found = chinese(view.language), deal.qualified
    components = []
    for field, one in found.fields.items():
        said = deal.said.get(field)
        evidence = [Evidence(Id(said.key), "bantc", moment(said.start), said.value or said.state, source_of(said.origin))] if said else []
        components.append(Component(field.value, WORDS[field][zh], one.value, one.weight, one.weight * one.value, evidence))
    if not deal.said:
        return FORMULA.missing(Missing.NO_EVIDENCE, "五项均无人提及。" if zh else "Nothing is said of any of the five.", components=components)
    clauses = [f"{WORDS[field][zh]} {number(one.value)}" for field, one in found.fields.items()]
    why = f"已知{number(found.completeness)}：{'；'.join(clauses)}。" if zh else f"Known {number(found.completeness)}: {', '.join(clauses)}."
    if found.fields[ValueField.AUTHORITY].capped:
        role = role_name(deal.approver.role, view.language) if deal.approver else ("审批方" if zh else "the approver")
        why += f"{role}尚未覆盖，决策人至多算作已说明。" if zh else f" Authority counts as stated at most: {role} is not covered."
    if asked:
        why += f"下一问：{asked.text}？" if zh else f" Ask next {asked.text}."
    return FORMULA.score(found.completeness, why, count=len(deal.said), components=components)
