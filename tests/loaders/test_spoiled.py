"""Spoiled files: every kind of fault that we could think of stands beside a row that is right. Each is told, and nothing else is lost."""

import csv
import gzip
from datetime import UTC
from pathlib import Path

import pytest

from api import cli
from loaders.frames import Tables
from loaders.rejects import Fault, first_faults
from loaders.run import SHOWN, Counts, Report, check, load
from loaders.spool import Spool

LONG = "x" * 1_001
HUGE = "y" * 1_000_001
FIRM = "company_id,name\na,A\nb,B\n"
FAULTS = {
    "companies": (
        "company_id,name,kinds,tier,value,employees,annual_revenue,parent_id,valid_from,valid_to,confidence",
        [
            (",No id,,,,,,,,,", "company_id", "is required and empty"),
            ("c1,,,,,,,,,,", "name", "is required and empty"),
            ("c2,C,friend,,,,,,,,", "kinds", "is none of us, account"),
            ("c3,C,,4,,,,,,,", "tier", "is not 1, 2 or 3"),
            ("c4,C,,one,,,,,,,", "tier", "is not a whole number"),
            ("c5,C,,,1.5,,,,,,", "value", "is not between 0 and 1"),
            ("c6,C,,,,many,,,,,", "employees", "is not a whole number"),
            ("c7,C,,,,12.5,,,,,", "employees", "is not a whole number"),
            ("c24,C,,,,1e30,,,,,", "employees", "beyond 64 bits"),
            ('c8,C,,,,,"1,5",,,,', "annual_revenue", "is not a number"),
            ("c9,C,,,,,nan,,,,", "annual_revenue", "is not a finite number"),
            ("c10,C,,,,,1e999,,,,", "annual_revenue", "is not a finite number"),
            ("c11,C,,,,,,nowhere,,,", "parent_id", "that neither a good row of these files nor the graph knows"),
            ("c12,C,,,,,,c12,,,", "parent_id", "names the row's own"),
            ("c13,C,,,,,,a,2026-02-30,,", "valid_from", "ISO 8601"),
            ("c14,C,,,,,,a,31/12/2025,,", "valid_from", "ISO 8601"),
            ("c15,C,,,,,,a,2026-02,2026-01,", "valid_to", "is not after valid_from"),
            ("c16,C,,,,,,,,,2", "confidence", "is not between 0 and 1"),
            (f"{LONG},C,,,,,,,,,", "company_id", "longer than 1000"),
            (f"c17,{LONG},,,,,,,,,", "name", "longer than 1000"),
            ("a,Other,,,,,,,,,", "company_id", "stands in this file before"),
            ("c18,C", "", "number of cells (2)"),
            ("c19,C,,,,,,,,,,,x", "", "number of cells (13)"),
            ('c20,"C"x,,,,,,,,,', "", "mend the quotes"),
            ('c21,"C,,,,,,,,,', "", "mend the quotes"),
            (f"c22,{HUGE},,,,,,,,,", "", "holds a cell of more than 1,000,000 characters"),
            (b"c23,\xff\xfe,,,,,,,,,", "", "is not UTF-8"),
        ],
        "a,A,,,,,,,,,",
    ),
    "people": (
        "person_id,name,company_id,do_not_contact,consent_until,manager_id,aliases,emails,phones,identifiers,tags",
        [
            (f"p6,P,,,,,Pea;{'x' * 9_000},,,,", "aliases", "longer than 1000"),
            (f"p7,P,,,,,,{'x' * 9_000}@a.example,,,", "emails", "longer than 1000"),
            (f"p8,P,,,,,,,{'1' * 9_000},,", "phones", "longer than 1000"),
            (f"p9,P,,,,,,,,x:{'x' * 1_000},", "identifiers", "longer than 1000"),
            (f"p10,P,,,,,,,,,{'x' * 9_000}", "tags", "longer than 1000"),
            ("p1,P,nowhere,,,,,,,,", "company_id", "'nowhere'"),
            ("p2,P,,perhaps,,,,,,,", "do_not_contact", "neither true nor false"),
            ("p3,P,,,soon,,,,,,", "consent_until", "ISO 8601"),
            ("p4,P,,,,p4,,,,,", "manager_id", "names the row's own"),
            ("p5,P,c3,,,,,,,,", "company_id", "'c3'"),
        ],
        "p,P,a,,,,,,,,",
    ),
    "employments": (
        "person_id,company_id,title,level,valid_from,valid_to",
        [("p,a,T,2,2020-06,2022", "valid_from", "overlaps line 2")],
        "p,a,T,1,2020,2021",
    ),
    "reporting": ("person_id,manager_id,line", [("p,q,DASHED", "line", "SOLID, DOTTED"), ("p,,", "manager_id", "required")], "p,q,SOLID"),
    "roles": (
        "person_id,role,company_id,role_confidence,authority,step",
        [
            ("p,BOSS,a,,,", "role", "is none of DECISION_MAKER"),
            ("p,CHAMPION,,,,", "group_id", "name one of them"),
            ("p,CHAMPION,a,-1,,", "role_confidence", "between 0 and 1"),
            ("p,CHAMPION,a,,lots,", "authority", "is none of"),
            ("p,CHAMPION,a,,,first", "step", "whole number"),
        ],
        "p,CHAMPION,a,,,",
    ),
    "members": ("person_id,company_id,stance,power", [("p,a,9,", "stance", "between -2 and 2"), ("p,a,,KING", "power", "is none of")], "p,a,MENTOR,"),
    "influence": (
        "from_id,to_id,kind,strength",
        [("p,q,LIKES,", "kind", "ADVISES, FOLLOWS"), ("p,q,,mighty", "strength", "not a number"), ("p,p,,", "to_id", "own")],
        "p,q,,strong",
    ),
    "interactions": (
        "interaction_id,type,at,status,minutes,to_ids",
        [
            (f"i5,call,2026-01-01,,,p;{LONG}", "to_ids", "longer than 1000"),
            ("i1,wink,2026-01-01,,,", "type", "is none of meeting"),
            ("i2,call,,,,", "at", "required"),
            ("i3,call,2026-01-01,maybe,,", "status", "is none of planned"),
            ("i4,call,2026-01-01,,long,", "minutes", "not a number"),
        ],
        "i,call,2026-01-01,,,",
    ),
    "tags": ("person_id,company_id,tag", [(",,lonely", "person_id", "name one of them")], "p,,liked"),
}
KINDS_OF_FAULT = sum(len(rows) for _, rows, _ in FAULTS.values())


@pytest.fixture
def spoiled(tmp_path):
    """A folder with all faults, and (file, line, column) -> the reason that must be told."""
    folder, expected = tmp_path / "spoiled", {}
    folder.mkdir()
    for kind, (header, rows, good) in FAULTS.items():
        lines = [header.encode(), good.encode()]
        for row, column, reason in rows:
            lines.append(row if isinstance(row, bytes) else row.encode())
            expected[f"{kind}.csv", len(lines), column] = reason
        if kind == "companies":
            lines += ["中,中国银行,,,,,,,,,".encode(), b"b,B,,,,,,,,,"]
        if kind == "people":
            lines.append(b"q,Q,b,,,,,,,,")
        (folder / f"{kind}.csv").write_bytes(b"\n".join(lines) + b"\n")
    return folder, expected


def told(report):
    with Path(report.rejects).open(encoding="utf-8", newline="") as file:
        return {(row["file"], int(row["line"]), row["column"]): row for row in csv.DictReader(file)}


async def test_at_least_forty_kinds_of_fault_are_each_told_and_nothing_else_is_lost(spoiled, store, tmp_path):
    folder, expected = spoiled
    assert KINDS_OF_FAULT >= 40
    report = await load(store, [folder], reports_in=tmp_path)
    found = told(report)
    assert set(found) == set(expected)
    assert [place for place, reason in expected.items() if reason not in found[place]["reason"]] == []
    assert {kind: counts.rejected for kind, counts in report.kinds.items()} == {kind: len(rows) for kind, (_, rows, _) in FAULTS.items()}
    assert {kind: counts.rows - counts.rejected for kind, counts in report.kinds.items()} == {
        kind: {"companies": 3, "people": 2}.get(kind, 1) for kind in FAULTS
    }
    names = await store.read("test", "MATCH (c:Company) RETURN c.name ORDER BY c.name", {})
    assert names == [["A"], ["B"], ["中国银行"]]


def test_the_first_faults_are_told_at_once_as_one_finds_them(spoiled):
    tables = Tables([spoiled[0] / "companies.csv"])
    with Spool() as spool:
        check(spool, tables, UTC, "crm")
        faults = first_faults(tables, spool, None, 3)
    assert [str(fault) for fault in faults][1:] == [
        "companies.csv:4 name: is required and empty",
        f"companies.csv:5 kinds friend: {faults[2].reason}",
    ]
    report = Report(1, "crm", {"companies": Counts(rows=3, rejected=3)}, faults=faults)
    assert f"  {faults[1]}\n" in cli.told(report, dry=True)


@pytest.mark.parametrize(("count", "said"), [(SHOWN, "Rejected rows, with"), (SHOWN + 1, f"These are the first {SHOWN} faults; all of them")])
def test_where_more_faults_were_found_than_are_told_that_is_told(count, said):
    faults = [Fault("people.csv", line, "name", "", "is required and empty") for line in range(2, 2 + count)]
    text = cli.told(Report(1, "crm", {"people": Counts(rows=9, rejected=count)}, "r.csv", faults=faults), dry=True)
    assert said in text and text.count("is required and empty") == SHOWN


async def test_the_typed_text_is_told_and_all_faults_of_a_row(market):
    text = "company_id,name,tier,value,valid_from,valid_to\na,A,9,7,2026-02-01,2026-01-01\nb,B,1,,2026-03,2026-01-15\n"
    report = await market(companies=text)
    assert {place[1:]: row["value"] for place, row in told(report).items()} == {(2, "tier"): "9", (2, "value"): "7", (3, "valid_to"): "2026-01-15"}
    assert report.kinds["companies"].rejected == 2


async def test_mended_rejects_load_again_as_files(market, store, tmp_path):
    report = await market(companies=FIRM, people="person_id,name,company_id,title\np,P,a,=x\nq,Q,nowhere,=cmd\nr,R\n")
    folder = Path(report.rejects).parent / "rejects"
    text = (folder / "people.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert [(row["person_id"], row["title"]) for row in rows] == [("q", "'=cmd"), ("r", "")]
    assert "line 3: company_id names 'nowhere', a Company" in rows[0]["rejected_because"]
    (folder / "people.csv").write_text(text.replace("nowhere", "b"), encoding="utf-8")
    again = await load(store, [folder], reports_in=tmp_path)
    assert (again.total("rejected"), again.warnings) == (
        0,
        ["people.csv: title: 1 like a formula, kept as text and never worked out (first: line 2, '=cmd')"],
    )
    jobs = "MATCH (p:Person)-[w:WORKS_AT]->(c) RETURN p.id, w.title, c.id ORDER BY p.id"
    assert await store.read("test", jobs, {}) == [["p", "=x", "a"], ["q", "=cmd", "b"]]


async def test_mended_rejects_of_a_mapping_keep_their_ids(store, tmp_path):
    from loaders.mapping import preset

    (tmp_path / "Account.csv").write_text("Id,Name,NumberOfEmployees\n001A,Acme,many\n", encoding="utf-8")
    report = await load(store, [tmp_path / "Account.csv"], mapping=preset("salesforce"), reports_in=tmp_path / "reports")
    mended = Path(report.rejects).parent / "rejects" / "companies.csv"
    mended.write_text(mended.read_text(encoding="utf-8").replace("many", "12"), encoding="utf-8")
    await load(store, [mended], source="salesforce", reports_in=tmp_path / "reports")
    assert await store.read("test", "MATCH (c:Company) RETURN c.id, c.employees", {}) == [["salesforce:001A", 12]]


async def test_a_packed_spoiled_file_says_the_same(store, tmp_path):
    (tmp_path / "people.csv.gz").write_bytes(gzip.compress(b"person_id,name\np,\n"))
    report = await load(store, [tmp_path / "people.csv.gz"], reports_in=tmp_path)
    assert list(told(report)) == [("people.csv.gz", 2, "name")]
