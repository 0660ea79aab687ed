"""``python -m tests.engagement_example`` writes docs/examples/engagement.md: one person of the sample market worked through."""

from math import exp

from tests.slow import DAY
from tests.slow_scores import ADDITIVE, SlowScores, cell, earning, left
from tests.worked_example import AT, DATE, ROOT, number, table

PAGE = ROOT / "docs" / "examples" / "engagement.md"
PERSON = "qiao-an"
HEAD = """One person of the sample market, {name}, event by event, at the end of {date}:
`dottedline ask engagement --person {person} --as-of {date} --replay additive`. The figures are worked out row by row from `samples/market` by plain
Python that knows nothing of the product (`tests/slow_scores.py`); a test compares them with the answer. `python -m tests.engagement_example` writes
this page.

"""


def page():
    """The whole text."""
    slow = SlowScores.of(ROOT / "samples" / "market", AT)
    rows, now, value = slow.engagement(PERSON)
    employer = next(company for person, company in sorted(slow.jobs) if person == PERSON)
    text = HEAD.format(name=slow.names[PERSON], date=DATE, person=PERSON)
    text += "**1. What the rules give.** An event adds what it lifts above what the same campaign has given: the sign-up 1, the check-in 3 in all.\n"
    text += "At most 10 points count a day. What is left of them halves every 90 days: counted x 2^(-days/90).\n\n"
    lines, total, total_now = [], 0.0, 0.0
    for one, points, lifted, counted in rows:
        days = (slow.at - one.at) / DAY
        total, total_now = total + counted, total_now + counted * 0.5 ** (days / 90)
        sums = (f"{points:g}", f"{lifted:g}", f"{counted:g}", number(days, 2), number(counted * 0.5 ** (days / 90)), f"{total:g}", number(total_now))
        lines.append((one.id, f"{one.at:%Y-%m-%d}", one.type, one.campaign or one.product or "-", *sums))
    text += table("event|on|type|campaign|points|lifts|counts|days ago|left|total|total left", lines)
    text += f"**2. The score.** 1 - exp(-{number(now)}/10) = **{number(value, 4)}**. Unfaded it would be {total:g} points.\n\n"
    fit = slow.fit(employer)
    text += f"**3. The cell.** {employer} is worth {fit:g} to us, which is {cell(fit, value)[0]}; the engagement is a {cell(fit, value)[1]}"
    text += f" of four: **{cell(fit, value)}**.\nEngagement is no part of the fit, and the fit none of the engagement.\n\n"
    other = earning(slow.did(PERSON), ADDITIVE)
    rest = left(other, slow.at)
    text += "**4. The same history under another model.** Where the check-in stands beside the sign-up, the two make 4: "
    text += f"{sum(row[3] for row in other):g} points,\nof which {number(rest)} are left: "
    text += f"1 - exp(-{number(rest)}/10) = {number(1 - exp(-rest / 10), 4)}.\n"
    return text


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
