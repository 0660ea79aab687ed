"""``make soak``: a server under 32 connections for ten minutes while loads land, on a market of its own.

Looked at: that nothing fails, that memory stays flat, and that each answer is of one revision: whatever was asked of one revision before is answered
the same, and one connection never goes back in time.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import orjson
import psutil
import typer

from bench.load import Files
from bench.market import AS_OF
from bench.measure import machine, quantile
from bench.serving import Serving, serving

VIEW = "view { revision }"
OF = f"segmentCoverage {{ {VIEW} }}"
ACCOUNT = f"""query($id: ID!) {{ account(id: $id) {{
  decisionChain {{ {VIEW} nodes {{ key name title depth stance state roles {{ role }} }} edges {{ key }} }}
  coverage {{ {VIEW} score {{ value }} roles {{ role state }} }} }} {OF} }}"""
DOCUMENTS = {
    "one account": ACCOUNT,
    "the market's gaps": "{ coverageGaps(first: 20) { totalCount edges { node { key } } } " + OF + " }",
    "the funnel": "{ funnel(first: 20) { totalCount edges { node { person { id } stage } } } " + OF + " }",
    "a search": '{ companies(search: "Nord", first: 20) { totalCount edges { node { id name } } } ' + OF + " }",
}
PATIENCE = {"WARM": "true", "READ_SECONDS": "60", "SNAPSHOT_SECONDS": "60", "WAITING_SECONDS": "60"}
"""The machine may be busy with others: what is late there is no fault of the server."""
SHARES = [20, 1, 1, 4]
SETTLED = 0.3
"""After this share of the time memory is compared with what it is at the end."""
GROWTH, SLACK = 1.15, 48
"""Memory counts as flat up to this factor and so many MiB beside it."""


@dataclass
class Seen:
    """What was seen so far."""

    answers: int = 0
    milliseconds: list[float] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    told: dict[tuple[str, int], Any] = field(default_factory=dict)
    again: int = 0
    memory: list[tuple[float, float]] = field(default_factory=list)
    revisions: set[int] = field(default_factory=set)
    loads: int = 0

    def answered(self, asked: str, status: int, body: bytes, last: int) -> int:
        """Takes down one answer; the revision that it is of."""
        self.answers += 1
        answer = orjson.loads(body)
        if status != 200 or "errors" in answer:
            codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
            self.faults[f"{status} {', '.join(sorted(codes))}"] += 1
            return last
        data = answer["data"]
        within = set(revisions(data))
        newest = max(within)
        if len(within) > 1:
            self.faults["several revisions in one answer"] += 1
        if newest < last:
            self.faults["back in time"] += 1
        self.revisions.add(newest)
        before = self.told.setdefault((asked, newest), data)
        self.again += 1
        if before != data:
            self.faults[f"another answer of the same revision {newest} to {asked}: {difference(before, data)}"] += 1
        return newest


def difference(one: Any, other: Any, at: str = "") -> str:
    """Where two answers differ first, and how."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        pairs = [(f"{at}.{name}", one[name], other[name]) for name in one]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(f"{at}[{place}]", before, after) for place, (before, after) in enumerate(zip(one, other, strict=True))]
    else:
        return f"{at} {str(one)[:200]} / {str(other)[:200]}"
    return next(difference(before, after, name) for name, before, after in pairs if before != after)


def revisions(data: Any) -> list[int]:
    """Every ``revision`` in an answer."""
    if isinstance(data, list):
        return [found for one in data for found in revisions(one)]
    if isinstance(data, dict):
        return [data["revision"]] if "revision" in data else [found for one in data.values() for found in revisions(one)]
    return []


async def posted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes) -> tuple[int, bytes]:
    """The answer to one request on an open connection."""
    head = f"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    status = int((await reader.readline()).split()[1])
    length = 0
    while line := (await reader.readline()).strip():
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    return status, await reader.readexactly(length)


async def connection(port: int, accounts: list[str], seen: Seen, until: float, seed: int) -> None:
    """One caller who asks one thing after the other."""
    chance, last = random.Random(seed), 0
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    while time.monotonic() < until:
        name = chance.choices(list(DOCUMENTS), SHARES)[0]
        variables = {"id": chance.choice(accounts)} if name == "one account" else {}
        began = time.monotonic()
        status, body = await posted(reader, writer, orjson.dumps({"query": DOCUMENTS[name], "variables": variables}))
        seen.milliseconds.append((time.monotonic() - began) * 1000)
        last = seen.answered(f"{name} {variables}", status, body, last)
    writer.close()


async def loads(server: Serving, files: Files, seen: Seen, until: float, pause: float) -> None:
    """Loads land: in turn the changed market and the first one, each true a day later."""
    day = date.fromisoformat(AS_OF)
    while time.monotonic() + pause < until:
        await asyncio.sleep(pause)
        day += timedelta(days=1)
        folder = files.changed if seen.loads % 2 == 0 else files.first
        await asyncio.to_thread(server.run, "load", str(folder), "--as-of", str(day))
        seen.loads += 1


async def memory(server: Serving, seen: Seen, until: float) -> None:
    """The server's memory, now and then."""
    process, began = psutil.Process(server.process.pid), time.monotonic()
    while time.monotonic() < until:
        seen.memory.append((time.monotonic() - began, process.memory_info().rss / (1 << 20)))
        await asyncio.sleep(2)


async def soaked(server: Serving, files: Files, minutes: float, connections: int, pause: float) -> Seen:
    """All of it at once."""
    seen, until, port = Seen(), time.monotonic() + minutes * 60, int(server.url.rpartition(":")[2])
    companies = files.frames["companies"]
    accounts = companies["company_id"][companies["kinds"].str.contains("account")].tolist()[:200]
    callers = [connection(port, accounts, seen, until, number) for number in range(connections)]
    await asyncio.gather(*callers, loads(server, files, seen, until, pause), memory(server, seen, until))
    return seen


def told(seen: Seen, minutes: float, connections: int, people: int) -> tuple[str, bool]:
    """The figures as a table, and whether all is well."""
    settled = [mib for at, mib in seen.memory if at > minutes * 60 * SETTLED]
    third = max(1, len(settled) // 3)
    first, last = median(settled[:third]), median(settled[-third:])
    flat = last <= first * GROWTH + SLACK
    rows = {
        "answers, and a second": f"{seen.answers:,}, {seen.answers / minutes / 60:.0f}",
        "milliseconds: median, p95, p99": ", ".join(f"{quantile(seen.milliseconds, share):.0f}" for share in (0.5, 0.95, 0.99)),
        "loads that landed; revisions that were seen": f"{seen.loads}; {len(seen.revisions)}",
        "questions asked again of the same revision": f"{seen.again - len(seen.told):,}",
        "MiB of the server: after the start, then in the end": f"{first:.0f}, {last:.0f}{'' if flat else ' (grows)'}",
        "faults": ", ".join(f"{count} x {what}" for what, count in seen.faults.items()) or "none",
    }
    head = f"{minutes:g} minutes, {connections} connections, {people:,} people; {machine()}\n\n| | |\n| --- | --- |\n"
    return head + "".join(f"| {name} | {value} |\n" for name, value in rows.items()), flat and not seen.faults and seen.loads > 0


def main(
    minutes: Annotated[float, typer.Option(help="How long.")] = 10,
    connections: Annotated[int, typer.Option(help="Callers at once.")] = 32,
    people: Annotated[int, typer.Option(help="A market of so many people.")] = 5_000,
    pause: Annotated[float, typer.Option(help="Seconds between the end of one load and the next.")] = 20,
) -> None:
    """Soak a server, print what was seen, and end with 1 if something is wrong."""
    with tempfile.TemporaryDirectory() as name:
        files = Files.written(Path(name), people, 1)
        with serving(files.first, as_of=AS_OF, settings=PATIENCE) as server:
            seen = asyncio.run(soaked(server, files, minutes, connections, pause))
    text, well = told(seen, minutes, connections, people)
    typer.echo(text)
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    typer.run(main)
