"""Who can get us to a person: a small town at noon of 30 June 2026, every way of it tried one by one, and why there is none."""

import csv
from dataclasses import replace
from io import StringIO
from math import prod

import pytest

from api.context import Context
from api.execute import Engine
from graph.instants import instant
from loaders.run import load
from queries.changes import FeedKind, changes
from queries.coverage_gaps import coverage_gaps
from queries.influence_paths import influence_paths
from queries.introductions import introductions
from queries.reaching.carrying import Carrying
from queries.reaching.hops import best_ways
from tests.slow import instant as moment
from tests.town import AT, FILES, OPTED_OUT, OURS, RIVALS, Town

FIELDS = """key reach whyNot truncated why gatekeepers { personId } view { revision assumed }
  paths { score { value missing why evidenceCount components { code value contribution } }
          hops { fromId toId fromName toName fromCompany toCompany kinds strength tried worked evidence { id kind at label source } } }"""


@pytest.fixture
def paths(town, settings):
    """``await paths("zhao", "k: 2")`` is that answer."""

    async def run(person, arguments="", language="en"):
        given = f'asOf: "{AT}"' + (f", {arguments}" if arguments else "")
        text = f'{{ person(id: "{person}") {{ influencePaths({given}) {{ {FIELDS} }} }} }}'
        answer = await Engine(settings)(text, {}, None, Context(town, settings, language=language))
        assert "errors" not in answer, answer["errors"]
        return answer["data"]["person"]["influencePaths"]

    return run


def along(found):
    return [(path["hops"][0]["fromId"], *(hop["toId"] for hop in path["hops"])) for path in found["paths"]]


@pytest.fixture
def slow(town):
    return Town(FILES, AT)


@pytest.mark.parametrize("target", ["zhao", "mo", "mei", "qian", "li", "sun", "zoe", "alone"])
async def test_the_ways_are_those_of_the_method(slow, paths, target):
    wanted = slow.ways(OURS, target, OPTED_OUT | RIVALS - {target})
    found = await paths(target, "k: 20")
    told = {way: path["score"]["value"] for way, path in zip(along(found), found["paths"], strict=True)}
    assert told == pytest.approx({way: chance for way, chance in wanted.items() if way in told})
    twice = {way for way in set(wanted) - set(told) if any(way[:-2] == other[:-2] and {way[-2], other[-2]} == {"li", "qian"} for other in told)}
    assert set(told) | twice == set(wanted)
    assert [path["score"]["value"] for path in found["paths"]] == sorted((path["score"]["value"] for path in found["paths"]), reverse=True)
    assert (found["whyNot"] is None) == bool(wanted)
    on_all = set.intersection(*(set(way[:-1]) for way in wanted)) if wanted else set()
    assert {one["personId"] for one in found["gatekeepers"]} == on_all
    assert not found["truncated"]


async def test_each_hop_tells_on_what_it_rests(slow, paths):
    found = await paths("zhao@bank.example")
    best, edges = found["paths"][0], slow.edges
    assert along(found)[0] == ("ann", "sun", "zhao")
    for hop in (hop for path in found["paths"] for hop in path["hops"]):
        by_kind = edges[hop["fromId"], hop["toId"]]
        assert set(hop["kinds"]) == set(by_kind)
        assert hop["strength"] == pytest.approx(1 - prod(1 - p for p in by_kind.values()))
    assert [(one["id"], one["kind"], one["label"]) for one in best["hops"][0]["evidence"]] == [("v2", "visit", "visit"), ("v1", "visit", "午餐")]
    assert [(one["kind"], one["label"]) for one in best["hops"][1]["evidence"]] == [("influence", "is heard 0.70 about data")]
    assert [(hop["fromCompany"], hop["toCompany"]) for hop in best["hops"]] == [("Us", "Uni"), ("Uni", "东方银行")]
    assert [part["code"] for part in best["score"]["components"]] == ["HOP_1", "HOP_2", "DISTANCE"]
    assert prod(part["value"] for part in best["score"]["components"]) == pytest.approx(best["score"]["value"])
    assert {part["contribution"] for part in best["score"]["components"]} == {None}
    assert best["score"]["evidenceCount"] == 3
    assert best["score"]["why"] == (
        f"Ann → 孙教授 (in touch, {best['hops'][0]['strength']:.2f}, last on 12 Jun 2026) → 赵敏 (listens to them, 0.70): "
        f"{best['score']['value'] * 100:.0f}% with the discount for distance."
    )
    assert found["reach"] == "MEDIUM"
    in_chinese = await paths("zhao", language="zh-CN")
    assert (
        in_chinese["paths"][0]["score"]["why"].startswith("Ann → 孙教授（有往来 ")
        and "，最近2026年6月12日） → 赵敏（听其意见 0.70）" in in_chinese["why"]
    )
    mill = await paths("mo", 'from: "nora"')
    assert [(one["kind"], one["label"]) for one in mill["paths"][0]["hops"][0]["evidence"]] == [("employment", "both at Old Bank, 2015-2018")]


async def test_from_whom_past_whom_and_over_what(slow, paths):
    shut = OPTED_OUT | RIVALS
    told = {
        way: path["score"]["value"] for found in [await paths("zhao", 'from: "neo"')] for way, path in zip(along(found), found["paths"], strict=True)
    }
    assert told == pytest.approx(slow.ways({"nora"}, "zhao", shut))
    assert along(await paths("zhao", 'from: "ann@us.example"')) == [("ann", "sun", "zhao"), ("ann", "li", "zhao")]
    assert along(await paths("zhao", 'avoid: ["sun", "neo"]')) == [("ann", "li", "zhao")]
    assert along(await paths("zhao", "kinds: [INTERACTION, REPORTING]")) == list(slow.ways(OURS, "zhao", shut, kinds={"INTERACTION", "REPORTING"}))
    assert along(await paths("zhao", "minStrength: 0.41")) == [("ann", "sun", "zhao")]
    assert along(await paths("zhao", "k: 1")) == [("ann", "sun", "zhao")]
    assert along(await paths("mo", "maxHops: 1")) == []


async def test_a_competitor_s_ways_beside_ours(slow, paths):
    rivals = await paths("mo", 'from: "rival"')
    told = dict(zip(along(rivals), (path["score"]["value"] for path in rivals["paths"]), strict=True))
    assert told == pytest.approx(slow.ways({"ria"}, "mo", OPTED_OUT | OURS)) and ("ria", "mo") in told
    assert rivals["reach"] == "HIGH"
    ours = await paths("mo")
    assert all("ria" not in way for way in along(ours)), "never past a competitor's people"
    assert along(await paths("ria")) == [("ann", "ria"), ("ben", "ria")], "whom one may meet all the same"


@pytest.mark.parametrize(
    ("person", "arguments", "why"),
    [
        ("zoe", "", "The best way would be Ann → Ria → Zoe (65%), but Ria works for the other side."),
        ("wu", "", "吴一 must not be contacted."),
        ("alone", "", "No known tie leads to them within 4 hops: nobody is known who has their ear and can be asked."),
        ("ann", "", "They are among those who would begin the way."),
        ("zhao", 'from: "ben", avoid: ["nora"]', "(8%), but Nora is to be avoided."),
        ("mei", "kinds: [INTERACTION]", "rests on advice, which was not asked for."),
        ("zhao", "minStrength: 0.9", "is weaker than 0.90."),
        ("qian", 'from: "ann", maxHops: 1', "but it takes more than 1 hops."),
        ("li", 'from: "uni", avoid: ["bank", "ann"]', "赵敏 is to be avoided."),
        ("zhao", 'from: "old"', "There is nobody who could begin: no person of that company, or of ours, is known."),
    ],
)
async def test_an_empty_answer_says_what_removed_the_best_way(paths, person, arguments, why):
    found = await paths(person, arguments)
    assert (found["paths"], found["reach"], found["gatekeepers"]) == ([], "NONE", [])
    assert found["whyNot"] == found["why"] and found["whyNot"].endswith(why), found["whyNot"]
    in_chinese = await paths(person, arguments, "zh-CN")
    assert in_chinese["whyNot"].endswith("。")


@pytest.mark.parametrize(
    ("arguments", "code", "argument"),
    [
        ("k: 0", "INVALID_INPUT", "k"),
        ("maxHops: 5", "INVALID_INPUT", "maxHops"),
        ("minStrength: 1.5", "INVALID_INPUT", "minStrength"),
        ("kinds: []", "INVALID_INPUT", "kinds"),
        ('from: "nobody"', "NOT_FOUND", "from"),
        ('avoid: ["nobody"]', "NOT_FOUND", "avoid"),
    ],
)
async def test_what_cannot_be_asked(town, settings, arguments, code, argument):
    answer = await Engine(settings)(f'{{ person(id: "zhao") {{ influencePaths({arguments}) {{ key }} }} }}', {}, None, Context(town, settings))
    assert answer["errors"][0]["extensions"] == {"code": code, "argument": argument}


async def test_many_at_once_are_answered_as_one_by_one(town, settings):
    view = (await Context(town, settings).view()).at(instant(moment(AT)), None)
    everybody = ["zhao", "mo", "mei", "qian", "li", "sun", "zoe", "alone", "wu", "nora", "ria"]
    at_once = await influence_paths(town, view, everybody)
    for person in everybody:
        assert (await influence_paths(town, view, [person]))[person] == at_once[person]
    assert at_once == await influence_paths(town, view, everybody)


async def test_the_best_way_to_each_is_what_gaps_and_changes_ask_for(town, settings, slow):
    view = (await Context(town, settings).view()).at(instant(moment(AT)), None)
    carrying = await Carrying.at(town, view)
    reach = await carrying.reach()
    assert reach is await carrying.reach()
    told, whole = await best_ways(town, carrying, ["zhao", "alone", "nobody", "mo", "ria"])
    assert reach.whole and whole
    for person in ("zhao", "mo", "mei", "li", "sun", "alone", "wu", "ann", "ria", "zoe"):
        wanted = slow.ways(OURS, person, OPTED_OUT | RIVALS) if person not in OPTED_OUT | OURS else {}
        assert reach.chance[carrying.place(person)] == pytest.approx(max(wanted.values(), default=0))
    assert told.keys() == {"zhao", "mo", "ria"}, "past a competitor's people leads no way, to one of them may"
    assert told["zhao"] == (await influence_paths(town, view, ["zhao"]))["zhao"].paths[0]


async def test_who_may_not_be_seen_is_on_no_way_and_no_reason_tells_of_them(town, settings):
    view = replace((await Context(town, settings).view()).at(instant(moment(AT)), None), scope=("", "south"))
    found = await influence_paths(town, view, ["zhao", "mo"])
    assert found["zhao"].paths == [] and "No known tie" in found["zhao"].why
    assert all(hop.to_id not in ("li", "zhao", "qian", "wu") for path in found["mo"].paths for hop in path.hops)
    assert {hop.to_company for path in found["mo"].paths for hop in path.hops} <= {"Mill", "Neo", "Uni"}


def out_of_time(monkeypatch):
    for module in ("queries.reaching.carrying", "queries.reaching.hops", "queries.influence_paths", "queries.introductions"):
        monkeypatch.setattr(f"{module}.PATIENCE", -1.0)


async def test_where_time_runs_out_every_answer_says_so(town, settings, monkeypatch):
    view = (await Context(town, settings).view()).at(instant(moment(AT)), None)
    carrying = await Carrying.at(town, view)
    carrying.network.kept.clear()
    out_of_time(monkeypatch)
    assert not (await carrying.reach()).whole and not carrying.network.kept, "what is not whole is not kept"
    assert (await coverage_gaps(town, view, first=5)).truncated
    late = (await influence_paths(town, view, ["zhao"]))["zhao"]
    assert (late.paths, late.truncated, late.gatekeepers) == ([], True, [])
    assert late.why_not == "Time ran out before a way, or the reason why there is none, was found."
    plan = await introductions(town, view, to=["bank"])
    assert plan.truncated and [one.why for one in plan.without] == ["Time ran out before all ways to them were looked for."]


INTRODUCTIONS = """interaction_id,type,at,subject,status,from_id,to_ids
n1,introduction,2026-05-01T09:00,结识赵敏,accepted,sun,zhao;ann
n2,introduction,2026-05-02T09:00,,declined,sun,zhao
n3,introduction,2026-05-03T09:00,,no_show,nora,ben
n4,introduction,2026-05-04T09:00,,planned,nora,ben
n5,introduction,2026-05-05T09:00,,cancelled,sun,zhao
n6,introduction,2026-07-05T09:00,,declined,sun,zhao
n7,introduction,2026-05-06T09:00,,declined,ben,ann
"""


async def test_what_came_of_introductions_moves_the_chance_of_a_hop(town, settings, paths, tmp_path):
    (tmp_path / "interactions.csv").write_text(INTRODUCTIONS, encoding="utf-8")
    await load(town, [tmp_path], as_of=instant(moment("2026-06-30")), reports_in=tmp_path / "reports")
    slow = Town({**FILES, "interactions": _joined(FILES["interactions"], INTRODUCTIONS)}, AT)
    assert {ends: sorted(tried) for ends, tried in slow.tries.items()} == {
        ("sun", "zhao"): [False, True],
        ("ann", "sun"): [True],
        ("ben", "nora"): [False],
        ("ben", "ann"): [False],
    }
    for person in ("zhao", "mo", "nora"):
        found = await paths(person, "k: 20")
        told = {way: path["score"]["value"] for way, path in zip(along(found), found["paths"], strict=True)}
        wanted = slow.ways(OURS, person, OPTED_OUT | RIVALS)
        assert told == pytest.approx({way: chance for way, chance in wanted.items() if way in told}) and told
    best = (await paths("zhao"))["paths"][0]
    hop = best["hops"][1]
    assert (hop["fromId"], hop["tried"], hop["worked"]) == ("sun", 2, 1)
    assert ("n2", "introduction", "declined") in [(one["id"], one["kind"], one["label"]) for one in hop["evidence"]]
    assert len({one["id"] for one in hop["evidence"]}) == len(hop["evidence"])
    assert "1 of 2 introductions made" in best["score"]["why"] and best["hops"][0]["tried"] == 1
    assert "2次引荐中成1次" in (await paths("zhao", language="zh-CN"))["paths"][0]["score"]["why"]
    nora = (await paths("nora"))["paths"][0]["hops"][0]
    assert (nora["tried"], nora["worked"]) == (1, 0) and "n3" in [one["id"] for one in nora["evidence"]]
    advice = await paths("zhao", "kinds: [INTERACTION, ADVISES]")
    told = {way: path["score"]["value"] for way, path in zip(along(advice), advice["paths"], strict=True)}
    assert told == pytest.approx(slow.ways(OURS, "zhao", OPTED_OUT | RIVALS, kinds={"INTERACTION", "ADVISES"}))


def _joined(some, more):
    """Two files of other columns as one."""
    rows = [row for text in (some, more) for row in csv.DictReader(StringIO(text))]
    made = StringIO()
    writer = csv.DictWriter(made, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return made.getvalue()


async def test_whoever_owes_three_introductions_is_not_asked_for_a_fourth(town, settings, paths, tmp_path, monkeypatch):
    for number in range(3):
        assert along(await paths("zhao"))[0] == ("ann", "sun", "zhao"), "three are too many, two are not"
        row = f"interaction_id,type,at,status,from_id,to_ids\nask{number},introduction,2026-06-2{number}T09:00,open,sun,mei\n"
        (tmp_path / "interactions.csv").write_text(row, encoding="utf-8")
        await load(town, [tmp_path], as_of=instant(moment("2026-06-30")), reports_in=tmp_path / "reports")
    assert all("sun" not in way for way in along(await paths("zhao")))
    found = await paths("zhao", 'from: "ann", avoid: ["li"]')
    assert found["whyNot"].endswith("but 孙教授 owes 3 introductions already.")
    assert along(await paths("sun"))[0] == ("ann", "sun"), "to be met they need do nobody a favour"
    view = (await Context(town, settings).view()).at(instant(moment(AT)), None)
    carrying = await Carrying.at(town, view)
    best, _ = await best_ways(town, carrying, ["zhao", "sun"])
    assert all(hop.from_id != "sun" for hop in best["zhao"].hops) and best["zhao"].score.value == best_of(await paths("zhao"))
    assert (await carrying.reach()).chance[carrying.place("zhao")] == pytest.approx(best["zhao"].score.value)
    planned = await introductions(town, view, to=["zhao", "mei"])
    assert planned.introductions and all(hop.from_id != "sun" for one in planned.introductions for hop in one.path.hops)
    once_more = await introductions(town, view, to=["mei"], asks=4)
    assert {row.person.id: row.open for row in once_more.asked}.get("sun") == 3
    today = await Context(town, settings).view()
    out_of_time(monkeypatch)
    late = await changes(town, today, kinds=[FeedKind.PATH_LOST])
    assert late.truncated and not late.edges, "where time ran out none is called lost"


def best_of(found):
    return found["paths"][0]["score"]["value"]
