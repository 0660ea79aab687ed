"""Attributes are the surest and latest word, whoever says it, in however many files and loads."""

import asyncio
from typing import NamedTuple

from hypothesis import settings as budget
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from graph.instants import period
from graph.ledger import unload
from graph.store import Store
from loaders import identity
from loaders.run import load

HEAD = "company_id,name,industry,country,source,confidence\n"
TWO = HEAD + "a,Sure,,CN,A,1\na,Guess,bank,,B,0.5\n"
DAYS = [f"2025-0{month}-01" for month in range(1, 5)]
ATTRIBUTES = ("name", "industry", "country")


async def company(store):
    return (await store.read("test", "MATCH (c:Company {id: 'a'}) RETURN c.name, c.industry, c.country", {}))[0]


async def test_of_two_sources_in_one_file_the_surer_wins_each_attribute(market, store):
    for changed in (1, 0):
        report = await market(companies=TWO)
        assert (report.total("created") + report.total("changed") > 0) == bool(changed)
        assert await company(store) == ["Sure", "bank", "CN"]


async def test_a_late_load_of_two_sources_adds_what_only_one_of_them_knows(market, store):
    await market(as_of=period("2026-01-01")[0], companies="company_id,name,industry\na,A,bank\n")
    await market(as_of=period("2025-01-01")[0], companies=HEAD + "a,Old,shop,CN,x,\na,Older,,,y,\n")
    assert await company(store) == ["A", "bank", "CN"]


async def test_all_aliases_go_that_only_an_unloaded_load_gave(market, store):
    await market(companies="company_id,name,aliases,source\na,A,one,x\na,A,two,y\n")
    await unload(store, "1", identity)
    assert await store.read("test", "MATCH (a:Alias) RETURN a.name", {}) == []


class Row(NamedTuple):
    """A line of companies.csv: what is None is an empty cell."""

    company: str
    source: str | None
    confidence: float
    values: tuple[str | None, ...]

    @property
    def line(self):
        return ",".join(str(cell or "") for cell in (self.company, *self.values, self.source, self.confidence))


rows = st.builds(
    Row,
    st.sampled_from("aaab"),
    st.none() | st.sampled_from("xyz"),
    st.sampled_from([0.5, 1.0, 1.0]),
    st.tuples(st.sampled_from(["N1", "N2", "N3"]), st.none() | st.sampled_from(["I1", "I2"]), st.none() | st.sampled_from(["C1", "C2"])),
)
files = st.lists(rows, min_size=2, max_size=6, unique_by=lambda row: (row.company, row.source, row.confidence))


class Told(NamedTuple):
    """A load as the oracle remembers it."""

    id: str
    source: str
    day: str
    order: int
    rows: list[Row]


def replay(told, company):
    """Attribute by attribute: every word, the least first."""
    words = [
        (row.confidence, load.day, load.order, row.source or load.source, row.values) for load in told for row in load.rows if row.company == company
    ]
    found = dict.fromkeys(ATTRIBUTES)
    for *_, values in sorted(words, key=lambda word: word[:4]):
        found.update({name: value for name, value in zip(ATTRIBUTES, values, strict=True) if value is not None})
    return [found[name] for name in ATTRIBUTES] if words else None


class Words(RuleBasedStateMachine):
    """Loads of several sources in any order of as-of, again, and taken back; after each all attributes are compared."""

    connect = None
    folder = None

    @initialize()
    def empty(self):
        self.runner, self.told, self.loads = asyncio.Runner(), [], 0
        self.store: Store = type(self).connect()
        self.runner.run(self.store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})]))

    def teardown(self):
        if hasattr(self, "runner"):
            self.runner.run(self.store.__aexit__(None, None, None))
            self.runner.close()

    def bring(self, source, day, given):
        self.loads += 1
        path = type(self).folder / "companies.csv"
        path.write_text(HEAD + "".join(row.line + "\n" for row in given), encoding="utf-8")
        report = self.runner.run(load(self.store, [path], source=source, as_of=period(day)[0]))
        assert report.total("rejected") == 0
        self.told.append(Told(f"L{report.load}", source, day, self.loads, given))
        self.compare()
        return report

    @rule(source=st.sampled_from("xyz"), day=st.sampled_from(DAYS), given=files)
    def load(self, source, day, given):
        self.bring(source, day, given)

    @precondition(lambda self: self.told)
    @rule()
    def the_same_again(self):
        last = self.told[-1]
        report = self.bring(last.source, last.day, last.rows)
        assert (report.total("created"), report.total("changed")) == (0, 0)

    @precondition(lambda self: self.told)
    @rule(data=st.data())
    def take_back(self, data):
        target = data.draw(st.sampled_from(self.told))
        self.runner.run(unload(self.store, target.id, identity))
        self.told.remove(target)
        self.compare()

    def compare(self):
        read = self.store.read("test", "MATCH (c:Company) WHERE c.digest IS NOT NULL RETURN c.id, c.name, c.industry, c.country", {})
        found = {id_: values for id_, *values in self.runner.run(read)}
        assert found == {company: values for company in "ab" if (values := replay(self.told, company)) is not None}


def test_attributes_after_any_loads_equal_their_replay(settings, database, one_store, tmp_path):
    Words.connect, Words.folder = (lambda: Store(settings, database.uri, database.user, database.password)), tmp_path
    run_state_machine_as_test(Words, settings=budget(max_examples=12, stateful_step_count=7))
