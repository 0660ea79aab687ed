"""Exposure of all accounts to one competitor: over arrays, against the same sums in pandas and in Python loops; and the question's first page.

The three sides start from the same columns and must agree.
"""

import time
from collections import defaultdict
from collections.abc import Callable
from math import exp, prod
from typing import Any

import numpy as np
import pandas as pd

from api.context import Context
from bench.load import Files
from bench.measure import Result
from graph.answer import Id
from graph.local import Running
from graph.measures.exposure import DEFAULTS, Facts, exposure, roots
from graph.settings import load_settings
from graph.snapshot.keeper import snapshot_at
from graph.store import Store
from queries.committee.market import market_of
from queries.exposed.exposures import Exposures
from queries.exposed_accounts import exposed_accounts

SCALE = 200_000
"""So many facts at least are summed, of as many accounts as it takes: what a market holds, over and over."""


async def measure(store: Store, database: Running, files: Files, people: int, rounds: int) -> list[Result]:
    """The first page for the competitor of whom most is recorded, and the sums alone."""
    view = await Context(store, load_settings()).view()
    snapshot = await snapshot_at(store, view)
    rivals = np.flatnonzero(snapshot.companies.competitor & snapshot.companies.known).tolist()
    market = await market_of(store, view, None)
    found = [await Exposures.of(market, view, Id(snapshot.companies.id[int(place)])) for place in rivals[:20]]
    most = max(found, key=lambda one: len(one.facts.x))
    pages, made, frames, loops = [], [], [], []
    facts, accounts = repeated(most.facts, most.size)
    for _ in range(rounds):
        start = time.perf_counter()
        await exposed_accounts(store, view, competitor=most.rival, first=20)
        pages.append((time.perf_counter() - start) * 1000)
        took, ours = timed(lambda: exposure(roots(facts, accounts)).threat)
        made.append(took)
        took, theirs = timed(lambda: in_pandas(facts, accounts))
        frames.append(took)
        took, slow = timed(lambda: in_python(facts, accounts))
        loops.append(took)
        if not (np.allclose(ours, theirs, equal_nan=True) and np.allclose(ours, slow, equal_nan=True)):
            raise AssertionError("the three sides differ")
    about = f"{len(facts.x):,} facts of {accounts:,} accounts"
    return [
        Result("competitor_exposure", people, f"first page of {most.size:,} accounts, in process", pages, "ms"),
        Result("competitor_exposure", people, f"{about}: arrays", made, "ms"),
        Result("competitor_exposure", people, f"{about}: pandas over arrays", [theirs / own for theirs, own in zip(frames, made, strict=True)], "x"),
        Result("competitor_exposure", people, f"{about}: Python loops over arrays", [slow / own for slow, own in zip(loops, made, strict=True)], "x"),
    ]


def repeated(facts: Facts, accounts: int) -> tuple[Facts, int]:
    """The same facts for as many accounts as it takes."""
    times = max(1, -(-SCALE // max(len(facts.x), 1)))
    shift = np.repeat(np.arange(times) * accounts, len(facts.x))
    whole = Facts.joined([facts] * times)
    return whole._replace(account=whole.account + shift), accounts * times


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds, and what came of it."""
    start = time.perf_counter()
    made = run()
    return (time.perf_counter() - start) * 1000, made


def in_pandas(facts: Facts, accounts: int) -> Any:
    """The same by groups of a frame."""
    alpha, kappa, most = (np.array([getattr(of, name) for of in DEFAULTS.each]) for name in ("alpha", "kappa", "most"))
    frame = pd.DataFrame(facts._asdict()).sort_values(["account", "root", "thing", "sure"], ascending=[True, True, True, False])
    thing = ["account", "root", "thing"]
    highest = frame.groupby(thing, sort=False)["x"].cummax()
    frame["x"] = highest - highest.groupby([frame[name] for name in thing], sort=False).shift(fill_value=0.0)
    frame = frame.sort_values(["account", "root", "sure"], ascending=[True, True, False])
    cell = [frame["account"], frame["root"]]
    total = np.minimum(frame.groupby(["account", "root"], sort=False)["x"].cumsum(), most[frame["root"]])
    reached = pd.Series(1 - np.exp(-total / kappa[frame["root"]]), index=frame.index)
    step = reached - reached.groupby(cell, sort=False).shift(fill_value=0.0)
    each = (step * frame["sure"] * alpha[frame["root"]]).groupby(cell).sum()
    missed = (1 - each).groupby(level=0).prod()
    return (1 - missed).reindex(range(accounts)).to_numpy()


def in_python(facts: Facts, accounts: int) -> Any:
    """The same fact by fact."""
    told: dict[int, dict[int, dict[int, list[tuple[float, float]]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for account, root, thing, x, sure in zip(*(column.tolist() for column in facts), strict=True):
        told[account][root][thing].append((sure, x))
    threats = [float("nan")] * accounts
    for account, by_root in told.items():
        survived = []
        for root, things in by_root.items():
            of, value, below = DEFAULTS.each[root], 0.0, 0.0
            for level in sorted({sure for rows in things.values() for sure, _ in rows}):
                total = sum(max((x for sure, x in rows if sure >= level), default=0.0) for rows in things.values())
                value += (level - below) * of.alpha * (1 - exp(-min(total, of.most) / of.kappa))
                below = level
            survived.append(1 - value)
        threats[account] = 1 - prod(survived)
    return np.array(threats)
