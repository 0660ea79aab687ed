"""One load: read, check, refer, write, report. Reading and checking are pure; only here is anything written.

What rows say lies in a spool between the steps, so that memory does not grow with the files.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from pathlib import Path
from time import monotonic
from typing import Any

import orjson

from graph.errors import InvalidInput
from graph.instants import at_moment, now
from graph.journal import About
from graph.lease import turn
from graph.ledger import Ledger, Progress, Reference, Tally, open_ledger, take_back_broken
from graph.model import NODE
from graph.store import Store
from loaders.check import check_stretch
from loaders.frames import Tables
from loaders.kinds import KIND
from loaders.mapping import CANONICAL, Mapping
from loaders.rejects import write_rejects
from loaders.spool import Spool


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
    warnings = []
    with Spool() as spool:
        for done, table in enumerate(tables):
            progress("check", done, 0)
            spool.add(check_stretch(table, zone, source))
        warnings += tables.warnings
        spool.all_read()
        spool.refuse_repeated()
        async with turn(store, waiting) as lease:
            if not dry and await take_back_broken(store, lease):
                warnings.append("A load before this one had broken off; what it had written was taken back first.")
            references = Reference(store)
            await _look_up(references, spool)
            await asyncio.to_thread(_settle, spool)
            for label in NODE:
                references.point(label, spool.renamed(label))
            rejected = spool.rejected()
            counts = {kind: Counts(rows=rows, rejected=rejected.get(kind, 0)) for kind, rows in spool.rows.items()}
            whole = _complete(spool, source, complete)
            abouts = {told.about for told in (*spool.things_told(), *spool.facts_told())} | whole
            async with open_ledger(
                store, lease, source=source, kinds=list(counts), as_of=as_of, abouts=abouts, complete=whole, dry=dry, progress=progress
            ) as ledger:
                ledger.references = references
                await _tell_things(ledger, spool, counts)
                await _tell_facts(ledger, spool, whole, counts, force=force)
        if ledger.moved_up:
            warnings.append(f"recorded_at of {ledger.moved_up} facts lay before what was already recorded of them: moved up")
        report = Report(ledger.number, source, counts, None, warnings, monotonic() - began)
        if reports_in and not dry:
            folder = reports_in / f"load-{ledger.number}"
            folder.mkdir(parents=True, exist_ok=True)
            if rejected:
                report.rejects = str(write_rejects(folder, tables, spool))
            (folder / "report.json").write_bytes(orjson.dumps(report.as_dict(), option=orjson.OPT_INDENT_2))
    return report


def _day(as_of: int | None, zone: tzinfo) -> date:
    """The day on which the files are true."""
    return at_moment(now() if as_of is None else as_of).astimezone(zone).date()


async def _look_up(references: Reference, spool: Spool) -> None:
    """Asks the graph for all that rows name, their own ids included, and what groups are called beside their ids."""
    for label, names in spool.named():
        found = await references.look_up(label, names)
        spool.know(label, found)
        if label == "BuyingGroup" and (lost := [name for name in names if name not in found]):
            spool.know("Company", await references.look_up("Company", lost))
            spool.know(label, await references.groups_of(lost))


def _settle(spool: Spool) -> None:
    """What can only be judged once all files are read and all names looked up."""
    spool.refuse_lost()
    spool.refuse_overlapping()
    spool.resolve()


async def _tell_things(ledger: Ledger, spool: Spool, counts: dict[str, Counts]) -> None:
    for about, rows, _ in spool.things_told():
        tally = await ledger.tell_things(about, spool.things(about), rows)
        if KIND[about.kind].label == about.name:
            counts[about.kind].add(tally)


async def _tell_facts(ledger: Ledger, spool: Spool, whole: set[About], counts: dict[str, Counts], *, force: bool) -> None:
    told = {about: (rows, kind) for about, rows, kind in spool.facts_told()}
    for about in dict.fromkeys((*sorted(whole), *told)):
        rows, kind = told.get(about, (0, about.kind))
        tally = await ledger.tell_facts(about, spool.facts(about, by_start=not ledger.spoke(about)), rows, force=force)
        counts.setdefault(about.kind if about.kind in counts else kind, Counts()).add(tally)


def _complete(spool: Spool, source: str, kinds: Sequence[str]) -> set[About]:
    """Of what the files hold all: of this load's source, and of those that rows of the kind name."""
    return {About(type_, f"{says}/{kind}") for kind in kinds for says in {source, *spool.sources.get(kind, ())} for type_ in KIND[kind].can_end}
