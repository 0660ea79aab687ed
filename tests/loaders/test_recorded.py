"""recorded_at: since when we know. It may lie before its load, never before what is known already, never in the future."""

import pytest

from graph.instants import at_moment, now, period
from graph.ledger import Ledger
from loaders.export import export
from loaders.run import load

HEAD = "person_id,name,company_id,title,recorded_at\n"
BANK = "company_id,name\nbank,南方银行\n"
CHAIN = 'query($at: DateTime) { account(id: "bank") { decisionChain(knownAt: $at) { nodes { name title } } } }'


def at(day):
    return period(day)[0]


async def title(ask, known_at=None):
    answer = await ask(CHAIN, at=known_at)
    return next((node["title"] for node in answer["data"]["account"]["decisionChain"]["nodes"] if node["name"] == "李伟"), None)


async def test_a_row_was_known_from_its_recorded_at_on(market, ask, store):
    await market(as_of=at("2025-01-01"), companies=BANK, people=HEAD + "li,李伟,bank,CIO,2025-03-01\n")
    assert await title(ask) == "CIO"
    assert [await title(ask, day) for day in ("2025-02-28", "2025-03-01", "2025-06-01")] == [None, "CIO", "CIO"]
    rows = await store.read("test", "MATCH (:Person)-[w:WORKS_AT]->() RETURN w.recorded_at, w.retracted_at", {})
    assert [f"{at_moment(row[0]):%F}" for row in rows] == ["2025-03-01"]


async def test_a_change_is_dated_and_what_it_replaced_was_known_until_then(market, store):
    await market(as_of=at("2025-01-01"), companies=BANK, people=HEAD + "li,李伟,bank,CIO,2025-03-01\n")
    report = await market(as_of=at("2025-04-01"), people=HEAD + "li,李伟,bank,CFO,2025-05-01\n")
    assert report.warnings == []
    text = "MATCH ()-[w:WORKS_AT]->() RETURN w.title, w.recorded_at, w.retracted_at ORDER BY w.recorded_at, w.valid_from"
    rows = [(row[0], f"{at_moment(row[1]):%F}", f"{at_moment(row[2]):%F}") for row in await store.read("test", text, {})]
    assert rows == [("CIO", "2025-03-01", "2025-05-01"), ("CIO", "2025-05-01", "9999-12-31"), ("CFO", "2025-05-01", "9999-12-31")]


async def test_what_was_recorded_later_is_not_rewritten(market, store):
    await market(as_of=at("2025-01-01"), companies=BANK, people=HEAD + "li,李伟,bank,CIO,2025-05-01\n")
    report = await market(as_of=at("2025-04-01"), people=HEAD + "li,李伟,bank,CFO,2025-03-01\n")
    assert "moved up" in report.warnings[0]
    text = "MATCH ()-[w:WORKS_AT {title: 'CFO'}]->() RETURN w.recorded_at"
    assert (await store.read("test", text, {}))[0][0] == at("2025-05-01") + 1


async def test_the_same_again_moves_nothing_up(market):
    for _ in ("first", "again"):
        report = await market(as_of=at("2025-04-01"), companies=BANK, people=HEAD + "li,李伟,bank,CIO,2025-03-01\n")
        assert report.warnings == []


async def test_an_answer_says_what_was_asked_and_the_last_load_of_then(market, ask, store):
    await market(as_of=at("2025-01-01"), companies=BANK, people=HEAD + "li,李伟,bank,CIO,2025-03-01\n")
    answer = await ask(CHAIN.replace("nodes { name title }", "view { knownAt revision assumed }"), at="2025-06-01T00:00:00Z")
    assert answer["data"]["account"]["decisionChain"]["view"] == {"knownAt": "2025-06-01T00:00:00+00:00", "revision": 0, "assumed": False}
    last = at_moment((await store.revision()).known_at).isoformat()
    answer = await ask(CHAIN.replace("nodes { name title }", "view { knownAt revision }"), at=at_moment(now()).isoformat())
    assert answer["data"]["account"]["decisionChain"]["view"] == {"knownAt": last, "revision": 1}, "nothing is known after the last load"


async def test_a_load_under_way_is_not_seen_whenever_one_asks_from(market, ask, store):
    """Its facts bear its instant, even those that will have been known before: they are dated when it ends."""
    await market(as_of=at("2025-01-01"), companies=BANK, people=HEAD + "li,李伟,bank,CIO,2025-03-01\n")
    finish = Ledger.finish

    async def look(self, undoes=None):
        seen = [await title(ask), await title(ask, at_moment(now()).isoformat()), await title(ask, "2025-06-01")]
        assert seen == ["CIO", "CIO", "CIO"]
        await finish(self, undoes)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ledger, "finish", look)
        await market(as_of=at("2025-01-01"), people=HEAD + "li,李伟,bank,CFO,2025-05-01\n")
    assert [await title(ask, day) for day in ("2025-04-01", "2025-06-01")] == ["CIO", "CFO"]


async def test_the_future_is_refused(market):
    report = await market(companies=BANK, people=HEAD + "li,李伟,bank,CIO,2999-01-01\n")
    assert report.total("rejected") == 1


async def test_an_export_with_recorded_comes_back_as_it_was(market, store, tmp_path):
    rows = "li,李伟,bank,CIO,2024-01-01,2025-01-01,2025-03-01\nli,李伟,bank,CFO,2025-01-01,,2025-05-01\n"
    await market(as_of=at("2025-01-01"), companies=BANK, people="person_id,name,company_id,title,valid_from,valid_to,recorded_at\n" + rows)
    await export(store, tmp_path / "first", recorded=True)
    await store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
    await load(store, [tmp_path / "first"], as_of=at("2026-01-01"))
    await export(store, tmp_path / "second", recorded=True)
    texts = [(tmp_path / name / "people.csv").read_text(encoding="utf-8") for name in ("first", "second")]
    assert texts[0] == texts[1]
    assert "2025-05-01T00:00:00+00:00" in texts[0]
