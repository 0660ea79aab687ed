"""From a file to sheets of text records, a stretch at a time: each record bears the line on which it starts, or why it cannot be read."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from math import isnan
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from graph.errors import InvalidInput
from loaders.encodings import delimiter_of, encoding_of
from loaders.files import File

LARGEST_CELL = 1_000_000
BATCH = 10_000
Record = tuple[int, list[str], str]
"""Line, cells, and why it cannot be read (empty: it can)."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of text inside a file: where rejects say that it stands, the names that may tell what it is, its records, and what was found out."""

    path: Path
    names: tuple[str, ...]
    records: Callable[[], Iterator[Record]]
    says: str = ""
    workbook: bool = False


def sheets_of(file: File, encoding: str | None = None) -> Iterator[Sheet]:
    """The sheets of a file. Raises InvalidInput when it cannot be read at all."""
    yield from {"text": _text, "json": _json, "lines": _lines, "workbook": _workbook, "parquet": _parquet}[file.form](file, encoding)


def shown(value: Any) -> str:
    """A value as the text that a person would have typed: 1200.0 is 1200, midnight is a day, a list is joined by ``;``."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else "" if isnan(value) else repr(value)
        case datetime():
            return value.date().isoformat() if value.time() == time(0) and value.tzinfo is None else value.isoformat()
        case date() | time():
            return value.isoformat()
        case list():
            return ";".join(shown(item) for item in value)
        case dict():
            return orjson.dumps(value, default=str).decode()
        case bytes():
            return value.decode("utf-8", "replace")
        case _:
            return str(value)


class Lines:
    """Lines for a csv reader that can be given back: those of a record stay held until it is read well."""

    def __init__(self, source: Iterable[str]) -> None:
        self.source, self.held, self.back = iter(source), list[str](), list[str]()

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = self.back.pop() if self.back else next(self.source)
        self.held.append(line)
        return line


def _text(file: File, encoding: str | None) -> Iterator[Sheet]:
    found = encoding_of(file) if encoding is None else None
    codec = encoding or (found.codec if found else "")

    def opened() -> io.TextIOWrapper:
        errors = "surrogateescape" if codec.startswith("utf-8") else "strict"
        return io.TextIOWrapper(file.open(), encoding=codec, errors=errors, newline="")

    def records() -> Iterator[Record]:
        try:
            with opened() as text:
                delimiter = delimiter_of(text)
            with opened() as text:
                yield from _records(text, delimiter)
        except UnicodeError as error:
            raise InvalidInput(f"{file.path}: not {codec} ({error}). Save the file as UTF-8.", file=str(file.path)) from None

    yield Sheet(file.path, (file.stem,), records, found.says if found else "")


def _records(text: Iterable[str], delimiter: str) -> Iterator[Record]:
    csv.field_size_limit(LARGEST_CELL)
    lines, at = Lines(text), 1
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # A quote that never closes swallows what follows: only the line that opened it is refused, the others are read again.
            reason = f"is not CSV ({error}): mend the quotes there"
            if len(lines.held[0]) > LARGEST_CELL:
                reason = f"holds a cell of more than {LARGEST_CELL:,} characters"
            yield at, [lines.held[0].rstrip("\r\n")[:LARGEST_CELL]], reason
            lines.back += lines.held[:0:-1]
            at += 1
        else:
            fault = "" if _whole("".join(record)) else "is not UTF-8"
            yield at, record if not fault else [cell.encode("utf-8", "replace").decode() for cell in record], fault
            at += len(lines.held)
        lines.held.clear()


def _whole(text: str) -> bool:
    """Whether no half of a character stands for a byte that is not UTF-8."""
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


def _flat(record: Any, before: str = "") -> dict[str, str]:
    """An object as cells: ``account.name`` for what stands deeper."""
    made: dict[str, str] = {}
    for name, value in record.items():
        made.update(_flat(value, f"{before}{name}.") if isinstance(value, dict) else {before + name: shown(value)})
    return made


def _under(names: Iterable[str], rows: Iterable[tuple[int, dict[str, str], str]]) -> Iterator[Record]:
    """Objects as records under one header, which comes first, as line 0."""
    header = list(names)
    yield 0, header, ""
    for line, row, fault in rows:
        yield line, [row.get(name, "") for name in header] if not fault else list(row.values()), fault


def _json(file: File, _: str | None) -> Iterator[Sheet]:
    try:
        with file.open() as opened:
            document = orjson.loads(opened.read())
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"{file.path}: line {error.lineno}: not JSON ({error.msg}). Mend it there.", file=str(file.path)) from None
    found = list(_lists(document, ""))
    for name, objects in found:
        flat = [(at, _flat(item), "") if isinstance(item, dict) else (at, {"": shown(item)}, "is no object") for at, item in enumerate(objects, 1)]
        names = dict.fromkeys(name for _, row, fault in flat if not fault for name in row)
        path = file.path if len(found) == 1 else file.path.with_name(f"{file.path.name}[{name}]")
        yield Sheet(path, (file.stem, name.rpartition(".")[2]) if len(found) == 1 else (name.rpartition(".")[2],), _again(names, flat))


def _again(names: Iterable[str], rows: list[tuple[int, dict[str, str], str]]) -> Callable[[], Iterator[Record]]:
    return lambda: _under(names, rows)


def _lists(value: Any, name: str) -> Iterator[tuple[str, list[Any]]]:
    """Every list of objects in a document, by its path."""
    if isinstance(value, list):
        if any(isinstance(item, dict) for item in value):
            yield name, value
    elif isinstance(value, dict):
        inner = [found for key, item in value.items() for found in _lists(item, f"{name}.{key}" if name else key)]
        yield from inner or ([(name, [value])] if not name else [])


def _lines(file: File, _: str | None) -> Iterator[Sheet]:
    def objects() -> Iterator[tuple[int, dict[str, str], str]]:
        with file.open() as opened:
            for at, line in enumerate(opened, 1):
                if not line.strip():
                    continue
                try:
                    record = orjson.loads(line.removeprefix(b"\xef\xbb\xbf"))
                except orjson.JSONDecodeError as error:
                    yield at, {"": line.decode("utf-8", "replace").strip()}, f"is not JSON ({error.msg})"
                else:
                    yield (at, _flat(record), "") if isinstance(record, dict) else (at, {"": shown(record)}, "is no object")

    def records() -> Iterator[Record]:
        return _under(dict.fromkeys(name for _, row, fault in objects() if not fault for name in row), objects())

    yield Sheet(file.path, (file.stem,), records)


@contextmanager
def _book(file: File, *, values: bool) -> Iterator[openpyxl.Workbook]:
    with file.whole() as opened:
        try:
            book = openpyxl.load_workbook(opened, read_only=True, data_only=values)
        except (zipfile.BadZipFile, KeyError, ValueError, OSError, ParseError) as error:
            raise InvalidInput(f"{file.path}: no workbook that can be read ({error}). Save it again as .xlsx.", file=str(file.path)) from None
        with closing(book):
            yield book


def _workbook(file: File, _: str | None) -> Iterator[Sheet]:
    def reading(name: str) -> Callable[[], Iterator[Record]]:
        def records() -> Iterator[Record]:
            with _book(file, values=True) as worked_out, _book(file, values=False) as typed:
                sheets = worked_out[name], typed[name]
                for sheet in sheets:
                    sheet.reset_dimensions()
                for at, rows in enumerate(zip(*(sheet.iter_rows(values_only=True) for sheet in sheets), strict=True), 1):
                    # A formula that no program has worked out yet has no value: it is told as it was typed, never dropped.
                    yield at, [shown(as_typed if cell is None else cell) for cell, as_typed in zip(*rows, strict=True)], ""

        return records

    with _book(file, values=True) as book:
        names = [sheet.title for sheet in book.worksheets]
    for name in names:
        path = file.path if len(names) == 1 else file.path.with_name(f"{file.path.name}[{name}]")
        yield Sheet(path, (file.stem, name) if len(names) == 1 else (name,), reading(name), workbook=True)


def _parquet(file: File, _: str | None) -> Iterator[Sheet]:
    def records() -> Iterator[Record]:
        try:
            with file.whole() as opened, pq.ParquetFile(opened) as parquet:
                yield 0, pa.Table.from_batches([], parquet.schema_arrow).flatten().column_names, ""
                at = 0
                for batch in parquet.iter_batches(BATCH):
                    columns = [column.to_pylist() for column in pa.Table.from_batches([batch]).flatten().columns]
                    for row in zip(*columns, strict=True):
                        at += 1
                        yield at, [shown(cell) for cell in row], ""
        except pa.ArrowException as error:
            raise InvalidInput(f"{file.path}: no Parquet file that can be read ({error}). Write it again.", file=str(file.path)) from None

    yield Sheet(file.path, (file.stem,), records)
