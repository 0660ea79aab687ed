"""Every error that is raised on purpose: one tree, each with a stable code, an HTTP status and an exit code."""

from typing import ClassVar


class DottedlineError(Exception):
    """Something went wrong in a way that we know. The message says what, where, and the cure.

    ``code`` stands in GraphQL's ``extensions.code`` and in docs/errors.md and never changes; ``details`` join it in ``extensions``.
    """

    code: ClassVar[str] = "INTERNAL"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class InvalidInput(DottedlineError):
    """An argument, a cell or a file is not what it must be."""

    code, status, exit_code = "INVALID_INPUT", 400, 2


class NotFound(DottedlineError):
    """Nothing bears this id or alias, or you may not see it."""

    code, status, exit_code = "NOT_FOUND", 404, 1


class Ambiguous(DottedlineError):
    """An alias names several things; the candidates are listed."""

    code, status, exit_code = "AMBIGUOUS", 400, 1


class LimitExceeded(DottedlineError):
    """The request, or its answer, is larger than a limit; the message names the limit and its setting. A body too large is answered with 413."""

    code, status, exit_code = "LIMIT_EXCEEDED", 400, 1


class TooLarge(LimitExceeded):
    """A body that is not read to its end."""

    status = 413


class UnsupportedMediaType(DottedlineError):
    """The body is not what the service reads: JSON in UTF-8, and named so."""

    code, status, exit_code = "UNSUPPORTED_MEDIA_TYPE", 415, 2


class NotAcceptable(DottedlineError):
    """The service answers in none of the media types that the request accepts."""

    code, status, exit_code = "NOT_ACCEPTABLE", 406, 2


class MethodNotAllowed(DottedlineError):
    """What the path holds is not asked for with this HTTP method; `Allow` says with which."""

    code, status, exit_code = "METHOD_NOT_ALLOWED", 405, 2


class RateLimited(DottedlineError):
    """You ask more often than you may. Ask again in `retryAfter` seconds."""

    code, status, exit_code = "RATE_LIMITED", 429, 1


class Overloaded(DottedlineError):
    """So many questions are being answered that yours would wait too long. Ask again in `retryAfter` seconds."""

    code, status, exit_code = "OVERLOADED", 503, 1


class QueryTimeout(DottedlineError):
    """The database, a search through the market, or the whole request was stopped after the time allowed."""

    code, status, exit_code = "QUERY_TIMEOUT", 504, 1

    @classmethod
    def after(cls, what: str, setting: str) -> "QueryTimeout":
        """What took too long, by which setting, and the cures for a database that is cold and for a question that is large."""
        return cls(f"{what} ({setting}). A database that just began is slow at first: ask again. Else ask for less at once, or allow more time.")


class SnapshotBuilding(DottedlineError):
    """The arrays of the whole market at this instant are being built. Ask again in `retryAfter` seconds: they are kept."""

    code, status, exit_code = "SNAPSHOT_BUILDING", 503, 1


class RejectedRows(DottedlineError):
    """A load finished, but some rows could not be used; they stand in the rejects file."""

    code, status, exit_code = "REJECTED_ROWS", 400, 3


class EndRefused(DottedlineError):
    """A complete load would end more than a fifth of what stands and more than 20 facts; nothing was changed."""

    code, status, exit_code = "END_REFUSED", 400, 1


class HelperLost(DottedlineError):
    """A process that checked rows of a load ended before its time, mostly for lack of memory; nothing was written."""

    code, status, exit_code = "HELPER_LOST", 500, 1


class LeaseLost(DottedlineError):
    """Another writer took over, since this one had not moved for too long. What it wrote is taken back; the same command again does it all."""

    code, status, exit_code = "LEASE_LOST", 409, 1


class StoreUnavailable(DottedlineError):
    """Neo4j does not answer, or could not be started."""

    code, status, exit_code = "STORE_UNAVAILABLE", 503, 1


class SchemaOutOfDate(DottedlineError):
    """The graph was written by a newer Dottedline than this one, or by one so old that its loads cannot go on."""

    code, status, exit_code = "SCHEMA_OUT_OF_DATE", 503, 1


class ConfigError(DottedlineError):
    """A setting is unknown or wrong."""

    code, status, exit_code = "CONFIG_ERROR", 500, 2


class Unauthenticated(DottedlineError):
    """The request carries no key or token, or one that opens nothing: unknown, wrong, expired or revoked."""

    code, status, exit_code = "UNAUTHENTICATED", 401, 1


class UntrustedDocument(DottedlineError):
    """Only the documents that the operator trusts are answered here, and this is none."""

    code, status, exit_code = "UNTRUSTED_DOCUMENT", 403, 1


class Forbidden(DottedlineError):
    """Your role does not allow it, here or at all."""

    code, status, exit_code = "FORBIDDEN", 403, 1


class DefinitionError(DottedlineError):
    """A read, a question or the model contradicts itself. Raised at import: a mistake in the code, never in the data."""

    code, status, exit_code = "DEFINITION_ERROR", 500, 1


def every_error() -> list[type[DottedlineError]]:
    """All errors of the tree, in the order of their codes."""
    return sorted(DottedlineError.__subclasses__(), key=lambda error: error.code)
