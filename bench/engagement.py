"""Scores of millions of interactions: points, ladders, daily caps and decay on arrays, beside one plain groupby of pandas over the same rows."""

import gc
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from bench.load import Files
from bench.measure import Result
from graph.local import Running
from graph.measures.engagement import Deeds, totals
from graph.measures.strength import DAY
from graph.scoring import STANDARD, read_models
from graph.store import Store

PEOPLE, ROWS, DAYS, CAMPAIGNS = 200_000, 5_000_000, 720, 500


def deeds(seed: int = 1) -> Deeds:
    """What 200,000 people did in two years: most of it by few, at 500 campaigns, in the order of time as a log has it."""
    rng = np.random.default_rng(seed)
    rules = list(read_models(None)[STANDARD].model.rules.values())
    ladders = {name: place for place, name in enumerate(dict.fromkeys(read_models(None)[STANDARD].model.ladders.values()))}
    of_rule = np.array([ladders[name] for name in read_models(None)[STANDARD].model.ladders.values()], np.int64)
    rule = rng.integers(0, len(rules), ROWS)
    person = (PEOPLE * rng.random(ROWS) ** 2).astype(np.int64)
    at = np.sort(rng.integers(0, DAYS * DAY, ROWS))
    points = np.array([one.points for one in rules])[rule]
    return Deeds(person, of_rule[rule], rng.integers(0, CAMPAIGNS, ROWS), at, np.arange(ROWS), points)


def took(work: Callable[[], object]) -> float:
    """Seconds of one piece of work, after the collector has run."""
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


async def measure(store: Store, database: Running, files: Files, people: int, rounds: int) -> list[Result]:
    """The results; the database is not asked."""
    return on_arrays(rounds)


def on_arrays(rounds: int) -> list[Result]:
    """The scores beside a groupby that finds the most points of each person, ladder and campaign: no cap, no decay, no sum."""
    given, model = deeds(), read_models(None)[STANDARD].model
    frame = pd.DataFrame({"person": given.person, "ladder": given.ladder, "thing": given.thing, "points": given.points})

    def groupby() -> object:
        return frame.groupby(["person", "ladder", "thing"])["points"].max()

    def scores() -> object:
        return totals(PEOPLE, given, DAYS * DAY, model)

    plain, ours = [], []
    for _ in range(rounds):
        plain.append(took(groupby))
        ours.append(took(scores))
    ratios = [one / other for one, other in zip(ours, plain, strict=True)]
    what = f"scores of {PEOPLE:,} people from {ROWS:,} interactions"
    return [
        Result("engagement", PEOPLE, f"{what}: over one pandas groupby of the same rows", ratios),
        Result("engagement", PEOPLE, what, ours, "s"),
        Result("engagement", PEOPLE, f"one pandas groupby of {ROWS:,} rows by person, ladder and campaign", plain, "s"),
    ]
