"""``python -m samples.ashare_coal.make FOLDER``: canonical files from stock-knowledge-graph's import_*.csv."""

import csv
import sys
from pathlib import Path

from samples.canonical import write

HERE = Path(__file__).parent
INDUSTRY = "煤炭行业"
CHAIR = ("董事长", "董事长/董事", "董事长/执行董事")
INDEPENDENT = ("独立董事", "独立非执行董事")


def main(source: Path) -> None:
    """The chairman decides, and each independent director is said to be heard by the chairmen on whose boards they sit: an assumption, not a fact."""

    def rows(name: str) -> list[list[str]]:
        return list(csv.reader((source / f"import_{name}.csv").open(encoding="utf-8", newline="")))[1:]

    coal = next(id_ for id_, name, _ in rows("industry") if name == INDUSTRY)
    listed = {stock for stock, industry, _ in rows("stock_industry") if industry == coal}
    names, people = {row[0]: row[1] for row in rows("stock")}, {row[0]: row[1] for row in rows("executive")}
    seats = [(person, job, stock) for person, job, stock, _ in rows("executive_stock") if stock in listed]
    chairs: dict[str, str] = {}
    for person, job, stock in seats:
        if job in CHAIR:
            chairs.setdefault(stock, person)
    sits = sorted({(person, stock) for person, job, stock in seats if job in INDEPENDENT and stock in chairs and person != chairs[stock]})
    known = sorted({*chairs.values(), *(person for person, _ in sits)})
    short = {person: f"d{number:03d}" for number, person in enumerate(known, 1)}
    write(HERE / "companies.csv", "company_id name kinds industry", [[stock, names[stock], "account", INDUSTRY] for stock in sorted(chairs)])
    write(HERE / "people.csv", "person_id name", [[short[person], people[person]] for person in known])
    write(HERE / "employments.csv", "person_id company_id title", [[short[chairs[stock]], stock, "董事长"] for stock in sorted(chairs)])
    write(HERE / "roles.csv", "person_id role company_id", [[short[chairs[stock]], "DECISION_MAKER", stock] for stock in sorted(chairs)])
    write(HERE / "affiliations.csv", "person_id company_id kind strength", [[short[person], stock, "board", "strong"] for person, stock in sits])
    heard = sorted({(short[person], short[chairs[stock]]) for person, stock in sits})
    write(HERE / "influence.csv", "from_id to_id kind strength", [[who, whom, "ADVISES", "medium"] for who, whom in heard])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
