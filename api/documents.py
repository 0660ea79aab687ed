"""Documents: parsed, held against the limits and validated once a text, and kept with what was compiled for them."""

from asyncio import to_thread
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import ceil
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    ValueNode,
    VariableNode,
    Visitor,
    validate,
    visit,
)

from api.compiled import Plans
from api.cost import Price, Pricing

LONG = 1_000
"""Characters of a document that takes milliseconds to parse and validate."""


class Ask(NamedTuple):
    """One question of a document, by the fields that lead to it: what it is about, and those of its arguments that hang on variables.

    ``room`` is how many signs these may have. Without ``what`` it stands for all that was not looked at.
    """

    what: str
    about: Mapping[str, Any]
    hanging: tuple[tuple[str, ValueNode], ...]
    room: int


class Document:
    """One text: its tree, or what is wrong with it; and the plans of what it selects."""

    __slots__ = ("about_schema", "asks", "errors", "plans", "prices", "switches", "tree")

    def __init__(self, schema: GraphQLSchema, check: Callable[[str], DocumentNode], pricing: Pricing, text: str) -> None:
        self.prices: dict[str, Price] = {}
        self.about_schema = False
        self.plans: Plans = {}
        self.asks: dict[str, Sequence[Ask]] = {}
        self.switches: tuple[str, ...] = ()
        self.tree: DocumentNode | None = None
        try:
            self.tree = check(text)
            self.errors = [GraphQLError(error.message, error.nodes) for error in validate(schema, self.tree)]  # whatever raised it, the text is wrong
        except GraphQLError as error:
            self.errors = [error]
        if self.tree and not self.errors:
            found = _Switches()
            visit(self.tree, found)
            self.switches = tuple(sorted(found.names))
            self.about_schema = all(_about_schema(node) for node in self._operations())
            self.prices = {_named(node): pricing.price(self.tree, node) for node in self._operations()}

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """The operation of this name, or the only one; None where there is none such."""
        named = self.operations(name)
        return named[0] if len(named) == 1 else None

    def operations(self, name: str | None) -> list[OperationDefinitionNode]:
        """Those of this name, or all."""
        return [node for node in self._operations() if name is None or (node.name is not None and node.name.value == name)]

    def cost(self, name: str | None, variables: Mapping[str, Any] | None) -> int:
        """What the operation of this name costs with these variables; 0 where there is none such."""
        chosen = self.operation(name)
        return 0 if chosen is None else ceil(self.prices[_named(chosen)].of(variables or {}))

    def _operations(self) -> list[OperationDefinitionNode]:
        return [node for node in self.tree.definitions if isinstance(node, OperationDefinitionNode)] if self.tree else []

    def writes(self, name: str | None) -> bool:
        """Whether the operation of this name is no query."""
        chosen = self.operation(name)
        return chosen is not None and chosen.operation is not OperationType.QUERY


def _named(operation: OperationDefinitionNode) -> str:
    return operation.name.value if operation.name else ""


def _about_schema(operation: OperationDefinitionNode) -> bool:
    return all(isinstance(node, FieldNode) and node.name.value.startswith("__") for node in operation.selection_set.selections)


class _Switches(Visitor):
    """The variables at which directives look."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: Any, *_: Any) -> None:
        self.names |= {argument.value.name.value for argument in node.arguments if isinstance(argument.value, VariableNode)}


class Documents:
    """The documents that were asked last, so many that their texts together have at most ``most`` characters. One with errors is not kept."""

    def __init__(self, schema: GraphQLSchema, check: Callable[[str], DocumentNode], pricing: Pricing, most: int) -> None:
        self._most = most
        self._made = partial(Document, schema, check, pricing)
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._pinned: dict[str, Document] = {}
        self._size = 0

    async def of(self, text: str) -> Document:
        """The document of a text. O(1) when it is kept; a long one is looked at in a thread, since that takes its time."""
        if (document := self._pinned.get(text)) is not None:
            return document
        if (document := self._kept.get(text)) is not None:
            self._kept.move_to_end(text)
            return document
        document = await to_thread(self._made, text) if len(text) > LONG else self._made(text)
        if not document.errors and text not in self._kept:
            self._kept[text] = document
            self._size += len(text)
            while self._size > self._most:
                dropped, _ = self._kept.popitem(last=False)
                self._size -= len(dropped)
        return document

    def pin(self, text: str) -> Document:
        """The same, kept for good."""
        return self._pinned.setdefault(text, self._made(text))

    def __len__(self) -> int:
        return len(self._kept)
