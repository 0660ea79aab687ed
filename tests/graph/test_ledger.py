"""Any history of loads, corrections, complete loads, kills and unloads on the real database equals a point-wise replay of what was said."""

import asyncio
from dataclasses import dataclass, field
from typing import NamedTuple
from unittest.mock import patch

import pytest
from hypothesis import settings as budget
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

import graph.ledger as ledgers
from graph.errors import InvalidInput, NotFound
from graph.instants import OPEN_END
from graph.journal import About, FactRow, ThingRow, digest
from graph.lease import turn
from graph.ledger import open_ledger, take_back_broken, unload
from graph.store import Store
from loaders import identity
from tests.mortal import mortal

KEYS = ("k0", "k1", "k2")
ORIGIN = "s/influence"
ABOUT = About("INFLUENCES", ORIGIN)
WORLD = range(0, 120, 5)
instants = st.integers(1, 11).map(lambda n: n * 10)


class Word(NamedTuple):
    """What a row says: bounds and strength."""

    start: int | None
    end: int | None
    strength: float


@st.composite
def words(draw):
    """One row, or two that do not overlap."""
    strength = st.sampled_from([0.2, 0.7])
    if draw(st.booleans()):
        start, end = draw(st.none() | instants), draw(st.none() | instants)
        if start is not None and end is not None and end <= start:
            end = None
        return (Word(start, end, draw(strength)),)
    a, b, c = sorted(draw(st.lists(instants, min_size=3, max_size=3, unique=True)))
    return (Word(a, b, draw(strength)), Word(c, None, draw(strength)))


some_keys = st.frozensets(st.sampled_from(KEYS), max_size=1)
statements = st.dictionaries(st.sampled_from(KEYS), words(), max_size=3)


@dataclass
class Told:
    """A load as the oracle remembers it."""

    id: str
    as_of: int
    recorded_at: int
    complete: bool
    said: dict[str, tuple[Word, ...]]
    spared: frozenset[str]
    absent: frozenset[str]
    unloaded_at: int = field(default=OPEN_END)


def replay(told: list[Told], key: str, world: int, known: int) -> float | None:
    """The contract's table, one instant at a time."""
    value, first = None, None
    for load in sorted((t for t in told if t.recorded_at <= known < t.unloaded_at), key=lambda t: (t.as_of, t.recorded_at)):
        rows = load.said.get(key)
        if rows is None and not load.complete and key not in load.absent:
            continue
        spoken = first is not None and first < load.as_of
        first = load.as_of if first is None else first
        if rows is None and key in load.spared - load.absent:
            continue
        if rows is None:
            value = None if world >= load.as_of else value
            continue
        starts = []
        for row in rows:
            reaches_back = not spoken or (row.end is not None and row.end <= load.as_of)
            starts.append(row.start if row.start is not None else -OPEN_END if reaches_back else load.as_of)
        if world >= min(starts):
            holds = [row.strength for row, start in zip(rows, starts, strict=True) if start <= world < (OPEN_END if row.end is None else row.end)]
            value = holds[0] if holds else None
    return value


class Histories(RuleBasedStateMachine):
    """Loads in any order of as-of; after each the whole past is compared."""

    connect = None

    @initialize()
    def empty(self):
        self.runner = asyncio.Runner()
        self.store: Store = type(self).connect()
        self.told: list[Told] = []
        self.runner.run(self.store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})]))
        people = [{"id": id_, "name": id_, "digest": 1} for key in KEYS for id_ in (f"{key}a", f"{key}b")]
        self.runner.run(self.store.write("test", [("UNWIND $people AS row CREATE (p:Person) SET p = row", {"people": people})]))

    def teardown(self):
        if hasattr(self, "runner"):
            self.runner.run(self.store.__aexit__(None, None, None))
            self.runner.close()

    async def _load(self, as_of, said, complete, spared=frozenset(), absent=frozenset(), die_after=None):
        rows = []
        for key, given in said.items():
            for word in given:
                values = {"kind": "ADVISES", "strength": word.strength}
                rows.append(FactRow(key, word.start, word.end, digest(values), f"{key}a", f"{key}b", 1.0, values))
        async with turn(self.store) as lease:
            await take_back_broken(self.store, lease, identity)
            whole, emptied = ({ABOUT} if given else set() for given in (complete, absent))
            opened = open_ledger(
                self.store,
                lease,
                source="s",
                kinds=["influence"],
                as_of=as_of,
                abouts={ABOUT},
                complete=whole,
                emptied=emptied,
                matching=identity,
            )
            several = patch.object(ledgers, "BATCH", ledgers.BATCH if die_after is None else 1)  # transactions, between which it may die
            with several:
                async with opened as ledger:
                    if die_after is not None:
                        mortal(ledger, die_after)
                    await ledger.say_facts(ABOUT, rows, spared=spared, absent=absent, force=True)
                    if die_after is not None:
                        raise asyncio.CancelledError
            self.told.append(Told(ledger.load.id, as_of, ledger.load.recorded_at, complete, said, spared, absent))

    @rule(as_of=instants, said=statements, complete=st.booleans(), spared=some_keys, absent=some_keys)
    def load(self, as_of, said, complete, spared, absent):
        self.runner.run(self._load(as_of, said, complete, spared, absent))
        self.compare()

    @rule(as_of=instants, said=statements, complete=st.booleans(), after=st.integers(0, 3))
    def a_load_is_killed(self, as_of, said, complete, after):
        async def dies():
            with pytest.raises(asyncio.CancelledError):
                await self._load(as_of, said, complete, die_after=after)

        self.runner.run(dies())
        self.compare()

    @precondition(lambda self: any(t.unloaded_at == OPEN_END for t in self.told))
    @rule(data=st.data())
    def unload(self, data):
        target = data.draw(st.sampled_from([t for t in self.told if t.unloaded_at == OPEN_END]))

        async def back():
            await unload(self.store, target.id, identity)
            return (await self.store.read("test", "MATCH (l:Load {id: $id}) RETURN l.unloaded_at", {"id": target.id}))[0][0]

        target.unloaded_at = self.runner.run(back())
        self.compare()

    def compare(self):
        """Every key at every world and known instant; readers know only what is finished."""
        read = self.store.read(
            "test", "MATCH ()-[r:INFLUENCES]->() RETURN r.key, r.strength, r.valid_from, r.valid_to, r.recorded_at, r.retracted_at", {}
        )
        facts = self.runner.run(read)
        finished = [t.recorded_at for t in self.told] + [t.unloaded_at for t in self.told if t.unloaded_at != OPEN_END]
        for known in finished:
            for key in KEYS:
                for world in WORLD:
                    holds = [value for k, value, a, b, r, x in facts if k == key and a <= world < b and r <= known < x]
                    assert len(holds) <= 1
                    assert (holds[0] if holds else None) == replay(self.told, key, world, known), (key, world, known)


def test_any_history_equals_its_replay(settings, database, one_store):
    Histories.connect = lambda: Store(settings, database.uri, database.user, database.password)
    run_state_machine_as_test(Histories, settings=budget(max_examples=15, stateful_step_count=8))


async def _things(store, as_of, *rows, source="s"):
    async with turn(store) as lease:
        await take_back_broken(store, lease, identity)
        about = About("Company", f"{source}/companies")
        async with open_ledger(store, lease, source=source, kinds=["companies"], as_of=as_of, abouts={about}, matching=identity) as ledger:
            return await ledger.say_things("Company", {about: [ThingRow(*row) for row in rows]}, {row[0] for row in rows})


async def _company(store):
    rows = await store.read("test", "MATCH (c:Company {id: 'a'}) RETURN c.name, c.industry, labels(c)", {})
    return [[*row[:2], sorted(row[2])] for row in rows]


async def test_an_attribute_is_the_surest_then_the_latest_word(store):
    await _things(store, 20, ("a", 1.0, {"name": "Acme", "industry": "bank"}, []))
    await _things(store, 10, ("a", 1.0, {"name": "Old Acme"}, []), source="late")
    assert await _company(store) == [["Acme", "bank", ["Account", "Company"]]], "an earlier as-of does not win"
    await _things(store, 30, ("a", 0.5, {"name": "Akme", "kinds": ["partner"]}, []), source="guess")
    assert await _company(store) == [["Acme", "bank", ["Company", "Partner"]]], "less sure: only what nobody else says"
    await _things(store, 40, ("a", 1.0, {"name": "Acme AG"}, ["acme.example"]))
    assert (await _company(store))[0][:2] == ["Acme AG", "bank"]


async def test_an_unload_brings_back_what_the_others_say(store):
    await _things(store, 20, ("a", 1.0, {"name": "Acme"}, []))
    await _things(store, 30, ("a", 1.0, {"name": "Acme AG", "industry": "bank"}, ["x"]), source="t")
    await unload(store, "t", identity)
    assert (await _company(store)) == [["Acme", None, ["Account", "Company"]]]
    assert await store.read("test", "MATCH (a:Alias) RETURN a.name", {}) == []
    await unload(store, "1", identity)
    assert await _company(store) == []


async def test_what_took_a_load_back_is_not_taken_back(store):
    await _things(store, 20, ("a", 1.0, {"name": "Acme"}, []))
    assert [load.id for load in await unload(store, "s", identity)] == ["L1"]
    for again in ("s", "1"):
        with pytest.raises(NotFound):
            await unload(store, again, identity)
    with pytest.raises(InvalidInput, match=r"L2 took L1 back, .* Load its files again"):
        await unload(store, "2", identity)
    await _things(store, 20, ("a", 1.0, {"name": "Acme"}, []))
    assert [load.id for load in await unload(store, "s", identity)] == ["L3"], "loaded again, it stands again"


async def test_a_second_writer_waits_for_the_first(store):
    order, waited = [], []

    async def first():
        async with turn(store):
            order.append("first in")
            await asyncio.sleep(0.5)
            order.append("first out")

    async def second():
        await asyncio.sleep(0.2)
        async with turn(store, waited.append):
            order.append("second in")

    await asyncio.gather(first(), second())
    assert order == ["first in", "first out", "second in"]
    assert len(waited) == 1
