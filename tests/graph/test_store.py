"""What goes wrong in the database is told as what it is."""

import pytest
from neo4j.exceptions import ClientError, DatabaseError

from graph.errors import ConfigError, DottedlineError, StoreUnavailable
from graph.settings import load_settings
from graph.store import Store, _translated


async def test_a_statement_at_which_the_database_fails_is_not_a_database_that_does_not_answer(store):
    with pytest.raises(DottedlineError, match="fails at the statement") as raised:
        await store.write("test", [("CREATE (:Tag {id: $id})", {"id": "x" * 9_000})])
    assert not isinstance(raised.value, StoreUnavailable)
    assert await store.read("test", "RETURN 1 AS one", {}) == [[1]]


@pytest.mark.parametrize("kind", [ClientError, DatabaseError])
def test_the_database_s_words_stand_in_the_log_and_reach_nobody_who_asks(kind, caplog):
    error = kind("Node(7) already exists with name = 'Secret Bank'")
    told = _translated(error)
    assert (told.code, "Secret" in told.message) == ("INTERNAL", False)
    assert [record.reason for record in caplog.records] == [error.message]


@pytest.mark.parametrize(
    "uri", ["http://127.0.0.1:7474", "localhost:7687", "bolt://neo4j:geheim@host:7687", "bolt://host:7687?route=eu", "bolt://[::1"]
)
def test_an_address_that_is_none_of_neo4j_is_a_setting_to_mend(uri):
    with pytest.raises(ConfigError, match="NEO4J_URI is no address") as raised:
        Store(load_settings({}), uri, "neo4j", "")
    assert "geheim" not in str(raised.value)


async def test_who_waits_in_vain_is_told_for_whom():
    async with Store(load_settings({}), "bolt://127.0.0.1:1", "neo4j", "") as store:
        with pytest.raises(StoreUnavailable, match=r"^bolt://127\.0\.0\.1:1: Neo4j does not answer"):
            await store.verify(0)
