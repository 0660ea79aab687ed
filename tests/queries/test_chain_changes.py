"""Two years of one bank: every change is told once, with its date and source."""

from itertools import groupby, pairwise

import pytest

from graph.instants import at_moment, period

FILES = {
    "companies": "company_id,name\nbank,南方银行\n",
    "people": "person_id,name\nceo,Chen\ncio,李伟\nnew,Wang\nit,Zhao\n",
    "employments": "person_id,company_id,title,valid_from,valid_to\n"
    "ceo,bank,CEO,,\ncio,bank,CIO,2024-01-01,2025-03-01\nnew,bank,CIO,2025-03-01,\nit,bank,Engineer,,2025-06-01\nit,bank,Architect,2025-06-01,\n",
    "reporting": "person_id,manager_id,line,valid_from,valid_to\n"
    "it,cio,SOLID,2024-01-01,2025-03-01\nit,new,SOLID,2025-03-01,\nit,ceo,DOTTED,2025-04-01,2025-05-01\ncio,ceo,SOLID,2024-01-01,2025-03-01\n"
    "new,ceo,SOLID,2025-03-01,\n",
    "roles": "person_id,company_id,role,valid_from\nnew,bank,DECISION_MAKER,2025-03-01\nit,bank,CHAMPION,2025-07-01\n",
    "members": "person_id,company_id,stance,valid_from,valid_to\nit,bank,1,2025-01-01,2025-08-01\nit,bank,-1,2025-08-01,\n",
}
STORY = [
    ("STANCE_CHANGED", "2025-01-01", "it", None, "1"),
    ("LEFT", "2025-03-01", "cio", "CIO", None),
    ("JOINED", "2025-03-01", "new", None, "CIO"),
    ("MANAGER_CHANGED", "2025-03-01", "it", "cio", "new"),
    ("LINE_ADDED", "2025-04-01", "it", None, "ceo"),
    ("LINE_REMOVED", "2025-05-01", "it", "ceo", None),
    ("TITLE_CHANGED", "2025-06-01", "it", "Engineer", "Architect"),
    ("ROLE_ADDED", "2025-07-01", "it", None, "CHAMPION"),
    ("STANCE_CHANGED", "2025-08-01", "it", "1", "-1"),
]


@pytest.fixture
def told(ask):
    async def run(start, end, more=""):
        text = f'{{ account(id: "bank") {{ chainChanges(from: "{start}T00:00:00Z", to: "{end}T00:00:00Z"{more}) '
        answer = await ask(text + "{ kind at personId before after source } } }")
        assert "errors" not in answer, answer["errors"]
        changes = answer["data"]["account"]["chainChanges"]
        assert {change["source"] for change in changes} <= {"hr"}
        return [(change["kind"], change["at"][:10], change["personId"], change["before"], change["after"]) for change in changes]

    return run


@pytest.fixture
async def bank(market):
    report = await market(as_of=period("2024-01-01")[0], source="hr", **FILES)
    assert report.total("rejected") == 0


async def test_the_story_is_told_once_each(bank, told):
    assert sorted(await told("2024-06-01", "2026-01-01")) == sorted(STORY)


async def test_the_first_instant_is_out_and_the_last_is_in(bank, told):
    assert [change[:2] for change in await told("2025-03-01", "2025-04-01")] == [("LINE_ADDED", "2025-04-01")]
    assert await told("2025-08-01", "2026-01-01") == []


async def test_the_spans_of_a_split_time_tell_the_whole(bank, told):
    days = ["2024-06-01", "2025-03-01", "2025-05-15", "2025-07-01", "2026-01-01"]
    parts = [change for start, end in pairwise(days) for change in await told(start, end)]
    assert parts == await told(days[0], days[-1])


async def test_who_was_always_there_never_joined(bank, told):
    assert "ceo" not in {change[2] for change in await told("1990-01-01", "2026-01-01")}


async def test_a_change_learned_later_is_not_known_before(bank, market, told, store):
    known = (await store.revision_at(10**18)).known_at
    await market(as_of=period("2025-09-01")[0], source="hr", employments="person_id,company_id,title,valid_to\nceo,bank,CEO,2025-10-01\n")
    assert ("LEFT", "2025-10-01", "ceo", "CEO", None) in await told("2025-09-01", "2026-01-01")
    moment = at_moment(known).isoformat()
    assert await told("2025-09-01", "2026-01-01", f', knownAt: "{moment}"') == []


async def test_an_unknown_group_is_an_error(bank, ask):
    answer = await ask('{ account(id: "bank") { chainChanges(from: "2025-01-01T00:00:00Z", group: "nix") { kind } } }')
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_an_end_before_the_start_is_an_error(bank, ask):
    answer = await ask('{ account(id: "bank") { chainChanges(from: "2025-01-01T00:00:00Z", to: "2024-01-01T00:00:00Z") { kind } } }')
    assert answer["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


async def test_who_joins_brings_solid_and_dotted_lines_without_a_word_more(market, told):
    await market(
        as_of=period("2024-01-01")[0],
        source="hr",
        companies=FILES["companies"],
        people="person_id,name\nnew,王芳\nit,李伟\nops,Ops\n",
        employments="person_id,company_id,title,valid_from\nit,bank,Engineer,2020\nops,bank,Operator,2020\nnew,bank,CIO,2025-05-01\n",
        reporting="person_id,manager_id,line,valid_from\nit,new,SOLID,2025-05-01\nops,new,DOTTED,2025-05-01\nit,ops,DOTTED,2025-06-01\n"
        "ops,new,SOLID,2025-06-01\n",
    )
    assert await told("2025-01-01", "2026-01-01") == [
        ("JOINED", "2025-05-01", "new", None, "CIO"),
        ("LINE_ADDED", "2025-06-01", "it", None, "ops"),
        ("LINE_ADDED", "2025-06-01", "ops", None, "new"),
    ]


INHERITED = {
    "companies": FILES["companies"],
    "groups": "group_id,company_id,name\nerp,bank,ERP\n",
    "people": "person_id,name,company_id\np,李伟,bank\nq,王芳,bank\nr,Maybe,bank\n",
    "roles": "person_id,company_id,group_id,role,role_confidence,valid_from,valid_to\np,bank,,CHAMPION,1,2025-02-01,2025-10-01\n"
    "q,,erp,CHAMPION,1,2025-04-01,2025-08-01\nr,,erp,CHAMPION,0.1,2025-03-01,\n",
}


async def test_a_role_that_a_group_inherits_comes_and_goes_on_its_map(market, told, chain):
    await market(as_of=period("2024-01-01")[0], source="hr", **INHERITED)
    changes = [change[:3] for change in await told("2025-01-01", "2026-01-01", ', group: "erp"')]
    assert changes == [
        ("ROLE_ADDED", "2025-02-01", "p"),
        ("ROLE_ADDED", "2025-03-01", "r"),
        ("ROLE_ADDED", "2025-04-01", "q"),
        ("ROLE_REMOVED", "2025-04-01", "p"),
        ("ROLE_ADDED", "2025-08-01", "p"),
        ("ROLE_REMOVED", "2025-08-01", "q"),
        ("ROLE_REMOVED", "2025-10-01", "p"),
    ]
    shown: set[str] = set()
    for day, of_day in groupby(changes, key=lambda change: change[1]):
        for kind, _, who in of_day:
            (shown.add if kind == "ROLE_ADDED" else shown.remove)(who)
        found = await chain("bank", group="erp", asOf=f"{day}T00:00:00Z")
        assert {node["key"] for node in found["nodes"] if node["kind"] == "PERSON" and node["roles"]} == shown, day
    assert [change[:3] for change in await told("2025-01-01", "2026-01-01")] == [
        ("ROLE_ADDED", "2025-02-01", "p"),
        ("ROLE_REMOVED", "2025-10-01", "p"),
    ]
