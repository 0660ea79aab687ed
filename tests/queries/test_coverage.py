"""How firmly a decision's roles are held: stories, and every figure beside the method taken row by row."""

from math import isclose

import pytest

from api.context import Context
from api.execute import Engine
from graph.instants import at_moment, period
from graph.ledger import unload
from graph.measures.coverage import Definition
from loaders import identity
from tests.slow import Slow

DATE = "2026-06-30"
AT = f"{DATE}T23:59:59.999999"
BANK = {
    "companies": "company_id,name,kinds,tier,value,parent_id\nus,青石数据,us,,,\nbank,东方银行,account,1,,\nleasing,东方租赁,account,2,,bank\n"
    "card,Card Centre,account,,0.2,leasing\n",
    "people": "person_id,name,company_id,do_not_contact\nann,Ann,us,\nben,Ben,us,\nwu,吴越,,\nwang,王敏,bank,\nli,李伟,bank,\nzhao,赵六,bank,\n"
    "sun,孙立,bank,yes\nqian,钱进,bank,\nzhou,周颖,,\nfeng,冯程,,\nshi,石磊,leasing,\n",
    "employments": "person_id,company_id,title,valid_from,valid_to\nwu,us,Seller,2020-01-01,2026-01-01\nfeng,bank,Buyer,2020-01-01,2026-01-01\n"
    "zhou,bank,CISO,2026-05-01,\n",
    "roles": "person_id,role,company_id,role_confidence\nwang,DECISION_MAKER,bank,0.9\nzhao,ECONOMIC_BUYER,bank,\nli,TECHNICAL_EVALUATOR,bank,\n"
    "zhou,TECHNICAL_EVALUATOR,bank,0.6\nqian,PROCUREMENT,bank,0.5\nsun,END_USER,bank,\nli,CHAMPION,bank,0.2\nshi,DECISION_MAKER,leasing,\n"
    "feng,OTHER,bank,\n",
    "members": "person_id,company_id,stance,power\nwang,bank,SUPPORTER,INNER_CIRCLE\nqian,bank,ENEMY,OUTSIDE\nli,bank,2,POLITICAL\n",
    "interactions": "interaction_id,type,at,status,direction,subject,from_id,to_ids\n"
    "v1,visit,2026-06-01T09:00,,,首次拜访,ann,wang;li\n"
    "v2,meeting,2026-06-20T09:00,held,,Review,ann,wang\n"
    "m1,message,2026-06-02T09:00,,,,li,ben\nm2,message,2026-06-03T09:00,,,,ben,li\nm3,message,2026-06-04T09:00,,in,,zhou,\n"
    "p1,meeting,2026-06-25T09:00,planned,,,ann,zhao\nc1,meeting,2026-06-25T09:00,cancelled,,,ann,zhao\n"
    "o1,meeting,2026-06-10T09:00,,,,wu,zhao\nq1,message,2026-06-05T09:00,,,,ann,qian\ns1,visit,2026-06-05T09:00,,,,ann,sun\n"
    "d1,meeting,2024-01-10T09:00,,,,ben,shi\nd2,meeting,2024-02-10T09:00,,,,ben,shi\n",
}
SCORE = """value missing low high evidenceCount formula paramsHash why
  components { code label value weight contribution evidence { id kind at label source } }"""
FIELDS = f"""key knownShare pessimistic optimistic score {{ {SCORE} }} resilience {{ value sets }} view {{ asOf knownAt revision assumed }}
  roles {{ role weight state score {{ {SCORE} }}
    holders {{ personId name parentKey depth state lastTouchAt badges contactable stance coverage {{ value }} roles {{ role inherited }} }} }}"""


@pytest.fixture
def covered(ask):
    """``await covered("bank", definition="FILLED")`` is the account's coverage at the end of June 2026."""

    async def run(account, anchor="account", **arguments):
        given = {"asOf": f'"{DATE}"', **arguments}
        texts = ", ".join(f"{name}: {value}" for name, value in given.items())
        answer = await ask(f"query($id: ID!) {{ {anchor}(id: $id) {{ coverage({texts}) {{ {FIELDS} }} }} }}", id=account)
        assert "errors" not in answer, answer["errors"]
        return answer["data"][anchor]["coverage"]

    return run


def role(found, name):
    return next(one for one in found["roles"] if one["role"] == name)


def agree(found, slow):
    """Every figure of an answer is the slow one."""
    score = found["score"]
    assert [score["value"], score["low"], score["high"], found["optimistic"]] == [
        None if slow[name] is None else pytest.approx(slow[name]) for name in ("value", "low", "high", "optimistic")
    ]
    assert (found["knownShare"], found["pessimistic"]) == (pytest.approx(slow["known"]), pytest.approx(slow["value"] or 0))
    assert {one["role"] for one in found["roles"]} == set(slow["roles"])
    for one in found["roles"]:
        expected = slow["roles"][one["role"]]
        assert (one["state"], one["weight"]) == (expected["state"], pytest.approx(expected["weight"])), one["role"]
        assert [node["personId"] for node in one["holders"]] == expected["holders"], one["role"]
        if expected["value"] is None:
            assert (one["score"]["value"], one["score"]["missing"]) == (None, "UNMAPPED")
        else:
            got = [one["score"][name] for name in ("value", "low", "high")]
            assert got == pytest.approx([expected["value"], expected["low"], expected["high"]]), one["role"]


def sums_up(score):
    """Contributions sum to the value with nothing left over."""
    assert isclose(sum(one["contribution"] for one in score["components"]), score["value"] or 0, abs_tol=1e-9)
    assert (score["value"] is None) == (score["missing"] is not None)


@pytest.mark.parametrize("definition", list(Definition))
async def test_a_bank_as_the_method_says_it_row_by_row(market, covered, definition):
    report = await market(**BANK)
    assert report.total("rejected") == 0, report
    found = await covered("bank", definition=definition.value)
    agree(found, Slow(BANK, AT).coverage("bank", definition=definition.value))
    for score in [found["score"], *(one["score"] for one in found["roles"])]:
        sums_up(score)


async def test_each_role_tells_how_it_stands_and_on_what_it_rests(market, covered):
    await market(**BANK)
    found = await covered("bank")
    assert {one["role"]: one["state"] for one in found["roles"]} == {
        "DECISION_MAKER": "DEEP",
        "ECONOMIC_BUYER": "NEVER",
        "END_USER": "DO_NOT_CONTACT",
        "TECHNICAL_EVALUATOR": "DEEP",
        "PROCUREMENT": "OPPOSED",
        "IMPLEMENTER": "UNMAPPED",
        "CHAMPION": "UNMAPPED",
        "OTHER": "NEVER",
    }
    decider = role(found, "DECISION_MAKER")
    (wang,) = decider["score"]["components"]
    assert (wang["code"], wang["label"], wang["weight"]) == ("wang", "王敏", 0.9)
    assert [(one["kind"], one["label"]) for one in wang["evidence"]] == [
        ("meeting", "Review"),
        ("visit", "首次拜访"),
        ("role", "王敏: decision maker"),
    ]
    assert decider["score"]["evidenceCount"] == 3
    assert decider["holders"][0]["lastTouchAt"] == "2026-06-20T09:00:00+00:00"
    assert [one["code"] for one in role(found, "TECHNICAL_EVALUATOR")["score"]["components"]] == ["li", "zhou"]
    assert role(found, "OTHER")["weight"] == 0
    assert found["resilience"] == {"value": 1, "sets": [["li"], ["wang"]]}


async def test_the_sentence_is_a_colleagues(market, covered, store, settings):
    await market(**BANK)
    found = await covered("bank")
    assert found["score"]["why"] == (
        "Coverage 0.25 (known 0.85): decision maker 王敏 firmly held by Ann (0.76); economic buyer 赵六 never contacted (gap 0.20); "
        "end user 孙立 must not be contacted (gap 0.15); technical evaluator 李伟 and 1 more firmly held by Ann (0.42); "
        "procurement 钱进 against us (0.02); implementer not known (gap 0.10); champion not known (gap 0.05). Fastest gain: meet 赵六 -> 0.38."
    )
    slow = Slow(BANK, AT)
    gains = {who: slow.coverage("bank", met=frozenset({who}))["value"] for who in ("wang", "li", "zhao", "qian", "zhou")}
    assert (max(gains, key=gains.get), round(gains["zhao"], 2)) == ("zhao", 0.38)
    document = f'{{ account(id: "bank") {{ coverage(asOf: "{DATE}") {{ score {{ why }} }} }} }}'
    answer = await Engine(settings)(document, {}, None, Context(store, settings, "zh-CN"))
    assert answer["data"]["account"]["coverage"]["score"]["why"] == (
        "覆盖度0.25（已知0.85）：决策者王敏由Ann深度覆盖（0.76）；预算/财务方赵六从未接触（缺口0.20）；使用方孙立不可联系（缺口0.15）；"
        "技术把关李伟等2人由Ann深度覆盖（0.42）；采购方钱进持反对态度（0.02）；实施维护方未知（缺口0.10）；支持者/内线未知（缺口0.05）。"
        "见效最快：与赵六见面一次 → 0.38。"
    )


async def test_an_account_of_which_nothing_is_known(market, covered):
    files = {"companies": "company_id,name\nempty,空公司\n"}
    await market(**files)
    found = await covered("empty")
    agree(found, Slow(files, AT).coverage("empty"))
    assert (found["score"]["value"], found["score"]["missing"], found["pessimistic"], found["optimistic"]) == (None, "UNMAPPED", 0, None)
    assert found["score"]["why"] == "Nobody is known to hold any role of the decision at 空公司."
    assert found["resilience"] == {"value": 0, "sets": []}


async def test_opponents_alone_hold_nothing_up(market, covered):
    files = {**BANK, "members": "person_id,company_id,stance\n" + "".join(f"{who},bank,-2\n" for who in ("wang", "li", "zhao", "qian", "zhou"))}
    await market(**files)
    found = await covered("bank")
    agree(found, Slow(files, AT).coverage("bank"))
    assert {one["state"] for one in found["roles"] if one["role"] not in ("END_USER", "OTHER")} == {"OPPOSED", "UNMAPPED"}
    assert found["resilience"]["value"] == 0
    supportive = await covered("bank", definition="SUPPORTIVE")
    assert supportive["score"]["value"] == 0, "an enemy counts for nothing"


async def test_a_group_inherits_and_follows_its_own_template(market, covered):
    files = {
        **BANK,
        "templates": "template_id,role,weight,semantics,min_members\nlake,DECISION_MAKER,.9,any,1\nlake,IMPLEMENTER,.3,all,2\n",
        "groups": "group_id,company_id,name,template_id\nbank-lake,bank,湖,lake\n",
        "opportunities": "opportunity_id,company_id,name,group_id\ndeal,bank,大单,bank-lake\nother,bank,小单,\n",
    }
    files["roles"] = (
        files["roles"]
        .replace("role_confidence\n", "role_confidence,group_id,opportunity_id\n")
        .replace("\n", ",,\n")
        .replace("role_confidence,group_id,opportunity_id,,\n", "role_confidence,group_id,opportunity_id\n")
    )
    files["roles"] += "zhou,IMPLEMENTER,,,bank-lake,\nzhao,CHAMPION,,,,other\n"
    report = await market(**files)
    assert report.total("rejected") == 0
    slow = Slow(files, AT)
    agree(await covered("bank", group='"bank-lake"'), slow.coverage("bank", "bank-lake"))
    agree(await covered("deal", anchor="opportunity"), slow.coverage("bank", "bank-lake"))
    other = await covered("other", anchor="opportunity")
    agree(other, slow.coverage("bank", "other"))
    decider = role(other, "DECISION_MAKER")["holders"][0]
    assert [held["inherited"] for held in decider["roles"]] == [True]


async def test_what_an_account_owns_counts_by_its_worth(market, covered):
    await market(**BANK)
    slow = Slow(BANK, AT)
    worth = {"bank": 1.0, "leasing": 0.6, "card": 0.2}
    single = {account: slow.coverage(account) for account in worth}
    found = await covered("bank", includeSubsidiaries="true")
    total = sum(worth.values())
    assert found["score"]["value"] == pytest.approx(sum(worth[a] * (single[a]["value"] or 0) for a in worth) / total)
    assert found["knownShare"] == pytest.approx(sum(worth[a] * single[a]["known"] for a in worth) / total)
    assert found["optimistic"] == pytest.approx(found["score"]["value"] / found["knownShare"])
    assert [(one["code"], one["value"]) for one in found["score"]["components"]] == [
        ("bank", pytest.approx(single["bank"]["value"])),
        ("card", None),
        ("leasing", pytest.approx(single["leasing"]["value"])),
    ]
    decider = role(found, "DECISION_MAKER")
    assert decider["score"]["value"] == pytest.approx(sum(worth[a] * (single[a]["roles"]["DECISION_MAKER"]["value"] or 0) for a in worth) / total)
    assert [node["personId"] for node in decider["holders"]] == ["wang", "shi"]
    for score in [found["score"], *(one["score"] for one in found["roles"])]:
        sums_up(score)
    assert found["resilience"]["value"] == 1
    alone = await covered("leasing", includeSubsidiaries="true")
    assert role(alone, "DECISION_MAKER")["state"] == "STALE"


async def test_the_map_shows_who_stands_how(market, chain):
    await market(**BANK)
    found = await chain("bank", asOf=f"{AT}Z")
    nodes = {node["personId"]: node for node in found["nodes"] if node["personId"]}
    assert {who: (node["state"], node["badges"]) for who, node in nodes.items()} == {
        "wang": ("DEEP", ["SINGLE_THREAD", "KEY"]),
        "li": ("DEEP", ["SINGLE_THREAD", "KEY"]),
        "zhao": ("NEVER", []),
        "sun": ("DO_NOT_CONTACT", []),
        "qian": ("OPPOSED", ["OPPONENT"]),
        "zhou": ("SHALLOW", ["NEW"]),
        "feng": ("NEVER", ["LEAVER"]),
    }
    slow = Slow(BANK, AT)
    assert {who: node["coverage"]["value"] for who, node in nodes.items()} == pytest.approx({who: slow.close(who) for who in nodes})
    assert found["coverage"]["value"] == pytest.approx(slow.coverage("bank")["value"])
    unmapped = next(node for node in found["nodes"] if node["kind"] == "UNMAPPED_ROLE")
    assert (unmapped["state"], unmapped["coverage"], unmapped["lastTouchAt"], unmapped["badges"]) == (None, None, None, [])


async def test_a_promotion_makes_nobody_new(market, chain):
    await market(
        companies="company_id,name\na,A\n",
        people="person_id,name\np,P\nq,Q\nr,R\n",
        employments="person_id,company_id,title,valid_from,valid_to\np,a,Clerk,2020-01-01,2026-06-01\np,a,Boss,2026-06-01,\nq,a,Clerk,2026-06-01,\n"
        "r,a,Clerk,2019-01-01,2020-01-01\nr,a,Clerk,2026-06-01,\n",
    )
    found = await chain("a", asOf=f"{DATE}T00:00:00Z")
    assert {node["personId"]: node["badges"] for node in found["nodes"] if node["personId"]} == {"p": [], "q": ["NEW"], "r": ["NEW"]}


async def test_every_instant_has_its_own_coverage(market, covered):
    await market(**BANK)
    for at in ("2024-01-31", "2025-12-31", "2026-06-01", "2026-06-04", "2027-06-30"):
        agree(await covered("bank", asOf=f'"{at}T12:00:00Z"'), Slow(BANK, f"{at}T12:00").coverage("bank"))


async def test_facts_and_events_recorded_later_change_nothing_before(market, covered, store, view):
    await market(**BANK)
    then = at_moment((await view()).known_at).isoformat()
    before = await covered("bank")
    await market(
        interactions="interaction_id,type,at,from_id,to_ids\nx1,visit,2026-06-15T09:00,ann,zhao\nx2,call,2026-06-16T09:00,ben,qian\n",
        roles="person_id,role,company_id,role_confidence\nli,IMPLEMENTER,bank,\n",
        members="person_id,company_id,stance\nqian,bank,2\n",
        employments="person_id,company_id,title,valid_from\nwu,us,Seller,2026-01-01\n",
        source="later",
    )
    after = await covered("bank")
    assert after["score"]["value"] > before["score"]["value"]
    known = await covered("bank", knownAt=f'"{then}"')
    assert strip(known) == strip(before)
    (last,) = await store.read("test", "MATCH (l:Load) RETURN max(l.recorded_at)", {})
    await store.write(
        "test",
        [
            ("MATCH ()-[r]->() WHERE r.recorded_at = $at DELETE r", {"at": last[0]}),
            ("MATCH ()-[r]->() WHERE r.retracted_at = $at SET r.retracted_at = $open", {"at": last[0], "open": period("9999-12-31")[0]}),
        ],
    )
    assert strip(await covered("bank", knownAt=f'"{then}"')) == strip(before), "deleting what came later changes nothing"


async def test_taking_a_load_back_restores(market, covered, store):
    await market(**BANK)
    before = await covered("bank")
    await market(interactions="interaction_id,type,at,from_id,to_ids\nx1,visit,2026-06-15T09:00,ann,zhao\n", source="later")
    assert (await covered("bank"))["score"]["value"] != before["score"]["value"]
    await unload(store, "later", identity)
    assert strip(await covered("bank")) == strip(before)


def strip(found):
    """The answer without what names the instant of knowledge."""
    return {name: value for name, value in found.items() if name not in ("key", "view")}


async def test_thirty_accounts_cost_as_many_calls_as_one(market, ask, store):
    await market(companies="company_id,name\n" + "".join(f"c{n},C{n}\n" for n in range(30)))

    async def calls(count):
        before = store.calls
        answer = await ask("{" + "".join(f'a{n}: account(id: "c{n}") {{ coverage {{ key }} }} ' for n in range(count)) + "}")
        assert "errors" not in answer
        return store.calls - before

    await calls(1)  # what is said of templates is read once
    assert await calls(1) == await calls(30)


async def test_a_group_that_is_not_there(market, ask):
    await market(**BANK)
    answer = await ask('{ account(id: "bank") { coverage(group: "nothing") { key } } }')
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"
