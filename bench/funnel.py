"""The funnel of 200,000 people: stages, silence and clocks from what went between us, beside one plain groupby of pandas; and the planner's lists.

``python -m bench.funnel --people 20000`` measures the lists on a market that is laid into a Neo4j of its own (``bench.lay``).
"""

import numpy as np
import pandas as pd
import typer

from api.context import Context
from bench.engagement import took
from bench.lay import alone
from bench.load import Files
from bench.measure import Result, timed
from graph.local import Running
from graph.measures.funnel import Act, Acts, due, silent, stages, standing
from graph.measures.strength import DAY
from graph.snapshot.keeper import snapshot_at
from graph.store import Store
from queries.audience import audience
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
    """The results: on arrays, and the first pages of the funnel and the audience of the market in the graph, once its snapshot stands."""
    view = await Context(store, store.settings).view()
    found, snapshot = (await funnel(store, view)).total_count, await snapshot_at(store, view)
    invited = (await audience(store, view)).total_count
    seconds: dict[str, list[float]] = {name: [] for name in ("stages", "page", "candidates", "invited")}
    for _ in range(rounds):
        snapshot.kept.clear()
        seconds["stages"].append(await timed(funnel(store, view)) * 1000)
        seconds["page"].append(await timed(funnel(store, view)) * 1000)
        seconds["candidates"].append(await timed(audience(store, view)))
        seconds["invited"].append(await timed(audience(store, view)) * 1000)
    return [
        *on_arrays(rounds),
        Result("funnel", people, f"stages of {found:,} people from the snapshot, and the first page", seconds["stages"], "ms"),
        Result("funnel", people, "the same page once they stand", seconds["page"], "ms"),
        Result(
            "funnel",
            people,
            f"whom to invite: {invited:,} people by gain and fatigue, and the first page",
            seconds["candidates"],
            "s",
        ),
        Result("funnel", people, "the same page once they stand", seconds["invited"], "ms"),
    ]


if __name__ == "__main__":
    typer.run(alone(measure))
