"""Published values of small famous networks, as networkx computes them: another release must not change them."""

import networkx as nx
import pytest

KITE = dict(enumerate(["Andre", "Beverly", "Carol", "Diane", "Ed", "Fernando", "Garth", "Heather", "Ike", "Jane"]))
BURT = ["AB", "AF", "AG", "AE", "EG", "FG", "BG", "BD", "DG", "GC"]


def test_krackhardts_kite():
    """Krackhardt 1990: who has most ties, who stands between, who is nearest are three people."""
    kite = nx.relabel_nodes(nx.krackhardt_kite_graph(), KITE)
    between, near = nx.betweenness_centrality(kite, normalized=False), nx.closeness_centrality(kite)
    assert kite.degree["Diane"] == max(dict(kite.degree).values()) == 6
    published = {"Heather": 14.0, "Fernando": 8.333, "Garth": 8.333, "Ike": 8.0, "Diane": 3.667}
    assert {who: between[who] for who in published} == pytest.approx(published, abs=5e-4)
    closeness = {"Fernando": 0.643, "Garth": 0.643, "Diane": 0.6, "Heather": 0.6, "Jane": 0.31}
    assert {who: near[who] for who in closeness} == pytest.approx(closeness, abs=5e-4)


def test_florentine_marriages():
    """Padgett's families; betweenness as in Jackson 2008."""
    families = nx.florentine_families_graph()
    published = {"Medici": 0.522, "Guadagni": 0.255, "Albizzi": 0.212, "Salviati": 0.143, "Ridolfi": 0.114, "Bischeri": 0.104, "Strozzi": 0.103}
    between = nx.betweenness_centrality(families)
    assert {family: between[family] for family in published} == pytest.approx(published, abs=6e-4)
    assert sorted(nx.articulation_points(families)) == ["Albizzi", "Guadagni", "Medici", "Salviati"]


def test_structural_holes():
    """Burt 1992, page 56: effective size of G as Borgatti 1997 works it out, and the constraint of each."""
    holes = nx.Graph([tuple(edge) for edge in BURT])
    assert nx.effective_size(holes)["G"] == pytest.approx(4.6667, abs=5e-5)
    published = {"A": 0.595, "B": 0.643, "C": 1.0, "D": 0.785, "E": 0.731, "F": 0.731, "G": 0.4}
    assert nx.constraint(holes) == pytest.approx(published, abs=5e-4)


def test_zacharys_club():
    """Zachary 1977, every tie alike: the two heads lead by rank and stand between most."""
    club = nx.karate_club_graph()
    rank, between, held = nx.pagerank(club, weight=None), nx.betweenness_centrality(club), nx.constraint(club, [0, 33, 11])
    assert {who: rank[who] for who in (0, 33)} == pytest.approx({0: 0.097, 33: 0.1009}, abs=5e-5)
    assert {who: between[who] for who in (0, 33)} == pytest.approx({0: 0.437635, 33: 0.304075}, abs=5e-7)
    assert held == pytest.approx({0: 0.1554, 33: 0.1564, 11: 1.0}, abs=5e-5)
