"""What a document costs, before anything is asked: each question's declared cost, times how often it is asked. Pure.

A unit is about a millisecond of one core on a market of 20,000 people. What is plain data below a question costs next to nothing, as often as it may
stand in the answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, prod
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLID,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
    value_from_ast_untyped,
)

from graph.page import MOST_PAGE

FIELD = 0.01
"""Of one value, wherever it stands."""
LINK = 0.2
"""Of an anchor, by its id or from another one: they are fetched together."""
LIST = 10
"""A list of no stated length counts as so many."""
MOST_INT = 1 << 31
"""GraphQL refuses a number that is as large."""
MUTATION = 100
"""A write waits for its turn, and writes a journal."""


class _Amount(NamedTuple):
    """How many, by a variable: the number that it is, or the length of the list."""

    variable: str
    default: Any
    most: float = inf

    def of(self, variables: Mapping[str, Any]) -> float:
        given = variables.get(self.variable)
        given = self.default if given is None else given
        if isinstance(given, list):
            return len(given) or 1
        whole = isinstance(given, int) or (isinstance(given, float) and given.is_integer() and given < MOST_INT)  # GraphQL takes 5.0 for 5
        return min(given, self.most) if whole and given > 0 else 1


@dataclass(slots=True)
class Price:
    """So much, and for each part: a number times what variables say, of another price."""

    plain: float = 0.0
    parts: list[tuple[float, tuple[_Amount, ...], "Price"]] = field(default_factory=list)

    def add(self, price: "Price", number: float = 1.0, amounts: Sequence[_Amount] = ()) -> None:
        """So many of another price. It is shared, not copied, so that fragments within fragments do not grow."""
        if price.parts or amounts:
            self.parts.append((number, tuple(amounts), price))
        else:
            self.plain += number * price.plain

    def of(self, variables: Mapping[str, Any], known: dict[int, float] | None = None) -> float:
        """The cost with these variables. O(parts)."""
        if not self.parts:
            return self.plain
        known = {} if known is None else known
        if id(self) not in known:
            more = (number * prod(amount.of(variables) for amount in amounts) * price.of(variables, known) for number, amounts, price in self.parts)
            known[id(self)] = self.plain + sum(more)
        return known[id(self)]


class Declared(NamedTuple):
    """What a field of the schema costs, and whether its answer is a page."""

    cost: float
    page: int | None


class Pricing:
    """Prices of the documents of one schema. ``declared`` holds the questions, by the name of their type and their own."""

    def __init__(self, schema: GraphQLSchema, declared: Mapping[tuple[str, str], Declared], anchors: frozenset[str]) -> None:
        self._schema, self._declared, self._anchors = schema, declared, anchors

    def price(self, document: DocumentNode, operation: OperationDefinitionNode) -> Price:
        """The price of an operation of a valid document. Each fragment is looked at once: O(document)."""
        fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
        defaults = {
            variable.variable.name.value: value_from_ast_untyped(variable.default_value) if variable.default_value else None
            for variable in operation.variable_definitions or ()
        }
        kind = self._schema.get_root_type(operation.operation)
        return _Walk(self, fragments, defaults).selected(operation.selection_set, kind) if kind else Price()

    def declared(self, kind: GraphQLObjectType | GraphQLInterfaceType, name: str, made: GraphQLField) -> Declared:
        """What a field costs."""
        if kind is self._schema.mutation_type:
            return Declared(MUTATION, None)
        if found := self._declared.get((kind.name, name)):
            return found
        return Declared(LINK if get_named_type(made.type).name in self._anchors else 0, None)

    def field(self, kind: Any, name: str) -> GraphQLField | None:
        """A field, introspection's too."""
        found: GraphQLField | None = self._schema.get_field(kind, name)
        return found

    def named(self, name: str) -> Any:
        """A type."""
        return self._schema.get_type(name)


class _Walk:
    """Through one operation."""

    def __init__(self, pricing: Pricing, fragments: Mapping[str, FragmentDefinitionNode], defaults: Mapping[str, Any]) -> None:
        self.pricing, self.fragments, self.defaults = pricing, fragments, defaults
        self.known: dict[str, Price] = {}

    def selected(self, selection: SelectionSetNode | None, kind: Any) -> Price:
        price = Price()
        for node in selection.selections if selection else ():
            if isinstance(node, FieldNode):
                self.add_field(price, node, kind)
            elif isinstance(node, FragmentSpreadNode):
                price.add(self.fragment(node.name.value))
            elif isinstance(node, InlineFragmentNode):
                price.add(self.selected(node.selection_set, self.pricing.named(node.type_condition.name.value) if node.type_condition else kind))
        return price

    def fragment(self, name: str) -> Price:
        if name not in self.known:
            node = self.fragments[name]
            self.known[name] = self.selected(node.selection_set, self.pricing.named(node.type_condition.name.value))
        return self.known[name]

    def add_field(self, price: Price, node: FieldNode, kind: Any) -> None:
        made = self.pricing.field(kind, node.name.value)
        if made is not None:
            declared = self.pricing.declared(kind, node.name.value, made)
            given = {argument.name.value: argument.value for argument in node.arguments or ()}
            price.add(Price(declared.cost + FIELD), *self.ids(made, given))
            price.add(self.selected(node.selection_set, get_named_type(made.type)), *self.rows(kind, made, declared, given))

    def ids(self, made: GraphQLField, given: Mapping[str, ValueNode]) -> tuple[float, list[_Amount]]:
        """Of how many ids it is asked."""
        number, amounts = 1.0, []
        for name, value in given.items():
            wanted = get_nullable_type(made.args[name].type)
            if is_list_type(wanted) and get_named_type(wanted) is GraphQLID:
                if isinstance(value, VariableNode):
                    amounts.append(self.amount(value))
                elif isinstance(value, ListValueNode):
                    number *= len(value.values) or 1
        return number, amounts

    def rows(self, kind: Any, made: GraphQLField, declared: Declared, given: Mapping[str, ValueNode]) -> tuple[float, list[_Amount]]:
        """How often what is below a field stands there: a page that is longer than one may be is refused, and costs no more."""
        if declared.page is not None:
            first = given.get("first")
            if isinstance(first, VariableNode):
                return 1.0, [self.amount(first, declared.page, MOST_PAGE)]
            return min(max(float(first.value), 1.0), MOST_PAGE) if isinstance(first, IntValueNode) else float(declared.page), []
        of_page = "pageInfo" in getattr(kind, "fields", ())
        return float(LIST) if is_list_type(get_nullable_type(made.type)) and not of_page else 1.0, []

    def amount(self, value: VariableNode, default: int | None = None, most: float = inf) -> _Amount:
        name = value.name.value
        stated = self.defaults.get(name)
        return _Amount(name, default if stated is None else stated, most)
