"""Lists as sheets: a line for a yes too, ids beside names, and the figures of the whole beside its parts."""

from typing import Annotated

from api.render.campaign_impact import sheet as impact_sheet
from api.render.can_touch import sheet as touch_sheet
from api.render.portfolio import sheet as portfolio_sheet
from api.render.rows import listing
from graph.answer import Id, Linked, answer
from graph.instants import at_moment, period
from graph.measures.fatigue import Rule
from graph.model import BuyingRole, Channel
from graph.question import Anchor
from graph.view import ViewUsed
from queries.campaign_impact import CampaignImpact, ClosedGap, ReachedAccount
from queries.can_touch import CanTouch, TouchRule
from queries.committee.divided import DivideBy
from queries.portfolio import Concentration, Portfolio, PortfolioPart, Rate

USED: ViewUsed = None  # type: ignore[assignment]  # no sheet tells it
DAY = at_moment(period("2026-06-30")[0])
BANK = Linked(Id("bank"), "东方银行")


def rows(made):
    """A sheet as dicts by its head."""
    head, *lines = made
    return [dict(zip(head, line, strict=True)) for line in lines]


def touch(allowed, rules):
    return CanTouch(Id("k"), USED, Channel.CALL, "lake", allowed, DAY, rules, 0, 0, None, "")


def test_whoever_may_be_contacted_has_a_line_that_says_so():
    (yes,) = rows(touch_sheet(touch(True, [])))
    assert (yes["allowed"], yes["channel"], yes["topic"], yes["allowed_from"], yes["rule"]) == (True, Channel.CALL, "lake", DAY, None)
    no = rows(touch_sheet(touch(False, [TouchRule(Rule.UNSUBSCRIBED, None, "left"), TouchRule(Rule.SAME_TOPIC, DAY, "sent")])))
    assert [(one["allowed"], one["rule"]) for one in no] == [(False, Rule.UNSUBSCRIBED), (False, Rule.SAME_TOPIC)]


@answer
class Owned:
    """An account and whose it is."""

    company: Annotated[Linked, Anchor.COMPANY, "The account."]
    owner: Annotated[Linked | None, Anchor.PERSON, "Whose."]
    share: Annotated[float, "How much."]


def test_a_sheet_tells_the_id_of_each_link_and_a_table_its_name():
    both = [Owned(BANK, Linked(Id("ann"), "Ann"), 0.5), Owned(BANK, None, 1.0)]
    assert rows(listing(Owned).sheet(both)) == [
        {"company_id": "bank", "company": "东方银行", "owner_id": "ann", "owner": "Ann", "share": 0.5},
        {"company_id": "bank", "company": "东方银行", "owner_id": None, "owner": None, "share": 1.0},
    ]
    assert "bank" not in listing(Owned).table(both)


def test_a_portfolio_is_its_parts_the_whole_and_how_concentrated_it_is():
    rate, none = Rate(0.5, 0.1, 0.9, 2), Rate(None, None, None, 0)
    parts = [PortfolioPart(Id("bank"), "bank", 3, 2, 90.0, 0.9, rate), PortfolioPart(None, "", 1, 1, 10.0, 0.1, none)]
    held = Concentration(100.0, 4, 3, 0.6, 0.7, 0.8, 0.4)
    told = rows(portfolio_sheet(Portfolio(Id("k"), USED, DivideBy.INDUSTRY, "CNY", 5, held, rate, parts, "")))
    by = {one["what"]: one for one in told if one["what"] != "part"}
    assert [(one["part"], one["amount"]) for one in told if one["what"] == "part"] == [("bank", 90.0), (None, 10.0)]
    assert {name: by[name]["share"] for name in ("top_1_percent", "top_5_percent", "top_20_percent", "gini")} == {
        "top_1_percent": 0.6,
        "top_5_percent": 0.7,
        "top_20_percent": 0.8,
        "gini": 0.4,
    }
    total = by["total"]
    assert (total["accounts"], total["buying"], total["amount"], total["currency"]) == (4, 3, 100.0, "CNY")
    assert (total["win rate"], total["low"], total["high"], total["deals"]) == (0.5, 0.1, 0.9, 2)
    assert by["left_out"]["purchases"] == 5


def test_what_came_of_a_campaign_is_more_than_its_accounts():
    gap = ClosedGap(BANK, BuyingRole.CHAMPION, 0.1, 0.6)
    reached, roles = [ReachedAccount(BANK, 7, 0.2, 0.4)], [BuyingRole.CHAMPION]
    found = CampaignImpact(
        Id("k"),
        USED,
        10,
        7,
        Rate(0.6, 0.3, 0.8, 10),
        1,
        1,
        reached,
        roles,
        DAY,
        DAY,
        0.2,
        0.4,
        1,
        [gap],
        "",
    )
    by = {one["what"]: one for one in rows(impact_sheet(found))}
    assert (by["account"]["company_id"], by["account"]["people"], by["account"]["after"]) == ("bank", 7, 0.4)
    assert (by["closed gap"]["role"], by["closed gap"]["before"], by["closed gap"]["after"]) == (BuyingRole.CHAMPION, 0.1, 0.6)
    assert by["role reached"]["role"] is BuyingRole.CHAMPION
    assert {name: by[name]["people"] for name in ("registered", "came", "walk_ins")} == {"registered": 10, "came": 7, "walk_ins": 1}
    show_up = by["show_up"]
    assert (show_up["share"], show_up["low"], show_up["high"], show_up["of"]) == (0.6, 0.3, 0.8, 10)
    assert (by["mean coverage"]["before"], by["mean coverage"]["after"], by["closed_count"]["of"]) == (0.2, 0.4, 1)
