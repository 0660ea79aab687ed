"""What hangs on an anchor and changes: as it was on a day, as it was known on a day, and all its stretches."""

from dataclasses import replace

import pytest

from graph.instants import at_moment, period
from queries.employments import employments
from queries.links import links
from queries.reporting import reporting
from queries.tiers import tiers

COMPANIES = "company_id,name,kinds,territory_id\na,甲公司,account,east\nb,Beta,account,west\nus,We,us,\nrv,Rival,competitor,\n"
PEOPLE = "person_id,name\np,王伟\nu1,Uma\nu2,Udo\n"
BASE = {
    "territories": "territory_id,name\neast,East\nwest,West\n",
    "companies": COMPANIES,
    "people": PEOPLE,
    "products": "product_id,name,company_id\nx,X,us\nr,R,rv\n",
}


def at(day):
    return period(day)[0]


@pytest.fixture
async def base(market):
    report = await market(as_of=at("2026-01-01"), **BASE)
    assert report.total("rejected") == 0


@pytest.fixture
def told(ask):
    """``await told("person", "p", "employments(history: true) { title }")`` is that field."""

    async def run(anchor, id_, field):
        answer = await ask(f'{{ {anchor}(id: "{id_}") {{ found: {field} }} }}')
        assert "errors" not in answer, answer["errors"]
        return answer["data"][anchor]["found"]

    return run


async def test_a_person_changes_jobs(base, market, told):
    await market(
        employments="person_id,company_id,title,department,valid_from,valid_to\np,a,CIO,IT,2020-01-01,2025-01-01\np,b,CEO,,2025-01-01,\n", source="hr"
    )
    fields = "{ company { id name } title department validFrom validTo source confidence }"
    now = await told("person", "p", f"employments {fields}")
    assert now == [
        {
            "company": {"id": "b", "name": "Beta"},
            "title": "CEO",
            "department": None,
            "validFrom": "2025-01-01T00:00:00+00:00",
            "validTo": None,
            "source": "hr",
            "confidence": 1.0,
        }
    ]
    assert [job["title"] for job in await told("person", "p", f'employments(asOf: "2024-12-31") {fields}')] == ["CIO"]
    assert [job["title"] for job in await told("person", "p", f"employments(history: true) {fields}")] == ["CEO", "CIO"]
    assert await told("person", "p", f'employments(asOf: "2019-06-01", history: true) {fields}') == []
    assert [job["person"]["name"] for job in await told("company", "b", "people { person { name } }")] == ["王伟"]
    assert await told("company", "a", "people { title }") == []
    assert await told("company", "a", "people(history: true) { title }") == [{"title": "CIO"}]


async def test_what_was_known_then_stays_what_was_known_then(base, market, told, view):
    before = (await view()).known_at
    await market(as_of=at("2026-02-01"), companies="company_id,name,tier,owner_id,parent_id\na,甲公司,1,u1,b\n")
    await market(as_of=at("2026-03-01"), companies="company_id,name,tier,owner_id,parent_id\na,甲公司,3,u2,b\n")
    assert await told("company", "a", "tiers { tier }") == [{"tier": 3}]
    assert await told("company", "a", 'tiers(asOf: "2026-02-10") { tier }') == [{"tier": 1}]
    whole = await told("company", "a", "tiers(history: true) { tier validFrom validTo }")
    assert [(one["tier"], one["validTo"]) for one in whole] == [(3, None), (1, "2026-03-01T00:00:00+00:00")]
    assert await told("company", "a", "tier") == 3
    assert await told("company", "a", "owners { person { id } }") == [{"person": {"id": "u2"}}]
    assert await told("company", "a", 'owners(asOf: "2026-02-10") { person { id } }') == [{"person": {"id": "u1"}}]
    assert await told("company", "a", "parents { company { id } }") == [{"company": {"id": "b"}}]
    then = at_moment(before).isoformat()
    for field in ("tiers", "owners", "parents"):
        assert await told("company", "a", f'{field}(knownAt: "{then}", history: true) {{ key }}') == []


async def test_stretches_of_one_fact_bear_keys_of_their_own(base, market, told):
    await market(employments="person_id,company_id,title,valid_from,valid_to\np,a,CIO,2018-01-01,2019-01-01\np,a,CIO,2021-01-01,2022-01-01\n")
    keys = [job["key"] for job in await told("person", "p", "employments(history: true) { key }")]
    assert len(set(keys)) == 2


async def test_uses_links_groups_and_news(base, market, told):
    await market(
        uses="company_id,product_id,seats,renewal_on,satisfaction,valid_from\na,r,40,2026-12-01,-.5,2024-01-01\n",
        company_links="from_id,to_id,kind,product_id\nb,a,SUPPLIES,x\na,rv,PARTNERS_WITH,\n",
        groups="group_id,company_id,name,product_id\ng,a,Core,x\n",
        roles="person_id,role,group_id\np,CHAMPION,g\n",
        events="event_id,at,kind,company_ids,title\ne1,2026-01-05,tender,a,招标\ne2,2999-01-01,policy,a,Later\n",
    )
    use = (await told("company", "a", "uses { product { id } seller { name } seats seatShare renewalOn satisfaction }"))[0]
    assert use == {
        "product": {"id": "r"},
        "seller": {"name": "Rival"},
        "seats": 40,
        "seatShare": None,
        "renewalOn": "2026-12-01T00:00:00+00:00",
        "satisfaction": -0.5,
    }
    assert await told("company", "a", 'uses(asOf: "2023-06-01") { key }') == []
    links = await told("company", "a", "links { kind outgoing other { id } product { id } }")
    assert sorted(links, key=str) == sorted(
        [
            {"kind": "SUPPLIES", "outgoing": False, "other": {"id": "b"}, "product": {"id": "x"}},
            {"kind": "PARTNERS_WITH", "outgoing": True, "other": {"id": "rv"}, "product": None},
        ],
        key=str,
    )
    assert await told("company", "a", "groups { id name isDefault productId }") == [
        {"id": "a", "name": "甲公司", "isDefault": True, "productId": None},
        {"id": "g", "name": "Core", "isDefault": False, "productId": "x"},
    ]
    assert await told("person", "p", "roles { company { id } groupId groupName role authority }") == [
        {"company": {"id": "a"}, "groupId": "g", "groupName": "Core", "role": "CHAMPION", "authority": None}
    ]
    assert await told("company", "a", "events { kind title at }") == [{"kind": "tender", "title": "招标", "at": "2026-01-05T00:00:00+00:00"}]


async def test_a_deal_from_lead_to_win(base, market, told):
    head = "opportunity_id,company_id,name,product_id,stage,amount,currency,close_on,owner_id,outcome,opened_on\n"
    await market(as_of=at("2026-01-01"), opportunities=head + "o,a,大单,x,lead,10,CNY,2026-09-01,u1,open,2026-01-01\n")
    await market(as_of=at("2026-03-01"), opportunities=head + "o,a,大单,x,proposal,12.5,CNY,2026-09-01,u2,won,2026-01-01\n")
    await market(bantc="opportunity_id,field,state,value,at,said_by_id\no,BUDGET,stated,一百万,2026-02-01,p\n")
    course = await told("opportunity", "o", "course(fields: [STAGE, AMOUNT]) { field value amount closeOn validTo source }")
    assert sorted((one["field"], one["value"], one["amount"], one["validTo"]) for one in course) == [
        ("AMOUNT", "10", 10.0, "2026-03-01T00:00:00+00:00"),
        ("AMOUNT", "12.5", 12.5, None),
        ("STAGE", "lead", None, "2026-03-01T00:00:00+00:00"),
        ("STAGE", "proposal", None, None),
    ]
    then = await told("opportunity", "o", 'course(asOf: "2026-02-10", history: false) { field value }')
    assert sorted((one["field"], one["value"]) for one in then) == [
        ("AMOUNT", "10"),
        ("CLOSE_ON", "2026-09-01T00:00:00+00:00"),
        ("OWNER", "u1"),
        ("STAGE", "lead"),
    ]
    assert await told("opportunity", "o", "bantc { facts { field state value at saidBy { name } } }") == {
        "facts": [{"field": "BUDGET", "state": "stated", "value": "一百万", "at": "2026-02-01T00:00:00+00:00", "saidBy": {"name": "王伟"}}]
    }
    fields = "opportunity { id name } stage amount owner { id }"
    assert await told("company", "a", f'opportunities(asOf: "2026-02-10") {{ {fields} }}') == [
        {"opportunity": {"id": "o", "name": "大单"}, "stage": "lead", "amount": 10.0, "owner": {"id": "u1"}}
    ]
    assert await told("company", "a", 'opportunities(asOf: "2025-01-01") { key }') == []


async def test_thirty_people_cost_as_many_calls_as_one(base, market, ask, store):
    await market(people="person_id,name,company_id\n" + "\n".join(f"n{n},N{n},a" for n in range(30)))

    async def calls(first):
        before = store.calls
        answer = await ask(f"{{ people(first: {first}) {{ edges {{ node {{ employments {{ company {{ name }} }} roles {{ key }} }} }} }} }}")
        assert len(answer["data"]["people"]["edges"]) == first
        return store.calls - before

    assert await calls(2) == await calls(30)


async def test_what_may_not_be_seen_is_left_out_of_what_may(base, market, store, view):
    await market(
        employments="person_id,company_id,title\np,a,CIO\np,b,CEO\n",
        company_links="from_id,to_id,kind\na,b,SERVES\n",
        people="person_id,name,company_id,manager_id\ne,Eve,a,p\nw,Wei,b,p\n",
        companies="company_id,name,territory_id,tier\na,甲公司,east,1\nb,Beta,west,1\n",
    )
    east = replace(await view(), scope=("east",))
    assert [job.title for job in (await employments(store, east, ["p"]))["p"]] == ["CIO"]
    assert (await links(store, east, ["a"]))["a"] == []
    assert [line.other.id for line in (await reporting(store, east, ["p"]))["p"]] == ["e"]
    assert set(await tiers(store, east, ["a", "b"])) == {"a"}


async def test_lines_sway_and_stance_of_one_person_either_way_round(base, market, told):
    await market(
        reporting="person_id,manager_id,line\np,u1,SOLID\nu2,p,DOTTED\n",
        influence="from_id,to_id,kind,strength,topic\nu1,p,ADVISES,strong,云\np,u2,OPPOSES,,\n",
        members="person_id,company_id,stance,power,goals,author_id\np,a,-1,INNER_CIRCLE,升职,u1\n",
    )
    lines = await told("person", "p", "reporting { line upward other { id name } }")
    assert sorted(lines, key=lambda line: line["line"]) == [
        {"line": "DOTTED", "upward": False, "other": {"id": "u2", "name": "Udo"}},
        {"line": "SOLID", "upward": True, "other": {"id": "u1", "name": "Uma"}},
    ]
    sways = await told("person", "p", "influence { kind outgoing other { id } strength topic }")
    assert sorted(sways, key=lambda sway: sway["kind"]) == [
        {"kind": "ADVISES", "outgoing": False, "other": {"id": "u1"}, "strength": 0.7, "topic": "云"},
        {"kind": "OPPOSES", "outgoing": True, "other": {"id": "u2"}, "strength": 0.4, "topic": None},
    ]
    assert await told("person", "p", "memberships { company { id } groupId stance power goals concerns authorId }") == [
        {"company": {"id": "a"}, "groupId": "a", "stance": -1, "power": "INNER_CIRCLE", "goals": "升职", "concerns": None, "authorId": "u1"}
    ]
