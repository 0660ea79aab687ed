"""A portfolio: the sentence and its parts."""

from typing import Any

from api.render.sheets import Rows
from queries.portfolio import Portfolio, Rate

PARTS = ("part", "accounts", "buying", "amount", "share", "win rate", "low", "high", "deals")
NO_RATE = (None, None, None, None)


def table(answer: Portfolio) -> str:
    """The sentence, then a line a part."""
    lines = [" | ".join(PARTS)]
    for part in answer.parts:
        rate = part.win_rate
        cells = [part.name or "-", part.accounts, part.buying, f"{part.amount:,.0f}", _percent(part.share)]
        cells += [_percent(rate.value), _percent(rate.low), _percent(rate.high), rate.count]
        lines.append(" | ".join(map(str, cells)))
    return "\n".join([answer.why, "", *lines])


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def sheet(answer: Portfolio) -> Rows:
    """A line a part, then one of the whole, and a line a figure of how concentrated it is and of what is in no sum: ``what`` tells them apart."""
    held, whole = answer.concentration, answer.win_rate
    yield ["what", *PARTS, "currency", "purchases"]
    for part in answer.parts:
        yield ["part", part.name or None, part.accounts, part.buying, part.amount, part.share, *_rate(part.win_rate), answer.currency, None]
    yield ["total", None, held.accounts, held.buying, held.total, None, *_rate(whole), answer.currency, None]
    for name in ("top_1_percent", "top_5_percent", "top_20_percent", "gini"):
        yield [name, None, None, None, None, getattr(held, name), *NO_RATE, None, None]
    yield ["left_out", None, None, None, None, None, *NO_RATE, None, answer.left_out]


def _rate(rate: Rate) -> list[Any]:
    return [rate.value, rate.low, rate.high, rate.count]


FORMATS = {"table": table}
