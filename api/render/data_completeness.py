"""Completeness of data: a sentence an owner; as a sheet, a line an owner and kind of cell."""

from collections.abc import Iterator
from typing import Any

from queries.data_completeness import DataCompleteness


def table(answer: DataCompleteness) -> str:
    """A sentence an owner."""
    return "\n".join(owner.why for owner in answer.owners) or "No accounts."


def sheet(answer: DataCompleteness) -> Iterator[list[Any]]:
    """A line an owner and kind of cell."""
    yield ["owner", "accounts", "cell", "wanted", "filled", "share"]
    for owner in answer.owners:
        for one in owner.cells:
            yield [owner.owner.name if owner.owner else None, owner.accounts, one.cell, one.wanted, one.filled, one.filled / one.wanted]


FORMATS = {"table": table}
