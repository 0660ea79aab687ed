"""Proposes a mapping for files that nobody described, and says in words what a mapping does."""

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files
from itertools import islice
from pathlib import Path

from graph.errors import InvalidInput
from loaders.columns import Column, Kind, Refused
from loaders.files import File, find_files
from loaders.frames import HEADER_WITHIN, Tables
from loaders.kinds import KINDS
from loaders.mapping import PLACE, Cell, Make, Mapping, Plan, folded, is_id, presets
from loaders.sheets import Sheet, sheets_of

LOOK = 1_000
LEAST = 0.6
"""A column that is less sure than this is left to the person."""
OURS = 1.0
"""How surely our own name of a column means it. What cannot be read below it is refused and told by the load, not left out unseen."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A column of a kind, from which header, and how sure: how alike the names are, times the share of cells that can be read."""

    column: Column
    header: str
    sure: float


def proposal(paths: list[Path], unpacked_mib: int) -> str:
    """A mapping file for these files: a preset's name where one fits, else a table a file, each column with how sure it is.

    Raises InvalidInput when no sheet has a header.
    """
    sheets = [sheet for file in find_files(paths, unpacked_mib) if isinstance(file, File) for sheet in sheets_of(file)]
    made = [text for sheet in sheets if (text := _table(sheet))]
    if not made:
        raise InvalidInput(f"{', '.join(map(str, paths))}: no table of text here. Name files such as people.csv.")
    hints = [f"# {sheet.path.name}: {fit}" for sheet in sheets if (fit := known_preset(sheet))]
    about = {
        "name": folded(paths[0].stem.split(".")[0]) or "mine",
        "about": f"Proposed for {', '.join(path.name for path in paths)}; read it before you use it.",
    }
    return "\n".join([*hints, *([""] if hints else []), *(f"{name} = {quoted(text)}" for name, text in about.items()), "", *made])


def quoted(text: str) -> str:
    """A text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False)


def _head(sheet: Sheet) -> list[list[str]]:
    return [[cell.strip() for cell in cells] for _, cells, fault in islice(sheet.records(), HEADER_WITHIN) if not fault]


def known_preset(sheet: Sheet) -> str:
    """The preset that reads most of a sheet's headers, if it reads at least half of them."""
    best = ("", "", 0, 1)
    for cells in _head(sheet)[:10]:
        for name, mapping in presets().items():
            for table in mapping.tables:
                plan = Plan(mapping, table, cells)
                if not plan.lacks and len(plan.used) > best[2]:
                    best = (name, table, len(plan.used), sum(map(bool, cells)))
    name, table, used, of = best
    return f"--preset {name} reads {used} of {of} columns as its table {table}" if used * 2 >= of else ""


@cache
def _words() -> dict[tuple[str, str], dict[str, float]]:
    """(Kind, column) -> header names that mean it, and how surely: our own name, one that a preset gives, or a Chinese one."""
    made: dict[tuple[str, str], dict[str, float]] = {}
    for kind in KINDS:
        for column in kind.every_column:
            made[kind.name, column.name] = {folded(column.name.removesuffix("_id")): 0.95, folded(column.name): OURS}
    for mapping in presets().values():
        for _, part, make in mapping.every_make():
            for name, cell in make.columns.items():
                for header in cell.headers:
                    made[make.kind or part, name].setdefault(folded(header), 0.9)
    for kind_name, columns in tomllib.loads(files(__package__).joinpath("headers.toml").read_text(encoding="utf-8")).items():
        for name, headers in columns.items():
            made[kind_name, name] |= {folded(header): 0.9 for header in headers}
    return made


def _alike(kind: Kind, column: Column, header: str) -> float:
    words = _words()[kind.name, column.name]
    name = folded(header)
    return words.get(name) or max(SequenceMatcher(None, word, name).ratio() for word in words) * 0.8


def _readable(column: Column, cells: Iterable[str]) -> float:
    """The share of filled cells that the column's parser takes."""
    given, good = 0, 0
    for cell in cells:
        if cell.strip():
            given += 1
            try:
                column.parse(cell.strip(), UTC)
                good += 1
            except Refused:
                pass
    return good / given if given else 0.5


def guessed(kind: Kind, header: list[str], rows: list[list[str]]) -> list[Guess]:
    """The likeliest columns of a kind, each header once, the surest first."""
    every = []
    for place, head in enumerate(header):
        if head:
            cells = [row[place] for row in rows if place < len(row)]
            for column in kind.every_column:
                alike = _alike(kind, column, head)
                sure = alike * _readable(column, cells)
                if sure >= LEAST or (sure and alike == OURS):
                    every.append(Guess(column, head, sure))
    every.sort(key=lambda guess: -guess.sure)
    taken: list[Guess] = []
    for guess in every:
        if not any(other.column is guess.column or other.header == guess.header for other in taken):
            taken.append(guess)
    return taken


def _table(sheet: Sheet) -> str:
    head = _head(sheet)
    if not head:
        return ""
    top = max(range(min(len(head), 10)), key=lambda at: (len(set(filter(None, head[at]))), -at))
    header = head[top]
    rows = [cells for _, cells, fault in islice(sheet.records(), top + 1, top + 1 + LOOK) if not fault]

    def worth(kind: Kind) -> tuple[float, float]:
        found = guessed(kind, header, rows)
        required = [column for column in kind.columns if column.required]
        have = sum(any(guess.column is column for guess in found) for column in required)
        named = any(folded(kind.name).rstrip("s") in folded(name) for name in sheet.names)
        return have / max(len(required), 1) + named, sum(guess.sure for guess in found)

    kind = max(KINDS, key=worth)
    found = guessed(kind, header, rows)
    name = quoted(sheet.names[0])
    strange = [] if found else [f"# No column of {name} is recognised: write the headers yourself, and take the kind that the rows tell of."]
    named = [
        guess
        for guess in found
        if guess.column.ref == "Company" != kind.label and not guess.column.several and _names(rows, header.index(guess.header))
    ]
    lines = [*strange, f"[tables.{name}]", f"files = {name}", "", f"[tables.{name}.makes.{kind.name}.columns]"]
    sure = {guess.column.name: guess for guess in found}
    for column in kind.every_column:
        guess = sure.get(column.name)
        twin = sure.get({kind.identifies: "name", "name": kind.identifies}.get(column.name) or "")
        if guess:
            source = quoted(guess.header)
            taken = f'{{ from = {source}, space = "company" }}' if guess in named else source
            lines.append(f"{column.name} = {taken}  # {guess.sure:.2f}")
        elif column.required and twin:
            lines.append(f"{column.name} = {quoted(twin.header)}  # {twin.sure / 2:.2f}, for want of a better one")
        elif column.required:
            lines.append(f"# {column.name} = ...  # needed, and nothing here looks like it: {column.doc}")
    spare = [head for head in header if head and not any(guess.header == head for guess in found)]
    lines += [line for number, guess in enumerate(named) for line in _companies(f"tables.{name}.makes", number, guess.header)]
    return "\n".join([*lines, *([f"# left out: {', '.join(spare)}"] if spare else []), ""])


def _names(rows: list[list[str]], place: int) -> bool:
    """Whether the cells of a column read as names and not as ids: most have a space or a letter that is not Latin."""
    cells = [cell.strip() for row in rows if place < len(row) and (cell := row[place]).strip()]
    return 2 * sum(" " in cell or not cell.isascii() for cell in cells) > len(cells)


def _companies(makes: str, number: int, header: str) -> list[str]:
    """The part of a table that makes companies of the names in a column; other rows name them by these."""
    part = "companies" if not number else f"companies_{number + 1}"
    return [
        "",
        f"# {header} holds names: each makes a company. Take this part and the space above out where another file has these companies.",
        f"[{makes}.{part}]",
        *([] if part == "companies" else ['kind = "companies"']),
        'needs = "company_id"',
        "once = true",
        f'columns = {{ company_id = {{ from = {quoted(header)}, space = "company" }}, name = {quoted(header)} }}',
    ]


def explained(mapping: Mapping) -> str:
    """What a mapping reads and makes, in words."""
    lines = [f"{mapping.name}: {mapping.about}"]
    if mapping.tested:
        lines.append(f"Tested on: {mapping.tested}")
    lines.append(f"Ids become {'<source>:<id>' if mapping.prefix else 'what they are'}.")
    if mapping.ids == "salesforce":
        lines.append("Ids of 15 and of 18 characters are one.")
    if mapping.encoding:
        lines.append(f"Text is read as {mapping.encoding}.")
    for name, table in mapping.tables.items():
        told = f"files named {', '.join(table.files)}" if table.files else "any file with its headers"
        lines.append(f"\n{name} ({told}{', or any with its headers' if table.files and table.by_header else ''})")
        lines += [line for part, make in table.makes.items() for line in _make(part, make)]
    return "\n".join(lines)


def _make(part: str, make: Make) -> list[str]:
    kind = next(kind for kind in KINDS if kind.name == (make.kind or part))
    rules = [f"only where {header} is {' or '.join(map(repr, texts))}" for header, texts in make.where.items()]
    rules += [f"not where {header} is {' or '.join(map(repr, texts))}" for header, texts in make.unless.items()]
    rules += [f"not without {', '.join(make.needs)}"] if make.needs else []
    rules += [f"not where {' and '.join(make.differ)} are the same"] if make.differ else []
    rules += [f"one row for each item of {make.each}"] if make.each else []
    rules += ["the first row of each id"] if make.once else []
    rules += ["each row holds until the next of the same fact"] if make.changes else []
    lines = [f"  makes {kind.name}{': ' + '; '.join(rules) if rules else ''}"]
    columns = {column.name: column for column in kind.every_column}
    return lines + [f"    {name:<20} {_cell(cell)}{' (an id)' if is_id(columns[name], kind) else ''}" for name, cell in make.columns.items()]


def _cell(cell: Cell) -> str:
    if cell.value is not None:
        return f"always {cell.value!r}"
    texts = [f"{template} if all Chinese" for template in cell.chinese]
    text = ", else ".join([*texts, *(source if PLACE.search(source) else f"column {source}" for source in cell.sources)])
    known = f", value set {cell.values}" if isinstance(cell.values, str) else f", {len(cell.values)} values" if cell.values else ""
    other = "" if cell.otherwise is None else f" (others become {cell.otherwise or 'nothing'})"
    more = [
        said
        for said, there in (
            (f"nothing where it is {' or '.join(map(repr, cell.blank))}", cell.blank),
            (f"of it what {cell.pattern!r} takes", cell.pattern),
            ("without HTML", cell.html),
            (f"split at {cell.split!r}", cell.split),
            (f"a date as {' or '.join(cell.dates)}", cell.dates),
            ("an inclusive end", cell.inclusive),
            (f"an id after {cell.space}:", cell.space),
        )
        if there
    ]
    return text + known + other + "".join(f", {said}" for said in more)


def tried(mapping: Mapping, paths: list[Path], day: date, unpacked_mib: int) -> str:
    """What a mapping makes of these files, true on a day: rows by file and kind, and what it tells."""
    tables = Tables(paths, mapping.on(day), mapping.name, unpacked_mib)
    rows: dict[tuple[str, str], int] = {}
    for table in tables:
        place = table.path.name, table.kind.name
        rows[place] = rows.get(place, 0) + len(table) + len(table.broken)
    lines = [f"{file:<30} {tables.read[file]:>8} rows -> {kind:<14} {count:>8}" for (file, kind), count in rows.items()]
    return "\n".join([*lines, *tables.warnings])
