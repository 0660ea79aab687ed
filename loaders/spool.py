"""What the rows of a load say, laid in tables beside it that go to disk: sorted, joined and compared there, so that memory does not grow with files.

The tables are those of ``loaders.check.SCHEMAS``. A row's number is ``seq``: that of its stretch, then its place in the stretch.
"""

import contextlib
import tempfile
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, NamedTuple, Self, TypeVar

import duckdb
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from graph.entities import GROUP
from graph.instants import OPEN_END, OPEN_START
from graph.journal import BATCH, About, Facts, Things, digest, fact_digest_of, key_of
from graph.model import EDGES
from loaders.check import SCHEMAS, Checked, Reject, arrow, open_kinds_of
from loaders.erased import PERSON, REASON, Erased
from loaders.kinds import KIND, PRINCIPAL
from loaders.scopes import Scope

T = TypeVar("T")
MEMORY_MIB = 256
"""What the tables may take of memory before they go to disk. With half of that, facts of ten million rows could not be sorted."""
HELD = 200_000
"""Rows that are gathered before they are laid down together."""
SHOWN = 10
"""Of so many things that a name may mean the ids are told."""
SHIFT = 20
"""Bits of a row's number that are its place in its stretch."""
TYPES = {
    pa.int64(): "BIGINT",
    pa.int8(): "TINYINT",
    pa.string(): "VARCHAR",
    pa.binary(): "BLOB",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.list_(pa.string()): "VARCHAR[]",
}
PAIRS = pa.schema([("label", pa.string()), ("name", pa.string()), ("id", pa.string())])
REJECTS = pa.schema(
    [
        ("place", pa.int64()),
        ("kind", pa.string()),
        ("file", pa.string()),
        ("line", pa.int64()),
        ("column", pa.string()),
        ("reason", pa.string()),
        ("veiled", pa.bool_()),
    ]
)
MORE = {
    "rejects": REJECTS,
    "known": PAIRS,
    "renamed": PAIRS,
    "grouped": pa.schema([("name", pa.string()), ("written", pa.string())]),
    "several": pa.schema([("about", pa.string()), ("key", pa.string())]),
    "moved": PAIRS,
    "logged": SCHEMAS["facts"],
}
"""``known``: names, and the ids of all that bear them in the graph; ``renamed``: names that stand for another id; ``grouped``: opportunities whose
group the graph knows, as it was written; ``several``: the facts of which several rows speak; ``moved``: rows' own ids that name another thing;
``logged``: the facts of logs of changes as their rows say them, before each holds until the next."""
TOLD = ("rows", "ids", "aliases", "also", "parted", "refs", "scopes", "things", "naming", "facts", "emptied", "cleared", "logged")
"""The tables that lose the rows that are refused."""
REPEATED = """
SELECT seq, line, mark = first_value(mark) OVER each AS same
FROM rows SEMI JOIN (SELECT apart FROM rows WHERE apart IS NOT NULL GROUP BY apart HAVING count(*) > 1) AS twice USING (apart)
WINDOW each AS (PARTITION BY apart ORDER BY seq) QUALIFY row_number() OVER each > 1 ORDER BY seq"""
VIEWS = (
    # What the graph knows as one thing.
    "CREATE VIEW alone AS SELECT label, name, any_value(id) AS id FROM known GROUP BY label, name HAVING count(DISTINCT id) = 1",
    # All that names may mean: an id stands for itself, an alias for all that bear it, in the files or in the graph. Somebody whom an interaction of
    # these files brings in, known by an identifier alone, may be named by every other row too.
    """
    CREATE MACRO meanings(names) AS TABLE
    WITH asked AS (SELECT DISTINCT label, name FROM query_table(names)),
         own AS (SELECT DISTINCT label, name FROM ids SEMI JOIN asked USING (label, name)),
         other AS (FROM asked ANTI JOIN own USING (label, name)),
         itself AS (SELECT label, name FROM known WHERE name = id),
         given AS (SELECT DISTINCT label, name, id FROM aliases SEMI JOIN other USING (label, name) ANTI JOIN itself USING (label, name))
    SELECT label, name, name AS id FROM own
    UNION SELECT label, name, id FROM known SEMI JOIN other USING (label, name)
    UNION SELECT given.label, given.name, coalesce(alone.id, given.id) FROM given
    LEFT JOIN alone ON alone.label = given.label AND alone.name = given.id
    UNION SELECT label, name, name FROM refs SEMI JOIN other USING (label, name) ANTI JOIN known USING (label, name)
    ANTI JOIN given USING (label, name) WHERE makes IS NOT NULL""",
    # Opportunities and their groups as they were written; what the files say of that is newer than what the graph knows.
    """
    CREATE VIEW groups AS
    WITH newer AS (SELECT name, last(id ORDER BY seq) AS written FROM also WHERE label = 'BuyingGroup' GROUP BY name)
    FROM newer UNION ALL SELECT name, written FROM grouped ANTI JOIN newer USING (name)""",
)
LOST = """
WITH odd AS (
  SELECT asked.label, asked.name, list(id ORDER BY id) FILTER (id IS NOT NULL) AS ids
  FROM (SELECT DISTINCT label, name FROM refs) AS asked LEFT JOIN meanings('refs') AS meant USING (label, name)
  GROUP BY asked.label, asked.name HAVING count(id) <> 1)
SELECT DISTINCT seq, line, position, name, coalesce(ids, []) AS ids
FROM refs JOIN odd USING (label, name) JOIN rows USING (seq) WHERE makes IS NULL OR len(ids) > 1 ORDER BY seq, position, name"""
SEVERAL = "INSERT INTO several SELECT about, key FROM facts GROUP BY about, key HAVING count(*) > 1"
CLASHING = """
WITH said AS (SELECT DISTINCT about, key, coalesce(start, $first) AS start, coalesce(stop, $last) AS stop, digest
              FROM facts SEMI JOIN several USING (about, key)),
     clashing AS (SELECT DISTINCT about, key FROM (
       SELECT about, key, start < max(stop) OVER (PARTITION BY about, key ORDER BY start, stop, digest
                                                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS clash FROM said) WHERE clash)
SELECT seq, line, key, digest, coalesce(start, $first) AS start, coalesce(stop, $last) AS stop
FROM facts SEMI JOIN clashing USING (about, key) JOIN rows USING (seq) ORDER BY seq"""
"""The rows of the facts of which two stretches overlap, all of them: which of two rows falls depends on those that fell before."""
AGAIN = """
DELETE FROM facts WHERE rowid IN (
  SELECT facts.rowid FROM facts SEMI JOIN several USING (about, key)
  QUALIFY row_number() OVER (PARTITION BY about, key, start, stop, digest ORDER BY seq, facts.rowid) > 1)"""
"""The same word twice is one."""
LOGGED = """
(about, key) IN (SELECT about, key FROM facts WHERE list_contains($logs, seq >> $shift) UNION ALL SELECT about, key FROM cleared)"""
ABSENCES = "FROM facts WHERE start = stop"
"""Facts of which a log says from when on there is no value, and before that nothing."""
UNTIL_NEXT = (
    f"DELETE {ABSENCES}",
    "DELETE FROM facts WHERE (about, key) IN (SELECT about, key FROM logged)",
    "INSERT INTO facts FROM logged",
    "DELETE FROM logged",
    f"INSERT INTO logged FROM facts WHERE {LOGGED}",
    f"UPDATE facts SET start = $at WHERE start IS NULL AND stop IS NULL AND NOT list_contains($logs, seq >> $shift) AND {LOGGED}",  # noqa: S608
    f"""
    UPDATE facts SET stop = later.start FROM (
      SELECT rowid AS row, lead(start) OVER (PARTITION BY about, key ORDER BY start NULLS FIRST, seq) AS start
      FROM (SELECT rowid, about, key, start, seq FROM facts WHERE {LOGGED} UNION ALL SELECT NULL, about, key, start, seq FROM cleared)) AS later
    WHERE facts.rowid = later.row AND facts.stop IS NULL""",  # noqa: S608
    f"DELETE {ABSENCES}",
    """
    INSERT INTO facts SELECT seq, about, key, start, start, 0, '', '', 1, '{}'::BLOB, known_from
    FROM cleared JOIN rows USING (seq)
    LEFT JOIN (SELECT about, key, min(coalesce(start, $first)) AS first FROM facts SEMI JOIN cleared USING (about, key) GROUP BY about, key) AS told
    USING (about, key) WHERE start < coalesce(told.first, $last)
    QUALIFY row_number() OVER (PARTITION BY about, key ORDER BY start, seq) = 1""",
)
"""Of what changed twice in one instant only the last word counts. Begins with what the rows said, to be done again when some have fallen. Ends with
what begins without a value: that ends what earlier loads said."""
GROUPED = """
SELECT facts.rowid, about, from_ref, sure, "values", groups.written FROM facts JOIN groups ON groups.name = to_ref
WHERE starts_with(about, 'HAS_ROLE_IN ') OR starts_with(about, 'MEMBER_OF ')"""
SPARED = """
SELECT spared.rowid, about, apart, groups.written FROM spared JOIN groups ON groups.name = apart[2]
WHERE starts_with(about, 'HAS_ROLE_IN ') OR starts_with(about, 'MEMBER_OF ')"""
RENAMED = (
    "INSERT INTO renamed SELECT label, name, id FROM alone WHERE name <> id OR label = 'BuyingGroup'",
    """
    INSERT INTO renamed SELECT label, name, any_value(id) FROM meanings('names') ANTI JOIN alone USING (label, name)
    GROUP BY label, name HAVING count(*) = 1 AND any_value(id) <> name""",
)
"""A group's own id is among them: a name that no group bears may be a company's, whose default group it means."""
BARE = """
INSERT INTO things SELECT seq, about, id, sure, "values", NULL, mark, known_from, implied
FROM (SELECT about, id, unless_known, min(seq) AS seq, arg_min(sure, seq) AS sure, min(known_from) AS known_from FROM naming GROUP BY ALL)
JOIN (SELECT DISTINCT ON (about, id, unless_known) * FROM bare ANTI JOIN alone ON bare.unless_known = alone.label AND bare.id = alone.name)
USING (about, id, unless_known)"""
"""What rows that stand name is there, unless it is only implied of what the graph knows better."""
NOBODY = """
WITH asked AS (
       SELECT makes, label, name, min(seq) AS seq, min(known_from) AS known_from FROM refs WHERE makes IS NOT NULL GROUP BY makes, label, name),
     own AS (SELECT DISTINCT label, name FROM ids SEMI JOIN asked USING (label, name)),
     itself AS (SELECT DISTINCT label, name FROM known SEMI JOIN asked USING (label, name) WHERE name = id)
SELECT seq, makes, name, known_from FROM asked ANTI JOIN own USING (label, name) ANTI JOIN itself USING (label, name)"""
"""Whoever bears no id of their own is a record of their own, though somebody may bear the name as an alias: matching says whether they are one."""
ABSENT = """
SELECT DISTINCT key FROM emptied ANTI JOIN (FROM facts WHERE about = $about) AS told USING (key)
ANTI JOIN (FROM spared WHERE about = $about) AS sparing USING (key) WHERE about = $about AND list_contains($stretches, seq >> $shift) ORDER BY key"""
FACTS = 'SELECT key, start, stop, digest, from_ref, to_ref, sure, "values", known_from FROM facts'
PEOPLE = """
SELECT seq, line, id, "values", aliases FROM things JOIN rows USING (seq) WHERE starts_with(about, $label || ' ') ORDER BY seq"""
GRANTED = """SELECT seq, line, "values" FROM things JOIN rows USING (seq) WHERE starts_with(about, 'Grant ') ORDER BY seq"""
NAMES = "SELECT DISTINCT name FROM refs WHERE label = $label"
NAMING = "SELECT seq, line, position, name FROM refs SEMI JOIN erased USING (name) JOIN rows USING (seq) WHERE label = $label ORDER BY seq, position"
LEFT_OUT = tuple(
    f"DELETE FROM {table} USING made WHERE {table}.seq = made.seq AND {table}.{column} = made.name AND {which}"  # noqa: S608
    for table, column, which in (
        ("refs", "name", f"label = '{PERSON}'"),
        ("parted", "other", f"label = '{PERSON}'"),
        *(("facts", "from_ref", f"starts_with(about, '{edge.type} ')") for edge in EDGES if edge.source == PERSON),
        *(("facts", "to_ref", f"starts_with(about, '{edge.type} ')") for edge in EDGES if edge.target == PERSON),
    )
)
"""What rows say of some of those whom they list."""
THINGS = """
SELECT coalesce(moved.id, things.id) AS thing, things.id, about, sure, "values", aliases, mark, known_from
FROM things LEFT JOIN (FROM moved WHERE label = $label) AS moved ON moved.name = things.id
WHERE starts_with(about, $label || ' ') ORDER BY 1, seq, things.rowid"""


class Stretch(NamedTuple):
    """Of which kind and file a stretch is, and whether it is of a log of changes; its number is its place in the list of all."""

    kind: str
    path: Path
    changes: bool


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
        self.open_kinds: set[str] = set()
        """The kinds of whose facts refused rows may have spoken, nobody knows of which."""
        self._unread: set[Path] = set()
        self._held: dict[str, list[pa.Table]] = defaultdict(list)
        self._layer = ThreadPoolExecutor(1)
        self._laying: Future[None] | None = None
        self._streaming: list[duckdb.DuckDBPyConnection] = []
        self._folder = tempfile.TemporaryDirectory(prefix="dottedline-")
        options: dict[str, str | bool | int | float | list[str]] = {"memory_limit": f"{MEMORY_MIB}MiB", "temp_directory": self._folder.name}
        self._connection = duckdb.connect(config=options)
        tables = []
        for name, schema in (SCHEMAS | MORE).items():
            columns = ("seq BIGINT" if of.name == "place" else f'"{of.name}" {TYPES[of.type]}' for of in schema)
            tables.append(f"CREATE TABLE {name} ({', '.join(columns)})")
        self._tables.execute(";".join(["BEGIN", *tables, *VIEWS, "COMMIT"]))

    @property
    def _tables(self) -> duckdb.DuckDBPyConnection:
        """The tables with all that was laid down."""
        if self._laying:  # it stays noted: several threads may wait for it
            self._laying.result()
        return self._connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._layer.shutdown()
        try:
            for cursor in list(self._streaming):  # a thread may read ahead what nobody wants any more
                cursor.interrupt()
            with contextlib.suppress(duckdb.Error):  # until it has noticed: the tables go with it
                self._connection.close()
        finally:
            self._folder.cleanup()

    def add(self, checked: Checked) -> None:
        """Lays down what a stretch says; stretches come in the order of the files."""
        number = len(self.stretches) << SHIFT
        self.stretches.append(Stretch(checked.kind, checked.path, checked.changes))
        self.rows[checked.kind] = self.rows.get(checked.kind, 0) + checked.rows
        self.columns[checked.kind] |= dict.fromkeys(checked.columns)
        self.open_kinds |= checked.open_kinds
        if checked.unread:
            self._unread.add(checked.path)
        for name, table in checked.tables.items():
            self._hold(name, table.set_column(0, "seq", pc.add(table.column(0), number)) if table.schema.names[0] == "place" else table)
        self._refuse((number, reject) for reject in checked.rejects)

    def _hold(self, name: str, table: pa.Table) -> None:
        self._held[name].append(table)
        if sum(len(part) for part in self._held[name]) >= HELD:
            self._lay(name)

    def _lay(self, name: str) -> None:
        """Lays down what is held of a table, while the next is made ready."""
        held, tables = pa.concat_tables(self._held.pop(name)), self._tables

        def lay() -> None:
            tables.register("held", held)
            tables.execute(f"INSERT INTO {name} FROM held")
            tables.unregister("held")

        self._laying = self._layer.submit(lay)

    def _refuse(self, rejects: Iterable[tuple[int, Reject]]) -> None:
        if rows := [(seq, *reject) for seq, reject in rejects]:
            self._hold("rejects", arrow(REJECTS, zip(*rows, strict=True)))

    def all_read(self) -> None:
        """All stretches are added. A row that could not even be read may be of any kind that its file makes."""
        self._lay_all()
        self.open_kinds |= {kind for stretch in self.stretches if stretch.path in self._unread for kind in open_kinds_of(stretch.kind)}

    def _lay_all(self) -> None:
        for name in list(self._held):
            self._lay(name)

    def _rows(self, text: str, **given: Any) -> list[tuple[Any, ...]]:
        return self._tables.execute(text, given).fetchall()

    def _stream(self, text: str, together: int | None = None, **given: Any) -> Iterator[pa.Table]:
        """An answer in pieces of about ``BATCH`` rows; those alike in the column ``together`` are not parted."""
        with self._tables.cursor() as cursor, self._streams(cursor):
            pieces = cursor.sql(text, params=given or None).to_arrow_reader(BATCH)
            carried, following = None, next(pieces, None)
            while following is not None:
                table, following = pa.Table.from_batches([following]), next(pieces, None)
                if together is None:
                    yield table
                    continue
                table = pa.concat_tables([carried, table]) if carried else table
                at = len(table)
                if following is not None:
                    alike = table.column(together)
                    at, last = at - 1, alike[-1]
                    while at and alike[at - 1] == last:
                        at -= 1
                if at:
                    yield table.slice(0, at)
                carried = table.slice(at)

    @contextlib.contextmanager
    def _streams(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        self._streaming.append(cursor)
        try:
            yield
        finally:
            self._streaming.remove(cursor)

    def _drop(self, seqs: pa.ChunkedArray) -> None:
        """Takes rows out."""
        self._tables.register("gone", pa.table({"seq": seqs}))
        for name in TOLD:
            self._tables.execute(f"DELETE FROM {name} USING gone WHERE {name}.seq = gone.seq")  # noqa: S608
        self._tables.unregister("gone")

    def _fell(self, rejects: list[tuple[int, Reject]]) -> None:
        """Refuses rows; a complete load spares what they name."""
        self._refuse(rejects)
        seqs = pa.chunked_array([pa.array([seq for seq, _ in rejects], pa.int64())])
        self._tables.register("fallen", pa.table({"seq": seqs}))
        self._tables.execute("INSERT INTO spared SELECT seq, about, key, NULL FROM facts SEMI JOIN fallen USING (seq)")
        self._tables.unregister("fallen")
        self._drop(seqs)

    def _reject(self, seq: int, line: int, column: str, reason: str, veiled: bool = False) -> tuple[int, Reject]:
        kind, path, _ = self.stretches[seq >> SHIFT]
        return seq, Reject(kind, path.name, line, column, reason, veiled)

    def refuse_erased(self, erased: Erased) -> None:
        """Refuses rows that tell of somebody who was erased, or name them; of a list only these are left out."""
        self._lay_all()
        own: dict[int, int] = {}
        for piece in self._stream(PEOPLE, label=PERSON):
            own |= {seq: line for seq, line, id_, values, aliases in rows_of(piece) if erased.tells_of(id_, values, aliases)}
        gone = [name for piece in self._stream(NAMES, label=PERSON) for name in erased.named(piece.column(0).to_pylist())]
        self._tables.register("erased", pa.table({"name": pa.array(gone, pa.string())}))
        fatal: dict[int, tuple[int, str]] = {}
        listed: list[tuple[int, str]] = []
        for seq, line, position, name in self._rows(NAMING, label=PERSON):
            column = KIND[self.stretches[seq >> SHIFT].kind].referring[position]
            if column.several:
                listed.append((seq, name))
            else:
                fatal.setdefault(seq, (line, column.name))
        self._tables.unregister("erased")
        fatal |= {seq: (line, PRINCIPAL) for seq, line, values in self._rows(GRANTED) if erased.bore(orjson.loads(values)[PRINCIPAL])}
        told = {seq: self._reject(seq, line, KIND[self.stretches[seq >> SHIFT].kind].identifies or "", REASON, True) for seq, line in own.items()}
        told = {seq: self._reject(seq, line, column, REASON, True) for seq, (line, column) in fatal.items()} | told
        self._fell([told[seq] for seq in sorted(told)])
        left = sorted({pair for pair in listed if pair[0] not in told})
        if left:
            erased.left_out += len(left)
            for text in LEFT_OUT:
                self._change(text, left, {"seq": pa.int64(), "name": pa.string()})

    def refuse_repeated(self) -> None:
        """An id that is repeated in one file with other values: the second row is refused. The same values twice are one.

        Rows with other dates, known from another day on, or of another source, are other stretches or another word: they stand, as far as their
        facts do not overlap.
        """
        for piece in self._stream(REPEATED):
            told = []
            for seq, line, same in rows_of(piece):
                if not same:
                    column = KIND[self.stretches[seq >> SHIFT].kind].told_apart_by[0]
                    told.append(self._reject(seq, line, column, "stands in this file before, with other values; keep one of the rows"))
            self._fell(told)
            self._drop(piece.column(0))

    def named(self) -> Iterator[tuple[str, list[str]]]:
        """Label and names, sorted, in pieces: what is to be looked up in the graph."""
        for piece in self._stream("SELECT DISTINCT label, name FROM names ORDER BY label, name"):
            pairs = rows_of(piece)
            for label, some in groupby(pairs, lambda pair: pair[0]):
                yield label, [name for _, name in some]

    def know(self, label: str, found: Mapping[str, Collection[str]]) -> None:
        """Names that the graph knows, each with the ids of all that bear it."""
        pairs = [(label, name, id_) for name, ids in found.items() for id_ in ids]
        if pairs:
            self._hold("known", arrow(PAIRS, zip(*pairs, strict=True)))

    def know_groups(self, found: Iterable[tuple[str, str, str]]) -> None:
        """Opportunities, their groups, and these as they were written."""
        if rows := list(found):
            names, ids, written = zip(*rows, strict=True)
            self._hold("known", arrow(PAIRS, ([GROUP] * len(rows), names, ids)))
            self._hold("grouped", arrow(MORE["grouped"], (names, written)))

    def regroup(self) -> None:
        """A role or a membership is told apart by its group, whether its row names that or an opportunity."""
        self._lay_all()
        columns = {"row": pa.int64(), "key": pa.string(), "group": pa.string(), "digest": pa.int64()}
        for piece in self._stream(GROUPED):
            made = []
            for row, text, from_ref, sure, given, group in rows_of(piece):
                about, values = About.read(text), orjson.loads(given)
                fact = next(fact for fact in KIND[about.kind].facts if fact.type == about.name)
                of = {fact.start: from_ref, fact.end: group} | {source: values.get(name) for name, source in fact.values.items()}
                key = key_of(fact.type, [str(of[source]) for source in fact.apart], about.source, fact.filed)
                made.append((row, key, group, fact_digest_of(given, from_ref, group, sure)))
            self._change(
                'UPDATE facts SET key = made.key, to_ref = made."group", digest = made.digest FROM made WHERE facts.rowid = made.row', made, columns
            )
        for piece in self._stream(SPARED):
            again = []
            for row, text, apart, group in rows_of(piece):
                about = About.read(text)
                again.append((row, key_of(about.name, [apart[0], group, *apart[2:]], about.source, about.kind)))
            self._change("UPDATE spared SET key = made.key FROM made WHERE spared.rowid = made.row", again, columns)

    def _change(self, text: str, rows: list[tuple[Any, ...]], columns: Mapping[str, pa.DataType]) -> None:
        if rows:
            schema = pa.schema(list(columns.items())[: len(rows[0])])
            self._tables.register("made", arrow(schema, zip(*rows, strict=True)))
            self._tables.execute(text)
            self._tables.unregister("made")

    def hold_until_next(self, at: int) -> None:
        """In logs of changes each row of a fact holds until the next one, which may say that there is no value any more.

        A row without dates that stands beside a log is true from ``at`` on. Rows that fall afterwards do not end others once this is done again.
        """
        logs = [number for number, stretch in enumerate(self.stretches) if stretch.changes]
        if logs:
            self._lay_all()
            for text in UNTIL_NEXT:
                given = {"logs": logs, "shift": SHIFT, "at": at, "first": OPEN_START, "last": OPEN_END}
                self._tables.execute(text, {name: value for name, value in given.items() if f"${name}" in text})

    def refuse_lost(self) -> None:
        """Refuses rows whose references name nothing, neither in the files nor in what is known, or several things.

        A refused row may be the one that another row names, so this goes on until no more rows fall.
        """
        self._lay_all()
        fallen = True
        while fallen:
            fallen = False
            for piece in self._stream(LOST):
                fallen = True
                told = []
                for seq, line, position, name, ids in rows_of(piece):
                    column = KIND[self.stretches[seq >> SHIFT].kind].referring[position]
                    told.append(self._reject(seq, line, column.name, _lost(name, column.ref or "", ids)))
                self._fell(told)

    def meanings(self, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
        """Label and name -> the ids of what it may mean, in order."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        asked = sorted(set(names))
        self._tables.register("asked_names", arrow(PAIRS, zip(*((*pair, None) for pair in asked), strict=True)) if asked else PAIRS.empty_table())
        for label, name, id_ in self._rows("FROM meanings('asked_names')"):
            found[label, name].append(id_)
        self._tables.unregister("asked_names")
        return {place: sorted(ids) for place, ids in found.items()}

    def scopes(self) -> Iterator[list[Scope]]:
        """The rows that say in more than one way in which group they are, in pieces."""
        for piece in self._stream("SELECT seq, line, group_id, opportunity_id, company_id FROM scopes JOIN rows USING (seq) ORDER BY seq"):
            yield [Scope(*row) for row in rows_of(piece)]

    def attributes(self, label: str, ids: Collection[str]) -> dict[str, dict[str, Any]]:
        """Id -> what the files say of things of a label, the last word of each attribute."""
        told: dict[str, dict[str, Any]] = defaultdict(dict)
        self._tables.register("asked_ids", pa.table({"id": pa.array(sorted(ids), pa.string())}))
        text = (
            """SELECT id, "values" FROM things SEMI JOIN asked_ids USING (id) WHERE starts_with(about, $label || ' ') AND NOT implied ORDER BY seq"""
        )
        for id_, values in self._rows(text, label=label):
            told[id_].update(orjson.loads(values))
        self._tables.unregister("asked_ids")
        return told

    def refuse(self, rows: Iterable[tuple[Scope, str, str]]) -> bool:
        """Refuses rows for a column and a reason; whether there were any."""
        told = [self._reject(scope.seq, scope.line, column, reason) for scope, column, reason in rows]
        if told:
            self._fell(told)
        return bool(told)

    def refuse_overlapping(self) -> bool:
        """Several rows of one fact are each its stretch; of two that overlap the second is refused with all its facts, unless it says the same again.

        Returns whether a row fell.
        """
        self._tables.execute("DELETE FROM several")
        self._tables.execute(SEVERAL)
        kept: dict[str, list[tuple[int, ...]]] = defaultdict(list)
        told = []
        for piece in self._stream(CLASHING, 0, first=OPEN_START, last=OPEN_END):
            for seq, facts in groupby(rows_of(piece), lambda row: row[0]):
                new, clash = list[tuple[str, tuple[int, ...]]](), None
                for _, line, key, *said in facts:
                    _, start, stop = said
                    other = next((other for other in kept[key] if start < other[4] and other[3] < stop), None)
                    if other is None:
                        new.append((key, (seq, line, *said)))
                    elif clash is None and list(other[2:]) != said:
                        clash = other
                        path = self.stretches[other[0] >> SHIFT].path
                        reason = f"overlaps line {other[1]} of {path.name}, which says the same fact otherwise; end one where the other begins"
                        told.append(self._reject(seq, line, "valid_from", reason))
                if clash is None:
                    for key, each in new:
                        kept[key].append(each)
        if told:
            self._fell(told)
        return bool(told)

    def resolve(self) -> None:
        """Once no more rows fall: the same word twice is one; which names stand for another id, what is implied, and who is nobody that is known."""
        for text in (AGAIN, "DELETE FROM several", SEVERAL, *RENAMED, BARE):
            self._tables.execute(text)
        for piece in self._stream(NOBODY):
            seqs, abouts, names, known_from = (column.to_pylist() for column in piece.columns)
            values = [{"name": name, "anonymous": True} for name in names]
            none, size = [None] * len(names), len(names)
            columns = (
                seqs,
                abouts,
                names,
                [0.0] * size,
                list(map(orjson.dumps, values)),
                none,
                list(map(digest, values)),
                known_from,
                [False] * size,
            )
            self._hold("things", arrow(SCHEMAS["things"], columns).rename_columns(["seq", *SCHEMAS["things"].names[1:]]))
        self._lay_all()

    def renamed(self, label: str) -> dict[str, str]:
        """Names that stand for another id of this label."""
        return dict(self._rows("SELECT name, id FROM renamed WHERE label = $label", label=label))

    def things_told(self) -> list[Told]:
        """Of which things the load speaks, in the order in which the files name them first."""
        return self._told("SELECT about, count(*), min(seq) FROM things GROUP BY about ORDER BY min(seq), about")

    def facts_told(self) -> list[Told]:
        """Of which facts the load speaks."""
        return self._told("SELECT about, count(*), min(seq) FROM facts GROUP BY about ORDER BY min(seq), about")

    def _told(self, text: str) -> list[Told]:
        return [Told(About.read(about), count, self.stretches[first >> SHIFT].kind) for about, count, first in self._rows(text)]

    def parted(self, label: str) -> list[tuple[str, str]]:
        """The ids of what rows of this label tell of, and what each is not, as they name it."""
        return self._rows("SELECT DISTINCT id, other FROM parted WHERE label = $label ORDER BY id, other", label=label)

    def sources(self, kind: str) -> set[str]:
        """Who says the rows of a kind that stand, as they name them."""
        rows = self._rows("SELECT DISTINCT seq >> $shift, source FROM rows WHERE source IS NOT NULL", shift=SHIFT)
        return {source for stretch, source in rows if self.stretches[stretch].kind == kind}

    def spared(self) -> dict[About, set[str]]:
        """The facts that refused rows name: about -> keys."""
        found: dict[About, set[str]] = defaultdict(set)
        for about, key in self._rows("SELECT DISTINCT about, key FROM spared"):
            found[About.read(about)].add(key)
        return found

    def absent(self, about: About, ending: Collection[str]) -> Iterable[list[str]]:
        """Sorted keys of facts that rows of ``ending`` kinds empty, in pieces: neither said elsewhere in these files nor spared."""
        return _Anew(partial(self._absent, about, ending))

    def _absent(self, about: About, ending: Collection[str]) -> Iterator[list[str]]:
        stretches = [number for number, stretch in enumerate(self.stretches) if stretch.kind in ending]
        for piece in self._stream(ABSENT, about=str(about), shift=SHIFT, stretches=stretches):
            yield piece.column(0).to_pylist()

    def emptied(self, ending: Collection[str]) -> set[About]:
        """The facts that rows of ``ending`` kinds empty."""
        rows = self._rows("SELECT DISTINCT about, seq >> $shift FROM emptied", shift=SHIFT)
        return {About.read(about) for about, stretch in rows if self.stretches[stretch].kind in ending}

    def absences(self) -> set[About]:
        """The facts of some of which a log of changes says from when on they are absent, and before that nothing."""
        return {About.read(about) for (about,) in self._rows(f"SELECT DISTINCT about {ABSENCES}")}

    def sparing(self, kind: str) -> int:
        """How many refused rows name facts that are filed under a kind."""
        return int(self._rows("SELECT count(DISTINCT seq) FROM spared WHERE ends_with(about, '/' || $kind)", kind=kind)[0][0])

    def move(self, label: str, thing_of: Callable[[str, Sequence[str]], Sequence[str]]) -> None:
        """Notes which of the rows' own ids name another thing: ``thing_of`` answers that for ids of a label."""
        text = "SELECT DISTINCT id FROM things WHERE starts_with(about, $label || ' ')"
        for piece in self._stream(text, label=label):
            ids = piece.column(0).to_pylist()
            pairs = [(label, id_, thing) for id_, thing in zip(ids, thing_of(label, ids), strict=True) if id_ != thing]
            if pairs:
                self._hold("moved", arrow(PAIRS, zip(*pairs, strict=True)))
        self._lay_all()

    def things(self, label: str) -> Iterator[Things]:
        """What is said of things of a label, in the order of the things, all rows of one together."""
        for piece in self._stream(THINGS, 0, label=label):
            yield Things(*(column.to_pylist() for column in piece.columns))

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
        self._lay_all()
        return dict(self._rows("SELECT kind, count(DISTINCT (file, line)) FROM rejects GROUP BY kind"))

    def rejects(self) -> list[Reject]:
        """All faults, in the order of the files."""
        self._lay_all()
        text = 'SELECT kind, file, line, "column", reason, veiled FROM rejects ORDER BY seq >> $shift, line, rowid'
        return [Reject(*row) for row in self._rows(text, shift=SHIFT)]

    def rejects_of(self, stretch: int) -> dict[int, list[Reject]]:
        """Line -> its faults, of one stretch."""
        text = 'SELECT kind, file, line, "column", reason, veiled FROM rejects WHERE seq >> $shift = $stretch ORDER BY line, rowid'
        found: dict[int, list[Reject]] = defaultdict(list)
        for row in self._rows(text, shift=SHIFT, stretch=stretch):
            found[row[2]].append(Reject(*row))
        return found


def _lost(name: str, label: str, ids: Sequence[str]) -> str:
    """Why a name cannot be used: it may mean any of these ids, or nothing."""
    if ids:
        more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
        return f"names {name!r}, an alias of several: {', '.join(ids[:SHOWN])}{more}; use one of these ids"
    return f"names {name!r}, a {label} that neither a good row of these files nor the graph knows; correct it, load that {label} too, or mend its row"


def rows_of(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    """A table as rows."""
    return zip(*(column.to_pylist() for column in table.columns), strict=True)


@dataclass(frozen=True, slots=True)
class _Anew(Generic[T]):
    """What is read from the spool each time that it is gone through."""

    read: Callable[[], Iterator[T]]

    def __iter__(self) -> Iterator[T]:
        return self.read()
