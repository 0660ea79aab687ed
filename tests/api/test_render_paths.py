"""Ways to a person as a picture, a chart, a graph, rows and sentences: what colours say is said in words too."""

from datetime import UTC, datetime
from io import StringIO
from xml.etree import ElementTree

import networkx as nx
import pytest

from api.render import formats
from api.render.influence_paths import WHOLE, graphml, mermaid, svg, table
from api.render.picture import dated
from graph.answer import Id, Linked
from graph.measures.network import TieKind
from graph.measures.paths import FORMULA, ReachBand
from graph.score import Evidence
from graph.view import ViewUsed
from queries.influence_paths import Gatekeeper, InfluencePaths, influence_paths
from queries.introductions import introductions
from queries.kol_set import kol_set
from queries.kols import kols
from queries.reaching.hops import Hop, InfluencePath

AT = datetime(2026, 6, 30, tzinfo=UTC)
WORK = {"sun": "Uni & Co", "zhao": "东方银行"}
NAMES = {"ann": "Ann", "sun": "孙 & <Sun>", "neo": "=Neo", "zhao": "赵敏"}


def hop(who, whom, strength, *kinds, tried=0, worked=0):
    met = [Evidence(Id("v"), "visit", AT, "午餐", "crm")] if TieKind.INTERACTION in kinds else []
    return Hop(Id(who), Id(whom), NAMES[who], NAMES[whom], WORK.get(who), WORK.get(whom), list(kinds), strength, tried, worked, met)


def answer(*paths, keepers=(), why_not=None, truncated=False):
    told = [InfluencePath(hops, FORMULA.score(chance, f"way of {chance}")) for chance, *hops in paths]
    return InfluencePaths(
        Id("k"),
        ViewUsed(AT, AT, 3, False),
        Linked(Id("zhao"), NAMES["zhao"]),
        told,
        ReachBand.MEDIUM if paths else ReachBand.NONE,
        [Gatekeeper(Id(who), NAMES[who]) for who in keepers],
        why_not,
        truncated,
        why_not or "the best way",
    )


@pytest.fixture
def found():
    return answer(
        (0.24, hop("ann", "sun", 0.6, TieKind.INTERACTION), hop("sun", "zhao", 0.5, TieKind.ADVISES, TieKind.REPORTING)),
        (0.1, hop("ann", "neo", 0.2, TieKind.CO_AFFILIATION), hop("neo", "zhao", 0.6, TieKind.REPORTING, tried=3, worked=2)),
        keepers=["ann"],
        truncated=True,
    )


def texts(picture):
    return [node.text for node in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")]


def test_the_picture_says_everything_in_words(found):
    said = texts(svg(found))
    assert said[:2] == ["Ways to 赵敏", "reach medium, as of 2026-06-30; there may be better ones"]
    assert {"24%", "10%", "Ann", "孙 & <Sun>", "=Neo", "赵敏", "in touch", "60%, last 2026-06-30", "listens to them +1", "former colleagues"} <= set(
        said
    )
    assert WHOLE in said and "by 0.8 for each hop after the first" in WHOLE, "0.6 x 0.5 alone were 30%"
    assert said.count("on every way") == 2, "Ann in both lanes"
    assert said.count("Uni & Co") == said.count("东方银行") == 1, "where people work, as far as it is known"
    assert [text for text in said if "introductions" in text] == ["2 of 3 introductions"]
    labels = [node.get("aria-label") for node in ElementTree.fromstring(svg(found)).iter() if node.get("aria-label")]
    assert labels == ["way of 0.24", "way of 0.1"]
    assert svg(found) == svg(found)


def test_a_caption_says_what_is_assumed_and_nothing_of_loads(found):
    assert dated(found.view) == "as of 2026-06-30"
    found.view = ViewUsed(AT, AT, 3, True)
    said = "as of 2026-06-30, partly assumed: without a start, and first said of a later day"
    assert dated(found.view) == said
    assert texts(svg(found))[1] == f"reach medium, {said}; there may be better ones"


def test_where_there_is_no_way_the_picture_says_why():
    none = answer(why_not="The best way would be Ann → 孙 → 赵敏, but 孙 must not be contacted.")
    assert "must not be contacted." in " ".join(texts(svg(none)))
    assert table(none) == none.why and len(list(formats(influence_paths)["csv"](none).splitlines())) == 1
    assert mermaid(none) == 'flowchart LR\n  n0["赵敏"]'


def test_the_chart_the_graph_and_the_rows_hold_the_same(found):
    chart = mermaid(found)
    assert '{{"Ann"}}' in chart and '["孙 &amp; &lt;Sun>"]' in chart and '-->|"listens to them, reporting line 0.50"|' in chart
    drawn = nx.read_graphml(StringIO(graphml(found)))
    assert {drawn.nodes[node]["label"] for node in drawn} == set(NAMES.values()) and drawn.nodes["zhao"]["target"]
    assert {(who, whom): data["weight"] for who, whom, data in drawn.edges(data=True)}["sun", "zhao"] == 0.5
    assert (drawn.edges["neo", "zhao"]["tried"], drawn.edges["neo", "zhao"]["worked"]) == (3, 2)
    rows = formats(influence_paths)["csv"](found).splitlines()
    assert len(rows) == 5 and rows[3].split(",")[7] == "'=Neo", "nothing that a sheet would run"
    said = table(found)
    assert "1. way of 0.24\n     Ann → 孙 & <Sun>: 2026-06-30 visit: 午餐 [crm]" in said
    assert said.endswith("Reach: medium.\nOn every way: Ann.\nTime or steps ran out: there may be better ways.")


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        (influence_paths, ["table", "svg", "mermaid", "graphml", "csv", "xlsx", "json"]),
        (introductions, ["table", "csv", "xlsx", "json"]),
        (kols, ["table", "csv", "xlsx", "json"]),
        (kol_set, ["table", "csv", "xlsx", "json"]),
    ],
)
def test_what_each_can_be_had_as(question, wanted):
    assert list(formats(question)) == wanted
