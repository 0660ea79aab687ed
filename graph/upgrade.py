"""A graph comes to the schema of this version: constraints and indexes, what older versions did not note, and the version itself."""

import logging
import math
from collections.abc import Sequence

from graph import statements
from graph.errors import SchemaOutOfDate
from graph.identity import MERGING, Known, Says, found_by
from graph.journal import BATCH, batches
from graph.lease import turn
from graph.model import KEYS_SINCE, NAMES_SINCE, SCHEMA_OLDEST, SCHEMA_VERSION
from graph.store import Store

log = logging.getLogger(__name__)
OLD_MATCH_KEYS = "MATCH (k:MatchKey)\nWITH k LIMIT $most\nRETURN collect([k.key, k.records]) AS found"
MOVE_MATCH_KEYS = (
    "UNWIND $rows AS row\nMATCH (r:Record {id: row.id})\nWHERE r.label IN $labels\n"
    "SET r.keys = coalesce(r.keys, []) + [key IN row.keys WHERE NOT key IN coalesce(r.keys, [])]"
)
"""Which label a key belongs to its hash hides: where a company and a person have the same id, both get it, and are compared once too often."""
FORGET_MATCH_KEYS = "UNWIND $keys AS key\nMATCH (k:MatchKey {key: key})\nDELETE k"
NO_MATCH_KEYS = "DROP CONSTRAINT matchkey_key IF EXISTS"


async def ensure_schema(store: Store) -> None:
    """Constraints and indexes as the model wants them, and its version in the graph.

    Raises SchemaOutOfDate for a graph newer than the code, and for one with loads of a version before ``SCHEMA_OLDEST``.
    """
    rows = await store.read("schema", statements.FOUND_VERSION, {})
    found, loaded = rows[0] if rows else (0, False)
    if found > SCHEMA_VERSION:
        raise SchemaOutOfDate(
            f"This graph has schema {found}, this Dottedline knows {SCHEMA_VERSION}. Use the Dottedline that wrote it, or a newer one.",
            found=found,
            known=SCHEMA_VERSION,
        )
    if loaded and found < SCHEMA_OLDEST:
        raise SchemaOutOfDate(
            f"This graph was loaded with schema {found}, this Dottedline goes on from {SCHEMA_OLDEST}. "
            "Export it with the Dottedline that wrote it, and load that folder into an empty graph.",
            found=found,
            known=SCHEMA_VERSION,
        )
    if found == SCHEMA_VERSION:
        return
    await _lay_down(store, statements.schema())
    if loaded and found < NAMES_SINCE:
        await _name_records(store)
    if loaded and found < KEYS_SINCE:
        await _give_records_their_keys(store)
    await store.write("schema", [(statements.WRITE_VERSION, {"version": SCHEMA_VERSION})])


async def _name_records(store: Store) -> None:
    """Notes by which names the records of an older graph are found, a page of whole entities at a time, while nobody else writes."""
    async with turn(store, lambda holder: log.warning("somebody else writes; waiting to bring the graph to this version")) as lease:
        after, most = "", BATCH
        while rows := await store.read("schema", statements.RECORDS_AFTER, {"after": after, "most": most}):
            last = rows[-1][1]
            whole = rows if len(rows) < most else [row for row in rows if row[1] != last]
            if not whole:
                most *= 2
                continue
            known: dict[str, dict[str, Known]] = {}
            for label, entity, says, id_ in whole:
                known.setdefault(label, {})[id_] = Known(entity, 0, Says.read(says))
            named = [{"id": id_, "label": label, "names": names} for label, of in known.items() for id_, names in found_by(of).items()]
            for piece in batches(named):
                await lease.write("schema", [(statements.FIND_RECORDS_BY, {"rows": piece})])
            after = whole[-1][1]


async def _give_records_their_keys(store: Store) -> None:
    """Moves the match keys of an older graph to their records, a page at a time; one that was cut short goes on."""
    async with turn(store, lambda holder: log.warning("somebody else writes; waiting to bring the graph to this version")) as lease:
        while held := (await store.read("schema", OLD_MATCH_KEYS, {"most": BATCH}))[0][0]:
            of: dict[str, list[str]] = {}
            for key, ids in held:
                for id_ in ids:
                    of.setdefault(id_, []).append(key)
            rows = [{"id": id_, "keys": keys} for id_, keys in of.items()]
            await lease.write(
                "schema",
                [
                    (MOVE_MATCH_KEYS, {"rows": rows, "labels": MERGING}),
                    (FORGET_MATCH_KEYS, {"keys": [key for key, _ in held]}),
                ],
            )
    await store.write("schema", [(NO_MATCH_KEYS, {})])


async def ensure_keys(store: Store) -> None:
    """The constraints by which nodes are found: what is written before ``ensure_schema`` adds the rest keeps up no other index."""
    await _lay_down(store, statements.keys())


async def _lay_down(store: Store, texts: Sequence[str]) -> None:
    for text in [*texts, f"CALL db.awaitIndexes({math.ceil(store.settings.write_seconds)})"]:
        await store.write("schema", [(text, {})])
