"""The decision chain as a tree for a terminal, rows for a sheet, and a Mermaid chart."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from io import StringIO
from typing import Any

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from api.render.picture import dated, label
from api.render.states import LOOKS
from api.render.svg import STANCE, charted, svg
from graph.answer import Id
from graph.measures.graphml import written
from graph.model import Line
from queries.committee.covered import CoverageState
from queries.decision_chain import ChainEdge, ChainNode, DecisionChain, EdgeKind, NodeKind

COLUMNS = (
    "key",
    "parent_key",
    "kind",
    "person_id",
    "name",
    "title",
    "department",
    "job_level",
    "depth",
    "order",
    "descendants",
    "stance",
    "power",
    "state",
    "last_touch_at",
    "contactable",
)
BESIDE = ("closeness", "badges", "roles")
MOST_BESIDE = 30


def tree(chain: DecisionChain) -> str:
    """The chart from the top, then what is beside it, then open roles and what to look at."""
    top = Tree(Text(f"{chain.group.name}  revision {chain.view.revision}, {dated(chain.view)}"), guide_style="dim")
    places: dict[str | None, Tree] = {None: top}
    names = {node.key: _one_line(node.name) for node in chain.nodes}
    for node in chain.nodes:
        if node.kind is NodeKind.PERSON:
            places[node.key] = places.get(node.parent_key, top).add(Text(_line(node)))
    if beside := [_beside(edge, names) for edge in chain.edges if edge.line is not Line.SOLID]:
        branch = top.add(Text("beside the chart"))
        for line in beside[:MOST_BESIDE]:
            branch.add(Text(line))
        if len(beside) > MOST_BESIDE:
            branch.add(Text(f"... and {len(beside) - MOST_BESIDE} more lines: see --format json"))
    if chain.truncated:
        top.add(Text("... more people: raise --max-nodes"))
    if chain.checks:
        branch = top.add(Text("to look at"))
        for check in chain.checks:
            branch.add(Text(f"{check.code.value}: {check.message}"))
    out = StringIO()
    Console(file=out, width=160, soft_wrap=True).print(top)
    return out.getvalue().rstrip()


def _beside(edge: ChainEdge, names: Mapping[Id, str]) -> str:
    """A dotted line or an influence as a sentence."""
    verb = "reports by a dotted line to" if edge.kind is EdgeKind.REPORTS_TO else "advises" if edge.kind is EdgeKind.ADVISES else "opposes"
    strength = "" if edge.strength is None else f" ({edge.strength:g})"
    return f"{names[edge.from_key]} {verb} {names[edge.to_key]}{strength}"


def _line(node: ChainNode) -> str:
    parts = [_one_line(node.name), *([_one_line(node.title)] if node.title and node.title != node.name else [])]
    parts += [f"[{role.role.value} {role.confidence:g}{' inherited' if role.inherited else ''}]" for role in node.roles]
    parts += [STANCE[node.stance]] if node.stance is not None else []
    parts += [node.power.value.lower()] if node.power else []
    if node.state and (node.roles or node.state is not CoverageState.NEVER):
        parts.append(f"{LOOKS[node.state.value].word} {node.coverage.value or 0:.2f}" if node.coverage else LOOKS[node.state.value].word)
    return ", ".join(parts) + ("" if node.contactable else "  (do not contact)")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def sheet(chain: DecisionChain) -> Iterator[list[Any]]:
    """One row a node, roles split at ``;``."""
    yield [*COLUMNS, *BESIDE]
    for node in chain.nodes:
        yield [*(getattr(node, name) for name in COLUMNS), *_more(node)]


def mermaid(chain: DecisionChain) -> str:
    """A flowchart: solid and dotted lines, influence as thick arrows with its kind, a cross at the end where somebody opposes; stances in words."""
    names = {node.key: f"n{number}" for number, node in enumerate(chain.nodes)}
    lines = ["flowchart TD"]
    for node in chain.nodes:
        left, right = ("[", "]") if node.kind is NodeKind.PERSON else ("{{", "}}")
        stance = [f"stance: {STANCE[node.stance]}"] if node.stance is not None else []
        text = label(node.name, *([node.title] if node.title else []), *(role.role.value for role in node.roles), *stance)
        lines.append(f'  {names[node.key]}{left}"{text}"{right}')
    for edge in charted(chain):
        who, whom = names[edge.from_key], names[edge.to_key]
        if edge.kind is EdgeKind.REPORTS_TO:
            lines.append(f"  {whom} {'---' if edge.line and edge.line.value == 'SOLID' else '-.-'} {who}")
        else:
            arrow = "==x" if edge.kind is EdgeKind.OPPOSES else "==>"
            lines.append(f"  {who} {arrow}|{edge.kind.value.lower()}| {whom}")
    return "\n".join(lines)


def graphml(chain: DecisionChain) -> str:
    """The map for tools that draw graphs: a node's and a line's plain values as attributes, ``label`` and ``weight`` as such tools know them."""
    nodes: dict[str, dict[str, Any]] = {}
    for node in chain.nodes:
        roles = ";".join(f"{role.role.value}={role.confidence:g}" for role in node.roles)
        nodes[node.key] = {name: _told(getattr(node, name)) for name in COLUMNS if name != "key"} | {"roles": roles, "label": node.name}
    edges = [
        (
            edge.from_key,
            edge.to_key,
            edge.key,
            {
                "kind": edge.kind.value,
                "line": _told(edge.line),
                "strength": edge.strength,
                "source": edge.source,
                "label": edge.kind.value.replace("_", " ").lower(),
                "weight": edge.strength,
            },
        )
        for edge in chain.edges
    ]
    return written({"account": chain.group.name, "as_of": chain.view.as_of.isoformat()}, nodes, edges)


def _more(node: ChainNode) -> tuple[float | None, str, str]:
    """How close they are, their badges and their roles, as plain values."""
    roles = ";".join(f"{role.role.value}={role.confidence:g}" for role in node.roles)
    return node.coverage.value if node.coverage else None, ";".join(badge.value for badge in node.badges), roles


def _told(value: Any) -> Any:
    return value.value if isinstance(value, StrEnum) else value.isoformat() if isinstance(value, datetime) else value


FORMATS = {"table": tree, "mermaid": mermaid, "svg": svg, "graphml": graphml}
