"""Loads find who is one: in any order, and an unload parts what only it had joined."""

from itertools import permutations

import pytest

from graph import statements
from graph.instants import period
from graph.ledger import unload
from graph.mutation import Desk
from graph.writes.merge_entities import merge_entities
from graph.writes.not_same import not_same
from loaders import identity
from loaders.export import canonical_rows, export
from loaders.run import load

LOADS = {
    "crm": {
        "companies": "company_id,name,domain\nacme,Acme,acme.example\n",
        "people": "person_id,name,company_id,title,emails\nann,Ann Lee,acme,CIO,ann@acme.example\nbob,Bob Ray,acme,Engineer,bob@acme.example\n",
        "reporting": "person_id,manager_id\nbob,ann\n",
    },
    "events": {
        "companies": "company_id,name,domain\ne-1,ACME Inc.,www.acme.example\n",
        "people": 'person_id,name,company_id,emails,identifiers\ne-7,"Lee, Ann",e-1,ANN@acme.example,cookie:7\n',
    },
    "web": {"interactions": "interaction_id,type,at,from_id\nw1,page_view,2026-03-01,cookie:7\nw2,page_view,2026-03-02,cookie:8\n"},
    "news": {"people": "person_id,name,linkedin_url,identifiers\nn-1,A. Lee,https://linkedin.com/in/annlee,cookie:7\nn-2,Zoe Kay,,cookie:8\n"},
}
DAYS = dict(zip(LOADS, ("2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"), strict=True))


@pytest.fixture
def loads(market, store):
    """``await loads("crm", "web")`` loads these, each as of its day, and returns the reports."""

    async def run(*names):
        return [await market(source=name, as_of=period(DAYS[name])[0], **LOADS[name]) for name in names]

    return run


@pytest.fixture
def parted(store):
    """``await parted()`` is who is one with whom, and what hangs on them, by records."""

    async def read():
        rows = await store.read("test", "MATCH (r:Record) WHERE r.entity_id <> '' RETURN r.label, r.entity_id, r.id", {})
        groups = {}
        for label, entity, id_ in rows:
            groups.setdefault((label, entity), []).append(id_)
        facts = await store.read(
            "test", "MATCH (a)-[r]->(b) WHERE r.retracted_at > timestamp() * 1000 RETURN type(r), a.id, b.id, r.from_ref, r.to_ref", {}
        )
        of = {(label, entity): tuple(sorted(ids)) for (label, entity), ids in groups.items()}
        known = {entity: ids for (_, entity), ids in of.items()}
        return sorted(of.values()), sorted((type_, known.get(a, a), known.get(b, b), x, y) for type_, a, b, x, y in facts)

    return read


KEYS = "MATCH (r:Record) WHERE r.entity_id <> '' UNWIND r.keys AS key RETURN r.label, r.id, key ORDER BY r.label, r.id, key"
EVERYONE = [("acme", "e-1"), ("ann", "cookie:7", "e-7", "n-1"), ("bob",), ("cookie:8", "n-2")]


async def test_what_sources_know_of_one_person_is_at_one_node(loads, parted, store, chain):
    reports = await loads(*LOADS)
    assert (await parted())[0] == EVERYONE
    assert [report.total("merged") for report in reports] == [0, 2, 1, 2]
    people = await store.read("test", "MATCH (p:Person) RETURN p.id, p.name, p.anonymous ORDER BY p.id", {})
    assert people == [["ann", "A. Lee", False], ["bob", "Bob Ray", False], ["n-2", "Zoe Kay", False]]
    took = await store.read("test", "MATCH (p:Person)-[:TOOK_PART]->(i) RETURN p.id, i.id ORDER BY i.id", {})
    assert took == [["ann", "w1"], ["n-2", "w2"]]
    found = await chain("e-1")
    assert [(node["personId"], node["depth"]) for node in found["nodes"] if node["personId"]] == [("ann", 0), ("bob", 1)]


@pytest.mark.parametrize("order", list(permutations(LOADS))[1::4], ids="-".join)
async def test_any_order_ends_in_the_same_entities(loads, parted, order):
    await loads(*order)
    assert (await parted())[0] == EVERYONE


async def test_the_same_files_again_find_nothing_new_and_a_dry_run_counts_alike(loads, market, parted, store):
    await loads("crm")
    dry = await market(source="events", as_of=period(DAYS["events"])[0], dry=True, **LOADS["events"])
    wet = (await loads("events"))[0]
    assert [(counts.created, counts.changed, counts.merged) for counts in dry.kinds.values()] == [
        (counts.created, counts.changed, counts.merged) for counts in wet.kinds.values()
    ]
    everything = "MATCH (n) WHERE NOT n:Load AND NOT n:Said RETURN labels(n), properties(n), COUNT { (n)--() } ORDER BY labels(n), n.id, n.name"
    before = await store.read("test", everything, {})
    assert [(report.total("created"), report.total("changed"), report.total("merged")) for report in await loads("crm", "events")] == [(0, 0, 0)] * 2
    assert await store.read("test", everything, {}) == before


@pytest.mark.parametrize("gone", LOADS)
async def test_unloading_one_equals_loading_the_others_alone(loads, parted, store, gone):
    rest = [name for name in LOADS if name != gone]
    await loads(*rest)
    alone, rows, keys = await parted(), await canonical_rows(store), await store.read("test", KEYS, {})
    await store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
    await loads(*LOADS)
    await unload(store, gone, identity)
    assert await parted() == alone
    assert await store.read("test", KEYS, {}) == keys != []
    if gone != "crm":
        assert await canonical_rows(store) == rows


async def test_an_employers_name_brings_its_people_near_to_others_until_it_is_taken_back(market, store):
    people = "person_id,name,company_id\nann,Ann Lee,e\n"
    await market(companies="company_id,name\ne,Acme\n", people=people)
    alone = await store.read("test", KEYS, {})
    assert {id_ for _, id_, _ in alone} == {"ann", "e"}
    await market(source="hr", companies="company_id,name\ne,Zenith\n")
    both = await store.read("test", KEYS, {})
    assert {tuple(row) for row in both if row[1] == "ann"} > {tuple(row) for row in alone if row[1] == "ann"}
    await unload(store, "hr", identity)
    assert await store.read("test", KEYS, {}) == alone


async def test_of_people_who_are_known_only_names_that_are_new_are_looked_up(market, store, monkeypatch):
    await market(people="person_id,name,emails\nann,Ann,ann@acme.example\nbob,Bob,bob@acme.example\n")
    read, asked = store.read, []

    async def noted(name, text, parameters):
        if text in (statements.BEARERS_OF, statements.BEARERS_BETWEEN):
            asked.append(parameters["names"])
        return await read(name, text, parameters)

    monkeypatch.setattr(store, "read", noted)
    people = "person_id,name,emails,aliases\nann,Ann,ann@acme.example,\nbob,Bob,bob@acme.example,bobby\n"
    await market(people=people)
    assert asked == [["bobby", "mail:bob@acme.example"]]
    assert not (await market(people=people, reporting="person_id,manager_id\nbobby,ann\n")).total("rejected")
    assert await store.read("test", "MATCH (a)-[:REPORTS_TO]->(b) RETURN a.id, b.id", {}) == [["bob", "ann"]]


async def test_what_others_say_of_a_record_comes_back_with_it_though_its_person_never_went(market, parted, store):
    await market(source="crm", people="person_id,name,emails\np1,Ann Lee,a@x.example\nboss,Zoe Kay,\n")
    hr = {"source": "hr", "people": "person_id,name,emails,phones\nq1,Ann Lee,a@x.example,+4930123456\n"}
    await market(**hr)
    await market(source="chart", reporting="person_id,manager_id\nq1,boss\nphone:+4930123456,boss\n")
    with_both = await parted()
    await unload(store, "hr", identity)
    assert (await parted())[1] == [], "while nobody knows these names, they name nobody"
    await market(**hr)
    assert await parted() == with_both
    assert [type_ for type_, *_ in with_both[1]] == ["REPORTS_TO"] * 2


async def test_a_row_that_bridges_two_merges_them(market, parted, store):
    await market(people="person_id,name,emails,phones\np1,Ann Lee,a@x.example,\nq1,Lee Ann,,+4930123456\n")
    assert (await parted())[0] == [("p1",), ("q1",)]
    report = await market(people="person_id,name,emails,phones\nr1,Ann Lee,a@x.example,+4930123456\n")
    assert (await parted())[0] == [("p1", "q1", "r1")]
    assert report.total("merged") == 2


async def test_an_id_that_is_another_ones_alias_is_put_before_a_person_where_the_names_differ(market, parted, ask):
    await market(companies="company_id,name,aliases\n007,Seven,\nbank,Bank,007\n")
    assert (await parted())[0] == [("007",), ("bank",)]
    found = await ask("{ identityReview { edges { node { rule firstId secondId why } } } }")
    assert [edge["node"] for edge in found["data"]["identityReview"]["edges"]] == [
        {"rule": "id", "firstId": "007", "secondId": "bank", "why": ["bank names 007 among its ids", "their names or numbers differ"]}
    ]


async def test_what_was_declared_apart_stays_apart_in_every_load(loads, parted, store, settings):
    await loads("crm", "events")
    await not_same(Desk(store, identity), first="ann", second="e-7")
    await loads("web", "news", "crm", "events")
    assert (await parted())[0] == [("acme", "e-1"), ("ann",), ("bob",), ("cookie:7", "e-7", "n-1"), ("cookie:8", "n-2")]


async def test_what_was_declared_apart_is_apart_in_a_graph_loaded_from_the_export(loads, store, tmp_path):
    people = "MATCH (r:Record {label: 'Person'}) RETURN r.id, r.entity_id ORDER BY r.id"
    await loads("crm", "events")
    await not_same(Desk(store, identity), first="ann", second="e-7")
    rows = await canonical_rows(store)
    assert [row["not_same_as"] for row in rows["people"] if row["name"] == "Ann Lee"] == ["e-7"]
    await export(store, tmp_path / "out")
    await store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
    for _ in range(2):
        await load(store, [tmp_path / "out"], as_of=period("2026-05-01")[0])
        assert await store.read("test", people, {}) == [["ann", "ann"], ["bob", "bob"], ["e-7", "e-7"]]
        assert await canonical_rows(store) == rows
    assert await store.read("test", "MATCH (:Record)-[t:NOT_SAME_AS]->(:Record) RETURN count(t)", {}) == [[2]], "each load says it for itself"
    await merge_entities(Desk(store, identity), into="ann", from_="e-7")
    await load(store, [tmp_path / "out"], as_of=period("2026-05-02")[0])
    assert ["e-7", "ann"] in await store.read("test", people, {}), "what somebody decides later counts, whatever the files say again"


async def test_what_several_files_declare_apart_is_apart_until_the_last_of_them_goes(market, parted, store, ask):
    people = "person_id,name,emails\nann,Ann Lee,a@x.example\ntwin,Ann Lee,a@x.example\n"
    apart = "person_id,name,not_same_as\nann,Ann Lee,twin\n"
    await market(source="crm", people=people)
    assert (await parted())[0] == [("ann", "twin")]
    first = await market(source="hr", people=apart)
    assert (await parted())[0] == [("ann",), ("twin",)], "a file parts two who are joined already"
    await market(source="events", people=apart)
    again = await market(source="events", people=apart)
    found = await ask('{ person(id: "ann") { identity { ties { rule author revision } } } }')
    told = [each for each in found["data"]["person"]["identity"]["ties"] if each["rule"] == "in a file"]
    assert [(each["author"], each["revision"]) for each in told] == [("hr", first.load), ("events", again.load)], "a source is told once"
    await unload(store, str(first.load), identity)
    assert (await parted())[0] == [("ann",), ("twin",)], "the other file still says so"
    joined = await merge_entities(Desk(store, identity), into="ann", from_="twin")
    await market(source="hr", people=apart)
    assert (await parted())[0] == [("ann", "twin")], "a person counts before all files"
    assert not any(row.get("not_same_as") for row in (await canonical_rows(store))["people"])
    await unload(store, str(joined.revision), identity)
    assert (await parted())[0] == [("ann",), ("twin",)]
    for source in ("hr", "events"):
        await unload(store, source, identity)
    assert (await parted())[0] == [("ann", "twin")]


async def test_a_row_may_not_part_somebody_from_themselves_or_from_nobody(market):
    report = await market(people="person_id,name,not_same_as\nann,Ann Lee,bob\nbob,Bob Ray,bob\nzoe,Zoe Kay,nobody\n")
    assert report.total("rejected") == 3, "the first falls with the second, whom it names"


async def test_a_doubtful_pair_is_put_before_a_person_once(market, ask, store, settings):
    await market(companies="company_id,name\na,Acme\n", people="person_id,name,company_id,emails\np,Ann Lee,a,ann@acme.example\n")
    await market(source="list", companies="company_id,name\nb,Acme\n", people="person_id,name,company_id,emails\nq,Lee,b,ann@acme.example\n")
    query = "{ identityReview { totalCount edges { node { kind score rule why firstId firstName secondId secondName } } } }"
    found = (await ask(query))["data"]["identityReview"]
    pairs = {edge["node"]["kind"]: edge["node"] for edge in found["edges"]}
    assert set(pairs) == {"COMPANY", "PERSON"} or set(pairs) == {"PERSON"}
    person = pairs["PERSON"]
    assert (person["rule"], person["firstName"], person["secondName"]) == ("e-mail", "Ann Lee", "Lee")
    assert 0.9 <= person["score"] < 0.99
    assert any("ann@acme.example" in why for why in person["why"])
    await not_same(Desk(store, identity), first="p", second="q")
    assert "PERSON" not in [edge["node"]["kind"] for edge in (await ask(query))["data"]["identityReview"]["edges"]]


async def test_an_export_of_merged_people_loads_into_an_equal_graph(loads, store, tmp_path, parted):
    await loads(*LOADS)
    rows = await canonical_rows(store)
    await export(store, tmp_path / "out")
    await store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
    report = await load(store, [tmp_path / "out"], as_of=period("2026-05-01")[0], reports_in=tmp_path / "reports")
    assert report.total("rejected") == 0
    assert await canonical_rows(store) == rows
