"""Coverage of an account: in process against its bare packed reads."""

from collections.abc import Awaitable, Callable
from typing import Any

from api.context import Context
from bench.decision_chain import ASKS, in_turn, packed_reads
from bench.load import Files
from bench.market import LARGE, employer
from bench.measure import Result, quantile
from graph.local import Running
from graph.read import Reader
from graph.settings import load_settings
from graph.store import Store
from graph.view import View
from queries.coverage import coverage


async def measure(store: Store, database: Running, files: Files, people: int, rounds: int) -> list[Result]:
    """The results for each size of company that the market has."""
    view = await Context(store, load_settings()).view()
    results: list[Result] = []
    for size in (size for size in sorted(LARGE) if people >= LARGE[size]):
        account = employer(files.frames, size)
        asked = [await in_turn(ASKS[size], *await sides(store, view, account)) for _ in range(rounds)]
        for share, name in ((0.5, "p50"), (0.95, "p95")):
            took = [[quantile(times, share) for times in one] for one in asked]
            results.append(
                Result(
                    "coverage", people, f"{size:,} people, in process: {name} over that of its bare packed reads", [t[0] / t[1] for t in took], "x"
                )
            )
            results.append(Result("coverage", people, f"{size:,} people, in process: {name}", [t[0] for t in took], "ms"))
    return results


async def sides(store: Store, view: View, account: str) -> list[Callable[[], Awaitable[Any]]]:
    """The question, and the reads on which it rests."""

    async def question(reader: Reader = store) -> Any:
        return (await coverage(reader, view, [account]))[account]

    return [question, await packed_reads(store, question)]
