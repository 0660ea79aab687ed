"""Runs a document within its limits: parse, limits, validate, execute; errors carry a code."""

import logging
from collections.abc import Sequence
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLScalarType,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    parse,
    print_ast,
    validate,
)
from strawberry import Schema
from strawberry.schema.exceptions import CannotGetOperationTypeError

from api.context import Context
from api.schema import build, code_of
from graph.errors import DottedlineError, InvalidInput, LimitExceeded
from graph.settings import Settings

log = logging.getLogger(__name__)


class Engine:
    """A schema and the limits under which documents run on it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.schema: Schema = build()

    async def __call__(
        self, text: str, variables: dict[str, Any] | None, operation: str | None, context: Context, *, may_write: bool = True
    ) -> dict[str, Any]:
        """The response of one document. Never raises for what the document or the data did."""
        try:
            document = self.check(text)
            if not may_write and any(
                isinstance(node, OperationDefinitionNode) and node.operation is not OperationType.QUERY for node in document.definitions
            ):
                raise _refused(InvalidInput("A GET never writes. Send mutations by POST."))
        except GraphQLError as error:
            return {"data": None, "errors": [formatted(error)]}
        if errors := validate(self.schema._schema, document):
            return {"data": None, "errors": [formatted(error, _bad_value(error.message)) for error in errors]}
        try:
            result = await self.schema.execute(text, variables, context, operation_name=operation)
        except (ValueError, CannotGetOperationTypeError) as error:
            return {"data": None, "errors": [formatted(GraphQLError(str(error)), "GRAPHQL_VALIDATION_FAILED")]}
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [formatted(error) for error in result.errors]
        return answer

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


def formatted(error: GraphQLError, code: str | None = None) -> dict[str, Any]:
    """An error as the response carries it. What was not raised on purpose is logged whole and told only as INTERNAL."""
    shown = dict(error.formatted)
    cause = error.original_error
    if isinstance(cause, DottedlineError):
        shown["extensions"] = code_of(cause)
    elif code or isinstance(error, GraphQLSyntaxError):
        shown["extensions"] = {"code": code or "GRAPHQL_PARSE_FAILED"}
    elif cause is None or isinstance(cause, GraphQLError):
        shown["extensions"] = {"code": _bad_value(error.message)}
    else:
        log.error("unexpected", exc_info=cause)
        shown |= {"message": "Something unexpected happened; the log has it under this request's id.", "extensions": {"code": "INTERNAL"}}
    return shown
