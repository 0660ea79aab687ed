"""Given these files, this is the map."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph.instants import at_moment, instant, now, period
from graph.ledger import unload
from loaders import identity
from loaders.run import load

ROOT = Path(__file__).parent.parent.parent
BANK = {
    "companies": "company_id,name\nbank,东方银行\nother,Other\n",
    "people": "person_id,name,do_not_contact\nwang,王敏,\nli,Li Wei,\nchen,Chen Bo,yes\nzhao,赵六,\nsun,Prof. Sun,\n",
    "employments": "person_id,company_id,title\nwang,bank,CIO\nli,bank,IT director\nchen,bank,Engineer\nzhao,bank,CFO\nsun,other,Professor\n",
    "reporting": "person_id,manager_id,line\nli,wang,\nchen,li,\nchen,zhao,DOTTED\n",
    "roles": "person_id,company_id,role,role_confidence\nwang,bank,DECISION_MAKER,0.9\nzhao,bank,ECONOMIC_BUYER,0.2\nchen,bank,END_USER,\n",
    "members": "person_id,company_id,stance,power\nwang,bank,SUPPORTER,INNER_CIRCLE\n",
    "influence": "from_id,to_id,kind,strength\nli,wang,FOLLOWS,strong\nchen,li,OPPOSES,0.3\n",
}


def codes(chain):
    return {check["code"] for check in chain["checks"]}


def people(chain):
    return {node["personId"]: node for node in chain["nodes"] if node["kind"] == "PERSON"}


async def test_a_bank_with_chart_roles_and_influence(market, chain):
    report = await market(**BANK)
    assert report.total("rejected") == 0
    found = await chain("bank")
    who = people(found)
    assert {person: (node["parentKey"], node["depth"], node["descendants"]) for person, node in who.items()} == {
        "wang": (None, 0, 2),
        "li": ("wang", 1, 1),
        "chen": ("li", 2, 0),
        "zhao": (None, 0, 0),
    }
    assert [node["personId"] for node in found["nodes"] if node["personId"]] == ["wang", "li", "chen", "zhao"]
    assert who["wang"]["roles"] == [{"role": "DECISION_MAKER", "confidence": 0.9, "authority": "VETO", "step": 5, "inherited": False}]
    assert (who["wang"]["stance"], who["wang"]["power"]) == (1, "INNER_CIRCLE")
    assert (who["chen"]["contactable"], who["li"]["contactable"]) == (False, True)
    lines = {(edge["fromKey"], edge["toKey"], edge["kind"], edge["line"], edge["strength"]) for edge in found["edges"]}
    assert lines == {
        ("li", "wang", "REPORTS_TO", "SOLID", None),
        ("chen", "li", "REPORTS_TO", "SOLID", None),
        ("chen", "zhao", "REPORTS_TO", "DOTTED", None),
        ("wang", "li", "ADVISES", None, 0.7),
        ("chen", "li", "OPPOSES", None, 0.3),
    }
    assert codes(found) == {"UNMAPPED_ROLE", "ORPHAN_DECIDER", "NO_OPPONENT_NAMED"}
    unmapped = [node["roles"][0]["role"] for node in found["nodes"] if node["kind"] == "UNMAPPED_ROLE"]
    assert unmapped == ["ECONOMIC_BUYER", "TECHNICAL_EVALUATOR", "PROCUREMENT", "IMPLEMENTER", "CHAMPION"], "a confidence below 0.3 maps nothing"


async def test_an_account_of_nobody(market, chain):
    await market(companies="company_id,name\nempty,Empty\n")
    found = await chain("empty")
    assert (people(found), found["edges"], codes(found)) == ({}, [], {"UNMAPPED_ROLE"})
    assert found["group"] == {"id": "empty", "name": "Empty", "isDefault": True}


async def test_two_solid_managers_by_two_sources(market, chain):
    base = {"companies": "company_id,name\na,A\n", "people": "person_id,name,company_id\np,P,a\nq,Q,a\nr,R,a\n"}
    await market(**base, reporting="person_id,manager_id,confidence\np,q,0.5\n", source="crm")
    await market(reporting="person_id,manager_id,confidence\np,r,0.9\n", source="hr")
    found = await chain("a")
    assert people(found)["p"]["parentKey"] == "r", "the more confident line"
    two = next(check for check in found["checks"] if check["code"] == "TWO_SOLID_MANAGERS")
    assert two["personIds"] == ["p", "q", "r"]


async def test_a_circle_is_cut_and_told(market, chain):
    await market(
        companies="company_id,name\na,A\n",
        people="person_id,name,company_id\np,P,a\nq,Q,a\nr,R,a\n",
        reporting="person_id,manager_id,confidence\np,q,0.9\nq,r,0.9\nr,p,0.2\n",
    )
    found = await chain("a")
    assert {person: node["parentKey"] for person, node in people(found).items()} == {"r": None, "q": "r", "p": "q"}
    assert {"CYCLE", "NO_ROOT"} <= codes(found)


async def test_a_leaver_and_a_manager_elsewhere(market, chain):
    await market(
        companies="company_id,name\na,A\nb,B\n",
        people="person_id,name\nin,In\ngone,Gone\nboss,Boss\n",
        employments="person_id,company_id,title,valid_from,valid_to\nin,a,x,,\ngone,a,y,2019,2020\nboss,b,z,,\n",
        reporting="person_id,manager_id\nin,boss\n",
        roles="person_id,company_id,role\ngone,a,CHAMPION\n",
    )
    found = await chain("a")
    assert {"LEFT_STILL_LISTED", "MANAGER_ELSEWHERE"} <= codes(found)
    assert set(people(found)) == {"in", "gone"}, "the boss works elsewhere"
    then = await chain("a", asOf="2020-06-30T00:00:00Z")
    assert "LEFT_STILL_LISTED" not in codes(then)
    assert then["view"]["assumed"] is True


async def test_what_a_source_says_without_dates_is_assumed_before_it_first_spoke(market, chain, store):
    """The CRM speaks of January on, the chart of March: only who is on both says in February what nobody told for that day."""

    async def assumed(account, **view):
        return (await chain(account, **view))["view"]["assumed"]

    jan, mar, dated = period("2026-01-01")[0], period("2026-03-01")[0], "person_id,company_id,title,valid_from\n"
    await market(as_of=jan, source="crm", companies="company_id,name\na,甲公司\nb,B\n", people="person_id,name,company_id\nli,李伟,a\n")
    await market(as_of=mar, source="chart", people="person_id,name\nwang,王芳\nz,Z\n", employments=dated + "wang,b,CIO,\nz,a,CFO,2020\n")
    february = {"asOf": "2026-02-01T00:00:00Z"}
    assert [await assumed("a", asOf="2025-12-31T00:00:00Z"), await assumed("a", **february)] == [True, False]
    assert [await assumed("b", **february), await assumed("b", asOf="2026-03-01T00:00:00Z")] == [True, False]
    await market(as_of=jan, source="chart", employments=dated + "wang,b,CIO,\n")
    assert await assumed("b", **february) is False, "a late file tells of January"
    before = at_moment((await store.revision()).known_at).isoformat()
    await unload(store, "3", identity)
    assert [await assumed("b", **february), await assumed("b", knownAt=before, **february)] == [True, False]


async def test_a_group_inherits_what_it_lacks(market, chain):
    await market(
        companies="company_id,name\na,A\n",
        people="person_id,name,company_id\np,P,a\nq,Q,a\n",
        groups="group_id,company_id,name\ng,a,ERP\n",
        roles="person_id,company_id,group_id,role\np,a,,CHAMPION\np,a,,DECISION_MAKER\nq,,g,CHAMPION\n",
    )
    held = {person: [(role["role"], role["inherited"]) for role in node["roles"]] for person, node in people(await chain("a", group="g")).items()}
    assert held == {"p": [("DECISION_MAKER", True)], "q": [("CHAMPION", False)]}


async def test_few_nodes_keep_holders_and_their_chains(market, chain):
    rows = "".join(f"p{n:02},P{n:02},a,{'p00' if n and n != 7 else 'p06' if n else ''}\n" for n in range(10))
    await market(
        companies="company_id,name\na,A\n",
        people="person_id,name,company_id,manager_id\n" + rows,
        roles="person_id,company_id,role\np07,a,CHAMPION\n",
    )
    found = await chain("a", maxNodes=3)
    assert list(people(found)) == ["p00", "p06", "p07"]
    assert (found["truncated"], people(found)["p00"]["descendants"]) == (True, 9)


async def test_what_was_known_before_a_load_stays_as_it_was(market, chain, ask):
    await market(
        companies="company_id,name\na,A\n", people="person_id,name\np,P\n", employments="person_id,company_id,title,department\np,a,Clerk,X\n"
    )
    before = (await chain("a"))["view"]["knownAt"]
    await market(people="person_id,name,company_id,title\nq,Q,a,Boss\n")
    assert set(people(await chain("a"))) == {"p", "q"}
    assert set(people(await chain("a", knownAt=before))) == {"p"}


async def test_a_change_without_dates_holds_from_the_as_of(market, chain):
    await market(companies="company_id,name\na,A\n", people="person_id,name,company_id,title\np,P,a,Clerk\n", as_of=_day(2024))
    await market(people="person_id,name,company_id,title\np,P,a,Boss\n", as_of=_day(2025))
    titles = [people(await chain("a", asOf=f"{year}-06-01T00:00:00Z"))["p"]["title"] for year in (2023, 2024, 2025)]
    assert titles == ["Clerk", "Clerk", "Boss"]


def _rows(name, kind):
    with (ROOT / "samples" / name / f"{kind}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _day(year):
    return instant(datetime(year, 1, 1, tzinfo=UTC))


BELOW = {7: [2, 14, 18, 21], 2: [1, 4, 16], 14: [3, 5, 9, 13, 15, 19, 20], 18: [10, 11], 21: [6, 8, 12, 17]}


async def test_krackhardts_chart_is_the_published_one(store, chain):
    await load(store, [ROOT / "samples" / "krackhardt"])
    found = await chain("krackhardt")
    assert {(node["personId"], node["parentKey"]) for node in found["nodes"] if node["parentKey"]} == {
        (f"k{report}", f"k{manager}") for manager, reports in BELOW.items() for report in reports
    }
    assert [node["personId"] for node in found["nodes"] if node["kind"] == "PERSON" and not node["parentKey"]] == ["k7"]
    asked = [edge["fromKey"] for edge in found["edges"] if edge["kind"] == "ADVISES"]
    assert (len(asked), asked.count("k2"), asked.count("k18"), asked.count("k21"), asked.count("k7")) == (190, 18, 15, 15, 13)


async def test_the_ministrys_tree_is_its_file(store, chain):
    await load(store, [ROOT / "samples" / "moj"])
    found = await chain("moj")
    lines = {(row["person_id"], row["manager_id"]) for row in _rows("moj", "reporting")}
    assert {(node["personId"], node["parentKey"]) for node in found["nodes"] if node["parentKey"]} == lines
    assert len(people(found)) == 171
    assert sum(node["name"] == node["title"] for node in people(found).values()) == 132


async def test_fifty_accounts_cost_as_many_calls_as_one(market, ask, store):
    await market(companies="company_id,name\n" + "".join(f"c{n},C{n}\n" for n in range(50)))

    async def calls(count):
        before = store.calls
        answer = await ask("{" + "".join(f'a{n}: account(id: "c{n}") {{ decisionChain {{ key }} }} ' for n in range(count)) + "}")
        assert "errors" not in answer
        return store.calls - before

    await calls(1)  # what is said of templates is read once
    assert await calls(1) == await calls(50)


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ('{ account(id: "nobody") { id } }', "NOT_FOUND"),
        ('{ account(id: "a") { decisionChain(group: "x") { key } } }', "NOT_FOUND"),
        ('{ account(id: "a") { decisionChain(asOf: "yesterday") { key } } }', "BAD_DATE"),
        ('{ account(id: "a") { decisionChain(maxNodes: 0) { key } } }', "INVALID_INPUT"),
        ('{ account(id: "a") { decisionChain(knownAt: "2100-01-01T00:00:00Z") { key } } }', "INVALID_INPUT"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{" + "".join(f'a{n}: account(id: "a") {{ id }} ' for n in range(101)) + "}", "LIMIT_EXCEEDED"),
        ("{" + "id " * 6_000 + "}", "LIMIT_EXCEEDED"),
        ("{" + "a{" * 20 + "b" + "}" * 21, "LIMIT_EXCEEDED"),
        ("{ accounts(first: 0) { totalCount } }", "INVALID_INPUT"),
        ("{ accounts(first: 1000000) { edges { node { id } } } }", "INVALID_INPUT"),
        ('{ accounts(after: "x") { totalCount } }', "INVALID_INPUT"),
    ],
)
async def test_each_fault_has_its_code(market, ask, document, code):
    await market(companies="company_id,name\na,A\n")
    answer = await ask(document)
    assert answer["errors"][0]["extensions"]["code"] == code


async def test_one_account_without_the_group_leaves_the_others(market, ask):
    await market(companies="company_id,name\na,A\nb,B\n", groups="group_id,company_id,name\ng,a,ERP\n")
    fields = 'decisionChain(group: "g") { group { name } }'
    answer = await ask(f'{{ accounts {{ edges {{ node {{ id }} }} }} a: account(id: "a") {{ {fields} }} }}')
    assert answer["data"]["a"]["decisionChain"]["group"]["name"] == "ERP"
    both = await ask(f'{{ a: account(id: "a") {{ {fields} }} b: account(id: "b") {{ {fields} }} }}')
    assert [(error["path"], error["extensions"]["code"]) for error in both["errors"]] == [(["b", "decisionChain"], "NOT_FOUND")]


async def test_accounts_page_by_page(market, ask):
    await market(companies="company_id,name,kinds\n" + "".join(f"c{n},N{n},account\n" for n in range(5)) + "us,We,us\n")
    seen, after = [], None
    while True:
        page = (
            await ask(
                "query($after: String) { accounts(first: 2, after: $after) { totalCount edges { node { id } } pageInfo { hasNextPage endCursor } } }",
                after=after,
            )
        )["data"]["accounts"]
        assert page["totalCount"] == 5
        seen += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == ["c0", "c1", "c2", "c3", "c4"]


async def test_a_person_by_mail_and_an_alias_of_two(market, ask):
    await market(people="person_id,name,emails,aliases\np,P,Ann@Example.com,twin\nq,Q,,twin\n")
    assert (await ask('{ person(id: "ANN@example.com") { id name } }'))["data"]["person"] == {"id": "p", "name": "P"}
    error = (await ask('{ person(id: "twin") { id } }'))["errors"][0]["extensions"]
    assert (error["code"], error["candidates"]) == ("AMBIGUOUS", ["p", "q"])


BOARD = {
    "companies": "company_id,name\na,A\nb,B\n",
    "people": "person_id,name,company_id\np,P,a\nq,Q,a\nr,R,a\nout,Out,b\nboss,Boss,b\n",
}


async def test_the_lines_of_a_holder_from_elsewhere_are_drawn(market, chain):
    await market(
        **BOARD,
        roles="person_id,role,company_id\nout,DECISION_MAKER,a\n",
        influence="from_id,to_id\nout,p\n",
        reporting="person_id,manager_id\nout,p\n",
    )
    found = await chain("a")
    assert [(edge["fromKey"], edge["kind"], edge["toKey"]) for edge in found["edges"]] == [("out", "ADVISES", "p"), ("out", "REPORTS_TO", "p")]
    assert "ORPHAN_DECIDER" not in {check["code"] for check in found["checks"]}


async def test_of_two_sources_the_surer_one_is_drawn(market, chain):
    await market(**BOARD, influence="from_id,to_id,strength\np,q,0.9\n")
    await market(source="gossip", influence="from_id,to_id,strength,confidence\np,q,0.1,0.2\n")
    assert [(edge["strength"], edge["source"]) for edge in (await chain("a"))["edges"]] == [(0.9, "canonical")]


async def test_a_second_manager_elsewhere_is_told(market, chain):
    await market(**BOARD, reporting="person_id,manager_id,confidence\np,q,0.5\n")
    await market(source="hr", reporting="person_id,manager_id,confidence\np,boss,0.9\n")
    codes = {check["code"]: check["message"] for check in (await chain("a"))["checks"]}
    assert codes["TWO_SOLID_MANAGERS"] == "P has two solid managers: Boss, Q. Shown below Q."
    assert "MANAGER_ELSEWHERE" in codes


async def test_whoever_loses_a_line_to_a_circle_stands_below_the_next_manager(market, chain):
    await market(**BOARD, reporting="person_id,manager_id,confidence\np,q,0.6\nq,p,0.9\n")
    await market(source="hr", reporting="person_id,manager_id,confidence\np,r,0.5\n")
    parents = {node["key"]: node["parentKey"] for node in (await chain("a"))["nodes"] if node["kind"] == "PERSON"}
    assert parents == {"p": "r", "q": "p", "r": None}


async def test_a_holder_is_shown_however_deep(market, chain):
    people = "person_id,name,company_id,manager_id\n" + "".join(f"p{n},P{n},a,{f'p{n - 1}' if n else ''}\n" for n in range(6))
    await market(companies="company_id,name\na,A\n", people=people, roles="person_id,role,company_id\np5,DECISION_MAKER,a\n")
    found = await chain("a", maxNodes=3)
    assert {node["key"] for node in found["nodes"] if node["kind"] == "PERSON"} == {"p3", "p4", "p5"}


async def test_a_date_is_its_last_instant(market, chain):
    jobs = "person_id,company_id,valid_from\np,a,2020-01-01T09:00\n"
    await market(companies="company_id,name\na,A\n", people="person_id,name\np,P\n", employments=jobs)
    assert [node["key"] for node in (await chain("a", asOf="2020-01-01"))["nodes"] if node["kind"] == "PERSON"] == ["p"]
    assert [node["key"] for node in (await chain("a", asOf="2019-12-31"))["nodes"] if node["kind"] == "PERSON"] == []


async def test_consent_is_that_of_the_day_and_of_what_was_known(market, chain, store):
    """Wang agreed until 2025, and in 2026 until 2028; Li of the board, who works elsewhere, is asked through two sources."""
    day = [period(year)[0] for year in ("2024", "2026")]
    files = {"companies": "company_id,name\na,甲公司\nb,B\n", "roles": "person_id,company_id,role\nli,a,CHAMPION\n"}
    head = "person_id,name,company_id,consent_until,confidence\n"
    await market(as_of=day[0], people=head + "wang,王芳,a,2025-01-01,\nli,李伟,b,2030-01-01,0.5\nno,Nobody asked,a,,\n", **files)
    before = at_moment((await store.revision()).known_at).isoformat()
    await market(as_of=day[1], people=head + "wang,王芳,a,2028-01-01,\n")
    await market(as_of=day[0], source="privacy desk", people=head + "li,李伟,,2025-03-01,\n")

    async def contactable(**view):
        return {person: node["contactable"] for person, node in people(await chain("a", **view)).items()}

    assert await contactable(asOf="2024-12-31T00:00:00Z") == {"wang": True, "li": True, "no": True}
    assert await contactable(asOf="2025-06-01T00:00:00Z") == {"wang": False, "li": False, "no": True}, "the surest word on Li is the desk's"
    assert await contactable(asOf="2026-06-01T00:00:00Z") == {"wang": True, "li": False, "no": True}
    assert await contactable(asOf="2026-06-01T00:00:00Z", knownAt=before) == {"wang": False, "li": True, "no": True}


async def test_nobody_sees_half_a_load(market, chain, store):
    await market(**BOARD)
    known = (await store.revision_at(10**18)).known_at
    await market(reporting="person_id,manager_id\np,q\n")
    await store.write("test", [("MATCH (l:Load {id: 'L2'}) SET l.finished = false", {})])
    found = await chain("a", knownAt=at_moment(now()).isoformat())
    assert found["edges"] == []
    assert found["view"]["knownAt"] == at_moment(known).isoformat()


async def test_an_alias_of_a_person_names_no_company(market, ask):
    await market(companies="company_id,name\n7,Seven\n", people="person_id,name,emails\n7,Joe,joe@x.example\n")
    assert (await ask('{ account(id: "joe@x.example") { id } }'))["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert (await ask('{ person(id: "joe@x.example") { id } }'))["data"]["person"]["id"] == "7"


async def test_what_was_taken_back_is_not_found(market, ask, store):
    await market(**BOARD)
    await unload(store, "1", identity)
    assert (await ask('{ account(id: "a") { name } }'))["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_fragments_in_fragments_are_measured_once(ask):
    text = "".join(f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }} " for n in range(60)) + "fragment f60 on Query { __typename }"
    answer = await ask("{ ...f0 } " + text)
    assert answer["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED", "at once, however often they are spread"


@pytest.mark.parametrize("given", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "yesterday"])
async def test_a_date_that_cannot_be_is_a_bad_date(ask, given):
    answer = await ask(f'{{ account(id: "a") {{ decisionChain(asOf: "{given}") {{ key }} }} }}')
    assert answer["errors"][0]["extensions"]["code"] == "BAD_DATE"
