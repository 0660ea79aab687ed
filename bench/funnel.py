"""The funnel of 200,000 people: stages, silence and clocks from what went between us, beside one plain groupby of pandas; and its first page."""

import numpy as np
import pandas as pd

from api.context import Context
from bench.engagement import took
from bench.load import Files
from bench.measure import Result, timed
from graph.local import Running
from graph.measures.funnel import Act, Acts, due, silent, stages, standing
from graph.measures.strength import DAY
from graph.store import Store
from queries.funnel import funnel

PEOPLE, ROWS, DAYS, TOPICS = 200_000, 5_000_000, 720, 40


def acts(seed: int = 1) -> Acts:
    """Two years of messages, calls and meetings: most of them with few."""
    rng = np.random.default_rng(seed)
    act = rng.choice([Act.WORD, Act.OURS, Act.CALL, Act.MET, Act.MISSED, Act.DEED], ROWS, p=[0.3, 0.4, 0.1, 0.05, 0.05, 0.1])
    person, at = (PEOPLE * rng.random(ROWS) ** 2).astype(np.int64), np.sort(rng.integers(0, DAYS * DAY, ROWS))
    return Acts(person, at, act, rng.integers(-1, TOPICS, ROWS), (act == Act.WORD) | (act == Act.OURS))


def on_arrays(rounds: int) -> list[Result]:
    """Everybody's stage and clock beside a groupby that counts everybody's messages."""
    given, now = acts(), DAYS * DAY
    frame = pd.DataFrame({"person": given.person, "topic": given.topic, "act": given.act, "at": given.at})

    def groupby() -> object:
        return frame.groupby(["person", "topic", "act"])["at"].max()

    def everybody() -> object:
        found = standing(PEOPLE, given, now)
        stage = stages(found, silent(found, now), np.zeros(PEOPLE, bool))
        return due(found, stage, found.waiting)

    plain, ours = zip(*[(took(groupby), took(everybody)) for _ in range(rounds)], strict=True)
    what = f"stages and clocks of {PEOPLE:,} people from {ROWS:,} events"
    ratios = [one / other for one, other in zip(ours, plain, strict=True)]
    return [
        Result("funnel", PEOPLE, f"{what}: over one pandas groupby of the same rows", ratios),
        Result("funnel", PEOPLE, what, list(ours), "s"),
        Result("funnel", PEOPLE, f"one pandas groupby of {ROWS:,} rows by person, topic and kind", list(plain), "s"),
    ]


async def measure(store: Store, database: Running, files: Files, people: int, rounds: int) -> list[Result]:
    """The results: on arrays, and the first page of the market that is loaded, once its snapshot stands."""
    view = await Context(store, store.settings).view()
    total = (await funnel(store, view)).total_count
    pages = [await timed(funnel(store, view)) * 1000 for _ in range(rounds)]
    return [*on_arrays(rounds), Result("funnel", people, f"first page of {total:,} people from the snapshot", pages, "ms")]
