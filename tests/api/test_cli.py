"""The command line as its users have it: answers on standard output, words for people on standard error."""

import csv
import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from api.docs import pages

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def dottedline(database, settings):
    """``dottedline("ask", ...)`` runs the command on the suite's database."""

    def run(*arguments):
        environment = {**os.environ, "NEO4J_URI": database.uri, "NEO4J_PASSWORD": database.password, "DOTTEDLINE_HOME": str(settings.home)}
        return subprocess.run(
            [sys.executable, "-c", "from api.cli import main; main()", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )

    return run


def test_files_in_a_map_out(store, dottedline):
    loaded = dottedline("load", "samples/krackhardt", "--json")
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
    assert "Nothing found." in dottedline("ask", "people", "--search", "欧阳").stdout


def test_faults_have_a_line_and_an_exit_code(store, dottedline, tmp_path):
    unknown = dottedline("ask", "decision-chain", "--account", "nobody")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "NOT_FOUND" in unknown.stderr
    assert dottedline("load", str(tmp_path)).returncode == 2
    (tmp_path / "people.csv").write_text("person_id,name\np,\n", encoding="utf-8")
    assert dottedline("load", str(tmp_path)).returncode == 3
    assert dottedline("graphql", "{ nothing }").returncode == 1
    assert "NEO4J_URI is set" in dottedline("up").stderr


def test_the_generated_pages_are_in_step():
    assert [path.name for path, text in pages().items() if path.read_text(encoding="utf-8") != text] == []


def test_the_wheel_holds_what_is_not_python(tmp_path):
    from zipfile import ZipFile

    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)], cwd=ROOT, check=True, capture_output=True)
    names = set(ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    wanted = {str(path.relative_to(ROOT)) for path in (ROOT / "queries" / "reads").glob("*.cypher")} | {"graph/neo4j.lock", "api/schema.graphql"}
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
