"""GraphQL over HTTP to the letter, without a database: what is read, in which media type it is answered, with which status."""

import pytest

from api.over_http import GRAPHQL, HTML, JSON, media_type
from graph.errors import NotAcceptable
from tests.application import application

NAME = "{ __typename }"


@pytest.fixture
async def client():
    async with application() as made:
        yield made


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
        (f"{JSON}, {GRAPHQL};q=0.9", JSON),
        (f"{GRAPHQL};q=0, */*", JSON),
        (f"{JSON};q=0, */*;q=0.1", GRAPHQL),
        (f"{GRAPHQL.upper()} ; charset=utf-8", GRAPHQL),
        (f"{JSON};q=what, {GRAPHQL};q=0.1", GRAPHQL),
        (" , ", JSON),
        ("text/*, application/*;q=0.2", JSON),
    ],
)
def test_the_media_type_that_is_preferred(accept, media):
    assert media_type(accept) == media


@pytest.mark.parametrize("accept", ["text/html", f"{JSON};q=0", "nonsense", "*/*;q=0"])
def test_none_that_is_accepted(accept):
    with pytest.raises(NotAcceptable, match=JSON):
        media_type(accept)


def test_a_browser_prefers_the_page():
    assert media_type("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", (JSON, GRAPHQL, HTML)) == HTML


@pytest.mark.parametrize(
    ("document", "variables", "code"),
    [
        (NAME, {}, None),
        ("{", {}, "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("query($id: ID!) { account(id: $id) { id } }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("query($at: DateTime) { accounts(asOf: $at) { totalCount } }", {"at": "soon"}, "BAD_DATE"),
        ("{ " + "a: __typename " * 101 + "}", {}, "LIMIT_EXCEEDED"),
    ],
)
async def test_a_document_that_does_not_run_has_no_data_and_is_400_where_the_media_type_tells_it_apart(client, document, variables, code):
    for accept, status in ((JSON, 200), (GRAPHQL, 200 if code is None else 400)):
        answer = await client.post("/graphql", json={"query": document, "variables": variables}, headers={"accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (status, f"{accept}; charset=utf-8")
        assert ("data" in answer.json()) is (code is None)
        assert [error["extensions"]["code"] for error in answer.json().get("errors", [])] == ([code] if code else [])


@pytest.mark.parametrize(
    ("document", "variables", "told"),
    [
        ("{ coverageGaps(roles: [KING]) { totalCount } }", {}, "It has DECISION_MAKER, ECONOMIC_BUYER,"),
        (
            "query($roles: [BuyingRole!]) { coverageGaps(roles: $roles) { totalCount } }",
            {"roles": ["KING"]},
            "It has DECISION_MAKER, ECONOMIC_BUYER,",
        ),
        ('{ accounts(asOf: "soon") { totalCount } }', {}, "Write 2026-05-31 or 2026-05-31T09:00:00Z."),
    ],
)
async def test_a_bad_value_is_told_with_its_place_and_what_would_be_good(client, document, variables, told):
    (error,) = (await client.post("/graphql", json={"query": document, "variables": variables})).json()["errors"]
    assert told in error["message"]
    assert error["locations"][0]["line"] == 1


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"", JSON, 400, "INVALID_INPUT"),
        (b"{", JSON, 400, "INVALID_INPUT"),
        (b"null", JSON, 400, "INVALID_INPUT"),
        (b'[{"query": "{ __typename }"}]', JSON, 400, "INVALID_INPUT"),
        (b"{}", JSON, 400, "INVALID_INPUT"),
        (b'{"query": 1}', JSON, 400, "INVALID_INPUT"),
        (b'{"query": "{ x }", "variables": []}', JSON, 400, "INVALID_INPUT"),
        (b'{"query": "{ x }", "variables": "{}"}', JSON, 400, "INVALID_INPUT"),
        (b'{"query": "{ x }", "operationName": 1}', JSON, 400, "INVALID_INPUT"),
        (b'{"query": "{ x }", "extensions": 1}', JSON, 400, "INVALID_INPUT"),
        (b'{"query": "\xff"}', JSON, 400, "INVALID_INPUT"),
        (b'{"query": "\\ud800"}', JSON, 400, "INVALID_INPUT"),
        (b'{"query": "{ __typename }"}', "text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"query": "{ __typename }"}', f"{JSON}; charset=latin-1", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"query": "{ __typename }"}', "", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b"query={__typename}", "application/x-www-form-urlencoded", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (
            b'--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{}\r\n--x--',
            "multipart/form-data; boundary=x",
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (b"[" * 100_000, JSON, 400, "INVALID_INPUT"),
        (b" " * 2_000_000, JSON, 413, "LIMIT_EXCEEDED"),
    ],
)
async def test_a_body_that_cannot_be_used(client, content, kind, status, code):
    for accept in (JSON, GRAPHQL):
        answer = await client.post("/graphql", content=content, headers={"content-type": kind, "accept": accept})
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (status, code)
        assert list(answer.json()) == ["errors"]


async def test_utf_8_may_be_named(client):
    for charset in ("utf-8", '"UTF-8"', "utf8"):
        answer = await client.post("/graphql", content=b'{"query": "{ __typename }"}', headers={"content-type": f"{JSON}; charset={charset}"})
        assert answer.json()["data"] == {"__typename": "Query"}


async def test_by_get(client):
    asked = {"query": "query a($x: Boolean = true) { __typename @include(if: $x) } query b { __typename }", "operationName": "a"}
    assert (await client.get("/graphql", params={**asked, "variables": '{"x": false}', "extensions": "{}"})).json()["data"] == {}
    assert (await client.get("/graphql", params={**asked, "variables": ""})).json()["data"] == {"__typename": "Query"}
    assert (await client.get("/graphql", params={**asked, "variables": "{"})).status_code == 400
    assert (await client.get("/graphql")).status_code == 400
    async with application(MAX_BODY_KIB="1") as small:
        assert (await small.get("/graphql", params={"query": " " * 2_000})).status_code == 413
    writes = await client.get("/graphql", params={"query": "mutation { __typename }"}, headers={"accept": GRAPHQL})
    assert (writes.status_code, writes.json()["errors"][0]["extensions"]["code"]) == (400, "INVALID_INPUT")


@pytest.mark.parametrize(
    ("method", "path", "status", "code", "named"),
    [
        *((method, "/graphql", 405, "METHOD_NOT_ALLOWED", "GET") for method in ("PUT", "DELETE", "PATCH")),
        ("POST", "/export/accounts", 405, "METHOD_NOT_ALLOWED", "GET"),
        ("GET", "/wp-login.php", 404, "NOT_FOUND", "/export/{question}"),
        ("PUT", "/export", 404, "NOT_FOUND", "/graphql"),
    ],
)
async def test_what_is_not_served_is_refused_as_everything_else_is(client, method, path, status, code, named):
    answer = await client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, f"{JSON}; charset=utf-8")
    (error,) = answer.json()["errors"]
    assert (error["extensions"], path in error["message"], named in error["message"]) == ({"code": code}, True, True)
    assert ("GET" in answer.headers.get("allow", "")) == (status == 405)
    assert (await client.head("/nowhere")).status_code == 404


async def test_other_media_types(client):
    assert (await client.post("/graphql", json={"query": NAME}, headers={"accept": "text/csv"})).status_code == 406


async def test_what_every_answer_says_to_browsers_and_caches(client):
    answer = await client.post("/graphql", json={"query": NAME})
    assert (answer.headers["x-content-type-options"], answer.headers["cache-control"]) == ("nosniff", "no-store")
    assert "accept-language" in answer.headers["vary"]


async def test_the_schema_is_asked_for_by_setting():
    schema, kind = "{ __schema { queryType { name } } }", 'query { x: __type(name: "Query") { ...n } } fragment n on __Type { name }'
    async with application() as open_:
        for document in (schema, kind):
            assert "data" in (await open_.post("/graphql", json={"query": document})).json()
    async with application(INTROSPECTION="false") as closed:
        for document in (schema, kind):
            assert "INTROSPECTION" in (await closed.post("/graphql", json={"query": document})).json()["errors"][0]["message"]
        assert (await closed.post("/graphql", json={"query": NAME})).json()["data"] == {"__typename": "Query"}
        assert (await closed.get("/graphql", headers={"accept": HTML})).status_code == 406


async def test_a_caller_who_asks_too_often_is_told_when_to_come_again():
    key = {"authorization": "Bearer right"}
    async with application(key="right", RATE="0.1", RATE_BURST="2") as served:
        answers = [await served.post("/graphql", json={"query": NAME}, headers=key) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
        assert 1 <= int(answers[2].headers["retry-after"]) <= 10
        assert (await served.post("/graphql", json={"query": NAME})).headers["www-authenticate"] == "Bearer"
