"""Markets that several modules ask, loaded once a module."""

import pytest

from api.context import Context
from graph.instants import at_moment, instant, period
from loaders.run import load
from tests.filling import emptied, filled
from tests.slow import instant as moment
from tests.town import FILES
from tests.worked_example import ROOT


@pytest.fixture(scope="module")
async def town(one_store, tmp_path_factory):
    """The store with the town in it."""
    return await filled(await emptied(one_store), tmp_path_factory.mktemp("town"), FILES, as_of=instant(moment("2026-06-30")))


@pytest.fixture(scope="module")
async def sample(one_store):
    """The store with the sample market in it."""
    await one_store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
    await load(one_store, [ROOT / "samples" / "market"], as_of=period("2026-06-30")[0])
    return one_store


@pytest.fixture
def look(one_store, settings):
    """``await look("2026-06-30", "zh-CN")`` is a view at the end of that day."""

    async def run(day="2026-06-30", language="en"):
        return await Context(one_store, settings, language).view(as_of=at_moment(period(day)[1] - 1))

    return run
