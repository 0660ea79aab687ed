"""Files as they are: whatever a spreadsheet, a CRM or a colleague made of a table, the same rows come out, and what was found is told."""

import gzip
import io
import json
import zipfile
from datetime import date, datetime

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import InvalidInput
from loaders.cells import neutral, plain
from loaders.frames import Tables
from loaders.sheets import LARGEST_CELL

ROWS = [["p1", "王敏", "采购;预算", "Acme, Inc."], ["p2", "Zoë Lang", "line\nbreak", 'says "no"'], ["p3", "李伟", "", ""]]
HEADER = ["person_id", "name", "tags", "title"]


def read(path, **options):
    tables = Tables([path], **options)
    return list(tables), tables


def cells(path, **options):
    """Kind -> the rows of all its stretches."""
    made = {}
    for table in read(path, **options)[0]:
        made.setdefault(table.kind.name, []).extend(cells for _, cells in table.rows())
    return made


def text(delimiter=",", rows=ROWS):
    written = io.StringIO()
    pd.DataFrame(rows, columns=HEADER).to_csv(written, sep=delimiter, index=False)
    return written.getvalue()


def workbook(path, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


def write(path, form):
    """The same three people in any form."""
    frame = pd.DataFrame(ROWS, columns=HEADER)
    objects = frame.to_dict("records")
    match form:
        case "csv" | "txt":
            path.write_text(text(), encoding="utf-8")
        case "tsv":
            path.write_text(text("\t"), encoding="utf-8")
        case "csv.gz":
            path.write_bytes(gzip.compress(text(";").encode()))
        case "xlsx":
            workbook(path, {"people": [HEADER, *ROWS]})
        case "json":
            path.write_text(json.dumps({"records": objects}, ensure_ascii=False), encoding="utf-8")
        case "jsonl":
            path.write_text("\n".join(json.dumps(item) for item in objects), encoding="utf-8")
        case "parquet":
            frame.to_parquet(path)


FORMS = ["csv", "txt", "tsv", "csv.gz", "xlsx", "json", "jsonl", "parquet"]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_rows(tmp_path, form):
    path = tmp_path / f"people.{form}"
    write(path, form)
    assert [[row[name] for name in HEADER] for row in cells(path)["people"]] == ROWS


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_looking(tmp_path, delimiter):
    (tmp_path / "people.csv").write_text(text(delimiter), encoding="utf-8")
    assert cells(tmp_path)["people"][1]["title"] == 'says "no"'


CHINESE = "person_id,name,title\n" + "".join(f"p{n},王敏{n},采购部经理，负责预算审批与供应商管理\n" for n in range(20))
TRADITIONAL = "person_id,name,title\n" + "".join(f"p{n},陳志明{n},採購部經理，負責預算審批與供應商管理\n" for n in range(20))
WESTERN = "person_id,name,title\n" + "".join(f"p{n},José Müller{n},Directeur général délégué à l’innovation – café\n" for n in range(20))


@pytest.mark.parametrize(
    ("codec", "written", "said"),
    [
        ("utf-8", CHINESE, ""),
        ("utf-8-sig", CHINESE, ""),
        ("utf-16", CHINESE, "UTF-16"),
        ("utf-16-le", WESTERN, "UTF-16"),
        ("utf-16-be", WESTERN, "UTF-16"),
        ("gb18030", CHINESE, "GB18030"),
        ("big5", TRADITIONAL, "Big5"),
        ("cp1252", WESTERN, "Windows-1252"),
    ],
)
def test_an_encoding_is_found_and_told_unless_it_is_utf_8(tmp_path, codec, written, said):
    (tmp_path / "people.csv").write_bytes(written.encode(codec))
    tables, reader = read(tmp_path)
    assert tables[0].cells["title"] == [line.split(",")[2] for line in written.splitlines()[1:]]
    assert [warning for warning in reader.warnings if "read as" in warning and said in warning] == reader.warnings
    assert bool(reader.warnings) == bool(said)


def test_one_line_that_is_not_utf_8_does_not_spoil_the_others(tmp_path):
    (tmp_path / "people.csv").write_bytes(CHINESE.encode() + b"px,\xc3(,x\n" + "py,王芳,x\n".encode())
    table = read(tmp_path)[0][0]
    assert [(broken.line, broken.reason) for broken in table.broken] == [(22, "is not UTF-8")]
    assert table.cells["name"][-1] == "王芳"


def test_titles_above_and_totals_below_are_told_and_left_out(tmp_path):
    lines = ["Contacts of 2026,,", ",,", "Made by,Ann,", "Person ID,NAME,tags", "p1,Ann,x", "Total,,1", "p2,Total,y", "合计：,,2"]
    (tmp_path / "people.csv").write_text("\n".join(lines), encoding="utf-8")
    tables, reader = read(tmp_path)
    assert [(line, row["person_id"], row["name"]) for line, row in tables[0].rows()] == [(5, "p1", "Ann"), (7, "p2", "Total")]
    assert reader.warnings == [
        "people.csv: 2 lines above the data taken as title or header",
        "people.csv: 2 rows of totals, left out (first: line 6, 'Total, 1')",
    ]


def test_a_company_that_is_called_total_is_no_total(tmp_path):
    (tmp_path / "companies.csv").write_text("company_id,name\nTotal,TotalEnergies\n", encoding="utf-8")
    assert cells(tmp_path)["companies"] == [{"company_id": "Total", "name": "TotalEnergies"}]


def test_a_sum_may_fill_what_a_row_needs(tmp_path):
    (tmp_path / "companies.csv").write_text('company_id,name,employees\na,Acme,7\n合计,1 ,\nTotal,1,"7,000"\nb,Total,9\n', encoding="utf-8")
    tables, reader = read(tmp_path)
    assert tables[0].cells["company_id"] == ["a", "b"]
    assert reader.warnings == ["companies.csv: 2 rows of totals, left out (first: line 3, '合计, 1')"]


def test_ids_of_digits_beside_a_company_called_total_are_no_sums(tmp_path):
    (tmp_path / "employments.csv").write_text("company_id,person_id\nTotal,4711\nTotal,4712\n", encoding="utf-8")
    assert [row["person_id"] for row in cells(tmp_path)["employments"]] == ["4711", "4712"]


def test_a_workbook_with_merged_headers_dates_and_numbers(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "employments"
    for row in [
        ["Jobs of 2026"],
        ["Person", None, "Job", None, None],
        ["person_id", "company_id", "title", "valid_from", "valid_to"],
        ["p", 7.0, "CIO", datetime(2024, 5, 1), 45_900],
        [13_800_000_000, 7, "CEO", "2024-05", "#REF!"],
    ]:
        book.active.append(row)
    book.active.merge_cells("A2:B2")
    book.active.merge_cells("C2:E2")
    other = book.create_sheet("people")
    for row in [["person_id", "Contact", None], [None, "name", "title"], ["p", "Ann", "=1+1"]]:
        other.append(row)
    other.merge_cells("A1:A2")
    other.merge_cells("B1:C1")
    book.create_sheet("Notes").append(["nothing of ours"])
    book.save(tmp_path / "market.xlsx")
    made = cells(tmp_path)
    assert made["employments"] == [
        {"person_id": "p", "company_id": "7", "title": "CIO", "valid_from": "2024-05-01", "valid_to": date(2025, 8, 31).isoformat()},
        {"person_id": "13800000000", "company_id": "7", "title": "CEO", "valid_from": "2024-05", "valid_to": "#REF!"},
    ]
    assert made["people"] == [{"person_id": "p", "name": "Ann", "title": "=1+1"}]
    told = "\n".join(read(tmp_path)[1].warnings)
    assert "valid_to: 1 day number of Excel, read as a date (first: line 4, '45900')" in told
    assert "like a formula, kept as text" in told
    assert "market.xlsx[people]" in told


@pytest.mark.parametrize("titles", [[], [["Contacts of 2026"]]])
def test_a_header_whose_ids_are_merged_downwards_and_whose_groups_name_nothing(tmp_path, titles):
    book = openpyxl.Workbook()
    book.active.title = "people"
    head = [["person_id", "name", "Contact", None, "Job", None], [None, None, "emails", "phones", "company_id", "title"]]
    for row in [*titles, *head, ["p", "Ann", "a@b.cn", "+86 10 1234", "b", "CIO"]]:
        book.active.append(row)
    first = len(titles) + 1
    for area in (f"A{first}:A{first + 1}", f"B{first}:B{first + 1}", f"C{first}:D{first}", f"E{first}:F{first}"):
        book.active.merge_cells(area)
    book.save(tmp_path / "market.xlsx")
    told = {"person_id": "p", "name": "Ann", "emails": "a@b.cn", "phones": "+86 10 1234", "company_id": "b", "title": "CIO"}
    assert cells(tmp_path)["people"] == [told]


def test_a_phone_that_excel_has_rounded_is_left_out_and_told(tmp_path):
    (tmp_path / "people.csv").write_text("person_id,name,phones\n1e5,A,1.38E+10\np2,B,13800000000\n", encoding="utf-8")
    tables, reader = read(tmp_path)
    assert [(row["person_id"], row["phones"]) for _, row in tables[0].rows()] == [("1e5", ""), ("p2", "13800000000")]
    assert reader.warnings == ["people.csv: phones: 1 rounded by Excel, left out: the digits are lost (first: line 2, '1.38E+10')"]


def test_hidden_signs_are_taken_out_and_formulas_and_html_are_told(tmp_path):
    rows = "p\u200b1,An\x00n\u202e,x\np2,=cmd|'/c calc'!A0,x\np3,<b>Bob</b>,-5\np4,नर\u200dम,क्\u200dष\n"
    (tmp_path / "people.csv").write_text("person_id,name,title\n" + rows, encoding="utf-8")
    tables, reader = read(tmp_path)
    assert tables[0].cells["person_id"] == ["p1", "p2", "p3", "p4"]
    assert tables[0].cells["name"] == ["Ann", "=cmd|'/c calc'!A0", "<b>Bob</b>", "नर\u200dम"]
    assert [warning.split(" (")[0] for warning in reader.warnings] == [
        "people.csv: name: 1 like a formula, kept as text and never worked out",
        "people.csv: name: 1 with HTML, kept as text",
        "people.csv: name: 1 with hidden signs",
        "people.csv: person_id: 1 with hidden signs",
    ]


@given(st.text(alphabet="'=+-@a1 (,", max_size=6))
def test_what_an_export_makes_harmless_a_load_reads_as_it_was(cell):
    assert plain(neutral(cell)) == cell
    assert neutral(cell)[:1] not in ("=", "@")
    assert not (neutral(cell)[:1] in ("+", "-") and set(neutral(cell)) & set("a='"))


def test_a_quote_that_never_closes_costs_its_own_line_only(tmp_path):
    (tmp_path / "people.csv").write_text('person_id,name\np1,"Ann\np2,"Bob"\np3,"Cy"x\np4,"two\nlines"\np5,Eve\n', encoding="utf-8")
    table = read(tmp_path)[0][0]
    assert list(zip(table.cells["person_id"], table.lines, strict=True)) == [("p2", 3), ("p4", 5), ("p5", 7)]
    assert [broken.line for broken in table.broken] == [2, 4]
    assert "mend the quotes" in table.broken[0].reason


def test_ragged_rows_are_refused_with_their_line(tmp_path):
    (tmp_path / "people.csv").write_text("person_id,name\np1\np2,Bob,x\np3,Cy,,\np4,Dee\n", encoding="utf-8")
    table = read(tmp_path)[0][0]
    assert [(broken.line, broken.cells) for broken in table.broken] == [(2, ("p1",)), (3, ("p2", "Bob", "x"))]
    assert table.cells["person_id"] == ["p3", "p4"]


def test_broken_lines_of_json_are_refused_one_by_one(tmp_path):
    (tmp_path / "people.jsonl").write_text(
        '{"person_id": 1.0, "name": "A", "tags": ["x", "y"]}\n{"person_id"\n[1]\n\n{"name": "B", "person_id": 2}\n'
    )
    table = read(tmp_path)[0][0]
    assert [(line, *row.values()) for line, row in table.rows()] == [(1, "1", "A", "x;y"), (5, "2", "B", "")]
    assert [broken.line for broken in table.broken] == [2, 3]


def test_a_zip_of_folders_loads_like_the_folder(tmp_path):
    with zipfile.ZipFile(tmp_path / "market.zip", "w") as archive:
        archive.writestr("deep/people.csv", text())
        archive.writestr("deep/companies.csv.gz", gzip.compress(b"company_id,name\na,A\n"))
        archive.writestr("notes.md", "mine")
        archive.writestr("photo.png", "mine")
        archive.writestr("__MACOSX/people.csv", "")
    made, reader = read(tmp_path / "market.zip")
    assert [table.path.name for table in made] == ["companies.csv.gz", "people.csv"]
    assert reader.warnings == ["left out, no table of canonical: photo.png"]


def outside(path):
    with zipfile.ZipFile(path / "m.zip", "w") as archive:
        archive.writestr("../people.csv", text())


def drive(path):
    with zipfile.ZipFile(path / "m.zip", "w") as archive:
        archive.writestr("C:\\people.csv", text())


def bomb(path):
    with zipfile.ZipFile(path / "m.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("people.csv", b"0" * 3_000_000)


def bomb_gz(path):
    (path / "people.csv.gz").write_bytes(gzip.compress(b"person_id,name\n" + b"p,P\n" * 1_000_000))


def no_zip(path):
    (path / "m.zip").write_bytes(b"PK nothing")


def no_gz(path):
    (path / "people.csv.gz").write_bytes(gzip.compress(text().encode())[:-20])


def no_workbook(path):
    (path / "people.xlsx").write_bytes(b"PK nothing")


def no_parquet(path):
    (path / "people.parquet").write_bytes(b"PAR1")


def no_json(path):
    (path / "people.json").write_text('{"a": 1,\n "b" 2}')


def no_text(path):
    (path / "people.csv").write_bytes(b"person_id,name\n" + bytes([0x81, 0x8D, 0x8F, 0x90, 0x9D]) * 5 + b"\xff\n")


def twice(path):
    (path / "people.csv").write_text("person_id,name,Name\np,P,Q\n")


def missing(path):
    (path / "people.csv").write_text("person_id,title\np,x\n")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (outside, "'../people.csv' reaches outside the archive. Pack it again"),
        (drive, "reaches outside the archive"),
        (bomb, "m.zip: unpacks to more than 1 MiB. Raise DOTTEDLINE_MAX_UNPACKED_MIB"),
        (bomb_gz, "people.csv.gz: unpacks to more than 1 MiB"),
        (no_zip, "m.zip: no zip archive"),
        (no_gz, "people.csv.gz: cannot be unpacked"),
        (no_workbook, "people.xlsx: no workbook"),
        (no_parquet, "people.parquet: no Parquet file"),
        (no_json, "people.json: line 2: not JSON"),
        (no_text, "Save the file as UTF-8"),
        (twice, "column name stands twice. Keep one of them"),
        (missing, "column name not found. The columns here: person_id, title"),
    ],
)
def test_what_cannot_be_read_at_all_is_refused_with_the_cure(tmp_path, spoil, says):
    spoil(tmp_path)
    with pytest.raises(InvalidInput) as refused:
        list(Tables([tmp_path], unpacked_mib=1))
    assert says in refused.value.message


def test_a_cell_past_its_limit_is_refused_and_the_next_row_stands(tmp_path):
    (tmp_path / "people.csv").write_text(f"person_id,name\np1,{'x' * (LARGEST_CELL + 1)}\np2,Bob\n", encoding="utf-8")
    table = read(tmp_path)[0][0]
    assert [(broken.line, "more than 1,000,000 characters" in broken.reason) for broken in table.broken] == [(2, True)]
    assert table.cells["person_id"] == ["p2"]


@given(st.integers(1, 12), st.integers(1, 5))
def test_stretches_together_are_the_file(tmp_path_factory, rows, chunk):
    path = tmp_path_factory.mktemp("stretches") / "people.csv"
    path.write_text("person_id,name\n" + "".join(f"p{n},N{n}\n" for n in range(rows)), encoding="utf-8")
    tables = list(Tables([path], chunk=chunk))
    assert [id_ for table in tables for id_ in table.cells["person_id"]] == [f"p{n}" for n in range(rows)]
    assert [line for table in tables for line in table.lines] == list(range(2, rows + 2))
    assert max(len(table) for table in tables) <= chunk


def test_an_empty_file_beside_others_is_passed_over_and_named(tmp_path):
    (tmp_path / "products.csv").write_text("", encoding="utf-8")
    (tmp_path / "people.csv").write_text("person_id,name\np,P\n", encoding="utf-8")
    tables = Tables([tmp_path])
    assert [table.kind.name for table in tables] == ["people"]
    assert tables.warnings == ["products.csv: empty, passed over"]


def test_a_file_that_no_kind_fits_is_refused_with_the_ways_out(tmp_path):
    (tmp_path / "contacts.csv").write_text("Name,Mail\nAnn,ann@a.example\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"no canonical file here.*--preset NAME, or `dottedline mapping guess FILE`"):
        list(Tables([tmp_path / "contacts.csv"]))
