"""Some things' rows out of the journal's pieces: the same whether a piece is parsed or passed over."""

from hypothesis import given
from hypothesis import strategies as st

from graph.journal import FEW, ThingRow, pack, unpack_things, unpack_those

IDS = st.sampled_from(['a"b', "李伟", "crm:1", "crm:12", "back\\slash", "none"])
ROWS = st.lists(st.builds(lambda id_, value: ThingRow(id_, 1.0, {"name": value}, ["mail:a@b.example"]), IDS, IDS), min_size=1, max_size=8)


@given(ROWS, st.frozensets(IDS), st.booleans())
def test_only_those_asked_for(rows, ids, many):
    asked = ids | {f"other {number}" for number in range(FEW + 1)} if many else ids
    (blob,) = pack(rows)
    assert unpack_those(blob, asked) == [row for row in unpack_things([blob]) if row.id in ids]
