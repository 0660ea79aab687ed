"""Two sources that know the same people and the same company under ids of their own."""

import pytest

from graph.instants import period
from graph.mutation import Desk
from loaders import identity

CRM = {
    "companies": "company_id,name,kinds\nacme,Acme,account\nours,Ours,us\n",
    "people": "person_id,name,company_id,title,emails,manager_id\nann,Ann Lee,acme,CIO,ann@acme.example,\n"
    "bob,Bob Ray,acme,Engineer,,ann\nme,Me,ours,,,\n",
    "roles": "person_id,company_id,role\nann,acme,DECISION_MAKER\n",
    "interactions": "interaction_id,type,at,from_id,to_ids\ni1,meeting,2026-03-01,me,ann\n",
}
HR = {
    "companies": "company_id,name,aliases\nacme-2,ACME Inc,Acme Holding\n",
    "people": "person_id,name,company_id,title,phones\nh-7,Lee A.,acme-2,Chief Information Officer,+49301\nh-8,Zoe,acme-2,Buyer,\n",
    "reporting": "person_id,manager_id\nh-8,h-7\n",
    "members": "person_id,company_id,stance\nh-7,acme-2,1\n",
    "products": "product_id,name,company_id\np1,P,acme-2\n",
    "opportunities": "opportunity_id,company_id,name,competitor_ids,owner_id\no1,acme-2,Deal,,h-8\no2,acme,Other,acme-2,me\n",
}


@pytest.fixture
def load_both(market):
    """``await load_both()`` loads the files of both sources, always of the same days."""

    async def run():
        return [
            await market(source="crm", as_of=period("2026-04-01")[0], **CRM),
            await market(source="hr", as_of=period("2026-05-01")[0], **HR),
        ]

    return run


@pytest.fixture
async def two_sources(load_both):
    await load_both()


@pytest.fixture
def desk(store, settings):
    return Desk(store, identity)


def _spelled(row):
    """A row as text; Neo4j gives properties in no order."""
    return repr([sorted(value.items()) if isinstance(value, dict) else value for value in row])


@pytest.fixture
def everything(store):
    """``await everything()`` is the whole graph but loads, journal and what decisions leave: nodes by label, facts with their ends."""

    async def read():
        nodes = await store.read(
            "test",
            "MATCH (n) WHERE NOT n:Load AND NOT n:Said AND NOT n:Lease AND NOT n:Schema RETURN labels(n), properties(n)",
            {},
        )
        facts = await store.read("test", "MATCH (a)-[r]->(b) WHERE NOT a:Record RETURN type(r), a.id, b.id, properties(r)", {})
        return sorted(map(_spelled, nodes)), sorted(map(_spelled, facts))

    return read
