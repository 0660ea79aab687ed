"""What a document costs: told cases, and equality with a walk that writes every fragment out and puts every variable in."""

import math

import pytest
from graphql import (
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    build_schema,
    get_named_type,
    get_nullable_type,
    is_list_type,
    parse,
    validate,
    value_from_ast_untyped,
)
from hypothesis import given
from hypothesis import strategies as st

from api.context import Context
from api.cost import FIELD, LINK, LIST, MUTATION, Declared, Pricing
from api.execute import Engine
from graph.page import MOST_PAGE
from graph.settings import load_settings

SCHEMA = build_schema("""
  type Query { company(id: ID!): Company  companies(first: Int! = 20): Page!  plan(to: [ID!], k: Int): Plan! }
  type Mutation { say(word: String): Company }
  type Page { edges: [Edge!]!  pageInfo: Info!  totalCount: Int! }
  type Edge { cursor: String!  node: Company! }
  type Info { hasNextPage: Boolean! }
  type Company { name: String!  chain: Chain!  parent: Company  jobs: [Job!]! }
  type Job { title: String!  company: Company! }
  type Chain { nodes: [Node!]! }
  type Node { key: ID! }
  type Plan { key: ID! }
""")
DECLARED = {("Query", "companies"): Declared(10, 20), ("Query", "plan"): Declared(100, None), ("Company", "chain"): Declared(7, None)}
PRICING = Pricing(SCHEMA, DECLARED, frozenset({"Company"}))


def cost(text, **variables):
    document = parse(text)
    assert validate(SCHEMA, document) == []
    return PRICING.price(document, document.definitions[0]).of(variables)


NODE = LINK + FIELD


@pytest.mark.parametrize(
    ("text", "variables", "expected"),
    [
        ("{ __typename }", {}, FIELD),
        ('{ company(id: "a") { name } }', {}, NODE + FIELD),
        ('{ company(id: "a") { chain { nodes { key } } } }', {}, NODE + 7 + FIELD + FIELD + LIST * FIELD),
        ("{ companies(first: 3) { totalCount edges { node { name } } } }", {}, 10 + FIELD + 3 * (FIELD + FIELD + NODE + FIELD)),
        ("query($n: Int!) { companies(first: $n) { edges { cursor } } }", {"n": 50}, 10 + FIELD + 50 * 2 * FIELD),
        ("query($n: Int! = 5) { companies(first: $n) { edges { cursor } } }", {}, 10 + FIELD + 5 * 2 * FIELD),
        ("{ companies { edges { cursor } } }", {}, 10 + FIELD + 20 * 2 * FIELD),
        ("{ companies(first: 0) { edges { cursor } } }", {}, 10 + FIELD + 2 * FIELD),
        ("query($n: Int!) { companies(first: $n) { edges { cursor } } }", {"n": "many"}, 10 + FIELD + 2 * FIELD),
        ("query($n: Int!) { companies(first: $n) { edges { cursor } } }", {"n": 1000.0}, 10 + FIELD + 1000 * 2 * FIELD),
        ("query($n: Int!) { companies(first: $n) { edges { cursor } } }", {"n": 10**6}, 10 + FIELD + MOST_PAGE * 2 * FIELD),
        ("{ companies(first: 1000000) { edges { cursor } } }", {}, 10 + FIELD + MOST_PAGE * 2 * FIELD),
        ("query($n: Int = 30) { companies(first: $n) { edges { cursor } } }", {"n": None}, 10 + FIELD + 30 * 2 * FIELD),
        ('{ plan(to: ["a", "b", "c"]) { key } }', {}, 3 * (100 + FIELD) + FIELD),
        ("query($to: [ID!]) { plan(to: $to) { key } }", {"to": ["a", "b"]}, 2 * (100 + FIELD) + FIELD),
        ("query($to: [ID!]) { plan(to: $to) { key } }", {}, 100 + FIELD + FIELD),
        ("mutation { a: say { name } b: say { name } }", {}, 2 * (MUTATION + FIELD + FIELD)),
    ],
)
def test_told_cases(text, variables, expected):
    assert cost(text, **variables) == pytest.approx(expected)


def written_out(selection, kind, fragments, variables):
    """The cost by walking all of it, again and again."""
    total = 0.0
    for node in selection.selections:
        if isinstance(node, FragmentSpreadNode):
            fragment = fragments[node.name.value]
            total += written_out(fragment.selection_set, SCHEMA.get_type(fragment.type_condition.name.value), fragments, variables)
            continue
        if isinstance(node, InlineFragmentNode):
            total += written_out(node.selection_set, kind, fragments, variables)
            continue
        made = SCHEMA.get_field(kind, node.name.value)
        named, stated = get_named_type(made.type), DECLARED.get((kind.name, node.name.value))
        arguments = {argument.name.value: value_from_ast_untyped(argument.value, variables) for argument in node.arguments or ()}
        own = stated.cost if stated else LINK if named.name == "Company" else 0
        total += (own + FIELD) * (len(arguments.get("to") or [0]))
        rows = LIST if is_list_type(get_nullable_type(made.type)) and kind.name != "Page" else 1
        rows = arguments.get("first", 20) if stated and stated.page else rows
        if node.selection_set:
            total += rows * written_out(node.selection_set, named, fragments, variables)
    return total


@st.composite
def documents(draw):
    fragments, numbers = [], iter(range(1_000))

    def company(depth):
        parts = []
        for part in draw(st.lists(st.sampled_from(["name", "chain", "parent", "jobs", "fragment", "again", "here"]), min_size=1, max_size=3)):
            alias = f"x{next(numbers)}"
            match part if depth < 4 else "name":
                case "name":
                    parts.append("name")
                case "chain":
                    parts.append(f"{alias}: chain {{ nodes {{ key }} }}")
                case "parent":
                    parts.append(f"{alias}: parent {company(depth + 1)}")
                case "jobs":
                    parts.append(f"{alias}: jobs {{ title company {company(depth + 1)} }}")
                case "here":
                    parts.append(f"... on Company {company(depth + 1)}")
                case "fragment":
                    fragments.append(f"fragment F{alias} on Company {company(depth + 1)}")
                    parts.append(f"...F{alias} {alias}: parent {{ ...F{alias} }}")
                case "again":
                    parts.append(f"{alias}: parent {{ name }}")
        return "{ " + " ".join(parts) + " }"

    first = draw(st.sampled_from(["$n", "3", "20"]))
    to = draw(st.sampled_from(["$to", '["a", "b"]']))
    return (
        f'query($n: Int! = 4, $to: [ID!] = ["a"]) {{ companies(first: {first}) {{ edges {{ node {company(0)} }} }} plan(to: {to}) {{ key }} '
        f"c: companies(first: $n) {{ totalCount }} }} {' '.join(fragments)}"
    )


@given(documents(), st.integers(1, 50), st.lists(st.sampled_from("abc"), min_size=1, max_size=4))
def test_it_is_the_cost_of_all_that_is_written_out(text, n, to):
    document = parse(text)
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    slow = written_out(document.definitions[0].selection_set, SCHEMA.query_type, fragments, {"n": n, "to": to})
    assert PRICING.price(document, document.definitions[0]).of({"n": n, "to": to}) == pytest.approx(slow)


def test_fragments_within_fragments_are_priced_in_an_instant_and_cost_all_that_they_would_bring():
    doubled = "".join(f"fragment F{n} on Company {{ a: parent {{ ...F{n + 1} }} b: parent {{ ...F{n + 1} }} }} " for n in range(200))
    text = "query($n: Int!) { companies(first: $n) { edges { node { ...F0 } } } } " + doubled + "fragment F200 on Company { name }"
    document = parse(text)
    assert PRICING.price(document, document.definitions[0]).of({"n": 2}) > 2.0**190


async def test_a_document_that_costs_too_much_is_told_its_cost_and_what_is_allowed():
    engine = Engine(load_settings({"DOTTEDLINE_MAX_COST": "1000"}))
    text = "query($n: Int!) { accounts(first: $n) { edges { node { decisionChain { key } } } } }"
    answer = await engine(text, {"n": 1000}, None, Context(None, engine.settings))
    (error,) = answer["errors"]
    assert (error["extensions"]["code"], error["extensions"]["most"]) == ("LIMIT_EXCEEDED", 1000)
    assert error["extensions"]["cost"] >= 1000 * 5
    assert f"{error['extensions']['cost']:,}" in error["message"]
    assert "data" not in answer


async def test_what_it_cost_stands_in_the_answer():
    engine = Engine(load_settings({}))
    answer = await engine("{ __typename a: __typename }", None, None, Context(None, engine.settings))
    assert answer == {"data": {"__typename": "Query", "a": "Query"}, "extensions": {"cost": {"asked": math.ceil(2 * FIELD), "most": 10_000}}}
