"""A customer whose renewal comes, whose tickets pile up and whose friend left; a prospect; a former customer; one of whom nothing is known."""

from datetime import datetime, timedelta
from math import exp

import numpy as np
import pytest

from api.context import Context
from api.execute import Engine
from api.render import formats
from graph.measures.lifecycle import ageing, lost, renewal_near, ticket_trend
from queries.lifecycle import lifecycle
from tests.slow import Slow

AT = "2026-06-30T12:00:00+00:00"
NOON = datetime.fromisoformat(AT)
FILES = {
    "companies": "company_id,name,kinds\nus,Us,us\nbank,东方银行,account\nmill,Mill,account\nold,Old,account\nnew,New,account\nbare,Bare,account\n"
    "back,Back,account\n"
    "rival,对手,competitor\n",
    "people": "person_id,name,company_id\nann,Ann,us\nwang,王敏,\nli,李伟,bank\nneu,新,\n",
    "employments": "person_id,company_id,valid_from,valid_to\nwang,bank,2019-01-01,2026-05-15\n"
    "neu,mill,2020-01-01,2026-06-10\nneu,bank,2026-06-10,\n",
    "roles": "person_id,role,company_id,valid_from\nwang,DECISION_MAKER,bank,2020-01-01\nli,ECONOMIC_BUYER,bank,2020-01-01\n",
    "products": "product_id,name,company_id\nerp,ERP,us\nbi,BI,us\nno,No,rival\n",
    "uses": "company_id,product_id,renewal_on,valid_from,valid_to,satisfaction\nbank,erp,2026-08-29,2022-06-30,,0.5\n"
    "bank,no,,2026-06-01,,\nmill,no,,2020-01-01,,\nold,erp,,2019-01-01,2024-01-01,\nnew,bi,,2026-06-01,,\nbare,bi,,,,\nback,erp,,2019-01-01,2024-01-01,\n",
    "purchases": "purchase_id,company_id,product_id,on,amount,currency\nb1,bank,bi,2025-06-30,100,CNY\nb2,back,erp,2026-06-01,100,CNY\n",
    "interactions": "interaction_id,type,at,from_id,to_ids,company_id,severity\n"
    "a1,visit,2026-03-01T09:00,ann,wang,,\na2,visit,2026-03-10T09:00,ann,li,,\na3,call,2026-06-20T09:00,ann,li,,\n"
    "t0,ticket,2025-01-10T09:00,li,ann,,low\nt1,ticket,2026-06-01T09:00,li,ann,,high\nt2,ticket,2026-06-25T09:00,li,ann,bank,紧急\n"
    "t5,ticket,2026-06-05T09:00,,,bare,\nt3,ticket,2026-05-01T09:00,wang,ann,,high\nt4,ticket,2026-06-05T09:00,neu,ann,,high\n",
}
FIELDS = """{ stage knownShare unknown view { revision }
  risk { value missing evidenceCount why components { code value contribution evidence { id kind label source } } }
  products { product { id name } since until ageDays renewalOn satisfaction } }"""


@pytest.fixture
async def told(market, store, settings):
    report = await market(**FILES)
    assert report.total("rejected") == 0, report

    async def run(account, language="en"):
        document = f'{{ account(id: "{account}") {{ lifecycle(asOf: "{AT}") {FIELDS} }} }}'
        answer = await Engine(settings)(document, {}, None, Context(store, settings, language))
        assert "errors" not in answer, answer["errors"]
        return answer["data"]["account"]["lifecycle"]

    run.store, run.view = store, await Context(store, settings).view(as_of=datetime.fromisoformat(AT))
    return run


async def test_stories_of_customers(told):
    bank = await told("bank")
    now, then = Slow(FILES, AT), Slow(FILES, (NOON - timedelta(days=90)).isoformat())
    before, after, without = then.coverage("bank")["value"], now.coverage("bank")["value"], then.coverage("bank", gone={"wang"})["value"]
    assert before > after > 0
    days = [
        (NOON - datetime.fromisoformat(at)) / timedelta(days=1)
        for at in ("2026-05-01T09:00+00:00", "2026-06-01T09:00+00:00", "2026-06-25T09:00+00:00")
    ]
    observed = (NOON - datetime.fromisoformat("2025-01-10T09:00+00:00")) / timedelta(days=1)
    expected = {
        "PRODUCT_AGE": ageing((NOON - datetime.fromisoformat("2022-06-30T00:00+00:00")) / timedelta(days=1)),
        "RENEWAL": renewal_near((datetime.fromisoformat("2026-08-29T00:00+00:00") - NOON) / timedelta(days=1)),
        "TICKETS": ticket_trend(np.array(days), observed),
        "COVERAGE_LOSS": lost(before, after),
        "DEPARTURES": lost(before, without),
        "EXPOSURE_GROWTH": 0.9 * (1 - exp(-1.5)),
    }
    found = {one["code"]: one for one in bank["risk"]["components"]}
    assert {code: one["value"] for code, one in found.items()} == pytest.approx(expected)
    survived = 1.0
    for one in found.values():
        survived *= 1 - 0.35 * one["value"]
    assert bank["risk"]["value"] == pytest.approx(1 - survived) == pytest.approx(sum(one["contribution"] for one in found.values()))
    assert [one["label"] for one in found["DEPARTURES"]["evidence"]] == ["王敏"]
    assert [one["label"] for one in found["EXPOSURE_GROWTH"]["evidence"]] == ["对手"]
    assert {one["id"] for one in found["TICKETS"]["evidence"]} == {"t1", "t2", "t3"}, "of whoever worked there when it was opened"
    assert bank["stage"] == "RENEWAL"
    assert [one["product"]["id"] for one in bank["products"]] == ["erp", "bi"]
    assert bank["products"][1]["ageDays"] == pytest.approx(365.5)
    assert "王敏" in bank["risk"]["why"]
    assert (await told("bank", "zh-CN"))["risk"]["why"].startswith("风险")

    answer = (await lifecycle(told.store, told.view, ["bank"]))["bank"]
    shown = formats(lifecycle)
    assert shown["table"](answer).startswith(f"RENEWAL: {bank['risk']['why']}")
    assert "coverage lost in 90 days" in shown["table"](answer)
    assert shown["csv"](answer).count("\n") == 6, "a line a cause"
    assert shown["xlsx"](answer).startswith(b"PK")

    mill = await told("mill")
    assert (mill["stage"], mill["risk"]["value"], mill["risk"]["missing"], mill["products"]) == ("PROSPECT", None, "NOT_APPLICABLE", [])
    old = await told("old")
    assert (old["stage"], old["risk"]["missing"], old["products"][0]["until"][:10]) == ("FORMER", "NOT_APPLICABLE", "2024-01-01")
    back = await told("back")
    assert back["stage"] == "ACTIVE", "they bought it anew after they had stopped"
    assert [(one["since"][:10], (one["until"] or "")[:10]) for one in back["products"]] == [("2026-06-01", ""), ("2019-01-01", "2024-01-01")]
    assert (await told("new"))["stage"] == "NEW"
    bare = await told("bare")
    assert (bare["stage"], bare["products"][0]["since"], bare["products"][0]["ageDays"]) == ("ACTIVE", None, None)
    assert (bare["risk"]["value"], bare["risk"]["missing"]) == (None, "NO_EVIDENCE"), "unknown is not safe"
    assert "severe tickets" in bare["unknown"], "a ticket of which nobody says how severe it is tells nothing"
