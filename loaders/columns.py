"""What a kind of file is made of: columns, how their cells are read, and what a row says. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from enum import StrEnum
from math import isfinite
from typing import Any, TypeVar
from unicodedata import normalize

from graph.errors import InvalidInput
from graph.filter import refuse_tiers, segment_of
from graph.instants import now, period
from graph.model import TIERS

Columns = Mapping[str, Sequence[Any]]
"""Column -> a value for each row, None where the cell is empty."""
Number = TypeVar("Number", int, float)
Parser = Callable[[str, tzinfo], Any]
STANCES = {"ENEMY": -2, "NON_SUPPORTER": -1, "NEUTRAL": 0, "SUPPORTER": 1, "MENTOR": 2}
STRENGTHS = {"strong": 0.7, "medium": 0.4, "weak": 0.2}
LONGEST_ID = 1_000
TRIED = ("1", "2", "0", "2000-01-01", "2001-01-01")
"""Texts of which two at least can stand in any column on which the key of a fact may depend."""
GROUPED = re.compile(r"[+-]?\d{1,3}([, '’])\d{3}(?:\1\d{3})*(?:\.\d+)?")
"""A number with its thousands parted; 1,5 is none, nobody knows whether it is 15 or one and a half."""


class Refused(ValueError):
    """A value cannot be used; the message is the reason that the rejects file gives."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how its cells are read, and a sentence.

    ``ref`` is the label of the things that it names; an ``anonymous`` column makes a person of a name that nobody knows.
    """

    name: str
    doc: str
    parse: Parser
    required: bool = False
    ref: str | None = None
    anonymous: bool = False

    @property
    def several(self) -> bool:
        """Whether a cell holds a list."""
        return self.parse in (listed, phones) or getattr(self.parse, "several", False)

    @property
    def choices(self) -> list[Any]:
        """All that a cell may hold, where that is a set; else nothing."""
        return [self.parse(text, UTC) for text in getattr(self.parse, "values", ())]

    @property
    def guesses(self) -> list[Any]:
        """Two things that a cell may hold, to see what depends on it; fewer where nothing can."""
        made = []
        for text in TRIED:
            with suppress(Refused):
                made.append(self.parse(text, UTC))
        return made[:2]


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same value in every row."""

    value: Any


@dataclass(frozen=True, slots=True)
class Made:
    """What ``make`` makes of each value of a column, of empty ones too."""

    column: str
    make: Callable[[Any], Any]


Source = str | Fixed | Made
"""From where a value comes: a column by its name, a fixed value, or something made of a column."""


def taken(source: Source, columns: Columns, rows: int) -> Sequence[Any]:
    """A value for each of ``rows`` rows."""
    match source:
        case Fixed(value):
            return [value] * rows
        case Made(column, make):
            return [make(value) for value in columns[column]]
        case _:
            return columns[source]


def same(names: str) -> dict[str, Source]:
    """Properties that bear the names of their columns."""
    return {name: name for name in names.split()}


@dataclass(frozen=True, slots=True)
class FactSaid:
    """A fact that a row says: edge type, ends, what else tells it apart, values by property, and under whose kind it is filed.

    Rows say it whose ends are filled, ``filled`` too, and that hold what ``where`` says. ``each`` is a column of lists: a fact for each of its items.
    """

    type: str
    start: Source
    end: Source
    apart: tuple[Source, ...]
    values: Mapping[str, Source]
    filed: str
    where: Mapping[str, Any] = field(default_factory=dict)
    filled: str | None = None
    each: str | None = None


@dataclass(frozen=True, slots=True)
class ThingSaid:
    """A thing of which a row speaks beside its own, where ``id`` is filled.

    One that is ``implied`` comes with what the row tells of: it is certain, and rows cannot name it for its being there. Where a row tells of a thing
    that the graph has already, ``unless_known`` leaves out what is implied; it is that thing's label, or empty.
    """

    label: str
    id: Source
    values: Mapping[str, Source] = field(default_factory=dict)
    implied: bool = False
    unless_known: str = ""


def _nothing(_: Columns) -> dict[str, Sequence[Any]]:
    return {}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its columns, and what its rows say.

    ``identifies`` is the column with the id of the thing of ``label`` that a row tells of by ``props`` and ``aliases`` (a list for each row);
    ``things`` are things beside it; rows alike in ``apart`` (default: ``identifies``) that differ elsewhere are refused; one of ``needs_one`` must be
    filled; of ``spans`` the end may not lie before the start; ``derive`` fills cells from others and makes columns that no file has; ``facts`` are
    what rows say of edges and ``ends`` says, for each type filed under this kind, in which columns their ends stand; ``--complete`` ends them, unless
    they are ``lasting``. Where each row is a thing of its own beside the one identified, ``rows_are`` is its label. ``also`` names a thing by
    another's id: its label, and the columns with name and id; ``not_same`` is a column of others that the row's own thing is not. Where a row of a
    complete file leaves a column of ``emptied`` empty, that fact ends, though it is filed under another kind.
    """

    name: str
    doc: str
    columns: tuple[Column, ...]
    identifies: str | None = None
    label: str | None = None
    props: Mapping[str, Source] = field(default_factory=dict)
    aliases: Callable[[Columns], Iterable[list[str]]] | None = None
    also: tuple[str, str, str] | None = None
    not_same: str | None = None
    things: tuple[ThingSaid, ...] = ()
    facts: tuple[FactSaid, ...] = ()
    ends: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    emptied: Mapping[str, FactSaid] = field(default_factory=dict)
    lasting: bool = False
    rows_are: str | None = None
    apart: tuple[str, ...] = ()
    needs_one: tuple[str, ...] = ()
    spans: tuple[tuple[str, str], ...] = ()
    derive: Callable[[Columns], Mapping[str, Sequence[Any]]] = _nothing

    referring: tuple[Column, ...] = field(init=False)
    """Its columns that name things."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "referring", tuple(column for column in self.columns if column.ref))

    @property
    def can_end(self) -> tuple[str, ...]:
        """The types of facts that end where a complete file does not name them."""
        return () if self.lasting else tuple(self.ends)

    @property
    def emptying(self) -> tuple[tuple[str, FactSaid], ...]:
        """The facts that a row says by a cell which may be empty and tells no facts apart, each with that column."""
        optional = {column.name for column in self.columns if not column.required}
        return tuple(
            (column, fact)
            for fact in self.facts
            for column in (fact.start, fact.end, fact.filled)
            if isinstance(column, str) and column in optional and column not in (*fact.apart, fact.each)
        )

    @property
    def told_apart_by(self) -> tuple[str, ...]:
        """The columns that a file may not fill alike twice."""
        return self.apart or ((self.identifies,) if self.identifies else ())

    @property
    def every_column(self) -> tuple[Column, ...]:
        """Its own columns and those that every file may carry."""
        return self.columns + COMMON


def text(cell: str, _: tzinfo) -> str:
    """Any text up to 1 MB."""
    if len(cell) > 1_000_000:
        raise Refused("is longer than 1 MB")
    return cell


def ident(cell: str, _: tzinfo) -> str:
    """An id or a name: at most 1,000 characters, otherwise untouched."""
    if len(cell) > LONGEST_ID:
        raise Refused(f"is longer than {LONGEST_ID} characters")
    return cell


def domain(cell: str, zone: tzinfo) -> str:
    """A web domain, in any case."""
    return ident(cell.lower(), zone)


def segment(cell: str, zone: tzinfo) -> str:
    """Terms `field=value,value` joined by `;`, with the fields of AccountFilter but `segment`."""
    try:
        refuse_tiers(segment_of(text(cell, zone)))
    except InvalidInput as fault:
        raise Refused(fault.message) from None
    return cell


def items(cell: str) -> list[str]:
    """The texts of a list, which is split at ``;``."""
    return [item for part in cell.split(";") if (item := part.strip())]


def listed(cell: str, zone: tzinfo) -> list[str]:
    """Ids or names, split at ``;``, each of at most 1,000 characters."""
    return [ident(item, zone) for item in items(cell)]


def phones(cell: str, zone: tzinfo) -> list[str]:
    """Numbers, split at ``;``, each of at most 1,000 characters. A number that Excel has rounded (``1.38E+10``) is left out and told."""
    return listed(cell, zone)


def whole(cell: str, zone: tzinfo) -> int:
    """A whole number: ``1200``, ``1,200``, ``1200.0``; at most 2**63 - 1, at least -2**63."""
    try:
        value = number(cell, zone)
    except Refused:
        raise Refused("is not a whole number") from None
    if not value.is_integer():
        raise Refused("is not a whole number")
    if not -(2**63) <= value < 2**63:
        raise Refused("is a number beyond 64 bits")
    return int(value)


def count(cell: str, zone: tzinfo) -> int:
    """A whole number from 0 on."""
    return _from(0, whole(cell, zone))


def some(cell: str, zone: tzinfo) -> int:
    """A whole number from 1 on."""
    return _from(1, whole(cell, zone))


def duration(cell: str, zone: tzinfo) -> float:
    """A number from 0 on."""
    return _from(0, number(cell, zone))


def _from(least: int, value: Number) -> Number:
    if value < least:
        raise Refused(f"is less than {least}")
    return value


def number(cell: str, _: tzinfo) -> float:
    """A number; thousands may be parted by commas or spaces: ``1,234,567.8``."""
    cell = normalize("NFKC", cell)
    plain = re.sub("[, '’]", "", cell) if GROUPED.fullmatch(cell) else cell
    try:
        value = float(plain)
    except ValueError:
        raise Refused("is not a number") from None
    if not isfinite(value):
        raise Refused("is not a finite number")
    return value + 0.0  # no negative zero


WHOLE_BELOW = 1e15


def written(value: float) -> str:
    """The shortest text that ``number`` reads as the same number; a whole one without its point."""
    return str(int(value)) if value.is_integer() and abs(value) < WHOLE_BELOW else repr(value)


def share(cell: str, zone: tzinfo) -> float:
    """A number from 0 to 1."""
    value = number(cell, zone)
    if not 0 <= value <= 1:
        raise Refused("is not between 0 and 1")
    return value


def signed(cell: str, zone: tzinfo) -> float:
    """A number from -1 to 1."""
    value = number(cell, zone)
    if not -1 <= value <= 1:
        raise Refused("is not between -1 and 1")
    return value


def truth(cell: str, _: tzinfo) -> bool:
    """Yes or no."""
    known = {"true": True, "yes": True, "1": True, "y": True, "是": True, "false": False, "no": False, "0": False, "n": False, "否": False}
    try:
        return known[cell.lower()]
    except KeyError:
        raise Refused("is neither true nor false") from None


def start(cell: str, zone: tzinfo) -> int:
    """A date as a start: its first instant."""
    return _period(cell, zone)[0]


def past(cell: str, zone: tzinfo) -> int:
    """A date as a start, today or before."""
    value = start(cell, zone)
    if value > now():
        raise Refused("lies in the future")
    return value


def end(cell: str, zone: tzinfo) -> int:
    """A date as an end: a day's first instant; of a month or a year, the first instant after it."""
    first, after = _period(cell, zone)
    return after if len(cell.strip()) in (4, 7) else first


def _period(cell: str, zone: tzinfo) -> tuple[int, int]:
    try:
        return period(cell, zone)
    except (ValueError, OverflowError):
        raise Refused("is not an ISO 8601 date such as 2026-03-05, 2026-03-05T09:30 or 2026-03") from None


def one_of(values: Iterable[StrEnum]) -> Parser:
    """One value of a set, in any case."""
    known = {value.value.lower(): value.value for value in values}

    def parse(cell: str, _: tzinfo) -> str:
        try:
            return known[cell.lower()]
        except KeyError:
            raise Refused(f"is none of {', '.join(known.values())}") from None

    parse.__doc__ = "One of " + ", ".join(f"`{value}`" for value in known.values()) + "."
    parse.values = tuple(known.values())  # type: ignore[attr-defined]
    return parse


def some_of(values: Iterable[StrEnum]) -> Parser:
    """Several values of a set, split at ``;``."""
    single = one_of(values)

    def parse(cell: str, zone: tzinfo) -> list[str]:
        return [single(item, zone) for item in items(cell.replace(" ", ";"))]

    parse.__doc__ = (single.__doc__ or "").replace("One", "Some")
    parse.several = True  # type: ignore[attr-defined]
    return parse


def stance(cell: str, zone: tzinfo) -> int:
    """-2 to 2, or ``ENEMY NON_SUPPORTER NEUTRAL SUPPORTER MENTOR``."""
    value = STANCES[cell.upper()] if cell.upper() in STANCES else whole(cell, zone)
    if not -2 <= value <= 2:
        raise Refused("is not between -2 and 2")
    return value


def strength(cell: str, zone: tzinfo) -> float:
    """``strong medium weak`` or a number from 0 to 1."""
    return STRENGTHS[cell.lower()] if cell.lower() in STRENGTHS else share(cell, zone)


def tier(cell: str, zone: tzinfo) -> int:
    """1, 2 or 3."""
    value = whole(cell, zone)
    if value not in TIERS:
        raise Refused("is not 1, 2 or 3")
    return value


class InfluenceSaid(StrEnum):
    """Influence as files say it: FOLLOWS is ADVISES the other way round."""

    ADVISES = "ADVISES"
    FOLLOWS = "FOLLOWS"
    OPPOSES = "OPPOSES"


COMMON = (
    Column("source", "Who says it; default: the load's source.", ident),
    Column("confidence", "How sure the source is.", share),
    Column("valid_from", "True in the world from then on.", start),
    Column("valid_to", "No longer true from then on.", end),
    Column("recorded_at", "When it became known, never before what is known of the fact already; default: the load's start.", past),
)
