"""The funnel: the field's stories as tables, every day tried one by one beside the fast way, and how it moves."""

import csv
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.instants import OPEN_END, OPEN_START, instant
from graph.measures.funnel import MINUTE, STAGES, Act, Acts, Silence, due, silent, stages, standing
from graph.measures.strength import DAY
from graph.model import Part
from graph.snapshot.acts import act_of

NOW = instant(datetime(2026, 6, 30, tzinfo=UTC))
MAIL = Path(__file__).parent.parent.parent / "data" / "manufacturing_email_hierarchy" / "communication.csv"
WINDOW, PATIENCE = 90 * DAY, 14 * DAY


def days(count):
    return NOW - int(count * DAY)


def one(kind, ago, topic=-1, message=None):
    """An act so many days ago, ahead where negative."""
    act = Act[kind]
    return (days(ago), act, topic, act in (Act.WORD, Act.OURS) if message is None else message)


def stands(acts, at=NOW, people=1, who=None):
    rows = list(acts)
    person = who or [0] * len(rows)
    columns = [np.array([row[n] for row in rows], kind) for n, kind in enumerate((np.int64, np.int64, np.int64, bool))]
    return standing(people, Acts(np.array(person, np.int64), *columns), at)


def stage(acts, at=NOW, dealing=False):
    found = stands(acts, at)
    return STAGES[stages(found, silent(found, at), np.array([dealing]))[0]].value


def raw(acts, at):
    """The tier at one instant, without patience."""
    recent = [row for row in acts if at - WINDOW < row[0] <= at and row[1] is not Act.AGREED]
    if any(row[1] is Act.MET for row in recent) or any(row[1] is Act.AGREED and row[0] > at for row in acts):
        return 3
    topics = {row[2] for row in recent if row[2] >= 0}
    exchanged = [row for row in recent if row[1] in (Act.WORD, Act.OURS, Act.CALL, Act.MET)]
    enough = [topic for topic in topics if len([row for row in exchanged if row[2] == topic]) >= 3]
    if len([topic for topic in enough if any(row[2] == topic and row[1] is not Act.OURS for row in exchanged)]) >= 2:
        return 2
    messages = [row[1] for row in recent if row[3] and row[1] in (Act.WORD, Act.OURS)]
    return 1 if len(messages) > 10 and len(set(messages)) == 2 else 0


def slow(acts, at=NOW):
    """The tier with patience: the best of every instant of the last 14 days at which anything changed."""
    known = [row for row in acts if row[0] <= at or row[1] is Act.AGREED]
    instants = {at, at - PATIENCE} | {row[0] for row in known if at - PATIENCE <= row[0] <= at}
    return max(raw([row for row in known if row[0] <= when or row[1] is Act.AGREED], when) for when in instants)


TALK = [one("OURS" if n % 2 else "WORD", n / 2) for n in range(11)]
TOPICS = [one("OURS" if n % 2 else "WORD", 1 + n, n % 2) for n in range(6)]
BOTH_TOPICS = [one("CALL", 1 + n, n % 2) for n in range(6)]
STORIES = {
    "somebody just known": ([], "A"),
    "ten messages": (TALK[:10], "A"),
    "more than ten messages": (TALK, "B"),
    "eleven of ours, and never an answer, is no conversation": ([one("OURS", n / 10) for n in range(11)], "A"),
    "eleven messages over half a year": ([one("OURS" if n % 2 else "WORD", n * 18) for n in range(11)], "A"),
    "two topics, three exchanges each, but one is ours alone": (TOPICS, "A"),
    "two topics, three calls each": (BOTH_TOPICS, "C"),
    "two topics, but only two exchanges of one": (BOTH_TOPICS[:5], "A"),
    "a meeting was held": ([one("MET", 80)], "D"),
    "a meeting is agreed": ([one("AGREED", -5)], "D"),
    "a call is no meeting": ([one("CALL", 1)], "A"),
    "the fortnight's silence": ([one("OURS", 14), one("OURS", 7)], "X"),
    "a day before the fortnight": ([one("OURS", 13), one("OURS", 7)], "A"),
    "one attempt is not enough: the silence is ours": ([one("OURS", 30)], "A"),
    "they answered: out of the silence at once": ([one("OURS", 30), one("OURS", 20), one("WORD", 0)], "A"),
    "they signed up for something: not silent either": ([one("OURS", 30), one("OURS", 20), one("DEED", 1)], "A"),
    "who missed two meetings is silent": ([one("MISSED", 30), one("MISSED", 20)], "X"),
    "who has agreed to meet is not": ([one("OURS", 30), one("OURS", 20), one("AGREED", -5)], "D"),
    "after talk and a meeting silence is X all the same": ([*TALK, one("MET", 60), *(one("OURS", n) for n in (-1, -2))], "D"),
}


@pytest.mark.parametrize("name", STORIES)
def test_the_field_s_stories(name):
    acts, expected = STORIES[name]
    assert stage(acts) == expected
    if expected != "X":
        assert "ABCD"[slow(acts)] == expected, "the slow way says so too"


def test_an_open_deal_is_e_even_in_silence():
    assert stage([one("OURS", 30), one("OURS", 20)], dealing=True) == "E"


@pytest.mark.parametrize(("later", "expected"), [(0, "B"), (89.9, "B"), (98.9, "B"), (99.1, "A")])
def test_a_conversation_is_lost_fourteen_days_after_it_fell_short(later, expected):
    """The first of eleven messages leaves the window 85 days from now, patience ends 14 days later."""
    at = NOW + int(later * DAY)
    acts = [*TALK, (at - DAY, Act.DEED, -1, False)]
    assert stage(acts, at) == expected
    assert stands(TALK).until[0] == NOW + 99 * DAY


def test_a_meeting_that_nobody_marked_as_held_is_forgotten_after_a_fortnight():
    assert [stage([one("AGREED", ago)]) for ago in (-1, 0, 13.9, 14)] == ["D", "D", "D", "A"]


@pytest.mark.parametrize(
    ("acts", "expected"),
    [
        ([], "NONE"),
        ([one("OURS", 14), one("OURS", 1)], "THEIRS"),
        ([one("OURS", 14)], "OURS"),
        ([one("WORD", 14)], "OURS"),
        ([one("WORD", 13)], "NONE"),
        ([one("MET", 90), one("AGREED", -30)], "NONE"),
    ],
)
def test_whose_silence_it_is(acts, expected):
    assert tuple(Silence)[silent(stands(acts), NOW)[0]] == expected


def clock(acts, at=NOW):
    found = stands(acts, at)
    end = (found.waiting // DAY + 1) * DAY - 1
    return int(due(found, stages(found, silent(found, at), np.array([False])), np.where(found.waiting < OPEN_END, end, OPEN_END))[0])


def test_the_clocks_of_service():
    assert clock([]) == OPEN_END, "nobody waits who never heard of us"
    assert clock([one("OURS", 2)]) == days(1), "A: daily"
    assert clock([one("OURS", 3), one("WORD", 2), one("WORD", 1)]) == days(1), "A: their first unanswered word within a day"
    talk = [*TALK[1:], one("OURS", 0.5), one("WORD", 0.25)]
    assert clock(talk) == days(0) - 1, "B: by the end of the day of their word"
    assert clock([*talk, one("OURS", 0.1)]) == OPEN_END, "B: answered"
    assert clock([*BOTH_TOPICS, one("WORD", 0.25)]) == days(0.25) + 5 * MINUTE, "C: five minutes"
    assert clock([one("MET", 3), one("WORD", 2)]) == OPEN_END, "D: personally"
    assert clock([one("OURS", 30), one("OURS", 20)]) == OPEN_END, "X is left alone"


acts = st.tuples(
    st.integers(-5, 260).map(lambda half: days(half / 2)),
    st.sampled_from([Act.WORD, Act.WORD, Act.OURS, Act.OURS, Act.CALL, Act.MET, Act.AGREED, Act.MISSED, Act.DEED]),
    st.integers(-1, 1),
    st.just(True),
).map(lambda row: (*row[:3], row[1] in (Act.WORD, Act.OURS)))
histories = st.one_of(st.lists(acts, max_size=14), st.lists(acts.filter(lambda row: row[1] in (Act.WORD, Act.OURS)), min_size=9, max_size=24))


@given(histories)
def test_every_instant_tried_one_by_one_says_the_same(history):
    found = stands(history)
    assert found.tier[0] == slow(history)
    past = [row for row in history if row[0] <= NOW]
    heard = max((row[0] for row in past if row[1] in (Act.WORD, Act.CALL, Act.MET, Act.DEED)), default=OPEN_START)
    spoke = max((row[0] for row in past if row[1] in (Act.OURS, Act.CALL, Act.MET, Act.MISSED)), default=OPEN_START)
    tries = [row[0] for row in past if row[1] in (Act.OURS, Act.MISSED) and row[0] > heard]
    waits = [row[0] for row in past if row[1] is Act.WORD and row[0] > spoke]
    assert (found.heard[0], found.spoke[0], found.attempts[0]) == (heard, spoke, len(tries))
    assert (found.tried[0], found.waiting[0]) == (min(tries, default=OPEN_END), min(waits, default=OPEN_END))


@given(histories)
def test_a_tier_falls_when_it_says_and_not_before(history):
    past = [row for row in history if row[0] <= NOW and row[1] is not Act.AGREED]
    found = stands(past)
    if found.tier[0]:
        until = int(found.until[0])
        assert until > NOW
        assert slow(past, until - 1) == found.tier[0] > slow(past, until)


@given(histories, st.randoms())
def test_the_order_changes_nothing_and_others_do_not_matter(history, random):
    shuffled = random.sample(history, len(history))
    alone, beside = stands(history), stands([*shuffled, *TALK], people=2, who=[0] * len(history) + [1] * len(TALK))
    for one_column, other in zip(alone, beside, strict=True):
        assert one_column[0] == other[0]
    assert beside.tier[1] == 1


@given(histories, st.sampled_from([Act.WORD, Act.CALL, Act.MET]))
def test_what_they_do_now_never_lowers_the_stage_and_ends_the_silence(history, act):
    more = [*history, (NOW, act, 0, act is Act.WORD)]
    assert stands(more).tier[0] >= stands(history).tier[0]
    assert silent(stands(more), NOW)[0] == 0


@pytest.mark.parametrize(
    ("event", "act"),
    [
        (("message", "held", "", ["SENDER"], ["RECIPIENT"]), Act.WORD),
        (("message", "held", "", ["RECIPIENT"], ["SENDER"]), Act.OURS),
        (("message", "held", "", ["RECIPIENT"], ["RECIPIENT"]), None),
        (("message", "held", "", ["SENDER"], []), None),
        (("message", "held", "in", ["ATTENDEE"], []), Act.WORD),
        (("message", "held", "out", ["RECIPIENT"], []), Act.OURS),
        (("message", "planned", "", ["RECIPIENT"], ["SENDER"]), None),
        (("question", "held", "", ["SENDER"], []), None),
        (("question", "held", "", ["SENDER"], ["RECIPIENT"]), Act.WORD),
        (("question", "held", "in", ["SENDER"], []), Act.WORD),
        (("question", "held", "", ["RECIPIENT"], []), None),
        (("question", "held", "out", ["RECIPIENT"], []), Act.OURS),
        (("unsubscribe", "held", "in", ["SENDER"], []), None),
        (("call", "held", "", ["RECIPIENT"], ["SENDER"]), Act.CALL),
        (("call", "no_show", "", ["RECIPIENT"], ["SENDER"]), Act.MISSED),
        (("meeting", "held", "", ["ATTENDEE"], ["ORGANISER"]), Act.MET),
        (("meeting", "held", "", ["ATTENDEE"], []), None),
        (("visit", "planned", "", ["ATTENDEE"], ["ORGANISER"]), Act.AGREED),
        (("meeting", "cancelled", "", ["ATTENDEE"], ["ORGANISER"]), None),
        (("meeting", "declined", "", ["ATTENDEE"], ["ORGANISER"]), Act.MISSED),
        (("check_in", "held", "in", ["SENDER"], []), Act.DEED),
        (("registration", "no_show", "in", ["SENDER"], []), None),
        (("certificate", "held", "", ["RECIPIENT"], ["SENDER"]), None),
    ],
)
def test_what_an_event_was_between_them_and_us(event, act):
    type_, status, direction, theirs, ours = event
    assert act_of(type_, status, direction, [Part(one) for one in theirs], [Part(one) for one in ours], ahead=False) is act


def test_a_question_about_a_campaign_or_a_product_is_asked_of_us():
    asked = ("", [Part("SENDER")], [])
    assert [act_of("question", "held", *asked, ahead=False, about=about) for about in (True, False)] == [Act.WORD, None]
    assert act_of("message", "held", *asked, ahead=False, about=True) is None, "a mail between two customers about a campaign is none of ours"


def test_a_meeting_that_was_accepted_is_agreed_until_it_is_over():
    asked = ("meeting", "accepted", "", [Part("ATTENDEE")], [Part("ORGANISER")])
    assert [act_of(*asked, ahead=ahead) for ahead in (True, False)] == [Act.AGREED, Act.MET]


def test_the_mails_of_a_real_company_seen_by_one_of_its_people():
    """The first 600 mails of a manufacturer; whoever wrote most is one of us, the others are the market."""
    with MAIL.open(encoding="utf-8", newline="") as file:
        rows = [
            (row["Sender"], row["Recipient"], instant(datetime.fromisoformat(f"{row['EventDate']}+00:00")))
            for row in csv.DictReader(file, delimiter=";")
        ]
    us = Counter(sender for sender, _, _ in rows).most_common(1)[0][0]
    history = {}
    for sender, recipient, at in rows:
        if us in (sender, recipient) and sender != recipient:
            history.setdefault(recipient if sender == us else sender, []).append((at, Act.OURS if sender == us else Act.WORD, -1, True))
    people, at = sorted(history), max(row[2] for row in rows)
    found = stands([row for one in people for row in history[one]], at, len(people), [n for n, one in enumerate(people) for _ in history[one]])
    assert found.tier.tolist() == [slow(history[one], at) for one in people]
    assert found.messages.tolist() == [len(history[one]) for one in people]
    both = {one for one in people if len({act for _, act, _, _ in history[one]}) == 2 and len(history[one]) > 10}
    assert {one for one, tier in zip(people, found.tier, strict=True) if tier} == both
