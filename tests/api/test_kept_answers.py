"""Answers that are kept beside a real graph: none outlives a merge, a split, an erasure or an unload, whoever wrote it."""

import asyncio

import pytest

from api.answers import Answers
from api.context import Context
from api.execute import Engine
from graph.ledger import unload
from graph.store import Store
from loaders import identity
from tests.filling import emptied, filled

FRESH = 0.2
FILES = {
    "companies": "company_id,name,kinds\nbank,Bank,account\n",
    "people": "person_id,name,company_id\nli,Li Lei,bank\nlei,Lei Li,bank\nwu,Wu Min,bank\n",
    "roles": "person_id,role,company_id\nli,DECISION_MAKER,bank\nlei,CHAMPION,bank\nwu,CHAMPION,bank\n",
}
LATER = {
    "people": "person_id,name,company_id\nmo,Mo Yan,bank\n",
    "roles": "person_id,role,company_id\nmo,END_USER,bank\n",
}
ASKED = """{ account(id: "bank") { decisionChain { nodes { name roles { role } } } coverage { score { why } } }
             people { totalCount edges { node { name } } } segmentCoverage { whole { cells { role mapped } } } }"""
WRITES = {
    "a merge": 'mutation { mergeEntities(into: "li", from: "lei") { revision } }',
    "a split": 'mutation { splitEntity(id: "li", records: ["lei"]) { revision } }',
    "an erasure": 'mutation { erasePerson(id: "wu") { revision } }',
}


class Worker:
    """A process with a store and kept answers of its own."""

    def __init__(self, store, settings):
        self.store, self.settings, self.engine = store, settings, Engine(settings)

    async def __call__(self, text=ASKED):
        answer = await self.engine(text, None, None, Context(self.store, self.settings))
        assert "errors" not in answer, answer
        return answer["data"]

    @property
    def kept(self):
        return self.store.companion(Answers)


@pytest.fixture(scope="module")
async def workers(one_store, settings, database, tmp_path_factory):
    """Two that keep answers, and one that works each out anew."""
    await filled(await emptied(one_store), tmp_path_factory.mktemp("first"), FILES)
    keeping = settings.model_copy(update={"answers_mib": 8, "fresh_seconds": FRESH})
    async with (
        Store(keeping, database.uri, database.user, database.password) as here,
        Store(keeping, database.uri, database.user, database.password) as there,
    ):
        yield Worker(here, keeping), Worker(there, keeping), Worker(one_store, settings)


async def told_the_same_until(write, workers):
    """What both kept before is told by nobody after ``write``: by the one that wrote at once, by the other within the fresh seconds."""
    here, there, anew = workers
    before = await here()
    assert await there() == before == await anew()
    hits = here.kept.hits
    assert await here() == before
    assert here.kept.hits > hits, "it was at hand"
    await write(there)
    after = await anew()
    assert after != before
    assert await there() == after
    await asyncio.sleep(FRESH + 0.05)
    assert await here() == after
    return str(before)


@pytest.mark.parametrize("what", WRITES)
async def test_nothing_of_before_is_told_after(workers, what):
    before = await told_the_same_until(lambda worker: worker(WRITES[what]), workers)
    assert "Wu Min" in before
    here, there, _ = workers
    kept = str([answer for answer, _ in [*here.kept._kept.values(), *there.kept._kept.values()]])
    assert ("Wu Min" in kept) is (what != "an erasure"), "who was erased is in no memory either"


async def test_nothing_of_a_load_is_told_after_it_was_taken_back(workers, tmp_path):
    here, _, anew = workers
    first = await here()
    await filled(anew.store, tmp_path, LATER)
    await asyncio.sleep(FRESH + 0.05)
    last = str((await anew.store.revision()).number)
    before = await told_the_same_until(lambda worker: unload(worker.store, last, identity), workers)
    assert "Mo Yan" in before and await here() == first


async def test_an_answer_that_a_load_overtakes_is_told_as_of_after_it(workers, tmp_path, monkeypatch):
    """A name bears no date: read after the load, it is the new one, and so must be all else that is told with it."""
    here, _, anew = workers
    read, landed = here.store.read, []

    async def slow(name, text, parameters):
        if name == "decision_chain" and not landed:
            landed.append(await filled(anew.store, tmp_path, {"people": "person_id,name,company_id\nli,Li Renamed,bank\n"}))
            await asyncio.sleep(FRESH + 0.05)
        return await read(name, text, parameters)

    monkeypatch.setattr(here.store, "read", slow)
    told = (await here('{ account(id: "bank") { decisionChain(maxNodes: 9) { view { revision } nodes { name } } } }'))["account"]["decisionChain"]
    assert "Li Renamed" in str(told["nodes"])
    assert landed and told["view"]["revision"] == (await anew.store.revision()).number
