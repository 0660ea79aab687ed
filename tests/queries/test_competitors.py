"""Competitors side by side: the sample market by hand, the deals of a public sales pipeline, and a landscape with its categories."""

import csv
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
from tests.worked_example import ROOT

DATA = ROOT / "tests" / "data"
SAMPLES = ROOT / "samples" / "mappings"
AS_OF = "2026-06-30"


async def asked(store, settings, as_of=None, language="en", **given):
    view = await Context(store, settings, language=language).view(as_of=as_of and at_moment(period(as_of)[1] - 1))
    return await competitors(store, view, **given)


def rate(one):
    return (one.won, one.lost, one.open)


async def test_the_sample_markets_two_competitors(store, settings):
    await load(store, [ROOT / "samples" / "market"], as_of=period(AS_OF)[0])
    found = await asked(store, settings, AS_OF)
    assert (found.accounts, found.installs, rate(found.win_rate)) == (12, 10, (2, 1, 7))
    assert [one.competitor.id for one in found.competitors] == ["ironpeak", "stratos"]
    ironpeak, stratos = found.competitors
    assert (rate(ironpeak.win_rate), rate(stratos.win_rate)) == ((1, 1, 2), (0, 0, 2))
    assert (ironpeak.win_rate.value, ironpeak.win_rate.low, ironpeak.win_rate.high) == pytest.approx(wilson(1, 2))
    assert stratos.win_rate.value is None
    assert (ironpeak.installs, ironpeak.installs_before, ironpeak.momentum, ironpeak.install_share) == (3, 2, 0.5, 0.3)
    assert (ironpeak.held, ironpeak.gained, ironpeak.lost) == (3, 1, 0)
    assert (stratos.held, stratos.momentum, stratos.categories) == (3, 0.0, ["data platform"])
    assert ironpeak.why == "Ironpeak Systems: we won 1 of 2 decided deals (9-91 %); 3 installed at 3 accounts, 2 a year before."
    assert "9% to 91%" in table(found)
    assert list(sheet(found))[1][:5] == ["ironpeak", "Ironpeak Systems", 1, 1, 2]
    before = await asked(store, settings, "2025-11-27")
    assert (before.installs, [(one.competitor.id, one.installs) for one in before.competitors]) == (9, [("stratos", 3), ("ironpeak", 2)])
    banks = await asked(store, settings, AS_OF, "zh-CN", filter=AccountFilter(industry=["banking"]))
    assert (banks.accounts, banks.installs, [one.install_share for one in banks.competitors]) == (1, 2, [0.5, 0.0])
    assert banks.competitors[0].why == "云峰科技：尚无已决商机；在1家客户有1处安装，一年前1处。"


async def test_the_win_rate_of_a_public_pipeline_with_what_accounts_own(store, settings, tmp_path):
    """Maven's accounts and a cut of its deals: those without an account are no deals of an account."""
    folder = DATA / "crm_maven_sales"
    await load(store, [folder], mapping=read_mapping(SAMPLES / "crm_maven_sales.toml"), reports_in=tmp_path)
    deals = [row for row in rows(folder / "sales_pipeline.csv") if row["account"]]
    parents = {row["account"]: row["subsidiary_of"] for row in rows(folder / "accounts.csv")}

    def expected(accounts):
        some = [row["deal_stage"] for row in deals if row["account"] in accounts]
        return (some.count("Won"), some.count("Lost"), len(some) - some.count("Won") - some.count("Lost"))

    found = await asked(store, settings)
    assert rate(found.win_rate) == expected(set(parents))
    assert found.win_rate.low < found.win_rate.value < found.win_rate.high
    assert (found.accounts, found.competitors) == (85, [])
    owner = max(filter(None, parents.values()), key=lambda one: (list(parents.values()).count(one), one))
    owned = {owner, *(account for account, parent in parents.items() if parent == owner)}
    within = await asked(store, settings, filter=AccountFilter(ids=[f"maven:{owner}"], include_subsidiaries=True))
    assert (within.accounts, rate(within.win_rate)) == (len(owned), expected(owned))


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
