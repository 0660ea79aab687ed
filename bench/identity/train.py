"""Counts the weights of the model on labelled pairs and writes loaders/identity/weights.json.

``python -m bench.identity.train FOLDER``, where FOLDER holds the public data sets under the names of ``tests/data``, whole. Seeded: the same data
give the same file. Pairs come from the half of employers and houses that ``python -m bench.identity`` does not measure on.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import orjson
import typer

from bench.identity.labelled import Labelled, directors, everything, listed, posts, startups
from loaders.identity import Record, keys, model
from loaders.identity.companies import CompanyMatch, best_company_match, company_name, known_names
from loaders.identity.contacts import country_of, own_domain
from loaders.identity.keys import Known
from loaders.identity.people import NameMatch, best_match, person_name
from loaders.identity.text import HAN
from loaders.identity.titles import TitleMatch, best_title_match, title

VERSION = 1
TRAINED_ON = {
    "Person": ("organograms", "directors twice", "officials twice", "speakers twice", "guests twice"),
    "Company": ("landscape", "start-ups twice", "listed companies twice"),
}
"""Sets on whose one half the weights are counted."""
OUT = Path(model.__file__).with_name("weights.json")
PRIOR = {"Person": 1e-3, "Company": 1e-4}
"""An employer of whom a thousand people are known, a market of ten thousand companies, each known twice. Smaller ones would allow more; a false
merge is worse than a missed one, and a load must not depend on what else is loaded."""
RARE_COMPANY = 1e-5
"""The share of a word that no two companies of the data bear. Counted, it is a tenth of that, but lists of start-ups are not all companies."""
LEAST = {"Person": {"name": 1e-5, "title": 2e-3}, "Company": {"name": 1e-6}}
"""Father and son, a slip of one for the other, a branch with its own record: values are shared beyond chance."""
BEARERS = 2
"""Values borne by fewer are not told one by one."""
COMMON_TITLE = 0.01
FAMOUS = 1e-3
"""Share from which a part of a person's name is told one by one; others are taken to be as common as that."""
AT_MOST = 60
"""Records of one employer that are paired; of more, so many by lot."""
UNSEEN = 0.5
"""Added to each count, so that what was not seen is not impossible."""


class Counts:
    """Pairs by field and level, of one and the same (True) and of two."""

    def __init__(self) -> None:
        self.seen: dict[str, dict[bool, Counter[str]]] = defaultdict(lambda: {True: Counter(), False: Counter()})

    def add(self, same: bool, **levels: str) -> None:
        """One pair."""
        for field, level in levels.items():
            self.seen[field][same][level] += 1

    def shares(self, field: str, levels: Iterable[str]) -> dict[str, tuple[float, float]]:
        """``m`` and ``u`` of each level."""
        names = [*levels]
        both = [self.seen[field][same] for same in (True, False)]
        totals = [sum(counts[name] for name in names) + UNSEEN * len(names) for counts in both]
        m, u = ([(counts[name] + UNSEEN) / total for name in names] for counts, total in zip(both, totals, strict=True))
        return {name: (figure(one), figure(other)) for name, one, other in zip(names, m, u, strict=True)}


def figure(value: float) -> float:
    """Three digits that count."""
    return float(f"{value:.3g}")


def told(levels: type[NameMatch] | type[TitleMatch] | type[CompanyMatch]) -> list[str]:
    """The levels of a comparison that say something."""
    return [level.name for level in levels if level.name != "UNKNOWN"]


def near(labelled: Labelled, random: Random, of: Callable[[Record], Iterable[str]]) -> Iterator[tuple[Record, Record, bool]]:
    """Pairs of records that have something in common, each once, and whether they are one."""
    blocks: dict[str, list[Record]] = defaultdict(list)
    for record in labelled.records:
        for key in of(record):
            blocks[key].append(record)
    seen = set()
    for key in sorted(blocks):
        block = blocks[key] if len(blocks[key]) <= AT_MOST else random.sample(blocks[key], AT_MOST)
        for one, other in combinations(block, 2):
            if (one.id, other.id) not in seen:
                seen.add((one.id, other.id))
                yield one, other, labelled.truth[one.id] == labelled.truth[other.id]


def employers(record: Record) -> list[str]:
    """Employers' names without form and place."""
    return [company_name(name).core for name in record.companies]


def people(sets: list[Labelled], folder: Path, random: Random) -> dict[str, Any]:
    """The weights of people: pairs at one employer."""
    title_shares = {
        value: figure(count)
        for value, count in most([[title(text) for text in record.titles] for record in _all_people(folder, which)] for which in (0, 1))
        if count >= COMMON_TITLE
    }
    counts, plain = Counts(), Counter[bool]()
    for labelled in sets:
        for one, other, same in near(labelled, random, employers):
            match = best_match(*([person_name(name) for name in record.names] for record in (one, other)))
            alike, common = best_title_match(*([title(text) for text in record.titles] for record in (one, other)))
            counts.add(same, name=match.name, title=alike.name)
            mailboxes = [Known(record).mailboxes for record in (one, other)]
            for domain in mailboxes[0].keys() & mailboxes[1].keys():
                counts.add(same, mailbox="different" if mailboxes[0][domain].isdisjoint(mailboxes[1][domain]) else "same")
            if not same and common not in title_shares and alike != TitleMatch.UNKNOWN:
                plain[alike == TitleMatch.SAME] += 1
    name_shares = {
        value: figure(count)
        for value, count in most([_name_parts(record) for record in _all_people(folder, which)] for which in (0, 1))
        if count >= FAMOUS
    }
    return {
        "prior": PRIOR["Person"],
        "fields": {
            "name": counts.shares("name", told(NameMatch)),
            "title": counts.shares("title", told(TitleMatch)),
            "mailbox": counts.shares("mailbox", ("same", "different")),
        },
        "shares": {"name": name_shares, "title": title_shares},
        "rare": {"name": FAMOUS, "title": figure(plain[True] / plain.total())},
        "least": LEAST["Person"],
    }


def _all_people(folder: Path, which: int) -> list[Record]:
    """Each person of a population once: British officials, Chinese directors."""
    if which:
        return [*dict(directors(folder)).values()]
    found = {row["Name"]: row for row in posts(folder)}
    return [Record(name, "Person", (name,), titles=(row["Job Title"],)) for name, row in found.items()]


def _name_parts(record: Record) -> set[str]:
    name = person_name(record.names[0])
    return {part for part in (*name.words, *(name.family_and_given if name.han else ())) if len(part) > 1 or HAN.match(part)}


def most(populations: Iterable[list[Iterable[str]]]) -> list[tuple[str, float]]:
    """Value -> the share that bears it in the population where it is commonest, if BEARERS do; in the order of the alphabet."""
    shares: dict[str, float] = {}
    for population in populations:
        counts = Counter(value for values in population for value in {*values} if value)
        shares |= {value: max(shares.get(value, 0), count / len(population)) for value, count in counts.items() if count >= BEARERS}
    return sorted(shares.items())


def companies(sets: list[Labelled], folder: Path, random: Random) -> dict[str, Any]:
    """The weights of companies: pairs whose names are near; of the others, those of one company, all differ in name."""
    shares = {
        value: figure(count)
        for value, count in most([model.parts(company_name(record.names[0])) for record in source(folder)] for source in (startups, listed))
    }
    counts = Counts()
    for labelled in sets:
        found = Counter[bool]()
        for one, other, same in near(labelled, random, lambda record: [key for key in keys(record) if key.startswith(("name:", "sound:"))]):
            match = best_company_match(*(known_names(record.names) for record in (one, other)))
            levels = {"name": match.name}
            sites = model.of_sites_level(*({own_domain(text) for text in (record.domain,)} - {""} for record in (one, other)))
            places = [country_of(record.country) for record in (one, other)]
            if sites and match == CompanyMatch.SAME:
                levels["domain"] = sites
            if all(places):
                levels["country"] = model.PLACES[places[0] != places[1]]
            counts.add(same, **levels)
            found[same] += 1
        entities = Counter(labelled.truth[record.id] for record in labelled.records)
        true = sum(count * (count - 1) // 2 for count in entities.values())
        all_pairs = len(labelled.records) * (len(labelled.records) - 1) // 2
        counts.seen["name"][True]["DIFFERENT"] += true - found[True]
        counts.seen["name"][False]["DIFFERENT"] += all_pairs - true - found[False]
    return {
        "prior": PRIOR["Company"],
        "fields": {
            "name": counts.shares("name", told(CompanyMatch)),
            "country": counts.shares("country", model.PLACES),
            "domain": counts.shares("domain", model.SITES),
        },
        "shares": {"name": shares},
        "rare": {"name": RARE_COMPANY},
        "least": LEAST["Company"],
    }


WEIGH = {"Person": people, "Company": companies}


def main(folder: Path, seed: int = 1) -> None:
    """Write the weights."""
    by_name = {labelled.name: labelled.half(0) for labelled in everything(folder, seed)}
    made = {label: weigh([by_name[name] for name in TRAINED_ON[label]], folder, Random(seed)) for label, weigh in WEIGH.items()}
    about = {"version": VERSION, "by": f"python -m bench.identity.train FOLDER --seed {seed}"}
    OUT.write_bytes(orjson.dumps(about | made, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    for label, weights in made.items():
        for field, levels in weights["fields"].items():
            typer.echo(f"{label} {field}: " + ", ".join(f"{level} {m:g}/{u:g}" for level, (m, u) in levels.items()))
        typer.echo(
            f"{label}: rare {weights['rare']}, {', '.join(f'{len(values)} common values of {field}' for field, values in weights['shares'].items())}"
        )


if __name__ == "__main__":
    typer.run(main)
