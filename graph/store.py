"""The only importer of the driver: pool, reads, writes, time-outs that reach the server, translated errors."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar
from urllib.parse import urlsplit

from neo4j import (
    READ_ACCESS,
    AsyncDriver,
    AsyncGraphDatabase,
    AsyncManagedTransaction,
    AsyncResult,
    Bookmarks,
    NotificationMinimumSeverity,
    Query,
    unit_of_work,
)
from neo4j.exceptions import AuthError, ClientError, DatabaseError, DriverError, Neo4jError, ServiceUnavailable, SessionExpired, TransientError

from graph import statements
from graph.errors import ConfigError, DottedlineError, LeaseLost, QueryTimeout, StoreUnavailable
from graph.instants import OPEN_END, OPEN_START
from graph.request import DEADLINE, REQUEST_ID
from graph.settings import Settings

log = logging.getLogger(__name__)
T = TypeVar("T")
C = TypeVar("C", bound="Companion")
TRIES = 3
STEADY = "CYPHER replan=skip\n"
"""Before statements that are anchored at indexes, whatever there is: planning them anew as the graph grows takes longer than running them."""
WRITERS = frozenset({"load", "identity", "knows", "touched"})
"""The names of the reads of a write, all of them such statements."""
TURN_SECONDS = 0.01
"""So long rows are taken apart without a pause."""
SCHEMES = ("bolt", "neo4j")
RETRY_SECONDS = 10
"""How long a write is sent again while the database does not answer: time for a cluster to choose a leader."""


@dataclass(frozen=True, slots=True)
class Revision:
    """The last finished load at an instant; the instant, no later than the last load of all; each source with its earliest as-of."""

    number: int
    known_at: int
    spoken: Mapping[str, int]


class Companion(Protocol):
    """Something that lives as long as a store."""

    async def close(self) -> None:
        """Ends what it has under way."""
        ...


class Store:
    """A pool of connections to one database, under these settings. Use it as an async context manager;

    ``calls`` counts what was sent, ``running`` what is under way. Raises ConfigError for an address that is none.
    """

    def __init__(self, settings: Settings, uri: str, user: str, password: str) -> None:
        self.settings, self._uri = settings, uri
        self._driver = _driver(uri, user, password)
        self._database = settings.neo4j_database
        self._bookmarks = Bookmarks.from_raw_values(())
        self._revision: tuple[float, Revision] | None = None
        self._companions: dict[Any, Any] = {}
        self.calls = self.running = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for companion in self._companions.values():
            await companion.close()
        await self._driver.close()

    def companion(self, kind: Callable[["Store"], C]) -> C:
        """The one of this kind that belongs to this store and is closed with it; made when it is first asked for."""
        if kind not in self._companions:
            self._companions[kind] = kind(self)
        made: C = self._companions[kind]
        return made

    async def read(self, name: str, text: str, parameters: dict[str, Any]) -> list[list[Any]]:
        """Rows of one auto-commit read, as lists of values; ``name`` is its ``query`` in the transaction's metadata, beside the request's id.

        Managed reads cost 10 to 50 % here, hence the retry of our own. Raises QueryTimeout and StoreUnavailable.
        """
        query = Query(f"{STEADY}{text}" if name in WRITERS else text, metadata=_metadata(name), timeout=self._seconds())

        async def once() -> list[list[Any]]:
            async with self._driver.session(
                database=self._database, default_access_mode=READ_ACCESS, fetch_size=-1, bookmarks=self._bookmarks
            ) as session:
                result = await session.run(query, parameters)
                return await _taken(result)

        return await self._again(once)

    async def write(self, name: str, batches: Sequence[tuple[str, dict[str, Any]]], fence: tuple[str, dict[str, Any]] | None = None) -> None:
        """Statements of one managed transaction, in order, all or nothing. They must be idempotent: the driver may send them again.

        What was sent before may be in the store although nobody said so: then ``$again`` is true.

        Raises LeaseLost, and writes nothing, when ``fence``, the last of them, returns no row. What it locks stays locked until all is written, and
        not for longer, so that others may write beside it until then.
        """

        tries = count()

        @unit_of_work(metadata=_metadata(name), timeout=self.settings.write_seconds)
        async def work(transaction: AsyncManagedTransaction) -> None:
            again = next(tries) > 0
            for text, parameters in batches:
                await (await transaction.run(STEADY + text, {**parameters, "again": again})).consume()
            if fence and await (await transaction.run(*fence)).single() is None:
                raise LeaseLost("Another load writes now. Run the same command again: it waits for its turn.")

        async def once() -> None:
            before = self._bookmarks.raw_values
            async with self._driver.session(database=self._database, bookmarks=self._bookmarks) as session:
                await session.execute_write(work)
                own = await session.last_bookmarks()
            self._bookmarks = Bookmarks.from_raw_values((self._bookmarks.raw_values - before) | own.raw_values)  # others may have written beside

        await self._again(once, tries=1)
        self._revision = None

    @property
    def known(self) -> Revision | None:
        """The revision that was seen last, without asking."""
        return self._revision[1] if self._revision else None

    async def revision(self) -> Revision:
        """The last finished load; asked anew after ``DOTTEDLINE_FRESH_SECONDS`` or an own write."""
        if self._revision is None or time.monotonic() - self._revision[0] > self.settings.fresh_seconds:
            self._revision = (time.monotonic(), await self.revision_at(OPEN_END))
        return self._revision[1]

    async def revision_at(self, known_at: int) -> Revision:
        """What was known at ``known_at``, and by which load."""
        number, known_at, spoken = (await self.read("revision", statements.REVISION, {"known_at": known_at, "open": OPEN_START}))[0]
        return Revision(number, known_at, dict(spoken))

    async def explain(self, text: str, parameters: dict[str, Any]) -> list[str]:
        """The operators of a statement's plan. Nothing is run."""
        async with self._driver.session(database=self._database) as session:
            summary = await (await session.run("EXPLAIN " + text, parameters)).consume()
        found: list[str] = []
        waiting = [summary.plan] if summary.plan else []
        while waiting:
            plan = waiting.pop()
            found.append(str(plan["operatorType"]).partition("@")[0])
            waiting.extend(plan.get("children", []))
        return found

    async def verify(self, seconds: float = 30) -> None:
        """Returns once the database answers. Raises StoreUnavailable after ``seconds``; ConfigError (a wrong name or password)."""
        limit = time.monotonic() + seconds
        while True:
            try:
                await self.read("verify", "RETURN 1 AS one", {})
                return
            except StoreUnavailable as error:
                if time.monotonic() > limit:
                    raise StoreUnavailable(f"{self._uri}: {error.message}") from error
                await asyncio.sleep(0.1)

    def _seconds(self) -> float:
        """How long a read may take: no longer than its request. Raises QueryTimeout when that has no time left."""
        most, deadline = self.settings.read_seconds, DEADLINE.get()
        if deadline is None:
            return most
        left = deadline - time.monotonic()
        if left <= 0:
            raise QueryTimeout.after("The request has used up its time", "DOTTEDLINE_REQUEST_SECONDS")
        return min(most, left)

    async def _again(self, once: Callable[[], Awaitable[T]], tries: int = TRIES) -> T:
        for left in range(tries - 1, -1, -1):
            self.calls += 1
            self.running += 1
            try:
                return await once()
            except (ServiceUnavailable, SessionExpired, TransientError) as error:
                if not left or _timed_out(error):
                    raise _translated(error) from error
                log.info("read again", extra={"reason": type(error).__name__})
                await asyncio.sleep(0.05 * (TRIES - left))
            except (Neo4jError, DriverError, OSError) as error:
                raise _translated(error) from error
            finally:
                self.running -= 1
        raise AssertionError("unreachable: the last try returns or raises")


def _driver(uri: str, user: str, password: str) -> AsyncDriver:
    try:
        if urlsplit(uri).scheme.partition("+")[0] in SCHEMES:
            return AsyncGraphDatabase.driver(
                uri,
                auth=(user, password),
                notifications_min_severity=NotificationMinimumSeverity.OFF,
                connection_acquisition_timeout=10,
                max_transaction_retry_time=RETRY_SECONDS,
            )
    except (DriverError, ValueError):
        pass  # its words may hold a password
    raise ConfigError(
        "NEO4J_URI is no address at which Neo4j speaks Bolt. Write bolt://HOST:7687, or neo4j+s://HOST for TLS; "
        "the user and the password stand in NEO4J_USER and NEO4J_PASSWORD."
    )


async def _taken(result: AsyncResult) -> list[list[Any]]:
    """All rows. They come in large pieces, which the driver takes apart on the loop: others have their turn in between."""
    rows, turn = [], time.monotonic() + TURN_SECONDS
    async for record in result:
        rows.append(record.values())
        if time.monotonic() > turn:
            await asyncio.sleep(0)
            turn = time.monotonic() + TURN_SECONDS
    return rows


def _metadata(name: str) -> dict[str, str]:
    """What Neo4j's query log and ``SHOW TRANSACTIONS`` say of a transaction."""
    request = REQUEST_ID.get()
    return {"query": name, "request": request} if request else {"query": name}


def _timed_out(error: Exception) -> bool:
    """Also while it waited for a lock."""
    return isinstance(error, Neo4jError) and any(name in (error.code or "") for name in ("TransactionTimedOut", "LockClientStopped"))


def _translated(error: Exception) -> DottedlineError:
    if _timed_out(error):
        return QueryTimeout.after("The database stopped the query after its time", "DOTTEDLINE_READ_SECONDS")
    if isinstance(error, AuthError):
        return ConfigError("Neo4j refuses the user or the password. Mend NEO4J_USER and NEO4J_PASSWORD (or NEO4J_PASSWORD_FILE).")
    if isinstance(error, ClientError) and (error.code or "").endswith("DatabaseNotFound"):
        return ConfigError("Neo4j has no database of the name that NEO4J_DATABASE says. Mend it, or create that database.")
    if isinstance(error, ClientError | DatabaseError):
        log.error("neo4j refuses a statement", extra={"neo4j": error.code, "reason": error.message})  # its words may quote data
        return DottedlineError(
            f"Neo4j {'refuses' if isinstance(error, ClientError) else 'fails at'} the statement ({error.code}). The log has its words."
        )
    return StoreUnavailable(f"Neo4j does not answer ({type(error).__name__}). See `dottedline status` and `dottedline doctor`.")
