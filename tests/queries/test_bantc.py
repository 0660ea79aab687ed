"""What is known of the sample's deals, as the files say; and the deals that want attention."""

import pytest

from api.context import Context
from api.execute import Engine
from api.render.bantc import sheet, table
from queries.bantc import bantc
from tests.deal_example import PAGE, page
from tests.slow import DAY, instant
from tests.slow_scores import SlowScores
from tests.worked_example import AT, ROOT

DEALS = ["linghai-risk-2026", "linghai-retail-2026", "yunxi-imaging", "donglu-hpc", "roads-register", "hengchang-switch", "aurora-bi", "leasing-bi"]


def test_the_page_is_the_slow_methods():
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.deal_example writes it"


async def test_every_deal_is_as_the_files_say(sample, look):
    slow = SlowScores.of(ROOT / "samples" / "market", AT)
    found = await bantc(sample, await look(), DEALS)
    assert set(found) == set(DEALS)
    for deal, answer in found.items():
        fields, whole, approver = slow.bantc(deal)
        assert {one.field.value: (one.state, one.age_days, one.capped, one.known) for one in answer.fields} == {
            field: (state, None if days is None else pytest.approx(days), capped, pytest.approx(known))
            for field, (state, days, capped, known) in fields.items()
        }, deal
        assert answer.approver.coverage == (None if approver is None else pytest.approx(approver)), deal
        spoken = any(days is not None for _, days, _, _ in fields.values())
        assert answer.score.value == (pytest.approx(whole) if spoken else None)
        assert answer.score.missing == (None if spoken else "NO_EVIDENCE")
        assert sum(part.contribution for part in answer.score.components) == pytest.approx(whole)


async def test_what_was_known_before_stays_and_an_earlier_day_sees_it(sample, look):
    found = (await bantc(sample, await look(), ["linghai-risk-2026"]))["linghai-risk-2026"]
    assert [(one.state, one.source) for one in found.facts if one.field == "BUDGET"] == [("verified", "canonical"), ("assumed", "canonical")]
    then = (await bantc(sample, await look("2025-12-31"), ["linghai-risk-2026"]))["linghai-risk-2026"]
    assert [(one.field.value, one.state) for one in then.fields if one.state != "unknown"] == [("BUDGET", "assumed")]
    assert then.next_question.field == "AUTHORITY"


async def test_the_words_and_the_rows(sample, look):
    found = (await bantc(sample, await look(), ["roads-register"]))["roads-register"]
    assert "Ask next what must be different afterwards, and for whom." in found.score.why
    assert table(found).startswith("Known 0.32: budget 0.70, ")
    assert [row[0] for row in sheet(found)] == ["field", *(one.field for one in found.fields)]
    chinese = (await bantc(sample, await look(language="zh-CN"), ["roads-register"]))["roads-register"]
    assert chinese.score.why.startswith("已知0.32：预算 0.70；")
    assert chinese.next_question.text == "之后要改变什么，为谁改变"


@pytest.fixture
async def listed(sample, settings):
    """``await listed("quietDays: 30")`` are the ids of the deals that the filter finds at the sample's last day."""

    async def run(terms):
        document = f'{{ opportunities(asOf: "{AT}Z", filter: {{ {terms} }}, orderBy: ID) {{ totalCount edges {{ node {{ id }} }} }} }}'
        answer = await Engine(settings)(document, {}, None, Context(sample, settings))
        assert "errors" not in answer, answer["errors"]
        ids = [edge["node"]["id"] for edge in answer["data"]["opportunities"]["edges"]]
        assert answer["data"]["opportunities"]["totalCount"] == len(ids)
        return ids

    return run


async def test_deals_that_want_attention_are_found(sample, look, listed):
    slow = SlowScores.of(ROOT / "samples" / "market", AT)
    deals = {row["opportunity_id"]: row for row in slow.rows["opportunities"] if row["outcome"] == "open"}
    reached, last, known = {}, {}, {}
    for id_, row in deals.items():
        account, group = row["company_id"], row.get("group_id") or id_
        held = {person for people in slow.holders(account, group).values() for person in people}
        members = {one["person_id"] for one in slow.rows["members"] if slow.holds(one) and slow.group_of(one) == group}
        stances = slow.stances(account, group)
        reached[id_] = sum(slow.state(person, stances.get(person)) in ("DEEP", "COVERED") for person in held)
        touching = {
            event.at for event in slow.events for who, _, _ in event.took if who in held | members and {w for w, _, _ in event.took} & slow.ours
        }
        last[id_] = max(touching, default=None)
        known[id_] = slow.bantc(id_)[1]
    assert await listed("singleThreaded: true") == sorted(id_ for id_ in deals if reached[id_] <= 1)
    assert await listed("singleThreaded: false") == sorted(id_ for id_ in deals if reached[id_] > 1)
    assert await listed("bantcBelow: 0.3") == sorted(id_ for id_ in deals if known[id_] < 0.3)
    quiet = sorted(id_ for id_ in deals if last[id_] is None or (instant(AT) - last[id_]) / DAY >= 30)
    assert (await listed("quietDays: 30"), await listed("quietDays: 30, bantcBelow: 0.3")) == (
        quiet,
        [id_ for id_ in quiet if known[id_] < 0.3],
    )
    assert await listed("quietDays: 0, outcome: [WON]") == ["leasing-bi", "voss-seats"]
    assert await listed('quietDays: 0, ids: ["linghai"]') == ["linghai-retail-2026", "linghai-risk-2026"]


@pytest.mark.parametrize("terms", ["quietDays: -1", "bantcBelow: 1.5"])
async def test_a_threshold_that_is_none_is_refused(sample, settings, terms):
    answer = await Engine(settings)(f"{{ opportunities(filter: {{ {terms} }}) {{ totalCount }} }}", {}, None, Context(sample, settings))
    assert answer["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
