"""A log of changes says when a value came; it holds until the next line of its fact."""

from datetime import UTC

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.instants import period
from graph.journal import About
from loaders.frames import Tables
from loaders.mapping import Mapping
from loaders.run import check
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
