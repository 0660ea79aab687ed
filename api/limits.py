"""What a document may be: pure functions over its parsed form. Each refusal names the limit and its setting."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSyntaxError,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from graph.errors import DottedlineError, InvalidInput, LimitExceeded
from graph.settings import Settings

INTROSPECTION = frozenset({"__schema", "__type"})
MOST_MERGED = 50_000
"""Selections at which is looked while those of one name are merged: ten times the tokens of a document."""


def parsed(text: str, settings: Settings) -> DocumentNode:
    """The parsed document. Raises GraphQLError for a fault of syntax, and with LIMIT_EXCEEDED for a document that is too large. O(tokens).

    All of it comes before validation, some of whose rules compare each with each.
    """
    most = settings.max_tokens
    try:
        document = parse(text, max_tokens=most)
    except GraphQLSyntaxError as error:
        if f"more than {most} tokens" in error.message:
            raise _too_large(f"The document has more than {most} tokens (DOTTEDLINE_MAX_TOKENS). Split it.") from None
        if "nested too deeply" in error.message:
            raise _too_large("The document is nested too deeply (DOTTEDLINE_MAX_DEPTH). Ask for less at once.") from None
        raise
    nodes = list(_nodes(document))
    _refuse_many(document, nodes, settings)
    depth = depth_of(document)
    if depth > settings.max_depth:
        raise _too_large(f"The document is {depth} levels deep, {settings.max_depth} are allowed (DOTTEDLINE_MAX_DEPTH). Ask for less at once.")
    if not settings.introspection and about_schema(document):
        raise refusal(InvalidInput("The schema may not be asked for here (DOTTEDLINE_INTROSPECTION). Read it in schema.graphql."))
    return document


def about_schema(document: DocumentNode) -> bool:
    """Whether any of a document asks for the schema."""
    return any(isinstance(node, FieldNode) and node.name.value in INTROSPECTION for node in _nodes(document))


def _refuse_many(document: DocumentNode, nodes: list[Node], settings: Settings) -> None:
    aliases = sum(isinstance(node, FieldNode) and node.alias is not None for node in nodes)
    fragments = sum(isinstance(node, FragmentDefinitionNode) for node in document.definitions)
    here = [len(getattr(node, "directives", None) or ()) for node in nodes]
    repeats = _repeats(document, settings.max_repeats)
    for count, most, what, name in (
        (aliases, settings.max_aliases, "aliases", "MAX_ALIASES"),
        (fragments, settings.max_fragments, "fragments", "MAX_FRAGMENTS"),
        (sum(here), settings.max_directives, "directives", "MAX_DIRECTIVES"),
        (max(here, default=0), settings.max_directives_here, "directives in one place", "MAX_DIRECTIVES_HERE"),
        (repeats, settings.max_repeats, "selections of one name in one place", "MAX_REPEATS"),
    ):
        if count > most:
            raise _too_large(f"The document has {count} {what}, {most} are allowed (DOTTEDLINE_{name}). Split it.")


def _nodes(document: DocumentNode) -> Iterator[Node]:
    """Every definition, selection set, selection and variable of a document. Values are left out: tokens bound them."""
    waiting: list[Any] = list(document.definitions)
    while waiting:
        node = waiting.pop()
        yield node
        waiting += getattr(node, "variable_definitions", None) or ()
        selection = getattr(node, "selection_set", None)
        if selection:
            yield selection
            waiting += selection.selections


def _repeats(document: DocumentNode, most: int) -> int:
    """How often the commonest name stands in one place, where selections of one name are merged as validation and execution merge them.

    It ends at ``most``, and takes more steps than there are for a document that is merged again and again: O(``MOST_MERGED``).
    """
    fragments = {node.name.value: node.selection_set for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    waiting: list[list[SelectionSetNode]] = [[node.selection_set] for node in document.definitions if hasattr(node, "selection_set")]
    known: set[frozenset[int]] = set()
    repeats = steps = 0
    while waiting and repeats <= most:
        merged = waiting.pop()
        if (key := frozenset(map(id, merged))) in known:
            continue
        known.add(key)
        names, below, spread = Counter[str](), defaultdict[str, list[SelectionSetNode]](list), set[str]()
        while merged:
            for node in merged.pop().selections:
                steps += 1
                if isinstance(node, FragmentSpreadNode):
                    if node.name.value not in spread and node.name.value in fragments:
                        merged.append(fragments[node.name.value])
                    spread.add(node.name.value)
                elif isinstance(node, FieldNode):
                    name = (node.alias or node.name).value
                    names[name] += 1
                    below[name] += [node.selection_set] if node.selection_set else []
                elif isinstance(node, InlineFragmentNode):
                    merged.append(node.selection_set)
        waiting += [sets for sets in below.values() if sets]
        repeats = max(repeats, *names.values(), steps if steps > MOST_MERGED else 0, 0)
    return repeats


def depth_of(document: DocumentNode) -> int:
    """How deep the deepest operation is. A fragment is measured once; introspection does not count, its cost bounds it. O(document)."""
    fragments = {node.name.value: node.selection_set for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    known: dict[str, int] = {}

    def of(selection: SelectionSetNode | None) -> int:
        return max((one(node) for node in selection.selections), default=0) if selection else 0

    def one(node: Any) -> int:
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name not in known:
                known[name] = 0
                known[name] = of(fragments.get(name))
            return known[name]
        if isinstance(node, FieldNode) and node.name.value in INTROSPECTION:
            return 0
        return of(node.selection_set) + (isinstance(node, FieldNode) and node.selection_set is not None)

    return max((of(node.selection_set) for node in document.definitions if isinstance(node, OperationDefinitionNode)), default=0)


def refuse_many_values(variables: Mapping[str, Any] | None, settings: Settings) -> None:
    """Raises GraphQLError for variables of more values, at any depth, than are allowed. O(values), and no further than the limit."""
    most, count = settings.max_values, 0
    waiting: list[Any] = [variables or {}]
    while waiting:
        value = waiting.pop()
        held = value.values() if isinstance(value, dict) else value
        count += len(held)
        if count > most:
            raise _too_large(f"The variables hold more than {most} values (DOTTEDLINE_MAX_VALUES). Send fewer at once.")
        waiting += [one for one in held if isinstance(one, dict | list)]


def refusal(error: DottedlineError) -> GraphQLError:
    """The error as a document's own."""
    return GraphQLError(error.message, original_error=error)


def _too_large(message: str) -> GraphQLError:
    return refusal(LimitExceeded(message))
