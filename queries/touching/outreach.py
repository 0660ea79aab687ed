"""What was done towards people, read once for any number of them, as the rules of fatigue look at it."""

from collections.abc import Sequence, Set
from datetime import datetime
from typing import NamedTuple, cast

from graph.answer import Id, answer
from graph.consent import basis_of
from graph.instants import OPEN_START, at_moment
from graph.measures.fatigue import TOUCHES, Known, Limits, Rule, Touch, Verdict, closes
from graph.measures.strength import COUNTED, DAY, GIVING, TAKING
from graph.model import Channel
from graph.read import Reader, read
from graph.sight import sight, unseen
from graph.store import Store
from graph.stretch import MOST_ROWS
from graph.view import View
from graph.words import channel_name, chinese, counted

SAYS = {
    Rule.DO_NOT_CONTACT: ("they opted out", "对方已选择退出"),
    Rule.LEGAL_BASIS: ("the legal basis does not cover {channel}", "法律依据不允许{channel}"),
    Rule.CONSENT_OVER: ("their consent has ended", "对方同意已到期"),
    Rule.UNSUBSCRIBED: ("they unsubscribed from {channel}", "对方已退订{channel}"),
    Rule.TOO_OFTEN_IN_30_DAYS: ("{touches} of ours within 30 days", "30天内我方已触达{count}次"),
    Rule.TOO_OFTEN_IN_7_DAYS: ("{touches} of ours within 7 days", "7天内我方已触达{count}次"),
    Rule.SAME_TOPIC: ("the same topic was sent within 30 days", "30天内已发送同一主题"),
}


@answer
class OutreachRows:
    """One row a person: consents ``[until, valid_from, origin]``, the one that counts first; touches ``[at, topic, event]``.

    Unsubscriptions are ``[medium, at]``.
    """

    anchor: Id
    do_not_contact: bool
    legal_basis: str | None
    consents: list[tuple[float | None, int, str]]
    touches: list[tuple[int, str | None, Id]]
    unsubscribed: list[tuple[str, int]]


@read
async def outreach_rows(
    ids: Sequence[str], types: list[str], statuses: list[str], giving: list[str], taking: list[str], begin: int, since: int, most: int
) -> list[OutreachRows]:
    """The rows of these people."""
    raise NotImplementedError


class Outreach(NamedTuple):
    """What the rules look at of one person, and the starts and origins of what that rests on."""

    known: Known
    facts: list[tuple[int, str]]

    def within(self, days: int, at: int) -> int:
        """How many touches fall within so many days."""
        return sum(at - days * DAY < touch.at <= at for touch in self.known.touches)


def limits_of(store: Reader) -> Limits:
    """The limits as set."""
    settings = cast(Store, store).settings
    return Limits(settings.touches_in_7_days, settings.touches_in_30_days, by_consent=settings.by_consent)


def clock_of(store: Reader, view: View) -> int:
    """The instant at which the windows of days end."""
    return view.clock(cast(Store, store).settings.zone)


async def outreach_to(store: Reader, view: View, people: Sequence[str], limits: Limits) -> dict[str, Outreach]:
    """Person -> what was done towards them as far back as any rule looks, in one read for any number of people."""
    begin = clock_of(store, view) - max(limits.week_days, limits.month_days, limits.topic_days) * DAY
    giving, taking = (sorted(part.value for part in parts) for parts in (GIVING, TAKING))
    rows = await outreach_rows(store, view, people, sorted(TOUCHES), sorted(COUNTED), giving, taking, begin, OPEN_START, MOST_ROWS)
    house = (await sight(store, view, people=people)).house
    hidden = await unseen(store, view, {touch[2] for row in rows if row.anchor in house for touch in row.touches})
    return {row.anchor: _outreach(row, hidden) for row in rows}


def _outreach(row: OutreachRows, hidden: Set[str]) -> Outreach:
    until, since = row.consents[0][:2] if row.consents else (None, None)
    channels = {closes(medium): at for medium, at in sorted(row.unsubscribed, key=lambda one: one[1])}
    touches = [Touch(at, topic) for at, topic, event in row.touches if event not in hidden]
    known = Known(row.do_not_contact, basis_of(row.legal_basis), since, until, channels, touches)
    return Outreach(known, [(start, origin) for _, start, origin in row.consents])


def says(verdict: Verdict, channel: Channel, outreach: Outreach, limits: Limits, at: int, language: str) -> str:
    """One rule in words."""
    days = {Rule.TOO_OFTEN_IN_7_DAYS: limits.week_days, Rule.TOO_OFTEN_IN_30_DAYS: limits.month_days}.get(verdict.rule)
    text = SAYS[verdict.rule][chinese(language)]
    count = outreach.within(days, at) if days else 0
    return text.format(channel=channel_name(channel, language), count=count, touches=counted(count, "touch", "touches"))


def until(verdict: Verdict) -> datetime | None:
    """When the rule ends."""
    return None if verdict.until is None else at_moment(verdict.until)
