"""One load: read, check, refer, write, report. Reading and checking are pure; only here is anything written.

What rows say lies in a spool between the steps, so that memory does not grow with the files.
"""

import asyncio
import contextlib
import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from functools import partial
from itertools import count, islice
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

import orjson

from graph import statements
from graph.conflicts import Conflict, Contradictions
from graph.entities import GROUP, Plan
from graph.errors import InvalidInput
from graph.identity import MERGING, Matching
from graph.instants import at_moment, now
from graph.journal import BATCH, About, batches
from graph.lease import Lease, turn
from graph.ledger import Ledger, Progress, Reference, Tally, open_ledger, take_back_broken, unfinished_loads
from graph.model import NODE
from graph.said import JOB
from graph.store import Store
from graph.tombstones import tombstones
from graph.words import counted
from loaders import identity
from loaders.check import Reject, check_stretch
from loaders.engines import Run
from loaders.erased import Erased
from loaders.frames import Tables
from loaders.helpers import SELDOM
from loaders.kinds import KIND
from loaders.mapping import CANONICAL, Mapping
from loaders.rejects import Fault, first_faults, write_rejects
from loaders.scopes import LABELS, OWNED, Named, Scope, contradictions
from loaders.spool import Spool, Told
from loaders.tables import Table

T = TypeVar("T")
MAY_MOVE = (*MERGING, GROUP)
"""Labels of things that rows may name by other ids than their own."""
DRY = "dry-run-{}"
"""The folder of a dry run's report."""
EXPECTED = 4
"""So many kinds are read ahead at once: each holds a cursor and a connection."""
SHOWN = 5
"""So many faults are told on a terminal; a file has the rest."""


@dataclass(slots=True)
class Counts(Tally):
    """What became of one kind: ``rows`` and ``rejected`` count rows, the others nodes and facts."""

    rows: int = 0
    rejected: int = 0
    merged: int = 0


@dataclass(frozen=True, slots=True)
class Ends:
    """What ends by a complete load, of the kinds ``ending``: all that it does not name of the ``whole``, and elsewhere what it has ``emptied``."""

    ending: list[str]
    whole: set[About]
    emptied: set[About]
    warnings: list[str]


@dataclass(slots=True)
class Report:
    """What a load did."""

    load: int
    source: str
    kinds: dict[str, Counts]
    rejects: str | None = None
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0
    conflicts: Contradictions = field(default_factory=Contradictions)
    faults: list[Fault] = field(default_factory=list)
    """The first of the rejects, one more than is shown where there are more.

    They are for the terminal alone: what a row holds is kept in the files of rejects, where an erasure finds it.
    """

    def total(self, name: str) -> int:
        """The sum of one count over all kinds."""
        return sum(getattr(counts, name) for counts in self.kinds.values())

    def as_dict(self) -> dict[str, Any]:
        """The report as ``--json`` prints it."""
        names = ["created", "changed", "unchanged", "ended", "rejected", "merged"]
        kinds = {kind: {name: getattr(counts, name) for name in ["rows", *names]} for kind, counts in self.kinds.items()}
        totals = {name: self.total(name) for name in names}
        head = {"load": self.load, "source": self.source, **totals, "seconds": round(self.seconds, 3)}
        conflicts = {"count": self.conflicts.count, "won": self.conflicts.won, "first": [_shown(*one) for one in self.conflicts.first]}
        return {**head, "kinds": kinds, "rejects": self.rejects, "warnings": self.warnings, "conflicts": conflicts}


def _shown(label: str, conflict: Conflict) -> dict[str, Any]:
    """A conflict with the word that counts and the best of those that say something else."""
    first, other = conflict.versions[0], conflict.rival
    told = {"value": first.value, "source": first.source, "other_value": other.value, "other_source": other.source}
    return {"kind": label, "id": conflict.thing, "attribute": conflict.attribute, **told, "because": conflict.because.value}


@contextlib.contextmanager
def _collector_seldom() -> Iterator[None]:
    usual = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


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
    run: Run = map,
    progress: Progress = lambda step, done, of: None,
    waiting: Callable[[str], None] = lambda holder: None,
) -> Report:
    """Loads files as ``mapping`` reads them; what is absent stays, unless its kind is in ``complete``; the same files again change nothing.

    ``source`` is who says it (default: the mapping's name); ``as_of`` is the world instant at which the files were true (default: now);
    ``reports_in`` where ``load-<n>/report.json`` and ``rejects.csv`` go; ``dry`` counts, reports in ``dry-run-<n>`` and leaves the graph alone;
    ``force`` lets a complete load end a large share; ``matching`` compares records; ``run`` runs the steps of rows; ``waiting`` hears whom one
    waits for.
    Raises InvalidInput when a file cannot be read at all, before anything is written, and EndRefused.
    """
    began = monotonic()
    source = source or mapping.name
    if unknown := [kind for kind in complete if kind not in KIND or not KIND[kind].can_end]:
        can = ", ".join(name for name, kind in KIND.items() if kind.can_end)
        raise InvalidInput(f"--complete {', '.join(unknown)}: facts of this kind do not end by absence. Those that do: {can}.", argument="complete")
    tables = Tables(paths, mapping.on(_day(as_of, zone)), source, unpacked_mib)
    with _collector_seldom(), Spool() as spool:
        check(spool, tables, zone, source, run, progress)
        warnings = list[str]()
        if as_of is not None and as_of > now():
            warnings.append("--as-of lies ahead: what the files say without a date begins then, and today's maps do not show it")
        async with turn(store, waiting) as lease:
            if dry and await unfinished_loads(store):
                warnings.append("A load before this one broke off; what it left is counted as if it stood. The next load takes it back first.")
            elif not dry and await take_back_broken(store, lease, matching):
                warnings.append("A load before this one had broken off; what it had written was taken back first.")
            report, erased = await say(
                store, lease, spool, source=source, as_of=as_of, complete=complete, force=force, dry=dry, matching=matching, progress=progress
            )
            report.warnings[:0] = [*(each.said(quoting=erased is None) for each in tables.warned), *warnings]
            if report.total("rejected"):
                report.faults = first_faults(tables, spool, erased, SHOWN + 1)
            report.seconds = monotonic() - began
            if reports_in:
                folder = _dry_run(reports_in) if dry else reports_in / f"load-{report.load}"
                await asyncio.to_thread(_write, folder, report, tables, spool, erased)
    return report


def _dry_run(reports: Path) -> Path:
    """A folder that is not there yet: an earlier one may hold what somebody mends, and what is read just now."""
    return next(folder for number in count(1) if not (folder := reports / DRY.format(number)).exists())


def _write(folder: Path, report: Report, tables: Tables, spool: Spool, erased: Erased | None) -> None:
    """The report and its rejected rows, while the load has its turn: an erasure after it finds them."""
    folder.mkdir(parents=True, exist_ok=True)
    if report.total("rejected"):
        report.rejects = str(write_rejects(folder, tables, spool, erased))
    (folder / "report.json").write_bytes(orjson.dumps(report.as_dict(), option=orjson.OPT_INDENT_2))


def check(spool: Spool, tables: Iterable[Table], zone: tzinfo, source: str, run: Run = map, progress: Progress = lambda step, done, of: None) -> None:
    """Checks each row for itself and against the other rows of its file."""
    for done, checked in enumerate(run(partial(check_stretch, zone=zone, source=source), tables)):
        progress("check", done, 0)
        spool.add(checked)
    spool.all_read()
    spool.refuse_repeated()


async def say(
    store: Store,
    lease: Lease,
    spool: Spool,
    *,
    source: str,
    as_of: int | None,
    matching: Matching,
    complete: Sequence[str] = (),
    force: bool = False,
    dry: bool = False,
    by_hand: bool = False,
    progress: Progress = lambda step, done, of: None,
    refused: Callable[[Sequence[Reject]], None] | None = None,
) -> tuple[Report, Erased | None]:
    """Writes checked rows as one load of the writer whose turn it is; what proves unusable against the graph is refused in the spool.

    ``refused`` hears of all rejects before anything is written, and may raise. Answers the report, and what knows who was erased. Raises EndRefused.
    """
    warnings: list[str] = []
    stones = await tombstones(store, matching)
    erased = Erased(stones) if stones else None
    if erased:
        await asyncio.to_thread(spool.refuse_erased, erased)
    references = Reference(store)
    await _look_up(references, spool)
    await asyncio.to_thread(spool.regroup)
    await refuse_clashing(store, spool, now() if as_of is None else as_of)
    if refused:
        refused(spool.rejects())
    await asyncio.to_thread(spool.resolve)
    for label in NODE:
        references.name(label, spool.renamed(label))
    rejected = spool.rejected()
    counts = {kind: Counts(rows=rows, rejected=rejected.get(kind, 0)) for kind, rows in spool.rows.items()}
    ends = _ends(spool, source, complete, force=force)
    warnings += ends.warnings
    things, facts = spool.things_told(), spool.facts_told()
    async with open_ledger(
        store,
        lease,
        source=source,
        kinds=list(counts),
        as_of=as_of,
        abouts={told.about for told in (*things, *facts)} | ends.whole | ends.emptied,
        complete=ends.whole,
        emptied=ends.emptied | spool.absences(),
        matching=matching,
        dry=dry,
        by_hand=by_hand,
        progress=progress,
    ) as ledger:
        ledger.references = references
        for label in _next((label, rows) for label, rows in _rows_of(things).items() if label not in MAY_MOVE):
            ledger.expect_things(label, spool.things(label))
        jobs = (row for told in facts if told.about.name == JOB for batch in spool.facts(told.about) for row in batch.rows())
        entities = await ledger.identify(lambda label: (row for batch in spool.things(label) for row in batch.rows()), jobs, spool.parted)
        _count_merges(entities, things, counts)
        await _tell_things(ledger, spool, things, counts)
        await ledger.revive()
        await _tell_facts(ledger, spool, facts, ends, counts, force=force)
        await ledger.settle(entities)
    if erased and erased.left_out:
        warnings.append(f"people who were erased are left out of lists, {counted(erased.left_out, 'time')}")
    if ledger.moved_up:
        warnings.append(f"recorded_at of {counted(ledger.moved_up, 'fact')} lay before what was already recorded: moved up")
    return Report(ledger.number, source, counts, None, warnings, conflicts=ledger.contradictions), erased


def _count_merges(entities: Map[str, Plan], things: Sequence[Told], counts: dict[str, Counts]) -> None:
    for label, plan in entities.items():
        counts.setdefault(_telling(label, things, counts), Counts()).merged += plan.merged


def _telling(label: str, things: Sequence[Told], counts: Map[str, Counts]) -> str:
    """The kind under which the merges of a label are counted: its own where the load has it, else the one that spoke of such things."""
    kinds = [kind for kind in counts if KIND[kind].label == label] + [about.kind for about, *_ in things if about.name == label]
    return next(iter(kinds), next(iter(counts)))


def _day(as_of: int | None, zone: tzinfo) -> date:
    """The day on which the files are true."""
    return at_moment(now() if as_of is None else as_of).astimezone(zone).date()


async def _look_up(references: Reference, spool: Spool) -> None:
    """Asks the graph for all that rows name, their own ids included, and what groups are called beside their ids."""
    for label, names in spool.named():
        found = await references.look_up(label, names)
        spool.know(label, found)
        if label == GROUP and (lost := [name for name in names if name not in found]):
            spool.know("Company", await references.look_up("Company", lost))
            spool.know_groups(await references.groups_of(lost))


async def refuse_clashing(store: Store, spool: Spool, at: int) -> None:
    """Refuses the rows that do not stand beside each other, in files of the world instant ``at``.

    A refused row may be the one that another row names, so the checks go on; and it ends no row before it in a log of changes.
    """
    fallen = True
    while fallen:
        await asyncio.to_thread(spool.refuse_lost)
        fallen = False
        for scopes in spool.scopes():
            fallen |= spool.refuse([*contradictions(scopes, *await _belonging(store, spool, scopes))])
        if not fallen:
            await asyncio.to_thread(spool.hold_until_next, at)
            fallen = await asyncio.to_thread(spool.refuse_overlapping)


async def _belonging(store: Store, spool: Spool, scopes: list[Scope]) -> tuple[dict[Named, list[str]], dict[Named, dict[str, Any]]]:
    """What rows mean by the names of their groups, opportunities and companies, and what is said of these: in the graph, then in the files."""
    meant = spool.meanings(name for scope in scopes for name in scope.names)
    known: dict[Named, dict[str, Any]] = {}
    for label in OWNED:
        ids = sorted({ids[0] for (of, _), ids in meant.items() if of == label})
        for piece in batches(ids):
            found = (await store.read("load", statements.values_of(NODE[label]), {"ids": piece}))[0][0]
            known |= {(label, props["id"]): props for props in found}
        for id_, props in spool.attributes(label, ids).items():
            known[label, id_] = {**known.get((label, id_), {}), **props}
    named = {(LABELS[column], props[column]) for props in known.values() for column in LABELS if props.get(column)}
    return meant | spool.meanings(named - meant.keys()), known


async def _tell_things(ledger: Ledger, spool: Spool, told: Sequence[Told], counts: dict[str, Counts]) -> None:
    """All words of the load on a label at once, so that the surest and latest of them wins."""
    for label in MAY_MOVE:
        spool.move(label, ledger.references.ids)
    labels = list(_rows_of(told).items())
    for place, (label, rows) in enumerate(labels, 1):
        for following in _next(labels[place:]):
            ledger.expect_things(following, spool.things(following))
        own = [about for about, *_ in told if about.name == label and label in (KIND[about.kind].label, KIND[about.kind].rows_are)]
        tally = await ledger.tell_things(label, spool.things(label), rows, own)
        if own:
            counts[own[0].kind].add(tally)


def _rows_of(told: Sequence[Told]) -> dict[str, int]:
    """Label or type -> how many rows tell of it, in the order in which the files name them."""
    found: dict[str, int] = {}
    for about, rows, _ in told:
        found[about.name] = found.get(about.name, 0) + rows
    return found


def _next(following: Iterable[tuple[T, int]]) -> Iterator[T]:
    """Of what is told next, with the rows that tell of it, as much as is read ahead: until these are as many as a batch, and a few at most."""
    rows = 0
    for each, more in islice(following, EXPECTED):
        if rows >= BATCH:
            return
        yield each
        rows += more


async def _tell_facts(ledger: Ledger, spool: Spool, facts: Sequence[Told], ends: Ends, counts: dict[str, Counts], *, force: bool) -> None:
    told = {about: (rows, kind) for about, rows, kind in facts}
    spared = spool.spared() if ends.whole else {}
    abouts = list(dict.fromkeys((*sorted({*ends.whole, *ends.emptied, *ledger.revived}), *told)))
    each = {about: spool.facts(about, by_start=not ledger.may_stand(about)) for about in abouts}
    for place, about in enumerate(abouts, 1):
        for following in _next((other, told.get(other, (0,))[0]) for other in abouts[place:]):
            ledger.expect_facts(following, each[following])
        rows, kind = told.get(about, (0, about.kind))
        absent = spool.absent(about, ends.ending) if about in ends.emptied else ()
        tally = await ledger.tell_facts(about, each[about], rows, spared=spared.get(about, set()), absent=absent, force=force)
        if about in told or about in ends.whole or about in ends.emptied:
            counts.setdefault(about.kind if about.kind in counts else kind, Counts()).add(tally)


def _ends(spool: Spool, source: str, kinds: Sequence[str], *, force: bool) -> Ends:
    """Files of the ``kinds`` hold all of this load's source, and of those that their rows name.

    What refused rows name does not end. Where they leave open what they name, nothing of the kind does, unless by ``force``.
    """
    ending = [kind for kind in kinds if force or kind not in spool.open_kinds]
    whole = {About(type_, f"{says}/{kind}") for kind in ending for says in {source, *spool.sources(kind)} for type_ in KIND[kind].can_end}
    naming = {kind: spool.sparing(kind) for kind in ending}
    warnings = [f"--complete {kind}: what is named by {counted(rows, 'refused row')} stays as it is" for kind, rows in naming.items() if rows]
    warnings += [
        f"--complete {kind}: nothing ends, for refused rows do not show which facts they name. Mend them, or add --force."
        for kind in kinds
        if kind not in ending
    ]
    return Ends(ending, whole, spool.emptied(ending) - whole, warnings)
