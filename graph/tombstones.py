"""What is left of people who were erased: keyed hashes of their ids and addresses, so that later loads can refuse them and nobody can read them.

Whoever has only the graph cannot find out whom a tombstone stands for, not even by trying every address there is: the key lies elsewhere.
"""

import base64
import hmac
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from graph import statements
from graph.errors import ConfigError
from graph.identity import IDENTIFYING, PHONE, Matching, Record
from graph.settings import Settings
from graph.store import Store

FILE = "erasure-key"
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Key:
    """The key of the hashes."""

    secret: bytes

    @property
    def id(self) -> str:
        """Tells keys apart and gives nothing away."""
        return self.mark("key", "")[:8]

    def mark(self, scheme: str, name: str) -> str:
        """The keyed hash of a name: 18 bytes in base 64."""
        return base64.urlsafe_b64encode(hmac.digest(self.secret, f"{scheme}\x1f{name}".encode(), sha256)[:18]).decode()


def own_key(settings: Settings) -> Key | None:
    """The key of this machine: the setting, else the file in its home; None where there is neither."""
    if settings.erasure_key:
        return Key(settings.erasure_key.get_secret_value().encode())
    file = settings.home / FILE
    return Key(file.read_text(encoding="ascii").strip().encode()) if file.exists() else None


def key_for_good(settings: Settings) -> Key:
    """The key of this machine, made and kept in its home where there is none."""
    if key := own_key(settings):
        return key
    file = settings.home / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    secret = secrets.token_urlsafe(32)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as opened:
        opened.write(secret)
    return Key(secret.encode())


def marks(key: Key, one: Record, keys: Iterable[str]) -> set[str]:
    """The hashes of all by which a record can be told: its ids, mailboxes, profiles, and its numbers together with its names.

    A number alone is not enough: colleagues have one switchboard. ``keys`` are its match keys.
    """
    made = {key.mark("id", name) for name in (one.id, *one.identifiers)}
    for found in keys:
        if found.startswith(PHONE):
            made |= {key.mark("number", f"{found}\x1f{' '.join(sorted(WORD.findall(name.casefold())))}") for name in one.names}
        elif found.startswith(IDENTIFYING):
            made.add(key.mark("key", found))
    return made


@dataclass(frozen=True, slots=True)
class Tombstones:
    """Those of a graph, with the key that reads them."""

    key: Key
    marks: frozenset[str]
    matching: Matching

    def hold(self, one: Record) -> bool:
        """Whether this is somebody who was erased."""
        return not marks(self.key, one, self.matching.keys(one)).isdisjoint(self.marks)


async def tombstones(store: Store, matching: Matching) -> Tombstones | None:
    """Those of the graph, None where nobody was erased. Raises ConfigError where this machine's key does not read them."""
    rows = await store.read("tombstones", statements.TOMBSTONES, {})
    if not rows:
        return None
    key = own_key(store.settings)
    if key is None or {key_id for _, key_id in rows} != {key.id}:
        raise ConfigError(
            "People were erased from this graph with another key, and without it a load could bring them back. "
            "Set DOTTEDLINE_ERASURE_KEY, or DOTTEDLINE_ERASURE_KEY_FILE, to the key with which they were erased."
        )
    return Tombstones(key, frozenset(mark for mark, _ in rows), matching)
