"""A feed: who comes back is told what changed since, once, also of what a load tells late."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from graph.filter import AccountFilter
from graph.instants import at_moment, period
from graph.ledger import unload
from loaders import identity
from queries.chain_changes import ChangeKind
from queries.changes import FeedKind, changes
from queries.reaching.hops import Best, best_ways

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def ago(days):
    """A day before today, as files write it."""
    return f"{TODAY - timedelta(days=days):%Y-%m-%d}"


BEFORE = {
    "companies": "company_id,name,kinds,territory_id\nbank,南方银行,account,south\nmill,Mill,account,\nus,We,us,\n",
    "territories": "territory_id,name\nsouth,South\n",
    "people": "person_id,name\nli,李伟\nwang,王芳\nme,Me\n",
    "employments": "person_id,company_id,title\nli,bank,CIO\nwang,bank,CFO\nme,us,\n",
    "groups": "group_id,company_id,name\nerp,bank,ERP\n",
    "roles": "person_id,company_id,role\nli,bank,DECISION_MAKER\n",
}


@pytest.fixture
async def bank(market):
    await market(as_of=period(ago(30))[0], source="crm", **BEFORE)


@pytest.fixture
def feed(store, view):
    """``await feed(kinds=[...])`` are the changes of a first page."""

    async def run(scope=None, language="en", **asked):
        at = replace(await view(), scope=scope, language=language)
        return [edge.node for edge in (await changes(store, at, first=100, **asked)).edges]

    return run


def short(found):
    return [(one.kind.value, one.person and one.person.id, one.before, one.after, f"{one.happened_at:%Y-%m-%d}") for one in found]


PEOPLE = [FeedKind(kind.value) for kind in ChangeKind]
NEXT = {
    "employments": "person_id,company_id,title,valid_from,valid_to\n"
    f"zhao,bank,CTO,{ago(3)},\nold,bank,Adviser,{ago(300)},\nwang,bank,CFO,,{ago(2)}\n",
    "people": "person_id,name\nzhao,赵敏\nold,Ann\nwang,王芳\n",
    "reporting": f"person_id,manager_id,valid_from\nzhao,li,{ago(1)}\n",
    "roles": f"person_id,group_id,role,valid_from\nzhao,erp,CHAMPION,{ago(2)}\n",
    "members": f"person_id,company_id,stance,valid_from\nli,bank,-1,{ago(1)}\n",
}


async def test_what_a_load_tells_late_is_news_since_it_can_be_seen_and_what_had_long_been_so_is_none(bank, market, feed):
    assert await feed(kinds=PEOPLE) == []
    await market(source="crm", **NEXT)
    found = await feed(kinds=PEOPLE)
    assert sorted(short(found)) == sorted(
        [
            ("JOINED", "zhao", None, "CTO", ago(3)),
            ("LEFT", "wang", "CFO", None, ago(2)),
            ("ROLE_ADDED", "zhao", None, "CHAMPION", ago(2)),
            ("LINE_ADDED", "zhao", None, "li", ago(1)),
            ("STANCE_CHANGED", "li", None, "-1", ago(1)),
        ]
    )
    (load,) = [one for one in await feed(kinds=[FeedKind.LOAD_FINISHED]) if one.load == "L2"]
    assert [one.happened_at for one in found] == sorted(one.happened_at for one in found), "of one load by when they came about"
    assert {one.at for one in found} == {load.at}, "seen since the load that told them was finished"
    assert (load.source, load.why) == ("crm", "new from crm: people, employments, reporting, roles and members")
    joined = next(one for one in found if one.kind is FeedKind.JOINED)
    assert (joined.account.name, joined.group_id, joined.source) == ("南方银行", "bank", "crm")
    assert next(one for one in found if one.kind is FeedKind.ROLE_ADDED).group_id == "erp"
    assert joined.why == "南方银行: 赵敏 joined as CTO"
    chinese = next(one for one in await feed(kinds=[FeedKind.JOINED], language="zh-CN"))
    assert (chinese.why, chinese.id) == ("南方银行：赵敏加入，任CTO", joined.id)


async def test_who_asks_again_from_the_last_change_on_is_told_the_rest_and_nothing_twice(bank, market, feed):
    await market(source="crm", **NEXT)
    seen = await feed()
    assert await feed(since=seen[-1].at) == []
    await market(source="hr", people="person_id,name\nsun,孙立\n", employments=f"person_id,company_id,title,valid_from\nsun,mill,Buyer,{ago(4)}\n")
    rest = await feed(since=seen[-1].at)
    assert [(one.kind.value, one.person and one.person.id, one.load) for one in sorted(rest, key=lambda one: one.kind)] == [
        ("JOINED", "sun", None),
        ("LOAD_FINISHED", None, "L3"),
    ]
    assert {one.id for one in seen} < {one.id for one in await feed()}


async def test_pages_hold_each_change_once(bank, market, store, view):
    await market(source="crm", **NEXT)
    at = await view()
    whole = await changes(store, at, first=100)
    pages, after = [], None
    while len(pages) < whole.total_count:
        page = await changes(store, at, first=2, after=after)
        pages, after = [*pages, *(edge.node.id for edge in page.edges)], page.page_info.end_cursor
    assert pages == [edge.node.id for edge in whole.edges]


CALL = "interaction_id,type,at,status,from_id,to_ids\nc1,call,{at},held,me,li\n"


async def test_a_role_falls_by_itself_on_its_day(bank, market, feed):
    await market(source="crm", interactions=CALL.format(at=ago(60)))
    (fell,) = await feed(kinds=[FeedKind.COVERAGE_FELL])
    assert (fell.account.id, fell.role, fell.coverage, fell.person) == ("bank", "DECISION_MAKER", 0.35, None)
    assert fell.at == fell.happened_at
    assert f"{fell.at:%Y-%m-%d}" == ago(3), "1 - exp(-3 / 5) is 0.35 after 57.3 days at a half-life of 120"
    assert fell.why == "南方银行: decision maker faded under 0.35 for want of contact"
    assert await feed(kinds=[FeedKind.COVERAGE_FELL], since=at_moment(period(ago(1))[0])) == []


async def test_a_role_falls_when_its_holder_gives_it_up_though_that_is_told_late(bank, market, feed):
    await market(source="crm", interactions=CALL.format(at=ago(20)))
    assert await feed(kinds=[FeedKind.COVERAGE_FELL]) == []
    seen = (await feed())[-1].at
    await market(source="crm", roles=f"person_id,company_id,role,valid_to\nli,bank,DECISION_MAKER,{ago(10)}\n")
    found = [one for one in await feed(since=seen) if one.kind is not FeedKind.LOAD_FINISHED]
    assert sorted((one.kind.value, one.coverage, f"{one.happened_at:%Y-%m-%d}") for one in found) == [
        ("COVERAGE_FELL", 0.0, ago(10)),
        ("ROLE_REMOVED", None, ago(10)),
    ]
    assert all(one.at > seen for one in found)
    assert {one.why for one in found} == {
        "南方银行: decision maker fell to 0.00, under 0.35, as a holder went",
        "南方银行: 李伟 gave up the role of decision maker",
    }


async def test_what_is_taken_back_was_never_so_and_the_taking_back_is_told(bank, market, feed, store):
    await market(source="hr", **NEXT)
    assert await feed(kinds=PEOPLE) != []
    await unload(store, "hr", identity)
    assert await feed(kinds=PEOPLE) == []
    last = (await feed(kinds=[FeedKind.LOAD_FINISHED]))[-1]
    assert (last.load, last.why) == ("L3", "L2 of hr was taken back")


async def test_what_comes_later_changes_nothing_for_who_asks_what_was_known(bank, market, view, store):
    await market(source="crm", **NEXT)
    then = await view()
    before = await changes(store, then, first=100)
    await market(source="crm", employments=f"person_id,company_id,title,valid_from,valid_to\nzhao,bank,CTO,{ago(5)},{ago(1)}\n")
    after = await changes(store, (await view()).at(then.as_of, then.known_at), first=100)
    assert [edge.node for edge in after.edges] == [edge.node for edge in before.edges]


async def test_a_role_told_late_is_news_though_another_began_on_that_day_and_was_told_long_ago(bank, market, feed):
    roles = "person_id,{where},role,valid_from\nli,{what},{role},{at}\n"
    await market(source="crm", roles=roles.format(where="company_id", what="bank", role="CHAMPION", at=ago(20)))
    seen = (await feed())[-1].at
    await market(source="crm", roles=roles.format(where="group_id", what="erp", role="INFLUENCER", at=ago(20)))
    found = [(one.kind.value, one.group_id, one.after) for one in await feed(since=seen, kinds=PEOPLE)]
    assert found == [("ROLE_ADDED", "erp", "INFLUENCER")]


async def test_only_what_may_be_seen_and_was_asked_for(bank, market, feed):
    await market(source="crm", **NEXT)
    assert await feed(scope=("north",), kinds=PEOPLE) == []
    assert {one.account.id for one in await feed(scope=("south",), kinds=PEOPLE)} == {"bank"}
    answer = await feed(filter=None, kinds=[FeedKind.LEFT])
    assert [one.person.id for one in answer] == ["wang"]


async def test_at_some_accounts_through_graphql(bank, market, ask):
    await market(source="crm", **NEXT)
    text = "query($f: AccountFilter) { changes(filter: $f) { totalCount edges { node { kind account { id } } } } }"
    mill = await ask(text, f={"ids": ["mill"]})
    assert mill["data"]["changes"]["totalCount"] == 0
    bank_ = await ask(text, f={"ids": ["bank"]})
    assert {edge["node"]["account"]["id"] for edge in bank_["data"]["changes"]["edges"]} == {"bank"}


async def test_a_path_opens_and_is_lost_after_a_load(bank, market, feed):
    paths = [FeedKind.PATH_OPENED, FeedKind.PATH_LOST]
    assert await feed(kinds=paths) == [], "what the first load brings is no news"
    await market(source="crm", interactions=CALL.format(at=ago(5)))
    (opened,) = await feed(kinds=paths)
    assert (opened.kind, opened.account.id, opened.person.id, opened.load) == (FeedKind.PATH_OPENED, "bank", "li", "L2")
    assert opened.why.startswith("南方银行: a way to 李伟 opened: Me → 李伟 (0.")
    await market(source="crm", employments=f"person_id,company_id,title,valid_to\nme,us,,{ago(1)}\n")
    (lost,) = await feed(kinds=paths, since=opened.at)
    assert (lost.kind, lost.person.id, lost.load) == (FeedKind.PATH_LOST, "li", "L3")
    assert lost.why.startswith("南方银行: the way to 李伟 is lost, which went Me → 李伟 (0.")
    assert await feed(kinds=paths) == [], "over both loads nothing changed"
    assert await feed(kinds=paths, since=opened.at, filter=AccountFilter(ids=["mill"])) == []
    assert await feed(kinds=paths, since=opened.at, scope=("north",)) == []


PATHS = [FeedKind.PATH_OPENED, FeedKind.PATH_LOST]
TO_ALL = "interaction_id,type,at,status,from_id,to_ids\nc1,call,{at},held,me,li;wang\n"


@pytest.fixture
async def opened(bank, market):
    """Li decides at the bank and at the mill, Wang at the bank; then somebody of ours met both."""
    await market(as_of=period(ago(20))[0], source="crm", roles="person_id,company_id,role\nli,mill,DECISION_MAKER\nwang,bank,ECONOMIC_BUYER\n")
    await market(source="crm", interactions=TO_ALL.format(at=ago(5)))


async def test_who_decides_at_two_accounts_is_told_at_both_and_ways_are_looked_for_of_a_page_alone(opened, store, view, monkeypatch):
    looked, at = [], await view()

    async def spied(store, carrying, people):
        looked.append(people)
        return await best_ways(store, carrying, people)

    monkeypatch.setattr("queries.changes.best_ways", spied)
    since = (await changes(store, at, kinds=[FeedKind.LOAD_FINISHED])).edges[-2].node.at
    whole = await changes(store, at, kinds=PATHS, since=since)
    assert sorted((one.node.person.id, one.node.account.id) for one in whole.edges) == [("li", "bank"), ("li", "mill"), ("wang", "bank")]
    assert looked == [["li", "wang"]] and not whole.truncated
    first = await changes(store, at, kinds=PATHS, since=since, first=1)
    assert first.edges[0].node == whole.edges[0].node and first.total_count == 3
    assert len(looked[1]) <= 2, "of the page, and the one behind it by which it is known that there are more"


async def test_out_of_time_a_path_is_told_without_its_way(opened, store, view, monkeypatch):
    async def late(store, carrying, people):
        return Best({}, False)

    monkeypatch.setattr("queries.changes.best_ways", late)
    at = await view()
    for language, words in (("en", "南方银行: a way to 李伟 opened"), ("zh-CN", "南方银行：出现通往李伟的路径")):
        found = await changes(store, replace(at, language=language), first=100)
        assert found.truncated and words in {edge.node.why for edge in found.edges}


async def test_where_it_is_not_known_whom_we_reach_all_but_paths_is_told(opened, store, view, monkeypatch):
    monkeypatch.setattr("queries.reaching.carrying.PATIENCE", -1.0)
    at = await view()
    found = await changes(store, at, first=100)
    kinds = {edge.node.kind for edge in found.edges}
    assert found.truncated and FeedKind.LOAD_FINISHED in kinds and not kinds & set(PATHS)
    assert not (await changes(store, at, kinds=[FeedKind.LOAD_FINISHED])).truncated


def test_whatever_changes_in_a_chain_can_be_in_the_feed():
    assert {kind.value for kind in ChangeKind} < {kind.value for kind in FeedKind}


async def test_news_touches_the_account_and_who_works_there(bank, market, feed):
    await market(
        source="wire",
        events="event_id,at,kind,company_ids,person_ids,title\n"
        f"e1,{ago(2)},leadership_change,bank,li,新任首席信息官\ne2,{ago(100)},tender,bank,,核心系统招标\ne3,{ago(3)},policy,mill;us,me,New rules\n"
        f"e4,{ago(-3)},funding,bank,,Tomorrow\ne5,{ago(400)},incident,bank,,Long ago\n",
    )
    found = await feed(kinds=[FeedKind.TRIGGER], filter=AccountFilter(ids=["bank"]))
    assert sorted(((one.after, one.person and one.person.id, f"{one.happened_at:%Y-%m-%d}") for one in found), key=str) == sorted(
        [("新任首席信息官", None, ago(2)), ("新任首席信息官", "li", ago(2)), ("核心系统招标", None, ago(100))], key=str
    )
    assert {one.source for one in found} == {"wire"}
    assert {one.account.id for one in await feed(kinds=[FeedKind.TRIGGER])} == {"bank", "mill"}
    assert await feed(kinds=[FeedKind.TRIGGER], scope=("elsewhere",)) == []
    chinese = {one.why for one in await feed(kinds=[FeedKind.TRIGGER], language="zh-CN", filter=AccountFilter(ids=["bank"]))}
    assert "南方银行：李伟的领导层变动：新任首席信息官" in chinese
    last = max(one.at for one in found)
    assert await feed(kinds=[FeedKind.TRIGGER], since=last) == []
