"""Which roles a decision wants: by the group's template, else by the segment's, else by the default one."""

from graph.model import Authority, BuyingRole, Semantics
from graph.template import DEFAULT, made, wanted

TEMPLATES = """template_id,role,weight,semantics,min_members,step,theme_zh
bank,DECISION_MAKER,.6,any,1,2,稳健
bank,LEGAL_COMPLIANCE,.4,all,2,1,合规
core,TECHNICAL_EVALUATOR,1,,,,
"""
FILES = {
    "templates": TEMPLATES,
    "companies": "company_id,name,industry,parent_id\na,招商银行,bank,\nb,分行,,a\nc,Clinic,health,\n",
    "people": "person_id,name,company_id\np,王芳,a\n",
    "segments": "segment_id,name,filter,template_id\nbanks,Banks,industry=bank;includeSubsidiaries=true,bank\nall,All,kinds=account,\n",
    "groups": "group_id,company_id,name,template_id\ng,a,Core,core\nh,a,Other,\n",
    "roles": "person_id,role,company_id\np,LEGAL_COMPLIANCE,a\n",
}


def open_roles(chain):
    return [node["roles"][0]["role"] for node in chain["nodes"] if node["kind"] == "UNMAPPED_ROLE"]


async def test_a_group_follows_its_own_template_then_its_segment_then_the_default(market, chain):
    await market(**FILES)
    assert open_roles(await chain("a", group="g")) == ["TECHNICAL_EVALUATOR"]
    assert open_roles(await chain("a", group="h")) == ["DECISION_MAKER"]
    assert open_roles(await chain("a")) == ["DECISION_MAKER"]
    assert open_roles(await chain("b")) == ["DECISION_MAKER", "LEGAL_COMPLIANCE"]
    assert open_roles(await chain("c")) == [role.value for role in DEFAULT]


async def test_the_template_says_when_a_holder_is_asked(market, chain):
    await market(**FILES)
    held = next(node for node in (await chain("a"))["nodes"] if node["personId"] == "p")["roles"][0]
    assert (held["role"], held["step"], held["authority"]) == ("LEGAL_COMPLIANCE", 1, "NONE")


async def test_what_a_later_load_says_of_templates_counts_at_once(market, chain):
    await market(**FILES)
    assert open_roles(await chain("c")) == [role.value for role in DEFAULT]
    await market(segments="segment_id,name,filter,template_id\nclinics,Clinics,industry=health,core\n")
    assert open_roles(await chain("c")) == ["TECHNICAL_EVALUATOR"]


def test_what_a_template_leaves_open_is_as_usual():
    own = made([("CHAMPION", 0.2, "any", 1, None, None, None), ("PROCUREMENT", 0.8, "all", 2, 9, "fair", None)])
    assert list(own) == [BuyingRole.PROCUREMENT, BuyingRole.CHAMPION]
    assert own[BuyingRole.PROCUREMENT] == (0.8, Semantics.ALL, Authority.APPROVE, 9, "fair", "经济实惠、保值", 2)
    assert own[BuyingRole.CHAMPION] == DEFAULT[BuyingRole.CHAMPION]._replace(weight=0.2)
    assert wanted(own, BuyingRole.DECISION_MAKER) == DEFAULT[BuyingRole.DECISION_MAKER]._replace(weight=0)
    assert wanted(own, BuyingRole.GATEKEEPER).weight == 0


def test_the_default_weights_sum_to_one():
    assert sum(role.weight for role in DEFAULT.values()) == 1
