"""One load: read, check, refer, write, report. Reading and checking are pure; only here is anything written."""

import base64
import contextlib
import gc
import hashlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from datetime import UTC, date, tzinfo
from itertools import groupby
from pathlib import Path
from time import monotonic
from typing import Any

import orjson

from graph import statements
from graph.errors import InvalidInput
from graph.instants import OPEN_END, OPEN_START, at_moment, now
from graph.journal import About, FactRow, ThingRow, digest
from graph.lease import turn
from graph.ledger import Ledger, Progress, Reference, Tally, open_ledger, take_back_broken, unfinished_loads
from graph.model import EDGE, NODE
from graph.store import Store
from loaders.check import (
    SCOPES,
    Bearers,
    Checked,
    Fallen,
    Reject,
    beside,
    check_table,
    default_group,
    in_two_scopes,
    named_in,
    refuse_contradicting,
    refuse_lost,
    refuse_repeated,
)
from loaders.columns import Column, FactSaid, Kind
from loaders.frames import Tables
from loaders.kinds import KIND, NEEDS_GROUP
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


@dataclass(slots=True)
class Ends:
    """What ends by a complete load: all that it does not name of the ``whole``, but for the ``spared`` keys and ids, and the ``absent`` keys elsewhere."""

    whole: set[About] = field(default_factory=set)
    spared: dict[About, set[str]] = field(default_factory=lambda: defaultdict(set))
    absent: dict[About, set[str]] = field(default_factory=lambda: defaultdict(set))
    warnings: list[str] = field(default_factory=list)


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
    progress: Progress = lambda step, done, of: None,
    waiting: Callable[[str], None] = lambda holder: None,
) -> Report:
    """Loads files as ``mapping`` reads them; what is absent stays, unless its kind is in ``complete``; the same files again change nothing.

    ``source`` is who says it (default: the mapping's name); ``as_of`` is the world instant at which the files were true (default: now);
    ``reports_in`` where ``load-<n>/report.json`` and ``rejects.csv`` go; ``dry`` counts and writes nothing; ``force`` lets a complete load end a
    large share; ``waiting`` hears whom one waits for.
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
    made: dict[str, set[str]] = defaultdict(set)
    columns: dict[tuple[str, Path], set[str]] = {}
    for done, table in enumerate(tables):
        progress("check", done, 0)
        made[table.path.name].add(table.kind.name)
        columns[table.kind.name, table.path] = {str(name) for name in table.cells}
        good, bad = check_table(table, zone)
        counts.setdefault(table.kind.name, Counts()).rows += len(table.cells) + len(table.broken)
        rows += good
        rejects += bad
    warnings += tables.warnings
    rows, bad = refuse_repeated(rows)
    rejects += bad
    async with turn(store, waiting) as lease:
        if dry and await unfinished_loads(store):
            warnings.append("A load before this one broke off; what it left is counted as if it stood. The next load takes it back first.")
        elif not dry and await take_back_broken(store, lease):
            warnings.append("A load before this one had broken off; what it had written was taken back first.")
        references = Reference(store)
        for label, names in named_in(rows).items():
            await references.find(label, names)
        rows, facts, bad = await _standing(store, rows, references, source)
        rejects += bad
        _learn(rows, references)
        things = _things(rows, references, source)
        for kind_name, _, _ in {(reject.kind, reject.file, reject.line) for reject in rejects}:
            counts[kind_name].rejected += 1
        ends = _ends(rows, references, source, complete, _fallen(rejects, made), columns, force)
        warnings += ends.warnings
        abouts = set(things) | {fact.about for fact in facts} | ends.whole | set(ends.absent)
        async with open_ledger(
            store,
            lease,
            source=source,
            kinds=list(counts),
            as_of=as_of,
            abouts=abouts,
            complete=ends.whole,
            emptied=ends.absent,
            dry=dry,
            progress=progress,
        ) as ledger:
            ledger.references = references
            await _write(ledger, things, facts, ends, counts, force)
    warnings += [
        f"--complete {kind}: {count} that the files do not name stay, for facts hang on them" for kind, count in ledger.held.items() if count
    ]
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


def _day(as_of: int | None, zone: tzinfo) -> date:
    """The day on which the files are true."""
    return at_moment(now() if as_of is None else as_of).astimezone(zone).date()


async def _standing(store: Store, rows: Sequence[Checked], references: Reference, source: str) -> tuple[list[Checked], list[Spoken], list[Reject]]:
    """The rows that stand beside each other, with their facts. A refused row may be the one that another row names, so the checks go on."""
    rejects: list[Reject] = []
    for row in rows:
        if row.kind.name == "opportunities" and row.values["group_id"]:
            references.learn("BuyingGroup", row.values["opportunity_id"], row.values["group_id"])
    scopes = await _scopes(store, rows, references)
    while True:
        standing, lost = refuse_lost(rows, references.candidates)
        standing, contradicting = refuse_contradicting(standing, references.candidates, scopes)
        facts, clashing, fallen = _refuse_overlapping(_facts(standing, references, source))
        rejects += lost + contradicting + clashing
        rows = [row for row in standing if id(row) not in fallen]
        if not contradicting and not fallen:
            return rows, facts, rejects


async def _scopes(store: Store, rows: Iterable[Checked], references: Reference) -> dict[tuple[str, str], dict[str, Any]]:
    """(Label, id) -> what the graph has of the groups and opportunities of rows that say in two ways where they are."""
    asked = {label: set[str]() for label in SCOPES}
    for row in filter(in_two_scopes, rows):
        for column in row.kind.referring:
            if column.ref in asked:
                asked[column.ref].update(references.id(column.ref, name) for name in column.named(row.values))
    found = {label: await store.read("load", statements.values_of(NODE[label]), {"ids": sorted(ids)}) for label, ids in asked.items() if ids}
    return {(label, props["id"]): props for label, read in found.items() for props in read[0][0]}


def _learn(rows: list[Checked], references: Reference) -> None:
    """The names that only these files give, as far as rows use them."""
    bearers = Bearers(rows, references.candidates)
    for label, names in named_in(rows).items():
        for name in names:
            if not references.known(label, name) and (found := bearers.of(label, name)) and found != [name]:
                references.learn(label, name, found[0])


async def _write(ledger: Ledger, things: Map[About, list[ThingRow]], facts: list[Spoken], ends: Ends, counts: dict[str, Counts], force: bool) -> None:
    told = {**{about: list[ThingRow]() for about in sorted(ends.whole) if about.name in NODE}, **things}
    for label in dict.fromkeys(about.name for about in told):
        said = {about: rows for about, rows in told.items() if about.name == label}
        own = [about for about in said if label in (KIND[about.kind].label, KIND[about.kind].rows_are)]
        tally = await ledger.say_things(label, said, {row.id for about in own for row in said[about]}, spared=ends.spared, force=force)
        if own:
            counts.setdefault(own[0].kind, Counts()).add(tally)
    by_about: dict[About, list[Spoken]] = {about: [] for about in sorted({*ends.whole, *ends.absent}) if about.name in EDGE}
    for fact in facts:
        by_about.setdefault(fact.about, []).append(fact)
    for about, spoken in by_about.items():
        spared, absent = ends.spared.get(about, ()), ends.absent.get(about, ())
        tally = await ledger.say_facts(about, [said.fact for said in spoken], spared=spared, absent=absent, force=force)
        counts.setdefault(about.kind if about.kind in counts or not spoken else spoken[0].row.kind.name, Counts()).add(tally)


def _sure(row: Checked) -> float:
    return 1.0 if row.values["confidence"] is None else float(row.values["confidence"])


def _things(rows: Sequence[Checked], references: Reference, source: str) -> dict[About, list[ThingRow]]:
    """What rows say of things: their own, those beside them, default groups, and anonymous people. One that is only named is named once."""
    made: dict[About, list[ThingRow]] = defaultdict(list)
    named: set[tuple[About, str]] = set()
    people = {row.values[row.kind.identifies] for row in rows if row.kind.label == "Person" and row.kind.identifies}
    for row in rows:
        kind, origin, sure = row.kind, f"{row.values['source'] or source}/{row.kind.name}", _sure(row)
        known_from = row.values["recorded_at"]
        values = {**row.values, **{column.name: _resolved(column, row.values, references) for column in kind.referring}}
        if kind.label and kind.identifies:
            id_ = references.id(kind.label, values[kind.identifies])
            made[About(kind.label, origin)].append(ThingRow(id_, sure, _filled(kind.props(values)), kind.aliases(values), known_from))
        for thing in beside(row, values):
            about, id_ = About(thing.label, origin), references.id(thing.label, thing.id)
            if thing.values or (about, id_) not in named:
                named.add((about, id_))
                made[about].append(ThingRow(id_, sure, _filled(thing.values), [], known_from))
        for column in kind.referring:
            for name in column.named(row.values) if column.anonymous else ():
                if name not in people and not references.known("Person", name):
                    made[About("Person", origin)].append(ThingRow(name, 0.0, {"name": name, "anonymous": True}, [], known_from))
        company = default_group(row, lambda id_: references.known("Company", id_))
        if company:
            group = references.id("Company", company)
            made[About("BuyingGroup", origin)].append(ThingRow(group, 1.0, {"company_id": group}, [], known_from))
    return made


def _resolved(column: Column, values: Map[str, Any], references: Reference) -> Any:
    value = values[column.name]
    if isinstance(value, list):
        return [references.id(column.ref or "", name) for name in value]
    return references.id(column.ref or "", value) if value else value


def _filled(values: Map[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _facts(rows: Iterable[Checked], references: Reference, source: str) -> list[Spoken]:
    made = []
    for row in rows:
        says, sure = row.values["source"] or source, _sure(row)
        for fact in row.facts if row.kind.needs_one != NEEDS_GROUP else row.kind.facts(_grouped(row.kind, row.values, references)):
            values = _filled(fact.values)
            mark = digest({**values, "": [fact.from_id, fact.to_id, sure]})
            about, key = _place(fact, says)
            said = FactRow(
                key,
                row.values["valid_from"],
                row.values["valid_to"],
                mark,
                fact.from_id,
                fact.to_id,
                sure,
                values,
                row.values["recorded_at"],
            )
            made.append(Spoken(row, about, said))
    return made


def _grouped(kind: Kind, values: Map[str, Any], references: Reference) -> Map[str, Any]:
    """A role or a membership is told apart by its group, whether the row names that or an opportunity."""
    if kind.needs_one != NEEDS_GROUP or not any(values.get(name) for name in NEEDS_GROUP):
        return values
    named = next(values[name] for name in NEEDS_GROUP if values.get(name))
    return {**values, "group_id": references.group(named)}


def _fallen(rejects: Iterable[Reject], made: Map[str, set[str]]) -> list[Fallen]:
    """The rows that could not be used, once each. One that could not even be read may be of any kind that its file makes: ``made``, file -> kinds."""
    unread = {kind for reject in rejects if not reject.row.values for kind in made[reject.file]}
    return [
        *(Fallen.unread(KIND[kind]) for kind in sorted(unread)),
        *{id(reject.row): reject.row for reject in rejects if reject.row.values}.values(),
    ]


def _place(fact: FactSaid, says: str) -> tuple[About, str]:
    """Under what a fact is filed, and its key."""
    return About(fact.type, f"{says}/{fact.filed}"), key_of((fact.type, *fact.apart, says, fact.filed))


def _ends(
    rows: Sequence[Checked],
    references: Reference,
    source: str,
    kinds: Sequence[str],
    fallen: Iterable[Fallen],
    columns: Map[tuple[str, Path], set[str]],
    force: bool,
) -> Ends:
    """Files of the ``kinds`` hold all of this load's source, and of those that their rows name; ``columns`` are what each file gives of a kind.

    What refused rows name does not end. Where they leave open what they name, nothing of the kind does, unless by ``force``.
    """
    ends = Ends()
    if not kinds:
        return ends
    naming, open_ = Counter[str](), Counter[str]()
    for refused in fallen:
        if refused.kind.can_end and not refused.kind.ends:
            things, says = refused.things(), refused.values.get("source") or source
            for label, id_ in things or ():
                ends.spared[About(label, f"{says}/{refused.kind.name}")].add(references.id(label, id_))
            (open_ if things is None else naming).update([refused.kind.name])
        elif not refused.kind.lasting:
            facts, unsure = replace(refused, values=_grouped(refused.kind, refused.values, references)).names()
            for fact in facts:
                about, key = _place(fact, refused.values.get("source") or source)
                ends.spared[about].add(key)
            naming.update({fact.filed for fact in facts})
            open_.update({filed for _, filed in unsure})
    ending = {kind: {source} for kind in kinds if force or not open_[kind]}
    for row in rows:
        kind, says = row.kind, row.values["source"] or source
        if kind.name in ending:
            ending[kind.name].add(says)
            for column, fact_of in kind.emptied.items():
                if row.values[column] is None and column in columns[kind.name, row.path]:
                    about, key = _place(fact_of(row.values), says)
                    ends.absent[about].add(key)
    ends.whole = {About(type_, f"{says}/{kind}") for kind, sources in ending.items() for says in sources for type_ in KIND[kind].can_end}
    named = named_in(rows)
    for about in ends.whole:
        ends.spared[about].update(references.id(about.name, name) for name in named.get(about.name, ()))
    ends.absent = {about: keys - ends.spared[about] for about, keys in ends.absent.items() if about not in ends.whole}
    ends.warnings = [f"--complete {kind}: what {naming[kind]} refused rows name stays as it is" for kind in ending if naming[kind]]
    ends.warnings += [
        f"--complete {kind}: nothing ends, for refused rows do not show which facts they name. Mend them, or add --force."
        for kind in kinds
        if kind not in ending
    ]
    return ends


def _refuse_overlapping(spoken: Iterable[Spoken]) -> tuple[list[Spoken], list[Reject], set[int]]:
    """Several rows of one fact are each its stretch; of two that overlap the second is refused with all its facts, unless it says the same again.

    Returns the facts that stand, the rejects, and which rows fell.
    """
    kept: list[Spoken] = []
    rejects: list[Reject] = []
    fallen: set[int] = set()
    seen: dict[str, list[Spoken]] = defaultdict(list)
    for row, facts in groupby(spoken, key=lambda said: id(said.row)):
        new = []
        for said in facts:
            start, end = _bounds(said)
            clash = next((other for other in seen[said.fact.key] if start < _bounds(other)[1] and _bounds(other)[0] < end), None)
            if clash is None:
                new.append(said)
            elif row not in fallen and (clash.fact.digest, *_bounds(clash)) != (said.fact.digest, start, end):
                reason = f"overlaps line {clash.row.line} of {clash.row.path.name}, which says the same fact otherwise"
                rejects.append(said.row.refused("valid_from", reason))
                fallen.add(row)
        if row not in fallen:
            for said in {said.fact.key: said for said in new}.values():
                seen[said.fact.key].append(said)
                kept.append(said)
    return kept, rejects, fallen


def _bounds(said: Spoken) -> tuple[int, int]:
    return (OPEN_START if said.fact.start is None else said.fact.start), (OPEN_END if said.fact.end is None else said.fact.end)
