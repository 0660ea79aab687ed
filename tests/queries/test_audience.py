"""Whom to invite in the small town: the same gains as gaps tell, nobody who must be left alone, and each left out counted by one rule."""

from datetime import datetime

import pytest

from api.context import Context
from api.execute import Engine
from api.render import formats
from graph.filter import AccountFilter
from graph.measures.fatigue import Rule
from graph.model import BuyingRole
from queries.audience import audience
from queries.audience_left_out import audience_left_out
from queries.committee.covered import CoverageState
from queries.coverage_gaps import coverage_gaps
from queries.touching import invited
from queries.touching.outreach import outreach_to
from tests.town import AT


@pytest.fixture(scope="module")
async def invite(town, settings):
    """``await invite(roles=[...])`` is the audience at noon of 30 June 2026."""
    view = await Context(town, settings).view(as_of=datetime.fromisoformat(AT))

    async def run(**arguments):
        return [edge.node for edge in (await audience(town, view, **arguments)).edges]

    run.store, run.view, run.engine, run.context = town, view, Engine(settings), Context(town, settings)
    return run


async def test_everybody_is_invited_once_by_what_a_meeting_gains_as_gaps_tell_it(invite):
    found = await invite()
    gaps = [edge.node for edge in (await coverage_gaps(invite.store, invite.view, first=100)).edges]
    told = {(one.person.id, gap.account.id, gap.role): one.expected_gain for gap in gaps for one in gap.people}
    best = {}
    for (person, account, role), gain in told.items():
        best[person] = max(best.get(person, (-1.0, "", "")), (gain, account, role.value))
    assert len(found) == len({one.person.id for one in found})
    for one in found:
        if (one.person.id, one.account.id, one.role) in told:
            assert one.expected_gain == pytest.approx(told[one.person.id, one.account.id, one.role])
            assert one.expected_gain == pytest.approx(best[one.person.id][0])
    assert [one.expected_gain for one in found] == sorted((one.expected_gain for one in found), reverse=True)
    assert {one.person.id for one in found} == {"zhao", "li", "qian", "mo", "mei", "zoe"}


async def test_who_opted_out_is_left_out_and_counted(invite):
    left = {one.rule: one.people for one in await audience_left_out(invite.store, invite.view)}
    assert left == {Rule.DO_NOT_CONTACT: 1}
    never = await audience_left_out(invite.store, invite.view, states=[CoverageState.NEVER])
    assert {one.rule: one.people for one in never} == {Rule.DO_NOT_CONTACT: 1}, "whoever opted out is left out of any state"
    only = await audience_left_out(invite.store, invite.view, filter=AccountFilter(ids=["mill"]))
    assert only == []


async def test_whoever_the_read_does_not_find_is_not_invited(invite, monkeypatch):
    async def without_li(*given):
        return {id_: one for id_, one in (await outreach_to(*given)).items() if id_ != "li"}

    monkeypatch.setattr(invited, "outreach_to", without_li)
    assert {one.person.id for one in await invite(topic="of nobody else")} == {"zhao", "qian", "mo", "mei", "zoe"}


async def test_only_those_who_are_asked_for(invite):
    assert {one.person.id for one in await invite(roles=[BuyingRole.PROCUREMENT])} == {"zoe"}
    assert {one.person.id for one in await invite(roles=[BuyingRole.OTHER])} == {"mei"}, "a role that no template wants is asked for by name"
    assert {one.person.id for one in await invite(filter=AccountFilter(ids=["mill"]))} == {"mo", "mei", "zoe"}
    never = await invite(states=[CoverageState.NEVER])
    assert "li" not in {one.person.id for one in never}
    assert all(one.state is CoverageState.NEVER and one.last_touch_at is None for one in never)


async def test_the_reason_names_who_where_and_through_whom(invite):
    (li,) = [one for one in await invite() if one.person.id == "li"]
    assert (li.by.id, li.account.id, li.last_touch_at.date().isoformat()) == ("ann", "bank", "2026-06-21")
    assert li.why.startswith("李伟, technical evaluator at 东方银行, ")
    assert "Ann knows them best" in li.why


async def test_pages_cut_the_same_list_and_a_sheet_has_a_line_each(invite):
    whole = [one.person.id for one in await invite()]
    paged, after = [], None
    while True:
        page = await audience(invite.store, invite.view, first=2, after=after)
        paged += [edge.node.person.id for edge in page.edges]
        assert page.total_count == len(whole)
        if not page.page_info.has_next_page:
            break
        after = page.page_info.end_cursor
    assert paged == whole
    page = await audience(invite.store, invite.view)
    assert formats(audience)["csv"](page).count("\n") == len(whole)
    assert formats(audience)["xlsx"](page).startswith(b"PK")


async def test_my_accounts(invite):
    text = '{ accounts(owner: "ann") { edges { node { id } } } }'
    answer = await invite.engine(text, {}, None, invite.context)
    assert answer["data"]["accounts"]["edges"] == []
    both = await invite.engine('{ accounts(owner: "ann", filter: {owner: ["ben"]}) { totalCount } }', {}, None, invite.context)
    assert both["errors"][0]["extensions"]["argument"] == "owner"
