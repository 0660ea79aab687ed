"""``python -m samples.moj.make senior_posts.csv.gz``: canonical files of the Ministry of Justice on 2011-03-31."""

import csv
import gzip
import sys
from pathlib import Path

from samples.canonical import write

HERE = Path(__file__).parent
NO_MANAGER = "XX"


def main(source: Path) -> None:
    """Posts become people; a post without a name takes its job title, and its id keeps it apart from every other."""
    with gzip.open(source, "rt", encoding="utf-8", newline="") as file:
        posts = [row for row in csv.DictReader(file) if (row["body"], row["snapshot"]) == ("ministry_of_justice", "2011-03-31")]
    posts.sort(key=lambda row: int(row["Post Unique Reference"]))

    def person(reference: str) -> str:
        return f"moj-{reference}"

    write(
        HERE / "companies.csv", "company_id name kinds industry country", [["moj", "Ministry of Justice", "account", "government", "United Kingdom"]]
    )
    names = [[person(row["Post Unique Reference"]), row["Name"].strip() or row["Job Title"].strip()] for row in posts]
    write(HERE / "people.csv", "person_id name", names)
    jobs = [
        [person(row["Post Unique Reference"]), "moj", row["Job Title"].strip(), row["Unit"].strip(), row["Grade (or equivalent)"].strip()]
        for row in posts
    ]
    write(HERE / "employments.csv", "person_id company_id title department level", jobs)
    lines = [
        [person(row["Post Unique Reference"]), person(row["Reports to Senior Post"])] for row in posts if row["Reports to Senior Post"] != NO_MANAGER
    ]
    write(HERE / "reporting.csv", "person_id manager_id", lines)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
