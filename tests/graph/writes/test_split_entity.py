"""A split gives back what a merge took, fact by fact, and no later load joins the two again."""

import pytest

from graph.errors import InvalidInput
from graph.ledger import unload
from graph.writes.merge_entities import merge_entities
from graph.writes.split_entity import split_entity
from loaders import identity


@pytest.mark.parametrize(("into", "from_"), [("ann", "h-7"), ("acme", "acme-2")])
async def test_a_split_gives_back_what_the_merge_took(two_sources, desk, everything, into, from_):
    nodes, facts = await everything()
    await merge_entities(desk, into=into, from_=from_)
    assert (await everything())[1] != facts
    answer = await split_entity(desk, id=into, records=[from_])
    assert {entity.id: entity.records for entity in answer.entities} == {into: [into], from_: [from_]}
    assert await everything() == (nodes, facts)


@pytest.mark.parametrize(("into", "from_"), [("ann", "h-7"), ("acme", "acme-2")])
async def test_to_unload_a_merge_gives_it_all_back_too(two_sources, desk, store, everything, into, from_):
    before = await everything()
    answer = await merge_entities(desk, into=into, from_=from_)
    await unload(store, str(answer.revision), identity)
    assert await everything() == before
    assert await store.read("test", "MATCH ()-[t:SAME_AS]->() RETURN t", {}) == []


async def test_the_record_that_gave_its_id_may_leave(two_sources, desk, store, chain):
    await merge_entities(desk, into="ann", from_="h-7")
    answer = await split_entity(desk, id="h-7", records=["ann"])
    assert {entity.id: entity.records for entity in answer.entities} == {"ann": ["ann"], "h-7": ["h-7"]}
    assert {node["personId"] for node in (await chain("acme"))["nodes"] if node["personId"]} == {"ann", "bob"}


async def test_those_who_leave_stay_together_and_so_do_those_who_stay(market, desk):
    await market(people="person_id,name\n" + "".join(f"p{n},P\n" for n in range(6)))
    for n in range(1, 6):
        await merge_entities(desk, into="p0" if n != 3 else "p2", from_=f"p{n}")
    answer = await split_entity(desk, id="p4", records=["p0", "p1"])
    assert [entity.records for entity in answer.entities] == [["p0", "p1"], ["p2", "p3", "p4", "p5"]]
    again = await merge_entities(desk, into="p1", from_="p5", reason="they are one after all")
    assert [entity.records for entity in again.entities] == [[f"p{n}" for n in range(6)]]


@pytest.mark.parametrize(("records", "says"), [(["h-8"], "no record 'h-8'. Its records: ann, h-7"), ([], "not all"), (["ann", "h-7"], "not all")])
async def test_what_cannot_be_split_off(two_sources, desk, records, says):
    await merge_entities(desk, into="ann", from_="h-7")
    with pytest.raises(InvalidInput, match=says):
        await split_entity(desk, id="ann", records=records)
