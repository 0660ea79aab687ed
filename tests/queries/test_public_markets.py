"""Public data sets as markets with known answers: sales, a conference and a company's mails; each answer is counted again from the files."""

import csv
import json
from collections import Counter, defaultdict
from datetime import datetime
from html import unescape
from pathlib import Path

import pytest

from api.context import Context
from graph.filter import AccountFilter
from graph.instants import period
from loaders.mapping import read_mapping
from loaders.run import load
from queries.account_engagement import account_engagement
from queries.account_rfm import account_rfm
from queries.campaign_impact import campaign_impact
from queries.committee.divided import DivideBy
from queries.data_completeness import data_completeness
from queries.engagement import engagement
from queries.funnel import funnel
from queries.portfolio import portfolio
from queries.tagged import tagged
from tests.filling import emptied, filled

ROOT = Path(__file__).parent.parent.parent
DATA, MAPPINGS = ROOT / "tests" / "data", ROOT / "samples" / "mappings"
SALES, MAILS = DATA / "crm_maven_sales", DATA / "manufacturing_email_hierarchy"
HALF_LIFE = 90


def mails():
    """``(sender, recipient, instant)`` of the plant's first 600 mails; what stands there twice is one mail."""
    with (MAILS / "communication.csv").open(encoding="utf-8", newline="") as file:
        return list(dict.fromkeys((row["Sender"], row["Recipient"], row["EventDate"]) for row in csv.DictReader(file, delimiter=";")))


ONE_OF_US = Counter(sender for sender, _, _ in mails()).most_common(1)[0][0]
"""Whoever of the plant wrote most works for us; the others are the market."""


@pytest.fixture(scope="module")
async def markets(one_store, tmp_path_factory):
    """The store with the three in it."""
    await emptied(one_store)
    for name, files, day in (
        ("crm_maven_sales", [SALES], "2018-01-01"),
        ("oscon_2014_schedule", [DATA / "oscon_2014_schedule"], "2014-07-31"),
        ("manufacturing_email_hierarchy", [MAILS / "communication.csv", MAILS / "reportsto.csv"], "2010-01-05"),
    ):
        await load(one_store, files, mapping=read_mapping(MAPPINGS / f"{name}.toml"), as_of=period(day)[0])
    us = {"companies": "company_id,name,kinds\nseller,Seller,us\n", "employments": f"person_id,company_id\nplant:{ONE_OF_US},seller\n"}
    return await filled(one_store, tmp_path_factory.mktemp("us"), us, as_of=period("2010-01-05")[0], source="own")


@pytest.fixture
def at(markets, settings):
    """``await at("2018-01-01")`` is the view at the first instant of a day."""

    async def run(day):
        return await Context(markets, settings).view(as_of=datetime.fromisoformat(f"{day}T00:00:00+00:00"))

    return run


@pytest.fixture(scope="module")
def feed():
    """The conference as its feed tells it."""
    return json.loads((DATA / "oscon_2014_schedule" / "osconfeed.json").read_text(encoding="utf-8"))["Schedule"]


@pytest.fixture(scope="module")
def spoke(feed):
    """Speaker -> when they spoke, the first time first."""
    found = defaultdict(list)
    for event in feed["events"]:
        for speaker in event.get("speakers", []):
            found[speaker].append(datetime.fromisoformat(f"{event['time_start']}+00:00"))
    return {speaker: sorted(times) for speaker, times in found.items()}


def sales():
    """Rows of the pipeline that name an account."""
    with (SALES / "sales_pipeline.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["account"]]


def accounts_sold_to():
    with (SALES / "accounts.csv").open(encoding="utf-8") as file:
        return {row["account"]: row for row in csv.DictReader(file)}


OF_SALES = AccountFilter(ids=[f"maven:{name}" for name in accounts_sold_to()])


async def test_won_value_win_rate_and_concentration_of_a_years_sales(markets, at):
    view = await at("2018-01-01")
    found, accounts = (
        await portfolio(markets, view, filter=OF_SALES, by=DivideBy.COUNTRY),
        [edge.node for edge in (await account_rfm(markets, view, filter=OF_SALES, first=1000)).edges],
    )
    deals, country = sales(), {name: row["office_location"] for name, row in accounts_sold_to().items()}
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


async def test_what_the_sellers_have_not_filled_in(markets, at):
    found = await data_completeness(markets, await at("2018-01-01"), filter=OF_SALES)
    (nobody,) = found.owners
    still_open = [row for row in sales() if row["deal_stage"] not in ("Won", "Lost")]
    assert (nobody.owner, nobody.accounts, nobody.contacts, nobody.deals) == (None, len(accounts_sold_to()), 0, len(still_open))
    cells = {cell.cell.value: (cell.wanted, cell.filled) for cell in nobody.cells}
    assert cells["ACCOUNT_INDUSTRY"] == (len(accounts_sold_to()), sum(bool(row["sector"]) for row in accounts_sold_to().values()))
    assert cells["DEAL_CLOSE_ON"] == (len(still_open), sum(bool(row["close_date"]) for row in still_open))
    assert {cells[f"DEAL_{field}"] for field in ("BUDGET", "AUTHORITY", "NEED", "TIMING", "COMPETITION")} == {(len(still_open), 0)}


async def test_a_conference_is_worth_three_to_who_spoke_there_however_often(markets, at, spoke):
    view = await at("2014-08-31")
    found = await engagement(markets, view, [f"oscon:{speaker}" for speaker in spoke])
    tags = await tagged(markets, view, [f"oscon:{speaker}" for speaker in spoke], hints=True)
    often = 0
    for speaker, times in spoke.items():
        one = found[f"oscon:{speaker}"]
        left = 3 * 2 ** (-(datetime.fromisoformat("2014-08-31T00:00:00+00:00") - times[0]).total_seconds() / 86_400 / HALF_LIFE)
        assert (one.points, one.points_now) == (3, pytest.approx(left))
        assert [entry.reason.value for entry in one.entries] == ["COUNTED", *["GIVEN_BEFORE"] * (len(times) - 1)]
        assert tags[f"oscon:{speaker}"] and not any(tag.assigned for tag in tags[f"oscon:{speaker}"]), "one conference is a hint and earns no tag"
        often += len(times) > 1
    assert often == 1


async def test_a_conference_reached_the_firms_of_its_speakers(markets, at, feed, spoke):
    found = (await campaign_impact(markets, await at("2014-08-31"), ["oscon:115"]))["oscon:115"]
    firms = Counter(unescape(one["affiliation"]).strip() for one in feed["speakers"] if one["serial"] in spoke and one.get("affiliation"))
    assert (found.came, found.registered, found.walk_ins) == (len(spoke), 0, len(spoke))
    assert {one.company.name: one.people for one in found.accounts} == firms
    assert (found.account_count, found.before, found.after) == (len(firms), None, None), "the feed gives the conference no day"
    assert found.accounts[0].company.name == firms.most_common(1)[0][0] == "Red Hat"
    (red_hat,) = (await account_engagement(markets, await at("2014-08-31"), ["oscon:Red Hat"])).values()
    assert (red_hat.score.missing, [one.points for one in red_hat.people if one.role is None]) == ("UNMAPPED", [3.0] * 3)


async def test_the_funnel_of_a_plant_seen_by_one_who_writes_to_it(markets, at):
    wrote = [(sender, recipient, when) for sender, recipient, when in mails() if ONE_OF_US in (sender, recipient)]
    theirs, all_ = Counter(), Counter()
    for sender, recipient, _ in wrote:
        other = recipient if sender == ONE_OF_US else sender
        theirs[other] += sender == other
        all_[other] += 1
    page = await funnel(markets, await at("2010-01-06"), filter=AccountFilter(ids=["plant:plant"]), first=1000)
    found = {edge.node.person.id.removeprefix("plant:"): edge.node for edge in page.edges}
    assert ONE_OF_US not in found
    assert {person: one.messages for person, one in found.items() if one.messages} == dict(all_)
    talked = {person for person, count in all_.items() if count > 10 and 0 < theirs[person] < count}
    assert {person for person, one in found.items() if one.stage.value == "B"} == talked
    assert {one.stage.value for person, one in found.items() if person not in talked} == {"A"}
    assert {person for person, one in found.items() if one.waiting_since} == _waiting(wrote)


def _waiting(wrote):
    """Who wrote to them, later than they last wrote back."""
    heard, answered = {}, {}
    for sender, recipient, when in wrote:
        if sender == ONE_OF_US:
            answered[recipient] = max(when, answered.get(recipient, ""))
        else:
            heard[sender] = max(when, heard.get(sender, ""))
    return {person for person, when in heard.items() if when > answered.get(person, "")}
