"""What stands under sorted names: one walk along the index where the names lie close together, else a look at each."""

import re
from collections.abc import Sequence
from typing import Any

from graph.store import Store

FEW = 100
"""Fewer names are looked at one by one."""
WALK = 4
"""A walk is worth its while as long as every so manieth thing on the way is one of the names."""
BEYOND = re.compile("[\U00010000-\U0010ffff]")
"""Signs that databases sort in more than one way."""


class Lookup:
    """Remembers where names lie far apart, for as long as one load lasts."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._far: set[tuple[Any, ...]] = set()

    async def __call__(self, between: str, each: str, names: Sequence[str], **given: Any) -> list[list[Any]]:
        """The row of lists that both statements return: ``between`` takes ``first``, ``last`` and ``most``, ``each`` takes ``names``.

        A walk may meet others that lie between the names.
        """
        place = (between, *given.values())
        if len(names) >= FEW and place not in self._far and not BEYOND.search("".join(names)):
            most = WALK * len(names)
            row: list[list[Any]] = (await self._store.read("load", between, {**given, "first": names[0], "last": names[-1], "most": most}))[0]
            if len(row[0]) < most:
                return row
            self._far.add(place)
        found: list[list[Any]] = (await self._store.read("load", each, {**given, "names": list(names)}))[0]
        return found
