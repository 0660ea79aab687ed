"""Who may come in, and what is granted to them: kept in the graph, so that every worker and machine says the same.

What was found counts for ``DOTTEDLINE_FRESH_SECONDS``: so long a revoked key may still open.
"""

import asyncio
import hmac
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from graph import keyed, statements
from graph.errors import InvalidInput, NotFound, Unauthenticated
from graph.instants import OPEN_END, now
from graph.keyed import Key
from graph.model import NODE, GrantRole, Opens
from graph.principal import Grant, Principal, inside, of_grants
from graph.settings import Settings
from graph.store import Store

K = TypeVar("K")
V = TypeVar("V")
FILE = "api-key-secret"
PREFIX = "dl"
SHAPE = re.compile(rf"{PREFIX}_([0-9a-f]{{16}})_([\w-]{{43}})([\w-]{{8}})", re.ASCII)
"""A key: its id, 32 random bytes, and a keyed check of both, so that what was not made here never reaches the database."""
MOST_REMEMBERED = 10_000
REFUSED = "This key opens nothing: it is unknown, expired or revoked. Ask for another one: dottedline key add."


class Remembered(Generic[K, V]):
    """What ``find`` says of a key, asked anew after so many seconds; those who ask at once share one answer, and errors are not kept."""

    def __init__(self, find: Callable[[K], Awaitable[V]], seconds: float) -> None:
        self._find, self._seconds = find, seconds
        self._held: dict[K, tuple[float, asyncio.Task[V]]] = {}

    async def __call__(self, key: K) -> V:
        """The answer."""
        held = self._held.get(key)
        if held is None or time.monotonic() >= held[0] or (held[1].done() and (held[1].cancelled() or held[1].exception())):
            if len(self._held) >= MOST_REMEMBERED:
                self._held.clear()
            held = self._held[key] = (time.monotonic() + self._seconds, asyncio.ensure_future(self._find(key)))
            held[1].add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(held[1])


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key; never the key."""

    id: str
    principal: str
    readable: bool
    opens: Opens
    created_at: int
    expires_at: int
    revoked_at: int

    def state(self, at: int) -> str:
        """What it is good for at an instant, in a word."""
        if self.revoked_at <= at:
            return "revoked"
        return "expired" if self.expires_at <= at else "open" if self.readable else "made with another DOTTEDLINE_KEY_SECRET"


class Opened(NamedTuple):
    """Whose a key is, and what it opens."""

    principal: str
    what: Opens


class Holding(NamedTuple):
    """A principal with what is granted to them, and the instant at which the first of it ends."""

    principal: Principal
    until: int


class Access:
    """Keys and grants of one graph: a companion of its store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        seconds = store.settings.fresh_seconds
        self._opened = Remembered(self._look_up, seconds)
        self._any = Remembered(self._any_key, seconds)
        self._known: Remembered[str, Holding]
        self._inside: Remembered[None, Mapping[str, set[str]]]
        self._secret: Key | None = None
        self._forget(-1)

    def _forget(self, revision: int) -> None:
        self._revision = revision
        self._known = Remembered(self._holding, OPEN_END)
        self._inside = Remembered(self._territories, OPEN_END)

    async def close(self) -> None:
        """Nothing is under way for long."""

    async def keyed(self) -> bool:
        """Whether a key was ever made."""
        return await self._any(None)

    async def opened(self, key: str) -> Opened:
        """Whose key this is and what it opens. Raises Unauthenticated for one that opens nothing."""
        given, secret = SHAPE.fullmatch(key), self._own_secret()
        if given is None or secret is None or not hmac.compare_digest(_check(secret, given[1], given[2]), given[3]):
            raise Unauthenticated(REFUSED)
        mark, opened, closes_at = await self._opened(given[1])
        if not hmac.compare_digest(mark, secret.mark("api-key", key)) or now() >= closes_at or not opened.principal:
            raise Unauthenticated(REFUSED)
        return opened

    async def principal(self, name: str) -> Principal:
        """Who bears this name, with what is granted to them as of the last finished load."""
        revision = (await self._store.revision()).number
        if revision != self._revision:
            self._forget(revision)
        holding = await self._known(name)
        if now() >= holding.until:
            self._forget(revision)
            holding = await self._known(name)
        return holding.principal

    def _own_secret(self) -> Key | None:
        self._secret = self._secret or own_secret(self._store.settings)
        return self._secret

    async def _look_up(self, id_: str) -> tuple[str, Opened, int]:
        rows = await self._store.read("key", statements.API_KEY, {"id": id_})
        mark, principal, opens, *ends = rows[0] if rows else ("", "", None, 0)
        return mark, Opened(principal, _opens(opens)), min(ends)

    async def _any_key(self, _: None) -> bool:
        return bool(await self._store.read("key", statements.ANY_API_KEY, {}))

    async def _holding(self, name: str) -> Holding:
        at, known_at = now(), (await self._store.revision()).known_at
        rows = await self._store.read("grant", statements.GRANTED, {"principal": name, "known_at": known_at, "open": OPEN_END})
        grants = [Grant(GrantRole(role), territory, ends_at) for role, territory, ends_at in rows[0][0] if ends_at > at]
        return Holding(of_grants(name, grants, await self._inside(None)), min((grant.ends_at for grant in grants), default=OPEN_END))

    async def _territories(self, _: None) -> Mapping[str, set[str]]:
        return inside(dict((await self._store.read("grant", statements.TERRITORIES, {}))[0][0]))


def own_secret(settings: Settings) -> Key | None:
    """The secret that keys the hashes on this machine; None where there is none yet."""
    return keyed.own_key(settings.key_secret, settings.home / FILE)


def _opens(kept: str | None) -> Opens:
    return Opens.GRANTED if kept is None else Opens(kept)


def _check(secret: Key, id_: str, random: str) -> str:
    return secret.mark("api-key-check", f"{id_}_{random}")[:8]


async def add_key(store: Store, principal: str, expires_at: int = OPEN_END, opens: Opens = Opens.GRANTED) -> str:
    """A new key for a principal; nobody can tell it again. Raises InvalidInput for a principal without a name, and an end in the past."""
    if not principal.strip():
        raise InvalidInput("The principal has no name. Write whose key it is.", argument="principal")
    if expires_at <= (at := now()):
        raise InvalidInput("--expires lies in the past. Write a later date, or none.", argument="expires")
    secret = keyed.key_for_good(store.settings.key_secret, store.settings.home / FILE)
    id_, random = secrets.token_hex(8), secrets.token_urlsafe(32)
    key = f"{PREFIX}_{id_}_{random}{_check(secret, id_, random)}"
    row = {
        "id": id_,
        "mark": secret.mark("api-key", key),
        "secret_id": secret.id,
        "principal": principal.strip(),
        "opens": opens.value,
        "created_at": at,
        "expires_at": expires_at,
        "revoked_at": OPEN_END,
    }
    await store.write("key", [(statements.upsert_nodes(NODE["ApiKey"]), {"rows": [row]})])
    return key


async def list_keys(store: Store) -> list[ApiKey]:
    """All keys that were made, by principal."""
    secret = own_secret(store.settings)
    rows = (await store.read("key", statements.API_KEYS, {}))[0][0]
    return [ApiKey(id_, name, secret is not None and made == secret.id, _opens(opens), *times) for id_, name, made, opens, *times in rows]


async def revoke_key(store: Store, id_: str) -> ApiKey:
    """The key opens nothing from now on; elsewhere after ``DOTTEDLINE_FRESH_SECONDS``. Raises NotFound."""
    await store.write("key", [(statements.REVOKE_API_KEY, {"id": id_, "at": now()})])
    found = next((key for key in await list_keys(store) if key.id == id_), None)
    if found is None:
        raise NotFound(f"No key has the id {id_!r}. `dottedline key list` lists them.", argument="key_id")
    return found


@dataclass(frozen=True, slots=True)
class Granted:
    """A grant as it stands."""

    principal: str
    role: str
    territory: str | None
    ends_at: int


async def list_grants(store: Store) -> list[Granted]:
    """All grants, by principal, those that ended included."""
    known_at = (await store.revision()).known_at
    return [Granted(*row) for row in (await store.read("grant", statements.ALL_GRANTS, {"known_at": known_at, "open": OPEN_END}))[0][0]]
