"""Tags as they are told: those that people earned by what they did, and those that somebody or a system put on them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from graph.answer import Id, answer
from graph.errors import InvalidInput
from graph.instants import at_moment
from graph.measures.tags import Earned, Sign, TagKind, earned
from graph.model import source_of
from graph.question import Anchor
from graph.read import Reader
from graph.score import Evidence
from graph.scoring import Object, Scoring, Tags
from graph.view import View
from graph.worded import Worded
from graph.words import chinese
from queries.anchors.entities import told
from queries.engaging.deeds import About, Doer, doers, scoring_of

SHOWN = 10


class TagOrigin(Worded):
    """Earned by what somebody did, or typed: put on by a person or another system."""

    EARNED = "EARNED", "By what somebody did."
    TYPED = "TYPED", "Put on by a person or another system."


@answer
class Tag:
    """A word about what somebody cares about; never a role."""

    key: Annotated[Id, "Stands for this tag at this view; never an id."]
    tag: Annotated[str, "The word, as it was written first, however it is written elsewhere; of a product its name."]
    origin: Annotated[TagOrigin, "EARNED by what they did; TYPED by a person or another system."]
    kind: Annotated[TagKind | None, "TOPIC, PRODUCT, FORMAT they come to, SOURCE by which they come; null for a typed one."]
    assigned: Annotated[bool, "Enough for a tag; false for a hint, shown only where asked for."]
    confidence: Annotated[float, "How sure it is, 0 to 1."]
    weight: Annotated[float | None, "What is left of its evidence at asOf; of a typed one what its source says."]
    things: Annotated[int, "On how many independent things it rests: campaigns, and interactions outside any; 0 for a typed one."]
    first_at: Annotated[datetime | None, "The first sign of it."]
    last_at: Annotated[datetime | None, "The last one."]
    expires_at: Annotated[datetime | None, "Gone from then on unless there are new signs; null for never."]
    cause: Annotated[str | None, "Why: the weightiest sign, by which way they came, how long they stayed and where; or as typed."]
    source: Annotated[str, "Who says so."]
    evidence: Annotated[list[Evidence], "What they did, the weightiest first."]


@answer
class TagRows:
    """One row an anchor: words of its own, and tags ``[key, tag, cause, weight, at, expires, confidence, origin]``."""

    anchor: Id
    words: list[str]
    rows: list[list[Any]]


def typed(row: TagRows, view: View) -> list[Tag]:
    """What was typed."""
    rows = [_typed(*one) for one in row.rows]
    spoken = {one.tag.casefold() for one in rows}
    at = f"{row.anchor}@{view.as_of}/{view.known_at}"
    return rows + [
        Tag(Id(f"{word}/{at}"), word, TagOrigin.TYPED, None, True, 1.0, None, 0, None, None, None, None, "", [])
        for word in row.words
        if word.casefold() not in spoken
    ]


def _typed(key: str, tag: str, cause: str | None, weight: float | None, at: int | None, expires: int | None, sure: float, origin: str) -> Tag:
    when, until = (None if instant is None else at_moment(instant) for instant in (at, expires))
    return Tag(Id(key), tag, TagOrigin.TYPED, None, True, sure, weight, 0, when, when, until, cause or None, source_of(origin), [])


def tagging(store: Reader, model: str | None) -> tuple[Scoring, Tags]:
    """A model that says which tags are earned. Raises InvalidInput where it says nothing of tags."""
    scoring = scoring_of(store, model)
    if scoring.model.tags is None:
        raise InvalidInput(f"model: {scoring.name!r} says nothing of tags. Write its table [tags], or ask for another.", argument="model")
    return scoring, scoring.model.tags


async def signs_of(store: Reader, view: View, people: Sequence[str], rules: Tags) -> "Signs":
    """What these people did, with the names of the products about which it was."""
    did = await doers(store, view, people, rules.weights)
    ids = {product for doer in did.values() for one in doer.deeds.values() for product in (one.deed.about[Object.PRODUCT], *one.products) if product}
    names = {id_: facts.name for id_, facts in (await told(store, view, Anchor.PRODUCT, [Id(one) for one in sorted(ids)])).items()}
    return Signs(view, rules, did, names)


class Signs:
    """The signs of some people's interests."""

    def __init__(self, view: View, rules: Tags, did: Mapping[str, Doer], products: Mapping[Id, str]) -> None:
        self.view, self.rules, self.did, self.products = view, rules, did, products

    def earned(self, person: str) -> list[Earned]:
        """The tags and hints of one person; none of ours."""
        doer = self.did.get(person)
        if doer is None or doer.ours:
            return []
        return earned((sign for one in doer.deeds.values() for sign in self._signs(one)), self.view.as_of, self.rules)

    def _signs(self, one: About) -> Iterator[Sign]:
        about = one.deed.about
        for topic in dict.fromkeys(name for name in (about[Object.TOPIC], *one.topics) if name):
            yield Sign(TagKind.TOPIC, topic, one.deed)
        for product in dict.fromkeys(id_ for id_ in ([about[Object.PRODUCT]] if about[Object.PRODUCT] else one.products) if id_):
            yield Sign(TagKind.PRODUCT, self.products.get(Id(product), product), one.deed, product)
        if one.deed.campaign_type:
            yield Sign(TagKind.FORMAT, one.deed.campaign_type, one.deed)
        if one.utm_source:
            yield Sign(TagKind.SOURCE, one.utm_source, one.deed)

    def tag(self, person: str, found: Earned) -> Tag:
        """As it is told."""
        deeds = self.did[person].deeds
        best = deeds[found.signs[0].id]
        return Tag(
            Id(f"{found.kind.value}:{found.key}/{person}@{self.view.as_of}/{self.view.known_at}"),
            found.tag,
            TagOrigin.EARNED,
            found.kind,
            found.assigned,
            found.confidence,
            found.weight,
            len(found.of),
            at_moment(found.first),
            at_moment(found.last),
            at_moment(found.expires),
            self._cause(best),
            best.source,
            [deeds[deed.id].evidence for deed in found.signs[:SHOWN]],
        )

    def _cause(self, one: About) -> str:
        """Which deed, where, by which way and for how long."""
        zh, deed = chinese(self.view.language), one.deed
        parts = [f"{deed.type.replace('_', ' ')}: {one.campaign or one.label}"]
        parts += [one.label] if one.campaign and one.label not in (one.campaign, deed.about[Object.TOPIC], deed.type.replace("_", " ")) else []
        parts += [one.location] if one.location else []
        way = "/".join(part for part in (one.utm_source, one.utm_medium) if part)
        parts += [f"经由{way}" if zh else f"by {way}"] if way else []
        parts += [f"{deed.minutes:g}分钟" if zh else f"{deed.minutes:g} min"] if deed.minutes else []
        return ("，" if zh else ", ").join(parts)
