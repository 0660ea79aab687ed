"""Instants: whole microseconds since 1970 in UTC. An open start is the year 1, an open end the year 9999: never null, so that they compare."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, time, timedelta, tzinfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
OPEN_START = (datetime(1, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND
OPEN_END = (datetime(9999, 12, 31, tzinfo=UTC) - EPOCH) // MICROSECOND
YEAR, MONTH, DAY = re.compile(r"\d{4}"), re.compile(r"(\d{4})-(\d{2})"), re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}")
LAST_YEAR, WITH_TIME = re.compile(r"9999(\D|$)"), re.compile(r"\D\d{2}:")


def instant(moment: datetime) -> int:
    """Microseconds since 1970 of a moment that knows its zone."""
    return (moment - EPOCH) // MICROSECOND


def moment(at: int) -> datetime | None:
    """The moment of an instant, None for an open one."""
    return None if at in (OPEN_START, OPEN_END) else at_moment(at)


def at_moment(at: int) -> datetime:
    """The moment of an instant, an open one included."""
    return EPOCH + at * MICROSECOND


_WATCHED: ContextVar[list[str] | None] = ContextVar("watched", default=None)


@contextmanager
def watched() -> Iterator[list[str]]:
    """Gathers why what the block, and every task and thread that it begins, comes to holds for this moment only. Empty, it holds on."""
    passing: list[str] = []
    token = _WATCHED.set(passing)
    try:
        yield passing
    finally:
        _WATCHED.reset(token)


def passes(why: str) -> None:
    """Says that what is being worked out holds for this moment only."""
    passing = _WATCHED.get()
    if passing is not None:
        passing.append(why)


def now() -> int:
    """This instant."""
    passes("the clock was looked at")
    return instant(datetime.now(UTC))


def period(text: str, zone: tzinfo = UTC) -> tuple[int, int]:
    """First instant of what ``text`` names, and the first instant after it.

    ``2026``, ``2026-05``, ``2026-05-31`` are the year, the month and the day in ``zone``; a date-time is an instant (both are equal), in ``zone``
    unless it says another. A day of the year 9999 is the open end, as many systems write it. Raises ValueError for anything else.
    """
    text = text.strip()
    if LAST_YEAR.match(text) and not WITH_TIME.search(text):
        return OPEN_END, OPEN_END
    if YEAR.fullmatch(text):
        return _span(datetime(int(text), 1, 1, tzinfo=zone), datetime(int(text) + 1, 1, 1, tzinfo=zone))
    if match := MONTH.fullmatch(text):
        year, month = int(match[1]), int(match[2])
        return _span(datetime(year, month, 1, tzinfo=zone), datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone))
    given = datetime.fromisoformat(text)
    if DAY.fullmatch(text):
        return _span(given.replace(tzinfo=zone), (given + timedelta(days=1)).replace(tzinfo=zone))
    at = instant(given if given.tzinfo else given.replace(tzinfo=zone))
    return at, at


def _span(start: datetime, end: datetime) -> tuple[int, int]:
    return instant(start), instant(end)


def end_of_today(zone: tzinfo, today: datetime | None = None) -> int:
    """The last instant of today in ``zone``."""
    day = (today or datetime.now(zone)).astimezone(zone).date()
    return instant(datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)) - 1
