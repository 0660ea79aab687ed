"""From files to frames of text: one column a column, and the physical line on which each record starts. Pure."""

import csv
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from graph.errors import InvalidInput
from loaders.columns import Kind
from loaders.kinds import KIND

LINE = "__line__"


@dataclass(frozen=True, slots=True)
class Table:
    """One file as it stands: its kind, its cells as stripped text under canonical column names, and what had no place."""

    kind: Kind
    path: Path
    cells: pd.DataFrame
    unknown: tuple[str, ...]
    ragged: tuple[int, ...]


def find_files(paths: list[Path]) -> list[Path]:
    """The files of known kinds below these paths, in the order of the kinds. Raises InvalidInput when there are none."""
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise InvalidInput(f"{path}: no such file or folder. Name a folder of canonical files, such as people.csv.", file=str(path))
        found += sorted(path.iterdir()) if path.is_dir() else [path]
    order = list(KIND)
    chosen = [path for path in found if path.suffix.lower() == ".csv" and path.stem in KIND]
    if not chosen:
        raise InvalidInput(
            f"{', '.join(map(str, paths))}: no canonical file here. The file's name is its kind: {', '.join(f'{name}.csv' for name in order)}."
        )
    return sorted(chosen, key=lambda path: (order.index(path.stem), str(path)))


def folded(name: str) -> str:
    """A header without case, spaces, hyphens and underscores."""
    return name.strip().lower().replace(" ", "").replace("-", "").replace("_", "")


def read_table(path: Path) -> Table:
    """Reads one CSV file. Raises InvalidInput when it is not UTF-8 CSV with the kind's required columns."""
    kind = KIND[path.stem]
    known = {folded(column.name): column.name for column in kind.every_column}
    rows: list[list[str]] = []
    lines: list[int] = []
    ragged: list[int] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            begins = reader.line_num + 1
            for record in reader:
                if any(cell.strip() for cell in record):
                    if len(record) == len(header):
                        rows.append(record)
                        lines.append(begins)
                    else:
                        ragged.append(begins)
                begins = reader.line_num + 1
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path}: not UTF-8 at byte {error.start}. Save the file as UTF-8.", file=str(path)) from None
    except csv.Error as error:
        raise InvalidInput(f"{path}: line {reader.line_num}: not CSV ({error}). Mend the quotes there.", file=str(path)) from None
    names = [known.get(folded(name), "") for name in header]
    if twice := sorted({name for name in names if name and names.count(name) > 1}):
        raise InvalidInput(f"{path}: column {', '.join(twice)} stands twice. Keep one of them.", file=str(path))
    if missing := [column.name for column in kind.columns if column.required and column.name not in names]:
        raise InvalidInput(f"{path}: column {', '.join(missing)} is missing. The columns here: {', '.join(header) or 'none'}.", file=str(path))
    keep = [index for index, name in enumerate(names) if name]
    cells = pd.DataFrame([[row[index].strip() for index in keep] for row in rows], columns=[names[index] for index in keep], dtype=object)
    cells[LINE] = lines
    return Table(kind, path, cells, tuple(name for name, place in zip(header, names, strict=True) if not place), tuple(ragged))
