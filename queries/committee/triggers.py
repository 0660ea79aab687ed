"""News about accounts and their people, with the load that told it: what may set off a decision there."""

from collections.abc import Mapping, Sequence

from graph.answer import Id, answer
from graph.instants import OPEN_START, at_moment
from graph.measures.strength import DAY
from graph.model import source_of
from graph.read import Reader, read
from graph.score import Evidence
from graph.stretch import MOST_ROWS
from graph.view import View

RECENT = 365
"""News of more days ago sets off nothing any more."""

News = tuple[Id, int, str, str | None, str, str, Id | None, str | None]
"""Event, instant, kind, title, load, origin, and whom it concerns: id and name, None for the account as a whole."""


@answer
class TriggerRows:
    """What trigger_rows.cypher returns, one row an account."""

    account: Id
    name: str
    news: list[News]


@read
async def trigger_rows(accounts: Sequence[str], since: int, most: int) -> list[TriggerRows]:
    """The rows of these accounts; ``since`` is an instant before the news."""
    raise NotImplementedError


@answer
class LatestNews:
    """What latest_news.cypher returns, one row an account of which there is any: event, instant, kind, title and origin."""

    account: Id
    news: tuple[Id, int, str, str | None, str]


@read
async def latest_news(since: int, most: int) -> list[LatestNews]:
    """Of all accounts that may be seen."""
    raise NotImplementedError


SetOff = Mapping[str, tuple[float, Evidence]]
"""Account -> how many days ago the latest news about it or its people was, and which."""


async def set_off(store: Reader, view: View) -> SetOff:
    """Of all accounts that may be seen and of which there is any. One read: news is little beside accounts."""
    rows = await latest_news(store, view, max(view.as_of - RECENT * DAY, OPEN_START), MOST_ROWS)
    found = {}
    for row in rows:
        id_, at, kind, title, origin = row.news
        found[str(row.account)] = ((view.as_of - at) / DAY, Evidence(id_, kind, at_moment(at), title or kind, source_of(origin)))
    return found
