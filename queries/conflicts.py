"""Where sources say different things of one thing: what each says, and whose word counts."""

from asyncio import gather
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import datetime
from functools import partial
from typing import Annotated

from graph.answer import Id, answer
from graph.aside import aside
from graph.conflicts import Because, Conflict, Version
from graph.conflicts import conflicts as found_among
from graph.instants import at_moment
from graph.journal import Word
from graph.page import Page, Paging, Place, cut
from graph.question import costing, for_stewards, paged
from graph.read import Reader, read
from graph.said import known_loads, things_said
from graph.sight import sight
from graph.view import View
from graph.worded import Worded
from graph.words import chinese, day, written

MOST = 10_000_000


class ThingKind(Worded):
    """Of what kind a thing is."""

    COMPANY = "Company", "An organisation."
    PERSON = "Person", "Somebody."
    PRODUCT = "Product", "A product."
    OPPORTUNITY = "Opportunity", "A deal."
    CAMPAIGN = "Campaign", "A campaign."


WHY = {
    Because.CONFIDENCE: ("{first} is surer: {sure:g} over {unsure:g}", "{first}更可信：{sure:g}高于{unsure:g}"),
    Because.AS_OF: ("{first} is of a later day: {new} over {old}", "{first}日期更晚：{new}晚于{old}"),
    Because.RECORDED: ("{first} was loaded later", "{first}载入更晚"),
    Because.SOURCE_NAME: ("{first} comes after {other} by name; nothing else tells them apart", "仅按名称，{first}排在{other}之后"),
}


@answer
class SaidBySource:
    """What one source says."""

    source: Annotated[str, "Who says it."]
    value: Annotated[str, "What it says, lists split at `;`."]
    as_of: Annotated[datetime, "When its file was true."]
    confidence: Annotated[float, "How sure it is, 0 to 1."]
    load: Annotated[Id, "The load in which it said so."]
    record_id: Annotated[Id, "By which id it names the thing."]


@answer
class SourceConflict:
    """One attribute of one thing, of which sources say different things."""

    key: Annotated[Id, "Stands for this conflict; never an id."]
    kind: Annotated[ThingKind, "Of what kind the thing is."]
    thing_id: Annotated[Id, "Its id."]
    thing_name: Annotated[str, "Its name."]
    attribute: Annotated[str, "Which attribute, as docs/model.md names it."]
    value: Annotated[str, "What counts, lists split at `;`."]
    winner: Annotated[str, "Whose word that is."]
    said: Annotated[list[SaidBySource], "What each source says, the one that counts first."]
    why: Annotated[str, "Why it counts, in the language asked for."]


@answer
class MergedRecords:
    """Which thing each record of a kind became part of: ``[record, thing]``."""

    kind: str
    entities: list[tuple[Id, Id]]


@read
async def merged_records(kinds: Sequence[str], most: int) -> list[MergedRecords]:
    """Those whose thing bears another id."""
    raise NotImplementedError


@for_stewards
@costing(100)
@paged
async def conflicts(
    store: Reader,
    view: View,
    page: Paging,
    *,
    kinds: Annotated[list[ThingKind] | None, "Only of these; default: of all."] = None,
    source: Annotated[str | None, "Only those in which this source has a say."] = None,
) -> Page[SourceConflict]:
    """Where sources contradict each other on an attribute: what each says and whose word counts, by kind and thing. Attributes are today's.

    Of single-valued dated facts, such as two managers, the map's checks tell. Reads the journal of all loads: O(rows ever said of these kinds).
    """
    wanted = sorted(set(kinds or ThingKind))
    loads, merged = await gather(known_loads(store), merged_records(store, view, wanted, MOST))
    entities = {rows.kind: dict[str, str](rows.entities) for rows in merged}
    found: list[SourceConflict] = []
    for kind in wanted:
        parts = entities.get(kind, {})
        words = await things_said(store, kind, loads)
        found += await aside(len(words), _of, kind, words, partial(_thing, parts), view.language)
    seeing = await _sight(store, view, found)
    asked = (one for one in found if (source is None or any(said.source == source for said in one.said)) and one.thing_id not in seeing[one.kind])
    return cut(((Place(one.kind.value, one.key), one) for one in asked), page)


async def _sight(store: Reader, view: View, found: Sequence[SourceConflict]) -> Mapping[ThingKind, Set[str]]:
    """Of each kind the things that may not be seen."""
    ids: dict[ThingKind, set[str]] = defaultdict(set)
    for one in found:
        ids[one.kind].add(one.thing_id)
    companies, people, products, deals = (ids[kind] for kind in (ThingKind.COMPANY, ThingKind.PERSON, ThingKind.PRODUCT, ThingKind.OPPORTUNITY))
    seeing = await sight(store, view, people=people, companies=companies, products=products, deals=deals)
    hidden = {ThingKind.COMPANY: seeing.companies, ThingKind.PERSON: seeing.people, ThingKind.PRODUCT: seeing.products}
    return {ThingKind.OPPORTUNITY: seeing.deals, ThingKind.CAMPAIGN: frozenset(), **hidden}


def _thing(parts: Mapping[str, str], record: str) -> str:
    return parts.get(record, record)


def _of(kind: ThingKind, words: Sequence[Word], of: Callable[[str], str], language: str) -> list[SourceConflict]:
    names = {of(word.row.id): word.row.values["name"] for word in sorted(words, key=lambda word: word.rank) if word.row.values.get("name")}
    return [_told(kind, conflict, names, language) for conflict in found_among(words, of)]


def _told(kind: ThingKind, conflict: Conflict, names: dict[str, str], language: str) -> SourceConflict:
    first = conflict.versions[0]
    said = [_said(version) for version in conflict.versions]
    key = Id(f"{conflict.thing} {conflict.attribute}")
    value, winner, why = said[0].value, first.source, _why(conflict, language)
    name = names.get(conflict.thing, conflict.thing)
    return SourceConflict(key, kind, Id(conflict.thing), name, conflict.attribute, value, winner, said, why)


def _said(version: Version) -> SaidBySource:
    load, row = version.word.load, version.word.row
    return SaidBySource(version.source, written(version.value), at_moment(load.as_of), row.confidence, Id(load.id), Id(row.id))


def _why(conflict: Conflict, language: str) -> str:
    first, other = conflict.versions[0], conflict.rival
    days = [day(at_moment(version.word.load.as_of).date(), language) for version in (first, other)]
    return WHY[conflict.because][chinese(language)].format(
        first=first.source,
        other=other.source,
        sure=first.word.row.confidence,
        unsure=other.word.row.confidence,
        new=days[0],
        old=days[1],
    )
