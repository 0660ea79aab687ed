"""Who sways whom on data with known answers: Krackhardt's managers, a plant's chart, the boards of an industry."""

import csv
import gzip
from collections import Counter
from math import isclose
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from api.context import Context
from graph.answer import Id
from graph.filter import AccountFilter
from graph.measures.kol import Tier, heeded, page_rank
from graph.measures.network import TieKind, by_managing, by_reporting, joined, network
from graph.measures.paths import Budget, Outlook, Rules, ways
from loaders.mapping import read_mapping
from loaders.run import load
from queries.influence_paths import influence_paths
from queries.kol_set import kol_set
from queries.kols import kols
from tests import kol_example

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"


def rows(path):
    with (ROOT / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def above(lines):
    """Person -> everybody above them, the nearest first, by ``(person, manager)``."""
    boss = dict(lines)

    def chain(person):
        found = []
        while boss.get(person) is not None:
            person = boss[person]
            found.append(person)
        return found

    return {person: chain(person) for person in boss}


def test_who_is_asked_for_advice_tells_who_stands_above_whom_at_krackhardt_s_firm():
    """PageRank over who asks whom orders 35 of 36 pairs of superior and subordinate, 19 of 20 of boss and report; how often one is asked, 32.5."""
    advice = rows("samples/krackhardt/influence.csv")
    people = sorted({row[end] for row in advice for end in ("from_id", "to_id")})
    place = {person: number for number, person in enumerate(people)}
    asks, asked = (np.array([place[row[end]] for row in advice]) for end in ("from_id", "to_id"))
    assert (len(people), len(advice), round(len(advice) / (21 * 20), 3)) == (21, 190, 0.452)
    rank = page_rank(len(people), asks, asked).round(12)
    often = np.bincount(asked, minlength=len(people))
    chart = above((row["person_id"], row["manager_id"]) for row in rows("samples/krackhardt/reporting.csv"))
    pairs = [(person, boss) for person, bosses in chart.items() for boss in bosses]
    direct = [(person, bosses[0]) for person, bosses in chart.items()]

    ranked, counted = (dict(zip(people, score, strict=True)) for score in (rank, often))
    assert (len(pairs), len(direct)) == (36, 20)
    assert (right(ranked, pairs), right(ranked, direct)) == (35 / 36, 19 / 20)
    assert right(counted, pairs) == 32.5 / 36
    local = heeded(len(people), asked, asks, np.ones(len(people), bool))
    assert local.here.max() == 18 and people[int(local.here.argmax())] == "k2", "manager 2 is asked by 18 of 20"
    assert (np.argsort(local.authority) == np.argsort(rank)).all(), "where the segment is everybody, authority is the order of the rank"


@pytest.fixture(scope="module")
def plant():
    """The chart of a plant: people, ``(person, manager)``, and its network of reporting lines."""
    lines = [(row["ID"], row["ReportsToID"]) for row in rows("tests/data/manufacturing_email_hierarchy/reportsto.csv")]
    lines = [(person, boss) for person, boss in lines if boss.isdigit() and person != boss]
    people = sorted({who for line in lines for who in line})
    place = {person: number for number, person in enumerate(people)}
    person, manager = (np.array([place[line[end]] for line in lines]) for end in (0, 1))
    sure = np.ones(len(lines))
    return people, lines, network(len(people), joined([by_managing(manager, person, sure), by_reporting(person, manager, sure)]))


def right(score, pairs):
    """The share of pairs ``(person, manager)`` whose manager scores higher; a tie counts half."""
    return sum((score[boss] > score[person]) + (score[boss] == score[person]) / 2 for person, boss in pairs) / len(pairs)


def test_mails_tell_who_stands_above_whom_in_general_but_not_who_is_whose_boss(plant):
    """Michalski's plant, all mails of nine months. By whom one mails most the boss is found once in five times: so no line is guessed from mail."""
    _, lines, _ = plant
    with gzip.open(DATA / "manufacturing_email_hierarchy" / "counted.csv.gz", "rt", encoding="utf-8") as file:
        mails = {(row["sender"], row["recipient"]): int(row["mails"]) for row in csv.DictReader(file)}
    people = sorted({who for ends in mails for who in ends})
    assert (sum(mails.values()), len(people)) == (82_927, 167)
    mails = {ends: count for ends, count in mails.items() if len(set(ends)) == 2}
    place = {person: number for number, person in enumerate(people)}
    sender, recipient = (np.array([place[ends[end]] for ends in mails]) for end in (0, 1))
    count = np.array(list(mails.values()), float)
    between = Counter()
    for ends, number in mails.items():
        between[tuple(sorted(ends))] += number
    scores = {
        "PageRank by mails": page_rank(len(people), sender, recipient, count).round(12),
        "mails": np.bincount(sender, count, len(people)) + np.bincount(recipient, count, len(people)),
        "people": np.bincount([place[who] for ends in between for who in ends], minlength=len(people)),
    }
    pairs = [(person, boss) for person, bosses in above(lines).items() for boss in bosses]
    assert (len(pairs), len(lines)) == (419, 153)
    found = {name: tuple(round(right(dict(zip(people, score, strict=True)), some), 3) for some in (pairs, lines)) for name, score in scores.items()}
    assert found == {"PageRank by mails": (0.796, 0.683), "mails": (0.796, 0.67), "people": (0.665, 0.601)}
    # How many mail somebody else more than their boss: a tie may go either way, and the published count lies between.
    each = {person: {other: between[tuple(sorted((person, other)))] for other in people if other != person} for person, _ in lines}
    more = [sum(number > each[person][boss] for number in each[person].values()) for person, boss in lines]
    ties = [sum(number == each[person][boss] for number in each[person].values()) for person, boss in lines]
    written = [each[person][boss] > 0 for person, boss in lines]
    assert len(written) - sum(written) == 56, "more than a third never wrote to their boss, nor the boss to them"
    for first, published in ((1, 0.196), (5, 0.431)):
        surely = sum(ahead + same <= first for ahead, same, some in zip(more, ties, written, strict=True) if some)
        perhaps = sum(ahead < first for ahead, some in zip(more, written, strict=True) if some)
        assert surely <= round(published * len(lines)) <= perhaps <= surely + 8


def test_on_a_chart_the_only_way_is_the_line_and_the_managers_between_are_the_gatekeepers(plant):
    people, lines, net = plant
    chart, place = above(lines), {person: number for number, person in enumerate(people)}
    top = next(boss for _, boss in lines if boss not in chart)
    ours = np.arange(len(people)) == place[top]
    outlook, budget = Outlook(net, Rules(np.zeros(len(people), bool), floor=0.001), ours), Budget()
    looked = 0
    for person, bosses in chart.items():
        found = ways(outlook.corridor(place[person], budget), 5, np.full(len(people), -1), budget)
        if bosses[-1] != top or len(bosses) > 3:
            assert found.paths == []
            continue
        looked += 1
        down = [place[one] for one in reversed(bosses)]
        assert [path.people for path in found.paths] == [(*down, place[person])]
        assert isclose(found.paths[0].chance, 0.6 ** len(bosses) * 0.8 ** (len(bosses) - 1))
        assert found.gatekeepers == down[1:]
    assert (len(lines), looked) == (153, 108)


@pytest.fixture(scope="module")
async def market(one_store):
    """The managers, the boards and the plant, loaded together: no id of one is an id of another."""
    await one_store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
    for name in ("krackhardt", "ashare_coal"):
        report = await load(one_store, [ROOT / "samples" / name], source=name)
        assert report.total("rejected") == 0, report
    mapping = read_mapping(ROOT / "samples" / "mappings" / "manufacturing_email_hierarchy.toml")
    files = [DATA / "manufacturing_email_hierarchy" / f"{name}.csv" for name in ("communication", "reportsto")]
    report = await load(one_store, files, mapping=mapping, source="plant")
    assert report.total("rejected") == 0, report
    return one_store


async def test_at_the_plant_each_is_reached_by_the_line_alone(market, settings, plant):
    """From the chief down to everybody, over reporting lines: the way, its chance and its gatekeepers are the chart's."""
    _, lines, _ = plant
    chart = {f"plant:{person}": [f"plant:{boss}" for boss in bosses] for person, bosses in above(lines).items()}
    view = await Context(market, settings).view()
    found = await influence_paths(market, view, list(chart), from_=Id("plant:86"), kinds=[TieKind.REPORTING], max_hops=4)
    for person, bosses in chart.items():
        one = found[person]
        if len(bosses) > 4:
            assert one.paths == [] and one.why_not is not None
            continue
        (way,) = one.paths
        assert [hop.from_id for hop in way.hops] == bosses[::-1] and way.hops[-1].to_id == person
        assert way.score.value == pytest.approx(0.6 ** len(bosses) * 0.8 ** (len(bosses) - 1))
        assert [keeper.person_id for keeper in one.gatekeepers] == bosses[-2::-1]
    assert not any(one.truncated for one in found.values())


async def test_leaders_of_krackhardt_s_firm_are_those_whose_advice_is_asked_by_the_asked(market, settings):
    view = await Context(market, settings).view()
    found = await kols(market, view, filter=AccountFilter(ids=[Id("krackhardt")]), first=21)
    by_id = {edge.node.person.id: edge.node for edge in found.edges if edge.node.person}
    advice = nx.DiGraph((row["from_id"], row["to_id"]) for row in rows("samples/krackhardt/influence.csv"))
    rank = nx.pagerank(advice, tol=1e-12, max_iter=1000)
    asked = {who for _, who in advice.edges}
    assert list(by_id)[:10] == sorted(asked, key=lambda who: -rank[who])[:10], "nobody decides there, none of us is known: what is left is the rank"
    assert by_id[Id("k2")].heeded_here == 18 == max(one.heeded_here for one in by_id.values())
    assert [part.value for part in found.edges[0].node.score.components[:3]] == [None, pytest.approx((len(asked) - 0.5) / len(asked)), None]
    assert by_id[Id("k2")].tier is Tier.T3
    ways_down = (await influence_paths(market, view, ["k5"], from_=Id("k7")))["k5"]
    assert {hop.kinds[0] for path in ways_down.paths for hop in path.hops} <= set(TieKind) and ways_down.paths


def test_the_page_of_the_example_is_what_the_oracle_writes():
    assert kol_example.PAGE.read_text(encoding="utf-8") == kol_example.page(), "python -m tests.kol_example writes it"


async def test_few_directors_reach_the_chairmen_of_an_industry(market, settings):
    view = await Context(market, settings).view()
    found = await kol_set(market, view, filter=AccountFilter(industry=["煤炭行业"]), size=kol_example.SIZE)
    chosen = [one.person.id for one in found.leaders if one.person]
    exact = kol_example.reach(chosen)
    assert found.share is not None and abs(found.share - exact) <= 3 * found.error
    assert chosen[0] == kol_example.greedy()[0], "three boards, and nobody else has three"
    assert exact >= (1 - 1 / np.e) * kol_example.best(kol_example.SIZE) and exact > 0.8 * kol_example.reach(kol_example.greedy())
    assert found.flattered > found.share, "the draws on which it was chosen flatter it"
    assert found.candidates == 121 and not found.reached
