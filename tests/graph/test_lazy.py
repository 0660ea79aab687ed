"""What is worked out once, when somebody first looks."""

import threading
from asyncio import create_task, to_thread

from graph.lazy import cached_property


class One:
    def __init__(self, work):
        self.work = work

    @cached_property
    def worth(self):
        """What it is worth."""
        return self.work()


async def test_nobody_waits_for_another_of_the_kind_that_a_thread_works_out():
    begun, go_on = threading.Event(), threading.Event()

    def slow():
        begun.set()
        assert go_on.wait(10)
        return 1

    waiting = create_task(to_thread(lambda: One(slow).worth))
    await to_thread(begun.wait, 10)
    assert One(lambda: 2).worth == 2
    go_on.set()
    assert await waiting == 1


def test_it_is_worked_out_once():
    times = []
    one = One(lambda: times.append(1) or len(times))
    assert (one.worth, one.worth, One.worth.__doc__) == (1, 1, "What it is worth.")
