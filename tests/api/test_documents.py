"""Documents: what a text may cost before it is asked, where it is looked at, and which are kept."""

import threading

import pytest
from graphql import GraphQLError, parse

from api import documents
from api.context import Context
from api.execute import Engine
from api.limits import _repeats, parsed
from graph.settings import load_settings

SETTINGS = load_settings({})


@pytest.fixture
def looked(monkeypatch):
    """``looked(settings)`` makes an engine; ``looked.at`` is the (text, thread) of each look at a document."""
    at, made = [], documents.Document.__init__

    def init(self, schema, check, pricing, text):
        at.append((text, threading.current_thread()))
        made(self, schema, check, pricing, text)

    monkeypatch.setattr(documents.Document, "__init__", init)

    def run(**given):
        return Engine(load_settings({f"DOTTEDLINE_{name}": value for name, value in given.items()}))

    run.at = at
    return run


@pytest.mark.parametrize("text", ["{ __typename }", "{ nothing }", "{", "{ nothing " + "# " + "x" * 2_000 + "\n }"])
async def test_every_text_is_looked_at_once_and_beside_the_loop(looked, text):
    engine = looked()
    first = await engine.documents.of(text)
    assert await engine.documents.of(text) is first
    ((_, thread),) = looked.at
    assert thread is not threading.main_thread()


async def test_a_text_that_is_longer_than_all_room_pushes_nothing_out_and_a_wrong_one_no_good_one(looked):
    engine = looked(DOCUMENTS_KIB="1")
    good = await engine.documents.of("{ __typename }")
    await engine.documents.of("{ __typename } # " + "x" * 2_000)
    for number in range(200):
        await engine.documents.of(f"{{ wrong{number} }}")
    assert await engine.documents.of("{ __typename }") is good
    assert len(engine.documents) == 1
    assert len(engine.documents._failed) < 20


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ a b }", 1),
        ("{ a a x: a }", 2),
        ("{" + "a{" * 1 + "b{c} b{c}" + "}" + " a{b{c}} }", 3),
        ("{" + ("a{" + "b{c}" * 4 + "}") * 3 + "}", 12),
        ("{ a{b} ...F ...F } fragment F on T { a{b} ... { a{b ...F} } }", 3),
        ("{ ...F } fragment F on T { a { ...F } }", 1),
        ("query A { a } query B { a }", 1),
    ],
)
def test_selections_of_one_name_are_counted_as_they_are_merged(text, expected):
    assert _repeats(parse(text), 100) == expected


def test_a_short_document_that_is_long_to_validate_is_refused():
    with pytest.raises(GraphQLError, match="DOTTEDLINE_MAX_REPEATS"):
        parsed("{" + ("a{" + "b{c}" * 30 + "}") * 7 + "}", SETTINGS)
    doubled = " ".join(f"fragment F{n} on T {{ a {{ ...F{n + 1} }} b {{ ...F{n + 1} }} }}" for n in range(60)) + " fragment F60 on T { a }"
    assert _repeats(parse("{ ...F0 } " + doubled), 100) == 1


@pytest.mark.parametrize(
    "text", ["{ ...R __typename } fragment R on Query { __schema { types { name } } }", '{ ... { __type(name: "Query") { name } } }']
)
async def test_whatever_asks_for_the_schema_runs_beside_the_loop(looked, monkeypatch, text):
    threads = []
    engine = looked()
    resolve = engine.schema._schema.get_type("__Type").fields["name"].resolve
    monkeypatch.setattr(
        engine.schema._schema.get_type("__Type").fields["name"],
        "resolve",
        lambda *given: (threads.append(threading.current_thread()), resolve(*given))[1],
    )
    assert "errors" not in await engine(text, None, None, Context(None, engine.settings))
    assert threads and threading.main_thread() not in threads
