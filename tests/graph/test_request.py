"""What a request is told when its time is up."""

import pytest

from graph.errors import QueryTimeout
from graph.request import DEADLINE


async def test_who_ran_out_of_time_is_told_a_cure_that_fits_a_cold_database_too(store):
    token = DEADLINE.set(0.0)
    try:
        with pytest.raises(QueryTimeout, match=r"\(DOTTEDLINE_REQUEST_SECONDS\)\. A database that just began is slow at first: ask again\."):
            await store.read("test", "RETURN 1 AS one", {})
    finally:
        DEADLINE.reset(token)
