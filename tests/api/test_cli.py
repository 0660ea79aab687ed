"""The command line as its users have it: answers on standard output, words for people on standard error."""

import asyncio
import csv
import json
import shlex
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from api import command, files
from api.cli import DEMO, three_things
from api.docs import pages
from graph.instants import at_moment
from graph.model import SCHEMA_VERSION
from graph.said import known_loads
from graph.store import Store

pytestmark = pytest.mark.long

ROOT = Path(__file__).parent.parent.parent


def test_files_in_a_map_out(store, dottedline, apart):
    loaded = apart("load", "samples/krackhardt", "--json")
    assert (loaded.returncode, json.loads(loaded.stdout)["created"]) == (0, 253)
    assert "Nothing changed." in dottedline("load", "samples/krackhardt").stdout
    tree = dottedline("ask", "decision-chain", "--account", "krackhardt")
    assert "Manager 7, President" in tree.stdout
    found = json.loads(dottedline("ask", "decision-chain", "--account", "krackhardt", "--format", "json").stdout)
    field = json.loads(
        dottedline(
            "graphql", "query($id: ID!) { account(id: $id) { decisionChain { nodes { key parentKey depth } } } }", "--var", "id=krackhardt"
        ).stdout
    )
    assert [{name: node[name] for name in ("key", "parentKey", "depth")} for node in found["nodes"]] == field["data"]["account"]["decisionChain"][
        "nodes"
    ]
    rows = list(csv.DictReader(StringIO(dottedline("ask", "decision-chain", "--account", "krackhardt", "--format", "csv").stdout)))
    assert len(rows) == 28
    assert dottedline("ask", "decision-chain", "--account", "krackhardt", "--format", "mermaid").stdout.startswith("flowchart TD")


def test_a_command_starts_without_graphql_and_without_the_server():
    asked = "import sys, api.command; assert 'typer' not in sys.modules; import api.cli; "
    asked += "print({'strawberry', 'starlette', 'uvicorn', 'graphql', 'scipy.stats'} & sys.modules.keys())"
    assert subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip() == "set()"


def test_ctrl_c_is_answered_with_a_sentence_and_no_traceback(dottedline, tmp_path, monkeypatch):
    def pressed(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("api.cli.load", pressed)
    (tmp_path / "people.csv").write_text("person_id,name\np,P\n", encoding="utf-8")
    done = dottedline("load", str(tmp_path))
    assert (done.returncode, done.stderr) == (130, "Interrupted. What this load wrote counts for nothing; the next one takes it back.\n")
    assert dottedline("load", str(tmp_path), "--dry-run").stderr == "Interrupted.\n"
    monkeypatch.setattr("api.cli.main", pressed)  # before the command line itself is there
    with pytest.raises(SystemExit, match="130"):
        command.main()


def test_of_a_server_the_cures_look_at_that_server(dottedline, given, monkeypatch):
    monkeypatch.setattr("api.cli.IMPATIENCE", 0)
    good = given["NEO4J_URI"]
    assert f"ok    schema: version {SCHEMA_VERSION} at {good}, database neo4j" in dottedline("status").stdout
    given["NEO4J_DATABASE"] = "nope"
    asked = dottedline("loads")
    assert (asked.returncode, asked.stderr[:13], "NEO4J_DATABASE" in asked.stderr) == (2, "CONFIG_ERROR:", True)
    wrong = dottedline("status")
    assert (wrong.returncode, "CONFIG_ERROR" in wrong.stdout, "NEO4J_DATABASE" in wrong.stdout) == (1, True, True)
    given["NEO4J_URI"] = nobody = "bolt://127.0.0.1:1"
    told = dottedline("doctor")
    assert f"WRONG schema: STORE_UNAVAILABLE at {nobody}, database nope\n      Start it, or mend NEO4J_URI" in told.stdout
    assert (told.returncode, "local database:" in told.stdout) == (1, False)


MARKET = {
    "companies": "company_id,name,kinds,tier\ncmb,招商银行,account,1\nhw,华为,account,2\nboc,=Bank,account,1\n",
    "people": "person_id,name,company_id,title\np1,王伟,cmb,CIO\n",
    "opportunities": "opportunity_id,company_id,name,stage\no1,cmb,大单,demo\n",
}


def test_lists_and_dated_parts_on_the_command_line(store, dottedline, tmp_path):
    for kind, text in MARKET.items():
        (tmp_path / f"{kind}.csv").write_text(text, encoding="utf-8")
    assert dottedline("load", str(tmp_path)).returncode == 0
    page = dottedline("ask", "accounts", "--filter", "tier=1", "--order-by", "name-desc", "--first", "1")
    assert "招商银行" in page.stdout
    cursor = page.stdout.split("--after ")[1].split()[0]
    rest = dottedline("ask", "accounts", "--filter", "tier=1", "--order-by", "name-desc", "--after", cursor, "--format", "csv").stdout
    assert [row["name"] for row in csv.DictReader(StringIO(rest))] == ["'=Bank"]
    found = json.loads(dottedline("ask", "accounts", "--search", "招商", "--format", "json").stdout)
    assert (found["totalCount"], found["edges"][0]["node"]["id"], found["pageInfo"]["hasNextPage"]) == (1, "cmb", False)
    other = dottedline("ask", "accounts", "--after", cursor)
    assert (other.returncode, "comes from other arguments" in other.stderr) == (2, True)
    assert "is no term" in dottedline("ask", "accounts", "--filter", "colour=red").stderr
    jobs = json.loads(dottedline("ask", "employments", "--person", "p1", "--format", "json").stdout)
    assert (jobs[0]["company"], jobs[0]["title"]) == ({"id": "cmb", "name": "招商银行"}, "CIO")
    course = list(csv.DictReader(StringIO(dottedline("ask", "course", "--opportunity", "o1", "--fields", "stage", "--format", "csv").stdout)))
    assert [(row["field"], row["value"]) for row in course] == [("STAGE", "demo")]
    assert "include_subsidiaries" in dottedline("ask", "accounts", "--help").stdout, "how a filter is written"
    asked = ("ask", "coverage", "--account", "cmb", "--format", "json", "--language")
    english, chinese = (json.loads(dottedline(*asked, language).stdout) for language in ("en", "zh-CN"))
    assert english != chinese, "sentences are in the language asked for"
    assert "'fr' is none of en, zh-CN" in dottedline(*asked, "fr").stderr
    assert "Nothing found." in dottedline("ask", "people", "--search", "欧阳").stdout
    assert "'招商银行' is the name of cmb." in dottedline("ask", "decision-chain", "--account", "招商银行").stderr


def test_a_list_goes_into_a_file_whole_and_a_page_of_it_says_what_it_leaves_out(store, dottedline, tmp_path, monkeypatch):
    companies = "company_id,name\n" + "".join(f"c{n:02},Company {n:02}\n" for n in range(25))
    (tmp_path / "companies.csv").write_text(companies, encoding="utf-8")
    assert dottedline("load", str(tmp_path / "companies.csv")).returncode == 0
    monkeypatch.setattr(files, "MOST_PAGE", 10)

    def rows(*arguments):
        done = dottedline("ask", "companies", *arguments, "--format", "csv")
        return [row["id"] for row in csv.DictReader(StringIO(done.stdout))], done.stderr

    everybody = [f"c{n:02}" for n in range(25)]
    assert rows() == (everybody, "")
    assert dottedline("ask", "companies", "--format", "xlsx", "--out", str(tmp_path / "all.xlsx")).stderr == ""
    assert [row[0] for row in load_workbook(tmp_path / "all.xlsx").active.iter_rows(min_row=2, values_only=True)] == everybody
    page, said = rows("--first", "20")
    assert page == everybody[:20], "who asks for the page that is usual elsewhere has that page"
    assert said.startswith("20 of 25. --after ")
    assert rows("--after", said.split()[4]) == (everybody[20:], "")
    shown = dottedline("ask", "companies", "--format", "json")
    assert (len(json.loads(shown.stdout)["edges"]), shown.stderr[:9]) == (20, "20 of 25.")


def test_loads_are_listed_the_latest_first_and_one_that_broke_off_says_so(store, database, settings, dottedline, tmp_path):
    def load(source):
        (tmp_path / "companies.csv").write_text(f"company_id,name\n{source},甲公司\n", encoding="utf-8")
        assert dottedline("load", str(tmp_path / "companies.csv"), "--source", source, "--as-of", "2026-05-31").returncode == 0

    load("crm")
    load("fair")
    dottedline("unload", "fair")
    load("erp")

    async def break_off():
        async with Store(settings, database.uri, database.user, database.password) as other:
            await other.write("test", [("MATCH (l:Load {id: 'L4'}) SET l.finished = false", {})])

    asyncio.run(break_off())
    lines = [" ".join(line.split()[:1] + line.split()[3:]) for line in dottedline("loads").stdout.splitlines()]
    assert lines[0] == "L4 erp: companies (under way, or broken off)"
    assert lines[1] == "L3 takes back L2"
    assert lines[2].startswith("L2 fair: companies, as of 2026-05-31 (taken back 20")
    assert lines[3:] == ["L1 crm: companies, as of 2026-05-31"]


def test_faults_have_a_line_and_an_exit_code(store, dottedline, tmp_path):
    unknown = dottedline("ask", "decision-chain", "--account", "nobody")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "NOT_FOUND" in unknown.stderr
    assert "dottedline ask accounts --search nobody" in unknown.stderr
    assert dottedline("load", str(tmp_path)).returncode == 2
    (tmp_path / "people.csv").write_text("person_id,name\np,\n", encoding="utf-8")
    assert dottedline("load", str(tmp_path)).returncode == 3
    assert dottedline("graphql", "{ nothing }").returncode == 1
    assert "NEO4J_URI is set" in dottedline("up").stderr


async def test_the_three_things_of_the_demo_do_what_it_says(store, dottedline, settings):
    for name, as_of in DEMO.items():
        assert dottedline("load", f"samples/{name}", "--as-of", as_of).returncode == 0
    first = min(load.recorded_at for load in await known_loads(store))
    command = ".venv/bin/dottedline "
    printed = [line.strip() for line in three_things(settings, at_moment(first)).splitlines() if line.strip().startswith(command)]
    told = [dottedline(*shlex.split(line.removeprefix(command))) for line in printed]
    assert [done.returncode for done in told] == [0, 0, 0]
    assert "何静, 数据平台部总经理, [CHAMPION 1], mentor, political" in told[0].stdout
    assert "周颖 joined as 首席财务官" in told[1].stdout
    answers = {name: answer["checks"] for name, answer in json.loads(told[2].stdout)["data"]["account"].items()}
    left = "黄珊 has no job here and is still listed in the group."
    assert [left in [check["message"] for check in answers[name]] for name in ("now", "before")] == [True, False]


def test_a_load_that_only_merges_says_so(store, dottedline, tmp_path):
    for source, row in (("crm", "a,Ann Lee"), ("fair", "b,Ann Lee")):
        (tmp_path / source).mkdir()
        (tmp_path / source / "people.csv").write_text(f"person_id,name,emails\n{row},ann@acme.example\n", encoding="utf-8")
    assert "merged" not in dottedline("load", str(tmp_path / "crm"), "--source", "crm").stdout
    told = dottedline("load", str(tmp_path / "fair"), "--source", "fair").stdout
    assert "1 merged" in told
    assert "Nothing changed." not in told


def test_the_generated_pages_are_in_step():
    assert [path.name for path, text in pages().items() if path.read_text(encoding="utf-8") != text] == []


def test_the_wheel_holds_what_is_not_python(tmp_path):
    from zipfile import ZipFile

    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)], cwd=ROOT, check=True, capture_output=True)
    names = set(ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    reads = [path for package in ("graph", "queries") for path in (ROOT / package / "reads").glob("*.cypher")]
    reads += (ROOT / "graph" / "scoring_models").glob("*.toml")
    wanted = {str(path.relative_to(ROOT)) for path in reads} | {"graph/neo4j.lock", "api/schema.graphql"}
    assert wanted <= names


@pytest.mark.parametrize("arguments", [[], ["ask", "decision-chain"], ["lod"], ["ask", "nosuch"], ["load"]])
def test_a_mistake_of_usage_is_told_without_a_traceback(dottedline, arguments):
    done = dottedline(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr + done.stdout


def test_what_a_person_knows_is_said_on_the_command_line(store, dottedline, tmp_path):
    (tmp_path / "people.csv").write_text("person_id,name\np,P\nq,Q\nr,R\n", encoding="utf-8")
    assert dottedline("load", str(tmp_path)).returncode == 0
    done = json.loads(dottedline("do", "merge-entities", "--into", "p", "--from", "q", "--reason", "one desk").stdout)
    assert (done["entities"][0]["records"], done["revision"]) == (["p", "q"], 2)
    assert json.loads(dottedline("do", "split-entity", "--id", "p", "--records", "q").stdout)["revision"] == 3
    assert len(json.loads(dottedline("do", "not-same", "--first", "p", "--second", "r").stdout)["entities"]) == 2
    unknown = dottedline("do", "not-same", "--first", "p", "--second", "nobody")
    assert (unknown.returncode, "NOT_FOUND" in unknown.stderr) == (1, True)
