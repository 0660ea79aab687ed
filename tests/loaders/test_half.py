"""Nobody sees half a load: not its facts, not the things it brings, not the names it changes, while it runs and when it breaks off."""

import pytest

import graph.ledger as ledgers
from graph.errors import StoreUnavailable
from graph.instants import at_moment, period
from graph.ledger import Ledger, unload
from loaders import identity
from loaders.export import canonical_rows, export
from loaders.run import load
from tests.mortal import overdue

pytestmark = pytest.mark.long

BEFORE = {
    "companies": "company_id,name,industry\na,甲公司,bank\nb,B,\n",
    "people": "person_id,name,company_id\np,王芳,a\n",
    "products": "product_id,name,company_id\nx,X,b\n",
    "groups": "group_id,company_id,name\ng,a,ERP\n",
    "opportunities": "opportunity_id,company_id,name\no,a,Deal\n",
}
NEW = {
    "companies": "company_id,name,tier,industry\nzz,新公司,1,tech\na,甲股份,1,\n",
    "people": "person_id,name,company_id\nq,李伟,zz\np,Wang Fang,a\n",
    "products": "product_id,name,company_id\ny,Y,a\n",
    "groups": "group_id,company_id,name\nh,a,CRM\n",
    "opportunities": "opportunity_id,company_id,name\nu,a,Half\n",
    "campaigns": "campaign_id,name,type\nc,Day,event\n",
    "templates": "template_id,role,weight\nt,CHAMPION,1\n",
    "segments": "segment_id,name,filter,template_id\ns,All,industry=bank;industry=tech,t\n",
    "territories": "territory_id,name\nd,深圳\n",
    "roles": "person_id,company_id,role\np,a,CHAMPION\n",
}
LOOK = """{
  accounts { totalCount edges { node { id name industry } } }  companies { totalCount }  people { totalCount edges { node { id name } } }
  found: accounts(search: "新公司") { totalCount }  byId: accounts(search: "zz") { totalCount }  renamed: accounts(search: "甲股份") { totalCount }
  opportunities { totalCount }  campaigns { totalCount }  loads { totalCount }
  account(id: "a") { name groups { id } opportunities { opportunity { id } } decisionChain { group { id } nodes { name kind roles { role } } } }
}"""
ROOTS = {"account": "zz", "person": "q", "product": "y", "opportunity": "u", "campaign": "c"}
HIDDEN = [f'{{ {root}(id: "{id_}") {{ id }} }}' for root, id_ in ROOTS.items()]


@pytest.fixture
def look(ask):
    """All that a reader sees, and what is not found."""

    async def run():
        seen = await ask(LOOK)
        assert "errors" not in seen, seen["errors"]
        return seen["data"], [(await ask(text)).get("errors", [{}])[0].get("extensions") for text in HIDDEN]

    return run


@pytest.fixture
def broken(market, store):
    """A load that breaks off where ``name`` of the ledger is called, long enough ago for its turn to be over."""

    async def run(name, calls=1, **files):
        left, real = [calls], getattr(Ledger, name)

        async def gone(self, *given, **more):
            left[0] -= 1
            if not left[0]:
                raise StoreUnavailable("gone")
            return await real(self, *given, **more)

        with pytest.MonkeyPatch.context() as patch, pytest.raises(StoreUnavailable):
            patch.setattr(Ledger, name, gone)
            await market(as_of=period("2026-02-01")[0], **(files or NEW))
        await overdue(store)

    return run


@pytest.mark.parametrize("where", ["tell_facts", "finish"])
async def test_what_a_broken_load_brought_and_renamed_is_nowhere(where, market, look, broken, store):
    await market(as_of=period("2026-01-01")[0], **BEFORE)
    seen, files = await look(), await canonical_rows(store)
    assert seen[1] == [{"code": "NOT_FOUND", "argument": "id"}] * len(HIDDEN)
    await broken(where)
    assert await look() == seen
    assert await canonical_rows(store) == files
    report = await market(as_of=period("2026-02-01")[0], **NEW)
    assert "taken back first" in report.warnings[0]
    data, hidden = await look()
    assert hidden == [None] * len(HIDDEN)
    assert (data["accounts"]["totalCount"], data["account"]["name"], data["found"]["totalCount"]) == (3, "甲股份", 1)
    await unload(store, "3", identity)
    again = await look()
    again[0]["loads"] = seen[0]["loads"]
    assert again == seen, "an unload brings the names back, and takes the new things"


async def test_while_an_unload_runs_everything_stands(market, look, broken, store):
    await market(as_of=period("2026-01-01")[0], **BEFORE)
    await market(as_of=period("2026-02-01")[0], **NEW)
    seen, finish = await look(), Ledger.finish

    async def looked(self, undoes=None):
        assert await look() == seen
        await finish(self, undoes)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ledger, "finish", looked)
        await unload(store, "2", identity)
    assert (await look())[0]["account"]["name"] == "甲公司"


async def test_more_renames_than_a_transaction_holds_are_taken_back_too(market, store, monkeypatch):
    """The one moment in which names of a load may show before it ends; facts and new things still do not."""
    await market(as_of=period("2026-01-01")[0], companies="company_id,name\n" + "".join(f"c{n},C{n}\n" for n in range(9)))
    names = "MATCH (c:Company) RETURN c.name ORDER BY c.id"
    before = await store.read("test", names, {})
    monkeypatch.setattr(ledgers, "BATCH", 4)
    renamed = "company_id,name\n" + "".join(f"c{n},公司{n}\n" for n in range(9)) + "new,New\n"
    steps = []
    write = Ledger.write

    async def dies(self, work):
        steps.append(work)
        if any("l.finished = true" in text for text, _ in work):
            raise StoreUnavailable("gone")
        await write(self, work)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(StoreUnavailable):
        patch.setattr(Ledger, "write", dies)
        await market(as_of=period("2026-02-01")[0], companies=renamed)
    assert await store.read("test", names, {}) != before
    await overdue(store)
    await market(people="person_id,name\np,P\n")
    assert await store.read("test", names, {}) == before
    assert (await market(as_of=period("2026-02-01")[0], companies=renamed)).total("changed") == 9
    assert sum("公司" in row[0] for row in await store.read("test", names, {})) == 9


async def test_a_list_of_another_day_holds_what_was_known_then(market, ask, store):
    await market(companies="company_id,name\n" + "".join(f"c{n},公司{n}\n" for n in range(5)))
    page = """query($after: String, $at: DateTime) {
      accounts(first: 2, after: $after, knownAt: $at) { totalCount edges { node { id } } pageInfo { endCursor } }
    }"""
    first = (await ask(page))["data"]["accounts"]
    then = at_moment((await store.revision()).known_at).isoformat()
    await market(companies="company_id,name\nc00,公司00\nc9,公司9\n")
    for given in ({"after": first["pageInfo"]["endCursor"]}, {"at": then}):
        found = (await ask(page, **given))["data"]["accounts"]
        assert (found["totalCount"], [edge["node"]["id"] for edge in found["edges"]]) == (5, ["c2", "c3"] if "after" in given else ["c0", "c1"])
    assert (await ask(page))["data"]["accounts"]["totalCount"] == 7


async def test_things_are_known_since_their_rows_say_and_an_export_keeps_that(market, ask, store, tmp_path):
    """A market that was kept elsewhere since 2024 is asked here, of then, as it would have been asked there."""
    await market(
        companies="company_id,name,tier,recorded_at\na,甲公司,,2024-01-01\na,甲公司,1,2024-03-01\nb,B,,2024-06-01\n",
        people="person_id,name,company_id,recorded_at\np,王芳,a,2024-02-01\n",
    )
    text = "query($at: DateTime) { accounts(knownAt: $at) { totalCount edges { node { id tier } } } people(knownAt: $at) { totalCount } }"

    async def history():
        seen = []
        for day in ("2023-12-31", "2024-01-15", "2024-02-15", "2024-03-15", "2024-07-01"):
            data = (await ask(text, at=day))["data"]
            seen.append(([(edge["node"]["id"], edge["node"]["tier"]) for edge in data["accounts"]["edges"]], data["people"]["totalCount"]))
        return seen

    expected = [([], 0), ([("a", None)], 0), ([("a", None)], 1), ([("a", 1)], 1), ([("b", None), ("a", 1)], 1)]
    assert await history() == expected
    await export(store, tmp_path / "out", recorded=True)
    await store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
    assert (await load(store, [tmp_path / "out"])).total("rejected") == 0
    assert await history() == expected
