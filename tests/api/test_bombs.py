"""Requests made to exhaust the service: each is refused with a code, and memory stays flat."""

import gc
import json

import psutil
import pytest

from tests.application import application

DOCUMENTS = {
    "aliases": ("{ " + " ".join(f"a{n}: accounts {{ totalCount }}" for n in range(1_000)) + " }", "LIMIT_EXCEEDED"),
    "one name again and again": ("{ accounts { " + "totalCount " * 4_000 + "} }", "LIMIT_EXCEEDED"),
    "circular fragments": ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "GRAPHQL_VALIDATION_FAILED"),
    "a fragment of itself": ("{ ...A } fragment A on Query { accounts { totalCount } ...A }", "GRAPHQL_VALIDATION_FAILED"),
    "many fragments": (
        "{ "
        + " ".join(f"...F{n}" for n in range(300))
        + " } "
        + " ".join(f"fragment F{n} on Query {{ accounts {{ totalCount }} }}" for n in range(300)),
        "LIMIT_EXCEEDED",
    ),
    "doubling fragments": (
        "{ account(id: 1) { ...F0 } } "
        + " ".join(
            f"fragment F{n} on Company {{ a: parents {{ company {{ ...F{n + 1} }} }} b: parents {{ company {{ ...F{n + 1} }} }} }}" for n in range(40)
        )
        + " fragment F40 on Company { name }",
        "LIMIT_EXCEEDED",
    ),
    "doubling plain data": (
        "{ account(id: 1) { ...F0 } } "
        + "fragment F0 on Company { "
        + " ".join(f"a{n}: decisionChain {{ ...F1 }}" for n in range(30))
        + " } "
        + "fragment F1 on DecisionChain { "
        + " ".join(f"a{n}: nodes {{ ...F2 }}" for n in range(30))
        + " } "
        + "fragment F2 on ChainNode { "
        + " ".join(f"a{n}: roles {{ role }}" for n in range(30))
        + " }",
        "LIMIT_EXCEEDED",
    ),
    "directives": ("{ accounts { totalCount " + "@include(if: true) " * 1_000 + "} }", "LIMIT_EXCEEDED"),
    "directives everywhere": (
        "{ " + " ".join(f"accounts {{ totalCount @skip(if: false) @include(if: {n}) }}" for n in range(60)) + " }",
        "LIMIT_EXCEEDED",
    ),
    "unknown directives": ("query " + "@no " * 1_000 + "{ accounts { totalCount } }", "LIMIT_EXCEEDED"),
    "deep": ("{ a" * 1_500 + " }" * 1_500, "LIMIT_EXCEEDED"),
    "a little too deep": ("{ account(id: 1) " + "{ parents { company " * 9 + "{ name }" + " } }" * 9 + " }", "LIMIT_EXCEEDED"),
    "deep list": ("{ introductions(to: " + "[" * 2_000 + "]" * 2_000 + ") { key } }", "LIMIT_EXCEEDED"),
    "deep object": ("{ accounts(filter: " + "{ ids: " * 1_000 + "1" + " }" * 1_000 + ") { totalCount } }", "LIMIT_EXCEEDED"),
    "dear": (
        "{ accounts(first: 1000) { edges { node { coverage { key } decisionChain { key } people { person { profile { key } } } } } } }",
        "LIMIT_EXCEEDED",
    ),
    "dear by a list": ("{ introductions(to: [" + '"a" ' * 4_000 + "]) { key } }", "LIMIT_EXCEEDED"),
    "introspection upon introspection": (
        "{ __schema { types " + "{ fields { type " * 30 + "{ name }" + " } }" * 30 + " } }",
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "tokens": ("{ accounts(filter: { ids: [" + '"x" ' * 20_000 + "] }) { totalCount } }", "LIMIT_EXCEEDED"),
    "many operations": (" ".join(f"query Q{n} {{ accounts {{ totalCount }} }}" for n in range(600)), "GRAPHQL_VALIDATION_FAILED"),
    "many faults": ("{ " + " ".join(f"nothing{n}" for n in range(2_000)) + " }", "GRAPHQL_VALIDATION_FAILED"),
    "a huge number": ("{ accounts(first: " + "9" * 200_000 + ") { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
    "a huge fraction": ("{ accounts(first: 1e" + "9" * 2_000 + ") { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
    "NUL": ("{ accounts\0 { totalCount } }", "GRAPHQL_PARSE_FAILED"),
    "half a character": ('{ accounts(search: "\\uD800") { totalCount } }', "GRAPHQL_PARSE_FAILED"),
    "half a character, braced": ('{ accounts(search: "\\u{D800}") { totalCount } }', "GRAPHQL_PARSE_FAILED"),
    "a long comment": ("# " + "x" * 900_000, "GRAPHQL_PARSE_FAILED"),
    "many comments": ("#\n" * 300_000 + "{", "LIMIT_EXCEEDED"),
}
ASKS = """query($first: Int!, $to: [ID!], $filter: AccountFilter) {
  accounts(first: $first, filter: $filter) { totalCount } introductions(to: $to) { key } }"""
VARIABLES = {
    "huge number": ({"first": 10**18}, "GRAPHQL_VALIDATION_FAILED"),
    "number of no kind": ({"first": 1e308}, "GRAPHQL_VALIDATION_FAILED"),
    "many ids": ({"first": 1, "to": ["a"] * 50_000}, "LIMIT_EXCEEDED"),
    "wrong ids": ({"first": 1, "to": [{}] * 50}, "GRAPHQL_VALIDATION_FAILED"),
    "many values": ({"first": 1, "filter": {"ids": ["a"] * 400_000}}, "LIMIT_EXCEEDED"),
    "unknown keys": ({"first": 1, "filter": {f"k{n}": n for n in range(9_000)}}, "GRAPHQL_VALIDATION_FAILED"),
    "deep": ({"first": 1, "filter": json.loads("[" * 900 + "]" * 900)}, "GRAPHQL_VALIDATION_FAILED"),
}
BODIES = {
    "deep JSON": b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 500_000,
    "deep JSON, closed": b'{"query": "{ __typename }", "variables": {"a": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001 + b"}",
    "a huge number": b'{"query": "{ __typename }", "variables": {"a": ' + b"9" * 500_000,
    "half a character": b'{"query": "{ __typename }", "variables": {"a": "\\ud800"}}',
}


@pytest.fixture(scope="module")
async def client():
    async with application() as made:
        yield made


async def refused(client, body):
    answer = await client.post("/graphql", content=body, headers={"content-type": "application/json"})
    assert len(answer.content) < 100_000
    return answer.json()["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize("bomb", DOCUMENTS)
async def test_a_document_is_refused(client, bomb):
    document, code = DOCUMENTS[bomb]
    assert await refused(client, json.dumps({"query": document})) == code


@pytest.mark.parametrize("bomb", VARIABLES)
async def test_variables_are_refused(client, bomb):
    variables, code = VARIABLES[bomb]
    assert await refused(client, json.dumps({"query": ASKS, "variables": variables})) == code


@pytest.mark.parametrize("bomb", BODIES)
async def test_a_body_is_refused(client, bomb):
    assert await refused(client, BODIES[bomb]) == "INVALID_INPUT"


async def test_memory_stays_flat(client):
    """What the allocator keeps it has after one round; another adds nothing, so nothing of a refused request stays."""

    async def round_of_all():
        for document, _ in DOCUMENTS.values():
            await refused(client, json.dumps({"query": document}))
        for variables, _ in VARIABLES.values():
            await refused(client, json.dumps({"query": ASKS, "variables": variables}))
        gc.collect()
        return psutil.Process().memory_info().rss

    first = await round_of_all()
    assert await round_of_all() - first < 8 << 20
