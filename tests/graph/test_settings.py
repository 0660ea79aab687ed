"""Settings: unknown names are an error, secrets never show, a secret may come from a file."""

import pytest

from api.app import create_app, is_loopback
from graph.errors import ConfigError
from graph.settings import load_settings


def test_an_unknown_name_is_named():
    with pytest.raises(ConfigError, match="DOTTEDLINE_PROT"):
        load_settings({"DOTTEDLINE_PROT": "1"})


def test_a_wrong_value_is_named_and_a_secret_is_not_shown():
    with pytest.raises(ConfigError, match=r"DOTTEDLINE_PORT.*'x'"):
        load_settings({"DOTTEDLINE_PORT": "x"})
    assert "hush" not in repr(load_settings({"DOTTEDLINE_API_KEY": "hush", "NEO4J_PASSWORD": "hush"}))


def test_a_secret_from_a_file(tmp_path):
    (tmp_path / "key").write_text("hush\n")
    made = load_settings({"DOTTEDLINE_API_KEY_FILE": str(tmp_path / "key")})
    assert made.api_key is not None
    assert made.api_key.get_secret_value() == "hush"
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings({"DOTTEDLINE_API_KEY_FILE": str(tmp_path / "none")})


@pytest.mark.parametrize(("host", "closed"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("example.com", False)])
def test_what_is_loopback(host, closed):
    assert is_loopback(host) is closed


def test_an_open_door_needs_a_key():
    with pytest.raises(ConfigError, match="DOTTEDLINE_API_KEY"):
        create_app(load_settings({"DOTTEDLINE_HOST": "0.0.0.0"}), lambda: None)


def test_an_empty_secret_is_no_secret(tmp_path):
    (tmp_path / "key").write_text("\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="empty"):
        load_settings({"DOTTEDLINE_API_KEY_FILE": str(tmp_path / "key")})
