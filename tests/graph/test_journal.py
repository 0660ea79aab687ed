"""The journal's pieces: some things' rows are the same whether a piece is parsed or passed over; keys and digests never change."""

from base64 import b64encode
from hashlib import blake2b

import orjson
from hypothesis import given
from hypothesis import strategies as st

from graph.journal import (
    FEW,
    KEY,
    ThingRow,
    digest,
    digest_of,
    digests_of,
    fact_digest,
    fact_digests_of,
    key_of,
    keys_of,
    pack,
    unpack_things,
    unpack_those,
)

IDS = st.sampled_from(['a"b', "李伟", "crm:1", "crm:12", "back\\slash", "none"])
ROWS = st.lists(st.builds(lambda id_, value: ThingRow(id_, 1.0, {"name": value}, ["mail:a@b.example"]), IDS, IDS), min_size=1, max_size=8)


@given(ROWS, st.frozensets(IDS), st.booleans())
def test_only_those_asked_for(rows, ids, many):
    asked = ids | {f"other {number}" for number in range(FEW + 1)} if many else ids
    (blob,) = pack(rows)
    assert unpack_those(blob, asked) == [row for row in unpack_things([blob]) if row.id in ids]


def test_keys_and_digests_that_stand_in_graphs_stay_what_they_are():
    assert key_of("HAS_ROLE_IN", ["王芳", "", "g1"], "crm/x", "roles") == "m5GuGGXJXjmM+ZeZ"
    assert digest({"b": 1, "a": "王"}) == digest_of('{"a":"王","b":1}'.encode()) == 2270966400008539760
    assert fact_digest({"a": 1}, "x", "y", 1.0) == 8175827078256480748
    assert fact_digest({}, "x", "y", 1.0) == -3136969970131986821


VALUES = st.dictionaries(st.text(min_size=1), st.none() | st.integers(0, 9))


@given(st.lists(st.tuples(st.text(), st.text(), st.sampled_from(["crm", "erp"]), VALUES), max_size=5))
def test_keys_and_digests_of_many_are_those_of_each(rows):
    starts, ends, sources, values = map(list, zip(*rows, strict=True)) if rows else ([], [], [], [])
    keys = keys_of("KNOWS", (starts, ends), sources, "people").decode()
    each = [keys[at : at + KEY] for at in range(0, len(keys), KEY)]
    assert each == [b64encode(blake2b("\x1f".join(("KNOWS", *row[:3], "people")).encode(), digest_size=12).digest()).decode() for row in rows]
    assert each == [key_of("KNOWS", (start, end), source, "people") for start, end, source, _ in rows]
    texts = [orjson.dumps(said, option=orjson.OPT_SORT_KEYS) for said in values]
    assert digests_of(texts).tolist() == list(map(digest_of, texts)) == list(map(digest, values))
    facts = fact_digests_of(texts, starts, ends, [0.5] * len(rows)).tolist()
    assert facts == [digest({"": [start, end, 0.5], **said}) for start, end, _, said in rows]
    assert facts == [fact_digest(said, start, end, 0.5) for start, end, _, said in rows]
