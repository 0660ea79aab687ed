"""``python -m tests.partner_example`` writes docs/examples/co_marketing_partners.md: one partner of the sample market worked through by hand."""

from collections import Counter
from math import log2

from tests.slow_partners import SlowPartners
from tests.worked_example import AT, DATE, ROOT, number, said, table

PAGE = ROOT / "docs" / "examples" / "co_marketing_partners.md"
PARTNER = "cloudbridge"
HEAD = """One partner of the sample market, {name}, at the end of {date}: `dottedline ask co-marketing-partners --as-of {date}`.
The figures are worked out row by row from `samples/market` by plain Python that knows nothing of the product (`tests/slow_partners.py`); a test
compares them, and those of every other partner, with the answer. `python -m tests.partner_example` writes this page.

"""
SIDES = ("customer", "target", "other")


def market():
    """The sample market."""
    return SlowPartners.of(ROOT / "samples" / "market", AT)


def page():
    """The whole text."""
    slow = market()
    names = {company: row["name"] for company, row in slow.companies.items()}
    grid, over, (values, given, shared) = slow.grid(PARTNER), slow.overlap(PARTNER), slow.parts(PARTNER)
    theirs, ours, size = slow.customers(PARTNER) | slow.targets(PARTNER), slow.our_accounts, len(slow.market)
    text = HEAD.format(name=names[PARTNER], date=DATE)
    text += (
        "**1. Whose accounts are whose.** Ours: customers use or bought a product of ours, every other account is a target. Theirs: customers it\n"
    )
    text += "serves or that use or bought its product, targets its people were in touch with within 730 days. Of the "
    text += f"{size} companies besides ours and competitors:\n\n"
    text += table("to us|" + "|".join(f"their {side}" for side in SIDES), [(side, *map(str, row)) for side, row in zip(SIDES, grid, strict=True)])
    both = ", ".join(sorted(names[company] for company in theirs & ours))
    alone = ", ".join(sorted(names[company] for company in theirs - ours)) or "none"
    text += f"Both have {both}. Theirs and not ours: {alone}.\n\n"
    text += "**2. The overlap.** "
    text += f"Jaccard {shared} / {len(ours | theirs)} = {number(over['jaccard'], 4)}; containment {shared} / {min(len(ours), len(theirs))} = "
    text += f"{number(over['containment'], 4)}.\n"
    text += (
        f"By chance {len(ours)} x {len(theirs)} / {size} = {number(len(ours) * len(theirs) / size)} would be shared, so the lift is ({shared} + 5) / "
    )
    text += f"({number(len(ours) * len(theirs) / size)} + 5) = {number(over['lift'], 4)}, with 95 % between {number(over['liftLow'], 2)} and\n"
    text += f"{number(over['liftHigh'], 2)}: as many by chance alone has a probability of {number(over['byChance'], 2)}. Of its accounts between "
    text += f"{over['shareLow']:.0%} and {over['shareHigh']:.0%} may be ours.\n\n"
    mine, other = (Counter(slow.kind(company) for company in side) for side in (ours, theirs))
    kinds = sorted({*mine, *other} - {None}, key=str)
    text += "**3. Likeness.** Companies by industry, size and region; half a company is added to each kind that either side has.\n\n"
    rows = [(*(str(part) for part in kind), str(mine[kind]), str(other[kind])) for kind in kinds]
    text += table("industry|size band|region|ours|theirs", rows)
    text += f"1 less the Jensen-Shannon divergence of (ours + 1/2) and (theirs + 1/2), each made to sum to 1: {number(values[0], 4)}.\n\n"
    text += "**4. What it opens.** Of every role at every account we lack worth x weight x (1 - coverage); its own people open it with the chance\n"
    text += "of the best way to a holder, of at most three steps and past our people and competitors'.\n\n"
    opened, lacks = slow.opened[PARTNER], slow.lacks
    cells = sorted((cell for cell in opened if opened[cell]), key=lambda cell: (-lacks[cell] * opened[cell], cell))
    text += table(
        "account|role|we lack|chance|opens",
        [(names[cell[0]], said(cell[1]), number(lacks[cell], 4), number(opened[cell], 3), number(lacks[cell] * opened[cell], 5)) for cell in cells],
    )
    total, part = sum(lacks.values()), sum(lacks[cell] * opened[cell] for cell in cells)
    text += f"{number(part, 4)} of {number(total, 4)} that we lack at all accounts together: {number(values[2], 4)}.\n\n"
    against = slow.sold_against(PARTNER)
    text += "**5. Conflict.** For competitors "
    text += "; ".join(f"it sells for {names[rival]} at {len(some)} of the {shared} shared accounts" for rival, some in against.items()) + ".\n\n"
    text += "**6. The score.** Parts that are not known give nothing; conflict takes 0.7 of its share of their sum.\n\n"
    labels = ("similarity", "lift", "complement", "relation", "conflict")
    weights = ("0.30", "0.20", "0.35", "0.15", "-0.70")
    shown = [number(value, 4) for value in values]
    text += table("part|value|weight|gives", list(zip(labels, shown, weights, (number(one, 4) for one in given), strict=True)))
    text += f"The lift is min(1, log2(1 + {number(over['lift'], 4)}) / 3) = {number(min(1, log2(1 + over['lift']) / 3), 4)}. "
    text += f"The parts come to {number(sum(given), 4)}, but {shared} shared accounts are fewer than ten:\nthe answer is "
    text += "**insufficient evidence**, with the intervals above, and no score.\n\n"
    chosen = slow.greedy(2)
    text += f"**7. With whom else.** `ask partner-set --size 2` takes {' and '.join(names[one] for one in chosen)}, who open\n"
    text += f"{number(slow.together(chosen), 4)} of what we lack; no two of the {len(slow.partners)} open more than {number(slow.best_set(2), 4)}.\n"
    return text


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
