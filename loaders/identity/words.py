"""The words of words.toml."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))


@cache
def words(name: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(_tables()[name].split())


@cache
def meanings(name: str) -> dict[str, str]:
    """The words of a table, and what they stand for."""
    return dict(_tables()[name])


@cache
def longest_first(name: str) -> tuple[str, ...]:
    """The words of a list, for endings to be taken off."""
    return tuple(sorted(words(name), key=lambda word: (-len(word), word)))
