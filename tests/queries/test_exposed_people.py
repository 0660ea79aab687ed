"""Of whom exposure may speak: whoever may be seen, all that is recorded of them, and only what is known of our own standing."""

from dataclasses import replace

import pytest

from api.context import Context
from graph.errors import NotFound
from graph.instants import instant, period
from graph.score import Missing
from queries.competitor_exposure import competitor_exposure
from queries.exposed_accounts import exposed_accounts
from queries.reaching.carrying import Carrying, Reach
from tests.filling import emptied, filled
from tests.slow import instant as moment

AT = "2026-06-30"
MARKET = {
    "territories": "territory_id,name,level,parent_id\nnorth,North,province,\nsouth,South,province,\n",
    "companies": "company_id,name,kinds,territory_id\nus,Us,us,\nrival,Rival,competitor,\nhere,Here,account,north\nblank,Blank,account,north\n"
    "linked,Linked,account,\n"
    "away,Away,account,south\n",
    "people": "person_id,name,company_id,title\nme,Mia Our,us,\nseen,Sam Seen,here,\nhidden,Hal Hidden,away,Secret agent\n",
    "roles": "person_id,role,company_id\nseen,DECISION_MAKER,here\nhidden,ECONOMIC_BUYER,here\n",
    "employments": "person_id,company_id,title,valid_from,valid_to\nhidden,rival,Old hand,2020-01-01,2025-01-01\n",
    "products": "product_id,name,company_id,category\nours,Ours,us,crm\ntheirs,Theirs,rival,crm\n",
    "uses": "company_id,product_id,renewal_on,satisfaction\nhere,theirs,2026-12-31,-0.5\nblank,theirs,2026-12-31,-0.5\n",
    "company_links": "from_id,to_id,kind\nlinked,us,PARTNERS_WITH\nlinked,here,SERVES\naway,here,SERVES\n",
    "interactions": "interaction_id,type,at,company_id,subject,from_id\n"
    + "".join(f"s{day},call,2026-05-{day},rival,Talk {day},seen\n" for day in range(10, 24))
    + "h1,call,2026-06-01,rival,Hidden subject,hidden\n",
}


@pytest.fixture(scope="module")
async def fair(one_store, tmp_path_factory):
    return await filled(await emptied(one_store), tmp_path_factory.mktemp("exposed"), MARKET, as_of=period(AT)[0])


@pytest.fixture
async def looking(fair, settings):
    return (await Context(fair, settings).view()).at(instant(moment(AT)), None)


async def asked(store, view, account):
    return (await competitor_exposure(store, view, [account], competitor="rival"))[account]


async def test_whoever_may_not_be_seen_is_named_nowhere_and_weighs_nothing(fair, looking):
    whole, within = await asked(fair, looking, "here"), await asked(fair, replace(looking, scope=("", "north")), "here")
    for word in ("Hal Hidden", "Old hand", "Hidden subject"):
        assert word in str(whole) and word not in str(within)
    assert "hidden" not in str(within)
    assert {one.code for one in whole.threat.components} - {one.code for one in within.threat.components} == {"EX_EMPLOYEES"}
    assert within.threat.value < whole.threat.value


async def test_all_that_is_recorded_is_counted_though_ten_are_shown(fair, looking):
    told = await asked(fair, replace(looking, scope=("", "north")), "here")
    assert {one.code: len(one.evidence) for one in told.threat.components} == {"INSTALLED": 1, "INTERACTIONS": 10}
    assert told.threat.evidence_count == 15


async def test_where_no_role_is_mapped_displacement_is_unknown_and_not_nothing(fair, looking):
    told = (await asked(fair, looking, "blank")).displacement
    assert (told.value, told.missing) == (None, Missing.UNMAPPED)
    assert told.why == "Nobody is known to hold a role there, so our coverage is not known."
    assert {one.code: one.value for one in told.components}["COVERAGE"] is None


async def test_a_partner_is_whoever_is_linked_to_us_as_one(fair, looking):
    entries = {one.kind: one.partner for one in (await asked(fair, looking, "here")).entry_points}
    assert entries["PARTNER"].id == "linked"


async def test_a_search_that_time_ended_is_said(fair, looking, monkeypatch):
    assert not (await asked(fair, looking, "here")).truncated
    whole = Carrying.reach

    async def ended(self):
        return Reach((await whole(self)).chance, False)

    monkeypatch.setattr(Carrying, "reach", ended)
    assert (await asked(fair, looking, "here")).truncated
    assert (await exposed_accounts(fair, looking, competitor="rival")).truncated


async def test_a_mover_who_may_not_be_seen_is_no_other_than_one_unknown(fair, looking):
    view, told = replace(looking, scope=("", "north")), set()
    for mover in ("hidden", "nobody"):
        with pytest.raises(NotFound) as error:
            await exposed_accounts(fair, view, competitor="rival", mover=mover)
        told.add((str(error.value).replace(mover, "?"), error.value.details["argument"]))
    assert {argument for _, argument in told} == {"mover"} and len(told) == 1
