"""What goes wrong in the database is told as what it is."""

import pytest

from graph.errors import DottedlineError, StoreUnavailable


async def test_a_statement_at_which_the_database_fails_is_not_a_database_that_does_not_answer(store):
    with pytest.raises(DottedlineError, match="fails at the statement") as raised:
        await store.write("test", [("CREATE (:Tag {id: $id})", {"id": "x" * 9_000})])
    assert not isinstance(raised.value, StoreUnavailable)
    assert await store.read("test", "RETURN 1 AS one", {}) == [[1]]
