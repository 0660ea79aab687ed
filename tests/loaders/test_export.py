"""An export is the graph as files: it loads again into an equal graph, and an unload brings the earlier one back."""

import pytest

from graph.errors import InvalidInput, StoreUnavailable
from graph.instants import period
from graph.ledger import Ledger, unload
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
    assert "wang@us.example,viewer,gd,2027-01-01T" in first["grants.csv"], "what ends must not come back without an end"
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


async def test_numbers_and_far_days_keep_every_digit_and_lists_their_order(market, store, exported, tmp_path):
    """A third of the seats, a revenue of seventeen digits, consent for good, competitors the main one first."""
    await market(
        as_of=at("2026-01-01"),
        companies="company_id,name,annual_revenue\nbank,南方银行,12345678901234567\nz,Z,1e300\nb,B,1000000\n",
        people="person_id,name,company_id,consent_until\nli,李伟,bank,9999-12-31\n",
        products="product_id,name,company_id\ncore,Core,z\n",
        uses="company_id,product_id,seat_share,renewal_on\nbank,core,0.3333333333333333,9999-12-31\n",
        opportunities="opportunity_id,company_id,amount,competitor_ids\no,bank,0.1,z;b\n",
        campaigns="campaign_id,name,type,organiser_ids\nc,云,event,z;bank;b\n",
    )
    first = await exported("first")
    assert [row.split(",")[3] for row in first["companies.csv"].splitlines()[1:]] == ["1000000", "1.2345678901234568e+16", "1e+300"]
    assert "0.3333333333333333,9999-12-31T00:00:00+00:00" in first["uses.csv"]
    assert "9999-12-31T00:00:00+00:00" in first["people.csv"]
    assert ("z;b" in first["opportunities.csv"], "z;bank;b" in first["campaigns.csv"]) == (True, True)
    report = await load(store, [tmp_path / "first"])
    assert (report.total("created"), report.total("changed"), await exported("again")) == (0, 0, first)


async def test_an_export_loaded_over_its_own_graph_changes_nothing(world, market, store, exported, tmp_path):
    """Though who took part, and whose group an opportunity's is, stands in another file or column than it came from."""
    await market(as_of=at("2026-01-01"), **world)
    first = await exported("first")
    report = await load(store, [tmp_path / "first"], as_of=at("2026-06-01"))
    assert [report.total(name) for name in ("created", "changed", "ended", "rejected")] == [0, 0, 0, 0]
    assert await exported("second") == first


async def test_a_membership_is_one_whether_its_group_or_the_opportunity_is_named(world, market, store):
    await market(**world)
    report = await market(members="person_id,group_id,stance\nli,g1,MENTOR\n", participants="interaction_id,person_id,part\ni1,ann,SENDER\n")
    assert (report.total("created"), report.total("unchanged")) == (0, 2)
    later = await market(members="person_id,opportunity_id,stance\nli,o1,MENTOR\n")
    assert (later.total("created"), later.total("unchanged")) == (0, 1), "the opportunity is not in these files"


async def test_somebody_known_by_an_identifier_alone_may_be_tagged_in_the_same_files(market, store, exported, tmp_path):
    files = {"interactions": "type,at,from_id\nvisit,2026-01-01,cookie-9\n", "tags": "person_id,tag\ncookie-9,看过报价\n"}
    assert (await market(**files)).total("rejected") == 0
    first = await exported("first")
    await store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
    report = await load(store, [tmp_path / "first"], reports_in=tmp_path / "reports")
    assert (report.total("rejected"), await exported("second")) == (0, first)
    assert (await market(tags="person_id,tag\nnobody,x\n")).total("rejected") == 1


async def test_facts_of_a_load_that_broke_off_are_not_exported(world, market, store, exported):
    await market(as_of=at("2026-01-01"), **world)
    before = await exported("before")

    async def gone(self, undoes=None):
        raise StoreUnavailable("gone")

    with pytest.MonkeyPatch.context() as patch, pytest.raises(StoreUnavailable):
        patch.setattr(Ledger, "finish", gone)
        await market(as_of=at("2026-02-01"), people="person_id,name,company_id,title\nli,李伟,bank,CFO\n")
    assert await exported("after") == before


async def test_an_empty_graph_exports_nothing_and_a_full_folder_is_refused(exported, store, tmp_path):
    assert await exported("nothing") == {}
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "people.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(InvalidInput, match="not an empty folder"):
        await export(store, tmp_path / "full")
