"""Keys, grants and the trail on the command line."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree

import pytest

from graph.trail import Trail
from tests.filling import emptied, filled

ROOT = Path(__file__).parent.parent.parent
FILES = {
    "territories": "territory_id,name\nsouth,South\nnorth,North\n",
    "companies": "company_id,name,kinds,territory_id\nbank,Bank,account,south\nmill,Mill,account,north\n"
    "lost,Lost,account,\nrival,Rival,competitor,\nfar,Far,competitor,north\nus,Us,us,\n",
    "people": "person_id,name,company_id,emails\nli,Li,bank,li@bank.example\n",
    "grants": "principal,role,territory_id\nvi,viewer,south\n",
}


@pytest.fixture(scope="module")
async def town(one_store, tmp_path_factory):
    return await filled(await emptied(one_store), tmp_path_factory.mktemp("town"), FILES)


async def test_a_key_is_made_listed_and_revoked(town, dottedline):
    made = dottedline("key", "add", "vi", "--expires", "2999-06-30")
    assert re.fullmatch(r"dl_[0-9a-f]{16}_[\w-]{51}\n", made.stdout)
    assert "cannot be shown again" in made.stderr and "Nothing is granted" not in made.stderr
    assert "From now on every request needs a key." in made.stderr
    second = dottedline("key", "add", "new").stderr
    assert "Nothing is granted to new yet" in second and "From now on" not in second
    assert "Nothing is granted to nobody yet" in dottedline("ask", "accounts", "--as", "nobody").stderr
    assert "Nothing is granted" not in dottedline("key", "add", "watch", "--opens", "metrics").stderr
    assert "watch  open, for metrics alone" in dottedline("key", "list").stdout
    id_ = made.stdout.split("_")[1]
    (line,) = [line for line in dottedline("key", "list").stdout.splitlines() if line.startswith(id_)]
    assert "vi  open, expires 2999-06-30" in line
    assert made.stdout.strip() not in dottedline("key", "list").stdout
    assert "opens nothing now" in dottedline("key", "revoke", id_).stderr
    assert "vi  revoked" in dottedline("key", "list").stdout
    for wrong, code in ((("revoke", "0"), 1), (("add", "vi", "--expires", "2001-01-01"), 2), (("add", " "), 2)):
        refused = dottedline("key", *wrong)
        assert (refused.returncode, refused.stdout) == (code, "")


async def test_what_lies_nowhere_is_everybodys_but_for_accounts_as_the_page_says(town, dottedline):
    rows = dottedline("ask", "companies", "--as", "vi", "--format", "csv").stdout.splitlines()[1:]
    assert sorted(row.partition(",")[0] for row in rows) == ["bank", "rival", "us"]
    assert dottedline("ask", "companies", "--as", "nobody", "--format", "csv").stdout.splitlines()[1:] == []
    page = " ".join((ROOT / "docs" / "running.md").read_text(encoding="utf-8").split())
    assert "An account without one is seen only by who sees everything; our own company, and any other that nobody placed" in page


async def test_a_grant_is_made_listed_and_taken_back_whoever_made_it(town, dottedline):
    def seen():
        return [name for name in ("bank", "mill") if name in dottedline("ask", "accounts", "--as", "vi", "--format", "csv").stdout]

    assert seen() == ["bank"]
    assert dottedline("grant", "add", "vi", "editor", "--territory", "north", "--until", "2999-01-01").returncode == 0
    assert seen() == ["bank", "mill"]
    assert dottedline("grant", "revoke", "vi", "viewer", "--territory", "south").returncode == 0
    assert seen() == ["mill"]
    told = dottedline("grant", "list").stdout.splitlines()
    assert [line.split("  ")[:3] for line in told] == [["vi", "editor", "in north"], ["vi", "viewer", "in south"]]
    assert "ended" in told[1] and "until 2999-01-02" in told[0]
    again = dottedline("grant", "revoke", "vi", "viewer", "--territory", "south")
    assert (again.returncode, "NOT_FOUND" in again.stderr) == (1, True)
    assert dottedline("grant", "add", "vi", "viewer", "--territory", "nowhere").returncode != 0
    assert dottedline("ask", "loads", "--as", "vi").returncode == 1
    assert '"FORBIDDEN"' in dottedline("graphql", "{ loads { totalCount } }", "--as", "vi").stdout


async def test_the_trail_is_read_by_who_and_about_whom(town, dottedline, settings):
    rmtree(Trail(settings.home).folder, ignore_errors=True)
    at = datetime.now(UTC).isoformat()
    asked = [("vi", "mail:li@bank.example"), ("vi", "mill"), ("ann", "li")]
    Trail(settings.home).append({"at": at, "who": who, "asked": [{"what": "person", "about": {"id": id_}}]} for who, id_ in asked)

    def told(*options):
        lines = [json.loads(line) for line in dottedline("audit", *options).stdout.splitlines()]
        return [(line["who"], line["asked"][0]["about"]["id"]) for line in lines]

    assert told("--who", "vi") == asked[:2]
    assert told("--about", "li") == [asked[0], asked[2]], "by any id or alias"
    assert told("--about", "li", "--who", "ann", "--since", "2026-01-01") == [asked[2]]
    assert told("--until", "2001-01-01") == []
