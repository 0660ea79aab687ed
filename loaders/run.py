"""One load: read, check, refer, write, report. Reading and checking are pure; only here is anything written."""

import base64
import csv
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any

import orjson

from graph import statements
from graph.errors import InvalidInput
from graph.instants import OPEN_END, now
from graph.model import EDGE, NODE
from graph.store import Store
from graph.timeline import Piece, Said, paint
from loaders.check import Checked, Reject, check_table, default_groups, references, refuse_lost, refuse_repeated
from loaders.frames import find_files, read_table
from loaders.kinds import FactSaid

BATCH = 5_000
Progress = Callable[[str, int, int], None]

FIND = """UNWIND $names AS name
OPTIONAL MATCH (n:{label} {{id: name}})
OPTIONAL MATCH (a:Alias {{name: name, label: $label}})
WITH name, n, collect(a.entity_id) AS others
RETURN collect([name, CASE WHEN n IS NULL THEN others ELSE [n.id] END]) AS found"""


@dataclass(slots=True)
class Counts:
    """What became of one kind: ``rows`` and ``rejected`` count rows, the others nodes and facts."""

    rows: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    ended: int = 0
    rejected: int = 0
    merged: int = 0


@dataclass(slots=True)
class Report:
    """What a load did."""

    load: int
    source: str
    kinds: dict[str, Counts]
    rejects: str | None = None
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0

    def total(self, name: str) -> int:
        """The sum of one count over all kinds."""
        return sum(getattr(counts, name) for counts in self.kinds.values())

    def as_dict(self) -> dict[str, Any]:
        """The report as ``--json`` prints it."""
        names = ["created", "changed", "unchanged", "ended", "rejected", "merged"]
        kinds = {kind: {name: getattr(counts, name) for name in ["rows", *names]} for kind, counts in self.kinds.items()}
        totals = {name: self.total(name) for name in names}
        head = {"load": self.load, "source": self.source, **totals, "seconds": round(self.seconds, 3)}
        return {**head, "kinds": kinds, "rejects": self.rejects, "warnings": self.warnings}


@dataclass(frozen=True, slots=True)
class Spoken:
    """A fact as one row says it, with what the store needs to write it."""

    fact: FactSaid
    row: Checked
    source: str
    key: str
    digest: int
    confidence: float


def digest(values: Mapping[str, Any]) -> int:
    """A signed 64-bit hash of values, whatever their order."""
    made = hashlib.blake2b(repr(sorted(values.items())).encode(), digest_size=8).digest()
    return int.from_bytes(made, "big", signed=True)


def key_of(parts: Iterable[str]) -> str:
    """A short hash of what tells a fact apart: 12 bytes in base 85."""
    return base64.b85encode(hashlib.blake2b("\x1f".join(parts).encode(), digest_size=12).digest()).decode()


def batches(rows: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Rows in pieces of ``BATCH``."""
    each = iter(rows)
    while piece := list(islice(each, BATCH)):
        yield piece


async def load(
    store: Store,
    paths: list[Path],
    *,
    source: str = "canonical",
    as_of: int | None = None,
    zone: tzinfo = UTC,
    reports_in: Path | None = None,
    progress: Progress = lambda step, done, of: None,
) -> Report:
    """Loads canonical files as a delta: what is absent stays. The same files again change nothing.

    ``as_of`` is the world instant at which the files were true (default: now); ``reports_in`` where ``load-<n>/report.json`` and
    ``rejects.csv`` go. Raises InvalidInput when a file cannot be read at all, before anything is written.
    """
    began = monotonic()
    tables = [read_table(path) for path in find_files(paths)]
    counts = {table.kind.name: Counts() for table in tables}
    rows: list[Checked] = []
    rejects: list[Reject] = []
    warnings = []
    for done, table in enumerate(tables):
        progress("check", done, len(tables))
        good, bad = check_table(table, zone)
        counts[table.kind.name].rows += len(table.cells) + len(table.ragged)
        rows += good
        rejects += bad
        if table.unknown:
            warnings.append(f"{table.path.name}: left out unknown columns {', '.join(table.unknown)}")
    rows, bad = refuse_repeated(rows)
    rejects += bad
    known = await _find(store, references(rows))
    rows, bad = refuse_lost(rows, known)
    rejects += bad
    spoken = _spoken(rows, source)
    spoken, bad = _refuse_overlapping(spoken)
    rejects += bad
    for reject in rejects:
        counts[reject.file.partition(".")[0]].rejected += 1

    revision = await store.revision_at(OPEN_END)
    number, at = await _begin(store, source, list(counts), now() if as_of is None else as_of, revision.known_at)
    true_at = at if as_of is None else as_of
    await _write_nodes(store, rows, known, counts, progress)
    await _write_facts(store, spoken, known, counts, f"L{number}", true_at, at, progress)
    await store.write("load", [("MATCH (l:Load {id: $id}) SET l.finished = true", {"id": f"L{number}"})])
    report = Report(number, source, counts, None, warnings, monotonic() - began)
    if reports_in:
        folder = reports_in / f"load-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        if rejects:
            report.rejects = str(_write_rejects(folder / "rejects.csv", rejects))
        (folder / "report.json").write_bytes(orjson.dumps(report.as_dict(), option=orjson.OPT_INDENT_2))
    return report


async def _find(store: Store, named: dict[str, set[str]]) -> dict[str, dict[str, str]]:
    """Label -> reference -> id of what the graph knows. Raises InvalidInput for a reference that names several things."""
    known: dict[str, dict[str, str]] = {}
    for label, names in named.items():
        known[label] = {}
        for piece in batches([{"name": name} for name in sorted(names)]):
            found = await store.read("load", FIND.format(label=label), {"names": [row["name"] for row in piece], "label": label})
            for name, ids in found[0][0]:
                if len(ids) > 1:
                    raise InvalidInput(f"{name!r} is an alias of several: {', '.join(sorted(ids))}. Use one of these ids in the files.", value=name)
                if ids:
                    known[label][name] = ids[0]
    return known


def _spoken(rows: Iterable[Checked], source: str) -> list[Spoken]:
    made = []
    for row in rows:
        says = row.values["source"] or source
        sure = 1.0 if row.values["confidence"] is None else row.values["confidence"]
        for fact in row.kind.facts(row.values):
            made.append(
                Spoken(fact, row, says, key_of((fact.type, *fact.apart, says)), digest({**fact.values, "": (fact.from_id, fact.to_id, sure)}), sure)
            )
    return made


def _refuse_overlapping(spoken: list[Spoken]) -> tuple[list[Spoken], list[Reject]]:
    """Several rows of one fact are each its stretch; of two that overlap the second is refused, unless it says the same again."""
    kept: list[Spoken] = []
    rejects: list[Reject] = []
    seen: dict[str, list[Spoken]] = defaultdict(list)
    for said in spoken:
        start, end = _bounds(said)
        clash = next((other for other in seen[said.key] if start < _bounds(other)[1] and _bounds(other)[0] < end), None)
        if clash is None:
            seen[said.key].append(said)
            kept.append(said)
        elif (clash.digest, *_bounds(clash)) != (said.digest, start, end):
            rejects.append(
                said.row.refused("valid_from", f"overlaps line {clash.row.line} of {clash.row.path.name}, which says the same fact otherwise")
            )
    return kept, rejects


def _bounds(said: Spoken) -> tuple[int, int]:
    first, last = said.row.values["valid_from"], said.row.values["valid_to"]
    return (-OPEN_END if first is None else first), (OPEN_END if last is None else last)


async def _begin(store: Store, source: str, kinds: list[str], as_of: int, after: int) -> tuple[int, int]:
    """Numbers the load. Its instant is above all before, so that readers see it whole or not at all."""
    rows = await store.read("load", "MATCH (l:Load) RETURN coalesce(max(l.revision), 0), coalesce(max(l.recorded_at), $after)", {"after": after})
    number, at = rows[0][0] + 1, max(now(), rows[0][1] + 1)
    values = {"id": f"L{number}", "revision": number, "source": source, "kinds": kinds, "as_of": as_of, "recorded_at": at, "finished": False}
    await store.write("load", [(statements.upsert_nodes(NODE["Load"]), {"rows": [values]})])
    return number, at


async def _write_nodes(store: Store, rows: list[Checked], known: dict[str, dict[str, str]], counts: dict[str, Counts], progress: Progress) -> None:
    wanted: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    kinds: dict[tuple[str, str], str] = {}
    aliases: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        kind = row.kind
        if kind.label is None or kind.identifies is None:
            continue
        given = row.values[kind.identifies]
        entity = known[kind.label].get(given, given)
        props = {name: value for name, value in kind.props(row.values).items() if value is not None}
        wanted[kind.label][entity] = {"id": entity, **props, "digest": digest(props)}
        kinds[kind.label, entity] = kind.name
        for name in kind.aliases(row.values):
            if name != entity:
                aliases[name, entity] = {"name": name, "entity_id": entity, "label": kind.label}
    for label, nodes in wanted.items():
        stand: dict[str, int] = {}
        for piece in batches([{"id": entity} for entity in nodes]):
            found = await store.read("load", statements.digests_of(NODE[label]), {"ids": [row["id"] for row in piece]})
            stand |= dict(zip(*found[0], strict=True))
        fresh = [node for entity, node in nodes.items() if stand.get(entity) != node["digest"]]
        for entity, node in nodes.items():
            tally = counts[kinds[label, entity]]
            if entity not in stand:
                tally.created += 1
            elif stand[entity] != node["digest"]:
                tally.changed += 1
            else:
                tally.unchanged += 1
        await _send(store, label, fresh, progress)
    groups = default_groups(rows)
    default = [{"id": known["Company"].get(group, group), "company_id": known["Company"].get(company, company)} for group, company in groups.items()]
    there = await _find(store, {"BuyingGroup": {row["id"] for row in default}})
    await _send(store, "BuyingGroup", [row for row in default if row["id"] not in there.get("BuyingGroup", {})], progress)
    stand_aliases = await store.read(
        "load", "UNWIND $names AS name MATCH (a:Alias {name: name}) RETURN name, a.entity_id", {"names": sorted({n for n, _ in aliases})}
    )
    old = {(name, entity) for name, entity in stand_aliases}
    await _send(store, "Alias", [alias for place, alias in aliases.items() if place not in old], progress)


async def _send(store: Store, label: str, nodes: list[dict[str, Any]], progress: Progress) -> None:
    for done, piece in enumerate(batches(nodes)):
        progress(label, done * BATCH, len(nodes))
        await store.write("load", [(statements.upsert_nodes(NODE[label]), {"rows": piece})])


async def _write_facts(
    store: Store,
    spoken: list[Spoken],
    known: dict[str, dict[str, str]],
    counts: dict[str, Counts],
    load_id: str,
    as_of: int,
    at: int,
    progress: Progress,
) -> None:
    by_origin: dict[tuple[str, str], dict[str, list[Spoken]]] = defaultdict(lambda: defaultdict(list))
    for said in spoken:
        by_origin[said.fact.type, f"{said.source}/{said.fact.filed}"][said.key].append(said)
    for (type_, origin), keys in by_origin.items():
        edge = EDGE[type_]
        rows = await store.read("load", statements.current_facts(edge), {"origin": origin, "open": OPEN_END})
        stand: dict[str, dict[Piece, int]] = defaultdict(dict)
        for key, value, first, last, recorded in zip(*rows[0], strict=True):
            if key in keys:
                stand[key][Piece(first, last, value)] = recorded
        gone: list[dict[str, Any]] = []
        made: list[dict[str, Any]] = []
        kept_values: list[tuple[str, Piece, int, Piece]] = []
        for key, says in keys.items():
            have = stand[key]
            want = paint(sorted(have), bool(have), as_of, [Said(s.row.values["valid_from"], s.row.values["valid_to"], s.digest) for s in says])
            tally = counts[says[0].row.kind.name]
            values = {s.digest: s for s in says}
            lost, new = [piece for piece in have if piece not in want], [piece for piece in want if piece not in have]
            if not have:
                tally.created += 1
            elif not lost and not new:
                tally.unchanged += 1
            else:
                tally.changed += 1
            gone += [{"key": key, "recorded_at": have[piece], "valid_from": piece.start} for piece in lost]
            for piece in new:
                if piece.value in values:
                    made.append(_fact(values[piece.value], piece, known, origin, load_id, at))
                else:
                    was = next(old for old in have if old.value == piece.value)
                    kept_values.append((key, was, have[was], piece))
        made += await _shortened(store, type_, kept_values, load_id, at)
        for done, (retracted, written) in enumerate(_together(gone, made)):
            progress(type_, done * BATCH, len(made))
            work = [(statements.retract_facts(edge), {"rows": retracted, "at": at, "open": OPEN_END})] if retracted else []
            await store.write("load", [*work, (statements.create_facts(edge), {"rows": written})])


def _together(gone: list[dict[str, Any]], made: list[dict[str, Any]]) -> Iterator[tuple[list[dict[str, Any]], list[dict[str, Any]]]]:
    """Batches in which a key's retraction and its new stretches share a transaction; sorted by start, so that writers do not cross."""
    by_key: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = defaultdict(lambda: ([], []))
    for row in gone:
        by_key[row["key"]][0].append(row)
    for row in made:
        by_key[row["fact"]["key"]][1].append(row)
    retracted: list[dict[str, Any]] = []
    written: list[dict[str, Any]] = []
    for old, new in sorted(by_key.values(), key=lambda pair: pair[1][0]["from_id"] if pair[1] else ""):
        retracted += old
        written += new
        if len(written) + len(retracted) >= BATCH:
            yield retracted, written
            retracted, written = [], []
    if retracted or written:
        yield retracted, written


def _fact(said: Spoken, piece: Piece, known: dict[str, dict[str, str]], origin: str, load_id: str, at: int) -> dict[str, Any]:
    fact = said.fact
    start_label = EDGE[fact.type].source
    default = known["Company"].get(fact.to_id, fact.to_id) if fact.to_label == "BuyingGroup" else fact.to_id
    clocks = {"valid_from": piece.start, "valid_to": piece.end, "recorded_at": at, "retracted_at": OPEN_END}
    head = {"key": said.key, "digest": said.digest, "origin": origin, "load_id": load_id, "confidence": said.confidence}
    refs = {"from_ref": fact.from_id, "to_ref": fact.to_id}
    values = {name: value for name, value in fact.values.items() if value is not None}
    return {
        "from_id": known[start_label].get(fact.from_id, fact.from_id),
        "to_id": known[fact.to_label].get(fact.to_id, default),
        "fact": {**values, **head, **clocks, **refs},
    }


async def _shortened(store: Store, type_: str, moved: list[tuple[str, Piece, int, Piece]], load_id: str, at: int) -> list[dict[str, Any]]:
    """Stretches that go on with other bounds, with the values they had."""
    made: list[dict[str, Any]] = []
    bound = {(key, recorded, was.start): piece for key, was, recorded, piece in moved}
    for rows in batches([{"key": key, "recorded_at": recorded, "valid_from": was.start} for key, was, recorded, _ in moved]):
        for from_id, to_id, fact in (await store.read("load", statements.values_of_facts(EDGE[type_]), {"rows": rows}))[0][0]:
            piece = bound[fact["key"], fact["recorded_at"], fact["valid_from"]]
            moved_fact = {**fact, "valid_from": piece.start, "valid_to": piece.end, "recorded_at": at, "retracted_at": OPEN_END, "load_id": load_id}
            made.append({"from_id": from_id, "to_id": to_id, "fact": moved_fact})
    return made


def _write_rejects(path: Path, rejects: list[Reject]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "line", "column", "value", "reason"])
        writer.writerows([reject.file, reject.line, reject.column, reject.value, reject.reason] for reject in rejects)
    return path
