"""Every kind of file: what its rows become in the graph."""

from pathlib import Path

import pytest

from loaders.kinds import KINDS

WORLD = {
    "territories": "territory_id,name,level,parent_id\ngd,广东,province,\nsz,深圳,city,gd\n",
    "companies": "company_id,name,kinds,territory_id,tier\nbank,南方银行,account,sz,1\nus,Us,us,,\nrival,Rival,competitor,,\npal,Pal,partner,,\n",
    "people": "person_id,name,company_id,emails,consent_until\nli,李伟,bank,li@bank.example,2027-01-01\nann,Ann,us,,\n",
    "products": "product_id,name,company_id\ncore,Core,us\nother,Other,rival\n",
    "templates": "template_id,role,weight,theme_zh\nfin,DECISION_MAKER,0.6,行业成功案例\nfin,PROCUREMENT,0.4,\n",
    "segments": "segment_id,name,filter,template_id\ns1,Banks,industry=bank;tier=1,fin\n",
    "groups": "group_id,company_id,name,product_id,template_id\ng1,bank,Core banking,core,fin\n",
    "opportunities": "opportunity_id,company_id,name,product_id,group_id,stage,amount,close_on,competitor_ids,owner_id\n"
    "o1,bank,With a group,core,g1,proposal,1000000,2026-12-01,rival,ann\no2,bank,Of its own,core,,lead,,,,\n",
    "roles": "person_id,role,opportunity_id,group_id\nli,DECISION_MAKER,o1,\nli,CHAMPION,o2,\n",
    "bantc": "opportunity_id,field,state,value\no1,BUDGET,verified,200 万\n",
    "campaigns": "campaign_id,name,type,starts_at,product_ids,organiser_ids\nc1,Day,event,2026-03-01,core,us;pal\n",
    "interactions": "interaction_id,type,at,from_id,to_ids,campaign_id,company_id\n"
    "i1,meeting,2026-03-01T09:00,ann,li,c1,bank\n,message,2026-03-02T10:00:20,wx_open_1,ann,,\n",
    "participants": "interaction_id,person_id,part\ni1,cookie-7,SPEAKER\n",
    "uses": "company_id,product_id,seats,renewal_on,satisfaction\nbank,other,100,2026-09,-0.5\n",
    "purchases": "purchase_id,company_id,product_id,on,amount,currency\nb1,bank,other,2024-09-01,50000,CNY\n",
    "company_links": "from_id,to_id,kind,product_id\npal,bank,SERVES,core\nrival,us,COMPETES_WITH,\n",
    "affiliations": "person_id,company_id,kind,strength\nli,pal,advisor,strong\n",
    "tags": "person_id,company_id,tag,cause\nli,,likes cloud,download\n,bank,key account,\n",
    "events": "event_id,at,kind,company_ids,person_ids,title\ne1,2026-04-01,tender,bank,li,招标\n",
    "grants": "principal,role,territory_id\nwang@us.example,viewer,gd\n",
    "members": "person_id,opportunity_id,stance\nli,o1,MENTOR\n",
    "reporting": "person_id,manager_id\n",
    "influence": "from_id,to_id,kind\nann,li,ADVISES\n",
    "employments": "person_id,company_id,title,valid_from,valid_to\nli,pal,Intern,2010,2012\n",
}


def test_the_world_has_every_kind():
    assert set(WORLD) == {kind.name for kind in KINDS}


@pytest.fixture
async def loaded(market):
    report = await market(**WORLD)
    assert report.total("rejected") == 0, report.rejects and Path(report.rejects).read_text(encoding="utf-8")
    return report


async def rows(store, text):
    return await store.read("test", text, {})


async def test_every_kind_loads_and_a_second_time_changes_nothing(loaded, market):
    again = await market(**WORLD)
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
    ],
)
async def test_a_row_that_cannot_be_used_is_refused_with_its_reason(loaded, market, kind, text, reason):
    report = await market(**{kind: text})
    assert report.kinds[kind].rejected == 1
    assert reason in Path(report.rejects).read_text(encoding="utf-8")
