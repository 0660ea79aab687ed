"""The worked example of partners: the page is what the slow method makes of the sample's files, and the product says the same of every partner."""

import pytest

from api.context import Context
from api.render.co_marketing_partners import svg
from graph.instants import at_moment, period
from loaders.run import load
from queries.co_marketing_partners import co_marketing_partners
from queries.joint_plan import joint_plan
from queries.partner_set import partner_set
from tests.partner_example import DATE, PAGE, ROOT, market, page


def test_the_page_is_the_slow_methods():
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.partner_example writes it"


async def test_the_product_says_the_same_and_draws_the_committed_picture(store, settings):
    await load(store, [ROOT / "samples" / "market"], as_of=period(DATE)[0])
    slow, view = market(), await Context(store, settings).view(as_of=at_moment(period(DATE)[1] - 1))
    found = await co_marketing_partners(store, view)
    assert sorted(edge.node.partner.id for edge in found.edges) == slow.partners
    for one in (edge.node for edge in found.edges):
        partner = one.partner.id
        assert [cell.accounts.value for cell in one.cells] == [count for row in slow.grid(partner) for count in row]
        values, given, _ = slow.parts(partner)
        assert [part.value for part in one.score.components] == [None if value is None else pytest.approx(value) for value in values]
        assert [part.contribution for part in one.score.components] == pytest.approx(given)
    few = await partner_set(store, view, size=2)
    assert [one.partner.id for one in few.partners] == slow.greedy(2) and few.share == pytest.approx(slow.best_set(2))
    plan = await joint_plan(store, view, partner="cloudbridge")
    assert {account.account.id for account in plan.accounts} == slow.customers("cloudbridge") & slow.our_accounts
    assert f">as of {DATE}; 4 of 4; " in svg(found)
    committed = ROOT / "docs" / "pictures" / "co-marketing-partners.svg"
    assert committed.read_text(encoding="utf-8") == svg(found) + "\n", "see docs/pictures/README.md"
