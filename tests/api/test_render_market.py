"""Gaps and the matrix of roles by segments, as people see them."""

import csv
from io import StringIO
from xml.etree import ElementTree

import pytest

from api.context import Context
from api.render import formats
from graph.filter import AccountFilter
from graph.instants import at_moment, period
from queries.committee.divided import DivideBy
from queries.coverage_gaps import coverage_gaps
from queries.segment_coverage import segment_coverage

FILES = {
    "companies": "company_id,name,kinds,tier,industry\nus,Us,us,,\na,甲 & <Co>,account,1,银行\nb,=B,account,,Steel & Iron\nc,C,account,,\n",
    "people": "person_id,name,company_id\nann,Ann,us\nli,李伟,a\nz,=cmd|x,b\n",
    "roles": "person_id,role,company_id,role_confidence\nli,DECISION_MAKER,a,0.6\nz,PROCUREMENT,b,\n",
    "interactions": "interaction_id,type,at,from_id,to_ids\nv,visit,2026-06-20T09:00,ann,li\nw,visit,2026-06-21T09:00,ann,li\n",
}
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
async def view(market, store, settings):
    await market(**FILES)
    return await Context(store, settings).view(as_of=at_moment(period("2026-06-30")[1] - 1))


async def test_gaps_as_a_table_and_in_a_sheet(store, view):
    shown = formats(coverage_gaps)
    found = await coverage_gaps(store, view, first=5)
    assert next(iter(shown)) == "table"
    text = shown["table"](found)
    assert "decision maker" in text and "5 of 21." in text and found.page_info.end_cursor in text
    every = await coverage_gaps(store, view, first=100)
    rows = list(csv.DictReader(StringIO(shown["csv"](every))))
    assert [row["account_id"] for row in rows] == [edge.node.account.id for edge in every.edges]
    assert next(row for row in rows if row["account_id"] == "b" and row["role"] == "PROCUREMENT")["people"] == "'=cmd|x", "no formula runs in a sheet"
    assert {row["reach_known"] for row in rows} == {"True", "False"}
    assert shown["table"](await coverage_gaps(store, view, filter=AccountFilter(industry=["Rail"]))) == "No gap found."


async def test_the_heat_map_says_every_number(store, view):
    found = await segment_coverage(store, view, by=DivideBy.INDUSTRY)
    root = ElementTree.fromstring(formats(segment_coverage)["svg"](found))
    texts = [element.text for element in root.iter(f"{SVG}text")]
    labels = [element.get("aria-label") or "" for element in root.iter(f"{SVG}g")]
    assert {"银行", "Steel & Iron", "none of these", "all accounts"} <= set(texts)
    for part in [*found.segments, found.whole]:
        for cell in part.cells:
            assert f"{cell.value:.2f}" in texts
            assert f"{cell.covered} of {cell.accounts} covered" in texts
            assert any(label.endswith(cell.why) for label in labels)
    assert any(label.startswith("Legend") for label in labels)
    width = float(root.get("width"))
    assert all(float(element.get("x")) + float(element.get("width")) <= width for element in root.iter(f"{SVG}rect") if element.get("x"))


async def test_the_matrix_as_a_table_and_in_a_sheet(store, view):
    shown = formats(segment_coverage)
    found = await segment_coverage(store, view, by=DivideBy.INDUSTRY)
    assert next(iter(shown)) == "table"
    assert "none of these" in shown["table"](found) and "(0 of 1)" in shown["table"](found)
    rows = list(csv.DictReader(StringIO(shown["csv"](found))))
    assert len(rows) == 4 * len(found.roles)
    nobody = await segment_coverage(store, view, filter=AccountFilter(industry=["Rail"]))
    assert shown["table"](nobody) == "No account found."
    assert ElementTree.fromstring(shown["svg"](nobody)) is not None
