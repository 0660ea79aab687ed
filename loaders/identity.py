"""Who is the same company or person."""

from collections.abc import Sequence

from graph.identity import Link, Record


def keys(record: Record) -> list[str]:
    """What two records must share to be compared."""
    return []


def links(records: Sequence[Record], others: Sequence[Record] = ()) -> list[Link]:
    """The links among records."""
    return []


def contradictory(records: Sequence[Record]) -> bool:
    """Whether two of these cannot be one."""
    return False
