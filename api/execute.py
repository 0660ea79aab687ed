"""Runs a document within its limits: parse, limits, validate, execute; errors carry a code."""

import logging
from collections import Counter
from collections.abc import Sequence
from inspect import isawaitable
from typing import Any, cast

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLScalarType,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    execute,
    parse,
    print_ast,
)
from strawberry.execution.is_awaitable import optimized_is_awaitable

from api.compiled import Compiled
from api.context import Context
from api.documents import Document, Documents
from api.schema import build, code_of
from graph.errors import DottedlineError, InvalidInput, LimitExceeded
from graph.settings import Settings

log = logging.getLogger(__name__)


class Engine:
    """A schema and the limits under which documents run on it. ``tally`` is how often what was completed how, see ``api.compiled``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.schema = build()
        self.documents = Documents(self.schema._schema, self.check, settings.documents_kib << 10)
        self.tally: Counter[tuple[str, str]] = Counter()

    async def __call__(
        self, text: str, variables: dict[str, Any] | None, operation: str | None, context: Context, *, may_write: bool = True
    ) -> dict[str, Any]:
        """The response of one document. Never raises for what the document or the data did. A request that did not come to run has no ``data``."""
        document = self.documents.of(text)
        errors = document.errors
        if not errors and not may_write and _writes(document, operation):
            errors = [_refused(InvalidInput("A GET never writes. Send mutations by POST."))]
        if errors:
            return {"errors": [formatted(error) for error in errors]}
        result = await self._executed(document, variables, operation, context)
        if result.errors and result.data is None and not any(error.path for error in result.errors):
            return {"errors": [formatted(error) for error in result.errors]}
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [formatted(error) for error in result.errors]
        return answer

    async def _executed(self, document: Document, variables: dict[str, Any] | None, operation: str | None, context: Context) -> ExecutionResult:
        made = execute(
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

    def check(self, text: str) -> DocumentNode:
        """The parsed document. Raises GraphQLError for a fault of syntax, with LIMIT_EXCEEDED for one that is too large."""
        limit = self.settings.max_tokens
        try:
            document = parse(text, max_tokens=limit)
        except GraphQLSyntaxError as error:
            if f"more than {limit} tokens" in error.message:
                raise _too_large(f"The document has more than {limit} tokens (DOTTEDLINE_MAX_TOKENS). Split it.") from None
            raise
        aliases = _aliases(document)
        if aliases > self.settings.max_aliases:
            raise _too_large(f"The document has {aliases} aliases, {self.settings.max_aliases} are allowed (DOTTEDLINE_MAX_ALIASES). Split it.")
        depth = _depth(document)
        if depth > self.settings.max_depth:
            raise _too_large(
                f"The document is {depth} levels deep, {self.settings.max_depth} are allowed (DOTTEDLINE_MAX_DEPTH). Ask for less at once."
            )
        return document


BAD_VALUES = {"represent a DateTime": "BAD_DATE", "enum": "BAD_ENUM"}
"""graphql-core tells a bad value only by its message."""


def _bad_value(message: str) -> str:
    return next((code for part, code in BAD_VALUES.items() if part in message), "GRAPHQL_VALIDATION_FAILED")


def _writes(document: Document, operation: str | None) -> bool:
    """Whether the operation that would run is no query."""
    chosen = document.operation(operation)
    return chosen is not None and chosen.operation is not OperationType.QUERY


def _too_large(message: str) -> GraphQLError:
    return _refused(LimitExceeded(message))


def _refused(error: DottedlineError) -> GraphQLError:
    return GraphQLError(error.message, original_error=error)


def _depth(document: DocumentNode) -> int:
    """How deep the deepest operation is; each fragment is measured once, and introspection does not count."""
    fragments = {node.name.value: node.selection_set for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    known: dict[str, int] = {}

    def of(selection: Any) -> int:
        return max((one(node) for node in selection.selections), default=0) if selection else 0

    def one(node: Any) -> int:
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name not in known:
                known[name] = 0
                known[name] = of(fragments.get(name))
            return known[name]
        counts = isinstance(node, FieldNode) and not node.name.value.startswith("__")
        return of(node.selection_set) + (counts if node.selection_set else 0)

    return max((of(node.selection_set) for node in document.definitions if isinstance(node, OperationDefinitionNode)), default=0)


def _aliases(document: DocumentNode) -> int:
    """How many fields are renamed."""
    count = 0
    waiting: list[Any] = list(document.definitions)
    while waiting:
        selection = getattr(waiting.pop(), "selection_set", None)
        for node in selection.selections if selection else ():
            count += isinstance(node, FieldNode) and node.alias is not None
            waiting.append(node)
    return count


def formatted(error: GraphQLError) -> dict[str, Any]:
    """An error as the response carries it. What was not raised on purpose is logged whole and told only as INTERNAL."""
    shown = dict(error.formatted)
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
