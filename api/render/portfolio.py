"""A portfolio: the sentence and its parts."""

from api.render.sheets import Rows
from queries.portfolio import Portfolio

PARTS = ("part", "accounts", "buying", "amount", "share", "win rate", "low", "high", "deals")


def table(answer: Portfolio) -> str:
    """The sentence, then a line a part."""
    lines = [" | ".join(PARTS)]
    for part in answer.parts:
        rate = part.win_rate
        cells = [part.name or "-", part.accounts, part.buying, f"{part.amount:,.0f}", _percent(part.share)]
        cells += [_percent(rate.value), _percent(rate.low), _percent(rate.high), rate.count]
        lines.append(" | ".join(map(str, cells)))
    left_out = [f"{answer.left_out} purchases in another currency, or without an amount, are in no sum."] if answer.left_out else []
    return "\n".join([answer.why, *left_out, "", *lines])


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def sheet(answer: Portfolio) -> Rows:
    """A line a part."""
    yield list(PARTS)
    for part in answer.parts:
        rate = part.win_rate
        yield [part.name or None, part.accounts, part.buying, part.amount, part.share, rate.value, rate.low, rate.high, rate.count]


FORMATS = {"table": table}
