"""Two sources on one company: what each says, whose word counts, and why."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.conflicts import Because
from graph.conflicts import conflicts as found_among
from graph.instants import period
from graph.journal import About, Known, ThingRow, Word, winners
from queries.conflicts import ThingKind, _of, conflicts

CRM = "company_id,name,industry,employees,domain,aliases\na,甲公司,bank,100,jia.example,Jia\nb,Beta,tech,,,\n"
LIST = "company_id,name,industry,employees,domain,aliases\nx-1,甲股份,bank,250,jia.example,a\nb,Beta,tech,7,,\n"


@pytest.fixture
def told(store, view):
    async def run(language="en", **asked):
        found = await conflicts(store, replace(await view(), language=language), first=100, **asked)
        assert found.total_count == len(found.edges)
        return [edge.node for edge in found.edges]

    return run


async def test_what_two_sources_say_of_one_company_stands_side_by_side(market, told):
    await market(source="crm", as_of=period("2026-01-01")[0], companies=CRM)
    assert await told() == []
    await market(source="list", as_of=period("2026-02-01")[0], companies=LIST.replace("x-1", "a"))
    found = {one.attribute: one for one in await told()}
    assert found.keys() == {"name", "employees"}
    heads = found["employees"]
    assert (heads.kind, heads.thing_id, heads.thing_name, heads.value, heads.winner) == (ThingKind.COMPANY, "a", "甲股份", "250", "list")
    assert [(said.source, said.value, said.load, said.record_id) for said in heads.said] == [("list", "250", "L2", "a"), ("crm", "100", "L1", "a")]
    assert heads.why == "list is of a later day: 1 Feb 2026 over 1 Jan 2026"
    assert (await told(language="zh-CN"))[0].why == "list日期更晚：2026年2月1日晚于2026年1月1日"
    assert await told(source="other") == await told(kinds=[ThingKind.PERSON]) == []
    assert len(await told(source="crm")) == 2


async def test_a_surer_word_counts_before_a_later_one_and_what_counts_is_what_the_company_bears(market, told, ask):
    await market(source="crm", as_of=period("2026-01-01")[0], companies="company_id,name,industry\na,A,bank\n")
    await market(source="web", as_of=period("2026-02-01")[0], companies="company_id,name,industry,confidence\na,A,tech,0.6\n")
    (conflict,) = await told()
    assert (conflict.value, conflict.why) == ("bank", "crm is surer: 1 over 0.6")
    assert (await ask('{ company(id: "a") { industry } }'))["data"]["company"]["industry"] == "bank"


async def test_records_that_became_one_contradict_each_other_as_one(market, told):
    await market(source="crm", as_of=period("2026-01-01")[0], companies=CRM)
    await market(source="list", as_of=period("2026-02-01")[0], companies=LIST.replace("甲股份", "甲公司"))
    found = {one.attribute: one for one in await told(kinds=[ThingKind.COMPANY])}
    assert found["employees"].thing_id == "a", "one name and one domain: one company, by the id known first"
    assert [said.record_id for said in found["employees"].said] == ["x-1", "a"]


def word(source, number, as_of, sure, values):
    load = Known(f"L{number}", source, as_of, number, frozenset(), frozenset())
    return Word(load, str(About("", f"{source}/companies").origin), ThingRow("a", sure, values, []))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2026-11-29T23:59:59", "2026-11-30T00:00:00", "later day: 30 Nov 2026 over 29 Nov 2026"),
        ("2026-11-30T07:30:00", "2026-11-30T08:15:00", "later hour of 30 Nov 2026: 08:15 over 07:30 UTC"),
        ("2026-11-30T08:15:07", "2026-11-30T08:15:09", "later hour of 30 Nov 2026: 08:15:09 over 08:15:07 UTC"),
        ("2026-11-30T08:15:07.5", "2026-11-30T08:15:07.25", "later hour of 30 Nov 2026: 08:15:07.500000 over 08:15:07.250000 UTC"),
    ],
)
def test_what_tells_two_words_apart_is_said(old, new, said):
    words = [word(source, at, period(at)[0], 1.0, {"name": source}) for source, at in (("crm", old), ("list", new))]
    (told,) = _of(ThingKind.COMPANY, words, lambda id_: id_, "en")
    assert told.why == f"{told.winner} is of a {said}"


def test_an_hour_is_said_in_chinese_too():
    words = [word(source, at, period(at)[0], 1.0, {"name": source}) for source, at in (("crm", "2026-11-30T07:30"), ("list", "2026-11-30T08:15"))]
    assert [one.why for one in _of(ThingKind.COMPANY, words, lambda id_: id_, "zh-CN")] == ["list在2026年11月30日时间更晚：08:15晚于07:30（UTC）"]


async def test_what_may_not_be_seen_contradicts_nobody(market, store, view):
    territory = {"territories": "territory_id,name\neast,East\nwest,West\n"}
    both = "company_id,name,territory_id,employees\na,甲公司,east,{n}\nb,Beta,west,{n}\n"
    await market(source="crm", as_of=period("2026-01-01")[0], companies=both.format(n=1), **territory)
    await market(source="list", as_of=period("2026-02-01")[0], companies=both.format(n=2))
    found = await conflicts(store, replace(await view(), scope=("east",)))
    assert [(edge.node.thing_id, edge.node.attribute) for edge in found.edges] == [("a", "employees")]


@pytest.mark.parametrize("dry", [False, True])
async def test_a_load_says_what_it_contradicts_with_and_without_writing(market, dry):
    await market(source="crm", as_of=period("2026-01-01")[0], companies=CRM)
    again = await market(source="crm", as_of=period("2026-01-02")[0], companies=CRM.replace("100", "101"))
    assert again.conflicts.count == 0, "a source does not contradict itself"
    report = await market(source="list", as_of=period("2026-02-01")[0], companies=LIST.replace("x-1", "a"), dry=dry)
    told = report.as_dict()["conflicts"]
    assert (told["count"], told["won"]) == (2, 2)
    assert told["first"][0] == {
        "kind": "Company",
        "id": "a",
        "attribute": "employees",
        "value": 250,
        "source": "list",
        "other_value": 101,
        "other_source": "crm",
        "because": "AS_OF",
    }
    late = await market(source="old", as_of=period("2025-06-01")[0], companies="company_id,name,employees\na,甲公司,5\n", dry=dry)
    assert (late.conflicts.count, late.conflicts.won) == ((1, 0) if dry else (2, 0))


WORDS = st.lists(
    st.tuples(
        st.sampled_from(["crm", "web", "list"]),
        st.integers(1, 3),
        st.sampled_from([0.5, 1.0]),
        st.dictionaries(st.sampled_from(["name", "city"]), st.sampled_from(["x", "y"])),
    ),
    max_size=6,
)


@given(WORDS)
def test_the_first_is_what_wins_and_there_is_a_conflict_just_where_sources_differ(told):
    words = [word(source, number, as_of, sure, values) for number, (source, as_of, sure, values) in enumerate(told)]
    found = {one.attribute: one for one in found_among(words, lambda id_: id_)}
    won = winners(words, lambda id_: id_).get("a", {})
    for name in ("name", "city"):
        own = {}
        for one in sorted(words, key=lambda one: (one.row.confidence, one.load.as_of, one.load.recorded_at)):
            if name in one.row.values:
                own[one.load.source] = one.row.values[name]
        assert (name in found) == (len(set(own.values())) > 1)
        if name in found:
            assert found[name].versions[0].value == won[name]
            assert found[name].rival.value != won[name]
            assert found[name].because in Because
            assert {version.source: version.value for version in found[name].versions} == own
