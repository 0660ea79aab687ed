"""Our own people's meetings with whom one may not see, and segments that name what one may not see: none of it shows (ADR 0034).

A colleague of old works at the bank now. What they did together with the south was never there for the north, though each may be seen there.
"""

from dataclasses import replace

import pytest

from api.context import Context
from graph.answer import Id
from graph.filter import AccountFilter
from graph.instants import at_moment, period
from graph.journal import key_of
from queries.accounts import accounts
from queries.book_at_risk import book_at_risk
from queries.campaign_impact import campaign_impact
from queries.coverage import coverage
from queries.kols import kols
from queries.links import links
from queries.segment_coverage import segment_coverage
from tests.filling import emptied, filled

FILES = {
    "territories": "territory_id,name\nnorth,North\nsouth,South\n",
    "companies": "company_id,name,aliases,kinds,territory_id,value\nus,Us,,us,,\nbank,Bank,Bank AG,account,north,0.9\nfarm,Farm,,account,south,0.9\n"
    "pal,Pal,,partner,,\nrival,Rival,,competitor,south,\n",
    "products": "product_id,name,company_id\ntool,Tool,rival\nnew-tool,New tool,rival\n",
    "company_links": "from_id,to_id,kind,product_id\npal,bank,SERVES,tool\npal,Bank AG,SERVES,tool\npal,Bank AG,SERVES,new-tool\n"
    "pal,bank,RESELLS,new-tool\n",
    "people": "person_id,name,company_id\nann,Ann,us\nvet,Vet,\nlin,Lin,bank\nfar,Far,farm\n",
    "employments": "person_id,company_id,valid_from,valid_to\nvet,us,2019-01-01,2024-01-01\nvet,bank,2024-01-01,\n",
    "roles": "person_id,role,company_id\nvet,DECISION_MAKER,bank\nlin,CHAMPION,bank\nfar,DECISION_MAKER,farm\n",
    "influence": "from_id,to_id,kind,strength\nvet,lin,ADVISES,strong\n",
    "campaigns": "campaign_id,name,type,starts_at,ends_at\nshow,Show,event,2026-04-10,2026-04-10\n",
    "interactions": "interaction_id,type,at,topic,campaign_id,company_id\n"
    "secret,meeting,2026-05-20T09:00,data,,\ndesk,registration,2026-04-01T09:00,,show,farm\ndoor,check_in,2026-04-10T09:00,,show,\n",
    "participants": "interaction_id,person_id,part\n"
    "secret,ann,ATTENDEE\nsecret,vet,SPEAKER\nsecret,far,ATTENDEE\ndesk,vet,SENDER\ndoor,vet,ATTENDEE\ndoor,far,ATTENDEE\n",
    "segments": 'segment_id,name,filter,template_id\nboth,Both,"ids=bank,farm",plan\nsouthern,Southern,ids=farm,\ntheirs,Theirs,owner=far,\n',
    "templates": "template_id,role,weight\nplan,CHAMPION,0.7\nplan,DECISION_MAKER,0.3\n",
}


@pytest.fixture(scope="module")
async def seeing(one_store, settings, tmp_path_factory):
    """``seeing["north"](question, ...)`` is what the north is told, and a steward."""
    await filled(await emptied(one_store), tmp_path_factory.mktemp("market"), FILES, as_of=period("2026-06-30")[0])
    view = replace(await Context(one_store, settings).view(as_of=at_moment(period("2026-06-30")[1] - 1)), steward=False)

    def by(scope):
        return lambda question, *given, **more: question(one_store, replace(view, scope=scope), *given, **more)

    return {"north": by(("north",)), "steward": by(None)}


@pytest.mark.parametrize(("who", "at_risk"), [("north", []), ("steward", ["bank", "farm"])])
async def test_an_account_rests_on_no_meeting_that_one_may_not_see(seeing, who, at_risk):
    book = (await seeing[who](book_at_risk, ["ann"]))["ann"]
    assert [one.company.id for one in book.accounts] == at_risk


@pytest.mark.parametrize(("who", "leading"), [("north", []), ("steward", ["vet"])])
async def test_nobody_leads_opinion_by_a_talk_that_one_may_not_see(seeing, who, leading):
    assert [edge.node.person.id for edge in (await seeing[who](kols, topic="data")).edges] == leading


@pytest.mark.parametrize(("who", "counts"), [("north", (0, 0, 0)), ("steward", (1, 2, 2))])
async def test_nobody_came_to_a_campaign_by_what_one_may_not_see(seeing, who, counts):
    came = (await seeing[who](campaign_impact, ["show"]))["show"]
    assert (came.registered, came.came, came.account_count) == counts


@pytest.mark.parametrize(("who", "held"), [("north", {"Both": 1, "Southern": 0, "Theirs": 0}), ("steward", {"Both": 2, "Southern": 1, "Theirs": 0})])
async def test_a_segment_holds_what_one_sees_of_it_and_says_nothing_of_the_rest(seeing, who, held):
    parts = await seeing[who](segment_coverage)
    assert {part.name: part.accounts for part in parts.segments} == {name: count for name, count in held.items() if count}
    found = {name: (await seeing[who](accounts, filter=AccountFilter(segment=[Id(name.lower())]))).total_count for name in ("Both", "Southern")}
    assert found == {name: held[name] for name in found}


@pytest.mark.parametrize("who", ["north", "steward"])
async def test_a_template_holds_where_its_segment_names_what_one_may_not_see(seeing, who):
    score = (await seeing[who](coverage, ["bank"]))["bank"].score
    assert {part.code: part.weight for part in score.components} == {"CHAMPION": 0.7, "DECISION_MAKER": 0.3}


async def test_the_key_of_a_link_is_no_hash_of_a_product_that_one_may_not_see(seeing):
    """As its source wrote it, by an alias too; links that only hidden products tell apart are one."""

    def key(end, product, kind="SERVES"):
        return key_of(kind, ["pal", end, product], "canonical", "company_links")

    hidden, known = [
        {one.key.partition("@")[0]: one.product and one.product.id for one in (await seeing[who](links, ["bank"]))["bank"]}
        for who in ("north", "steward")
    ]
    sold = {key("bank", "tool"): "tool", key("Bank AG", "tool"): "tool", key("Bank AG", "new-tool"): "new-tool"}
    assert known == sold | {key("bank", "new-tool", "RESELLS"): "new-tool"}
    assert hidden == {key("bank", ""): None, key("Bank AG", ""): None, key("bank", "", "RESELLS"): None}
    told = [one.key for one in (await seeing["north"](links, ["bank"]))["bank"]]
    assert told == sorted(told) and len(told) == len(hidden), "nor does their order hang on it"
