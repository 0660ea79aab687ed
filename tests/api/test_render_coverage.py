"""Coverage as a picture, rows and a table: what colours say is said in words and signs too, for eyes and for screen readers."""

import csv
from io import StringIO
from xml.etree import ElementTree

import pytest

from api.context import Context
from api.render import formats
from api.render.coverage import BY_WHOM, sheet, svg, table
from api.render.sheets import as_csv
from api.render.states import LOOKS, sign
from graph.instants import at_moment, period
from queries.book_at_risk import book_at_risk
from queries.committee.covered import RoleState
from queries.coverage import coverage
from queries.coverage_forecast import coverage_forecast
from queries.minimum_contacts import minimum_contacts
from queries.relationship import relationship
from queries.what_if import what_if

FILES = {
    "companies": "company_id,name,kinds\nus,Us,us\na,甲 & <Co>,account\n",
    "people": "person_id,name,company_id\nann,Ann,us\nli,李伟,a\nz,=cmd|x,a\n",
    "roles": "person_id,role,company_id,role_confidence\nli,DECISION_MAKER,a,0.6\nz,PROCUREMENT,a,\nz,TECHNICAL_EVALUATOR,a,0.5\n",
    "interactions": "interaction_id,type,at,from_id,to_ids\nv,visit,2026-06-20T09:00,ann,li\nw,visit,2026-06-21T09:00,ann,li\n",
}
AT = at_moment(period("2026-06-30")[1] - 1)


@pytest.fixture
async def found(market, store, settings):
    await market(**FILES)
    view = await Context(store, settings).view(as_of=AT)
    return (await coverage(store, view, ["a"]))["a"]


async def test_the_picture_says_each_state_in_words_and_by_a_sign(found):
    root = ElementTree.fromstring(svg(found))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "Coverage as of 2026-06-30, partly assumed: without a start, and first said of a later day" in texts, "the files were loaded today"
    for one in found.roles:
        assert LOOKS[one.state.value].word in texts
    told = [element.get("aria-label") or "" for element in root.iter("{http://www.w3.org/2000/svg}g")]
    assert any(text.startswith("decision maker, weight 25%: deep as 李伟, 0.85; 0.51.") for text in told)
    assert "Legend" in told[-1]
    about = root.find("{http://www.w3.org/2000/svg}desc").text
    assert about == found.score.why
    assert svg(found).count('class="range"') == 3, "the whole, the one unsure role, and the legend"


def test_no_two_states_share_a_sign_or_a_word():
    assert set(LOOKS) == {state.value for state in RoleState}
    assert len({sign(state, 0, 0).replace(look.colour, "") for state, look in LOOKS.items()}) == len(LOOKS)
    assert len({look.word for look in LOOKS.values()}) == len(LOOKS)


async def test_where_colour_and_number_differ_picture_and_table_say_after_whom(found):
    best = f"as 李伟, {found.roles[0].holders[0].coverage.value:.2f}"
    texts = [element.text for element in ElementTree.fromstring(svg(found)).iter("{http://www.w3.org/2000/svg}text")]
    assert found.roles[0].score.value < 0.65 and [text for text in texts if text.startswith("as ")] == [best], "the others' number says their state"
    assert BY_WHOM in texts
    said = table(found)
    assert f"deep ({best})" in said and BY_WHOM in said and said.count("(as ") == 1
    found.roles[0].score.value = 0.7
    assert "(as " not in table(found) and BY_WHOM not in table(found), "both say deep"


async def test_rows_and_table(found):
    rows = list(csv.DictReader(StringIO(as_csv(sheet(found)))))
    assert [(row["role"], row["state"]) for row in rows[:1]] == [("DECISION_MAKER", "DEEP")]
    assert float(rows[0]["coverage"]) == pytest.approx(found.roles[0].score.value)
    assert next(row for row in rows if row["role"] == "PROCUREMENT")["holders"] == "'=cmd|x", "no formula runs in a sheet"
    assert float(rows[-1]["coverage"]) == pytest.approx(found.score.value)
    text = table(found)
    assert text.startswith(found.score.why)
    assert "decision maker" in text and "1 lost contact would lose a covered role: 李伟" in text


async def test_every_answer_has_a_table(found, store, settings):
    view = await Context(store, settings).view(as_of=AT)
    for question, who, given in (
        (coverage_forecast, "a", {"days": 700}),
        (minimum_contacts, "a", {}),
        (what_if, "a", {"remove": ["li"]}),
        (book_at_risk, "ann", {}),
        (relationship, "li", {}),
    ):
        answer = (await question(store, view, [who], **given))[who]
        known = formats(question)
        assert next(iter(known)) == "table"
        assert known["table"](answer).strip()
        assert known["json"](answer)
        if "csv" in known:
            assert len(list(csv.reader(StringIO(known["csv"](answer))))) >= 2
