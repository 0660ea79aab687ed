"""A small world with a row of every kind."""

from collections.abc import Mapping
from types import MappingProxyType

import pytest

WORLD = {
    "territories": "territory_id,name,level,parent_id\ngd,广东,province,\nsz,深圳,city,gd\n",
    "companies": "company_id,name,kinds,territory_id,tier\nbank,南方银行,account,sz,1\nus,Us,us,,\nrival,Rival,competitor,,\npal,Pal,partner,,\n",
    "people": "person_id,name,company_id,emails,consent_until\nli,李伟,bank,li@bank.example,2027-01-01\nann,Ann,us,,\n",
    "products": "product_id,name,company_id\ncore,Core,us\nother,Other,rival\n",
    "templates": "template_id,role,weight,theme_zh\nfin,DECISION_MAKER,0.6,行业成功案例\nfin,PROCUREMENT,0.4,\n",
    "segments": "segment_id,name,filter,template_id\ns1,Banks,industry=bank;tier=1,fin\n",
    "groups": "group_id,company_id,name,product_id,template_id\ng1,bank,Core banking,core,fin\n",
    "opportunities": "opportunity_id,company_id,name,product_id,group_id,stage,amount,close_on,competitor_ids,owner_id\n"
    "o1,bank,With a group,core,g1,proposal,1000000,2026-12-01,rival,ann\no2,bank,Of its own,core,,lead,,,,\n",
    "roles": "person_id,role,opportunity_id,group_id\nli,DECISION_MAKER,o1,\nli,CHAMPION,o2,\n",
    "bantc": "opportunity_id,field,state,value\no1,BUDGET,verified,200 万\n",
    "campaigns": "campaign_id,name,type,starts_at,product_ids,organiser_ids\nc1,Day,event,2026-03-01,core,us;pal\n",
    "interactions": "interaction_id,type,at,from_id,to_ids,campaign_id,company_id\n"
    "i1,meeting,2026-03-01T09:00,ann,li,c1,bank\n,message,2026-03-02T10:00:20,wx_open_1,ann,,\n",
    "participants": "interaction_id,person_id,part\ni1,cookie-7,SPEAKER\n",
    "uses": "company_id,product_id,seats,renewal_on,satisfaction\nbank,other,100,2026-09,-0.5\n",
    "purchases": "purchase_id,company_id,product_id,on,amount,currency\nb1,bank,other,2024-09-01,50000,CNY\n",
    "company_links": "from_id,to_id,kind,product_id\npal,bank,SERVES,core\nrival,us,COMPETES_WITH,\n",
    "affiliations": "person_id,company_id,kind,strength\nli,pal,advisor,strong\n",
    "tags": "person_id,company_id,tag,cause\nli,,likes cloud,download\n,bank,key account,\n",
    "events": "event_id,at,kind,company_ids,person_ids,title\ne1,2026-04-01,tender,bank,li,招标\n",
    "grants": "principal,role,territory_id,ends_on\nwang@us.example,viewer,gd,2027-01-01\n",
    "members": "person_id,opportunity_id,stance\nli,o1,MENTOR\n",
    "reporting": "person_id,manager_id\n",
    "influence": "from_id,to_id,kind\nann,li,ADVISES\n",
    "employments": "person_id,company_id,title,valid_from,valid_to\nli,pal,Intern,2010,2012\n",
}


@pytest.fixture(scope="session")
def world() -> Mapping[str, str]:
    """Kind -> the text of its file."""
    return MappingProxyType(WORLD)
