"""The planner's lists on a small market: whom to leave alone, what is missing, what an event brought, and what the portfolio is made of."""

import re
from datetime import datetime

import pytest

from api.context import Context
from api.execute import Engine
from api.render import formats
from graph.instants import period
from queries.account_completeness import account_completeness
from queries.account_rfm import account_rfm
from queries.campaign_impact import campaign_impact
from queries.can_touch import can_touch
from queries.data_completeness import data_completeness
from queries.portfolio import portfolio
from tests.filling import emptied, filled

LATIN_WORDS = re.compile("[A-Za-z]{2,}")
AT = "2026-06-30T12:00:00+00:00"
FILES = {
    "territories": "territory_id,name,level\ngd,广东,province\nsh,上海,province\n",
    "companies": "company_id,name,kinds,industry,territory_id,tier,owner_id\nus,Us,us,,,,\nbank,东方银行,account,bank,gd,1,ann\n"
    "mill,Mill,account,steel,sh,,ben\nshop,Shop,account,,,,ann\nbare,Bare,account,,,,\nelse,Else,association,,,,\n",
    "people": "person_id,name,emails,company_id,title,department,do_not_contact,consent_until,legal_basis,valid_from\n"
    "ann,Ann,ann@us.example,us,,,,,,\nben,Ben,,us,,,,,,\nli,李伟,li@bank.example,bank,CFO,财务部,,,,\nwang,王芳,,bank,,,,,,\nzhao,赵六,,bank,科长,信息科,yes,,,\n"
    "qian,钱进,,mill,,,,2026-06-01,,\nmo,Mo,,mill,,,,,,\nzed,Zed,,,,,,,,\nnew,新,,,,,,,,\nlaw,Lew,,,,,,,Legal obligation,\n"
    "back,Bo,,,,,,2027-06-01,consent,2026-05-20\n",
    "employments": "person_id,company_id,valid_from,valid_to\nnew,shop,2020-01-01,2026-05-01\nnew,else,2026-05-01,\n",
    "products": "product_id,name,company_id\ncore,Core,us\n",
    "roles": "person_id,role,company_id,role_confidence\nli,ECONOMIC_BUYER,bank,\nmo,DECISION_MAKER,mill,0\n",
    "campaigns": "campaign_id,name,type,starts_at,ends_at,topics\nday,Data Day,event,2026-04-10,2026-04-10,data\nlater,Later,event,2026-06-20,,\n"
    "bare,Bare,paper,,,\n",
    "interactions": "interaction_id,type,at,status,topic,campaign_id,direction,utm_medium,from_id,to_ids\n"
    "m1,message,2026-06-24T09:00,held,data,,,,ann,li\nm2,message,2026-06-26T09:00,held,,,,,ann,li;wang\nm3,call,2026-06-29T09:00,held,,,,,ben,li\n"
    "m4,message,2026-06-29T10:00,held,,,,,li,ann\nm5,message,2026-06-29T11:00,cancelled,,,,,ann,wang\n"
    "m6,message,2026-06-28T09:00,held,data,,out,,,mo\nm7,message,2026-07-02T09:00,held,,,,,ann,wang\n"
    "u1,unsubscribe,2026-05-01T09:00,held,,,,,wang,\nu2,unsubscribe,2026-05-01T09:00,held,,,,phone,mo,\n"
    "u3,unsubscribe,2026-05-01T09:00,held,,,,,back,\n"
    "r1,registration,2026-04-01T09:00,held,,day,,,li,\nr2,registration,2026-04-02T09:00,held,,day,,,qian,\nr3,registration,2026-04-02T09:00,held,,day,,,zed,\n"
    "r5,registration,2026-04-03T09:00,held,,day,,,new,\n"
    "c1,check_in,2026-04-10T09:00,held,,day,,,li,\nc2,check_in,2026-04-10T09:00,held,,day,,,mo,\nc3,check_in,2026-04-10T09:00,held,,day,,,ann,\n"
    "r4,registration,2026-06-15T09:00,held,,later,,,li,\n"
    "v1,visit,2026-04-20T09:00,held,,,,,ann,li\nv2,visit,2026-04-22T09:00,held,,,,,ben,li\n",
    "purchases": "purchase_id,company_id,product_id,on,amount,currency\np1,bank,core,2025-01-10,100,CNY\np2,bank,core,2026-03-10,300,CNY\n"
    "p3,mill,core,2024-09-10,100,CNY\np4,mill,core,2020-01-01,900,CNY\np5,shop,core,2026-01-01,50,EUR\n",
    "opportunities": "opportunity_id,company_id,name,stage,amount,currency,opened_on,close_on,outcome\n"
    "d1,bank,One,Closed,300,CNY,2026-01-01,2026-03-10,won\nd2,bank,Two,Closed,10,CNY,2026-01-01,2026-04-01,lost\n"
    "d3,mill,Three,Closed,10,CNY,2026-01-01,2026-08-01,won\nd4,bank,Four,Talks,80,CNY,2026-05-01,2026-09-01,open\n",
    "bantc": "opportunity_id,field,state,value,at\nd4,BUDGET,stated,80,2026-05-02\nd4,NEED,unknown,,2026-05-02\n",
}


@pytest.fixture(scope="module")
async def planner(one_store, settings, tmp_path_factory):
    """``await planner("{ ... }")`` answers at noon of 30 June 2026."""
    await filled(await emptied(one_store), tmp_path_factory.mktemp("planner"), FILES, as_of=period("2026-06-30")[0])
    engine = Engine(settings)

    async def run(text, language="en"):
        answer = await engine(text.replace("(AT", f'(asOf: "{AT}"'), {}, None, Context(one_store, settings, language))
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    run.store, run.view = one_store, await Context(one_store, settings).view(as_of=datetime.fromisoformat(AT))
    return run


async def touching(planner, person, arguments=""):
    fields = "allowed allowedFrom touchesIn7Days touchesIn30Days lastTouchAt why rules { rule until why }"
    return (await planner(f'{{ person(id: "{person}") {{ canTouch(AT {arguments}) {{ {fields} }} }} }}'))["person"]["canTouch"]


async def test_who_was_touched_three_times_this_week_is_left_alone_until_the_first_is_a_week_old(planner):
    found = await touching(planner, "li")
    assert [rule["rule"] for rule in found["rules"]] == ["TOO_OFTEN_IN_7_DAYS"]
    assert (found["allowed"], found["allowedFrom"], found["touchesIn7Days"]) == (False, "2026-07-01T09:00:00+00:00", 3)
    assert found["why"] == "No: 3 touches of ours within 7 days. From 1 Jul 2026 on again."
    again = await touching(planner, "li", ', topic: "DATA"')
    assert [rule["rule"] for rule in again["rules"]] == ["TOO_OFTEN_IN_7_DAYS", "SAME_TOPIC"]
    assert again["allowedFrom"] == "2026-07-24T09:00:00+00:00"


async def test_what_they_wrote_what_was_cancelled_and_what_is_to_come_is_no_touch(planner):
    found = await touching(planner, "wang", ", channel: CALL")
    assert (found["allowed"], found["touchesIn30Days"]) == (True, 1)
    assert found["why"] == "Yes: 1 of 3 touches within 7 days, 1 of 6 within 30."


async def test_an_unsubscription_closes_the_channel_that_it_names(planner):
    assert [rule["rule"] for rule in (await touching(planner, "wang"))["rules"]] == ["UNSUBSCRIBED"]
    assert (await touching(planner, "wang"))["allowedFrom"] is None
    assert (await touching(planner, "mo"))["allowed"]
    assert not (await touching(planner, "mo", ", channel: CALL"))["allowed"]
    assert (await touching(planner, "mo"))["touchesIn7Days"] == 1, "towards them, whoever of us it was"


async def test_who_opted_out_and_whose_consent_is_over_is_never_touched(planner):
    assert [rule["rule"] for rule in (await touching(planner, "zhao"))["rules"]] == ["DO_NOT_CONTACT"]
    assert [rule["rule"] for rule in (await touching(planner, "qian"))["rules"]] == ["CONSENT_OVER"]


async def test_a_legal_basis_that_is_none_for_marketing_bars_every_channel(planner):
    for channel in ("MESSAGE", "CALL"):
        found = await touching(planner, "law", f", channel: {channel}")
        assert ([rule["rule"] for rule in found["rules"]], found["allowedFrom"]) == (["LEGAL_BASIS"], None)
    assert found["why"] == "No: the legal basis does not cover calls."


async def test_who_unsubscribed_and_agreed_again_may_be_written_to(planner):
    assert (await touching(planner, "back"))["allowed"]
    before = 'allowed: canTouch(asOf: "2026-05-19T12:00:00+00:00") { rules { rule } }'
    assert (await planner(f'{{ person(id: "back") {{ {before} }} }}'))["person"]["allowed"]["rules"] == [{"rule": "UNSUBSCRIBED"}]


async def test_an_event_and_what_came_of_it(planner):
    fields = """registered came walkIns showUp { value low high count } roles before after beforeAt afterAt why
      accounts { company { id } people before after } closed { company { id } role before after }"""
    found = (await planner(f'{{ campaign(id: "day") {{ impact(AT) {{ {fields} }} }} }}'))["campaign"]["impact"]
    assert (found["registered"], found["came"], found["walkIns"]) == (4, 2, 1), "ours are not counted"
    assert (found["showUp"]["value"], found["showUp"]["count"]) == (pytest.approx(1 / 4), 4)
    assert [(one["company"]["id"], one["people"]) for one in found["accounts"]] == [("mill", 2), ("bank", 1), ("shop", 1)], "where they worked then"
    assert found["roles"] == ["ECONOMIC_BUYER"]
    before, after = (f'{name}: coverage(asOf: "{found[f"{name}At"]}") {{ pessimistic }}' for name in ("before", "after"))
    coverage = f'{{ account(id: "bank") {{ {before} {after} }} }}'
    assert (found["beforeAt"], found["afterAt"]) == ("2026-03-11T00:00:00+00:00", "2026-05-10T00:00:00+00:00")
    bank = (await planner(coverage))["account"]
    told = next(one for one in found["accounts"] if one["company"]["id"] == "bank")
    assert (told["before"], told["after"]) == pytest.approx((bank["before"]["pessimistic"], bank["after"]["pessimistic"]))
    assert [(one["company"]["id"], one["role"], one["before"]) for one in found["closed"]] == [("bank", "ECONOMIC_BUYER", 0)]
    assert found["after"] == pytest.approx(told["after"] / 3)


async def test_a_campaign_that_has_not_had_its_month_yet_says_nothing_of_after(planner):
    fields = "registered came showUp { value } before after afterAt closed { role } why"
    later, bare = [(await planner(f'{{ campaign(id: "{id_}") {{ impact(AT) {{ {fields} }} }} }}'))["campaign"]["impact"] for id_ in ("later", "bare")]
    assert (later["registered"], later["came"], later["showUp"]["value"], later["after"], later["afterAt"]) == (1, 0, 0, None, None)
    assert later["before"] is not None
    assert (bare["why"], bare["showUp"]["value"], bare["before"]) == ("Nobody registered or came.", None, None)


async def test_a_portfolio_of_three_currencies_and_a_deal_that_closes_later(planner):
    fields = """currency leftOut winRate { value count } concentration { total accounts buying top1Percent gini } why
      parts { id accounts buying amount share winRate { value count } }"""
    found = (await planner(f"{{ portfolio(AT) {{ {fields} }} }}"))["portfolio"]
    accounts = "company { id } code missing lastOn purchases amount"
    listed = (await planner(f"{{ accountRfm(AT) {{ totalCount edges {{ node {{ {accounts} }} }} }} }}"))["accountRfm"]
    nodes = [edge["node"] for edge in listed["edges"]]
    assert [one["company"]["id"] for one in nodes] == ["bank", "mill", "bare", "shop"]
    assert (found["currency"], found["leftOut"]) == ("CNY", 1)
    assert found["why"].endswith(" 1 purchase in another currency, or without an amount, is in no sum.")
    assert found["concentration"] == {"total": 500, "accounts": 4, "buying": 3, "top1Percent": 0.8, "gini": pytest.approx(0.65)}
    assert found["winRate"] == {"value": 0.5, "count": 2}, "what closes after asOf has not been won yet"
    rows = {one["company"]["id"]: (one["code"], one["missing"], one["purchases"], one["amount"]) for one in nodes}
    assert rows["bank"] == ("3-3-3", None, 2, 400)
    assert rows["mill"] == ("2-2-2", None, 1, 100)
    assert rows["shop"] == (None, "NO_EVIDENCE", 1, None), "it bought, but in another currency"
    assert rows["bare"] == (None, "NOT_APPLICABLE", 0, 0)
    last = {one["company"]["id"]: one["lastOn"] and one["lastOn"][:10] for one in nodes}
    assert (last["shop"], last["bare"]) == ("2026-01-01", None)
    assert [(one["id"], one["accounts"], one["amount"]) for one in found["parts"]] == [("bank", 1, 400), ("steel", 1, 100), (None, 2, 0)]
    euros = (await planner('{ portfolio(AT, currency: "EUR") { leftOut concentration { total } } }'))["portfolio"]
    assert euros == {"leftOut": 3, "concentration": {"total": 50}}


async def test_what_each_owner_has_not_filled_in(planner):
    fields = "share owners { owner { id } accounts contacts deals share cells { cell wanted filled } worst { company { id } share missing } why }"
    found = (await planner(f"{{ dataCompleteness(AT) {{ {fields} }} }}"))["dataCompleteness"]
    assert [one["owner"] and one["owner"]["id"] for one in found["owners"]] == ["ben", "ann", None]
    ann = found["owners"][1]
    cells = {one["cell"]: (one["wanted"], one["filled"]) for one in ann["cells"]}
    assert (ann["accounts"], ann["contacts"], ann["deals"]) == (2, 3, 1)
    assert cells["ACCOUNT_INDUSTRY"] == cells["ACCOUNT_TERRITORY"] == cells["ACCOUNT_TIER"] == (2, 1)
    assert cells["CONTACT_TITLE"] == cells["CONTACT_DEPARTMENT"] == (3, 2)
    assert cells["CONTACT_ADDRESS"] == cells["CONTACT_ROLE"] == (3, 1)
    assert (cells["DEAL_BUDGET"], cells["DEAL_NEED"], cells["DEAL_CLOSE_ON"]) == ((1, 1), (1, 0), (1, 1))
    assert ann["share"] == pytest.approx((3 + 2 + 2 + 1 + 1 + 2) / (6 + 12 + 6))
    assert [one["company"]["id"] for one in ann["worst"]] == ["shop", "bank"]
    ben = found["owners"][0]
    assert {one["cell"]: one["filled"] for one in ben["cells"]}["CONTACT_ROLE"] == 0, "a role denied is none"
    mine = (await planner('{ dataCompleteness(AT, owner: "ann@us.example") { owners { owner { id } } } }'))["dataCompleteness"]
    assert [one["owner"]["id"] for one in mine["owners"]] == ["ann"]


async def test_the_emptiest_accounts_page_by_page(planner):
    fields = "totalCount pageInfo { endCursor } edges { node { company { id } owner { id } share missing } }"
    first = (await planner(f"{{ accountCompleteness(AT, first: 3) {{ {fields} }} }}"))["accountCompleteness"]
    rest = (await planner(f'{{ accountCompleteness(first: 3, after: "{first["pageInfo"]["endCursor"]}") {{ {fields} }} }}'))["accountCompleteness"]
    nodes = [edge["node"] for page in (first, rest) for edge in page["edges"]]
    assert first["totalCount"] == len(nodes) == 4
    assert [one["share"] for one in nodes] == sorted(one["share"] for one in nodes)
    assert {one["company"]["id"]: one["owner"] and one["owner"]["id"] for one in nodes} == {"bank": "ann", "shop": "ann", "mill": "ben", "bare": None}
    assert nodes[0]["missing"] == ["ACCOUNT_INDUSTRY", "ACCOUNT_TERRITORY", "ACCOUNT_TIER"], "nothing is known of it, nobody and no deal"


async def test_a_campaign_tells_as_many_accounts_as_are_asked_for(planner):
    fields = "accountCount accounts { company { id } } closedCount closed { role } after"
    found = (await planner(f'{{ campaign(id: "day") {{ impact(AT, most: 1) {{ {fields} }} none: impact(AT, most: 0) {{ {fields} }} }} }}'))[
        "campaign"
    ]
    assert (found["impact"]["accountCount"], found["impact"]["accounts"]) == (3, [{"company": {"id": "mill"}}])
    assert (found["none"]["accounts"], found["none"]["closed"], found["none"]["closedCount"]) == ([], [], 1)
    assert found["none"]["after"] == found["impact"]["after"]


async def test_my_accounts_are_those_that_i_own(planner):
    found = (await planner('{ accounts(AT, owner: "ann@us.example") { totalCount edges { node { id } } } }'))["accounts"]
    assert {edge["node"]["id"] for edge in found["edges"]} == {"bank", "shop"}
    steel = (await planner('{ accounts(AT, owner: "ben", filter: {industry: ["steel"]}) { edges { node { id } } } }'))["accounts"]
    assert [edge["node"]["id"] for edge in steel["edges"]] == ["mill"]


async def test_each_list_is_a_sheet(planner):
    store, view = planner.store, planner.view
    told = {
        can_touch: (await can_touch(store, view, ["li"]))["li"],
        portfolio: await portfolio(store, view),
        account_rfm: await account_rfm(store, view),
        account_completeness: await account_completeness(store, view),
        data_completeness: await data_completeness(store, view),
        campaign_impact: (await campaign_impact(store, view, ["day"]))["day"],
    }
    for question, answer in told.items():
        made = formats(question)
        assert made["csv"](answer).count("\n") >= 1
        assert made["xlsx"](answer).startswith(b"PK")
        assert len(made["table"](answer)) > 20


async def test_in_chinese(planner):
    found = await planner('{ person(id: "li") { canTouch(AT) { why } } portfolio(AT) { why } dataCompleteness(AT) { owners { why } } '
                          'campaign(id: "day") { impact(AT) { why } } }', "zh-CN")  # fmt: skip
    assert found["person"]["canTouch"]["why"] == "暂不可联系：7天内我方已触达3次。2026年7月1日起可以。"
    assert "占80%" in found["portfolio"]["why"]
    assert found["portfolio"]["why"].endswith("。另有1笔采购为其他币种或金额未知，未计入任何合计。")
    assert "4人报名、2人到场" in found["campaign"]["impact"]["why"]
    assert all("完整度" in one["why"] for one in found["dataCompleteness"]["owners"])
    assert not any(LATIN_WORDS.search(one["why"].split("：", 1)[1]) for one in found["dataCompleteness"]["owners"]), "but for names"
