"""Who asks: keys, roles and territories over HTTP, on one application for all; and the doors that do not open."""

import asyncio
import getpass
import inspect
import json
import logging

import httpx
import pytest
from strawberry.utils.str_converters import to_camel_case

from api.app import create_app
from api.auth import Who, is_loopback
from api.registry import MUTATIONS, QUESTIONS
from graph import access
from graph.access import FILE, Access, add_key, list_keys, revoke_key
from graph.answer import Id
from graph.errors import ConfigError, Unauthenticated
from graph.instants import now, period
from graph.keyed import Key
from graph.model import GrantRole, Opens
from graph.mutation import Desk
from graph.settings import load_settings
from graph.store import Store
from graph.writes.erase_person import erase_person
from loaders import identity
from loaders.granting import grant_role
from tests.filling import emptied, filled

FILES = {
    "territories": "territory_id,name,level,parent_id\nsouth,South,province,\nbay,Bay,city,south\nnorth,North,province,\n",
    "companies": "company_id,name,kinds,territory_id\nus,Us,us,\nbank,Bank,account,bay\nmill,Mill,account,north\nfarm,Farm,account,\n"
    "7,Seven,account,bay\n8,Eight,account,bay\n",
    "people": "person_id,name,company_id,emails\nli,Li Wei,bank,\nwang,Wang Fang,bank,\nmo,Mo,mill,mo@mill.example\n7,Qi,mill,\n8,Ba,mill,\n"
    "chen,Chen Yi,bank,chen@bank.example\nchen@bank.example,Shadow,mill,\n",
    "roles": "person_id,role,company_id\nli,DECISION_MAKER,bank\nmo,DECISION_MAKER,mill\n",
    "groups": "group_id,company_id,name\nmill-deal,mill,Deal\n",
    "opportunities": "opportunity_id,company_id,name\no-mill,mill,Deal\n",
    "grants": "principal,role,territory_id\nvi,viewer,south\ned,editor,bay\ned,viewer,north\nstew,steward,south\nroot,steward,\n",
}
WHO = ("vi", "ed", "stew", "root", "nobody")
ACCOUNTS = "{ accounts { edges { node { id } } } }"
ASSERT = 'mutation { assertRole(personId: "wang", role: CHAMPION, %s) { author revision } }'


@pytest.fixture(scope="module")
async def town(one_store, tmp_path_factory):
    """The market of two provinces, with keys: name -> key."""
    await filled(await emptied(one_store), tmp_path_factory.mktemp("town"), FILES, as_of=period("2026-06-01")[0])
    return {name: await add_key(one_store, name) for name in WHO}


@pytest.fixture(scope="module")
async def client(town, settings, database):
    """A client of one application."""
    app = create_app(settings, lambda: Store(settings, database.uri, database.user, database.password))
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as made:
        made.app = app
        yield made


@pytest.fixture(scope="module")
def asks(client, town):
    """``await asks("vi", "{ ... }")`` is the response; any text that is no name is sent as the key itself."""

    async def run(name, text, **headers):
        sent = {"authorization": f"Bearer {town.get(name, name)}", **headers} if name is not None else headers
        return await client.post("/graphql", json={"query": text}, headers=sent)

    return run


def codes(response):
    return [error["extensions"]["code"] for error in response.json().get("errors", [])]


async def test_two_on_one_application_see_each_their_own(asks):
    answers = await asyncio.gather(*(asks(name, ACCOUNTS) for name in WHO * 3))
    seen = [sorted(edge["node"]["id"] for edge in answer.json()["data"]["accounts"]["edges"]) for answer in answers]
    assert seen == [["7", "8", "bank"], ["7", "8", "bank", "mill"], ["7", "8", "bank"], ["7", "8", "bank", "farm", "mill"], []] * 3


async def test_a_hidden_account_is_as_unknown_as_one_that_is_not_there(asks):
    hidden, unknown = [await asks("vi", f'{{ account(id: "{id_}") {{ name }} }}') for id_ in ("mill", "nowhere")]
    assert hidden.text.replace("mill", "nowhere") == unknown.text
    assert codes(hidden) == ["NOT_FOUND"]


GIVEN = {"into": "li", "from": "wang", "records": ["li"], "key": "x"}


def written(one):
    """A mutation with something for each argument that must be given."""
    needed = [argument.spelled for argument in one.arguments if argument.default is inspect.Parameter.empty]
    given = {name: GIVEN.get(name, "li") for name in needed}
    told = ", ".join(f"{to_camel_case(name)}: {'CHAMPION' if name == 'role' else json.dumps(value)}" for name, value in given.items())
    return f"mutation {{ {to_camel_case(one.name)}{f'({told})' if told else ''} {{ revision }} }}"


MAY = {GrantRole.VIEWER: {"vi", "ed", "stew"}, GrantRole.EDITOR: {"ed", "stew"}, GrantRole.STEWARD: {"stew"}}


@pytest.mark.parametrize("one", MUTATIONS, ids=lambda one: one.name)
async def test_every_mutation_refuses_whoever_lacks_its_role(asks, one_store, one):
    """Of all that are registered: a new one is covered at birth."""
    counted = "MATCH (l:Load) RETURN count(l)"
    before = await one_store.read("test", counted, {})
    for name in {"vi", "ed", "nobody"} - MAY[one.role]:
        answer = await asks(name, written(one))
        assert codes(answer) == ["FORBIDDEN"], (one.name, answer.text)
    assert await one_store.read("test", counted, {}) == before
    assert one.role in (GrantRole.EDITOR, GrantRole.STEWARD)


@pytest.mark.parametrize("one", [one for one in QUESTIONS if one.role is GrantRole.STEWARD], ids=lambda one: one.name)
async def test_every_question_for_stewards_refuses_others(asks, one):
    field = f"{to_camel_case(one.field)} {{ __typename }}"
    text = f"{{ {field} }}" if one.anchor is None else f'{{ {one.anchor.value.lower()}(id: "li") {{ {field} }} }}'
    for name in ("vi", "ed"):
        assert codes(await asks(name, text)) == ["FORBIDDEN"]
    assert codes(await asks("root", text)) == []


def test_what_is_for_stewards():
    assert {one.name for one in QUESTIONS if one.role is GrantRole.STEWARD} == {"loads", "conflicts", "identity_review", "known_of"}
    assert {one.name for one in MUTATIONS if one.role is GrantRole.EDITOR} == {"assert_role", "assert_member", "assert_influence", "retract_fact"}
    assert all(f"For {one.role}s." in one.doc for one in MUTATIONS)


async def test_an_editor_writes_in_their_own_name_where_they_are_one(asks):
    made = (await asks("ed", ASSERT % 'companyId: "bank"')).json()
    assert made["data"]["assertRole"]["author"] == "ed"
    assert (await asks("root", "{ loads(first: 1) { edges { node { source } } } }")).json()["data"]["loads"]["edges"][0]["node"]["source"] == "ed"
    other = await asks("ed", ASSERT % 'companyId: "bank", author: "root"')
    assert (codes(other), other.json()["errors"][0]["extensions"]["argument"]) == (["FORBIDDEN"], "author")


@pytest.mark.parametrize("where", ['companyId: "%s"', 'groupId: "%s"', 'opportunityId: "%s"'])
async def test_what_a_mutation_names_outside_the_scope_is_unknown_or_closed(asks, where):
    hidden = {"companyId": "farm", "groupId": "farm", "opportunityId": "farm-deal"}[where.partition(":")[0]]
    unseen, unknown = [await asks("ed", ASSERT % (where % id_)) for id_ in (hidden, "nowhere")]
    assert codes(unseen) == ["NOT_FOUND"]
    assert unseen.text.replace(hidden, "nowhere") == unknown.text
    seen = {"companyId": "mill", "groupId": "mill-deal", "opportunityId": "o-mill"}[where.partition(":")[0]]
    assert codes(await asks("ed", ASSERT % (where % seen))) == ["FORBIDDEN"], "to see is not to change"


async def test_a_fact_outside_the_scope_is_as_unknown_as_none(asks, one_store):
    (keys,) = (await one_store.read("test", "MATCH ()-[r:HAS_ROLE_IN {role: 'DECISION_MAKER'}]->(g) RETURN collect([g.id, r.key])", {}))[0]
    retract = 'mutation { retractFact(key: "%s") { source } }'
    key = dict(keys)
    unseen, unknown = [await asks("stew", retract % k) for k in (key["mill"], "nothing")]
    assert unseen.text.replace(key["mill"], "nothing") == unknown.text
    assert codes(await asks("ed", retract % key["mill"])) == ["FORBIDDEN"]
    assert codes(await asks("ed", retract % key["bank"])) == []


HIDDEN = (
    'erasePerson(id: "%s") { revision }',
    'mergeEntities(into: "li", from: "%s") { revision }',
    'notSame(first: "li", second: "%s", kind: PERSON) { revision }',
    'splitEntity(id: "%s", records: ["%s"]) { revision }',
    'assertInfluence(fromId: "li", toId: "%s") { revision }',
    'assertRole(personId: "%s", role: CHAMPION, companyId: "bank") { revision }',
    'assertMember(personId: "%s", companyId: "bank") { revision }',
)


@pytest.mark.parametrize("one", HIDDEN, ids=lambda one: one.partition("(")[0])
@pytest.mark.parametrize("who", ["mo", "mo@mill.example"])
async def test_nobody_writes_about_a_person_whom_they_do_not_see(asks, one, who):
    hidden, unknown = [(await asks("stew", f"mutation {{ {one.replace('%s', name)} }}")) for name in (who, "nobody@x.example")]
    assert codes(hidden) == ["NOT_FOUND"]
    assert hidden.text.replace(repr(who), repr("nobody@x.example")) == unknown.text


async def test_what_is_written_is_what_was_checked(asks, one_store):
    """Companies 7 and 8 may be seen, the people of these ids not; somebody hidden has another's mailbox as an id."""
    merge = 'mutation { mergeEntities(into: "7", from: "8"%s) { entities { id kind } } }'
    assert codes(await asks("stew", merge % ", kind: PERSON")) == ["NOT_FOUND"]
    made = (await asks("stew", merge % "")).json()
    assert made["data"]["mergeEntities"]["entities"] == [{"id": "7", "kind": "COMPANY"}]
    own = "chen@bank.example"
    assert codes(await asks("stew", f'mutation {{ assertRole(personId: "{own}", role: CHAMPION, companyId: "bank") {{ revision }} }}')) == []
    roles = "MATCH (p:Person)-[:HAS_ROLE_IN {role: 'CHAMPION'}]->() WHERE p.id IN ['chen', $own] RETURN DISTINCT p.id"
    assert await one_store.read("test", roles, {"own": own}) == [["chen"]]
    assert codes(await asks("stew", f'mutation {{ erasePerson(id: "{own}") {{ revision }} }}')) == []
    left = "MATCH (p:Person) WHERE p.id IN ['chen', $own] RETURN p.id"
    assert await one_store.read("test", left, {"own": own}) == [[own]]


async def test_who_is_steward_of_a_part_rules_there_and_not_over_everything(asks):
    assert codes(await asks("stew", 'mutation { mergeEntities(into: "bank", from: "mill") { revision } }')) == ["NOT_FOUND"]
    assert codes(await asks("stew", "mutation { retain { types { type } } }")) == ["FORBIDDEN"], "it names nothing, and so is about everything"


async def test_a_revoked_an_expired_and_a_wrong_key_open_nothing_and_say_the_same(asks, one_store, town, monkeypatch):
    revoked, expired = await add_key(one_store, "root"), await add_key(one_store, "root", now() + 60_000_000)
    assert [(await asks(key, ACCOUNTS)).status_code for key in (revoked, expired)] == [200, 200]
    await revoke_key(one_store, revoked.split("_")[1])
    monkeypatch.setattr(access, "now", lambda: now() + 61_000_000)
    good = town["root"]
    last, middle = ("a" if sign != "a" else "b" for sign in (good[-1], good[30]))
    wrong = [good[:-1] + last, good[:30] + middle + good[31:], "dl_0_0", "", "Basic x", good + "x"]
    answers = [await asks(key, ACCOUNTS) for key in (revoked, expired, *wrong)]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers if answer.request.headers["authorization"] != "Bearer "}) == 1
    states = {key.id: key.state(access.now()) for key in await list_keys(one_store)}
    assert (states[revoked.split("_")[1]], states[expired.split("_")[1]]) == ("revoked", "expired")


async def test_a_key_is_found_by_its_id_compared_in_constant_time_and_kept_as_a_hash(one_store, town, monkeypatch, settings):
    compared = []
    monkeypatch.setattr(access.hmac, "compare_digest", lambda one, other: compared.append((one, other)) or one == other)
    calls = one_store.calls
    assert await Access(one_store).opened(town["vi"]) == ("vi", Opens.GRANTED)
    assert (len(compared), one_store.calls - calls) == (2, 1)
    with pytest.raises(Unauthenticated):
        await Access(one_store).opened(town["vi"][:-1] + "~")
    with pytest.raises(Unauthenticated):
        await Access(one_store).opened("dl_" + "0" * 16 + "_" + "A" * 51)
    assert one_store.calls - calls == 1, "what was not made here never reaches the database"
    kept = str(await one_store.read("test", "MATCH (k:ApiKey) RETURN collect(properties(k))", {}))
    assert not any(key.split("_", 2)[2] in kept or key in kept for key in town.values())
    assert Key((settings.home / FILE).read_bytes()).mark("api-key", town["vi"]) in kept
    assert (settings.home / FILE).stat().st_mode & 0o777 == 0o600


async def test_a_revocation_works_within_the_bound(one_store, settings):
    key = await add_key(one_store, "vi")
    slow = Access(one_store)
    slow._opened = access.Remembered(slow._look_up, 0.2)
    assert (await slow.opened(key)).principal == "vi"
    await revoke_key(one_store, key.split("_")[1])
    assert (await slow.opened(key)).principal == "vi", "remembered, for a moment"
    await asyncio.sleep(0.2)
    with pytest.raises(Unauthenticated):
        await slow.opened(key)


async def test_a_key_for_metrics_opens_them_and_nothing_else_whatever_its_principal_may(client, one_store):
    """Of all questions that are registered, and of the doors of all mutations: no name, no number, not even whether something is there."""
    sent = {"authorization": f"Bearer {await add_key(one_store, 'root', opens=Opens.METRICS)}"}
    assert "dottedline_requests_total" in (await client.get("/metrics", headers=sent)).text
    documents = [ACCOUNTS, "{ __typename }", *map(written, MUTATIONS)]
    answers = [await client.post("/graphql", json={"query": text}, headers=sent) for text in documents]
    answers += [await client.get(f"/export/{question.title}?id=mill", headers=sent) for question in QUESTIONS]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.text for answer in answers}) == 1 and codes(answers[0]) == ["FORBIDDEN"]


async def test_a_key_of_before_keys_said_what_they_open_opens_what_is_granted(one_store, client, asks):
    key = await add_key(one_store, "root")
    await one_store.write("test", [("MATCH (k:ApiKey {id: $id}) REMOVE k.opens", {"id": key.split("_")[1]})])
    answer = await client.post("/graphql", json={"query": ACCOUNTS}, headers={"authorization": f"Bearer {key}"})
    assert answer.json() == (await asks("root", ACCOUNTS)).json()
    assert key.split("_")[1] in {one.id for one in await list_keys(one_store) if one.opens is Opens.GRANTED}


async def test_no_key_is_ever_logged_or_told(asks, town, caplog):
    caplog.set_level(logging.DEBUG)
    answers = [
        await asks(name, text) for name in ("vi", town["vi"][:-1] + "~", "eyJhbGciOiJub25lIn0.e30.") for text in (ACCOUNTS, "{", "{ nothing }")
    ]
    told = caplog.text + "".join(answer.text + str(answer.headers) for answer in answers)
    assert not any(part in told for part in (town["vi"].split("_", 2)[2][:20], "eyJhbGci"))


async def test_grants_of_the_command_line_count_at_once_and_end(asks, one_store, town):
    desk = Desk(one_store, identity)

    async def seen():
        return [edge["node"]["id"] for edge in (await asks("nobody", ACCOUNTS)).json()["data"]["accounts"]["edges"]]

    await grant_role(desk, principal="nobody", role=GrantRole.VIEWER, territory_id=Id("north"))
    assert await seen() == ["mill"]
    await grant_role(desk, principal="nobody", role=GrantRole.VIEWER, territory_id=Id("north"), ends_on="2026-11-01")
    assert await seen() == []
    await grant_role(desk, principal="nobody", role=GrantRole.VIEWER, territory_id=Id("north"), ends_on="9999-12-31")
    assert await seen() == ["mill"]
    await grant_role(desk, principal="vi", role=GrantRole.VIEWER, territory_id=Id("south"), ends_on="2026-11-01")
    assert codes(await asks("vi", '{ account(id: "bank") { id } }')) == ["NOT_FOUND"], "what a file granted is taken back by hand"


async def test_whoever_is_erased_loses_their_keys(one_store, town, tmp_path):
    await filled(one_store, tmp_path, {"people": "person_id,name,emails\ngone,Gone,gone@us.example\n"})
    key = await add_key(one_store, "Gone@us.example")
    await erase_person(Desk(one_store, identity), id=Id("gone"))
    with pytest.raises(Unauthenticated):
        await Access(one_store).opened(key)
    assert "gone" not in str(await one_store.read("test", "MATCH (k:ApiKey) RETURN collect(properties(k))", {})).lower()


async def test_where_there_are_keys_nobody_comes_in_without_one(asks):
    answer = await asks(None, ACCOUNTS)
    assert (answer.status_code, codes(answer)) == (401, ["UNAUTHENTICATED"])


# ---- doors ----


@pytest.mark.parametrize(("host", "closed"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("example.com", False)])
def test_what_is_loopback(host, closed):
    assert is_loopback(host) is closed


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"HOST": "0.0.0.0"}, "DOTTEDLINE_TLS_CERT"),
        ({"HOST": "0.0.0.0", "PROXY": " "}, "DOTTEDLINE_PROXY"),
        ({"HOST": "0.0.0.0", "PROXY": "nginx"}, "DOTTEDLINE_PROXY"),
        ({"TLS_CERT": "/nowhere"}, "DOTTEDLINE_TLS_KEY"),
        ({"TLS_CERT": "/nowhere", "TLS_KEY": "/nowhere"}, "is no file"),
        ({"TLS_CERT": __file__, "TLS_KEY": __file__}, "cannot be used"),
        ({"HOST": "::", "OIDC_ISSUER": "https://id.example", "PROXY": "10.0.0.5"}, "DOTTEDLINE_OIDC_AUDIENCE"),
    ],
)
def test_an_open_door_does_not_start(given, says):
    with pytest.raises(ConfigError, match=says):
        Who(load_settings({f"DOTTEDLINE_{name}": value for name, value in given.items()}))


class Asked:
    """A request, as far as the door looks at it."""

    def __init__(self, store, peer="127.0.0.1", host="127.0.0.1", **headers):
        self.client = type("Client", (), {"host": peer})
        self.headers = httpx.Headers({name.replace("_", "-"): value for name, value in headers.items()})
        self.headers.getlist = lambda name: [value for key, value in self.headers.multi_items() if key == name]
        self.url = type("Url", (), {"hostname": host})
        self.app = type("App", (), {"state": type("State", (), {"store": store})})


@pytest.fixture
async def bare(store, settings):
    """A store without any key."""
    fresh = Access(store)
    return type("Fake", (), {"companion": lambda self, kind: fresh, "settings": settings})()


async def test_without_configuration_this_machine_alone_is_served_by_a_local_steward(bare):
    who = Who(load_settings({}))
    principal = await who(Asked(bare))
    assert (principal.name, principal.role, principal.territories, principal.local) == (getpass.getuser(), GrantRole.STEWARD, None, True)
    for refused in (Asked(bare, host="evil.example"), Asked(bare, x_forwarded_for="1.2.3.4"), Asked(bare, via="1.1 nginx")):
        with pytest.raises(Unauthenticated):
            await who(refused)


async def test_beyond_loopback_nobody_is_local_and_a_key_must_be_there(bare, store):
    who = Who(load_settings({"DOTTEDLINE_HOST": "0.0.0.0", "DOTTEDLINE_PROXY": "10.1.0.0/16"}))
    with pytest.raises(ConfigError, match="key add NAME"):
        await who.ready(bare)
    with pytest.raises(Unauthenticated):
        await who(Asked(bare, peer="10.1.2.3"))
    key = await add_key(store, "ann")
    await who.ready(bare)
    assert (await who(Asked(bare, peer="::ffff:10.1.2.3", authorization=f"bearer {key}"))).name == "ann"
    for peer in ("10.2.0.1", "127.0.0.1", "not an address"):
        with pytest.raises(Exception, match="proxy"):
            await who(Asked(bare, peer=peer, authorization=f"Bearer {key}"))


async def test_two_authorizations_are_none(bare, store):
    key = await add_key(store, "ann")
    request = Asked(bare, authorization=f"Bearer {key}")
    request.headers.getlist = lambda name: [f"Bearer {key}"] * 2
    with pytest.raises(Unauthenticated):
        await Who(load_settings({}))(request)
