"""Compiled execution equals graphql-core's own: any document over the schema, on data as it should be and as it should not."""

import asyncio
import random
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace

import orjson
from graphql import GraphQLEnumType, GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLScalarType, is_leaf_type, is_required_argument
from hypothesis import given, settings
from hypothesis import strategies as st
from strawberry.dataloader import DataLoader

from api.compiled import DEFINITION, LINK
from api.execute import Engine
from bench.decision_chain import DOCUMENT
from graph.errors import InvalidInput
from graph.question import Anchor
from graph.settings import load_settings

SCALARS = {
    "String": ["", "a", "李伟", "\u2028"],
    "ID": ["a", "b", "c"],
    "Int": [0, -3, 2**31 - 1],
    "Float": [0.0, 0.25, 1e300, 3],
    "Boolean": [True, False],
    "DateTime": [datetime(2026, 5, 31, 9, tzinfo=UTC)],
}
WRONG = [None, 2**40, float("nan"), "nope", (), object(), 1, True, ValueError("boom"), InvalidInput("no")]
GIVEN = {"ID": '"a"', "String": '"a"', "Int": "1", "DateTime": '"2026-05-31"', "Boolean": "true"}
ENGINE = Engine(load_settings({f"DOTTEDLINE_MAX_{what}": "99999" for what in ("DEPTH", "ALIASES", "TOKENS", "DIRECTIVES", "FRAGMENTS", "COST")}))
CORE = ENGINE.schema._schema
ANCHORS = {anchor.value: anchor for anchor in Anchor}
OBJECTS = [kind for kind in CORE.type_map.values() if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__")]


def bare(kind):
    """A type without its wrappers."""
    while isinstance(kind, GraphQLNonNull | GraphQLList):
        kind = kind.of_type
    return kind


def is_data(field):
    """Whether a field is an attribute, or a link to another anchor's facts."""
    ours = field.extensions[DEFINITION]
    return ours.is_basic_field or LINK in ours.metadata


class Data:
    """Values of any type, the same for one seed. ``none`` is the chance that one is unknown, ``wrong`` that it is not as its type says."""

    def __init__(self, seed, none=0.2, wrong=0.0):
        self.random, self.none, self.wrong = random.Random(seed), none, wrong

    def of(self, kind, depth=0):
        if self.random.random() < self.wrong:
            return self.random.choice(WRONG)
        if isinstance(kind, GraphQLNonNull):
            return self.known(kind.of_type, depth)
        return None if self.random.random() < self.none or depth > 5 else self.known(kind, depth)

    def known(self, kind, depth=0):
        if isinstance(kind, GraphQLList):
            return [self.of(kind.of_type, depth) for _ in range(self.random.randint(0, 2) if depth < 5 else 0)]
        if isinstance(kind, GraphQLEnumType):
            return self.random.choice(list(kind.extensions[DEFINITION].wrapped_cls))
        if isinstance(kind, GraphQLScalarType):
            return self.random.choice(SCALARS[kind.name])
        made = SimpleNamespace()
        for field in filter(is_data, kind.fields.values()):
            ours = field.extensions[DEFINITION]
            linked = SimpleNamespace(id=self.random.choice("abc")) if self.random.random() >= self.none else None
            setattr(made, ours.python_name, linked if LINK in ours.metadata else self.of(field.type, depth + 1))
        return made


class World:
    """What is answered, and the facts of the anchors ``a`` and ``b`` of each kind; ``c`` may not be seen, and nothing may while the store is down."""

    def __init__(self, seed, none=0.2, wrong=0.0, down=False):
        self.given, self.down, self.found = (none, wrong), down, {}
        self.seed = seed

    def answer(self, kind, name, field):
        key = (kind.name, name)
        if key not in self.found:
            self.found[key] = Data(f"{self.seed} {key}", *self.given).of(field.type)
        return self.found[key]

    def facts(self, label, id_):
        if self.down:
            raise ConnectionError("down")
        if (label, id_) not in self.found:
            self.found[label, id_] = None if id_ == "c" else Data(f"{self.seed} {label} {id_}", *self.given).known(CORE.type_map[label], 3)
        return self.found[label, id_]


class Request:
    """One request: its data loaders, and the world that it asks."""

    def __init__(self, world):
        self.world = world
        self.loaders = {anchor: DataLoader(partial(self._fetch, label)) for label, anchor in ANCHORS.items()}

    async def _fetch(self, label, ids):
        return [self.world.facts(label, id_) for id_ in ids]


def answering(kind, name, field):
    """A resolver as a question's is, without the question."""

    def now(root, info, **arguments):
        return info.context.world.answer(kind, name, field)

    async def later(root, info, **arguments):
        await asyncio.sleep(0)
        return info.context.world.answer(kind, name, field)

    return now if len(name) % 3 == 0 else later


for _kind in OBJECTS:
    for _name, _field in _kind.fields.items():
        if not is_data(_field):
            _field.resolve = answering(_kind, _name, _field)


def arguments(field):
    """The arguments that must be given; None where they are more than plain values."""
    required = {name: argument for name, argument in field.args.items() if is_required_argument(argument)}
    needed = {name: bare(argument.type).name for name, argument in required.items()}
    if not needed:
        return ""
    return f"({', '.join(f'{name}: {GIVEN[kind]}' for name, kind in needed.items())})" if set(needed.values()) <= GIVEN.keys() else None


@st.composite
def documents(draw):
    """A valid document of one operation: aliases, fragments, types' conditions, @skip and @include by variable and by word."""
    fragments, names = [], iter(range(10_000))
    word = st.sampled_from(["", "", "", "", "@skip(if: $a)", "@include(if: $b)", "@include(if: true)", "@skip(if: $c) @include(if: $b)"])

    def selection(kind, depth):
        usable = [name for name, field in kind.fields.items() if arguments(field) is not None and (depth < 8 or is_leaf_type(bare(field.type)))]
        if kind is CORE.query_type:
            usable = [name for name in usable if not is_leaf_type(bare(kind.fields[name].type))]
        parts = ["__typename"] if draw(st.integers(0, 3)) == 0 or not usable else []
        for name in draw(st.lists(st.sampled_from(usable), min_size=1, max_size=4)) if usable else []:
            field = kind.fields[name]
            inner = "" if is_leaf_type(bare(field.type)) else selection(bare(field.type), depth + 1)
            alias = f"x{next(names)}: " if field.args or draw(st.booleans()) else ""
            part = f"{alias}{name}{arguments(field)} {draw(word)} {inner}"
            match draw(st.integers(0, 7)):
                case 0:
                    part = f"... {draw(word)} {{ {part} }}"
                case 1:
                    part = f"... on {kind.name} {draw(word)} {{ {part} __typename }}"
                case 2:
                    called = f"F{next(names)}"
                    fragments.append(f"fragment {called} on {kind.name} {{ {part} }}")
                    part = f"...{called} {draw(word)} ...{called}"
            parts.append(part)
        return "{ " + " ".join(parts) + " }"

    body = selection(CORE.query_type, 0)
    used = f"{body} {' '.join(fragments)}"
    declared = [f"${name}: Boolean{'! = true' if name == 'b' else '!'}" for name in "abc" if f"${name})" in used]
    return f"query Q{'(' + ', '.join(declared) + ')' if declared else ''} {used}"


def told(data, errors):
    """A response in a form that two executions share: data in its order, and every error with its place."""
    return orjson.dumps([data, sorted((str(error.message), str(error.path)) for error in errors or [])])


async def both(text, variables, world):
    """The responses of graphql-core and of ours, cold and from the plans that the first run left."""
    stock = await ENGINE.schema.execute(text, variables, Request(world))
    document = await ENGINE.documents.of(text)
    assert not document.errors, document.errors
    ours = [await ENGINE._executed(document, variables, None, Request(world)) for _ in range(2)]
    return told(stock.data, stock.errors), [told(one.data, one.errors) for one in ours]


WORLDS = st.builds(World, st.integers(0, 10**6), wrong=st.sampled_from([0.0, 0.0, 0.01, 0.1]), down=st.sampled_from([False, False, False, True]))


@settings(max_examples=120)
@given(documents(), WORLDS, st.booleans(), st.sampled_from([True, False, None]))
async def test_any_document_is_answered_as_graphql_core_does(text, world, a, b):
    variables = {"a": a, "c": not a} | ({} if b is None else {"b": b})
    stock, ours = await both(text, variables, world)
    assert ours == [stock, stock], text


def whole(kind, seen=()):
    """All data of a type: of a link the anchor's facts, which link no further."""
    kind = bare(kind)
    if is_leaf_type(kind):
        return ""
    parts = ["__typename"]
    for name, field in kind.fields.items():
        below = bare(field.type)
        if is_data(field) and below.name not in seen and not (kind.name in ANCHORS and below.name in ANCHORS):
            parts.append(f"{name} {whole(below, (*seen, kind.name))}")
    return "{ " + " ".join(parts) + " }"


async def test_whatever_a_question_answers_is_compiled():
    world, asked = World(7, none=0.0), 0
    for kind in (CORE.query_type, *(CORE.type_map[label] for label in ANCHORS)):
        root = next((name for name, made in CORE.query_type.fields.items() if made.type is kind), None)
        for name, field in kind.fields.items():
            if not is_data(field) and arguments(field) is not None:
                body = f"{name}{arguments(field)} {whole(field.type)}"
                text = f'{{ {root}(id: "a") {{ {body} }} }}' if root else f"{{ {body} }}"
                ENGINE.tally.clear()
                stock, ours = await both(text, {}, world)
                assert ours == [stock, stock], text
                assert {below for below, how in ENGINE.tally if how != "compiled"} == ({kind.name} if root else set()), text
                assert sum(count for (_, how), count in ENGINE.tally.items() if how == "compiled") > 0, text
                asked += 1
    assert asked > 60


async def test_the_benchs_document_is_compiled_below_the_account():
    ENGINE.tally.clear()
    stock, ours = await both(DOCUMENT, {"id": "a", "most": 5}, World(3, none=0.0))
    assert ours == [stock, stock]
    assert ENGINE.tally == {("Company", "interpreted"): 2, ("DecisionChain", "compiled"): 2}
