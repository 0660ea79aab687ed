"""Mappings: other people's files become ours, on cuts of real data; each answer is worked out again by hand, slowly."""

import csv
import json
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from graph.errors import InvalidInput
from loaders import guess
from loaders.frames import Tables
from loaders.kinds import KINDS
from loaders.mapping import PRESETS, day_after, preset, presets, read_mapping, salesforce_id
from loaders.run import load

DATA = Path(__file__).parent.parent / "data"
SAMPLES = Path(__file__).parent.parent.parent / "samples" / "mappings"


def made(mapping, paths):
    """Kind -> the rows that a mapping makes of files."""
    rows = {}
    for table in Tables(paths if isinstance(paths, list) else [paths], mapping, mapping.name):
        rows.setdefault(table.kind.name, []).extend(cells for _, cells in table.rows())
    return rows


def table(name, file):
    with (DATA / name / file).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def records(name):
    return json.loads((DATA / "salesforce_sample_plans" / f"{name}.json").read_text(encoding="utf-8"))["records"]


REJECTED = {"crm_maven_sales": {"opportunities": 30}}
"""Deals of the cut that name no account."""


def test_a_table_that_lacks_a_column_says_which_headers_may_fill_it(tmp_path):
    log = "Id,OpportunityId,Field,OldValue,NewValue,CreatedDate\nh,o,StageName,A,B,2026-01-01\n"
    (tmp_path / "OpportunityFieldHistory.csv").write_text(log, encoding="utf-8")
    with pytest.raises(InvalidInput):
        list(tables := Tables([tmp_path], preset("salesforce"), "salesforce"))
    assert "column company_id (Opportunity.AccountId or AccountId) not found" in "".join(tables.warnings)


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [("志远", "陈", "陈志远"), ("Zhiyuan", "Chen", "Zhiyuan Chen"), ("志远 Bob", "陈", "志远 Bob 陈"), ("", "陈", "陈"), ("志远", "", "志远")],
)
def test_a_chinese_name_is_written_as_one_family_name_first(tmp_path, first, last, name):
    (tmp_path / "Connections.csv").write_text(f"First Name,Last Name,URL\n{first},{last},https://linkedin.com/in/c\n", encoding="utf-8")
    assert [row["name"] for row in made(preset("linkedin"), tmp_path)["people"]] == [name]


STAGES_OF_THEIR_OWN = {
    "salesforce": ("Opportunity", "Id,AccountId,Name,StageName,{closed},{won}"),
    "hubspot": ("deals", "hs_object_id,associatedcompanyid,dealname,dealstage,{closed},{won}"),
}
FLAGS = [("salesforce", "IsClosed", "IsWon"), ("salesforce", "Closed", "Won"), ("salesforce", "is_closed", "is_won")]
FLAGS += [("hubspot", "hs_is_closed", "hs_is_closed_won")]


@pytest.mark.parametrize(("name", "closed", "won"), FLAGS)
def test_a_deal_is_won_by_its_flags_whatever_its_stage_is_called(tmp_path, name, closed, won):
    file, header = STAGES_OF_THEIR_OWN[name]
    rows = ["o1,a,A,Signed,true,true", "o2,a,B,Gone,True,False", "o3,a,C,Talks,false,false", "o4,a,D,Signed,1,1", "o5,a,E,Closed Lost,,"]
    rows += ["o6,a,F,Closed Won,t,t"]  # a warehouse's words for flags that nobody has met: the stage tells
    (tmp_path / f"{file}.csv").write_text("\n".join([header.format(closed=closed, won=won), *rows]) + "\n", encoding="utf-8")
    found = {row["name"]: row["outcome"] for row in made(preset(name), tmp_path)["opportunities"]}
    assert found == {"A": "won", "B": "lost", "C": "open", "D": "won", "E": "lost", "F": "won"}


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("*.toml")))
async def test_a_mapping_loads_real_files_and_a_second_time_changes_nothing(store, tmp_path, name):
    asked = {"mapping": read_mapping(SAMPLES / f"{name}.toml"), "reports_in": tmp_path}
    first = await load(store, [DATA / name], **asked)
    again = await load(store, [DATA / name], **asked)
    assert {kind: counts.rejected for kind, counts in first.kinds.items() if counts.rejected} == REJECTED.get(name, {})
    assert (again.total("created"), again.total("changed")) == (0, 0)


async def test_every_reference_of_a_salesforce_plan_finds_its_record(store, tmp_path):
    report = await load(store, [DATA / "salesforce_sample_plans"], mapping=preset("salesforce"), reports_in=tmp_path)
    assert (report.source, report.total("rejected")) == ("salesforce", 0)
    roles = await store.read(
        "test",
        "MATCH (p:Person)-[r:HAS_ROLE_IN]->(g) MATCH (p)-[:WORKS_AT]->(c) RETURN p.id, p.name, r.role, g.id, c.name ORDER BY p.id",
        {},
    )
    contacts = {record["attributes"]["referenceId"]: record for record in records("Contact")}
    accounts = {record["attributes"]["referenceId"]: record["Name"] for record in records("Account")}

    def expected(record):
        person = record["ContactId"].removeprefix("@")
        contact = contacts[person]
        name = f"{contact.get('FirstName', '')} {contact['LastName']}".strip()
        group = f"salesforce:{salesforce_id(record['OpportunityId'])}"
        return [f"salesforce:{salesforce_id(person)}", name, "TECHNICAL_EVALUATOR", group, accounts[contact["AccountId"].removeprefix("@")]]

    assert roles == sorted(map(expected, records("OpportunityContactRole")))


def test_what_was_won_in_the_crm_is_what_the_purchases_sum_to():
    rows = made(read_mapping(SAMPLES / "crm_maven_sales.toml"), DATA / "crm_maven_sales")
    deals = table("crm_maven_sales", "sales_pipeline.csv")
    won = [deal for deal in deals if deal["deal_stage"] == "Won"]
    assert sum(float(row["amount"]) for row in rows["purchases"]) == sum(float(deal["close_value"]) for deal in won)
    assert Counter(row["outcome"] for row in rows["opportunities"]) == Counter(
        {"Won": "won", "Lost": "lost"}.get(deal["deal_stage"], "") for deal in deals
    )
    products = {row["product_id"] for row in rows["products"]}
    assert {row["product_id"] for row in rows["purchases"]} <= products
    assert {row["parent_id"] for row in rows["companies"] if row.get("parent_id")} <= {row["company_id"] for row in rows["companies"]}
    assert len(rows["people"]) == len({row["person_id"] for row in rows["people"]}) == 35 + 6
    assert {row["industry"] for row in rows["companies"] if row.get("industry")}.isdisjoint({"technolgy"})


def test_the_plant_has_one_chief_and_one_mail_to_many_is_one():
    rows = made(read_mapping(SAMPLES / "manufacturing_email_hierarchy.toml"), DATA / "manufacturing_email_hierarchy")
    manager = {row["person_id"]: row["manager_id"] for row in rows["reporting"]}
    assert {row["person_id"] for row in rows["people"]} - set(manager) == {"plant:86"}
    assert len(set(manager.values())) == 34
    assert sorted(person for person, boss in manager.items() if boss == "plant:86") == sorted(
        f"plant:{n}" for n in (7, 27, 36, 69, 70, 85, 104, 121, 148, 156, 163)
    )
    with (DATA / "manufacturing_email_hierarchy" / "communication.csv").open(encoding="utf-8") as opened:
        mails = list(csv.DictReader(opened, delimiter=";"))
    assert len(rows["interactions"]) == len({(mail["Sender"], mail["EventDate"]) for mail in mails})
    assert len(rows["participants"]) == len(mails)


def test_speakers_of_a_feed_stand_in_their_sessions():
    rows = made(read_mapping(SAMPLES / "oscon_2014_schedule.toml"), DATA / "oscon_2014_schedule")
    feed = json.loads((DATA / "oscon_2014_schedule" / "osconfeed.json").read_text(encoding="utf-8"))["Schedule"]
    assert Counter(row["interaction_id"] for row in rows["participants"]) == Counter(
        {f"oscon:{event['serial']}": len(event["speakers"]) for event in feed["events"] if event.get("speakers")}
    )
    people = {row["person_id"] for row in rows["people"]}
    assert len({row["person_id"] for row in rows["participants"]} - people) == 1
    assert not any("&amp;" in value or "&#" in value for row in rows["people"] for value in row.values())


def test_an_independent_director_is_affiliated_and_the_others_are_employed():
    rows = made(read_mapping(SAMPLES / "cn_ashare_executives.toml"), DATA / "cn_ashare_executives")
    jobs = Counter(row["jobs"] for row in table("cn_ashare_executives", "import_executive_stock.csv"))
    assert len(rows["affiliations"]) == jobs["独立董事"] + jobs["独立非执行董事"]
    assert Counter(row["title"] for row in rows["employments"]) == {job: times for job, times in jobs.items() if not job.startswith("独立")}


def test_former_names_are_aliases_and_a_web_address_is_a_domain():
    rows = {row["company_id"]: row for row in made(read_mapping(SAMPLES / "yc_companies.toml"), DATA / "yc_companies")["companies"]}
    for company in table("yc_companies", "yc_companies.csv"):
        row = rows[f"yc:{company['id']}"]
        names = [name for name in company["former_names"].split("|") if name not in ("Inc.", "Inc", "LLC")]
        assert row["aliases"] == ";".join(names)
        host = company["website"].split("//")[-1].split("/")[0].split("?")[0].removeprefix("www.")
        assert row["domain"] == host


def test_products_of_a_landscape_keep_their_category():
    rows = made(read_mapping(SAMPLES / "cncf_landscape.toml"), DATA / "cncf_landscape")
    items = table("cncf_landscape", "landscape_items_2026.csv")
    software = [item for item in items if item["category"] not in ("CNCF Members", "Special")]
    assert Counter(row["category"] for row in rows["products"]) == Counter(item["subcategory"] for item in software)
    assert {row["company_id"] for row in rows["companies"]} == {f"cncf:{item['crunchbase'] or item['name']}" for item in items} | {"cncf:cncf"}
    assert len(rows["companies"]) == len({row["company_id"] for row in rows["companies"]})


def test_posts_of_one_day_without_a_name_take_their_title():
    rows = made(read_mapping(SAMPLES / "uk_gov_organograms.toml").on(date(2016, 3, 31)), DATA / "uk_gov_organograms")
    posts = {row["Post Unique Reference"]: row for row in table("uk_gov_organograms", "senior_posts.csv") if row["snapshot"] == "2016-03-31"}
    nameless = ("N/D", "N/A", "Vacant", "")
    names = {f"organograms:{row['body']}/{key}": row["Job Title"] if row["Name"] in nameless else row["Name"] for key, row in posts.items()}
    assert {row["person_id"]: row["name"] for row in rows["people"]} == names
    assert len(rows["reporting"]) == sum(row["Reports to Senior Post"] not in ("XX", key) for key, row in posts.items())


ROLES = """Id,ContactId,OpportunityId,Role,IsDeleted
1,0031,0061,Blocker,false
2,0032,0061,Enemy,0
3,0033,0061,,false
4,0034,0061,Chief Cook,
5,0035,0061,Champion,true
"""


def test_a_role_and_a_stance_are_told_apart(tmp_path):
    (tmp_path / "OpportunityContactRole.csv").write_text(ROLES, encoding="utf-8")
    tables = Tables([tmp_path], preset("salesforce"), "salesforce")
    rows = {table.kind.name: [cells for _, cells in table.rows()] for table in tables}
    assert {row["person_id"][-4:]: row["role"] for row in rows["roles"]} == {"0031": "OTHER", "0033": "OTHER", "0034": "OTHER"}
    assert {row["person_id"][-4:]: row["stance"] for row in rows["members"]} == {"0031": "-2", "0032": "-2"}
    (told,) = [warned for warned in tables.warned if warned.cell == "Chief Cook"]
    assert told.said().endswith("read as OTHER (first: line 5, 'Chief Cook')")
    assert "Cook" not in told.said(quoting=False), "where somebody was erased no cell is quoted"
    assert any("1 row that no part of OpportunityContactRole takes (first: line 6)" in warning for warning in tables.warnings)


def test_fifteen_and_eighteen_characters_are_one_id():
    assert salesforce_id("001D000000IRFma") == salesforce_id("001D000000IRFmaIAH") == "001D000000IRFmaIAH"
    assert salesforce_id("001d000000irfma") != salesforce_id("001D000000IRFma")
    assert salesforce_id("@ContactRef4") == "ContactRef4"


API = 'Id,Name,ParentId,Website,NumberOfEmployees\n001D000000IRFma,Acme,,https://www.acme.example/x,"1,200"\n'
LABELS = "Account ID,Account Name,Website,Employees\n001D000000IRFmaIAH,Acme,www.acme.example,1200\n"
SNAKE = "id,name,parent_id,website,number_of_employees,_fivetran_synced\n001D000000IRFma,Acme,,acme.example,1200.0,2026\n"


@pytest.mark.parametrize(("name", "text"), [("Account.csv", API), ("report1700.csv", LABELS), ("account.csv", SNAKE)])
def test_api_names_labels_and_warehouse_names_are_one(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    row = made(preset("salesforce"), tmp_path)["companies"][0]
    assert (row["company_id"], row["name"], row["domain"]) == ("salesforce:001D000000IRFmaIAH", "Acme", "acme.example")


@pytest.mark.parametrize(
    ("given", "after"), [("2026-05-31", "2026-06-01"), ("2026-05-31T23:00", "2026-06-01"), ("2026-05", "2026-05"), ("soon", "soon")]
)
def test_an_inclusive_end_is_the_day_after(given, after):
    assert day_after(given) == after


WRONG = {
    'name = "x"\nabout = "y"\ntables = 3\n': (3, "tables"),
    'name = "x"\nabout = \n': (2, "not TOML"),
    'name = "x"\nabout = "y"\n[tables.a.makes.folk]\ncolumns.person_id = "a"\n': (3, "'folk' is no kind"),
    'name = "x"\nabout = "y"\n[tables.a.makes.people.columns]\nperson_id = "a"\nname = "b"\nshoe = "c"\n': (6, "no column of people"),
    'name = "x"\nabout = "y"\n[tables.a.makes.people.columns]\nperson_id = "a"\n': (3, "people needs name"),
    'name = "x"\nabout = "y"\n[tables.a.makes.people]\nonly = "a"\n[tables.a.makes.people.columns]\nperson_id = "a"\nname = "b"\n': (
        4,
        "not permitted",
    ),
    'name = "x"\nabout = "y"\n[tables.a.makes.people.columns]\nperson_id = "a"\nname = { from = "b", pattern = "(" }\n': (5, "no regular expression"),
    'name = "x"\nabout = "y"\n[tables.a.makes.people.columns]\nperson_id = "a"\nname = { from = "b", value = "c" }\n': (5, "either"),
    'name = "x"\nabout = "y"\n[tables.a.makes.people.columns]\nperson_id = "a"\nname = { from = "b", values = "c" }\n': (5, "'c' is no value set"),
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_mapping_names_its_line(tmp_path, text):
    line, says = WRONG[text]
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput) as refused:
        read_mapping(tmp_path / "mine.toml")
    assert f"line {line}" in refused.value.message
    assert says in refused.value.message


def test_every_preset_reads_and_says_on_what_it_was_tested():
    assert set(presets()) == {"canonical", *(path.stem for path in PRESETS.glob("*.toml"))}
    assert all(mapping.name == name and mapping.tested for name, mapping in presets().items())
    assert set(preset("canonical").tables) == {kind.name for kind in KINDS}


def run(*arguments):
    return CliRunner().invoke(app, ["mapping", *map(str, arguments)])


def test_a_guessed_mapping_names_the_preset_and_reads_what_it_proposes(tmp_path):
    text = "Id,Full Name,Job Title,E-Mail,Reports To,Shoe\n1,Ann,CIO,ann@a.example,2,44\n2,Bob,CEO,bob@a.example,,40\n"
    (tmp_path / "contacts.csv").write_text(text, encoding="utf-8")
    proposed = run("guess", tmp_path / "contacts.csv").stdout
    (tmp_path / "mine.toml").write_text(proposed, encoding="utf-8")
    row = made(read_mapping(tmp_path / "mine.toml"), tmp_path / "contacts.csv")["people"][0]
    assert (row["name"], row["title"], row["emails"]) == ("Ann", "CIO", "ann@a.example")
    assert "# left out: " in proposed
    assert "Shoe" in proposed.partition("# left out: ")[2]
    assert "--preset salesforce" in run("guess", DATA / "salesforce_sample_plans" / "Contact.json").stdout


def test_chinese_headers_are_guessed_and_none_that_is_known_is_said(tmp_path):
    head, first = "姓名,公司,职位,邮箱,手机,部门,上级,备注", "张三,岭海银行,首席信息官,zs@a.example,13800138000,科技部,李四,老友"
    (tmp_path / "通讯录.csv").write_text(f"{head}\n{first}\n李四,岭海银行,行长,,,,,\n", encoding="utf-8")
    (tmp_path / "mine.toml").write_text(run("guess", tmp_path / "通讯录.csv").stdout, encoding="utf-8")
    row = made(read_mapping(tmp_path / "mine.toml"), tmp_path / "通讯录.csv")["people"][0]
    wanted = {"name": "张三", "title": "首席信息官", "emails": "zs@a.example", "phones": "13800138000", "department": "科技部"}
    assert {name: row[name] for name in wanted} == wanted
    assert {"company_id", "manager_id"} <= row.keys()
    (tmp_path / "qq.csv").write_text("甲乙丙丁,戊己庚辛\n1,2\n", encoding="utf-8")
    assert 'No column of "qq" is recognised' in run("guess", tmp_path / "qq.csv").stdout


async def test_what_is_proposed_for_a_list_of_people_makes_their_companies_too(tmp_path, store):
    text = "姓名,公司,职务,邮箱\n张三,岭海银行,首席信息官,zs@a.example\n李四,岭海银行,行长,\n王五,华星 Tech,,\n"
    (tmp_path / "联系人.csv").write_text(text, encoding="utf-8")
    (tmp_path / "mine.toml").write_text(run("guess", tmp_path / "联系人.csv").stdout, encoding="utf-8")
    report = await load(store, [tmp_path / "联系人.csv"], mapping=read_mapping(tmp_path / "mine.toml"))
    assert {kind: (each.rows, each.rejected) for kind, each in report.kinds.items()} == {"people": (3, 0), "companies": (2, 0)}
    rows = await store.read("test", "MATCH (p:Person)-[:WORKS_AT]->(c:Company) RETURN p.name, c.name ORDER BY p.name", {})
    assert rows == [["张三", "岭海银行"], ["李四", "岭海银行"], ["王五", "华星 Tech"]]


def test_our_own_column_is_proposed_though_some_of_its_cells_cannot_be_read(tmp_path):
    (tmp_path / "people.csv").write_text("person_id,name,consent_until\np1,Ann,soon\np2,Bob,later\np3,Cid,2027-01-01\n", encoding="utf-8")
    assert 'consent_until = "consent_until"  # 0.33' in run("guess", tmp_path / "people.csv").stdout


def test_every_chinese_header_is_of_a_column_that_there_is():
    told = tomllib.loads((Path(guess.__file__).parent / "headers.toml").read_text(encoding="utf-8"))
    assert {(kind, name) for kind, columns in told.items() for name in columns} <= {
        (kind.name, column.name) for kind in KINDS for column in kind.every_column
    }


def test_a_check_explains_a_mapping_and_tries_it():
    words = run("check", "salesforce").stdout
    assert "not without stance; one row for each item of Roles" in words
    assert "value set stances (others become nothing)" in words
    assert "Ids of 15 and of 18 characters are one." in words
    assert "an inclusive end" in words
    assert "an id after lead:" in words
    posts = run("check", SAMPLES / "uk_gov_organograms.toml").stdout
    assert "only where snapshot is '{as_of}'; the first row of each id" in posts
    assert "nothing where it is 'N/D' or 'N/A' or 'Vacant'" in posts
    assert r"of it what '([^\\s;,]+@[^\\s;,]+)' takes" in posts
    tried = run("check", SAMPLES / "crm_maven_sales.toml", DATA / "crm_maven_sales").stdout
    assert "accounts.csv" in tried
    assert "left out" not in tried, "notes beside the data are passed over"


def test_two_mappings_at_once_and_an_unknown_preset_are_refused():
    for arguments in (["--preset", "x", "--mapping", "y"], ["--preset", "sales"]):
        found = CliRunner().invoke(app, ["load", ".", *arguments])
        assert isinstance(found.exception, InvalidInput)
