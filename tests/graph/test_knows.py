"""``KNOWS`` edges: stories, and any history of loads, unloads and kills on the real database beside the sums of all events that are known."""

import asyncio
from collections import defaultdict
from dataclasses import replace
from itertools import chain
from typing import NamedTuple
from unittest.mock import patch

import pytest
from hypothesis import settings as budget
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

import graph.ledger
from graph import statements
from graph.instants import OPEN_END, period
from graph.journal import About, FactRow, ThingRow, digest
from graph.lease import turn
from graph.ledger import open_ledger, take_back_broken, unload
from graph.measures.strength import DAY, DEFAULTS, Happened, exchanges, sums
from graph.model import Channel
from graph.score import Formula
from graph.store import Store
from loaders import identity
from tests.mortal import mortal

CHANNELS = list(Channel)
HEAD = "interaction_id,type,at,from_id,to_ids,status\n"
PEOPLE = "person_id,name\nann,Ann\nben,Ben\nli,李伟\nwang,王芳\n"


def day(text):
    return period(text)[0]


async def knows(store):
    """``{(smaller id, larger id): properties}``; two edges of a pair would show as a list."""
    rows = await store.read("test", "MATCH (a)-[k:KNOWS]->(b) RETURN a.id, b.id, properties(k)", {})
    assert len({(a, b) for a, b, _ in rows}) == len(rows)
    assert all(a < b for a, b, _ in rows)
    return {(a, b): edge for a, b, edge in rows}


def way(edge, channel, back=False):
    """One sum of an edge."""
    return edge["sums"][CHANNELS.index(channel) + back * len(CHANNELS)]


PARTS = """MATCH (p:Person)-[r:TOOK_PART]->(i:Interaction) WHERE r.retracted_at = $open AND i.digest IS NOT NULL
RETURN i.id, i.type, i.at, i.status, i.noise, p.id, r.part, r.confidence, r.valid_from, r.valid_to"""


async def from_scratch(store, until):
    """Pair -> what its edge should say, from all that is known; and pair -> the first instant after ``until`` at which that is another."""
    rows = await store.read("test", PARTS, {"open": OPEN_END})

    def at(instant):
        events = defaultdict(list)
        for *event, person, part, sure, start, end in rows:
            if start <= instant < end:
                events[tuple(event)].append((person, part, sure))
        return sums_of([Happened(*event, *zip(*took, strict=True)) for event, took in events.items()], instant)

    now = at(until)
    changes = sorted({instant for row in rows for instant in (row[2], row[8], row[9]) if until < instant < OPEN_END})
    first = {}
    for instant in changes:
        then = at(instant)
        for pair in now.keys() | then.keys():
            if then.get(pair) != now.get(pair):
                first.setdefault(pair, instant)
    return now, first


def sums_of(events, until):
    found = exchanges(events)
    made = sums(found, until)
    names = [(found.people[a], found.people[b]) for a, b in zip(made.first, made.second, strict=True)]
    columns = (made.x.reshape(-1, 12), made.closing.reshape(-1, 12), made.count, made.first_at, made.last_at)
    return dict(zip(names, zip(*(column.tolist() for column in columns), strict=True), strict=True))


async def compare(store, until):
    now, first = await from_scratch(store, until)
    edges = await knows(store)
    assert {pair for pair, edge in edges.items() if edge["count"]} == now.keys()
    assert edges.keys() - now.keys() <= first.keys() and first.keys() <= edges.keys()
    for pair, (x, closing, *rest) in now.items():
        edge = edges[pair]
        assert edge["sums"] == pytest.approx(x, rel=1e-9), pair
        assert [edge["closing"], edge["count"], edge["first_at"], edge["last_at"]] == [closing, *rest], pair
    for pair, instant in first.items():
        assert until < edges[pair]["next_at"] <= instant, pair
    return edges


async def latest(store):
    return (await store.read("test", "MATCH (l:Load) RETURN max(l.recorded_at)", {}))[0][0]


async def test_mails_a_visit_and_a_call_become_one_edge(market, store):
    await market(
        people=PEOPLE,
        interactions=HEAD + "m1,message,2026-03-01T09:00,li,ann,\nm2,message,2026-03-02T09:00,ann,li,\nv,visit,2026-03-30T10:00,ann,li,\n"
        "c,call,2026-03-20T10:00,ann,li,cancelled\np,page_view,2026-04-02,li,,\n",
    )
    edges = await compare(store, await latest(store))
    ((pair, edge),) = edges.items()
    assert pair == ("ann", "li")
    assert edge["count"] == 3
    assert (edge["first_at"], edge["last_at"]) == (day("2026-03-01T09:00"), day("2026-03-30T10:00"))
    assert "next_at" not in edge
    assert way(edge, "message") == pytest.approx(0.5 ** ((28 + 1 / 24) / 90))
    assert way(edge, "message", back=True) == pytest.approx(0.5 ** ((29 + 1 / 24) / 90))
    assert [way(edge, "meeting", back) for back in (False, True)] == [5, 5]
    assert way(edge, "call") == 0


async def test_day_by_day_is_the_same_as_at_once(market, store):
    rows = [f"m{n},message,2026-03-{n:02}T09:00,{'ann,li' if n % 2 else 'li,ann'},\n" for n in range(1, 29)]
    await market(people=PEOPLE)
    for row in rows:
        await market(interactions=HEAD + row)
    step_by_step = (await compare(store, await latest(store)))["ann", "li"]
    await unload(store, "canonical", identity)
    assert await knows(store) == {}
    await market(people=PEOPLE, interactions=HEAD + "".join(reversed(rows)))
    at_once = (await knows(store))["ann", "li"]
    assert at_once["sums"] == pytest.approx(step_by_step["sums"])
    assert at_once["count"] == step_by_step["count"] == 28


async def looked_at(store, monkeypatch, work):
    """Which interactions were read."""
    seen = []
    read = store.read

    async def told(name, text, parameters):
        if text == statements.INTERACTIONS:
            seen.extend(parameters["ids"])
        return await read(name, text, parameters)

    with monkeypatch.context() as patched:
        patched.setattr(store, "read", told)
        await work
    return sorted(seen)


async def test_a_load_looks_at_its_own_events_and_a_late_one_at_those_of_its_pair(market, store, monkeypatch):
    many = [f"x{n:03},message,2026-01-01T{n // 60:02}:{n % 60:02},ann,w{n % 40},\n" for n in range(300)]
    mine = [f"m{n},message,2026-03-0{n}T09:00,ann,li,\n" for n in range(1, 6)]
    await market(people=PEOPLE, interactions=HEAD + "".join([*many, *mine]))
    later = market(interactions=HEAD + "new,message,2026-03-09,li,ann,\n")
    assert await looked_at(store, monkeypatch, later) == ["new"]
    again = market(interactions=HEAD + "new,message,2026-03-09,li,ann,\n")
    assert await looked_at(store, monkeypatch, again) == []
    late = market(interactions=HEAD + "late,message,2026-03-03T10:00,ann,li,\n")
    assert await looked_at(store, monkeypatch, late) == ["late", "late", *(f"m{n}" for n in range(1, 6)), "new"]
    await compare(store, await latest(store))


async def test_what_lies_ahead_is_no_relationship_yet(market, store):
    await market(people=PEOPLE, interactions=HEAD + "m,meeting,2126-03-01T09:00,ann,li,accepted\n")
    edges = await compare(store, await latest(store))
    assert edges == {("ann", "li"): {"sums": [0] * 12, "closing": [0] * 12, "count": 0, "next_at": day("2126-03-01T09:00")}}
    await market(interactions=HEAD + "n,message,2026-03-01T09:00,ann,li,\n")
    edge = (await compare(store, await latest(store)))["ann", "li"]
    assert (edge["count"], edge["next_at"]) == (1, day("2126-03-01T09:00"))
    await market(interactions=HEAD + "m,meeting,2126-03-01T09:00,ann,li,cancelled\n")
    edge = (await compare(store, await latest(store)))["ann", "li"]
    assert (edge["count"], edge.get("next_at")) == (1, None)


async def test_a_meeting_that_lay_ahead_counts_with_the_first_write_after_it(market, store, monkeypatch):
    monkeypatch.setattr(graph.ledger, "now", lambda: day("2026-03-01"))
    await market(people=PEOPLE, interactions=HEAD + "m,meeting,2026-03-05T09:00,ann,li,accepted\n")
    assert (await knows(store))["ann", "li"]["count"] == 0
    monkeypatch.setattr(graph.ledger, "now", lambda: day("2026-03-06"))
    await market(people=PEOPLE + "sun,Sun\n")
    edge = (await compare(store, await latest(store)))["ann", "li"]
    assert (edge["count"], edge["last_at"], edge.get("next_at")) == (1, day("2026-03-05T09:00"), None)


async def test_a_gathering_of_fifty_makes_pairs_and_one_more_unmakes_them(market, store):
    guests = ";".join(f"g{n:02}" for n in range(49))
    await market(people=PEOPLE, interactions=HEAD + f"m,meeting,2026-03-01,ann,{guests},\n")
    assert len(await compare(store, await latest(store))) == 50 * 49 / 2
    await market(source="badges", participants="interaction_id,person_id\nm,li\n")
    assert await compare(store, await latest(store)) == {}
    await unload(store, "badges", identity)
    assert len(await compare(store, await latest(store))) == 50 * 49 / 2
    await market(interactions=HEAD + f"m,meeting,2026-03-01,ann,{guests},cancelled\n")
    assert await knows(store) == {}


async def test_one_session_makes_pairs_and_one_campaign_does_not(market, store):
    await market(
        people=PEOPLE,
        campaigns="campaign_id,name,type\nk,Day,event\n",
        interactions="interaction_id,type,at,campaign_id,from_id\na,attendance,2026-03-01,k,ann\nb,attendance,2026-03-01,k,li\n"
        "s,attendance,2026-03-01T10:00,k,\nr,registration,2026-02-01,k,ben\n",
        participants="interaction_id,person_id\ns,li\ns,wang\nr,wang\n",
    )
    edges = await compare(store, await latest(store))
    assert edges.keys() == {("li", "wang")}
    assert way(edges["li", "wang"], "attendance") == 1


async def test_a_mail_to_many_that_only_its_participants_tell_is_marked(market, store):
    async def marked():
        return [row[0] for row in await store.read("test", "MATCH (i:Interaction:Broadcast) RETURN i.id ORDER BY i.id", {})]

    to = [f"r{n:02},RECIPIENT" for n in range(51)]
    await market(people=PEOPLE, interactions=HEAD + "m,message,2026-03-01,ann,,\nn,message,2026-03-01,ann,li,\n")
    await market(source="mail", participants="interaction_id,person_id,part\n" + "".join(f"m,{one}\n" for one in to))
    assert await marked() == ["m"]
    assert (await compare(store, await latest(store))).keys() == {("ann", "li")}
    await market(interactions=HEAD + "m,message,2026-03-02,ann,,\n")
    assert await marked() == ["m"], "a word on something else leaves it"
    await unload(store, "mail", identity)
    assert await marked() == []
    await market(source="mail", participants="interaction_id,person_id,part\n" + "".join(f"m,{one}\n" for one in to[1:]))
    assert await marked() == []
    assert len(await compare(store, await latest(store))) == 51


async def test_people_who_turn_out_to_be_one_have_the_pairs_of_both(market, store):
    await market(
        people=PEOPLE,
        interactions=HEAD + "a,message,2026-03-01,ann,li,\nb,message,2026-03-02,wang,ann,\nc,meeting,2026-03-03,li,wang,\n"
        "d,call,2026-03-04,ben,wang,\n",
    )
    assert (await knows(store)).keys() == {("ann", "li"), ("ann", "wang"), ("li", "wang"), ("ben", "wang")}
    move = """MATCH (:Person {id: 'wang'})-[r:TOOK_PART]->(i) MATCH (li:Person {id: 'li'}) WITH r, li, i, properties(r) AS was
        DELETE r CREATE (li)-[n:TOOK_PART]->(i) SET n = was"""
    async with turn(store) as lease, open_ledger(store, lease, source="steward", kinds=[], as_of=None, abouts=(), matching=identity) as ledger:
        await ledger.knows.anew(["li", "wang"])
        assert await knows(store) == {}
        await ledger.write([(move, {}), ("MATCH (p:Person {id: 'wang'}) DELETE p", {})])
    edges = await compare(store, await latest(store))
    assert edges.keys() == {("ann", "li"), ("ben", "li")}
    assert edges["ann", "li"]["count"] == 2


def test_sums_that_are_made_otherwise_ask_for_a_new_schema():
    """Edges that stand were summed up with the old weights: raise both versions of the schema, then write the new hash here."""
    of_sums = replace(DEFAULTS, kappa=1, eta=0, one_way_cap=0, labels=(0, 0, 0))
    assert Formula("sums", of_sums).params_hash == "35370004d4af"


async def test_nobody_and_nothing(market, store):
    await market(people=PEOPLE)
    await market(interactions=HEAD + "m,meeting,2026-03-01,ann,ann,\n")
    assert await knows(store) == {}
    await market(interactions=HEAD + "n,meeting,2026-03-01,ann,li,\n", dry=True)
    assert await knows(store) == {}


async def test_an_unload_of_people_leaves_nothing_of_them(market, store):
    await market(source="crm", people=PEOPLE)
    await market(source="mail", interactions=HEAD + "m,message,2026-03-01,ann,li,\nn,message,2026-03-02,x@y.example,ann,\n")
    assert len(await knows(store)) == 2
    await unload(store, "crm", identity)
    assert await compare(store, await latest(store)) == {}, "their mails named nobody without it"


NAMES = ["ann", "ben", "李伟"]
EVENTS = [f"e{n:02}" for n in range(12)]
BASE = day("2026-06-01")
TYPES = ["meeting", "message", "message", "message", "call", "attendance", "introduction", "social", "page_view"]
hours = st.integers(-12, 12).map(lambda n: n * DAY // 3)


class Row(NamedTuple):
    """One row on who took part."""

    event: str
    person: str
    part: str
    sure: float
    start: int | None
    end: int | None


happenings = st.fixed_dictionaries(
    {"type": st.sampled_from(TYPES), "at": hours, "status": st.sampled_from(["held"] * 4 + ["accepted", "cancelled"])},
    optional={"noise": st.sampled_from([None, None, "bot"])},
)
bounds = st.one_of(st.none(), st.none(), st.none(), hours)


@st.composite
def words(draw):
    """What a load says: interactions, and on these and others who took part, mostly one who gives and one or two who take."""
    events = draw(st.dictionaries(st.sampled_from(EVENTS), happenings, min_size=1, max_size=4))
    took = []
    told = {event for event in events if draw(st.integers(0, 3))}
    for event in sorted(told | draw(st.sets(st.sampled_from(EVENTS), max_size=1))):
        people = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=3, unique=True))
        for number, person in enumerate(people):
            part = draw(st.sampled_from(["SENDER", "GIVER"] if number == 0 else ["RECIPIENT", "RECIPIENT", "RECEIVER", "ATTENDEE"]))
            took.append(Row(event, person, part, draw(st.sampled_from([0.7, 1.0])), draw(bounds), draw(bounds)))
    return {
        "source": draw(st.sampled_from(["crm", "mail"])),
        "events": events,
        "took": took,
        "complete": draw(st.integers(0, 3)) == 0,
        "back": draw(st.integers(0, 2)),
    }


class Histories(RuleBasedStateMachine):
    """Loads in any order of as-of, as days go by."""

    connect = None

    @initialize()
    def empty(self):
        self.runner = asyncio.Runner()
        self.store: Store = type(self).connect()
        self.clock = BASE
        self.plain_now, graph.ledger.now = graph.ledger.now, lambda: self.clock
        self.until = BASE
        self.standing: list[str] = []
        self.runner.run(self.store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})]))

    def teardown(self):
        if hasattr(self, "runner"):
            graph.ledger.now = self.plain_now
            self.runner.run(self.store.__aexit__(None, None, None))
            self.runner.close()

    async def _load(self, source, events, took, complete, back, die_after=None):
        known = {row[0] for row in await self.store.read("test", "MATCH (i:Interaction) WHERE i.digest IS NOT NULL RETURN i.id", {})}
        took = [row for row in took if row.event in events or row.event in known]
        parts = About("TOOK_PART", f"{source}/participants")
        things = {
            About("Person", f"{source}/participants"): [
                ThingRow(name, 0.0, {"name": name, "anonymous": True}, []) for name in sorted({row.person for row in took})
            ],
            About("Interaction", f"{source}/interactions"): [
                ThingRow(id_, 1.0, {name: value for name, value in {**given, "at": BASE + given["at"]}.items() if value is not None}, [])
                for id_, given in events.items()
            ],
        }
        things = {about: rows for about, rows in things.items() if rows}
        facts = []
        for row in took:
            start, end = (None if bound is None else BASE + bound for bound in row[4:])
            end = None if start is not None and end is not None and end <= start else end
            values = {"part": row.part}
            key = f"{source} {row[:3]}"
            facts.append(FactRow(key, start, end, digest({**values, "": row.sure}), row.person, row.event, row.sure, values))
        async with turn(self.store) as lease:
            await take_back_broken(self.store, lease, identity)
            opened = open_ledger(
                self.store,
                lease,
                source=source,
                kinds=["interactions"],
                as_of=self.clock - back * DAY,
                abouts={parts, *things},
                complete={parts} if complete else (),
                matching=identity,
            )
            several = patch.object(graph.ledger, "BATCH", graph.ledger.BATCH if die_after is None else 1)  # transactions, between which it may die
            with several:
                async with opened as ledger:
                    if die_after is not None:
                        mortal(ledger, die_after)
                    entities = await ledger.identify(
                        lambda label: chain.from_iterable(rows for about, rows in things.items() if about.name == label), (), lambda label: ()
                    )
                    for about, rows in things.items():
                        await ledger.say_things(about.name, {about: rows}, ())
                    await ledger.say_facts(parts, facts, force=True)
                    await ledger.settle(entities)
            self.until = ledger.load.recorded_at
            self.standing.append(ledger.load.id)

    async def _or_taken_back(self, work):
        """Whether it came to its end; what broke off is taken back."""
        try:
            await work
        except asyncio.CancelledError:
            async with turn(self.store) as lease:
                await take_back_broken(self.store, lease, identity)
            return False
        return True

    @rule(said=st.lists(words(), min_size=1, max_size=4), later=st.integers(0, 2))
    def loads(self, said, later):
        for given in said:
            self.clock += later * DAY // 2 + 1
            self.runner.run(self._load(**given))
            self.compare()

    @rule(given=words(), after=st.integers(5, 12))
    def a_load_is_killed(self, given, after):
        self.clock += 1
        self.runner.run(self._or_taken_back(self._load(**given, die_after=after)))
        self.compare()

    @precondition(lambda self: self.standing)
    @rule(data=st.data(), after=st.none() | st.integers(3, 9))
    def unload(self, data, after):
        target = data.draw(st.sampled_from(self.standing))

        async def back():
            with pytest.MonkeyPatch.context() as patched:
                if after is not None:
                    made = graph.ledger.Ledger.__init__

                    def dying(ledger, *args, **named):
                        made(ledger, *args, **named)
                        mortal(ledger, after)

                    patched.setattr(graph.ledger.Ledger, "__init__", dying)
                await unload(self.store, target, identity)

        self.clock += 1
        if self.runner.run(self._or_taken_back(back())):
            self.standing.remove(target)
            self.until = self.runner.run(latest(self.store))
        self.compare()

    @rule(people=st.sets(st.sampled_from(NAMES), max_size=2))
    def people_are_looked_at_anew(self, people):
        async def anew():
            async with (
                turn(self.store) as lease,
                open_ledger(self.store, lease, source="s", kinds=[], as_of=None, abouts=(), matching=identity) as ledger,
            ):
                await ledger.knows.anew(people)
            self.until = ledger.load.recorded_at

        self.clock += 1
        self.runner.run(anew())
        self.compare()

    def compare(self):
        self.runner.run(compare(self.store, self.until))
        left = self.runner.run(self.store.read("test", "MATCH (s:Said {about: 'KNOWS'}) RETURN s.id", {}))
        assert left == []


def test_any_history_equals_the_sums_of_all_that_is_known(settings, database, one_store):
    Histories.connect = lambda: Store(settings, database.uri, database.user, database.password)
    run_state_machine_as_test(Histories, settings=budget(max_examples=15, stateful_step_count=10))
