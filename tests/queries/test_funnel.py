"""The funnel of a small market: everybody's stage, whose word waits, who fell silent, page by page and day by day."""

from datetime import datetime, timedelta

import pytest

from api.context import Context
from api.render.funnel import sheet, table
from graph.filter import AccountFilter
from graph.instants import at_moment, period
from graph.instants import instant as microseconds
from graph.measures.fatigue import Rule
from graph.measures.funnel import Silence, Stage
from queries.can_touch import can_touch
from queries.funnel import funnel
from tests.filling import emptied, filled
from tests.slow import instant

AT = "2026-06-30T12:00:00+00:00"
JUNE = datetime(2026, 6, 20, 9)


def said(who, whom, at, type_="message", topic="", status="held", about=","):
    return f"{type_},{at:%Y-%m-%dT%H:%M},{topic},{status},{who},{whom},{about}\n"


TALK = "".join(said(*(("ann", "bo") if n % 2 else ("bo", "ann")), JUNE + timedelta(hours=n)) for n in range(10))
TALK += said("bo", "ann", datetime(2026, 6, 30, 9))
CALLS = "".join(said("ann", "cy", JUNE + timedelta(hours=n), "call", ["数据湖", "BI"][n % 2]) for n in range(6))
CALLS += said("cy", "ann", datetime(2026, 6, 30, 11, 58))
OTHERS = said("ann", "di", datetime(2026, 6, 1, 9), "meeting")
OTHERS += "".join(said("ann", whom, datetime(2026, 6, day, 9)) for whom in ("xi", "ed") for day in (10, 12))
OTHERS += said("ann", "si", datetime(2026, 5, 1, 9)) + said("oo", "ann", datetime(2026, 6, 29, 9)) + said("ann", "ne", datetime(2026, 6, 28, 9))
OTHERS += said("ann", "un", datetime(2026, 6, 28, 9)) + said("un", "", datetime(2026, 6, 29, 9), "unsubscribe")
OTHERS += said("si", "", datetime(2026, 6, 29, 9), "registration", about="show,") + said(
    "al", "", datetime(2026, 6, 29, 9), "download", about=",theirs"
)
OTHERS += said("al", "", datetime(2026, 6, 29, 9), "question", about="show,") + said("al", "", datetime(2026, 6, 29, 8), "question", about=",theirs")
OTHERS += said("ann", "me", datetime(2026, 7, 9, 9), "meeting", status="planned") + said("far", "ann", datetime(2026, 6, 29, 9))
FILES = {
    "territories": "territory_id,name\nnorth,North\n",
    "companies": "company_id,name,kinds,territory_id\nus,Us,us,\nbank,东方银行,account,north\nmill,Mill,account,\nrival,Rival,competitor,\n",
    "people": "person_id,name,company_id,do_not_contact\nann,Ann,us,\nal,Al,bank,\nbo,博,bank,\ncy,Cy,bank,\ndi,Di,bank,\ned,Ed,mill,\nxi,席,mill,\n"
    "si,Si,mill,\noo,Oo,mill,yes\nne,Ne,mill,\nme,Me,mill,\nun,Un,mill,\nfar,Far,rival,\n",
    "products": "product_id,name,company_id\nlake,Lake,us\ntheirs,Theirs,rival\n",
    "uses": "company_id,product_id\nbank,lake\n",
    "opportunities": "opportunity_id,company_id,name,outcome,opened_on\no,mill,Deal,open,2026-01-01\n",
    "roles": "person_id,role,company_id,role_confidence\ned,DECISION_MAKER,mill,1\nal,INFLUENCER,mill,1\ndi,CHAMPION,bank,1\nne,CHAMPION,mill,0\n",
    "campaigns": "campaign_id,name,type,product_ids,organiser_ids\nshow,Show,webinar,lake,rival\n",
    "interactions": "type,at,topic,status,from_id,to_ids,campaign_id,product_id\n" + TALK + CALLS + OTHERS,
}


@pytest.fixture(scope="module")
async def small(one_store, tmp_path_factory):
    return await filled(await emptied(one_store), tmp_path_factory.mktemp("small"), FILES)


@pytest.fixture
def people(small, settings):
    """``await people(stage=[Stage.X])`` are the nodes."""

    async def run(at=AT, language="en", **given):
        view = await Context(small, settings, language).view(as_of=instant(at))
        return [edge.node for edge in (await funnel(small, view, **given)).edges]

    return run


async def test_everybody_stands_where_the_rules_say(people):
    found = {one.person.id: one for one in await people()}
    assert {id_: one.stage.value for id_, one in found.items()} == {
        "al": "A",
        "bo": "B",
        "cy": "C",
        "di": "D",
        "ed": "E",
        "xi": "X",
        "si": "A",
        "oo": "A",
        "ne": "A",
        "me": "D",
        "un": "A",
    }, "nobody of ours, and nobody of a rival; a role that is denied is none"
    assert {id_ for id_, one in found.items() if one.customer} == {"al", "bo", "cy", "di"}
    assert (found["bo"].messages, found["cy"].topics, found["xi"].attempts, found["al"].heard_at) == (11, 2, 2, None)
    assert found["si"].heard_at is None, "what they did at a rival's webinar was nothing between them and us"
    assert (found["ed"].silence, found["si"].silence, found["me"].silence) == (Silence.THEIRS, Silence.OURS, Silence.NONE)
    assert found["di"].holds_until == at_moment(int((instant("2026-06-01T09:00") - instant("1970-01-01")).total_seconds()) * 1_000_000) + timedelta(
        days=104
    )


async def test_what_is_overdue_now_comes_first(people):
    found = await people(overdue=True)
    assert [(one.person.id, one.due_at.isoformat()[:16]) for one in found] == [("si", "2026-05-02T09:00"), ("ne", "2026-06-29T09:00")]
    five_past = await people("2026-06-30T12:05:00+00:00", overdue=True)
    assert [one.person.id for one in five_past] == ["si", "ne", "cy"], "five minutes for C"
    assert [one.person.id for one in await people("2026-07-01T00:00:01+00:00", overdue=True)] == ["si", "ne", "cy", "bo"], "B on the same day"
    opted_out = next(one for one in await people() if one.person.id == "oo")
    assert (opted_out.contactable, opted_out.due_at, opted_out.overdue) == (False, None, False)
    assert "must not be contacted" in opted_out.why
    unsubscribed = next(one for one in await people() if one.person.id == "un")
    assert (unsubscribed.contactable, unsubscribed.due_at) == (True, None), "no clock for a message that they do not want"
    assert next(one for one in await people("2026-06-28T12:00:00+00:00") if one.person.id == "un").due_at is not None, "the day before it ran"


@pytest.mark.parametrize(("time", "late"), [("12:00", ["si", "ne"]), ("12:05", ["si", "ne", "cy"]), ("23:58", ["si", "ne", "cy"])])
async def test_today_s_clocks_run_by_the_minute_and_not_to_the_end_of_the_day(small, settings, monkeypatch, time, late):
    view = await Context(small, settings).view(as_of=at_moment(period("2026-06-30")[1] - 1))
    monkeypatch.setattr("graph.view.now", lambda: microseconds(instant(f"2026-06-30T{time}:00+00:00")))
    answer = await funnel(small, view, overdue=True)
    assert [(edge.node.person.id, edge.node.overdue) for edge in answer.edges] == [(id_, True) for id_ in late], "B has until midnight"


@pytest.mark.parametrize(("now", "rested"), [("2026-06-27T11:59:00+00:00", False), ("2026-06-27T12:00:00+00:00", True)])
async def test_a_week_since_the_third_touch_ends_at_its_hour(small, settings, monkeypatch, now, rested):
    """Cy was called six times from 9 to 14 o'clock on 20 June."""
    view = await Context(small, settings).view(as_of=at_moment(period("2026-06-27")[1] - 1))
    monkeypatch.setattr("graph.view.now", lambda: microseconds(instant(now)))
    answer = (await can_touch(small, view, ["cy"]))["cy"]
    assert (Rule.TOO_OFTEN_IN_7_DAYS not in {one.rule for one in answer.rules}) is rested
    assert answer.touches_in_7_days == 2 + (not rested)


async def test_who_fell_silent(people):
    assert [one.person.id for one in await people(silence=[Silence.THEIRS])] == ["ed", "xi"]
    assert [one.person.id for one in await people(stage=[Stage.X])] == ["xi"]
    assert [one.person.id for one in await people("2026-06-24T08:59:00+00:00", stage=[Stage.X])] == [], "a minute before the fortnight"
    assert (await people(stage=[Stage.X]))[0].why == "席 is X; 2 attempts without an answer."
    assert (await people(language="zh-CN", stage=[Stage.X]))[0].why == "席：X；联系2次未回复。"


async def test_page_by_page_it_is_the_whole_in_its_order(small, settings, people):
    whole, after, seen = [one.person.id for one in await people()], None, []
    while True:
        view = await Context(small, settings).view(as_of=instant(AT), after=after)
        page = await funnel(small, view, first=3, after=after)
        seen += [edge.node.person.id for edge in page.edges]
        assert page.total_count == len(whole)
        after = page.page_info.end_cursor
        if not page.page_info.has_next_page:
            break
    assert seen == whole
    assert whole[:4] == ["si", "ne", "cy", "bo"]
    assert whole[4:] == sorted(whole[4:])


async def test_only_some_accounts_and_only_what_may_be_seen(small, settings, people):
    assert {one.account.id for one in await people(filter=AccountFilter(ids=["bank"]))} == {"bank"}
    view = await Context(small, settings).view(as_of=instant(AT))
    from dataclasses import replace

    seen = await funnel(small, replace(view, scope=("north",)))
    assert ({edge.node.account.id for edge in seen.edges}, seen.total_count) == ({"bank"}, 4)


async def test_how_it_is_shown(small, settings, people):
    view = await Context(small, settings).view(as_of=instant(AT))
    answer = await funnel(small, view, first=2)
    assert table(answer).splitlines()[0].startswith("2026-05-02 09:00 ! Mill: Si is A; neither said anything for 14 days; overdue.")
    rows = list(sheet(answer))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert table(await funnel(small, view, stage=[Stage.X], filter=AccountFilter(ids=["bank"]))) == "Nobody found."
