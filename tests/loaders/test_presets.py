"""Presets that no public export was found for: the fixtures of `samples/presets/`, made from the systems' fields. A story of one account each."""

from pathlib import Path

import pytest

from graph.instants import OPEN_END, period
from loaders.mapping import preset
from loaders.run import load

FIXTURES = Path(__file__).parent.parent.parent / "samples" / "presets"
PEOPLE = "MATCH (p:Person) OPTIONAL MATCH (p)-[:WORKS_AT]->(c) RETURN p.name, c.name ORDER BY p.name"
ROLES = "MATCH (p:Person)-[r:HAS_ROLE_IN]->(g) RETURN p.name, r.role, g.id ORDER BY p.name, r.role, g.id"
STANCES = "MATCH (p:Person)-[m:MEMBER_OF]->() RETURN p.name, m.stance ORDER BY p.name"
PARTS = "MATCH (p:Person)-[t:TOOK_PART]->(i) RETURN p.name, t.part, i.id ORDER BY p.name, t.part, i.id"


@pytest.fixture
def read(store, tmp_path):
    """Loads a fixture by a preset; no row may be refused."""

    async def loaded(name, folder=None):
        report = await load(store, [FIXTURES / (folder or name)], mapping=preset(name), reports_in=tmp_path)
        assert report.total("rejected") == 0, report.rejects
        assert not any("unknown columns" in warning for warning in report.warnings)
        return report

    return loaded


async def rows(store, text):
    return await store.read("test", text, {})


async def test_linkedin_skips_its_notes_and_tells_the_empty_row(read, store):
    report = await read("linkedin")
    assert await rows(store, PEOPLE) == [["Bo Li", "Acme"], ["Min Wang", "Acme"]]
    assert any("1 row that no part of Connections takes (first: line 7)" in warning for warning in report.warnings)


async def test_hubspot_by_internal_names_with_its_association_tables(read, store):
    await read("hubspot")
    assert await rows(store, PEOPLE) == [["7", None], ["Bo Li", "Acme"], ["Min Wang", "Acme"]]
    company, deal = "hubspot:101", "hubspot:900"
    assert await rows(store, ROLES) == [
        ["Bo Li", "OTHER", company],
        ["Bo Li", "OTHER", deal],
        ["Min Wang", "CHAMPION", company],
        ["Min Wang", "DECISION_MAKER", company],
    ]
    assert await rows(store, STANCES) == [["Bo Li", -2]]
    assert await rows(store, PARTS) == [["7", "SENDER", "hubspot:55"], ["Bo Li", "ATTENDEE", "hubspot:55"]]
    won = "MATCH (o:Opportunity)-[v:OPPORTUNITY_VALUE]->(f {id: 'CLOSE_ON'}) RETURN o.outcome, v.value"
    assert await rows(store, won) == [["won", "2026-01-01T00:00:00+00:00"]]


async def test_hubspot_by_labels(read, store):
    await read("hubspot", "hubspot_labels")
    assert await rows(store, STANCES) == [["Bo Li", -2]]
    assert [row[:2] for row in await rows(store, ROLES)] == [["Bo Li", "OTHER"], ["Min Wang", "CHAMPION"], ["Min Wang", "DECISION_MAKER"]]


async def test_dynamics_keeps_who_left_without_a_job(read, store):
    await read("dynamics")
    assert await rows(store, PEOPLE) == [["Bo Li", "Acme"], ["Cy Xu", None], ["Min Wang", "Acme"]]
    assert [row[:2] for row in await rows(store, ROLES)] == [["Bo Li", "OTHER"], ["Min Wang", "DECISION_MAKER"]]
    assert await rows(store, STANCES) == [["Bo Li", -2]]
    assert await rows(store, PARTS) == [["Bo Li", "ATTENDEE", "dynamics:M-1"], ["Min Wang", "ORGANISER", "dynamics:M-1"]]
    assert await rows(store, "MATCH (a:Person)-[:REPORTS_TO]->(b) RETURN a.name, b.name") == [["Bo Li", "Min Wang"]]


async def test_suitecrm_with_roles_in_opportunities(read, store):
    await read("suitecrm")
    assert await rows(store, PEOPLE) == [["Bo Li", "Acme"], ["Min Wang", "Acme"]]
    assert await rows(store, ROLES) == [["Bo Li", "INFLUENCER", "suitecrm:o1"], ["Min Wang", "DECISION_MAKER", "suitecrm:o1"]]
    assert await rows(store, "MATCH (c:Company) RETURN c.name, c.kinds ORDER BY c.name") == [["Acme", ["account"]], ["Rival", ["competitor"]]]


async def test_salesforce_tables_meet_in_one_graph(read, store, tmp_path):
    report = await read("salesforce")
    assert await rows(store, PEOPLE) == [
        ["Ann Us", "Our company"],
        ["Ben Us", "Our company"],
        ["Bo Li", "Acme"],
        ["Cy Xu", "New Firm"],
        ["Min Wang", "Acme"],
    ]
    assert [row[:2] for row in await rows(store, ROLES)] == [["Min Wang", "DECISION_MAKER"], ["Min Wang", "ECONOMIC_BUYER"]]
    assert await rows(store, "MATCH (:Person)-[r:HAS_ROLE_IN {role: 'DECISION_MAKER'}]->() RETURN r.valid_to") == [[period("2026-01-01")[0]]]
    assert [row[:2] for row in await rows(store, PARTS)] == [
        ["Ann Us", "RECIPIENT"],
        ["Ann Us", "SENDER"],
        ["Ann Us", "SENDER"],
        ["Bo Li", "SENDER"],
        ["Min Wang", "RECIPIENT"],
        ["Min Wang", "RECIPIENT"],
        ["Min Wang", "SENDER"],
    ]
    june, december = (period(f"2025-{at}+00:00")[0] for at in ("06-01T09:00", "12-20T16:30"))
    known = f"MATCH (:Opportunity)-[v:OPPORTUNITY_VALUE {{retracted_at: {OPEN_END}}}]->(f)"
    history = f"{known} RETURN f.id, v.value, v.valid_from, v.valid_to ORDER BY f.id, v.valid_from"
    assert [row for row in await rows(store, history) if row[0] in ("AMOUNT", "STAGE")] == [
        ["AMOUNT", "4000", june, december],
        ["AMOUNT", "5000", december, OPEN_END],
        ["STAGE", "Proposal", june, december],
        ["STAGE", "Closed Won", december, OPEN_END],
    ], "a log of changes: each row holds until the next, and what the deal's own row says of today is its end"
    lines = "MATCH (a:Person)-[:REPORTS_TO]->(b) RETURN a.name, b.name ORDER BY a.name"
    assert await rows(store, lines) == [["Ann Us", "Ben Us"], ["Bo Li", "Min Wang"]]
    kinds = "MATCH (c:Company) RETURN c.name, c.kinds ORDER BY c.name"
    firms = [["Acme", ["account"]], ["New Firm", ["account"]], ["Our company", ["us"]], ["Pal", ["partner"]], ["Rival", ["competitor"]]]
    assert await rows(store, kinds) == firms
    told = [warning for warning in report.warnings if "that no part" in warning]
    assert {warning.split(":")[0] for warning in told} == {
        "AccountContactRelation.csv",
        "CampaignMember.csv",
        "Lead.csv",
        "OpportunityFieldHistory.csv",
        "Task.csv",
    }
    again = await load(store, [FIXTURES / "salesforce"], mapping=preset("salesforce"))
    assert (again.total("created"), again.total("changed"), again.total("ended")) == (0, 0, 0)
    longer = tmp_path / "OpportunityFieldHistory.csv"
    log = (FIXTURES / "salesforce" / longer.name).read_text(encoding="utf-8")
    longer.write_text(log + "017G,006A,001A,StageName,Closed Won,Reopened,2026-01-09T08:00:00.000Z\n", encoding="utf-8")
    await load(store, [longer], mapping=preset("salesforce"))
    january = period("2026-01-09T08:00+00:00")[0]
    now = [row[1:] for row in await rows(store, history) if row[0] == "STAGE"]
    assert now[-1] == ["Reopened", january, OPEN_END]
