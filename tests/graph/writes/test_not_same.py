"""Two declared apart stay apart, whatever comes."""

import pytest

from graph.errors import InvalidInput
from graph.writes.merge_entities import merge_entities
from graph.writes.not_same import not_same


async def test_it_parts_what_was_merged_and_outlasts_every_load(two_sources, desk, load_both, everything):
    before = await everything()
    await merge_entities(desk, into="ann", from_="h-7")
    answer = await not_same(desk, first="ann", second="h-7", reason="mother and daughter", author="me")
    assert [entity.records for entity in answer.entities] == [["ann"], ["h-7"]]
    assert await everything() == before
    await load_both()
    assert await everything() == before


async def test_an_id_that_a_row_claims_joins_only_while_nobody_says_no(market, desk, store):
    await market(people="person_id,name\nold-1,Lee Ann\n")
    await market(people="person_id,name,identifiers\np1,Ann Lee,old-1\n")
    assert await store.read("test", "MATCH (p:Person) RETURN p.id, p.name", {}) == [["old-1", "Ann Lee"]]
    answer = await not_same(desk, first="old-1", second="p1")
    assert [(entity.id, entity.name) for entity in answer.entities] == [("old-1", "Lee Ann"), ("p1", "Ann Lee")]
    await market(people="person_id,name,identifiers\np1,Ann Lee-Ray,old-1\n")
    assert await store.read("test", "MATCH (p:Person) RETURN p.id, p.name ORDER BY p.id", {}) == [["old-1", "Lee Ann"], ["p1", "Ann Lee-Ray"]]


async def test_one_record_cannot_be_parted_from_itself(two_sources, desk):
    with pytest.raises(InvalidInput, match="the same record 'ann'"):
        await not_same(desk, first="ann", second="ann@acme.example")
