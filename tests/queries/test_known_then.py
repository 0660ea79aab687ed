"""What was known then stays what was known then: for every question, facts that were told later change no earlier answer.

The answer before they are told is that of a graph without them.
"""

from pathlib import Path

import pytest

from api.context import Context
from api.render import plain
from graph.filter import AccountFilter
from graph.instants import at_moment, period
from graph.question import discover
from loaders.run import load

ROOT = Path(__file__).parent.parent.parent
QUESTIONS = {question.name: question for question in discover("queries")}
TODAY = {"company_identity", "person_identity", "identity_review", "conflicts", "known_of"}
"""Identity and attributes are today's, whatever is asked."""
AT = at_moment(period("2026-06-30")[1] - 1)
NEEDED = {
    "competitor_exposure": {"competitor": "stratos"},
    "exposed_accounts": {"competitor": "stratos"},
    "chain_changes": {"from_": at_moment(period("2025-01-01")[0])},
    "changes": {"since": at_moment(period("2026-01-01")[0])},
    "introductions": {"filter": AccountFilter()},
    "joint_plan": {"partner": "cloudbridge"},
    "what_if": {"remove": ["li-wei"]},
}
"""Arguments without which a question says nothing."""
LATER = {
    "interactions": "interaction_id,type,at,status,from_id,to_ids\n"
    "late-1,visit,2026-05-20T09:00,held,tang-min,li-wei;sun-liqun\nlate-2,call,2026-06-11T09:00,held,hugo-meyer,jonas-weber\n"
    "late-3,message,2026-06-12T09:00,held,li-wei,tang-min\nlate-4,download,2026-06-13T09:00,held,li-wei,\n",
    "roles": "person_id,company_id,role,valid_from,valid_to\n"
    "he-jing,linghai,ECONOMIC_BUYER,2026-03-01,\nli-wei,linghai,CHAMPION,2026-01-01,2026-05-01\n",
    "members": "person_id,company_id,stance,valid_from\nhe-jing,linghai,ENEMY,2026-04-01\n",
    "employments": "person_id,company_id,title,valid_from,valid_to\ntan-wei,linghai,顾问,2026-05-01,\n",
    "reporting": "person_id,manager_id,valid_from\nhe-jing,sun-liqun,2026-05-01\n",
    "influence": "from_id,to_id,kind,strength,valid_from\nsong-mingyuan,sun-liqun,ADVISES,strong,2026-05-01\nhe-jing,sun-liqun,OPPOSES,,2026-05-01\n",
    "uses": "company_id,product_id,seats,seat_share,valid_from\nlinghai,insight,10,0.5,2026-05-01\n",
    "company_links": "from_id,to_id,kind\ncloudbridge,linghai,SERVES\n",
    "affiliations": "person_id,company_id,kind,strength\nsong-mingyuan,stratos,advisor,strong\n",
    "purchases": "purchase_id,company_id,product_id,on,amount,currency\nlate-p,linghai,insight,2026-05-02,1000,CNY\n",
    "bantc": "opportunity_id,field,state,value,at\nlinghai-risk-2026,NEED,verified,late,2026-06-01\n",
    "tags": "person_id,tag,cause,weight,at\nli-wei,late,course,2,2026-06-01\n",
    "events": "event_id,at,kind,company_ids,title\nlate-e,2026-06-02,policy,linghai,Late\n",
}


class Story:
    """The sample market, what every question says of it, and the same once more was told."""

    def __init__(self, store, settings):
        self.store, self.settings = store, settings
        self.before = {}

    async def ids(self, anchor):
        text = f"MATCH (n:{anchor.value}) WHERE n.name IS NOT NULL AND NOT n.id STARTS WITH 'late' RETURN n.id ORDER BY n.id"
        return [row[0] for row in await self.store.read("test", text, {})]

    async def answer(self, question, known_at):
        context = Context(self.store, self.settings)
        view = await context.view(as_of=AT, known_at=known_at)
        given = NEEDED.get(question.name, {})
        if question.anchor is None:
            return plain(await question(self.store, view, **given))
        found = await question(self.store, view, await self.ids(question.anchor), **given)
        return {id_: repr(answer) if isinstance(answer, Exception) else plain(answer) for id_, answer in found.items()}


@pytest.fixture(scope="module")
async def story(one_store, settings, tmp_path_factory):
    await one_store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
    await load(one_store, [ROOT / "samples" / "market"], as_of=period("2026-06-30")[0])
    told = Story(one_store, settings)
    told.then = at_moment((await Context(one_store, settings).view()).known_at)
    for name, question in QUESTIONS.items():
        if name not in TODAY:
            told.before[name] = await told.answer(question, told.then)
    folder = tmp_path_factory.mktemp("late")
    for kind, text in LATER.items():
        (folder / f"{kind}.csv").write_text(text, encoding="utf-8")
    report = await load(one_store, [folder], source="late", as_of=period("2026-06-30")[0])
    assert (report.total("rejected"), report.kinds.keys() >= LATER.keys()) == (0, True)
    return told


@pytest.mark.parametrize("name", sorted(QUESTIONS.keys() - TODAY))
async def test_what_is_told_later_changes_nothing_for_who_asks_what_was_known(story, name):
    assert await story.answer(QUESTIONS[name], story.then) == story.before[name]


async def test_the_later_facts_do_change_what_is_known_now(story):
    changed = {name for name, before in story.before.items() if await story.answer(QUESTIONS[name], None) != before}
    assert changed >= {
        "coverage",
        "coverage_gaps",
        "competitor_exposure",
        "exposed_accounts",
        "competitors",
        "influence_paths",
        "co_marketing_partners",
        "partner_set",
        "joint_plan",
        "kols",
        "decision_chain",
        "segment_coverage",
        "relationship",
        "engagement",
        "account_engagement",
        "tagged",
        "bantc",
        "funnel",
        "can_touch",
        "portfolio",
        "profile",
        "account_profile",
        "minimum_contacts",
        "loads",
        "changes",
        "uses",
    }
