"""A read and its signature cannot drift, and no statement walks the whole graph."""

import json
import re

import pytest

from graph import statements
from graph.answer import answer
from graph.entities import INDEXED, SCANNED
from graph.errors import DefinitionError
from graph.model import DERIVED, DIGEST, EDGES, FACT, NODE, NODES, TIES
from graph.question import Anchor, discover
from graph.read import READS, check, code_of
from graph.view import View
from queries.anchors import entities

discover("queries")
for anchor in Anchor:
    entities.entity(anchor)

GOOD = "UNWIND $ids AS id\nMATCH (p:Person {id: id})\nRETURN p.id AS id, p.name AS name ORDER BY id LIMIT $most"
TAKES = frozenset({"ids", "most"})


@answer
class Row:
    id: str
    name: str


def test_a_read_that_fits():
    check("good", GOOD, TAKES, Row)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD.replace("$ids", "$id"), "uses"),
        (GOOD.replace("AS name", "AS title"), "returns"),
        (GOOD.replace("(p:Person {id: id})", "(p:Person {id: id})-[w:WORKS_AT]->(c)"), "without its clocks"),
        (GOOD.replace("(p:Person {id: id})", "(p:Person {id: id})-[:WORKS_AT]->(c)"), "without its clocks"),
    ],
)
def test_a_read_that_does_not_fit(text, says):
    with pytest.raises(DefinitionError, match=says):
        check("bad", text, TAKES, Row)


@pytest.mark.parametrize("name", sorted(READS))
def test_every_name_in_a_read_is_in_the_model(name):
    code = code_of(READS[name].text)
    known = {prop.name for item in (*NODES, *EDGES, *DERIVED, *TIES) for prop in item.props} | {prop.name for prop in FACT}
    labels = set(NODE) | {marker for node in NODES for marker in (*node.markers, *node.found)}
    assert set(re.findall(r"\(\w*:(\w+)", code)) <= labels
    assert {kind for kinds in re.findall(r"\[\w*:([A-Z_|]+)", code) for kind in kinds.split("|")} <= {edge.type for edge in (*EDGES, *DERIVED, *TIES)}
    assert set(re.findall(r"\b[a-z]\.(\w+)", code)) <= known


@pytest.mark.parametrize("name", sorted(READS))
def test_every_read_has_a_total_order_and_a_limit(name):
    code = code_of(READS[name].text)
    assert re.search(r"LIMIT (\$\w+|1)\s*$", code)
    assert "ORDER BY" in code


def params(text):
    """The parameters that a read names in its header."""
    header = re.search(r"^// :params (\{.*\})$", text, re.M)[1]
    return json.loads(re.sub(r"([{,] *)(\w+): ", r'\1"\2": ', header))


@pytest.mark.parametrize("name", sorted(READS))
def test_a_read_names_its_parameters(name):
    assert set(params(READS[name].text)) == set(re.findall(r"\$(\w+)", code_of(READS[name].text)))


async def plan(store, text):
    parameters = {
        name: [] if name in ("rows", "ids", "names", "keys", "loads", "mine", "accounts", "territories", "types", "statuses") else 0
        for name in re.findall(r"\$(\w+)", text)
    }
    return set(await store.explain(text, {**parameters, "again": True, **View(0, 0).parameters()}))


@pytest.fixture(scope="module")
async def store(one_store):
    """The store on an empty graph, which nothing here fills, with no plan left of the graphs before it."""
    await one_store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
    await one_store.read("test", "CALL db.clearQueryCaches() YIELD value RETURN value", {})
    return one_store


@pytest.mark.parametrize("name", sorted(READS))
async def test_no_read_scans(store, name):
    operators = set(await store.explain(READS[name].text, params(READS[name].text)))
    anchored = "UNWIND $" in READS[name].text
    refused = {"AllNodesScan", "CartesianProduct"} | ({"NodeByLabelScan"} if anchored else set())
    assert not operators & refused
    assert not [operator for operator in operators if "TypeScan" in operator]


THINGS = [node for node in NODES if DIGEST in node.props]
OF_NODES = (
    statements.create_nodes,
    statements.digests_of,
    statements.digests_between,
    statements.known_of,
    statements.known_between,
    statements.values_of,
    statements.forget_nodes,
    statements.wake_nodes,
    statements.backdate_nodes,
    statements.hanging,
    statements.once_hanging,
    statements.retract_hanging,
    statements.hanging_on,
    statements.ensure_nodes,
    statements.drop_nodes,
)
OF_EDGES = (
    statements.facts_between,
    statements.facts_of_keys,
    statements.values_of_facts,
    statements.retract_facts,
    statements.create_facts,
    statements.undo_creation,
    statements.undo_retraction,
    statements.last_known,
    statements.ends_of_keys,
    statements.backdate_creation,
    statements.backdate_retraction,
    statements.retracted_starts,
)
OF_TIES = (statements.tie_records, statements.decided_in, statements.forget_decisions)
WHOLE = {
    "ALL_ALIASES",
    "ALL_RECORDS",
    "ANY_RECORD",
    "ANY_TAKEN_BACK",
    "BROKEN_LOADS",
    "FOUND_VERSION",
    "KNOWN_LOADS",
    "LAST_LOAD",
    "NOBODY_LEFT",
    "REVISION",
    "TOMBSTONES",
    "WHO_SIGNED",
}
"""What is meant to read all nodes of one label; so are ``naming`` and ``facts_quoting``."""
WRITES = {
    **{f"upsert {node.label}": statements.upsert_nodes(node) for node in NODES},
    **{f"{make.__name__} {edge.type}": make(edge) for edge in EDGES for make in OF_EDGES},
    **{f"{make.__name__} {node.label}": make(node) for node in THINGS for make in OF_NODES},
    **{f"{make.__name__} {tie.type}": make(tie.type) for tie in TIES for make in OF_TIES},
    **{f"{make.__name__} {edge.type}": make(edge) for edge in EDGES for make in (statements.erase_facts, statements.change_facts)},
    **{f"move_facts {edge.type} {end}": statements.move_facts(edge, end) for edge in EDGES for end in ("source", "target")},
    **{f"copy_nodes {node.label}": statements.copy_nodes(node) for node in NODES},
    **{f"copy_edges {edge.type}": statements.copy_edges(edge) for edge in (*EDGES, *TIES, *DERIVED)},
    **{f"nodes_after {node.label}": statements.nodes_after(node) for node in NODES},
    **{f"edges_after {edge.type}": statements.edges_after(edge) for edge in (*EDGES, *TIES, *DERIVED)},
    **{f"point_anew {label}.{name}": statements.point_anew(NODE[label], name) for label, name in INDEXED},
    **{f"set_named {label}.{name}": statements.set_named(NODE[label], name) for label, name in SCANNED},
    **{name: text for name, text in vars(statements).items() if isinstance(text, str) and "MATCH" in text and name not in WHOLE},
}


@pytest.mark.parametrize("name", sorted(WRITES))
async def test_no_write_scans(store, name):
    operators = await plan(store, WRITES[name])
    assert "AllNodesScan" not in operators
    assert "NodeByLabelScan" not in operators
    assert not [operator for operator in operators if "TypeScan" in operator]


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: edge.type)
async def test_what_stands_comes_in_the_order_of_the_index(store, edge):
    operators = await plan(store, statements.facts_between(edge))
    assert not [operator for operator in operators if "Sort" in operator or "Top" in operator]


def test_a_row_of_a_fact_and_what_all_have_in_common_are_all_that_a_fact_carries():
    assert {*statements.EACH_FACT, *statements.ONE_LOAD} == {prop.name for prop in FACT}
    assert not set(statements.EACH_FACT) & set(statements.ONE_LOAD)


def test_the_view_fills_its_parameters():
    assert set(View(0, 0).parameters()) == {"as_of", "known_at", "everywhere", "territories", "granted", "seen_at", "seen_known"}
    assert entities.MOST > 0
