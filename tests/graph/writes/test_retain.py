"""Old interactions are let go: what is left is as if they had never been loaded."""

import asyncio
import zlib

import pytest

from graph import retention
from graph.errors import InvalidInput, NotFound
from graph.instants import at_moment, now, period
from graph.lease import turn
from graph.ledger import take_back_broken, unload
from graph.mutation import Desk
from graph.retention import months_before
from graph.settings import load_settings
from graph.store import Store
from graph.writes.retain import Keep, retain
from loaders import identity

DAY = 24 * 3600 * 1_000_000


def ago(months):
    """A day so many months and a day ago, as files write it."""
    return f"{at_moment(months_before(now(), months) - DAY):%Y-%m-%d}"


PEOPLE = "person_id,name,company_id\nme,Me,us\nann,Ann Lee,acme\nben,Ben Li,acme\n"
COMPANIES = "company_id,name,kinds\nus,Us,us\nacme,Acme,account\n"
HEAD = "interaction_id,type,at,from_id,to_ids\n"
GOING = f"old,meeting,{ago(36)},me,ann;ben\nseen,page_view,{ago(13)},cookie:old,\nold2,meeting,{ago(50)},me,cookie:met\n"
STAYING = f"new,meeting,{ago(35)},me,ann\nkept,message,{ago(60)},me,ben\nlook,page_view,{ago(12)},cookie:new,\n"
RULES = [Keep("page_view", 13), Keep("meeting", 36)]
GRAPH = (
    "MATCH (n) WHERE n:Interaction OR n:Person OR n:Record OR n:Alias RETURN labels(n), properties(n)",
    "MATCH (a:Person)-[r]->(b) RETURN type(r), properties(r), a.id, b.id",
)
OF_THE_WRITE = {"since", "load_id", "recorded_at"}


async def graph(store):
    """All that is told of people and interactions but when it was written."""
    rows = [row for text in GRAPH for row in await store.read("test", text, {})]
    return sorted(str([what, sorted((name, value) for name, value in held.items() if name not in OF_THE_WRITE), *ends]) for what, held, *ends in rows)


async def journal(store):
    rows = await store.read("test", "MATCH (s:Said) RETURN s.rows", {})
    return "".join(zlib.decompress(blob).decode() for (blob,) in rows)


@pytest.fixture
async def loaded(market):
    await market(companies=COMPANIES, people=PEOPLE, interactions=HEAD + GOING + STAYING)
    await market(source="crm", interactions=HEAD + GOING.replace("me,ann;ben", "me,ben"))


async def test_a_dry_run_counts_and_writes_nothing(loaded, desk, store):
    before = await graph(store)
    answer = await retain(desk, keep=RULES)
    assert [(one.type, one.months, one.interactions, one.parts) for one in answer.types] == [("page_view", 13, 1, 2), ("meeting", 36, 2, 9)]
    assert (answer.journal_lines, answer.people, answer.revision) == (None, None, None)
    assert await graph(store) == before


async def test_what_is_left_is_as_if_the_old_had_never_been_loaded(loaded, desk, store, market, one_store):
    answer = await retain(desk, keep=RULES, dry_run=False)
    assert [one.interactions for one in answer.types] == [1, 2]
    assert (answer.people, answer.revision) == (2, 3)
    interactions, parts, people = 3 + 3, 6 + 5, 2
    assert answer.journal_lines == interactions + parts + people
    left, told = await graph(store), await journal(store)
    assert not [name for name in ("old", "seen", "cookie:old", "cookie:met") if f'"{name}"' in told]
    assert (await retain(desk, keep=RULES, dry_run=False)).journal_lines == 0, "a second time changes nothing"
    with pytest.raises(NotFound):
        await unload(store, "3", identity)
    await unload(store, "crm", identity)
    await one_store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
    await market(companies=COMPANIES, people=PEOPLE, interactions=HEAD + STAYING)
    assert left == await graph(store)


async def test_one_that_broke_off_is_completed_by_the_next_writer(loaded, desk, store, monkeypatch):
    rewritten = retention.rewritten

    async def dies(*_):
        raise asyncio.CancelledError

    monkeypatch.setattr(retention, "rewritten", dies)
    with pytest.raises(asyncio.CancelledError):
        await retain(desk, keep=RULES, dry_run=False)
    monkeypatch.setattr(retention, "rewritten", rewritten)
    assert '"old"' in await journal(store)
    async with turn(store) as lease:
        assert await take_back_broken(store, lease, identity) == ["L3"]
    assert '"old"' not in await journal(store)
    bonds = await store.read("test", "MATCH (a)-[k:KNOWS]->(b) RETURN a.id, b.id, k.count ORDER BY a.id, b.id", {})
    assert bonds == [["ann", "me", 1], ["ben", "me", 1]]


async def test_rules_come_from_the_settings_and_are_checked(desk, store, database, settings):
    for wrong in ([], [Keep("page_view", 0)], [Keep("meeting", 1), Keep("meeting", 2)], [Keep("gossip", 1)]):
        with pytest.raises(InvalidInput):
            await retain(desk, keep=wrong)
    with pytest.raises(InvalidInput, match="would be written to again"):
        await retain(desk, keep=[Keep("page_view", 13), Keep("unsubscribe", 13)])
    with pytest.raises(InvalidInput, match="DOTTEDLINE_RETENTION"):
        await retain(desk)
    given = load_settings({"DOTTEDLINE_HOME": str(settings.home), "DOTTEDLINE_RETENTION": "page_view=13;meeting=36"})
    async with Store(given, database.uri, database.user, database.password) as other:
        assert [(one.type, one.months) for one in (await retain(Desk(other, identity))).types] == [("page_view", 13), ("meeting", 36)]


@pytest.mark.parametrize(
    ("day", "months", "before"), [("2026-03-31", 1, "2026-02-28"), ("2026-01-15", 13, "2024-12-15"), ("2024-02-29", 12, "2023-02-28")]
)
def test_months_are_those_of_the_calendar(day, months, before):
    assert months_before(period(day)[0], months) == period(before)[0]
