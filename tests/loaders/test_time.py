"""What is true is what all loads said together: each row of the contract's table, told by the tier of one account."""

import pytest

from graph.instants import OPEN_END, OPEN_START, at_moment, period
from graph.ledger import unload
from loaders import identity

JAN, FEB, MAR = "2025-01-01", "2025-02-01", "2025-03-01"
HEAD = "company_id,name,tier,valid_from,valid_to\n"


def says(tier, start="", end=""):
    return f"bank,Bank,{tier},{start},{end}\n"


OTHER = "clinic,Clinic,3,,\n"
STORIES = {
    "no dates, nobody spoke of it: open start": ([(JAN, says(1))], [("", "", 1)]),
    "no dates, the same again: one stretch": ([(JAN, says(1)), (FEB, says(1))], [("", "", 1)]),
    "no dates, spoken of before: the change is of that day": ([(JAN, says(1)), (FEB, says(2))], [("", FEB, 1), (FEB, "", 2)]),
    "a start": ([(JAN, says(1, "2024-05"))], [("2024-05-01", "", 1)]),
    "a start and an end": ([(JAN, says(1, "2024-05", "2025-05"))], [("2024-05-01", "2025-06-01", 1)]),
    "an end only, nobody spoke of it": ([(JAN, says(1, "", "2025-06-01"))], [("", "2025-06-01", 1)]),
    "an end only, spoken of before": ([(JAN, says(1)), (FEB, says(2, "", "2025-06-01"))], [("", FEB, 1), (FEB, "2025-06-01", 2)]),
    "an end before the file's day": ([(JAN, says(1)), (FEB, says(2, "", "2025-01-15"))], [("", "2025-01-15", 2)]),
    "the same day again is a correction": ([(JAN, says(1)), (FEB, says(2)), (FEB, says(3))], [("", FEB, 1), (FEB, "", 3)]),
    "only an earlier day counts as spoken before": ([(FEB, says(2)), (FEB, says(3))], [("", "", 3)]),
    "two stretches, absent between": (
        [(JAN, says(1, "2024-01-01", "2024-03-01") + says(2, "2024-06-01"))],
        [("2024-01-01", "2024-03-01", 1), ("2024-06-01", "", 2)],
    ),
    "what stood before a stretch is kept": (
        [(JAN, says(1)), (FEB, says(2, "2024-06-01", "2024-09-01"))],
        [("", "2024-06-01", 1), ("2024-06-01", "2024-09-01", 2)],
    ),
    "all of them, and this one absent": ([(JAN, says(1)), (FEB, OTHER, "all")], [("", FEB, 1)]),
    "an empty cell says nothing": ([(JAN, says(1)), (FEB, says(""))], [("", "", 1)]),
    "all of them, and this cell is empty": ([(JAN, says(1)), (FEB, says(""), "all")], [("", FEB, 1)]),
    "absent, and back again": ([(JAN, says(1)), (FEB, OTHER, "all"), (MAR, says(1))], [("", FEB, 1), (MAR, "", 1)]),
    "a late file that holds all of them cuts a hole": ([(JAN, says(1)), (MAR, says(1)), (FEB, OTHER, "all")], [("", FEB, 1), (MAR, "", 1)]),
    "a late file with another value": ([(JAN, says(1)), (MAR, says(1)), (FEB, says(2))], [("", FEB, 1), (FEB, MAR, 2), (MAR, "", 1)]),
    "first named after a file that held all of them": ([(JAN, OTHER, "all"), (FEB, says(1))], [(FEB, "", 1)]),
    "first named by a late file": ([(FEB, says(2)), (JAN, says(1))], [("", FEB, 1), (FEB, "", 2)]),
}


@pytest.fixture
def tiers(store):
    async def read():
        text = (
            "MATCH ({id: 'bank'})-[r:COMPANY_VALUE]->() WHERE r.retracted_at = $open RETURN r.valid_from, r.valid_to, r.number ORDER BY r.valid_from"
        )
        rows = await store.read("test", text, {"open": OPEN_END})
        return [("" if a == OPEN_START else f"{at_moment(a):%F}", "" if b == OPEN_END else f"{at_moment(b):%F}", int(n)) for a, b, n in rows]

    return read


async def load_all(market, loads):
    for day, rows, *complete in loads:
        report = await market(as_of=period(day)[0], companies=HEAD + rows, complete=["companies"] if complete else [])
        assert report.total("rejected") == 0


@pytest.mark.parametrize("story", STORIES)
async def test_the_fold(story, market, tiers):
    loads, expected = STORIES[story]
    await load_all(market, loads)
    assert await tiers() == expected


@pytest.mark.parametrize("gone", [1, 2, 3])
async def test_unloading_one_leaves_what_the_others_say(gone, market, tiers, store):
    await load_all(market, [(JAN, says(1)), (FEB, says(2)), (MAR, says(1))])
    await unload(store, str(gone), identity)
    assert await tiers() == {1: [("", MAR, 2), (MAR, "", 1)], 2: [("", "", 1)], 3: [("", FEB, 1), (FEB, "", 2)]}[gone]


async def test_of_two_overlapping_stretches_the_second_is_refused(market, tiers):
    report = await market(as_of=period(JAN)[0], companies=HEAD + says(1, "2024-01-01", "2024-06-01") + says(2, "2024-03-01"))
    assert report.total("rejected") == 1
    assert await tiers() == [("2024-01-01", "2024-06-01", 1)]


@pytest.fixture
def versions(store):
    """Every version of the tier that was ever written: its value and stretch, and the numbers of the loads that recorded and retracted it."""

    async def read():
        text = (
            "MATCH ({id: 'bank'})-[r:COMPANY_VALUE]->()\nOPTIONAL MATCH (made:Load {recorded_at: r.recorded_at})\n"
            "OPTIONAL MATCH (undone:Load {recorded_at: r.retracted_at})\nRETURN r.number, r.valid_from, r.valid_to, made.revision, undone.revision"
        )
        return {(int(n), day(start), day(end), made, undone) for n, start, end, made, undone in await store.read("test", text, {})}

    def day(at):
        return "" if at in (OPEN_START, OPEN_END) else f"{at_moment(at):%F}"

    return read


async def test_a_change_retracts_the_open_stretch_and_writes_two(market, versions):
    await load_all(market, [(JAN, says(1)), (FEB, says(1)), (MAR, says(2))])
    assert await versions() == {(1, "", "", 1, 3), (1, "", MAR, 3, None), (2, MAR, "", 3, None)}


async def test_a_late_file_of_all_retracts_what_stood_and_writes_both_sides_of_the_hole(market, versions):
    await load_all(market, [(JAN, says(1)), (MAR, says(1)), (FEB, OTHER, "all")])
    assert await versions() == {(1, "", "", 1, 3), (1, "", FEB, 3, None), (1, MAR, "", 3, None)}


async def test_a_late_file_with_another_value_writes_three(market, versions):
    await load_all(market, [(JAN, says(1)), (MAR, says(1)), (FEB, says(2))])
    assert await versions() == {(1, "", "", 1, 3), (1, "", FEB, 3, None), (2, FEB, MAR, 3, None), (1, MAR, "", 3, None)}


async def test_a_correction_replaces_the_day_wholly(market, versions):
    await load_all(market, [(JAN, says(1)), (FEB, says(2)), (FEB, says(3))])
    assert await versions() == {(1, "", "", 1, 2), (1, "", FEB, 2, None), (2, FEB, "", 2, 3), (3, FEB, "", 3, None)}
