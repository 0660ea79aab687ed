"""From any supported file to frames of text under canonical names, a stretch of rows at a time."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fnmatch import fnmatchcase
from itertools import islice, pairwise
from pathlib import Path

import pandas as pd

from graph.errors import InvalidInput
from graph.words import counted
from loaders.cells import ROUNDED, Findings, Warned, cleaned
from loaders.columns import Kind, end, past, phones, start
from loaders.files import FORMS, File, find_files
from loaders.mapping import CANONICAL, LINE, Cell, Mapping, Plan, folded
from loaders.sheets import Record, Sheet, sheets_of
from loaders.tables import Broken, Table

CHUNK = 10_000
HEADER_WITHIN = 60
TELLING = 3
"""How many of its headers tell a table whose name does not."""
ROUNDED_OFF = ("rounded by Excel, left out: the digits are lost",) * 2
DAY_NUMBER = "day number of Excel, read as a date", "day numbers of Excel, read as dates"
SERIAL = re.compile(r"[2-7]\d{4}(?:\.\d+)?")
TOTALS = {"total", "totals", "grandtotal", "grandtotals", "subtotal", "sum", "合计", "总计", "小计", "合計", "總計", "小計", "共计"}
NUMBER = re.compile(r"[+-]?[\d.,\s]+%?")
BEGINS = {word[0] for word in TOTALS}


@dataclass(slots=True)
class Tables:
    """The tables of files, read anew at each iteration; memory holds one stretch. ``warned`` and ``warnings`` tell of the last iteration.

    Iterating raises InvalidInput when a path, an archive or a file cannot be read at all, or when no file fits the mapping.
    """

    paths: list[Path]
    mapping: Mapping = CANONICAL
    source: str = "canonical"
    unpacked_mib: int = 4_096
    chunk: int = CHUNK
    warned: list[Warned] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=dict)

    @property
    def warnings(self) -> list[str]:
        """The report's lines, with the cells that they quote."""
        return [each.said() for each in self.warned]

    def _warn(self, text: str) -> None:
        self.warned.append(Warned(text))

    def __iter__(self) -> Iterator[Table]:
        self.warned, self.read, spare = [], {}, list[str]()
        fitting = []
        for file in find_files(self.paths, self.unpacked_mib):
            told = len(self.warned)
            found = self._fitting(file) if isinstance(file, File) else []
            if not found and told == len(self.warned):
                spare.append(str(file.path.name if isinstance(file, File) else file.name))
            fitting += found
        if not fitting:
            raise InvalidInput(f"{', '.join(map(str, self.paths))}: no {self.mapping.name} file here. {self._expected()}")
        if spare:
            self._warn(f"left out, no table of {self.mapping.name}: {', '.join(spare)}")
        order = list(self.mapping.tables)
        for sheet, plan, top in sorted(fitting, key=lambda found: order.index(found[1].name)):
            yield from self._tables(sheet, plan, top)

    def _expected(self) -> str:
        if self.mapping is CANONICAL:
            kinds = f"The file's name is its kind ({', '.join(self.mapping.tables)}), its suffix one of {', '.join(FORMS)}."
            return f"{kinds} A file of another system: --preset NAME, or `dottedline mapping guess FILE` proposes a mapping."
        return f"Its tables: {', '.join(self.mapping.tables)}. `dottedline mapping guess FILE` proposes a mapping."

    def _fitting(self, file: File) -> list[tuple[Sheet, Plan, int]]:
        """The sheets of a file that a table of the mapping knows, and after how many records each one's data begins."""
        found = []
        for sheet in sheets_of(file, self.mapping.encoding):
            named = [name for name in self.mapping.tables if self._named(name, sheet)]
            asked = named or [name for name, table in self.mapping.tables.items() if table.by_header]
            if asked:
                head = [cells for _, cells, _ in islice(sheet.records(), HEADER_WITHIN)]
                if named and not any(cell.strip() for cells in head for cell in cells):
                    self._warn(f"{sheet.path.name}: empty, passed over")
                    continue
                fits = [fit for name in asked if (fit := header_in(head, self.mapping, name))]
                fits = [fit for fit in fits if named or len(fit[0].used) >= TELLING]
                best = [fit for fit in fits if len(fit[0].used) == max(len(plan.used) for plan, _ in fits)]
                if len(best) == 1 or (named and best):
                    found.append((sheet, *best[0]))
                elif best:
                    names = ", ".join(plan.name for plan, _ in best)
                    self._warn(f"{sheet.path.name}: left out, its headers fit several tables: give the file one of the names {names}")
                elif named and not self.mapping.tables[named[0]].by_header:
                    raise InvalidInput(f"{sheet.path}: {self._lacking(named[0], head)}", file=str(sheet.path))
                elif named:
                    self._warn(f"{sheet.path.name}: left out as {named[0]}: {self._lacking(named[0], head)}")
        return found

    def _named(self, name: str, sheet: Sheet) -> bool:
        return any(fnmatchcase(folded(given), folded(glob)) for given in sheet.names for glob in self.mapping.tables[name].files)

    def _lacking(self, name: str, head: list[list[str]]) -> str:
        plans = (Plan(self.mapping, name, cells) for cells in head or [[]])
        nearest = max(plans, key=lambda plan: (len(plan.place.keys() & _wanted(plan)), -len(plan.lacks)))
        here = ", ".join(cell.strip() for cell in nearest.header if cell.strip()) or "none"
        lacks = ", ".join(f"{name}{_filled_by(nearest, name)}" for name in nearest.lacks)
        return f"{'column' if len(nearest.lacks) == 1 else 'columns'} {lacks} not found. The columns here: {here}."

    def _tables(self, sheet: Sheet, plan: Plan, top: int) -> Iterator[Table]:
        if plan.twice:
            raise InvalidInput(f"{sheet.path}: column {', '.join(plan.twice)} stands twice. Keep one of them.", file=str(sheet.path))
        name, findings, left, seen = sheet.path.name, Findings(), Counter[str](), set[tuple[str, str]]()
        if sheet.says:
            self._warn(f"{name}: {sheet.says}")
        if plan.unknown:
            self._warn(f"{name}: left out unknown columns {', '.join(plan.unknown)}")
        records = sheet.records()
        before = [cells for _, cells, _ in islice(records, top)]
        if above := sum(any(cell.strip() for cell in cells) for cells in before) - 1:
            self._warn(f"{name}: {counted(above, 'line')} above the data taken as title or header")
        while True:
            stretch = list(islice(records, self.chunk))
            yield from self._stretch(sheet, plan, stretch, findings, left, seen)
            if len(stretch) < self.chunk:
                break
        self.read[name] = left["read"]
        if left["made nothing"]:
            self._warn(f"{name}: {counted(left['made nothing'], 'row')} that no part of {plan.name} takes (first: line {left['first']})")
        self.warned += findings.told(name)

    def _stretch(
        self, sheet: Sheet, plan: Plan, stretch: Sequence[Record], findings: Findings, left: Counter[str], seen: set[tuple[str, str]]
    ) -> Iterator[Table]:
        width, rows, lines, broken = len(plan.header), list[list[str]](), list[int](), list[Broken]()
        needed, names = _needed(plan), _names(plan)
        for line, cells, fault in stretch:
            if not fault and len(cells) == width and _plain(cells[0]):
                rows.append(cells)
                lines.append(line)
                continue
            record = cells
            if sheet.workbook or len(cells) > width:
                # Cells beyond the header that hold nothing are what spreadsheets leave behind.
                record = [*cells[:width], *[""] * (width - len(cells))] if not any(cell.strip() for cell in cells[width:]) else cells
            if not fault and not any(cell.strip() for cell in record):
                continue
            if _total(record, needed, names):
                told = ", ".join(cell.strip() for cell in record if cell.strip())
                findings.add("", "row of totals, left out", line, told, many="rows of totals, left out")
                continue
            if fault or len(record) != width:
                reason = fault or f"has another number of cells ({len(record)}) than the header ({width})"
                broken.append(Broken(line, tuple(record), reason))
                continue
            rows.append(record)
            lines.append(line)
        left["read"] += len(rows) + len(broken)
        columns = list(zip(*rows, strict=True)) if rows else [()] * width
        at = pd.Series(lines, dtype=object)
        raw = pd.DataFrame(
            {place: cleaned(plan.header[place].strip(), list(map(str.strip, columns[place])), lines, findings) for place in sorted(plan.used)},
            index=at.index,
            dtype=object,
        )
        made = plan.frames(raw, at, self.source, findings, seen)
        if spare := set(lines).difference(*(frame[LINE] for *_, frame in made)):
            left["first"] = left["first"] or min(spare)
            left["made nothing"] += len(spare)
        for order, (kind, make, frame) in enumerate(made):
            typed = self._typed(kind, frame, findings, workbook=sheet.workbook)
            texts = {str(name): typed[name].tolist() for name in typed if name != LINE}
            yield Table(kind, sheet.path, typed[LINE].tolist(), texts, () if order else tuple(broken), make.changes)

    def _typed(self, kind: Kind, frame: pd.DataFrame, findings: Findings, *, workbook: bool) -> pd.DataFrame:
        """What spreadsheets do to numbers: rounded phones are left out, day numbers become dates. Each is told."""
        for column in kind.every_column:
            if column.name not in frame or not (workbook or column.parse is phones):
                continue
            pattern = ROUNDED if column.parse is phones else SERIAL if column.parse in (start, end, past) else None
            if pattern is None:
                continue
            hits = frame[column.name].str.fullmatch(pattern.pattern).astype(bool)
            for index in frame.index[hits]:
                what, many = ROUNDED_OFF if pattern is ROUNDED else DAY_NUMBER
                findings.add(column.name, what, int(str(frame.at[index, LINE])), str(frame.at[index, column.name]), many=many)
            frame.loc[hits, column.name] = "" if pattern is ROUNDED else frame.loc[hits, column.name].map(serial_day)
        return frame


def serial_day(cell: str) -> str:
    """The day of Excel's number of it."""
    return (date(1899, 12, 30) + timedelta(days=int(float(cell)))).isoformat()


def _wanted(plan: Plan) -> set[str]:
    return {folded(name) for make in plan.table.makes.values() for cell in make.columns.values() for name in cell.headers}


def _filled_by(plan: Plan, column: str) -> str:
    """In brackets the headers that may fill a column, where it has none of its own name."""
    cells = [make.columns[column] for make in plan.table.makes.values() if column in make.columns]
    headers = list(dict.fromkeys(source for cell in cells for source in cell.sources if source != column))
    return f" ({' or '.join(headers)})" if headers else ""


def _needed(plan: Plan) -> list[list[int]]:
    """For each required column of the first part, the places that may fill it."""
    _, kind, make = plan.makes[0]
    cells = [make.columns[column.name] for column in kind.columns if column.required]
    return [_places(plan, cell) for cell in cells if cell.sources]


def _plain(first: str) -> bool:
    """Whether a record that begins so holds something and is no sum."""
    return bool(first) and not first[0].isspace() and first[0].lower() not in BEGINS


def _names(plan: Plan) -> list[int]:
    """The places of a name that stands beside an id, in the first part."""
    _, kind, make = plan.makes[0]
    cell = make.columns.get("name")
    return _places(plan, cell) if cell and kind.identifies not in (None, "name") else []


def _places(plan: Plan, cell: Cell) -> list[int]:
    """Where the headers stand that may fill a cell."""
    return [plan.place[folded(name)] for name in cell.headers if folded(name) in plan.place]


def _total(record: Sequence[str], needed: list[list[int]], names: list[int]) -> bool:
    """Whether a record is the sum of those above: it begins so, and lacks what a row needs, or a number is its name and the rest are numbers."""
    first, *others = [cell.strip() for cell in record if cell.strip()] or [""]
    if first[:1].lower() not in BEGINS or folded(first).rstrip(":：") not in TOTALS:
        return False
    numbered = any(place < len(record) and NUMBER.fullmatch(record[place]) for place in names) and all(map(NUMBER.fullmatch, others))
    return numbered or any(all(place >= len(record) or not record[place].strip() for place in places) for places in needed)


def header_in(head: list[list[str]], mapping: Mapping, name: str) -> tuple[Plan, int] | None:
    """The first record that can be the header of a table, and how many records come before the data.

    A header of two rows, as merged cells leave it, counts as one: what stands below wins, with what stands above where it says the same twice.
    """
    for at, cells in enumerate(head):
        plan = Plan(mapping, name, [cell.strip() for cell in cells])
        if not plan.lacks:
            both = Plan(mapping, name, merged(cells, head[at + 1])) if at + 1 < len(head) else plan
            return (both, at + 2) if not both.lacks and len(both.used) > len(plan.used) else (plan, at + 1)
    for at, (above, below) in enumerate(pairwise(head)):
        plan = Plan(mapping, name, merged(above, below))
        if not plan.lacks:
            return plan, at + 2
    return None


def merged(above: Sequence[str], below: Sequence[str]) -> list[str]:
    """Two header rows as one."""
    width = max(len(above), len(below))
    upper, lower = ([*(cell.strip() for cell in row), *[""] * (width - len(row))] for row in (above, below))
    for at in range(1, width):
        upper[at] = upper[at] or (upper[at - 1] if lower[at] else "")
    seen = Counter(folded(cell) for cell in lower)
    return [over if not under else f"{over} {under}" if seen[folded(under)] > 1 else under for over, under in zip(upper, lower, strict=True)]
