"""Partners of a whole market, in memory: overlaps and profiles of all of them, whom their people reach, and the few who open most.

``python -m bench.partners`` makes a market by a seed and measures beside Python sets and plain pandas, in turn in one run.
"""

import gc
import resource
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from bench.measure import figure, machine
from graph.measures.network import Evidence, TieKind, network
from graph.measures.partners import CUSTOMER, OTHER, TARGET, Accounts, Gaps, chosen, grids, opens, overlap, profile, similarity
from graph.measures.paths import Rules
from graph.measures.strength import Ints

MET = 0.2
"""So large a part of a partner's accounts it only met."""
ROLES = 7
STAFF = 5


class Market:
    """Partners whose accounts are spread as unevenly as in life, accounts of several kinds, and people who know each other."""

    def __init__(self, partners: int, companies: int, links: int, people: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        sizes = np.maximum(1, rng.zipf(1.9, partners).clip(max=companies // 20))
        sizes = np.maximum(1, sizes * links // sizes.sum())
        partner = np.repeat(np.arange(partners), sizes)
        popular = rng.permutation(companies)[(rng.random(len(partner)) ** 2 * companies).astype(np.int64)]
        pairs = np.unique(partner * companies + popular)
        self.partner, self.company = np.divmod(pairs, companies)
        self.met = rng.random(len(pairs)) < MET
        self.ours = rng.choice([CUSTOMER, TARGET, OTHER], companies, p=[0.05, 0.45, 0.5])
        self.market = np.ones(companies, bool)
        self.shape = (partners, companies)
        self.traits = rng.integers(0, 20, companies), rng.lognormal(5, 2, companies), rng.integers(0, 34, companies)
        who, whom = rng.integers(0, people, (2, people * 5))
        apart = who != whom
        chance = rng.choice([0.05, 0.2, 0.4, 0.7], apart.sum())
        self.network = network(people, Evidence.of(TieKind.ADVISES, who[apart], whom[apart], chance))
        self.staff = np.repeat(np.arange(partners), STAFF), rng.integers(0, people, partners * STAFF)
        accounts = people // 20
        holders = np.arange(accounts * ROLES)
        self.gaps = Gaps(rng.random(accounts * ROLES), holders, rng.integers(0, people, len(holders)))

    def accounts(self) -> Accounts:
        """Whose accounts are whose."""
        sold, met = ((self.partner[rows], self.company[rows]) for rows in (~self.met, self.met))
        return Accounts.of(self.shape, sold, met, self.market)


def by_matrices(market: Market) -> tuple[Ints, list[float]]:
    """The 3 x 3 of every partner and its Jaccard, as the product does."""
    counts = grids(market.accounts(), market.ours, market.market)
    shared = counts[:, :2, :2].sum((1, 2))
    found = overlap(shared, int((market.ours <= TARGET).sum()), counts[:, :, :2].sum((1, 2)), market.shape[1])
    return counts[:, :3], found.jaccard.tolist()


def by_sets(market: Market) -> tuple[Ints, list[float]]:
    """The same with a set of companies for each side and standing."""
    ours = [set(np.flatnonzero(market.ours == kind).tolist()) for kind in (CUSTOMER, TARGET, OTHER)]
    theirs: list[tuple[set[int], set[int]]] = [(set(), set()) for _ in range(market.shape[0])]
    for partner, company, met in zip(market.partner.tolist(), market.company.tolist(), market.met.tolist(), strict=True):
        theirs[partner][met].add(company)
    mine, counts, jaccard = ours[0] | ours[1], [], []
    for customers, others in theirs:
        targets = others - customers
        rows = [[len(own & customers), len(own & targets)] for own in ours]
        counts.append([[*row, len(own) - sum(row)] for own, row in zip(ours, rows, strict=True)])
        both = customers | targets
        shared = len(mine & both)
        jaccard.append(shared / (len(mine) + len(both) - shared))
    return np.array(counts), jaccard


def by_pandas(market: Market) -> tuple[Ints, list[float]]:
    """The same with frames: a merge, a group, a pivot."""
    links = pd.DataFrame({"partner": market.partner, "company": market.company, "theirs": market.met.astype(int)})
    links = links.sort_values("theirs").drop_duplicates(["partner", "company"])
    ours = pd.DataFrame({"company": np.arange(market.shape[1]), "ours": market.ours})
    size = links.merge(ours, on="company").groupby(["partner", "ours", "theirs"]).size()
    wide = size.unstack("theirs", fill_value=0).reindex(pd.MultiIndex.from_product([range(market.shape[0]), range(3)]), fill_value=0)
    counts = wide.reindex(columns=[0, 1], fill_value=0).to_numpy().reshape(-1, 3, 2)
    rest = np.bincount(market.ours, minlength=3)[None, :] - counts.sum(2)
    shared, has = counts[:, :2].sum((1, 2)), counts.sum((1, 2))
    return np.concatenate([counts, rest[:, :, None]], axis=2), (shared / ((market.ours <= TARGET).sum() + has - shared)).tolist()


def seconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes, after the collector has run."""
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def peak() -> float:
    """The most memory that this process has held, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(
    partners: Annotated[int, typer.Option(help="So many partners.", min=10)] = 10_000,
    accounts: Annotated[int, typer.Option(help="So many companies.", min=100)] = 100_000,
    links: Annotated[int, typer.Option(help="About so many accounts of partners.", min=100)] = 1_000_000,
    people: Annotated[int, typer.Option(help="So many people, with five edges each.", min=100)] = 200_000,
    rounds: Annotated[int, typer.Option(help="Each ratio is the median of so many.", min=1)] = 3,
    seed: Annotated[int, typer.Option(help="Another seed, another market.")] = 1,
) -> None:
    """Measure, and print what was found."""
    market = Market(partners, accounts, links, people, seed)
    typer.echo(f"{machine()}: {partners:,} partners, {accounts:,} companies, {len(market.partner):,} accounts of partners, {people:,} people")
    typer.echo(f"the market itself: peak memory {figure(peak())} MiB")
    held, rules = market.accounts(), Rules(np.zeros(people, bool))
    alike = seconds(lambda: similarity(held.both, market.ours <= TARGET, profile(*market.traits)))
    typer.echo(f"profiles of all partners: {figure(alike)} s, peak memory {figure(peak())} MiB")
    began = time.perf_counter()
    opened = opens(market.network, rules, partners, market.staff, market.gaps)
    spent = time.perf_counter() - began
    typer.echo(
        f"what all partners open of {len(market.gaps.missing):,} roles: {figure(spent)} s, {opened.nnz:,} found, peak memory {figure(peak())} MiB"
    )
    typer.echo(f"the ten who open most: {figure(seconds(lambda: chosen(opened, market.gaps.missing, 10)))} s")
    wanted = by_matrices(market)
    typer.echo(f"3 x 3 and Jaccard of all partners: peak memory {figure(peak())} MiB")
    for other in (by_sets, by_pandas):
        found = other(market)
        if not (found[0] == wanted[0]).all() or not np.allclose(found[1], wanted[1]):
            sys.exit(f"{other.__name__} says something else")
    took: dict[str, list[float]] = {name: [] for name in ("matrices", "sets", "pandas")}
    for _ in range(rounds):
        for name, work in (("matrices", by_matrices), ("sets", by_sets), ("pandas", by_pandas)):
            took[name].append(seconds(lambda work=work: work(market)))  # type: ignore[misc]
    base = took["matrices"]
    typer.echo(f"3 x 3 and Jaccard of all partners: {figure(median(base))} s")
    for name in ("sets", "pandas"):
        ratios = [other / own for other, own in zip(took[name], base, strict=True)]
        typer.echo(f"  {name}: {figure(median(ratios))} x as long ({figure(min(ratios))} to {figure(max(ratios))})")


if __name__ == "__main__":
    typer.run(main)
