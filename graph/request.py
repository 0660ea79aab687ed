"""What a request carries with it to the database, whoever asks: its id and its deadline."""

from contextvars import ContextVar

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Stands in every line of the log and in the metadata of every transaction, and so in Neo4j's query log."""
DEADLINE: ContextVar[float | None] = ContextVar("deadline", default=None)
"""On the clock of ``time.monotonic``: the database drops a read that would go on after it."""
