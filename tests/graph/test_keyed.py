"""Keys of keyed hashes in a machine's home."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from graph.errors import ConfigError
from graph.keyed import key_for_good, own_key


def test_an_empty_file_is_no_key(tmp_path):
    file = tmp_path / "key"
    for held in ("", "\n"):
        file.write_text(held)
        for key in (own_key, key_for_good):
            with pytest.raises(ConfigError, match="holds no key"):
                key(None, file)


def test_of_many_who_make_a_key_all_have_the_same_and_it_is_their_owners_alone(tmp_path):
    file = tmp_path / "home" / "key"
    assert own_key(None, file) is None
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: key_for_good(None, file), range(32)))
    assert len(set(made)) == 1 and len(made[0].secret) > 40
    assert own_key(None, file) == made[0]
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["key"]
