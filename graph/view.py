"""View: what a question looks at. The one place that knows the two clocks and the scope."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Annotated

from graph.answer import answer
from graph.errors import InvalidInput
from graph.instants import OPEN_START, at_moment, end_of_today, now
from graph.model import source_of

LANGUAGES = ("en", "zh-CN")


@answer
class ViewUsed:
    """The instants and the revision an answer rests on."""

    as_of: Annotated[datetime, "True in the world at this instant."]
    known_at: Annotated[datetime, "Known to us at this instant."]
    revision: Annotated[int, "Number of the last finished load that counts."]
    assumed: Annotated[bool, "The answer rests on something without a start, of a source that first spoke of a later instant: assumed to have held."]


@dataclass(frozen=True, slots=True)
class View:
    """True in the world at ``as_of``, known to us at ``known_at``, within ``scope``.

    Both clocks are instants (microseconds since 1970). ``scope`` holds the territory ids that may be seen, None for everything; to who is no
    ``steward`` small counts of a partner's accounts are not told; ``revision`` is the last finished load at ``known_at`` and ``spoken`` says of which
    instant each source spoke first. What may be seen is told at ``asked``, both clocks of the question, wherever it looks besides; None for its own.
    """

    as_of: int
    known_at: int
    scope: tuple[str, ...] | None = None
    steward: bool = True
    language: str = "en"
    revision: int = 0
    spoken: Mapping[str, int] = field(default_factory=dict, hash=False)
    asked: tuple[int, int] | None = None

    def parameters(self) -> dict[str, object]:
        """What every read gets; a read takes those that it names."""
        seen_at, seen_known = self.asked or (self.as_of, self.known_at)
        return {
            "as_of": self.as_of,
            "known_at": self.known_at,
            "everywhere": self.scope is None,
            "territories": list(self.scope or ()),
            "granted": bool(self.scope),
            "seen_at": seen_at,
            "seen_known": seen_known,
        }

    def at(self, as_of: int | None, known_at: int | None) -> "View":
        """The same view at other instants, None for unchanged. Raises InvalidInput for a ``knownAt`` in the future."""
        if known_at is not None and known_at > now():
            raise InvalidInput("knownAt lies in the future: nothing is known from there. Leave it out for what is known now.", argument="knownAt")
        asked = None if self.scope is None else self.asked or (self.as_of, self.known_at)
        return replace(self, as_of=self.as_of if as_of is None else as_of, known_at=self.known_at if known_at is None else known_at, asked=asked)

    def clock(self, zone: tzinfo) -> int:
        """Now, where minutes count: this very instant where ``as_of`` lies in the rest of today, as it does by default; else ``as_of``."""
        at = now()
        return at if at < self.as_of <= end_of_today(zone, at_moment(at)) else self.as_of

    @property
    def assuming(self) -> frozenset[str]:
        """Sources that first spoke of a later instant: what they say without a start is assumed to have held then already."""
        return frozenset(source for source, first in self.spoken.items() if self.as_of < first)

    def used(self, facts: Iterable[tuple[int, str]]) -> ViewUsed:
        """What the answer says of the view; ``facts`` are the starts and origins of what it rests on."""
        assuming = self.assuming
        return self.resting(bool(assuming) and any(start == OPEN_START and source_of(origin) in assuming for start, origin in facts))

    def resting(self, assumed: bool) -> ViewUsed:
        """What the answer says of the view, where it is known whether it rests on something assumed."""
        return ViewUsed(at_moment(self.as_of), at_moment(self.known_at), self.revision, assumed)
