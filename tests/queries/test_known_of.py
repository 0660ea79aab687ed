"""What somebody gets who asks what we know of them: all of it, and nothing of others."""

import csv
import io
from collections import Counter
from dataclasses import replace

import pytest

from api.render import formats
from graph import said
from graph.errors import NotFound
from graph.instants import period
from graph.journal import unpack_facts, unpack_things
from graph.model import EDGE, EDGES
from graph.mutation import Desk
from graph.read import READS
from graph.writes.merge_entities import merge_entities
from graph.writes.retract_fact import retract_fact
from loaders import identity
from queries.known_of import KnownAs, known_of

CRM = {
    "territories": "territory_id,name\nnorth,North\nsouth,South\n",
    "companies": "company_id,name,kinds,territory_id\nacme,Acme,account,north\nbolt,Bolt,account,south\nus,Us,us,\n",
    "people": "person_id,name,company_id,title,emails,do_not_contact,legal_basis,consent_until\n"
    "zoe,佐伊,acme,CFO,zoe@acme.example,yes,consent,2027-01-01\nann,Ann Lee,acme,CEO,,,,\nme,Me,us,,,,,\n",
    "employments": "person_id,company_id,title,valid_from,valid_to\nzoe,bolt,Clerk,2001,2005\n",
    "reporting": "person_id,manager_id\nzoe,ann\n",
    "members": "person_id,company_id,stance,power,goals,concerns,author_id\nzoe,acme,-2,INNER_CIRCLE,Cut costs,Her job,me\nann,acme,2,,,,zoe\n",
    "roles": "person_id,role,company_id\nzoe,ECONOMIC_BUYER,acme\n",
    "influence": "from_id,to_id,kind,strength\nann,zoe,ADVISES,strong\n",
    "interactions": "interaction_id,type,at,from_id,to_ids,subject\ni1,meeting,2026-03-01,me,zoe,Prices\ni2,call,2026-03-02,me,ann,About others\n",
    "opportunities": "opportunity_id,company_id,name\no1,acme,Deal\n",
    "bantc": "opportunity_id,field,state,value,said_by_id\no1,BUDGET,stated,one million,zoe\n",
    "tags": "person_id,tag,cause\nzoe,cloud,download\n",
    "grants": "principal,role,territory_id\nZoe@Acme.example,viewer,north\nann,steward,\n",
}
HR = {"people": "person_id,name,company_id,title,emails\nh-1,Zoe Quill,acme,Chief Financial Officer,zoe@acme.example\n"}


@pytest.fixture
async def known(market, store, view):
    """What is known of Zoe, by two sources, one of which was taken back in part."""
    await market(as_of=period("2026-04-01")[0], source="crm", **CRM)
    await market(as_of=period("2026-05-01")[0], source="hr", **HR)
    await market(
        as_of=period("2026-06-01")[0], source="crm", people=CRM["people"].replace("CFO", "CEO").replace("Ann Lee,acme,CEO", "Ann Lee,acme,Chair")
    )
    await merge_entities(Desk(store, identity), into="zoe", from_="h-1", author="me")
    keys = await store.read("test", "MATCH (:Person {id: 'ann'})-[r:INFLUENCES]->(:Person {id: 'zoe'}) RETURN r.key", {})
    await retract_fact(Desk(store, identity), key=keys[0][0])

    async def ask(**changes):
        answers = await known_of(store, replace(await view(), **changes), ["zoe"])
        return answers["zoe"]

    return ask


async def test_the_journal_is_read_once_however_many_ask(known, store, view, monkeypatch):
    alone = {id_: (await known_of(store, await view(), [id_]))[id_] for id_ in ("zoe", "ann")}
    read, reads = said._said, []

    async def counted(*given):
        reads.append(given[1])
        return await read(*given)

    monkeypatch.setattr(said, "_said", counted)
    await known_of(store, await view(), ["zoe"])
    once = len(reads)
    assert once
    assert await known_of(store, await view(), ["zoe", "ann"]) == alone
    assert len(reads) == 2 * once


def of(items, kind, what=None):
    return [item for item in items if item.kind is kind and what in (None, item.what)]


async def test_everything_is_there_with_where_it_comes_from(known, store, view):
    items = await known()
    assert {("do_not_contact", "True"), ("legal_basis", "consent")} <= {(item.what, item.value) for item in of(items, KnownAs.ATTRIBUTE)}
    assert {item.value for item in of(items, KnownAs.NAME)} == {"zoe", "h-1", "mail:zoe@acme.example"}
    assert [(item.what, item.author) for item in of(items, KnownAs.IDENTITY) if item.author] == [("SAME_AS", "me")]
    (opinion,) = of(items, KnownAs.FACT, "MEMBER_OF")
    assert opinion.value == "stance: -2, power: INNER_CIRCLE, goals: Cut costs, concerns: Her job, author_id: me"
    assert (opinion.author, opinion.source, opinion.other_kind, opinion.other_id) == ("me", "crm", "BuyingGroup", "acme")
    titles = [(item.value, item.source, item.other_name, item.retracted_at is None) for item in of(items, KnownAs.FACT, "WORKS_AT")]
    assert sorted(titles) == sorted(
        [
            ("title: Clerk", "crm", "Bolt", True),
            ("title: CFO", "crm", "Acme", False),
            ("title: CFO", "crm", "Acme", True),
            ("title: CEO", "crm", "Acme", True),
            ("title: Chief Financial Officer", "hr", "Acme", True),
        ]
    )
    (grant,) = of(items, KnownAs.GRANT)
    assert (grant.what, grant.other_id, grant.other_name) == ("viewer", "north", "North"), "by a mailbox, in whatever case"
    mine = (await known_of(store, await view(), ["me"]))["me"]
    assert [(item.what, item.author) for item in of(mine, KnownAs.WRITTEN)] == [("merge-entities", "me")]
    (sway,) = of(items, KnownAs.FACT, "INFLUENCES")
    assert sway.retracted_at is not None, "what was retracted is told, as retracted"
    (met,) = of(items, KnownAs.FACT, "TOOK_PART")
    assert met.value.startswith("part: RECIPIENT, type: meeting, at: 2026-03-01T00:00:00+00:00") and "subject: Prices" in met.value
    assert [(item.what, item.value, item.other_id) for item in of(items, KnownAs.QUOTED)] == [
        ("MEMBER_OF", "author_id: zoe", "acme"),
        ("OPPORTUNITY_VALUE", "BUDGET: said_by_id", "o1"),
    ]
    assert [(item.other_id, item.value.partition(",")[0]) for item in of(items, KnownAs.DERIVED)] == [("me", "count: 1")]
    told = {item.value for item in items}
    assert not [text for text in told if "About others" in text or "stance: 2" in text or "one million" in text], "nothing that is of others alone"


async def test_every_fact_and_every_word_is_told(known, store):
    items = await known()
    there = await store.read("test", "MATCH (:Person {id: 'zoe'})-[r]-() WHERE type(r) <> 'KNOWS' RETURN type(r), count(r)", {})
    assert Counter(item.what for item in of(items, KnownAs.FACT)) == dict(there)
    words = Counter()
    for about, blob in await store.read("test", "MATCH (s:Said) RETURN s.about, s.rows", {}):
        if about == "Person":
            words["id"] += sum(row.id in ("zoe", "h-1") for row in unpack_things([blob]))
        elif about in EDGE and "Person" in (EDGE[about].source, EDGE[about].target):
            words[about] += sum(not {row.from_ref, row.to_ref}.isdisjoint(("zoe", "h-1")) for row in unpack_facts([blob]))
    said = Counter(item.what for item in of(items, KnownAs.SAID))
    assert {what: count for what, count in said.items() if what in {*words, "id"}} == {what: count for what, count in words.items() if count}
    assert {item.load for item in of(items, KnownAs.SAID, "name")} == {"L1", "L2", "L3"}
    assert all(
        item.source and item.recorded_at and item.load for item in [*of(items, KnownAs.FACT), *of(items, KnownAs.QUOTED), *of(items, KnownAs.SAID)]
    )


def test_every_type_of_fact_of_a_person_is_read():
    text = READS["known_rows"].text
    assert all(edge.type in text for edge in EDGES if "Person" in (edge.source, edge.target))


async def test_what_may_not_be_seen_is_left_out(known):
    items = await known(scope=("north", ""))
    assert items
    assert "Bolt" not in {item.other_name for item in items}
    assert "bolt" not in {item.other_id for item in items}, "nor in the journal's words"
    assert isinstance(await known(scope=("south",)), NotFound)


async def test_as_it_was_known_before(known, store):
    first = (await store.read("test", "MATCH (l:Load {id: 'L1'}) RETURN l.recorded_at", {}))[0][0]
    items = await known(known_at=first)
    assert {item.load for item in items if item.load} == {"L1"}


async def test_graphql_and_sheets_tell_the_same(known, ask):
    items = await known()
    answer = await ask('{ person(id: "zoe@acme.example") { known { kind what value otherId source author recordedAt retractedAt load } } }')
    assert [(one["kind"], one["what"], one["value"]) for one in answer["data"]["person"]["known"]] == [
        (one.kind, one.what, one.value) for one in items
    ]
    sheet = list(csv.DictReader(io.StringIO(formats(known_of)["csv"](items))))
    assert len(sheet) == len(items)
    assert formats(known_of)["xlsx"](items)[:2] == b"PK"
    assert {"other_name", "retracted_at", "as_of"} <= sheet[0].keys()
