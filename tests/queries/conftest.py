"""Markets that several modules ask, loaded once a module."""

import pytest

from graph.instants import instant
from loaders.run import load
from tests.slow import instant as moment
from tests.town import FILES


@pytest.fixture(scope="module")
async def town(one_store, tmp_path_factory):
    """The store with the town in it."""
    await one_store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
    folder = tmp_path_factory.mktemp("town")
    for kind, text in FILES.items():
        (folder / f"{kind}.csv").write_text(text, encoding="utf-8")
    report = await load(one_store, [folder], as_of=instant(moment("2026-06-30")), reports_in=folder / "reports")
    assert report.total("rejected") == 0, report
    return one_store
