"""What two sources know of one person stands at one node once somebody says so."""

import pytest

from graph.decisions import EntityKind
from graph.errors import Ambiguous, InvalidInput, NotFound
from graph.instants import period
from graph.ledger import unload
from graph.writes.merge_entities import merge_entities
from loaders import identity


async def test_facts_of_both_meet(two_sources, desk, store, chain):
    answer = await merge_entities(desk, into="ann@acme.example", from_="h-7", reason="same desk", author="me")
    assert [(entity.id, entity.name, entity.records) for entity in answer.entities] == [("ann", "Lee A.", ["ann", "h-7"])]
    assert answer.revision == 3
    found = await chain("acme-2")
    assert [(node["personId"], node["depth"]) for node in found["nodes"] if node["personId"]] == [("ann", 0), ("h-8", 1)]
    assert found["view"]["revision"] == 3
    assert [node["depth"] for node in (await chain("acme"))["nodes"] if node["personId"] == "bob"] == [1]
    facts = await store.read("test", "MATCH ({id: 'ann'})-[r]-() RETURN DISTINCT r.from_ref, r.to_ref, type(r) ORDER BY type(r), r.from_ref", {})
    assert ["h-8", "h-7", "REPORTS_TO"] in facts
    assert await store.read("test", "MATCH (p:Person {id: 'h-7'}) RETURN p", {}) == []


async def test_the_name_of_the_absorbed_one_still_finds_it(two_sources, desk, ask):
    await merge_entities(desk, into="h-7", from_="ann")
    for name in ("ann", "h-7", "+49301", "ann@acme.example"):
        assert (await ask("query($id: ID!) { person(id: $id) { id } }", id=name))["data"]["person"] == {"id": "ann"}, name


async def test_companies_take_their_groups_and_whatever_names_them(two_sources, desk, store, chain, ask):
    await merge_entities(desk, into="acme", from_="acme-2")
    found = await chain("acme")
    assert {node["personId"] for node in found["nodes"] if node["personId"]} == {"ann", "bob", "h-7", "h-8"}
    assert [(node["roles"] != [], node["stance"]) for node in found["nodes"] if node["personId"] in ("ann", "h-7")] == [(True, None), (False, 1)]
    assert await store.read("test", "MATCH (g:BuyingGroup {company_id: 'acme'}) RETURN g.id ORDER BY g.id", {}) == [["acme"], ["o1"], ["o2"]]
    named = "MATCH (n) WHERE n:Product OR n:Opportunity RETURN n.id, n.company_id, n.company_ref, n.competitor_ids, n.competitor_refs ORDER BY n.id"
    assert await store.read("test", named, {}) == [
        ["o1", "acme", "acme-2", None, None],
        ["o2", "acme", None, ["acme"], ["acme-2"]],
        ["p1", "acme", "acme-2", None, None],
    ]
    assert (await ask('{ account(id: "Acme Holding") { id } }'))["data"]["account"] == {"id": "acme"}


async def test_a_default_group_stays_whole_where_the_other_brings_nothing_new(market, desk, store, chain):
    for id_, day in (("a", "2026-06-01"), ("b", "2026-01-01")):
        files = {"companies": f"company_id,name\n{id_},{id_.upper()}\n", "people": f"person_id,name,company_id\np{id_},P{id_},{id_}\n"}
        await market(as_of=period(day)[0], **files, roles=f"person_id,company_id,role\np{id_},{id_},CHAMPION\n")
    await merge_entities(desk, into="a", from_="b")
    assert await store.read("test", "MATCH (g:BuyingGroup) RETURN g.id, g.company_id", {}) == [["a", "a"]]
    holders = [node["personId"] for node in (await chain("a"))["nodes"] if node["personId"] and node["roles"]]
    assert sorted(holders) == ["pa", "pb"]


KNOWN = "MATCH (a)-[k:KNOWS]->(b) RETURN a.id, b.id, properties(k) ORDER BY a.id, b.id"


async def test_who_knows_whom_follows_and_of_how_many_there_were_too(market, desk, store):
    people = {"companies": "company_id,name,kinds\nus,Us,us\n", "people": "person_id,name,company_id\nme,Me,us\na,A,\nb,B,\nc,C,\nd,D,\n"}
    mails = "\nm1,message,2026-03-02,me,{}\nm2,message,2026-03-03,{},me\n"

    def events(second):
        others = ";".join(dict.fromkeys(["a", second, "c", "d"]))
        return f"interaction_id,type,at,from_id,to_ids\nall,meeting,2026-03-01,me,{others}" + mails.format(second, second)

    await market(**people, interactions=events("a"))
    wanted = await store.read("test", KNOWN, {})
    await store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
    await market(**people, interactions=events("b"))
    before = await store.read("test", KNOWN, {})
    assert len(before) > len(wanted) > 1
    answer = await merge_entities(desk, into="a", from_="b")
    assert await store.read("test", KNOWN, {}) == wanted
    await unload(store, str(answer.revision), identity)
    assert await store.read("test", KNOWN, {}) == before


async def test_the_same_files_again_change_nothing_after_a_merge(two_sources, desk, load_both, everything):
    await merge_entities(desk, into="acme", from_="acme-2")
    await merge_entities(desk, into="ann", from_="h-7")
    before = await everything()
    assert [(report.total("created"), report.total("changed"), report.total("merged")) for report in await load_both()] == [(0, 0, 0)] * 2
    assert await everything() == before


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"into": "ann", "from_": "nobody"}, NotFound, "'nobody'"),
        ({"into": "ann", "from_": "acme"}, InvalidInput, "never one"),
        ({"into": "ann", "from_": "ann@acme.example"}, InvalidInput, "one already"),
    ],
)
async def test_what_cannot_be_merged(two_sources, desk, everything, given, error, says):
    before = await everything()
    with pytest.raises(error, match=says):
        await merge_entities(desk, **given)
    assert await everything() == before


async def test_an_id_of_a_company_and_a_person_wants_a_kind(market, desk):
    await market(companies="company_id,name\n1,A\n2,B\n", people="person_id,name\n1,P\n2,Q\n")
    with pytest.raises(Ambiguous, match="Say which kind"):
        await merge_entities(desk, into="1", from_="2")
    assert (await merge_entities(desk, into="1", from_="2", kind=EntityKind.PERSON)).entities[0].records == ["1", "2"]
