"""Opinion leaders of a small town: every figure beside the method taken row by row, and the few who together reach the most."""

from dataclasses import replace
from math import exp, sqrt

import networkx as nx
import pytest

from api.context import Context
from api.execute import Engine
from api.render import formats
from graph.instants import instant
from graph.measures.paths import DEFAULTS as PATHS
from graph.measures.paths import Budget
from queries.kol_set import kol_set
from queries.kols import kols
from tests.filling import filled
from tests.slow import instant as moment
from tests.town import AT, FILES, OURS, Town

MORE = {
    "companies": "company_id,name,kinds\npress,Press,media\nchips,Chips,vendor\nbank,东方银行,account\nmill,Mill,account\n"
    "uni,Uni,vendor\nold,Old,media\n",
    "people": "person_id,name,value_circle,do_not_contact\nbauer,Prof. Bauer,industry,\nroy,Roy,national,\ngu,顾问,,yes\n",
    "affiliations": "person_id,company_id,kind,strength\nbauer,chips,advisor,0.8\nbauer,press,author,strong\n"
    "roy,press,speaker,strong\nbauer,rival,board,0.3\n",
    "influence": "from_id,to_id,kind,strength,topic\nbauer,zhao,ADVISES,0.6,Data\nbauer,mo,ADVISES,0.5,data\n"
    "bauer,li,ADVISES,0.5,price\nroy,mo,ADVISES,weak,\n"
    "gu,mo,ADVISES,0.9,\n",
    "interactions": "interaction_id,type,at,topic,status\nt1,attendance,2026-06-30T12:00,data,held\nt2,attendance,2025-06-30T12:00,,held\n"
    "t3,attendance,2026-08-30T12:00,,planned\n",
    "participants": "interaction_id,person_id,part\nt1,bauer,SPEAKER\nt2,bauer,SPEAKER\nt3,bauer,SPEAKER\nt1,roy,SPEAKER\n",
}
KOL = """tier circle heededHere heededAnywhere person { id } vendor { id } why
  score { value missing evidenceCount components { code value weight contribution evidence { id } } }"""
SET = """share missing error flattered target reached candidates samples why unreached { role accounts of }
  leaders { person { id } alone gain share error known }"""


@pytest.fixture(scope="module")
async def stage(town, tmp_path_factory):
    """The town with leaders of opinion."""
    return await filled(town, tmp_path_factory.mktemp("stage"), MORE, as_of=instant(moment("2026-06-30")), source="stage")


@pytest.fixture
def ask(stage, settings):
    """``await ask("kols(first: 2) { totalCount }")`` is that field at noon of 30 June 2026."""

    async def run(field, language="en"):
        name, _, rest = field.partition("(")
        text = f'{{ {name}(asOf: "{AT}", {rest} }}'
        answer = await Engine(settings)(text, {}, None, Context(stage, settings, language=language))
        assert "errors" not in answer, answer["errors"]
        return answer["data"][name]

    return run


class Stage(Town):
    """The town and its stage."""

    def __init__(self):
        files = {kind: FILES.get(kind, "") for kind in {*FILES, *MORE}}
        super().__init__(files | {"affiliations": MORE["affiliations"]}, AT)
        more = Town({**MORE, "interactions": "interaction_id,type,at\n", "participants": "interaction_id,person_id,part\n"}, AT)
        self.rows["influence"] += [{"confidence": "", **row} for row in more.rows["influence"]]
        self.names |= more.names

    def listening(self, topic=None):
        """``{adviser: {advised}}``."""
        rows = [row for row in self.rows["influence"] if row["kind"] == "ADVISES" and (topic is None or row["topic"].lower() == topic)]
        return {who: {row["to_id"] for row in rows if row["from_id"] == who} for who in {row["from_id"] for row in rows}}


SEGMENT = {"li", "zhao", "wu", "qian", "mo", "mei", "zoe", "alone"}
FILTER = 'filter: {ids: ["bank", "mill"]}'


def authority(listening, segment):
    """Percentile of the PageRank over who takes advice from whom within the segment, for who is heeded there, times how local that is."""
    drawn = nx.DiGraph((whom, who) for who, listeners in listening.items() for whom in listeners & segment)
    rank = nx.pagerank(drawn, alpha=0.85, tol=1e-12, max_iter=500)
    heeded = {who for who, listeners in listening.items() if listeners & segment}
    made = {}
    for who in heeded:
        below = sum(rank[other] < rank[who] - 1e-9 for other in heeded)
        same = sum(abs(rank[other] - rank[who]) <= 1e-9 for other in heeded)
        local = (len(listening[who] & segment) + 5) / (len(listening[who]) + 5)
        made[who] = (below + same / 2) / len(heeded) * local
    return made


async def test_every_part_of_a_leader_s_score(stage, ask):
    slow = Stage()
    listening = slow.listening()
    wanted = authority(listening, SEGMENT)
    found = {
        edge["node"]["person"]["id"]: edge["node"] for edge in (await ask(f"kols({FILTER}, first: 100) {{ edges {{ node {{ {KOL} }} }} }}"))["edges"]
    }
    assert {"sun", "nora", "bauer", "roy"} <= found.keys()
    assert not found.keys() & {*OURS, "ria", "wu", "gu"}, "nobody of ours or of a competitor's, nobody who opted out"
    for who, one in found.items():
        part = {row["code"]: row for row in one["score"]["components"]}
        assert part["AUTHORITY"]["value"] == pytest.approx(wanted.get(who), abs=1e-6)
        known = max((slow.tie(who, ours) for ours in OURS), default=0)
        assert part["ACCESS"]["value"] == (pytest.approx(known) if known else None)
        assert one["heededHere"] == len(listening.get(who, set()) & SEGMENT) and one["heededAnywhere"] == len(listening.get(who, ()))
        assert sum(row["contribution"] for row in one["score"]["components"]) == pytest.approx(one["score"]["value"])
    bauer = {row["code"]: row for row in found["bauer"]["score"]["components"]}
    assert bauer["ACTIVITY"]["value"] == pytest.approx(1 - exp(-1.5 / 5)), "a talk of today and one a year ago; what lies ahead does not count"
    assert [row["id"] for row in bauer["ACTIVITY"]["evidence"]] == ["t1", "t2"]
    assert bauer["INDEPENDENCE"]["value"] == pytest.approx(0.2) and found["bauer"]["vendor"] == {"id": "chips"}
    plain = 0.4 * bauer["REACH"]["value"] + 0.25 * bauer["AUTHORITY"]["value"] + 0.1 * bauer["ACTIVITY"]["value"] + 0.05 * 0.2
    assert found["bauer"]["score"]["value"] == pytest.approx(plain * (1 - 0.5 * 0.8))
    assert (found["bauer"]["circle"], found["roy"]["circle"], found["sun"]["circle"]) == ("INDUSTRY", "NATIONAL", None)
    assert found["bauer"]["score"]["evidenceCount"] == 3 + 2 and found["roy"]["tier"] == "CANDIDATE"
    assert found["bauer"]["why"].endswith("3 here listen to them; not known to any of us; spoke 2 times; bound to Chips (0.80).")


async def test_by_topic_circle_and_tier_page_by_page(stage, ask):
    async def who(arguments):
        return [edge["node"]["person"]["id"] for edge in (await ask(f"kols({FILTER}, {arguments}) {{ edges {{ node {{ {KOL} }} }} }}"))["edges"]]

    assert set(await who('topic: "DATA"')) == {"sun", "bauer", "roy"}, "heard, or speaking, about it"
    topic = await ask(f'kols({FILTER}, topic: "data") {{ edges {{ node {{ {KOL} }} }} }}')
    assert {edge["node"]["person"]["id"]: edge["node"]["heededHere"] for edge in topic["edges"]} == {"sun": 1, "bauer": 2, "roy": 0}
    assert await who("circle: NATIONAL") == ["roy"]
    tiers = {tier: await who(f"tier: {tier}") for tier in ("T1", "T2", "T3", "CANDIDATE")}
    everybody = await who("first: 100")
    assert sorted(one for some in tiers.values() for one in some) == sorted(everybody)
    seen, after = [], ""
    while True:
        page = await ask(f"kols({FILTER}, first: 2{after}) {{ totalCount pageInfo {{ hasNextPage endCursor }} edges {{ node {{ {KOL} }} }} }}")
        seen += [edge["node"]["person"]["id"] for edge in page["edges"]]
        assert page["totalCount"] == len(everybody)
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = f', after: "{page["pageInfo"]["endCursor"]}"'
    assert seen == everybody
    assert "听其意见" in (await ask(f"kols({FILTER}) {{ edges {{ node {{ why }} }} }}", "zh-CN"))["edges"][0]["node"]["why"]


async def test_of_more_than_can_be_scored_the_first_are_and_a_topic_is_asked_of_all(stage, ask, monkeypatch):
    page = "totalCount truncated edges { node { person { id } } }"
    everybody = await ask(f"kols({FILTER}) {{ {page} }}")
    about = await ask(f'kols({FILTER}, topic: "data") {{ {page} }}')
    assert not everybody["truncated"] and about["totalCount"] == 3
    monkeypatch.setattr("queries.kols.MOST_SCORED", 1)
    first, topic = await ask(f"kols({FILTER}) {{ {page} }}"), await ask(f'kols({FILTER}, topic: "price") {{ {page} }}')
    assert first["truncated"] and first["totalCount"] == 1
    assert not topic["truncated"] and topic["edges"] == [{"node": {"person": {"id": "bauer"}}}]


async def test_out_of_time_a_set_rests_on_fewer_draws_and_says_so(stage, ask, monkeypatch):
    whole = await ask(f"kolSet({FILTER}) {{ samples truncated error }}")
    monkeypatch.setattr("queries.reaching.leading.Field.budget", lambda self: Budget(replace(PATHS, seconds=-1)))
    late = await ask(f"kolSet({FILTER}) {{ samples truncated error }}")
    assert (whole["samples"], whole["truncated"], late["samples"], late["truncated"]) == (10_000, False, 1_000, True)
    assert late["error"] > 2 * whole["error"]
    assert (await ask(f"kols({FILTER}) {{ truncated }}"))["truncated"]


async def test_the_set_that_reaches_most_together(stage, ask):
    found = await ask(f"kolSet({FILTER}, size: 3) {{ {SET} }}")
    shares = [one["share"] for one in found["leaders"]]
    assert shares == sorted(shares) and found["share"] == shares[-1]
    assert sum(one["gain"] for one in found["leaders"]) == pytest.approx(found["share"])
    assert found["leaders"][0]["alone"] == pytest.approx(found["leaders"][0]["share"])
    assert found["error"] == pytest.approx(sqrt(found["share"] * (1 - found["share"]) / 10_000)) and found["error"] <= 0.005
    assert abs(found["flattered"] - found["share"]) <= 5 * found["error"]
    assert found == await ask(f"kolSet({FILTER}, size: 3) {{ {SET} }}"), "the same seed draws the same"
    other = await ask(f"kolSet({FILTER}, size: 3, seed: 5) {{ {SET} }}")
    assert abs(other["share"] - found["share"]) <= 5 * found["error"]
    assert other["leaders"] != found["leaders"]
    assert "together reach" in found["why"] and "合计触达" in (await ask(f"kolSet({FILTER}) {{ why }}", "zh-CN"))["why"]


async def test_the_smallest_set_for_a_share_and_what_nobody_reaches(stage, ask):
    whole = await ask(f"kolSet({FILTER}, size: 100) {{ {SET} }}")
    few = await ask(f"kolSet({FILTER}, size: 100, share: {whole['leaders'][0]['share'] * 0.9}) {{ {SET} }}")
    assert len(few["leaders"]) == 1 and few["reached"] and few["target"] is not None
    never = await ask(f"kolSet({FILTER}, size: 100, share: 1) {{ {SET} }}")
    assert not never["reached"] and "is not reached" in never["why"] and never["share"] == whole["share"]
    assert sorted(whole["unreached"], key=lambda one: one["role"]) == [
        {"role": "DECISION_MAKER", "accounts": 1, "of": 2},
        {"role": "PROCUREMENT", "accounts": 1, "of": 1},
    ], "Wu, who decides at the bank, opted out, and only the rival's man has Zoe's ear"
    topic = await ask(f'kolSet({FILTER}, topic: "price") {{ {SET} }}')
    assert [one["person"]["id"] for one in topic["leaders"]] == ["bauer"] and topic["candidates"] == 1


async def test_who_opted_out_keeps_their_weight_and_nobody_reaches_them(stage, ask):
    found = await ask(f'kolSet(filter: {{ids: ["bank"]}}, size: 100) {{ {SET} }}')
    weight = {role: wants[0] for role, wants in Stage().template("bank").items()}
    held = [weight[role] for role in ("ECONOMIC_BUYER", "TECHNICAL_EVALUATOR", "DECISION_MAKER")]
    assert 0 < found["share"] <= 1 - held[-1] / sum(held) + 4 * found["error"]
    assert found["unreached"] == [{"role": "DECISION_MAKER", "accounts": 1, "of": 1}]


async def test_answers_to_different_questions_bear_different_keys(stage, ask):
    asked = ['filter: {ids: ["bank"]}', 'filter: {ids: ["mill"]}', 'filter: {ids: ["mill"]}, topic: "data"']
    sets = [(await ask(f"kolSet({arguments}) {{ key }}"))["key"] for arguments in [*asked, f"{asked[0]}, size: 2", f"{asked[0]}, seed: 2"]]
    assert len(set(sets)) == len(sets) and sets[0] == (await ask(f"kolSet({asked[0]}) {{ key }}"))["key"]
    pages = [(await ask(f"kols({arguments}) {{ edges {{ node {{ key }} }} }}"))["edges"] for arguments in asked]
    keys = [edge["node"]["key"] for page in pages for edge in page]
    assert all(pages) and len(set(keys)) == len(keys), "a leader's score differs by segment and topic"


async def test_leaders_in_a_terminal_and_in_a_sheet(stage, settings):
    view = (await Context(stage, settings).view()).at(instant(moment(AT)), None)
    found, few = await kols(stage, view, first=50), await kol_set(stage, view, size=2)
    lines = formats(kols)["table"](found).splitlines()
    assert len(lines) == found.total_count + 1 and "bound to Chips (0.80)" in "".join(lines)
    rows = formats(kols)["csv"](found).splitlines()
    assert rows[0].startswith("person_id,person,score,tier,circle,reach,authority,access,activity,independence,") and len(rows) == len(lines)
    assert formats(kol_set)["table"](few).startswith(few.why) and len(formats(kol_set)["csv"](few).splitlines()) == 3


async def test_a_degree_or_a_certificate_binds_nobody_and_what_one_may_not_see_is_not_denied(stage, settings):
    view = (await Context(stage, settings).view()).at(instant(moment(AT)), None)
    roy = next(edge.node for edge in (await kols(stage, view, first=50)).edges if edge.node.person.id == "roy")
    assert roy.vendor is None and roy.why.endswith("no tie to a vendor in sight.")
    few = await kols(stage, replace(view, scope=("", "south")), first=50)
    assert any(one.node.why.endswith("no tie to a vendor in sight.") for one in few.edges)
    assert not {one.node.person.id for one in few.edges} & {"li", "zhao", "qian", "wu"}


async def test_where_nobody_decides_nothing_is_said(stage, ask):
    none = await ask(f'kolSet(filter: {{ids: ["bare"]}}) {{ {SET} }}')
    assert (none["leaders"], none["share"], none["missing"]) == ([], None, "UNMAPPED")
    assert none["why"] == "Nobody is known to hold a role of weight at these accounts."
    assert (await ask('kols(filter: {ids: ["bare"]}) { totalCount }'))["totalCount"] == 0


@pytest.mark.parametrize(
    ("arguments", "argument"), [("size: 0", "size"), ("size: 101", "size"), ("share: 0", "share"), ("share: 1.1", "share"), ("seed: -1", "seed")]
)
async def test_what_cannot_be_asked(stage, settings, arguments, argument):
    answer = await Engine(settings)(f"{{ kolSet({arguments}) {{ key }} }}", {}, None, Context(stage, settings))
    assert answer["errors"][0]["extensions"] == {"code": "INVALID_INPUT", "argument": argument}
