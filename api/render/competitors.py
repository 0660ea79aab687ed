"""Competitors side by side: a table for a terminal, rows for a sheet."""

from collections.abc import Iterator, Sequence
from typing import Any

from api.render.tables import tabled
from graph.words import counted
from queries.competitors import Competitors, StandingCount, WinRate


def table(answer: Competitors) -> str:
    """A line a competitor, then all deals."""
    heads = ("competitor", "we won", "win rate", "installed", "share", "a year before", "momentum", "held", "gained", "lost")
    rows: list[Sequence[str]] = []
    for one in answer.competitors:
        rows.append(
            (
                one.competitor.name if one.competitor else "",
                *_rate(one.win_rate),
                one.installs.text,
                _percent(one.install_share),
                one.installs_before.text,
                "" if one.momentum is None else f"{one.momentum:+.0%}",
                one.held.text,
                one.gained.text,
                one.lost.text,
            )
        )
    rows.append(("all deals", *_rate(answer.win_rate), answer.installs.text))
    return tabled(heads, rows) + f"\n\n{counted(answer.accounts, 'account')}."


def sheet(answer: Competitors) -> Iterator[list[Any]]:
    """One row a competitor, and one of all deals."""
    rate = ["won", "lost", "open", "win_rate", "win_rate_low", "win_rate_high"]
    yield [
        "competitor_id",
        "competitor",
        *rate,
        "installs",
        "install_share",
        "installs_dated",
        "installs_before",
        "momentum",
        "held",
        "gained",
        "lost_accounts",
        "why",
    ]
    for one in answer.competitors:
        link = one.competitor
        standing = [_cell(one.installs), one.install_share, _cell(one.installs_dated), _cell(one.installs_before), one.momentum]
        standing += [_cell(one.held), _cell(one.gained), _cell(one.lost), one.why]
        yield [link.id if link else None, link.name if link else "", *_cells(one.win_rate), *standing]
    yield [None, "all deals", *_cells(answer.win_rate), _cell(answer.installs), *[None] * 8]


def _rate(rate: WinRate) -> tuple[str, str]:
    told = "" if rate.value is None else f"{rate.value:.0%} ({rate.low or 0:.0%} to {rate.high or 0:.0%})"
    if rate.won.value is None or rate.lost.value is None:
        return f"{rate.won.text} to {rate.lost.text}", told
    return f"{rate.won.text} of {rate.won.value + rate.lost.value}", told


def _cells(rate: WinRate) -> list[Any]:
    return [_cell(rate.won), _cell(rate.lost), _cell(rate.open), rate.value, rate.low, rate.high]


def _cell(count: StandingCount) -> int | str:
    return count.text if count.value is None else count.value


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


FORMATS = {"table": table}
