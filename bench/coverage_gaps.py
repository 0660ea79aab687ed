"""The gaps of all accounts: in process, ranked from the snapshot, against the bare packed reads of all accounts' rows; and how many gaps a second."""

from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any

from api.context import Context
from bench.decision_chain import in_turn, packed_reads
from bench.load import Files
from bench.measure import Result
from graph.answer import Id
from graph.local import Running
from graph.read import Reader
from graph.settings import load_settings
from graph.store import Store
from graph.view import View
from queries.anchors.accounts import accounts_in
from queries.committee.cases import cases_of
from queries.committee.market import STRETCH
from queries.coverage_gaps import coverage_gaps


async def measure(store: Store, database: Running, files: Files, people: int, rounds: int) -> list[Result]:
    """The first page over the whole market."""
    view = await Context(store, load_settings()).view()
    accounts = await accounts_in(store, view, None)
    gaps = (await coverage_gaps(store, view, first=1)).total_count
    took = [[median(times) for times in await in_turn(1, *await sides(store, view, accounts))] for _ in range(rounds)]
    about = f"first page of {gaps:,} gaps of {len(accounts):,} accounts, in process"
    return [
        Result("coverage_gaps", people, f"{about}: over the bare packed reads of all accounts", [own / bare for own, bare in took], "x"),
        Result("coverage_gaps", people, about, [own for own, _ in took], "ms"),
        Result("coverage_gaps", people, "gaps a second", [gaps / own * 1000 for own, _ in took], "1/s"),
    ]


async def sides(store: Store, view: View, accounts: list[Id]) -> list[Callable[[], Awaitable[Any]]]:
    """The question, and the reads of all accounts' rows."""

    def of(some: list[Id]) -> Callable[[Reader], Awaitable[Any]]:
        return lambda reader: cases_of(reader, view, {account: (account, None) for account in some})

    reads = [await packed_reads(store, of(accounts[start : start + STRETCH])) for start in range(0, len(accounts), STRETCH)]

    async def question() -> Any:
        return await coverage_gaps(store, view, first=20)

    async def packed() -> Any:
        for read in reads:
            await read()

    return [question, packed]
