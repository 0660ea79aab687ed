"""The trail: who asked what about whom and for which purpose, what was refused too, and nothing of what was answered."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from functools import cache
from threading import Event

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
    assert len(told) == audit.MOST_ASKED + 1
    assert told[-1] == {"more": True}
    assert len(told[0]["about"]["id"]) == audit.MOST_SIGNS // audit.MOST_ASKED


async def test_no_value_of_a_document_keeps_the_trail_from_being_written(tmp_path):
    huge, kept_ = "9" * 5_000, kept(tmp_path)
    deep = "[" * 90 + "1" + "]" * 90
    text = f"query($n: Int = {huge}) {{ a: companies(first: {huge}, after: {deep}) {{ totalCount }} companies(first: $n) {{ totalCount }} "
    text += "loads(first: 999999999999999999999999999999, after: 1e999) { totalCount } kols(first: $nothing, topic: [$nothing]) { totalCount } }"
    asked = await told_of(text, None, None)
    assert asked[2] == {"what": "loads", "about": {"first": "9" * 30, "after": float("inf")}}
    assert asked[3] == {"what": "kols", "about": {"topic": [None]}}
    kept_.note(local_steward(), None, "one", "graphql", asked, [])
    kept_.note(local_steward(), None, "two", "graphql", [{"what": "x", "about": {"id": 1 << 80, "name": "\ud800"}}], [])
    kept_.note(local_steward(), None, "three", "graphql", [], [])
    await kept_.flush()
    lines = list(Trail(tmp_path).read())
    assert [(line["request"], line.get("more", False)) for line in lines] == [("one", False), ("two", True), ("three", False)]


async def test_whatever_goes_wrong_lines_wait_and_writing_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(audit, "EVERY_SECONDS", 0)
    kept_, append, failed = kept(tmp_path), Trail.append, []

    def once(trail, lines):
        if not failed:
            failed.append(lines)
            raise TypeError("a fault of ours")
        append(trail, lines)

    monkeypatch.setattr(Trail, "append", once)
    kept_.note(local_steward(), None, "one", "graphql", [], [])
    writing = asyncio.create_task(kept_._write())
    while not list(Trail(tmp_path).read()):
        await asyncio.sleep(0.01)
        assert not writing.done()
    writing.cancel()
    assert failed


async def test_a_server_that_ends_while_a_line_is_written_waits_for_it(tmp_path, monkeypatch):
    kept_, begun, go_on, append = kept(tmp_path), Event(), Event(), Trail.append

    def slowly(trail, lines):
        begun.set()
        go_on.wait()
        append(trail, lines)

    monkeypatch.setattr(Trail, "append", slowly)
    kept_.note(local_steward(), None, "one", "graphql", [], [])
    writing = asyncio.create_task(kept_.flush())
    await asyncio.to_thread(begun.wait)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    last = asyncio.create_task(kept_.flush())
    await asyncio.sleep(0.05)
    assert not last.done()
    go_on.set()
    await last
    assert [line["request"] for line in Trail(tmp_path).read()] == ["one"]


async def test_plain_fields_before_a_question_hide_it_from_nobody(monkeypatch):
    names = ["".join(f" x{n}y{m}: __typename" for m in range(40)) for n in range(21)]
    plain = " ".join(f"fragment f{n} on Query {{ {f'...f{n + 1}' if n < 20 else ''}{each} }}" for n, each in enumerate(names))
    text = "{ " + "...f0 " * 90 + 'person(id: "zoe") { name } } ' + plain
    assert await told_of(text, None, None) == [{"what": "person", "about": {"id": "zoe"}}]
    monkeypatch.setattr(audit, "MOST_STEPS", 50)
    many = "{ " + "__typename " * 60 + 'person(id: "zoe") { name } }'
    assert await told_of(many, None, None) == [{"more": True}]
    assert await told_of('{ ... on Query { person(id: "zoe") { ... on Person { name } } } }', None, None) == [
        {"what": "person", "about": {"id": "zoe"}}
    ]


async def test_values_of_a_request_share_one_room():
    text = "query($f: AccountFilter) { " + " ".join(f"a{n}: coverageGaps(filter: $f) {{ totalCount }}" for n in range(90)) + " }"
    asked = await told_of(text, None, {"f": {f"name{n}": "x" * 500 for n in range(100_000)}})
    assert len(asked) == 90
    assert all("…" in one["about"]["filter"] for one in asked)
    assert len(str(asked)) < 3 * audit.MOST_SIGNS
    assert sum(len(one["about"]["filter"]) for one in asked) < audit.MOST_SIGNS / 10


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
    "grants": "principal,role\nann,viewer\nstew,steward\nzoe@bank.example,viewer\n",
}


@pytest.fixture
async def told(store, database, tmp_path):
    """``await told([(principal, text, headers), ...])`` is the trail after these requests."""
    settings = load_settings({"DOTTEDLINE_HOME": str(tmp_path / "home"), "DOTTEDLINE_FRESH_SECONDS": "0"})
    async with Store(settings, database.uri, database.user, database.password) as own:
        (tmp_path / "files").mkdir()
        await filled(own, tmp_path / "files", FILES)
        keys = {name: await add_key(own, name) for name in ("ann", "stew", "zoe@bank.example")}
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


async def test_an_erasure_over_http_leaves_the_person_in_no_line_not_even_in_its_own(told):
    lines = await told(
        [
            ("ann", '{ person(id: "zoe") { employments { title } } }', {"purpose": "a call with Zoe Quill"}),
            ("stew", 'mutation { erasePerson(id: "mail:zoe@bank.example") { revision } }', {"purpose": "Zoe Quill asked for it"}),
            ("ann", '{ person(id: "li") { name } }', {}),
        ]
    )
    assert [(line["who"], line.get("purpose"), line["asked"][0]["about"]["id"]) for line in lines] == [
        ("ann", ERASED, ERASED),
        ("stew", ERASED, ERASED),
        ("ann", None, "li"),
    ]
    assert "zoe" not in str(lines).lower()


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
