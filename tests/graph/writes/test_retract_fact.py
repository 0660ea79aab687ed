"""What somebody says is not true is gone from the next answer, and only from there."""

import pytest

from graph.errors import InvalidInput, NotFound
from graph.instants import at_moment, now, period
from graph.ledger import unload
from graph.writes.retract_fact import retract_fact
from loaders import identity

ROLE = "roles { role key }"


@pytest.fixture
def told(ask):
    """``await told("bob", "roles { key }")`` is that field of a person."""

    async def run(person, field):
        answer = await ask(f'{{ person(id: "{person}") {{ found: {field} }} }}')
        assert "errors" not in answer, answer["errors"]
        return answer["data"]["person"]["found"]

    return run


async def test_a_role_that_nobody_holds_is_gone_and_was_there_for_who_asks_what_was_known(two_sources, desk, told, view):
    before = (await view()).known_at
    key = (await told("ann", ROLE))[0]["key"]
    answer = await retract_fact(desk, key=key, author="王经理")
    assert (answer.fact, answer.source, answer.from_id, answer.to_id, answer.author) == ("HAS_ROLE_IN", "crm", "ann", "acme", "王经理")
    assert await told("ann", ROLE) == await told("ann", "roles(history: true) { role key }") == []
    assert [role["role"] for role in await told("ann", f'roles(knownAt: "{at_moment(before).isoformat()}") {{ role key }}')] == ["DECISION_MAKER"]
    with pytest.raises(NotFound, match="No fact that counts now"):
        await retract_fact(desk, key=key)


async def test_taking_it_back_brings_the_fact_back(two_sources, desk, told, everything, store):
    before, key = await everything(), (await told("bob", "reporting { key }"))[0]["key"]
    answer = await retract_fact(desk, key=key)
    assert await told("bob", "reporting { key }") == []
    await unload(store, str(answer.revision), identity)
    assert [line["key"] for line in await told("bob", "reporting { key }")] == [key]
    assert len((await everything())[0]) == len(before[0])


async def test_of_two_stretches_the_later_one_goes_alone_or_both(market, desk, told):
    await market(companies="company_id,name\na,A\n", people="person_id,name\np,王伟\n")
    await market(employments="person_id,company_id,title,valid_from,valid_to\np,a,CIO,2018-01-01,2019-01-01\np,a,CIO,2021-01-01,\n")
    later, first = (job["key"] for job in await told("p", "employments(history: true) { key }"))
    await retract_fact(desk, key=later)
    assert [job["key"] for job in await told("p", "employments(history: true) { key }")] == [first]
    with pytest.raises(NotFound, match="no stretch"):
        await retract_fact(desk, key=later)
    await retract_fact(desk, key=first.partition("@")[0])
    assert await told("p", "employments(history: true) { key }") == []


async def test_files_from_before_the_word_do_not_bring_it_back_and_those_from_after_do_from_then_on(two_sources, desk, told, market):
    await retract_fact(desk, key=(await told("ann", ROLE))[0]["key"])
    again = {"roles": "person_id,company_id,role\nann,acme,DECISION_MAKER\n", "source": "crm"}
    await market(**again, as_of=period("2026-06-01")[0])
    assert await told("ann", ROLE) == []
    later = now()
    await market(**again, as_of=later)
    assert await told("ann", "roles { role validFrom }") == [{"role": "DECISION_MAKER", "validFrom": at_moment(later).isoformat()}]


@pytest.mark.parametrize("key", ["", "nothing", "@0"])
async def test_a_key_of_nothing_is_refused_and_writes_nothing(two_sources, desk, key, view):
    before = await view()
    with pytest.raises((NotFound, InvalidInput)):
        await retract_fact(desk, key=key)
    assert (await view()).revision == before.revision
