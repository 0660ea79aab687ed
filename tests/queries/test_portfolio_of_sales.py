"""A cut of a public data set of sales as a portfolio with known answers: each is worked out again from the files."""

import csv
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path

import pytest

from api.context import Context
from graph.instants import period
from loaders.mapping import read_mapping
from loaders.run import load
from queries.account_rfm import account_rfm
from queries.committee.divided import DivideBy
from queries.portfolio import portfolio

ROOT = Path(__file__).parent.parent.parent
DATA = ROOT / "tests" / "data" / "crm_maven_sales"


async def test_won_value_win_rate_and_concentration_of_a_years_sales(store, settings):
    await load(store, [DATA], mapping=read_mapping(ROOT / "samples" / "mappings" / "crm_maven_sales.toml"), as_of=period("2018-01-01")[0])
    view = await Context(store, settings).view(as_of=datetime.fromisoformat("2018-01-01T00:00:00+00:00"))
    found, accounts = await portfolio(store, view, by=DivideBy.COUNTRY), [edge.node for edge in (await account_rfm(store, view, first=1000)).edges]
    with (DATA / "sales_pipeline.csv").open(encoding="utf-8") as file:
        deals = [row for row in csv.DictReader(file) if row["account"]]
    with (DATA / "accounts.csv").open(encoding="utf-8") as file:
        country = {row["account"]: row["office_location"] for row in csv.DictReader(file)}
    amounts, times = defaultdict(float), Counter()
    for row in deals:
        if row["deal_stage"] == "Won":
            amounts[row["account"]] += float(row["close_value"])
            times[row["account"]] += 1
    stages = Counter(row["deal_stage"] for row in deals)
    assert found.concentration.total == sum(amounts.values())
    assert (found.concentration.accounts, found.concentration.buying) == (len(country), len(amounts))
    assert found.win_rate.value == stages["Won"] / (stages["Won"] + stages["Lost"])
    assert found.win_rate.count == stages["Won"] + stages["Lost"]
    ranked = sorted(amounts, key=lambda name: (-amounts[name], name))
    assert [(one.company.name, one.amount, one.purchases) for one in accounts[:10]] == [(name, amounts[name], times[name]) for name in ranked[:10]]
    assert found.concentration.top_20_percent == pytest.approx(sum(amounts[name] for name in ranked[: -(-len(country) // 5)]) / sum(amounts.values()))
    parts = {part.id: (part.accounts, part.amount) for part in found.parts}
    assert parts == {place: (sum(at == place for at in country.values()), sum(amounts[name] for name in country if country[name] == place))
                     for place in set(country.values())}  # fmt: skip
    for one in accounts:
        assert (one.code is None) == (one.purchases == 0)
    best = max((one for one in accounts if one.code), key=lambda one: one.amount)
    assert best.code.endswith("-5")
