"""A portfolio: the sentence and its parts; as a sheet, every account."""

from api.render.rows import listing
from api.render.sheets import Rows
from queries.portfolio import AccountRfm, Portfolio

PARTS = ("part", "accounts", "buying", "amount", "share", "win rate", "low", "high", "deals")
ACCOUNTS = listing(AccountRfm)


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
    """The accounts."""
    return ACCOUNTS.sheet(answer.accounts)


FORMATS = {"table": table}
