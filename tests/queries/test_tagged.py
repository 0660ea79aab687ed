"""Tags of the sample's people and accounts: earned ones as the files say, typed ones beside them."""

import pytest

from api.render import account_tagged as of_accounts
from api.render import tagged as of_people
from graph.answer import Id
from graph.errors import InvalidInput
from graph.instants import period
from graph.scoring import STANDARD, read_models
from graph.view import View
from queries.account_tagged import account_tagged
from queries.engaging.deeds import DeedRows, Doer
from queries.engaging.tagging import Signs
from queries.tagged import tagged
from tests.slow_scores import SlowScores
from tests.worked_example import AT, ROOT


async def test_everybody_s_tags_are_as_the_files_say(sample, look):
    slow = SlowScores.of(ROOT / "samples" / "market", AT)
    found = await tagged(sample, await look(), sorted(slow.names), hints=True)
    assert set(found) == set(slow.names)
    for person, tags in found.items():
        own = {} if person in slow.ours else slow.interests(person)
        assert {(one.kind.value, one.tag): (pytest.approx(one.weight), one.things, one.assigned) for one in tags if one.origin == "EARNED"} == own, (
            person
        )
        typed = {row["tag"] for row in slow.rows["tags"] if row["person_id"] == person and (not row["expires_on"] or row["expires_on"] > AT)}
        words = {word for row in slow.rows["people"] if row["person_id"] == person for word in (row.get("tags") or "").split(";") if word}
        assert {one.tag for one in tags if one.origin == "TYPED"} == typed | words
    assert all(one.assigned for tags in (await tagged(sample, await look(), sorted(slow.names))).values() for one in tags)


async def test_a_certificate_brings_the_product_s_tag_with_its_cause(sample, look):
    tags = (await tagged(sample, await look(), ["pan-ru"]))["pan-ru"]
    product = next(one for one in tags if one.kind == "PRODUCT")
    assert (product.tag, product.cause, product.source, product.evidence[0].kind) == (
        "青石湖 Bluestone Lake",
        "certificate: Bluestone Architect",
        "canonical",
        "certificate",
    )
    assert [(one.tag, one.cause, one.weight) for one in tags if one.origin == "TYPED"] == [("影像", "course-architect", 3)]
    assert {one.tag for one in tags if one.kind == "FORMAT"} == {"course"}, "and the courses that she comes to"


async def test_where_somebody_comes_from_and_what_they_scanned(sample, look):
    tags = (await tagged(sample, await look(), ["tomas-vik"], hints=True))["tomas-vik"]
    booth = next(one for one in tags if one.tag == "badge")
    assert (booth.kind, booth.assigned) == ("SOURCE", False)
    assert booth.cause == "check in: Norland GovTech Expo, 展台扫码, Northport, by badge/expo"
    scan = (await tagged(sample, await look("2025-10-31"), ["tomas-vik"], hints=True))["tomas-vik"]
    assert "open formats" not in {one.tag for one in scan}, "one page view fades under what is told"


def test_why_and_where_somebody_joined_a_community_stands_in_the_tag():
    """云社区, joined at the booth for its exchange on data lakes; then a white paper scanned there, and half an hour at the booth itself."""
    joined, scanned, stayed = (period(f"2026-06-0{day}")[0] for day in (1, 2, 3))
    club, expo = ["club", "云社区", "community"], ["expo", "云展", "exhibition"]
    rows = [
        ["j", "registration", joined, "held", None, None, ["SENDER"], "crm/interactions", "交流数据湖经验", *club, ["数据湖"], [], None, None],
        ["s", "download", scanned, "held", None, None, ["SENDER"], "crm/interactions", "扫码资料", None, None, None, [], [], None, "数据湖"],
        ["b", "check_in", stayed, "held", None, 30.0, ["ATTENDEE"], "crm/interactions", "展台", *expo, ["数据湖"], [], None, None],
    ]
    ways = [("wechat", "qr"), ("wechat", "qr"), (None, None)]
    doer = Doer(DeedRows(Id("zoe"), "Zoe", False, [], [[*row, "深圳, 展台", *way, False, True] for row, way in zip(rows, ways, strict=True)]))
    signs = Signs(View(stayed, 0), read_models(None)[STANDARD].model.tags, {"zoe": doer}, {})
    tags = {(one.kind.value, one.tag): signs.tag("zoe", one) for one in signs.earned("zoe")}
    assert tags["FORMAT", "community"].cause == "registration: 云社区, 交流数据湖经验, 深圳, 展台, by wechat/qr"
    assert not tags["FORMAT", "community"].assigned, "one community is a hint"
    assert (tags["SOURCE", "wechat"].assigned, tags["SOURCE", "wechat"].things) == (True, 2), "the sign-up and the scan"
    topic = tags["TOPIC", "数据湖"]
    assert (topic.assigned, topic.things, topic.cause) == (True, 3, "check in: 云展, 展台, 深圳, 展台, 30 min"), "a long stay is the weightiest sign"


async def test_a_typed_tag_is_gone_when_it_expires(sample, look):
    assert "湖仓一体" in {one.tag for one in (await tagged(sample, await look("2026-09-11"), ["qiao-an"]))["qiao-an"] if one.origin == "TYPED"}
    assert "湖仓一体" not in {one.tag for one in (await tagged(sample, await look("2026-09-12"), ["qiao-an"]))["qiao-an"] if one.origin == "TYPED"}


async def test_an_account_bears_what_its_people_earned_and_what_was_typed_of_it(sample, look):
    view = await look()
    found = await account_tagged(sample, view, ["linghai", "hengchang", "nanzhou"])
    assert [one.tag for one in found["hengchang"] if one.origin == "TYPED"] == ["可替换"]
    people = {bearer.person.id for tags in found.values() for one in tags for bearer in one.people}
    alone = await tagged(sample, view, sorted(people))
    for one in (one for tags in found.values() for one in tags if one.origin == "EARNED"):
        missed = 1.0
        for bearer in one.people:
            missed *= 1 - next(tag.confidence for tag in alone[bearer.person.id] if (tag.kind, tag.tag) == (one.kind, one.tag))
        assert one.confidence == pytest.approx(1 - missed)
    assert people
    rows = list(of_accounts.sheet(found["nanzhou"]))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert "乔安" in {row[-1] for row in rows}


async def test_how_it_is_shown_and_a_model_without_tags(sample, look):
    view = await look()
    tags = (await tagged(sample, view, ["pan-ru"]))["pan-ru"]
    assert of_people.table(tags).splitlines()[-1] == "1.00  typed    影像  course-architect"
    assert len(list(of_people.sheet(tags))) == len(tags) + 1
    assert of_people.table([]) == "No tag."
    with pytest.raises(InvalidInput, match="minutes"):
        await tagged(sample, view, ["pan-ru"], model="minutes")
