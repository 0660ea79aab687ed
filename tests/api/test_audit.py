"""The trail: who asked what about whom and for which purpose, what was refused too, and nothing of what was answered."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from functools import cache

import httpx
import pytest

from api import audit
from api.app import create_app
from api.audit import Audit, asked_about, asked_of
from api.execute import Engine
from graph.access import add_key
from graph.answer import Id
from graph.errors import InvalidInput, StoreUnavailable
from graph.mutation import Desk
from graph.principal import local_steward
from graph.settings import load_settings
from graph.store import Store
from graph.trail import ERASED, Trail
from graph.writes.erase_person import erase_person
from loaders import identity
from tests.filling import filled

CHAIN = """query($id: ID!, $at: DateTime = "2026-06-30") {
  account(id: $id) { name decisionChain(asOf: $at) { nodes { name roles { role } coverage { value } } } ...more }
  people(search: "Li", first: 2) { edges { node { ... on Person { canTouch(channel: CALL) { may } } } } }
  accounts { totalCount }
}
fragment more on Company { coverage { score { value } } }"""


@cache
def engine():
    return Engine(load_settings({"DOTTEDLINE_MAX_ALIASES": "1000", "DOTTEDLINE_MAX_TOKENS": "9000"}))


async def told_of(text, operation, variables):
    return asked_of(engine().schema._schema, await engine().documents.of(text), operation, variables)


async def test_what_a_document_asks_with_the_arguments_on_the_way():
    assert await told_of(CHAIN, None, {"id": "bank"}) == [
        {"what": "account.decisionChain", "about": {"id": "bank", "asOf": "2026-06-30"}},
        {"what": "account.coverage", "about": {"id": "bank"}},
        {"what": "people.canTouch", "about": {"search": "Li", "first": 2, "channel": "CALL"}},
        {"what": "accounts"},
    ]
    assert await told_of('{ account(id: "bank") { name } __schema { types { name } } }', None, None) == [{"what": "account", "about": {"id": "bank"}}]
    assert await told_of("query A { accounts { totalCount } } query B { loads { totalCount } }", "B", {}) == [{"what": "loads"}]
    assert await told_of("fragment x on Query { loads }", None, None) == []


async def test_what_hangs_on_variables_is_told_with_those_of_each_request():
    text = "query($f: AccountFilter, $n: Int) { coverageGaps(filter: $f, first: $n, roles: [CHAMPION]) { totalCount } }"
    roles = {"roles": ["CHAMPION"]}
    assert await told_of(text, None, {"f": {"tier": [1]}, "n": 3}) == [
        {"what": "coverageGaps", "about": {"filter": {"tier": [1]}, "first": 3, **roles}}
    ]
    assert await told_of(text, None, {"f": {"owner": ["x" * 900]}}) == [
        {"what": "coverageGaps", "about": {"filter": {"owner": ["x" * 199 + "…"]}, **roles}}
    ]
    deep = {"tier": [[[[[[[1]]]]]]]}
    assert len(str(await told_of(text, None, {"f": deep, "g": "h" * 10_000}))) < 200


async def test_a_document_that_circles_or_grows_is_told_within_bounds():
    circle = "{ ...a } fragment a on Query { loads { totalCount } ...b } fragment b on Query { ...a accounts { totalCount } }"
    assert [one["what"] for one in await told_of(circle, None, None)] == ["loads", "accounts"]
    bomb = "{ ...f0 } " + " ".join(f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(30)) + " fragment f30 on Query { x }"
    assert await told_of(bomb, None, None) == []
    many = "{ " + " ".join(f'a{n}: account(id: "{"x" * 300}") {{ name }}' for n in range(500)) + " }"
    told = await told_of(many, None, None)
    assert len(told) == audit.MOST_ASKED
    assert len(told[0]["about"]["id"]) == audit.LONGEST


class Asking:
    """A request with this purpose."""

    def __init__(self, purpose=None):
        self.headers = {} if purpose is None else {"purpose": purpose}


def kept(tmp_path, **given):
    return Audit(load_settings({"DOTTEDLINE_HOME": str(tmp_path), **{f"DOTTEDLINE_{name}": value for name, value in given.items()}}))


def test_a_purpose_is_one_of_those_that_are_allowed(tmp_path):
    assert kept(tmp_path).purpose_of(Asking()) is None
    assert kept(tmp_path).purpose_of(Asking(" renewal \t call ")) == "renewal call"
    strict = kept(tmp_path, PURPOSES="renewal; event planning")
    assert strict.purpose_of(Asking("event planning")) == "event planning"
    for purpose in (None, "curiosity", "x" * 300):
        with pytest.raises(InvalidInput):
            strict.purpose_of(Asking(purpose))


async def test_lines_wait_for_a_disk_and_then_nothing_is_answered(tmp_path, monkeypatch):
    kept_ = kept(tmp_path)
    (tmp_path / "audit").write_text("a file where a folder should be")
    monkeypatch.setattr(audit, "MOST_WAITING", 2)
    for _ in range(2):
        kept_.note(local_steward(), None, None, "graphql", [{"what": "loads"}], [])
        await kept_.flush()
    with pytest.raises(StoreUnavailable):
        kept_.purpose_of(Asking())
    (tmp_path / "audit").unlink()
    await kept_.flush()
    assert len(list(Trail(tmp_path).read())) == 2
    kept_.purpose_of(Asking())


def test_files_past_their_days_go_and_a_line_that_was_cut_off_is_left_out(tmp_path):
    trail = Trail(tmp_path)
    trail.append([{"at": datetime.now(UTC).isoformat(), "who": "ann"}])
    (today,) = [path for _, path in trail.files()]
    assert (today.stat().st_mode & 0o777, trail.folder.stat().st_mode & 0o777) == (0o600, 0o700)
    with today.open("ab") as file:
        file.write(b'{"at": "2026-')
    for days in (1, 30, 31):
        day = datetime.now(UTC).date() - timedelta(days=days)
        (trail.folder / f"audit-{day}.jsonl").write_bytes(b'{"at":"%s","who":"bob"}\n' % f"{day}T12:00:00+00:00".encode())
    assert trail.prune(30) == 1
    assert [line["who"] for line in trail.read()] == ["bob", "bob", "ann"]
    assert [line["who"] for line in trail.read(since=datetime.now(UTC) - timedelta(days=2))] == ["bob", "ann"]
    assert Trail(tmp_path / "nowhere").prune(1) == Trail(tmp_path / "nowhere").strike(lambda text: True) == 0


async def test_no_days_write_nothing(tmp_path):
    silent = kept(tmp_path, AUDIT_DAYS="0")
    silent.note(local_steward(), None, None, "graphql", [{"what": "loads"}], [])
    await silent.flush()
    assert not (tmp_path / "audit").exists()


FILES = {
    "companies": "company_id,name,kinds,territory_id\nbank,Secret Bank,account,\n",
    "people": "person_id,name,company_id,emails\nli,Li Wei Secret,bank,li@bank.example\nzoe,Zoe Quill,bank,zoe@bank.example\n",
    "grants": "principal,role\nann,viewer\nzoe@bank.example,viewer\n",
}


@pytest.fixture
async def told(store, database, tmp_path):
    """``await told([(principal, text, headers), ...])`` is the trail after these requests."""
    settings = load_settings({"DOTTEDLINE_HOME": str(tmp_path / "home"), "DOTTEDLINE_FRESH_SECONDS": "0"})
    async with Store(settings, database.uri, database.user, database.password) as own:
        (tmp_path / "files").mkdir()
        await filled(own, tmp_path / "files", FILES)
        keys = {name: await add_key(own, name) for name in ("ann", "zoe@bank.example")}
        app = create_app(settings, lambda: Store(settings, database.uri, database.user, database.password))

        async def run(requests):
            async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
                for who, text, headers in requests:
                    sent = {"authorization": f"Bearer {keys.get(who, 'wrong')}", **headers}
                    await client.post("/graphql", json={"query": text}, headers=sent)
            return list(Trail(settings.home).read())

        run.store, run.keys, run.settings = own, keys, settings
        yield run


async def test_a_request_leaves_who_asked_what_about_whom_and_not_the_answer(told):
    lines = await told(
        [
            ("ann", '{ person(id: "mail:li@bank.example") { name employments { title } } }', {"purpose": "renewal", "x-request-id": "r-1"}),
            ("ann", '{ account(id: "nowhere") { name } }', {}),
            ("ann", 'mutation { erasePerson(id: "li") { revision } }', {}),
            ("ann", "{ nothing }", {}),
            ("nobody", "{ accounts { totalCount } }", {}),
            ("nobody", "{ accounts { totalCount } }", {}),
        ]
    )
    first = lines[0]
    assert datetime.fromisoformat(first.pop("at")) <= datetime.now(UTC)
    assert first == {
        "who": "ann",
        "purpose": "renewal",
        "request": "r-1",
        "face": "graphql",
        "asked": [{"what": "person.employments", "about": {"id": "mail:li@bank.example"}}],
    }
    assert [(line.get("who"), line["refused"], line.get("times")) for line in lines[1:]] == [
        ("ann", ["NOT_FOUND"], None),
        ("ann", ["FORBIDDEN"], None),
        ("ann", ["GRAPHQL_VALIDATION_FAILED"], None),
        (None, ["UNAUTHENTICATED"], 2),
    ]
    assert not any(word in str(lines) for word in ("Secret", *told.keys.values(), "Bearer", "wrong"))
    assert [asked_about(line) for line in lines] == [{"mail:li@bank.example"}, {"nowhere"}, {"li"}, set(), set()]


async def test_whoever_is_erased_is_in_the_trail_no_more(told):
    await told(
        [
            ("ann", '{ person(id: "zoe") { employments { title } } }', {"purpose": "a call with Zoe Quill"}),
            ("zoe@bank.example", '{ people(search: "quill") { totalCount } person(id: "li") { name } }', {}),
        ]
    )
    elsewhere = Trail(told.settings.home / "elsewhere")
    elsewhere.append(list(Trail(told.settings.home).read()))
    await erase_person(Desk(told.store, identity), id=Id("zoe"))
    first, second = Trail(told.settings.home).read()
    assert (first["who"], first["purpose"], first["asked"][0]["about"]["id"]) == ("ann", ERASED, ERASED)
    assert (second["who"], second["asked"][1]["about"]["id"]) == (ERASED, "li")
    other = Audit(told.settings)
    other.trail = elsewhere
    assert await other.strike_erased(told.store) == 1, "a machine that did not do the erasure hears of it by its tombstones"
    first, second = elsewhere.read()
    assert (first["asked"][0]["about"]["id"], second["who"]) == (ERASED, ERASED)
    assert await other.strike_erased(told.store) == 0


def test_what_was_looked_through_is_not_looked_through_again_until_more_are_erased(tmp_path):
    trail, asked = Trail(tmp_path), []
    old = tmp_path / "audit" / "audit-2026-01-01.jsonl"
    trail.append([{"at": datetime.now(UTC).isoformat(), "who": "new"}])
    old.write_bytes(b'{"at":"2026-01-01T00:00:00+00:00","who":"old"}\n')
    os.utime(old, (1_800_000_000, 1_700_000_000))

    def looked(known):
        asked.clear()
        assert trail.strike_anew(lambda text: asked.append(text) or text == "erased", known) == 0
        return asked

    assert looked(1) == ["old", "new"]
    trail.append([{"at": datetime.now(UTC).isoformat(), "who": "newer"}])
    assert looked(1) == ["new", "newer"]
    assert looked(2) == ["old", "new", "newer"]
    assert Trail(tmp_path / "nowhere").strike_anew(lambda text: True, 1) == 0


async def test_writers_of_one_home_take_turns(tmp_path):
    trails = [Trail(tmp_path) for _ in range(8)]
    line = {"at": datetime.now(UTC).isoformat(), "about": "x" * 10_000}
    work = [asyncio.to_thread(trail.append, [line] * 5) for trail in trails] + [asyncio.to_thread(trails[0].strike, lambda text: text == "y")] * 1
    await asyncio.gather(*work)
    assert len(list(Trail(tmp_path).read())) == 40
