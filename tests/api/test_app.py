"""The HTTP face: closed by default, bounded, and clear in its refusals."""

QUERY = {"query": "{ accounts { totalCount } }"}


async def test_a_question_by_post_and_by_get(serve, market):
    client = await serve()
    await market(companies="company_id,name\na,A\n")
    for answer in (await client.post("/graphql", json=QUERY), await client.get("/graphql", params=QUERY)):
        assert (answer.status_code, answer.json()["data"]) == (200, {"accounts": {"totalCount": 1}})


async def test_health_and_the_page(serve):
    client = await serve()
    assert [(await client.get(path)).status_code for path in ("/healthz", "/readyz")] == [200, 200]
    assert "GraphiQL" in (await client.get("/graphql", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})).text


async def test_a_request_keeps_its_id(serve):
    client = await serve()
    assert (await client.post("/graphql", json=QUERY, headers={"x-request-id": "abc-1"})).headers["x-request-id"] == "abc-1"
    assert len((await client.post("/graphql", json=QUERY, headers={"x-request-id": "a b\t"})).headers["x-request-id"]) == 32


async def test_another_host_and_a_large_answer_are_refused(serve, market):
    client = await serve(MAX_RESULT_KIB="1")
    assert (await client.post("/graphql", json=QUERY, headers={"host": "evil.example"})).status_code == 401
    await market(companies="company_id,name\n" + "".join(f"c{n},{'N' * 100}{n}\n" for n in range(20)))
    large = await client.post("/graphql", json={"query": "{ accounts { edges { node { name } } } }"})
    assert large.json()["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


MERGE = 'mutation { mergeEntities(into: "p", from: "q", author: "ann") { revision entities { id kind name records } } }'


async def test_a_mutation_is_seen_by_the_next_question_and_never_comes_by_get(serve, market):
    client = await serve()
    await market(people="person_id,name\np,P\nq,Q\n")
    refused = await client.get("/graphql", params={"query": MERGE})
    assert refused.json()["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
    merged = (await client.post("/graphql", json={"query": MERGE})).json()["data"]["mergeEntities"]
    assert merged == {"revision": 2, "entities": [{"id": "p", "kind": "PERSON", "name": "Q", "records": ["p", "q"]}]}
    asked = await client.post(
        "/graphql", json={"query": '{ person(id: "q") { id name } people { totalCount } loads { edges { node { source kinds } } } }'}
    )
    data = asked.json()["data"]
    assert (data["person"], data["people"]["totalCount"]) == ({"id": "p", "name": "Q"}, 1)
    assert data["loads"]["edges"][0]["node"] == {"source": "ann", "kinds": ["merge-entities"]}
    again = (await client.post("/graphql", json={"query": MERGE})).json()
    assert (again["data"], again["errors"][0]["extensions"]) == (None, {"code": "INVALID_INPUT", "argument": "from"})
