"""Every question as a file over HTTP: what `ask` gives, to whom may see it."""

import asyncio
import csv
from dataclasses import replace
from io import BytesIO, StringIO
from pathlib import Path
from tempfile import gettempdir

import httpx
import pytest
from openpyxl import load_workbook

from api import files
from api.app import create_app
from api.asking import Asking, from_texts
from api.export import KINDS, TITLED
from api.registry import QUESTIONS
from api.render import formats
from graph.access import add_key
from graph.errors import InvalidInput, LimitExceeded
from graph.instants import period
from graph.page import PAGE
from graph.settings import load_settings
from graph.store import Store
from graph.trail import Trail
from tests.filling import emptied, filled

SETTINGS = load_settings({})
FILES = {
    "territories": "territory_id,name\nsouth,South\nnorth,North\n",
    "companies": "company_id,name,kinds,territory_id\nus,Us,us,\nbank,=cmd|'/C calc'!A0,account,south\nmill,Mill,account,north\n",
    "people": "person_id,name,company_id\nann,Ann,us\nli,@SUM(A1),bank\nmo,Mo,mill\n",
    "roles": "person_id,role,company_id\nli,DECISION_MAKER,bank\n",
    "grants": "principal,role,territory_id\nvi,viewer,south\nroot,steward,\n",
}


def texts(question, **given):
    return from_texts(TITLED[question], [(name.replace("_", "-"), value) for name, many in given.items() for value in many], SETTINGS.zone)


def test_arguments_are_spelled_as_those_of_ask():
    asked = texts("decision-chain", account=["bank"], max_nodes=["7"], as_of=["2026-06-30"])
    assert (asked.who, asked.arguments["max_nodes"], asked.clocks) == ("bank", 7, {"as_of": "2026-06-30", "known_at": None})
    gaps = texts("coverage-gaps", filter=["tier=1,2"], roles=["champion,DECISION_MAKER", "influencer"], first=["3"])
    assert [role.value for role in gaps.arguments["roles"]] == ["CHAMPION", "DECISION_MAKER", "INFLUENCER"]
    assert (gaps.arguments["filter"].tier, gaps.arguments["first"], gaps.arguments["after"]) == ([1, 2], 3, None)
    assert texts("chain-changes", account=["x"], **{"from": ["2026-01-01"], "to": ["2026-02-01"]}).arguments["from_"].day == 1


@pytest.mark.parametrize(
    ("question", "given", "argument"),
    [
        ("decision-chain", {}, "account"),
        ("decision-chain", {"account": ["a", "b"]}, "account"),
        ("decision-chain", {"account": ["a"], "max_nodes": ["many"]}, "max-nodes"),
        ("decision-chain", {"account": ["a"], "maxNodes": ["1"]}, "maxNodes"),
        ("coverage-gaps", {"roles": ["KING"]}, "roles"),
        ("coverage-gaps", {"filter": ["colour=red"]}, "filter"),
        ("chain-changes", {"account": ["a"], "to": ["2026-02-01"]}, "from"),
        ("chain-changes", {"account": ["a"], "from": ["soon"], "to": ["2026-02-01"]}, "from"),
    ],
)
def test_what_a_question_does_not_take_is_named(question, given, argument):
    with pytest.raises(InvalidInput) as refused:
        texts(question, **given)
    assert refused.value.details["argument"] == argument


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.title)
def test_every_format_of_every_question_has_a_media_type(question):
    assert set(formats(question)) <= set(KINDS)


@pytest.fixture(scope="module")
async def client(one_store, settings, database, tmp_path_factory):
    """``await client("vi", "accounts?format=csv")``."""
    home = settings.model_copy(update={"home": tmp_path_factory.mktemp("home"), "max_result_kib": 64})
    await filled(await emptied(one_store), tmp_path_factory.mktemp("files"), FILES, as_of=period("2026-06-01")[0])
    async with Store(home, database.uri, database.user, database.password) as own:
        keys = {name: await add_key(own, name) for name in ("vi", "root")}
    app = create_app(home, lambda: Store(home, database.uri, database.user, database.password))
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as made:

        async def get(who, path):
            return await made.get(f"/export/{path}", headers={"authorization": f"Bearer {keys.get(who)}"})

        get.home = home.home
        yield get


def code(response):
    return response.json()["errors"][0]["extensions"]["code"]


async def test_a_file_of_each_kind(client):
    for shown, kind in KINDS.items():
        answer = await client("root", f"decision-chain?account=bank&format={shown}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind.media), answer.text
        assert answer.headers["content-disposition"] == f'attachment; filename="decision-chain.{kind.ending}"'
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await client("root", "decision-chain?account=bank")).json()["group"]["id"] == "bank"
    assert "sandbox" in (await client("root", "decision-chain?account=bank&format=svg")).headers["content-security-policy"]


async def test_no_cell_is_a_formula(client):
    rows = list(csv.DictReader(StringIO((await client("root", "accounts?format=csv")).text)))
    assert {row["name"] for row in rows} == {"'=cmd|'/C calc'!A0", "Mill"}
    people = (await client("root", "company-people?account=bank&format=csv")).text
    assert "'@SUM(A1)" in people and ",@SUM" not in people
    sheet = load_workbook(BytesIO((await client("root", "accounts?format=xlsx")).content)).active
    assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row if isinstance(cell.value, str)} == {"s"}


async def test_everybody_exports_what_they_see_and_the_trail_tells_it(client):
    seen = {who: [row["id"] for row in csv.DictReader(StringIO((await client(who, "accounts?format=csv")).text))] for who in ("vi", "root")}
    assert seen == {"vi": ["bank"], "root": ["bank", "mill"]}
    hidden, unknown = [await client("vi", f"decision-chain?account={id_}") for id_ in ("mill", "nowhere")]
    assert (hidden.status_code, code(hidden)) == (404, "NOT_FOUND")
    assert hidden.text.replace("mill", "nowhere") == unknown.text
    assert code(await client("vi", "loads")) == "FORBIDDEN"
    assert (await client("stranger", "accounts")).status_code == 401


async def test_what_may_not_be_told_is_no_empty_sheet(client):
    for shown in ("csv", "xlsx"):
        refused = await client("vi", f"joint-plan?partner=bank&format={shown}")
        assert (refused.status_code, code(refused), "ask a steward" in refused.text) == (403, "FORBIDDEN", True)
    assert "ask a steward" in (await client("vi", "joint-plan?partner=bank&format=table")).text
    assert (await client("root", "joint-plan?partner=bank&format=csv")).status_code == 200


async def test_refusals_are_json_with_their_code(client):
    for path, status, what in (
        ("decision-chart?account=bank", 404, "NOT_FOUND"),
        ("decision-chain?account=bank&format=pdf", 400, "INVALID_INPUT"),
        ("decision-chain?account=bank&as-of=soon", 400, "INVALID_INPUT"),
        ("accounts?first=0", 400, "INVALID_INPUT"),
    ):
        answer = await client("root", path)
        assert (answer.status_code, code(answer), answer.headers["content-type"]) == (status, what, "application/json; charset=utf-8")


def ids_of(answer):
    """The ids of a workbook, and the names of its sheets."""
    book = load_workbook(BytesIO(answer.content))
    head, *rows = book["Answer"].iter_rows(values_only=True)
    return [row[head.index("id")] for row in rows], book.sheetnames


async def test_a_list_is_sent_whole_in_pages_of_one_view(client, monkeypatch):
    monkeypatch.setattr(files, "MOST_PAGE", 1)
    whole = await client("root", "people?format=csv")
    assert [row["id"] for row in csv.DictReader(StringIO(whole.text))] == ["li", "ann", "mo"]
    assert "content-length" not in whole.headers, "it came in parts"
    assert (whole.headers["x-total-count"], whole.headers["x-truncated"]) == ("3", "false")
    page = await client("root", "people?format=csv&first=1")
    assert [row["id"] for row in csv.DictReader(StringIO(page.text))] == ["li"]
    usual = await client("root", f"people?format=csv&first={PAGE}")
    assert "content-length" in usual.headers, "a page was asked for, though it is as long as one that was not"
    assert page.headers["x-total-count"] == "3", "who asks for a page is told that there is more"
    assert ids_of(await client("root", "people?format=xlsx")) == (["li", "ann", "mo"], ["Answer"])
    assert ids_of(await client("root", "people?format=xlsx&first=1")) == (["li"], ["Answer"])


async def test_a_list_that_was_cut_short_says_so(client, monkeypatch):
    monkeypatch.setattr(files, "MOST_PAGE", 1)
    answer, cut = Asking.answer, {"ann"}

    async def late(asking, context, view, **more):
        page = await answer(asking, context, view, **more)
        return replace(page, truncated=any(edge.node.id in cut for edge in page.edges))

    monkeypatch.setattr(Asking, "answer", late)
    whole = await client("root", "people?format=xlsx")
    assert ids_of(whole) == (["li", "ann", "mo"], ["Answer", "Note"])
    with pytest.raises(LimitExceeded):  # the connection breaks off: what was sent said that nothing was cut
        await client("root", "people?format=csv")
    cut.add("li")
    whole = await client("root", "people?format=csv")
    assert (len(whole.text.splitlines()), whole.headers["x-truncated"]) == (4, "true")


async def test_a_file_that_would_be_too_large_is_refused_before_it_begins(client, one_store, tmp_path, monkeypatch):
    await filled(one_store, tmp_path, {"companies": "company_id,name,kinds\n" + "".join(f"c{n},{'N' * 900}{n},account\n" for n in range(100))})
    for shown in ("csv", "xlsx"):
        assert code(await client("root", f"accounts?format={shown}")) == "LIMIT_EXCEEDED"
    monkeypatch.setattr(files, "MOST_PAGE", 2)
    left = set(Path(gettempdir()).glob("openpyxl*"))
    assert code(await client("root", "accounts?format=xlsx")) == "LIMIT_EXCEEDED"
    assert set(Path(gettempdir()).glob("openpyxl*")) <= left, "nothing of what was begun lies about"
    with pytest.raises(LimitExceeded):  # it began with short names: the connection breaks off, and no part looks like the whole
        await client("root", "accounts?format=csv")


async def test_what_was_exported_stands_in_the_trail(client):
    await client("vi", "decision-chain?account=mill&as-of=2026-06-30&max-nodes=5")
    for _ in range(200):
        lines = [line for line in Trail(client.home).read() if "mill" in str(line) and line.get("who") == "vi"]
        if lines and lines[-1]["asked"][0]["about"].get("asOf"):
            break
        await asyncio.sleep(0.05)
    assert (lines[-1]["face"], lines[-1]["refused"]) == ("export", ["NOT_FOUND"])
    assert lines[-1]["asked"] == [{"what": "account.decisionChain", "about": {"account": "mill", "maxNodes": "5", "asOf": "2026-06-30"}}]
