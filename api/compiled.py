"""Plain data below an anchor's question is completed by one generated function a selection, kept with its document.

It stands before graphql-core's executor and equals it: whatever a plan does not cover (arguments, resolvers, unions, incremental delivery), and every
value that is not as its type says, takes graphql-core's way, which finds the error and its path.
"""

from asyncio import gather, to_thread
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Hashable
from math import isfinite
from typing import Any, cast

from graphql import GraphQLEnumType, GraphQLField, GraphQLLeafType, GraphQLList, GraphQLNonNull, GraphQLObjectType, is_leaf_type
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graph.answer import length

Holes = list[tuple[dict[str, Any], str, str, "Link"]]
"""Where another anchor's facts are wanted: the object, the key in it, the anchor's id, and how to go on."""
Plan = Callable[[Any, Holes], dict[str, Any]]
Plans = dict[Hashable, Plan | None]
LINK = "link"
"""In a field's metadata: what gives the data loader of the anchor to which the field goes on, from the context."""
DEFINITION = "strawberry-definition"
LONG = 3_000
"""Items from which on an answer is completed beside the loop; each takes some microseconds, or more where something of it is worked out late."""
MOST_PLANS = 500
"""Plans of one document: @include and @skip double them with each variable."""
AS_IS = {
    "String": "type({v}) is str",
    "ID": "type({v}) is str",
    "Int": "type({v}) is int and -2147483648 <= {v} <= 2147483647",
    "Float": "type({v}) is float and isfinite({v})",
    "Boolean": "({v} is True or {v} is False)",
}
"""Of a built-in scalar: the values that are their own serialization."""


class Unplanned(Exception):
    """A value is not as its type says."""


def unplanned() -> Any:
    """Raises Unplanned, where Python wants an expression."""
    raise Unplanned


class Link:
    """A field that goes on to another anchor: what gives its data loader, and the plan of what is asked of it."""

    __slots__ = ("loader", "plan")

    def __init__(self, loader: Callable[[Any], Any], plan: Plan) -> None:
        self.loader, self.plan = loader, plan


class Compiled(StrawberryGraphQLCoreExecutionContext):
    """graphql-core's executor, with plans before it.

    ``plans`` are the document's; ``switches`` names the variables at which its @include and @skip look; ``tally`` counts, by type, the values that
    were completed by a plan (``compiled``), that have none (``interpreted``), and that turned out not to be as their type says (``again``).
    """

    def __init__(self, *args: Any, plans: Plans, switches: tuple[str, ...], tally: Counter[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plans, self.tally = plans, tally
        self.state = tuple(self.variable_values.coerced.get(name) for name in switches)

    def complete_object_value(self, return_type: Any, field_details_list: Any, info: Any, path: Any, result: Any, position_context: Any) -> Any:
        """One object, by its plan if there is one."""
        plan = self.plan(return_type, field_details_list)

        def stock() -> Any:
            return super(Compiled, self).complete_object_value(return_type, field_details_list, info, path, result, position_context)

        return stock() if plan is None else self._planned(return_type, result, lambda holes: plan(result, holes), stock)

    def complete_iterable_value(self, item_type: Any, field_details_list: Any, info: Any, path: Any, items: Any, position_context: Any) -> Any:
        """A list of objects, by their plan if there is one."""

        def stock() -> Any:
            return super(Compiled, self).complete_iterable_value(item_type, field_details_list, info, path, items, position_context)

        kind = item_type.of_type if isinstance(item_type, GraphQLNonNull) else item_type
        if type(items) is not list or not isinstance(kind, GraphQLObjectType) or self.get_stream_usage(field_details_list, path):
            return stock()
        plan = self.plan(kind, field_details_list)
        return stock() if plan is None else self._planned(kind, items, lambda holes: [plan(item, holes) for item in items], stock)

    def _planned(self, kind: GraphQLObjectType, source: Any, made: Callable[[Holes], Any], stock: Callable[[], Any]) -> Any:
        """What ``made`` returns, its holes filled; in its place what graphql-core makes of it where a value is not as its type says.

        Of a long answer that is made beside the loop.
        """
        if length(source) >= LONG:
            return self._beside(kind, made, stock)
        holes: Holes = []
        try:
            value = made(holes)
        except Exception:
            self.tally[kind.name, "again"] += 1
            return stock()
        self.tally[kind.name, "compiled"] += 1
        return self._filled(kind, value, holes, stock) if holes else value

    async def _beside(self, kind: GraphQLObjectType, made: Callable[[Holes], Any], stock: Callable[[], Any]) -> Any:
        holes: Holes = []
        try:
            value = await to_thread(made, holes)
        except Exception:
            return await self._again(kind, stock)
        self.tally[kind.name, "compiled"] += 1
        return await self._filled(kind, value, holes, stock)

    async def _again(self, kind: GraphQLObjectType, stock: Callable[[], Any]) -> Any:
        self.tally[kind.name, "again"] += 1
        again = stock()
        return await again if isinstance(again, Awaitable) else again

    async def _filled(self, kind: GraphQLObjectType, value: Any, holes: Holes, stock: Callable[[], Any]) -> Any:
        try:
            while holes:
                wanted: dict[Any, set[str]] = defaultdict(set)
                for _, _, id_, link in holes:
                    wanted[link.loader(self.context_value)].add(id_)
                loaded = await gather(*(loader.load_many(sorted(ids)) for loader, ids in wanted.items()))
                found = {loader: dict(zip(sorted(ids), facts, strict=True)) for (loader, ids), facts in zip(wanted.items(), loaded, strict=True)}
                further: Holes = []
                for there, key, id_, link in holes:
                    facts = found[link.loader(self.context_value)][id_]
                    there[key] = None if facts is None else link.plan(facts, further)
                holes = further
        except Exception:
            return await self._again(kind, stock)
        return value

    def plan(self, kind: GraphQLObjectType, details: list[Any]) -> Plan | None:
        """The plan of what is selected of a type, made when it is first wanted; None where it takes graphql-core's way."""
        key = (kind.name, self.state, *(id(detail.node) for detail in details))
        try:
            plan = self.plans[key]
        except KeyError:
            plan = self._compile(kind, details) if len(self.plans) < MOST_PLANS else None
            if len(self.plans) < MOST_PLANS:
                self.plans[key] = plan
        if plan is None:
            self.tally[kind.name, "interpreted"] += 1
        return plan

    def _compile(self, kind: GraphQLObjectType, details: list[Any]) -> Plan | None:
        if kind.is_type_of or (self.middleware_manager and self.middleware_manager.middlewares):
            return None
        grouped, deferred, _ = self.collect_subfields(kind, details)
        if deferred:
            return None
        space: dict[str, Any] = {"unplanned": unplanned, "isfinite": isfinite}
        reads, items, links = [], [], []
        for number, (shown, sub) in enumerate(grouped.items()):
            name = sub[0].node.name.value
            if name == "__typename":
                items.append(f"{shown!r}: {kind.name!r}")
                continue
            field = self.schema.get_field(kind, name)
            ours = (field.extensions or {}).get(DEFINITION) if field else None
            if field is None or ours is None or field.args:
                return None
            if LINK in ours.metadata:
                onward = self.plan(cast(GraphQLObjectType, field.type), sub)
                if onward is None:
                    return None
                space[f"link{number}"] = Link(ours.metadata[LINK], onward)
                links.append(f"    if v{number} is not None: holes.append((made, {shown!r}, v{number}.id, link{number}))")
                value: str | None = "None"
            else:
                value = self._expression(field, sub, space, number) if _plain(field, ours) else None
            if value is None:
                return None
            reads.append(f"    v{number} = source.{ours.python_name}")
            items.append(f"{shown!r}: {value}")
        text = "\n".join(["def plan(source, holes):", *reads, f"    made = {{{', '.join(items)}}}", *links, "    return made"])
        exec(text, space)  # noqa: S102  of names of the schema, and of aliases, which are names too
        made: Plan = space["plan"]
        return made

    def _expression(self, field: GraphQLField, sub: list[Any], space: dict[str, Any], number: int) -> str | None:
        def of(kind: Any, value: str, part: str) -> str | None:
            bare = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
            made: str | None
            if is_leaf_type(bare):
                made = _leaf(bare, value, space, part)
            elif isinstance(bare, GraphQLList):
                inner = of(bare.of_type, f"x{part}", f"{part}_")
                made = None if inner is None else f"([{inner} for x{part} in {value}] if type({value}) is list else unplanned())"
            elif isinstance(bare, GraphQLObjectType):
                plan = space[f"plan{part}"] = self.plan(bare, sub)
                made = None if plan is None else f"plan{part}({value}, holes)"
            else:
                made = None
            missing = "unplanned()" if isinstance(kind, GraphQLNonNull) else "None"
            return None if made is None else f"({made} if {value} is not None else {missing})"

        return of(field.type, f"v{number}", str(number))


def _plain(field: GraphQLField, ours: Any) -> bool:
    """Whether a field is an attribute of its object and nothing else."""
    return (
        ours.is_basic_field and not ours.is_async and not ours.extensions and (field.resolve is None or getattr(field.resolve, "_is_default", False))
    )


def _leaf(kind: GraphQLLeafType, value: str, space: dict[str, Any], part: str) -> str:
    """The serialization of a scalar or an enum, at once where it is known beforehand."""
    space[f"leaf{part}"] = kind.coerce_output_value
    if kind.name in AS_IS:
        return f"({value} if {AS_IS[kind.name].format(v=value)} else leaf{part}({value}))"
    if isinstance(kind, GraphQLEnumType):
        members = space[f"enum{part}"] = kind.extensions[DEFINITION].wrapped_cls
        space[f"names{part}"] = {member: kind.coerce_output_value(member) for member in members}
        return f"(names{part}[{value}] if type({value}) is enum{part} else leaf{part}({value}))"
    return f"leaf{part}({value})"
