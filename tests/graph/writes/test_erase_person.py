"""Who is erased is nowhere any more, and does not come back."""

import asyncio
import csv
import shutil
import zlib
from pathlib import Path

import pytest

from graph import erasure
from graph.errors import ConfigError, NotFound
from graph.instants import OPEN_END
from graph.lease import turn
from graph.ledger import take_back_broken, unload
from graph.model import BuyingRole
from graph.settings import load_settings
from graph.store import Store
from graph.tombstones import tombstones
from graph.writes.erase_person import erase_person
from graph.writes.merge_entities import merge_entities
from loaders import identity
from loaders.run import load
from loaders.writes.assert_role import assert_role

PEOPLE = "person_id,name,company_id,emails,phones,identifiers\n"
FILES = {
    "companies": "company_id,name,owner_id\nacme,Acme,me\n",
    "people": PEOPLE + "zoe,Zoe Quill,acme,zoe@acme.example,+4930123456,cookie:zq\nann,Ann Lee,acme,ann@acme.example,+4930123456,\nme,Me,,,,\n",
    "reporting": "person_id,manager_id\nann,zoe\nzoe,zoe\n",
    "members": "person_id,company_id,stance,author_id\nann,acme,1,zoe\nzoe,acme,-1,me\n",
    "opportunities": "opportunity_id,company_id,name,owner_id\no1,acme,Deal,zoe\n",
    "bantc": "opportunity_id,field,state,value,said_by_id\no1,BUDGET,stated,much,zoe\no1,NEED,stated,little,mail:zoe@acme.example\n",
    "interactions": "interaction_id,type,at,from_id,to_ids\ni1,meeting,2026-03-01,me,zoe;ann\ni2,page_view,2026-03-02,cookie:zq,\n",
    "participants": "interaction_id,person_id,part\ni1,mail:zoe@acme.example,SPEAKER\ni9,zoe@acme.example,SPEAKER\n",
    "grants": "principal,role\nZoe@acme.example,editor\nme,steward\n",
    "affiliations": "person_id,company_id,kind\nzoe,nowhere,board\nann,nowhere,board\n",
}
HER = ("zoe", "Zoe", "Quill", "cookie:zq")


@pytest.fixture
def left_of_her(store, settings):
    """``await left_of_her()`` is every place of the graph and of the reports in which she is named."""

    async def look():
        nodes = await store.read("test", "MATCH (n) RETURN labels(n)[0], properties(n)", {})
        facts = await store.read("test", "MATCH ()-[r]->() RETURN type(r), properties(r)", {})
        files = [(str(path.name), path.read_text(encoding="utf-8")) for path in (settings.home / "reports").rglob("*.*")]
        opened = [
            (what, {name: zlib.decompress(value).decode() if isinstance(value, bytes) else value for name, value in held.items()})
            for what, held in [*nodes, *facts]
        ]
        return sorted({what for what, held in [*opened, *files] if any(name in str(held) for name in HER)})

    return look


@pytest.fixture
def market(store, settings, tmp_path):
    """As the suite's, with its reports in the home."""
    shutil.rmtree(settings.home / "reports", ignore_errors=True)

    async def run(source="canonical", **files):
        folder = tmp_path / f"m{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        for kind, text in files.items():
            (folder / f"{kind}.csv").write_text(text, encoding="utf-8")
        return await load(store, [folder], source=source, reports_in=settings.home / "reports")

    return run


@pytest.fixture
async def loaded(market):
    return await market(**FILES)


async def test_nothing_is_left_of_the_person_and_all_of_the_others(loaded, desk, left_of_her, chain, store):
    assert {"Person", "Record", "Alias", "Said", "rejects.csv", "affiliations.csv"} <= set(await left_of_her())
    answer = await erase_person(desk, id="zoe@acme.example")
    assert await left_of_her() == []
    assert (answer.records, answer.revision) == (3, 2)
    assert answer.tombstones >= 3
    assert {node["personId"] for node in (await chain("acme"))["nodes"] if node["personId"]} == {"ann"}
    others = "MATCH (p:Person {id: 'ann'})-[r]-() RETURN type(r), r.author_id, r.stance ORDER BY type(r)"
    left = await store.read("test", others, {})
    assert left == [["KNOWS", None, None], ["MEMBER_OF", None, 1], ["TOOK_PART", None, None], ["WORKS_AT", None, None]]
    values = "MATCH (:Opportunity)-[r]->(f) RETURN f.id, r.value, r.said_by_id ORDER BY f.id"
    assert await store.read("test", values, {}) == [["BUDGET", "much", None], ["NEED", "little", None]]
    assert await store.read("test", "MATCH (g:Grant) RETURN g.principal", {}) == [["me"]]
    with pytest.raises(NotFound):
        await erase_person(desk, id="zoe")


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        ("people", PEOPLE + "zoe,Somebody,,,,\n", "person_id"),
        ("people", PEOPLE + "crm-9,Zoe Q.,,ZOE@acme.example,,\n", "person_id"),
        ("people", PEOPLE + "crm-9,Quill Zoe,,,+49 30 123456,\n", "person_id"),
        ("people", PEOPLE + 'crm-9,"Quill, Zoe",,,0049 30 123456,\n', "person_id"),
        ("people", PEOPLE + "crm-9,Somebody,,,,cookie:zq\n", "person_id"),
        ("people", PEOPLE + "crm-9,<b>Zoe</b>,,zoe@acme.example,,\n", "person_id"),
        ("reporting", "person_id,manager_id\nann,zoe\n", "manager_id"),
        ("participants", "interaction_id,person_id\ni1,cookie:zq\n", "person_id"),
        ("grants", "principal,role\nzoe@ACME.example,viewer\n", "principal"),
    ],
)
async def test_no_row_brings_the_person_back(loaded, market, desk, left_of_her, kind, text, reason):
    await erase_person(desk, id="zoe")
    report = await market(source="later", **{kind: text})
    assert report.total("rejected") == 1
    with Path(report.rejects).open(encoding="utf-8", newline="") as file:
        assert [(row["line"], row["column"], row["value"], row["reason"]) for row in csv.DictReader(file)] == [
            ("2", reason, "", "names somebody who was erased")
        ]
    assert await left_of_her() == []


async def test_colleagues_and_lists_of_people_load_on(loaded, market, desk, store):
    await erase_person(desk, id="zoe")
    report = await market(
        source="later",
        people=PEOPLE + "new,Nia Roe,acme,nia@acme.example,+4930123456,\n",
        interactions="interaction_id,type,at,from_id,to_ids\ni3,meeting,2026-04-01,me,zoe;ann;new\n",
    )
    assert report.total("rejected") == 0
    assert "people who were erased are left out of lists, 1 time" in report.warnings
    took = await store.read("test", "MATCH (p)-[:TOOK_PART]->(:Interaction {id: 'i3'}) RETURN p.id ORDER BY p.id", {})
    assert took == [["ann"], ["me"], ["new"]]


async def test_reports_forget_on_what_sources_contradicted_each_other(loaded, market, desk, left_of_her):
    report = await market(source="hr", people=PEOPLE + "zoe,Zoe Quillington,acme,zoe@acme.example,,\nann,Ann Leigh,acme,ann@acme.example,,\n")
    assert {shown["id"] for shown in report.as_dict()["conflicts"]["first"]} == {"zoe", "ann"}
    await erase_person(desk, id="zoe")
    assert await left_of_her() == []


async def test_all_records_of_the_person_go(loaded, market, desk, left_of_her):
    await market(source="hr", people="person_id,name\nh-1,Z. Quill\n")
    await merge_entities(desk, into="zoe", from_="h-1")
    assert (await erase_person(desk, id="h-1")).records == 4
    assert await left_of_her() == []
    assert (await market(source="hr", people="person_id,name\nh-1,Z. Quill\n")).total("rejected") == 1


async def test_what_a_colleague_wrote_by_hand_stays_and_bears_their_name_no_more(loaded, market, desk, store, left_of_her):
    await market(source="hr", people="person_id,name\nh-1,A. Lee\n")
    await assert_role(desk, author="zoe", person_id="ann", role=BuyingRole.CHAMPION, company_id="acme", role_confidence=0.8)
    await merge_entities(desk, into="ann", from_="h-1", author="Zoe@acme.example")
    await assert_role(desk, author="zo", person_id="ann", role=BuyingRole.INFLUENCER, company_id="acme", role_confidence=0.7)
    await erase_person(desk, id="zoe")
    roles = await store.read("test", "MATCH (:Person {id: 'ann'})-[r:HAS_ROLE_IN]->() RETURN r.role, split(r.origin, '/')[0] ORDER BY r.role", {})
    number = (await store.read("test", "MATCH (l:Load) RETURN max(l.revision)", {}))[0][0]
    assert roles == [["CHAMPION", f"erased-{number}"], ["INFLUENCER", "zo"]], "another's name that only begins like hers stays"
    assert await store.read("test", "MATCH ()-[t:SAME_AS]->() WHERE t.author IS NOT NULL RETURN DISTINCT t.author", {}) == [[f"erased-{number}"]]
    assert await left_of_her() == []
    await unload(store, f"erased-{number}", identity)
    assert await store.read("test", "MATCH ()-[r:HAS_ROLE_IN]->() WHERE r.retracted_at = $open RETURN r.role", {"open": OPEN_END}) == [["INFLUENCER"]]


async def test_an_erasure_is_completed_by_the_next_writer_and_never_taken_back(loaded, desk, store, left_of_her, monkeypatch):
    rewrite = erasure._rewritten

    async def dies(*arguments):
        raise asyncio.CancelledError

    monkeypatch.setattr(erasure, "_rewritten", dies)
    with pytest.raises(asyncio.CancelledError):
        await erase_person(desk, id="zoe")
    monkeypatch.setattr(erasure, "_rewritten", rewrite)
    assert "Person" not in await left_of_her()
    assert "Said" in await left_of_her()
    async with turn(store) as lease:
        assert await take_back_broken(store, lease, identity) == ["L2"]
    assert await left_of_her() == []
    with pytest.raises(NotFound):
        await unload(store, "2", identity)


async def test_what_others_said_can_still_be_unloaded(loaded, market, desk, store):
    await market(source="chart", reporting="person_id,manager_id\nann,me\n")
    await erase_person(desk, id="zoe")
    await unload(store, "chart", identity)
    await unload(store, "canonical", identity)
    assert await store.read("test", "MATCH (n) WHERE n:Record OR n:Alias RETURN labels(n), properties(n)", {}) == []


async def test_another_machine_needs_the_same_key(loaded, desk, store, settings, database, tmp_path):
    await erase_person(desk, id="zoe")
    given = {"DOTTEDLINE_HOME": str(tmp_path / "other")}
    async with Store(load_settings(given), database.uri, database.user, database.password) as other:
        with pytest.raises(ConfigError, match="DOTTEDLINE_ERASURE_KEY"):
            await tombstones(other, identity)
    key = (settings.home / "erasure-key").read_text(encoding="ascii")
    async with Store(load_settings({**given, "DOTTEDLINE_ERASURE_KEY": key}), database.uri, database.user, database.password) as other:
        assert (await tombstones(other, identity)) is not None
