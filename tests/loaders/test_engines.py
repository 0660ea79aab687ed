"""The steps of rows run beside this process, and on a cluster that is there already: several processes make of files what one makes."""

import pickle
from datetime import UTC
from functools import partial

import pytest
from distributed import LocalCluster

from graph.errors import InvalidInput
from graph.instants import period
from loaders.check import check_stretch
from loaders.engines import RowEngine, engine
from loaders.export import canonical_rows
from loaders.frames import Tables
from loaders.run import load

pytestmark = pytest.mark.long


@pytest.fixture
def files(world, tmp_path):
    for kind, text in world.items():
        (tmp_path / f"{kind}.csv").write_text(text, encoding="utf-8")
    (tmp_path / "reporting.csv").write_text(world["reporting"] + "nobody,nobody\n", encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as started:
        yield started


async def test_several_processes_load_what_one_loads(files, cluster, store, monkeypatch):
    monkeypatch.setattr("loaders.engines.SMALL", 0)
    told = []
    for name, scheduler in ((RowEngine.HERE, None), (RowEngine.CORES, None), (RowEngine.DASK, cluster.scheduler_address)):
        await store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
        with engine(name, scheduler, [files]) as run:
            report = await load(store, [files], as_of=period("2026-06-01")[0], run=run)
        counts = {kind: (each.rows, each.created, each.rejected) for kind, each in report.kinds.items()}
        told.append((counts, report.warnings, await canonical_rows(store)))
    assert told[0] == told[1] == told[2]
    assert told[0][0]["reporting"][2] == 1


def test_a_step_and_what_it_takes_and_makes_can_travel(files):
    step = partial(check_stretch, zone=UTC, source="told")
    for table in Tables([files]):
        sent = pickle.loads(pickle.dumps((step, table)))
        one, other = step(table), sent[0](sent[1])
        assert (one.kind, one.rejects, one.tables) == (other.kind, other.rejects, pickle.loads(pickle.dumps(other)).tables)


def test_a_scheduler_that_is_not_there_and_one_that_nobody_asked_for():
    with pytest.raises(InvalidInput, match="no Dask scheduler answers"), engine(RowEngine.DASK, "nonsense"):
        pass
    with pytest.raises(InvalidInput, match="--engine dask"), engine(RowEngine.HERE, "tcp://127.0.0.1:1"):
        pass
