"""Who knows whom: what a log of mails, calls and meetings costs beside its load; the first time, a day on top, and a day that comes late."""

import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from bench.load import Files, clear
from bench.market import ids, some, texts, write
from bench.measure import Result
from graph.local import Running
from graph.store import Store
from loaders.run import load

ROWS = 4
"""Events a person."""
SHARE = 0.01
"""How much of the log comes on top, and how much comes late."""
DAYS = 500


def log(people: int, seed: int = 1, each: int = ROWS) -> pd.DataFrame:
    """Interactions of our people with their contacts, the earliest first, ``each`` a person; a contact has two of us, and one event in fourteen is a
    meeting of four.
    """
    rng = np.random.default_rng(seed)
    count, ours = each * people, max(4, people // 100)
    contact = rng.integers(ours, people, count)
    of_us = (contact * 7 + rng.integers(0, 2, count)) % ours
    kind = np.array(["message"] * 12 + ["call", "meeting"], dtype=object)[rng.integers(0, 14, count)]
    answers = rng.random(count) < 0.4
    mine, theirs = ids("p", of_us), ids("p", contact)
    others = ";" + ids("p", ours + (contact + 1) % (people - ours)) + ";" + ids("p", (of_us + 1) % ours)
    minutes = np.sort(rng.integers(0, DAYS * 24 * 60, count))
    return pd.DataFrame(
        {
            "interaction_id": ids("log-", np.arange(count)),
            "type": kind,
            "at": texts(np.datetime64("2025-01-01T00:00") + minutes),
            "from_id": np.where(answers, theirs, mine),
            "to_ids": np.where(answers, mine, theirs) + np.where(kind == "meeting", others, ""),
            "subject": some(rng, 0.5, ids("Re: ", contact)),
        }
    )


def parts(frame: pd.DataFrame, seed: int = 1) -> dict[str, pd.DataFrame]:
    """The log without what comes late and without its end; its end; what comes late."""
    late = np.random.default_rng(seed).random(len(frame)) < SHARE
    end = np.arange(len(frame)) >= len(frame) * (1 - SHARE)
    return {"first": frame[~late & ~end], "on top": frame[end], "late": frame[late & ~end]}


async def measure(store: Store, database: Running, files: Files, people: int, rounds: int) -> list[Result]:
    """The results; afterwards the people and their log stand in the graph, and nothing else."""
    folder = files.first.parent / f"{people}-log"
    write({kind: files.frames[kind] for kind in ("companies", "people", "territories")}, folder / "people")
    cut = parts(log(people))
    for name, frame in cut.items():
        write({"interactions": frame}, folder / name)
    whole: dict[str, list[float]] = defaultdict(list)
    steps: dict[str, list[float]] = defaultdict(list)

    async def timed(name: str, path: Path) -> None:
        marks: list[float] = []

        def progress(step: str, done: int, of: int) -> None:
            if step == "KNOWS":
                marks.append(time.perf_counter())

        began = time.perf_counter()
        report = await load(store, [path], source="log", progress=progress)
        ended = time.perf_counter()
        if report.total("rejected"):
            raise RuntimeError(f"{path}: {report.total('rejected')} rows were refused.")
        whole[name].append(ended - began)
        steps[name].append(ended - marks[0])

    for _ in range(1 + rounds):  # the first round warms Neo4j
        await clear(store)
        await load(store, [folder / "people"])
        for name in cut:
            await timed(name, folder / name)
        await timed("again", folder / "first")
    ((pairs,),) = await store.read("bench", "MATCH ()-[k:KNOWS]->() RETURN count(k)", {})

    def of(what: str, values: Iterable[float], unit: str = "x") -> Result:
        return Result("knows", people, what, list(values), unit)

    def share(name: str) -> list[float]:
        return [step / all_ for step, all_ in zip(steps[name][1:], whole[name][1:], strict=True)]

    def speed(name: str) -> list[float]:
        return [len(cut[name]) / step for step in steps[name][1:]]

    events = len(cut["first"])
    return [
        of(f"{events:,} events between {pairs:,} pairs, the first time: the share of keeping `KNOWS` in the time of their load", share("first")),
        of("the same", speed("first"), "rows/s"),
        of(f"{len(cut['on top']):,} later events, all added: its share", share("on top")),
        of("the same", speed("on top"), "rows/s"),
        of(f"{len(cut['late']):,} late events, their pairs made anew: its share", share("late")),
        of("the same", speed("late"), "rows/s"),
        of("the first ones again, unchanged: its share", share("again")),
    ]
