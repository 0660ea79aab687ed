"""What is left of people who were erased: keyed hashes of their ids and addresses, so that later loads can refuse them and nobody can read them.

Whoever has only the graph cannot find out whom a tombstone stands for, not even by trying every address there is: the key lies elsewhere.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from graph import keyed, statements
from graph.errors import ConfigError
from graph.identity import IDENTIFYING, PHONE, Matching, Record
from graph.keyed import Key
from graph.settings import Settings
from graph.store import Store

FILE = "erasure-key"
WORD = re.compile(r"\w+")


def own_key(settings: Settings) -> Key | None:
    """The key of this machine: the setting, else the file in its home; None where there is neither."""
    return keyed.own_key(settings.erasure_key, settings.home / FILE)


def key_for_good(settings: Settings) -> Key:
    """The key of this machine, made and kept in its home where there is none."""
    return keyed.key_for_good(settings.erasure_key, settings.home / FILE)


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
