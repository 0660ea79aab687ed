"""The map as a picture and as GraphML: well formed, whole, safe with any text; the changes as a story."""

from datetime import UTC, datetime
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from api.render.chain_changes import story
from api.render.changes import story as feed
from api.render.decision_chain import graphml, mermaid
from api.render.letters import wide, wrapped
from api.render.picture import heading
from api.render.places import Box, places
from api.render.route import Router
from api.render.svg import MANY, svg
from graph.answer import Linked
from graph.measures.chain import layout
from graph.page import Connection, Edge, PageInfo
from queries.chain_changes import ChainChange, ChangeKind
from queries.changes import Change, FeedKind
from queries.decision_chain import ChainNode, NodeKind, decision_chain

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
async def drawn(market, store, view):
    async def run(people, **files):
        text = "person_id,name,company_id,title\n" + "".join(f"{id_},{name},a,{title}\n" for id_, name, title in people)
        report = await market(companies="company_id,name\na,A & <B>\n", people=text, **files)
        assert report.total("rejected") == 0
        return (await decision_chain(store, await view(), ["a"]))["a"]

    return run


def titles(text):
    """The titles of a drawing's cards and of its lines."""
    found = ElementTree.fromstring(text).findall(f".//{SVG}g[{SVG}title]")
    cards = [group.find(f"{SVG}title").text for group in found if group.find(f"{SVG}text") is not None]
    return cards, [group.find(f"{SVG}title").text for group in found if group.find(f"{SVG}text") is None]


def apart(boxes):
    """Whether no two boxes touch."""
    ordered = sorted(boxes)
    return not any(
        one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom
        for number, one in enumerate(ordered)
        for other in ordered[number + 1 :]
    )


@pytest.mark.parametrize("count", [0, 1, 8, 60, 200])
async def test_every_person_has_a_card_and_every_line_a_way(drawn, count):
    people = [(f"p{n:03}", f"Person {n}", "经理") for n in range(count)]
    lines = "person_id,manager_id\n" + "".join(f"p{n:03},p{(n - 1) // 4:03}\n" for n in range(1, count))
    sways = "from_id,to_id,kind\n" + "".join(f"p{n:03},p{n // 3:03},{'OPPOSES' if n % 3 else 'ADVISES'}\n" for n in range(4, count, 7))
    chain = await drawn(people, reporting=lines, influence=sways)
    text = svg(chain)
    cards, lines = titles(text)
    assert (len(cards), len(lines)) == (len(chain.nodes), len(chain.edges))
    assert "reports to Person 0" in text or count < 2


async def test_many_lines_are_faint_and_behind(drawn):
    sways = "from_id,to_id\n" + "".join(f"p{n},p{m}\n" for n in range(10) for m in range(10) if n != m)
    chain = await drawn([(f"p{n}", f"P{n}", "") for n in range(10)], influence=sways)
    assert len(chain.edges) > MANY
    root = ElementTree.fromstring(svg(chain))
    assert len(root.findall(f"{SVG}g[@opacity]/{SVG}g")) == len(chain.edges)


async def test_what_a_card_shows_is_said_in_words_too(drawn):
    chain = await drawn(
        [("p", "王敏", "CIO"), ("q", "Ann", "")],
        roles="person_id,company_id,role,role_confidence\np,a,DECISION_MAKER,0.9\n",
        members="person_id,company_id,stance,power\np,a,ENEMY,INNER_CIRCLE\n",
    )
    text = svg(chain)
    told = "王敏; CIO; decision maker, may veto, 90%; stance: enemy; power: inner circle; opposed (0.00)"
    assert told in titles(text)[0]
    assert f'aria-label="{told}"' in text
    root = ElementTree.fromstring(text)
    title, about = (root.find(f"*[@id='{name}']").text for name in root.attrib["aria-labelledby"].split())
    assert title == "Decision chain of A & <B>"
    assert (
        about.startswith(f"Decision chain, 2 people, as of {chain.view.as_of:%Y-%m-%d}. ")
        and "Nobody is known in the role of economic buyer." in about
    )


async def test_names_are_text_and_nothing_else(drawn):
    chain = await drawn([("p", '<script>alert("1")</script>', "a & b"), ("q", "很长很长很长很长很长很长很长很长很长很长的名字", "总经理")])
    text = svg(chain)
    assert "<script" not in text
    assert "很长很长很长很长很长很长很长很长很长很长的名字; 总经理</title>" in text, "the whole name stands in the title"
    ElementTree.fromstring(text)


NO_XML = "".join(map(chr, (0xFFFE, 0xFFFF, 0x0B, 0x1F)))


async def test_signs_that_no_xml_may_hold_come_from_no_file_and_are_not_drawn_from_an_older_graph(drawn, store):
    chain = await drawn([(f"p{NO_XML}", f"李{NO_XML}伟", f"总{NO_XML}经理")])
    assert [(node.key, node.name, node.title) for node in chain.nodes if node.person_id] == [("p", "李伟", "总经理")]
    for node in chain.nodes:
        node.name += NO_XML
    for text in (svg(chain), graphml(chain)):
        told = "".join(ElementTree.fromstring(text).itertext())
        assert "李伟" in told
        assert not set(NO_XML) & set(told)


async def test_a_line_that_closes_a_circle_is_not_drawn_since_the_check_says_so(drawn):
    people = [("a", "Loop A", ""), ("b", "Loop B", ""), ("c", "C", "")]
    chain = await drawn(people, reporting="person_id,manager_id\na,b\nb,a\nc,a\n")
    (said,) = [check.message for check in chain.checks if check.code.value == "CYCLE"]
    assert said.endswith("the chart leaves out that Loop A reports to Loop B.")
    assert titles(svg(chain))[1] == ["Loop B reports to Loop A", "C reports to Loop A"]
    assert [line.split() for line in mermaid(chain).splitlines() if "---" in line] == [["n0", "---", "n2"], ["n0", "---", "n1"]]
    assert graphml(chain).count("<edge ") == 3, "data holds what is said"


async def test_a_chart_in_mermaid_tells_stances_and_who_opposes_from_who_advises(drawn):
    chain = await drawn(
        [("p", "P", "CEO"), ("q", "Q", "")],
        influence="from_id,to_id,kind\nq,p,OPPOSES\np,q,ADVISES\n",
        members="person_id,company_id,stance\nq,a,ENEMY\n",
    )
    text = mermaid(chain)
    assert '["Q<br/>stance: enemy"]' in text and '["P<br/>CEO"]' in text
    assert " ==x|opposes| " in text and " ==>|advises| " in text


def test_a_heading_stays_within_its_picture():
    name = "An Account of Many Words " * 9
    head, *about = heading(28, 700, name, "as of 2026-06-30, " * 9)
    shown = [ElementTree.fromstring(line) for line in (head, *about)]
    assert [line.get("y") for line in shown] == ["38", "58", "74"]
    assert wide(shown[0].text, 20, bold=True) <= 644 and shown[0].text.endswith("…")
    assert all(wide(line.text, 12) <= 644 for line in shown[1:])
    assert len(heading(28, 700, "岭海银行", "as of 2026-06-30")) == 2


async def test_graphml_holds_people_and_lines(drawn):
    chain = await drawn([("p", "P", "CEO"), ("q", "Q", "CIO")], reporting="person_id,manager_id\nq,p\n", influence="from_id,to_id\nq,p\n")
    root = ElementTree.fromstring(graphml(chain))
    space = "{http://graphml.graphdrawing.org/xmlns}"
    assert len(root.findall(f".//{space}node")) == len(chain.nodes)
    assert len(root.findall(f".//{space}edge")) == 2


def node(key, parent, depth, order, descendants, kind=NodeKind.PERSON):
    about = {"person_id": key, "name": key, "title": None, "department": None, "job_level": None, "stance": None, "power": None}
    about |= {"state": None, "coverage": None, "last_touch_at": None, "badges": []}
    return ChainNode(key=key, parent_key=parent, kind=kind, **about, depth=depth, order=order, descendants=descendants, roles=[], contactable=True)


@settings(max_examples=100)
@given(some.lists(some.tuples(some.integers(-1, 30), some.floats(40, 160)), max_size=30))
def test_no_card_lies_on_another_and_managers_stand_above(drawn):
    parents = {f"n{n:02}": f"n{boss:02}" for n, (boss, _) in enumerate(drawn) if -1 < boss < n}
    names = {f"n{n:02}": f"n{n:02}" for n in range(len(drawn))}
    found = layout(names, parents)
    nodes = [node(key, parents.get(key), *(place[key] for place in found)) for key in names]
    nodes.append(node("?", None, 0, len(names), 0, NodeKind.UNMAPPED_ROLE))
    boxes = places(nodes, {one.key: high for one, (_, high) in zip(nodes, [*drawn, (0, 50.0)], strict=False)})
    assert set(boxes) == {one.key for one in nodes}
    assert apart(boxes.values())
    assert all(boxes[boss].bottom < boxes[report].y for report, boss in parents.items())


@settings(max_examples=50)
@given(some.sets(some.tuples(some.integers(0, 4), some.integers(0, 6)), min_size=2, max_size=20), some.data())
def test_a_way_crosses_no_card_and_turns_at_right_angles(cells, data):
    boxes = [Box(300.0 * column, 110.0 * row, 80.0) for column, row in sorted(cells)]
    start, end = data.draw(some.permutations(boxes))[:2]
    way = Router(boxes, [start, end]).way(start, end)
    assert way is not None
    for one, other in pairwise(way):
        assert one[0] == other[0] or one[1] == other[1]
        low, high = (min(one[0], other[0]), min(one[1], other[1])), (max(one[0], other[0]), max(one[1], other[1]))
        for box in boxes:
            assert not (low[0] < box.right and high[0] > box.x and low[1] < box.bottom and high[1] > box.y), (box, one, other)
    assert way[0][0] in (start.x, start.right) or way[0][1] in (start.y, start.bottom)
    assert way[-1][0] in (end.x, end.right) or way[-1][1] in (end.y, end.bottom)


def test_two_lines_to_one_card_come_to_two_places():
    boxes = [Box(0, 0, 80), Box(300, 0, 80), Box(300, 120, 80)]
    router = Router(boxes, boxes)
    ends = [router.way(boxes[number], boxes[0])[-1] for number in (1, 2)]
    assert ends[0] != ends[1]


def test_a_chinese_letter_is_as_wide_as_high():
    assert wide("银行", 10) == 20
    assert 8 < wide("ab", 10) < 14
    assert wide("银行", 10, bold=True) > 20


@given(some.text(max_size=80), some.integers(40, 300))
def test_a_text_that_fits_is_whole_and_one_that_does_not_is_within(text, room):
    lines = wrapped(text, 12, room, 3)
    plain = " ".join(text.split())
    assert len(lines) <= 3
    assert all(wide(line, 12) <= room or line == "…" for line in lines)
    if wide(plain, 12) <= room:
        assert lines == ([plain] if plain else [])


def test_a_long_title_is_wrapped_between_words_and_chinese_letters():
    assert wrapped("Deputy Director, Strategy and Change", 12, 100, 3) == ["Deputy Director,", "Strategy and", "Change"]
    assert "".join(wrapped("信息科技部副总经理兼数据平台负责人", 12, 130, 3)) == "信息科技部副总经理兼数据平台负责人"


def test_changes_are_a_story_day_by_day():
    told = ChainChange(ChangeKind.JOINED, datetime(2026, 5, 1, tzinfo=UTC), "p", None, "CIO", "crm", "王敏", None, None, None, "王敏 joined as CIO")
    assert story([told, told]) == "2026-05-01\n  王敏 joined as CIO  [crm]\n  王敏 joined as CIO  [crm]"


def test_the_feed_is_a_story_that_says_what_was_told_late():
    day, before = datetime(2026, 5, 3, 9, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
    bank = Linked("b", "Bank")
    joined = Change("1", FeedKind.JOINED, day, before, bank, "b", None, None, None, None, "CIO", "crm", None, "Bank: 王敏 joined as CIO")
    faded = Change("2", FeedKind.COVERAGE_FELL, day, day, bank, "b", None, None, 0.35, None, None, None, None, "Bank: champion faded")
    edges = [Edge("c1", joined), Edge("c2", faded)]
    page = Connection(edges, PageInfo(False, False, "c1", "c2"), 2, False)
    assert feed(page) == "2026-05-03\n  Bank: 王敏 joined as CIO on 2026-05-01  [crm]\n  Bank: champion faded\n2 of 2."
    assert feed(Connection([], PageInfo(False, False, None, None), 0, False)) == "Nothing changed."
