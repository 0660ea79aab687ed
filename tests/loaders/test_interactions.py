"""Mail, calendar, web and fair: what is one event, and what counts for nothing (method.md 5.0)."""

import pytest

from loaders.export import export

PEOPLE = "person_id,name,emails\nann,Ann,ann@us.example\nben,Ben,\nli,李伟,li@bank.example\nwang,王芳,\n"


async def rows(store, text):
    return await store.read("test", text, {})


async def interactions(store):
    return await rows(store, "MATCH (i:Interaction) OPTIONAL MATCH (p)-[:TOOK_PART]->(i) RETURN i.id, i.type, collect(DISTINCT p.id) ORDER BY i.id")


async def test_one_meeting_with_an_id_in_each_of_two_systems_is_two(market, store):
    head = "interaction_id,type,at,from_id,to_ids\n"
    await market(source="crm", people=PEOPLE, interactions=head + "crm-1,meeting,2026-03-01T09:00,ann,li\n")
    await market(source="calendar", interactions=head + "cal-9,meeting,2026-03-01T09:00,ann,li\n")
    assert [row[0] for row in await interactions(store)] == ["cal-9", "crm-1"]


async def test_one_meeting_without_an_id_is_one_whoever_tells_of_it(market, store):
    head = "type,at,from_id,to_ids\n"
    await market(source="crm", people=PEOPLE, interactions=head + "meeting,2026-03-01T09:00:10Z,ann,li;wang\n")
    await market(source="calendar", interactions=head + "meeting,2026-03-01T17:00:59+08:00,wang,li;ann;li\n")
    ((id_, _, people),) = await interactions(store)
    assert sorted(people) == ["ann", "li", "wang"]
    await market(
        source="crm", interactions=head + "call,2026-03-01T09:00,ann,li;wang\nmeeting,2026-03-01T09:01,ann,li;wang\nmeeting,2026-03-01T09:00,ann,li\n"
    )
    assert len(await interactions(store)) == 4, "another type, another minute, other people: another event"
    assert id_ in [row[0] for row in await interactions(store)]


async def test_a_web_visit_with_its_campaign_tags(market, store):
    report = await market(
        interactions="type,at,from_id,topic,minutes,utm_source,utm_medium,utm_campaign\n"
        "page_view,2026-03-01T09:00,ga:cookie-77,核心系统,1.5,wechat,social,spring 2026\n"
    )
    assert report.total("rejected") == 0
    found = await rows(
        store, "MATCH (p:Person)-[:TOOK_PART]->(i) RETURN p.id, p.anonymous, i.utm_source, i.utm_medium, i.utm_campaign, i.minutes, i.noise"
    )
    assert found == [["ga:cookie-77", True, "wechat", "social", "spring 2026", 1.5, None]]


async def test_badges_scanned_at_a_fair_with_place_and_minutes(market, store):
    report = await market(
        people=PEOPLE,
        campaigns="campaign_id,name,type\nfair,金融展 2026,exhibition\n",
        interactions="interaction_id,type,at,campaign_id,location,minutes,from_id\n"
        'scan-1,check_in,2026-03-01T09:00,fair,"Hall 3, stand B12",0,li\n'
        "scan-2,check_in,2026-03-01T11:00,fair,3 号馆 C07,12,badge:4711\n",
    )
    assert report.total("rejected") == 0
    found = await rows(store, "MATCH (p)-[:TOOK_PART]->(i {campaign_id: 'fair'}) RETURN p.id, i.location, i.minutes, i.noise ORDER BY i.id")
    assert found == [["li", "Hall 3, stand B12", 0, None], ["badge:4711", "3 号馆 C07", 12, None]]


@pytest.mark.parametrize(
    ("row", "noise"),
    [
        ("message,no-reply@shop.example,ann,,", "bot"),
        ("message,mail:NoReply+77@shop.example,ann,,", "bot"),
        ("message,mailer-daemon@us.example,ann,,", "bot"),
        ("message,crm:notifications@linked.example,ann,,", "bot"),
        ("message,norman@shop.example,ann,,", None),
        ("message,li.noreply@shop.example,ann,,", None),
        ("page_view,li,,0.03,", "bot"),
        ("page_view,li,,0.04,", None),
        ("page_view,li,,,", None),
        ("call,li,ann,0.01,", None),
        ("message,ann,{50},,", None),
        ("message,ann,{51},,", "broadcast"),
        ("message,ann,li,,broadcast", "broadcast"),
        ("message,ann,li,,BOT", "bot"),
    ],
)
async def test_machines_and_mass_mailings_are_marked(market, store, row, noise):
    many = {f"{{{count}}}": ";".join(f"r{n}" for n in range(count)) for count in (50, 51)}
    for word, people in many.items():
        row = row.replace(word, people)
    report = await market(people=PEOPLE, interactions=f"at,type,from_id,to_ids,minutes,noise\n2026-03-01T09:00,{row}\n")
    assert report.total("rejected") == 0
    assert await rows(store, "MATCH (i:Interaction) RETURN i.noise") == [[noise]]


async def test_a_mark_survives_an_export(market, store, tmp_path):
    await market(people=PEOPLE, interactions="interaction_id,at,type,from_id,to_ids\nm1,2026-03-01T09:00,message,no-reply@shop.example,ann\n")
    await export(store, tmp_path / "out")
    again = await market(people=PEOPLE, interactions=(tmp_path / "out" / "interactions.csv").read_text(encoding="utf-8"))
    assert (again.total("changed"), again.kinds["interactions"].unchanged) == (0, 1)
    assert await rows(store, "MATCH (i:Interaction) RETURN i.noise") == [["bot"]]
