"""A snapshot that is kept up says what one says that is made anew, whatever was written in between."""

import random
from dataclasses import fields

import numpy as np
import pytest

from graph.snapshot import ties
from graph.snapshot.arrays import Texts
from graph.snapshot.build import built
from graph.snapshot.declare import Looking
from graph.snapshot.keeper import Keeper, snapshot_at
from graph.snapshot.parts import PARTS
from graph.snapshot.ties import network_in


def assert_same(one, other):
    for part in PARTS:
        for field in fields(part.columns):
            left, right = getattr(one[part.columns], field.name), getattr(other[part.columns], field.name)
            assert len(left) == len(right), (part.name, field.name)
            if isinstance(left, Texts):
                assert left.list() == right.list(), (part.name, field.name)
            else:
                np.testing.assert_allclose(left, right, rtol=1e-9, err_msg=f"{part.name}.{field.name}")
    mine, theirs = network_in(one), network_in(other)
    for field in ("start", "tail", "head", "by_kind", "tried", "worked", "chance"):
        np.testing.assert_allclose(getattr(mine, field), getattr(theirs, field), rtol=1e-9, err_msg=f"network.{field}")


FIRST = {
    "territories": "territory_id,name\nnorth,North\n",
    "companies": "company_id,name,kinds,tier,territory_id\nus,Us,us,,\nbank,东方银行,account,1,north\n"
    "mill,Mill,account,,\nrival,Rival,competitor,,\nc9,C9,account,,\n",
    "people": "person_id,name,company_id,do_not_contact\nann,Ann,us,\nben,Ben,us,\nwang,王敏,bank,\nli,李伟,bank,\nmo,Mo,mill,\nria,Ria,rival,\n",
    "employments": "person_id,company_id,valid_from,valid_to\nwang,mill,2019-01-01,2022-01-01\nmo,mill,2018-01-01,\nli,rival,2020-01-01,2021-06-01\n"
    "ria,rival,2019-01-01,\n",
    "roles": "person_id,role,company_id,role_confidence\nwang,DECISION_MAKER,bank,0.9\nli,ECONOMIC_BUYER,bank,\nmo,END_USER,mill,0.6\n",
    "members": "person_id,company_id,stance\nli,bank,-2\n",
    "reporting": "person_id,manager_id,line\nli,wang,SOLID\nwang,mo,DOTTED\n",
    "influence": "from_id,to_id,kind,strength\nli,wang,ADVISES,0.7\nmo,wang,OPPOSES,0.4\n",
    "opportunities": "opportunity_id,company_id,opened_on,close_on,outcome,amount,currency,stage,competitor_ids\n"
    "o1,bank,2026-01-01,2026-08-29,open,100,CNY,offer,rival\no2,bank,2026-01-01,2026-07-30,lost,,,,rival;mill\n",
    "products": "product_id,name,company_id,category\nours,Ours,us,ERP\ntheirs,Theirs,rival,ERP\n",
    "uses": "company_id,product_id,seat_share,renewal_on,satisfaction,valid_from,valid_to\nbank,theirs,0.5,2026-12-01,-0.5,2022-01-01,\n"
    "mill,ours,,,,2020-01-01,2024-01-01\n",
    "purchases": "purchase_id,company_id,product_id,on,amount,currency\nb1,mill,ours,2020-01-01,10,CNY\nb2,bank,ours,2030-01-01,10,CNY\n",
    "company_links": "from_id,to_id,kind,product_id\nmill,bank,SERVES,\nmill,rival,RESELLS,theirs\n",
    "campaigns": "campaign_id,name,type,organiser_ids\nshow,Show,webinar,rival\n",
    "interactions": "interaction_id,type,at,status,from_id,to_ids,campaign_id,product_id,company_id\na1,visit,2026-06-01T09:00,held,ann,wang,,,\n"
    "i1,introduction,2026-06-02T09:00,open,li,wang,,,\n"
    "a2,visit,2026-06-20T09:00,,ann,wang;li,,,\na3,message,2026-06-11T09:00,,ben,li,,,\na4,call,2026-06-12T09:00,,mo,wang,,,\n"
    "a5,attendance,2026-06-13T09:00,,wang,,show,,\na6,download,2026-06-14T09:00,,li,,,theirs,\na7,visit,2026-06-15T09:00,,ria,mo;wang,,,\n"
    "a8,visit,2026-06-16T09:00,,mo,,,,rival\na9,watch,2026-06-17T09:00,,wang,,show,,\n",
}


def later(rng, number):
    """Rows of a kind, each kind in its turn, random but for their form."""
    people = ["ann", "ben", "wang", "li", "mo", "ria", "new1", "new2", f"x{number}"]
    one, other = rng.sample(people, 2)
    company = rng.choice(["us", "bank", "mill", "rival"])
    kinds = {
        "people": f"person_id,name,company_id,do_not_contact\n{one},Name {number},{company},{rng.choice(['', 'yes'])}\n",
        "employments": "person_id,company_id,valid_from,valid_to\n"
        f"{one},{company},{rng.choice(['2020-01-01', '2023-02-01'])},{rng.choice(['', '2026-01-01'])}\n",
        "roles": f"person_id,role,company_id,role_confidence\n{one},CHAMPION,bank,0.{rng.randint(1, 9)}\n",
        "members": f"person_id,company_id,stance\n{one},{rng.choice(['bank', 'mill'])},{rng.randint(-2, 2)}\n",
        "reporting": f"person_id,manager_id,line\n{one},{other},SOLID\n",
        "influence": f"from_id,to_id,kind,strength\n{one},{other},ADVISES,0.{rng.randint(1, 9)}\n",
        "opportunities": "opportunity_id,company_id,opened_on,close_on,outcome\n"
        f"o1,{rng.choice(['bank', 'mill'])},2026-01-01,2026-09-0{rng.randint(1, 9)},"
        f"{rng.choice(['open', 'won'])}\n",
        "interactions": "interaction_id,type,at,from_id,to_ids,status,campaign_id,product_id\n"
        f"{rng.choice(['e0', 'e1', 'a7'])},{rng.choice(['visit', 'message', 'call'])},"
        f"2026-06-0{rng.randint(1, 9)}T09:00,{one},{other},{rng.choice(['held', 'held', 'cancelled'])},{rng.choice(['', 'show'])},theirs\n"
        f"i1,introduction,2026-06-02T09:00,li,wang,declined,,\ni2,introduction,2026-06-03T09:00,{one},{other},accepted,,\n",
        "companies": f"company_id,name,kinds,tier,parent_id,employees\nc{number},C{number},account,{rng.randint(1, 3)},mill,{number}\n"
        f"mill,Mill {number},account,,{rng.choice(['', 'bank'])},\n",
        "products": f"product_id,name,company_id\np{number},P{number},{company}\ntheirs,Theirs {number},rival\n",
        "uses": f"company_id,product_id,satisfaction,valid_from\n{company},{rng.choice(['ours', 'theirs'])},0.{rng.randint(1, 9)},"
        f"{rng.choice(['', '2025-01-01'])}\n",
        "purchases": f"purchase_id,company_id,product_id,on,amount,currency\nb{number},{company},ours,2026-03-01,5,EUR\n",
        "campaigns": f"campaign_id,name,type,organiser_ids\nshow,Show,webinar,{rng.choice(['us', 'rival', 'us;rival'])}\n",
        "company_links": f"from_id,to_id,kind,product_id\n{company},c9,{rng.choice(['SERVES', 'SUPPLIES', 'RESELLS'])},{rng.choice(['', 'ours'])}\n",
    }
    kind = list(kinds)[number * 5 % len(kinds)]
    new = "".join(f"{person},{person}\n" for person in (one, other) if f"\n{person}," not in FIRST["people"])
    return ({"people": f"person_id,name\n{new}"} if new else {}) | {kind: kinds[kind]}


@pytest.fixture
async def fresh(store, view):
    """``await fresh()`` is made of the whole graph, ``await kept()`` is what questions get."""

    async def run(kept):
        revision = await store.revision()
        return await built(Looking(store, await view(), True), kept.stamp._replace(head=revision.number))

    return run


async def test_kept_up_over_any_loads(store, view, market, fresh, monkeypatch):
    monkeypatch.setattr(ties, "SHARE", 1.0)  # a few of a dozen are many
    rng = random.Random(1)
    report = await market(**FIRST)
    assert report.total("rejected") == 0, report
    keeper = store.companion(Keeper)
    assert_same(kept := await snapshot_at(store, await view()), await fresh(kept))
    before, carried = keeper.built, []
    for number in range(14):
        report = await market(**later(rng, number), complete=rng.choice([(), (), ("roles",)]), force=True, source=rng.choice(["canonical", "crm"]))
        kept = await snapshot_at(store, await view())
        assert kept.stamp.head == (await store.revision()).number, report
        carried.append(ties.NETWORK in kept.kept)
        assert_same(kept, await fresh(kept))
    assert all(carried), "no network was made anew"
    assert keeper.built == before, "nothing was read as a whole again"
