"""The command line: the local database, loads, the API, and every question by its name.

GraphQL and the server are imported in the commands that need them, since they take longer to read than most commands take (hence noqa: PLC0415).
"""

import asyncio
import contextlib
import inspect
import json
import logging
import os
import shlex
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, NoReturn, get_args, get_origin
from zoneinfo import ZoneInfo, available_timezones

import typer
from rich.console import Console
from rich.progress import Progress

from api.asking import Asking, anchor_option, asks_page, given, instant_of, kebab, parts
from api.context import Context
from api.files import File
from api.registry import CLOCKS, MUTATIONS, QUESTIONS
from api.render import as_json, formats
from api.workers import FOLDER, Workers, listening
from graph.access import Access, ApiKey, Granted, add_key, list_grants, list_keys, revoke_key
from graph.answer import Id
from graph.compaction import compact as compact_
from graph.conflicts import Contradictions
from graph.errors import DottedlineError, InvalidInput, NotFound, RejectedRows, StoreUnavailable
from graph.instants import OPEN_END, at_moment, now
from graph.journal import About, Known
from graph.ledger import unfinished_loads, unload
from graph.local import Finding, LocalNeo4j, Running
from graph.model import NODE, SCHEMA_VERSION, GrantRole, Opens
from graph.mutation import Desk, Mutation
from graph.page import MOST_PAGE
from graph.principal import Principal
from graph.question import Anchor, Argument, Question
from graph.said import Overlap, known_loads, overlap
from graph.scoring import read_models
from graph.settings import Settings, load_settings
from graph.store import Store
from graph.trail import Trail
from graph.upgrade import ensure_schema
from graph.view import LANGUAGES
from graph.words import counted
from graph.writes.erase_person import erase_person
from loaders import identity
from loaders.engines import USUAL, RowEngine
from loaders.engines import engine as engine_of
from loaders.export import export
from loaders.granting import grant_role
from loaders.guess import explained, proposal, tried
from loaders.kinds import KIND
from loaders.mapping import CANONICAL, Mapping, read_mapping
from loaders.mapping import preset as preset_of
from loaders.one_row import Asserted
from loaders.run import SHOWN, Report, load
from queries.anchors.entities import entity
from queries.loads import Load, loads

app = typer.Typer(help="Graph-based account intelligence.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
ask = typer.Typer(help="Ask one question.", no_args_is_help=True)
app.add_typer(ask, name="ask")
do = typer.Typer(help="Say something that a person knows: a numbered write, which `unload` takes back.", no_args_is_help=True)
app.add_typer(do, name="do")
key_app = typer.Typer(help="API keys: who may come in.", no_args_is_help=True)
app.add_typer(key_app, name="key")
grant_app = typer.Typer(help="Grants: who may see and do what, and where.", no_args_is_help=True)
app.add_typer(grant_app, name="grant")
mapping_app = typer.Typer(help="Mappings: how files of other systems are read.", no_args_is_help=True)
app.add_typer(mapping_app, name="mapping")
err = Console(stderr=True)

AS_WHOM = "See what this principal sees, by their grants."
SAMPLES = Path(__file__).parent.parent / "samples"
LAST_PORT = 65_535
ONE_HOUR = 3600.0
PATIENCE, IMPATIENCE = 30.0, 3.0
"""Seconds to wait for a database that is wanted, and for one that is only looked at."""
DEMO = {"market": "2026-06-30", "market_late": "2026-07-03"}
"""Sample -> the day as of which it is loaded."""


def say(text: str) -> None:
    """A line for the person at the terminal, beside the answer on standard output."""
    err.print(text, highlight=False, markup=False, soft_wrap=True)


def local_only(settings: Settings) -> LocalNeo4j:
    """The local database. Raises InvalidInput when ``NEO4J_URI`` names another one: that is never started or stopped by us."""
    if settings.neo4j_uri:
        raise InvalidInput("NEO4J_URI is set, so nothing local is touched. Unset it to work on the local database.")
    return LocalNeo4j(settings)


def connector(settings: Settings, running: Running | None = None) -> Callable[[], Store]:
    """How to reach the graph: the server that is named, or the local database, started if it is absent."""
    if settings.neo4j_uri and running is None:
        uri, user = settings.neo4j_uri, settings.neo4j_user
        password = settings.neo4j_password.get_secret_value() if settings.neo4j_password else ""
        return lambda: Store(settings, uri, user, password)
    database = running or LocalNeo4j(settings).start(progress=fetching)
    if running is None and not database.found:
        say("Started the local database; it goes on running. `dottedline down` stops it.")
    return lambda: Store(settings, database.uri, database.user, database.password)


def patient(settings: Settings) -> Settings:
    """The same for a process that answers one question: it waits for a snapshot, which would end unfinished with it."""
    return settings.model_copy(update={"snapshot_seconds": ONE_HOUR})


def fetching(done: int, of: int) -> None:
    """Tells of the first fetch, now and then."""
    if done in (1, of) or done % 50 == 0:
        say(f"Fetching Neo4j: {done} of {of} files")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("dottedline"))
        raise typer.Exit


@app.callback()
def options(
    _: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_version)] = False,
) -> None:
    """Graph-based account intelligence."""


@contextlib.asynccontextmanager
async def opened(connect: Callable[[], Store], seconds: float = PATIENCE) -> AsyncIterator[Store]:
    """A store that answers within so many seconds and has its schema."""
    async with connect() as store:
        await store.verify(seconds)
        await ensure_schema(store)
        yield store


@app.command()
def up() -> None:
    """Start the local database and leave it running, at its last port where that is free: a server that runs finds it again."""
    running = local_only(load_settings()).start(progress=fetching)
    say(f"{'Found' if running.found else 'Started'} the local database at {running.uri} (process {running.pid}).")


@app.command()
def down() -> None:
    """Stop the local database."""
    say("Stopped." if local_only(load_settings()).stop() else "No local database was running.")


@app.command()
def status() -> None:
    """Whether the local database runs, and where; of a server that NEO4J_URI names, whether it answers."""
    settings = load_settings()
    if settings.neo4j_uri:
        tell([schema_finding(settings, None)])
    running = local_only(settings).status()
    typer.echo(f"running at {running.uri}, process {running.pid}" if running else "not running")


@app.command()
def doctor() -> None:
    """What is wrong here, and the cure."""
    settings = load_settings()
    database = LocalNeo4j(settings)
    found, running = (database.surroundings(), None) if settings.neo4j_uri else (database.doctor(), database.status())
    tell([*found, schema_finding(settings, running), scoring_finding(settings)])


def tell(findings: Sequence[Finding]) -> NoReturn:
    """Prints what was found; it is a failure when something of it is wrong."""
    for finding in findings:
        typer.echo(f"{'ok   ' if finding.ok else 'WRONG'} {finding.name}: {finding.says}" + ("" if finding.ok else f"\n      {finding.cure}"))
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


def schema_finding(settings: Settings, running: Running | None) -> Finding:
    """Whether the database, the server that is named or the local one that runs, answers with a schema that this version knows."""
    if running is None and not settings.neo4j_uri:
        return Finding("schema", True, "not looked at: the local database does not run")
    where = f" at {settings.neo4j_uri}, database {settings.neo4j_database}" if settings.neo4j_uri else ""

    async def check() -> None:
        async with opened(connector(settings, running), IMPATIENCE):
            pass

    try:
        asyncio.run(check())
    except StoreUnavailable as error:
        cure = "Start it, or mend NEO4J_URI; while that is unset the local database is used." if where else error.message
        return Finding("schema", False, f"{error.code}{where}", cure)
    except DottedlineError as error:
        return Finding("schema", False, f"{error.code}{where}", error.message)
    return Finding("schema", True, f"version {SCHEMA_VERSION}{where}")


def scoring_finding(settings: Settings) -> Finding:
    """Whether the scoring models can be read."""
    try:
        return Finding("scoring models", True, ", ".join(sorted(read_models(settings.scoring))))
    except DottedlineError as error:
        return Finding("scoring models", False, error.code, error.message)


@app.command()
def dump(to: Annotated[Path, typer.Argument(help="The back-up file to write.")]) -> None:
    """Back up the local database; it rests meanwhile."""
    local_only(load_settings()).dump(to)
    say(f"Wrote {to}.")


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="A file that dump wrote.")]) -> None:
    """Replace the local database by a back-up; it rests meanwhile."""
    local_only(load_settings()).restore(file)
    say(f"Restored {file}.")


@app.command()
def schema() -> None:
    """Print the GraphQL schema."""
    from strawberry.printer import print_schema  # noqa: PLC0415

    from api.schema import build  # noqa: PLC0415

    typer.echo(print_schema(build()))


@app.command(name="load")
def load_(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders or zips of them.")],
    preset: Annotated[str | None, typer.Option(help="Whose files they are; default: canonical.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="A mapping file of your own.")] = None,
    source: Annotated[str | None, typer.Option(help="Who says it; default: the preset's or mapping's name.")] = None,
    as_of: Annotated[str | None, typer.Option(help="When the files were true; default: now.")] = None,
    tz: Annotated[str | None, typer.Option(help="Zone of dates without one; default: DOTTEDLINE_TZ.")] = None,
    complete: Annotated[list[str] | None, typer.Option(help="A kind of which these files hold all of the source: what is absent ends.")] = None,
    force: Annotated[bool, typer.Option(help="Let --complete end more than a fifth of a kind and more than 20 facts.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Say what would happen, and write the rejected rows to a file, but nothing into the graph.")] = False,
    engine: Annotated[
        RowEngine, typer.Option(help="Where rows are checked: on other cores too where files are large, by this process alone, or by Dask.")
    ] = USUAL,
    scheduler: Annotated[str | None, typer.Option(help="The address of a Dask cluster that you have, such as tcp://10.0.0.7:8786.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
) -> None:
    """Load files into the graph; the same files again change nothing."""
    settings = load_settings()
    if tz is not None and tz not in available_timezones():
        raise InvalidInput(f"--tz: {tz!r} is no time zone. Write one such as Asia/Shanghai.", argument="tz")
    zone = ZoneInfo(tz) if tz else settings.zone
    read = mapping_of(preset, mapping)
    said = {"mapping": read, "source": source, "as_of": instant_of("as-of", as_of, zone, last=False), "zone": zone}
    asked = {"complete": complete or [], "force": force, "dry": dry_run}
    with (
        engine_of(engine, scheduler, paths) as run,
        interrupted("" if dry_run else "What this load wrote counts for nothing; the next one takes it back."),
    ):
        report = asyncio.run(run_load(connector(settings), settings, paths, run=run, **said, **asked))
    typer.echo(json.dumps(report.as_dict(), ensure_ascii=False) if as_json else told(report, dry=dry_run))
    if report.total("rejected"):
        raise typer.Exit(RejectedRows.exit_code)


def mapping_of(name: str | None, file: Path | None) -> Mapping:
    """The mapping that a person named. Raises InvalidInput when they named two, none of ours, or a wrong file."""
    if name is not None and file is not None:
        raise InvalidInput("--preset and --mapping: name one of them.", argument="mapping")
    return read_mapping(file) if file is not None else preset_of(name or CANONICAL.name)


@mapping_app.command(name="guess")
def guess_(paths: Annotated[list[Path], typer.Argument(help="Files, or folders or zips of them.")]) -> None:
    """Propose a mapping for files, with how sure each column is."""
    typer.echo(proposal(paths, load_settings().max_unpacked_mib), nl=False)


@mapping_app.command(name="check")
def check_(
    mapping: Annotated[str, typer.Argument(help="A mapping file, or a preset's name.")],
    paths: Annotated[list[Path] | None, typer.Argument(help="Files to try it on.")] = None,
    as_of: Annotated[str | None, typer.Option(help="When the files were true; default: now.")] = None,
) -> None:
    """Say what a mapping reads and makes; with files, what it makes of them."""
    read = read_mapping(Path(mapping)) if Path(mapping).suffix else preset_of(mapping)
    settings = load_settings()
    at = instant_of("as-of", as_of, settings.zone, last=False)
    day = at_moment(now() if at is None else at).astimezone(settings.zone).date()
    typer.echo(explained(read) if not paths else tried(read, paths, day, settings.max_unpacked_mib))


@contextlib.contextmanager
def interrupted(so: str) -> Iterator[None]:
    """Says what became of it when somebody pressed Ctrl-C."""
    try:
        yield
    except KeyboardInterrupt:
        say(f"Interrupted. {so}".strip())
        raise


async def run_load(connect: Callable[[], Store], settings: Settings, paths: list[Path], **options: Any) -> Report:
    """One load with a progress bar on a terminal; ``options`` are those of ``loaders.run.load``."""
    with progress_bar("load") as show:
        async with opened(connect) as store:
            return await load(
                store, paths, reports_in=settings.home / "reports", unpacked_mib=settings.max_unpacked_mib, progress=show, waiting=waiting, **options
            )


@contextlib.contextmanager
def progress_bar(what: str) -> Iterator[Callable[[str, int, int], None]]:
    """Shows steps, how much of them is done and of how much: a bar on a terminal, nothing elsewhere, where the report tells it."""
    with Progress(console=err, disable=not err.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=None)

        def show(step: str, done: int, of: int) -> None:
            bar.update(task, description=step, completed=done, total=of or None)

        yield show


def waiting(holder: str) -> None:
    """Tells for whom this write waits."""
    say(f"Another load writes now ({holder}); this one waits for its turn.")


@app.command(name="unload")
def unload_(load_or_source: Annotated[str, typer.Argument(help="A load's number, or a source: all its loads.")]) -> None:
    """Take loads back: what the others say holds again."""
    settings = load_settings()

    async def run() -> list[tuple[Known, Overlap]]:
        async with opened(connector(settings)) as store:
            known = await known_loads(store)
            named = [load for load in known if load_or_source in (load.id, load.id.removeprefix("L"), load.source)]
            rest = [one for one in known if one not in named]
            shared = {one.id: await overlap(store, one, rest, {about for about in one.abouts if tallied(about)}) for one in named}
            return [(one, shared[one.id]) for one in await unload(store, load_or_source, identity, waiting=waiting) if one.id in shared]

    for one, shared in asyncio.run(run()):
        say(taken_back(one, shared))


def tallied(about: About) -> bool:
    """Whether a load's report counts such words: facts, and the things that a kind's rows are; not those that they only name."""
    kind = KIND.get(about.kind)
    return about.name not in NODE or (kind is not None and about.name in (kind.label, kind.rows_are))


def taken_back(load: Known, shared: Overlap) -> str:
    """What became of all that a load told."""
    said = [f"Taken back: {load.id} of {load.source}, which told of {counted(shared.told, 'node or fact', 'nodes and facts')}."]
    said += [f"No other load tells of {shared.alone} of them, which hold no longer."] if shared.alone else []
    said += [f"{id_} still tells of {count} of them." for id_, count in shared.others.items()]
    return " ".join(said)


@app.command()
def erase(
    person: Annotated[str | None, typer.Argument(help="Erase this person first, by any id or alias; as `do erase-person` does.")] = None,
    compact: Annotated[
        bool, typer.Option("--compact", help="Rebuild the local database, so that Neo4j's own files forget too; it rests meanwhile.")
    ] = False,
) -> None:
    """Erase a person for good, and with --compact leave nothing of what was ever deleted in the local database's files."""
    settings = load_settings()
    if person is None and not compact:
        raise InvalidInput("Name a person, or add --compact, or both.", argument="person")
    if compact and settings.neo4j_uri:
        raise InvalidInput(
            "--compact rebuilds the local database, and NEO4J_URI names a server: have its operator copy it into a fresh database, and delete "
            "its old store, transaction logs and back-ups. Nothing was done.",
            argument="compact",
        )
    if person is not None:

        async def run() -> Any:
            async with opened(connector(settings)) as store:
                return await erase_person(Desk(store, identity, waiting), id=Id(person))

        typer.echo(as_json(asyncio.run(run())))
    if compact:
        with progress_bar("compact") as show:
            typer.echo(as_json(asyncio.run(compact_(local_only(settings), identity, show))))


@app.command(name="export")
def export_(
    folder: Annotated[Path, typer.Argument(help="A new folder for the files.")],
    recorded: Annotated[bool, typer.Option("--recorded", help="Write recorded_at too: since when each fact is known.")] = False,
) -> None:
    """Write what is known now as canonical files."""
    settings = load_settings()

    async def run() -> dict[str, int]:
        async with opened(connector(settings)) as store:
            return await export(store, folder, recorded=recorded)

    for kind, count in asyncio.run(run()).items():
        say(f"{kind:<14} {counted(f'{count:>8}', 'row')}")


@app.command(name="loads")
def loads_() -> None:
    """List the loads, the latest first."""
    settings = load_settings()

    async def run() -> tuple[list[Known], list[Load]]:
        async with opened(connector(settings)) as store:
            view, after, found = await Context(store, settings).view(), None, []
            while True:
                page = await loads(store, view, first=MOST_PAGE, after=after)
                found += [edge.node for edge in page.edges]
                after = page.page_info.end_cursor
                if not page.page_info.has_next_page:
                    return await unfinished_loads(store), found

    unfinished, finished = asyncio.run(run())
    for broken in unfinished:
        kinds = ", ".join(sorted({about.kind for about in broken.abouts}))
        typer.echo(f"{broken.id:<6} {at_moment(broken.recorded_at):%Y-%m-%d %H:%M:%S}  {broken.source}: {kinds}  (under way, or broken off)")
    for row in finished:
        what = f"takes back {row.undoes}" if row.undoes else f"{row.source}: {', '.join(row.kinds)}, as of {row.as_of:%Y-%m-%d}"
        state = "" if row.unloaded_at is None else f"  (taken back {row.unloaded_at:%Y-%m-%d})"
        typer.echo(f"{row.id:<6} {row.recorded_at:%Y-%m-%d %H:%M:%S}  {what}{state}")


def told(report: Report, *, dry: bool = False) -> str:
    """The report as a person reads it."""
    lines = [
        f"Dry run of {report.source}: nothing is written into the graph" if dry else f"Load {report.load} of {report.source}, {report.seconds:.1f} s"
    ]
    for kind, counts in report.kinds.items():
        rows = counted(f"{counts.rows:>8}", "row") + (f", {counts.rejected} of them rejected" if counts.rejected else "")
        made = [(name, getattr(counts, name)) for name in ("created", "changed", "unchanged", "ended", "merged")]
        each = ", ".join(f"{count} {name}" for name, count in made if count)
        lines.append(f"  {kind:<13} {rows}: nodes and facts {each or 'as they were'}")
    lines += [f"  {warning}" for warning in report.warnings]
    if report.conflicts.count:
        lines.append(_contradicted(report.conflicts))
    if not sum(map(report.total, ("created", "changed", "ended", "merged"))):
        lines.append("  Nothing changed.")
    lines += [f"  {fault}" for fault in report.faults[:SHOWN]]
    if report.rejects:
        what = f"These are the first {SHOWN} faults; all of them, and the rows" if report.faults[SHOWN:] else "Rejected rows, with their reasons"
        lines.append(f"  {what}: {report.rejects}")
    return "\n".join(lines)


def _contradicted(found: Contradictions) -> str:
    label, conflict = found.first[0]
    first, other = conflict.versions[0], conflict.rival
    example = f"{label} {conflict.thing}: {conflict.attribute} {first.value} ({first.source}), not {other.value} ({other.source})"
    values = "value contradicts" if found.count == 1 else "values contradict"
    return f"  {found.count} {values} other sources; this load's word counts in {found.won}. {example}. All: dottedline ask conflicts"


@key_app.command(name="add")
def add_key_(
    principal: Annotated[str, typer.Argument(help="Whose key it is; `grants` say what they may see and do.")],
    expires: Annotated[str | None, typer.Option(help="A date; opens nothing from the day after it on. Default: until it is revoked.")] = None,
    opens: Annotated[Opens, typer.Option(help="What is granted to its principal, or `/metrics` and nothing else.")] = Opens.GRANTED,
) -> None:
    """Make a key and print it, this once."""
    settings = load_settings()
    at = instant_of("expires", expires, settings.zone, last=True)

    async def run() -> tuple[str, Principal, bool]:
        async with opened(connector(settings)) as store:
            before = await list_keys(store)
            key = await add_key(store, principal, OPEN_END if at is None else at, opens)
            return key, await store.companion(Access).principal(principal.strip()), not before

    key, who, first = asyncio.run(run())
    typer.echo(key)
    say(f"Send it as `Authorization: Bearer {key[:8]}...`. It is not kept: it cannot be shown again.")
    if first:
        say("From now on every request needs a key.")
    if opens is Opens.GRANTED:
        tell_ungranted(who)


def tell_ungranted(who: Principal) -> None:
    """Says so where somebody sees nothing for want of a grant."""
    if who.role is None:
        say(f"Nothing is granted to {who.name} yet: dottedline grant add {shlex.quote(who.name)} viewer --territory ID.")


@key_app.command(name="list")
def list_keys_() -> None:
    """List the keys that were made, never the keys themselves."""
    settings = load_settings()

    async def run() -> list[ApiKey]:
        async with opened(connector(settings)) as store:
            return await list_keys(store)

    at = now()
    for key in asyncio.run(run()):
        only = "" if key.opens is Opens.GRANTED else f", for {key.opens} alone"
        until = "" if key.expires_at == OPEN_END else f", expires {at_moment(key.expires_at):%Y-%m-%d %H:%M}"
        typer.echo(f"{key.id}  {at_moment(key.created_at):%Y-%m-%d %H:%M}  {key.principal or '(erased)'}  {key.state(at)}{only}{until}")


@key_app.command(name="revoke")
def revoke_key_(key_id: Annotated[str, typer.Argument(help="Its id, as `key list` tells it.")]) -> None:
    """Close a key for good."""
    settings = load_settings()

    async def run() -> ApiKey:
        async with opened(connector(settings)) as store:
            return await revoke_key(store, key_id)

    key = asyncio.run(run())
    say(f"Key {key.id} of {key.principal or '(erased)'} opens nothing now; a server that just used it hears so within {settings.fresh_seconds:g} s.")


Where = Annotated[str | None, typer.Option("--territory", help="A territory, and those within it; default: everywhere.")]


@grant_app.command(name="add")
def add_grant(
    principal: Annotated[str, typer.Argument(help="Who.")],
    role: Annotated[GrantRole, typer.Argument(help="What they may do there.")],
    territory: Where = None,
    until: Annotated[str | None, typer.Option(help="A date, the last on which it counts; default: on and on.")] = None,
) -> None:
    """Grant a role."""
    settings = load_settings()
    at = instant_of("until", until, settings.zone, last=True)
    _grant(settings, principal, role, territory, OPEN_END if at is None else at + 1)


@grant_app.command(name="revoke")
def revoke_grant(
    principal: Annotated[str, typer.Argument(help="Who.")],
    role: Annotated[GrantRole, typer.Argument(help="What they may no longer do.")],
    territory: Where = None,
) -> None:
    """Take a grant back, whoever made it; a file that still says it does not bring it back."""
    settings = load_settings()

    async def run() -> bool:
        async with opened(connector(settings)) as store:
            stands = [grant for grant in await list_grants(store) if grant.ends_at > now()]
            return any((grant.principal, grant.role, grant.territory) == (principal, role.value, territory) for grant in stands)

    if not asyncio.run(run()):
        raise NotFound(f"{principal} is not {role} {_where(territory)}. `dottedline grant list` lists what is granted.", argument="principal")
    _grant(settings, principal, role, territory, now())


def _grant(settings: Settings, principal: str, role: GrantRole, territory: str | None, ends_at: int) -> None:
    async def run() -> Asserted:
        async with opened(connector(settings)) as store:
            ends_on = at_moment(ends_at).isoformat()
            where = None if territory is None else Id(territory)
            return await grant_role(Desk(store, identity, waiting), principal=principal, role=role, territory_id=where, ends_on=ends_on)

    made = asyncio.run(run())
    state = "" if ends_at == OPEN_END else f" until {at_moment(ends_at):%Y-%m-%d %H:%M} UTC" if ends_at > now() else " no longer"
    say(f"{principal} is {role} {_where(territory)}{state}: load L{made.revision}.")


def _where(territory: str | None) -> str:
    return "everywhere" if territory is None else f"in {territory}"


@grant_app.command(name="list")
def list_grants_() -> None:
    """List who may do what, and where."""
    settings = load_settings()

    async def run() -> list[Granted]:
        async with opened(connector(settings)) as store:
            return await list_grants(store)

    at = now()
    for grant in asyncio.run(run()):
        end = "" if grant.ends_at == OPEN_END else f"  {'ended' if grant.ends_at <= at else 'until'} {at_moment(grant.ends_at):%Y-%m-%d %H:%M}"
        typer.echo(f"{grant.principal}  {grant.role}  {_where(grant.territory)}{end}")


@app.command()
def audit(
    who: Annotated[str | None, typer.Option(help="Only what this principal asked.")] = None,
    about: Annotated[str | None, typer.Option(help="Only what was asked about this thing, by any id or alias.")] = None,
    since: Annotated[str | None, typer.Option(help="From the first instant of this date on.")] = None,
    until: Annotated[str | None, typer.Option(help="Up to the last instant of this date.")] = None,
) -> None:
    """Tell who asked what about whom over HTTP, and for which purpose: JSON lines, the earliest first, from this machine's trail."""
    from api.audit import asked_about, naming  # noqa: PLC0415

    settings = load_settings()
    first, last = instant_of("since", since, settings.zone, last=False), instant_of("until", until, settings.zone, last=True)

    def lines() -> Iterator[dict[str, Any]]:
        told = Trail(settings.home).read(None if first is None else at_moment(first), None if last is None else at_moment(last))
        return (line for line in told if who is None or line.get("who") == who)

    async def names(of: str) -> frozenset[str]:
        async with opened(connector(settings)) as store:
            return await naming(store, await Context(store, settings).view(), of, {text for line in lines() for text in asked_about(line)})

    wanted = asyncio.run(names(about)) if about else None
    for line in lines():
        if wanted is None or not wanted.isdisjoint(asked_about(line)):
            typer.echo(json.dumps(line, ensure_ascii=False))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Default: DOTTEDLINE_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Default: DOTTEDLINE_PORT.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="So many processes at one address. Default: DOTTEDLINE_WORKERS.")] = None,
    trusted_only: Annotated[bool | None, typer.Option("--trusted-only", help="Answer only the documents of DOTTEDLINE_DOCUMENTS.")] = None,
) -> None:
    """Serve GraphQL until interrupted."""
    settings = load_settings()
    given = {"host": host, "port": port, "workers": workers, "trusted_only": trusted_only}
    settings = settings.model_copy(update={name: value for name, value in given.items() if value is not None})
    refuse_taken_port(settings)
    _serve(settings, None)


def refuse_taken_port(settings: Settings) -> None:
    """Raises InvalidInput when somebody serves there already, or nobody could."""
    if not 0 <= settings.port <= LAST_PORT:
        raise InvalidInput(f"--port: {settings.port} is no port. Write one from 1 to {LAST_PORT}.", argument="port")
    try:
        with contextlib.suppress(ConnectionError, TimeoutError), socket.create_connection((settings.host, settings.port), 1):
            raise InvalidInput(f"Port {settings.port} is taken. Name another one with --port.", argument="port")
    except OSError as error:
        raise InvalidInput(f"{settings.host} is no address of this machine: {error.strerror}. Write 127.0.0.1.", argument="host") from None


def _serve(settings: Settings, running: Running | None) -> None:
    os.environ.pop(FOLDER, None)  # what other processes left there would be added up
    from api import logs  # noqa: PLC0415
    from api.app import create_app  # noqa: PLC0415
    from api.metrics import together  # noqa: PLC0415

    logs.start(settings.log_level)

    def later() -> Store:
        return connector(settings, running)()

    create_app(settings, later)  # what is wrong with the settings is said here, once, before a database starts
    connect = connector(settings, running)
    asyncio.run(admitted(settings, connect))
    if settings.workers == 1:
        _work(settings, running, None)
        return
    with listening(settings.host, settings.port) as taken, together() as ended:
        code = Workers(settings.workers, partial(_work, settings, running), taken, ended).run()
    if code:
        raise typer.Exit(code)


def _work(settings: Settings, running: Running | None, taken: socket.socket | None) -> None:
    """Serves in this process, on a socket that was opened for it or on one of its own."""
    from api import logs  # noqa: PLC0415
    from api.app import create_app  # noqa: PLC0415
    from api.server import Server, config  # noqa: PLC0415

    logs.start(settings.log_level)
    made = create_app(settings, connector(settings, running))
    Server(config(made, settings), made, settings.drain_seconds).run([taken] if taken else None)


async def admitted(settings: Settings, connect: Callable[[], Store]) -> None:
    """Raises ConfigError before anything is served where nobody could be told apart."""
    from api.auth import Who  # noqa: PLC0415

    async with opened(connect) as store:
        await Who(settings).ready(store)


@app.command()
def demo(port: Annotated[int | None, typer.Option(help="Default: DOTTEDLINE_PORT.")] = None) -> None:
    """A local database with the sample market, and the API; Ctrl-C ends what it started."""
    settings = load_settings()
    if port is not None:
        settings = settings.model_copy(update={"port": port})
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    database = local_only(settings)
    refuse_taken_port(settings)
    try:
        say("Starting a local Neo4j.")
        running = database.start(owned=True, progress=fetching)
        try:
            for name, as_of in DEMO.items():
                at = instant_of("as-of", as_of, settings.zone, last=False)
                said = {"as_of": at, "zone": settings.zone}
                say(f"Loading samples/{name} as of {as_of}: half a minute, or more on a busy machine.")
                say(told(asyncio.run(run_load(connector(settings, running), settings, [SAMPLES / name], **said))))
            say(three_things(settings, asyncio.run(before_the_late_note(settings, running))))
            _serve(settings, running)
        finally:
            if not running.found:
                database.stop()
                say("Stopped the local database.")
    except KeyboardInterrupt:
        say("Stopped.")


async def before_the_late_note(settings: Settings, running: Running) -> datetime:
    """When the sample market was known and the late note was not."""
    as_of = instant_of("as-of", DEMO["market"], settings.zone, last=False)
    async with opened(connector(settings, running)) as store:
        return at_moment(min(load.recorded_at for load in await known_loads(store) if load.as_of == as_of))


def three_things(settings: Settings, known_at: datetime) -> str:
    """What a newcomer can try now."""
    address, day = f"http://{settings.host}:{settings.port}/graphql", DEMO["market"]
    hospital = f'{{ account(id: "yunxi") {{ now: decisionChain(asOf: "{day}") {{ checks {{ message }} }}'
    hospital += f' before: decisionChain(asOf: "{day}", knownAt: "{known_at.isoformat()}") {{ checks {{ message }} }} }} }}'
    return f"""
The sample market is loaded: samples/market/README.md tells who is who. Try, in another terminal:

1. Who decides at a bank, who is for us and who against. Add --format svg --out chain.svg for the picture.
   .venv/bin/dottedline ask decision-chain --account linghai --as-of {day}
2. What happened there within a year.
   .venv/bin/dottedline ask chain-changes --account linghai --from 2025-06-30 --to {day}
3. What is true of a hospital on that day as we know it now, and as we knew it before a late note.
   The same at {address} in a browser, which fetches GraphiQL itself from a public CDN.
   .venv/bin/dottedline graphql '{hospital}'

Ctrl-C stops everything.
"""


@app.command()
def graphql(
    text: Annotated[str, typer.Argument(help="A GraphQL document, or a file that holds one.")],
    var: Annotated[list[str] | None, typer.Option(help="name=value, as often as needed; JSON where the type is not a text.")] = None,
    as_: Annotated[str | None, typer.Option("--as", help=AS_WHOM)] = None,
) -> None:
    """Run a GraphQL document in this process and print the response."""
    from api.execute import Engine  # noqa: PLC0415

    settings = patient(load_settings())
    document = Path(text).read_text(encoding="utf-8") if len(text) < 250 and Path(text).is_file() else text

    async def run() -> dict[str, Any]:
        engine = Engine(settings)
        async with opened(connector(settings)) as store:
            return await engine(document, engine.variables(document, var or []), None, Context(store, settings, principal=await as_whom(store, as_)))

    answer = asyncio.run(run())
    typer.echo(json.dumps(answer, ensure_ascii=False, indent=2, default=str))
    raise typer.Exit(1 if answer.get("errors") else 0)


async def as_whom(store: Store, name: str | None) -> Principal | None:
    """Who bears this name, to see what they see; None for oneself."""
    if name is None:
        return None
    who = await store.companion(Access).principal(name)
    tell_ungranted(who)
    return who


def ask_command(question: Question[..., Any]) -> None:
    """Registers ``dottedline ask <question>``: its anchor, its arguments, the two clocks, the formats that it has."""
    anchor = anchor_option(question)
    known = formats(question)

    def call(ctx: typer.Context, **typed: Any) -> None:
        language = typed.pop("language")
        if language not in LANGUAGES:
            raise InvalidInput(f"--language: {language!r} is none of {', '.join(LANGUAGES)}.", argument="language")
        shown, out, as_, who = typed.pop("format"), typed.pop("out"), typed.pop("as_"), typed.pop(anchor) if anchor else ""
        if shown not in known:
            raise InvalidInput(f"--format: {shown!r} is none of {', '.join(known)}.", argument="format")
        settings = patient(load_settings())
        clocks = {name: typed.pop(name) for name in CLOCKS}
        arguments = {one.name: given(one, typed[one.name], settings.zone) for one in question.arguments}
        asking = Asking(question, who, arguments, clocks, asks_page(question, filter(partial(_was_typed, ctx), typed)))

        async def run() -> tuple[bytes, str]:
            async with opened(connector(settings)) as store:
                context = Context(store, settings, language, await as_whom(store, as_))
                file = File(asking, shown, context)
                try:
                    return b"".join([part async for part in file.parts()]), file.left_over
                except NotFound as error:
                    if question.anchor is None or error.details.get("argument") != anchor:
                        raise
                    cure = await found_by(context, question.anchor, who)
                    raise NotFound(f"{error.message}{cure}", argument=anchor) from None

        if shown == "xlsx" and out is None and sys.stdout.isatty():
            raise InvalidInput("A workbook is no text for a terminal. Name a file with --out.", argument="out")
        made, left_over = asyncio.run(run())
        if out:
            try:
                out.write_bytes(made)
            except OSError as error:
                raise InvalidInput(f"--out: {out} cannot be written: {error.strerror}.", argument="out") from None
        else:
            sys.stdout.buffer.write(made)
        if left_over and shown != "table":  # which says so itself
            say(left_over)

    parameters = [inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)]
    parameters += [_option(anchor, str, inspect.Parameter.empty, "Any id or alias.")] if anchor else []
    parameters += [_option(argument.name, _typed(argument), argument.default, _help(argument)) for argument in question.arguments]
    parameters += [_option(name, str | None, None, doc) for name, doc in CLOCKS.items()]
    parameters += [_option("format", str, next(iter(known)), f"One of {', '.join(known)}.")]
    parameters += [_option("language", str, LANGUAGES[0], f"Of its sentences: one of {', '.join(LANGUAGES)}.")]
    parameters += [_option("out", Path | None, None, "Write to this file."), _option("as_", str | None, None, AS_WHOM)]
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    ask.command(question.title, help=question.doc)(call)


def _was_typed(ctx: typer.Context, name: str) -> bool:
    source = ctx.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


async def found_by(context: Context, anchor: Anchor, who: str) -> str:
    """Whose name that is which no id or alias is, or how to look it up, where something lists such things."""
    listing = next((question for question in QUESTIONS if question.paged and question.part is entity(anchor).facts), None)
    if listing is None:
        return ""
    page = await listing(context.store, await context.view(role=listing.role), search=who)
    if alike := [edge.node.id for edge in page.edges if edge.node.name == who]:
        return f" {who!r} is the name of {' and of '.join(alike)}."
    return f" Look it up: dottedline ask {listing.title} --search {shlex.quote(who)}"


def _option(name: str, type_: Any, default: Any, doc: str) -> inspect.Parameter:
    option = typer.Option(f"--{kebab(name)}", help=doc)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[type_, option])


def _help(argument: Argument) -> str:
    """The argument's sentence, and how a filter or a choice of several is written."""
    kind = parts(argument)[0]
    inner = get_args(kind)[0] if get_origin(kind) is list else kind
    if is_dataclass(inner):
        return f"{argument.doc} Written field=value,value;field=value with the fields {', '.join(field.name for field in fields(inner))}."
    if inner is not kind and isinstance(inner, type) and issubclass(inner, Enum):
        return f"{argument.doc} Any of {', '.join(one.value for one in inner)}."
    return argument.doc


def _typed(argument: Argument) -> Any:
    """The argument's type as typer knows it: texts, but for numbers, truths, choices and lists; an input is a text such as `tier=1,2;owner=p1`."""
    kind = parts(argument)[0]
    if get_origin(kind) is list:
        return list[str] | None
    own = kind if isinstance(kind, type) and (kind in (int, float, bool) or issubclass(kind, Enum)) else str
    return own | None if argument.default is None else own


def do_command(mutation: Mutation[Any]) -> None:
    """Registers ``dottedline do <mutation>``: its arguments; it prints what the GraphQL field would hold."""

    def call(**typed: Any) -> None:
        settings = load_settings()
        arguments = {one.name: given(one, typed[one.name], settings.zone) for one in mutation.arguments}

        async def run() -> Any:
            async with opened(connector(settings)) as store:
                return await mutation(Desk(store, identity, waiting), **arguments)

        typer.echo(as_json(asyncio.run(run())))

    parameters = [_option(argument.name, _typed(argument), argument.default, argument.doc) for argument in mutation.arguments]
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    do.command(mutation.title, help=mutation.doc)(call)


for _question in QUESTIONS:
    ask_command(_question)
for _mutation in MUTATIONS:
    do_command(_mutation)


def main() -> None:
    """The entry point: errors raised on purpose become one line and their exit code."""
    logging.getLogger("neo4j").setLevel(logging.ERROR)
    try:
        app()
    except DottedlineError as error:
        say(f"{error.code}: {error.message}")
        sys.exit(error.exit_code)
