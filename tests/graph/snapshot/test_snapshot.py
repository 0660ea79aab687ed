"""What a snapshot says of a small market, told as rows; and how its columns hold texts and ends of edges."""

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.instants import instant
from graph.measures.network import TIE_KINDS
from graph.snapshot.arrays import Csr, Texts
from graph.snapshot.keeper import snapshot_at
from graph.snapshot.parts import Jobs
from graph.snapshot.scoped import seen_in
from graph.snapshot.ties import network_in
from graph.view import View
from tests.slow import Slow

AT = "2026-06-30T12:00:00+00:00"
FILES = {
    "territories": "territory_id,name\nnorth,North\nsouth,South\n",
    "companies": "company_id,name,kinds,territory_id\nus,Us,us,\nbank,东方银行,account,north\n"
    "mill,Mill,account,south\nrival,Rival,competitor,\nold,Old,,\n",
    "people": "person_id,name,company_id,do_not_contact\nann,Ann,us,\nben,Ben,us,\nwang,王敏,bank,\nli,李伟,bank,yes\n"
    "mo,Mo,mill,\nria,Ria,rival,\nex,Ex,mill,\n",
    "employments": "person_id,company_id,valid_from,valid_to\nwang,old,2015-01-01,2020-01-01\nmo,old,2018-01-01,2021-01-01\n"
    "ria,old,2019-06-01,2022-01-01\n"
    "ex,us,2010-01-01,2020-01-01\n",
    "reporting": "person_id,manager_id,line\nli,wang,SOLID\nwang,mo,DOTTED\n",
    "influence": "from_id,to_id,kind,strength,confidence\nli,wang,ADVISES,0.7,0.5\nmo,wang,OPPOSES,0.4,\n",
    "interactions": "interaction_id,type,at,from_id,to_ids\na1,visit,2026-06-01T09:00,ann,wang\na2,call,2026-06-12T09:00,mo,wang\n"
    "a3,message,2026-06-13T09:00,ann,mo\na4,visit,2026-08-01T09:00,ann,wang\n",
}


@pytest.fixture
async def snapshot(store, market, view):
    """The market at noon of 30 June 2026."""
    report = await market(**FILES)
    assert report.total("rejected") == 0, report
    return await snapshot_at(store, (await view()).at(instant(datetime.fromisoformat(AT)), None))


async def test_who_can_sway_whom_and_why(snapshot):
    names, net = snapshot.people.id.list(), network_in(snapshot)
    rows = {
        (names[tail], names[head], TIE_KINDS[kind].value): round(float(net.by_kind[edge, kind]), 3)
        for edge, (tail, head) in enumerate(zip(net.tail.tolist(), net.head.tolist(), strict=True))
        for kind in np.flatnonzero(net.by_kind[edge])
    }
    slow = Slow(FILES, AT)
    known = {(one, other): round(0.8 * tie, 3) for one in names for other in names if one != other and (tie := slow.tie(one, other))}
    assert len(known) == 6
    assert {(one, other): value for (one, other, kind), value in rows.items() if kind == "INTERACTION"} == known
    assert {key: value for key, value in rows.items() if key[2] != "INTERACTION"} == {
        ("li", "wang", "ADVISES"): 0.35,
        ("wang", "li", "REPORTING"): 0.6,
        ("li", "wang", "REPORTING"): 0.4,
        ("mo", "wang", "REPORTING"): 0.6,
        ("wang", "mo", "REPORTING"): 0.4,
        ("mo", "wang", "CO_AFFILIATION"): 0.15,
        ("wang", "mo", "CO_AFFILIATION"): 0.15,
        ("mo", "ria", "CO_AFFILIATION"): 0.15,
        ("ria", "mo", "CO_AFFILIATION"): 0.15,
    }
    wang = np.array([names.index("wang")])
    assert {names[at] for at in net.tail[net.into(wang)]} == {"ann", "mo", "li"} == {names[at] for at in net.head[net.out_of(wang)]}


async def test_who_is_who(snapshot):
    names = snapshot.people.id.list()

    def those(which):
        return {names[at] for at in np.flatnonzero(which)}

    assert those(snapshot.ours) == {"ann", "ben"}
    assert those(snapshot.former) == {"ex"}
    assert those(snapshot.of_competitors) == {"ria"}
    assert those(snapshot.opted_out) == {"li"}
    companies = snapshot.companies.id
    assert companies[snapshot.employer[names.index("mo")]] == "mill"
    assert len(snapshot[Jobs].person) == 11
    seen = seen_in(snapshot, View(0, 0, scope=("north",)))
    assert [companies[at] for at in np.flatnonzero(seen["Company"])] == ["bank", "rival", "us"]
    assert those(seen["Person"]) == {"wang", "li", "ann", "ben", "ria"}


@given(st.lists(st.text(), max_size=12), st.data())
def test_texts_are_kept_taken_and_found(texts, data):
    made = Texts.of(texts)
    assert made.list() == list(made) == texts
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=8)) if texts else []
    assert made.take(np.array(rows, np.int64)).list() == [texts[row] for row in rows]
    assert made.and_then(made).list() == texts * 2
    ordered = sorted(set(texts))
    for text in [*ordered, "nowhere to be found"]:
        assert Texts.of(ordered).find(text) == (ordered.index(text) if text in ordered else -1)


@given(st.lists(st.integers(0, 6), max_size=20))
def test_rows_by_their_ends(ends):
    made = Csr.by(np.array(ends, np.int32), 7)
    for end in range(7):
        assert made.of(end).tolist() == [row for row, one in enumerate(ends) if one == end]
    assert made.of_all(np.array([3, 0, 3])).tolist() == [*made.of(3), *made.of(0), *made.of(3)]
