"""What a person says of a decision: one fact each, checked as a file's row is, seen by the next question, taken back by its number."""

import pytest

from graph.errors import InvalidInput
from graph.instants import now, period
from graph.ledger import unload
from graph.model import Authority, BuyingRole, Influence, Power
from graph.mutation import Desk
from graph.view import View
from loaders import identity
from loaders.writes.assert_influence import assert_influence
from loaders.writes.assert_member import assert_member
from loaders.writes.assert_role import assert_role
from queries.decision_chain import decision_chain

BANK = {
    "companies": "company_id,name,kinds\nbank,华南银行,account\n",
    "people": "person_id,name,company_id,title,emails\nli,李伟,bank,CIO,li@bank.example\nwang,王芳,bank,CFO,\n",
}


@pytest.fixture
async def desk(market, store):
    await market(as_of=period("2026-01-01")[0], **BANK)
    return Desk(store, identity)


async def chain(store, as_of=None):
    view = View(as_of=now() if as_of is None else as_of, known_at=now())
    return (await decision_chain(store, view, ["bank"]))["bank"]


def node(told, person):
    return next(each for each in told.nodes if each.person_id == person)


async def test_a_role_is_seen_by_the_next_question_with_its_author(desk, store):
    made = await assert_role(
        desk,
        author="sam",
        person_id="mail:li@bank.example",
        role=BuyingRole.DECISION_MAKER,
        company_id="bank",
        authority=Authority.VETO,
        role_confidence=0.8,
    )
    assert (made.changed, made.author) == (True, "sam")
    (role,) = node(await chain(store), "li").roles
    assert (role.role, role.authority, role.confidence) == (BuyingRole.DECISION_MAKER, Authority.VETO, 0.8)
    origins = await store.read("test", "MATCH ()-[r:HAS_ROLE_IN]->() RETURN r.origin", {})
    assert origins == [["sam/roles"]]


async def test_a_role_holds_between_its_days_and_was_not_known_before(desk, store):
    before = now()
    await assert_role(desk, person_id="li", role=BuyingRole.CHAMPION, company_id="bank", valid_from="2026-02-01", valid_to="2026-03-01")
    assert [len(node(await chain(store, period(day)[0]), "li").roles) for day in ("2026-01-15", "2026-02-15", "2026-03-01")] == [0, 1, 0]
    view = View(as_of=period("2026-02-15")[0], known_at=before)
    told = (await decision_chain(store, view, ["bank"]))["bank"]
    assert node(told, "li").roles == []


async def test_the_same_again_says_nothing_new_and_a_correction_replaces_it(desk, store):
    asked = {"person_id": "li", "company_id": "bank", "author": "sam"}
    await assert_member(desk, stance=1, power=Power.INNER_CIRCLE, **asked)
    assert not (await assert_member(desk, stance=1, power=Power.INNER_CIRCLE, **asked)).changed
    assert (await assert_member(desk, stance=-2, **asked)).changed
    assert node(await chain(store), "li").stance == -2


async def test_an_assertion_is_taken_back_by_its_number(desk, store):
    made = await assert_role(desk, person_id="wang", role=BuyingRole.ECONOMIC_BUYER, company_id="bank")
    await unload(store, f"L{made.revision}", identity)
    assert node(await chain(store), "wang").roles == []


async def test_influence_between_two(desk, store):
    await assert_influence(desk, from_id="wang", to_id="li", kind=Influence.OPPOSES, topic="预算")
    rows = await store.read("test", "MATCH (a)-[r:INFLUENCES]->(b) RETURN a.id, b.id, r.kind, r.topic", {})
    assert rows == [["wang", "li", "OPPOSES", "预算"]]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"person_id": "nobody", "company_id": "bank"}, "'nobody'"),
        ({"person_id": "li"}, "name one of them"),
        ({"person_id": "li", "company_id": "bank", "role_confidence": 1.5}, "role_confidence"),
        ({"person_id": "li", "company_id": "bank", "valid_from": "soon"}, "2026-03-05"),
    ],
)
async def test_what_a_row_would_be_rejected_for_is_refused_and_nothing_is_written(desk, store, given, says):
    count = "MATCH (l:Load) RETURN count(l)"
    loads = await store.read("test", count, {})
    with pytest.raises(InvalidInput) as refused:
        await assert_role(desk, role=BuyingRole.CHAMPION, **given)
    assert says in refused.value.message
    assert await store.read("test", count, {}) == loads


async def test_what_is_wrong_is_told_with_the_names_that_the_caller_wrote(desk, ask):
    answer = await ask('mutation { assertRole(personId: "li", role: CHAMPION) { changed } }')
    (error,) = answer["errors"]
    assert (error["message"][:30], error["extensions"]["argument"]) == ("groupId '' is empty as opportu", "groupId")
    assert "_id" not in error["message"]
