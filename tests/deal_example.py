"""``python -m tests.deal_example`` writes docs/examples/bantc.md: one deal of the sample market worked through."""

from tests.slow_scores import BANTC, LEVELS, SlowScores
from tests.worked_example import AT, DATE, ROOT, number, table

PAGE = ROOT / "docs" / "examples" / "bantc.md"
DEAL = "roads-register"
HEAD = """One deal of the sample market, {name}, at the end of {date}:
`dottedline ask bantc --opportunity {deal} --as-of {date}`. The figures are worked out row by row from `samples/market` by plain Python that knows
nothing of the product (`tests/slow_scores.py`); a test compares them with the answer. `python -m tests.deal_example` writes this page.

"""


def page():
    """The whole text."""
    slow = SlowScores.of(ROOT / "samples" / "market", AT)
    found, whole, approver = slow.bantc(DEAL)
    text = HEAD.format(name=slow.deal(DEAL)["name"], date=DATE, deal=DEAL)
    text += "**1. How well each is known.** A field counts 0 unknown, 0.34 assumed, 0.67 stated by a contact, 1 verified, by its latest word; that\n"
    text += "halves every 120 days: level x 2^(-days/120).\n\n"
    rows = []
    for field, (state, days, capped, known) in found.items():
        level = number(0.67 if capped else LEVELS[state], 2) + (" (capped)" if capped else "")
        rows.append((field.lower(), state, level, number(days, 2), number(known), number(BANTC[field], 2), number(BANTC[field] * known, 4)))
    text += table("field|state|level|days ago|known|weight|weight x known", rows)
    text += f"**2. The whole.** The last column sums to **{number(whole, 4)}**. It is what we know, and no chance of winning.\n\n"
    text += f"**3. Who may approve.** The best covered role with authority to approve or veto is covered {number(approver)}"
    text += (
        ", which is 0.35 or more: what is\nwritten of authority counts in full.\n\n"
        if approver and approver >= 0.35
        else ", below 0.35: authority counts as stated\nat most.\n\n"
    )
    gains = {field: BANTC[field] * (1 - known) for field, (_, _, _, known) in found.items()}
    best = max(gains, key=gains.get)
    text += f"**4. What to ask next.** A verified answer about {best.lower()} would add {number(BANTC[best], 2)} x (1 - {number(found[best][3])}) = "
    text += f"**{number(gains[best], 4)}**, more than any other.\n"
    return text


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
