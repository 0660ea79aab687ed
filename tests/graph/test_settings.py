"""Settings: unknown names are an error, secrets never show, a secret may come from a file."""

import pytest

from graph.errors import ConfigError
from graph.settings import load_settings


def test_an_unknown_name_is_named():
    with pytest.raises(ConfigError, match="DOTTEDLINE_PROT"):
        load_settings({"DOTTEDLINE_PROT": "1"})


def test_a_wrong_value_is_named_and_a_secret_is_not_shown():
    with pytest.raises(ConfigError, match=r"DOTTEDLINE_PORT.*'x'"):
        load_settings({"DOTTEDLINE_PORT": "x"})
    assert "hush" not in repr(load_settings({"DOTTEDLINE_KEY_SECRET": "hush", "NEO4J_PASSWORD": "hush"}))


def test_a_secret_from_a_file(tmp_path):
    (tmp_path / "key").write_text("hush\n")
    made = load_settings({"DOTTEDLINE_KEY_SECRET_FILE": str(tmp_path / "key")})
    assert made.key_secret is not None
    assert made.key_secret.get_secret_value() == "hush"
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings({"DOTTEDLINE_KEY_SECRET_FILE": str(tmp_path / "none")})


@pytest.mark.parametrize("name", ["DOTTEDLINE_API_KEY", "DOTTEDLINE_API_KEY_FILE"])
def test_a_setting_that_is_gone_says_what_took_its_place(name):
    with pytest.raises(ConfigError, match=f"{name}.*dottedline key add"):
        load_settings({name: "hush"})


def test_an_empty_secret_is_no_secret(tmp_path):
    (tmp_path / "key").write_text("\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="empty"):
        load_settings({"DOTTEDLINE_KEY_SECRET_FILE": str(tmp_path / "key")})
