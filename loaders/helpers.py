"""Processes beside this one that check rows while this one reads. Each is a plain interpreter at the other end of a socket.

They import nothing of the caller's: no ``__main__``, and no threads or locks of a fork.
"""

import contextlib
import gc
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from importlib.abc import MetaPathFinder
from queue import SimpleQueue
from threading import Lock, Thread
from traceback import format_exception
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from graph.errors import HelperLost
from loaders.check import Checked
from loaders.tables import Table

Step = Callable[[Table], Checked]
BEGIN = "import sys; sys.path[:] = sys.argv[1:]; from loaders.helpers import serve; serve()"
SIZE = 8
"""Bytes before a message that tell its size."""
SENT = 2
"""Stretches that a helper has at once: it works on one, and the next one lies ready."""
ROOM = 100_000
"""Rows that are read and not yet handed on, while an earlier stretch is not ready: more would only fill memory."""
SELDOM = (100_000, 20, 50)
"""Of a load, when to look for circles of objects: it makes many and few circles, and looking as often as elsewhere takes a sixth of its time."""


def _send(line: socket.socket, message: Any) -> None:
    text = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    line.sendall(len(text).to_bytes(SIZE, "big"))
    line.sendall(text)


def _receive(line: socket.socket) -> Any:
    """The next message, of a process that this one began or that began it. Raises EOFError where the other end is gone."""
    return pickle.loads(_bytes(line, int.from_bytes(_bytes(line, SIZE), "big")))  # noqa: S301


def _bytes(line: socket.socket, size: int) -> bytearray:
    # In one call: whoever comes back from a call waits for the interpreter's lock as long as others work.
    got, text = 0, bytearray(size)
    while got < size:
        more = line.recv_into(memoryview(text)[got:], size - got, socket.MSG_WAITALL)
        if not more:
            raise EOFError
        got += more
    return text


class WithoutPandas(MetaPathFinder):
    """Nobody finds pandas: Arrow imports it at its first array, which doubles the time and the memory that a helper takes to begin."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        """Raises ModuleNotFoundError for pandas, and leaves all others to the next finder."""
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname, name=fullname)


def serve() -> None:
    """What a helper does: steps and tables come, what the step makes of the table goes, until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = socket.socket(fileno=os.dup(sys.stdin.fileno()))
    sys.meta_path.insert(0, WithoutPandas())
    pa.array([""])
    gc.freeze()
    gc.set_threshold(*SELDOM)
    with contextlib.suppress(EOFError, OSError):
        _send(line, None)
        while True:
            step, table = _receive(line)
            try:
                made = step(table)
            except Exception as error:
                made = _travelling(error)
            _send(line, made)


def _travelling(error: Exception) -> Exception:
    """The error itself where it arrives as it left, else its text."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301
    except Exception:
        return RuntimeError("".join(format_exception(error)))
    return error


class Helper:
    """One process. Several threads may ask it, and hear their answers in their turn."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair()
        # A group of its own: Ctrl-C in the terminal is for the load, which then ends its helpers.
        with theirs:
            command = [sys.executable, "-c", BEGIN, *sys.path]
            try:
                self.process = subprocess.Popen(command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, process_group=0)  # noqa: S603
            except OSError:
                self._line.close()
                raise
        self._asking, self._hearing = Lock(), Lock()

    def begun(self) -> bool:
        """Waits until it can work; whether it can."""
        try:
            _receive(self._line)
        except (EOFError, OSError):
            return False
        return True

    def ask(self, step: Step, table: Table) -> Checked:
        """What the step makes of the table, or the error that it raises. Raises HelperLost where the process is gone."""
        try:
            with self._asking:
                _send(self._line, (step, table))
                self._hearing.acquire()  # before the next is asked: answers come in this order
            try:
                made: Checked | Exception = _receive(self._line)
            finally:
                self._hearing.release()
        except (EOFError, OSError):
            self.process.kill()  # it may live, and only the line be broken
            raise HelperLost(
                f"The process that checked rows of {table.path} is gone (exit status {self.process.wait()}), perhaps for lack of memory. "
                "Nothing was written. Load again with --engine here, which needs less.",
                file=str(table.path),
            ) from None
        if isinstance(made, Exception):
            raise made
        return made

    def end(self) -> None:
        """Ends the process, whatever it does: it holds nothing that is not here too."""
        self.process.kill()
        self.process.wait()
        self._line.close()


class Stretch:
    """A stretch that is under way."""

    def __init__(self, step: Step, table: Table) -> None:
        self.step, self.table, self.made, self._begun = step, table, Future[Checked](), Lock()

    @property
    def begun(self) -> bool:
        """Whether somebody works on it, or has."""
        return self._begun.locked()

    def begin(self) -> bool:
        """Whether nobody has begun it: then the caller has."""
        return self._begun.acquire(blocking=False)


class Helpers:
    """Some helpers and this process together; use it as a context manager, which begins and ends them.

    Whoever is idle takes the next stretch: a helper when it has less than ``SENT``, this process when more wait than there are helpers.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        self._waiting: SimpleQueue[Stretch | None] = SimpleQueue()
        self._lanes: list[Thread] = []
        self._ready = False
        self.helpers: list[Helper] = []

    def __enter__(self) -> Self:
        for _ in range(self._number):
            try:
                helper = Helper()
            except OSError:  # no process more: this one checks alone
                break
            self.helpers.append(helper)
            begins = Thread(target=self._begin, args=(helper,), daemon=True)
            begins.start()
            self._lanes.append(begins)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end()

    def _end(self) -> None:
        for helper in self.helpers:
            helper.end()
        for _ in range(SENT * len(self.helpers)):
            self._waiting.put(None)
        for lane in self._lanes:
            lane.join()

    def _begin(self, helper: Helper) -> None:
        if helper.begun():
            self._ready = True
            second = Thread(target=self._lane, args=(helper,), daemon=True)
            second.start()
            self._lane(helper)
            second.join()

    def _lane(self, helper: Helper) -> None:
        while (stretch := self._waiting.get()) is not None:
            if stretch.begin():
                try:
                    stretch.made.set_result(helper.ask(stretch.step, stretch.table))
                except Exception as error:
                    stretch.made.set_exception(error)

    def run(self, step: Step, tables: Iterable[Table]) -> Iterator[Checked]:
        """What the step makes of each table, in their order. The helpers end with the last of them; a second run is this process's alone."""
        under_way, unread = deque[Stretch](), iter(tables)
        while True:
            while under_way and under_way[0].made.done():
                yield under_way.popleft().made.result()
            free = [stretch for stretch in under_way if not stretch.begun]
            if len(free) <= self._number and sum(len(stretch.table) for stretch in under_way) < ROOM and (table := next(unread, None)) is not None:
                under_way.append(Stretch(step, table))
                if self._ready:  # else nobody would take it out again
                    self._waiting.put(under_way[-1])
            elif mine := next((stretch for stretch in free if stretch.begin()), None):
                mine.made.set_result(step(mine.table))
            elif under_way:
                yield under_way.popleft().made.result()
            else:
                self._end()  # what follows a check needs memory, and no helper
                return
