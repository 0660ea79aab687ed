"""Lists as people look through them: searched in two scripts, filtered, ordered, page by page while loads land, within one's territories."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.errors import InvalidInput, NotFound
from graph.filter import AccountFilter
from graph.instants import period
from graph.ledger import unload
from graph.model import NAMES_SINCE
from graph.page import Cursor, Place, opened
from graph.question import Anchor
from graph.upgrade import ensure_schema
from loaders import identity
from queries.accounts import accounts
from queries.anchors.accounts import account_ids
from queries.anchors.entities import facts_of
from queries.companies import CompanyOrder, companies
from queries.opportunities import opportunities
from queries.people import people

COMPANIES = """company_id,name,aliases,kinds,tier,value,employees,industry,country,parent_id,owner_id,territory_id,tags,domain
cmb,招商银行,CMB,account,1,.9,100000,bank,CN,,,gd,vip,cmb.cn
hw,华为技术有限公司,Huawei;华为,account,2,.5,,tech,CN,,u1,sz,,
wh,武汉华中医院,,account,,,900,,CN,cmb,,hb,,
whx,武汉分院,,account,,,,,CN,wh,,hb,,
boc,Bank of China,中国银行,account,1,,,Bank,cn,,,,,
att,AT&T,,account,,,,,US,,,,,
node,Node.js Works,,account,3,,,,,,,,,
us,我们,,us,,,,,,,,,,
rv,Rival,,competitor,,,,,,,,,,
"""
PEOPLE = """person_id,name,aliases,company_id,emails,do_not_contact
u1,王伟,,us,w@us.cn,
p1,王小明,Tiger Wang,cmb,xm@cmb.cn,yes
p2,Wang Li,,hw,,
p3,欧阳娜娜,,wh,,
"""
TERRITORIES = "territory_id,name,level,parent_id\ncn,中国,province,\ngd,广东,province,cn\nsz,深圳,city,gd\nhb,湖北,province,cn\n"
MORE = {
    "territories": TERRITORIES,
    "products": "product_id,name,company_id\nx,X,us\nr,R,rv\n",
    "uses": "company_id,product_id\nhw,r\ncmb,x\n",
    "tags": "company_id,tag,expires_on\nhw,hot,2999-01-01\nboc,hot,2020-01-01\n",
    "segments": "segment_id,name,filter\nsouth,South,territory=gd\nbig,Big,tier=1;industry=bank\n",
    "opportunities": "opportunity_id,company_id,name,product_id,stage,amount,close_on,outcome,owner_id\n"
    "o1,cmb,手机银行,x,demo,5,2026-09-01,open,u1\no2,hw,,x,,,,won,\no3,cmb,Core,x,,9,2026-08-01,open,\n",
    "campaigns": "campaign_id,name,type,starts_at,topics\nc1,秋季峰会,event,2026-10-01,云;AI\nc2,Cloud paper,paper,,云\n",
    "interactions": "type,at,from_id\nvisit,2026-01-01,cookie9\n",
}


@pytest.fixture
async def china(market):
    report = await market(companies=COMPANIES, people=PEOPLE, **MORE)
    assert report.total("rejected") == 0


def ids(found):
    return [edge.node.id for edge in found.edges]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("招商", {"cmb"}),
        ("招商银行", {"cmb"}),
        ("银行", {"cmb", "boc"}),
        ("华", {"hw", "wh"}),
        ("华为huaw", {"hw"}),
        ("huaw", {"hw"}),
        ("bank of", {"boc"}),
        ("The Bank", {"boc"}),
        ("China Bank", {"boc"}),
        ("AT&T", {"att"}),
        ("node.j", {"node"}),
        ("works node", {"node"}),
        ("cmb.cn", {"cmb"}),
        ("无此公司", set()),
        ("ank", set()),
        ("  ", {"cmb", "hw", "wh", "whx", "boc", "att", "node"}),
    ],
)
async def test_search_in_two_scripts(china, store, view, typed, found):
    answer = await accounts(store, await view(), search=typed)
    assert (set(ids(answer)), answer.total_count) == (found, len(found))


@pytest.mark.parametrize(
    "typed", ["*:*", "name:*", 'a" OR "b', "cmb) OR (boc", "\\", "/.*/", "[a TO z]", "cmb~2", "&& ||", "\x00", "\ud800", "'; MATCH (n)", "🏦"]
)
async def test_hostile_text_is_only_text(china, store, view, typed):
    assert ids(await accounts(store, await view(), search=typed)) == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(max_size=12))
async def test_no_text_breaks_the_search(china, store, view, typed):
    assert (await accounts(store, await view(), search=typed)).total_count >= 0


async def test_people_by_name_alias_or_whole_address_and_the_anonymous_only_by_their_id(china, store, view):
    async def found(typed):
        return set(ids(await people(store, await view(), search=typed)))

    assert await found("王") == {"u1", "p1"}
    assert await found("小明") == {"p1"}
    assert await found("wang") == {"p1", "p2"}
    assert await found("欧阳") == {"p3"}
    assert await found("XM@cmb.cn") == {"p1"}
    assert await found("xm@cmb") == set()
    assert await found("cookie") == set()
    assert await found("cookie9") == {"cookie9"}
    assert "cookie9" not in await found("")


async def test_whoever_is_one_is_found_by_every_name_that_a_source_told(china, market, store, view):
    """Whichever of them is shown; until that source is taken back, and within one's territories only."""

    async def found(at=None):
        at = at or await view()
        typed = {accounts: ("招商", "merchants", "cathay"), people: ("小明", "xiaoming", "tiger", "王伟", "wei wang")}
        return {each: set(ids(await question(store, at, search=each))) for question, names in typed.items() for each in names}

    shown = "company_id,name\ncmb,China Merchants Bank\n"
    report = await market(source="crm", companies=shown, people="person_id,name,emails\nq,Xiaoming Wang,xm@cmb.cn\nu1,Wei Wang,\n")
    assert (report.total("rejected"), report.total("merged")) == (0, 1)
    told = {"招商": {"cmb"}, "merchants": {"cmb"}, "cathay": set(), "小明": {"p1"}, "xiaoming": {"p1"}, "tiger": {"p1"}}
    assert await found() == told | {"王伟": {"u1"}, "wei wang": {"u1"}}
    hubei = await found(replace(await view(), scope=("hb",)))
    assert [name for name, ids_ in hubei.items() if ids_] == ["王伟", "wei wang"], "one of ours, whom everybody sees"
    keys = "MATCH (r:Record) UNWIND r.keys AS key RETURN r.label, r.id, key ORDER BY key, r.id"
    before = await store.read("test", keys, {})
    older = [
        "MATCH (r:Record) UNWIND r.keys AS key WITH key, collect(r.id) AS records CREATE (:MatchKey {key: key, records: records})",
        "MATCH (r:Record) REMOVE r.names, r.keys",
        f"MATCH (s:Schema) SET s.version = {NAMES_SINCE - 1}",
    ]
    await store.write("test", [(text, {}) for text in older])
    await ensure_schema(store)
    assert await store.read("test", keys, {}) == before
    assert await store.read("test", "MATCH (k:MatchKey) RETURN count(k)", {}) == [[0]]
    assert (await found())["招商"] == {"cmb"}, "in a graph that an older version wrote"
    await unload(store, "crm", identity)
    assert await found() == told | {"merchants": set(), "xiaoming": set(), "王伟": {"u1"}, "wei wang": set()}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ({"ids": ["CMB", "hw"]}, {"cmb", "hw"}),
        ({"territory": ["gd"]}, {"cmb", "hw"}),
        ({"territory": ["cn"]}, {"cmb", "hw", "wh", "whx"}),
        ({"segment": ["south", "big"]}, {"cmb", "hw", "boc"}),
        ({"segment": ["south"], "tier": [2]}, {"hw"}),
        ({"industry": ["BANK"], "country": ["cn"]}, {"cmb", "boc"}),
        ({"owner": ["w@us.cn"]}, {"hw"}),
        ({"product": ["x"]}, {"cmb"}),
        ({"competitor": ["rv"]}, {"hw"}),
        ({"tag": ["vip", "hot"]}, {"cmb", "hw"}),
        ({"ids": ["cmb"], "include_subsidiaries": True}, {"cmb", "wh", "whx"}),
        ({"ids": []}, set()),
    ],
)
async def test_which_accounts(china, store, view, text, found):
    assert set(ids(await accounts(store, await view(), filter=AccountFilter(**text)))) == found


@pytest.mark.parametrize("field", ["ids", "segment", "territory", "owner", "product", "competitor"])
async def test_a_filter_names_what_nobody_knows(china, store, view, field):
    with pytest.raises(NotFound) as fault:
        await accounts(store, await view(), filter=AccountFilter(**{field: ["nobody"]}))
    assert fault.value.details["argument"] == f"filter.{field}"


async def test_a_filter_asks_for_a_tier_that_there_is_not(china, store, view):
    with pytest.raises(InvalidInput, match=r"filter: tier 9 cannot be used\. It takes 1, 2, 3\.") as fault:
        await accounts(store, await view(), filter=AccountFilter(tier=[1, 9]))
    assert fault.value.details["argument"] == "filter.tier"


async def test_a_filter_looks_through_the_clocks(market, store, view):
    day = [instant_of(text) for text in ("2026-01-01", "2026-03-01")]
    await market(as_of=day[0], companies="company_id,name,tier\na,A,1\nb,B,2\n")
    first = await view()
    await market(as_of=day[1], companies="company_id,name,tier\na,A,3\n")
    now = await view()
    one = AccountFilter(tier=[1])
    assert await account_ids(store, now, one) == []
    assert await account_ids(store, replace(now, as_of=day[0]), one) == ["a"]
    assert await account_ids(store, replace(now, known_at=first.known_at), one) == ["a"]
    assert ids(await accounts(store, now, order_by=CompanyOrder.TIER)) == ["b", "a"]
    assert ids(await accounts(store, replace(now, as_of=day[0]), order_by=CompanyOrder.TIER)) == ["a", "b"]


def instant_of(text):
    return period(text)[0]


@pytest.mark.parametrize("order", list(CompanyOrder))
@pytest.mark.parametrize("first", [1, 2, 4, 100])
async def test_pages_join_to_the_whole_in_every_order(china, store, view, order, first):
    """The oracle sorts all facts in Python: those without the value last, equals by id."""
    at = await view()
    whole = [edge.node for edge in (await companies(store, at, first=1000)).edges]
    name = order.value.removesuffix("-desc")

    def key(fact):
        value = getattr(fact, name)
        return value.lower() if name == "name" else value

    there = sorted([fact for fact in whole if key(fact) is not None], key=lambda fact: fact.id)
    there.sort(key=key, reverse=order.value.endswith("-desc"))
    expected = [fact.id for fact in there] + sorted(fact.id for fact in whole if key(fact) is None)
    if order.value.endswith("-desc") and name != "id":
        assert len(whole) == 9
    got, after = [], None
    while True:
        page = await companies(store, at, order_by=order, first=first, after=after)
        assert page.total_count == len(whole)
        assert page.page_info.has_previous_page == (after is not None)
        got += ids(page)
        after = page.page_info.end_cursor
        if not page.page_info.has_next_page:
            break
    assert got == expected


async def test_a_load_between_two_pages_neither_hides_nor_doubles(market, ask):
    """Tiers change and accounts arrive while somebody pages by tier: the later pages show the tiers of the first one."""
    rows = [f"c{n},N{n},{1 + n % 3}" for n in range(12)]
    head = "company_id,name,tier\n"
    await market(as_of=instant_of("2026-01-01"), companies=head + "\n".join(rows))
    document = """query($after: String) { accounts(orderBy: TIER, first: 5, after: $after, filter: {tier: [1, 2, 3]}) {
        totalCount edges { node { id tier } } pageInfo { hasNextPage endCursor } } }"""
    page = (await ask(document))["data"]["accounts"]
    seen = [edge["node"] for edge in page["edges"]]
    await market(as_of=instant_of("2026-02-01"), companies=head + "\n".join(f"c{n},N{n},{3 - n % 3}" for n in range(12)))
    while page["pageInfo"]["hasNextPage"]:
        page = (await ask(document, after=page["pageInfo"]["endCursor"]))["data"]["accounts"]
        seen += [edge["node"] for edge in page["edges"]]
    assert seen == [{"id": id_, "tier": tier} for tier, id_ in sorted((1 + n % 3, f"c{n}") for n in range(12))]
    anew = (await ask(document))["data"]["accounts"]
    assert [edge["node"]["tier"] for edge in anew["edges"]] == [1, 1, 1, 1, 2]
    assert anew["edges"][0]["node"]["id"] != seen[0]["id"]


async def test_a_cursor_belongs_to_its_question_and_view(china, ask):
    async def code(document):
        answer = await ask(document)
        return (answer.get("errors") or [{"extensions": {"code": None}, "message": ""}])[0]

    end = (await ask("{ accounts(first: 2) { pageInfo { endCursor } } }"))["data"]["accounts"]["pageInfo"]["endCursor"]
    same = await code(f'{{ accounts(first: 3, after: "{end}") {{ totalCount }} }}')
    assert same["extensions"]["code"] is None
    for other in ('search: "华"', "orderBy: ID", "filter: {tier: [1]}"):
        fault = await code(f'{{ accounts({other}, after: "{end}") {{ totalCount }} }}')
        assert (fault["extensions"]["code"], "begin again" in fault["message"]) == ("INVALID_INPUT", True)
    fault = await code(f'{{ companies(after: "{end}") {{ totalCount }} }}')
    assert fault["extensions"]["code"] == "INVALID_INPUT"
    fault = await code(f'{{ accounts(after: "{end}", asOf: "2020-01-01") {{ totalCount }} }}')
    assert "Leave both out" in fault["message"]


def forged(*parts):
    return base64.urlsafe_b64encode(orjson.dumps(list(parts))).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "é",
        "bnVsbA==",
        forged(),
        forged("d", 0, 0, "k"),
        forged(1, 0, 0, "k", "i"),
        forged("d", "0", 0, "k", "i"),
        forged("d", 2**63, 0, "k", "i"),
        forged("d", -(2**63), 0, "k", "i"),
        forged("d", 0, 10**17, "k", "i"),
        forged("d", 0, 0, {"a": 1}, "i"),
        forged("d", 0, 0, 2**64 - 1, "i"),
        forged("d", 0, 0, "k", None),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    ],
)
async def test_a_hostile_cursor_is_refused_clearly(cursor):
    with pytest.raises(InvalidInput, match="`after` is no cursor of ours") as fault:
        opened(cursor)
    assert fault.value.details == {"argument": "after"}


@given(
    st.text(max_size=30),
    st.none() | st.text(max_size=9) | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=9),
)
def test_a_cursor_comes_back_as_it_went(asked, key, id_):
    cursor = Cursor(asked, 5, 7, Place(key, id_))
    assert opened(cursor.written()) == cursor


async def test_a_hidden_account_is_nowhere(china, store, view):
    """Whoever sees only Guangdong finds neither Hubei's accounts nor their opportunities, in lists, counts, filters and by id."""
    at = replace(await view(), scope=("gd", "sz"))
    hubei = replace(at, scope=("hb",))
    assert (set(ids(await accounts(store, at))), (await accounts(store, at)).total_count) == ({"cmb", "hw"}, 2)
    assert ids(await accounts(store, at, search="武汉")) == []
    assert ids(await accounts(store, at, filter=AccountFilter(ids=["cmb"], include_subsidiaries=True))) == ["cmb"]
    assert set(ids(await opportunities(store, at))) == {"o1", "o2", "o3"}
    assert ids(await opportunities(store, hubei)) == []
    assert set(await facts_of(store, at, Anchor.OPPORTUNITY, ["o1"])) == {"o1"}
    assert await facts_of(store, hubei, Anchor.OPPORTUNITY, ["o1"]) == {}
    with pytest.raises(NotFound):
        await accounts(store, hubei, filter=AccountFilter(ids=["cmb"]))


async def test_every_anchor_by_its_id_and_on_to_its_neighbours(china, ask):
    answer = await ask("""{
        opportunity(id: "o1") { name stage amount closeOn outcome groupId company { id name } product { name company { id } } owner { name } }
        campaign(id: "c1") { name type topics }
        product(id: "r") { name company { name kinds } } }""")
    answer.pop("extensions")
    assert answer == {
        "data": {
            "opportunity": {
                "name": "手机银行",
                "stage": "demo",
                "amount": 5.0,
                "closeOn": "2026-09-01T00:00:00+00:00",
                "outcome": "OPEN",
                "groupId": "o1",
                "company": {"id": "cmb", "name": "招商银行"},
                "product": {"name": "X", "company": {"id": "us"}},
                "owner": {"name": "王伟"},
            },
            "campaign": {"name": "秋季峰会", "type": "event", "topics": ["云", "AI"]},
            "product": {"name": "R", "company": {"name": "Rival", "kinds": ["competitor"]}},
        }
    }
    for field in ("opportunity", "campaign", "product", "company", "person"):
        fault = (await ask(f'{{ {field}(id: "nobody") {{ id }} }}'))["errors"][0]["extensions"]
        assert fault == {"code": "NOT_FOUND", "argument": "id"}


async def test_many_links_cost_as_many_calls_as_one(china, ask, store):
    async def calls(first):
        before = store.calls
        answer = await ask(f"{{ opportunities(first: {first}) {{ edges {{ node {{ company {{ domain }} product {{ category }} }} }} }} }}")
        return store.calls - before, len(answer["data"]["opportunities"]["edges"])

    assert ((await calls(1))[0], 3) == await calls(3)


async def test_opportunities_and_campaigns(china, ask):
    answer = await ask("""{
        opportunities(filter: {outcome: [OPEN], ids: ["cmb"]}) { edges { node { id } } }
        large: opportunities(orderBy: AMOUNT_DESC) { edges { node { id amount } } }
        campaigns(filter: {topic: ["ai"], type: ["event"]}) { edges { node { id } } }
        found: campaigns(search: "云 paper") { totalCount }
        paper: campaigns(search: "paper clou") { totalCount } }""")
    data = json.loads(json.dumps(answer["data"]))
    assert [edge["node"]["id"] for edge in data["opportunities"]["edges"]] == ["o3", "o1"]
    assert [edge["node"]["id"] for edge in data["large"]["edges"]] == ["o3", "o1", "o2"]
    assert [edge["node"]["id"] for edge in data["campaigns"]["edges"]] == ["c1"]
    assert (data["found"]["totalCount"], data["paper"]["totalCount"]) == (0, 1)
    wrong = await ask('{ campaigns(filter: {type: ["party"]}) { totalCount } }')
    assert "It takes event" in wrong["errors"][0]["message"]


async def test_a_segment_that_cannot_be_read_is_refused_with_the_reason(market):
    report = await market(segments="segment_id,name,filter\ns1,A,tier=1\ns2,B,colour=red\ns3,C,segment=s1\n")
    text = Path(report.rejects).read_text(encoding="utf-8")
    assert report.total("rejected") == 2
    assert "segments.csv,3,filter,colour=red" in text
    assert "cannot be made of segments" in text
