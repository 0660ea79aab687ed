"""A person is forgotten."""

from asyncio import to_thread
from typing import Annotated

from graph.answer import Id, Names, answer
from graph.decisions import EntityKind, found, members
from graph.entities import records
from graph.erasure import complete, own_keys, own_names, strike
from graph.identity import PHONE, Record, bare, record
from graph.model import GrantRole
from graph.mutation import Writing, mutation
from graph.scrub import Terms, scrub
from graph.snapshot.files import forget
from graph.tombstones import key_for_good, marks, tombstones
from graph.trail import Trail

REPORTS = "reports"


@answer
class Erased:
    """What went. Nothing here says who it was."""

    records: Annotated[int, "Ids under which sources knew the person."]
    journal_lines: Annotated[int, "Lines of the journal that were about them, or named them."]
    files: Annotated[int, "Files of rejected rows, reports and the trail of who asked, in this machine's home, that named them."]
    tombstones: Annotated[int, "Keyed hashes that stay behind, so that later loads refuse the person."]
    revision: Annotated[int, "The number of this write. Nothing takes it back."]


@mutation(GrantRole.STEWARD)
async def erase_person(writing: Writing, *, id: Annotated[Id, Names("Person"), "The person, by any of their ids or aliases."]) -> Erased:
    """Erases a person for good: names, facts of all times, what others' facts quote of them, the journal's lines, rejected rows and reports.

    Tombstones of keyed hashes stay, and later loads refuse rows that match. Back-ups and the files that were loaded are yours to clean, and so is
    free text, such as the subject of a message.
    """
    store, matching = writing.store, writing.desk.matching
    await tombstones(store, matching)
    (who,) = await found(writing, EntityKind.PERSON, id=id)
    ids = (await members(store, who.label, who.entity)).records
    said = await records(store, who.label, ids)
    aliases = {name for known in said.values() for name in known.says.aliases}
    names = await own_names(store, ids, aliases | set(map(bare, aliases)))
    people = [record(who.label, id_, known.says) for id_, known in said.items()]
    keys = {one.id: matching.keys(one) for one in people}
    alone = await own_keys(store, who.label, ids, {name for each in keys.values() for name in each})
    alone |= {name for each in keys.values() for name in each if name.startswith(PHONE)}
    key = key_for_good(store.settings)
    stones = {mark for one in people for mark in marks(key, _own(one, names), alone & set(keys[one.id]))}
    telling = names | {name for one in people for name in one.names}
    names_them = Terms(telling).in_cell
    files = scrub(store.settings.home / REPORTS, telling) + Trail(store.settings.home).strike(names_them)
    async with writing.ledger() as ledger:
        await strike(ledger, who.entity, said, names, dict.fromkeys(stones, key.id))
        lines = await complete(ledger, names)
    writing.desk.forgotten(names_them)
    await to_thread(forget, store.settings.home)  # what was being written until the erasure was known
    return Erased(len(ids), lines, files, len(stones), ledger.number)


def _own(one: Record, names: set[str]) -> Record:
    """The record without identifiers that others bear too: a tombstone must not refuse them."""
    return one._replace(identifiers=tuple(name for name in one.identifiers if name in names))
