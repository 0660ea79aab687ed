"""Where coverage lacks, ranked, and roles by segments: stories, and every figure beside the method taken row by row."""

from dataclasses import replace

import pytest

from api.context import Context
from api.execute import Engine
from graph.measures.gaps import GapType
from queries.committee import market as stretch
from queries.coverage_gaps import coverage_gaps
from tests.slow import Slow

AT = "2026-06-30T12:00:00+00:00"
FILES = {
    "companies": "company_id,name,kinds,tier,value,industry,province\nus,Us,us,,,,\nbank,东方银行,account,1,,银行,广东\nmill,Mill,account,,,Steel,\n"
    "city,City Bank,account,2,,银行,广东\ncoop,Co-op,account,,0.9,银行,上海\nbare,Bare,account,,,,\n",
    "people": "person_id,name,company_id,do_not_contact\nann,Ann,us,\nben,Ben,us,\nwang,王敏,bank,\nli,李伟,bank,\nzhao,赵六,bank,\n"
    "sun,孙立,bank,yes\n"
    "qian,钱进,bank,\nzhou,周颖,bank,\nmo,Mo,mill,\nmei,Mei,mill,\nci,Ci,city,\nco,Co,coop,\ncu,Cu,coop,\ncv,Cv,coop,\ncw,Cw,coop,yes\nxu,徐,city,\n",
    "roles": "person_id,role,company_id,role_confidence\nwang,DECISION_MAKER,bank,0.9\nli,ECONOMIC_BUYER,bank,\nli,END_USER,bank,\n"
    "zhou,END_USER,bank,\nzhao,TECHNICAL_EVALUATOR,bank,\nqian,TECHNICAL_EVALUATOR,bank,0.8\nsun,PROCUREMENT,bank,\nzhou,CHAMPION,bank,0.2\n"
    "mo,DECISION_MAKER,mill,\nmei,END_USER,mill,0.6\nci,DECISION_MAKER,city,\nco,DECISION_MAKER,coop,\ncu,DECISION_MAKER,coop,\ncu,CHAMPION,coop,\ncv,DECISION_MAKER,coop,\n"
    "xu,PROCUREMENT,city,\n",
    "members": "person_id,company_id,stance\nqian,bank,-2\ncu,coop,-1\n",
    "influence": "from_id,to_id,kind,strength\ncv,cu,ADVISES,0.7\nco,cu,ADVISES,0.4\ncw,cu,ADVISES,0.9\nmo,cu,OPPOSES,0.9\nli,qian,ADVISES,0.9\n",
    "opportunities": "opportunity_id,company_id,opened_on,close_on,outcome\no1,bank,2026-01-01,2026-08-29,open\no2,bank,2026-01-01,2026-06-20,lost\n"
    "o3,mill,2026-01-01,2026-06-01,open\no4,coop,2026-07-15,2026-07-30,open\no5,coop,2026-01-01,,open\n",
    "events": "event_id,at,kind,company_ids,person_ids,title\nn1,2026-06-16T09:00,tender,city,,Tender\nn2,2026-05-01T09:00,policy,city;mill,,Policy\n"
    "n3,2026-06-20T09:00,leadership_change,,co,New head\nn4,2026-08-01T09:00,funding,bare,,Not yet\n",
    "segments": "segment_id,name,filter\nbanks,Banks,industry=银行\nsouth,South,province=广东\nbig,Big,tier=1\n",
    "interactions": "interaction_id,type,at,from_id,to_ids\na1,visit,2026-06-01T09:00,ann,wang\na2,visit,2026-06-20T09:00,ann,wang;zhao\n"
    "a3,call,2026-06-11T09:00,ann,li\nb1,visit,2026-06-12T09:00,ben,li\nb2,visit,2026-06-13T09:00,ben,zhou\na5,visit,2026-06-14T09:00,ann,zhou\n"
    "a6,visit,2026-06-15T09:00,ann,li\nb3,message,2026-06-13T09:00,ben,mei\nd1,meeting,2024-01-10T09:00,ben,mo\nd2,meeting,2024-02-10T09:00,ben,mo\n"
    "d3,meeting,2024-02-11T09:00,ben,mo\na4,call,2024-02-12T09:00,ann,mo\nc1,message,2026-06-13T09:00,ann,ci\nc2,message,2026-06-14T09:00,ci,ann\ne1,visit,2026-06-13T09:00,ann,co\n"
    "e2,visit,2026-06-14T09:00,ann,co\ne3,visit,2026-06-15T09:00,ben,co\ne4,visit,2026-06-16T09:00,ben,co\ne5,visit,2026-06-17T09:00,ben,cv\n",
}
ACCOUNTS = ("bank", "mill", "city", "coop", "bare")
GAP = """key account { id } role type state coverage priority { value why components { code value weight contribution } } worth weight urgency reach
  reachKnown path { hops { fromId toId } score { value } }
  people { person { id } confidence state closeness contactable expectedGain } messageTheme expectedGain nextAction meet { id } by { id }
  through { person { id } strength } why"""


@pytest.fixture
async def slow(market):
    report = await market(**FILES)
    assert report.total("rejected") == 0, report
    return Slow(FILES, AT)


@pytest.fixture
def gaps(ask):
    """``await gaps("types: [STALE]")`` are these gaps at noon of 30 June 2026, and how many there are."""

    async def run(arguments="first: 1000"):
        text = f'{{ coverageGaps(asOf: "{AT}", {arguments}) {{ totalCount pageInfo {{ hasNextPage endCursor }} edges {{ node {{ {GAP} }} }} }} }}'
        answer = await ask(text)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]["coverageGaps"]

    return run


def nodes(found):
    return [edge["node"] for edge in found["edges"]]


async def test_every_gap_as_the_method_says_it(slow, gaps):
    found = await gaps()
    expected = {(account, role): gap for account in ACCOUNTS for role, gap in slow.gaps(account).items()}
    got = {
        (one["account"]["id"], one["role"]): (one["type"], one["priority"]["value"], one["expectedGain"], one["meet"] and one["meet"]["id"])
        for one in nodes(found)
    }
    assert got.keys() == expected.keys()
    for place, (type_, rank, gain, meet) in expected.items():
        assert got[place] == (type_, pytest.approx(rank), pytest.approx(gain), meet), place
    assert {type_ for type_, *_ in expected.values()} == {one.value for one in GapType}
    ranks = [(-one["priority"]["value"], f"{one['account']['id']} {one['role']}") for one in nodes(found)]
    assert ranks == sorted(ranks)
    assert found["totalCount"] == len(expected)


async def test_a_gap_tells_what_to_do_and_by_whom(slow, gaps):
    found = {(one["account"]["id"], one["role"]): one for one in nodes(await gaps())}

    def does(account, role):
        one = found[account, role]
        return one["nextAction"], one["meet"] and one["meet"]["id"], one["by"] and one["by"]["id"]

    assert does("mill", "DECISION_MAKER") == ("RE_ENGAGE", "mo", "ben"), "ben was closest once"
    assert does("mill", "END_USER") == ("CHANGE_CHANNEL", "mei", None)
    assert does("bank", "DECISION_MAKER") == ("SECOND_RELATIONSHIP", "wang", None)
    assert does("city", "DECISION_MAKER") == ("TELL_THEME", "ci", "ann")
    assert does("bare", "CHAMPION") == ("FIND_HOLDER", None, None)
    assert does("bank", "PROCUREMENT") == ("FIND_HOLDER", None, None), "whoever opted out is not met"
    assert [one["person"]["id"] for one in found["bank", "PROCUREMENT"]["people"]] == ["sun"]
    assert does("city", "PROCUREMENT") == ("GET_INTRODUCED", "xu", None)
    assert does("coop", "DECISION_MAKER") == ("WORK_THROUGH", "cu", None), "covered by two, through two of us, and one against"
    assert found["mill", "DECISION_MAKER"]["why"] == (
        "Mill: decision maker Mo has gone cold. Next: take up with Mo again, by Ben "
        f"(expected gain {found['mill', 'DECISION_MAKER']['expectedGain']:.3f}; reach {found['mill', 'DECISION_MAKER']['reach']:.2f})."
    )
    for one in found.values():
        free = [each["person"]["id"] for each in one["people"] if each["contactable"]]
        assert one["reachKnown"] == bool(free)
        assert one["reach"] == pytest.approx(max([0.05, *map(slow.reach, free)]))
        assert (one["path"] is not None) == bool(one["meet"] and slow.reach(one["meet"]["id"]))
        if one["path"]:
            assert one["path"]["score"]["value"] == pytest.approx(slow.reach(one["meet"]["id"]))
            assert one["path"]["hops"][0]["fromId"] in slow.ours and one["path"]["hops"][-1]["toId"] == one["meet"]["id"]
        shares = [part["weight"] for part in one["priority"]["components"]]
        assert sum(shares) == pytest.approx(1)
        product = 1.0
        for part in one["priority"]["components"]:
            product *= part["value"]
        assert product == pytest.approx(one["priority"]["value"])


async def test_an_opponent_is_won_through_those_whom_they_hear(slow, gaps):
    found = nodes(await gaps('filter: {ids: ["coop"]}, types: [OPPOSED]'))
    assert {one["role"] for one in found} == {"CHAMPION", "DECISION_MAKER"}
    for one in found:
        assert [(each["person"]["id"], each["strength"]) for each in one["through"]] == [("cv", 0.7), ("co", 0.4)]
        assert "Next: work through Cv and Co (" in one["why"]


async def test_pages_cut_one_order(slow, gaps, monkeypatch):
    whole = [one["key"] for one in nodes(await gaps())]
    monkeypatch.setattr(stretch, "STRETCH", 2)
    seen, after = [], ""
    while True:
        page = await gaps(f"first: 7{after}")
        seen += [one["key"] for one in nodes(page)]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = f', after: "{page["pageInfo"]["endCursor"]}"'
    assert seen == whole


async def test_a_filter_a_type_and_a_role_choose(slow, gaps):
    whole = nodes(await gaps())
    some = await gaps('first: 1000, filter: {industry: ["银行"]}, types: [UNMAPPED, SHALLOW], roles: [DECISION_MAKER, CHAMPION]')
    assert [one["key"] for one in nodes(some)] == [
        one["key"]
        for one in whole
        if one["account"]["id"] in ("bank", "city", "coop")
        and one["type"] in ("UNMAPPED", "SHALLOW")
        and one["role"] in ("DECISION_MAKER", "CHAMPION")
    ]
    nothing = await gaps('filter: {industry: ["Rail"]}')
    assert (nothing["totalCount"], nothing["edges"]) == (0, [])


async def test_a_gap_agrees_with_its_accounts_coverage(slow, gaps, ask):
    answer = await ask(f'{{ account(id: "bank") {{ coverage(asOf: "{AT}") {{ roles {{ role weight state score {{ value }} }} }} }} }}')
    roles = {one["role"]: one for one in answer["data"]["account"]["coverage"]["roles"]}
    for one in nodes(await gaps('filter: {ids: ["bank"]}')):
        same = roles[one["role"]]
        assert (one["state"], one["weight"], one["coverage"]) == (same["state"], same["weight"], same["score"]["value"])


async def test_only_what_may_be_seen_is_ranked(slow, market, store, view):
    await market(territories="territory_id,name\nnorth,North\n", companies="company_id,name,territory_id\nbank,东方银行,north\n")
    seen = await coverage_gaps(store, replace(await view(), scope=("north",)), first=1000)
    assert {edge.node.account.id for edge in seen.edges} == {"bank"}
    assert seen.total_count == len(seen.edges)
    assert (await coverage_gaps(store, replace(await view(), scope=()), first=1)).total_count == 0


async def test_in_chinese(slow, settings, store):
    document = f'{{ coverageGaps(asOf: "{AT}", filter: {{ids: ["mill"]}}, types: [STALE]) {{ edges {{ node {{ why messageTheme }} }} }} }}'
    answer = await Engine(settings)(document, {}, None, Context(store, settings, "zh-CN"))
    (edge,) = answer["data"]["coverageGaps"]["edges"]
    assert edge["node"]["why"].startswith("Mill：决策者Mo已冷却。下一步：重新联系Mo（由Ben）（预期增益")
    assert edge["node"]["messageTheme"] == "行业成功案例"


CELLS = "id name accounts cells { role value bare accounts mapped covered why }"


@pytest.fixture
def matrix(ask):
    """``await matrix("by: TIER")`` is the matrix at noon of 30 June 2026."""

    async def run(arguments="by: SEGMENT"):
        answer = await ask(f'{{ segmentCoverage(asOf: "{AT}", {arguments}) {{ by roles whole {{ {CELLS} }} segments {{ {CELLS} }} }} }}')
        assert "errors" not in answer, answer["errors"]
        return answer["data"]["segmentCoverage"]

    return run


def mean(slow, role, accounts):
    """Coverage of a role by worth x weight, and the counts."""
    rows = [(slow.worth(account), slow.coverage(account)["roles"].get(role)) for account in accounts]
    rows = [(worth, one) for worth, one in rows if one and one["weight"]]
    force = sum(worth * one["weight"] for worth, one in rows)
    value = sum(worth * one["weight"] * (one["value"] or 0) for worth, one in rows) / force if force else None
    return value, len(rows), sum(one["state"] != "UNMAPPED" for _, one in rows), sum(one["state"] in ("DEEP", "COVERED") for _, one in rows)


@pytest.mark.parametrize(
    ("by", "parts"),
    [
        ("SEGMENT", {"banks": ["bank", "city", "coop"], "south": ["bank", "city"], "big": ["bank"], None: ["mill", "bare"]}),
        ("INDUSTRY", {"银行": ["bank", "city", "coop"], "Steel": ["mill"], None: ["bare"]}),
        ("TIER", {"1": ["bank"], "2": ["city"], None: ["mill", "coop", "bare"]}),
    ],
)
async def test_roles_by_segments_as_the_method_says_it(slow, matrix, by, parts):
    found = await matrix(f"by: {by}")
    assert {row["id"]: row["accounts"] for row in found["segments"]} == {part: len(accounts) for part, accounts in parts.items()}
    for row in [*found["segments"], found["whole"]]:
        accounts = ACCOUNTS if row is found["whole"] else parts[row["id"]]
        assert [cell["role"] for cell in row["cells"]] == found["roles"]
        for cell in row["cells"]:
            value, count, mapped, covered = mean(slow, cell["role"], accounts)
            overall, *_ = mean(slow, cell["role"], ACCOUNTS)
            assert (cell["bare"], cell["accounts"], cell["mapped"], cell["covered"]) == (pytest.approx(value), count, mapped, covered)
            assert cell["value"] == pytest.approx((count * value + 5 * overall) / (count + 5))


async def test_nobody_to_cover_is_no_zero(slow, matrix):
    found = await matrix('filter: {industry: ["Rail"]}')
    assert (found["segments"], found["roles"], found["whole"]["accounts"]) == ([], [], 0)


async def test_as_of_before_anything_happened(slow, ask):
    answer = await ask('{ coverageGaps(asOf: "2023-01-01", types: [NEVER]) { totalCount } }')
    expected = sum(gap[0] == "NEVER" for account in ACCOUNTS for gap in Slow(FILES, "2023-01-01T23:59:59.999999").gaps(account).values())
    assert answer["data"]["coverageGaps"]["totalCount"] == expected > 0
