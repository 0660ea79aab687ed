"""A chart published twice a year, loaded edition by edition: its history is what the editions say, in whatever order they come."""

import csv
from collections import Counter
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from graph.instants import at_moment, period
from loaders.export import canonical_rows
from loaders.mapping import read_mapping
from loaders.run import load
from queries.chain_changes import chain_changes

FOLDER = Path(__file__).parent.parent / "data" / "uk_gov_organograms_dates"
MAPPING = read_mapping(Path(__file__).parent.parent.parent / "samples" / "mappings" / "uk_gov_organograms.toml")
BODY = "organograms:ministry_of_defence"
with (FOLDER / "senior_posts.csv").open(encoding="utf-8", newline="") as opened:
    POSTS = {(row["snapshot"], f"{BODY}/{row['Post Unique Reference']}"): row for row in csv.DictReader(opened)}
DATES = sorted({day for day, _ in POSTS})
KNOWN = {post for _, post in POSTS}


async def editions(store, days):
    """Each edition is complete: a post that it does not name is gone."""
    for day in days:
        said = {"mapping": MAPPING, "as_of": period(day)[0], "complete": ["employments", "reporting"], "force": True}
        report = await load(store, [FOLDER], **said)
        assert report.kinds["employments"].rows == sum(edition == day for edition, _ in POSTS)


def bosses():
    """(day, post) -> the manager of a post: where an edition names one whom the cut lacks, its row is refused and the line of before stands."""
    held = {}
    for day in DATES:
        for post in KNOWN:
            row = POSTS.get((day, post))
            named = row and row["Reports to Senior Post"]
            refused = named not in (None, "XX", "") and f"{BODY}/{named}" not in KNOWN
            before = held.get((DATES[max(0, DATES.index(day) - 1)], post))
            held[day, post] = before if refused else f"{BODY}/{named}" if row and named not in ("XX", "") else None
    return held


def stays(post, before, day):
    """Whether a post stands in both editions: a line that comes or goes with its manager is no change of its own."""
    return (before, post) in POSTS and (day, post) in POSTS


def expected():
    """(day, what, post) between each two editions, worked out from the rows alone."""
    boss = bosses()
    for before, day in pairwise(DATES):
        for post in sorted(KNOWN):
            was, now = POSTS.get((before, post)), POSTS.get((day, post))
            if was is None and now is not None:
                yield day, "JOINED", post
            elif now is None and was is not None:
                yield day, "LEFT", post
            elif was is not None and now is not None:
                if was["Job Title"] != now["Job Title"]:
                    yield day, "TITLE_CHANGED", post
                old, new = boss[before, post], boss[day, post]
                if old and new and old != new:
                    yield day, "MANAGER_CHANGED", post
                elif old != new and stays(old or new, before, day):
                    yield day, "LINE_ADDED" if new else "LINE_REMOVED", post


async def test_every_join_leave_title_and_line_between_editions_is_told_once(store, view):
    await editions(store, DATES)
    told = (await chain_changes(store, await view(), [BODY], from_=at_moment(period(DATES[0])[0])))[BODY]
    got = Counter((f"{change.at:%Y-%m-%d}", change.kind.value, change.person_id) for change in told)
    assert got == Counter(expected())
    assert {what for _, what, _ in got} >= {"JOINED", "LEFT", "TITLE_CHANGED", "MANAGER_CHANGED"}


@pytest.mark.parametrize("seed", [1, 2])
async def test_editions_that_arrive_in_any_order_tell_the_same_history(store, seed):
    await editions(store, DATES)
    whole = await canonical_rows(store)
    await store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
    mixed = DATES[:]
    Random(seed).shuffle(mixed)
    await editions(store, mixed)
    late = await canonical_rows(store)
    assert [late[kind] for kind in ("employments", "reporting", "people")] == [whole[kind] for kind in ("employments", "reporting", "people")]
