"""What is between a person and us, or one of us: each way, on what it rests, until when it lasts."""

from datetime import datetime, timedelta
from math import log, log2

import pytest

from api.context import Context
from api.execute import Engine
from tests.slow import Slow, closeness, sums

FILES = {
    "companies": "company_id,name,kinds\nus,Us,us\nbank,东方银行,account\n",
    "people": "person_id,name,emails,company_id\nann,Ann,ann@us.example,us\nben,Ben,,us\nli,李伟,li@bank.example,bank\nwang,王芳,,bank\n"
    "zhao,赵六,,bank\n",
    "interactions": "interaction_id,type,at,subject,from_id,to_ids\nv,visit,2026-05-20T10:00,拜访,ann,li\nm1,message,2026-06-01T10:00,,ann,li\n"
    "m2,message,2026-06-02T10:00,,li,ann\nm3,message,2026-06-03T10:00,,ben,li\nw,message,2026-06-03T10:00,,ann,wang\n",
}
AT = "2026-06-30T12:00:00+00:00"
FIELDS = """key label towardsThem fromThem events lastAt coolsOn other { id name }
  score { value missing why evidenceCount formula components { code label value contribution evidence { id kind at } } }"""


@pytest.fixture
def between(ask, market):
    """``await between("li", with_="ann")`` is their relationship."""

    async def run(person, with_=None, at=AT):
        given = f'asOf: "{at}"' + (f', with: "{with_}"' if with_ else "")
        answer = await ask(f"query($id: ID!) {{ person(id: $id) {{ relationship({given}) {{ {FIELDS} }} }} }}", id=person)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]["person"]["relationship"]

    return run


async def test_with_all_of_us_and_with_one_of_us(market, between):
    await market(**FILES)
    slow, at = Slow(FILES, AT), datetime.fromisoformat(AT)
    for with_, ours in ((None, {"ann", "ben"}), ("ann", {"ann"}), ("ben", {"ben"}), ("ann@us.example", {"ann"})):
        found = await between("li@bank.example", with_)
        x, counted, _ = sums(slow.events, "li", at, ours, set())
        assert found["score"]["value"] == pytest.approx(closeness(slow.events, "li", at, ours, set()))
        assert found["towardsThem"] == pytest.approx(sum(value for (way, _), value in x.items() if way == "out"))
        assert found["fromThem"] == pytest.approx(sum(value for (way, _), value in x.items() if way == "in"))
        assert (found["events"], found["score"]["evidenceCount"]) == (len(counted), len(counted))
        assert sum(one["contribution"] for one in found["score"]["components"]) == pytest.approx(found["score"]["value"])
        assert {one["id"] for part in found["score"]["components"] for one in part["evidence"]} == counted
    assert found["other"] == {"id": "ann", "name": "Ann"}


async def test_the_day_it_cools_and_the_words(market, between):
    await market(**FILES)
    found = await between("li")
    assert (found["label"], found["lastAt"]) == ("STRONG", "2026-06-03T10:00:00+00:00")
    slow, on = Slow(FILES, AT), datetime.fromisoformat(found["coolsOn"])
    assert closeness(slow.events, "li", on, slow.ours, set()) == pytest.approx(0.35, abs=1e-6)
    assert found["score"]["why"].startswith("Strong (0.65): 1 meeting and 3 messages; last contact 3 Jun 2026, mostly by Ann. Down to 0.35 on ")
    visit = {**FILES, "interactions": "interaction_id,type,at,from_id,to_ids\nv,visit,2026-06-30T12:00,ann,li\n"}
    await market(**{**visit, "interactions": visit["interactions"].replace("v,", "only,").replace("li", "zhao")}, source="other")
    alone = await between("zhao")
    days = 180 * log2(5 / (-5 * log(0.65)))
    assert datetime.fromisoformat(alone["coolsOn"]) - datetime.fromisoformat(AT) == pytest.approx(timedelta(days=days), abs=timedelta(seconds=1))


async def test_one_way_is_cold_and_cools_no_further(market, between):
    await market(**FILES)
    found = await between("wang")
    assert (found["label"], found["fromThem"], found["coolsOn"]) == ("COLD", 0, None)
    assert found["score"]["value"] < 0.14


async def test_nobody_in_touch(market, between):
    await market(**FILES)
    for person, with_ in (("zhao", None), ("li", "zhao")):
        found = await between(person, with_)
        assert (found["score"]["value"], found["score"]["missing"], found["events"], found["coolsOn"]) == (None, "NO_EVIDENCE", 0, None)
        assert found["score"]["components"] == []
    early = await between("li", at="2026-05-01T00:00:00+00:00")
    assert early["score"]["missing"] == "NO_EVIDENCE", "what came later is not seen"


async def test_in_chinese(market, settings, store):
    await market(**FILES)
    document = f'{{ person(id: "li") {{ relationship(asOf: "{AT}") {{ score {{ why }} }} }} }}'
    answer = await Engine(settings)(document, {}, None, Context(store, settings, "zh-CN"))
    why = answer["data"]["person"]["relationship"]["score"]["why"]
    assert why.startswith("牢固（0.65）：1 次会面和3 条消息；最近一次在2026年6月3日，主要由Ann联系。若不联系，")


async def test_somebody_whom_nobody_knows(market, ask):
    await market(**FILES)
    answer = await ask('{ person(id: "li") { relationship(with: "nobody") { key } } }')
    assert answer["errors"][0]["extensions"] == {"code": "NOT_FOUND", "argument": "with"}
