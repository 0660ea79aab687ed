"""What lies outside a scope takes no part in the questions about partners."""

from dataclasses import replace

import pytest

from api.render import plain
from graph.errors import NotFound
from graph.instants import period
from queries.co_marketing_partners import co_marketing_partners
from queries.joint_plan import joint_plan
from queries.partner_set import partner_set


async def test_what_lies_outside_the_scope_is_nowhere(market, store, view):
    """Of two partners, competitors and accounts one each lies in the south, and so does a man who works there alone."""
    await market(
        as_of=period("2026-06-01")[0],
        territories="territory_id,name\nnorth,North\nsouth,South\n",
        companies="company_id,name,kinds,territory_id\nus,Us,us,north\nneo,Neo,partner,north\nfar-pal,Farpal,partner,south\n"
        "rival,Rival,competitor,north\nfar-rival,Farrival,competitor,south\nbank,Bank,account,north\nfar-bank,Farbank,account,south\n"
        "new,New,vendor,north\nfar-new,Farnew,vendor,south\n",
        people="person_id,name,company_id\nann,Ann,us\nnora,Nora,neo\nfar-man,Farman,far-pal\nboss,Boss,bank\nfar-boss,Farboss,far-bank\n",
        roles="person_id,role,company_id\nboss,DECISION_MAKER,bank\nfar-boss,DECISION_MAKER,far-bank\n",
        products="product_id,name,company_id\nrerp,Rival ERP,rival\nferp,Far ERP,far-rival\n",
        uses="company_id,product_id\nbank,ferp\nfar-bank,ferp\nbank,rerp\n",
        company_links="from_id,to_id,kind,product_id\n"
        + "".join(f"{one},{to},SERVES,\n" for one in ("neo", "far-pal") for to in ("bank", "far-bank", "new", "far-new"))
        + "neo,far-rival,RESELLS,\nneo,rival,RESELLS,\nneo,bank,SERVES,ferp\n",
        influence="from_id,to_id,kind,strength\nnora,far-man,ADVISES,strong\nfar-man,boss,ADVISES,strong\nnora,far-boss,ADVISES,strong\n",
        interactions="interaction_id,type,at,from_id,to_ids\n"
        "v1,visit,2026-05-20,ann,far-man\nv2,visit,2026-05-25,ann,far-man\nv3,visit,2026-05-25,nora,far-boss\n",
    )
    everywhere = replace(await view(), as_of=period("2026-06-02")[0])
    north = replace(everywhere, scope=("north",))

    async def told(at):
        return [await co_marketing_partners(store, at), await partner_set(store, at), await joint_plan(store, at, partner="neo")]

    partners, few, plan = await told(north)
    assert [edge.node.partner.id for edge in partners.edges] == ["neo"]
    (neo,) = [edge.node for edge in partners.edges]
    assert [(rival.competitor.id, rival.accounts.value) for rival in neo.rivals] == [("rival", 1)]
    assert (neo.shared.value, neo.net_new.value, neo.complement, few.share) == (1, 1, 0.0, 0.0), "the way to the boss leads through a hidden man"
    assert [account.account.id for account in plan.accounts] == ["bank"] and few.partners == []
    assert "far" not in str([plain(answer) for answer in (partners, few, plan)]).lower()
    with pytest.raises(NotFound):
        await joint_plan(store, north, partner="far-pal")
    seen = str([plain(answer) for answer in await told(everywhere)]).lower()
    assert all(name in seen for name in ("farpal", "farrival", "farbank", "farboss", "farman")), "to whom may see all of it each is told"
