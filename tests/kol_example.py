"""``python -m tests.kol_example`` writes docs/examples/kol_set.md: five leaders of a real market, with the reasoning, worked out exactly."""

import csv
from collections import defaultdict
from itertools import combinations
from math import prod
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "examples" / "kol_set.md"
SAMPLE = ROOT / "samples" / "ashare_coal"
HEARD = 0.4
SIZE = 5
HEAD = """The chairmen of China's {companies} listed coal companies, and the {directors} people who sit on their boards as independent directors
(`samples/ashare_coal`, real, about 2018). Whom would one win first, if a director has the ear of each chairman on whose board they sit with a
chance of {heard}? That chance is an assumption of the sample. `dottedline load samples/ashare_coal`, then `dottedline ask kol-set --size {size}`.
With one step from leader to decider the share reached can be worked out exactly, by plain Python that knows nothing of the product
(`tests/kol_example.py`); a test holds the answer to it. `python -m tests.kol_example` writes this page.

"""


def rows(kind):
    with (SAMPLE / f"{kind}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def market():
    """Names, ``{director: {chairman}}``, and how many chairmen decide."""
    heard = defaultdict(set)
    for row in rows("influence"):
        heard[row["from_id"]].add(row["to_id"])
    return {row["person_id"]: row["name"] for row in rows("people")}, dict(heard), [row["person_id"] for row in rows("roles")]


def reach(chosen):
    """The share of the decision that a set reaches: of each chairman the chance that one of the set is heard."""
    _, heard, chairmen = market()
    return sum(1 - prod(1 - HEARD for who in chosen if chairman in heard[who]) for chairman in chairmen) / len(chairmen)


def greedy(size=SIZE):
    """The one who adds most each time; of equals the smaller id."""
    _, heard, _ = market()
    chosen = []
    while len(chosen) < size:
        chosen.append(min(heard.keys() - set(chosen), key=lambda who: (-round(reach([*chosen, who]), 12), who)))
    return chosen


def by_boards(size=SIZE):
    """Those with the most boards; of equals the smaller id."""
    _, heard, _ = market()
    return sorted(heard, key=lambda who: (-len(heard[who]), who))[:size]


def best(size):
    """The most that any set of those with two boards or more reaches."""
    _, heard, _ = market()
    many = [who for who in sorted(heard) if len(heard[who]) > 1]
    return max(reach(some) for some in combinations(many, size))


def page():
    """The page's text."""
    names, heard, chairmen = market()
    text = HEAD.format(companies=len(chairmen), directors=len(heard), heard=HEARD, size=SIZE)
    text += "| step | leader | boards | chairmen met already | adds | the set reaches |\n|---|---|---|---|---|---|\n"
    chosen, met = greedy(), set()
    for step, who in enumerate(chosen, 1):
        gain, share = reach(chosen[:step]) - reach(chosen[: step - 1]), reach(chosen[:step])
        text += f"| {step} | {names[who]} | {len(heard[who])} | {len(heard[who] & met)} | {gain:.4f} | {share:.4f} |\n"
        met |= heard[who]
    popular = by_boards()
    pairs = [(one, other, len(heard[one] & heard[other])) for one, other in combinations(popular, 2)]
    shared = [f"{names[one]} and {names[other]} ({count})" for one, other, count in pairs if count]
    once = HEARD / len(chairmen)
    text += f"\nEach chairman whom nobody in the set has met adds {HEARD} / {len(chairmen)} = {once:.4f}; one met once, {1 - HEARD:g} of that.\n"
    text += f"Those with the most boards, {', '.join(names[who] for who in popular)}, reach {reach(popular):.4f}"
    text += f": they meet some chairmen twice ({'; '.join(shared)}).\n"
    text += f"No set of {SIZE} among those with two boards or more reaches more than {best(SIZE):.4f}. Greed is sure of at least 63 % of the best; "
    text += f"here it comes to {reach(chosen) / best(SIZE):.0%}.\n\nThe product draws 10,000 cascades to choose and 10,000 others to tell: "
    text += "leaders whose gains differ by less than the draws can see may change places, and the share that it tells lies within three "
    text += "standard errors of the exact one.\n"
    return text


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
