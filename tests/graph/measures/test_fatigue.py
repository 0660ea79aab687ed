"""Whether somebody may be contacted: each rule, when it ends, and what holds for every history."""

from hypothesis import given
from hypothesis import strategies as st

from graph.consent import BARRING, LegalBasis, basis_of
from graph.measures.fatigue import Known, Limits, Rule, Touch, Verdict, free_from, verdicts
from graph.measures.strength import DAY
from graph.model import Channel

NOW = 1_000 * DAY
FREE = Known(False, None, None, None, {}, ())


def after(*days, topic=None):
    """Touches so many days ago."""
    return FREE._replace(touches=[Touch(NOW - round(ago * DAY), topic) for ago in days])


def said(known, channel=Channel.MESSAGE, topic=None, at=NOW):
    return verdicts(known, at, channel, topic)


def test_nobody_was_told_anything():
    assert said(FREE) == []
    assert free_from([], NOW) == NOW


def test_who_opted_out_never_becomes_free_by_itself():
    for known, rule in (
        (FREE._replace(do_not_contact=True), Rule.DO_NOT_CONTACT),
        *((FREE._replace(basis=basis), Rule.LEGAL_BASIS) for basis in BARRING),
        (FREE._replace(consent_until=NOW), Rule.CONSENT_OVER),
        (FREE._replace(unsubscribed={Channel.MESSAGE: NOW - DAY}), Rule.UNSUBSCRIBED),
    ):
        assert said(known) == [Verdict(rule, None)]
        assert free_from(said(known), NOW) is None
    assert said(FREE._replace(consent_until=NOW + 1)) == []


def test_an_unsubscription_closes_one_channel():
    assert said(FREE._replace(unsubscribed={Channel.MESSAGE: NOW - DAY}), Channel.CALL) == []


def test_a_consent_that_was_given_later_opens_it_again():
    refused = FREE._replace(unsubscribed={Channel.MESSAGE: NOW - 9 * DAY}, consent_until=NOW + DAY)
    for since, rules in ((None, [Rule.UNSUBSCRIBED]), (NOW - 9 * DAY, [Rule.UNSUBSCRIBED]), (NOW - 8 * DAY, [])):
        assert [verdict.rule for verdict in said(refused._replace(consent_since=since))] == rules
    over = refused._replace(consent_since=NOW - 8 * DAY, consent_until=NOW)
    assert [verdict.rule for verdict in said(over)] == [Rule.CONSENT_OVER], "one that has ended opens nothing"


def test_a_channel_that_wants_a_consent_takes_no_other_basis():
    limits = Limits(by_consent=frozenset({Channel.MESSAGE}))
    for known, free in (
        (FREE, False),
        (FREE._replace(basis=LegalBasis.LEGITIMATE_INTEREST, consent_until=NOW + DAY), False),
        (FREE._replace(basis=LegalBasis.CONSENT), True),
        (FREE._replace(consent_until=NOW + DAY), True),
    ):
        assert (verdicts(known, NOW, Channel.MESSAGE, None, limits) == []) == free
        assert verdicts(known, NOW, Channel.CALL, None, limits) == []


def test_a_legal_basis_is_read_as_systems_write_it():
    for written, basis in (
        ("Legitimate interest – prospect/lead", LegalBasis.LEGITIMATE_INTEREST),
        (" legal_obligation ", LegalBasis.LEGAL_OBLIGATION),
        ("GDPR Art. 6(1)(e)", LegalBasis.PUBLIC_TASK),
        ("撤回同意", LegalBasis.WITHDRAWN),
        ("Not applicable", None),
        (None, None),
    ):
        assert basis_of(written) is basis


def test_the_third_touch_within_a_week_closes_and_the_first_of_them_leaving_opens():
    assert said(after(1, 2)) == []
    assert said(after(1, 2, 6)) == [Verdict(Rule.TOO_OFTEN_IN_7_DAYS, NOW + DAY)]
    assert said(after(1, 2, 7)) == [], "what is exactly seven days old no longer counts"
    assert said(after(1, 2, 3, 4)) == [Verdict(Rule.TOO_OFTEN_IN_7_DAYS, NOW + 4 * DAY)], "two must leave"


def test_the_sixth_within_a_month_closes_for_longer():
    assert said(after(8, 10, 12, 14, 16, 20)) == [Verdict(Rule.TOO_OFTEN_IN_30_DAYS, NOW + 10 * DAY)]
    both = said(after(1, 2, 3, 14, 16, 20))
    assert both == [Verdict(Rule.TOO_OFTEN_IN_30_DAYS, NOW + 10 * DAY), Verdict(Rule.TOO_OFTEN_IN_7_DAYS, NOW + 4 * DAY)]
    assert free_from(both, NOW) == NOW + 10 * DAY


def test_a_topic_comes_once_in_thirty_days():
    assert said(after(10, 20, topic="Data"), topic="data") == [Verdict(Rule.SAME_TOPIC, NOW + 20 * DAY)]
    assert said(after(10, topic="Data"), topic="risk") == said(after(10, topic="Data")) == said(after(30, topic="Data"), topic="data") == []


HISTORY = st.lists(st.tuples(st.integers(0, 60 * 24), st.sampled_from([None, "a", "b"])), max_size=12).map(
    lambda rows: FREE._replace(touches=[Touch(NOW - hours * DAY // 24, topic) for hours, topic in rows])
)


@given(HISTORY, st.sampled_from([None, "a"]))
def test_a_rule_that_says_no_ends_when_it_says_and_not_before(known, topic):
    rules = said(known, topic=topic)
    free = free_from(rules, NOW)
    assert free is not None
    assert said(known, topic=topic, at=free) == []
    if rules:
        assert said(known, topic=topic, at=free - 1) != []


@given(HISTORY)
def test_the_windows_counted_one_by_one(known):
    limits = Limits()
    found = {verdict.rule for verdict in said(known)}
    for rule, most, days in ((Rule.TOO_OFTEN_IN_7_DAYS, limits.week, 7), (Rule.TOO_OFTEN_IN_30_DAYS, limits.month, 30)):
        assert (rule in found) == (sum(NOW - days * DAY < touch.at <= NOW for touch in known.touches) >= most)


@given(HISTORY, st.integers(0, 40))
def test_one_touch_more_never_frees(known, days):
    more = known._replace(touches=[*known.touches, Touch(NOW - days * DAY, "a")])
    assert {verdict.rule for verdict in said(known, topic="a")} <= {verdict.rule for verdict in said(more, topic="a")}
