"""Records of which it is known who is the same: from public data as published, and with a second system made up from it.

Truth is an entity for each record. Where it comes from a field, records do not carry that field, so that it cannot be read off.
"""

import csv
import gzip
import html
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import NamedTuple

from bench.identity.second import companies_again, people_again
from loaders.identity import Record
from loaders.identity.companies import company_name
from loaders.identity.contacts import is_role, mailbox, page
from loaders.identity.people import person_name

STAMPS = re.compile(r"\s*\((KCSP|KCNTP|member|supporter)\)$")
"""What the landscape writes behind a company's name to tell its entries apart."""


class Labelled(NamedTuple):
    """Records, and of each who it is."""

    name: str
    told: str
    """What the truth is, in a sentence."""
    records: list[Record]
    truth: Mapping[str, str]
    """Record's id -> entity."""

    def half(self, which: int) -> "Labelled":
        """The records of every other employer or company: weights are counted on one half and measured on the other."""
        kept = [record for record in self.records if _half_of(self.truth[record.id]) == which]
        return self._replace(records=kept)


def _half_of(entity: str) -> int:
    return Random(entity.partition("@")[2] or entity).getrandbits(1)


def _rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def posts(folder: Path) -> list[dict[str, str]]:
    """Senior posts of British departments, where somebody is named."""
    rows = _rows(folder / "uk_gov_organograms" / "senior_posts.csv.gz")
    return [row for row in rows if person_name(row["Name"]).known]


def organograms(folder: Path) -> Labelled:
    """People whose mailbox has their family name in it, seen at several dates."""
    records, truth = [], {}
    for number, row in enumerate(posts(folder)):
        local = mailbox(row["Contact E-mail"]).partition("@")[0]
        names = person_name(row["Name"]).words
        family = names[0] if "," in row["Name"] else names[-1]
        if len(family) > 2 and family in local and not is_role(local):
            id_ = f"{row['snapshot']}:{number}"
            truth[id_] = f"{local[0]} {family}@{row['body']}"
            records.append(Record(id_, "Person", (row["Name"],), companies=(row["Organisation"],), titles=(row["Job Title"],), country="GB"))
    return Labelled("organograms", "body, family name and first letter of the mailbox, where it bears the name; records have none", records, truth)


def directors(folder: Path) -> Iterator[tuple[str, Record]]:
    """Seats on Chinese boards: who (name, sex and age together) and the record of the seat."""
    data = folder / "cn_ashare_executives"
    firms = {row["stock_id:ID(Stock)"]: row["name"] for row in _rows(data / "import_stock.csv")}
    people = {row["person_id:ID(Executive)"]: row["name"] for row in _rows(data / "import_executive.csv")}
    for number, row in enumerate(_rows(data / "import_executive_stock.csv")):
        who, firm = row[":START_ID(Executive)"], firms.get(row[":END_ID(Stock)"])
        if firm:
            jobs = tuple(job for job in row["jobs"].split("/") if job)
            yield who, Record(f"seat:{number}", "Person", (people[who],), companies=(firm,), titles=jobs, country="CN")


def boards(folder: Path) -> Labelled:
    """All seats as published: namesakes on different boards, and people with several seats."""
    made = list(directors(folder))
    return Labelled(
        "boards", "name, sex and age together; records have the name alone", [seat for _, seat in made], {seat.id: who for who, seat in made}
    )


def speakers(folder: Path) -> list[Record]:
    """Speakers of a conference with title and company."""
    feed = _rows(folder / "oscon_2014_schedule" / "speakers.csv")
    plain = [{name: html.unescape(cell).strip() for name, cell in row.items()} for row in feed]
    return [
        Record(f"speaker:{row['serial']}", "Person", (row["name"],), companies=(row["affiliation"],), titles=_some(row["position"]), country="US")
        for row in plain
        if row["affiliation"]
    ]


def guests(folder: Path) -> list[Record]:
    """Made-up contacts of a sample of Salesforce's, a hundred to a made-up employer each."""
    data = json.loads((folder / "salesforce_sample_plans" / "coralcloud__data-Contact-large.json").read_text(encoding="utf-8"))["records"]
    return [
        Record(f"guest:{number}", "Person", (f"{row['FirstName']} {row['LastName']}",), companies=(f"Hotel {number // 100} Ltd",), country="US")
        for number, row in enumerate(data)
    ]


def _some(*texts: str) -> tuple[str, ...]:
    return tuple(text for text in texts if text)


def again(name: str, people: Iterable[Record], seed: int) -> Labelled:
    """People, and a second system that knows most of them too, a little otherwise."""
    records, truth = people_again(list(people), Random(seed))
    return Labelled(name, "made up: a second system with slips, other spellings, other mailboxes, namesakes, moves", records, truth)


def landscape(folder: Path) -> Labelled:
    """Members and certified partners of a foundation, listed once in each capacity."""
    records, truth = [], {}
    for number, row in enumerate(_rows(folder / "cncf_landscape" / "landscape_items_2026.csv")):
        if row["crunchbase"] and STAMPS.search(row["name"]):
            id_ = f"item:{number}"
            truth[id_] = page(row["crunchbase"])
            records.append(Record(id_, "Company", (STAMPS.sub("", row["name"]),), domain=row["homepage"]))
    return Labelled("landscape", "the Crunchbase page; records have none", records, truth)


def startups(folder: Path) -> list[Record]:
    """A directory of start-ups, each another company."""
    return [
        Record(
            f"yc:{row['id']}",
            "Company",
            (row["name"],),
            domain=row["website"] or None,
            country=row["all_locations"].partition(";")[0].rpartition(", ")[2] or None,
        )
        for row in _rows(folder / "yc_companies" / "yc_companies.csv")
    ]


def directory(folder: Path) -> Labelled:
    """The start-ups as listed: every link is wrong, but for the few listed twice."""
    records = startups(folder)
    return Labelled("start-ups", "each entry of the directory is another company", records, {record.id: record.id for record in records})


def renamed(folder: Path) -> Labelled:
    """The directory of today with former names as aliases, and a list that still has them."""
    records, truth = [], {}
    for row, new in zip(_rows(folder / "yc_companies" / "yc_companies.csv"), startups(folder), strict=True):
        former = tuple(name.strip() for name in row["former_names"].split("|") if name.strip())
        names = tuple(dict.fromkeys((*new.names, *former)))
        records.append(new._replace(names=names))
        truth[new.id] = new.id
        if len(names) > 1:
            old = Record(f"old:{new.id}", "Company", names[-1:], country=new.country)
            records.append(old)
            truth[old.id] = new.id
    return Labelled("renamed start-ups", "the directory's former names, beside a list that has these alone", records, truth)


def listed(folder: Path) -> list[Record]:
    """Companies on Chinese stock exchanges, by short name."""
    return [
        Record(f"stock:{row['stock_id:ID(Stock)']}", "Company", (row["name"],), country="CN")
        for row in _rows(folder / "cn_ashare_executives" / "import_stock.csv")
    ]


def accounts(folder: Path) -> list[Record]:
    """Made-up accounts of a sample CRM."""
    return [
        Record(f"account:{row['account']}", "Company", (row["account"],), country=row["office_location"])
        for row in _rows(folder / "crm_maven_sales" / "accounts.csv")
    ]


def companies_twice(name: str, companies: Iterable[Record], seed: int) -> Labelled:
    """Companies, and a second system that knows most of them too."""
    records, truth = companies_again(list(companies), Random(seed))
    return Labelled(name, "made up: a second system with other forms, width, script, slips, domains, and sister companies", records, truth)


def everything(folder: Path, seed: int) -> list[Labelled]:
    """All sets, people first. ``seed`` makes the second systems."""
    seats = [seat for _, seat in directors(folder)]
    by_firm: dict[str, list[Record]] = defaultdict(list)
    for seat in seats:
        by_firm[company_name(seat.companies[0]).core].append(seat)
    some = Random(seed).sample(sorted(by_firm), 300)
    crew = [Record(f"official:{number}", "Person", (row["Name"],), companies=(row["Organisation"],), titles=(row["Job Title"],), country="GB")
            for number, row in enumerate(posts(folder)) if row["snapshot"] == "2011-03-31"]  # fmt: skip
    officials = list({(record.names, record.companies): record for record in crew}.values())
    return [
        organograms(folder),
        boards(folder),
        again("directors twice", (seat for firm in some for seat in by_firm[firm]), seed),
        again("officials twice", Random(seed).sample(officials, 1500), seed),
        again("speakers twice", speakers(folder), seed),
        again("guests twice", guests(folder), seed),
        landscape(folder),
        directory(folder),
        renamed(folder),
        companies_twice("start-ups twice", startups(folder), seed),
        companies_twice("listed companies twice", listed(folder), seed),
        companies_twice("accounts twice", accounts(folder), seed),
    ]
