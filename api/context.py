"""What one request carries: the store, its data loaders, its language; and the views it looks through."""

from datetime import datetime
from typing import Any

from graph.instants import end_of_today, instant
from graph.settings import Settings
from graph.store import Store
from graph.view import View


class Context:
    """One request."""

    def __init__(self, store: Store, settings: Settings, language: str = "en") -> None:
        self.store, self.settings, self.language = store, settings, language
        self.loaders: dict[Any, Any] = {}

    async def view(self, as_of: datetime | None = None, known_at: datetime | None = None) -> View:
        """The view at these instants; by default the end of today.

        What was known is the last load finished by then, so that nobody sees half a load.
        """
        asked = View(0, 0).at(self._instant(as_of), self._instant(known_at))
        revision = await (self.store.revision() if known_at is None else self.store.revision_at(asked.known_at))
        return View(
            as_of=end_of_today(self.settings.zone) if as_of is None else asked.as_of,
            known_at=revision.known_at,
            language=self.language,
            revision=revision.number,
            known_since=revision.known_since,
        )

    def _instant(self, at: datetime | None) -> int | None:
        return None if at is None else instant(at if at.tzinfo else at.replace(tzinfo=self.settings.zone))
