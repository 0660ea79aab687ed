"""Whether somebody may be contacted now, by which rule not, and from when on again (method.md 5.8). Pure.

A touch is something that we did towards a person. Windows are half-open: what is exactly seven days old no longer counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from graph.consent import BARRING, LegalBasis
from graph.measures.strength import DAY
from graph.model import Channel
from graph.worded import Worded


class Rule(Worded):
    """Why somebody is to be left alone, those that end by themselves last."""

    DO_NOT_CONTACT = "DO_NOT_CONTACT", "They opted out."
    LEGAL_BASIS = "LEGAL_BASIS", "The legal basis that is written of them allows no contact, or none over the channel."
    CONSENT_OVER = "CONSENT_OVER", "Their consent has ended."
    UNSUBSCRIBED = "UNSUBSCRIBED", "They unsubscribed from the channel."
    TOO_OFTEN_IN_30_DAYS = "TOO_OFTEN_IN_30_DAYS", "They were touched as often as one may be within 30 days."
    TOO_OFTEN_IN_7_DAYS = "TOO_OFTEN_IN_7_DAYS", "They were touched as often as one may be within 7 days."
    SAME_TOPIC = "SAME_TOPIC", "They were sent the same topic within 30 days."


@dataclass(frozen=True, slots=True)
class Limits:
    """So many touches within so many days, and one is left alone; a topic comes once in so many days; channels that want a consent."""

    week: int = 3
    month: int = 6
    week_days: int = 7
    month_days: int = 30
    topic_days: int = 30
    by_consent: frozenset[Channel] = frozenset()
    """Over these channels nothing but a consent allows contact."""


DEFAULTS = Limits()
TOUCHES = frozenset({"message", "call", "visit", "meeting", "introduction", "survey"})
"""What we do towards a person; what they do of themselves, such as to register, is none."""
MEDIUM = {"phone": Channel.CALL, "call": Channel.CALL, "tel": Channel.CALL, "visit": Channel.MEETING, "meeting": Channel.MEETING}
"""The channel that an unsubscription names as its ``utm_medium``; any other word, and none, means messages."""


def closes(medium: str) -> Channel:
    """The channel that somebody unsubscribed from who named this medium, empty for none."""
    return MEDIUM.get(medium.casefold(), Channel.MESSAGE)


class Touch(NamedTuple):
    """Something that we did towards a person."""

    at: int
    topic: str | None


class Known(NamedTuple):
    """What the rules look at, of one person.

    ``consent_until`` is None where nobody speaks of an end, ``consent_since`` where nobody speaks of a consent with one; ``unsubscribed`` says from
    which channel, and when last.
    """

    do_not_contact: bool
    basis: LegalBasis | None
    consent_since: int | None
    consent_until: float | None
    unsubscribed: Mapping[Channel, int]
    touches: Sequence[Touch]

    @property
    def consented(self) -> bool:
        """A consent was given, whether or not it has ended."""
        return self.basis is LegalBasis.CONSENT or (self.basis is None and self.consent_until is not None)


class Verdict(NamedTuple):
    """One rule that says no, and the instant from which it does no longer; None for never by itself."""

    rule: Rule
    until: int | None


def verdicts(known: Known, at: int, channel: Channel, topic: str | None, limits: Limits = DEFAULTS, lasting: int | None = None) -> list[Verdict]:
    """The rules that say no, in the order of ``Rule``; none: they may be contacted. O(n log n) in the touches.

    Their consent must not have ended by ``lasting``, None for ``at``.
    """
    said: list[Verdict] = []
    if known.do_not_contact:
        said.append(Verdict(Rule.DO_NOT_CONTACT, None))
    if known.basis in BARRING or (channel in limits.by_consent and not known.consented):
        said.append(Verdict(Rule.LEGAL_BASIS, None))
    if known.consent_until is not None and known.consent_until <= (at if lasting is None else lasting):
        said.append(Verdict(Rule.CONSENT_OVER, None))
    if channel in known.unsubscribed and not renewed(known.consent_since, known.unsubscribed[channel]):
        said.append(Verdict(Rule.UNSUBSCRIBED, None))
    times = sorted((touch.at for touch in known.touches if touch.at <= at), reverse=True)
    for rule, most, days in (
        (Rule.TOO_OFTEN_IN_30_DAYS, limits.month, limits.month_days),
        (Rule.TOO_OFTEN_IN_7_DAYS, limits.week, limits.week_days),
    ):
        if len(times) >= most and (until := times[most - 1] + days * DAY) > at:
            said.append(Verdict(rule, until))
    if topic:
        same = [touch.at for touch in known.touches if touch.at <= at and (touch.topic or "").casefold() == topic.casefold()]
        if same and (until := max(same) + limits.topic_days * DAY) > at:
            said.append(Verdict(Rule.SAME_TOPIC, until))
    return said


def renewed(consent_since: int | None, unsubscribed: int) -> bool:
    """Whether a consent was given after somebody unsubscribed; one of whose beginning nobody speaks was not."""
    return consent_since is not None and consent_since > unsubscribed


def free_from(said: Sequence[Verdict], at: int) -> int | None:
    """From when on none of these rules says no, if nothing else happens; None for never by itself."""
    ends = [verdict.until for verdict in said]
    return None if None in ends else max([at, *(end for end in ends if end is not None)])
