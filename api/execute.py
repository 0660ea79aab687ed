"""Runs a document within its limits: parse, limits, validate, execute; errors carry a code."""

import asyncio
import logging
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from inspect import isawaitable
from typing import Any, cast

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLEnumType,
    GraphQLError,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    execute,
    parse,
    print_ast,
)
from strawberry.execution.is_awaitable import optimized_is_awaitable

from api.compiled import Compiled
from api.context import Context
from api.cost import Declared, Pricing
from api.documents import Document, Documents
from api.limits import parsed, refusal, refuse_many_values
from api.registry import QUESTIONS, code_of, place_of
from api.schema import build
from graph.errors import DottedlineError, InvalidInput, LimitExceeded, QueryTimeout
from graph.page import PAGE
from graph.question import Anchor
from graph.request import DEADLINE
from graph.settings import Settings

log = logging.getLogger(__name__)
OVERTAKEN = 3
"""So often at most a document is asked again where a write ended meanwhile: what bears no date is told as it is now, whatever revision is asked
for."""


class Engine:
    """A schema and the limits under which documents run on it. ``tally`` is how often what was completed how, see ``api.compiled``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.schema = build()
        self.documents = Documents(
            self.schema._schema, partial(parsed, settings=settings), pricing(self.schema._schema), settings.documents_kib << 10
        )
        self._formatted = partial(formatted, schema=self.schema._schema)
        self.tally: Counter[tuple[str, str]] = Counter()

    async def __call__(
        self, text: str, variables: dict[str, Any] | None, operation: str | None, context: Context, *, may_write: bool = True
    ) -> dict[str, Any]:
        """The response of one document, without ``data`` if it did not come to run.

        Raises QueryTimeout for one that writes nothing and takes too long; never for anything else that the document or the data did.
        """
        document = await self.documents.of(text)
        if document.errors:
            return {"errors": [self._formatted(error) for error in document.errors]}
        writes, cost, most = document.writes(operation), document.cost(operation, variables), self.settings.max_cost
        try:
            if writes and not may_write:
                raise refusal(InvalidInput("A GET never writes. Send mutations by POST."))
            refuse_many_values(variables, self.settings)
            if cost > most:
                raise refusal(costly(cost, most))
        except GraphQLError as error:
            return {"errors": [self._formatted(error)]}
        async with within(None if writes else self.settings.request_seconds):
            result = await self._executed(document, variables, operation, context)
            for _ in range(0 if writes else OVERTAKEN):
                if not await context.overtaken() or not self._half_left():
                    break
                context.renew()
                result = await self._executed(document, variables, operation, context)
        if result.errors and result.data is None and not any(error.path for error in result.errors):
            return {"errors": [self._formatted(error) for error in result.errors]}
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [self._formatted(error) for error in result.errors]
        answer["extensions"] = {"cost": {"asked": cost, "most": most}}
        return answer

    def _half_left(self) -> bool:
        """Whether more than half of the request's time is left: so much lets what has been answered once be answered again."""
        deadline = DEADLINE.get()
        return deadline is None or deadline - time.monotonic() > self.settings.request_seconds / 2

    async def _executed(self, document: Document, variables: dict[str, Any] | None, operation: str | None, context: Context) -> ExecutionResult:
        run = partial(
            execute,
            self.schema._schema,
            cast(DocumentNode, document.tree),
            None,
            context,
            variables,
            operation,
            executor_class=Compiled,
            is_awaitable=cast(Any, optimized_is_awaitable),
            plans=document.plans,
            switches=document.switches,
            tally=self.tally,
        )
        made = await asyncio.to_thread(run) if document.about_schema else run()  # the schema is large, and asks nobody
        return await made if isawaitable(made) else made

    def variables(self, text: str, given: Sequence[str]) -> dict[str, Any]:
        """``name=value`` texts as variables: a text, id, enum or date verbatim, everything else as JSON. Raises InvalidInput."""
        try:
            document = parse(text)
        except GraphQLError:
            return {}
        declared = {
            variable.variable.name.value: print_ast(variable.type).rstrip("!")
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode)
            for variable in node.variable_definitions or ()
        }
        made: dict[str, Any] = {}
        for item in given:
            name, equals, value = item.partition("=")
            if not equals or name not in declared:
                raise InvalidInput(
                    f"--var {item}: write name=value with a variable of the document: {', '.join(declared) or 'it has none'}.", argument="var"
                )
            type_ = self.schema._schema.get_type(declared[name])
            if isinstance(type_, GraphQLEnumType) or (isinstance(type_, GraphQLScalarType) and type_.name not in ("Int", "Float", "Boolean")):
                made[name] = value
            else:
                try:
                    made[name] = orjson.loads(value)
                except ValueError:
                    raise InvalidInput(f"--var {item}: a {declared[name]} is written as JSON.", argument="var") from None
        return made


def pricing(schema: GraphQLSchema) -> Pricing:
    """What the questions declare."""
    declared = {place_of(question): Declared(question.cost, PAGE if question.paged else None) for question in QUESTIONS}
    return Pricing(schema, declared, frozenset(anchor.value for anchor in Anchor))


def costly(cost: int, most: int) -> LimitExceeded:
    """The refusal of a document that costs too much."""
    return LimitExceeded(
        f"The document costs {cost:,}, {most:,} are allowed (DOTTEDLINE_MAX_COST). Ask for fewer things at once: a smaller `first`, fewer ids, "
        "or questions of one account instead of all.",
        cost=cost,
        most=most,
    )


@asynccontextmanager
async def within(seconds: float | None) -> AsyncIterator[None]:
    """Ends what is done in it after so many seconds, in the database too. Raises QueryTimeout then."""
    token = DEADLINE.set(None if seconds is None else time.monotonic() + seconds)
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise QueryTimeout.after(f"The request took longer than {seconds:g} s", "DOTTEDLINE_REQUEST_SECONDS") from None
    finally:
        DEADLINE.reset(token)


MOST_WORDS = 2_000
"""Characters of a message: some hold what was sent."""
BAD_VALUES = {"represent a DateTime": "BAD_DATE", "enum": "BAD_ENUM"}
"""graphql-core tells a bad value only by its message."""


def _bad_value(message: str) -> str:
    return next((code for part, code in BAD_VALUES.items() if part in message), "GRAPHQL_VALIDATION_FAILED")


ENUM = re.compile(r"in '(\w+)' enum\.")


def formatted(error: GraphQLError, schema: GraphQLSchema) -> dict[str, Any]:
    """An error as the response carries it. What was not raised on purpose is logged whole and told only as INTERNAL."""
    shown = dict(error.formatted)
    for name in ENUM.findall(error.message)[-1:]:
        if isinstance(kind := schema.get_type(name), GraphQLEnumType):
            shown["message"] = f"{error.message} It has {', '.join(kind.values)}."
    if len(error.message) > MOST_WORDS:
        shown["message"] = f"{error.message[:MOST_WORDS]}..."
    cause = error.original_error
    if isinstance(cause, DottedlineError):
        shown["extensions"] = code_of(cause)
    elif isinstance(error, GraphQLSyntaxError):
        shown["extensions"] = {"code": "GRAPHQL_PARSE_FAILED"}
    elif cause is None or isinstance(cause, GraphQLError):
        shown["extensions"] = {"code": _bad_value(error.message)}
    else:
        log.error("unexpected", exc_info=cause)
        shown |= {"message": "Something unexpected happened; the log has it under this request's id.", "extensions": {"code": "INTERNAL"}}
    return shown
