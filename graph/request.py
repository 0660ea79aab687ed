"""What a request carries with it wherever it goes: its id, its deadline, and what watches over its questions."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from typing import Any

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Stands in every line of the log and in the metadata of every transaction, and so in Neo4j's query log."""
DEADLINE: ContextVar[float | None] = ContextVar("deadline", default=None)
"""On the clock of ``time.monotonic``: the database drops a read that would go on after it."""

Watch = Callable[[str], AbstractContextManager[Any]]
WATCH: ContextVar[Watch] = ContextVar("watch", default=nullcontext)
"""Stands around each question, by its name: what times it."""
