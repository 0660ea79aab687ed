"""What was written, the latest first, as it was known at an instant."""

from dataclasses import replace

import pytest

from graph.instants import period
from graph.ledger import unload
from loaders import identity
from queries.loads import loads

DAY = period("2026-05-31")[0]


@pytest.fixture
async def three(market):
    """A CRM's export, an event list, and a correction of the export on the same day."""
    await market(source="crm", as_of=DAY, companies="company_id,name\na,甲公司\n")
    await market(source="fair", companies="company_id,name\nb,B\n", people="person_id,name\np,王芳\n")
    await market(source="crm", as_of=DAY, companies="company_id,name\na,甲股份\n")


async def test_every_finished_load_stands_once_page_by_page(three, store, view):
    at = await view()
    first = await loads(store, at, first=2)
    rest = await loads(store, at, first=2, after=first.page_info.end_cursor)
    told = [(edge.node.id, edge.node.source, sorted(edge.node.kinds)) for page in (first, rest) for edge in page.edges]
    assert told == [("L3", "crm", ["companies"]), ("L2", "fair", ["companies", "people"]), ("L1", "crm", ["companies"])]
    assert (first.total_count, rest.page_info.has_next_page) == (3, False)


async def test_a_load_taken_back_says_since_when_and_by_which(three, store, view):
    before = await view()
    await unload(store, "fair", identity)
    back, _, fair, _ = [edge.node for edge in (await loads(store, await view())).edges]
    assert (back.undoes, back.kinds) == ("L2", [])
    assert fair.unloaded_at == back.recorded_at
    then = [edge.node for edge in (await loads(store, before)).edges]
    assert [(load.id, load.unloaded_at) for load in then] == [("L3", None), ("L2", None), ("L1", None)]


async def test_an_empty_graph_has_no_loads(store, view):
    found = await loads(store, replace(await view(), known_at=0))
    assert (found.edges, found.total_count) == ([], 0)
