"""Presets that no public export was found for: fixtures made from the systems' own field lists. A story of one account each."""

import pytest

from graph.instants import period
from loaders.mapping import preset
from loaders.run import load

LINKEDIN = {
    "Connections.csv": 'Notes:\n"When exporting your data, you may notice that some addresses are missing."\n\n'
    "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
    "Min,Wang,https://www.linkedin.com/in/minw,,Acme,CIO,12 Mar 2025\n"
    "Bo,Li,https://www.linkedin.com/in/boli,bo@acme.example,Acme,,1 Jan 2024\n,,,,,,3 Feb 2024\n"
}
HUBSPOT = {
    "companies.csv": "hs_object_id,name,domain,type,numberofemployees\n101,Acme,acme.example,PROSPECT,1200.0\n",
    "contacts.csv": "hs_object_id,firstname,lastname,email,jobtitle,associatedcompanyid,hs_buying_role\n"
    "7,Min,Wang,min@acme.example,CIO,101,DECISION_MAKER;CHAMPION\n8,Bo,Li,bo@acme.example,,101,BLOCKER\n",
    "deals.csv": "hs_object_id,dealname,dealstage,amount,closedate,hubspot_owner_id,associatedcompanyid\n"
    "900,Core,closedwon,5000,1767225600000,7,101\n",
    "deal_contact.csv": "deal_id,contact_id,type_id,category\n900,8,3,HUBSPOT_DEFINED\n",
    "meetings.csv": "hs_object_id,hs_meeting_title,hs_meeting_start_time,hs_meeting_outcome,hubspot_owner_id\n"
    "55,Demo,2026-03-01T09:00:00Z,COMPLETED,7\n",
    "engagement_contact.csv": "engagement_id,contact_id,category\n55,8,HUBSPOT_DEFINED\n",
}
LABELS = {
    "companies.csv": "Record ID,Company name,Company Domain Name\n101,Acme,acme.example\n",
    "contacts.csv": "Record ID,First Name,Last Name,Email,Job Title,Associated Company IDs,Buying Role\n"
    "7,Min,Wang,min@acme.example,CIO,101,Decision maker;Champion\n8,Bo,Li,bo@acme.example,,101,Blocker\n",
}
DYNAMICS = {
    "accounts.csv": "accountid,name,websiteurl\nA-1,Acme,https://www.acme.example/\n",
    "contacts.csv": "contactid,fullname,jobtitle,emailaddress1,parentcustomerid,managerid,msdyn_decisioninfluencetag,msdyn_orgchangestatus\n"
    "C-7,Min Wang,CIO,min@acme.example,A-1,,0,0\nC-8,Bo Li,,bo@acme.example,A-1,C-7,2,0\nC-9,Cy Xu,,,A-1,,3,1\n",
    "opportunities.csv": "opportunityid,name,parentaccountid,estimatedvalue,statecode\nO-1,Core,A-1,5000,1\n",
    "appointments.csv": "activityid,subject,scheduledstart,statecode\nM-1,Demo,2026-03-01T09:00:00Z,1\n",
    "activityparty.csv": "activityid,partyid,participationtypemask\nM-1,C-7,1\nM-1,C-8,2\n",
}
SUITECRM = {
    "accounts.csv": "id,name,account_type,website\na1,Acme,Customer,acme.example\na2,Rival,Competitor,\n",
    "contacts.csv": "id,first_name,last_name,title,account_id,reports_to_id,deleted\nc7,Min,Wang,CIO,a1,,0\nc8,Bo,Li,,a1,c7,0\nc9,Old,One,,a1,,1\n",
    "opportunities.csv": "id,name,account_id,sales_stage,amount,date_closed\no1,Core,a1,Closed Won,5000,2026-01-01\n",
    "opportunities_contacts.csv": "id,contact_id,opportunity_id,contact_role,deleted\nx,c7,o1,Primary Decision Maker,0\ny,c8,o1,Influencer,0\n",
}
SALESFORCE = {
    "User.csv": "Id,Name,Email,Title,ManagerId\n005A,Ann Us,ann@us.example,Rep,005B\n005B,Ben Us,ben@us.example,Head,\n",
    "Account.csv": "Id,Name,Type,OwnerId,Owner.Name\n001A,Acme,Prospect,005A,Ann Us\n001B,Pal,Partner,005A,Ann Us\n",
    "Contact.csv": "Id,FirstName,LastName,AccountId,Title,ReportsToId,HasOptedOutOfEmail\n"
    "003A,Min,Wang,001A,CIO,,false\n003B,Bo,Li,001A,,003A,true\n",
    "AccountContactRelation.csv": "Id,AccountId,ContactId,Roles,IsActive,StartDate,EndDate\n"
    "1,001A,003A,Decision Maker;Economic Buyer,true,2025-01-01,2025-12-31\n2,001A,003B,Influencer,false,,\n",
    "Opportunity.csv": 'Id,AccountId,Name,StageName,Amount,CloseDate,OwnerId\n006A,001A,Core,Closed Won,"5,000",2026-01-01,005A\n',
    "OpportunityCompetitor.csv": "Id,OpportunityId,CompetitorName\n1,006A,Rival\n",
    "Lead.csv": "Id,FirstName,LastName,Company,Email,IsConverted\n00QA,Cy,Xu,New Firm,cy@new.example,false\n00QB,Old,Lead,Acme,,true\n",
    "Campaign.csv": "Id,Name,Type,StartDate,EndDate\n701A,Day,Conference,2026-03-01,2026-03-02\n",
    "CampaignMember.csv": "Id,CampaignId,LeadOrContactId,HasResponded,FirstRespondedDate\n1,701A,003A,true,2026-03-01\n2,701A,003B,false,\n",
    "Task.csv": "Id,WhoId,OwnerId,Subject,ActivityDate,Status,TaskSubtype,CallType\n"
    "00TA,003A,005A,Hello,2026-02-01,Completed,Email,\n00TB,003B,005A,Back,2026-02-02,Completed,Call,Inbound\n"
    "00TC,,005A,To do,2026-02-03,Open,Task,\n",
    "Event.csv": "id,who_id,owner_id,subject,start_date_time,location\n00UA,003A,005A,Demo,2026-02-05T09:00:00Z,Here\n",
}
PEOPLE = "MATCH (p:Person) OPTIONAL MATCH (p)-[:WORKS_AT]->(c) RETURN p.name, c.name ORDER BY p.name"
ROLES = "MATCH (p:Person)-[r:HAS_ROLE_IN]->(g) RETURN p.name, r.role, g.id ORDER BY p.name, r.role, g.id"
STANCES = "MATCH (p:Person)-[m:MEMBER_OF]->() RETURN p.name, m.stance ORDER BY p.name"
PARTS = "MATCH (p:Person)-[t:TOOK_PART]->(i) RETURN p.name, t.part, i.id ORDER BY p.name, t.part, i.id"


@pytest.fixture
def read(store, tmp_path):
    """Loads these files by a preset; no row may be refused. Answers a query's rows."""

    async def loaded(name, files):
        for file, text in files.items():
            (tmp_path / file).write_text(text, encoding="utf-8")
        report = await load(store, [tmp_path], mapping=preset(name), reports_in=tmp_path.parent / "reports")
        assert report.total("rejected") == 0, report.rejects
        assert not any("unknown columns" in warning for warning in report.warnings)
        return report

    return loaded


async def rows(store, text):
    return await store.read("test", text, {})


async def test_linkedin_skips_its_notes_and_tells_the_empty_row(read, store):
    report = await read("linkedin", LINKEDIN)
    assert await rows(store, PEOPLE) == [["Bo Li", "Acme"], ["Min Wang", "Acme"]]
    assert any("1 rows that no part of Connections takes (first: line 7)" in warning for warning in report.warnings)


async def test_hubspot_by_internal_names_with_its_association_tables(read, store):
    await read("hubspot", HUBSPOT)
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
    await read("hubspot", LABELS)
    assert await rows(store, STANCES) == [["Bo Li", -2]]
    assert [row[:2] for row in await rows(store, ROLES)] == [["Bo Li", "OTHER"], ["Min Wang", "CHAMPION"], ["Min Wang", "DECISION_MAKER"]]


async def test_dynamics_keeps_who_left_without_a_job(read, store):
    await read("dynamics", DYNAMICS)
    assert await rows(store, PEOPLE) == [["Bo Li", "Acme"], ["Cy Xu", None], ["Min Wang", "Acme"]]
    assert [row[:2] for row in await rows(store, ROLES)] == [["Bo Li", "OTHER"], ["Min Wang", "DECISION_MAKER"]]
    assert await rows(store, STANCES) == [["Bo Li", -2]]
    assert await rows(store, PARTS) == [["Bo Li", "ATTENDEE", "dynamics:M-1"], ["Min Wang", "ORGANISER", "dynamics:M-1"]]
    assert await rows(store, "MATCH (a:Person)-[:REPORTS_TO]->(b) RETURN a.name, b.name") == [["Bo Li", "Min Wang"]]


async def test_suitecrm_with_roles_in_opportunities(read, store):
    await read("suitecrm", SUITECRM)
    assert await rows(store, PEOPLE) == [["Bo Li", "Acme"], ["Min Wang", "Acme"]]
    assert await rows(store, ROLES) == [["Bo Li", "INFLUENCER", "suitecrm:o1"], ["Min Wang", "DECISION_MAKER", "suitecrm:o1"]]
    assert await rows(store, "MATCH (c:Company) RETURN c.name, c.kinds ORDER BY c.name") == [["Acme", ["account"]], ["Rival", ["competitor"]]]


async def test_salesforce_tables_meet_in_one_graph(read, store):
    report = await read("salesforce", SALESFORCE)
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
    lines = "MATCH (a:Person)-[:REPORTS_TO]->(b) RETURN a.name, b.name ORDER BY a.name"
    assert await rows(store, lines) == [["Ann Us", "Ben Us"], ["Bo Li", "Min Wang"]]
    kinds = "MATCH (c:Company) RETURN c.name, c.kinds ORDER BY c.name"
    firms = [["Acme", ["account"]], ["New Firm", ["account"]], ["Our company", ["us"]], ["Pal", ["partner"]], ["Rival", ["competitor"]]]
    assert await rows(store, kinds) == firms
    told = [warning for warning in report.warnings if "rows that no part" in warning]
    assert {warning.split(":")[0] for warning in told} == {"AccountContactRelation.csv", "CampaignMember.csv", "Lead.csv", "Task.csv"}
