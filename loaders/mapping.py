"""Mappings as data: which table of a system makes which kinds, from which columns, with which value sets. One schema for presets and users."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase
from functools import cached_property
from html import unescape
from pathlib import Path
from typing import Annotated, Any, Self

import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from graph.declared import declared_in
from graph.errors import InvalidInput
from loaders.cells import HTML, Findings
from loaders.columns import Column, Kind, items
from loaders.identity.text import HAN
from loaders.kinds import KIND, KINDS

PRESETS = Path(__file__).parent / "mappings"
LINE = "__line__"
REASON = "rejected_because"
"""The column of a rejects file that says why; it is left out when the mended file is loaded."""
CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
PLACE = re.compile(r"\{([^{}]+)\}")
AS_OF = "{as_of}"
"""Stands in a mapping's conditions for the day on which the files are true."""
CHINESE = f"{HAN.pattern}+"


def folded(name: str) -> str:
    """A header without case, spaces, hyphens and underscores."""
    return name.strip().lower().replace(" ", "").replace("-", "").replace("_", "")


class Part(BaseModel):
    """A part of a mapping file: frozen, and an unknown name is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _listed(given: Any) -> Any:
    return [given] if isinstance(given, str) else given


Texts = Annotated[list[str], BeforeValidator(_listed)]


class Cell(Part):
    """From where a column's text comes. A text or a list of texts alone is `from`."""

    sources: Texts = Field([], alias="from", description="Headers, or templates such as `{First Name} {Last Name}`: the first that is filled.")
    chinese: Texts = Field([], description="Templates tried first, where what they make is all Chinese characters: `{Last Name}{First Name}`.")
    blank: Texts = Field([], description="Texts that mean nothing, in any case: `N/A`, `-`.")
    value: str | None = Field(None, description="The same text in every row.")
    values: str | dict[str, str] = Field({}, description="A value set, or its name under `[values]`: what a text becomes, in any case.")
    otherwise: str | None = Field(None, description="What a text outside the value set becomes, and is told; default: it stays.")
    dates: Texts = Field([], description="How dates are written: `%d %b %Y`, or `seconds` or `milliseconds` since 1970.")
    inclusive: bool = Field(False, description="The day itself still counts: an end becomes the day after.")
    split: str | None = Field(None, description="What separates the items of a list there.")
    pattern: str | None = Field(None, description="A regular expression: its first group is taken, nothing where it does not fit.")
    html: bool = Field(False, description="Tags are taken out and `&amp;` is `&`.")
    space: str = Field("", description="Put before ids, so that a user 7 and a contact 7 are two people.")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if bool(self.sources) == (self.value is not None):
            raise ValueError("name either `from` or `value`")
        if self.chinese and not self.sources:
            raise ValueError("`chinese` goes with `from`, which tells what all others are called")
        try:
            if self.pattern is not None and re.compile(self.pattern).groups < 1:
                raise ValueError("pattern needs a group in brackets")
        except re.error as error:
            raise ValueError(f"pattern is no regular expression: {error}") from None
        return self

    @property
    def headers(self) -> list[str]:
        """Every header that may be looked at."""
        return [name for source in (*self.chinese, *self.sources) for name in PLACE.findall(source) or [source]]


def _as_cell(given: Any) -> Any:
    return {"from": [given]} if isinstance(given, str) else {"from": given} if isinstance(given, list) else given


class Make(Part):
    """What each row of a table makes: one row of a kind."""

    kind: str = Field("", description="The canonical kind; default: this part's own name.")
    columns: dict[str, Annotated[Cell, BeforeValidator(_as_cell)]] = Field(description="Canonical column -> from where.")
    where: dict[str, Texts] = Field(
        {}, description='Only rows with one of these texts in a header; `""` is an empty cell, `{as_of}` the day of `--as-of`.'
    )
    unless: dict[str, Texts] = Field({}, description="No rows with one of these texts in a header.")
    needs: Texts = Field([], description="No rows in which one of these canonical columns would be empty.")
    differ: Texts = Field([], description="No rows in which these canonical columns hold the same.")
    each: str = Field("", description="A header with a list, split at `;`: one row for each item.")
    changes: bool = Field(
        False, description="A log of changes: each row holds until the next one of the same fact. Mend refused rows in the file itself."
    )
    once: bool = Field(False, description="Only the first row of each id, whichever part of the table makes it.")

    def on(self, day: date) -> "Make":
        """Its conditions with the day written in."""

        def written(given: dict[str, list[str]]) -> dict[str, list[str]]:
            return {header: [text.replace(AS_OF, day.isoformat()) for text in texts] for header, texts in given.items()}

        return self.model_copy(update={"where": written(self.where), "unless": written(self.unless)})


class Table(Part):
    """A table of the system: a file, or a sheet of a workbook."""

    about: str = Field("", description="What it is.")
    files: Texts = Field([], description="Names that tell it, in any case, with `*`; a table may also be told by its headers.")
    by_header: bool = Field(True, description="Whether its headers alone tell it.")
    ignore: Texts = Field([], description="Headers that are known and left out; a `*` stands for any text.")
    makes: dict[str, Make] = Field(description="What its rows make.")


class Mapping(Part):
    """A mapping file."""

    name: str = Field(description="Default of `--source`.")
    about: str = Field(description="What it reads.")
    tested: str = Field("", description="On what it was tested.")
    prefix: bool = Field(True, description="Whether ids become `<source>:<id>`.")
    ids: str = Field("as written", pattern="^(as written|salesforce)$", description="`salesforce`: 15 and 18 characters are one, `@` goes.")
    encoding: str | None = Field(None, description="Of text files; default: found by looking.")
    values: dict[str, dict[str, str]] = Field({}, description="Value sets by name.")
    tables: dict[str, Table] = Field(description="The tables that it knows.")

    @model_validator(mode="after")
    def _known(self) -> Self:
        for table, part, make in self.every_make():
            where = f"tables.{table}.makes.{part}"
            kind = KIND.get(make.kind or part)
            if kind is None:
                raise ValueError(f"{where}: {make.kind or part!r} is no kind. The kinds: {', '.join(KIND)}")
            known = {column.name for column in kind.every_column}
            if unknown := sorted({*make.columns, *make.needs, *make.differ} - known):
                raise ValueError(f"{where}.columns.{unknown[0]}: no column of {kind.name}. Its columns: {', '.join(sorted(known))}")
            if missing := [column.name for column in kind.columns if column.required and column.name not in make.columns]:
                raise ValueError(f"{where}: {kind.name} needs {', '.join(missing)}")
            for name, cell in make.columns.items():
                if isinstance(cell.values, str) and cell.values not in self.values:
                    raise ValueError(
                        f"{where}.columns.{name}.values: {cell.values!r} is no value set. Those here: {', '.join(self.values) or 'none'}"
                    )
        return self

    def on(self, day: date) -> "Mapping":
        """The mapping for files that are true on a day: `{as_of}` in a condition becomes that day."""
        if not any(AS_OF in text for _, _, make in self.every_make() for texts in (*make.where.values(), *make.unless.values()) for text in texts):
            return self
        tables = {
            name: table.model_copy(update={"makes": {part: make.on(day) for part, make in table.makes.items()}})
            for name, table in self.tables.items()
        }
        return self.model_copy(update={"tables": tables})

    def every_make(self) -> Iterator[tuple[str, str, Make]]:
        """Table, part, and what it makes."""
        return ((name, part, make) for name, table in self.tables.items() for part, make in table.makes.items())


def canonical() -> Mapping:
    """The canonical files as a mapping: a file's name is its kind, and each column is itself."""
    tables = {
        kind.name: {
            "about": kind.doc,
            "files": [kind.name],
            "by_header": False,
            "ignore": [REASON],
            "makes": {kind.name: {"columns": {column.name: column.name for column in kind.every_column}}},
        }
        for kind in KINDS
    }
    about = "Dottedline's own files; what `export` writes."
    return Mapping.model_validate({"name": "canonical", "about": about, "tested": "every test", "prefix": False, "tables": tables})


CANONICAL = canonical()


def presets() -> dict[str, Mapping]:
    """Every preset by its name."""
    return {"canonical": CANONICAL, **{path.stem: read_mapping(path) for path in sorted(PRESETS.glob("*.toml"))}}


def preset(name: str) -> Mapping:
    """One preset. Raises InvalidInput when there is none of that name."""
    if name == "canonical":
        return CANONICAL
    if not (PRESETS / f"{name}.toml").is_file():
        known = ["canonical", *sorted(path.stem for path in PRESETS.glob("*.toml"))]
        raise InvalidInput(f"--preset: {name!r} is none of {', '.join(known)}.", argument="preset")
    return read_mapping(PRESETS / f"{name}.toml")


def read_mapping(path: Path) -> Mapping:
    """A mapping file. Raises InvalidInput with the line of its fault."""
    return declared_in(path, Mapping.model_validate, InvalidInput, "docs/mappings.md")


class Plan:
    """One table of a mapping against one header: which column of which kind comes from which place."""

    def __init__(self, mapping: Mapping, name: str, header: list[str]) -> None:
        self.mapping, self.name, self.table, self.header = mapping, name, mapping.tables[name], header
        self.place: dict[str, int] = {}
        for index, head in enumerate(map(folded, header)):
            if head:
                self.place.setdefault(head, index)

    def _ready(self, source: str) -> bool:
        return all(folded(name) in self.place for name in PLACE.findall(source) or [source])

    def has(self, cell: Cell) -> bool:
        """Whether this header can fill it."""
        return cell.value is not None or any(map(self._ready, cell.sources))

    def missing(self, make: Make, kind: Kind) -> list[str]:
        """Required columns that this header cannot fill."""
        return [column.name for column in kind.columns if column.required and not self.has(make.columns[column.name])]

    @cached_property
    def makes(self) -> list[tuple[str, Kind, Make]]:
        """The parts that this header can make."""
        every = [(part, KIND[make.kind or part], make) for part, make in self.table.makes.items()]
        return [(part, kind, make) for part, kind, make in every if not self.missing(make, kind)]

    @cached_property
    def lacks(self) -> list[str]:
        """What the table's first part cannot do without and this header does not have."""
        part, make = next(iter(self.table.makes.items()))
        return self.missing(make, KIND[make.kind or part])

    @cached_property
    def used(self) -> set[int]:
        """The places of the columns that are read."""
        named = {name for _, _, make in self.makes for cell in make.columns.values() for name in cell.headers}
        named |= {name for _, _, make in self.makes for name in (*make.where, *make.unless, make.each)}
        return {self.place[folded(name)] for name in named if folded(name) in self.place}

    @cached_property
    def unknown(self) -> tuple[str, ...]:
        """Headers that nobody reads and nobody says to leave out."""
        globs = [folded(name) for name in self.table.ignore]
        spare = (head for index, head in enumerate(self.header) if head.strip() and index not in self.used)
        return tuple(head for head in spare if not any(fnmatchcase(folded(head), glob) for glob in globs))

    @cached_property
    def twice(self) -> list[str]:
        """Headers that are read and stand twice."""
        heads = [folded(head) for head in self.header]
        return sorted({self.header[index].strip() for index in self.used if heads.count(heads[index]) > 1})

    def frames(
        self, raw: pd.DataFrame, lines: pd.Series, source: str, findings: Findings, seen: set[tuple[str, str]]
    ) -> list[tuple[Kind, Make, pd.DataFrame]]:
        """The rows of each part, under canonical names. ``raw`` has a column a place; ``seen`` remembers the ids of ``once``."""
        return [(kind, make, self._frame(kind, make, raw, lines, source, findings, seen)) for _, kind, make in self.makes]

    def _frame(
        self, kind: Kind, make: Make, raw: pd.DataFrame, lines: pd.Series, source: str, findings: Findings, seen: set[tuple[str, str]]
    ) -> pd.DataFrame:
        if make.each and (place := self.place.get(folded(make.each))) is not None:
            raw = raw.assign(**{LINE: lines})
            raw[place] = raw[place].map(lambda cell: items(cell) or [""])
            raw = raw.explode([place], ignore_index=True)
            lines = raw.pop(LINE)
        columns = {column.name: column for column in kind.every_column}
        filled = {name: cell for name, cell in make.columns.items() if self.has(cell)}
        made = pd.DataFrame(
            {name: self._column(cell, columns[name], kind, raw, lines, source, findings) for name, cell in filled.items()}, dtype=object
        )
        keep = pd.Series(True, raw.index)
        for wanted, texts in ((True, make.where), (False, make.unless)):
            for header, accepted in texts.items():
                if folded(header) in self.place:
                    fold = {text.casefold() for text in accepted}
                    keep &= raw[self.place[folded(header)]].str.casefold().isin(fold) == wanted
        for name in make.needs:
            keep &= made[name] != "" if name in made else False
        if make.differ and all(name in made for name in make.differ):
            keep &= made[make.differ].nunique(axis=1) > 1
        if make.once and kind.identifies:
            ids = made[kind.identifies]
            keep &= ~ids.where(keep).duplicated() & ~ids.isin({id_ for name, id_ in seen if name == kind.name})
            seen.update((kind.name, id_) for id_ in ids[keep])
        made[LINE] = lines.astype(int)
        return made[keep].reset_index(drop=True)

    def _column(self, cell: Cell, column: Column, kind: Kind, raw: pd.DataFrame, lines: pd.Series, source: str, findings: Findings) -> pd.Series:
        if cell.value is not None:
            text = pd.Series(cell.value, raw.index, dtype=object)
        else:
            blank = {value.casefold() for value in cell.blank}
            chinese = [self._source(wanted, raw) for wanted in cell.chinese if self._ready(wanted)]
            ready = [text.where(text.str.fullmatch(CHINESE), "") for text in chinese]
            ready += [self._source(wanted, raw) for wanted in cell.sources if self._ready(wanted)]
            ready = [text.mask(text.str.casefold().isin(blank), "") for text in ready] if blank else ready
            if cell.otherwise == "":  # what the value set does not know is as if it were not there
                ready = [self._read(cell, column, text, lines, findings) for text in ready]
            text = ready[0]
            for other in ready[1:]:
                text = text.where(text != "", other)
            text = text if cell.otherwise == "" else self._read(cell, column, text, lines, findings)
        return each(text, self._id(cell, column, source)) if self.mapping.prefix and is_id(column, kind) else text

    def _source(self, wanted: str, raw: pd.DataFrame) -> pd.Series:
        names = PLACE.findall(wanted)
        if not names:
            return raw[self.place[folded(wanted)]]
        text = pd.Series("", raw.index, dtype=object)
        whole = pd.Series(True, raw.index)
        for literal, name in zip(PLACE.split(wanted)[::2], [*names, None], strict=True):
            text = text + literal
            if name is not None:
                cell = raw[self.place[folded(name)]]
                text, whole = text + cell, whole & (cell != "")
        return text.where(whole, "")

    def _read(self, cell: Cell, column: Column, text: pd.Series, lines: pd.Series, findings: Findings) -> pd.Series:
        steps: list[Callable[[str], str]] = []
        if cell.html:
            steps.append(lambda value: " ".join(unescape(HTML.sub(" ", value)).split()))
        if cell.pattern is not None:
            found = re.compile(cell.pattern)
            steps.append(lambda value: match[1] or "" if (match := found.search(value)) else "")
        if cell.split is not None:
            steps.append(lambda value: ";".join(item.strip() for item in value.split(cell.split)))
        if cell.dates:
            steps.append(lambda value: dated(value, cell.dates))
        if cell.inclusive:
            steps.append(day_after)
        for step in steps:
            text = each(text, step)
        known = self.mapping.values[cell.values] if isinstance(cell.values, str) else cell.values
        if not known:
            return text
        fold = {value.casefold(): becomes for value, becomes in known.items()}
        if cell.otherwise:
            outside = (text != "") & ~text.str.casefold().isin(fold)
            for value, rows in lines[outside].groupby(text[outside]):
                findings.add(column.name, f"outside the value set, read as {cell.otherwise}", int(rows.iloc[0]), str(value), len(rows), apart=True)

        def become(value: str) -> str:
            return fold.get(value.casefold(), value if cell.otherwise is None else cell.otherwise)

        if column.several:
            return each(text, lambda value: ";".join(filter(None, map(become, items(value)))), fold.get("", ""))
        return each(text, become, fold.get("", ""))

    def _id(self, cell: Cell, column: Column, source: str) -> Callable[[str], str]:
        before = f"{source}:{cell.space + ':' if cell.space else ''}"
        write: Callable[[str], str] = salesforce_id if self.mapping.ids == "salesforce" else lambda value: value
        if column.several:
            return lambda value: ";".join(before + write(item) for item in items(value))
        return lambda value: before + write(value)


def is_id(column: Column, kind: Kind) -> bool:
    """Whether a column holds ids of things, which another system's source stands before."""
    return column.ref is not None or column.name in (kind.identifies, "purchase_id")


def each(text: pd.Series, change: Callable[[str], str], empty: str = "") -> pd.Series:
    """A series with each different text changed once; empty ones become ``empty``."""
    return text.map({value: change(value) if value else empty for value in text.unique()}).astype(object)


def salesforce_id(value: str) -> str:
    """The 18 characters of an id: those of 15 with their checksum, which tells upper and lower case apart. A plan's ``@ref`` is ``ref``."""
    value = value.removeprefix("@")
    if not re.fullmatch(r"[A-Za-z0-9]{15}", value):
        return value
    groups = (value[at : at + 5] for at in (0, 5, 10))
    return value + "".join(CHECKSUM[sum(1 << bit for bit, sign in enumerate(group) if "A" <= sign <= "Z")] for group in groups)


def dated(value: str, forms: list[str]) -> str:
    """A date in one of these forms as ISO 8601; any other text stays, for the check to judge."""
    for form in forms:
        try:
            if form in ("seconds", "milliseconds"):
                at = datetime.fromtimestamp(float(value) / (1000 if form == "milliseconds" else 1), UTC)
            else:
                at = datetime.strptime(value, form)
        except (ValueError, OverflowError, OSError):
            continue
        return (
            at.isoformat() if form in ("seconds", "milliseconds") or any(sign in form for sign in ("%H", "%I", "%X", "%c")) else at.date().isoformat()
        )
    return value


def day_after(value: str) -> str:
    """The day after a day; a month or a year as an end is over after itself anyway."""
    if not re.match(r"\d{4}-\d{2}-\d{2}", value):
        return value
    try:
        return (datetime.fromisoformat(value[:10]) + timedelta(days=1)).date().isoformat()
    except (ValueError, OverflowError):
        return value
