"""What the command line says of what it does: of rows and what was made of them, of a load that is taken back, of what one waits for."""

from types import SimpleNamespace

import pytest

from api import cli, logs
from graph.errors import ConfigError
from graph.instants import at_moment
from loaders.run import Report


def test_a_report_tells_rows_from_what_was_made_of_them_and_unload_who_tells_it_still(store, dottedline, tmp_path):
    (tmp_path / "companies.csv").write_text("company_id,name,kinds,tier\na,A,account,1\nb,B,account,\nc,,nonsense,\n", encoding="utf-8")
    told = dottedline("load", str(tmp_path)).stdout
    assert "companies            3 rows, 1 of them rejected: nodes and facts 3 created\n" in told, "two companies and a tier"
    (tmp_path / "companies.csv").write_text("company_id,name,kinds,tier\na,A,account,1\n", encoding="utf-8")
    assert "companies            1 row: nodes and facts 2 unchanged\n" in dottedline("load", str(tmp_path)).stdout
    first = dottedline("unload", "L1").stderr
    said = "Taken back: L1 of canonical, which told of 3 nodes and facts. No other load tells of 1 of them, which hold no longer. "
    assert said + "L2 still tells of 2 of them." in first
    last = dottedline("unload", "canonical").stderr
    assert "Taken back: L2 of canonical, which told of 2 nodes and facts. No other load tells of 2 of them, which hold no longer." in last


def test_the_demo_says_what_it_waits_for(monkeypatch, capsys, settings):
    async def loaded(*_, **__):
        return Report(1, "canonical", {})

    async def known(*_):
        return at_moment(0)

    database = SimpleNamespace(start=lambda **_: SimpleNamespace(found=False), stop=lambda: None)
    fakes = {"load_settings": lambda: settings, "local_only": lambda _: database, "refuse_taken_port": lambda _: None, "connector": lambda *_: None}
    for name, fake in (fakes | {"run_load": loaded, "before_the_late_note": known, "_serve": lambda *_: None}).items():
        monkeypatch.setattr(cli, name, fake)
    monkeypatch.setattr(cli.signal, "signal", lambda *_: None)
    cli.demo()
    told = capsys.readouterr().err
    steps = [
        "Starting a local Neo4j.",
        "Loading samples/market as of 2026-06-30:",
        "Load 1 of canonical",
        "Loading samples/market_late",
        "Ctrl-C stops",
    ]
    assert [told.index(step) for step in steps] == sorted(told.index(step) for step in steps)


def test_a_door_that_may_not_open_is_refused_before_a_database_starts(monkeypatch, settings):
    def begun(*_):
        raise AssertionError("a database was started")

    monkeypatch.setattr(cli, "connector", begun)
    monkeypatch.setattr(logs, "start", lambda _: None)
    with pytest.raises(ConfigError, match=r"0\.0\.0\.0 can be reached by others"):
        cli._serve(settings.model_copy(update={"host": "0.0.0.0"}), None)
    with pytest.raises(AssertionError, match="started"):
        cli._serve(settings, None)
