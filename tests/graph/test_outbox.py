"""What is gathered into one transaction, and which of them wait for which."""

import asyncio

import pytest

from graph.errors import LeaseLost, StoreUnavailable
from graph.outbox import AT_ONCE, Outbox, Writes

WORDS, NODES, FACTS, OTHER = Writes


class Database:
    """Each transaction lands, or fails, when it is told to."""

    def __init__(self):
        self.began, self.under_way = [], {}

    async def write(self, work):
        name = " ".join(text for text, _ in work)
        self.began.append(name)
        self.under_way[name] = asyncio.get_running_loop().create_future()
        await self.under_way[name]

    async def land(self, name, error=None):
        ended = self.under_way.pop(name)
        ended.set_exception(error) if error else ended.set_result(None)
        await turns()


async def turns():
    for _ in range(10):
        await asyncio.sleep(0)


def put(outbox, name, writes, rows=1):
    return asyncio.ensure_future(outbox.put([(name, {})], rows, writes, 1))


@pytest.mark.parametrize(
    ("first", "second", "waits"),
    [
        (NODES, NODES, False),
        (FACTS, FACTS, False),
        (FACTS, NODES, False),
        (NODES, FACTS, True),  # they hang on nodes
        (WORDS, NODES, True),  # a load that breaks off is taken back by its words
        (WORDS, FACTS, True),
        (WORDS, WORDS, False),
        (NODES, WORDS, False),
        (FACTS, WORDS, False),
        (WORDS | NODES, NODES, True),
        (NODES | FACTS, NODES, False),
        *((OTHER, each, True) for each in Writes),
        *((each, OTHER, True) for each in Writes),
    ],
)
async def test_what_depends_on_nothing_under_way_is_written_beside_it(first, second, waits):
    database = Database()
    outbox = Outbox(database.write)
    await put(outbox, "first", first)
    later = put(outbox, "second", second)
    await turns()
    assert database.began == (["first"] if waits else ["first", "second"])
    await database.land("first")
    assert database.began == ["first", "second"]
    await later
    await database.land("second")
    await outbox.flush()


async def test_no_more_than_a_few_are_under_way():
    database = Database()
    outbox = Outbox(database.write)
    names = [str(number) for number in range(AT_ONCE + 1)]
    waiting = [put(outbox, name, NODES) for name in names]
    await turns()
    assert database.began == names[:-1]
    await database.land(names[1])
    assert database.began == names
    for name in (names[0], *names[2:]):
        await database.land(name)
    await asyncio.gather(*waiting)
    await outbox.flush()


async def test_few_rows_go_in_one_transaction_in_their_order():
    database = Database()
    outbox = Outbox(database.write)
    for name, writes in (("said", WORDS), ("people", NODES), ("jobs", FACTS)):
        await outbox.put([(name, {})], 1, writes, 10)
    assert database.began == []
    flushed = asyncio.ensure_future(outbox.flush())
    await turns()
    assert database.began == ["said people jobs"]
    assert not flushed.done()
    await database.land("said people jobs")
    await flushed


async def crowded():
    """Two transactions are under way, and a third waits for its room."""
    database = Database()
    outbox = Outbox(database.write)
    await put(outbox, "one", NODES)
    await put(outbox, "two", NODES)
    third = put(outbox, "three", NODES)
    await turns()
    return database, outbox, third


async def test_an_error_is_raised_once_what_is_beside_has_ended_and_nothing_is_sent_after_it():
    database, outbox, third = await crowded()
    await database.land("one", LeaseLost("another writes"))
    assert not third.done()
    await database.land("two", StoreUnavailable("no answer"))
    with pytest.raises(LeaseLost):
        await third
    await outbox.flush()
    assert database.began == ["one", "two"]


async def test_whoever_is_interrupted_leaves_what_is_under_way_alone_and_waits_for_it():
    database, outbox, third = await crowded()
    third.cancel()
    resting = asyncio.ensure_future(outbox.rest())
    await turns()
    assert third.cancelled() and not resting.done()
    await database.land("one")
    await database.land("two")
    await resting
    await outbox.flush()
    assert database.began == ["one", "two"]
