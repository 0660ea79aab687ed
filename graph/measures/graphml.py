"""A graph as GraphML text. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

import networkx as nx

from graph.markup import legal


def written(about: Mapping[str, str], nodes: Mapping[str, Mapping[str, Any]], edges: Iterable[tuple[str, str, str, Mapping[str, Any]]]) -> str:
    """Nodes by key and edges as (from, to, key, attributes); attributes that are None are left out, and signs that XML cannot hold."""
    made: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    made.graph.update(_there(about))
    for key, values in nodes.items():
        made.add_node(legal(key), **_there(values))
    for start, end, key, values in edges:
        made.add_edge(legal(start), legal(end), key=legal(key), **_there(values))
    return "\n".join(nx.generate_graphml(made))


def _there(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: legal(value) if isinstance(value, str) else value for name, value in values.items() if value is not None}
