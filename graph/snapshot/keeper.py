"""Keeps snapshots: which one answers a question, and how it comes to be there.

A snapshot answers for one view and one state of the graph, so an answer is never older than the revision that it names. What later writes touched is
read anew on top of an earlier one; from time to time the result becomes the file that other processes, and this one after a restart, begin with.
"""

import asyncio
import contextlib
import hashlib
import logging
import time
from collections import Counter, OrderedDict, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextvars import Context
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import Annotated, NamedTuple, cast

from graph.answer import answer
from graph.errors import Overloaded, SnapshotBuilding
from graph.instants import end_of_today
from graph.model import EDGE
from graph.read import ASKING, Reader, read
from graph.snapshot.build import Touched, built, followed
from graph.snapshot.declare import Looking
from graph.snapshot.files import Files
from graph.snapshot.scoped import scoped
from graph.snapshot.snapshot import Snapshot, Stamp
from graph.store import Revision, Store
from graph.touched import MOVED, PART
from graph.view import View

log = logging.getLogger(__name__)
_Scope = tuple[tuple[str, ...], tuple[int, int]] | None
"""Territories, and the instants at which it is told what may be seen; None for everything."""
_Key = tuple[int, int, int, _Scope]
"""Both instants, the revision and the scope."""
HELD = 4
"""So many snapshots a process holds: today's, and those of other instants that were asked for last."""
SCOPES = 8
"""So many scopes each snapshot is cut to, and kept."""
MOST_LOADS = 1_000
"""After more writes everything is read anew."""
SHARE = 0.1
"""If a larger share of the people is touched, everything is read anew."""
FEW = 2_000
"""So few are read one by one in any case."""
WRITTEN_AFTER = 500
"""After so many touched things the file is written anew, in the background."""
MOST_BUILDS = 8
"""So many snapshots are built or wait for it, today's and tomorrow's apart; for more nobody waits."""
NO_LOAD = "0" * 12
FIRST_GUESS = 5
"""Seconds after which to ask again while nothing is known of how long it takes."""


@answer
class LoadRow:
    """One finished write."""

    number: Annotated[int, "Its number."]
    id: Annotated[str, "Its id."]
    recorded_at: Annotated[int, "Its instant."]
    undoes: Annotated[bool, "It took another back."]
    erased: Annotated[bool, "It erased a person."]
    touched: Annotated[list[str] | None, "What it touched, `WHAT id`."]
    broken_off: Annotated[int, "The highest number of a write that broke off and was taken back: who read meanwhile may have seen some of it."]
    under_way: Annotated[bool, "A write is under way, or broke off: what the graph keeps summed up may be ahead of what is known."]


@read
async def loads_since(since: int, most: int) -> list[LoadRow]:
    """The finished writes of this number and after it, the last first."""
    raise NotImplementedError


async def snapshot_at(store: Reader, view: View) -> Snapshot:
    """The snapshot that answers for a view. Raises SnapshotBuilding when it is not ready within ``DOTTEDLINE_SNAPSHOT_SECONDS``; it is kept then."""
    return await cast(Store, store).companion(Keeper).at(view)


class _Head(NamedTuple):
    """The state of the graph: the writes since the earliest that matters, the last one's number and instant."""

    stamp: Stamp
    newest: bool
    loads: Sequence[LoadRow]


class _Turn:
    """One builds at a time; others wait in order, those in a hurry before the rest."""

    def __init__(self) -> None:
        self._busy, self._numbers = False, count()
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []

    @contextlib.asynccontextmanager
    async def __call__(self, *, urgent: bool = True) -> AsyncIterator[None]:
        """Holds the turn."""
        if self._busy:
            mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            heappush(self._waiting, (not urgent, next(self._numbers), mine))
            try:
                await mine
            except asyncio.CancelledError:
                if not mine.cancelled():
                    self._pass_on()
                raise
        self._busy = True
        try:
            yield
        finally:
            self._pass_on()

    def _pass_on(self) -> None:
        while self._waiting:
            _, _, one = heappop(self._waiting)
            if not one.done():
                one.set_result(None)
                return
        self._busy = False


class Keeper:
    """The snapshots of one store in this process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._files = Files(store.settings.home)
        self._held: OrderedDict[Stamp, Snapshot] = OrderedDict()
        self._making: dict[_Key, asyncio.Task[Snapshot]] = {}
        self._progress: dict[_Key, tuple[float, float]] = {}
        self._written: dict[tuple[int, int], int] = {}
        self._writing: asyncio.Task[None] | None = None
        self._turn = _Turn()
        self._wanted = Counter[_Key]()
        self._queued: set[_Key] = set()
        self.built = 0
        """How often everything was read."""
        self.followed = 0
        """How often an earlier one was brought up."""

    async def at(self, view: View) -> Snapshot:
        """What a view may see of the snapshot at the state of the graph that this process knows, which an own write renews at once.

        Raises SnapshotBuilding, and Overloaded where too many others wait to be built.
        """
        revision = await self._store.revision()
        key = (view.as_of, view.known_at, revision.number, _scope(view))
        for stamp, snapshot in self._held.items():
            if stamp[:3] == key[:3] and (found := snapshot if view.scope is None else _cuts(snapshot).get(_scope(view))):
                self._held.move_to_end(stamp)
                return found
        task = self._making.get(key)
        if task is None:
            self._refuse_many(view, revision)
            making = self._made(view, revision) if view.scope is None else self._cut(view)
            task = self._making[key] = asyncio.create_task(making, context=Context())
            task.add_done_callback(partial(self._ended, key))
        self._wanted[key] += 1
        try:
            with contextlib.suppress(TimeoutError):
                return await asyncio.wait_for(asyncio.shield(task), self._store.settings.snapshot_seconds)
        finally:
            self._leave(key, task)
        seconds = self._left(key)
        raise SnapshotBuilding(
            f"The market at this instant is being put together. Ask again in {seconds} s, or raise DOTTEDLINE_SNAPSHOT_SECONDS.",
            retryAfter=seconds,
        )

    def _refuse_many(self, view: View, revision: Revision) -> None:
        """Raises Overloaded where many are built already, and this one is not of today or tomorrow as it is known now."""
        if self._urgent(view, revision) or sum(scope is None for *_, scope in self._making) < MOST_BUILDS:
            return
        raise Overloaded(
            "Many other instants of the market are being put together. Ask for today, or again in a minute.",
            retryAfter=60,
        )

    def _urgent(self, view: View, revision: Revision) -> bool:
        return view.scope is not None or (view.known_at == revision.known_at and view.as_of in self._near())

    def _near(self) -> tuple[int, int]:
        """The ends of today and of tomorrow."""
        zone = self._store.settings.zone
        today = datetime.now(zone)
        return end_of_today(zone, today), end_of_today(zone, today + timedelta(days=1))

    def _leave(self, key: _Key, task: asyncio.Task[Snapshot]) -> None:
        """One waits no more. What nobody waits for and was not begun is not built."""
        self._wanted[key] -= 1
        if not self._wanted[key]:
            del self._wanted[key]
            if key in self._queued:
                task.cancel()
                self._making.pop(key, None)

    def _ended(self, key: _Key, task: asyncio.Task[Snapshot]) -> None:
        if self._making.get(key) is task:
            del self._making[key]
            self._progress.pop(key, None)
        if not task.cancelled() and (error := task.exception()):
            log.info("snapshot not built", extra={"reason": type(error).__name__})

    @property
    def latest(self) -> Snapshot | None:
        """The one that was used last."""
        return next(reversed(self._held.values()), None)

    async def close(self) -> None:
        """Ends what is under way; a file that is being written is completed."""
        for task in list(self._making.values()):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await asyncio.gather(*self._making.values(), return_exceptions=True)
        if self._writing:
            await asyncio.gather(self._writing, return_exceptions=True)

    def _left(self, key: _Key) -> int:
        began, share = self._progress.get(key, (time.monotonic(), 0.0))
        return max(1, round((time.monotonic() - began) * (1 - share) / share)) if share else FIRST_GUESS

    async def _made(self, view: View, revision: Revision) -> Snapshot:
        token = ASKING.set("snapshot")
        try:
            return await self._found(replace(view, scope=None, language="en"), revision)
        finally:
            ASKING.reset(token)

    async def _cut(self, view: View) -> Snapshot:
        """What a view may see of the whole snapshot, which keeps it."""
        whole = await self.at(replace(view, scope=None))
        same = view.asked in (None, (view.as_of, view.known_at))
        asked = None if same or view.asked is None else await self.at(replace(view, scope=None, as_of=view.asked[0], known_at=view.asked[1]))
        token = ASKING.set("snapshot")
        try:
            made = await scoped(self._store, view, whole, asked)
        finally:
            ASKING.reset(token)
        cuts = _cuts(whole)
        cuts[_scope(view)] = made
        while len(cuts) > SCOPES:
            cuts.popitem(last=False)
        return made

    async def _found(self, view: View, revision: Revision) -> Snapshot:
        """From what is at hand if it can be, else from the graph, while no other process does the same."""
        stamps = set(self._held) | set(self._files.stamps())
        known = [stamp for stamp in stamps if stamp.as_of == view.as_of and stamp.head <= revision.number]
        since = min((stamp.head for stamp in stamps), default=revision.number)
        loads = (await loads_since(self._store, view, min(since, revision.number), MOST_LOADS))[::-1]
        await self._heed_erasure(loads)
        head = self._head(view, revision, loads)
        if snapshot := await self._from_earlier(view, head, known):
            return snapshot
        key = (view.as_of, view.known_at, revision.number, None)
        async with self._my_turn(key, urgent=self._urgent(view, revision)), self._only_one():
            stamps_now = [stamp for stamp in self._files.stamps() if stamp.as_of == view.as_of and stamp.head <= revision.number]
            if set(stamps_now) - set(known) and (snapshot := await self._from_earlier(view, head, stamps_now)):
                return snapshot
            began = time.monotonic()

            def progress(done: int, of: int) -> None:
                self._progress[key] = (began, done / of if of else 1.0)

            snapshot = await built(Looking(self._store, view, head.newest), head.stamp, progress)
            self.built += 1
            log.info("snapshot built", extra={"milliseconds": round((time.monotonic() - began) * 1000, 1)})
            await self._put_down(snapshot)
        return self._hold(snapshot)

    @contextlib.asynccontextmanager
    async def _my_turn(self, key: _Key, *, urgent: bool) -> AsyncIterator[None]:
        """The turn to build; as long as it has not come, the build may be given up."""
        self._queued.add(key)
        try:
            async with self._turn(urgent=urgent):
                self._queued.discard(key)
                yield
        finally:
            self._queued.discard(key)

    @contextlib.asynccontextmanager
    async def _only_one(self) -> AsyncIterator[None]:
        """The lock of the files. At most one task of a process waits for it, in a thread."""
        with contextlib.ExitStack() as stack:
            await asyncio.to_thread(stack.enter_context, self._files.locked())
            yield

    def _head(self, view: View, revision: Revision, loads: Sequence[LoadRow]) -> _Head:
        last = next((load for load in loads if load.number == revision.number), None)
        stamp = Stamp(view.as_of, view.known_at, revision.number, _mark(last) if last else NO_LOAD)
        newest = view.known_at == revision.known_at and not any(load.under_way for load in loads)
        return _Head(stamp, newest, [load for load in loads if load.number <= revision.number])

    async def _from_earlier(self, view: View, head: _Head, known: Sequence[Stamp]) -> Snapshot | None:
        """The latest of those at hand that is of this graph and can be brought up, brought up."""
        at = {load.number: load for load in head.loads}
        for stamp in sorted(known, key=lambda stamp: -stamp.head):
            load = at.get(stamp.head)
            if load is None or _mark(load) != stamp.load:
                continue
            same = stamp.known_at == view.known_at or stamp.known_at == load.recorded_at <= view.known_at
            later = [other for other in head.loads if other.number > stamp.head]
            touched = _touched(later)
            broken_off = any(stamp.head < other.broken_off < other.number for other in later)
            if not same or touched is None or broken_off or len(later) >= MOST_LOADS:
                continue
            base = self._held.get(stamp) or await asyncio.to_thread(self._files.opened, stamp)
            if base is None or len(touched) > max(FEW, SHARE * len(base.people.id)):
                continue
            if stamp == head.stamp:
                return self._hold(base)
            made = await followed(Looking(self._store, view, head.newest), base, head.stamp, touched)
            if made is not None:
                self.followed += 1
                self._count(stamp, head.stamp, len(touched))
                return self._hold(made)
        return None

    def _count(self, was: Stamp, stamp: Stamp, touched: int) -> None:
        """Counts what was touched since the last file; from time to time the present snapshot becomes the next."""
        count = self._written.pop(was[:2], 0) + touched
        self._written[stamp[:2]] = count
        if count > WRITTEN_AFTER and (self._writing is None or self._writing.done()):
            self._writing = asyncio.create_task(self._compact(stamp))

    async def _compact(self, stamp: Stamp) -> None:
        await asyncio.sleep(0)
        snapshot = self._held.get(stamp)
        if snapshot is None:
            return
        with self._files.locked(wait=False) as mine:
            if mine:
                self._written[stamp[:2]] = 0
                await self._put_down(snapshot)

    async def _put_down(self, snapshot: Snapshot) -> None:
        """Writes a snapshot, unless somebody was erased since. The lock is held, so that whoever erases removes the file afterwards."""
        if await self._may_stay(snapshot):
            try:
                await asyncio.to_thread(self._files.write, snapshot)
                await asyncio.to_thread(self._files.tidy)
            except OSError as error:
                log.warning("snapshot not written", extra={"reason": error.strerror})

    async def _may_stay(self, snapshot: Snapshot) -> bool:
        """Whether nobody was erased since."""
        view = View(snapshot.stamp.as_of, snapshot.stamp.known_at)
        return not any(load.erased for load in await loads_since(self._store, view, snapshot.stamp.head + 1, MOST_LOADS))

    async def _heed_erasure(self, loads: Sequence[LoadRow]) -> None:
        """Whoever was erased is in no snapshot any more, here or on disk; nor is anything so old that nobody can tell."""
        erased = max((load.number for load in loads if load.erased), default=0)
        if len(loads) == MOST_LOADS:
            erased = max(erased, loads[0].number)
        for stamp in [stamp for stamp in self._held if stamp.head < erased]:
            del self._held[stamp]
        if any(stamp.head < erased for stamp in self._files.stamps()):
            async with self._turn():
                await asyncio.to_thread(self._sweep, erased)

    def _sweep(self, erased: int) -> None:
        with self._files.locked():
            self._files.tidy(since=erased)

    def _hold(self, snapshot: Snapshot) -> Snapshot:
        self._held[snapshot.stamp] = snapshot
        self._held.move_to_end(snapshot.stamp)
        near = self._near()
        latest = {stamp.as_of: stamp for stamp in self._held if stamp.as_of in near}  # of several the one used last
        while len(self._held) > HELD:
            del self._held[next(stamp for stamp in self._held if latest.get(stamp.as_of) != stamp)]
        return snapshot


def _scope(view: View) -> _Scope:
    return None if view.scope is None else (view.scope, view.asked or (view.as_of, view.known_at))


def _cuts(snapshot: Snapshot) -> OrderedDict[_Scope, Snapshot]:
    """What was cut from a snapshot: scope -> what may be seen within it."""
    cuts: OrderedDict[_Scope, Snapshot] = snapshot.kept.setdefault("cuts", OrderedDict())
    return cuts


def _mark(load: LoadRow) -> str:
    """Stands for a write: another graph, or an older state of this one that was restored, has other ones of its number."""
    return hashlib.blake2b(f"{load.id} {load.recorded_at}".encode(), digest_size=6).hexdigest()


def _touched(loads: Sequence[LoadRow]) -> Touched | None:
    """What these writes touched together; None where one of them tells not."""
    things: Mapping[str, set[str]] = defaultdict(set)
    people: set[str] = set()
    parts: set[str] = set()
    moved: set[str] = set()
    for load in loads:
        if load.touched is None or load.undoes or load.erased:
            return None
        for mark in load.touched:
            what, _, id_ = mark.partition(" ")
            if what == MOVED:
                moved.add(id_)
            elif what == PART:
                parts.add(id_)
            elif what in EDGE and EDGE[what].source == "Person":
                people.add(id_)
            else:
                things[EDGE[what].source if what in EDGE else what].add(id_)
    interactions = things["Interaction"]
    return Touched({label: ids for label, ids in things.items() if label != "Interaction"}, people, interactions, parts, moved)
