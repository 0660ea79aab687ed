"""Rows are checked beside this process: what is made is the same, whoever checks and whoever falls."""

import importlib
import os
import signal
import subprocess
import sys
from datetime import UTC
from functools import partial
from threading import Semaphore
from time import sleep

import psutil
import pytest

from graph.errors import HelperLost, InvalidInput
from loaders.check import check_stretch
from loaders.engines import SMALL, RowEngine, engine, helpers_for
from loaders.frames import Tables
from loaders.helpers import Helper, Helpers

STEP = partial(check_stretch, zone=UTC, source="told")
ROWS = [f"p{n},王芳 {n},{n}@a.example;x{n}@a.example,2024-0{n % 9 + 1}" for n in range(40)]
PEOPLE = "\n".join(["person_id,name,emails,valid_from", *ROWS, "p41,Bob,,x", ""])
JOBS = "person_id,company_id,title\n" + "".join(f"p{n},c{n % 3},Chief {n}\n" for n in range(40)) + "p1\n"


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    (folder / "companies.csv").write_text("company_id,name\n", encoding="utf-8")
    (folder / "reporting.csv").write_text("person_id,manager_id\np1\n", encoding="utf-8")
    (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (folder / "employments.csv").write_text(JOBS, encoding="utf-8")
    return list(Tables([folder], chunk=7))


@pytest.fixture
def helpers(monkeypatch):
    """Two that are ready; ``helpers.asked`` are the stretches that they were asked for."""
    ready, begun, ask = Semaphore(0), Helper.begun, Helper.ask

    def heard(helper):
        able = begun(helper)
        ready.release()
        return able

    def noted(helper, step, table):
        both.asked.append(table)
        return ask(helper, step, table)

    monkeypatch.setattr(Helper, "begun", heard)
    monkeypatch.setattr(Helper, "ask", noted)
    with Helpers(2) as both:
        both.asked = []
        assert all(ready.acquire(timeout=30) for _ in both.helpers)
        yield both


def slowly(tables):
    """As files are read."""
    for table in tables:
        sleep(0.02)
        yield table


def told(made):
    """What was made, the names to look up in no order, as they are sets."""
    tables = {name: sorted(map(str, rows.to_pylist())) if name == "names" else rows for name, rows in made.tables.items()}
    return made.kind, made.path, made.columns, made.rows, made.rejects, made.unread, made.open_kinds, tables


def test_helpers_make_what_one_process_makes_in_the_order_of_the_files(helpers, tables):
    alone = [told(made) for made in map(STEP, tables)]
    assert sum(len(made[4]) for made in alone) == 3
    assert [made[0] for made in alone if not made[3]] == ["companies"], "a header alone is told of too"
    assert [told(made) for made in helpers.run(STEP, slowly(tables))] == alone
    assert helpers.asked
    assert all(helper.process.returncode is not None for helper in helpers.helpers)
    assert [told(made) for made in helpers.run(STEP, iter(tables))] == alone
    assert list(helpers.run(STEP, iter(()))) == []


def test_this_process_checks_until_its_helpers_are_ready_or_where_they_cannot_begin(tables, monkeypatch):
    monkeypatch.setattr("loaders.helpers.BEGIN", "raise SystemExit")
    with Helpers(1) as none:
        assert [told(made) for made in none.run(STEP, tables)] == [told(made) for made in map(STEP, tables)]


def test_where_no_process_can_be_had_this_one_checks_alone(tables, monkeypatch):
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with Helpers(2) as none:
        assert none.helpers == []
        assert [told(made) for made in none.run(STEP, tables)] == [told(made) for made in map(STEP, tables)]
        assert none._waiting.empty(), "what nobody takes out would stay until the end"


ODD = """
class Odd(Exception):
    def __init__(self, what, why):
        super().__init__(f"{what}: {why}")

def step(table):
    raise Odd(table.kind.name, "no reason")
"""


def test_an_error_that_cannot_travel_comes_as_its_text(tables, tmp_path, monkeypatch):
    (tmp_path / "odd.py").write_text(ODD)
    monkeypatch.syspath_prepend(tmp_path)
    asked = Helper()
    try:
        assert asked.begun()
        with pytest.raises(RuntimeError, match="companies: no reason"):
            asked.ask(importlib.import_module("odd").step, tables[0])
        assert told(asked.ask(STEP, tables[1])) == told(STEP(tables[1]))
    finally:
        asked.end()


def test_a_helper_checks_too(tables):
    asked = Helper()
    try:
        assert asked.begun()
        assert told(asked.ask(STEP, tables[2])) == told(STEP(tables[2]))
        with pytest.raises(TypeError, match="zone"):
            asked.ask(partial(check_stretch, source="told"), tables[0])
        assert told(asked.ask(STEP, tables[1])) == told(STEP(tables[1]))
    finally:
        asked.end()


def test_a_helper_that_is_killed_fails_the_load_with_its_cure(tables):
    asked = Helper()
    assert asked.begun()
    os.kill(asked.process.pid, signal.SIGKILL)
    with pytest.raises(HelperLost, match=r"people.csv is gone \(exit status -9\).*--engine here"):
        asked.ask(STEP, next(table for table in tables if table.kind.name == "people"))
    asked.end()


def test_a_fault_of_a_stretch_comes_in_its_turn_whoever_meets_it(helpers, tables):
    made = helpers.run(partial(check_stretch, source="told"), tables)
    with pytest.raises(TypeError):
        list(made)
    assert len(list(helpers.run(STEP, tables))) == len(tables)


def test_a_file_that_cannot_be_read_is_told_as_ever(helpers, tmp_path):
    (tmp_path / "people.csv").write_text("person_id,nothing\n")
    with pytest.raises(InvalidInput) as alone:
        list(Tables([tmp_path]))
    with pytest.raises(InvalidInput) as beside:
        list(helpers.run(STEP, Tables([tmp_path])))
    assert beside.value.message == alone.value.message


def test_no_helper_outlives_its_load(tables):
    with Helpers(1) as begun:
        next(iter(begun.run(STEP, tables)))
        (process,) = (helper.process for helper in begun.helpers)
        assert psutil.pid_exists(process.pid)
    assert not psutil.pid_exists(process.pid)


def test_a_helper_ends_where_its_load_was_killed():
    text = "import time\nfrom loaders.helpers import Helper\nbegun = Helper()\nbegun.begun()\nprint(begun.process.pid, flush=True)\ntime.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as load:
        helper = psutil.Process(int(load.stdout.readline()))
        load.kill()
        helper.wait(10)
        assert load.stderr.read() == ""


def test_ctrl_c_is_for_the_load_and_not_for_its_helpers(tables):
    asked = Helper()
    try:
        assert os.getpgid(asked.process.pid) == asked.process.pid
        assert asked.begun()
        os.kill(asked.process.pid, signal.SIGINT)
        assert told(asked.ask(STEP, tables[2])) == told(STEP(tables[2]))
    finally:
        asked.end()


def test_a_script_without_a_main_guard_may_load(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("from loaders.helpers import Helpers\nprint('once', flush=True)\nwith Helpers(1) as begun:\n    begun._lanes[0].join(0.5)\n")
    made = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert (made.stdout, made.stderr) == ("once\n", "")


def test_a_small_load_starts_no_process(tmp_path, monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(4)), raising=False)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "people.csv").write_bytes(b"x" * SMALL)
    assert helpers_for([tmp_path]) == 0
    with engine(RowEngine.CORES, paths=[tmp_path]) as run:
        assert run is map
    (tmp_path / "more.csv").write_text("x")
    assert helpers_for([tmp_path]) == 2
    assert helpers_for([tmp_path / "deep" / "people.csv", tmp_path / "more.csv", tmp_path / "none.csv"]) == 2
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0}, raising=False)
    assert helpers_for([tmp_path]) == 0
