"""A load is honest: nothing vanishes, nothing doubles, the second time changes nothing."""

import csv
from pathlib import Path

import pytest

from graph.errors import InvalidInput
from loaders.frames import read_table

FIRM = {"companies": "company_id,name\na,A\n", "people": "person_id,name,company_id\np,P,a\nq,Q,a\n"}


async def test_the_same_files_again_change_nothing(market, store):
    files = {**FIRM, "reporting": "person_id,manager_id\np,q\n", "roles": "person_id,company_id,role\np,a,CHAMPION\n"}
    first = await market(**files)
    count = "MATCH (n) WHERE NOT n:Load RETURN count(n), COUNT { ()-[]->() }"
    before = await store.read("test", count, {})
    second = await market(**files)
    assert (first.total("created"), second.total("created"), second.total("changed")) == (7, 0, 0)
    assert second.total("unchanged") == first.total("created")
    assert await store.read("test", count, {}) == before


REFUSED = [
    ("people", "person_id,name\np,\n", 2, "name", "required"),
    ("people", "person_id,name\np,P\np,Other\n", 3, "person_id", "before, with other values"),
    ("people", "person_id,name,consent_until\np,P,soon\n", 2, "consent_until", "ISO 8601"),
    ("people", "person_id,name,do_not_contact\np,P,maybe\n", 2, "do_not_contact", "neither true nor false"),
    ("people", "person_id,name\np\n", 2, "", "number of cells"),
    ("people", 'person_id,name,tags\np,"two\nlines",\nq,,\n', 4, "name", "required"),
    ("companies", "company_id,name,value\na,A,2\n", 2, "value", "between 0 and 1"),
    ("companies", "company_id,name,kinds\na,A,friend\n", 2, "kinds", "is none of"),
    ("companies", "company_id,name,parent_id\na,A,a\n", 2, "parent_id", "own"),
    ("companies", "company_id,name,parent_id\na,A,nowhere\n", 2, "parent_id", "neither in these files"),
    ("reporting", "person_id,manager_id\nx,y\n", 2, "person_id", "neither in these files"),
    ("companies", f"company_id,name\n{'x' * 1001},A\n", 2, "company_id", "1000 characters"),
]


@pytest.mark.parametrize(("kind", "text", "line", "column", "reason"), REFUSED)
async def test_a_row_that_cannot_be_used_is_told(market, kind, text, line, column, reason):
    report = await market(**{kind: text})
    assert report.total("rejected") == 1
    with Path(report.rejects).open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    assert (row["file"], row["line"], row["column"]) == (f"{kind}.csv", str(line), column)
    assert reason in row["reason"]


async def test_a_self_loop_and_an_end_before_its_start(market):
    report = await market(
        **FIRM, reporting="person_id,manager_id\np,p\n", employments="person_id,company_id,valid_from,valid_to\np,a,2020-02-01,2020-01-01\n"
    )
    assert report.total("rejected") == 2


async def test_overlapping_stretches_of_one_fact(market):
    jobs = "person_id,company_id,title,level,valid_from,valid_to\np,a,x,1,2019,2020\np,a,x,2,2020-06-01,2021\np,a,x,3,2022,\n"
    report = await market(**FIRM, employments=jobs)
    assert report.kinds["employments"].rejected == 1


async def test_a_row_that_names_a_refused_row_falls_with_it(market):
    report = await market(companies="company_id,name,tier\na,A,9\n", people="person_id,name,company_id\np,P,a\nq,Q,\n")
    assert (report.kinds["companies"].rejected, report.kinds["people"].rejected, report.kinds["people"].created) == (1, 1, 1)


async def test_ids_stay_as_they_are(market, ask):
    await market(companies="company_id,name\n007,Seven\n1e5,E\nNA,Not\nnull,Null\n")
    found = await ask("{ accounts { edges { node { id } } } }")
    assert {edge["node"]["id"] for edge in found["data"]["accounts"]["edges"]} == {"007", "1e5", "NA", "null"}


async def test_unknown_columns_are_counted_and_headers_are_forgiving(market):
    report = await market(people="Person ID,NAME,shoe size\np,P,44\n")
    assert report.warnings == ["people.csv: left out unknown columns shoe size"]
    assert report.total("created") == 1


async def test_a_folder_without_files(market):
    with pytest.raises(InvalidInput, match="no canonical file"):
        await market(nonsense="a,b\n")


def test_a_file_that_cannot_be_read_names_its_fault(tmp_path):
    path = tmp_path / "people.csv"
    path.write_bytes("person_id,name\np,王敏\n".encode("gb18030"))
    with pytest.raises(InvalidInput, match="not UTF-8"):
        read_table(path)
    path.write_text("person_id,title\np,x\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="name is missing"):
        read_table(path)
