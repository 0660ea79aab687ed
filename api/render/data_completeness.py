"""Completeness of data: a sentence an owner; as a sheet, a line an account with its owner."""

from collections.abc import Iterator
from typing import Any

from queries.data_completeness import DataCompleteness


def table(answer: DataCompleteness) -> str:
    """A sentence an owner."""
    return "\n".join(owner.why for owner in answer.owners) or "No accounts."


def sheet(answer: DataCompleteness) -> Iterator[list[Any]]:
    """A line an account."""
    yield ["owner", "account", "wanted", "filled", "share", "missing"]
    for owner in answer.owners:
        for one in owner.worst:
            account = one.company.name if one.company else ""
            yield [owner.owner.name if owner.owner else None, account, one.wanted, one.filled, one.share, "; ".join(one.missing)]


FORMATS = {"table": table}
