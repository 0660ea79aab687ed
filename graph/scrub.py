"""Takes a person out of the files that loads leave in a home: rejected rows and reports. Back-ups and what was loaded are their owner's."""

import csv
import re
from collections.abc import Collection
from pathlib import Path

import orjson

from graph.identity import PHONE, bare

NUMBER = re.compile(r"\+?\d[\d ()/.-]*\d")
LEFT_OUT = "(left out: it named somebody who was erased)"
SHORTEST = 4
"""Names of fewer Latin letters are only looked for as whole cells: ``Li`` stands within too many words."""
TAIL = 7
"""So many last digits tell phone numbers apart, whatever is dialled before them."""


class Terms:
    """What names a person: cells that hold one, as a whole or an item of a list, and texts in which one stands.

    Addresses are looked for without the scheme that aliases bear, phone numbers by their last digits, however they are grouped.
    """

    def __init__(self, names: Collection[str]) -> None:
        self._exact = {form for name in names for form in (name.casefold(), bare(name.casefold()))}
        self._tails = {tail for name in names if name.startswith(PHONE) and (tail := _tail(name))}
        within = [re.escape(name) for name in self._exact if len(name) >= SHORTEST or not name.isascii()]
        quoted = [re.escape(repr(name)) for name in self._exact]
        latin = [rf"(?<!\w){term}(?!\w)" for term in within if term.isascii()]
        self._within = re.compile("|".join([*quoted, *latin, *(term for term in within if not term.isascii())]))

    def in_cell(self, cell: str) -> bool:
        """Whether a cell names the person."""
        text = cell.casefold()
        return any(item.strip() in self._exact for item in text.split(";")) or bool(self._within.search(text)) or self._dialled(text)

    def _dialled(self, text: str) -> bool:
        return bool(self._tails) and any(_tail(number) in self._tails for number in NUMBER.findall(text))


def _tail(number: str) -> str:
    """The last digits; nothing where there are too few."""
    digits = "".join(filter(str.isdigit, number))
    return digits[-TAIL:] if len(digits) >= TAIL else ""


def scrub(reports: Path, names: Collection[str]) -> int:
    """Takes every row and every line that names the person out of the reports; how many files changed."""
    terms = Terms(names)
    changed = 0
    for path in sorted(reports.rglob("*")):
        if path.suffix == ".csv":
            changed += _scrub_rows(path, terms)
        elif path.suffix == ".json":
            changed += _scrub_report(path, terms)
    return changed


def _scrub_rows(path: Path, terms: Terms) -> bool:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file)) or [[]]
    left = [row for row in rows if not any(map(terms.in_cell, row))]
    if left == rows:
        return False
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *left])
    return True


def _scrub_report(path: Path, terms: Terms) -> bool:
    report = orjson.loads(path.read_bytes())
    left = {**report, "warnings": [LEFT_OUT if terms.in_cell(text) else text for text in report.get("warnings", [])]}
    if conflicts := report.get("conflicts"):
        first = [each for each in conflicts["first"] if not any(terms.in_cell(str(value)) for value in each.values())]
        left["conflicts"] = {**conflicts, "first": first}
    if left == report:
        return False
    path.write_bytes(orjson.dumps(left, option=orjson.OPT_INDENT_2))
    return True
