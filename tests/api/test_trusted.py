"""Trusted documents: asked by their hash, kept by browsers, and where wanted the only ones."""

import hashlib
import json

import pytest

from api.execute import Engine
from api.trusted import Trusted, id_of
from graph.errors import ConfigError, UntrustedDocument
from graph.settings import load_settings

TOTAL = "query Total($search: String) { accounts(search: $search) { totalCount } }\n"
NAMES = "{ accounts { edges { node { name } } } } # 客户"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "total.graphql").write_text(TOTAL, encoding="utf-8")
    (tmp_path / "deep" / "names.graphql").write_text(NAMES, encoding="utf-8")
    return tmp_path


def get(client, text, headers=None, **more):
    return client.get("/graphql", params={"documentId": id_of(text), **more}, headers=headers)


async def test_a_browser_keeps_an_answer_until_a_write_changes_it(serve, folder, market):
    client = await serve(DOCUMENTS=folder)
    await market(companies="company_id,name\na,A\n")
    first = await get(client, NAMES)
    assert first.json()["data"] == {"accounts": {"edges": [{"node": {"name": "A"}}]}}
    assert first.headers["cache-control"] == "private, no-cache"
    assert {"authorization", "accept", "accept-language"} <= {part.strip().lower() for part in first.headers["vary"].split(",")}
    held = {"if-none-match": f'"other", W/{first.headers["etag"]}'}
    again = await get(client, NAMES, held)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    await market(companies="company_id,name\na,A\nb,B\n")
    later = await get(client, NAMES, held)
    assert (later.status_code, len(later.json()["data"]["accounts"]["edges"])) == (200, 2)
    assert later.headers["etag"] != first.headers["etag"]


async def test_a_document_is_asked_by_its_hash_in_every_way_that_clients_know(serve, folder, market):
    client = await serve(DOCUMENTS=folder)
    await market(companies="company_id,name\na,A\n")
    bare = hashlib.sha256(TOTAL.encode()).hexdigest()
    wanted = {"accounts": {"totalCount": 0}}
    variables = {"search": "nobody"}
    apollo = json.dumps({"persistedQuery": {"version": 1, "sha256Hash": bare}})
    assert (await get(client, TOTAL, variables=json.dumps(variables))).json()["data"] == wanted
    assert (await client.get("/graphql", params={"extensions": apollo, "variables": json.dumps(variables)})).json()["data"] == wanted
    posted = await client.post("/graphql", json={"documentId": bare, "variables": variables})
    assert (posted.json()["data"], posted.headers["cache-control"], "etag" in posted.headers) == (wanted, "no-store", False)


async def test_what_is_not_trusted_is_refused_only_where_that_is_wanted(serve, folder, market):
    await market(companies="company_id,name\na,A\n")
    other = {"query": "{ people { totalCount } }"}
    assert (await (await serve(DOCUMENTS=folder)).post("/graphql", json=other)).status_code == 200
    client = await serve(DOCUMENTS=folder, TRUSTED_ONLY="true")
    refused = await client.post("/graphql", json=other)
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (403, "UNTRUSTED_DOCUMENT")
    assert (await client.post("/graphql", json={"query": NAMES})).status_code == 200, "a trusted text is trusted"
    unknown = await client.get("/graphql", params={"documentId": "sha256:00"})
    assert (unknown.status_code, unknown.json()["errors"][0]["extensions"]["code"]) == (404, "NOT_FOUND")
    both = await client.post("/graphql", json={"query": NAMES, "documentId": id_of(TOTAL)})
    assert (both.status_code, both.json()["errors"][0]["extensions"]["argument"]) == (400, "documentId")


async def test_an_answer_with_errors_is_not_kept(serve, tmp_path, market):
    await market(companies="company_id,name\na,A\n")
    text = '{ account(id: "nobody") { name } }'
    (tmp_path / "one.graphql").write_text(text)
    answer = await get(await serve(DOCUMENTS=tmp_path), text)
    assert (answer.headers["cache-control"], "etag" in answer.headers) == ("no-store", False)


def given(place, **more):
    return load_settings({"DOTTEDLINE_DOCUMENTS": str(place), **more})


def trusted(settings):
    return Trusted.of(settings, Engine(settings).documents)


def test_a_file_of_texts_by_hash_is_read_too(tmp_path):
    file = tmp_path / "documents.json"
    file.write_text(json.dumps({hashlib.sha256(TOTAL.encode()).hexdigest(): TOTAL, id_of(NAMES): NAMES}), encoding="utf-8")
    found = trusted(given(file, DOTTEDLINE_TRUSTED_ONLY="true"))
    assert (len(found), found.text(None, id_of(NAMES)), found.text(TOTAL, None)) == (2, NAMES, TOTAL)
    with pytest.raises(UntrustedDocument):
        found.text(TOTAL + " ", None)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.graphql", b"{ nothing }", "a.graphql"),
        ("a.graphql", b"\xff", "UTF-8"),
        ("a.json", b"{", "neither a folder nor JSON"),
        ("a.json", b'{"00": "{ __typename }"}', "SHA-256"),
        ("a.json", b'["x"]', "by id"),
        ("a.txt", b"", "no *.graphql file"),
    ],
)
def test_what_cannot_be_trusted_is_said_before_serving(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError) as error:
        trusted(given(tmp_path / name if name.endswith("json") else tmp_path))
    assert says in error.value.message


def test_only_trusted_documents_and_none_is_a_mistake():
    with pytest.raises(ConfigError, match="DOTTEDLINE_DOCUMENTS"):
        trusted(load_settings({"DOTTEDLINE_TRUSTED_ONLY": "true"}))
