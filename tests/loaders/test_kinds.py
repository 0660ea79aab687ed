"""Every kind of file: what its rows become in the graph."""

from pathlib import Path

import pytest

from loaders.kinds import KINDS


def test_the_world_has_every_kind(world):
    assert set(world) == {kind.name for kind in KINDS}


@pytest.fixture
async def loaded(market, world):
    report = await market(**world)
    assert report.total("rejected") == 0, report.rejects and Path(report.rejects).read_text(encoding="utf-8")
    return report


async def rows(store, text):
    return await store.read("test", text, {})


async def test_every_kind_loads_and_a_second_time_changes_nothing(loaded, market, world):
    again = await market(**world)
    assert (again.total("created"), again.total("changed"), again.total("rejected")) == (0, 0, 0)
    assert again.total("unchanged") == loaded.total("created")


async def test_an_opportunity_without_a_group_has_one_of_its_own(loaded, store):
    held = await rows(store, "MATCH (p:Person)-[r:HAS_ROLE_IN]->(g) RETURN r.role, g.id ORDER BY g.id")
    assert held == [["DECISION_MAKER", "g1"], ["CHAMPION", "o2"]]
    assert await rows(store, "MATCH (:Person)-[m:MEMBER_OF]->(g) RETURN m.stance, g.id") == [[2, "g1"]]


async def test_dated_values_hang_on_their_field(loaded, store):
    found = await rows(store, "MATCH (o:Opportunity {id: 'o1'})-[v:OPPORTUNITY_VALUE]->(f) RETURN f.id, v.value, v.number, v.state ORDER BY f.id")
    values = {field: value for field, value, _, _ in found}
    assert values == {"AMOUNT": "1000000", "BUDGET": "200 万", "CLOSE_ON": "2026-12-01T00:00:00+00:00", "OWNER": "ann", "STAGE": "proposal"}
    assert found[0][2] == 1_000_000
    assert found[1][3] == "verified"


async def test_an_unknown_identifier_becomes_an_anonymous_person_until_identified(loaded, store, market):
    assert await rows(store, "MATCH (p:Person {anonymous: true}) RETURN p.id ORDER BY p.id") == [["cookie-7"], ["wx_open_1"]]
    await market(people="person_id,name\nwx_open_1,王芳\n")
    assert await rows(store, "MATCH (p:Person {id: 'wx_open_1'}) RETURN p.name, p.anonymous") == [["王芳", False]]
    assert await rows(store, "MATCH (:Person {id: 'wx_open_1'})-[t:TOOK_PART]->() RETURN t.part") == [["SENDER"]]


async def test_an_interaction_without_an_id_is_known_by_type_minute_and_people(loaded, store, market):
    await market(interactions="type,at,from_id,to_ids\nmessage,2026-03-02T10:00:59,wx_open_1,ann\nmessage,2026-03-02T10:01,wx_open_1,ann\n")
    assert await rows(store, "MATCH (i:Interaction {type: 'message'}) RETURN count(i)") == [[2]]


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        ("tags", "tag\nalone\n", "person_id"),
        ("templates", "template_id,role,weight\nt,CHAMPION,0.1\nt,CHAMPION,0.2\n", "stands in this file before"),
        ("uses", "company_id,product_id,satisfaction\nbank,core,-2\n", "between -1 and 1"),
        ("bantc", "opportunity_id,field,state\no1,TIER,stated\n", "is none of"),
        ("company_links", "from_id,to_id,kind\nus,us,SERVES\n", "names the row's own"),
        ("campaigns", "campaign_id,name,type,product_ids\nc9,X,event,core;nix\n", "'nix'"),
        ("purchases", "purchase_id,company_id,product_id,on,amount\nb9,bank,core,yesterday,1\n", "ISO 8601"),
        ("roles", "person_id,role,opportunity_id\nli,CHAMPION,nix\n", "'nix'"),
        ("grants", "principal,role,territory_id\nx,owner,gd\n", "viewer, editor, steward"),
        ("companies", "company_id,name,value_circle\nz,Z,galaxy\n", "business, organisation, industry, national"),
        ("people", "person_id,name,value_circle\nz,Z,galaxy\n", "business, organisation, industry, national"),
        ("companies", "company_id,name,employees\nz,Z,-4\n", "is less than 0"),
        ("templates", "template_id,role,weight,min_members\nt,CHAMPION,0.5,-3\n", "is less than 1"),
        ("uses", "company_id,product_id,seats\nbank,core,-5\n", "is less than 0"),
        ("interactions", "type,at,minutes\ncall,2026-01-01,-30\n", "is less than 0"),
        ("campaigns", "campaign_id,name,type,starts_at,ends_at\nc9,X,event,2026-02-01,2026-01-01\n", "is before starts_at"),
        ("roles", "person_id,role,group_id,company_id\nli,CHAMPION,g1,pal\n", "is not the company of group_id 'g1': that is 'bank'"),
        ("members", "person_id,opportunity_id,company_id\nli,o2,pal\n", "is not the company of opportunity_id 'o2': that is 'bank'"),
        ("roles", "person_id,role,group_id,opportunity_id\nli,CHAMPION,g1,o2\n", "is not the group of opportunity_id 'o2': that is 'o2'"),
    ],
)
async def test_a_row_that_cannot_be_used_is_refused_with_its_reason(loaded, market, kind, text, reason):
    report = await market(**{kind: text})
    assert report.kinds[kind].rejected == 1
    assert reason in Path(report.rejects).read_text(encoding="utf-8")


async def test_a_group_an_opportunity_and_a_company_that_belong_together_are_one_scope(loaded, store, market):
    text = "person_id,role,group_id,opportunity_id,company_id\nli,GATEKEEPER,g1,o1,cmb\nli,LEGAL_COMPLIANCE,,o2,bank\nli,END_USER,o2,o2,\n"
    report = await market(roles=text, companies="company_id,name,aliases\nbank,南方银行,cmb\n")
    assert report.total("rejected") == 0, report.rejects and Path(report.rejects).read_text(encoding="utf-8")
    held = "MATCH (:Person)-[r:HAS_ROLE_IN]->(g) WHERE r.role IN ['GATEKEEPER', 'LEGAL_COMPLIANCE', 'END_USER'] RETURN r.role, g.id ORDER BY r.role"
    assert await rows(store, held) == [["END_USER", "o2"], ["GATEKEEPER", "g1"], ["LEGAL_COMPLIANCE", "o2"]]


async def test_scopes_of_the_same_files_contradict_each_other_too(market, world):
    others = {kind: text for kind, text in world.items() if kind not in ("roles", "members")}
    roles = "person_id,role,group_id,opportunity_id,company_id\nli,CHAMPION,,o2,pal\nli,CHAMPION,g1,o2,\nli,CHAMPION,g1,o1,bank\n"
    report = await market(**others, roles=roles)
    assert (report.kinds["roles"].rejected, report.kinds["roles"].created) == (2, 1)


async def test_a_campaign_of_one_day_ends_when_it_starts(market):
    campaigns = "campaign_id,name,type,starts_at,ends_at\nc,C,event,2026-02-01,2026-02-01\n"
    assert (await market(campaigns=campaigns)).total("rejected") == 0
