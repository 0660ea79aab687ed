"""Whoever opted out, or whose consent is over, is shown and never recommended: asked of every question that there is."""

from collections import defaultdict
from dataclasses import replace
from inspect import Parameter

import pytest

from api.registry import QUESTIONS
from api.render import plain
from graph.errors import DottedlineError
from graph.instants import at_moment, period
from graph.question import Anchor

LOADED, BEFORE, AFTER = (period(day)[0] for day in ("2026-06-01", "2026-06-02", "2026-06-25"))
NOPE, OVER = "nope-7731", "over-7732"
"""The one opted out, or is known by a legal basis that bars it; the other's consent ends between the two instants at which we ask."""
WEEKS = ("2026-04-06", "2026-04-20", "2026-05-04", "2026-05-11", "2026-05-18", "2026-05-25")
BARRED = {"acme": "yes,,", "bolt": ",,Legal Obligation", "core": "yes,,contract"}
ACCOUNTS = tuple(BARRED)
MARKET = {
    "companies": "company_id,name,kinds,industry,value\nus,Us,us,,\nguild,Guild,association,,\npal,Pal,partner,,\nrival,Rival,competitor,,\n"
    + "".join(f"{id_},{id_.title()},account,bank,1\n" for id_ in ACCOUNTS),
    "people": "person_id,name,company_id,do_not_contact,consent_until,legal_basis\nme,Mia Our,us,,,\nyou,Yan Our,us,,,\n"
    f"{NOPE},Greta Nopesky,guild,,,public_task\n{OVER},Gerda Overby,guild,,2026-06-19,consent\n"
    f"pat,Pat Pal,pal,,,contract\n{NOPE}-pal,Nils Nopesky,pal,yes,,\n{OVER}-pal,Otto Overby,pal,,2026-06-19,\n"
    + "".join(
        f"dm-{id_},Dan {id_},{id_},,,Legitimate interest\neb-{id_},Eve {id_},{id_},,,who knows\nop-{id_},Opp {id_},{id_},,,\n"
        + "".join(
            f"{NOPE}{un}-{id_},{one} Nopesky,{id_},{BARRED[id_]}\n{OVER}{un}-{id_},{other} Overby,{id_},,2026-06-19,\n"
            for un, one, other in (("", "Nora", "Olga"), ("-unmet", "Winifred", "Brunhild"))
        )
        for id_ in ACCOUNTS
    ),
    "roles": "person_id,role,company_id\n"
    + "".join(
        f"dm-{id_},DECISION_MAKER,{id_}\nop-{id_},TECHNICAL_EVALUATOR,{id_}\neb-{id_},ECONOMIC_BUYER,{id_}\n"
        + "".join(f"{who}-{id_},{role},{id_}\n" for who in (NOPE, OVER) for role in ("DECISION_MAKER", "CHAMPION"))
        + "".join(f"{who}-unmet-{id_},PROCUREMENT,{id_}\n" for who in (NOPE, OVER))
        for id_ in ACCOUNTS
    ),
    "members": "person_id,company_id,stance\n" + "".join(f"op-{id_},{id_},-2\n" for id_ in ACCOUNTS),
    "influence": "from_id,to_id,kind,strength\n"
    + "".join(
        f"{who},{heard}-{id_},ADVISES,strong\n{who}-{id_},{heard}-{id_},ADVISES,strong\n"
        for id_ in ACCOUNTS
        for who in (NOPE, OVER)
        for heard in ("dm", "eb", "op")
    ),
    "affiliations": "person_id,company_id,kind,strength\n"
    + "".join(f"{who},guild,speaker,strong\n" for who in (NOPE, OVER))
    + "".join(f"{who}-{id_},rival,advisor,strong\n" for who in ("dm", "eb", "op") for id_ in ACCOUNTS),
    "products": "product_id,name,company_id,category\nours,Ours,us,crm\ntheirs,Theirs,rival,crm\n",
    "uses": "company_id,product_id\n" + "".join(f"{id_},theirs\n" for id_ in ACCOUNTS),
    "campaigns": "campaign_id,name,type,starts_at,ends_at,organiser_ids\nshow,Show,event,2026-05-20,2026-05-20,us\n",
    "company_links": "from_id,to_id,kind\n" + "".join(f"pal,{id_},SERVES\n" for id_ in ACCOUNTS),
    "opportunities": "opportunity_id,company_id,name,close_on\n" + "".join(f"deal-{id_},{id_},Deal,2026-09-01\n" for id_ in ACCOUNTS),
    "interactions": "interaction_id,type,at,campaign_id,from_id,to_ids\n"
    + "".join(
        f"{day}-{who},meeting,{day},,me,{who}\n"
        for day in WEEKS
        for who in (NOPE, OVER, *(f"{who}-{id_}" for who in (NOPE, OVER) for id_ in (*ACCOUNTS, "pal")))
    )
    + "".join(f"only-{id_},meeting,2026-05-20,,you,dm-{id_}\n" for id_ in ACCOUNTS)
    + "".join(
        f"{day}-{who}-{id_},meeting,{day},,{who},dm-{id_}\n" for day in WEEKS for who in ("pat", f"{NOPE}-pal", f"{OVER}-pal") for id_ in ACCOUNTS
    )
    + "".join(f"{day}-eb,meeting,{day},,you,eb-acme\n" for day in WEEKS)
    + "".join(f"seen-{who}-{id_},check_in,2026-05-20,show,{who}-{id_},\n" for who in (NOPE, OVER, "dm") for id_ in ACCOUNTS),
}
ARGUMENTS = {
    "chain_changes": {"from_": at_moment(LOADED)},
    "competitor_exposure": {"competitor": "rival"},
    "exposed_accounts": {"competitor": "rival"},
    "joint_plan": {"partner": "pal"},
    "introductions": {"filter": None, "to": list(ACCOUNTS), "k": 3, "asks": 30},
    "what_if": {"remove": ["eb-acme"]},
}
"""What questions are asked with, where their defaults will not do."""
RECOMMENDING = {
    "audience",
    "co_marketing_partners",
    "competitor_exposure",
    "coverage_gaps",
    "exposed_accounts",
    "influence_paths",
    "introductions",
    "joint_plan",
    "kol_set",
    "kols",
    "minimum_contacts",
    "what_if",
}
"""Those that name OVER before the end of the consent, as somebody to turn to."""
SHOWN = {
    "account_engagement": {""},
    "account_profile": {"chain", "contacts"},
    "account_tagged": {""},
    "changes": {"person", "before", "after", "why", "id"},
    "chain_changes": {"personId", "personName", "before", "beforeName", "after", "afterName", "why"},
    "company_people": {"person"},
    "conflicts": {"thingId", "thingName", "key"},
    "coverage": {"roles", "score", "resilience"},
    "coverage_forecast": {"roles.holders", "weeks", "falls"},
    "coverage_gaps": {"people"},
    "decision_chain": {"nodes", "edges", "checks", "coverage"},
    "funnel": {"key", "person", "why"},
    "influence": {"other"},
    "opportunity_coverage": {"roles", "score", "resilience"},
    "people": {""},
    "profile": {"interaction", "relation"},
    "relationship": {""},
    "reporting": {""},
    "influence_paths": {"why", "whyNot"},
    "known_of": {"otherId", "otherName"},
    "what_if": {"singleThreads.people", "before", "after"},
}
"""Question -> where it tells who is there, whether they may be contacted or not. A new question may name them nowhere until it is written here."""


def mentions(answer, path=""):
    """``(where, who)`` of every text that names one of the two."""
    if isinstance(answer, dict):
        for name, value in answer.items():
            yield from mentions(value, f"{path}.{name}".lstrip("."))
    elif isinstance(answer, list):
        for value in answer:
            yield from mentions(value, path)
    elif isinstance(answer, str):
        yield from ((path, who) for who in (NOPE, OVER, "Nopesky", "Overby") if who in answer)


def anchors(question):
    """On what it is asked: of people those who may be contacted. Whoever is asked for by name is shown."""
    return {
        None: None,
        Anchor.COMPANY: [*ACCOUNTS, "guild", "us"],
        Anchor.PERSON: ["me", "you", *(f"{who}-{id_}" for who in ("dm", "eb", "op") for id_ in ACCOUNTS)],
        Anchor.OPPORTUNITY: [f"deal-{id_}" for id_ in ACCOUNTS],
        Anchor.CAMPAIGN: ["show"],
        Anchor.PRODUCT: ["ours", "theirs"],
    }.get(question.anchor, [])


async def named(store, view, question):
    """Where the answers of a question name them."""
    given = ARGUMENTS.get(question.name, {})
    lacking = [one.name for one in question.arguments if one.default is Parameter.empty and one.name not in given]
    assert not lacking, f"{question.name} needs {lacking}: add them to ARGUMENTS"
    ids = anchors(question)
    given = {argument.name: argument.default for argument in question.arguments} | given if question.paged else given
    answers = [await question(store, view, **given)] if ids is None else list((await question(store, view, ids, **given)).values()) if ids else []
    found = {mention for answer in answers if not isinstance(answer, DottedlineError) for mention in mentions(plain(answer))}
    return {(path.removeprefix("edges.node").lstrip("."), who) for path, who in found}


def shown(question, path):
    return any(path == place or path.startswith(f"{place}.") or not place for place in SHOWN.get(question, ()))


async def test_nobody_who_must_not_be_contacted_is_recommended(market, store, view):
    await market(as_of=LOADED, **MARKET)
    before, after = [replace(await view(), as_of=at) for at in (BEFORE, AFTER)]
    wrong, tempted = defaultdict(set), set()
    for question in QUESTIONS:
        for path, who in await named(store, after, question):
            if not shown(question.name, path):
                wrong[question.name].add((path, who))
        for path, who in await named(store, before, question):
            if not shown(question.name, path):
                if who in (OVER, "Overby"):
                    tempted.add(question.name)
                else:
                    wrong[question.name].add((path, who))
    told = "; ".join(f"{name}: {', '.join(sorted({path for path, _ in places}))}" for name, places in sorted(wrong.items()))
    assert not told, "an answer recommends them; where it only tells that they are there, say so in SHOWN"
    assert not RECOMMENDING - tempted, "each of these would have named somebody who may be contacted"


@pytest.mark.parametrize("who", [NOPE, f"{NOPE}-acme", f"{OVER}-acme"])
async def test_no_way_leads_to_them(market, store, view, who):
    await market(as_of=LOADED, **MARKET)
    question = next(one for one in QUESTIONS if one.name == "influence_paths")
    answer = (await question(store, replace(await view(), as_of=AFTER), [who]))[who]
    assert answer.paths == []
    assert answer.why_not
