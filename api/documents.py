"""Documents: parsed, held against the limits and validated once a text, and kept with what was compiled for them."""

from asyncio import to_thread
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import ceil
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
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
from api.limits import about_schema

FAILED = 1 / 8
"""Of the room for documents as much more is for those with errors: they are asked again, and push no good one out."""


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
            self.about_schema = about_schema(self.tree)
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


class _Switches(Visitor):
    """The variables at which directives look."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: Any, *_: Any) -> None:
        self.names |= {argument.value.name.value for argument in node.arguments if isinstance(argument.value, VariableNode)}


class _Kept:
    """The documents that were asked last, so many that their texts together have at most ``most`` characters."""

    def __init__(self, most: int) -> None:
        self._most, self._size = most, 0
        self._by_text: OrderedDict[str, Document] = OrderedDict()

    def get(self, text: str) -> Document | None:
        """The document of a text, which is now the one that was asked last."""
        if (document := self._by_text.get(text)) is not None:
            self._by_text.move_to_end(text)
        return document

    def add(self, text: str, document: Document) -> None:
        """Keeps it if it fits in, in place of those that were not asked for longest."""
        if len(text) > self._most or text in self._by_text:
            return
        self._by_text[text] = document
        self._size += len(text)
        while self._size > self._most:
            dropped, _ = self._by_text.popitem(last=False)
            self._size -= len(dropped)

    def __len__(self) -> int:
        return len(self._by_text)


class Documents:
    """The documents that were asked last, so many that their texts together have at most ``most`` characters."""

    def __init__(self, schema: GraphQLSchema, check: Callable[[str], DocumentNode], pricing: Pricing, most: int) -> None:
        self._made = partial(Document, schema, check, pricing)
        self._kept, self._failed = _Kept(most), _Kept(int(most * FAILED))
        self._pinned: dict[str, Document] = {}

    async def of(self, text: str) -> Document:
        """The document of a text. O(1) when it is kept; another one is looked at in a thread: a short text too may take its time."""
        known = self._pinned.get(text) or self._kept.get(text) or self._failed.get(text)
        if known is not None:
            return known
        document = await to_thread(self._made, text)
        (self._failed if document.errors else self._kept).add(text, document)
        return document

    def pin(self, text: str) -> Document:
        """The same, kept for good."""
        return self._pinned.setdefault(text, self._made(text))

    def __len__(self) -> int:
        return len(self._kept)
