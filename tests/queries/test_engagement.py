"""What people and accounts did with us: the files' own ledger, another model, who may be seen, and what was known when."""

import pytest

from api.render.account_engagement import sheet as account_sheet
from api.render.account_engagement import table as account_table
from api.render.engagement import sheet, table
from graph.errors import ConfigError, InvalidInput
from graph.settings import load_settings
from queries.account_engagement import account_engagement
from queries.engagement import engagement
from tests.engagement_example import PAGE, page
from tests.slow_scores import ADDITIVE, SlowScores, cell, earning, left
from tests.worked_example import AT, ROOT

MARKET = ROOT / "samples" / "market"


def test_the_page_is_the_slow_methods():
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.engagement_example writes it"


async def test_everybody_of_the_sample_is_as_the_files_say(sample, look):
    slow = SlowScores.of(MARKET, AT)
    found = await engagement(sample, await look(), sorted(slow.names), replay="additive", entries=1000)
    assert set(found) == set(slow.names)
    earners = 0
    for person, answer in found.items():
        rows, now, value = ([], 0.0, None) if person in slow.ours else slow.engagement(person)
        assert [(e.event.id, e.points, e.lifted, e.counted) for e in answer.entries] == [(one.id, *rest) for one, *rest in rows], person
        assert answer.points_now == pytest.approx(now)
        if person in slow.ours:
            assert answer.score.missing == "NOT_APPLICABLE"
        elif not any(row[3] for row in rows):
            assert (answer.score.missing, answer.cell) == ("NO_EVIDENCE", None)
        else:
            earners += 1
            assert answer.score.value == pytest.approx(value)
            assert sum(part.contribution for part in answer.score.components) == pytest.approx(value)
            other = earning(slow.did(person), ADDITIVE)
            assert answer.replay.points_now == pytest.approx(left(other, slow.at))
            assert answer.cell == (cell(answer.fit.value, value) if answer.fit.value is not None else None)
    assert earners > 10


async def test_the_accounts_are_as_the_files_say(sample, look):
    slow = SlowScores.of(MARKET, AT)
    accounts = sorted({company for _, company in slow.jobs} - {"bluestone"})
    found = await account_engagement(sample, await look(), accounts, replay="minutes", entries=1000)
    told, missing = 0, set()
    for account, answer in found.items():
        value, held = slow.account_engagement(account)
        assert answer.fit.value == slow.fit(account)
        assert {one.person.id: (one.role.value, one.confidence) for one in answer.people if one.role} == {
            person: (role, sure) for person, (role, _, sure, _) in held.items()
        }
        assert sum(one.contribution for one in answer.people) == pytest.approx(value)
        assert answer.score.value == (pytest.approx(value) if value else None)
        assert answer.replay.model == "minutes"
        told_of = {one.person.id for one in answer.people}
        events = {(row[0].id, person): row[1:] for person in told_of for row in slow.engagement(person)[0]}
        assert {(one.event.id, one.person.id): (one.points, one.lifted, one.counted) for one in answer.entries} == events
        assert (answer.entry_count, [one.event.at for one in answer.entries]) == (len(events), sorted(one.event.at for one in answer.entries))
        if not value:
            assert answer.score.missing == ("UNMAPPED" if any(one.value for one in answer.people) else "NO_EVIDENCE")
            missing.add(answer.score.missing.value)
        else:
            told += 1
            assert answer.cell == cell(answer.fit.value, value, (0.3, 0.15, 0.05))
            assert answer.score.low <= answer.score.value <= answer.score.high
            assert sum(part.contribution for part in answer.score.components) == pytest.approx(value)
    assert (told >= 3, missing) == (True, {"UNMAPPED", "NO_EVIDENCE"})


async def test_engaged_people_whose_role_carries_nothing_are_named_and_count_nothing(sample, look):
    found = (await account_engagement(sample, await look(), ["linghai"]))["linghai"]
    beside = [one for one in found.people if one.value and not one.weight]
    assert [one.contribution for one in beside] == [0]
    assert found.score.why.endswith("1 more engaged, whose role is not known or carries no weight.")


async def test_an_earlier_day_sees_what_had_happened_by_then(sample, look):
    found = (await engagement(sample, await look("2026-03-11"), ["qiao-an"]))["qiao-an"]
    assert [entry.event.id for entry in found.entries] == ["i-045", "i-051"]
    assert found.entries[-1].total == 3


async def test_only_one_product(sample, look):
    view = await look()
    assert (await engagement(sample, view, ["luo-yong"], product="insight"))["luo-yong"].entries == []
    assert len((await engagement(sample, view, ["qiao-an"], product="lake", entries=2))["qiao-an"].entries) == 2
    assert (await engagement(sample, view, ["qiao-an"], product="lake"))["qiao-an"].entry_count == 4


async def test_an_unknown_model_is_told_with_those_that_there_are(sample, look):
    with pytest.raises(InvalidInput, match="additive, minutes, standard"):
        await engagement(sample, await look(), ["qiao-an"], replay="nothing")
    with pytest.raises(InvalidInput, match="entries"):
        await engagement(sample, await look(), ["qiao-an"], entries=-1)


async def test_a_wrong_model_of_one_s_own_is_an_answer_not_a_crash(one_store, settings, tmp_path):
    from graph.store import Store

    (tmp_path / "mine.toml").write_text("version = 1\n", encoding="utf-8")
    own = load_settings({"DOTTEDLINE_HOME": str(settings.home), "DOTTEDLINE_SCORING": str(tmp_path)})
    async with Store(own, "bolt://127.0.0.1:1", "neo4j", "x") as store:
        with pytest.raises(ConfigError, match=r"mine\.toml: line 1"):
            await engagement(store, None, ["qiao-an"])


async def test_how_it_is_shown(sample, look):
    answer = (await engagement(sample, await look(), ["qiao-an"], replay="additive"))["qiao-an"]
    text = table(answer)
    assert text.startswith("Engaged 0.27 (B3): 3.2 of 8 points are left from 4 events, mostly question 1.3, check in 0.9 and download 0.7;")
    assert "Under additive: " in text
    rows = list(sheet(answer))
    assert [row[0] for row in rows[1:]] == ["standard"] * 4 + ["additive"] * 4
    assert rows[3][6:14] == ["check_in", "COUNTED", 3, 2, 2, pytest.approx(0.852, abs=0.001), 5, pytest.approx(1.925, abs=0.001)]
    chinese = await engagement(sample, await look(language="zh-CN"), ["qiao-an", "mu-chen"])
    assert chinese["qiao-an"].score.why.startswith("互动度0.27（B3）：4件事计8分，现余3.2分（提问 1.3、签到 0.9和下载 0.7）")
    assert chinese["mu-chen"].score.value is not None, "who signed up and did not come keeps the point for the sign-up"
    account = (await account_engagement(sample, await look(), ["linghai"], replay="minutes", entries=2))["linghai"]
    assert len(account.entries) == 2 < account.entry_count
    assert f"The latest 2 of {account.entry_count}" in account_table(account)
    assert {row[0] for row in list(account_sheet(account))[1:]} <= {"standard", "minutes"}
