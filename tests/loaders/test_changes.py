"""A log of changes says when a value came; it holds until the next line of its fact."""

from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.instants import OPEN_END, period
from graph.journal import About
from graph.ledger import unload
from loaders import identity
from loaders.frames import Tables
from loaders.mapping import Mapping
from loaders.run import check, load, refuse_clashing
from loaders.spool import Spool

COLUMNS = {name: name for name in ("company_id", "product_id", "seats")}
LOG = Mapping.model_validate(
    {
        "name": "licences",
        "about": "Seats, as they changed, and as they are.",
        "prefix": False,
        "tables": {
            "log": {"files": "log", "makes": {"uses": {"changes": True, "columns": {**COLUMNS, "valid_from": "since"}}}},
            "now": {"files": "now", "makes": {"uses": {"columns": COLUMNS}}},
        },
    }
)
DEALS = Mapping.model_validate(
    {
        "name": "deals",
        "about": "Deals, as they changed.",
        "prefix": False,
        "tables": {
            "log": {
                "files": "log",
                "makes": {
                    "opportunities": {"changes": True, "columns": {"opportunity_id": "id", "company_id": "of", "amount": "to", "valid_from": "on"}}
                },
            }
        },
    }
)
TODAY = period("2026-03-01")[0]


def on(day):
    return period(f"2026-01-{day:02}")[0]


@settings(max_examples=10)
@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 3)), min_size=1, max_size=6), st.booleans())
def test_each_line_holds_until_the_next_and_the_last_of_a_day_counts(tmp_path_factory, lines, beside):
    folder = tmp_path_factory.mktemp("log")
    text = "".join(f"a,p,{seats},2026-01-0{day}\n" for day, seats in lines)
    (folder / "log.csv").write_text("company_id,product_id,seats,since\nb,p,7,2026-01-03\n" + text)
    if beside:
        (folder / "now.csv").write_text("company_id,product_id,seats\na,p,9\nc,p,5\n")
    with Spool() as spool:
        check(spool, Tables([folder], LOG, "licences"), UTC, "licences")
        spool.hold_until_next(TODAY)
        rows = [row for batch in spool.facts(About("USES", "licences/uses")) for row in batch.rows()]
        assert spool.rejects() == []
    last = dict(lines)
    days = sorted(last)
    ends = [*map(on, days[1:]), TODAY if beside else None]
    expected = {("a", on(day), end, last[day]) for day, end in zip(days, ends, strict=True)} | {("b", on(3), None, 7)}
    expected |= {("a", TODAY, None, 9), ("c", None, None, 5)} if beside else set()
    assert {(row.from_ref, row.start, row.end, row.values["seats"]) for row in rows} == expected


async def amounts(folder, text):
    """The stretches of the deals' amounts as days of January, and the lines that are refused; of companies only a is known."""
    (folder / "log.csv").write_text("id,of,to,on\n" + text)
    with Spool() as spool:
        check(spool, Tables([folder], DEALS, "deals"), UTC, "deals")
        spool.know("Company", {"a": ["a"]})
        await refuse_clashing(None, spool, TODAY)
        rows = [row for batch in spool.facts(About("OPPORTUNITY_VALUE", "deals/opportunities")) for row in batch.rows()]
        days = {on(day): day for day in range(1, 10)}
        told = sorted((days[row.start], days.get(row.end), row.values.get("number")) for row in rows)
        return told, [reject.line for reject in spool.rejects()]


async def test_an_emptied_value_ends_the_one_before(tmp_path):
    told = await amounts(tmp_path, "o,a,100,2026-01-01\no,a,,2026-01-03\no,a,300,2026-01-05\no,a,,2026-01-05\n")
    assert told == ([(1, 3, 100)], []), "of one instant the last word counts, though it be none"
    told = await amounts(tmp_path, "o,a,100,2026-01-01\no,a,,2026-01-03\no,a,300,2026-01-05\n")
    assert told == ([(1, 3, 100), (5, None, 300)], [])


async def test_a_log_that_begins_without_a_value_ends_what_stood_before(tmp_path):
    assert await amounts(tmp_path, "o,a,,2026-01-03\n") == ([(3, 3, None)], []), "alone"
    told = await amounts(tmp_path, "o,a,,2026-01-04\no,a,,2026-01-03\no,a,300,2026-01-05\n")
    assert told == ([(3, 3, None), (5, None, 300)], []), "until the next value"
    assert await amounts(tmp_path, "o,a,300,2026-01-03\no,a,,2026-01-03\n") == ([(3, 3, None)], []), "of one instant the last word counts"
    assert await amounts(tmp_path, "o,a,,2026-01-03\no,a,300,2026-01-03\n") == ([(3, None, 300)], []), "whatever it is"
    assert await amounts(tmp_path, "o,nobody,,2026-01-03\no,a,300,2026-01-05\n") == ([(5, None, 300)], [2]), "but not by a refused line"


LINES = ["o,a,100,2026-01-01\n", "o,a,,2026-01-03\n", "o,a,300,2026-01-05\n"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
async def test_a_log_that_comes_line_by_line_tells_the_same_in_any_order(store, market, tmp_path, order):
    await market(companies="company_id,name\na,A\n")

    async def stands():
        text = (
            "MATCH ({id: 'o'})-[r:OPPORTUNITY_VALUE]->() WHERE r.retracted_at = $open RETURN r.valid_from, r.valid_to, r.number ORDER BY r.valid_from"
        )
        return [tuple(row) for row in await store.read("test", text, {"open": OPEN_END})]

    emptied = 0
    for number in order:
        (tmp_path / "log.csv").write_text("id,of,to,on\n" + LINES[number])
        report = await load(store, [tmp_path / "log.csv"], mapping=DEALS, as_of=on(number + 6))
        emptied = report.load if number == 1 else emptied
    assert await stands() == [(on(1), on(3), 100), (on(5), OPEN_END, 300)]
    await unload(store, f"L{emptied}", identity)
    assert await stands() == [(on(1), on(5), 100), (on(5), OPEN_END, 300)]


async def test_a_refused_row_ends_nothing(tmp_path):
    told = await amounts(tmp_path, "o,a,100,2026-01-01\no,nobody,200,2026-01-03\no,a,300,2026-01-05\n")
    assert told == ([(1, 5, 100), (5, None, 300)], [3]), "in the middle"
    told = await amounts(tmp_path, "o,a,100,2026-01-01\no,nobody,200,2026-01-03\n")
    assert told == ([(1, None, 100)], [3]), "at the end"
    told = await amounts(tmp_path, "o,a,100,2026-01-01\no,nobody,200,2026-01-01\no,nobody,,2026-01-05\n")
    assert told == ([(1, None, 100)], [3, 4]), "in the same instant"


async def test_what_falls_by_overlapping_ends_nothing_either(tmp_path):
    folder = tmp_path
    (folder / "log.csv").write_text("id,of,to,on\no,a,100,2026-01-01\no,a,200,2026-01-05\n")
    with Spool() as spool:
        check(spool, Tables([folder], DEALS, "deals"), UTC, "deals")
        spool.hold_until_next(TODAY)
        spool._fell([spool._reject(1, 3, "amount", "falls later")])
        spool.hold_until_next(TODAY)
        rows = [row for batch in spool.facts(About("OPPORTUNITY_VALUE", "deals/opportunities")) for row in batch.rows()]
        assert [(row.start, row.end) for row in rows] == [(on(1), None)]
