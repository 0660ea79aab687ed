"""A person from four sides and an account from three: whose word counts, and what shows an interest."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.context import Context
from api.execute import Engine
from api.render import formats
from graph.answer import Id, Linked
from graph.instants import period
from graph.model import BuyingRole
from graph.mutation import Desk
from loaders import identity
from loaders.writes.assert_role import assert_role
from queries.account_profile import account_profile
from queries.employments import Employment
from queries.profile import profile
from queries.profiles.words import WordOf, roles_of
from queries.roles import HeldRole
from queries.tagged import tagged
from tests.filling import emptied, filled

AT = "2026-06-30T12:00:00+00:00"
FILES = {
    "companies": "company_id,name,kinds,industry,tier,owner_id\nus,Us,us,,,\nbank,东方银行,account,bank,1,ann\nmill,Mill,account,,,\n"
    "rival,Rival,competitor,,,\n",
    "people": "person_id,name,emails,company_id,title,department,level,tags\nann,Ann,,us,,,,\n"
    "li,李伟,li@bank.example,bank,信息科技部总经理,信息科技部,,cloud\nwang,王芳,,bank,CFO &amp; Executive Director,财务部,C-level,\n"
    "zhao,赵六,,bank,采购部总经理,,,\nmo,Mo,,mill,,,,\nex,Ex,,,,,,\n",
    "employments": "person_id,company_id,valid_from,valid_to\nex,us,2020-01-01,2026-05-01\nex,mill,2026-05-01,\n",
    "products": "product_id,name,company_id\ncore,Core,us\n",
    "roles": "person_id,role,company_id,role_confidence\nli,TECHNICAL_EVALUATOR,bank,0.8\nli,CHAMPION,bank,0.5\nzhao,PROCUREMENT,bank,0\n",
    "members": "person_id,company_id,stance,goals,author_id\nli,bank,SUPPORTER,少出故障,ann\n",
    "influence": "from_id,to_id,kind,strength\nli,wang,ADVISES,strong\n",
    "campaigns": "campaign_id,name,type,topics,product_ids,organiser_ids\nday,Data Day,event,Data;risk,core,us\ntheirs,Their Day,event,,,rival\n",
    "interactions": "interaction_id,type,at,status,topic,campaign_id,product_id,from_id,to_ids\n"
    "r1,registration,2026-04-01T09:00,held,,day,,li,\nc1,check_in,2026-04-10T09:00,held,,day,,li,\nd1,download,2026-05-01T09:00,held,data,,,li,\n"
    "m1,message,2026-06-01T09:00,held,pricing,,,ann,li\nm2,message,2026-06-02T09:00,held,,,core,li,ann\n"
    "x1,meeting,2026-06-05T09:00,cancelled,golf,,,ann,li\nv1,visit,2026-06-06T09:00,held,,,,ann,li\n"
    "o1,message,2026-06-07T09:00,held,,,,wang,li\no2,check_in,2026-06-08T09:00,held,,theirs,,li,\n"
    "e1,message,2026-03-01T09:00,held,,,,ex,wang\ne2,certificate,2026-02-01T09:00,held,,,core,ex,\ne3,call,2026-06-01T09:00,held,,,,ex,ann\n",
    "uses": "company_id,product_id,seats\nbank,core,10\n",
    "events": "event_id,at,kind,company_ids,title\ne1,2026-03-01,policy,bank,New rules\n",
}


SECOND = {
    "companies": "company_id,name,industry,city,confidence\nbank,东方银行股份有限公司,finance,上海,0.9\n",
    "people": "person_id,name,emails,location,confidence\nli,李伟,li@bank.example;wei@old.example,上海,0.9\n",
}
"""What another system says: of an earlier day, and less sure."""


@pytest.fixture(scope="module")
async def sides(one_store, settings, tmp_path_factory):
    """``await sides("person", "li", "who { name }")`` is that part of a profile at noon of 30 June 2026."""
    await filled(await emptied(one_store), tmp_path_factory.mktemp("sides"), FILES, as_of=period("2026-06-30")[0])
    await filled(one_store, tmp_path_factory.mktemp("more"), SECOND, as_of=period("2026-05-01")[0], source="erp")
    desk = Desk(one_store, identity)
    for role, sure in ((BuyingRole.CHAMPION, 0.0), (BuyingRole.END_USER, 0.7)):
        await assert_role(desk, author="sam", person_id="li", role=role, company_id="bank", role_confidence=sure, valid_from="2026-01-01")
    engine = Engine(settings)

    async def run(anchor, id_, fields):
        answer = await engine(f'{{ {anchor}(id: "{id_}") {{ profile(asOf: "{AT}") {{ {fields} }} }} }}', {}, None, Context(one_store, settings))
        assert "errors" not in answer, answer["errors"]
        return answer["data"][anchor]["profile"]

    run.store, run.view = one_store, await Context(one_store, settings).view(as_of=datetime.fromisoformat(AT))
    return run


ROLES = "role confidence by source rivals { by source confidence }"


async def test_a_persons_word_stands_before_a_crms_before_the_titles(sides):
    who = (await sides("person", "li", f"who {{ name roles {{ {ROLES} company {{ id }} }} denied {{ {ROLES} }} }}"))["who"]
    held = {one["role"]: (one["by"], one["source"], one["confidence"]) for one in who["roles"]}
    assert held == {
        "END_USER": ("PERSON", "sam", 0.7),
        "TECHNICAL_EVALUATOR": ("CRM", "canonical", 0.8),
        "DECISION_MAKER": ("TITLE", "title", 0.2),
    }
    (denied,) = who["denied"]
    assert (denied["role"], denied["by"], denied["confidence"]) == ("CHAMPION", "PERSON", 0)
    assert denied["rivals"] == [{"by": "CRM", "source": "canonical", "confidence": 0.5}]


async def test_a_guess_that_a_source_denies_stays_denied(sides):
    who = (await sides("person", "zhao", f"who {{ roles {{ {ROLES} }} denied {{ {ROLES} }} posts {{ level {{ value by confidence }} }} }}"))["who"]
    assert who["roles"] == []
    assert [(one["role"], one["by"]) for one in who["denied"]] == [("PROCUREMENT", "CRM")]
    assert who["posts"] == [{"level": {"value": "DIRECTOR", "by": "TITLE", "confidence": 0.6}}]


async def test_a_level_that_the_crm_states_stands_before_the_titles_and_the_function_is_guessed(sides):
    fields = "who { posts { title level { value by source confidence } function { value by source confidence } acting validFrom source } }"
    (post,) = (await sides("person", "wang", fields))["who"]["posts"]
    assert post["level"] == {"value": "C-level", "by": "CRM", "source": "canonical", "confidence": 1}
    assert post["function"] == {"value": "FINANCE", "by": "TITLE", "source": "title", "confidence": 0.6}


async def test_what_somebody_is_to_us(sides):
    fields = """relation { relationship { score { value } events } knownBy { person { id } strength } memberships { stance goals authorId source }
      influence { outgoing other { id } strength source } owners { person { id } } canTouch { allowed } }"""
    relation = (await sides("person", "li", fields))["relation"]
    assert [one["person"]["id"] for one in relation["knownBy"]] == ["ann"]
    assert relation["relationship"]["score"]["value"] == pytest.approx(relation["knownBy"][0]["strength"])
    assert (relation["memberships"][0]["stance"], relation["memberships"][0]["authorId"]) == (1, "ann")
    assert [(one["outgoing"], one["other"]["id"]) for one in relation["influence"]] == [(True, "wang")]
    assert [one["person"]["id"] for one in relation["owners"]] == ["ann"]
    assert relation["canTouch"]["allowed"]


async def test_how_we_deal_with_each_other_leaves_out_what_did_not_take_place(sides):
    fields = "interaction { count lastAt types { type count sources } latest { id } engagement { value } }"
    interaction = (await sides("person", "li", fields))["interaction"]
    assert (interaction["count"], interaction["lastAt"]) == (6, "2026-06-06T09:00:00+00:00")
    assert interaction["types"][0] == {"type": "message", "count": 2, "sources": ["canonical"]}
    assert [one["id"] for one in interaction["latest"]][:2] == ["v1", "m2"]
    assert 0 < interaction["engagement"]["value"] < 1
    wang = (await sides("person", "wang", fields))["interaction"]
    assert (wang["count"], wang["latest"]) == (1, [{"id": "e1"}]), "what ex wrote while one of us; not what she wrote to a colleague"


async def test_who_left_us_for_a_customer_brings_nothing_along_of_their_time_with_us(sides):
    fields = "interaction { count latest { id } engagement { missing } } interests { tag }"
    ex = await sides("person", "ex", fields)
    assert (ex["interaction"]["count"], ex["interaction"]["latest"]) == (1, [{"id": "e3"}])
    assert (ex["interaction"]["engagement"]["missing"], ex["interests"]) == ("NO_EVIDENCE", [])


async def test_interests_are_the_tags_that_they_earned_hints_and_typed_ones(sides):
    found = (await sides("person", "li", "interests { tag kind origin assigned confidence source evidence { id } }"))["interests"]
    told = (await tagged(sides.store, sides.view, ["li"], hints=True))["li"]
    assert [(one["tag"], one["confidence"], one["assigned"]) for one in found] == [(one.tag, one.confidence, one.assigned) for one in told]
    tags = {one["tag"].lower(): one["origin"] for one in found}
    assert tags["cloud"] == "TYPED"
    assert tags["data"] == "EARNED"
    assert [(one["tag"], one["assigned"]) for one in found if one["tag"].casefold() == "data"] == [("Data", True)], "however it is written"
    assert "golf" not in tags, "what was cancelled shows nothing"


SAID_BY = "attribute value source asOf confidence others { value source confidence }"


async def test_whose_word_each_plain_attribute_is(sides):
    who = (await sides("person", "li", f"who {{ location attributes {{ {SAID_BY} }} }}"))["who"]
    told = {(one["attribute"], one["value"]): (one["source"], one["asOf"][:10], one["confidence"]) for one in who["attributes"]}
    assert told["name", "李伟"] == ("canonical", "2026-06-30", 1)
    assert told["location", "上海"] == ("erp", "2026-05-01", 0.9)
    assert told["address", "li@bank.example"] == ("canonical", "2026-06-30", 1)
    assert told["address", "wei@old.example"] == ("erp", "2026-05-01", 0.9)
    assert next(one["others"] for one in who["attributes"] if one["value"] == "li@bank.example") == [
        {"value": "li@bank.example", "source": "erp", "confidence": 0.9}
    ]
    company = (await sides("account", "bank", f"company {{ name industry attributes {{ {SAID_BY} }} }}"))["company"]
    said = {one["attribute"]: one for one in company["attributes"]}
    assert (said["name"]["value"], said["industry"]["value"]) == (company["name"], company["industry"])
    assert said["name"]["others"] == [{"value": "东方银行股份有限公司", "source": "erp", "confidence": 0.9}]
    without = (await profile(sides.store, sides.view, ["li"], sources=False))["li"]
    assert (without.who.attributes, without.who.location) == ([], "上海")


async def test_somebody_of_whom_nothing_is_known_but_the_name(sides):
    posts = "posts { title level { value } function { value } }"
    fields = f"who {{ {posts} roles {{ role }} }} relation {{ knownBy {{ strength }} }} interaction {{ count lastAt }} interests {{ tag }}"
    assert await sides("person", "mo", fields) == {
        "who": {"posts": [{"title": None, "level": None, "function": None}], "roles": []},
        "relation": {"knownBy": []},
        "interaction": {"count": 0, "lastAt": None},
        "interests": [],
    }


async def test_an_account_from_three_sides(sides):
    fields = f"""company {{ name tiers {{ tier source }} owners {{ person {{ id }} }} uses {{ product {{ id }} source }} events {{ title }} }}
      chain {{ knownShare roles {{ role state }} }} truncated
      contacts {{ person {{ id }} contactable node {{ state }} posts {{ level {{ value by }} }} roles {{ {ROLES} }} denied {{ role }} }}"""
    found = await sides("account", "bank", fields)
    assert found["company"] == {
        "name": "东方银行",
        "tiers": [{"tier": 1, "source": "canonical"}],
        "owners": [{"person": {"id": "ann"}}],
        "uses": [{"product": {"id": "core"}, "source": "canonical"}],
        "events": [{"title": "New rules"}],
    }
    contacts = {one["person"]["id"]: one for one in found["contacts"]}
    assert contacts.keys() == {"li", "wang", "zhao"}
    assert {one["role"]: one["by"] for one in contacts["li"]["roles"]} == {
        "END_USER": "PERSON",
        "TECHNICAL_EVALUATOR": "CRM",
        "DECISION_MAKER": "TITLE",
    }
    assert {one["role"] for one in contacts["wang"]["roles"]} == {"ECONOMIC_BUYER", "EXECUTIVE_SPONSOR", "DECISION_MAKER"}
    economic = next(one for one in found["chain"]["roles"] if one["role"] == "ECONOMIC_BUYER")
    assert economic["state"] == "UNMAPPED", "a guess from a title covers nothing"
    assert (await sides("account", "mill", "contacts { person { id } } company { uses { source } }"))["company"] == {"uses": []}


async def test_each_profile_is_a_page_and_a_sheet(sides):
    person = (await profile(sides.store, sides.view, ["li"]))["li"]
    account = (await account_profile(sides.store, sides.view, ["bank"]))["bank"]
    page = formats(profile)["table"](person)
    assert "role at 东方银行: END_USER (sam, 2026-01-01, 0.70)" in page
    assert "level: DIRECTOR (title, 0.60)" in page
    assert "location: 上海 (erp, 2026-05-01, 0.90)" in page
    assert "王芳: role at 东方银行: ECONOMIC_BUYER (title, 0.60)" in formats(account_profile)["table"](account)
    for question, answer in ((profile, person), (account_profile, account)):
        assert formats(question)["csv"](answer).startswith("side,what,value,source,since,confidence")
        assert formats(question)["xlsx"](answer).startswith(b"PK")


BANK = Linked(Id("bank"), "Bank")


def held(role, sure, source, confidence=1.0, key="k"):
    """A role as one source says it."""
    return HeldRole(Id(key), None, None, source, confidence, BANK, Id("bank"), None, role, sure, None, None)


JOBS = [Employment(Id("j"), None, None, "crm", 1.0, BANK, "CFO", None, None, None, None)]
SAID = st.lists(
    st.tuples(
        st.sampled_from(list(BuyingRole)[:4]), st.sampled_from([0.0, 0.4, 1.0]), st.sampled_from(["sam", "crm", "erp"]), st.sampled_from([0.5, 1.0])
    ),
    max_size=8,
)


@given(SAID)
def test_the_word_that_counts_is_the_highest_and_nobody_guesses_what_was_spoken_of(said):
    known = roles_of([held(*one, key=str(at)) for at, one in enumerate(said)], JOBS, {"sam"})
    spoken = {role for role, *_ in said}
    for one in (*known.held, *known.denied):
        words = [(sure, source) for role, sure, source, _ in said if role is one.role]
        if one.by is WordOf.TITLE:
            assert one.role not in spoken
            assert one.confidence <= 0.6
        else:
            assert (one.by is WordOf.PERSON) == any(source == "sam" for _, source in words)
            assert len(one.rivals) == len(words) - 1
        assert (one.confidence == 0) == (one in known.denied)
    assert {one.role for one in (*known.held, *known.denied)} >= spoken
