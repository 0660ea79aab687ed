"""A market laid into an empty graph by bare writes, without a loader: of scales at which a load takes longer than all that is to be measured.

Its people have a few mails, calls and meetings each (``bench.knows``). It has what a snapshot reads, in one finished load, and nothing else.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer

from bench.knows import ROWS, log
from bench.load import Files, Work, send
from bench.market import AS_OF, Frames, market
from bench.measure import Result, figure
from graph import statements
from graph.instants import OPEN_END, OPEN_START, period
from graph.knows import Bonds, written
from graph.local import LocalNeo4j, Running
from graph.measures.strength import Happened, exchanges, sums
from graph.model import EDGE
from graph.settings import load_settings
from graph.store import Store
from graph.upgrade import ensure_schema
from loaders.columns import stance, strength

MARKERS = ("us", "account", "partner", "competitor")
Rows = list[dict[str, Any]]


async def lay(store: Store, people: int, seed: int, each: int = ROWS) -> None:
    """The market and its log, of ``each`` events a person."""
    frames, events = market(people, seed), log(people, seed, each)
    at = period(AS_OF)[1]
    lists: dict[str, list[str]] = {name: [] for name in ("kinds", "origins", "complete", "emptied", "touched")}
    load = {"id": "bench", "revision": 1, "source": "bench", "sources": ["bench"], "as_of": at, "recorded_at": at, "finished": True, **lists}
    await send(store, [*_things(frames, events, at), *_facts(frames, events, at)])
    bonds: list[Any] = [list(edge) for edge in written(_bonds(events, at))]
    await send(store, [(statements.SET_KNOWS, bonds), ("UNWIND $rows AS row MERGE (n:Load {id: row.id}) SET n = row", [load])])


def _rows(**columns: Any) -> Rows:
    """Columns as rows; empty cells are left out."""
    made = pd.DataFrame({name: np.asarray(column, object) if np.ndim(column) else column for name, column in columns.items()})
    names = [str(name) for name in made.columns]
    return [
        {name: value for name, value in zip(names, row, strict=True) if value is not None and value != ""}
        for row in zip(*(made[name].tolist() for name in names), strict=True)
    ]


def _things(frames: Frames, events: pd.DataFrame, at: int) -> Work:
    def nodes(label: str, rows: Rows) -> tuple[str, Rows]:
        marks = "".join(
            f"\nFOREACH (_ IN CASE WHEN {kind!r} IN row.kinds THEN [1] ELSE [] END | SET n:{kind.capitalize()})"
            for kind in (MARKERS if label == "Company" else ())
        )
        return f"UNWIND $rows AS row\nMERGE (n:{label} {{id: row.id}})\nSET n = row, n.digest = 1, n.since = {at}{marks}", rows

    companies, persons, deals, groups = frames["companies"], frames["people"], frames["opportunities"], frames["groups"]
    default = frames["roles"]["company_id"].unique()
    same = ("name", "industry", "country", "province", "territory_id")
    firms = _rows(id=companies["company_id"], value=companies["value"].astype(float), **{name: companies[name] for name in same})
    for firm, kind in zip(firms, companies["kinds"], strict=True):
        firm["kinds"] = [kind]
    opened = _instants(deals["opened_on"])
    return [
        nodes("Company", firms),
        nodes("Person", _rows(id=persons["person_id"], name=persons["name"], do_not_contact=persons["do_not_contact"] == "yes")),
        nodes("BuyingGroup", _rows(id=groups["group_id"], company_id=groups["company_id"])),
        nodes("BuyingGroup", _rows(id=default[default != ""], company_id=default[default != ""])),
        nodes("Opportunity", _rows(id=deals["opportunity_id"], company_id=deals["company_id"], outcome="open", opened_on=opened)),
        nodes("Field", _rows(id=["CLOSE_ON", "CONSENT_UNTIL"])),
        nodes("Interaction", _rows(id=events["interaction_id"], type=events["type"], at=_instants(events["at"]), status="held")),
    ]


def _instants(texts: "pd.Series[str]") -> Any:
    """Instants of days and times, the open start for none."""
    filled = texts.where(texts != "", "1970-01-01").to_numpy().astype(str).astype("datetime64[us]").astype(np.int64)
    return np.where(texts == "", OPEN_START, filled)


def _facts(frames: Frames, events: pd.DataFrame, at: int) -> Work:
    clocks = {"valid_from": OPEN_START, "valid_to": OPEN_END, "recorded_at": at, "retracted_at": OPEN_END}

    def facts(type_: str, source: Any, target: Any, **columns: Any) -> tuple[str, Rows]:
        edge = EDGE[type_]
        common = {"origin": f"bench/{type_.lower()}", "confidence": 1.0, "load_id": "bench", "digest": 1}
        keys = np.array([f"{type_} {columns.get('part', '')} {number}" for number in range(len(source))], object)
        found = _rows(key=keys, **{**common, **clocks, **columns})
        rows = [{"a": one, "b": other, "fact": fact} for one, other, fact in zip(source, target, found, strict=True)]
        rows.sort(key=lambda row: str(row["a"]))
        ends = f"MATCH (a:{edge.source} {{id: row.a}}) MATCH (b:{edge.target} {{id: row.b}})"
        return f"UNWIND $rows AS row {ends} CREATE (a)-[r:{type_}]->(b) SET r = row.fact", rows

    def group(frame: pd.DataFrame) -> Any:
        return frame["group_id"].where(frame["group_id"] != "", frame["company_id"])

    jobs, lines, roles, members = frames["employments"], frames["reporting"], frames["roles"], frames["members"]
    sways, deals, persons = frames["influence"], frames["opportunities"], frames["people"]
    asked = persons[persons["consent_until"] != ""]
    until = np.where(jobs["valid_to"] == "", OPEN_END, _instants(jobs["valid_to"]))
    to = events["to_ids"].str.split(";").explode()
    sure = roles["role_confidence"].replace("", "1").astype(float)
    consents, closing = (_instants(texts).astype(float) for texts in (asked["consent_until"], deals["close_on"]))
    return [
        facts("WORKS_AT", jobs["person_id"], jobs["company_id"], title=jobs["title"], valid_from=_instants(jobs["valid_from"]), valid_to=until),
        facts("REPORTS_TO", lines["person_id"], lines["manager_id"], line=lines["line"]),
        facts("HAS_ROLE_IN", roles["person_id"], group(roles), role=roles["role"], role_confidence=sure),
        facts("MEMBER_OF", members["person_id"], group(members), stance=[stance(text, UTC) if text else None for text in members["stance"]]),
        facts("INFLUENCES", sways["from_id"], sways["to_id"], kind=sways["kind"], strength=[strength(text, UTC) for text in sways["strength"]]),
        facts("PERSON_VALUE", asked["person_id"], ["CONSENT_UNTIL"] * len(asked), number=consents),
        facts("OPPORTUNITY_VALUE", deals["opportunity_id"], ["CLOSE_ON"] * len(deals), number=closing),
        facts("TOOK_PART", events["from_id"], events["interaction_id"], part="SENDER"),
        facts("TOOK_PART", to, events["interaction_id"].loc[to.index], part="RECIPIENT"),
    ]


def _bonds(events: pd.DataFrame, at: int) -> Bonds:
    """Who knows whom by the log."""
    rows = zip(events["interaction_id"], events["type"], _instants(events["at"]).tolist(), events["from_id"], events["to_ids"], strict=True)

    def happened(id_: str, type_: str, when: int, who: str, to: str) -> Happened:
        people = [who, *to.split(";")]
        return Happened(id_, type_, when, "held", None, people, ["SENDER", *["RECIPIENT"] * (len(people) - 1)], [1.0] * len(people))

    found = exchanges(happened(*row) for row in rows)
    made = sums(found, at)
    pairs = [(found.people[one], found.people[other]) for one, other in zip(made.first.tolist(), made.second.tolist(), strict=True)]
    return Bonds(pairs, made, np.full(len(pairs), OPEN_END))


Measure = Callable[[Store, Running, Files, int, int], Awaitable[list[Result]]]


def alone(measure: Measure) -> Callable[..., None]:
    """A command that lays a market of any size into a Neo4j of its own, measures one key there, and prints the rows."""

    def main(
        people: Annotated[int, typer.Option(help="A market of so many people.", min=100)] = 20_000,
        rounds: Annotated[int, typer.Option(help="Each number is the median of so many.", min=1)] = 3,
        seed: Annotated[int, typer.Option(help="Another seed, another market.")] = 1,
        events: Annotated[int, typer.Option(help="Interactions a person; fewer are laid sooner.", min=1)] = ROWS,
    ) -> None:
        with tempfile.TemporaryDirectory() as name:
            for result in asyncio.run(_laid(measure, people, seed, rounds, events, name)):
                noise = f" ({figure(min(result.values))} to {figure(max(result.values))})" if len(result.values) > 1 else ""
                typer.echo(f"{result.people:,} people: {result.what}: {figure(result.middle)} {result.unit}{noise}")

    return main


async def _laid(measure: Measure, people: int, seed: int, rounds: int, each: int, name: str) -> list[Result]:
    patience = {f"DOTTEDLINE_{what}_SECONDS": "900" for what in ("READ", "WRITE", "SNAPSHOT")}
    room = {"DOTTEDLINE_NEO4J_HEAP_MIB": "1024", "DOTTEDLINE_NEO4J_PAGECACHE_MIB": "512"}
    settings = load_settings({"DOTTEDLINE_HOME": name, "DOTTEDLINE_CACHE": str(load_settings().cache), **patience, **room})
    local = LocalNeo4j(settings)
    database = local.start(owned=True)
    try:
        async with Store(settings, database.uri, database.user, database.password) as store:
            await store.verify()
            await ensure_schema(store)
            await lay(store, people, seed, each)
            return await measure(store, database, Files({}, Path(name) / "files", Path(name)), people, rounds)
    finally:
        local.stop()
