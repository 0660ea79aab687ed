"""The sample market: it loads without a word, leaves no column and no word of the vocabulary unused, ends on its day, and tells its stories."""

import csv
import re
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import pytest

from api.context import Context
from api.execute import Engine
from api.render.svg import svg
from graph.instants import OPEN_END, at_moment, period
from graph.measures.network import TieKind
from graph.measures.paths import Budget, Outlook
from loaders.columns import STANCES, STRENGTHS, end, stance, start, tier
from loaders.kinds import KIND, KINDS
from loaders.run import load
from queries.decision_chain import decision_chain
from queries.reaching.carrying import Carrying, kinds_mask
from tests.slow import Slow

ROOT = Path(__file__).parent.parent.parent
MARKET, LATE = ROOT / "samples" / "market", ROOT / "samples" / "market_late"
LAST_DAY, LATE_DAY = "2026-06-30", "2026-07-03"
LATER = {("grants", "ends_on"), ("uses", "renewal_on"), ("opportunities", "close_on"), ("people", "consent_until"), ("tags", "expires_on")}
"""What may lie after the last day, beside a planned meeting."""
NOT_WANTED = {"GATEKEEPER", "INFLUENCER", "INITIATOR", "OTHER"}
"""Roles that no template asks for."""
COMMON_SOMEWHERE = {"source", "confidence", "valid_from", "valid_to", "recorded_at"}


def rows(kind):
    with (MARKET / f"{kind}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def market():
    return {kind.name: rows(kind.name) for kind in KINDS}


@pytest.fixture(scope="module")
async def sample(one_store):
    """The store with the sample market, loaded once for this module, and what the load reported."""
    await one_store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
    report = await load(one_store, [MARKET], as_of=period(LAST_DAY)[0])
    return one_store, report


@pytest.fixture
def asked(sample, settings):
    """``await asked("{ ... }")`` is the data of a document."""
    engine = Engine(settings)

    async def run(text):
        answer = await engine(text, {}, None, Context(sample[0], settings))
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    return run


def test_there_is_a_file_for_every_kind_and_none_else():
    assert {path.stem for path in MARKET.glob("*.csv")} == set(KIND)


def test_every_column_is_filled_somewhere(market):
    empty = {(kind.name, column.name) for kind in KINDS for column in kind.columns if not any(row.get(column.name) for row in market[kind.name])}
    assert empty == set()
    filled = {name for name in COMMON_SOMEWHERE for table in market.values() if any(row.get(name) for row in table)}
    assert filled == COMMON_SOMEWHERE


def test_every_word_of_the_vocabulary_is_used(market):
    unused = set()
    for kind in KINDS:
        for column in kind.columns:
            said = {part.strip().upper() for row in market[kind.name] for part in (row.get(column.name) or "").split(";")}
            sentence = column.parse.__doc__ or ""
            words = re.findall("`([^`]+)`", sentence) if sentence.startswith(("One of", "Some of")) else []
            words += {stance: STANCES, tier: ["1", "2", "3"]}.get(column.parse, [])
            unused |= {(kind.name, column.name, word) for word in words if word.upper() not in said}
    assert unused == {("templates", "role", role) for role in NOT_WANTED}
    strengths = {row["strength"] for kind in ("influence", "affiliations") for row in market[kind]}
    assert set(STRENGTHS) <= strengths and any(re.fullmatch(r"0\.\d+", text) for text in strengths)


def test_nothing_lies_after_the_last_day_but_what_is_still_to_come(market):
    last = period(LAST_DAY)[1]
    late = []
    for kind in KINDS:
        for row in market[kind.name]:
            planned = row.get("status") == "planned"
            for column in kind.every_column:
                cell = row.get(column.name)
                if cell and (column.parse in (start, end) or column.name == "recorded_at") and (kind.name, column.name) not in LATER and not planned:
                    late += [(kind.name, column.name, cell)] if period(cell)[0] >= last else []
    assert late == []
    assert [row["at"][:10] for row in market["interactions"] if row["status"] == "planned"] == ["2026-07-09"]


def test_the_cast_is_the_one_that_is_promised(market):
    kinds = defaultdict(set)
    for row in market["companies"]:
        for kind in row["kinds"].split(";"):
            kinds[kind].add(row["company_id"])
    assert {kind: len(kinds[kind]) for kind in ("us", "account", "competitor", "partner")} == {"us": 1, "account": 12, "competitor": 2, "partner": 4}
    assert sum("opinion leader" in row["tags"] for row in market["people"]) == 6
    months = {row["at"][:7] for row in market["interactions"] if row["status"] != "planned"}
    assert (min(months), max(months), len(months)) == ("2025-01", "2026-06", 18)
    readme = (MARKET / "README.md").read_text(encoding="utf-8")
    assert {id_ for id_ in kinds["account"] if f"`{id_}`" not in readme} == set()


def test_the_late_note_is_one_row():
    assert [path.name for path in LATE.glob("*.csv")] == ["employments.csv"]


async def test_it_loads_without_a_word(sample):
    _, report = sample
    assert (report.total("rejected"), report.warnings, set(report.kinds)) == (0, [], set(KIND))
    assert [name for name, counts in report.kinds.items() if not counts.created] == []


async def test_the_bank_on_its_last_day(asked):
    fields = "nodes { name title parentKey stance power contactable roles { role authority } } edges { fromKey kind toKey line } checks { code }"
    found = (await asked(f'{{ account(id: "linghai") {{ decisionChain(asOf: "{LAST_DAY}") {{ {fields} }} }} }}'))["account"]["decisionChain"]
    assert [(node["name"], node["parentKey"], [role["role"] for role in node["roles"]], node["stance"]) for node in found["nodes"]] == [
        ("陈国栋", None, ["EXECUTIVE_SPONSOR"], 0),
        ("吴越", "chen-guodong", ["END_USER"], 1),
        ("林嘉欣", "wu-yue", ["END_USER"], None),
        ("周颖", "chen-guodong", ["ECONOMIC_BUYER"], None),
        ("邓丽", "zhou-ying", ["PROCUREMENT"], 0),
        ("孙立群", "chen-guodong", ["DECISION_MAKER"], 1),
        ("李伟", "sun-liqun", ["INITIATOR"], 1),
        ("何静", "li-wei", ["CHAMPION"], 2),
        ("徐航", "he-jing", ["TECHNICAL_EVALUATOR"], 0),
        ("袁梦", "he-jing", [], None),
        ("郭凯", "li-wei", ["TECHNICAL_EVALUATOR"], -2),
        ("梁倩", "guo-kai", ["TECHNICAL_EVALUATOR"], -1),
        ("谭伟", "chen-guodong", ["GATEKEEPER"], None),
        ("郑爽", "chen-guodong", ["LEGAL_COMPLIANCE"], None),
        ("implementer: not known", None, ["IMPLEMENTER"], None),
    ]
    assert [node["name"] for node in found["nodes"] if not node["contactable"]] == ["郑爽", "implementer: not known"]
    beside = {(edge["fromKey"], edge["kind"], edge["toKey"]) for edge in found["edges"] if edge["line"] != "SOLID"}
    assert {("karen-lam", "REPORTS_TO", "he-jing"), ("guo-kai", "OPPOSES", "he-jing"), ("he-jing", "ADVISES", "li-wei")} <= beside
    assert [check["code"] for check in found["checks"]] == ["UNMAPPED_ROLE"]


async def test_the_bank_a_year_before(asked):
    fields = "nodes { name title roles { role } }"
    found = (await asked(f'{{ account(id: "linghai") {{ decisionChain(asOf: "2025-06-30") {{ {fields} }} }} }}'))["account"]["decisionChain"]
    who = {node["name"]: (node["title"], [role["role"] for role in node["roles"]]) for node in found["nodes"]}
    assert who["马建华"] == ("首席财务官", ["ECONOMIC_BUYER"])
    assert who["李伟"] == ("首席信息官", ["DECISION_MAKER", "INITIATOR"])
    assert who["何静"] == ("数据平台部副总经理", [])
    assert {"周颖", "郭凯"} & set(who) == set()


async def test_what_happened_at_the_bank_this_spring(asked):
    fields = "kind at personName before after beforeName afterName line source"
    text = f'{{ account(id: "linghai") {{ chainChanges(from: "2026-03-01", to: "{LAST_DAY}") {{ {fields} }} }} }}'
    told = [tuple(change.values()) for change in (await asked(text))["account"]["chainChanges"]]
    told = [(kind, at[:10], *rest) for kind, at, *rest in told]
    assert told == [
        ("LEFT", "2026-04-01", "马建华", "首席财务官", None, None, None, None, "canonical"),
        ("MANAGER_CHANGED", "2026-04-01", "邓丽", "ma-jianhua", "chen-guodong", "马建华", "陈国栋", "SOLID", "canonical"),
        ("JOINED", "2026-04-15", "周颖", None, "首席财务官", None, None, None, "annual report"),
        ("MANAGER_CHANGED", "2026-04-15", "邓丽", "chen-guodong", "zhou-ying", "陈国栋", "周颖", "SOLID", "canonical"),
        ("LINE_ADDED", "2026-05-01", "林嘉欣", None, "he-jing", None, "何静", "DOTTED", "canonical"),
        ("ROLE_ADDED", "2026-05-01", "林嘉欣", None, "END_USER", None, None, None, "canonical"),
        ("LINE_REMOVED", "2026-06-01", "梁倩", "zheng-shuang", None, "郑爽", None, "DOTTED", "canonical"),
    ]


async def test_a_deal_moves_on(asked):
    days = {"d1": "2025-07-01", "d2": "2026-01-01", "d3": LAST_DAY}
    parts = " ".join(f'{name}: course(asOf: "{day}", history: false) {{ field value }}' for name, day in days.items())
    found = (await asked(f'{{ opportunity(id: "linghai-risk-2026") {{ groupId outcome {parts} }} }}'))["opportunity"]
    assert (found["groupId"], found["outcome"]) == ("linghai-risk", "OPEN")
    told = [{one["field"]: one["value"] for one in found[name]} for name in days]
    assert [(one["STAGE"], one["AMOUNT"], one["OWNER"], one["CLOSE_ON"][:10]) for one in told] == [
        ("线索", "4000000", "gao-lei", "2026-03-31"),
        ("需求确认", "4000000", "tang-min", "2026-06-30"),
        ("方案", "5600000", "tang-min", "2026-09-30"),
    ]
    text = f'{{ opportunity(id: "linghai-risk-2026") {{ bantc(asOf: "{LAST_DAY}") {{ fields {{ field state }} }} }} }}'
    known = {one["field"]: one["state"] for one in (await asked(text))["opportunity"]["bantc"]["fields"]}
    assert known == {"BUDGET": "verified", "AUTHORITY": "stated", "NEED": "verified", "TIMING": "assumed", "COMPETITION": "stated"}


async def test_they_are_found_in_either_script_and_by_any_name(asked):
    text = """{ banks: accounts(search: "银行") { edges { node { id } } } same: accounts(search: "linghai") { edges { node { id } } }
      cfo: people(search: "周颖") { edges { node { id } } } li: people(search: "Li Wei") { edges { node { id } } }
      crm: account(id: "crm:A-1001") { id } mail: person(id: "HE.JING@linghai.example") { id } wechat: person(id: "wechat:hejing") { id }
      finance: accounts(filter: {segment: ["finance"]}) { edges { node { id } } } }"""
    found = await asked(text)

    def ids(name):
        return {edge["node"]["id"] for edge in found[name]["edges"]}

    assert ids("banks") == {"linghai"}
    assert ids("same") == {"linghai", "linghai-leasing"}
    assert (ids("cfo"), ids("li")) == ({"zhou-ying"}, {"li-wei"})
    assert [found[name]["id"] for name in ("crm", "mail", "wechat")] == ["linghai", "he-jing", "he-jing"]
    assert ids("finance") == {"linghai", "linghai-leasing", "jinhe", "nanzhou"}


async def test_a_visitor_is_identified_and_others_are_not(sample):
    text = "MATCH (p:Person)-[:TOOK_PART]->(i:Interaction) WHERE p.anonymous OR (p.id = 'qiao-an' AND i.type = 'page_view') "
    text += "RETURN p.id, count(i) ORDER BY p.id"
    assert await sample[0].read("test", text, {}) == [["badge:GT-0412", 1], ["cookie:c001", 1], ["cookie:scan", 1], ["qiao-an", 2]]


async def test_the_committed_picture_is_what_the_command_draws(sample, settings):
    view = await Context(sample[0], settings).view(as_of=at_moment(period(LAST_DAY)[1] - 1))
    drawn = svg((await decision_chain(sample[0], view, ["linghai"]))["linghai"]) + "\n"
    picture = ROOT / "docs" / "pictures" / "decision-chain.svg"
    cure = "Load samples/market into an empty home and write it anew: see docs/pictures/README.md."
    assert picture.read_text(encoding="utf-8") == drawn, cure


NEAREST = """
MATCH (a:Person) WHERE a.id IN $ours
MATCH (b:Person) WHERE NOT b.id IN $ours
MATCH way = SHORTEST 1 (a) ((x)-[r:KNOWS|REPORTS_TO|INFLUENCES]-(y) WHERE NOT x.id IN $shut AND (
    r:KNOWS AND ([x.id, y.id] IN $known OR [y.id, x.id] IN $known)
    OR NOT r:KNOWS AND r.valid_from <= $as_of < r.valid_to AND r.recorded_at <= $known_at < r.retracted_at
      AND (r:REPORTS_TO OR startNode(r) = x AND r.kind = 'ADVISES'))){1,3} (b)
RETURN b.id AS person, min(length(way)) AS hops
"""


async def test_whom_the_snapshot_reaches_in_how_many_hops_is_what_the_graph_itself_says(sample, settings):
    """The fewest hops from ours to everybody, by the arrays and by Cypher; who knows whom well enough is worked out from the files."""
    store, at = sample[0], period(LAST_DAY)[1] - 1
    slow = Slow.of(MARKET, at_moment(at))
    view = (await Context(store, settings).view()).at(at, None)
    carrying = await Carrying.at(store, view)
    begun = carrying.beginning()
    some = kinds_mask([TieKind.INTERACTION, TieKind.ADVISES, TieKind.REPORTING])
    found = {}
    for hops in (3, 2, 1):
        rules = carrying.rules(begun, kinds=some, hops=hops, floor=1e-12, decay=1.0)
        met = Outlook(carrying.network, rules, begun.sources).ahead(Budget())[-1].people
        found |= {carrying.id(int(place)): hops for place in met if not begun.sources[place]}
    together = {tuple(sorted(pair)) for event in slow.events for pair in combinations({who for who, _, _ in event.took}, 2)}
    known = [list(pair) for pair in sorted(together) if 0.8 * slow.tie(*pair) >= 0.01]
    shut = sorted({who for who in slow.names if slow.opted_out(who) and who not in slow.ours} | slow.rivals | slow.tired)
    given = {**view.parameters(), "ours": sorted(slow.ours), "shut": shut, "known": known}
    assert found == dict(await store.read("nearest", NEAREST, given))
    assert set(found.values()) == {1, 2, 3}


async def test_a_late_note_changes_what_was_true_and_not_what_was_known(sample, asked):
    store, _ = sample
    known = at_moment((await store.revision_at(OPEN_END - 1)).known_at).isoformat()
    await load(store, [LATE], as_of=period(LATE_DAY)[0])
    fields = "checks { code personIds }"
    text = f'{{ account(id: "yunxi") {{ now: decisionChain(asOf: "{LAST_DAY}") {{ {fields} }}'
    text += f' before: decisionChain(asOf: "{LAST_DAY}", knownAt: "{known}") {{ {fields} }} }} }}'
    found = (await asked(text))["account"]
    left = [check["personIds"] for check in found["now"]["checks"] if check["code"] == "LEFT_STILL_LISTED"]
    assert left == [["huang-shan"]]
    assert [check["code"] for check in found["before"]["checks"]] == ["UNMAPPED_ROLE", "NO_OPPONENT_NAMED"]


async def test_the_same_files_again_change_nothing(sample):
    for folder, day in ((MARKET, LAST_DAY), (LATE, LATE_DAY)):
        report = await load(sample[0], [folder], as_of=period(day)[0])
        assert [report.total(name) for name in ("created", "changed", "ended", "rejected")] == [0, 0, 0, 0]
        assert report.warnings == []
