"""One load: read, check, refer, write, report. Reading and checking are pure; only here is anything written."""

import base64
import contextlib
import gc
import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from pathlib import Path
from time import monotonic
from typing import Any

import orjson

from graph.errors import InvalidInput
from graph.identity import Matching
from graph.instants import OPEN_END, OPEN_START, at_moment, now
from graph.journal import About, FactRow, ThingRow, fact_digest
from graph.lease import turn
from graph.ledger import Ledger, Progress, Reference, Tally, open_ledger, take_back_broken
from graph.store import Store
from graph.tombstones import tombstones
from loaders import identity
from loaders.check import Checked, Reject, beside, check_table, default_group, named_in, own_ids, refuse_lost, refuse_repeated
from loaders.erased import Erased
from loaders.frames import Tables
from loaders.kinds import KIND
from loaders.mapping import CANONICAL, Mapping
from loaders.rejects import write_rejects


@dataclass(slots=True)
class Counts(Tally):
    """What became of one kind: ``rows`` and ``rejected`` count rows, the others nodes and facts."""

    rows: int = 0
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
    """A fact as one row says it, ready for the ledger."""

    row: Checked
    about: About
    fact: FactRow


def key_of(parts: Iterable[str]) -> str:
    """A short hash of what tells a fact apart: 12 bytes in base 64, which the standard library writes in C."""
    return base64.b64encode(hashlib.blake2b("\x1f".join(parts).encode(), digest_size=12).digest()).decode()


@contextlib.asynccontextmanager
async def _collector_rests() -> AsyncIterator[None]:
    """A load makes millions of objects that live until its end, and no circles: looking for circles among them takes a third of its time."""
    ran = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if ran:
            gc.enable()


@_collector_rests()
async def load(
    store: Store,
    paths: list[Path],
    *,
    mapping: Mapping = CANONICAL,
    source: str | None = None,
    as_of: int | None = None,
    zone: tzinfo = UTC,
    complete: Sequence[str] = (),
    force: bool = False,
    dry: bool = False,
    reports_in: Path | None = None,
    unpacked_mib: int = 4_096,
    matching: Matching = identity,
    progress: Progress = lambda step, done, of: None,
    waiting: Callable[[str], None] = lambda holder: None,
) -> Report:
    """Loads files as ``mapping`` reads them; what is absent stays, unless its kind is in ``complete``; the same files again change nothing.

    ``source`` is who says it (default: the mapping's name); ``as_of`` is the world instant at which the files were true (default: now);
    ``reports_in`` where ``load-<n>/report.json`` and ``rejects.csv`` go; ``dry`` counts and writes nothing; ``force`` lets a complete load end a
    large share; ``matching`` compares records; ``waiting`` hears whom one waits for.
    Raises InvalidInput when a file cannot be read at all, before anything is written, and EndRefused.
    """
    began = monotonic()
    source = source or mapping.name
    if unknown := [kind for kind in complete if kind not in KIND or not KIND[kind].can_end]:
        can = ", ".join(name for name, kind in KIND.items() if kind.can_end)
        raise InvalidInput(f"--complete {', '.join(unknown)}: facts of this kind do not end by absence. Those that do: {can}.", argument="complete")
    tables = Tables(paths, mapping.on(_day(as_of, zone)), source, unpacked_mib)
    counts: dict[str, Counts] = {}
    rows: list[Checked] = []
    rejects: list[Reject] = []
    warnings = []
    for done, table in enumerate(tables):
        progress("check", done, 0)
        good, bad = check_table(table, zone)
        counts.setdefault(table.kind.name, Counts()).rows += len(table.cells) + len(table.broken)
        rows += good
        rejects += bad
    warnings += tables.warnings
    rows, bad = refuse_repeated(rows)
    rejects += bad
    async with turn(store, waiting) as lease:
        if not dry and await take_back_broken(store, lease, matching):
            warnings.append("A load before this one had broken off; what it had written was taken back first.")
        rows, bad, told = await _without_erased(store, rows, matching)
        rejects, warnings = rejects + bad, warnings + told
        references, rows, bad = await _referred(store, rows)
        rejects += bad
        things = _things(rows, references, source)
        facts, bad = _refuse_overlapping(_facts(rows, source))
        rejects += bad
        for kind_name, _, _ in {(reject.kind, reject.file, reject.line) for reject in rejects}:
            counts[kind_name].rejected += 1
        whole = _complete(rows, source, complete)
        abouts = set(things) | {fact.about for fact in facts} | whole
        async with open_ledger(
            store, lease, source=source, kinds=list(counts), as_of=as_of, abouts=abouts, complete=whole, matching=matching, dry=dry, progress=progress
        ) as ledger:
            ledger.references = references
            entities = await ledger.identify(things, _by_about(facts))
            for label, plan in entities.items():
                counts.setdefault(_telling(label, things, counts), Counts()).merged += plan.merged
            await _write(ledger, things, facts, whole, counts, force)
            await ledger.settle(entities)
    if ledger.moved_up:
        warnings.append(f"recorded_at of {ledger.moved_up} facts lay before what was already recorded of them: moved up")
    report = Report(ledger.number, source, counts, None, warnings, monotonic() - began)
    if reports_in and not dry:
        folder = reports_in / f"load-{ledger.number}"
        folder.mkdir(parents=True, exist_ok=True)
        if rejects:
            report.rejects = str(write_rejects(folder, tables, rejects))
        (folder / "report.json").write_bytes(orjson.dumps(report.as_dict(), option=orjson.OPT_INDENT_2))
    return report


async def _without_erased(store: Store, rows: list[Checked], matching: Matching) -> tuple[list[Checked], list[Reject], list[str]]:
    """Rows that name nobody who was erased, the others as rejects, and what is to be told."""
    found = await tombstones(store, matching)
    if found is None:
        return rows, [], []
    erased = Erased(found)
    rows, rejects = erased.refuse(rows)
    return rows, rejects, [f"people who were erased are left out of lists, {erased.left_out} times"] if erased.left_out else []


async def _referred(store: Store, rows: list[Checked]) -> tuple[Reference, list[Checked], list[Reject]]:
    """What rows name, and the rows that name what is nowhere as rejects."""
    references = Reference(store)
    for label, ids in own_ids(rows).items():
        await references.find(label, ids, own=True)
    for label, names in named_in(rows).items():
        await references.find(label, names)
    rows, rejects = refuse_lost(rows, references.known)
    for row in rows:
        kind = row.kind
        if kind.label and kind.identifies:
            for name in kind.aliases(row.values):
                if not references.known(kind.label, name):
                    references.learn(kind.label, name, row.values[kind.identifies])
        if row.kind.name == "opportunities" and row.values["group_id"]:
            references.learn("BuyingGroup", row.values["opportunity_id"], row.values["group_id"])
    return references, rows, rejects


def _by_about(facts: Iterable[Spoken]) -> dict[About, list[FactRow]]:
    made: dict[About, list[FactRow]] = defaultdict(list)
    for said in facts:
        made[said.about].append(said.fact)
    return made


def _telling(label: str, things: Map[About, Any], counts: Map[str, Counts]) -> str:
    """The kind under which the merges of a label are counted: its own where the load has it, else the one that spoke of such things."""
    kinds = [kind for kind in counts if KIND[kind].label == label] + [about.kind for about in things if about.name == label]
    return next(iter(kinds), next(iter(counts)))


def _day(as_of: int | None, zone: tzinfo) -> date:
    """The day on which the files are true."""
    return at_moment(now() if as_of is None else as_of).astimezone(zone).date()


async def _write(
    ledger: Ledger, things: Map[About, list[ThingRow]], facts: list[Spoken], whole: set[About], counts: dict[str, Counts], force: bool
) -> None:
    for about, said in things.items():
        tally = await ledger.say_things(about, said)
        if KIND[about.kind].label == about.name:
            counts[about.kind].add(tally)
    by_about: dict[About, list[Spoken]] = {about: [] for about in sorted(whole)}
    for fact in facts:
        by_about.setdefault(fact.about, []).append(fact)
    for about, spoken in by_about.items():
        tally = await ledger.say_facts(about, [said.fact for said in spoken], force=force)
        counts.setdefault(about.kind if about.kind in counts or not spoken else spoken[0].row.kind.name, Counts()).add(tally)


def _sure(row: Checked) -> float:
    return 1.0 if row.values["confidence"] is None else float(row.values["confidence"])


def _things(rows: Sequence[Checked], references: Reference, source: str) -> dict[About, list[ThingRow]]:
    """What rows say of things: their own, those beside them, default groups, and anonymous people. One that is only named is named once.

    Ids are as the rows give them: which of them are one is found afterwards.
    """
    made: dict[About, list[ThingRow]] = defaultdict(list)
    named: set[tuple[About, str]] = set()
    people = {row.values[row.kind.identifies] for row in rows if row.kind.label == "Person" and row.kind.identifies}
    for row in rows:
        kind, origin, sure, values = row.kind, f"{row.values['source'] or source}/{row.kind.name}", _sure(row), row.values
        if kind.label and kind.identifies:
            made[About(kind.label, origin)].append(ThingRow(values[kind.identifies], sure, _filled(kind.props(values)), kind.aliases(values)))
        for thing in beside(row):
            about = About(thing.label, origin)
            if thing.values or (about, thing.id) not in named:
                named.add((about, thing.id))
                made[about].append(ThingRow(thing.id, sure, _filled(thing.values), []))
        for column in kind.referring:
            for name in column.named(row.values) if column.anonymous else ():
                if name not in people and not references.owned("Person", name):
                    made[About("Person", origin)].append(ThingRow(name, 0.0, {"name": name, "anonymous": True}, []))
        company = default_group(row, lambda id_: references.known("Company", id_))
        if company:
            made[About("BuyingGroup", origin)].append(ThingRow(company, 1.0, {"company_id": company}, []))
    return made


def _filled(values: Map[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _facts(rows: Iterable[Checked], source: str) -> list[Spoken]:
    made = []
    for row in rows:
        says, sure = row.values["source"] or source, _sure(row)
        for fact in row.facts:
            values = _filled(fact.values)
            mark = fact_digest(values, fact.from_id, fact.to_id, sure)
            said = FactRow(
                key_of((fact.type, *fact.apart, says, fact.filed)),
                row.values["valid_from"],
                row.values["valid_to"],
                mark,
                fact.from_id,
                fact.to_id,
                sure,
                values,
                row.values["recorded_at"],
            )
            made.append(Spoken(row, About(fact.type, f"{says}/{fact.filed}"), said))
    return made


def _complete(rows: Iterable[Checked], source: str, kinds: Sequence[str]) -> set[About]:
    """Of what the files hold all: of this load's source, and of those that rows of the kind name."""
    sources = {kind: {source} for kind in kinds}
    for row in rows:
        if row.kind.name in sources and row.values["source"]:
            sources[row.kind.name].add(row.values["source"])
    return {About(type_, f"{says}/{kind}") for kind, given in sources.items() for says in given for type_ in KIND[kind].can_end}


def _refuse_overlapping(spoken: list[Spoken]) -> tuple[list[Spoken], list[Reject]]:
    """Several rows of one fact are each its stretch; of two that overlap the second is refused, unless it says the same again."""
    kept: list[Spoken] = []
    rejects: list[Reject] = []
    seen: dict[str, list[Spoken]] = defaultdict(list)
    for said in spoken:
        start, end = _bounds(said)
        clash = next((other for other in seen[said.fact.key] if start < _bounds(other)[1] and _bounds(other)[0] < end), None)
        if clash is None:
            seen[said.fact.key].append(said)
            kept.append(said)
        elif (clash.fact.digest, *_bounds(clash)) != (said.fact.digest, start, end):
            rejects.append(
                said.row.refused("valid_from", f"overlaps line {clash.row.line} of {clash.row.path.name}, which says the same fact otherwise")
            )
    return kept, rejects


def _bounds(said: Spoken) -> tuple[int, int]:
    return (OPEN_START if said.fact.start is None else said.fact.start), (OPEN_END if said.fact.end is None else said.fact.end)
