"""``make identity DATA=FOLDER``: precision and recall of who is the same, on labelled records; written into docs/identity.md.

FOLDER holds the public data sets under the names of ``tests/data``, whole; each SOURCE.md there says where they come from. Sets on whose one half the
weights were counted are measured on the other.
"""

import sys
import time
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Annotated, NamedTuple

import typer

from bench.identity.labelled import Labelled, everything
from bench.identity.train import TRAINED_ON
from bench.market import Frames, market
from loaders.identity import AUTO, REVIEW, Link, Record, keys, links

PAGE = Path("docs/identity.md")
BEGINS, ENDS = "<!-- measured: written by the command below -->", "<!-- end of measured -->"
PEOPLE = 20_000
"""In the market on which the cost is measured."""
MISSES = 2
"""Missed pairs shown of each set."""


class Found(NamedTuple):
    """What was found in a set."""

    labelled: Labelled
    links: list[Link]
    pairs: int
    """Pairs that are one."""

    @classmethod
    def of(cls, labelled: Labelled) -> "Found":
        """Look for links."""
        members = Counter(labelled.truth[record.id] for record in labelled.records)
        return cls(labelled, links(labelled.records), sum(count * (count - 1) // 2 for count in members.values()))

    def right(self, link: Link) -> bool:
        """Whether it links what is one."""
        return self.labelled.truth[link.left] == self.labelled.truth[link.right]

    def told(self) -> list[str]:
        """The cells of its row."""
        return [self.labelled.name, f"{len(self.labelled.records):,}", f"{self.pairs:,}", *self._at(AUTO), *self._at(REVIEW)]

    def _at(self, score: float) -> list[str]:
        found = [self.right(link) for link in self.links if link.score >= score]
        return [f"{len(found):,}", f"{len(found) - sum(found):,}", share(sum(found), len(found)), share(sum(found), self.pairs)]

    def false(self) -> list[str]:
        """The wrong merges, in words."""
        by_id = {record.id: record for record in self.labelled.records}
        wrong = [link for link in self.links if link.score >= AUTO and not self.right(link)]
        return [f"{described(by_id[link.left])} / {described(by_id[link.right])}: {link.rule} ({link.score:.3f})" for link in wrong]

    def missed(self, random: Random) -> list[tuple[Record, Record]]:
        """Some pairs that are one and that nothing mentions."""
        said = {(link.left, link.right) for link in self.links}
        members: dict[str, list[Record]] = defaultdict(list)
        for record in sorted(self.labelled.records):
            members[self.labelled.truth[record.id]].append(record)
        missed = [pair for records in members.values() for pair in combinations(records, 2) if (pair[0].id, pair[1].id) not in said]
        return random.sample(missed, min(MISSES, len(missed)))


def share(some: int, of: int) -> str:
    """A share, or nothing where there is nothing to share."""
    return f"{some / of:.3f}" if of else ""


def described(record: Record) -> str:
    """What a record says, in a line."""
    parts = (*record.names[:3], *record.titles, *record.companies, *record.mails, *record.phones, record.domain, record.country)
    return ", ".join(part for part in parts if part)


def table(header: tuple[str, ...], rows: list[list[str]]) -> str:
    """A table."""
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (header, ["---"] * len(header), *rows))


def by_rule(found: list[Found]) -> list[list[str]]:
    """For each rule and kind: links that merge and links for review, right and wrong."""
    counts: Counter[tuple[str, str, bool, bool]] = Counter()
    for one in found:
        label = one.labelled.records[0].label
        counts.update((label, link.rule, link.score >= AUTO, one.right(link)) for link in one.links)
    rules = sorted({(label, rule) for label, rule, _, _ in counts})
    return [[label, rule, *(f"{counts[label, rule, auto, right]:,}" for auto in (True, False) for right in (True, False))] for label, rule in rules]


def page(found: list[Found], command: str, seed: int) -> str:
    """What stands between the marks."""
    false = [f"- {one.labelled.name}: {told}\n" for one in found for told in one.false()]
    missed = [f"- {one.labelled.name}: {described(left)} / {described(right)}\n" for one in found for left, right in one.missed(Random(seed))]
    header = ("set", "records", "pairs that are one", *("links", "wrong", "precision", "recall") * 2)
    return (
        f"`{command}`\n\nThe first four columns of links are those that merge ({AUTO} and above), the last four those and the ones for review "
        f"({REVIEW} and above).\n\n"
        + table(header, [one.told() for one in found])
        + "\nWhere the truth comes from:\n\n"
        + "".join(f"- {one.labelled.name}: {one.labelled.told}\n" for one in found)
        + "\nThe same by rule, over all sets:\n\n"
        + table(("kind", "rule", "merged, right", "merged, wrong", "for review, right", "for review, wrong"), by_rule(found))
        + f"\nAll wrong merges ({len(false)}):\n\n"
        + ("".join(false) or "None.\n")
        + "\nSome of what is missed:\n\n"
        + "".join(missed)
    )


def cost(people: int, seed: int) -> str:
    """What keys and links cost on the market that ``make bench`` loads."""
    records = market_records(market(people, seed))
    began = time.process_time()
    for record in records:
        keys(record)
    after = time.process_time()
    found = links(records)
    done = time.process_time()
    return (
        f"On the market of `make bench` with {people:,} people ({len(records):,} records, all different): "
        f"{(after - began) / len(records) * 1e6:.0f} microseconds of processor time a record for the keys, "
        f"{(done - after) / len(records) * 1e6:.0f} for the links with their keys; {len(found):,} pairs for review, "
        f"{sum(link.score >= AUTO for link in found)} merged.\n"
    )


def market_records(frames: Frames) -> list[Record]:
    """The market's companies and people, as a load sees them."""
    names = dict(zip(frames["companies"]["company_id"], frames["companies"]["name"], strict=True))
    jobs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for job in frames["employments"].to_dict("records"):
        jobs[job["person_id"]].append((names[job["company_id"]], job["title"]))
    firms = [
        Record(row["company_id"], "Company", (row["name"],), domain=row["domain"], country=row["country"])
        for row in frames["companies"].to_dict("records")
    ]
    return firms + [
        Record(
            row["person_id"],
            "Person",
            (row["name"],),
            mails=tuple(filter(None, row["emails"].split(";"))),
            companies=tuple(dict.fromkeys(name for name, _ in jobs[row["person_id"]])),
            titles=tuple(dict.fromkeys(title for _, title in jobs[row["person_id"]] if title)),
        )
        for row in frames["people"].to_dict("records")
    ]


def main(
    folder: Path,
    seed: Annotated[int, typer.Option(help="Another seed, other second systems.")] = 1,
    out: Annotated[bool, typer.Option("--out", help="Write it into docs/identity.md.")] = False,
) -> None:
    """Measure, and print."""
    trained_on = {name for names in TRAINED_ON.values() for name in names}
    sets = [labelled.half(1) if labelled.name in trained_on else labelled for labelled in everything(folder, seed)]
    command = "make identity DATA=FOLDER" if seed == 1 else f"python -m bench.identity FOLDER --seed {seed}"
    text = page([Found.of(labelled) for labelled in sets], command, seed) + "\n" + cost(PEOPLE, seed)
    sys.stdout.write(text)
    if out:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGINS)
        PAGE.write_text(f"{before}{BEGINS}\n\n{text}\n{ENDS}{rest.partition(ENDS)[2]}", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
