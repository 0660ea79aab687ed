"""What one request carries: the store, its data loaders, its language; and the views it looks through."""

from datetime import datetime
from typing import Any

from api.answers import Answers
from graph.instants import end_of_today, instant
from graph.page import opened
from graph.settings import Settings
from graph.store import Store
from graph.view import View


class Context:
    """One request."""

    def __init__(self, store: Store, settings: Settings, language: str = "en") -> None:
        self.store, self.settings, self.language = store, settings, language
        self.loaders: dict[Any, Any] = {}

    @property
    def answers(self) -> Answers:
        """What this process has worked out and still holds."""
        return self.store.companion(Answers)

    async def view(self, as_of: datetime | None = None, known_at: datetime | None = None, after: str | None = None) -> View:
        """The view at these instants; by default that of the cursor ``after``, else the end of today.

        Nothing is known after the last finished load, so that nobody sees half of one. Raises InvalidInput for a cursor that is none.
        """
        asked = View(0, 0).at(self._instant(as_of), self._instant(known_at))
        pinned = None if after is None else opened(after)
        at = asked.known_at if known_at is not None else pinned.known_at if pinned else None
        revision = await (self.store.revision() if at is None else self.store.revision_at(at))
        return View(
            as_of=asked.as_of if as_of is not None else pinned.as_of if pinned else end_of_today(self.settings.zone),
            known_at=revision.known_at,
            language=self.language,
            revision=revision.number,
            spoken=revision.spoken,
        )

    def _instant(self, at: datetime | None) -> int | None:
        return None if at is None else instant(at if at.tzinfo else at.replace(tzinfo=self.settings.zone))
