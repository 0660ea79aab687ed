"""Competitors side by side: the sample market by hand, the deals of a public sales pipeline, and a landscape with its categories."""

import csv
from dataclasses import replace
from math import exp
from pathlib import Path

import pytest

from api.context import Context
from api.render.competitors import sheet, table
from graph.filter import AccountFilter
from graph.instants import at_moment, period
from graph.measures.rates import wilson
from loaders.mapping import read_mapping
from loaders.run import load
from queries.competitors import competitors
from queries.exposed_accounts import exposed_accounts
from tests.worked_example import ROOT

DATA = ROOT / "tests" / "data"
SAMPLES = ROOT / "samples" / "mappings"
AS_OF = "2026-06-30"


async def asked(store, settings, as_of=None, language="en", **given):
    view = await Context(store, settings, language=language).view(as_of=as_of and at_moment(period(as_of)[1] - 1))
    return await competitors(store, view, **given)


def rate(one):
    return (one.won.value, one.lost.value, one.open.value)


async def test_the_sample_markets_two_competitors(store, settings):
    await load(store, [ROOT / "samples" / "market"], as_of=period(AS_OF)[0])
    found = await asked(store, settings, AS_OF)
    assert (found.accounts, found.installs.value, rate(found.win_rate)) == (12, 10, (2, 1, 7))
    assert [one.competitor.id for one in found.competitors] == ["ironpeak", "stratos"]
    ironpeak, stratos = found.competitors
    assert (rate(ironpeak.win_rate), rate(stratos.win_rate)) == ((1, 1, 2), (0, 0, 2))
    assert (ironpeak.win_rate.value, ironpeak.win_rate.low, ironpeak.win_rate.high) == pytest.approx(wilson(1, 2))
    assert stratos.win_rate.value is None
    assert (ironpeak.installs.value, ironpeak.installs_before.value, ironpeak.momentum, ironpeak.install_share) == (3, 2, 0.5, 0.3)
    assert (ironpeak.held.value, ironpeak.gained.value, ironpeak.lost.value) == (3, 1, 0)
    assert (stratos.held.value, stratos.momentum, stratos.categories) == (3, 0.0, ["data platform"])
    assert ironpeak.why == "Ironpeak Systems: we won 1 of 2 decided deals (9-91 %); 3 installed at 3 accounts, 2 a year before."
    assert "9% to 91%" in table(found)
    assert list(sheet(found))[1][:5] == ["ironpeak", "Ironpeak Systems", 1, 1, 2]
    before = await asked(store, settings, "2025-11-27")
    assert (before.installs.value, [(one.competitor.id, one.installs.value) for one in before.competitors]) == (9, [("stratos", 3), ("ironpeak", 2)])
    assert rate(before.win_rate) == (2, 0, 5)  # the loss is of the day after
    banks = await asked(store, settings, AS_OF, "zh-CN", filter=AccountFilter(industry=["banking"]))
    assert (banks.accounts, banks.installs.value, [one.install_share for one in banks.competitors]) == (1, 2, [0.5, 0.0])
    assert banks.competitors[0].why == "云峰科技：尚无已决商机；在1家客户有1处安装，一年前1处。"


UNDATED = {
    "companies": "company_id,name,kinds\nus,Us,us\nrival,Rival,competitor\n" + "".join(f"a{n},A{n},account\n" for n in range(4)),
    "products": "product_id,name,company_id,category\ntheirs,Theirs,rival,crm\n",
    "uses": "company_id,product_id,valid_from\na0,theirs,\na1,theirs,\n",
    "opportunities": "opportunity_id,company_id,name,outcome,close_on,competitor_ids\n"
    "sure,a0,Sure,lost,2026-05-01,rival\nundated,a1,Undated,lost,,rival\nlater,a2,Later,won,2026-09-01,rival\n",
}


async def test_what_has_no_date_is_no_sign_of_standing_still_and_no_decided_deal(market, store, settings):
    """A use without a start says nothing of a year ago, a deal without a day of closing is open, and one that closes later is open until then."""
    await market(as_of=period(AS_OF)[0], **UNDATED)
    (one,) = (await asked(store, settings, AS_OF)).competitors
    assert (one.installs.value, one.installs_dated.value, one.installs_before.value, one.momentum, one.gained.value, one.lost.value) == (
        2,
        0,
        0,
        None,
        0,
        0,
    )
    assert one.why == "Rival: we won 0 of 1 decided deal (0-79 %); 2 installed at 2 accounts, since when is not known."
    assert rate(one.win_rate) == (0, 1, 2)
    (early,), (late,) = [(await asked(store, settings, day)).competitors for day in ("2026-04-30", "2026-09-02")]
    assert (rate(early.win_rate), rate(late.win_rate)) == ((0, 0, 3), (1, 1, 1))
    assert (await asked(store, settings, "2026-04-30")).view.assumed
    known = at_moment((await Context(store, settings).view()).known_at)
    rows = "company_id,product_id,valid_from\na2,theirs,2024-01-01\na3,theirs,2026-02-01\n"
    await market(as_of=period(AS_OF)[0], source="later", uses=rows)
    (now,) = (await asked(store, settings, AS_OF)).competitors
    assert (now.installs.value, now.installs_dated.value, now.installs_before.value, now.momentum, now.held.value, now.gained.value) == (
        4,
        2,
        1,
        1.0,
        4,
        1,
    )
    view = await Context(store, settings).view(as_of=at_moment(period(AS_OF)[1] - 1), known_at=known)
    (then,) = (await competitors(store, view)).competitors
    assert (then.installs.value, then.momentum) == (2, None)
    (first, _) = (await exposed_accounts(store, view, competitor="rival")).edges
    assert first.node.threat == pytest.approx(0.9 * (1 - exp(-1.5)))
    assert (await exposed_accounts(store, view, competitor="rival")).total_count == 2
    assert (await exposed_accounts(store, await Context(store, settings).view(), competitor="rival")).total_count == 4


async def test_the_win_rate_of_a_public_pipeline_with_what_accounts_own(store, settings, tmp_path):
    """Maven's accounts and a cut of its deals; the right answers are those of its SOURCE.md, counted there."""
    folder = DATA / "crm_maven_sales"
    await load(store, [folder], mapping=read_mapping(SAMPLES / "crm_maven_sales.toml"), reports_in=tmp_path)
    found = await asked(store, settings)
    assert (found.accounts, found.competitors, rate(found.win_rate)) == (85, [], (102, 70, 18))
    assert (found.win_rate.low, found.win_rate.value, found.win_rate.high) == pytest.approx((0.518, 0.593, 0.664), abs=5e-4)
    within = await asked(store, settings, filter=AccountFilter(ids=["maven:Acme Corporation"], include_subsidiaries=True))
    assert (within.accounts, rate(within.win_rate)) == (5, (6, 1, 5))
    assert rate((await asked(store, settings, "2017-09-30")).win_rate)[:2] == (69, 48)
    seen = [row for row in rows(folder / "sales_pipeline.csv") if row["account"] and row["product"] == "MG Special"]
    said = tmp_path / "said"
    said.mkdir()
    (said / "companies.csv").write_text("company_id,name,kinds\nmaven:Golddex,Golddex,account;competitor\n", encoding="utf-8")
    lines = "".join(f"maven:{row['opportunity_id']},maven:{row['account']},maven:Golddex\n" for row in seen)
    (said / "opportunities.csv").write_text(f"opportunity_id,company_id,competitor_ids\n{lines}", encoding="utf-8")
    report = await load(store, [said], source="planner", reports_in=tmp_path)
    assert report.total("rejected") == 0, report
    against = (await asked(store, settings)).competitors[0].win_rate
    assert rate(against) == (17, 10, 5)
    assert (against.low, against.value, against.high) == pytest.approx((0.442, 0.630, 0.785), abs=5e-4)


SMALL_MARKET = {
    "companies": "company_id,name,kinds\nus,Us,us\nbig,Big,competitor\nsmall,Small,competitor\n" + "".join(f"a{n},A{n},account\n" for n in range(20)),
    "products": "product_id,name,company_id,category\nb,B,big,crm\ns,S,small,crm\no,O,us,crm\n",
    "uses": "company_id,product_id,valid_from\n"
    + "".join(f"a{n},{'b' if n < 12 else 's' if n < 15 else 'o'},{'2025-12-01' if n < 2 else '2020-01-01'}\n" for n in range(20)),
    "opportunities": "opportunity_id,company_id,name,outcome,close_on,competitor_ids\n"
    + "".join(f"d{n},a{n},D{n},{'won' if n < 6 else 'lost'},2026-05-01,{'big' if n < 12 else 'small'}\n" for n in range(15)),
}


async def test_no_small_count_is_told_to_who_is_no_steward_nor_follows_by_difference(market, store, settings):
    """Big has 12 of 20 and gained two; Small has three, and lost us three deals: the totals would give that away."""
    await market(as_of=period(AS_OF)[0], **SMALL_MARKET)
    view = await Context(store, settings).view(as_of=at_moment(period(AS_OF)[1] - 1))
    open_, found = await competitors(store, view), await competitors(store, replace(view, steward=False))
    assert [(one.installs.value, one.gained.value, rate(one.win_rate)) for one in open_.competitors] == [(12, 2, (6, 6, 0)), (3, 0, (0, 3, 0))]
    big, small = found.competitors
    assert [count.text for count in (big.installs, big.held, big.gained, big.installs_before, big.win_rate.lost)] == ["12", "12", "< 5", "10", "6"]
    assert (big.win_rate.value, big.momentum, big.install_share) == (0.5, pytest.approx(0.2), None)
    for count in (small.installs, small.held, small.gained, small.lost, small.installs_before, *counts(small.win_rate)):
        assert (count.value, count.text) == (None, "< 5")
    assert (small.win_rate.value, small.momentum, small.install_share) == (None, None, None)
    assert (found.installs.text, found.win_rate.won.text, found.win_rate.lost.text, found.win_rate.value) == ("5+", "5+", "5+", None)
    assert small.why == "Small: we won < 5 and lost < 5 deals; < 5 installed at < 5 accounts, < 5 a year before."
    assert "< 5 to < 5" in table(found) and "< 5" in list(sheet(found))[2]


def counts(one):
    return (one.won, one.lost, one.open)


async def test_who_competes_in_which_category_of_a_landscape(store, settings, tmp_path):
    """CNCF's landscape: makers compete where they have products of one subcategory."""
    folder = DATA / "cncf_landscape"
    await load(store, [folder], mapping=read_mapping(SAMPLES / "cncf_landscape.toml"), reports_in=tmp_path / "reports")
    items = [row for row in rows(folder / "landscape_items_2026.csv") if row["category"] not in ("CNCF Members", "Special")]
    made = {}
    for row in items:
        made.setdefault(row["crunchbase"] or row["name"], set()).add(row["subcategory"])
    us = max(made, key=lambda one: (len(made[one]), one))
    rivals = sorted((one for one in made if one != us), key=lambda one: (-len(made[one] & made[us]), one))[:3]
    kinds = [(us, "us"), *((one, "competitor") for one in rivals)]
    lines = "".join(f"cncf:{one},{one.rpartition('/')[2]},{kind}\n" for one, kind in kinds)
    (tmp_path / "companies.csv").write_text(f"company_id,name,kinds\n{lines}", encoding="utf-8")
    assert (await load(store, [tmp_path / "companies.csv"], source="planner")).total("rejected") == 0
    found = await asked(store, settings)
    assert {one.competitor.id: one.categories for one in found.competitors} == {f"cncf:{one}": sorted(made[one] & made[us]) for one in rivals}
    assert any(one.categories for one in found.competitors)


def rows(path: Path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
