"""Documents: parsed, held against the limits and validated once a text, and kept with what was compiled for them."""

from asyncio import to_thread
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    validate,
    visit,
)

from api.compiled import Plans

LONG = 1_000
"""Characters of a document that takes milliseconds to parse and validate."""


class Document:
    """One text: its tree, or what is wrong with it; and the plans of what it selects."""

    __slots__ = ("errors", "plans", "switches", "tree")

    def __init__(self, schema: GraphQLSchema, check: Callable[[str], DocumentNode], text: str) -> None:
        self.plans: Plans = {}
        self.switches: tuple[str, ...] = ()
        self.tree: DocumentNode | None = None
        try:
            self.tree = check(text)
            self.errors = validate(schema, self.tree)
        except GraphQLError as error:
            self.errors = [error]
        if self.tree and not self.errors:
            found = _Switches()
            visit(self.tree, found)
            self.switches = tuple(sorted(found.names))

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """The operation of this name, or the only one; None where there is none such."""
        operations = [node for node in self.tree.definitions if isinstance(node, OperationDefinitionNode)] if self.tree else []
        named = [node for node in operations if name is None or (node.name is not None and node.name.value == name)]
        return named[0] if len(named) == 1 else None

    def writes(self, name: str | None) -> bool:
        """Whether the operation of this name is no query."""
        chosen = self.operation(name)
        return chosen is not None and chosen.operation is not OperationType.QUERY


class _Switches(Visitor):
    """The variables at which directives look."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: Any, *_: Any) -> None:
        self.names |= {argument.value.name.value for argument in node.arguments if isinstance(argument.value, VariableNode)}


class Documents:
    """The documents that were asked last, so many that their texts together have at most ``most`` characters. One with errors is not kept."""

    def __init__(self, schema: GraphQLSchema, check: Callable[[str], DocumentNode], most: int) -> None:
        self._schema, self._check, self._most = schema, check, most
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
        made = partial(Document, self._schema, self._check, text)
        document = await to_thread(made) if len(text) > LONG else made()
        if not document.errors and text not in self._kept:
            self._kept[text] = document
            self._size += len(text)
            while self._size > self._most:
                dropped, _ = self._kept.popitem(last=False)
                self._size -= len(dropped)
        return document

    def pin(self, text: str) -> Document:
        """The same, kept for good."""
        return self._pinned.setdefault(text, Document(self._schema, self._check, text))

    def __len__(self) -> int:
        return len(self._kept)
