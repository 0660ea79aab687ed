"""Exposure to competitors: the sample market account by account against the slow method, its stories, and one new fact."""

import pytest

from api.context import Context
from api.execute import Engine
from graph.errors import InvalidInput, NotFound
from graph.filter import AccountFilter
from graph.instants import at_moment, period
from graph.measures.exposure import Root
from loaders.run import load
from queries.competitor_exposure import competitor_exposure
from queries.exposed_accounts import exposed_accounts
from tests.slow_exposure import Exposed
from tests.worked_example import AT, ROOT

MARKET = ROOT / "samples" / "market"
RIVALS = ("stratos", "ironpeak")
SLOW = Exposed.of(MARKET, AT)
ACCOUNTS = [account for account, row in SLOW.companies.items() if row["kinds"] == "account"]


class Story:
    """The sample market as of its last day, and what the slow method makes of it."""

    def __init__(self, store, settings):
        self.store, self.settings = store, settings
        self.slow = SLOW

    async def view(self, as_of="2026-06-30", known_at=None, language="en"):
        return await Context(self.store, self.settings, language=language).view(as_of=at_moment(period(as_of)[1] - 1), known_at=known_at)

    async def exposure(self, rival, accounts=ACCOUNTS, **at):
        return await competitor_exposure(self.store, await self.view(**at), accounts, competitor=rival)

    async def ranked(self, rival, **given):
        return [edge.node for edge in (await exposed_accounts(self.store, await self.view(), competitor=rival, first=100, **given)).edges]


@pytest.fixture(scope="module")
async def story(one_store, settings):
    await one_store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
    await load(one_store, [MARKET], as_of=period("2026-06-30")[0])
    return Story(one_store, settings)


def near(value):
    return None if value is None else pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("rival", RIVALS)
async def test_every_account_is_exposed_as_the_slow_method_says(story, rival):
    found = await story.exposure(rival)
    assert sorted(found) == sorted(ACCOUNTS)
    for account, told in found.items():
        threat, each, shares = story.slow.exposure(account, rival)
        assert told.threat.value == near(threat), account
        assert told.threat.low == near(story.slow.exposure(account, rival, "low")[0] or 0.0 if threat else None)
        assert told.threat.high == near(story.slow.exposure(account, rival, "high")[0] if threat else None)
        assert {one.code: one.value for one in told.threat.components} == {name: near(e) for name, e in each.items() if e}
        for one in told.threat.components:
            assert one.contribution == near(threat * shares[one.code])
            assert one.evidence, (account, one.code)
        assert told.known_share == near(story.slow.known_share(account))
        assert told.displacement.value == near(story.slow.displacement(account, rival))


async def test_the_exposed_manufacturer_says_why_and_where_to_begin(story):
    told = (await story.exposure("stratos", ["hengchang"]))["hengchang"]
    assert told.threat.why == ""
    assert {one.kind: one.why for one in told.entry_points} == {}


async def test_where_nothing_is_known_it_is_unknown_and_not_safe(story):
    told = (await story.exposure("stratos", ["beiyu"]))["beiyu"]
    assert (told.threat.value, told.threat.missing, told.entry_points) == (None, "NO_EVIDENCE", [])
    assert told.threat.why == ""
    assert 0 < told.known_share < 1


@pytest.mark.parametrize("rival", RIVALS)
async def test_all_accounts_by_worth_and_threat_and_told_as_one_by_one(story, rival):
    ranked = await story.ranked(rival)
    slow = {account: story.slow.exposure(account, rival)[0] for account in ACCOUNTS}
    risk = {account: story.slow.worth(account) * threat for account, threat in slow.items() if threat}
    assert [one.account.id for one in ranked] == sorted(risk, key=lambda account: (-round(risk[account], 12), account))
    assert [one.at_risk for one in ranked] == [near(risk[one.account.id]) for one in ranked]
    alone = await story.exposure(rival)
    for one in ranked:
        here, there = one.exposure, alone[one.account.id]
        assert (here.threat.why, here.entry_points, here.displacement.why) == (there.threat.why, there.entry_points, there.displacement.why)
        assert [part.evidence for part in here.threat.components] == [part.evidence for part in there.threat.components]
        assert one.threat == near(there.threat.value)


@pytest.mark.parametrize("mover", ["gao-lei", "he-jing", "song-mingyuan"])
async def test_what_becomes_exposed_when_somebody_joins(story, mover):
    """高磊 left us for Stratos; the bank's mentor might; the professor whom its deciders hear might."""
    expected = {}
    for account in ACCOUNTS:
        was, would = (story.slow.exposure(account, "stratos", mover=mover, joined=joined)[0] or 0.0 for joined in (False, True))
        if would - was > 1e-9:
            expected[account] = (near(was or None), near(would))
    found = await story.ranked("stratos", mover=mover)
    assert {one.account.id: (one.was, one.would_be) for one in found} == expected
    assert expected
    assert [one.at_risk for one in found] == sorted((one.at_risk for one in found), reverse=True)


async def test_pages_and_filters_cut_the_same_order(story):
    ranked = [one.account.id for one in await story.ranked("stratos")]
    view, seen, after = await story.view(), [], None
    while True:
        page = await exposed_accounts(story.store, view, competitor="stratos", first=2, after=after)
        seen += [edge.node.account.id for edge in page.edges]
        after = page.page_info.end_cursor
        if not page.page_info.has_next_page:
            break
    assert (seen, page.total_count) == (ranked, len(ranked))
    narrow = await story.ranked("stratos", filter=AccountFilter(industry=["banking", "manufacturing"]))
    assert [one.account.id for one in narrow] == [id_ for id_ in ranked if id_ in ("linghai", "hengchang", "voss")]


async def test_who_is_no_competitor_is_said(story):
    with pytest.raises(InvalidInput, match=r"'cloudbridge' is no competitor of ours\. Competitors here: ironpeak, stratos\."):
        await story.exposure("cloudbridge")
    with pytest.raises(NotFound, match="nobody"):
        await story.exposure("nobody")


async def test_asked_over_graphql_in_chinese(story):
    engine = Engine(story.settings)
    text = """{ account(id: "linghai") { competitorExposure(competitor: "Stratos Cloud", asOf: "2026-06-30T23:59:59Z") {
      competitor { name } threat { value why } entryPoints { kind why person { name } } } } }"""
    answer = await engine(text, {}, None, Context(story.store, story.settings, language="zh-CN"))
    told = answer["data"]["account"]["competitorExposure"]
    assert told["competitor"] == {"name": "云峰科技"}
    assert told["threat"]["why"] == ""


async def test_one_new_fact_raises_exposure_by_exactly_its_roots_share(story, tmp_path):
    """A competitor's webinar, attended by the one who approves: what was known before stays as it was."""
    before = (await story.exposure("ironpeak", ["jinhe"]))["jinhe"]
    known = at_moment((await story.view()).known_at)
    (tmp_path / "campaigns.csv").write_text("campaign_id,name,type,organiser_ids\nnew,Ironpeak live,webinar,ironpeak\n", encoding="utf-8")
    approver = next(iter(story.slow.holders("jinhe")["ECONOMIC_BUYER"]))
    rows = f"interaction_id,type,at,campaign_id,from_id\nnew-1,attendance,2026-06-29T09:00,new,{approver}\n"
    (tmp_path / "interactions.csv").write_text(rows, encoding="utf-8")
    assert (await load(story.store, [tmp_path], as_of=period("2026-06-30")[0])).total("rejected") == 0
    after = (await story.exposure("ironpeak", ["jinhe"]))["jinhe"]
    root = next(one for one in after.threat.components if one.code == Root.INTERACTIONS)
    assert Root.INTERACTIONS not in {one.code for one in before.threat.components}
    assert after.threat.value - before.threat.value == near((1 - before.threat.value) * root.value)
    assert [one.id for one in root.evidence] == ["new-1"]
    told = await story.exposure("ironpeak", ["jinhe"], known_at=known)
    assert told["jinhe"].threat == before.threat
