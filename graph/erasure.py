"""Erasing a person: the one true delete. From its first transaction on it is only ever completed, by whoever writes next, and never taken back."""

from asyncio import to_thread
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from graph import statements
from graph.entities import bring, plan, sharing
from graph.identity import MAIL, Known, key_id
from graph.instants import now
from graph.journal import About, FactRow, ThingRow, batches, fact_digest, pack, unpack_facts, unpack_things
from graph.model import EDGE, EDGES, NODE, TIES, Edge, ValueField
from graph.snapshot.files import forget
from graph.store import Store

if TYPE_CHECKING:
    from graph.ledger import Ledger

R = TypeVar("R", FactRow, ThingRow)
PERSON, GRANT = "Person", "Grant"


async def own_names(store: Store, ids: Iterable[str], aliases: Iterable[str]) -> set[str]:
    """Those of the ids and aliases of these records that nobody else bears."""
    records, asked = set(ids), sorted({*ids, *aliases})
    bearers: list[list[str]] = []
    for piece in batches(asked):
        bearers += (await store.read("erase", statements.BEARERS, {"ids": piece, "label": PERSON}))[0][0]
    return set(asked) - {name for name, record in bearers if record not in records}


async def own_keys(store: Store, label: str, ids: Iterable[str], keys: Iterable[str]) -> set[str]:
    """Those of the match keys of these records that nobody else has."""
    of, records = {key_id(label, key): key for key in keys}, set(ids)
    return set(of.values()) - {of[key] for key, bearing in (await sharing(store, of)).items() if not records.issuperset(bearing)}


async def strike(ledger: "Ledger", entity: str, said: Mapping[str, Known], names: Iterable[str], stones: Mapping[str, str]) -> None:
    """The person goes, with their facts of all times and the aliases that their records brought, and tombstones stand: mark -> its key.

    One transaction, and there is no way back.
    """
    await ledger.knows.anew([entity])
    ledger.knows.marks.everything()
    aliases = [{"name": name, "record": id_, "label": PERSON} for id_, known in said.items() for name in sorted({id_, *known.says.aliases})]
    await ledger.write(
        [
            (statements.BEGIN_ERASURE, {"id": ledger.load.id, "names": sorted(names)}),
            (statements.upsert_nodes(NODE["Tombstone"]), {"rows": [{"id": mark, "key_id": key} for mark, key in sorted(stones.items())]}),
            (statements.ERASE_PERSON, {"ids": [entity]}),
            (statements.FORGET_ALIASES, {"rows": aliases}),
        ]
    )


async def complete(ledger: "Ledger", names: Iterable[str]) -> int:
    """What else names the person goes: records, match keys and ties, what facts of others quote, grants and keys, what writes noted.

    And this machine's snapshots, and the journal's lines, whose number it returns.
    """
    names = set(names)
    gone = await plan(ledger.store, PERSON, dict.fromkeys(names), ledger.number, ledger.matching)
    await bring(ledger, gone, ledger.known)
    await ledger.write([(statements.FORGET_RECORDS, {"ids": sorted(names), "label": PERSON})])
    (granted,) = (await ledger.store.read("erase", statements.GRANTS_OF, {"names": sorted(names), "mail": MAIL}))[0]
    await ledger.write([(statements.drop_nodes(NODE[GRANT]), {"ids": granted})])
    await ledger.write([(statements.REVOKE_KEYS_OF, {"names": sorted(names), "mail": MAIL, "at": now()})])
    lines = await _rewritten(ledger, PERSON, unpack_things, lambda row: None if row.id in names else row)
    lines += await _rewritten(ledger, GRANT, unpack_things, lambda row: None if _is_one(row.values["principal"], names) else row)
    for edge in EDGES:
        if quoting := _quoting(edge):
            await _unquote(ledger, edge, quoting, names)
        if quoting or PERSON in (edge.source, edge.target):
            lines += await _rewritten(ledger, edge.type, unpack_facts, lambda row, edge=edge: _left(edge, row, names))  # type: ignore[misc]
    await _signed_by_nobody(ledger, names)
    await to_thread(forget, ledger.store.settings.home)
    await ledger.write([(statements.FORGET_TOUCHED, {}), (statements.END_ERASURE, {"id": ledger.load.id})])
    return lines


def _is_one(principal: str, names: set[str]) -> bool:
    """Whether a principal is the person: an id or another name of theirs, or a mailbox."""
    return principal in names or f"{MAIL}{principal.lower()}" in names


async def _signed_by_nobody(ledger: "Ledger", names: set[str]) -> None:
    """What the person said by hand stays, and bears a name that says nothing as its author, its source and its origin: one for all that they wrote.

    The writes themselves come last, so that whoever completes a broken erasure finds them.
    """
    loads = (await ledger.store.read("erase", statements.WHO_SIGNED, {}))[0][0]
    old = {load["source"] for load in loads if load["by_hand"] and _is_one(load["source"], names)}
    if not old:
        return
    nobody = f"erased-{ledger.number}"

    def unsigned(about: About) -> About:
        return about._replace(origin=nobody + about.origin.removeprefix(about.source)) if about.source in old else about

    signed: set[About] = set()
    rows = []
    for load in loads:
        abouts = {name: list(map(About.read, load[name] or ())) for name in ("origins", "complete", "emptied")}
        signed.update(about for some in abouts.values() for about in some if about.source in old)
        if old.intersection([load["source"], *(load["sources"] or ())]):
            values: dict[str, Any] = {name: sorted(str(unsigned(about)) for about in some) for name, some in abouts.items()}
            values["sources"] = sorted({nobody if source in old else source for source in load["sources"] or ()})
            rows.append({"id": load["id"], "values": {**values, "source": nobody if load["source"] in old else load["source"]}})
    for about in sorted(signed):
        change = {"old": about.origin, "new": unsigned(about).origin}
        facts = [(statements.sign_facts(EDGE[about.name]), change)] if about.name in EDGE else []
        await ledger.write([*facts, (statements.SIGN_SAID, {"about": about.name, **change})])
    ties = [(statements.sign_ties(tie.type), {"old": source, "new": nobody}) for source in sorted(old) for tie in TIES]
    await ledger.write([*ties, (statements.SIGN_LOADS, {"rows": rows})])


def _quoting(edge: Edge) -> list[str]:
    """The properties of a fact that may name a person beside its ends; the value of an owner is one."""
    return [*edge.refers, *(["value"] if edge.target == "Field" else [])]


def _left(edge: Edge, row: FactRow, names: set[str]) -> FactRow | None:
    """A line without what names the person; None where it is about them."""
    if (edge.source == PERSON and row.from_ref in names) or (edge.target == PERSON and row.to_ref in names):
        return None
    if row.to_ref == ValueField.OWNER and row.values.get("value") in names:
        return None
    values = {name: value for name, value in row.values.items() if not (name in edge.refers and value in names)}
    if values == row.values:
        return row
    return row._replace(values=values, digest=fact_digest(values, row.from_ref, row.to_ref, row.confidence))


async def _unquote(ledger: "Ledger", edge: Edge, quoting: Sequence[str], names: set[str]) -> None:
    """The same in the graph: facts of others lose the quotation, and what says nothing else goes."""
    given = {"names": sorted(names), "quoting": quoting}
    known = {prop.name for prop in edge.props}
    erased, changed = [], []
    for fact in (await ledger.store.read("erase", statements.facts_quoting(edge), given))[0][0]:
        values = {name: value for name, value in fact.items() if name in known}
        row = FactRow(fact["key"], None, None, fact["digest"], fact["from_ref"], fact["to_ref"], fact["confidence"], values)
        left = _left(edge, row, names)
        place = {name: fact[name] for name in ("key", "recorded_at", "valid_from")}
        if left is None:
            erased.append(place)
        elif left is not row:
            gone = dict.fromkeys(row.values.keys() - left.values.keys())
            changed.append({**place, "values": {**gone, "digest": left.digest}})
    for text, rows in ((statements.erase_facts(edge), erased), (statements.change_facts(edge), changed)):
        for piece in batches(rows):
            await ledger.write([(text, {"rows": piece})])


async def _rewritten(ledger: "Ledger", about: str, unpack: Callable[[Iterable[bytes]], list[R]], keep: Callable[[R], R | None]) -> int:
    async def left(rows: list[R]) -> list[R | None]:
        return [keep(row) for row in rows]

    return await rewritten(ledger, about, unpack, left)


async def rewritten(
    ledger: "Ledger", about: str, unpack: Callable[[Iterable[bytes]], list[R]], left: Callable[[list[R]], Awaitable[list[R | None]]]
) -> int:
    """Rewrites the journal's lines about this, as ``left`` says of each: itself, another, or None for none. How many changed or went."""
    lines = 0
    for id_, blob in await ledger.store.read("erase", statements.SAID_OF, {"about": about}):
        was = unpack([blob])
        kept: list[Any] = await left(was)
        changed = sum(old is not new for old, new in zip(was, kept, strict=True))
        if changed:
            lines += changed
            blobs = list(pack([row for row in kept if row is not None]))
            await ledger.write([(statements.REWRITE_SAID, {"id": id_, "rows": blobs[0]}) if blobs else (statements.FORGET_ONE_SAID, {"id": id_})])
    return lines
