"""``python -m samples.krackhardt.make FOLDER``: canonical files from networkdata's ht_*.csv."""

import csv
import sys
from pathlib import Path

from samples.canonical import write

TITLES = {1: "President", 2: "Vice President", 3: "Manager"}
HERE = Path(__file__).parent


def main(source: Path) -> None:
    """Chart as reporting, advice as FOLLOWS (the asker is swayed); friendship has no kind and stays out."""

    def rows(name: str) -> list[dict[str, str]]:
        return list(csv.DictReader((source / name).open(encoding="utf-8", newline="")))

    people = rows("ht_reports_nodes.csv")
    write(HERE / "companies.csv", "company_id name kinds industry", [["krackhardt", "Krackhardt's high-tech firm", "account", "machinery"]])
    write(HERE / "people.csv", "person_id name", [[f"k{row['node']}", f"Manager {row['node']}"] for row in people])
    jobs = [[f"k{row['node']}", "krackhardt", TITLES[int(float(row["level"]))], f"Department {float(row['dept']):.0f}"] for row in people]
    write(HERE / "employments.csv", "person_id company_id title department", jobs)
    write(HERE / "reporting.csv", "person_id manager_id", [[f"k{row['from']}", f"k{row['to']}"] for row in rows("ht_reports_edges.csv")])
    advice = [[f"k{row['from']}", f"k{row['to']}", "FOLLOWS"] for row in rows("ht_advice_edges.csv")]
    write(HERE / "influence.csv", "from_id to_id kind", advice)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
