"""What one request carries: the store, who asks, its data loaders, its language; and the views it looks through."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from api.answers import Answers
from graph.aside import Turns
from graph.errors import DottedlineError
from graph.instants import OPEN_END, end_of_today, instant
from graph.model import GrantRole
from graph.mutation import Desk
from graph.page import opened
from graph.principal import Principal, Scope, local_steward
from graph.settings import Settings
from graph.store import Revision, Store
from graph.view import View
from loaders import identity
from queries.anchors.seen import seen


class Context:
    """One request. Without a ``principal`` the one who runs this process asks.

    ``forgotten`` gets what tells whether a text names somebody whom the request erased.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        language: str = "en",
        principal: Principal | None = None,
        forgotten: list[Callable[[str], bool]] | None = None,
    ) -> None:
        self.store, self.settings, self.language = store, settings, language
        self.principal = principal or local_steward()
        self.loaders: dict[Any, Any] = {}
        self.turns = Turns()
        self._forgotten: list[Callable[[str], bool]] = [] if forgotten is None else forgotten
        self._revision: Revision | None = None

    @property
    def answers(self) -> Answers:
        """What this process has worked out and still holds."""
        return self.store.companion(Answers)

    async def overtaken(self) -> bool:
        """Whether a write has ended, as far as this process has heard, since the request first looked."""
        with contextlib.suppress(DottedlineError):
            return self._revision is not None and (await self.store.revision()).number > self._revision.number
        return False

    def renew(self) -> None:
        """Forgets what was looked up, since something was written: what is asked after that sees what was written."""
        self.loaders.clear()
        self._revision = None

    async def view(
        self, as_of: datetime | None = None, known_at: datetime | None = None, after: str | None = None, role: GrantRole = GrantRole.VIEWER
    ) -> View:
        """The view at these instants, of where the principal has this role; by default that of the cursor ``after``, else the end of today.

        Nothing is known after the last finished load, so that nobody sees half of one. Raises InvalidInput for a cursor that is none.
        """
        asked = View(0, 0).at(self._instant(as_of), self._instant(known_at))
        pinned = None if after is None else opened(after)
        at = asked.known_at if known_at is not None else pinned.known_at if pinned else None
        revision = await (self._newest() if at is None else self.store.revision_at(at))
        scope = self.principal.scope(role)
        return View(
            as_of=asked.as_of if as_of is not None else pinned.as_of if pinned else end_of_today(self.settings.zone),
            known_at=revision.known_at,
            scope=scope,
            steward=self.principal.stewards(scope),
            language=self.language,
            revision=revision.number,
            spoken=revision.spoken,
        )

    async def _newest(self) -> Revision:
        """The last finished load when the request first looked: all of its answer is of one revision."""
        if self._revision is None:
            found = await self.store.revision()
            self._revision = self._revision or found
        return self._revision

    @property
    def desk(self) -> Desk:
        """What mutations need, in the name of who asks."""
        patience = self.settings.waiting_seconds
        return Desk(self.store, identity, principal=self.principal, seen=self._seen, patience=patience, forgotten=self._forgotten.append)

    async def _seen(self, scope: Scope, label: str, name: str) -> str | None:
        newest = await self.store.revision_at(OPEN_END)
        view = replace(await self.view(), scope=scope, known_at=newest.known_at, revision=newest.number)
        return (await seen(self.store, view, label, [name])).get(name)

    def _instant(self, at: datetime | None) -> int | None:
        return None if at is None else instant(at if at.tzinfo else at.replace(tzinfo=self.settings.zone))
