"""Who can get whose attention: stories, every simple path of small networks tried one by one, and published values."""

from itertools import pairwise
from math import exp, isclose, log, prod

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.measures.network import (
    TIE_KINDS,
    Evidence,
    Introductions,
    TieKind,
    by_advice,
    by_co_affiliation,
    by_interaction,
    by_managing,
    by_reporting,
    joined,
    network,
)
from graph.measures.paths import DEFAULTS, Barrier, Budget, Outlook, Path, ReachBand, Rules, band, different, removed, ways


def net(people, *rows):
    """Rows ``(who, whom, chance)`` or ``(who, whom, chance, kind)``."""
    full = [(*row, TieKind.ADVISES)[:4] for row in rows]
    return network(people, joined(Evidence.of(kind, np.array([who]), np.array([whom]), np.array([p])) for who, whom, p, kind in full))


def edge(made, who, whom):
    """The place of the edge between two people, -1 for none."""
    return next(iter(np.flatnonzero((made.tail == who) & (made.head == whom)).tolist()), -1)


def mask(people, *who):
    made = np.zeros(people, bool)
    made[list(who)] = True
    return made


def rules(people, *closed, **more):
    return Rules(mask(people, *closed), **more)


def look(made, sources, target, asked=None, k=5, team=None):
    asked = asked or rules(made.people)
    budget = Budget()
    return ways(
        Outlook(made, asked, mask(made.people, *sources)).corridor(target, budget), k, np.full(made.people, -1) if team is None else team, budget
    )


def along(found):
    return [path.people for path in found.paths]


# What makes an edge.


def pair(by, *more):
    return by(np.array([0]), np.array([1]), *(np.array([value]) for value in more))


def test_kinds_join_as_independent_chances_and_the_same_kind_counts_once():
    made = network(2, joined([pair(by_interaction, 0.74), pair(by_advice, 0.4), pair(by_advice, 0.2)]))
    assert isclose(made.chance[edge(made, 0, 1)], 1 - (1 - 0.8 * 0.74) * (1 - 0.4))
    assert made.kinds(edge(made, 0, 1)) == [TieKind.INTERACTION, TieKind.ADVISES]
    assert edge(made, 1, 0) == -1


def test_a_manager_is_heard_more_than_a_report_and_a_former_colleague_a_little():
    chances = [made.chance.item() for made in (pair(by_managing, 1.0), pair(by_reporting, 1.0), pair(by_managing, 0.5), pair(by_co_affiliation))]
    assert chances == [0.6, 0.4, 0.3, 0.15]


def test_nothing_is_certain_the_hardly_likely_is_nothing_and_nobody_speaks_to_himself():
    made = net(3, (0, 1, 1.0), (1, 2, 0.009), (2, 2, 0.9))
    assert made.chance.tolist() == [0.95]
    assert edge(made, 1, 2) == edge(made, 2, 2) == -1


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.floats(0, 1), st.sampled_from(TIE_KINDS)), max_size=12), st.randoms())
def test_edges_are_what_the_rows_say_in_any_order_and_more_evidence_never_lowers_one(rows, random):
    made = net(4, *rows)
    best: dict[tuple[int, int], dict[TieKind, float]] = {}
    for who, whom, p, kind in rows:
        if who != whom:
            best.setdefault((who, whom), {}).setdefault(kind, 0.0)
            best[who, whom][kind] = max(best[who, whom][kind], min(p, 0.95))
    wanted = {ends: min(1 - prod(1 - p for p in kinds.values()), 0.95) for ends, kinds in best.items()}
    got = dict(zip(zip(made.tail.tolist(), made.head.tolist(), strict=True), made.chance.tolist(), strict=True))
    assert got == {ends: pytest.approx(p) for ends, p in wanted.items() if p >= 0.01}
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert np.array_equal(net(4, *shuffled).chance, made.chance)
    for (who, whom), p in got.items():
        more = net(4, *rows, (who, whom, 0.5, TieKind.REPORTING))
        assert more.chance[edge(more, who, whom)] >= p - 1e-12
        assert sorted(more.out_of(np.array([who])).tolist()) == [edge for edge, tail in enumerate(more.tail) if tail == who]


def introduced(*rows):
    """Rows ``(giver, receiver, tried, worked)``, none of them of ours."""
    giver, receiver, tried, worked = (np.array(column) for column in zip(*rows, strict=True))
    return Introductions.of(giver, receiver, tried, worked, np.zeros(1 + max(*giver, *receiver), bool))


def test_introductions_move_what_the_kinds_say_and_make_no_edge():
    told = joined([pair(by_advice, 0.4)])
    assert network(2, told, introduced((0, 1, 0, 0))).chance.tolist() == [0.4]
    made = network(2, told, introduced((0, 1, 2, 2), (0, 1, 1, 0), (1, 0, 5, 5)))
    assert (made.tried.tolist(), made.worked.tolist()) == ([3], [2])
    assert made.chance.item() == pytest.approx((2 + 10 * 0.4) / (3 + 10))
    advice, lines = (np.array([tie is asked for tie in TIE_KINDS]) for asked in (TieKind.ADVISES, TieKind.REPORTING))
    assert made.by(advice, np.array([0])).item() == made.chance.item() and made.by(lines, np.array([0])).item() == 0
    assert network(2, told, introduced((0, 1, 1000, 0))).chance.tolist() == [], "whom nobody could ever introduce is no edge"
    assert network(2, joined([pair(by_advice, 0.95)]), introduced((0, 1, 900, 900))).chance.item() == 0.95


def test_of_one_that_we_received_we_had_asked_the_giver():
    ours = mask(3, 0)
    made = Introductions.of(np.array([1, 1, 0]), np.array([0, 2, 1]), np.array([2, 3, 4]), np.array([1, 1, 1]), ours)
    assert list(zip(made.tail.tolist(), made.head.tolist(), made.tried.tolist(), strict=True)) == [(0, 1, 2), (1, 2, 3), (0, 1, 4)]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.floats(0, 1), st.sampled_from(TIE_KINDS)), max_size=12),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6),
)
def test_introductions_counted_pair_by_pair(rows, tries):
    tries = [(giver, receiver, max(tried, worked), worked) for giver, receiver, tried, worked in tries]
    given = joined(Evidence.of(kind, np.array([who]), np.array([whom]), np.array([p])) for who, whom, p, kind in rows)
    before, after = network(4, given), network(4, given, introduced(*tries))
    wanted = {}
    for who, whom, p in zip(before.tail.tolist(), before.head.tolist(), before.chance.tolist(), strict=True):
        tried, worked = (sum(row[column] for row in tries if row[:2] == (who, whom)) for column in (2, 3))
        wanted[who, whom] = min((worked + 10 * p) / (tried + 10), 0.95)
    got = dict(zip(zip(after.tail.tolist(), after.head.tolist(), strict=True), after.chance.tolist(), strict=True))
    # What the kinds alone would leave under the least may stand by an introduction that came about.
    assert {ends: p for ends, p in got.items() if ends in wanted} == {ends: pytest.approx(p) for ends, p in wanted.items() if p >= 0.01}
    assert all(any(row[:2] == ends and row[3] for row in tries) for ends in got.keys() - wanted.keys())


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.floats(0.02, 1), st.sampled_from(TIE_KINDS)), max_size=20),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.floats(0.02, 1), st.sampled_from(TIE_KINDS)), max_size=20),
    st.sets(st.integers(0, 5), max_size=3),
    st.sets(st.integers(0, 5), max_size=2),
)
def test_a_network_of_which_some_are_made_anew_is_the_one_made_of_all(before, after, anew, gone):
    # Six people; some go, two come (one before all, one behind), and rows differ for those anew alone.
    now = np.array([-1 if who in gone else 1 + who - sum(other < who for other in gone) for who in range(6)])
    size = 6 - len(gone) + 2
    changed = {int(now[who]) for who in anew - gone} | {0, size - 1}

    def moved(rows):
        return [(int(now[who]), int(now[whom]), *rest) for who, whom, *rest in rows if now[who] >= 0 and now[whom] >= 0]

    rows = [row for row in moved(before) if not {row[0], row[1]} & changed]
    rows += [row for row in moved(after) if {row[0], row[1]} & changed]
    rows += [(0, size - 1, 0.5, TieKind.ADVISES), (size - 1, 1, 0.4, TieKind.ADVISES)]
    wanted, some = net(size, *rows), [row for row in rows if {row[0], row[1]} & changed]
    made = net(6, *before).renewed(now, mask(size, *changed), net(size, *some))
    for column in ("start", "tail", "head", "by_kind", "tried", "worked", "chance"):
        assert np.array_equal(getattr(made, column), getattr(wanted, column)), column


# Stories.

CHEN, ZHOU, SUN, ZHAO, NEO, LIN = range(6)
"""Two of ours, a professor, a finance director, a partner's man, the director's assistant."""


def town():
    return net(6, (CHEN, SUN, 0.74), (ZHOU, NEO, 0.6), (SUN, ZHAO, 0.4), (NEO, ZHAO, 0.35), (CHEN, LIN, 0.2), (LIN, ZHAO, 0.4))


def test_the_way_to_the_director_and_the_alternative_without_the_professor():
    found = look(town(), [CHEN, ZHOU], ZHAO)
    assert along(found) == [(CHEN, SUN, ZHAO), (ZHOU, NEO, ZHAO), (CHEN, LIN, ZHAO)]
    assert [round(path.chance, 4) for path in found.paths] == [round(0.8 * p, 4) for p in (0.74 * 0.4, 0.6 * 0.35, 0.2 * 0.4)]
    assert not found.gatekeepers and not found.truncated
    assert isclose(found.reach, 1 - (1 - 0.8 * 0.296) * (1 - 0.8 * 0.21))  # Chen's second way shares Chen
    assert band(found.reach) is ReachBand.MEDIUM


def test_who_is_not_to_be_asked_is_on_no_path():
    assert along(look(town(), [CHEN, ZHOU], ZHAO, rules(6, SUN))) == [(ZHOU, NEO, ZHAO), (CHEN, LIN, ZHAO)]
    assert along(look(town(), [CHEN, ZHOU], ZHAO, rules(6, CHEN))) == [(ZHOU, NEO, ZHAO)]


def test_who_is_sealed_is_not_reached_and_who_is_only_closed_is():
    closed = rules(6, ZHAO, SUN)
    assert look(town(), [CHEN, ZHOU], ZHAO, closed).paths == []
    assert along(look(town(), [CHEN, ZHOU], ZHAO, closed._replace(sealed=mask(6, SUN)))) == [(ZHOU, NEO, ZHAO), (CHEN, LIN, ZHAO)]
    assert look(town(), [CHEN, ZHOU], SUN, closed._replace(sealed=mask(6, SUN))).paths == []


def test_influence_goes_one_way():
    assert look(town(), [ZHAO], CHEN).paths == []


def test_a_weak_link_and_a_kind_not_asked_for_do_not_carry():
    assert along(look(town(), [CHEN, ZHOU], ZHAO, rules(6, least=0.4))) == [(CHEN, SUN, ZHAO)]
    mixed = net(3, (0, 1, 0.9, TieKind.INTERACTION), (1, 2, 0.6, TieKind.REPORTING), (1, 2, 0.5, TieKind.ADVISES))
    only = [np.array([tie in asked for tie in TIE_KINDS]) for asked in ({TieKind.INTERACTION, TieKind.ADVISES}, {TieKind.INTERACTION})]
    assert [path.chance for path in look(mixed, [0], 2, rules(3, kinds=only[0])).paths] == [pytest.approx(0.9 * 0.5 * 0.8)]
    assert look(mixed, [0], 2, rules(3, kinds=only[1])).paths == []


def test_whoever_all_ways_lead_through_is_a_gatekeeper():
    hourglass = net(6, (0, 2, 0.5), (1, 2, 0.5), (2, 3, 0.9), (2, 4, 0.9), (3, 5, 0.8), (4, 5, 0.8))
    assert look(hourglass, [0, 1], 5).gatekeepers == [2]
    assert look(hourglass, [0], 5).gatekeepers == [2]  # that all begin with the one who asks says nothing
    assert look(net(3, (0, 2, 0.5)), [0, 1], 2).gatekeepers == [0]  # of all of ours, that one alone knows them does


def test_no_path_leads_through_another_who_could_begin_it():
    chain = net(3, (0, 1, 0.9), (1, 2, 0.9))
    assert along(look(chain, [0, 1], 2)) == [(1, 2)]
    assert along(look(chain, [0], 2)) == [(0, 1, 2)]


def test_the_cheapest_way_in_three_hops_need_not_begin_with_the_cheapest_way_in_two():
    # 0-1-2-3 is the best way to 3, so a search that keeps one cost a person would close 3 with three hops and never find 0-3-4 within three.
    made = net(5, (0, 1, 0.95), (1, 2, 0.95), (2, 3, 0.95), (0, 3, 0.3), (3, 4, 0.95))
    assert along(look(made, [0], 4, rules(5, hops=3))) == [(0, 3, 4)]
    assert along(look(made, [0], 4, rules(5, hops=4))) == [(0, 1, 2, 3, 4), (0, 3, 4)]


def test_the_same_advice_through_two_of_one_team_is_shown_once():
    made = net(5, (0, 1, 0.9), (1, 2, 0.9), (1, 3, 0.8), (2, 4, 0.9), (3, 4, 0.9))
    assert along(look(made, [0], 4)) == [(0, 1, 2, 4), (0, 1, 3, 4)]
    assert along(look(made, [0], 4, team=np.array([-1, -1, 7, 7, 8]))) == [(0, 1, 2, 4)]


def test_a_path_past_other_people_goes_before_one_past_the_same():
    paths = [Path((0, 1, 2, 9), (), 0.5), Path((0, 1, 3, 9), (), 0.45), Path((0, 4, 9), (), 0.4)]
    assert [path.people for path in different(paths, 2, np.full(10, -1))] == [(0, 1, 2, 9), (0, 4, 9)]


def test_of_equal_ways_the_smaller_ids_come_first():
    made = net(5, (0, 3, 0.5), (0, 1, 0.5), (0, 2, 0.5), (3, 4, 0.5), (1, 4, 0.5), (2, 4, 0.5))
    assert along(look(made, [0], 4)) == [(0, 1, 4), (0, 2, 4), (0, 3, 4)]


def test_nobody_nothing_and_oneself():
    assert look(net(1), [0], 0).paths == []
    assert look(net(2), [0], 1) == ([], 0.0, [], False)
    assert look(town(), [], ZHAO).paths == []
    assert band(0) is ReachBand.NONE and band(0.1) is ReachBand.LOW and band(0.5) is ReachBand.HIGH


# Why not.


def why(made, sources, target, asked, **shut):
    closed = {Barrier[name]: mask(made.people, *who) for name, who in shut.items()}
    asked = asked._replace(closed=np.logical_or.reduce([asked.closed, *closed.values()]))
    assert look(made, sources, target, asked).paths == []
    return removed(made, asked, closed, mask(made.people, *sources), target, Budget())


def test_an_empty_answer_names_what_removed_the_best_path():
    chain = net(6, (0, 1, 0.5), (1, 2, 0.5), (2, 3, 0.5, TieKind.REPORTING), (3, 4, 0.5))
    assert why(chain, [0], 2, rules(6), OPTED_OUT=[1]).who == [(1, Barrier.OPTED_OUT)]
    assert why(chain, [0], 2, rules(6), COMPETITOR=[1], AVOIDED=[1]).barriers == [Barrier.COMPETITOR, Barrier.AVOIDED]
    assert why(chain, [0], 2, rules(6), OPTED_OUT=[2]).barriers == [Barrier.OPTED_OUT]
    weak = why(chain, [0], 2, rules(6, least=0.6))
    assert weak.barriers == [Barrier.LEAST] and weak.path.people == (0, 1, 2)
    advice = np.array([tie is TieKind.ADVISES for tie in TIE_KINDS])
    kind = why(chain, [0], 3, rules(6, kinds=advice))
    assert kind.barriers == [Barrier.KINDS] and kind.weakest == edge(chain, 2, 3)
    assert why(chain, [0], 4, rules(6)).barriers == [Barrier.HOPS]
    assert why(chain, [0], 3, rules(6, floor=0.1)).barriers == [Barrier.FLOOR]
    assert why(chain, [0], 5, rules(6)) == (None, [Barrier.NO_EDGE], [], None)


def test_the_floor_is_held_against_the_kinds_asked_for():
    """Two people in touch, of whom one is heard a little too: over advice alone it comes to 0.1 x 0.1 x 0.8, under the floor."""
    met = [(0, 1, 0.6, TieKind.INTERACTION), (1, 2, 0.6, TieKind.INTERACTION), (0, 1, 0.1), (1, 2, 0.1)]
    advice = np.array([tie is TieKind.ADVISES for tie in TIE_KINDS])
    found = why(net(3, *met), [0], 2, rules(3, kinds=advice))
    assert found.barriers == [Barrier.FLOOR] and found.path.chance > 0.3


# Against every simple path.


@st.composite
def markets(draw):
    people = draw(st.integers(2, 7))
    ends = st.integers(0, people - 1)
    edges = draw(st.lists(st.tuples(ends, ends, st.sampled_from([0.05, 0.2, 0.5, 0.6, 0.9, 1.0]), st.sampled_from(TIE_KINDS)), max_size=22))
    sources = draw(st.sets(ends, min_size=1, max_size=3))
    target = draw(ends.filter(lambda who: who not in sources or len(sources) < people))
    closed = draw(st.sets(ends, max_size=2)) - {target}
    kinds = draw(st.one_of(st.none(), st.lists(st.booleans(), min_size=4, max_size=4).map(np.array)))
    asked = rules(
        people, *closed, kinds=kinds, least=draw(st.sampled_from([0.0, 0.3])), hops=draw(st.integers(1, 4)), floor=draw(st.sampled_from([0.02, 0.2]))
    )
    return net(people, *edges), sources - {target}, target, closed, asked


def every_path(made, sources, target, closed, asked):
    """All that may be, as method.md 5.5 writes it."""
    drawn = nx.DiGraph()
    drawn.add_nodes_from(range(made.people))
    for edge, (who, whom) in enumerate(zip(made.tail.tolist(), made.head.tolist(), strict=True)):
        by_kind = [p for place, p in enumerate(made.by_kind[edge]) if asked.kinds is None or asked.kinds[place]]
        chance = min(1 - prod(1 - p for p in by_kind), 0.95)
        if chance >= max(0.01, asked.least):
            drawn.add_edge(who, whom, chance=chance)
    found = []
    for source in sources - closed:
        for people in nx.all_simple_paths(drawn, source, target, cutoff=asked.hops):
            if closed.isdisjoint(people) and sources.isdisjoint(people[1:]):
                chance = prod(drawn.edges[edge]["chance"] for edge in pairwise(people)) * asked.decay ** (len(people) - 2)
                if chance >= asked.floor - 1e-9:
                    found.append((tuple(people), chance))
    return sorted(found, key=lambda row: (round(log(row[1]) * -1, 7), row[0]))


@settings(max_examples=400, deadline=None)
@given(market=markets())
def test_the_best_paths_are_the_best_of_all_simple_paths(market):
    made, sources, target, _, asked = market
    wanted = every_path(*market)
    budget = Budget()
    outlook = Outlook(made, asked, mask(made.people, *sources))
    for ahead in (None, outlook.ahead(budget)):
        corridor = outlook.corridor(target, budget, ahead)
        found = corridor.best(1000, budget)
        assert {path.people: pytest.approx(path.chance) for path in found} == dict(wanted)
        assert [round(-log(path.chance), 7) for path in found] == [round(-log(chance), 7) for _, chance in wanted]
        assert [path.people for path in corridor.best(3, budget)] == [path.people for path in found[:3]]


@settings(max_examples=200, deadline=None)
@given(market=markets())
def test_where_there_is_no_path_time_is_blamed_only_where_it_ran_out(market):
    made, sources, target, closed, asked = market
    if every_path(*market):
        return
    found = removed(made, asked, {Barrier.AVOIDED: mask(made.people, *closed)}, mask(made.people, *sources), target, Budget())
    assert found.barriers and Barrier.TIME not in found.barriers


@settings(max_examples=300, deadline=None)
@given(market=markets())
def test_gatekeepers_are_on_every_path_and_disjoint_ones_bound_the_reach(market):
    made, sources, target, closed, asked = market
    wanted = every_path(*market)
    found = look(made, sources, target, asked, k=50)
    assert bool(found.paths) == bool(wanted)
    if not wanted:
        return
    on_all = set.intersection(*(set(people) for people, _ in wanted)) - {target}
    if len(sources - closed) == 1:
        on_all -= sources
    assert set(found.gatekeepers) == on_all
    assert found.reach >= max(chance for _, chance in wanted) - 1e-9
    # No more than if every edge were thrown at once: all worlds of the edges that lie on some path.
    edges = sorted({edge for people, _ in wanted for edge in pairwise(people)})
    if len(edges) <= 10:
        assert found.reach <= reliability(made, edges, asked, sources - closed, target) + 1e-9


def reliability(made, edges, asked, sources, target):
    total = 0.0
    chance = {ends: float(asked.chance(made, np.array([edge(made, *ends)]))[0]) for ends in edges}
    for world in range(1 << len(edges)):
        stand = [edge for place, edge in enumerate(edges) if world >> place & 1]
        drawn = nx.DiGraph(stand)
        if target in drawn and any(source in drawn and nx.has_path(drawn, source, target) for source in sources):
            total += prod(chance[edge] if world >> place & 1 else 1 - chance[edge] for place, edge in enumerate(edges))
    return total


def test_without_a_limit_of_hops_gatekeepers_are_the_dominators():
    rng = np.random.default_rng(5)
    for _ in range(40):
        rows = [(who, whom, 0.9) for who, whom in rng.integers(0, 9, (14, 2)).tolist()]
        made = net(9, *rows)
        found = look(made, [0], 8, rules(9, hops=8, floor=1e-9, decay=1.0))
        drawn = nx.DiGraph((who, whom) for who, whom, _ in rows)
        if found.paths:
            above, chain = nx.immediate_dominators(drawn, 0), [8]
            while chain[-1] != 0:
                chain.append(above[chain[-1]])
            assert found.gatekeepers == chain[-2:0:-1]


def test_the_roads_of_the_gds_manual():
    """Neo4j's Graph Data Science manual, Yen's algorithm: 160, 160 and 170 from A to F."""
    roads = [
        ("A", "B", 50),
        ("A", "C", 50),
        ("A", "D", 100),
        ("B", "D", 40),
        ("C", "D", 40),
        ("C", "E", 80),
        ("D", "E", 30),
        ("D", "F", 80),
        ("E", "F", 40),
    ]
    place = {name: number for number, name in enumerate("ABCDEF")}
    made = net(6, *((place[who], place[whom], exp(-cost / 100)) for who, whom, cost in roads))
    budget = Budget()
    found = Outlook(made, rules(6, hops=5, floor=1e-6, decay=1.0), mask(6, 0)).corridor(5, budget).best(3, budget)
    assert [round(-100 * log(path.chance)) for path in found] == [160, 160, 170]
    assert ["".join("ABCDEF"[who] for who in path.people) for path in found] == ["ABDEF", "ACDEF", "ABDF"]


def test_on_larger_networks_too_the_order_is_that_of_yen():
    rng = np.random.default_rng(3)
    for _ in range(6):
        rows = [(who, whom, p) for (who, whom), p in zip(rng.integers(0, 60, (260, 2)).tolist(), rng.uniform(0.1, 0.9, 260).tolist(), strict=True)]
        made = net(60, *rows)
        costs = -np.log(made.chance * DEFAULTS.hop_decay)
        drawn = nx.DiGraph()
        drawn.add_nodes_from(range(60))
        drawn.add_weighted_edges_from(zip(made.tail.tolist(), made.head.tolist(), costs.tolist(), strict=True))
        budget = Budget()
        found = Outlook(made, rules(60), mask(60, 0)).corridor(1, budget).best(20, budget)
        wanted = []
        if nx.has_path(drawn, 0, 1):
            for people in nx.shortest_simple_paths(drawn, 0, 1, weight="weight"):
                chance = exp(-nx.path_weight(drawn, people, "weight")) / DEFAULTS.hop_decay
                if chance < DEFAULTS.floor or len(wanted) == 20:
                    break
                wanted += [tuple(people)] if len(people) <= 4 else []
        assert [path.people for path in found] == wanted


# Budgets.


def test_a_search_that_runs_out_says_so():
    crowd = net(40, *((who, whom, 0.9) for who in range(40) for whom in range(40) if who != whom))
    outlook = Outlook(crowd, rules(40, hops=4, floor=1e-4), mask(40, 0))
    budget = Budget(DEFAULTS.__class__(steps=30))
    found = ways(outlook.corridor(39, budget), 50, np.full(40, -1), budget)
    assert found.truncated and len(found.paths) < 50
    late = Budget(DEFAULTS.__class__(seconds=-1))
    assert ways(outlook.corridor(39, late), 5, np.full(40, -1), late).truncated


def test_of_a_corridor_that_came_late_nobody_is_called_a_gatekeeper():
    hourglass = net(6, (0, 2, 0.5), (1, 2, 0.5), (2, 3, 0.9), (2, 4, 0.9), (3, 5, 0.8), (4, 5, 0.8))
    budget = Budget()
    with budget.share(-1.0):
        assert not budget.in_time()
    found = ways(Outlook(hourglass, rules(6), mask(6, 0, 1)).corridor(5, budget), 5, np.full(6, -1), budget)
    assert found.paths and found.truncated and found.gatekeepers == []


def test_out_of_time_no_reason_is_made_up():
    late = Budget(DEFAULTS.__class__(seconds=-1))
    chain = net(3, (0, 1, 0.5), (1, 2, 0.5))
    found = removed(chain, rules(3, 1), {Barrier.AVOIDED: mask(3, 1)}, mask(3, 0), 2, late)
    assert (found.path, found.barriers) == (None, [Barrier.TIME])


def test_a_budget_lies_within_another():
    outer = Budget(DEFAULTS.__class__(seconds=-1))
    assert not Budget(within=outer).in_time() and Budget().in_time()


def test_a_search_over_many_edges_is_the_same_a_stretch_at_a_time(monkeypatch):
    rng = np.random.default_rng(8)
    rows = [(who, whom, p) for (who, whom), p in zip(rng.integers(0, 40, (300, 2)).tolist(), rng.uniform(0.1, 0.9, 300).tolist(), strict=True)]
    made = net(40, *rows)
    whole = look(made, [0, 1], 39, k=20)
    monkeypatch.setattr("graph.measures.paths.EDGES_AT_ONCE", 3)
    assert look(made, [0, 1], 39, k=20) == whole and whole.paths
