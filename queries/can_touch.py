"""Whether a person may be contacted now, and by which rule not."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from graph.answer import Id, answer
from graph.instants import at_moment
from graph.measures.fatigue import Limits, Rule, Verdict, free_from, verdicts
from graph.model import Channel
from graph.question import Anchor, question
from graph.read import Reader
from graph.view import View, ViewUsed
from graph.words import chinese, counted, day
from queries.touching.outreach import Outreach, clock_of, limits_of, outreach_to, says, until


@answer
class TouchRule:
    """A rule that says no."""

    rule: Annotated[
        Rule,
        "DO_NOT_CONTACT they opted out; LEGAL_BASIS what is written as such bars it; CONSENT_OVER their consent ended; "
        "UNSUBSCRIBED from the channel, without a consent since; "
        "TOO_OFTEN as many touches of ours as the settings allow; SAME_TOPIC sent within 30 days.",
    ]
    until: Annotated[datetime | None, "From then on it says so no longer, if nothing else happens; null for never by itself."]
    why: Annotated[str, "In words, in the language asked for."]


@answer
class CanTouch:
    """Whether somebody may be contacted."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    channel: Annotated[Channel, "Over which channel."]
    topic: Annotated[str | None, "About what."]
    allowed: Annotated[bool, "No rule says no."]
    allowed_from: Annotated[
        datetime | None, "asOf, or now where that is today, where it is allowed; else when the last rule ends; null for never by itself."
    ]
    rules: Annotated[list[TouchRule], "The rules that say no."]
    touches_in_7_days: Annotated[int, "What we did towards them: messages, calls, visits, meetings, introductions, surveys; broadcasts count."]
    touches_in_30_days: Annotated[int, "The same."]
    last_touch_at: Annotated[datetime | None, "When the last one was, within 30 days."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@question(Anchor.PERSON)
async def can_touch(
    store: Reader,
    view: View,
    people: Sequence[str],
    *,
    channel: Annotated[Channel, "Over which channel."] = Channel.MESSAGE,
    topic: Annotated[str | None, "About what; the same topic comes once in 30 days."] = None,
) -> Mapping[str, CanTouch]:
    """Whether a person may be contacted at asOf; each rule that says no names itself and when it ends.

    Days are counted back from this very instant where asOf is the end of today, as by default; a consent must last until asOf.
    """
    limits, at = limits_of(store), clock_of(store, view)
    found = await outreach_to(store, view, people, limits)
    return {person: _told(person, outreach, view, at, channel, topic, limits) for person, outreach in found.items()}


def _told(person: str, outreach: Outreach, view: View, at: int, channel: Channel, topic: str | None, limits: Limits) -> CanTouch:
    said = verdicts(outreach.known, at, channel, topic, limits, lasting=view.as_of)
    rules = [TouchRule(one.rule, until(one), says(one, channel, outreach, limits, at, view.language)) for one in said]
    free = free_from(said, at)
    last = max((touch.at for touch in outreach.known.touches if touch.at <= at), default=None)
    week, month = (outreach.within(days, at) for days in (limits.week_days, limits.month_days))
    return CanTouch(
        Id(f"{person}/{channel.value}/{topic or ''}@{view.as_of}/{view.known_at}"),
        view.used(outreach.facts),
        channel,
        topic,
        not said,
        None if free is None else at_moment(free),
        rules,
        week,
        month,
        None if last is None else at_moment(last),
        _why(said, rules, free, week, month, limits, view.language),
    )


def _why(said: list[Verdict], rules: list[TouchRule], free: int | None, week: int, month: int, limits: Limits, language: str) -> str:
    zh = chinese(language)
    if not said:
        if zh:
            return f"可以联系：7天内触达{week}次（上限{limits.week}），30天内{month}次（上限{limits.month}）。"
        return f"Yes: {week} of {counted(limits.week, 'touch', 'touches')} within 7 days, {month} of {limits.month} within 30."
    reasons = ("；" if zh else "; ").join(rule.why for rule in rules)
    if free is None:
        return f"不可联系：{reasons}。" if zh else f"No: {reasons}."
    when = day(at_moment(free).date(), language)
    return f"暂不可联系：{reasons}。{when}起可以。" if zh else f"No: {reasons}. From {when} on again."
