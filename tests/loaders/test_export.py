"""An export is the graph as files: it loads again into an equal graph, and an unload brings the earlier one back."""

import pytest

from graph.errors import InvalidInput
from graph.instants import period
from graph.ledger import unload
from loaders import identity
from loaders.export import export
from loaders.run import load

MOVES = {
    "companies": "company_id,name,kinds,tier,owner_id\nbank,南方银行,account,2,ann\n",
    "people": "person_id,name,company_id,title\nli,李伟,pal,Adviser\n",
    "reporting": "person_id,manager_id,line,valid_from,valid_to\nann,li,DOTTED,2025-01-01,2025-06-01\n",
}


@pytest.fixture
def exported(store, tmp_path):
    async def run(name):
        await export(store, tmp_path / name)
        return {path.name: path.read_text(encoding="utf-8") for path in sorted((tmp_path / name).iterdir())}

    return run


def at(day):
    return period(day)[0]


async def test_an_export_loads_again_into_an_equal_graph(world, market, store, exported, tmp_path):
    await market(as_of=at("2026-01-01"), **world)
    await market(as_of=at("2026-03-01"), source="crm", **MOVES)
    await market(as_of=at("2026-05-01"), source="crm", people="person_id,name,company_id,title\nli,李伟,bank,CIO\n")
    first = await exported("first")
    assert set(first) == {f"{kind}.csv" for kind in world}
    await store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
    report = await load(store, [tmp_path / "first"], as_of=at("2026-06-01"), reports_in=tmp_path / "reports")
    assert report.total("rejected") == 0
    assert await exported("second") == first


async def test_unloading_the_latest_load_restores_the_earlier_export(world, market, store, exported):
    await market(as_of=at("2026-01-01"), **world)
    before = await exported("before")
    await market(as_of=at("2026-03-01"), source="crm", **MOVES)
    assert await exported("between") != before
    await unload(store, "crm", identity)
    assert await exported("after") == before


async def test_unloading_an_earlier_load_equals_loading_the_others_alone(world, market, store, exported):
    await market(as_of=at("2026-01-01"), **world)
    await market(as_of=at("2026-02-01"), source="crm", **MOVES)
    await market(as_of=at("2026-03-01"), source="hr", people="person_id,name,company_id,title\nli,李伟,bank,CIO\n")
    await unload(store, "crm", identity)
    without = await exported("without")
    await store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
    await market(as_of=at("2026-01-01"), **world)
    await market(as_of=at("2026-03-01"), source="hr", people="person_id,name,company_id,title\nli,李伟,bank,CIO\n")
    assert await exported("alone") == without


async def test_an_empty_graph_exports_nothing_and_a_full_folder_is_refused(exported, store, tmp_path):
    assert await exported("nothing") == {}
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "people.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(InvalidInput, match="not an empty folder"):
        await export(store, tmp_path / "full")
