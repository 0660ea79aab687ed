"""What a viewer of some territories is told, every question there is: what they would be told of a graph from which all else was deleted (ADR 0034).

A random market on both sides of a border is loaded and asked; then what is left of it by a slow oracle, row by row, is loaded into the same database
and asked by somebody who may see everything. The answers are the same, restricted placeholders aside.
"""

import os
import re
from dataclasses import replace
from inspect import Parameter
from typing import get_args, get_origin
from unittest.mock import patch

import pytest

from api.context import Context
from api.registry import QUESTIONS
from api.render import plain
from graph.answer import Id
from graph.errors import DottedlineError, NotFound
from graph.filter import AccountFilter, OpportunityFilter, PersonFilter
from graph.instants import at_moment, period
from graph.measures.paths import Budget
from graph.model import GrantRole
from graph.question import Anchor
from queries.anchors.entities import facts_of, resolve
from queries.coverage import Definition
from queries.what_if import Supposed
from tests.borders import NOW, TERRITORIES, THEN, Border, market, texts
from tests.filling import emptied, filled

pytestmark = pytest.mark.long

SEEDS = range(int(os.environ.get("ATTACK_MARKETS", "1")))
CASES = {"north": (NOW, "en"), "south": (THEN, "zh-CN")}
"""Who asks: of which instant, and in which language."""
LOADED = period("2026-06-30")[0]
SINCE = {"since": at_moment(period("2026-01-01")[0])}
HISTORY = {"history": True}
SEEN = {"north": ("bank", "bank-0", "bank-1", "near-pal"), "south": ("farm", "farm-0", "farm-1", "far-pal")}
"""On each side an account, its people and a partner that may be seen."""
OF_THE_LOAD = {"view", "cursor", "startCursor", "endCursor", "revision", "recordedAt", "load", "truncated"}
NOBODY = "nobody-ever-loaded-this"


def arguments(question, side):
    """With which arguments a question is asked: its defaults, and what else shows something; none of it hidden on that side."""
    account, head, other, partner = SEEN[side]
    some = {
        "accounts": [{"search": "alias"}, {"owner": "our-0"}],
        "audience": [{"first": 3}, {"topic": "data"}],
        "chain_changes": [{"from_": at_moment(period("2025-03-01")[0])}],
        "changes": [SINCE],
        "companies": [{"search": "works"}, {"filter": AccountFilter(competitor=["rival"])}, {"filter": AccountFilter(product=["theirs"])}],
        "company_people": [HISTORY],
        "competitor_exposure": [{"competitor": "rival"}],
        "coverage": [{"definition": Definition.SUPPORTIVE}, {"include_subsidiaries": True}],
        "coverage_gaps": [{"filter": AccountFilter(tier=[1, 2], include_subsidiaries=True)}],
        "data_completeness": [{"owner": "our-1"}],
        "decision_chain": [{"max_nodes": 2}],
        "employments": [HISTORY],
        "engagement": [{"product": "ours"}],
        "exposed_accounts": [{"competitor": "rival"}],
        "influence": [HISTORY],
        "influence_paths": [{"from_": head}, {"avoid": [head, "our-1"], "k": 1}],
        "introductions": [{"filter": None, "to": [account, head], "k": 3, "asks": 30}, {"filter": AccountFilter(), "k": 2}],
        "joint_plan": [{"partner": partner}, {"partner": "pal"}],
        "kols": [{"topic": "data"}, {"filter": AccountFilter(territory=["north", "south"])}],
        "links": [HISTORY],
        "memberships": [HISTORY],
        "opportunities": [{"search": "renewal"}, {"filter": OpportunityFilter(owner=["our-1"])}],
        "owners": [HISTORY],
        "parents": [HISTORY],
        "people": [{"search": text} for text in ("max", "王", "mine-0@mail.example", "bank-0")] + [{"filter": PersonFilter(tier=[1, 2])}],
        "relationship": [{"with_": "our-0"}],
        "reporting": [HISTORY],
        "roles": [HISTORY],
        "tiers": [HISTORY],
        "uses": [HISTORY],
        "what_if": [{"remove": [head]}, {"set_": [Supposed(other, stance=2)]}],
    }.get(question.name, [])
    needed = {argument.name for argument in question.arguments if argument.default is Parameter.empty}
    assert all(needed <= given.keys() for given in some) and (some or not needed), f"{question.name} needs {needed}: say with what it is asked"
    return some if needed or question.name == "introductions" else [{}, *some]


def told(answer):
    """An answer without what may differ: instants and revisions, keys, cursors, and restricted placeholders."""
    if isinstance(answer, DottedlineError):
        return [type(answer).__name__, answer.message, answer.details]
    if isinstance(answer, dict):
        return {name: told(value) for name, value in answer.items() if name not in OF_THE_LOAD}
    if isinstance(answer, list | tuple):
        return [told(item) for item in answer if not (isinstance(item, dict) and item.get("kind") == "RESTRICTED")]
    return re.sub(r"@\d+/\d+", "@", answer) if isinstance(answer, str) else answer


def says(answer):
    """Whether there is anything in an answer."""
    if isinstance(answer, dict):
        return any(says(value) for value in answer.values())
    return any(says(item) for item in answer) if isinstance(answer, list) else answer not in (None, "", 0, 0.0, False)


class Asker:
    """Asks everything of a market, whatever is loaded of it."""

    def __init__(self, rows, store, context):
        self.store, self.context = store, context
        self.ids = {
            Anchor.COMPANY: [row["company_id"] for row in rows["companies"]],
            Anchor.PERSON: [*(row["person_id"] for row in rows["people"]), "cookie-1"],
            Anchor.OPPORTUNITY: [row["opportunity_id"] for row in rows["opportunities"]],
            Anchor.CAMPAIGN: [row["campaign_id"] for row in rows["campaigns"]],
            Anchor.PRODUCT: [row["product_id"] for row in rows["products"]],
        }
        self.names = {**self.ids, Anchor.PERSON: [*self.ids[Anchor.PERSON], *(row["emails"] for row in rows["people"])]}

    async def view(self, side, scope=None, steward=False):
        at, language = CASES[side]
        self.context.renew()
        return replace(await self.context.view(as_of=at_moment(at)), scope=scope, steward=steward, language=language)

    async def everything(self, side, view, most=None):
        """Question -> its answers, to at most so many sets of arguments; the anchors' own facts by their label."""
        answers = {question.name: [await self.one(question, view, given) for given in arguments(question, side)[:most]] for question in QUESTIONS}
        for anchor, names in self.names.items():
            found = await facts_of(self.store, view, anchor, names)
            answers[anchor.value] = [told({name: plain(facts) for name, facts in found.items()})]
        return answers

    async def one(self, question, view, given):
        view = replace(view, steward=view.steward or question.role is GrantRole.STEWARD)
        try:
            if question.paged:
                return await self.pages(question, view, given)
            if question.anchor is None:
                return told(plain(await question(self.store, view, **given)))
            found = await question(self.store, view, await self.seen(view, question.anchor), **given)
        except DottedlineError as error:
            return told(error)
        return told({id_: answer if isinstance(answer, DottedlineError) else plain(answer) for id_, answer in sorted(found.items())})

    async def seen(self, view, anchor):
        """The anchors of a kind that may be seen, as a request finds them."""
        return list(dict.fromkeys((await resolve(self.store, view, anchor, self.ids[anchor])).values()))

    async def pages(self, question, view, given):
        """Every page, few or many items each."""
        size, after, found = given.get("first", 25), None, []
        while True:
            page = await question(self.store, view, **given | {"first": size, "after": after})
            found.append(told(plain(page)))
            after = page.page_info.end_cursor
            if not page.page_info.has_next_page:
                return found


class Case:
    """Who asks what: ``whole`` answers on the whole graph, within the scope; ``left`` on what is left of it; ``steward`` on the whole, everywhere,
    to the first arguments of each question."""

    def __init__(self, side, border):
        self.side, self.border, self.lost = side, border, {}
        self.whole, self.left, self.steward = {}, {}, {}


@pytest.fixture(scope="module", params=SEEDS)
async def cases(request, one_store, settings, tmp_path_factory):
    """The cases of a market. No search runs out of time: a busy machine would answer the same question otherwise."""
    with patch.object(Budget, "in_time", lambda budget: True):
        return await _asked(request.param, one_store, settings, tmp_path_factory)


async def _asked(seed, one_store, settings, tmp_path_factory):
    rows = market(seed)
    asker = Asker(rows, one_store, Context(one_store, settings))
    await filled(await emptied(one_store), tmp_path_factory.mktemp("whole"), texts(rows), as_of=LOADED)
    found = [Case(side, Border(rows, TERRITORIES[side], at)) for side, (at, _) in CASES.items()]
    for case in found:
        case.whole = await asker.everything(case.side, view := await asker.view(case.side, TERRITORIES[case.side]))
        case.steward = await asker.everything(case.side, await asker.view(case.side, steward=True), most=1)
        case.lost = await tried(asker, view, case)
    for case in found:
        await filled(await emptied(one_store), tmp_path_factory.mktemp(case.side), texts(case.border.left()), as_of=LOADED)
        case.left = await asker.everything(case.side, await asker.view(case.side))
    return found


def asking(hint):
    """Whether an argument takes an id, many, or a mapping of fields of which some do."""
    return hint is Id or hint in (AccountFilter, OpportunityFilter, PersonFilter, Supposed) or any(asking(part) for part in get_args(hint))


def given_with(hint, id_, label):
    """Values of an argument that name ``id_``."""
    if hint is Id:
        return [id_]
    if hint in (AccountFilter, PersonFilter, OpportunityFilter):
        fields = {"Company": ["ids", "competitor"], "Person": ["owner"], "Product": ["product"]}
        return [hint(**{field: [id_]}) for field in fields.get(label, [])]
    if hint is Supposed:
        return [Supposed(id_, stance=1)]
    inner = [value for part in get_args(hint) if asking(part) for value in given_with(part, id_, label)]
    return [[value] for value in inner] if get_origin(hint) is list else inner


LABELS = {"avoid": "Person", "candidates": "Person", "competitor": "Company", "group": "BuyingGroup", "mover": "Person", "owner": "Person"}
LABELS |= {"partner": "Company", "product": "Product", "remove": "Person", "set_": "Person", "to": "Person", "with_": "Person", "from_": "Person"}
"""Argument -> of what it takes an id; a filter takes those of several."""


async def tried(asker, view, case):
    """What is said of hidden ids as arguments, and of an id that nobody ever loaded: ``(question, argument, id) -> (this, that)``."""
    found = {}
    hidden = {label: sorted(ids)[:1] for label, ids in case.border.hidden().items()}
    for question in QUESTIONS:
        base = arguments(question, case.side)[0]
        for argument in (one for one in question.arguments if asking(one.type)):
            for label in [LABELS[argument.name]] if argument.name in LABELS else ["Company", "Person", "Product"]:
                for id_ in hidden[label]:
                    for value, ghost in zip(given_with(argument.type, id_, label), given_with(argument.type, NOBODY, label), strict=True):
                        said = [await said_of(asker, question, view, base | {argument.name: value}, case) for value in (value, ghost)]
                        found[question.name, argument.spelled, label, id_, repr(value)] = said
    return found


async def said_of(asker, question, view, given, case):
    """The error, of an anchored question that of a visible anchor."""
    account, head, *_ = SEEN[case.side]
    visible = {Anchor.COMPANY: account, Anchor.PERSON: head, Anchor.OPPORTUNITY: f"deal-{account}-0"}
    try:
        if question.anchor is None:
            return told(plain(await question(asker.store, view, **given)))
        (answer,) = (await question(asker.store, view, [visible[question.anchor]], **given)).values()
        return answer if isinstance(answer, DottedlineError) else told(plain(answer))
    except DottedlineError as error:
        return error


def differences(one, other, path=""):
    """Where two answers differ, the first few places."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [found for name in {**one, **other} for found in differences(one.get(name, "-"), other.get(name, "-"), f"{path}.{name}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [found for place, pair in enumerate(zip(one, other, strict=True)) for found in differences(*pair, f"{path}[{place}]")]
    return [] if one == other else [f"{path}: {str(one)[:300]} != {str(other)[:300]}"]


NAMES = sorted([*(question.name for question in QUESTIONS), *(anchor.value for anchor in Anchor)])


@pytest.mark.parametrize("name", NAMES)
async def test_a_viewer_is_told_what_a_graph_without_the_rest_would_tell(cases, name):
    for case in cases:
        found = differences(case.whole[name], case.left[name])
        assert not found, f"{case.side}: {len(found)} places, as {'; '.join(found[:4])}"


async def test_half_of_the_answers_say_something_and_not_what_a_steward_is_told(cases):
    telling = [says(case.whole[name][:1]) and case.whole[name][:1] != case.steward[name] for case in cases for name in NAMES]
    assert sum(telling) >= len(telling) / 2


async def test_a_hidden_id_as_an_argument_is_one_that_nobody_ever_loaded(cases):
    wrong = []
    for case in cases:
        for (question, argument, label, id_, value), (hidden, unknown) in case.lost.items():
            place = f"{case.side}: {question}({argument}: {label} {value})"
            if not isinstance(hidden, NotFound) or not str(hidden.details.get("argument", "")).startswith(argument):
                wrong.append(f"{place} is answered {str(hidden)[:80]}")
            elif str(hidden).replace(id_, NOBODY) != str(unknown):
                wrong.append(f"{place} is told apart: {hidden} / {unknown}")
    assert not wrong, "\n".join(wrong)
