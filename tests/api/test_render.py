"""The map as a picture and as GraphML: well formed, whole, safe with any text."""

from xml.etree import ElementTree

import pytest

from api.render.decision_chain import graphml
from api.render.svg import HIGH, WIDE, cut, places, svg, wide
from queries.decision_chain import decision_chain

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
async def drawn(market, store, view):
    async def run(people, **files):
        text = "person_id,name,company_id,title\n" + "".join(f"{id_},{name},a,{title}\n" for id_, name, title in people)
        report = await market(companies="company_id,name\na,A & <B>\n", people=text, **files)
        assert report.total("rejected") == 0
        return (await decision_chain(store, await view(), ["a"]))["a"]

    return run


@pytest.mark.parametrize("count", [0, 1, 8, 60, 200])
async def test_every_person_has_a_box_of_their_own(drawn, count):
    people = [(f"p{n:03}", f"Person {n}", "经理") for n in range(count)]
    lines = "person_id,manager_id\n" + "".join(f"p{n:03},p{(n - 1) // 4:03}\n" for n in range(1, count))
    chain = await drawn(people, reporting=lines)
    root = ElementTree.fromstring(svg(chain))
    assert len(root.findall(f"{SVG}g[@role='img']")) == len(chain.nodes)
    spots = sorted(places(chain.nodes).values())
    for number, one in enumerate(spots):
        for other in spots[number + 1 :]:
            if other.x >= one.x + WIDE:
                break
            assert abs(one.y - other.y) >= HIGH, (one, other)


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


async def test_graphml_holds_people_and_lines(drawn):
    chain = await drawn([("p", "P", "CEO"), ("q", "Q", "CIO")], reporting="person_id,manager_id\nq,p\n", influence="from_id,to_id\nq,p\n")
    root = ElementTree.fromstring(graphml(chain))
    space = "{http://graphml.graphdrawing.org/xmlns}"
    assert len(root.findall(f".//{space}node")) == len(chain.nodes)
    assert len(root.findall(f".//{space}edge")) == 2


def test_a_chinese_letter_takes_the_room_of_two():
    assert wide("银行") > 1.8 * wide("ab") > 0
    assert cut("银行银行银行", 6) == "银行…"
