"""What the rows of a load say, laid on disk beside the load: sorted, joined and compared there, so that memory does not grow with the files.

The tables are those of ``loaders.check.SCHEMAS``. A row's number is ``seq``: that of its stretch, then its place in the stretch.
"""

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import duckdb
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from graph.instants import OPEN_END, OPEN_START
from graph.journal import BATCH, About, Facts, Things, digest
from graph.model import NODE
from loaders.check import SCHEMAS, Checked, Reject
from loaders.kinds import KIND

MEMORY_MIB = 256
"""What the tables may take of memory before they go to disk."""
HELD = 200_000
"""Rows that are gathered before they are laid down together."""
SHIFT = 20
"""Bits of a row's number that are its place in its stretch."""
TYPES = {pa.int64(): "BIGINT", pa.int8(): "TINYINT", pa.string(): "VARCHAR", pa.binary(): "BLOB", pa.float64(): "DOUBLE"}
PAIRS = pa.schema([("label", pa.string()), ("name", pa.string()), ("id", pa.string())])
REJECTS = pa.schema(
    [("place", pa.int64()), ("kind", pa.string()), ("file", pa.string()), ("line", pa.int64()), ("column", pa.string()), ("reason", pa.string())]
)
MORE = {
    "rejects": REJECTS,
    "known": PAIRS,
    "renamed": PAIRS,
    "several": pa.schema([("about", pa.string()), ("key", pa.string())]),
}
"""``known``: names and ids that the graph knows; ``renamed``: names that stand for another id; ``several``: the facts of which several rows speak."""
TOLD = ("rows", "own", "refs", "things", "facts")
"""The tables that lose the rows that are refused."""
REPEATED = """
SELECT seq, line, mark = first_value(mark) OVER each AS same
FROM rows SEMI JOIN (SELECT apart FROM rows WHERE apart IS NOT NULL GROUP BY apart HAVING count(*) > 1) AS twice USING (apart)
WINDOW each AS (PARTITION BY apart ORDER BY seq) QUALIFY row_number() OVER each > 1 ORDER BY seq"""
LOST = """
WITH wanted AS (SELECT DISTINCT label, name FROM refs WHERE makes IS NULL),
     here AS (SELECT DISTINCT label, name FROM own SEMI JOIN wanted USING (label, name)),
     lost AS (SELECT label, name FROM wanted ANTI JOIN known USING (label, name) ANTI JOIN here USING (label, name))
SELECT seq, first(line) AS line, min(position) AS position, arg_min(name, position) AS name
FROM refs SEMI JOIN lost USING (label, name) JOIN rows USING (seq) WHERE makes IS NULL GROUP BY seq ORDER BY seq"""
SEVERAL = "INSERT INTO several SELECT about, key FROM facts GROUP BY about, key HAVING count(*) > 1"
OVERLAPPING = """
SELECT facts.rowid, seq, key, line, digest, coalesce(start, $first) AS start, coalesce(stop, $last) AS stop
FROM facts SEMI JOIN several USING (about, key) JOIN rows USING (seq) ORDER BY about, key, seq, facts.rowid"""
NAMES_GIVEN = """
CREATE TEMP TABLE given AS
SELECT label, name, first(id ORDER BY seq) AS id FROM own SEMI JOIN names USING (label, name)
ANTI JOIN (SELECT label, name FROM own WHERE name = id) AS themselves USING (label, name) GROUP BY label, name"""
"""Names that the files give to things, the first to give one wins; an id stands for itself whoever has it as another name."""
RENAMED = (
    # What the files say of an opportunity's group is newer than what the graph knows of it.
    "INSERT INTO renamed SELECT DISTINCT label, name, id FROM known ANTI JOIN (FROM given WHERE label = 'BuyingGroup') AS newer USING (label, name) "
    "WHERE name <> id",
    "INSERT INTO renamed SELECT given.label, given.name, coalesce(stands.id, given.id) FROM (FROM given WHERE label = 'BuyingGroup' UNION ALL "
    "FROM given ANTI JOIN known USING (label, name) WHERE given.label <> 'BuyingGroup') AS given "
    "LEFT JOIN renamed AS stands ON stands.label = given.label AND stands.name = given.id",
    # A default group bears the id of its company.
    "INSERT INTO renamed SELECT DISTINCT 'BuyingGroup', company.name, company.id FROM renamed AS company "
    "SEMI JOIN (FROM names WHERE label = 'BuyingGroup') AS named USING (name) "
    "ANTI JOIN (SELECT name FROM known WHERE label = 'BuyingGroup' UNION ALL SELECT name FROM renamed WHERE label = 'BuyingGroup') AS groups "
    "USING (name) "
    "WHERE company.label = 'Company'",
)
IMPLIED = "DELETE FROM things USING known WHERE things.unless_known = known.label AND things.id = known.name"
NOBODY = """
SELECT min(seq) AS seq, makes, name FROM refs ANTI JOIN own USING (label, name) ANTI JOIN known USING (label, name)
WHERE makes IS NOT NULL GROUP BY makes, name"""
FACTS = 'SELECT key, start, stop, digest, from_ref, to_ref, sure, "values", known_from FROM facts'
THINGS = 'SELECT things.id, sure, "values", aliases, mark FROM things WHERE about = $about ORDER BY id, seq'
THINGS_RENAMED = """
SELECT coalesce(renamed.id, things.id) AS id, sure, "values", aliases, mark
FROM things LEFT JOIN renamed ON renamed.label = $label AND renamed.name = things.id WHERE about = $about ORDER BY id, seq"""


class Stretch(NamedTuple):
    """Of which kind and file a stretch is; its number is its place in the list of all."""

    kind: str
    path: Path


class Told(NamedTuple):
    """What a load speaks of: how many rows tell of it, and the kind of the first."""

    about: About
    rows: int
    kind: str


class Spool:
    """The tables of one load. Use it as a context manager: they go with it."""

    def __init__(self) -> None:
        self.stretches: list[Stretch] = []
        self.rows: dict[str, int] = {}
        """Kind -> rows that its files have, broken ones too."""
        self.columns: dict[str, dict[str, None]] = defaultdict(dict)
        """Kind -> the columns that its files have, in their order."""
        self.sources: dict[str, set[str]] = defaultdict(set)
        """Kind -> who says it."""
        self._held: dict[str, list[pa.Table]] = defaultdict(list)
        self._folder = tempfile.TemporaryDirectory(prefix="dottedline-")
        options: dict[str, str | bool | int | float | list[str]] = {"memory_limit": f"{MEMORY_MIB}MiB", "temp_directory": self._folder.name}
        self._tables = duckdb.connect(str(Path(self._folder.name) / "spool.duckdb"), config=options)
        for name, schema in (SCHEMAS | MORE).items():
            columns = ("seq BIGINT" if of.name == "place" else f'"{of.name}" {TYPES[of.type]}' for of in schema)
            self._tables.execute(f"CREATE TABLE {name} ({', '.join(columns)})")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._tables.close()
        self._folder.cleanup()

    def add(self, checked: Checked) -> None:
        """Lays down what a stretch says; stretches come in the order of the files."""
        number = len(self.stretches) << SHIFT
        self.stretches.append(Stretch(checked.kind, checked.path))
        self.rows[checked.kind] = self.rows.get(checked.kind, 0) + checked.rows
        self.sources[checked.kind] |= checked.sources
        self.columns[checked.kind] |= dict.fromkeys(checked.columns)
        for name, table in checked.tables.items():
            self._hold(name, table.set_column(0, "seq", pc.add(table.column(0), number)) if table.schema.names[0] == "place" else table)
        self._refuse((number, reject) for reject in checked.rejects)

    def _hold(self, name: str, table: pa.Table) -> None:
        self._held[name].append(table)
        if sum(len(part) for part in self._held[name]) >= HELD:
            self._lay(name)

    def _lay(self, name: str) -> None:
        held = pa.concat_tables(self._held.pop(name))
        self._tables.register("held", held)
        self._tables.execute(f"INSERT INTO {name} FROM held")
        self._tables.unregister("held")

    def _refuse(self, rejects: Iterable[tuple[int, Reject]]) -> None:
        if rows := [(seq, *reject) for seq, reject in rejects]:
            self._hold("rejects", pa.table([pa.array(column, of.type) for column, of in zip(zip(*rows, strict=True), REJECTS, strict=True)], REJECTS))

    def all_read(self) -> None:
        """All stretches are added."""
        for name in list(self._held):
            self._lay(name)

    def _rows(self, text: str, **given: Any) -> list[tuple[Any, ...]]:
        return self._tables.execute(text, given).fetchall()

    def _stream(self, text: str, together: int | None = None, **given: Any) -> Iterator[pa.Table]:
        """An answer in pieces of about ``BATCH`` rows; those alike in the column ``together`` are not parted."""
        with self._tables.cursor() as cursor:
            carried = None
            for piece in cursor.sql(text, params=given or None).to_arrow_reader(BATCH):
                table = pa.Table.from_batches([piece])
                if together is None:
                    yield table
                    continue
                table = pa.concat_tables([carried, table]) if carried else table
                alike = table.column(together)
                at, last = len(table) - 1, alike[-1]
                while at and alike[at - 1] == last:
                    at -= 1
                if at:
                    yield table.slice(0, at)
                carried = table.slice(at)
            if carried:
                yield carried

    def _drop(self, seqs: pa.ChunkedArray) -> None:
        gone = pa.table({"seq": seqs})
        self._tables.register("gone", gone)
        for name in TOLD:
            self._tables.execute(f"DELETE FROM {name} USING gone WHERE {name}.seq = gone.seq")  # noqa: S608
        self._tables.unregister("gone")

    def _reject(self, seq: int, line: int, column: str, reason: str) -> tuple[int, Reject]:
        kind, path = self.stretches[seq >> SHIFT]
        return seq, Reject(kind, path.name, line, column, reason)

    def refuse_repeated(self) -> None:
        """An id that is repeated in one file with other values: the second row is refused. The same values twice are one.

        Rows with other dates, or of another source, are other stretches or another word: they stand, as far as their facts do not overlap.
        """
        for piece in self._stream(REPEATED):
            found = list(zip(*(column.to_pylist() for column in piece.columns), strict=True))
            other = ((seq, line, KIND[self.stretches[seq >> SHIFT].kind].told_apart_by[0]) for seq, line, same in found if not same)
            self._refuse(self._reject(*each, "stands in this file before, with other values") for each in other)
            self._drop(piece.column(0))

    def named(self) -> Iterator[tuple[str, list[str]]]:
        """Label and names, sorted, in pieces: what is to be looked up in the graph."""
        for piece in self._stream("SELECT DISTINCT label, name FROM names ORDER BY label, name"):
            pairs = zip(*(column.to_pylist() for column in piece.columns), strict=True)
            for label, some in groupby(pairs, lambda pair: pair[0]):
                yield label, [name for _, name in some]

    def know(self, label: str, found: Mapping[str, str]) -> None:
        """Names that the graph knows, with their ids."""
        if found:
            ids = [pa.array(column, pa.string()) for column in ([label] * len(found), list(found), list(found.values()))]
            self._hold("known", pa.table(ids, PAIRS))

    def refuse_lost(self) -> None:
        """Refuses rows whose references name nothing, neither in the files nor in what is known.

        A refused row may be the one that another row names, so this goes on until no more rows fall.
        """
        self.all_read()
        fallen = True
        while fallen:
            fallen = False
            for piece in self._stream(LOST):
                fallen = True
                told = []
                for seq, line, position, name in zip(*(column.to_pylist() for column in piece.columns), strict=True):
                    column = KIND[self.stretches[seq >> SHIFT].kind].referring[position]
                    reason = f"names a {column.ref} {name!r} that is neither in these files nor in the graph"
                    told.append(self._reject(seq, line, column.name, reason))
                self._refuse(told)
                self._drop(piece.column(0))

    def refuse_overlapping(self) -> None:
        """Several rows of one fact are each its stretch; of two that overlap the second is refused, unless it says the same again."""
        self._tables.execute(SEVERAL)
        told, spare = [], []
        for piece in self._stream(OVERLAPPING, 2, first=OPEN_START, last=OPEN_END):
            rows = zip(*(column.to_pylist() for column in piece.columns), strict=True)
            for _, several in groupby(rows, lambda row: row[2]):
                kept: list[tuple[int, ...]] = []
                for row, seq, _, line, *said in several:
                    _, start, stop = said
                    clash = next((other for other in kept if start < other[4] and other[3] < stop), None)
                    if clash is None:
                        kept.append((seq, line, *said))
                        continue
                    spare.append(row)
                    if list(clash[2:]) != said:
                        path = self.stretches[clash[0] >> SHIFT].path
                        reason = f"overlaps line {clash[1]} of {path.name}, which says the same fact otherwise"
                        told.append(self._reject(seq, line, "valid_from", reason))
        self._refuse(told)
        if spare:
            self._tables.register("spare", pa.table({"row": pa.array(spare, pa.int64())}))
            self._tables.execute("DELETE FROM facts USING spare WHERE facts.rowid = spare.row")
            self._tables.unregister("spare")
            self._tables.execute("DELETE FROM several")
            self._tables.execute(SEVERAL)

    def resolve(self) -> None:
        """Settles which names stand for another id, what is implied, and who is nobody that anybody knows."""
        self.all_read()
        self._tables.execute(NAMES_GIVEN)
        for text in (*RENAMED, IMPLIED):
            self._tables.execute(text)
        for piece in self._stream(NOBODY):
            seqs, abouts, names = (column.to_pylist() for column in piece.columns)
            values = [{"name": name, "anonymous": True} for name in names]
            none = [None] * len(names)
            columns = (seqs, abouts, names, [0.0] * len(names), list(map(orjson.dumps, values)), none, list(map(digest, values)), none)
            arrays = [pa.array(column, of.type) for column, of in zip(columns, SCHEMAS["things"], strict=True)]
            self._hold("things", pa.Table.from_arrays(arrays, names=["seq", *SCHEMAS["things"].names[1:]]))
        self.all_read()

    def renamed(self, label: str) -> dict[str, str]:
        """Names that stand for another id of this label."""
        return dict(self._rows("SELECT name, id FROM renamed WHERE label = $label", label=label))

    def things_told(self) -> list[Told]:
        """Of which things the load speaks, in the order in which the files name them first."""
        return self._told("things")

    def facts_told(self) -> list[Told]:
        """Of which facts the load speaks."""
        return self._told("facts")

    def _told(self, name: str) -> list[Told]:
        rows = self._rows(f"SELECT about, count(*), min(seq) FROM {name} GROUP BY about ORDER BY min(seq), about")  # noqa: S608
        return [Told(About.read(about), count, self.stretches[first >> SHIFT].kind) for about, count, first in rows]

    def things(self, about: About) -> Iterator[Things]:
        """What is said of them, in the order of their ids, all rows of an id together."""
        label = about.name
        renamed = self._rows("SELECT 1 FROM renamed WHERE label = $label LIMIT 1", label=label)
        given = {"about": str(about), **({"label": label} if renamed else {})}
        refers = {name: others for name, of in _refers(label).items() if (others := self.renamed(of))}
        for piece in self._stream(THINGS_RENAMED if renamed else THINGS, 0, **given):
            ids, sure, values, aliases, marks = (column.to_pylist() for column in piece.columns)
            if refers:
                _resolve(label, refers, values, marks)
            yield Things(ids, sure, values, aliases, marks)

    def facts(self, about: About, *, by_start: bool = False) -> Iterable[Facts]:
        """What is said of them, in the order of their keys or by their starts, all rows of a key together; it may be gone through again."""
        return _Anew(partial(self._facts, about, by_start))

    def _facts(self, about: About, by_start: bool) -> Iterator[Facts]:
        one = f"{FACTS} ANTI JOIN several USING (about, key) WHERE about = $about ORDER BY from_ref, key"
        more = f"{FACTS} SEMI JOIN several USING (about, key) WHERE about = $about ORDER BY key, seq"
        for text in (one, more) if by_start else (f"{FACTS} WHERE about = $about ORDER BY key, seq",):
            for piece in self._stream(text, 0, about=str(about)):
                yield Facts(*(column.to_pylist() for column in piece.columns))

    def rejected(self) -> dict[str, int]:
        """Kind -> rows that were refused."""
        self.all_read()
        return dict(self._rows("SELECT kind, count(DISTINCT (file, line)) FROM rejects GROUP BY kind"))

    def rejects_of(self, stretch: int) -> dict[int, list[Reject]]:
        """Line -> its faults, of one stretch."""
        text = 'SELECT kind, file, line, "column", reason FROM rejects WHERE seq >> $shift = $stretch ORDER BY line, rowid'
        found: dict[int, list[Reject]] = defaultdict(list)
        for row in self._rows(text, shift=SHIFT, stretch=stretch):
            found[row[2]].append(Reject(*row))
        return found


@dataclass(frozen=True, slots=True)
class _Anew:
    """Facts that are read from the spool each time that they are gone through."""

    read: Callable[[], Iterator[Facts]]

    def __iter__(self) -> Iterator[Facts]:
        return self.read()


REFERS = {column.name: column.ref for kind in KIND.values() for column in kind.referring if column.ref}


def _refers(label: str) -> dict[str, str]:
    """The attributes of a thing that name other things, with their labels."""
    return {prop.name: REFERS[prop.name] if prop.name != "parent_id" else label for prop in NODE[label].props if prop.name in REFERS}


def _resolve(label: str, refers: Mapping[str, Mapping[str, str]], values: list[bytes], marks: list[int]) -> None:
    """Puts ids in place of the names that stand for them."""
    defaults = NODE[label].defaults
    for place, text in enumerate(values):
        given = orjson.loads(text)
        made = dict(given)
        for name, others in refers.items():
            if isinstance(given.get(name), list):
                made[name] = [others.get(each, each) for each in given[name]]
            elif name in given:
                made[name] = others.get(given[name], given[name])
        if made != given:
            values[place], marks[place] = orjson.dumps(made), digest({**defaults, **made})
