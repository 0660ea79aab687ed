"""Answers that are kept: true for as long as they are, asked once at a time, and never more than there is room for."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.answers import Answers
from graph.aside import MANY
from graph.errors import NotFound, StoreUnavailable
from graph.instants import now
from graph.settings import load_settings
from graph.store import Revision
from graph.view import View

VIEW = View(10, 5, revision=1)


class Graph:
    """A store that only knows its revision, and a question of it that says how often it was asked."""

    def __init__(self, mib="1"):
        self.settings = load_settings({"DOTTEDLINE_ANSWERS_MIB": mib})
        self.number, self.asked, self.gate, self.answer = 1, [], None, lambda anchor: f"{anchor} at {self.number}"
        self.answers = Answers(self)

    async def revision(self):
        return Revision(self.number, 5, {})

    async def fetch(self, anchors):
        self.asked.append(list(anchors))
        if self.gate:
            await self.gate.wait()
        return {anchor: self.answer(anchor) for anchor in anchors if anchor != "hidden"}

    async def ask(self, *anchors, view=VIEW, **arguments):
        return await self.answers.of("coverage", arguments, view, anchors, self.fetch)


async def test_the_same_is_worked_out_once_and_only_the_rest_is_asked_for():
    graph = Graph()
    assert await graph.ask("a", "b", "hidden") == {"a": "a at 1", "b": "b at 1"}
    assert await graph.ask("b", "c", "hidden") == {"b": "b at 1", "c": "c at 1"}
    assert graph.asked == [["a", "b", "hidden"], ["c", "hidden"]]
    assert (graph.answers.hits, graph.answers.misses) == (1, 5)


@pytest.mark.parametrize(
    "other",
    [
        View(11, 5, revision=1),
        View(10, 4, revision=1),
        View(10, 5, scope=("north",), revision=1),
        View(10, 5, steward=False, revision=1),
        View(10, 5, language="zh-CN", revision=1),
        View(10, 5, revision=0),
        View(10, 5, revision=1, spoken={"crm": 3}),
    ],
)
async def test_whoever_looks_otherwise_gets_an_answer_of_their_own(other):
    graph = Graph()
    await graph.ask("a")
    await graph.ask("a", view=other)
    await graph.ask("a", group="g")
    assert len(graph.asked) == 3


async def test_after_a_write_nothing_of_before_is_told_and_nothing_of_before_is_kept():
    graph = Graph()
    await graph.ask("a")
    graph.number = 2
    assert await graph.ask("a") == {"a": "a at 2"}
    graph.gate = asyncio.Event()
    before = asyncio.create_task(graph.ask("b"))
    await asyncio.sleep(0)
    graph.number = 3
    after = asyncio.create_task(graph.ask("b"))
    await asyncio.sleep(0)
    graph.gate.set()
    await asyncio.gather(before, after)
    assert graph.asked[-2:] == [["b"], ["b"]], "a question after the write does not wait for one from before it"
    assert len(graph.answers) == 1


async def test_many_who_ask_at_once_are_answered_by_one_question():
    graph = Graph()
    graph.gate = asyncio.Event()
    many = [asyncio.create_task(graph.ask("a", "b")) for _ in range(20)]
    await asyncio.sleep(0)
    many[0].cancel()
    await asyncio.sleep(0)
    graph.gate.set()
    answers = await asyncio.gather(*many, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError)
    assert answers[1:] == [{"a": "a at 1", "b": "b at 1"}] * 19
    assert (graph.asked, graph.answers.joined) == ([["a", "b"]], 38)


async def test_a_question_that_nobody_waits_for_any_more_is_called_off():
    graph = Graph()
    graph.gate = asyncio.Event()
    one = asyncio.create_task(graph.ask("a"))
    await asyncio.sleep(0)
    one.cancel()
    other = asyncio.create_task(graph.ask("a"))
    await asyncio.gather(one, return_exceptions=True)
    graph.gate.set()
    assert await other == {"a": "a at 1"}, "whoever asks at that moment asks anew"


async def test_errors_and_what_looked_at_the_clock_are_never_kept():
    graph = Graph()
    graph.answer = lambda anchor: NotFound("no group")
    assert isinstance((await graph.ask("a"))["a"], NotFound)
    graph.answer = lambda anchor: now()
    await graph.ask("a")

    def down(anchor):
        raise StoreUnavailable("down")

    graph.answer = down
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            await graph.ask("a")
    assert (len(graph.asked), len(graph.answers)) == (4, 0)
    await graph.answers.close()


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 300_000)), max_size=40))
async def test_the_kept_answers_never_take_more_than_their_room(asked):
    graph = Graph()
    for name, size in asked:
        graph.answer = lambda anchor, size=size: "x" * size
        await graph.ask(str(name))
        kept = graph.answers._kept
        assert graph.answers.size == sum(size for _, size in kept.values()) <= 1 << 20


async def test_without_room_nothing_is_kept():
    graph = Graph(mib="0")
    await graph.ask("a")
    await graph.ask("a")
    assert (len(graph.asked), len(graph.answers)) == (2, 0)


async def test_many_short_answers_together_are_weighed_beside_the_loop_too():
    graph = Graph(mib="2")
    graph.answer = lambda anchor: [anchor] * (MANY // 2)
    await graph.ask("a", "b")
    assert len(graph.answers) == 0
    await asyncio.gather(*graph.answers._weighing)
    assert len(graph.answers) == 2


async def test_a_long_answer_is_kept_once_it_was_weighed_unless_something_was_written_meanwhile():
    graph = Graph(mib="2")
    graph.answer = lambda anchor: [anchor] * MANY
    await graph.ask("a", "b")
    assert len(graph.answers) == 0
    await asyncio.gather(*graph.answers._weighing)
    assert (len(graph.answers), graph.answers.size) == (2, sum(size for _, size in graph.answers._kept.values()))
    await graph.ask("c")
    graph.number = 2
    await graph.ask("d")
    await asyncio.gather(*graph.answers._weighing)
    assert [key.anchor for key in graph.answers._kept] == ["d"]
