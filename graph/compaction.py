"""The local database rebuilt: every node and edge that is left, retracted versions and journal included, in a store that never held anything else.

What was deleted stays behind with the old store, in its files and in its transaction log.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

import orjson

from graph import statements
from graph.answer import answer
from graph.errors import StoreUnavailable
from graph.identity import Matching
from graph.journal import batches
from graph.lease import turn
from graph.ledger import take_back_broken
from graph.local import LocalNeo4j, Running
from graph.model import DERIVED, EDGES, NODES, TIES
from graph.settings import Settings
from graph.store import Store
from graph.upgrade import ensure_keys, ensure_schema

PATIENCE = 6 * 3600.0
"""Seconds that a page may take: nobody else waits for this database."""
NODES_AT_ONCE, STARTS_AT_ONCE = 5_000, 1_000
HEAVY = {"Said": 20}
"""Label -> so many of its nodes at once: each holds thousands of rows."""
MADE_WITH_THE_STORE = "Schema"

Progress = Callable[[str, int, int], None]


@answer
class Compacted:
    """What the fresh store holds, and what the files of both take."""

    nodes: Annotated[int, "Nodes that were copied."]
    edges: Annotated[int, "Relationships that were copied."]
    bytes_before: Annotated[int, "Bytes of the old store and its transaction log."]
    bytes_after: Annotated[int, "Bytes of the fresh one and its own."]


class Kind(NamedTuple):
    """A label or a type: how a page of it is read and written, and of how many nodes a page is."""

    name: str
    reads: str
    writes: str
    most: int


KINDS = (
    *(Kind(node.label, statements.nodes_after(node), statements.copy_nodes(node), HEAVY.get(node.label, NODES_AT_ONCE)) for node in NODES),
    *(Kind(edge.type, statements.edges_after(edge), statements.copy_edges(edge), STARTS_AT_ONCE) for edge in (*EDGES, *TIES, *DERIVED)),
)
"""Nodes first: edges are hung on them."""


@dataclass(slots=True)
class Sum:
    """How many things there are, and a hash over all that they bear, page by page; their order within a page does not matter."""

    number: int = 0
    digest: bytes = b""

    def add(self, things: Sequence[Any]) -> None:
        """A page more."""
        self.number += len(things)
        texts = sorted(orjson.dumps(thing, option=orjson.OPT_SORT_KEYS, default=bytes.hex) for thing in things)
        self.digest = hashlib.blake2b(b"\n".join([self.digest, *texts])).digest()


async def compact(local: LocalNeo4j, matching: Matching, progress: Progress = lambda *_: None) -> Compacted:
    """Puts a copy of the local database in its place; it rests for everybody else meanwhile.

    The copy takes the place only when it was read back and is equal, and Neo4j's own check found it sound. Its indexes, but those by which nodes are
    found, are made when all is copied, so that no write keeps them up. O(nodes + edges). What a writer left half
    done is completed or taken back first. Raises StoreUnavailable, with the old store in its place, when the copy is not equal.
    """
    before = local.size()
    with local.rebuilding() as (old, new):
        async with _opened(local.settings, old) as source, _opened(local.settings, new) as target:
            await ensure_schema(source)
            async with turn(source) as lease:
                await take_back_broken(source, lease, matching)
            nodes, edges = (await source.read("compact", statements.HOW_MUCH, {}))[0]
            await ensure_keys(target)
            copied = await _walked(source, nodes + edges, "copied", progress, target)
            await ensure_schema(target)
            found = await _walked(target, nodes + edges, "compared", progress)
        if sum(one.number for one in copied.values()) != nodes + edges or found != copied:
            wrong = ", ".join(name for name in copied if copied[name] != found[name]) or "something that this Dottedline does not know"
            raise StoreUnavailable(f"The copy is not equal to the local database ({wrong}). Nothing was changed; please report it.")
    return Compacted(nodes, edges, before, local.size())


@asynccontextmanager
async def _opened(settings: Settings, running: Running) -> AsyncIterator[Store]:
    patient = settings.model_copy(update={"read_seconds": PATIENCE, "write_seconds": PATIENCE})
    async with Store(patient, running.uri, running.user, running.password) as store:
        await store.verify()
        yield store


async def _walked(source: Store, of: int, step: str, progress: Progress, target: Store | None = None) -> dict[str, Sum]:
    """Reads all that there is, and writes it into ``target`` while the next page is read. Returns a sum a kind."""
    sums, done = {kind.name: Sum() for kind in KINDS}, 0
    progress(step, done, of)
    for kind in KINDS:
        writing: asyncio.Task[None] | None = None
        try:
            async for rows in _pages(source, kind):
                if writing:
                    await writing
                if target and kind.name != MADE_WITH_THE_STORE:
                    writing = asyncio.create_task(_written(target, kind, rows))
                await asyncio.to_thread(sums[kind.name].add, rows)
                if rows:
                    done += len(rows)
                    progress(step, done, of)
        finally:
            if writing:
                await writing
    return sums


async def _pages(source: Store, kind: Kind) -> AsyncIterator[list[Any]]:
    last, seen = "", 0
    while True:
        keys, found = (await source.read("compact", kind.reads, {"last": last, "seen": seen, "most": kind.most}))[0]
        yield [[sorted(row[0]), *row[1:]] for row in found] if kind in KINDS[: len(NODES)] else found
        if len(keys) < kind.most:
            return
        first = keys[-1][0]
        seen = sum(key[0] == first for key in keys) + (seen if first == last else 0)
        last = first


async def _written(target: Store, kind: Kind, rows: Sequence[Any]) -> None:
    for piece in batches(rows):
        await target.write("compact", [(kind.writes, {"rows": piece})])
