"""Exposure to competitors: the sample market account by account against the slow method, its stories, and one new fact."""

import csv
import re
from dataclasses import replace
from io import StringIO
from math import exp
from xml.etree import ElementTree

import pytest

from api.context import Context
from api.execute import Engine
from api.render import formats
from graph.errors import InvalidInput, NotFound
from graph.filter import AccountFilter
from graph.instants import at_moment, period
from graph.measures.exposure import Root
from loaders.run import load
from queries.competitor_exposure import competitor_exposure
from queries.exposed_accounts import exposed_accounts
from tests.exposure_example import PAGE, page
from tests.slow_exposure import Exposed
from tests.worked_example import AT, DATE, ROOT

MARKET = ROOT / "samples" / "market"
SVG = "{http://www.w3.org/2000/svg}"
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


@pytest.mark.parametrize(("rival", "day"), [("stratos", DATE), ("ironpeak", DATE), ("stratos", "2025-12-31")])
async def test_every_account_is_exposed_as_the_slow_method_says(story, rival, day):
    slow = story.slow if day == DATE else Exposed.of(MARKET, f"{day}T23:59:59.999999")
    found = await story.exposure(rival, as_of=day)
    assert sorted(found) == sorted(ACCOUNTS)
    for account, told in found.items():
        threat, each, shares = slow.exposure(account, rival)
        assert told.threat.value == near(threat), account
        assert told.threat.low == near(slow.exposure(account, rival, "low")[0] or 0.0 if threat else None)
        assert told.threat.high == near(slow.exposure(account, rival, "high")[0] if threat else None)
        assert {one.code: one.value for one in told.threat.components} == {name: near(e) for name, e in each.items() if e}
        for one in told.threat.components:
            assert one.contribution == near(threat * shares[one.code])
            assert one.evidence, (account, one.code)
        assert told.threat.evidence_count == slow.counted(account, rival)
        assert told.known_share == near(slow.known_share(account))
        assert told.displacement.value == near(slow.displacement(account, rival))


async def test_the_exposed_manufacturer_says_why_and_where_to_begin(story):
    """恒昌重工: the rival on most seats and little loved, an evaluator from there, a partner at its side, a professor in its ear."""
    told = (await story.exposure("stratos", ["hengchang"]))["hengchang"]
    assert told.threat.why == (
        "0.89 exposed to 云峰科技: Stratos Lakehouse installed since 2023 (0.78), partner 云桥咨询 also sells it (0.06), "
        "Prof. Karl Bauer (advises it), 高磊 (works there) and Victor Hale (works there) reaching who decides (0.06), "
        "2 of 5 peers use 云峰科技 (0.05), 罗勇 was at 云峰科技 until 2024 (0.04), 罗勇 in touch with it, last on 22 Apr 2026 (0.00)."
    )
    assert {one.kind.value: (one.value, one.why) for one in told.entry_points} == {
        "ROLE": (pytest.approx(0.0878, abs=1e-4), "云峰科技 holds the economic buyer least (0.09)."),
        "PERSON": (pytest.approx(0.3897, abs=1e-4), "We reach 莫莉, end user (0.39)."),
        "DISSATISFACTION": (0.75, "They are not content with Stratos Lakehouse (0.75)."),
        "RENEWAL": (pytest.approx(1 - 122 / 365, abs=1e-6), "Stratos Lakehouse is up for renewal on 31 Oct 2026."),
        "PARTNER": (near(story.slow.activity("hengchang", "cloudbridge")), "Partner 云桥咨询 is there, and sells 云峰科技 too."),
    }


async def test_where_nothing_is_known_it_is_unknown_and_not_safe(story):
    told = (await story.exposure("stratos", ["beiyu"]))["beiyu"]
    assert (told.threat.value, told.threat.missing, told.entry_points) == (None, "NO_EVIDENCE", [])
    assert told.threat.why == "Nothing is known that would expose 北屿电网 to 云峰科技: unknown, not safe."
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
        assert one.account.name not in one.why, "its row names it"
    if rival == "stratos":
        why = next(one.why for one in ranked if one.account.id == "hengchang")
        assert why == "Most of it: installed there (0.78). Where to begin: 云峰科技 holds the economic buyer least (0.09)."


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
    for one in found:
        before, after = re.fullmatch(r"With .+ at 云峰科技: .+ goes from (\d\.\d{2,}) to (\d\.\d{2,})\.", one.why).groups()
        assert len(before) == len(after) and float(before) < float(after), "however little it rises"


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


async def test_who_may_not_see_an_account_sees_no_peer_there(story):
    view = replace(await story.view(), scope=("", "guangzhou"))
    page = await exposed_accounts(story.store, view, competitor="stratos", first=100)
    assert {edge.node.account.id for edge in page.edges} == {"hengchang", "nanzhou", "linghai-leasing"}
    told = next(edge.node.exposure for edge in page.edges if edge.node.account.id == "hengchang")
    peers = next(part for part in told.threat.components if part.code == Root.PEERS)
    assert peers.value == near(0.2 * (1 - exp(-2 / 2)))
    assert [one.label for one in peers.evidence] == ["南舟保险: Stratos Lakehouse"]


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
    assert told["threat"]["why"] == (
        "岭海银行对云峰科技的暴露度0.76：2022年起在用Stratos Lakehouse（占解释0.61）；在场伙伴云桥咨询兼售其产品（占解释0.15）；"
        "郭凯曾任职于云峰科技（至2025年）（占解释0.10）；4家同类客户中2家在用（占解释0.09）；"
        "高磊（任职）、Prof. Karl Bauer（顾问）和罗勇（曾任职）可触达决策者（占解释0.03）；郭凯与其往来，最近一次在2026年4月24日（占解释0.01）。"
    )
    assert [one["kind"] for one in told["entryPoints"]] == ["ROLE", "PERSON", "DISSATISFACTION", "RENEWAL", "PARTNER"]


async def test_the_page_the_picture_and_the_sheets(story):
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.exposure_example writes it"
    one = (await story.exposure("stratos", ["hengchang"]))["hengchang"]
    shown = formats(competitor_exposure)
    committed = (ROOT / "docs" / "pictures" / "exposure.svg").read_text(encoding="utf-8")
    assert committed == shown["svg"](one) + "\n", "see docs/pictures/README.md"
    labels = [element.get("aria-label") for element in ElementTree.fromstring(committed).iter(f"{SVG}g") if element.get("aria-label")]
    for part in one.threat.components:
        assert any(part.label in label and f"{part.contribution:.2f}" in label for label in labels)
    rows = list(csv.DictReader(StringIO(shown["csv"](one))))
    told = {row["evidence_id"].removeprefix("'") for row in rows if row["what"] == "root"}  # a key may look like a formula
    assert told == {each.id for part in one.threat.components for each in part.evidence}
    assert [row["code"] for row in rows if row["what"] == "entry_point"] == [entry.kind for entry in one.entry_points]
    assert one.threat.why in shown["table"](one)
    nothing = (await story.exposure("stratos", ["beiyu"]))["beiyu"]
    assert "unknown, not safe" in shown["svg"](nothing) and "unknown, not safe" in shown["table"](nothing)


async def test_many_accounts_as_a_table_a_sheet_and_bars(story):
    shown, view = formats(exposed_accounts), await story.view()
    found = await exposed_accounts(story.store, view, competitor="stratos", first=2)
    assert "2 of 6." in shown["table"](found)
    rows = list(csv.DictReader(StringIO(shown["csv"](found))))
    assert [(row["account_id"], float(row["installed"])) for row in rows] == [
        (edge.node.account.id, next(part.value for part in edge.node.exposure.threat.components if part.code == "INSTALLED")) for edge in found.edges
    ]
    moved = await exposed_accounts(story.store, view, competitor="stratos", mover="he-jing")
    assert "0.76   0.79" in shown["table"](moved)
    marks = [element for element in ElementTree.fromstring(shown["svg"](moved)).iter(f"{SVG}path") if element.get("class") == "was"]
    assert len(marks) == 2 * len(moved.edges)
    none = await exposed_accounts(story.store, view, competitor="stratos", filter=AccountFilter(ids=["beiyu"]))
    assert shown["table"](none) == "Nothing is known that would expose any of these accounts: unknown, not safe."
    assert ElementTree.fromstring(shown["svg"](none)) is not None


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
