"""How strong a relationship is: stories told by hand, an obvious oracle, and what must hold whatever happened (method.md 5.1 and 11)."""

from collections import defaultdict
from datetime import UTC, datetime
from itertools import permutations
from math import exp, log, log2, sqrt
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.instants import at_moment, instant
from graph.measures.strength import (
    DAY,
    DEFAULTS,
    Happened,
    Warmth,
    added,
    days_above,
    decayed,
    evidence,
    exchanges,
    kept,
    strength,
    sums,
    warmth,
)
from graph.model import Channel

CHANNELS = list(Channel)


def day(text):
    return instant(datetime.fromisoformat(text).replace(tzinfo=UTC))


NOW = day("2026-06-30")


def happened(id_, type_, at, *people, parts=None, sure=1.0, status="held", noise=None):
    """``happened("m1", "message", "2026-06-01", "ann", "li")``: the first sends, all others receive or attend."""
    parts = parts or ["SENDER", *["RECIPIENT"] * (len(people) - 1)]
    return Happened(id_, type_, day(at) if isinstance(at, str) else at, status, noise, people, parts, [sure] * len(people))


def between(events, one, other, at=NOW):
    """The sums of one pair at an instant, ``[one to other, other to one][channel]``, and how many events count; None without any."""
    found = exchanges(events)
    made = sums(found, at)
    for n, pair in enumerate(zip(made.first, made.second, strict=True)):
        names = [found.people[place] for place in pair]
        if set(names) == {one, other}:
            x = made.at(at)[n]
            return (x if names == [one, other] else x[::-1]), int(made.count[n])
    return None


def strong(events, one, other, at=NOW):
    found = between(events, one, other, at)
    return float(strength(found[0][None])[0]) if found else None


def oracle(events, one, other, at):
    """The formula, one event at a time: ``{(from, to, channel): x}``."""
    seen, days = set(), defaultdict(list)
    for event in events:
        if event.id in seen or event.at > at or event.noise or event.status not in ("held", "accepted", "open"):
            continue
        seen.add(event.id)
        roles = defaultdict(set)
        sure = defaultdict(float)
        for person, part, how_sure in zip(event.people, event.parts, event.sure, strict=True):
            roles[person].add(part)
            sure[person] = max(sure[person], how_sure)
        if one not in roles or other not in roles:
            continue
        for way in DEFAULTS.ways:
            if event.type not in way.types:
                continue
            receivers = [person for person in roles if roles[person] & {"RECIPIENT", "RECEIVER"}]
            if len(roles if way.mutual else receivers) > 50:
                continue
            for u, v in ((one, other), (other, one)):
                if way.mutual or (roles[u] & {"SENDER", "GIVER"} and v in receivers):
                    others = len(roles) - 2
                    share = 1 / max(1, log2(others)) if way.shared and others else 1
                    days[u, v, way, 0 if way.once else event.at // DAY].append((min(sure[u], sure[v]), event.at, event.id, share))
    x = defaultdict(float)
    for (u, v, way, _), rows in days.items():
        worth = [(q, t, id_, way.weight * q * share * 0.5 ** ((at - t) / DAY / way.half_life_days)) for q, t, id_, share in rows]
        if way.once:
            x[u, v, way.channel] += max(row[3] for row in worth)
        else:
            x[u, v, way.channel] += sum(row[3] for row in sorted(worth, key=lambda row: (-row[0], row[1], row[2]))[:3])
    return x


def oracle_strength(events, one, other, at):
    out = back = 0.0
    for (u, _, _), x in oracle(events, one, other, at).items():
        out, back = (out + x, back) if u == one else (out, back + x)
    return 1 - exp(-(min(out, back) + 0.25 * min(abs(out - back), 3)) / 5)


def test_a_visit_and_four_letters_each_way_in_a_quarter():
    letters = [happened(f"m{n}", "message", f"2026-0{4 + n % 3}-1{n}T09:00", *pair) for n, pair in enumerate([("ann", "li"), ("li", "ann")] * 4)]
    visit = happened("v", "visit", "2026-05-20T10:00", "ann", "li", parts=["ATTENDEE", "ATTENDEE"])
    assert strong([*letters, visit], "ann", "li") == pytest.approx(oracle_strength([*letters, visit], "ann", "li", NOW))
    assert warmth(strong([*letters, visit], "ann", "li")) is Warmth.STRONG
    assert between([*letters, visit], "ann", "li")[1] == 9


def test_a_hundred_unanswered_mails_are_no_relationship():
    mails = [happened(f"m{n}", "message", at, "ann", "li") for n, at in enumerate(NOW - np.arange(100) * DAY)]
    assert strong(mails, "ann", "li") == pytest.approx(1 - exp(-0.75 / 5))
    assert warmth(strong(mails, "ann", "li")) is Warmth.COLD


def test_a_meeting_counts_for_both_and_less_in_a_large_circle():
    for size, share in ((2, 1), (3, 1), (4, 1), (6, 1 / 2), (10, 1 / 3), (50, 1 / log2(48))):
        people = [f"p{n:02}" for n in range(size)]
        x, _ = between([happened("m", "meeting", NOW, *people, parts=["ATTENDEE"] * size)], "p00", "p01")
        assert x[:, 0] == pytest.approx([5 * share, 5 * share])


def test_a_gathering_of_more_than_fifty_makes_no_pair():
    for type_ in ("meeting", "attendance", "call"):
        fifty_one = [f"p{n:02}" for n in range(51)]
        assert between([happened("m", type_, NOW, *fifty_one, parts=["ATTENDEE"] * 51)], "p00", "p01") is None
        assert between([happened("m", type_, NOW, *fifty_one[:50], parts=["ATTENDEE"] * 50)], "p00", "p01") is not None


def test_two_visitors_of_one_campaign_are_no_pair_unless_they_sat_in_one_session():
    apart = [happened(f"a{n}", "attendance", NOW, person, parts=["ATTENDEE"]) for n, person in enumerate(["ann", "li"])]
    assert between(apart, "ann", "li") is None
    together = happened("session", "attendance", NOW, "ann", "li", parts=["SPEAKER", "ATTENDEE"])
    assert between([*apart, together], "ann", "li")[0][:, 3] == pytest.approx([1, 1])
    registered = happened("r", "registration", NOW, "ann", "li")
    assert between([registered], "ann", "li") is None


def test_a_mail_to_fifty_counts_and_one_to_more_is_a_broadcast():
    crowd = [f"p{n:02}" for n in range(51)]
    assert between([happened("m", "message", NOW, "ann", *crowd[:50])], "ann", "p07")[0].tolist() == [[0, 0, 1, 0, 0, 0], [0] * 6]
    assert between([happened("m", "message", NOW, "ann", *crowd)], "ann", "p07") is None
    assert between([happened("m", "message", NOW, "ann", "li", noise="bot")], "ann", "li") is None


def test_receivers_of_one_mail_do_not_meet_and_nobody_writes_to_himself():
    mail = happened("m", "message", NOW, "ann", "li", "wang", "ann")
    assert between([mail], "li", "wang") is None
    assert {len({a, b}) for a, b in zip(exchanges([mail]).first, exchanges([mail]).second, strict=True)} == {2}


def test_an_introduction_goes_from_giver_to_receiver():
    given_ = happened("i", "introduction", NOW, "sun", "ann", parts=["GIVER", "RECEIVER"])
    assert between([given_], "sun", "ann")[0][:, 4].tolist() == [4, 0]
    assert between([happened("i", "introduction", NOW, "sun", "ann")], "sun", "ann")[0][:, 4].tolist() == [4, 0], "from_id and to_ids say the same"


def test_four_mails_of_a_day_count_three_and_the_surest_are_kept():
    hours = ["09", "10", "11", "12"]
    mails = [happened(f"m{h}", "message", f"2026-06-29T{h}:00", "ann", "li", sure=0.7 if h == "09" else 1.0) for h in hours]
    assert list(kept(exchanges(mails)).at) == [day(f"2026-06-29T{h}:00") for h in hours[1:]]
    assert between(mails, "ann", "li")[1] == 3
    same = [happened(f"m{h}", "message", f"2026-06-29T{h}:00", "ann", "li") for h in hours]
    assert list(kept(exchanges(same)).at) == [day(f"2026-06-29T{h}:00") for h in hours[:3]], "equally sure: the earliest"
    at_once = [happened(id_, "message", "2026-06-29T09:00", "ann", "li") for id_ in "dcba"]
    assert list(kept(exchanges(at_once)).event) == [0, 1, 2], "at one instant: the smaller id"
    over_midnight = [happened(f"m{n}", "message", day("2026-06-29") - 1 + n % 2, "ann", "li") for n in range(6)]
    assert between(over_midnight, "ann", "li")[1] == 6, "three on each side of midnight in UTC"


def test_a_connection_on_a_social_network_counts_once_for_both():
    twice = [happened("s1", "social", "2026-01-01", "ann", "li"), happened("s2", "social", "2026-03-01", "ann", "li")]
    x, count = between(twice, "ann", "li")
    assert count == 1
    assert x[:, 5] == pytest.approx([0.5 * 0.5 ** ((NOW - day("2026-03-01")) / DAY / 365)] * 2)


def test_what_has_not_happened_or_did_not_take_place_counts_for_nothing():
    later = happened("m", "meeting", "2026-07-01", "ann", "li")
    assert between([later], "ann", "li") is None
    assert between([later], "ann", "li", day("2026-07-01")) is not None
    for status, counts in {"held": 1, "accepted": 1, "open": 1, "planned": 0, "cancelled": 0, "no_show": 0, "declined": 0}.items():
        assert (between([later._replace(at=NOW, status=status)], "ann", "li") is not None) == bool(counts)


def test_nobody_and_nothing():
    assert len(exchanges([]).first) == 0
    assert len(sums(exchanges([]), NOW).first) == 0
    alone = happened("m", "meeting", NOW, "李伟", parts=["ATTENDEE"])
    assert len(sums(exchanges([alone]), NOW).first) == 0


def test_one_half_life_is_a_formula_and_several_are_found():
    mails = [happened(f"m{n}{a}", "message", NOW - n * DAY, a, b) for n in range(20) for a, b in (("ann", "li"), ("li", "ann"))]
    x, _ = between(mails, "ann", "li")
    (days,) = days_above(x[None], 0.35)
    assert days == pytest.approx(90 * log2(evidence(x[None])[0] / (-5 * log(0.65))))
    x, _ = between([*mails, happened("v", "visit", NOW, "ann", "li", parts=["ATTENDEE"] * 2)], "ann", "li")
    (days,) = days_above(x[None], 0.35)
    assert strength(decayed(x[None], days))[0] == pytest.approx(0.35, abs=1e-12)
    assert days_above(x[None], 0.999).tolist() == [0], "it is below already"
    mails_now = sum(0.5 ** (n / 90) for n in range(20))
    u = (-5 + sqrt(25 - 4 * mails_now * 5 * log(0.65))) / (2 * mails_now)
    assert days == pytest.approx(-180 * log2(u)), "with mails u^2 + visit u = 5 ln(1/0.65), u = 2^(-d/180)"
    assert str(at_moment(NOW + int(days * DAY)).date()) == "2027-07-15", "the day on which it cools, without contact"


def test_words_for_strength():
    assert [warmth(value) for value in (0, 0.1499, 0.15, 0.35, 0.65, 1)] == [
        Warmth.COLD, Warmth.COLD, Warmth.WEAK, Warmth.WARM, Warmth.STRONG, Warmth.STRONG,
    ]  # fmt: skip


PEOPLE = ["ann", "ben", "李伟", "王芳"]
PARTS = ["SENDER", "RECIPIENT", "ATTENDEE", "GIVER", "RECEIVER", "ORGANISER"]
TYPES = ["meeting", "visit", "call", "message", "message", "attendance", "introduction", "social", "page_view"]


@st.composite
def events(draw, max_size=14, ids="e", days=6):
    """Histories in which pairs, days and instants collide often."""
    made = []
    for n in range(draw(st.integers(0, max_size))):
        count = draw(st.integers(1, 4))
        people = draw(st.lists(st.sampled_from(PEOPLE), min_size=count, max_size=count))
        parts = draw(st.lists(st.sampled_from(PARTS), min_size=count, max_size=count))
        sure = draw(st.lists(st.sampled_from([0.5, 0.7, 1.0]), min_size=count, max_size=count))
        at = NOW - draw(st.integers(0, days)) * DAY + draw(st.integers(0, 3)) * DAY // 4
        status = draw(st.sampled_from(["held", "held", "open", "cancelled"]))
        type_, noise = draw(st.sampled_from(TYPES)), draw(st.sampled_from([None, None, None, "bot"]))
        made.append(Happened(f"{ids}{n:02}", type_, at, status, noise, people, parts, sure))
    return made


PAIRS = [(a, b) for a, b in permutations(PEOPLE, 2) if a < b]


@given(events(), st.integers(-5, 3))
def test_any_history_equals_the_formula_taken_event_by_event(history, later):
    at = NOW + later * DAY
    for one, other in PAIRS:
        found, expected = between(history, one, other, at), oracle(history, one, other, at)
        x = found[0] if found else np.zeros((2, 6))
        for back, (u, v) in enumerate([(one, other), (other, one)]):
            assert x[back].tolist() == pytest.approx([expected[u, v, channel] for channel in CHANNELS])
        value = strength(x[None])[0]
        assert value == pytest.approx(oracle_strength(history, one, other, at))
        assert 0 <= value < 1
        if x.sum(1).min() == 0:
            assert value <= 1 - exp(-0.75 / 5) + 1e-12


@given(events(), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(history, random: Random):
    shuffled = random.sample(history, len(history)) + history[:3]
    one, other = sums(exchanges(history), NOW), sums(exchanges(shuffled), NOW)
    for name in ("first", "second", "x", "last_at", "count"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


@given(events(), st.integers(0, 6))
def test_an_instant_never_sees_what_came_after_it(history, back):
    at = NOW - back * DAY
    before = [event for event in history if event.at <= at]
    for one, other in PAIRS:
        assert strong(history, one, other, at) == strong(before, one, other, at)


@given(events(), st.sampled_from(TYPES[:8]), st.sampled_from(PAIRS), st.booleans())
def test_more_contact_never_weakens(history, type_, pair, back):
    """On a day with room under the cap. On a full one the earlier of two equally sure events is kept, by the letter of the method."""
    new = happened("zz", type_, NOW + DAY, *(pair[::-1] if back else pair))
    at = NOW + 2 * DAY
    assert (strong([*history, new], *pair, at) or 0) >= (strong(history, *pair, at) or 0)


@given(events(), st.floats(0.05, 0.95))
def test_a_strength_only_falls_without_contact_and_reaches_each_threshold_on_its_day(history, threshold):
    made = sums(exchanges(history), NOW + DAY)
    x = made.at(NOW + DAY)
    assert (strength(decayed(x, 10)) <= strength(x) + 1e-12).all()
    days = days_above(x, threshold)
    warm = days > 0
    assert (strength(x)[~warm] <= threshold + 1e-9).all()
    assert strength(decayed(x, days))[warm] == pytest.approx([threshold] * warm.sum(), abs=1e-9)


@given(events(ids="a"), events(ids="b"), st.integers(-3, 12))
def test_sums_kept_step_by_step_equal_sums_made_anew_wherever_they_say_so(older, newer, shift):
    """The new ones lie before, on, or after the last day of the old ones."""
    newer = [event._replace(at=event.at + shift * DAY // 2) for event in newer]
    until = NOW + 30 * DAY
    everyone = sorted({person for event in older + newer for person in event.people})
    all_known = {person: n for n, person in enumerate(everyone)}

    def by_pair(history):
        found = exchanges(history)
        made = sums(found, until)
        names = [(all_known[found.people[a]], all_known[found.people[b]]) for a, b in zip(made.first, made.second, strict=True)]
        return made, {pair: n for n, pair in enumerate(names)}

    (old, at_old), (new, at_new), (both, at_both) = by_pair(older), by_pair(newer), by_pair(older + newer)
    shared = sorted(set(at_old) & set(at_new))
    before, after = old.where(np.array([at_old[pair] for pair in shared], int)), new.where(np.array([at_new[pair] for pair in shared], int))
    made, exact = added(before, after)
    anew = both.where(np.array([at_both[pair] for pair in shared], int))
    for name in ("last_at", "count", "closing"):
        assert np.array_equal(getattr(made, name)[exact], getattr(anew, name)[exact]), name
    assert made.x[exact] == pytest.approx(anew.x[exact])
    apart = after.first_at // DAY > before.last_at // DAY
    social = (before.x[:, :, 5] > 0) & (after.x[:, :, 5] > 0)
    assert exact[apart & ~social.any(1)].all(), "later days never need the events of old"
