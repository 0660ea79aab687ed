"""Facts with two clocks as a fold of what loads said. Pure.

A statement of one key is a set of rows ``(start or None, end or None, value)``; painting it on what stood gives what holds after. What is true is
the fold of the statements of all known loads in the order of (as-of, recorded).
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from graph.instants import OPEN_END, OPEN_START


class Piece(NamedTuple):
    """One value between two world instants, half-open; ``value`` is a digest."""

    start: int
    end: int
    value: int


class Said(NamedTuple):
    """One row's bounds and value; None is an unspoken bound."""

    start: int | None
    end: int | None
    value: int


class Statement(NamedTuple):
    """What one load says of one key; no rows mean absent (a complete load that does not name the key)."""

    as_of: int
    recorded_at: int
    rows: tuple[Said, ...]


def bounds(said: Said, spoken: bool, as_of: int) -> Piece:
    """The stretch that a row means: without a start it reaches back to the open start, unless somebody spoke of the fact before ``as_of``."""
    end = OPEN_END if said.end is None else said.end
    start = said.start if said.start is not None else as_of if spoken and end > as_of else OPEN_START
    return Piece(start, end, said.value)


def paint(line: Sequence[Piece], spoken: bool, as_of: int, said: Iterable[Said]) -> tuple[Piece, ...]:
    """What holds after ``said``, which speaks for the whole fact from its earliest start on; what stood before is kept."""
    pieces = sorted(bounds(row, spoken, as_of) for row in said)
    if not line and len(pieces) == 1:
        return tuple(pieces) if pieces[0].start < pieces[0].end else ()
    since = min((piece.start for piece in pieces), default=as_of)
    kept = [Piece(piece.start, min(piece.end, since), piece.value) for piece in line if piece.start < since]
    return merged([*kept, *(piece for piece in pieces if piece.start < piece.end)])


def fold(statements: Iterable[Statement]) -> tuple[Piece, ...]:
    """One key's timeline as these loads tell it, whatever the order in which they came."""
    line: tuple[Piece, ...] = ()
    first: int | None = None
    for statement in sorted(statements, key=lambda said: said[:2]):
        line = paint(line, first is not None and first < statement.as_of, statement.as_of, statement.rows)
        first = statement.as_of if first is None else first
    return line


def merged(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Neighbours of equal value are one piece."""
    out: list[Piece] = []
    for piece in pieces:
        if out and out[-1].end == piece.start and out[-1].value == piece.value:
            out[-1] = out[-1]._replace(end=piece.end)
        else:
            out.append(piece)
    return tuple(out)
