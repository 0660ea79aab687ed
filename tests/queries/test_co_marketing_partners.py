"""Partners at a fair: who shares whom, who opens what, who sells against us, and what whoever is no steward may know of it."""

from dataclasses import replace

import pytest

from api.context import Context
from api.execute import Engine
from api.render import formats
from graph.filter import AccountFilter
from graph.instants import instant
from queries.co_marketing_partners import co_marketing_partners
from queries.joint_plan import joint_plan
from queries.partner_set import partner_set
from queries.partnering.telling import rough
from tests.filling import emptied, filled
from tests.slow import instant as moment
from tests.slow_partners import SlowPartners

AT = "2026-06-30T12:00:00+00:00"
BANKS, MILLS = [f"bank{number:02}" for number in range(14)], [f"mill{number:02}" for number in range(10)]
NEW = ["newbank", "newshop", "elsewhere"]
SIZE = ["40", "", "800", "6000"]


def rows(head, lines):
    return "\n".join([head, *(",".join(line) for line in lines)]) + "\n"


def trade(company):
    return "Bank" if "bank" in company else "mill" if "mill" in company else ""


ACCOUNTS = [(id_, f"{'银行' if 'bank' in id_ else 'Mill'} {id_[-2:]}", "account") for id_ in [*BANKS, *MILLS]]
OTHERS = [
    ("us", "Us", "us"),
    ("rival", "Rival", "competitor"),
    ("neo", "Neo", "partner"),
    ("yun", "云桥", "partner"),
    ("tiny", "Tiny", "partner"),
    ("bare", "Bare", "partner"),
    ("linked", "Linked", "vendor"),
    ("newbank", "New Bank", "vendor"),
    ("newshop", "New Shop", "vendor"),
    ("elsewhere", "Elsewhere", "media"),
]
FILES = {
    "companies": rows(
        "company_id,name,kinds,industry,employees,province,country,tier",
        [
            (
                id_,
                name,
                kind,
                trade(id_),
                SIZE[number % 4],
                ("广东", "浙江")[number % 2] if trade(id_) == "Bank" else "",
                "China",
                str(1 + number % 3),
            )
            for number, (id_, name, kind) in enumerate([*ACCOUNTS, *OTHERS])
        ],
    ),
    "people": rows(
        "person_id,name,company_id,do_not_contact",
        [
            ("ann", "Ann", "us", ""),
            ("nora", "Nora", "neo", ""),
            ("ned", "Ned", "neo", ""),
            ("yang", "杨", "yun", ""),
            ("tom", "Tom", "tiny", ""),
            ("ria", "Ria", "rival", ""),
            ("ex", "Ex", "newshop", "yes"),
            *((f"boss-{id_}", f"Boss {id_}", id_, "yes" if id_ == "bank05" else "") for id_ in [*BANKS, *MILLS]),
        ],
    ),
    "employments": rows(
        "person_id,company_id,valid_from,valid_to",
        [("yang", "mill03", "2020-01-01", ""), ("tom", "yun", "2018-01-01", "2019-06-01"), ("nora", "rival", "2010-01-01", "2012-01-01")],
    ),
    "roles": rows(
        "person_id,role,company_id,role_confidence",
        [(f"boss-{id_}", "DECISION_MAKER", id_, "") for id_ in [*BANKS, *MILLS]]
        + [("yang", "ECONOMIC_BUYER", "mill03", ""), ("boss-bank02", "CHAMPION", "bank02", "0.2")],
    ),
    "products": rows("product_id,name,company_id", [("erp", "ERP", "us"), ("rerp", "Rival ERP", "rival"), ("yerp", "云ERP", "yun")]),
    "uses": rows(
        "company_id,product_id,valid_from,valid_to",
        [(id_, "erp", "2024-01-01", "") for id_ in [*BANKS[:6], "elsewhere"]]
        + [(id_, "rerp", "2024-01-01", "") for id_ in BANKS[4:11]]
        + [("mill00", "erp", "2020-01-01", "2024-01-01"), ("mill02", "yerp", "2024-01-01", "")],
    ),
    "purchases": rows("purchase_id,company_id,product_id,on,amount,currency", [("p1", "mill01", "erp", "2023-01-01", "1", "CNY")]),
    "company_links": rows(
        "from_id,to_id,kind,product_id,valid_from,valid_to",
        [("neo", id_, "SERVES", "", "2024-01-01", "") for id_ in [*BANKS[:12], "newbank"]]
        + [("neo", "rival", "RESELLS", "rerp", "2024-01-01", ""), ("yun", "mill05", "SERVES", "rerp", "2024-01-01", "")]
        + [("yun", id_, "SERVES", "", "2024-01-01", "") for id_ in [*MILLS[4:], "bank00", "newshop"]]
        + [("neo", "mill09", "SERVES", "", "2020-01-01", "2023-01-01"), ("us", "linked", "PARTNERS_WITH", "", "", "")]
        + [("tiny", "bank13", "SERVES", "", "2024-01-01", "")],
    ),
    "influence": rows(
        "from_id,to_id,kind,strength",
        [("nora", f"boss-{id_}", "ADVISES", "strong") for id_ in BANKS[3:9]]
        + [("yang", "boss-mill04", "ADVISES", "medium"), ("tom", "boss-bank04", "ADVISES", "medium"), ("tom", "boss-mill04", "ADVISES", "weak")]
        + [("ann", "boss-mill06", "ADVISES", "strong"), ("tom", "ann", "ADVISES", "0.9"), ("ria", "boss-mill07", "ADVISES", "0.9")]
        + [("ned", "ria", "ADVISES", "0.9"), ("boss-bank03", "boss-bank12", "ADVISES", "0.9")],
    ),
    "interactions": rows(
        "interaction_id,type,at,from_id,to_ids",
        [
            ("v1", "visit", "2026-06-01T09:00", "ann", "nora"),
            ("v2", "visit", "2026-06-20T09:00", "ann", "nora"),
            ("v3", "call", "2026-05-20T09:00", "ned", "boss-mill08"),
            ("v4", "call", "2024-05-20T09:00", "ned", "boss-mill07"),
            ("v5", "visit", "2026-06-02T09:00", "ann", "boss-bank00"),
            ("v6", "visit", "2026-06-22T09:00", "ann", "boss-bank00"),
            ("v7", "call", "2026-06-22T09:00", "tom", "boss-mill01"),
        ],
    ),
}
NODE = """partner { id } similarity complement relation ours { id } theirs { id } conflict why
  score { value missing evidenceCount components { code value weight contribution } }
  overlap { jaccard containment share shareLow shareHigh lift liftLow liftHigh byChance }
  rivals { competitor { id } accounts { text } } shared { text } accounts { text }
  netNew { text } netNewFitting { text } netNewAccounts { account { id } theirs }
  cells { ours theirs accounts { value text } } ourTotals { standing accounts { text } } theirTotals { standing accounts { text } }
  opens { role gaps accounts { text } }"""


@pytest.fixture(scope="module")
async def fair(one_store, tmp_path_factory):
    """The store with the fair in it."""
    return await filled(await emptied(one_store), tmp_path_factory.mktemp("fair"), FILES, as_of=instant(moment("2026-06-30")))


@pytest.fixture(scope="module")
def slow():
    return SlowPartners(FILES, AT)


@pytest.fixture
def ask(fair, settings):
    """``await ask("partnerSet { share }")`` is that field at noon of 30 June 2026."""

    async def run(name, arguments, fields, language="en", at=AT):
        text = f'{{ {name}(asOf: "{at}"{arguments}) {{ {fields} }} }}'
        answer = await Engine(settings)(text, {}, None, Context(fair, settings, language=language))
        assert "errors" not in answer, answer["errors"]
        return answer["data"][name]

    return run


@pytest.fixture
def listed(ask):
    """``await listed()`` is ``{partner: node}`` in their order."""

    async def run(arguments="", **given):
        found = await ask("coMarketingPartners", arguments, f"totalCount edges {{ node {{ {NODE} }} }}", **given)
        return {edge["node"]["partner"]["id"]: edge["node"] for edge in found["edges"]}

    return run


async def test_every_figure_is_the_slow_method_s(listed, slow):
    found = await listed()
    assert found.keys() == set(slow.partners) == {"neo", "yun", "tiny", "bare", "linked"}
    for partner, one in found.items():
        grid = slow.grid(partner)
        assert [cell["accounts"]["value"] for cell in one["cells"]] == [count for row in grid for count in row], partner
        assert [total["accounts"]["text"] for total in one["ourTotals"]] == [str(sum(row)) for row in grid]
        assert [total["accounts"]["text"] for total in one["theirTotals"]] == [str(sum(column)) for column in zip(*grid, strict=True)]
        if not any(grid[row][column] for row in range(3) for column in range(2)):
            assert one["overlap"] == dict.fromkeys(one["overlap"]) and one["similarity"] is None
            continue
        assert one["overlap"] == {name: pytest.approx(value) for name, value in slow.overlap(partner).items()}
        (alike, lifted, opened, known, conflict), given, shared = slow.parts(partner)
        parts = [part["value"] for part in one["score"]["components"]]
        assert parts == [value if value is None else pytest.approx(value) for value in (alike, lifted, opened, known, conflict)]
        assert [part["contribution"] for part in one["score"]["components"]] == pytest.approx(given)
        if shared >= 10:
            assert one["score"]["value"] == pytest.approx(sum(given)) and one["score"]["evidenceCount"] == shared
        else:
            assert (one["score"]["value"], one["score"]["missing"]) == (None, "TOO_FEW")
        rivals = {row["competitor"]["id"]: row["accounts"]["text"] for row in one["rivals"]}
        assert rivals == {rival: str(len(some)) for rival, some in slow.sold_against(partner).items()}


async def test_the_story_of_neo(listed):
    """It serves twelve of our banks and one that is new, met one mill of late, and resells a rival's at seven of the banks."""
    neo = (await listed())["neo"]
    assert (neo["shared"]["text"], neo["accounts"]["text"], neo["netNew"]["text"], neo["netNewFitting"]["text"]) == ("13", "14", "1", "1")
    assert neo["netNewAccounts"] == [{"account": {"id": "newbank"}, "theirs": "CUSTOMER"}]
    assert (neo["ours"], neo["theirs"]) == ({"id": "ann"}, {"id": "nora"})
    assert neo["conflict"] == pytest.approx(7 / 13) and neo["rivals"] == [{"competitor": {"id": "rival"}, "accounts": {"text": "7"}}]
    assert neo["opens"][0] == {"role": "DECISION_MAKER", "gaps": 23, "accounts": {"text": "7"}}, (
        "five who may be asked, one through a bank, and a mill"
    )
    assert neo["why"].startswith("Neo 0.") and "13 common accounts" in neo["why"] and neo["why"].endswith("conflict: also sells Rival at 7.")
    told = (await listed(language="zh-CN"))["tiny"]["why"]
    assert told.startswith("Tiny：重合证据不足：共同客户2家")


async def test_within_a_filter_other_accounts_of_ours_are_neither_shared_nor_new(listed):
    mills = await listed(', filter: {industry: ["mill"]}')
    neo, yun = mills["neo"], mills["yun"]
    assert [total["accounts"]["text"] for total in neo["ourTotals"]] == ["1", "9", "7"]
    assert (neo["shared"]["text"], neo["accounts"]["text"], neo["netNew"]["text"]) == ("1", "14", "1")
    assert yun["shared"]["text"] == "7" and yun["overlap"]["lift"] > 1 > neo["overlap"]["lift"]
    opened = [one["complement"] for one in mills.values()]
    assert next(iter(mills)) == "yun" and opened == sorted(opened, reverse=True), "of whom too little is shared the one first that opens most"


async def test_at_an_earlier_instant(listed):
    """In 2022 Neo served but one mill, and nobody used anything of ours but that one had bought and another was a user."""
    neo = (await listed(at="2022-06-30T00:00:00Z"))["neo"]
    assert (neo["shared"]["text"], neo["accounts"]["text"], neo["conflict"]) == ("1", "1", 0.0)
    assert [total["accounts"]["text"] for total in neo["ourTotals"]][:2] == ["1", "23"]


async def test_page_by_page(ask):
    seen, after = [], ""
    while True:
        page = await ask(
            "coMarketingPartners", f", first: 2{after}", f"totalCount pageInfo {{ hasNextPage endCursor }} edges {{ node {{ {NODE} }} }}"
        )
        seen += [edge["node"]["partner"]["id"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = f', after: "{page["pageInfo"]["endCursor"]}"'
    whole = await ask("coMarketingPartners", "", "edges { node { partner { id } } }")
    assert seen == [edge["node"]["partner"]["id"] for edge in whole["edges"]] and page["totalCount"] == 5


async def test_the_few_who_open_most_together(ask, slow):
    fields = "share bound missing candidates gaps why partners { partner { id } alone gain share }"
    for size in (1, 2, 3):
        found = await ask("partnerSet", f", size: {size}", fields)
        wanted = slow.greedy(size)
        assert [one["partner"]["id"] for one in found["partners"]] == wanted
        assert [one["share"] for one in found["partners"]] == pytest.approx([slow.together(wanted[:many]) for many in range(1, len(wanted) + 1)])
        assert [one["alone"] for one in found["partners"]] == pytest.approx([slow.together([partner]) for partner in wanted])
        assert sum(one["gain"] for one in found["partners"]) == pytest.approx(found["share"])
        assert 0.63 * slow.best_set(size) <= found["share"] <= slow.best_set(size) + 1e-12 <= found["bound"] + 1e-9
    assert (found["candidates"], found["missing"]) == (3, None)
    assert "together open" in found["why"] and "合计可打开" in (await ask("partnerSet", "", fields, "zh-CN"))["why"]
    nothing = await ask("partnerSet", ', filter: {industry: ["nothing"]}', fields)
    one, other = [(await ask("partnerSet", f', filter: {{ids: ["{account}"]}}', "key"))["key"] for account in (BANKS[0], MILLS[0])]
    assert one != other, "answers to different questions bear different keys"
    assert (nothing["share"], nothing["missing"], nothing["partners"]) == (None, "NOT_APPLICABLE", [])


async def test_a_plan_in_which_each_goes_to_whom_it_knows(ask):
    fields = """missing shared { text } why netNew { account { id } } accounts { account { id } ours theirs gain
      roles { role coverage theme lead ours { holder { id } by { id } strength } theirs { holder { id } by { id } strength } } }"""
    plan = await ask("jointPlan", ', partner: "neo"', fields)
    accounts = {row["account"]["id"]: row for row in plan["accounts"]}
    assert accounts.keys() == {*BANKS[:12], "mill08"} and plan["shared"]["text"] == "13" and plan["netNew"] == [{"account": {"id": "newbank"}}]
    assert (accounts["mill08"]["ours"], accounts["mill08"]["theirs"], accounts["bank00"]["ours"]) == ("TARGET", "TARGET", "CUSTOMER")

    def decider(account):
        return next(role for role in accounts[account]["roles"] if role["role"] == "DECISION_MAKER")

    assert decider("bank03")["lead"] == "PARTNER" and decider("bank03")["theme"] == "success cases of the industry"
    assert decider("bank03")["theirs"] == {"holder": {"id": "boss-bank03"}, "by": {"id": "nora"}, "strength": pytest.approx(0.7)}
    assert decider("bank00")["lead"] == "US" and decider("bank00")["ours"]["by"] == {"id": "ann"}
    assert decider("bank05")["lead"] == "NOBODY" and decider("bank05")["theirs"] is None, "who opted out is nobody's contact"
    gains = [row["gain"] for row in plan["accounts"]]
    assert gains == sorted(gains, reverse=True) and "6 roles" in plan["why"]
    yun = {row["account"]["id"]: row for row in (await ask("jointPlan", ', partner: "yun"', fields))["accounts"]}
    buyer = next(role for role in yun["mill03"]["roles"] if role["role"] == "ECONOMIC_BUYER") if "mill03" in yun else None
    assert buyer is None, "where its own man works is no account of a partner that never met anybody there"
    assert (await ask("jointPlan", ', partner: "bare"', fields, "zh-CN"))["why"] == "与Bare没有已知的共同客户。"


async def test_a_plan_that_is_cut_says_how_many_there_are(fair, settings, monkeypatch):
    monkeypatch.setattr("queries.joint_plan.MOST", 0)
    plan = await joint_plan(fair, (await Context(fair, settings).view()).at(instant(moment(AT)), None), partner="neo")
    assert (plan.accounts, plan.net_new, plan.shared.text) == ([], [], "13")
    assert "13 accounts in common" in plan.why and "1 more of its accounts" in plan.why


async def test_in_a_terminal_in_sheets_and_as_a_picture(fair, settings):
    view = (await Context(fair, settings).view()).at(instant(moment(AT)), None)
    found, few, plan = await co_marketing_partners(fair, view), await partner_set(fair, view), await joint_plan(fair, view, partner="neo")
    drawn = formats(co_marketing_partners)
    assert len(drawn["table"](found).splitlines()) == 6 and drawn["svg"](found).count("<g role") == 5
    lines = drawn["csv"](found).splitlines()
    assert lines[0].startswith("partner_id,partner,score,missing,similarity,lift,complement,relation,conflict,jaccard,") and len(lines) == 6
    assert formats(partner_set)["table"](few).startswith(few.why) and len(formats(partner_set)["csv"](few).splitlines()) == 1 + len(few.partners)
    rows = formats(joint_plan)["csv"](plan).splitlines()
    assert rows[0] == "account_id,account,to_us,to_partner,worth,role,coverage,lack,theme,lead,our_holder,our_contact,our_strength," + (
        "their_holder,their_contact,their_strength"
    )
    assert len(rows) == 1 + sum(len(account.roles) for account in plan.accounts) + len(plan.net_new) and rows[-1].startswith("newbank,New Bank,OTHER")
    assert formats(joint_plan)["xlsx"](plan).startswith(b"PK") and "boss" in formats(joint_plan)["table"](plan).lower()


async def test_who_is_no_steward_is_told_no_small_count(fair, settings):
    view = replace((await Context(fair, settings).view()).at(instant(moment(AT)), None), steward=False)
    for filter_ in (None, AccountFilter(industry=["mill"])):
        for edge in (await co_marketing_partners(fair, view, filter=filter_)).edges:
            one = edge.node
            counts = [cell.accounts for cell in one.cells] + [total.accounts for total in (*one.our_totals, *one.their_totals)]
            counts += [one.shared, one.accounts, one.net_new, one.net_new_fitting, *(row.accounts for row in (*one.opens, *one.rivals))]
            assert all(count.value is None or count.value >= 5 for count in counts)
            assert one.net_new_accounts == [] and (one.shared.value is not None or one.conflict is None)
            if one.shared.value is None or one.accounts.value is None:
                assert one.overlap.lift is None and one.similarity is None
                assert (one.score.value, one.score.missing, one.score.components) == (None, "RESTRICTED", [])
            assert one.complement is None or one.complement == rough(one.complement)
            assert one.similarity is None or one.similarity == rough(one.similarity)
    listed = [edge.node for edge in (await co_marketing_partners(fair, view)).edges]
    ranks = [2 + one.score.value if one.score.value is not None else one.complement or 0.0 for one in listed]
    assert ranks == sorted(ranks, reverse=True), "the order tells no more than the figures"
    assert {one.partner.id: one.complement is None for one in listed} == {"neo": False, "yun": True, "tiny": True, "bare": True, "linked": True}
    few = await partner_set(fair, view)
    assert [one.partner.id for one in few.partners] == ["neo"] and few.candidates == 1, "who opens fewer than five roles is not told to open any"
    assert all(share == rough(share) for share in (few.share, few.partners[0].alone, few.partners[0].gain)) and few.bound == rough(few.bound)
    neo = next(one for one in listed if one.partner.id == "neo")
    assert (neo.shared.text, neo.net_new.text) == ("13", "< 5")
    assert (neo.score.value, neo.accounts.text) == (None, "5+"), "with all of its accounts told, the one that is new would be too"
    plan = await joint_plan(fair, view, partner="neo")
    assert (plan.accounts, plan.net_new, plan.missing, plan.shared.text) == ([], [], "RESTRICTED", "hidden")
    assert formats(joint_plan)["table"](plan) == "The plan names the partner's accounts: ask a steward."
    assert "< 5" in formats(co_marketing_partners)["svg"](await co_marketing_partners(fair, view)).replace("&lt;", "<")


@pytest.mark.parametrize(
    ("share", "near", "over"), [(0.0, 0.0, 0.0), (0.0342, 0.03, 0.04), (0.34, 0.3, 0.4), (0.5, 0.5, 0.5), (0.97, 1.0, 1.0), (1.0, 1.0, 1.0)]
)
def test_a_share_to_one_figure(share, near, over):
    assert (rough(share), rough(share, up=True)) == (near, over) and rough(near) == near


@pytest.mark.parametrize(
    ("asked", "code", "argument"),
    [
        ("partnerSet(size: 0) { key }", "INVALID_INPUT", "size"),
        ("partnerSet(size: 101) { key }", "INVALID_INPUT", "size"),
        ('jointPlan(partner: "nobody") { key }', "NOT_FOUND", "partner"),
        ('jointPlan(partner: "us") { key }', "INVALID_INPUT", "partner"),
    ],
)
async def test_what_cannot_be_asked(fair, settings, asked, code, argument):
    answer = await Engine(settings)(f"{{ {asked} }}", {}, None, Context(fair, settings))
    assert answer["errors"][0]["extensions"] == {"code": code, "argument": argument}
