"""What goes wrong in the database is told as what it is."""

import pytest
from neo4j.exceptions import ClientError, DatabaseError

from graph.errors import DottedlineError, StoreUnavailable
from graph.store import _translated


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
