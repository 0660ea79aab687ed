"""Whose word the plain attributes of people and companies are, from the journal: source, date and confidence of each."""

from asyncio import gather
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from graph.answer import Id, answer
from graph.conflicts import Version, versions
from graph.identity import bare
from graph.instants import at_moment
from graph.journal import Word
from graph.model import source_of
from graph.question import Anchor
from graph.read import Reader
from graph.said import known_loads, things_named
from graph.view import View
from graph.words import written
from queries.anchors.identity import MOST, identity_rows

ADDRESS = "address"
UNSHOWN = frozenset({"anonymous"})
Sources = Annotated[bool, "Say whose word each plain attribute is. That reads the journal of all loads."]


@answer
class SourcedWord:
    """What one source says of an attribute."""

    value: Annotated[str, "What it says, lists split at `;`."]
    source: Annotated[str, "Who says it."]
    as_of: Annotated[datetime, "When its file was true."]
    confidence: Annotated[float, "How sure it is, 0 to 1."]
    load: Annotated[Id, "The load in which it said so."]


@answer
class Attribute(SourcedWord):
    """A plain attribute, with the word that counts."""

    attribute: Annotated[str, "Which, as docs/model.md names it; `address` for an e-mail, a phone or another id, of which each stands for itself."]
    others: Annotated[list[SourcedWord], "What other sources say of it, whose word does not count, the same or not."]


async def attributes_of(store: Reader, view: View, anchor: Anchor, ids: Sequence[str]) -> Mapping[str, list[Attribute]]:
    """Each one's attributes by name, as they count today. O(rows ever said of the kind), however many are asked for."""
    if not ids:
        return {}
    label = anchor.value
    loads, rows = await gather(known_loads(store), identity_rows(store, view, ids=ids, label=label, most=MOST))
    thing = {id_: id_ for id_ in ids} | {record[0]: row.anchor for row in rows for record in row.records}
    words = [Word(*found) async for found in things_named(store, label, loads, thing.keys())]
    told: dict[str, list[Attribute]] = defaultdict(list)
    for id_, name, said in versions(words, thing.__getitem__):
        if name not in UNSHOWN:
            told[id_].append(_attribute(name, said))
    for (id_, address), latest in _addresses(words, thing).items():
        told[id_].append(_attribute(ADDRESS, [Version(address, word) for word in latest]))
    return told


def _addresses(words: Sequence[Word], thing: Mapping[str, str]) -> dict[tuple[str, str], list[Word]]:
    """Thing and address -> the best word of each source that gives it, the best of all first."""
    found: dict[tuple[str, str], dict[str, Word]] = defaultdict(dict)
    for word in sorted(words, key=lambda word: word.rank):
        for name in set(word.row.aliases).difference(word.row.values.get("aliases") or ()):
            found[thing[word.row.id], bare(name)][source_of(word.origin)] = word
    return {place: sorted(by.values(), key=lambda word: word.rank, reverse=True) for place, by in sorted(found.items())}


def _attribute(name: str, said: Sequence[Version]) -> Attribute:
    first, *others = map(_word, said)
    return Attribute(first.value, first.source, first.as_of, first.confidence, first.load, name, others)


def _word(version: Version) -> SourcedWord:
    load, row = version.word.load, version.word.row
    return SourcedWord(written(version.value), version.source, at_moment(load.as_of), row.confidence, Id(load.id))
