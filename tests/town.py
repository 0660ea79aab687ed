"""A small town in which somebody can get us to somebody, and every way through it tried one by one."""

from tests.slow import Slow

AT = "2026-06-30T12:00:00+00:00"
FILES = {
    "territories": "territory_id,name\nnorth,North\nsouth,South\n",
    "companies": "company_id,name,kinds,territory_id\nus,Us,us,\nbank,东方银行,account,north\nmill,Mill,account,south\n"
    "neo,Neo,partner,\nrival,Rival,competitor,\n"
    "old,Old Bank,,\nuni,Uni,,\nbare,Bare,account,\n",
    "people": "person_id,name,emails,company_id,do_not_contact\nann,Ann,ann@us.example,us,\nben,Ben,,us,\nli,李伟,,bank,\n"
    "zhao,赵敏,zhao@bank.example,bank,\n"
    "wu,吴一,,bank,yes\nqian,钱进,,bank,\nsun,孙教授,,uni,\nnora,Nora,,neo,\nria,Ria,,rival,\nmo,Mo,,mill,\nmei,Mei,,mill,\n"
    "zoe,Zoe,,mill,\nalone,Alone,,mill,\n",
    "employments": "person_id,company_id,valid_from,valid_to\nnora,old,2012-01-01,2018-01-01\nmo,old,2015-01-01,2019-01-01\n"
    "qian,old,2017-06-01,2021-01-01\n",
    "roles": "person_id,role,company_id,role_confidence\nzhao,ECONOMIC_BUYER,bank,\nli,TECHNICAL_EVALUATOR,bank,0.5\nqian,TECHNICAL_EVALUATOR,bank,\n"
    "wu,DECISION_MAKER,bank,\nmo,DECISION_MAKER,mill,\nmei,END_USER,mill,0.9\nzoe,PROCUREMENT,mill,\nmei,OTHER,mill,\n",
    "reporting": "person_id,manager_id,line\nli,zhao,SOLID\nqian,zhao,SOLID\nmei,mo,DOTTED\n",
    "influence": "from_id,to_id,kind,strength,topic,confidence\nsun,zhao,ADVISES,strong,data,\nnora,zhao,ADVISES,medium,,0.5\n"
    "wu,zhao,ADVISES,0.9,,\n"
    "ria,mo,ADVISES,0.9,,\nann,ria,ADVISES,0.9,,\nli,mei,OPPOSES,0.9,,\nria,zoe,ADVISES,0.9,,\nsun,mei,ADVISES,weak,,\n",
    "interactions": "interaction_id,type,at,subject,status,from_id,to_ids\nv1,visit,2026-06-01T09:00,午餐,held,ann,sun\n"
    "v2,visit,2026-06-12T09:00,,held,ann,sun\n"
    "v3,visit,2026-06-20T09:00,,held,ben,nora\nv4,call,2026-06-21T09:00,,held,ann,li\nv5,visit,2026-06-22T09:00,,held,ann,wu\n"
    "v6,call,2026-06-23T09:00,,held,ben,ria\nv7,meeting,2026-08-01T09:00,,planned,ann,zoe\n",
}
OPTED_OUT, RIVALS, OURS = {"wu"}, {"ria"}, {"ann", "ben"}


class Town(Slow):
    """Every way through the town, as method.md 5.5 says it."""

    earlier = (("nora", "mo"), ("mo", "qian"))
