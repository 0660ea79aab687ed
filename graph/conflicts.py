"""Where sources say different things of one thing, which of them counts, and why. Pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from graph.journal import Known, Word
from graph.model import source_of

MOST_SHOWN = 20
"""So many contradictions of a load are shown in its report."""
KEPT = frozenset({"aliases"})
"""What all sources add to: nothing of it is lost, so that it is in no conflict."""


class Because(StrEnum):
    """What makes one word count before another, the first that differs (design, Facts)."""

    CONFIDENCE = "CONFIDENCE"
    AS_OF = "AS_OF"
    RECORDED = "RECORDED"
    SOURCE_NAME = "SOURCE_NAME"


class Version(NamedTuple):
    """What one source says of an attribute, and the word in which it does."""

    value: Any
    word: Word

    @property
    def source(self) -> str:
        """Who says it."""
        return source_of(self.word.origin)


class Conflict(NamedTuple):
    """An attribute of which sources say different things: what each says, the one that counts first."""

    thing: str
    attribute: str
    versions: list[Version]

    @property
    def rival(self) -> Version:
        """The best of those that say something else than the first."""
        return next(version for version in self.versions if _unlike(version.value, self.versions[0].value))

    @property
    def because(self) -> Because:
        """Why the first counts, and not its rival."""
        ranks = zip(Because, self.versions[0].word.rank, self.rival.word.rank, strict=False)
        return next((because for because, one, two in ranks if one != two), Because.SOURCE_NAME)


@dataclass(slots=True)
class Contradictions:
    """How often a load contradicts other sources, in how many of these its own word counts, and the first of them, each with its label."""

    count: int = 0
    won: int = 0
    first: list[tuple[str, Conflict]] = field(default_factory=list)

    def note(self, label: str, found: Iterable[Conflict], load: Known) -> None:
        """Those in which the load has a say."""
        for conflict in found:
            mine = [version for version in conflict.versions if version.word.load == load]
            if mine and any(_unlike(version.value, mine[0].value) for version in conflict.versions):
                self.count += 1
                self.won += conflict.versions[0] in mine
                if len(self.first) < MOST_SHOWN:
                    self.first.append((label, conflict))


def conflicts(said: Iterable[Word], of: Callable[[str], str]) -> Iterator[Conflict]:
    """Every conflict among these words, by thing and attribute; ``of`` says which thing an id names. O(n log n)."""
    for thing, name, told in versions(said, of):
        if name not in KEPT and any(_unlike(version.value, told[0].value) for version in told):
            yield Conflict(thing, name, told)


def versions(said: Iterable[Word], of: Callable[[str], str]) -> Iterator[tuple[str, str, list[Version]]]:
    """What each source says, by thing and attribute, the version that counts first. O(n log n).

    A source contradicts itself in none: its surest and latest word on an attribute is what it says.
    """
    told: dict[str, dict[str, dict[str, Version]]] = {}
    for word in sorted(said, key=lambda word: word.rank):
        attributes = told.setdefault(of(word.row.id), {})
        for name, value in word.row.values.items():
            if value is not None:
                attributes.setdefault(name, {})[source_of(word.origin)] = Version(value, word)
    for thing in sorted(told):
        for name, by_source in sorted(told[thing].items()):
            yield thing, name, sorted(by_source.values(), key=lambda version: version.word.rank, reverse=True)


def _unlike(one: Any, two: Any) -> bool:
    """Lists in another order say the same."""
    return sorted(map(str, one)) != sorted(map(str, two)) if isinstance(one, list) and isinstance(two, list) else bool(one != two)
